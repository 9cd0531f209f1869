"""What happens by itself, beside the steps: posts leave when their time comes, series and the queue fill the calendar."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone

from vincle.channels.live import Command, File
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.listen import log
from vincle.store.blame import said

from . import links, places, repeating, results, sharing, telling, wording
from .ideas import settings_of
from .models import Post

State = Post.State
AT_ONCE: Final = 20
FILL_EVERY: Final = 60.0
"""Seconds between two looks whether series and queues want more posts."""
_next_fill = [0.0]
logger = structlog.get_logger(__name__)


def turn(now: datetime | None = None) -> int:
    """One round; returns how many posts moved. Called by the worker."""
    now = now or timezone.now()
    moved = _leave(now) + _follow(now)
    if monotonic() >= _next_fill[0]:
        _next_fill[0] = monotonic() + FILL_EVERY
        moved += repeating.fill(now)
    return moved


def _leave(now: datetime) -> int:
    due = Post.objects.filter(state=State.SCHEDULED, at__lte=now).order_by("at").values_list("pk", flat=True)[:AT_ONCE]
    moved = 0
    for pk in list(due):
        try:
            moved += _hand_over(pk, now)
        except Exception as error:
            logger.error("a post could not be handed over", post=pk, error=said(error))
            Post.objects.filter(pk=pk, state=State.SCHEDULED).update(
                state=State.FAILED, problem_code="interrupted", problem_detail=type(error).__name__, updated_at=now
            )
    return moved


def _hand_over(pk: int, now: datetime) -> int:
    """One post into the outbox, in one transaction: it is there once, however often this is tried."""
    stood = log.last_seq()
    with transaction.atomic():
        if not Post.objects.filter(pk=pk, state=State.SCHEDULED, at__lte=now).update(state=State.LEAVING, updated_at=now):
            return 0
        post = Post.objects.select_related("workspace", "idea", "connection__workspace", "approved_by").get(pk=pk)
        if code := _obstacle(post, now):
            _fail(post, code[0], code[1], now)
            return 1
        command = _command(post)
        key = f"post:{post.public}" + (f":{post.tries}" if post.tries else "")
        send = outbox.put(
            post.workspace, post.approved_by, post.connection, command, key=key, purpose=Send.Purpose.SERVICE, hold=timedelta()
        )
        post.send, post.tries, post.said, post.from_seq = send.pk, post.tries + 1, command.text, stood
        post.save(update_fields=["send", "tries", "said", "from_seq"])
    return 1


def _obstacle(post: Post, now: datetime) -> tuple[str, str] | None:
    """(code, detail) of why it may not leave as it stands."""
    late = timedelta(hours=settings_of(post.workspace).late_hours)
    if post.at is not None and now - post.at > late:
        return ("late", "")
    if post.approved_at is None:
        return ("misfit", "not approved")
    place = places.place_of(post.connection)
    if place is None:
        return ("no_connection", "")
    files = places.attachments(list(post.idea.pictures.defer("content").order_by("rank", "pk")))
    wrong = next((each for each in places.fit(place, post.idea, post.words, files, post.place).troubles if each.stops), None)
    return ("misfit", wording.trouble(wrong)) if wrong else None


def _command(post: Post) -> Command:
    place = places.place_of(post.connection)
    pictures = list(post.idea.pictures.order_by("rank", "pk"))
    text, extra = links.shortened(post) if post.idea.shortens else post.words, {}
    if post.idea.language:
        extra["language"] = post.idea.language
    files = tuple(File(name=each.name, content_type=each.content_type, content=bytes(each.content), alt=each.alt) for each in pictures)
    if place is not None and place.posting.fetches and pictures:
        kind = "video_url" if pictures[0].content_type.startswith("video/") else "image_url"
        extra[kind] = sharing.picture_url(pictures[0])
        files = ()
    return Command(deed="post", text=text, files=files, to=(post.place,) if post.place else (), extra=extra)


def _fail(post: Post, code: str, detail: str, now: datetime) -> None:
    Post.objects.filter(pk=post.pk).update(
        state=State.FAILED, problem_code=code[:60], problem_detail=detail[:300], updated_at=now
    )  # fmt: skip
    post.problem_code, post.problem_detail = code, detail
    telling.failed(post)
    logger.info("a post did not leave", post=post.pk, code=code)


def _follow(now: datetime) -> int:
    """What became of those that were handed over."""
    posts = list(Post.objects.filter(state=State.LEAVING, send__isnull=False).select_related("workspace", "idea").order_by("pk")[:200])
    sends = {send.pk: send for send in Send.objects.filter(pk__in=[post.send for post in posts]).defer("command")}
    return sum(_settle(post, sends.get(post.send or 0), now) for post in posts)


def _settle(post: Post, send: Send | None, now: datetime) -> int:
    if send is not None and send.state in (Send.State.HELD, Send.State.WAITING, Send.State.SENDING):
        return 0
    with transaction.atomic():
        rows = Post.objects.filter(pk=post.pk, state=State.LEAVING)
        if send is not None and send.state == Send.State.SENT:
            sent = {"native_id": send.native_id, "url": send.url, "left_at": send.sent_at or now}
            if rows.update(state=State.SENT, problem_code="", problem_detail="", updated_at=now, **sent):
                results.catch_up(Post.objects.get(pk=post.pk))
        elif send is None or send.state == Send.State.CANCELLED:
            rows.update(state=State.DRAFT, send=None, problem_code="taken_back", updated_at=now)
        else:
            _fail(post, outbox.UNTOLD if send.state == "doubtful" else send.problem_code or send.state, send.problem_detail, now)
    return 1
