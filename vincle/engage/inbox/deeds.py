"""What a rule does with a conversation: how it is kept, what is wrong with it, and how it is said.

[{"do": "team", "value": "3"}, {"do": "snooze", "value": "120"}, {"do": "close", "value": ""}]
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.accounts.models import Workspace

from .actions import LATEST_SNOOZE, LONGEST_NOTE
from .clauses import NOBODY
from .conditions_words import Names, together
from .models import Canned

Deed = Mapping[str, str]
MOST: Final = 10
LONGEST_WAIT: Final = int(LATEST_SNOOZE.total_seconds() // 60)
DEEDS: Final[Mapping[str, Any]] = {
    "assign": gettext_lazy("give it to"), "team": gettext_lazy("give it to the team"), "tag": gettext_lazy("tag it"),
    "untag": gettext_lazy("take the tag off"), "tell": gettext_lazy("tell by the bell"), "note": gettext_lazy("note for the team"),
    "answer": gettext_lazy("answer with"), "snooze": gettext_lazy("put it off for"), "hide": gettext_lazy("hide what they said"),
    "close": gettext_lazy("close it"),
}  # fmt: skip
NAMED_BY: Final[Mapping[str, str]] = {
    "assign": "assignee", "tell": "assignee", "team": "team", "tag": "tag", "untag": "tag", "answer": "canned"
}  # fmt: skip
"""Deeds whose value is the id of a row, and what it is one of."""

ALONE: Final = frozenset({"close", "hide"})
_SAID: Final[Mapping[str, Any]] = {
    "assign": gettext_lazy("give it to %(value)s"), "team": gettext_lazy("give it to the team %(value)s"),
    "tag": gettext_lazy("tag it %(value)s"), "untag": gettext_lazy("take the tag %(value)s off"),
    "tell": gettext_lazy("tell %(value)s"), "note": gettext_lazy("note “%(value)s”"),
    "answer": gettext_lazy("answer with “%(value)s”"), "snooze": gettext_lazy("put it off for %(value)s"),
    "hide": gettext_lazy("hide what they said"), "close": gettext_lazy("close it"),
}  # fmt: skip
_WHY: Final[Mapping[str, Any]] = {
    "gone": gettext_lazy("what it names is gone"), "machine": gettext_lazy("a program wrote this"), "spam": gettext_lazy("it is spam"),
    "lately": gettext_lazy("a rule has answered here within a day"), "answered": gettext_lazy("someone has answered already"),
    "no_way": gettext_lazy("the channel does not allow it now"), "person_only": gettext_lazy("here only a person may answer"),
    "not_allowed": gettext_lazy("you may not write to them"), "too_long": gettext_lazy("the answer is too long for the channel"),
    "unreadable": gettext_lazy("the answer cannot be filled in"), "nothing_said": gettext_lazy("there is nothing to do it to"),
    "refused": gettext_lazy("it was refused"), "failed": gettext_lazy("it failed; whoever runs this installation sees why"),
}  # fmt: skip


def names(workspace: Workspace, names_of: Names) -> Names:
    """Names that deeds need beside those of conditions."""
    kept = Canned.objects.of(workspace).filter(deleted_at=None).values_list("pk", "name")
    return Names({**names_of.of, "canned": {str(pk): name for pk, name in kept}})


def problems(deeds: Any, known: Names) -> list[str]:
    """What is wrong with deeds as they were given, each with its place. `known`: what stands."""
    if not isinstance(deeds, list) or not deeds:
        return [_("Choose what is done.")]
    if len(deeds) > MOST:
        return [_("At most %(most)d things are done by one rule.") % {"most": MOST}]
    found = [(at, problem) for at, deed in enumerate(deeds, 1) if (problem := _problem(deed, known))]
    return [_("What is done, %(at)d: %(problem)s") % {"at": at, "problem": problem} for at, problem in found]


def _problem(deed: Any, known: Names) -> str:
    if not isinstance(deed, Mapping) or deed.get("do") not in DEEDS or not isinstance(deed.get("value"), str):
        return _("choose what is done.")
    do, value = deed["do"], deed["value"]
    if do in NAMED_BY:
        is_nobody = do == "assign" and value == NOBODY
        return "" if is_nobody or value in known.of.get(NAMED_BY[do], {}) else _("choose one that stands.")
    if do == "note" and not 0 < len(value.strip()) <= LONGEST_NOTE:
        return _("a note needs some words.")
    if do == "snooze" and not (value.isascii() and value.isdecimal() and len(value) < 8 and 0 < int(value) <= LONGEST_WAIT):
        return _("write minutes, from 1 to %(most)d.") % {"most": LONGEST_WAIT}
    return ""


def sentence(deeds: Any, known: Names) -> str:
    """All of them, in the order in which they are done."""
    return together([phrase(deed, known) for deed in deeds])


def phrase(deed: Deed, known: Names) -> str:
    do, value = deed.get("do", ""), deed.get("value", "")
    shown = value
    if do in NAMED_BY:
        kind = NAMED_BY[do]
        shown = known.of.get("canned", {}).get(value) or _("an answer that is gone") if kind == "canned" else known.name(kind, value)
    elif do == "snooze":
        shown = minutes(int(value)) if value.isdecimal() else value
    elif do == "note":
        shown = value if len(value) < 80 else f"{value[:79]}…"
    return str(_SAID.get(do, do)) % {"value": shown}


def minutes(number: int) -> str:
    """ "90 minutes", "3 hours", "2 days"."""
    if number and number % 1440 == 0:
        return ngettext("%(n)d day", "%(n)d days", number // 1440) % {"n": number // 1440}
    if number and number % 60 == 0:
        return ngettext("%(n)d hour", "%(n)d hours", number // 60) % {"n": number // 60}
    return ngettext("%(n)d minute", "%(n)d minutes", number) % {"n": number}


def why(code: str) -> str:
    """Why something was not done."""
    return str(_WHY.get(code, code))
