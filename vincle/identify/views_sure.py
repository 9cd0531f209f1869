"""The sure ones at once: open questions above a probability, joined together, taken back together."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen.pages import page
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

from . import actions, waterfall
from . import review as cases
from .models import Case, Move

DEFAULT, LEAST, PAGE, CHUNK, MOST = 99.0, 50.0, 100, 20, 1000


@allow(May.SEE)
@never_cache
@require_safe
def sure(request: WorkspaceRequest) -> HttpResponse:
    """Open questions of at least `p` per cent, surest first."""
    bound = _bound(request.GET.get("p", ""))
    rows = Case.objects.of(request.workspace).filter(state=Case.State.OPEN, probability__gte=bound / 100)
    found = page(rows, ["-probability", "-id"], request.GET, PAGE)
    names = cases.labels(request.workspace, found.rows)
    lines = [
        {"case": case, "names": names[case.pk], "pids": (public_id(case.left), public_id(case.right)),
         "summary": waterfall.summary(case.evidence), "sure": waterfall.in_words(case.probability or 0)}
        for case in found.rows
    ]  # fmt: skip
    context = {"lines": lines, "page": found, "bound": bound, "total": rows.count(), "may_decide": request.may(May.DECIDE_IDENTITY)}
    return render(request, "identify/sure.html", context)


def _bound(text: str) -> float:
    """Per cent, as someone typed it; the default when it cannot be read."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return DEFAULT
    return min(100.0, max(LEAST, found)) if found == found else DEFAULT


def _numbers(values: list[str]) -> list[int]:
    return list(dict.fromkeys(int(text) for text in values[:MOST] if text.isascii() and text.isdigit() and len(text) < 19))


@allow(May.DECIDE_IDENTITY)
@require_POST
def join_many(request: WorkspaceRequest) -> HttpResponse:
    """Join the pairs of `ids`. By htmx a part at a time, with the progress as the answer; a form gets all done and goes back."""
    ids, is_part = _numbers(request.POST.getlist("ids")), request.headers.get("HX-Request") == "true"
    now, rest = (ids[:CHUNK], ids[CHUNK:]) if is_part else (ids, [])
    made = actions.merge_many(request.workspace, now, request.user) if now else None
    batches = [*_batches(request.POST.getlist("batch")), *([str(made.batch)] if made and made.done else [])]
    done, skipped = (_count(request, name) + (getattr(made, name) if made else 0) for name in ("done", "skipped"))
    if not rest:
        return _finished(request, done, skipped, batches, is_part)
    context: dict[str, Any] = {"rest": rest, "batches": batches, "done": done, "skipped": skipped, "total": done + skipped + len(rest)}
    return render(request, "identify/joining.html", context)


def _count(request: WorkspaceRequest, name: str) -> int:
    return next(iter(_numbers([request.POST.get(name, "0")])), 0)


def _batches(texts: list[str]) -> list[str]:
    found = []
    for text in texts[:MOST]:
        try:
            found.append(str(UUID(text)))
        except ValueError:
            continue
    return found


def _finished(request: WorkspaceRequest, done: int, skipped: int, batches: list[str], is_part: bool) -> HttpResponse:
    back = reverse("identify:sure", kwargs={"workspace": request.workspace.slug})
    if done:
        text = ngettext("%(count)s pair joined.", "%(count)s pairs joined.", done) % {"count": number(done)}
        if skipped:
            also = ngettext("%(count)s was settled meanwhile.", "%(count)s were settled meanwhile.", skipped)
            text = f"{text} {also % {'count': number(skipped)}}"
        undo = reverse("identify:undo_many", kwargs={"workspace": request.workspace.slug})
        messages.success(request, text, extra_tags=f"undo:{undo}?{urlencode({'batch': batches}, doseq=True)}")
    else:
        messages.warning(request, _("Nothing was joined: choose pairs that are still open."))
    if is_part:
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return redirect(back)


@allow(May.DECIDE_IDENTITY)
@require_POST
def undo_many(request: WorkspaceRequest) -> HttpResponse:
    """Take back what was joined at one word: `batch`, one or several."""
    known = Move.objects.of(request.workspace).filter(batch__in=_batches(request.GET.getlist("batch")), undone_at=None)
    taken = sum(actions.undo_batch(request.workspace, batch, request.user) for batch in set(known.values_list("batch", flat=True)))
    if taken:
        text = ngettext("%(count)s decision taken back.", "%(count)s decisions taken back.", taken) % {"count": number(taken)}
        messages.success(request, text)
    else:
        messages.warning(request, _("There is nothing to take back: someone did so already."))
    return redirect("identify:review", workspace=request.workspace.slug)
