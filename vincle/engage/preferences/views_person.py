"""The ledger of one person, beside what is known of them, and forgetting them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.outbox import may, words
from vincle.identify import consent, forgetting
from vincle.identify.actions import handles_of_person, person_of
from vincle.identify.models import Consent, Wish
from vincle.listen.models import Handle
from vincle.vocabulary import from_public_id

from . import choices

MEDIA = ("email", "phone", "whatsapp", "telegram")
SHOWN = 100


def _person(request: WorkspaceRequest, pid: str) -> int:
    try:
        found = person_of(request.workspace, from_public_id(pid))
    except ValueError as error:
        raise Http404(pid) from error
    if found is None:
        raise Http404(pid)
    return found.pk


@allow(May.SEE)
@require_safe
def ledger(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """May we write to them, to which address and why; and every word of theirs about it, latest first."""
    workspace, person = request.workspace, _person(request, pid)
    keys = handles_of_person(workspace, person)
    handles = {each.key: each for each in Handle.objects.of(workspace).filter(key__in=keys).exclude(value="")}
    now = timezone.now()
    rows = list(Consent.objects.of(workspace).filter(handle__in=keys).order_by("-at", "-pk")[: SHOWN + 1])
    wish = Wish.objects.of(workspace).filter(handle__in=keys).order_by("-at").first()
    context = {
        "pid": pid, "answers": _answers(request, person, handles, now), "entries": [(row, handles.get(row.handle)) for row in rows[:SHOWN]],
        "is_more": len(rows) > SHOWN, "wish": wish, "is_paused": bool(wish and wish.paused_until and wish.paused_until > now),
        "may_forget": request.may(May.MANAGE),
    }  # fmt: skip
    return render(request, "preferences/_ledger.html", context)


def _answers(request: WorkspaceRequest, person: int, handles: dict[int, Handle], now: Any) -> list[dict[str, Any]]:
    """For each address by which they can be reached, topic by topic."""
    standing = consent.state(request.workspace, [person]).get(person) or consent.Standing()
    topics = choices.offered(request.workspace)
    found = []
    for key, handle in sorted(handles.items(), key=lambda each: (each[1].kind, each[1].value)):
        if handle.kind not in MEDIA:
            continue
        verdict = may.decide_one(
            request.workspace, purpose="marketing", channel=handle.kind, handle=key, person=person, topic=topics[0][0], now=now
        )
        said = [(name, standing.answer(key, handle.kind, topic, now).state == "granted") for topic, name, _more in topics]
        found.append({"handle": handle, "verdict": verdict, "why": words.sentences(verdict), "topics": said})
    return found


@allow(May.MANAGE)
@require_POST
def forget(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """Forget a person for good: whoever asks for it types it in, for it cannot be taken back."""
    person = _person(request, pid)
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick the box first: this cannot be taken back."))
        return redirect(reverse("organise:person", kwargs={"workspace": request.workspace.slug, "pid": pid}))
    forgetting.forget(request.workspace, handles_of_person(request.workspace, person), reason="team", user=request.user)
    messages.success(request, _("They are being forgotten. Nothing goes to them any more; the rest is gone within minutes."))
    return redirect(reverse("organise:people", kwargs={"workspace": request.workspace.slug}))
