"""Review: are these two one person? And the ways from a handle to its person."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen.models import Delivery
from vincle.listen.pages import page
from vincle.store.models import Cursor
from vincle.vocabulary import from_public_id, public_id

from . import actions, rounds, tally
from . import review as cases
from .models import Belonging, Case

DECISIONS = 30
MOST_IMPORTS = 50
ANSWERS = ("same", "different", "later")
SURE = 0.99


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@allow(May.SEE)
@never_cache
@require_safe
def review(request: WorkspaceRequest) -> HttpResponse:
    """`?case=` puts a certain case first, `?later=1` those that were put off."""
    wanted = request.GET.get("case", "")
    chosen = Case.objects.of(request.workspace).filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
    context = _context(request, chosen, later=bool(request.GET.get("later")))
    return render(request, "identify/review.html", {**context, "linking": rounds.state(request.workspace)})


def _context(request: WorkspaceRequest, chosen: Case | None = None, later: bool = False) -> dict[str, Any]:
    rows = Case.objects.of(request.workspace)
    settled = chosen if chosen and chosen.state not in actions.WAITING else None
    found = None if settled else chosen
    shown = None
    while shown is None:
        found = found or cases.next_case(request.workspace, later)
        if found is None:
            break
        shown = cases.face(request.workspace, found)
        if shown is None:
            actions.drop(request.workspace, found)
            found = None
    left_over = rows.filter(state=Case.State.OPEN).count()
    return {
        **(shown or {}), "settled": _settled(settled) if settled else "", "left_over": left_over,
        "tally": tally.sentence(request.workspace, left_over),
        "put_off": rows.filter(state=Case.State.LATER).count(), "later": later, "may_decide": request.may(May.DECIDE_IDENTITY),
        "sure": rows.filter(state=Case.State.OPEN, probability__gte=SURE).count(), "sentence": _sentence(shown),
    }  # fmt: skip


def _sentence(shown: dict[str, Any] | None) -> str:
    """Why it is asked, under the title."""
    probability = shown["case"].probability if shown else None
    if probability is None:
        return _("Both are known people, so Vincle asks instead of joining them by itself.")
    if probability >= SURE:
        return _("Vincle is fairly sure, but both are known people, so it asks.")
    return _("The evidence is not clear enough to join them by itself, so Vincle asks.")


def _settled(case: Case) -> str:
    values = {"name": case.decided_by or _("Someone"), "decision": case.get_state_display()}
    if case.state == Case.State.MOOT:
        return _("This is no longer a question: one of the two is not there any more.")
    return _("%(name)s decided this meanwhile: %(decision)s. Nothing was changed.") % values


@allow(May.DECIDE_IDENTITY)
@require_POST
def decide(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """`answer`: same, different or later. Answers htmx with the next case, a form with the page."""
    case = get_object_or_404(Case.objects.of(request.workspace), pk=pk)
    answer, later = request.POST.get("answer", ""), bool(request.POST.get("later"))
    if answer not in ANSWERS:
        messages.error(request, _("That is no answer. Choose one of the three."))
    else:
        _say(request, case, actions.decide(request.workspace, pk, answer, request.user, survivors=cases.survivors_of(request.POST)))
    if _is_part(request):
        return render(request, "identify/case.html", {**_context(request, later=later), "is_part": True})
    address = reverse("identify:review", kwargs={"workspace": request.workspace.slug})
    return redirect(f"{address}?later=1" if later else address)


def _say(request: WorkspaceRequest, case: Case, outcome: str) -> None:
    said = {
        "same": _("They are one person now."), "different": _("They stay two; you will not be asked again."),
        "later": _("Put off."), "moot": _("One of the two is not there any more; there was nothing to decide."),
    }  # fmt: skip
    if not outcome:
        case = Case.objects.of(request.workspace).select_related("decided_by").get(pk=case.pk)
        messages.warning(request, _settled(case))
        return
    undo_url = reverse("identify:take_back", kwargs={"workspace": request.workspace.slug, "pk": case.pk})
    messages.success(request, said[outcome], extra_tags="" if outcome == "moot" else f"undo:{undo_url}")


@allow(May.DECIDE_IDENTITY)
@require_POST
def take_back(request: WorkspaceRequest, pk: int) -> HttpResponse:
    get_object_or_404(Case.objects.of(request.workspace), pk=pk)
    if actions.reopen(request.workspace, pk, request.user):
        messages.success(request, _("Taken back: this is a question again."))
    else:
        messages.warning(request, _("There is no decision to take back: someone did so already."))
    if request.POST.get("back") == "decisions":
        return redirect("identify:decisions", workspace=request.workspace.slug)
    return redirect(f"{reverse('identify:review', kwargs={'workspace': request.workspace.slug})}?case={pk}")


@allow(May.SEE)
@never_cache
@require_safe
def decisions(request: WorkspaceRequest) -> HttpResponse:
    rows = Case.objects.of(request.workspace).filter(state__in=actions.DECIDED, decided_at__isnull=False).select_related("decided_by")
    found = page(rows, ["-decided_at", "-id"], request.GET, DECISIONS)
    names = cases.labels(request.workspace, found.rows)
    lines = [{"case": case, "names": names[case.pk], "pids": (public_id(case.left), public_id(case.right))} for case in found.rows]
    return render(request, "identify/decisions.html", {"lines": lines, "page": found, "may_decide": request.may(May.DECIDE_IDENTITY)})


def _person_of_handle(request: WorkspaceRequest, pid: str) -> str:
    """Public id of the person a handle belongs to; 404 when there is none in this workspace."""
    try:
        handle = from_public_id(pid)
    except ValueError as error:
        raise Http404("not a public id") from error
    belonging = get_object_or_404(Belonging.objects.of(request.workspace), handle=handle)
    return public_id(belonging.person)


@allow(May.SEE)
@never_cache
@require_safe
def of_handle(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """To the person behind a handle."""
    return redirect("organise:person", workspace=request.workspace.slug, pid=_person_of_handle(request, pid))


@allow(May.SEE)
@never_cache
@require_safe
def card_of_handle(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """To the small card of the person behind a handle."""
    return redirect("organise:card", workspace=request.workspace.slug, pid=_person_of_handle(request, pid))


@allow(May.SEE)
@never_cache
@require_safe
def import_people(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A part of an import's page: how many people came with it. While that is being found out it asks anew each second."""
    delivery = get_object_or_404(Delivery.objects.of(request.workspace).filter(is_import=True).defer("body"), pk=pk)
    new, updated = cases.people_of_imports(request.workspace, [delivery.pk])[delivery.pk]
    is_behind = delivery.last_seq > 0 and not Cursor.objects.filter(name="identify", position__gte=delivery.last_seq).exists()
    context = {"delivery": delivery, "is_behind": is_behind, "new": new, "updated": updated, "waiting": cases.open_cases(request)}
    return render(request, "identify/import_people.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def waiting(request: WorkspaceRequest) -> HttpResponse:
    """A part of other pages: a link to the open cases, nothing when there are none."""
    return render(request, "identify/waiting.html", {"waiting": cases.open_cases(request)})


@allow(May.SEE)
@never_cache
@require_safe
def imports_people(request: WorkspaceRequest) -> HttpResponse:
    """The same for each `delivery` of a list, to be put in their places by htmx."""
    asked = [int(text) for text in request.GET.getlist("delivery")[:MOST_IMPORTS] if text.isdecimal() and len(text) < 19]
    known = list(Delivery.objects.of(request.workspace).filter(pk__in=asked, is_import=True).values_list("pk", flat=True))
    counts = cases.people_of_imports(request.workspace, known) if known else {}
    return render(request, "identify/imports_people.html", {"counts": counts})
