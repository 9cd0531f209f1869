"""When a post leaves, and with whose approval. Each verb: check, do, trace; what can be undone returns what undoes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.access import May, may
from vincle.accounts.models import Membership, User, Workspace
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send

from . import places, wording
from .ideas import Refused, settings_of
from .models import Post

State = Post.State
FARTHEST: Final = timedelta(days=730)
_SALT: Final = "publishing.undo"
_UNDOABLE: Final = (State.DRAFT, State.WAITING, State.SCHEDULED, State.REMOVED)


def may_approve_alone(workspace: Workspace, user: User, post: Post) -> bool:
    """Whether someone who may approve may do so here: where two are asked for, nobody approves their own words while another could."""
    if not settings_of(workspace).needs_second or post.by_id != user.pk:
        return True
    others = Membership.objects.filter(workspace=workspace, user__is_active=True).exclude(user=user).values_list("role", flat=True)
    return not any(may(role, May.APPROVE) for role in others)


def plan(workspace: Workspace, user: User, post: Post, at: datetime, approves: bool, now: datetime | None = None) -> Post:
    """Have it leave at `at`: at once scheduled by someone who may approve, else it waits for approval. Raises Refused."""
    now = now or timezone.now()
    if at > now + FARTHEST:
        raise Refused(_("This is more than two years away."))
    with transaction.atomic():
        post = _locked(workspace, post)
        if not post.is_open:
            raise Refused(_("This post has left already."))
        if post.state == State.FAILED and post.send is not None:
            raise Refused(_("This post failed on its way: try it again, or copy its idea."))
        _check_fits(post)
        post.at, post.note, post.problem_code, post.problem_detail = max(at, now), "", "", ""
        _let(workspace, user, post, approves, now)
        audit.record(workspace, user, "planned", "post", post.public, post.idea.name, at=post.at.isoformat(), state=post.state)
    return post


def _let(workspace: Workspace, user: User, post: Post, approves: bool, now: datetime) -> None:
    """Scheduled when this user may let it go, else waiting."""
    if approves and may_approve_alone(workspace, user, post):
        post.state, post.approved_by, post.approved_at = State.SCHEDULED, user, now
    else:
        post.state, post.approved_by, post.approved_at = State.WAITING, None, None
    post.updated_at = now
    post.save()


def _locked(workspace: Workspace, post: Post) -> Post:
    rows = Post.objects.of(workspace).select_related("idea", "connection__workspace").select_for_update(of=("self",))
    found: Post = rows.get(pk=post.pk)
    return found


def _check_fits(post: Post) -> None:
    place = places.place_of(post.connection)
    if place is None:
        raise Refused(wording.of(wording.TROUBLE, "no_connection"))
    files = places.attachments(list(post.idea.pictures.defer("content").order_by("rank", "pk")))
    wrong = next((each for each in places.fit(place, post.idea, post.words, files, post.place).troubles if each.stops), None)
    if wrong:
        raise Refused(f"{place.name}: {wording.trouble(wrong)}")


def approve(workspace: Workspace, user: User, post: Post, now: datetime | None = None) -> str:
    """Let it go; returns what takes that back. One whose time has passed meanwhile leaves now. Raises Refused."""
    now = now or timezone.now()
    with transaction.atomic():
        post = _locked(workspace, post)
        if post.state != State.WAITING:
            raise Refused(_("This post does not wait for approval."))
        if not may_approve_alone(workspace, user, post):
            raise Refused(_("Someone else has to approve what you wrote."))
        _check_fits(post)
        before = _snapshot(post)
        post.state, post.approved_by, post.approved_at, post.note, post.updated_at = State.SCHEDULED, user, now, "", now
        post.at = max(post.at or now, now)
        post.save()
        audit.record(workspace, user, "approved", "post", post.public, post.idea.name, at=post.at.isoformat())
    return _token(workspace, post, before)


def send_back(workspace: Workspace, user: User, post: Post, note: str) -> None:
    """Not like this: a draft again, with the reason. Raises Refused."""
    with transaction.atomic():
        post = _locked(workspace, post)
        if post.state not in (State.WAITING, State.SCHEDULED):
            raise Refused(_("This post does not wait for approval."))
        post.state, post.approved_by, post.approved_at, post.updated_at = State.DRAFT, None, None, timezone.now()
        post.note = " ".join(note.replace("\x00", "").split())[:500]
        post.save()
        audit.record(workspace, user, "sent back", "post", post.public, post.idea.name, why=post.note)


def move(workspace: Workspace, user: User, post: Post, at: datetime, approves: bool, now: datetime | None = None) -> str:
    """Another time; returns what takes that back. A time chosen by someone who may not approve is approved anew. Raises Refused."""
    now = now or timezone.now()
    with transaction.atomic():
        post = _locked(workspace, post)
        if post.state not in (State.DRAFT, State.WAITING, State.SCHEDULED):
            raise Refused(_("This post cannot be moved any more."))
        if at < now:
            raise Refused(_("This time has passed."))
        if at > now + FARTHEST:
            raise Refused(_("This is more than two years away."))
        before = _snapshot(post)
        post.at, post.updated_at = at, now
        if post.state == State.SCHEDULED and not approves:
            post.state, post.approved_by, post.approved_at = State.WAITING, None, None
        post.save()
        audit.record(workspace, user, "moved", "post", post.public, post.idea.name, at=at.isoformat(), before=before["at"])
    return _token(workspace, post, before)


def remove(workspace: Workspace, user: User, post: Post) -> str:
    """Take it off the calendar; returns what brings it back. Raises Refused."""
    with transaction.atomic():
        post = _locked(workspace, post)
        if not post.is_open:
            raise Refused(_("This post has left already."))
        before = _snapshot(post)
        post.state, post.updated_at = State.REMOVED, timezone.now()
        post.save()
        audit.record(workspace, user, "removed", "post", post.public, post.idea.name)
    return _token(workspace, post, before) if before["state"] in _UNDOABLE else ""


def _snapshot(post: Post) -> dict[str, Any]:
    return {
        "state": str(post.state), "at": post.at.isoformat() if post.at else None, "by": post.approved_by_id,
        "when": post.approved_at.isoformat() if post.approved_at else None,
    }  # fmt: skip


def _token(workspace: Workspace, post: Post, before: dict[str, Any]) -> str:
    after = post.updated_at.isoformat()
    return signing.dumps({"workspace": workspace.pk, "post": post.public, "after": after, **before}, salt=_SALT, compress=True)


def undo(workspace: Workspace, user: User, token: str) -> Post | None:
    """Put back what a verb changed; None when the post has changed since, or the token is none of this workspace."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=86400)
    except signing.BadSignature:
        return None
    if told.get("workspace") != workspace.pk:
        return None
    at, when = (datetime.fromisoformat(told[name]) if told[name] else None for name in ("at", "when"))
    with transaction.atomic():
        rows = Post.objects.of(workspace).filter(public=told["post"], state__in=_UNDOABLE).select_for_update()
        post: Post | None = rows.first()
        if post is None or post.updated_at.isoformat() != told["after"]:
            return None
        if told["state"] == State.SCHEDULED and at and at < timezone.now():
            return None
        post.state, post.at, post.approved_by_id, post.approved_at, post.updated_at = told["state"], at, told["by"], when, timezone.now()
        post.save()
        audit.record(workspace, user, "took back a change of", "post", post.public, post.idea.name)
    return post


def retry(workspace: Workspace, user: User, post: Post) -> None:
    """Try a failed one again now: the same send where it has one (it asks first whether it went through). Raises Refused."""
    with transaction.atomic():
        post = _locked(workspace, post)
        if post.state != State.FAILED:
            raise Refused(_("This post did not fail."))
        if post.problem_code == outbox.UNTOLD:
            raise Refused(wording.problem(post.problem_code))
        send = Send.objects.of(workspace).filter(pk=post.send).first() if post.send else None
        if send is not None and send.state == Send.State.FAILED:
            outbox.retry(workspace, user, send)
            post.state = State.LEAVING
        else:
            _check_fits(post)
            post.state, post.at, post.send = State.SCHEDULED, timezone.now(), None
            post.approved_by, post.approved_at = user, timezone.now()
        post.problem_code, post.problem_detail, post.updated_at = "", "", timezone.now()
        post.save()
        audit.record(workspace, user, "tried again", "post", post.public, post.idea.name)


def settle_doubt(workspace: Workspace, user: User, post: Post, was_posted: bool) -> None:
    """Someone looked: it stands there, or it does not and is a draft again. Raises Refused."""
    with transaction.atomic():
        post = _locked(workspace, post)
        if post.state != State.FAILED or post.problem_code != outbox.UNTOLD:
            raise Refused(_("There is no doubt about this post."))
        post.state = State.SENT if was_posted else State.DRAFT
        post.left_at, post.send = (post.at, post.send) if was_posted else (None, None)
        post.problem_code, post.problem_detail, post.updated_at = "", "", timezone.now()
        post.save()
        audit.record(workspace, user, "looked after", "post", post.public, post.idea.name, posted=was_posted)


def plan_many(workspace: Workspace, user: User, posts: Sequence[Post], at: datetime, approves: bool) -> list[str]:
    """Plan each; returns what stood in the way, in words."""
    wrong = []
    for post in posts:
        try:
            plan(workspace, user, post, at, approves)
        except Refused as no:
            wrong.append(str(no))
    return wrong
