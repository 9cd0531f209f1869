"""Changing a draft of a survey one deed at a time. Pure.

A draft is what `model.dump` gives; a deed gives a new one and leaves the old as it was.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from .definition import expressions, model

Draft = dict[str, Any]
MOST_PAGES, MOST_ITEMS, KEPT, MOST_KEPT = 100, 400, 30, 600_000
ID: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,39}$")


class Impossible(ValueError):
    """A deed that this draft does not allow; its text is a stable code."""


def ids(draft: Draft) -> set[str]:
    return {page["id"] for page in draft.get("pages", [])} | {
        item["id"] for page in draft.get("pages", []) for item in page.get("items", [])
    }


def fresh(draft: Draft, prefix: str) -> str:
    """An id nothing has: ids count upwards.

    >>> fresh({"pages": [{"id": "p1", "items": [{"id": "q7"}]}]}, "q")
    'q8'
    """
    numbers = [int(found[1]) for id in ids(draft) if (found := re.fullmatch(rf"{prefix}(\d{{1,6}})", id))]
    return f"{prefix}{max([0, *numbers]) + 1}"


def place(draft: Draft, id: str) -> tuple[int, int]:
    """(place of the page, place of the question in it, -1 for the page itself). Impossible("gone")."""
    for n, page in enumerate(draft.get("pages", [])):
        if page["id"] == id:
            return n, -1
        for m, item in enumerate(page.get("items", [])):
            if item["id"] == id:
                return n, m
    raise Impossible("gone")


def find(draft: Draft, id: str) -> Draft:
    n, m = place(draft, id)
    page: Draft = draft["pages"][n]
    found: Draft = page if m < 0 else page["items"][m]
    return found


def add_page(draft: Draft, after: str = "") -> tuple[Draft, str]:
    """An empty page behind the one that holds `after`, at the end where nothing is named."""
    new = copy.deepcopy(draft)
    pages = new.setdefault("pages", [])
    if len(pages) >= MOST_PAGES:
        raise Impossible("too_many")
    at = place(new, after)[0] + 1 if after else len(pages)
    id = fresh(new, "p")
    pages.insert(at, {"id": id, "items": []})
    return new, id


def add(draft: Draft, item: Mapping[str, Any], after: str = "") -> tuple[Draft, str]:
    """A question behind another, or first on the page named, or at the very end."""
    new = copy.deepcopy(draft)
    if sum(len(page.get("items", [])) for page in new.get("pages", [])) >= MOST_ITEMS:
        raise Impossible("too_many")
    if not new.get("pages"):
        new, _ = add_page(new)
    n, m = place(new, after) if after else (len(new["pages"]) - 1, len(new["pages"][-1].get("items", [])) - 1)
    id = fresh(new, "q")
    items = new["pages"][n].setdefault("items", [])
    items.insert(len(items) if after and m < 0 else m + 1, {**copy.deepcopy(dict(item)), "id": id})
    return new, id


def remove(draft: Draft, id: str) -> Draft:
    new = copy.deepcopy(draft)
    n, m = place(new, id)
    if m >= 0:
        del new["pages"][n]["items"][m]
    else:
        if len(new["pages"]) < 2:
            raise Impossible("last_page")
        del new["pages"][n]
    return new


def double(draft: Draft, id: str) -> tuple[Draft, str]:
    """The same once more, behind itself; a page with all its questions."""
    n, m = place(draft, id)
    if m >= 0:
        return add(draft, draft["pages"][n]["items"][m], id)
    new, made = add_page(draft, id)
    page = {**copy.deepcopy(draft["pages"][n]), "id": made, "items": []}
    new["pages"][n + 1] = page
    called: dict[str, str] = {}
    for item in draft["pages"][n].get("items", []):
        called[item["id"]] = fresh(new, "q")
        page["items"].append({**copy.deepcopy(item), "id": called[item["id"]]})
    for each in page["items"]:
        _rewrite(each, called)
    return new, made


def move(draft: Draft, id: str, by: int) -> Draft:
    """Up (-1) or down (1): a question goes on to the next page at the end of its own; a page changes places with its neighbour."""
    new = copy.deepcopy(draft)
    n, m = place(new, id)
    pages = new["pages"]
    if m < 0:
        to = max(0, min(len(pages) - 1, n + by))
        pages.insert(to, pages.pop(n))
        return new
    items = pages[n]["items"]
    if 0 <= m + by < len(items):
        items.insert(m + by, items.pop(m))
    elif by < 0 and n > 0:
        pages[n - 1].setdefault("items", []).append(items.pop(m))
    elif by > 0 and n < len(pages) - 1:
        pages[n + 1].setdefault("items", []).insert(0, items.pop(m))
    return new


def carry(draft: Draft, id: str, before: str) -> Draft:
    """To the place of another question, or to the end of the page named `before`; pages before pages."""
    if id == before:
        return draft
    new = copy.deepcopy(draft)
    n, m = place(new, id)
    if m < 0:
        page = new["pages"].pop(n)
        to = _page_of(new, before) if before != id else n
        new["pages"].insert(to if to < n else to + 1, page)
        return new
    item = new["pages"][n]["items"].pop(m)
    there, at = place(new, before)
    items = new["pages"][there].setdefault("items", [])
    items.insert(len(items) if at < 0 else at + (1 if there == n and at >= m else 0), item)
    return new


def _page_of(draft: Draft, id: str) -> int:
    return place(draft, id)[0]


def change(draft: Draft, id: str, values: Mapping[str, Any]) -> Draft:
    """Set properties of a question, a page, or ("" as id) the whole. Texts are laid beside those of other languages."""
    new = copy.deepcopy(draft)
    target = find(new, id) if id else new
    for name, value in values.items():
        target[name] = value
    return new


def picture(draft: Draft, id: str, choice: str, token: str) -> Draft:
    """Give an answer of a question a picture, or ("") take it away."""
    new = copy.deepcopy(draft)
    found = next((each for each in find(new, id).get("choices", []) if each["id"] == choice), None)
    if found is None:
        raise Impossible("gone")
    found["image"] = token
    return new


def turn(draft: Draft, id: str, item: Mapping[str, Any]) -> Draft:
    """Make another kind of question of it: what both kinds have is kept."""
    new = copy.deepcopy(draft)
    n, m = place(new, id)
    if m < 0:
        raise Impossible("gone")
    old = new["pages"][n]["items"][m]
    kind = str(item["type"])
    known = {field.encode_name for field in msgspec.structs.fields(model.TYPES[kind])}
    kept = {name: value for name, value in old.items() if name in known and name not in ("type", "low", "high", "least", "most")}
    new["pages"][n]["items"][m] = {**item, **kept, "type": kind, "id": id}
    return new


def rename(draft: Draft, id: str, to: str) -> Draft:
    """Another id, followed by the conditions and texts that name it. Impossible("bad_id", "taken")."""
    if not ID.match(to) or to in ("person", "subject"):
        raise Impossible("bad_id")
    if to.casefold() in {each.casefold() for each in ids(draft)} - {id.casefold()}:
        raise Impossible("taken")
    new = copy.deepcopy(draft)
    n, m = place(new, id)
    _rewrite(new, {id: to})
    (new["pages"][n] if m < 0 else new["pages"][n]["items"][m])["id"] = to
    return new


def _rewrite(value: Any, called: Mapping[str, str]) -> None:
    """Names in conditions and piped texts, everywhere below."""
    rows: Iterator[tuple[Any, Any]] = (
        iter(value.items()) if isinstance(value, dict) else iter(enumerate(value)) if isinstance(value, list) else iter(())
    )
    for key, each in list(rows):
        if isinstance(each, str) and "{" in each:
            for old, new in called.items():
                each = expressions.renamed(each, old, new)
            value[key] = each
        elif isinstance(each, str) and key == "by_subject" and each in called:
            value[key] = called[each]
        else:
            _rewrite(each, called)


def add_language(draft: Draft, code: str) -> Draft:
    return draft if code in draft["languages"] or len(draft["languages"]) >= 20 else {**draft, "languages": [*draft["languages"], code]}


def drop_language(draft: Draft, code: str) -> Draft:
    """Its texts stay, in case it comes back."""
    left = [each for each in draft["languages"] if each != code]
    if not left:
        raise Impossible("last_language")
    return {**draft, "languages": left, "language": draft["language"] if draft["language"] in left else left[0]}


Deed = Callable[[Draft], Draft]


class Trail:
    """The drafts before and after the one that stands, as {"drafts": [...], "place": n}."""

    def __init__(self, kept: Mapping[str, Any], now: Draft) -> None:
        self.drafts: list[Draft] = list(kept.get("drafts") or [now])
        self.place = min(max(int(kept.get("place", len(self.drafts) - 1)), 0), len(self.drafts) - 1)

    @property
    def can_undo(self) -> bool:
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        return self.place < len(self.drafts) - 1

    def put(self, draft: Draft) -> None:
        """Go on to a new draft; what had been taken back is gone, and what is too old or too much."""
        drafts = [*self.drafts[: self.place + 1], draft][-KEPT:]
        sizes = [len(msgspec.json.encode(each)) for each in drafts]
        while len(drafts) > 2 and sum(sizes) > MOST_KEPT:
            drafts.pop(0)
            sizes.pop(0)
        self.drafts, self.place = drafts, len(drafts) - 1

    def go(self, by: int) -> Draft:
        if not 0 <= self.place + by < len(self.drafts):
            raise Impossible("nothing_to_undo" if by < 0 else "nothing_to_redo")
        self.place += by
        return self.drafts[self.place]

    def stored(self) -> dict[str, Any]:
        return {"drafts": self.drafts, "place": self.place}
