"""One conversation: what was said, what may be answered, who else is at it; and everything an agent does with it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels.live import File
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox import voice
from vincle.engage.outbox.models import Send
from vincle.listen import log
from vincle.organise import portrait
from vincle.organise.timeline import safe_link
from vincle.vocabulary import from_public_id, public_id
from vincle.web.tags.formats import number

from . import actions, answering, canned, masking, promises, reading, service_nav, snoozing, teams, threads, wording
from .models import Canned, Draft, Note, Piece, Tag, Thread, ThreadTag
from .views_list import back, colleague, give_team, kept, page_of, say, team_of


def found(request: WorkspaceRequest, pid: str) -> Thread:
    thread = threads.get(request.workspace, pid)
    if thread is None:
        raise Http404
    return thread


@allow(May.SEE)
@never_cache
@require_safe
def thread(request: WorkspaceRequest, pid: str) -> HttpResponse:
    row = found(request, pid)
    target = request.headers.get("HX-Target")
    if target == "threads":
        return page_of(request, row)
    if target == "said":
        return render(request, "inbox/_said.html", _said(request, row))
    context = talk(request, row)
    if target == "talk":
        response = render(request, "inbox/_talk.html", context)
        patch_vary_headers(response, ["HX-Target"])
        return response
    return page_of(request, row, context)


def _said(request: WorkspaceRequest, row: Thread, place: answering.Place | None = None) -> dict[str, Any]:
    place = place or answering.place_of(request.workspace, row)
    conversation = reading.read(request.workspace, row, older=bool(request.GET.get("older")))
    actions.see(request.workspace, request.user, row.key, row.last_seq)
    may = request.may(May.ANSWER)
    return {"thread": row, "conversation": conversation, "query": kept(request.GET), "may_answer": may, "place": place,
            "can_do": {way.deed for way in place.ways if way.is_open}}  # fmt: skip


def talk(request: WorkspaceRequest, row: Thread, **more: Any) -> dict[str, Any]:
    """All that the middle and the right pane show."""
    workspace, now = request.workspace, timezone.now()
    place = answering.place_of(workspace, row, now=now)
    profile = threads.person_of(workspace, row.handle)
    handles = [handle.key for handle in portrait.handles_of(workspace, profile.person)] if profile else []
    drafts = dict(Draft.objects.of(workspace).filter(thread=row.key, user=request.user).values_list("deed", "text"))
    ways = [way for way in place.ways if way.deed in answering.ANSWERS]
    first = more.get("deed") or next(iter(drafts), "") or next((way.deed for way in ways if way.is_open), "note")
    theirs = threads.beside(workspace, row, handles)
    return {
        **_said(request, row, place), "profile": profile, "kind_name": wording.KINDS.get(row.kind, ""),
        "ways": [wording.shown(way, now, first) for way in ways], "deed": first, "text": more.get("text", drafts.get(first, "")),
        "mark": answering.mark(workspace, row), "key": uuid4().hex, "where_said": safe_link(row.url),
        "others": reading.others(workspace, row.key, request.user), "team": team_of(request),
        "teams": teams.teams_of(workspace), "owed": promises.owed_of(workspace, row, now),
        "their_tags": list(ThreadTag.objects.of(workspace).filter(thread=row.key).select_related("tag").order_by("tag__folded")),
        "moments": snoozing.moments(workspace), "tags": threads.tags_of(workspace),
        "earlier": threads.lines(workspace, request.user, theirs), "is_mail": row.kind == Thread.Kind.MAIL,
        "ails": wording.trouble(place.connection.state_kind, place.connection.state_code, "") if place.connection.state_code else None,
        "face": threads.faces([row.handle]).get(row.handle) if row.handle else None, **more,
    }  # fmt: skip


def answered(request: WorkspaceRequest, row: Thread, **more: Any) -> HttpResponseBase:
    """After something was done: the panes anew for a part of the page, else the page."""
    if request.headers.get("HX-Request") != "true":
        return back(request)
    fresh = threads.get(request.workspace, row.public) or row
    response = render(request, "inbox/_talk.html", {**talk(request, fresh, **more), "with_messages": True})
    response["HX-Trigger"] = "inbox-changed"
    return response


# Answering


@allow(May.ANSWER)
@require_POST
def reply(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    row, deed, text = found(request, pid), request.POST.get("deed", "reply"), request.POST.get("text", "")
    try:
        if deed == "note":
            actions.note(request.workspace, request.user, row.key, text)
            actions.draft(request.workspace, request.user, row.key, "note", "")
            messages.success(request, _("Noted. Only your team sees it."))
            return answered(request, row, deed="note", text="")
        if left := masking.unfilled(text):
            raise actions.Refused(_("Put something in place of %(what)s.") % {"what": ", ".join(left)})
        send = answering.reply(
            request.workspace, request.user, row, deed, text, key=_nonce(request), seen=request.POST.get("seen", ""),
            piece=_piece(request, row, request.POST.get("about", "")), subject=request.POST.get("subject", ""), files=_files(request),
            confirmed=bool(request.POST.get("confirmed")),
        )  # fmt: skip
    except actions.Refused as refused:
        actions.draft(request.workspace, request.user, row.key, deed, text)
        return answered(request, row, deed=deed, text=text, problem=str(refused))
    except answering.Outdated as outdated:
        actions.draft(request.workspace, request.user, row.key, deed, text)
        return answered(request, row, deed=deed, text=text, changed=_changed(request, outdated))
    canned.used(request.workspace, request.POST.getlist("canned")[:20])
    if request.POST.get("close"):
        actions.close(request.workspace, request.user, [row.key])
    url = _address(request, "cancel", send=send.pk)
    messages.success(request, _("Sent in ten seconds."), extra_tags=f"undo:{url}")
    return answered(request, row)


def _address(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"inbox:{name}", kwargs={"workspace": request.workspace.slug, **more})


def _nonce(request: WorkspaceRequest) -> str:
    given = request.POST.get("key", "")
    return given if given.isascii() and given.isalnum() and 16 <= len(given) <= 40 else uuid4().hex


def _files(request: WorkspaceRequest) -> list[File]:
    uploads = request.FILES.getlist("files")[: answering.MOST_FILES + 1]
    if sum(each.size or 0 for each in uploads) > answering.LARGEST:
        raise actions.Refused(_("The files are too large: 10 MB in all."))
    return [
        File(name=each.name or "file", content_type=each.content_type or "application/octet-stream", content=each.read())
        for each in uploads
    ]


def _piece(request: WorkspaceRequest, row: Thread, pid: str) -> Piece | None:
    if not pid:
        return None
    try:
        key = from_public_id(pid)
    except ValueError:
        raise Http404 from None
    piece: Piece = get_object_or_404(Piece.objects.of(request.workspace), key=key, thread=row.key)
    return piece


def _changed(request: WorkspaceRequest, outdated: answering.Outdated) -> list[dict[str, Any]]:
    """What others have answered since, for the one who was about to."""
    words = log.contents(bytes(piece.event) for piece in outdated.pieces)
    faces = threads.faces({piece.actor for piece in outdated.pieces if piece.actor})
    told = [
        {"by": faces[piece.actor].name if piece.actor in faces else "", "at": piece.at, "words": words.get(bytes(piece.event), ("",))[0]}
        for piece in outdated.pieces
    ]
    return told + [{"by": str(send.by or ""), "at": send.created_at, "words": send.text} for send in outdated.sends]


@allow(May.ANSWER)
@require_POST
def deed(request: WorkspaceRequest, pid: str, piece: str) -> HttpResponseBase:
    """Like, hide and their opposites."""
    row = found(request, pid)
    said = _piece(request, row, piece)
    if said is None:
        raise Http404
    what = request.POST.get("deed", "")
    try:
        answering.do(request.workspace, request.user, row, said, what, _nonce(request))
        messages.success(request, _("%(deed)s: on its way.") % {"deed": wording.DEEDS.get(what, what)})
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return answered(request, row)


def _send(request: WorkspaceRequest, pk: int) -> tuple[Send, Thread]:
    send: Send = get_object_or_404(Send.objects.of(request.workspace), pk=pk)
    row = threads.get(request.workspace, public_id(send.thread)) if send.thread is not None else None
    if row is None:
        raise Http404
    return send, row


@allow(May.ANSWER)
@require_POST
def cancel(request: WorkspaceRequest, send: int) -> HttpResponseBase:
    asked, row = _send(request, send)
    if answering.take_back(request.workspace, request.user, asked):
        messages.success(request, _("Taken back. Your words are a draft again."))
        return _to(request, row, deed=asked.deed, text=asked.text)
    messages.error(request, _("Too late: it is on its way."))
    return _to(request, row)


@allow(May.ANSWER)
@require_POST
def retry(request: WorkspaceRequest, send: int) -> HttpResponseBase:
    asked, row = _send(request, send)
    if outbox.retry(request.workspace, request.user, asked):
        messages.success(request, _("It is tried once more."))
    return _to(request, row)


def _to(request: WorkspaceRequest, row: Thread, **more: Any) -> HttpResponseBase:
    if request.headers.get("HX-Request") == "true":
        return answered(request, row, **more)
    return redirect("inbox:thread", workspace=request.workspace.slug, pid=row.public)


# What the team does with it


@allow(May.ANSWER)
@require_POST
def act(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """Close, open again, put off, give to someone, tag: `do` and its value say what."""
    row = found(request, pid)
    try:
        done, text = _act(request, row)
        say(request, text, done)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return answered(request, row)


def _act(request: WorkspaceRequest, row: Thread) -> tuple[actions.Done, str]:
    workspace, user, keys = request.workspace, request.user, [row.key]
    do = request.POST.get("do", "")
    if do == "close":
        return actions.close(workspace, user, keys), _("Closed. It opens again when they write.")
    if do == "reopen":
        return actions.reopen(workspace, user, keys), _("Open again.")
    if until := request.POST.get("until"):
        moment = snoozing.moment(workspace, until)
        return actions.snooze(workspace, user, keys, moment), _("Put off.")
    if "assignee" in request.POST:
        to = colleague(request, request.POST["assignee"])
        return actions.assign(workspace, user, keys, to), _("%(name)s looks after it now.") % {"name": to} if to else _(
            "Nobody looks after it now."
        )
    if "team" in request.POST:
        return give_team(request, keys)
    if name := request.POST.get("tag", ""):
        return actions.tag(workspace, user, keys, name), _("Tagged.")
    if value := request.POST.get("untag", ""):
        tag = Tag.objects.of(workspace).filter(pk=int(value)).first() if value.isascii() and value.isdigit() and len(value) < 18 else None
        if tag:
            return actions.untag(workspace, user, keys, tag), _("“%(tag)s” taken off.") % {"tag": tag.name}
    raise actions.Refused(_("Choose what to do with it."))


@allow(May.ANSWER)
@require_POST
def delete_note(request: WorkspaceRequest, note: int) -> HttpResponseBase:
    row: Note = get_object_or_404(Note.objects.of(request.workspace), pk=note, deleted_at=None)
    if row.by_id != request.user.pk and not request.may(May.MANAGE):
        messages.error(request, _("Only who wrote a note takes it away."))
    else:
        say(request, _("The note is gone."), actions.delete_note(request.workspace, request.user, row))
    return _to(request, found(request, public_id(row.thread)))


@allow(May.ANSWER)
@require_POST
def draft(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """Keep what is written so far; answers how long the platform counts it."""
    row = found(request, pid)
    what, text = request.POST.get("deed", "reply"), request.POST.get("text", "")
    if what in answering.ANSWERS or what == "note":
        actions.draft(request.workspace, request.user, row.key, what, text)
        actions.here(request.workspace, request.user, row.key, is_typing=bool(text.strip()))
    if what == "note":
        return render(request, "inbox/_count.html", {"is_note": True, "text": text})
    place = answering.place_of(request.workspace, row)
    way = place.way(what)
    length = voice.length(place.connection, text)
    most = way.longest if way else None
    return render(
        request, "inbox/_count.html",
        {"length": number(length), "most": number(most) if most else "", "is_over": bool(most and length > most), "text": text},
    )  # fmt: skip


@allow(May.SEE)
@require_POST
def presence(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """Someone looks: noted, and answered with who else does."""
    row = found(request, pid)
    actions.here(request.workspace, request.user, row.key, is_typing=request.POST.get("typing") == "1")
    return render(request, "inbox/_presence.html", {"others": reading.others(request.workspace, row.key, request.user), "thread": row})


# Saved answers


@allow(May.SEE)
@never_cache
@require_safe
def canned_list(request: WorkspaceRequest) -> HttpResponse:
    """Saved answers for a conversation (`thread`), those in its language first; without one, the page where they are kept."""
    row = threads.get(request.workspace, request.GET.get("thread", "")) if request.GET.get("thread") else None
    offered = canned.offered(request.workspace, request.GET.get("q", ""), row.language if row else "")
    context = {
        "offered": offered, "thread": row, "may_answer": request.may(May.ANSWER), "q": request.GET.get("q", ""),
        "tabs": service_nav.pages(request.workspace, "canned"),
    }  # fmt: skip
    return render(request, "inbox/_canned.html" if row else "inbox/canned.html", context)


@allow(May.SEE)
@never_cache
@require_safe
def canned_text(request: WorkspaceRequest, pid: str, answer: int) -> HttpResponse:
    """A saved answer with its variables filled in for this conversation."""
    row = found(request, pid)
    kept_answer: Canned = get_object_or_404(Canned.objects.of(request.workspace), pk=answer, deleted_at=None)
    values = canned.variables(request.workspace, request.user, row, threads.person_of(request.workspace, row.handle))
    try:
        return JsonResponse({"text": canned.render(kept_answer.text, values)})
    except actions.Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)


@allow(May.ANSWER)
@require_POST
def canned_save(request: WorkspaceRequest) -> HttpResponseBase:
    value = request.POST.get("answer", "")
    pk = int(value) if value.isascii() and value.isdigit() and len(value) < 18 else None
    try:
        canned.save(
            request.workspace, request.user, request.POST.get("name", ""), request.POST.get("text", ""), request.POST.get("shortcut", ""),
            request.POST.get("language", ""), pk,
        )  # fmt: skip
        messages.success(request, _("Kept."))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("inbox:canned", workspace=request.workspace.slug)


@allow(May.ANSWER)
@require_POST
def canned_delete(request: WorkspaceRequest, answer: int) -> HttpResponseBase:
    row: Canned = get_object_or_404(Canned.objects.of(request.workspace), pk=answer, deleted_at=None)
    canned.delete(request.workspace, request.user, row)
    messages.success(request, _("The saved answer is gone."))
    return redirect("inbox:canned", workspace=request.workspace.slug)
