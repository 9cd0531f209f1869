"""What the builder of a segment holds between two presses of a button: all of it travels in the form, nothing is kept on the server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from . import segment_fields
from .segment_fields import TypeOf
from .segment_tree import (
    KINDS,
    MODES,
    Node,
    Place,
    added,
    at,
    clauses,
    grouped,
    joined,
    kind,
    mode,
    moved,
    parts,
    pruned,
    put,
    read_place,
    rooted,
    split,
    wrapped,
)
from .segments.reading import BadPredicate, read

MOST_STEPS = 40
MOST_KEPT = 120_000
LONGEST = 200_000
DEEPEST = 48
"""Levels of JSON; a predicate has at most twelve, of two levels each, and what is in its clauses."""


@dataclass(frozen=True)
class State:
    """`open`: the clause whose fields are shown; `past`, `future`: earlier and undone trees as JSON; `text`: JSON typed by hand;
    `base`: the tree as the form had it before what was typed since. `wrong`: "line:column" where it ends to be JSON, "deep", "object".
    """

    tree: Node
    name: str = ""
    description: str = ""
    template: str = ""
    open: Place | None = None
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    text: str | None = None
    wrong: str = ""
    base: Node | None = None


@dataclass(frozen=True)
class Checked:
    """What can be asked as it stands: without clauses that cannot be read yet; their reasons by place, "top" for the whole."""

    value: Node
    wrong: Mapping[Place, BadPredicate] = field(default_factory=dict)


def packed(tree: Node) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def start(predicate: Any, **more: Any) -> State:
    return State(rooted(predicate), **more)


def of_post(post: QueryDict, type_of: TypeOf) -> State:
    """The state a form sends: what it held, and what was typed since."""
    was = _loads(post.get("tree", ""))
    state = State(
        rooted(was), name=_line(post, "name", 120), description=_line(post, "description", 400), template=_line(post, "template", 40),
        open=read_place(post.get("open", "")), base=rooted(was), past=_stack(post, "past"), future=_stack(post, "future"),
    )  # fmt: skip
    if post.get("view") == "json":
        return _typed_json(state, post)
    tree = _typed(state, post, type_of)
    return state if tree == state.tree else _changed(state, tree)


def _line(post: QueryDict, name: str, most: int) -> str:
    return " ".join(post.get(name, "").replace("\x00", "").split())[:most]


def _loads(text: str) -> Any:
    """The value of a JSON text; None where it is none, or nested deeper than anybody can show."""
    try:
        return None if _is_deep(value := json.loads(text[:LONGEST])) else value
    except (ValueError, RecursionError):
        return None


def _is_deep(value: Any) -> bool:
    layer = [value]
    for _level in range(DEEPEST):
        layer = [part for each in layer for part in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())]
        if not layer:
            return False
    return True


def _stack(post: QueryDict, name: str) -> tuple[str, ...]:
    found = _loads(post.get(name, ""))
    return tuple(each for each in found if isinstance(each, str))[-MOST_STEPS:] if isinstance(found, list) else ()


def _typed(state: State, post: QueryDict, type_of: TypeOf) -> Node:
    """The tree with what the fields say: how groups hold together, and the clause that is open."""
    tree = state.tree
    for name, value in post.items():
        place = read_place(name.removeprefix("mode-")) if name.startswith("mode-") else None
        node = at(tree, place) if place is not None else None
        if node is not None and place is not None and mode(node) and value in MODES:
            tree = put(tree, place, grouped(str(value), parts(node)))
    shown = at(tree, state.open) if state.open else None
    what = post.get("c-kind", "")
    if shown is not None and state.open and what == kind(shown) and what in KINDS:
        return put(tree, state.open, segment_fields.read(post, what, type_of))
    return tree


def _typed_json(state: State, post: QueryDict) -> State:
    text = post.get("text", "")
    try:
        value = json.loads(text[:LONGEST])
    except RecursionError:
        return replace(state, text=text, wrong="deep")
    except ValueError as error:
        return replace(state, text=text, wrong=f"{getattr(error, 'lineno', 1)}:{getattr(error, 'colno', 1)}")
    if _is_deep(value) or not isinstance(value, dict):
        return replace(state, text=text, wrong="object" if not isinstance(value, dict) else "deep")
    tree = rooted(value)
    state = state if tree == state.tree else _changed(replace(state, open=None), tree)
    return replace(state, text=text)


def _changed(state: State, tree: Node) -> State:
    past = [*state.past, packed(state.tree)][-MOST_STEPS:]
    while len(past) > 1 and sum(map(len, past)) > MOST_KEPT:
        del past[0]
    return replace(state, tree=tree, past=tuple(past), future=())


def pressed(state: State, press: str) -> State:
    """After one of the builder's buttons: "add:trait:1", "group:top", "open:0", "drop:0.1", "up:0", "deny:0", "undo", "json" …"""
    verb, _colon, rest = press.partition(":")
    what, _colon, text = rest.rpartition(":")
    place = read_place(text)
    if verb in ("undo", "redo"):
        return _back(state, verb)
    if verb == "json":
        return replace(state, text=_indented(state.tree), open=None)
    if verb == "form":
        return state if state.wrong else replace(state, text=None)
    if verb == "close":
        return replace(state, open=None)
    if place is None or at(state.tree, place) is None:
        return state
    return _reshaped(state, verb, what, place)


def _back(state: State, verb: str) -> State:
    source, other = (state.past, state.future) if verb == "undo" else (state.future, state.past)
    if not source:
        return state
    before = _loads(source[-1])
    other = (*other, packed(state.tree))[-MOST_STEPS:]
    past, future = (source[:-1], other) if verb == "undo" else (other, source[:-1])
    tree = rooted(before)
    text = None if state.text is None else _indented(tree)
    return replace(state, tree=tree, past=past, future=future, open=None, text=text, wrong="")


def _indented(tree: Node) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2)


def _reshaped(state: State, verb: str, what: str, place: Place) -> State:
    tree, opened = state.tree, state.open
    if verb == "open":
        return replace(state, open=place)
    if verb == "add" and what in KINDS:
        tree, opened = added(tree, place, segment_fields.BLANK[what])
    elif verb == "group":
        tree, _group = added(tree, place, {"any": []})
        opened = None
    elif verb == "drop" and place:
        tree, opened = put(tree, place, None), None
    elif verb in ("up", "down"):
        tree, went = moved(tree, place, -1 if verb == "up" else 1)
        opened = went if opened == place else None
    elif verb == "copy" and place:
        tree, opened = added(tree, place[:-1], at(tree, place) or {})
        opened = None if mode(at(tree, opened) or {}) else opened
    elif verb == "deny" and place:
        denied, inner = split(at(tree, place))
        tree = put(tree, place, joined(not denied, inner))
    elif verb == "wrap":
        tree, opened = wrapped(tree, place), None
    elif verb in ("step", "unstep", "detail"):
        tree = _of_acts(tree, verb, what, place)
    return replace(state if tree == state.tree else _changed(state, tree), open=opened)


def _of_acts(tree: Node, verb: str, what: str, place: Place) -> Node:
    """One step of a sequence more or less, or a detail of an act taken away: "step::0", "unstep:2:0", "detail:0-channel:1.0"."""
    denied, inner = split(at(tree, place))
    if verb == "detail":
        index, _dash, name = what.partition("-")
        return put(tree, place, joined(denied, _without(inner, index, name)))
    acts = inner.get("sequence")
    if not isinstance(acts, list):
        return tree
    acts = [*acts, {"verb": ["Purchase"]}] if verb == "step" and len(acts) < 8 else acts
    if verb == "unstep" and what.isdecimal() and len(acts) > 2:
        acts = [act for index, act in enumerate(acts) if str(index) != what]
    return put(tree, place, joined(denied, {**inner, "sequence": acts}))


def _without(inner: Node, index: str, name: str) -> Node:
    def bare(act: Any) -> Any:
        return {key: value for key, value in act.items() if key != name} if isinstance(act, dict) else act

    if isinstance(inner.get("sequence"), list):
        return {**inner, "sequence": [bare(act) if str(at) == index else act for at, act in enumerate(inner["sequence"])]}
    return {key: bare(value) if key in ("did", "did_not") else value for key, value in inner.items()}


def checked(tree: Node) -> Checked:
    """The tree as it can be asked now. Each clause is read by itself, so that all that is wrong is told at once."""
    wrong: dict[Place, BadPredicate] = {}
    for place, clause in list(clauses(tree)):
        meant = segment_fields.meant(clause)
        tree = put(tree, place, meant) if place else tree
        try:
            read(meant)
        except BadPredicate as bad:
            wrong[place] = bad
    value = pruned(tree, set(wrong)) or {"all": []}
    try:
        read(value)
    except BadPredicate as bad:
        return Checked({"all": []}, {**wrong, (): bad})
    return Checked(value, wrong)
