"""One person's identity: its history as a picture, taking it apart, and taking back."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary import from_public_id, public_id

from . import actions, biography, previews
from . import review as cases
from .models import Belonging, Move, Person

WHAT = ("handle", "whole", "date")


def _key(pid: str) -> int:
    try:
        return from_public_id(pid)
    except ValueError as error:
        raise Http404("not a public id") from error


def _living(request: WorkspaceRequest, pid: str) -> Person:
    """The person behind a public id, going on to whom they were joined to; 404 when there is none here."""
    found = actions.person_of(request.workspace, _key(pid))
    if found is None or not Belonging.objects.of(request.workspace).filter(person=found.pk).exists():
        raise Http404
    return found


def _to(request: WorkspaceRequest, person: int, name: str = "person") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"organise:{name}", kwargs={"workspace": request.workspace.slug, "pid": public_id(person)}))


@allow(May.SEE)
@never_cache
@require_safe
def identity(request: WorkspaceRequest, pid: str) -> HttpResponse:
    person = _living(request, pid)
    if person.public != pid:
        return _to(request, person.pk, "identity")
    told = biography.read(request.workspace, person.pk)
    context = {
        "person": person, "name": cases.called(request.workspace, person.pk), "told": told, "sentence": _sentence(told),
        "newest_first": told.entries[::-1], "may_decide": request.may(May.DECIDE_IDENTITY),
    }  # fmt: skip
    return render(request, "identify/identity.html", context)


def _sentence(told: biography.Biography) -> str:
    handles = ngettext("%(count)d handle", "%(count)d handles", len(told.lines)) % {"count": len(told.lines)}
    standing = sum(1 for entry in told.entries if not entry.is_undone)
    if not standing:
        return _("%(handles)s, all tied by exact evidence; nobody joined or parted anything.") % {"handles": handles}
    moves = ngettext("%(count)d decision", "%(count)d decisions", standing) % {"count": standing}
    return _("%(handles)s, and %(moves)s that made it so. Each can be taken back.") % {"handles": handles, "moves": moves}


@allow(May.DECIDE_IDENTITY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """`what`: handle (with `handle`, public ids), whole, or date (with `at`). GET shows who would be what, POST does it."""
    person = _living(request, pid)
    params = request.POST if request.method == "POST" else request.GET
    what = params.get("what", "handle")
    keys = _own(request, person, params.getlist("handle")) if what == "handle" else []
    moment = _moment(params.get("at", "")) if what == "date" else None
    if what not in WHAT or (what == "handle" and not keys):
        messages.error(request, _("Choose which handles are not theirs."))
        return _to(request, person.pk, "identity")
    if what == "date" and moment is None:
        messages.error(request, _("Choose a moment of their history."))
        return _to(request, person.pk, "identity")
    if request.method == "POST":
        return _part(request, person, what, keys, moment)
    parts = _preview(request, person, what, keys, moment)
    context = {
        "person": person, "name": cases.called(request.workspace, person.pk), "parts": parts, "what": what, "moment": moment,
        "handles": [public_id(key) for key in keys], "is_nothing": len(parts) < 2, "is_part": request.headers.get("HX-Request") == "true",
    }  # fmt: skip
    return render(request, "identify/split_body.html" if context["is_part"] else "identify/split.html", context)


def _own(request: WorkspaceRequest, person: Person, pids: list[str]) -> list[int]:
    asked = {_key(pid) for pid in pids[:500]}
    return sorted(Belonging.objects.of(request.workspace).filter(person=person.pk, handle__in=asked).values_list("handle", flat=True))


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _preview(request: WorkspaceRequest, person: Person, what: str, keys: list[int], moment: datetime | None) -> list[previews.Part]:
    if what == "whole":
        return previews.of_whole(request.workspace, person.pk)
    if moment is not None:
        return previews.at(request.workspace, person.pk, moment)
    return previews.of_handles(request.workspace, person.pk, keys)


def _part(request: WorkspaceRequest, person: Person, what: str, keys: list[int], moment: datetime | None) -> HttpResponse:
    before = Move.objects.of(request.workspace).order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        if what == "whole":
            made = actions.split_whole(request.workspace, person.pk, request.user)
        elif moment is not None:
            made = actions.back_to(request.workspace, person.pk, moment, request.user)
        else:
            never_again = request.POST.get("again") != "1"
            made = [person.pk, actions.split(request.workspace, person.pk, keys, request.user, never_again=never_again)]
    except ValueError as error:
        messages.error(request, str(error))
        return _to(request, person.pk, "identity")
    newest = Move.objects.of(request.workspace).filter(pk__gt=before, by=request.user, act=Move.Act.SPLIT).order_by("-pk").first()
    undo_url = _undo_url(request, person.pk, newest) if newest else ""
    count = len(set(made) | {person.pk})
    text = _("There was nothing to part.") if count < 2 else _("They are %(count)d people now.") % {"count": count}
    messages.success(request, text, extra_tags=f"undo:{undo_url}" if undo_url and count > 1 else "")
    return _to(request, person.pk, "identity")


def _undo_url(request: WorkspaceRequest, person: int, move: Move) -> str:
    if move.batch:
        return f"{reverse('identify:undo_many', kwargs={'workspace': request.workspace.slug})}?batch={move.batch}"
    kwargs = {"workspace": request.workspace.slug, "pid": public_id(person), "move": move.pk}
    return reverse("organise:identity_undo", kwargs=kwargs)


@allow(May.DECIDE_IDENTITY)
@require_POST
def undo(request: WorkspaceRequest, pid: str, move: int) -> HttpResponse:
    """Take one move back, whenever it was made."""
    person = _living(request, pid)
    found = get_object_or_404(Move.objects.of(request.workspace), pk=move)
    try:
        actions.undo(request.workspace, found.pk, request.user)
        messages.success(request, _("Taken back: it is as if it had not been."))
    except actions.NotUndoable as reason:
        messages.warning(request, _("This cannot be taken back: %(reason)s") % {"reason": reason})
    living = actions.person_of(request.workspace, person.pk) or person
    return _to(request, living.pk, "identity")
