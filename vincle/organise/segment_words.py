"""Predicates in words: as one sentence, why someone is in or out, and what is wrong with one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.people import stage_name

from . import segment_clauses, wording
from .segment_clauses import PLAIN, Names
from .segment_verbs import both, either, figure
from .segments.checking import BadPredicate
from .segments.predicate import AtStage, Consented, Did, Not, Predicate, Scored, Sequence, Top, Trait
from .segments.sentence import Phrase, phrase
from .segments.why import Reason
from .segments.windows import NEVER

__all__ = ["Names", "Told", "because", "clause", "sentence", "told", "wrong"]


def sentence(predicate: Predicate, names: Names = PLAIN) -> str:
    """ "People who bought at least twice in the last 90 days and live in Girona"."""
    said = phrase(predicate)
    if said.code == "everybody":
        return gettext("Everybody")
    if said.code == "nobody":
        return gettext("Nobody")
    return gettext("People who %(what)s") % {"what": _words(said, names)}


def clause(predicate: Predicate, names: Names = PLAIN) -> str:
    """What follows "People who" or "they": "live in Girona"."""
    return _words(phrase(predicate), names)


def _words(said: Phrase, names: Names) -> str:
    if said.clause is not None:
        return segment_clauses.said(said.clause, said.is_denied, names)
    if not said.parts:
        return gettext("are anybody") if said.code == "everybody" else gettext("are nobody")
    parts = [f"({_words(part, names)})" if part.parts else _words(part, names) for part in said.parts]
    return both(parts) if said.code == "all" else either(parts)


@dataclass(frozen=True)
class Told:
    """A `Reason` in words. `words`: what is asked; `found`: what there is, "" where there is nothing to show; `until`: what it says now
    may change by itself then."""

    words: str
    holds: bool
    found: str
    seqs: tuple[int, ...]
    until: datetime | None
    parts: tuple["Told", ...]


def told(reason: Reason, names: Names = PLAIN) -> Told:
    until = None if reason.next_change == NEVER else datetime.fromtimestamp(0, UTC) + timedelta(microseconds=reason.next_change)
    parts = tuple(told(part, names) for part in reason.parts)
    return Told(clause(reason.clause, names), reason.holds, found(reason), reason.seqs, until, parts)


def because(reason: Reason, names: Names = PLAIN) -> str:
    """Why, in one sentence: "In: they live in Girona and bought at least twice"."""
    facts = (each.clause if each.holds else Not(each.clause) for each in reason.decisive())
    words = list(dict.fromkeys(clause(fact, names) for fact in facts))
    if not words:
        return gettext("In: everybody is") if reason.holds else gettext("Out: nobody can be in")
    return (gettext("In: they %(what)s") if reason.holds else gettext("Out: they %(what)s")) % {"what": both(words)}


def found(reason: Reason) -> str:
    """What there is of what a clause asks: "Vic", "3 times", "12 days ago"; "" for groups, tags, segments and what is drawn."""
    asked, value = reason.clause, reason.found
    if isinstance(asked, Trait):
        return wording.shown(value, TRAITS.get(asked.name, "text")) or gettext("not known")
    if isinstance(asked, Consented):
        return gettext("never asked") if value == "none" else wording.consent_state(value)
    if isinstance(asked, AtStage):
        return stage_name(value or "")
    if isinstance(asked, Scored | Top | Did | Sequence):
        return gettext("nothing") if value is None else _measured(asked, value)
    return ""


def _measured(asked: Scored | Top | Did | Sequence, value: float) -> str:
    if isinstance(asked, Sequence) or (isinstance(asked, Did) and asked.measure == "count"):
        return ngettext("%(count)s time", "%(count)s times", int(value)) % {"count": figure(value)}
    if isinstance(asked, Did) and asked.measure in ("first", "last"):
        return ngettext("%(count)s day ago", "%(count)s days ago", int(value)) % {"count": figure(int(value))}
    return figure(value)


_WRONG: dict[str, Any] = {
    "not_an_object": _("this has to be an object with names and values"), "not_a_list": _("this has to be a list"),
    "not_a_text": _("this has to be a text"), "bad_text": _("this text is empty, too long, or has letters that cannot be kept"),
    "not_a_number": _("this has to be a number"), "not_a_whole_number": _("this has to be a whole number"),
    "not_yes_or_no": _("this has to be yes or no"), "not_a_date": _("this has to be a date like 2026-03-31"),
    "only_true": _("this can only be yes"), "out_of_range": _("this has to lie within %(detail)s"),
    "turned_range": _("the first limit lies above the second"), "empty_range": _("a limit is missing"),
    "empty_list": _("nothing is chosen"), "too_many_values": _("these are more than %(detail)s"),
    "unknown_word": _("there is no “%(detail)s”"), "unknown_key": _("“%(detail)s” means nothing here"),
    "unknown_clause": _("it does not say what is asked"), "missing_key": _("“%(detail)s” is missing"),
    "one_comparison": _("exactly one comparison is needed"), "one_measure": _("only one thing can be measured at a time"),
    "one_window": _("only one span of time can be said"), "too_few_steps": _("at least two steps are needed"),
    "too_deep": _("groups or segments stand in each other too deeply"), "too_many_clauses": _("these are more than %(detail)s clauses"),
    "cycle": _("the segment %(detail)s would lead back to itself"), "unknown_segment": _("the segment %(detail)s is not there"),
}  # fmt: skip
_OF_SEGMENTS = ("cycle", "unknown_segment")


def wrong(error: BadPredicate, names: Names = PLAIN) -> str:
    """What is wrong with a predicate, and where: "all/1/did/verb: there is no “Buy”"."""
    detail = names.segment(error.detail) if error.code in _OF_SEGMENTS else error.detail
    words = str(_WRONG.get(error.code, _("this cannot be read"))) % {"detail": detail}
    return f"{error.path}: {words}" if error.path else f"{words[:1].upper()}{words[1:]}"
