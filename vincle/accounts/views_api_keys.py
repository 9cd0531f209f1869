"""Settings, API keys: which programs may speak for the workspace."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import api_keys as keys
from .access import May, WorkspaceRequest, allow
from .by_key import permissions_now
from .forms import ApiKeyForm
from .models import ApiKey
from .rules import Refused

SHOWN = 200


def _levels() -> dict[str, Any]:
    return {
        "read": _("read people, who they are and what they did"),
        "decide": _("read, and decide who is who: merge, split, undo, answer open questions"),
        "speak": _("all that, and prepare what is said: consents, journeys, short links, drafts of posts"),
    }


def _short() -> dict[str, Any]:
    return {"read": _("may read"), "decide": _("may read and decide"), "speak": _("may read, decide and speak")}


def _state(key: ApiKey) -> tuple[str, str, str]:
    """(word, tone, icon)"""
    if key.revoked_at:
        return _("revoked"), "", "circle-x"
    if key.is_late:
        return _("out of date"), "warn", "clock"
    if not permissions_now(key):
        return _("its maker left the team"), "warn", "alert-triangle"
    return _("in use"), "pos", "circle-check"


def _form(request: WorkspaceRequest, data: Any = None) -> ApiKeyForm:
    words = _levels()
    return ApiKeyForm(data, levels=[(level, words[level].capitalize()) for level in keys.grantable(request.membership)])


def _page(request: WorkspaceRequest, form: ApiKeyForm | None = None, **more: Any) -> HttpResponse:
    words = _short()
    rows = ApiKey.objects.of(request.workspace).select_related("created_by").order_by("-created_at", "-pk")[:SHOWN]
    lines = [{"key": key, "state": _state(key), "level": words.get(keys.level_of(key.permissions), "")} for key in rows]
    lines.sort(key=lambda line: line["key"].revoked_at is not None)
    address = request.build_absolute_uri("/api/v1/people?q=maria")
    example = f'curl -H "Authorization: Bearer {more.get("token", "vk_...")}" "{address}"'
    context = {"lines": lines, "form": form or _form(request), "example": example, **more}
    return render(request, "accounts/api_keys.html", context)


@allow(May.MANAGE)
@never_cache
@require_safe
def api_keys(request: WorkspaceRequest) -> HttpResponse:
    return _page(request)


@allow(May.MANAGE)
@never_cache
@require_POST
def make(request: WorkspaceRequest) -> HttpResponse:
    """Answers with the page itself: the key is kept nowhere, this is the one time it can be shown."""
    form = _form(request, request.POST)
    if form.is_valid():
        try:
            key, token = keys.make(request.membership, form.cleaned_data["name"], form.cleaned_data["level"], form.expires_at())
            return _page(request, fresh=key, token=token)
        except Refused as refused:
            form.add_error("name", str(refused))
    return _page(request, form)


@allow(May.MANAGE)
@require_POST
def revoke(request: WorkspaceRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.of(request.workspace), pk=pk)
    try:
        keys.revoke(request.membership, key.pk)
        messages.success(request, _("%(name)s is revoked: it opens nothing any more.") % {"name": key.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("settings:api_keys", workspace=request.workspace.slug)
