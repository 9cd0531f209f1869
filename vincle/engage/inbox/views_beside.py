"""What stands beside a conversation and is fetched once it is open: answers that served before, and what there is with the person."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen import attachments
from vincle.organise import portrait, timeline
from vincle.vocabulary import from_public_id

from . import attached, suggesting, threads
from .models import Piece
from .views_thread import found

ORDERS = 4


@allow(May.ANSWER)
@never_cache
@require_safe
def suggestions(request: WorkspaceRequest, pid: str) -> HttpResponse:
    row = found(request, pid)
    return render(request, "inbox/_suggestions.html", {"thread": row, "suggestions": suggesting.suggestions(request.workspace, row)})


@allow(May.SEE)
@never_cache
@require_safe
def dealings(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """May we write, what they are worth to us so far, what they ordered last."""
    workspace, row = request.workspace, found(request, pid)
    profile = threads.person_of(workspace, row.handle)
    handles = portrait.handles_of(workspace, profile.person) if profile else []
    keys = [handle.key for handle in handles]
    bought = timeline.stretch(workspace, keys, "bought") if keys else timeline.Stretch([], "")
    spent = sorted(timeline.sums(workspace, keys, timezone.now()).spent.items()) if bought.entries else []
    context = {
        "profile": profile, "permissions": portrait.permissions(workspace, handles), "spent": spent, "orders": bought.entries[:ORDERS],
        "is_more": len(bought.entries) > ORDERS or bool(bought.older),
    }  # fmt: skip
    return render(request, "inbox/_dealings.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def file(request: WorkspaceRequest, pid: str, piece: str, place: int) -> HttpResponse:
    """A file someone attached: theirs as long as their words stand."""
    row = found(request, pid)
    try:
        said = Piece.objects.of(request.workspace).filter(key=from_public_id(piece), thread=row.key, state="").first()
    except ValueError:
        raise Http404 from None
    if said is None:
        raise Http404
    try:
        return attached.response(*attachments.content_of(request.workspace, said.seq, place))
    except attachments.Missing:
        return HttpResponse(_("The file is not there any more."), content_type="text/plain; charset=utf-8", status=410)
