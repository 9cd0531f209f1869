"""The builder of segments as its templates read it: nodes with their sentences, the fields of the open clause with what they offer."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from vincle.vocabulary import Verb

from . import segment_fields
from .segment_builder import Checked, State, packed
from .segment_fields import DETAILS
from .segment_offers import Offers
from .segment_tree import Node, Place, at, kind, mode, parts, written
from .segments.reading import BadPredicate
from .wording import consent_of

Says = Callable[[Node], str]
MODES: dict[str, Any] = {
    "all": gettext_lazy("All of this holds"), "any": gettext_lazy("At least one of these holds"),
    "none": gettext_lazy("None of these holds"),
    "not_all": gettext_lazy("Not all of this holds"),
}  # fmt: skip
KINDS: tuple[tuple[str, str, Any, Any], ...] = (
    ("did", "bolt", gettext_lazy("What they did"), gettext_lazy("or did not: how often, for how much, when")),
    ("sequence", "route", gettext_lazy("One thing after another"), gettext_lazy("first this, then that, within some days")),
    ("trait", "id", gettext_lazy("What is known of them"), gettext_lazy("city, birthday, last seen, your own fields")),
    ("stage", "stairs", gettext_lazy("Stage"), gettext_lazy("where they stand on the ladder")),
    ("tag", "tag", gettext_lazy("Tag"), gettext_lazy("what the team or a source put on")),
    ("consent", "shield-check", gettext_lazy("Consent"), gettext_lazy("what they allowed or refused")),
    ("score", "chart-bar", pgettext_lazy("of a person", "Score"), gettext_lazy("loyalty, chance of leaving, influence")),
    ("top", "list-numbers", gettext_lazy("The first of a score"), gettext_lazy("the hundred with the most influence")),
    ("segment", "affiliate", gettext_lazy("Another segment"), gettext_lazy("who belongs to it, or who does not")),
    ("random", "arrows-shuffle", gettext_lazy("A random share"), gettext_lazy("always the same people, for trying things out")),
)
_ICONS = {name: icon for name, icon, _words, _note in KINDS}
USUAL = (
    "Purchase",
    "Create",
    "View",
    "Read",
    "Like",
    "Announce",
    "Follow",
    "Refund",
    "Submit",
    "Join",
    "Leave",
    "Deliver",
    "Arrive",
    "Track",
)
MOST_TICKS = 14


def shown(
    state: State, found: Checked, offers: Offers, says: Says, wrong_words: Callable[[BadPredicate], str], fields: bool = True
) -> dict[str, Any]:  # fmt: skip
    """All that the templates of the builder read; without `fields` what the open clause offers is left out."""
    page = _Page(state, found, offers, says, wrong_words, fields)
    held = {"tree": packed(state.tree), "open": written(state.open) if state.open else "", "past": packed_list(state.past),
            "now": _mark(state.tree), "base": _mark(state.base or state.tree),
            "future": packed_list(state.future)}  # fmt: skip
    return {
        "state": state, "held": held, "root": page.node(()),
        "open_node": page.node(state.open) if state.open and at(state.tree, state.open) else None,
        "modes": list(MODES.items()), "kinds": KINDS,
        "windows": list(segment_fields.WINDOWS.items()), "since": list(segment_fields.SINCE.items()),
        "compares": list(segment_fields.COMPARES.items()), "measures": list(segment_fields.MEASURES.items()),
        "kinds_of": [(name, DETAILS[name]) for name in ("product", "channel", "topic", "campaign", "object", "event", "hashtag")],
        "json_wrong": page.json_wrong(), "wrong_count": len([place for place in found.wrong if place]),
    }  # fmt: skip


def _mark(tree: Node) -> str:
    return blake2b(packed(tree).encode(), digest_size=8).hexdigest()


def packed_list(stack: tuple[str, ...]) -> str:
    return packed(list(stack))  # type: ignore[arg-type]


class _Page:
    def __init__(
        self, state: State, found: Checked, offers: Offers, says: Says, wrong_words: Callable[[BadPredicate], str], fields: bool
    ) -> None:  # fmt: skip
        self.state, self.found, self.offers, self.says, self.wrong_words, self.fields = state, found, offers, says, wrong_words, fields

    def node(self, place: Place) -> dict[str, Any]:
        node = at(self.state.tree, place) or {}
        how = mode(node)
        wrong = self._wrong(place, node)
        common = {"place": written(place), "id": written(place).replace(".", "-"), "mode": how, "wrong": wrong}
        return common | (self._group(node, how, place) if how else self._clause(node, place))

    def _wrong(self, place: Place, node: Node) -> str:
        """Nothing yet of a clause that was only just added."""
        if place not in self.found.wrong or node in segment_fields.BLANK.values():
            return ""
        bad = self.found.wrong[place]
        return _("Something is not filled in yet.") if bad.code in ("bad_text", "empty_list") and not bad.detail else self.wrong_words(bad)

    def _group(self, node: Node, how: str, place: Place) -> dict[str, Any]:
        link = _("and") if how in ("all", "not_all") else _("or")
        empty = _("Everybody, until you add something.") if not place and how == "all" else _("Nothing in here yet.")
        return {"parts": [self.node((*place, index)) for index in range(len(parts(node)))], "link": link, "empty": empty}

    def _clause(self, node: Node, place: Place) -> dict[str, Any]:
        is_open = self.state.open == place and self.state.text is None
        what = kind(node)
        said = self.says(segment_fields.meant(node)) if place not in self.found.wrong else _unfinished(what)
        return {
            "icon": _ICONS.get(what, "help-circle"),
            "sentence": said,
            "is_open": is_open,
            "form": self._form(node) if is_open else None,
        }

    def _form(self, node: Node) -> dict[str, Any]:
        form = segment_fields.shown(node, self.offers.type_of)
        return form | _OFFERED.get(form["kind"], _nothing)(self.offers, form)

    def json_wrong(self) -> str:
        if self.state.text is None:
            return ""
        if self.state.wrong:
            return _json_words(self.state.wrong)
        return "; ".join(_place_words(place, bad) + self.wrong_words(bad) for place, bad in self.found.wrong.items())


def _json_words(wrong: str) -> str:
    if wrong == "object":
        return _("It has to be an object, like %(example)s.") % {"example": '{"all": []}'}
    if wrong == "deep":
        return _("It is nested too deeply.")
    line, _colon, column = wrong.partition(":")
    return _("From line %(line)s, letter %(column)s on this is no JSON.") % {"line": line, "column": column}


def _place_words(place: Place, bad: BadPredicate) -> str:
    where = "/".join(part for part in (written(place) if place else "", bad.path) if part)
    return f"{where}: " if where else ""


def _unfinished(what: str) -> str:
    return next((f"{words} …" for name, _icon, words, _note in KINDS if name == what), "…")


def _nothing(_offers: Offers, _form: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _trait(offers: Offers, form: Mapping[str, Any]) -> dict[str, Any]:
    offered = offers.values(form["name"]) if form["name"] and form["control"] in ("text", "choice", "list", "many") else []
    known = {value for value, _words in offered}
    if form["value"] and form["control"] == "choice" and form["value"] not in known:
        offered = [(form["value"], form["value"]), *offered]
    fields = [(heading, list(found)) for heading, found in offers.fields]
    if form["name"] and form["name"] not in {field.name for _heading, found in fields for field in found}:
        fields.append((_("Elsewhere"), [(form["name"], form["name"])]))  # type: ignore[list-item]
    return {"fields": fields, "offered": offered, "suggestions": [value for value, _words in offered]}


def _acts(offers: Offers, form: Mapping[str, Any]) -> dict[str, Any]:
    return {"acts": [_act(offers, act) for act in form["acts"]]}


def _act(offers: Offers, act: dict[str, Any]) -> dict[str, Any]:
    words = dict(offers.of_act("verb"))
    names = [*USUAL, *(verb for verb in act["verbs"] if verb not in USUAL)]
    details = [_detail(offers, act["at"], row) for row in act["details"]]
    offered = [(name, words.get(name, name), name in act["verbs"]) for name in names if name in words or name not in set(Verb)]
    nth = (_("First"), pgettext("afterwards", "Then"))[act["at"] > 0]
    is_first = not any(row.get("is_new") for row in details)
    return act | {"at_text": str(act["at"]), "offered": offered, "details": details, "nth": nth, "is_first": is_first}


def _detail(offers: Offers, at: int, row: dict[str, Any]) -> dict[str, Any]:
    if row["is_range"]:
        return row | {"is_new": not row["least"] and not row["most"]}
    chosen = row["values"]
    offered = [] if row["name"] == "is_reply" else offers.of_act(row["name"])
    found = row | {"is_new": not chosen, "input": f"c-a{at}-{row['name']}", "suggestions": [value for value, _words in offered]}
    if offered and row["name"] in ("channel", "sentiment", "intent", "object_type", "reaction", "language", "currency", "topic"):
        first = offered[:MOST_TICKS] if row["name"] in ("reaction", "language", "currency") else offered
        strange = [(each, each) for each in chosen if each not in dict(first)]
        found["ticks"] = [(value, words, value in chosen) for value, words in [*first, *strange]]
    return found


def _choice(offered: Callable[[Offers], list[Any]]) -> Callable[[Offers, Mapping[str, Any]], dict[str, Any]]:
    def make(offers: Offers, form: Mapping[str, Any]) -> dict[str, Any]:
        pairs = offered(offers)
        chosen = form.get("value", form.get("name", ""))
        return {"offered": pairs if not chosen or chosen in dict(pairs) else [(chosen, chosen), *pairs]}

    return make


def _consents(offers: Offers, form: Mapping[str, Any]) -> dict[str, Any]:
    ways = [(way, consent_of(way, "").removesuffix(": ")) for way in dict.fromkeys(["email", "phone", "*", form["channel"]])]
    purposes = [(each, consent_of("", each).removeprefix(": ")) for each in dict.fromkeys([*offers.purposes, form["purpose"]])]
    return {"permits": list(segment_fields.PERMITS.items()), "ways": ways, "purposes": purposes}


_OFFERED: dict[str, Callable[[Offers, Mapping[str, Any]], dict[str, Any]]] = {
    "trait": _trait, "did": _acts, "sequence": _acts, "consent": _consents, "tag": _choice(lambda offers: offers.tags),
    "segment": _choice(lambda offers: offers.segments), "stage": lambda offers, _form: {"offered": offers.stages},
    "score": _choice(lambda offers: offers.scores), "top": _choice(lambda offers: offers.scores),
}  # fmt: skip
