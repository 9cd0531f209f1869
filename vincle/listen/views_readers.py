"""Who reads the texts besides our own readers: nobody, a model on this machine, or one at an address; and how it goes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.language import registry
from vincle.store import outside
from vincle.web.tags.formats import percent

from . import readers_choice
from .labels import SENTIMENTS
from .models import ReaderChoice, Understanding
from .readers_words import ABOUT, ICONS, sentence

_SECRETS = frozenset({"key"})


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def readers(request: WorkspaceRequest) -> HttpResponse:
    """`?reader=`: the form of one; posted to, it is switched on."""
    row = readers_choice.chosen(request.workspace)
    name = request.POST.get("reader", request.GET.get("reader", row.reader if row else ""))
    name = name if name in registry.optional() else ""
    given, wrong = _given(row if row and row.reader == name else None), dict[str, str]()
    if request.method == "POST":
        given |= {key: value for key, value in request.POST.dict().items() if key not in _SECRETS and isinstance(value, str)}
        given |= {"private": request.POST.get("private", "")}
        try:
            readers_choice.choose(request.workspace, request.user, name, request.POST.dict())
        except readers_choice.Refused as error:
            wrong[error.field] = str(error)
        else:
            messages.success(request, _("It is on. Texts are judged beside all else, the newest first."))
            return redirect("listen:readers", workspace=request.workspace.slug)
    return render(request, "listen/readers.html", _context(row, name, given, wrong), status=422 if wrong else 200)


@allow(May.MANAGE)
@require_POST
def off(request: WorkspaceRequest) -> HttpResponse:
    readers_choice.switch_off(request.workspace, request.user)
    messages.success(request, _("It is off: Vincle's own readers read alone, and what the other had said is forgotten."))
    return redirect("listen:readers", workspace=request.workspace.slug)


@allow(May.MANAGE)
@require_POST
def try_out(request: WorkspaceRequest) -> HttpResponse:
    found = readers_choice.try_out(request.workspace)
    if found["code"]:
        messages.error(request, sentence(found))
    else:
        said = {"sentiment": SENTIMENTS[found["sentiment"]], "sure": percent(found["confidence"])}
        messages.success(request, _("It goes: our own example is %(sentiment)s, it says, and is %(sure)s sure.") % said)
    return redirect("listen:readers", workspace=request.workspace.slug)


def _given(row: ReaderChoice | None) -> dict[str, Any]:
    given: dict[str, Any] = {"url": "", "model": "", "most_a_day": readers_choice.USUAL_A_DAY, "private": "", "back": "0"}
    if row is not None:
        given |= {**row.settings, "private": "on" if row.settings.get("private") else ""}
    return given


def _context(row: ReaderChoice | None, name: str, given: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    found = registry.optional()
    known = [each for each in ABOUT if not each or each in found]
    return {
        "choices": [
            {"id": each, "about": ABOUT[each], "icon": ICONS[each], "is_on": each == (row.reader if row else ""), "is_open": each == name}
            for each in known
        ],
        "row": row,
        "state": _state(row) if row else {},
        "name": name,
        "about": ABOUT.get(name),
        "goes_out": bool(name and found[name].goes_out),
        "has_key": bool(row and row.reader == name and row.secret),
        "models": readers_choice.models(),
        "folder": str(readers_choice.folder()),
        "given": given,
        "wrong": wrong,
    }


def _state(row: ReaderChoice) -> dict[str, Any]:
    waiting = Understanding.objects.of(row.workspace_id).filter(seq__gt=row.position).count()
    older = Understanding.objects.of(row.workspace_id).filter(seq__lt=row.back_to) if row.back_to else Understanding.objects.none()
    url = str(row.settings.get("url", ""))
    return {
        "name": ABOUT[row.reader].name if row.reader in ABOUT else row.reader,
        "host": outside.target(url).host if url else "",
        "waiting": waiting + older.filter(point__gte=int(row.since.timestamp()) << 31).count(),
        "trouble": sentence(row.trouble) if row.trouble else "",
        "most": row.settings.get("most_a_day", 0),
        "asked": row.asked,
        "is_over": bool(row.settings.get("most_a_day")) and row.asked >= row.settings["most_a_day"] and row.day == timezone.now().date(),
    }
