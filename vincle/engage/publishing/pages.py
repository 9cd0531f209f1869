"""What the pages of posts share: their places, moments as people type them, and how states look."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.access import May, WorkspaceRequest
from vincle.engage import speaking
from vincle.engage.outbox import actions as outbox

from . import places, wording
from .models import Idea, Post

State = Post.State
TONES: Final = {
    State.DRAFT: ("pencil", "plain"), State.WAITING: ("hourglass", "warn"), State.SCHEDULED: ("clock", ""), State.LEAVING: ("send", ""),
    State.SENT: ("check", "pos"), State.FAILED: ("alert-triangle", "attn"), State.REMOVED: ("trash", "plain"),
}  # fmt: skip
"""Icon and tone of a state."""


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"publishing:{name}", kwargs={"workspace": request.workspace.slug, **more})


def shell(request: WorkspaceRequest, here: str, more: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """Tabs, pages within Posts, and what whoever looks may do."""
    waiting = Post.objects.of(request.workspace).filter(state=State.WAITING, idea__archived_at=None).count()
    failed = Post.objects.of(request.workspace).filter(state=State.FAILED, idea__archived_at=None).count()
    rows = [
        ("calendar", _("Calendar"), url(request, "calendar"), None),
        ("list", _("List"), url(request, "list"), None),
        ("queue", _("Queue"), url(request, "queue"), None),
        ("times", _("Best times"), url(request, "times"), None),
        ("links", _("Short links"), url(request, "links"), None),
    ]
    return {
        "speaking_tabs": speaking.tabs(request.workspace, "posts"),
        "pages": [(label, where, key == here, count) for key, label, where, count in rows],
        "may_speak": request.may(May.SPEAK), "may_approve": request.may(May.APPROVE), "may_manage": request.may(May.MANAGE),
        "waiting": waiting, "failed": failed,
        "waiting_url": _list_url(request, State.WAITING), "failed_url": _list_url(request, State.FAILED),
        **more,
    }  # fmt: skip


def _list_url(request: WorkspaceRequest, state: str) -> str:
    return f"{url(request, 'list')}?{urlencode({'state': state})}"


def post_of(request: WorkspaceRequest, public: str) -> Post:
    rows = Post.objects.of(request.workspace).select_related("idea", "connection__workspace", "by", "approved_by", "series")
    found: Post | None = rows.filter(public=public.replace("\0", "")).first()
    if found is None:
        raise Http404("no such post")
    return found


def idea_of(request: WorkspaceRequest, public: str) -> Idea:
    found: Idea | None = Idea.objects.of(request.workspace).filter(public=public.replace("\0", "")).first()
    if found is None:
        raise Http404("no such idea")
    return found


def moment(text: str) -> datetime | None:
    """What a field of date and time holds, in the time zone of whoever looks; None when it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=timezone.get_current_timezone())
    try:
        return found.astimezone(timezone.get_fixed_timezone(0))
    except (OverflowError, ValueError):
        return None


def field_value(at: datetime | None) -> str:
    """A moment as a field of date and time takes it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M") if at else ""


def look(post: Post) -> dict[str, Any]:
    """How a post's state is shown."""
    icon, tone = TONES[State(post.state)]
    why = wording.problem(post.problem_code, post.problem_detail) if post.problem_code else ""
    if post.problem_code == "misfit" and post.problem_detail:
        why = post.problem_detail
    url = post.url if post.url.startswith(("https://", "http://")) else ""
    return {
        "icon": icon,
        "url": url,
        "where": places.called(post.connection),
        "tone": tone,
        "label": State(post.state).label,
        "why": why,
        "is_doubtful": post.problem_code == outbox.UNTOLD,
    }
