"""Letters: their list, a new one, the editor, and what is done with one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.store.folding import fold
from vincle.web.middleware import CSP
from vincle.web.tags.formats import number

from . import actions, branding, kinds, plain, previewing, ready_made
from .actions import Refused
from .models import Letter
from .phrases import LANGUAGES
from .views_public import FRAME_POLICY

PAGE = 40


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"letters:{name}", kwargs={"workspace": request.workspace.slug, **more})


def one(request: WorkspaceRequest, pk: int) -> Letter:
    """The letter of this workspace, put away or not. Http404."""
    found: Letter = get_object_or_404(Letter.objects.of(request.workspace).select_related("changed_by"), pk=pk)
    return found


@allow(May.SEE)
@never_cache
@require_safe
def list_letters(request: WorkspaceRequest) -> HttpResponse:
    put_away = request.GET.get("put_away") == "yes"
    rows = Letter.objects.of(request.workspace).filter(archived_at__isnull=not put_away).select_related("changed_by")
    asked = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split()
    every = [row for row in rows.order_by("-changed_at", "-pk")[:2_000] if all(word in fold(_searched(row)) for word in asked)]
    start = int(found) if (found := request.GET.get("after", "")).isascii() and found.isdigit() and len(found) < 6 else 0
    shown = every[start : start + PAGE]
    context = {
        "rows": [_row(request, row) for row in shown], "nothing": not every and not asked and not put_away, "title": _title(len(every)),
        "after": start + PAGE if start + PAGE < len(every) else None, "tabs": speaking.tabs(request.workspace, "letters"),
        "before_url": f"?after={max(start - PAGE, 0)}" if start else "", "put_away": put_away, "put_away_choices": [("yes", _("Put away"))],
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(len(every))},
        "may_speak": request.may(May.SPEAK), "new_url": url(request, "new"), "brand_url": url(request, "brand"),
    }  # fmt: skip
    return render(request, "letters/list.html", context)


def _title(n: int) -> str:
    return ngettext("%(n)s letter", "%(n)s letters", n) % {"n": number(n)} if n else _("Letters")


def _searched(row: Letter) -> str:
    return " ".join([row.name, *(content.get("subject", "") for content in row.draft.values())])


def _row(request: WorkspaceRequest, row: Letter) -> dict[str, Any]:
    subject = plain.without_liquid(row.draft.get(row.language, {}).get("subject", ""))
    languages = [row.language, *sorted(set(row.draft) - {row.language})]
    return {
        "letter": row, "subject": subject, "url": url(request, "edit", letter=row.pk), "act_url": url(request, "act", letter=row.pk),
        "languages": languages,
    }  # fmt: skip


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponseBase:
    """Choose what to begin with, in which languages."""
    here = next((code for code in (request.LANGUAGE_CODE,) if code in LANGUAGES), "en")
    if request.method == "POST":
        return _made(request, here)
    cards = [
        {"key": key, "name": name, "use": use, "frame_url": f"{url(request, 'ready')}?key={key}&language={here}"}
        for key, name, use in kinds.ready()
    ]
    context = {
        "cards": cards,
        "languages": [(code, name, code == here) for code, name in kinds.languages()], "back_url": url(request, "list"),
    }  # fmt: skip
    response = render(request, "letters/new.html", context)
    response["Content-Security-Policy"] = f"{CSP}; frame-src 'self'"
    return response


def _made(request: WorkspaceRequest, here: str) -> HttpResponseBase:
    asked = [code for code in LANGUAGES if code in request.POST.getlist("language")] or [here]
    main = here if here in asked else asked[0]
    key = request.POST.get("template", "")
    names = {each: str(name) for each, name, _use in kinds.ready()}
    website = branding.look_of(request.workspace)["website"]
    draft = {code: ready_made.letter(key, code, website) for code in asked} if key in names else {code: {} for code in asked}
    name = request.POST.get("name", "").strip() or names.get(key) or _("New letter")
    made = actions.create(request.workspace, request.user, name, language=main, draft=draft, template=key if key in names else "")
    return redirect("letters:edit", workspace=request.workspace.slug, letter=made.pk)


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def ready(request: WorkspaceRequest) -> HttpResponse:
    """A ready-made letter (`key`, `language`) as it looks in our brand."""
    key, language = request.GET.get("key", ""), request.GET.get("language", "")
    look = branding.look_of(request.workspace)
    known = key in ready_made.KEYS and language in LANGUAGES
    return framed(previewing.page(request.workspace, ready_made.letter(key, language, look["website"]), look, language) if known else "")


def framed(page: str) -> HttpResponse:
    """A letter as a page of its own that may stand in a frame of ours and in which nothing runs."""
    response = HttpResponse(page.replace("@media (prefers-color-scheme:dark)", "@media not all"))
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


@allow(May.SPEAK)
@never_cache
@require_POST
def act(request: WorkspaceRequest, letter: int) -> HttpResponseBase:
    """Copy, put away, take out again: `do` says what."""
    row, do = one(request, letter), request.POST.get("do", "")
    if do == "copy":
        made = actions.copy(request.workspace, request.user, row)
        messages.success(request, _("“%(name)s” is a copy.") % {"name": made.name})
        return redirect("letters:edit", workspace=request.workspace.slug, letter=made.pk)
    if do in ("away", "back"):
        actions.archive(request.workspace, request.user, row, away=do == "away")
        undo = f"undo:{url(request, 'back', letter=row.pk)}"
        if do == "away":
            messages.success(request, _("“%(name)s” is put away.") % {"name": row.name}, extra_tags=undo)
        else:
            messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
    return redirect("letters:list", workspace=request.workspace.slug)


@allow(May.SPEAK)
@never_cache
@require_POST
def put_back(request: WorkspaceRequest, letter: int) -> HttpResponseBase:
    """What undoing a putting away posts to."""
    row = one(request, letter)
    actions.archive(request.workspace, request.user, row, away=False)
    messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
    return redirect("letters:list", workspace=request.workspace.slug)


@allow(May.SPEAK)
@never_cache
@require_POST
def keep(request: WorkspaceRequest, letter: int) -> HttpResponseBase:
    """The draft as a version with a note."""
    row = one(request, letter)
    try:
        version = actions.keep(request.workspace, request.user, row, request.POST.get("note", ""))
        messages.success(request, _("Version %(number)d is kept.") % {"number": version.number})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("letters:versions", workspace=request.workspace.slug, letter=row.pk)
