"""The editor of a letter: its page, saving, previews, what it offers, test sends."""

from typing import Any

import msgspec
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.store.buckets import Buckets
from vincle.web.middleware import CSP

from . import actions, blocks, branding, editor_words, kinds, links_check, material, pictures, previewing, testing
from .actions import Changed, Refused
from .models import Letter
from .views import framed, one, url

EDITOR_POLICY = CSP.replace("img-src 'self' data:", "img-src 'self' data: https: http:") + "; frame-src 'self'"
MOST_BYTES = 1_000_000
_lookings = Buckets(burst=6, rate=1 / 20)
Json = dict[str, Any]


@allow(May.SEE)
@never_cache
@require_safe
@ensure_csrf_cookie
def edit(request: WorkspaceRequest, letter: int) -> HttpResponse:
    row = one(request, letter)
    may = request.may(May.SPEAK) and row.archived_at is None
    context = {
        "letter": row, "may_speak": may, "state": _state(request, row, may), "words": editor_words.words(), "palette": kinds.palette(),
        "tabs": speaking.tabs(request.workspace, "letters"), "team": testing.team(request.workspace) if may else [],
        "connections": testing.connections(request.workspace) if may else [], "back_url": url(request, "list"),
        "versions_url": url(request, "versions", letter=row.pk), "act_url": url(request, "act", letter=row.pk),
        "brand_url": url(request, "brand"), "keep_url": url(request, "keep", letter=row.pk),
    }  # fmt: skip
    response = render(request, "letters/edit.html", context)
    response["Content-Security-Policy"] = EDITOR_POLICY
    return response


def _state(request: WorkspaceRequest, row: Letter, may: bool) -> Json:
    """Everything the editor's script begins with."""
    workspace = request.workspace
    names = ("save", "preview", "people", "test", "links", "frame")
    return {
        "draft": row.draft, "language": row.language, "revision": row.revision, "name": row.name, "may": may,
        "languages": [{"code": code, "name": str(name)} for code, name in kinds.languages()],
        "urls": {each: url(request, each, letter=row.pk) for each in names}
        | {"pictures": url(request, "pictures"), "quotes": url(request, "quotes")},
        "kinds": {each["kind"]: each for each in kinds.palette()},
        "blanks": {kind: blocks.blank(kind) for kind in blocks.FIELDS},
        "variables": material.variables(workspace), "segments": material.segments(workspace), "products": material.products(workspace),
        "people": material.three(workspace), "places": len(branding.look_of(workspace)["places"]),
    }  # fmt: skip


def _json(request: WorkspaceRequest) -> Json:
    """What the script sent; Refused where it is none of ours."""
    if len(request.body) > MOST_BYTES:
        raise Refused(_("This letter is too long to be kept. Take something out."))
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(_("The letter did not arrive whole. Load the page again.")) from error


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else -1


@allow(May.SPEAK)
@never_cache
@require_POST
def save(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """The draft: {draft, revision, name, language} -> {revision}; 409 where somebody saved meanwhile."""
    row = one(request, letter)
    try:
        told = _json(request)
        name = told["name"] if isinstance(told.get("name"), str) else None
        made = actions.save(
            request.workspace, request.user, row, told.get("draft"), _whole(told.get("revision")), name=name,
            main=str(told.get("language", "")),
        )  # fmt: skip
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    except Changed as changed:
        who = str(changed.letter.changed_by or _("Someone"))
        words = _("%(who)s changed this letter meanwhile.") if changed.letter.archived_at is None else _("This letter was put away.")
        return JsonResponse({"problem": words % {"who": who}, "revision": changed.letter.revision}, status=409)
    return JsonResponse({"revision": made.revision, "name": made.name, "at": timezone.localtime(made.changed_at).strftime("%H:%M")})


@allow(May.SEE)
@never_cache
@require_POST
def preview(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """A draft as someone would get it: {content, language, person, dark} -> what `previewing.preview` says. Nothing is kept."""
    one(request, letter)
    try:
        told = _json(request)
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    person = material.person_of(request.workspace, str(told.get("person") or ""))
    language = str(told.get("language") or "en")[:8]
    found = previewing.preview(request.workspace, told.get("content"), language, person, dark=told.get("dark") is True)
    return JsonResponse(found)


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def frame(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """An empty page with a policy of its own, in which the script shows letters."""
    one(request, letter)
    return framed("<!doctype html><html><head><title></title></head><body></body></html>")


@allow(May.SEE)
@never_cache
@require_safe
def people(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """People the letter can be looked at as."""
    one(request, letter)
    return JsonResponse({"people": material.someone(request.workspace, request.GET.get("q", ""))})


@allow(May.SEE)
@never_cache
@require_safe
def quotes(request: WorkspaceRequest) -> HttpResponse:
    """What customers said in public."""
    return JsonResponse({"quotes": material.quotes(request.workspace, request.GET.get("q", "")[:100])})


@allow(May.SPEAK)
@never_cache
@require_POST
def links(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """Whether the addresses of a draft lead somewhere: {content} -> {sentence, checks}. Takes seconds; nothing is kept."""
    one(request, letter)
    try:
        told = _json(request)
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    if not _lookings.take(f"{request.workspace.pk}:{request.user.pk}"):
        return JsonResponse({"problem": _("The links were asked just now. Wait a minute.")}, status=429)
    looked = links_check.look(blocks.content(told.get("content")))
    words = ngettext("%(n)d address was asked.", "%(n)d addresses were asked.", looked.asked) % {"n": looked.asked}
    rest = ngettext("%(n)d more was not.", "%(n)d more were not.", looked.left) % {"n": looked.left} if looked.left else ""
    fine = "" if looked.found or not looked.asked else _("All of them lead somewhere.")
    found = [{"level": each.level, "block": each.block, "words": each.words} for each in looked.found]
    return JsonResponse({"sentence": " ".join(each for each in (words, rest, fine) if each), "checks": found})


@allow(May.SPEAK)
@never_cache
@require_POST
def test(request: WorkspaceRequest, letter: int) -> HttpResponse:
    """Send it to people of the team: {to, person, language, connection} -> {sentence}."""
    row = one(request, letter)
    try:
        told = _json(request)
        to = [each for each in told.get("to") or [] if isinstance(each, int)]
        sent = testing.send(
            request.workspace, request.user, row, to, person=material.person_of(request.workspace, str(told.get("person") or "")),
            language=str(told.get("language") or "")[:8], connection=_whole(told.get("connection")),
        )  # fmt: skip
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)
    words = ngettext("The test is on its way to one colleague.", "The test is on its way to %(n)d colleagues.", sent)
    return JsonResponse({"sentence": words % {"n": sent}})


@allow(May.SPEAK)
@never_cache
@require_POST
def add_picture(request: WorkspaceRequest) -> HttpResponse:
    """Keep a picture that was chosen or dropped."""
    given = request.FILES.get("picture")
    if given is None or (given.size or 0) > pictures.LARGEST:
        return JsonResponse({"problem": _("Choose a picture of at most %(most)d MB.") % {"most": pictures.LARGEST // 1024**2}}, status=422)
    try:
        return JsonResponse(pictures.shown(pictures.add(request.workspace, request.user, given.name or "", given.read())))
    except Refused as refused:
        return JsonResponse({"problem": str(refused)}, status=422)


@allow(May.SEE)
@never_cache
@require_safe
def list_pictures(request: WorkspaceRequest) -> HttpResponse:
    return JsonResponse({"pictures": pictures.offered(request.workspace)})
