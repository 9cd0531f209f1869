"""A `did` clause as a small form: what computed traits count and what plans call success. What the form has no field for stays as it is."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .segment_form_page import USUAL
from .segment_offers import Offers, Pair
from .segments.reading import MEASURES

FIELDS = ("verb", "object_type", "channel", "product", "topic")
MEASURED: dict[str, Any] = {
    "count": gettext_lazy("how many times"), "sum": gettext_lazy("money in all"), "mean": gettext_lazy("money on average"),
    "largest": gettext_lazy("most money at once"), "kinds": gettext_lazy("how many different"),
    "first": gettext_lazy("day of the first time"), "last": gettext_lazy("day of the last time"),
}  # fmt: skip
OF: dict[str, Any] = {
    "product": gettext_lazy("products"), "channel": gettext_lazy("channels"), "topic": gettext_lazy("topics"),
    "campaign": gettext_lazy("campaigns"),
}  # fmt: skip
WINDOWS: dict[str, Any] = {
    "": gettext_lazy("at any time"), "days": gettext_lazy("in the last … days"),
    "week": gettext_lazy("this week"), "month": gettext_lazy("this month"),
    "quarter": gettext_lazy("this quarter"), "year": gettext_lazy("this year"), "dates": gettext_lazy("from … to …"),
}  # fmt: skip


def expression(post: Mapping[str, Any]) -> dict[str, Any]:
    """The clause (JSON) that the fields say; what is wrong with it `segments.reading` tells."""
    act = {**_rest(post)}
    for name in FIELDS:
        value = _text(post, name)
        if value:
            act[name] = value
    measure = _text(post, "measure") if _text(post, "measure") in MEASURED else "count"
    clause: dict[str, Any] = {"did": act, measure: {"at_least": _number(_text(post, "times") or "0")}}
    if measure == "kinds":
        clause["of"] = _text(post, "of")
    return clause | _window(post)


def _window(post: Mapping[str, Any]) -> dict[str, Any]:
    window = _text(post, "window")
    if window == "days":
        return {"within": {"days": _number(_text(post, "days"))}}
    if window == "dates":
        return {"within": {name: text for name in ("from", "to") if (text := _text(post, name))}}
    return {"within": {"since": window}} if window else {}


def _rest(post: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = json.loads(_text(post, "rest", 4000) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(post: Mapping[str, Any], name: str, most: int = 200) -> str:
    return str(post.get(f"did-{name}", "")).replace("\x00", "").strip()[:most]


def _number(text: str) -> Any:
    """The number of a text; what is none stays as it stands, so that it is told of by its place."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def fields(clause: Mapping[str, Any], offers: Offers) -> dict[str, Any]:
    """What the template shows: the fields with their values and what they offer."""
    act = dict(clause.get("did") or {})
    values, rest = {}, {}
    for name, value in act.items():
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        if name in FIELDS and isinstance(one, str):
            values[name] = one
        else:
            rest[name] = value
    measure = next((each for each in MEASURES if each in clause), "count")
    limits = clause.get(measure) or {}
    within = clause.get("within") or {}
    verbs = dict(offers.of_act("verb"))
    return {
        "values": values, "rest": json.dumps(rest) if rest else "", "kept": ", ".join(sorted(rest)), "measure": measure,
        "of": clause.get("of", "product"), "times": limits.get("at_least", "") if isinstance(limits, dict) else "",
        "window": "days" if "days" in within else "dates" if {"from", "to"} & set(within) else within.get("since", ""),
        "days": within.get("days", 90), "within": within,
        "verbs": [(each, verbs.pop(each)) for each in USUAL if each in verbs] + sorted(verbs.items(), key=lambda pair: pair[1].casefold()),
        "object_types": offers.of_act("object_type"), "channels": offers.channels, "products": offers.of_act("product"),
        "topics": offers.of_act("topic"), "measures": list(MEASURED.items()), "ofs": list(OF.items()), "windows": list(WINDOWS.items()),
    }  # fmt: skip


def said(clause: Mapping[str, Any], offers: Offers) -> str:
    """The clause in short words: "how many times: buys, shop, in the last 90 days"."""
    found = fields(clause, offers)
    words: dict[str, list[Pair]] = {
        "verb": found["verbs"], "object_type": found["object_types"], "channel": found["channels"], "topic": found["topics"]
    }  # fmt: skip
    act = [str(dict(words.get(name, [])).get(value, value)) for name, value in found["values"].items()]
    act += [f"{name}: {value}" for name, value in (json.loads(found["rest"]) if found["rest"] else {}).items()]
    measure = str(MEASURED[found["measure"]]) + (f" {OF.get(found['of'], found['of'])}" if found["measure"] == "kinds" else "")
    within = clause.get("within") or {}
    when = _("in the last %(days)s days") % {"days": within["days"]} if "days" in within else str(WINDOWS.get(found["window"], ""))
    if found["window"] == "dates":
        when = f"{within.get('from', '…')} – {within.get('to', '…')}"
    return _("%(measure)s: %(act)s, %(when)s") % {"measure": measure, "act": " · ".join(act) or _("anything"), "when": when}
