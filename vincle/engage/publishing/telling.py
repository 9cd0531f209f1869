"""The bell: someone is told of a post that did not leave, of one to approve, and of one that was sent back."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.access import May, may
from vincle.accounts.models import Membership, User, Workspace
from vincle.listen import notices, notices_words
from vincle.listen.models import Alert, Notice, NoticeFor

from .models import Post

KIND = "post"


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    for code, worded in {"post_failed": _failed, "post_waits": _waits, "post_back": _back}.items():
        notices_words.register(code, worded)
        notices.register_place(code, _place)


def failed(post: Post) -> None:
    """Whoever wrote it and whoever let it go. Inside the caller's transaction."""
    users = [user for user in (post.by, post.approved_by) if user is not None]
    _ring(post, "post_failed", users or _approvers(post.workspace), f"f:{post.public}:{post.tries}")


def waits(post: Post, by: User) -> None:
    """Those who may let it go. Inside the caller's transaction."""
    users = [user for user in _approvers(post.workspace) if user.pk != by.pk]
    _ring(post, "post_waits", users, f"w:{post.public}:{int(post.updated_at.timestamp())}", by=str(by))


def sent_back(post: Post, by: User) -> None:
    """Whoever wrote it. Inside the caller's transaction."""
    if post.by is not None and post.by_id != by.pk:
        _ring(post, "post_back", [post.by], f"b:{post.public}:{int(post.updated_at.timestamp())}", by=str(by))


def _approvers(workspace: Workspace) -> list[User]:
    rows = Membership.objects.filter(workspace=workspace, user__is_active=True).select_related("user")
    return [row.user for row in rows if may(row.role, May.APPROVE)]


def _ring(post: Post, code: str, users: Iterable[User], key: str, **values: Any) -> None:
    now = timezone.now()
    # The bell hangs notices on a rule: this one is the house's own, and stands in no list of rules.
    rule, _new = Alert.objects.get_or_create(
        workspace=post.workspace, kind=KIND, defaults={"name": _("Posts"), "is_on": False, "archived_at": now, "mail": ""}
    )
    values |= {"post": post.public, "name": post.idea.name}
    notice, fresh = Notice.objects.get_or_create(
        workspace=post.workspace, alert=rule, key=key[:60], defaults={"code": code, "values": values, "happened_at": now, "at": now}
    )
    if fresh:
        for user in {user.pk: user for user in users}.values():
            NoticeFor.objects.create(workspace=post.workspace, notice=notice, user=user)


def _failed(values: Mapping[str, Any], name: str) -> str:
    return _("“%(name)s” was not posted") % {"name": values.get("name", "")}


def _waits(values: Mapping[str, Any], name: str) -> str:
    return _("%(name)s asks you to approve “%(post)s”") % {"name": values.get("by", ""), "post": values.get("name", "")}


def _back(values: Mapping[str, Any], name: str) -> str:
    return _("%(name)s sent “%(post)s” back") % {"name": values.get("by", ""), "post": values.get("name", "")}


def _place(workspace: Workspace, values: Mapping[str, Any]) -> str:
    return reverse("publishing:post", kwargs={"workspace": workspace.slug, "post": str(values.get("post", ""))})
