"""What was read of a text: shown with the words that decided, corrected, taken back; and what was learnt from the team."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import Workspace
from vincle.language.reading import Clue

from . import learning, understanding
from .labels import INTENTS, SENTIMENTS, label
from .models import Correction, Learnt, Understanding
from .texts import Text

SIGNS = {"positive": "+", "negative": "−", "neutral": "○"}
TONES = {"positive": "pos", "negative": "neg"}
SHOWN = 50
Field = Correction.Field


class Said(NamedTuple):
    """What is shown of a text at a glance: words and a sign, so that no colour is needed."""

    seq: int
    sentiment: str
    word: str
    sign: str
    tone: str
    language: str
    intents: list[str]

    @property
    def is_empty(self) -> bool:
        return not (self.word or self.intents or self.language)


def at_a_glance(workspace: Workspace | int, seqs: Iterable[int]) -> dict[int, Said]:
    """By row of the log, for those whose text was read. One query."""
    rows = Understanding.objects.of(workspace).filter(seq__in=list(seqs)).values_list("seq", "sentiment", "language", "intents")
    return {row[0]: said(*row) for row in rows}


def said(seq: int, sentiment: str, language: str, intents: str) -> Said:
    word = str(SENTIMENTS.get(sentiment, ""))
    names = [label("intents", name) for name in filter(None, intents.split("|"))]
    return Said(seq, sentiment, word, SIGNS.get(sentiment, ""), TONES.get(sentiment, ""), language, names)


@allow(May.SEE)
@never_cache
@require_safe
def text(request: WorkspaceRequest, seq: int) -> HttpResponse:
    return _panel(request, _row(request, seq))


@allow(May.EDIT_PEOPLE)
@require_POST
def correct(request: WorkspaceRequest, seq: int) -> HttpResponse:
    row = _row(request, seq)
    field = request.POST.get("field", "")
    value = "|".join(request.POST.getlist("value")) if field == Field.INTENTS else request.POST.get("value", "").strip().lower()
    try:
        understanding.correct(request.workspace, bytes(row.event_id), field, value, request.user)
    except understanding.CannotCorrect:
        return _panel(request, row, _("This cannot be a correction: choose one of what is shown."))
    return _panel(request, _row(request, seq), is_changed=True)


@allow(May.EDIT_PEOPLE)
@require_POST
def take_back(request: WorkspaceRequest, seq: int) -> HttpResponse:
    row = _row(request, seq)
    understanding.take_back(request.workspace, bytes(row.event_id), request.POST.get("field", ""), request.user)
    return _panel(request, _row(request, seq), is_changed=True)


@allow(May.SEE)
@require_safe
def learnt(request: WorkspaceRequest) -> HttpResponse:
    workspace = request.workspace
    newest = Correction.objects.of(workspace).select_related("by").order_by("-at", "-pk")[:SHOWN]
    context = {
        **learning.state(workspace),
        "history": Learnt.objects.of(workspace).order_by("-trained_at")[:SHOWN],
        "corrections": [
            {"row": each, "field": each.get_field_display(), "was": in_words(each.field, each.was), "now": in_words(each.field, each.now)}
            for each in newest
        ],
    }
    return render(request, "listen/learnt.html", context)


def in_words(field: str, value: str) -> str:
    """What a correction's value says, in words."""
    if field == Field.ASPECTS:
        return ", ".join(
            f"{label('aspects', name)} {score}" for name, _, score in (each.rpartition(":") for each in value.split("|") if each)
        )
    return ", ".join(label(field, name) for name in filter(None, value.split("|"))) or _("nothing")


def _row(request: WorkspaceRequest, seq: int) -> Understanding:
    row: Understanding | None = Understanding.objects.of(request.workspace).filter(seq=seq).first()
    if row is None:
        raise Http404
    return row


def _panel(request: WorkspaceRequest, row: Understanding, problem: str = "", is_changed: bool = False) -> HttpResponse:
    found = understanding.explain(request.workspace, bytes(row.event_id))
    if found is None:
        raise Http404
    reading = found.page.reading
    stood = {each.field: each for each in Correction.objects.of(request.workspace).filter(event_id=row.event_id).select_related("by")}
    context = {
        "row": row,
        "said": said(row.seq, row.sentiment, row.language, row.intents),
        "words": marked(found),
        "confidence": reading.sentiment_confidence,
        "is_unsure": reading.irony >= 0.5,
        "aspects": [(label("aspects", each.id), each.score) for each in reading.aspects],
        "sentiments": [(name, words, SIGNS[name], name == row.sentiment) for name, words in SENTIMENTS.items()],
        "intents": [(name, words, name in row.intents.split("|")) for name, words in INTENTS.items()],
        "corrected": [(stood[field], field.label, in_words(field, stood[field].was)) for field in Field if field in stood],
        "may_correct": request.may(May.EDIT_PEOPLE) and not found.is_ours,
        "problem": problem,
        "is_changed": is_changed,
    }
    return render(request, "listen/understood.html", context)


def marked(found: Text) -> SafeString:
    """The text, escaped, with the words that decided underlined by their sign; what each did stands in its title."""
    words, at, parts = found.page.text, 0, list[str]()
    for clue in sorted(_standing(found.page.reading.clues), key=lambda each: each.start):
        if clue.start < at or clue.end > len(words):
            continue
        tone, sign = ("pos", "+") if clue.weight > 0 else ("neg", "−")
        parts += [escape(words[at : clue.start]), f'<mark class="clue {tone}" title="{sign}{abs(clue.weight):.2f}">']
        parts += [escape(words[clue.start : clue.end]), f"<sup>{sign}</sup></mark>"]
        at = clue.end
    return mark_safe("".join([*parts, escape(words[at:])]))


def _standing(clues: Iterable[Clue]) -> Iterator[Clue]:
    return (clue for clue in clues if abs(clue.weight) >= 0.01 and clue.end > clue.start)
