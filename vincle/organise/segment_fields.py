"""The fields in which one clause of a predicate is put together: what was typed becomes JSON, and JSON what stands in the fields.

What cannot be read as a number or a date stays the text it was, so that `segments.reading` names it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .segment_tree import Node, joined, kind, split

LISTS = ("object_type", "channel", "product", "topic", "intent", "sentiment", "campaign", "event", "reaction", "hashtag", "language",
         "currency", "object", "thread")  # fmt: skip
RANGES = ("amount", "rating")
DETAILS: dict[str, Any] = {
    "object_type": _("what it was"), "channel": _("where"), "product": _("product"), "amount": _("amount"), "topic": _("about"),
    "intent": _("meant as"), "sentiment": _("in what mood"), "rating": _("rating"), "is_reply": _("as an answer or not"),
    "campaign": _("campaign"), "event": _("name of the event"), "reaction": _("reaction"), "hashtag": _("hashtag"),
    "language": _("language"), "currency": _("currency"), "object": _("to which thing"), "thread": _("in which conversation"),
}  # fmt: skip
OPS: dict[str, tuple[str, ...]] = {
    "text": ("is", "is_not", "one_of", "contains", "starts", "known", "unknown"),
    "choice": ("is", "is_not", "one_of", "known", "unknown"),
    "number": ("at_least", "at_most", "more", "less", "is", "is_not", "known", "unknown"),
    "date": ("in_last", "in_next", "birthday_in_next", "before", "after", "is", "known", "unknown"),
    "boolean": ("is", "known", "unknown"),
    "list": ("contains", "one_of", "known", "unknown"),
}
OP_WORDS: dict[str, Any] = {
    "is": _("is"), "is_not": _("is not"), "one_of": _("is one of"), "contains": _("contains"), "starts": _("begins with"),
    "more": _("is more than"), "less": _("is less than"), "at_least": _("is at least"), "at_most": _("is at most"),
    "before": _("is before"), "after": _("is after"), "in_last": _("lies in the last … days"), "in_next": _("lies in the next … days"),
    "birthday_in_next": _("comes round in the next … days"), "known": _("is known"), "unknown": _("is not known"),
}  # fmt: skip
SILENT = ("known", "unknown")
IN_DAYS = ("in_last", "in_next", "birthday_in_next")
MEASURES: dict[str, Any] = {
    "count": _("times"), "sum": _("in money altogether"), "mean": _("in money on average"), "largest": _("in money at once"),
    "kinds": _("different …"), "first": _("days since the first time"), "last": _("days since the last time"),
}  # fmt: skip
COMPARES: dict[str, Any] = {"at_least": _("at least"), "at_most": _("at most"), "between": _("between")}
WINDOWS: dict[str, Any] = {
    "days": _("in the last … days"), "since": _("since the beginning of …"), "dates": _("from … to …"), "ever": _("at any time")
}  # fmt: skip
SINCE: dict[str, Any] = {
    "day": _("today"), "week": _("this week"), "month": _("this month"), "quarter": _("this quarter"), "year": _("this year")
}  # fmt: skip
PERMITS: dict[str, Any] = {
    "granted": _("allowed"), "none": _("was never asked"), "denied": _("said no"), "withdrawn": _("unsubscribed"),
    "bounced": _("bounced"), "complained": _("complained"),
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,10})?")
TypeOf = Callable[[str], str]
Post = QueryDict

BLANK: dict[str, Node] = {
    "did": {"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}, "within": {"days": 90}},
    "trait": {"trait": "", "is": ""}, "tag": {"tag": ""}, "stage": {"stage": []}, "segment": {"segment": ""},
    "consent": {"consent": "granted", "channel": "email", "purpose": "marketing"}, "score": {"score": "", "at_least": 0.5},
    "sequence": {"sequence": [{"verb": ["View"]}, {"verb": ["Purchase"]}], "within_days": 7, "within": {"days": 90}},
    "top": {"top": 100, "by": ""}, "random": {"random": 0.1, "seed": 1},
}  # fmt: skip


def number(text: str) -> Any:
    """The number a text is, "" and what is none as it stands.

    >>> number("1,5"), number("12"), number("many"), number(" ")
    (1.5, 12, 'many', '')
    """
    plain = text.replace("\x00", "").strip()[:60]
    if not _NUMBER.fullmatch(plain):
        return plain
    value = float(plain.replace(",", "."))
    return int(value) if value.is_integer() else value


def read(post: Post, what: str, type_of: TypeOf) -> Node:
    """The clause the fields `c-…` say. `what`: one of the kinds of clause."""
    return joined(post.get("c-not") == "1", _READERS[what](post, type_of))


def _text(post: Post, name: str, most: int = 200) -> str:
    return post.get(name, "").replace("\x00", "").strip()[:most]


def _words(post: Post, name: str) -> list[str]:
    """Several values: ticked ones, or short words with commas between them."""
    found = [word.strip()[:200] for value in post.getlist(name) for word in value.replace("\x00", "").split(",")]
    return list(dict.fromkeys(word for word in found if word))[:100]


def _bounds(post: Post, prefix: str, compare: str) -> Node:
    least, most = number(post.get(f"{prefix}-least", "")), number(post.get(f"{prefix}-most", ""))
    if compare == "at_most":
        return {"at_most": most if most != "" else least}
    if compare == "at_least":
        return {"at_least": least if least != "" else most}
    return {name: value for name, value in (("at_least", least), ("at_most", most)) if value != ""}


def _trait(post: Post, type_of: TypeOf) -> Node:
    name = _text(post, "c-name", 120)
    sort = type_of(name)
    op = post.get("c-op", "")
    op = op if op in OPS[sort] else OPS[sort][0]
    if op in SILENT:
        return {"trait": name, op: True}
    if op == "one_of":
        return {"trait": name, op: [number(each) if sort == "number" else each for each in _words(post, "c-value")]}
    text = _text(post, "c-value", 400)
    if op in IN_DAYS or sort == "number":
        return {"trait": name, op: number(text)}
    return {"trait": name, op: text == "yes" if sort == "boolean" else text}


def _score(post: Post, _type_of: TypeOf) -> Node:
    return {"score": _text(post, "c-name", 40), **_bounds(post, "c", "")}


def _window(post: Post) -> Node:
    how = post.get("c-window", "days")
    if how == "days":
        return {"within": {"days": number(post.get("c-days", ""))}}
    if how == "since":
        return {"within": {"since": _text(post, "c-since", 10) or "month"}}
    if how == "dates":
        return {"within": {name: text for name in ("from", "to") if (text := _text(post, f"c-{name}", 10))}}
    return {}


def _act(post: Post, at: int) -> Node:
    prefix = f"c-a{at}"
    act: Node = {"verb": _words(post, f"{prefix}-verb")}
    shown = [name for name in DETAILS if name in post.getlist(f"{prefix}-has") or name == post.get(f"{prefix}-more")]
    for name in shown:
        if name in RANGES:
            found = _bounds(post, f"{prefix}-{name}", "")
            act[name] = {bound: _rating(value) for bound, value in found.items()} if name == "rating" else found
        elif name == "is_reply":
            act[name] = post.get(f"{prefix}-is_reply", "yes") == "yes"
        else:
            act[name] = _words(post, f"{prefix}-{name}")
    return act | ({"by": "us"} if post.get(f"{prefix}-by") == "us" else {})


def _rating(value: Any) -> Any:
    """Typed in per cent, kept as a share."""
    return value / 100 if isinstance(value, int | float) else value


def _did(post: Post, _type_of: TypeOf) -> Node:
    act, window = _act(post, 0), _window(post)
    if post.get("c-did") == "no":
        return {"did_not": act, **window}
    measure = post.get("c-measure", "count")
    measure = measure if measure in MEASURES else "count"
    of = {"of": _text(post, "c-of", 20) or "product"} if measure == "kinds" else {}
    return {"did": act, measure: _bounds(post, "c", post.get("c-compare", "")), **of, **window}


def _sequence(post: Post, _type_of: TypeOf) -> Node:
    steps = min(number(post.get("c-steps", "2")) or 2, 8) if post.get("c-steps", "").isdecimal() else 2
    missing = {"missing_last": True} if post.get("c-missing") == "1" else {}
    acts = [_act(post, at) for at in range(steps)]
    return {"sequence": acts, "within_days": number(post.get("c-span", "")), **missing, **_window(post)}


def _random(post: Post, _type_of: TypeOf) -> Node:
    share = number(post.get("c-share", ""))
    return {"random": share / 100 if isinstance(share, int | float) else share, "seed": number(post.get("c-seed", "") or "1")}


_READERS: dict[str, Callable[[Post, TypeOf], Node]] = {
    "trait": _trait, "score": _score, "did": _did, "sequence": _sequence, "random": _random,
    "tag": lambda post, _of: {"tag": _text(post, "c-value", 60)},
    "segment": lambda post, _of: {"segment": _text(post, "c-value", 16)},
    "stage": lambda post, _of: {"stage": _words(post, "c-value")},
    "consent": lambda post, _of: {"consent": _text(post, "c-value", 20), "channel": _text(post, "c-channel", 20) or "email",
                                  "purpose": _text(post, "c-purpose", 40) or "marketing"},
    "top": lambda post, _of: {"top": number(post.get("c-count", "")), "by": _text(post, "c-name", 40)},
}  # fmt: skip


# JSON -> fields


def shown(node: Node, type_of: TypeOf) -> Node:
    """What the fields of a clause hold. Values that were no text are written as people type them."""
    denied, inner = split(node)
    what = kind(inner)
    return {"kind": what, "denied": denied, **(_SHOWN[what](inner, type_of) if what in _SHOWN else {})}


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def _list(value: Any) -> list[str]:
    return [_typed(each) for each in value] if isinstance(value, list | tuple) else [_typed(value)] if value not in (None, "") else []


def _between(value: Any) -> tuple[str, str, str]:
    """(compare, least, most)."""
    found = value if isinstance(value, Mapping) else {}
    least, most = _typed(found.get("at_least")), _typed(found.get("at_most"))
    return ("between" if least and most else "at_most" if most else "at_least"), least, most


def _show_trait(inner: Node, type_of: TypeOf) -> Node:
    name = str(inner.get("trait", ""))
    sort = type_of(name)
    op = next((each for each in inner if each in OP_WORDS), OPS[sort][0])
    values = _list(inner.get(op)) if op not in SILENT else []
    ops = list(OPS[sort]) if op in OPS[sort] else [*OPS[sort], op]
    control = "none" if op in SILENT else "days" if op in IN_DAYS else "many" if op == "one_of" else sort
    return {"name": name, "sort": sort, "op": op, "ops": [(each, OP_WORDS[each]) for each in ops], "control": control,
            "value": values[0] if values else "", "values": values}  # fmt: skip


def _show_window(inner: Node) -> Node:
    within = dict(_pairs(inner.get("within")))
    how = "days" if "days" in within else "since" if "since" in within else "dates" if within else "ever"
    return {"window": how, "days": _typed(within.get("days", "")) or "90", "since": _typed(within.get("since", "")) or "month",
            "from": _typed(within.get("from", "")), "to": _typed(within.get("to", ""))}  # fmt: skip


def _show_act(act: Any, at: int) -> Node:
    found = act if isinstance(act, Mapping) else {}
    details = []
    for name in DETAILS:
        if name not in found:
            continue
        value = found[name]
        row: Node = {"name": name, "label": DETAILS[name], "is_range": name in RANGES}
        if name in RANGES:
            scaled = {bound: each * 100 if name == "rating" and isinstance(each, int | float) else each for bound, each in _pairs(value)}
            row |= {"least": _typed(scaled.get("at_least")), "most": _typed(scaled.get("at_most"))}
        else:
            row |= {"values": _list(value)}
        details.append(row)
    missing = [(name, word) for name, word in DETAILS.items() if name not in found]
    return {"at": at, "by": found.get("by", "them"), "verbs": _list(found.get("verb")), "details": details, "missing": missing}


def _pairs(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _show_did(inner: Node, _type_of: TypeOf) -> Node:
    measure = next((each for each in MEASURES if each in inner), "count")
    compare, least, most = _between(inner.get(measure, {"at_least": 1}))
    never = "did_not" in inner or (measure == "count" and (compare, most) == ("at_most", "0"))
    return {"acts": [_show_act(inner.get("did_not", inner.get("did")), 0)], "never": never, "measure": measure, "compare": compare,
            "least": least or ("1" if never else ""), "most": "" if never else most, "of": inner.get("of", "product"),
            **_show_window(inner)}  # fmt: skip


def _show_sequence(inner: Node, _type_of: TypeOf) -> Node:
    acts = inner["sequence"] if isinstance(inner["sequence"], list) else []
    return {"acts": [_show_act(act, at) for at, act in enumerate(acts)], "span": _typed(inner.get("within_days", "")),
            "missing": bool(inner.get("missing_last")), **_show_window(inner)}  # fmt: skip


def _show_score(inner: Node, _type_of: TypeOf) -> Node:
    return {"name": str(inner.get("score", "")), "least": _typed(inner.get("at_least")), "most": _typed(inner.get("at_most"))}


def _show_random(inner: Node, _type_of: TypeOf) -> Node:
    share = inner.get("random")
    return {"share": _typed(share * 100 if isinstance(share, int | float) else share), "seed": _typed(inner.get("seed", 1))}


_SHOWN: dict[str, Callable[[Node, TypeOf], Node]] = {
    "trait": _show_trait, "did": _show_did, "sequence": _show_sequence, "score": _show_score, "random": _show_random,
    "tag": lambda inner, _of: {"value": _typed(inner.get("tag"))},
    "segment": lambda inner, _of: {"value": _typed(inner.get("segment"))},
    "stage": lambda inner, _of: {"values": _list(inner.get("stage"))},
    "consent": lambda inner, _of: {"value": _typed(inner.get("consent")), "channel": _typed(inner.get("channel", "email")),
                                   "purpose": _typed(inner.get("purpose", "marketing"))},
    "top": lambda inner, _of: {"count": _typed(inner.get("top")), "name": _typed(inner.get("by"))},
}  # fmt: skip


def meant(node: Node) -> Node:
    """The clause without details that were opened and left empty."""
    denied, inner = split(node)
    if isinstance(inner.get("sequence"), list):
        inner = {**inner, "sequence": [_lean(act) for act in inner["sequence"]]}
    for name in ("did", "did_not"):
        if name in inner:
            inner = {**inner, name: _lean(inner[name])}
    return joined(denied, inner)


def _lean(act: Any) -> Any:
    return {name: value for name, value in act.items() if value not in ([], {}, "")} if isinstance(act, Mapping) else act
