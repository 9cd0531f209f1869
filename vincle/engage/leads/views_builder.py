"""The builder, the same for forms and landing pages: items in their order, what each is set to, and the page as it will be beside it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from vincle.accounts.access import May, WorkspaceRequest
from vincle.engage.inbox import teams
from vincle.web.middleware import CSP

from . import actions, blocks, controls, definition, editing, ready_made, showing, uploading, wording
from .actions import Refused
from .definition import KINDS
from .editing import Draft
from .models import Built, Form, Page

_WHOLE_FORM = {"languages", "title", "intro", "button", "ask_at_most", "is_confirmed", "after", "file", "proof", "assign", "tell", "tags",
               "popup", "origins", "colour"}  # fmt: skip
_WHOLE_PAGE = {"languages", "title", "description", "picture", "colour", "is_hidden"}
KINDS_OF_PAGE = blocks.BLOCKS
_PREVIEWED = "; ".join((
    "default-src 'none'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'self'",
))  # fmt: skip


def is_form(row: Built) -> bool:
    return isinstance(row, Form)


def controls_of(row: Built, kind: str) -> list[controls.Control]:
    if is_form(row):
        return controls.for_form(kind, row.workspace)
    return controls.for_page(kind, [(str(each.pk), each.name) for each in uploading.pictures(row.workspace)])


def language_of(request: WorkspaceRequest, draft: Draft) -> str:
    """In which language texts are being written."""
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    languages = draft.get("languages") or ["en"]
    return asked if asked in languages else languages[0]


def page(
    request: WorkspaceRequest, row: Built, opened: str = "", faults: list[definition.Fault] | None = None, status: int = 200
) -> HttpResponse:
    """The whole screen; asked by htmx, only the builder."""
    draft, language = row.draft, language_of(request, row.draft)
    wrong: dict[str, list[str]] = {}
    for each in actions.faults(row) if faults is None else faults:
        wrong.setdefault(each.item, []).append(wording.fault(each.code))
    trail = editing.Trail(row.trail, row.place)
    context = {
        "row": row, "is_form": is_form(row), "language": language, "draft": draft, "items": _items(row, language, wrong, opened),
        "kinds": [(kind, *wording.KINDS[kind]) for kind in (KINDS if is_form(row) else KINDS_OF_PAGE)],
        "languages": _languages(row, language), "other_languages": [(c, n) for c,
        n in showing.NATIVE.items() if c not in draft["languages"]],
        "whole_wrong": wrong.get("", []), "can_undo": trail.can_undo, "can_redo": trail.can_redo, "is_changed": actions.is_changed(row),
        "may_approve": request.may(May.APPROVE), "may_speak": request.may(May.SPEAK), "whole": _whole(row, language), "opened": opened,
        "traits": controls.traits(row.workspace) if is_form(row) else [], "ns": "form" if is_form(row) else "page",
        "people": teams.answerers(row.workspace), "teams": teams.teams_of(row.workspace), "files": uploading.offers(row.workspace),
        "pictures": uploading.pictures(row.workspace) if not is_form(row) else [], "public_url": public_url(row),
        "forms": Form.objects.of(row.workspace).filter(archived_at=None, version__gt=0).order_by("name") if not is_form(row) else [],
    }  # fmt: skip
    name = "leads/_builder.html" if request.headers.get("HX-Request") == "true" else "leads/builder.html"
    answer = render(request, name, context, status=status)
    answer.headers["Content-Security-Policy"] = f"{CSP}; frame-src 'self'"
    return answer


def public_url(row: Built) -> str:
    return f"{settings.PUBLIC_URL}/{'f' if is_form(row) else 'p'}/{row.slug}/"


def _items(row: Built, language: str, wrong: dict[str, list[str]], opened: str) -> list[dict[str, Any]]:
    first = row.draft["languages"][0]
    found = []
    for item in row.draft.get("items", []):
        icon, named = wording.KINDS.get(item["kind"], ("help", item["kind"]))
        shown = definition.say(item.get("label") or item.get("heading") or item.get("text") or {}, language, first)
        found.append({
            "id": item["id"], "kind": item["kind"], "icon": icon, "named": named, "shown": shown or wording.label(item["kind"]),
            "controls": controls.filled(controls_of(row, item["kind"]), item, language), "wrong": wrong.get(item["id"], []),
            "is_open": item["id"] == opened or bool(wrong.get(item["id"]) and not opened), "is_required": item.get("is_required", False),
        })  # fmt: skip
    return found


def _languages(row: Built, language: str) -> list[dict[str, Any]]:
    texts = list(definition.every_text(definition.load(row.draft))) if is_form(row) else _page_texts(row.draft)
    first = row.draft["languages"][0]
    return [
        {"code": code, "name": showing.NATIVE.get(code, code), "is_now": code == language, "is_first": code == first,
         "missing": sum(1 for each in texts if each.get(first) and not each.get(code))}
        for code in row.draft["languages"]
    ]  # fmt: skip


def _page_texts(draft: Draft) -> list[dict[str, str]]:
    found = [draft.get("title", {}), draft.get("description", {})]
    return found + [item.get(name, {}) for item in draft.get("items", []) for name in ("heading", "text", "button", "alt")]


def _whole(row: Built, language: str) -> dict[str, Any]:
    """What is set for the whole, texts in one language."""
    draft = row.draft
    loaded = definition.load(draft) if is_form(row) else blocks.load(draft)
    texts = {name: getattr(loaded, name).get(language, "") for name in ("title", "intro", "button", "description") if hasattr(loaded, name)}
    after = (
        {f"after_{name}": getattr(loaded.after, name).get(language, "") for name in ("title", "text")} if hasattr(loaded, "after") else {}
    )
    return {"of": loaded, **texts, **after}


# Deeds


def edit(request: WorkspaceRequest, row: Built) -> HttpResponseBase:
    """One deed on the draft; what has changed is shown again, or only told where nothing has to be drawn anew."""
    deed = request.POST.get("do", "")
    language = language_of(request, row.draft)
    opened = ""
    try:
        changed, opened = _done(request, row, deed, language)
    except Refused as refused:
        messages.error(request, str(refused))
        return _again(request, row, opened, 422)
    if deed in ("set", "whole") and request.headers.get("HX-Request") == "true" and not request.POST.get("whole_page"):
        answer: HttpResponseBase = render(request, "leads/_state.html", _state(request, changed))
    else:
        answer = _again(request, changed, opened)
    answer.headers["HX-Trigger"] = "vincle:built"
    return answer


def _again(request: WorkspaceRequest, row: Built, opened: str, status: int = 200) -> HttpResponseBase:
    if request.headers.get("HX-Request") == "true":
        return page(request, type(row).objects.of(request.workspace).get(pk=row.pk), opened, status=200)
    return redirect(
        f"leads:{'form' if is_form(row) else 'page'}", workspace=request.workspace.slug, **{"form" if is_form(row) else "page": row.pk}
    )


def _state(request: WorkspaceRequest, row: Built) -> dict[str, Any]:
    trail = editing.Trail(row.trail, row.place)
    return {
        "row": row, "ns": "form" if is_form(row) else "page", "can_undo": trail.can_undo, "can_redo": trail.can_redo,
        "is_changed": actions.is_changed(row), "may_approve": request.may(May.APPROVE), "may_speak": request.may(May.SPEAK),
        "language": language_of(request, row.draft), "is_form": is_form(row),
    }  # fmt: skip


def _done(request: WorkspaceRequest, row: Built, deed: str, language: str) -> tuple[Built, str]:
    """The row as it stands then, and the item to show opened."""
    post = request.POST
    id = post.get("id", "")[:20]
    most = definition.MOST_ITEMS if is_form(row) else blocks.MOST_BLOCKS
    if deed in ("undo", "redo"):
        return actions.step(row, -1 if deed == "undo" else 1), ""
    if deed == "add":
        changed = actions.change(row, lambda draft: editing.add(draft, _new(row, post.get("kind", "")), post.get("after", ""), most))
        return changed, str(changed.draft.get("last") and f"i{changed.draft['last']}")
    if deed == "move":
        by, to = _whole_number(post.get("by")), post.get("to")
        return actions.change(row, lambda draft: editing.move(draft, id, by, _whole_number(to) if to is not None else None)), ""
    deeds: dict[str, Callable[[Draft], Draft]] = {
        "remove": lambda draft: editing.remove(draft, id), "double": lambda draft: editing.double(draft, id, most),
        "set": lambda draft: _set(row, draft, id, request, language), "whole": lambda draft: _set_whole(row, draft, request, language),
        "language": lambda draft: _add_language(draft, post.get("code", "")), "drop_language": lambda draft: _drop_language(draft,
        language),
    }  # fmt: skip
    if deed not in deeds:
        raise Refused(_("That is not known here."))
    return actions.change(row, deeds[deed]), id if deed in ("set",) else ""


def _whole_number(text: str | None) -> int:
    bare = (text or "").removeprefix("-")
    return int(text or 0) if bare.isascii() and bare.isdigit() and len(bare) < 4 else 0


def _new(row: Built, kind: str) -> Draft:
    if kind not in (KINDS if is_form(row) else KINDS_OF_PAGE):
        raise Refused(_("That is not known here."))
    if kind == "consent":
        return ready_made.consent()
    return {"kind": kind, **({"is_required": True} if kind == "email" else {})}


def _set(row: Built, draft: Draft, id: str, request: WorkspaceRequest, language: str) -> Draft:
    item = next((each for each in draft.get("items", []) if each.get("id") == id), None)
    if item is None:
        raise editing.Impossible("gone")
    known = controls_of(row, item["kind"])
    values = controls.read(known, request.POST.dict(), item, language, draft["languages"][0])
    return editing.change(draft, id, values, {*(each.name for each in known)})


def _set_whole(row: Built, draft: Draft, request: WorkspaceRequest, language: str) -> Draft:
    from . import whole

    values = (whole.of_form if is_form(row) else whole.of_page)(row.workspace, request.POST, language)
    return editing.change(draft, "", values, _WHOLE_FORM if is_form(row) else _WHOLE_PAGE)


def _add_language(draft: Draft, code: str) -> Draft:
    if code not in showing.LANGUAGES or code in draft["languages"]:
        return draft
    return {**draft, "languages": [*draft["languages"], code]}


def _drop_language(draft: Draft, code: str) -> Draft:
    left = [each for each in draft["languages"] if each != code]
    return {**draft, "languages": left} if left else draft


def preview(request: WorkspaceRequest, row: Built) -> HttpResponseBase:
    """The draft as the public would see it; nothing in it can be sent."""
    language = language_of(request, row.draft)
    with translation.override(language):
        answer = _drawn(request, row, language)
    answer.headers["Content-Security-Policy"] = _PREVIEWED
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _drawn(request: WorkspaceRequest, row: Built, language: str) -> HttpResponse:
    from . import previewing

    if isinstance(row, Page):
        return previewing.of_page(request, row, language)
    assert isinstance(row, Form)
    return previewing.of_form(request, row, language)
