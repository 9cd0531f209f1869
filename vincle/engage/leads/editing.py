"""Changing a draft one deed at a time, with undo and redo: the same for forms and for landing pages. Pure.

A draft is {"items": [{"id", "kind", ...}], ...}; a deed gives a new draft and leaves the old one as it was.
"""

import copy
from collections.abc import Collection, Mapping
from typing import Any, Final

Draft = dict[str, Any]
KEPT: Final = 60
"""Drafts that can be gone back to."""


class Impossible(ValueError):
    """A deed that this draft does not allow: its item is gone, or there are too many."""


def fresh_id(draft: Draft) -> str:
    """An id no item has, nor had: ids count upwards."""
    numbers = [int(id[1:]) for item in draft.get("items", []) if (id := str(item.get("id", "")))[1:].isdecimal()]
    return f"i{max([*numbers, int(draft.get('last', 0))]) + 1}"


def add(draft: Draft, item: Mapping[str, Any], after: str = "", most: int = 60) -> Draft:
    """A new item behind another one; at the end where none is named."""
    new = copy.deepcopy(draft)
    items = new.setdefault("items", [])
    if len(items) >= most:
        raise Impossible("too_many")
    id = fresh_id(new)
    place = _place(new, after) + 1 if after else len(items)
    items.insert(place, {**item, "id": id})
    new["last"] = int(id[1:])
    return new


def remove(draft: Draft, id: str) -> Draft:
    new = copy.deepcopy(draft)
    new["last"] = max(int(new.get("last", 0)), *(int(item["id"][1:]) for item in new["items"] if item["id"][1:].isdecimal()), 0)
    del new["items"][_place(new, id)]
    return new


def double(draft: Draft, id: str, most: int = 60) -> Draft:
    """The same item once more, behind itself."""
    return add(draft, draft["items"][_place(draft, id)], id, most)


def move(draft: Draft, id: str, by: int = 0, to: int | None = None) -> Draft:
    """Up or down by so many places, or to a place; at the ends it stays."""
    new = copy.deepcopy(draft)
    items, at = new["items"], _place(new, id)
    item = items.pop(at)
    items.insert(max(0, min(len(items), at + by if to is None else to)), item)
    return new


def change(draft: Draft, id: str, values: Mapping[str, Any], allowed: Collection[str]) -> Draft:
    """Set properties of an item ("" as id: of the whole); those that are not `allowed` are passed over."""
    new = copy.deepcopy(draft)
    whole = new if not id else new["items"][_place(new, id)]
    for name, value in values.items():
        if name in allowed:
            whole[name] = _merged(whole.get(name), value)
    return new


def _merged(old: Any, new: Any) -> Any:
    """Texts of one language beside those of the others, also a level below."""
    if not isinstance(new, dict):
        return new
    return {**(old if isinstance(old, dict) else {}), **{name: _merged((old or {}).get(name), value) for name, value in new.items()}}


def _place(draft: Draft, id: str) -> int:
    for place, item in enumerate(draft.get("items", [])):
        if item.get("id") == id:
            return place
    raise Impossible("gone")


class Trail:
    """The drafts before and after the one that stands."""

    def __init__(self, drafts: list[Draft], place: int) -> None:
        self.drafts, self.place = drafts, min(place, max(len(drafts) - 1, 0))

    @property
    def can_undo(self) -> bool:
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        return self.place < len(self.drafts) - 1

    def put(self, draft: Draft) -> bool:
        """Go on to a new draft; what had been taken back is gone. False where it is the one that stands."""
        if self.drafts and self.drafts[self.place] == draft:
            return False
        self.drafts = [*self.drafts[: self.place + 1], draft][-KEPT:]
        self.place = len(self.drafts) - 1
        return True

    def go(self, by: int) -> Draft:
        """One back (-1) or forth (1). Raises Impossible at the ends."""
        if not 0 <= self.place + by < len(self.drafts):
            raise Impossible("nothing_to_undo" if by < 0 else "nothing_to_redo")
        self.place += by
        return self.drafts[self.place]
