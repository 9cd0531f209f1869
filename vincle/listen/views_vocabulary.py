"""The screen of a workspace's own words: looked at by everyone, changed by those who work with people, with what a word would match."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response

from . import vocabulary
from .labels import SUBJECTS
from .models import Vocabulary
from .vocabulary import Kind

PAGE = 200
WRONG_SHOWN = 10


@allow(May.SEE)
@never_cache
@require_safe
def words(request: WorkspaceRequest) -> HttpResponse:
    """`?kind=`: of one kind; `?q=`: of these letters."""
    return render(request, "listen/words.html", _context(request, {"kind": request.GET.get("kind", "")}, {}))


@allow(May.EDIT_PEOPLE)
@require_POST
def add(request: WorkspaceRequest) -> HttpResponse:
    return _save(request, None)


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: WorkspaceRequest, pk: int) -> HttpResponse:
    row: Vocabulary = get_object_or_404(Vocabulary.objects.of(request.workspace), pk=pk)
    if request.method == "POST":
        return _save(request, row)
    given = {"kind": row.kind, "term": row.term, "value": vocabulary.shown(row)}
    return render(request, "listen/words.html", _context(request, given, {}, row))


def _save(request: WorkspaceRequest, row: Vocabulary | None) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("kind", "term", "value")}
    try:
        done = vocabulary.save(request.workspace, request.user, **given, row=row)
    except vocabulary.Refused as error:
        return render(request, "listen/words.html", _context(request, given, {error.field: str(error)}, row), status=422)
    messages.success(request, _("“%(word)s” is kept; texts are read again.") % {"word": done.row.term}, extra_tags=_undo(request, done))
    return redirect("listen:words", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Vocabulary.objects.of(request.workspace).select_related("workspace"), pk=pk)
    done = vocabulary.delete(row, request.user)
    messages.success(request, _("“%(word)s” is gone; texts are read again.") % {"word": row.term}, extra_tags=_undo(request, done))
    return redirect("listen:words", workspace=request.workspace.slug)


@allow(May.EDIT_PEOPLE)
@require_POST
def back(request: WorkspaceRequest) -> HttpResponse:
    """Take a change back."""
    try:
        vocabulary.take_back(request.workspace, request.user, request.GET.get("token", ""))
    except vocabulary.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is as it was; texts are read again."))
    return redirect("listen:words", workspace=request.workspace.slug)


@allow(May.SEE)
@never_cache
@require_safe
def trial(request: WorkspaceRequest) -> HttpResponse:
    """What the word `?term=` would be found in."""
    term = request.GET.get("term", "").strip()[: vocabulary.LONGEST]
    return render(request, "listen/words_trial.html", {"term": term, "found": vocabulary.matched(request.workspace, term)})


@allow(May.SEE)
@never_cache
@require_safe
def progress(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "listen/words_progress.html", {"again": vocabulary.progress(request.workspace)})


@allow(May.EDIT_PEOPLE)
@require_POST
def bring(request: WorkspaceRequest) -> HttpResponse:
    """Take in a file of words."""
    file = request.FILES.get("file")
    try:
        found = vocabulary.bring(request.workspace, request.user, file.read(vocabulary.LARGEST + 1) if file else b"")
    except vocabulary.Refused as error:
        return render(request, "listen/words.html", _context(request, {}, {error.field: str(error)}), status=422)
    kept = found.added + found.changed
    said = ngettext("%(n)d word came in.", "%(n)d words came in.", kept) % {"n": kept}
    if found.wrong:
        context = _context(request, {}, {}) | {"brought": said, "lines": found.wrong[:WRONG_SHOWN], "more": len(found.wrong) - WRONG_SHOWN}
        return render(request, "listen/words.html", context, status=422)
    messages.success(request, said)
    return redirect("listen:words", workspace=request.workspace.slug)


@allow(May.SEE)
@require_safe
def download(request: WorkspaceRequest) -> HttpResponseBase:
    return csv_response(f"words-{request.workspace.slug}.csv", vocabulary.HEADINGS, vocabulary.rows(request.workspace))


def _undo(request: WorkspaceRequest, done: vocabulary.Done) -> str:
    return f"undo:{reverse('listen:words_back', kwargs={'workspace': request.workspace.slug})}?{urlencode({'token': done.undo})}"


def _context(request: WorkspaceRequest, given: dict[str, str], wrong: dict[str, str], row: Vocabulary | None = None) -> dict[str, Any]:
    every = Vocabulary.objects.of(request.workspace).order_by("kind", "term")
    kind, letters = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    found = every.filter(kind=kind) if kind in Kind.values else every
    found = found.filter(term__icontains=letters) if letters else found
    counts = {value: every.filter(kind=value).count() for value in Kind.values}
    here = reverse("listen:words", kwargs={"workspace": request.workspace.slug})
    return {
        "kinds": Kind.choices,
        "tabs": [(_("All"), here, kind not in Kind.values, sum(counts.values()))]
        + [(name, f"{here}?kind={value}", kind == value, counts[value]) for value, name in Kind.choices],
        "rows": [{"row": each, "value": vocabulary.shown(each)} for each in found[:PAGE]],
        "more": max(found.count() - PAGE, 0),
        "total": sum(counts.values()),
        "letters": letters,
        "given": {"kind": Kind.PRODUCT, "term": "", "value": "", **{name: value for name, value in given.items() if value}},
        "wrong": wrong,
        "row": row,
        "aspects": sorted(str(words) for words in SUBJECTS.values()),
        "may_change": request.may(May.EDIT_PEOPLE),
        "again": vocabulary.progress(request.workspace),
    }
