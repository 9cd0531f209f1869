"""Segments to begin with: what each asks, why it matters and what to do with those who are in it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vincle.accounts.models import Workspace
from vincle.store.folding import fold
from vincle.web.tags.formats import percent

from .models import CustomField, ScoreRun
from .segments import labels

Json = dict[str, Any]
LOOKED_AT = 20_000
ENDS = ("expir", "renew", "ends", "valid", "until", "due", "caduc", "venc", "scad", "fin_", "term")


class Pair(NamedTuple):
    """Of those who bought `first`, the share who bought `second` as well; how many bought `first`."""

    first: str
    second: str
    share: float
    buyers: int


@dataclass(frozen=True)
class Ready:
    """`why`: whom it finds; `todo`: what to do with them; `predicate`: JSON, None where this workspace lacks what it asks about."""

    key: str
    icon: str
    name: Any
    why: Any
    todo: tuple[Any, ...]
    predicate: Json | None
    note: str = ""


def _bought(within: Json | None = None, **measure: Any) -> Json:
    return {"did": {"verb": ["Purchase"]}, **(measure or {"count": {"at_least": 1}}), **({"within": within} if within else {})}


def _not_bought(days: int) -> Json:
    return {"did_not": {"verb": ["Purchase"]}, "within": {"days": days}}


_UNHAPPY = {"did": {"verb": ["Create"], "sentiment": ["negative"]}, "count": {"at_least": 1}, "within": {"days": 60}}

_FIXED: dict[str, Json] = {
    "at_risk": {"all": [_bought({"days": 365}, count={"at_least": 2}), _not_bought(60), _bought(None, last={"at_most": 180})]},
    "lapsed": {"all": [_bought(None, last={"at_least": 180})]},
    "new": {"all": [{"trait": "known_since", "in_last": 30}]},
    "champions": {"all": [_bought({"days": 365}, count={"at_least": 4}), _bought(None, last={"at_most": 60})]},
    "unhappy": {"all": [_bought({"days": 365}), _UNHAPPY]},
    "critics": {"all": [{"stage": ["critic"]}, {**_UNHAPPY, "count": {"at_least": 3}, "within": {"days": 90}}]},
    "silent": {"all": [_bought({"days": 365}), {"did_not": {"verb": ["Create", "Like", "Announce"]}, "within": {"days": 365}}]},
    "advocates": {"any": [
        {"did": {"verb": ["Create", "Announce"], "intent": ["recommendation"]}, "count": {"at_least": 1}, "within": {"days": 365}},
        {"did": {"verb": ["Create"], "rating": {"at_least": 0.9}}, "count": {"at_least": 1}, "within": {"days": 365}}]},
    "unanswered": {"all": [{
        "sequence": [{"verb": ["Create"], "intent": ["question", "complaint", "contact_request"]}, {"verb": ["Create"], "by": "us"}],
        "within_days": 2, "missing_last": True, "within": {"days": 14}}]},
    "birthday": {"all": [{"trait": "birthday", "birthday_in_next": 7}]},
}  # fmt: skip

_WORDS: dict[str, tuple[str, Any, Any, tuple[Any, ...]]] = {
    "expiring": ("hourglass", _("Service about to end"), _("What they have from you ends within thirty days."),
                 (_("Write before it ends, with what they used it for."),
                  _("Let someone call those who spend most."),
                  _("Leave out whoever complained lately: mend that first."))),
    "one_product": ("package", _("Bought one thing only"), _("They bought, but always the same."),
                    (_("Show them the one thing that goes with it, not the whole range."),
                     _("Let them try it with their next order."))),
    "at_risk": ("alert-triangle", _("At risk"), _("They used to buy and have stopped, not long ago."),
                (_("Ask what happened before you offer anything."), _("Answer what they still wait for."),
                 _("Watch how many come back within thirty days."))),
    "lapsed": ("history", _("Lapsed"), _("Their last purchase is more than half a year ago."),
               (_("Write once, with what is new since they left."),
                _("Who does not react: leave in peace; it protects your sending."))),
    "new": ("user-plus", _("New"), _("You have known them for less than thirty days."),
            (_("Welcome them within a day and tell who looks after them."), _("Ask one thing you do not know yet, not five."))),
    "champions": ("star", _("Champions"), _("They buy often and lately."),
                  (_("Thank them by name; no discount is needed."), _("Let them see new things first and ask what they think."),
                   _("Ask for a recommendation."))),
    "unhappy": ("mood-sad", _("Unhappy customers"), _("They buy from you and said something bad in the last two months."),
                (_("Answer each of them in person."), _("Take them out of every campaign until it is solved."),
                 _("Look at what they have in common below: that is what to mend."))),
    "critics": ("flame", _("Loud critics"), _("They complain again and again where others read it."),
                (_("Answer in public once, then in private."), _("Tell them what was changed because of them."))),
    "silent": ("eye", _("Silent customers"), _("They buy and never say a word."),
               (_("Ask one question after the next purchase."), _("Silence is not contentment: many leave without a word."))),
    "advocates": ("heart-handshake", _("Advocates"), _("They recommended you or rated you very well this year."),
                  (_("Thank them and ask whether you may quote them."), _("Make it easy to bring someone along."))),
    "unanswered": ("message-question", _("Nobody answered"), _("They asked or complained and heard nothing from you for two days."),
                   (_("Answer now, longest wait first."), _("See in the figures of the inbox when and where it happens."))),
    "value_best": ("diamond", _("Worth most"), _("Of the fifth that will bring most, and still with you."),
                   (_("Let one person look after them by name."), _("Let them see new things first."),
                    _("Answer them before anybody else."))),
    "value_promising": ("user-plus", _("New with promise"), _("Their first purchase was lately, and they will bring more than most."),
                        (_("Make the second purchase easy: it decides whether they stay."), _("Ask how the first one went."))),
    "value_leaving": ("door-exit", _("About to leave"), _("Worth more than most, and more likely gone than not."),
                      (_("Write in person, not to all at once."), _("Ask what happened before you offer anything."),
                       _("Leave a part out at random: so you see what writing brings."))),
    "birthday": ("cake", _("Birthday this week"), _("Their birthday comes within seven days."),
                 (_("Congratulate on the day, without selling."), _("Leave out whoever waits for an answer."))),
}  # fmt: skip


def all_of(workspace: Workspace) -> list[Ready]:
    """All of them, as this workspace's data lets them be asked."""
    found = []
    for key, (icon, name, why, todo) in _WORDS.items():
        predicate, note = _MADE[key](workspace) if key in _MADE else (_FIXED[key], "")
        found.append(Ready(key, icon, name, why, todo, predicate, note))
    return found


def one(workspace: Workspace, key: str) -> Ready | None:
    return next((each for each in all_of(workspace) if each.key == key), None)


def words(key: str) -> tuple[Any, tuple[Any, ...]] | None:
    """(name, what to do) of the one a segment began with; None when there is none such."""
    return (_WORDS[key][1], _WORDS[key][3]) if key in _WORDS else None


def _expiring(workspace: Workspace) -> tuple[Json | None, str]:
    dates = CustomField.objects.of(workspace).filter(type=CustomField.Type.DATE, hidden_at=None).order_by("name")
    fields = sorted(dates, key=lambda field: not any(part in fold(f"{field.name} {field.label}") for part in ENDS))
    if not fields:
        return None, gettext("It needs a field of your own that holds the date of the end.")
    return {"all": [{"trait": fields[0].name, "in_next": 30}]}, gettext("By your field “%(field)s”.") % {"field": fields[0]}


def _one_product(workspace: Workspace) -> tuple[Json | None, str]:
    one_kind = {"did": {"verb": ["Purchase"]}, "kinds": {"at_least": 1, "at_most": 1}, "of": "product"}
    found = complements(workspace)
    if not found:
        return {"all": [one_kind]}, ""
    best = found[0]
    asked = {"all": [one_kind, {"did": {"verb": ["Purchase"], "product": [best.first]}, "count": {"at_least": 1}}]}
    told = gettext("Of those who buy “%(first)s”, %(share)s also buy “%(second)s”: offer it to those who do not.")
    return asked, told % {"first": best.first, "share": percent(best.share), "second": best.second}


def _worth(asked: Callable[[float, float], list[Json]]) -> Callable[[Workspace], tuple[Json | None, str]]:
    """By what the middle customer is worth and from where on the best fifth is, as the last round found."""

    def made(workspace: Workspace) -> tuple[Json | None, str]:
        model = ScoreRun.objects.of(workspace).filter(name="value").values_list("model", flat=True).first() or {}
        cuts = model.get("cuts")
        if not cuts:
            return None, gettext("It needs purchases with amounts, from which customer value is worked out once a day.")
        return {"all": asked(round(cuts["middle"], 2), round(cuts["best"], 2))}, ""

    return made


_MADE: dict[str, Callable[[Workspace], tuple[Json | None, str]]] = {
    "expiring": _expiring, "one_product": _one_product,
    "value_best": _worth(lambda _middle, best: [{"score": "value", "at_least": best}, {"score": "alive", "at_least": 0.5}]),
    "value_promising": _worth(lambda middle, _best: [
        {"score": "value", "at_least": middle}, {"score": "alive", "at_least": 0.5}, _bought({"days": 60}),
        _bought(None, count={"at_least": 1, "at_most": 1})]),
    "value_leaving": _worth(lambda middle, _best: [
        {"score": "value", "at_least": middle}, {"score": "alive", "at_least": 0.15, "at_most": 0.5}]),
}  # fmt: skip


def complements(workspace: Workspace, most: int = 5) -> list[Pair]:
    """Which product goes with which, of the newest purchases: only where ten bought the first and three both, surest first."""
    bought: dict[int, set[str]] = {}
    for actor, name in _purchases(workspace):
        bought.setdefault(actor, set()).add(name)
    singles = Counter(name for names in bought.values() for name in names)
    pairs = Counter(pair for names in bought.values() if len(names) < 40 for pair in permutations(sorted(names), 2))
    found = [
        Pair(first, second, n / singles[first], singles[first]) for (first, second), n in pairs.items() if n >= 3 and singles[first] >= 10
    ]
    return sorted(found, key=lambda pair: (-pair.share * pair.buyers, pair))[:most]


def _purchases(workspace: Workspace) -> Iterator[tuple[int, str]]:
    statement = (
        "SELECT b.person, a.props FROM listen_activity a JOIN identify_belonging b ON b.handle = a.actor WHERE a.workspace_id = %s "
        "AND a.verb = 'Purchase' AND a.direction = 'in' AND NOT a.superseded AND NOT a.is_machine AND a.op <> 'retract' "
        "ORDER BY a.happened_at DESC, a.seq DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [workspace.pk, LOOKED_AT])
        for person, props in cursor.fetchall():
            yield from ((person, name) for name in labels.products(props))
