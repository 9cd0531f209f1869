"""A predicate, as JSON, as a tree of groups and clauses that a builder reshapes.

A place is the numbers of the parts on the way there: (1, 0) is the first part of the second part of the top, which is always a group.
A `not` belongs to the node it stands around and has no place of its own. What the clauses say is left to `segments.reading`.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
Place = tuple[int, ...]
MODES = ("all", "any", "none", "not_all")
KINDS = ("did", "trait", "tag", "stage", "consent", "score", "segment", "sequence", "top", "random")
_KEYS = {"did_not": "did"}


def rooted(value: Any) -> Node:
    """The predicate with a group on top that can be added to.

    >>> rooted({"tag": "vip"}), rooted({"not": {"any": []}})
    ({'all': [{'tag': 'vip'}]}, {'all': [{'not': {'any': []}}]})
    """
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("all", value.get("any")), list):
        return value
    return {"all": [value] if isinstance(value, dict) and value else []}


def split(node: Any) -> tuple[bool, Node]:
    """(is denied, what stands below the denials)."""
    denied = False
    while isinstance(node, dict) and set(node) == {"not"} and isinstance(node["not"], dict):
        denied, node = not denied, node["not"]
    return denied, node if isinstance(node, dict) else {}


def joined(denied: bool, inner: Node) -> Node:
    return {"not": inner} if denied else inner


def mode(node: Node) -> str:
    """One of MODES; "" when the node is a clause."""
    denied, inner = split(node)
    for name in ("all", "any"):
        if set(inner) == {name} and isinstance(inner[name], list):
            return {"all": "not_all", "any": "none"}[name] if denied else name
    return ""


def parts(node: Node) -> list[Node]:
    _denied, inner = split(node)
    return list(inner.get("all") or inner.get("any") or ()) if mode(node) else []


def grouped(how: str, members: list[Node]) -> Node:
    """A group of one of MODES."""
    return joined(how in ("none", "not_all"), {"all" if how in ("all", "not_all") else "any": members})


def kind(node: Node) -> str:
    """One of KINDS; "" when it is none of them."""
    _denied, inner = split(node)
    return next((_KEYS.get(key, key) for key in inner if _KEYS.get(key, key) in KINDS), "")


def at(tree: Node, place: Place) -> Node | None:
    node: Node = tree
    for index in place:
        members = parts(node)
        if not 0 <= index < len(members) or not isinstance(members[index], dict):
            return None
        node = members[index]
    return node


def put(tree: Node, place: Place, node: Node | None) -> Node:
    """The tree with another node at a place; None takes it out. A place that is not there changes nothing."""
    if not place:
        return tree if node is None else node
    index, *rest = place
    members = list(parts(tree))
    if not 0 <= index < len(members):
        return tree
    if rest:
        members[index] = put(members[index], tuple(rest), node)
    elif node is None:
        del members[index]
    else:
        members[index] = node
    return grouped(mode(tree), members)


def added(tree: Node, group: Place, node: Node) -> tuple[Node, Place]:
    """(the tree with a node behind the last of a group, its place)."""
    there = at(tree, group)
    if there is None or not mode(there):
        return tree, ()
    members = parts(there)
    return put(tree, group, grouped(mode(there), [*members, node])), (*group, len(members))


def moved(tree: Node, place: Place, step: int) -> tuple[Node, Place]:
    """One up (-1) or down (1) among its neighbours; beyond an end it leaves its group and stands beside it."""
    if not place or (node := at(tree, place)) is None:
        return tree, place
    *above, index = place
    group = tuple(above)
    there = at(tree, group) or tree
    members = list(parts(there))
    target = index + step
    if 0 <= target < len(members):
        members[index], members[target] = members[target], members[index]
        return put(tree, group, grouped(mode(there), members)), (*group, target)
    if not group:
        return tree, place
    return _out(put(tree, place, None), group, node, step)


def _out(tree: Node, group: Place, node: Node, step: int) -> tuple[Node, Place]:
    *above, index = group
    outer = tuple(above)
    there = at(tree, outer) or tree
    members = list(parts(there))
    members.insert(index + (step > 0), node)
    return put(tree, outer, grouped(mode(there), members)), (*outer, index + (step > 0))


def wrapped(tree: Node, place: Place) -> Node:
    """The node in a group of its own, to which more can be added."""
    node = at(tree, place)
    return put(tree, place, {"any": [node]}) if place and node is not None else tree


def clauses(tree: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """All that is no group, with its place, in the order of reading."""
    if not mode(tree):
        yield place, tree
        return
    for index, part in enumerate(parts(tree)):
        yield from clauses(part if isinstance(part, dict) else {}, (*place, index))


def pruned(tree: Node, away: set[Place], place: Place = ()) -> Node | None:
    """The tree without the clauses at these places, nor groups that lost all they had; None when nothing is left."""
    if not mode(tree):
        return None if place in away else tree
    members = [pruned(part, away, (*place, index)) for index, part in enumerate(parts(tree))]
    kept = [each for each in members if each is not None]
    if not kept and place:
        return None
    return grouped(mode(tree), kept)


def written(place: Place) -> str:
    """ "1.0"; the top is "top"."""
    return ".".join(map(str, place)) if place else "top"


def read_place(text: str) -> Place | None:
    """The place a text names; None when it names none."""
    if text == "top":
        return ()
    numbers = text.split(".")
    if len(numbers) > 20 or not all(each.isascii() and each.isdecimal() and len(each) < 4 for each in numbers):
        return None
    return tuple(map(int, numbers))
