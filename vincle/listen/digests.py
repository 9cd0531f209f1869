"""The letter of a day or a week: what was noticed, and what kept queries brought, for one of the team in their own language.

It leaves at eight in the morning of the workspace (weekly: on Mondays) and tells of the time up to then. A row says up to when it has
told; it is moved when the letter has gone. A letter that cannot leave is tried again, with the same contents and the same id, so that
a mailbox that had it already does not show it twice.
"""

import smtplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Case, Q, When
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from vincle.accounts.models import Membership, User, Workspace
from vincle.store import lease

from . import notices, stream
from .fulltext import point_of
from .models import Alert, Digest, Listening, Match, NoticeFor
from .notices_words import title

HOUR: Final = 8
MOST: Final = 4
LINES, QUOTED = 20, 3
SALT: Final = "digest"
PAUSES: Final = (60, 300, 1800, 7200)
SWEEP: Final = 600.0
_next_sweep = [0.0]
_DAYS = {Alert.Mail.DAILY: 1, Alert.Mail.WEEKLY: 7}
logger = structlog.get_logger(__name__)


def next_moment(zone: str, every: str, after: datetime) -> datetime:
    """When the next letter is due: eight o'clock of a workspace's day, or of its Monday.

    >>> str(next_moment("Europe/Madrid", "weekly", datetime(2026, 11, 22, 12, tzinfo=UTC)))
    '2026-11-23 07:00:00+00:00'
    """
    there = ZoneInfo(zone)
    day = after.astimezone(there).date()
    while True:
        at = datetime.combine(day, time(HOUR), there).astimezone(UTC)
        if at > after and (every == Alert.Mail.DAILY or day.weekday() == 0):
            return at
        day += timedelta(days=1)


def begin(workspace: Workspace, users: Iterable[int], every: str) -> None:
    """See to it that these users have such a letter; whoever stopped it is left in peace."""
    if every not in _DAYS:
        return
    now = timezone.now()
    there = set(Digest.objects.of(workspace).filter(every=every).values_list("user_id", flat=True))
    due = next_moment(workspace.timezone, every, now)
    rows = [Digest(workspace=workspace, user_id=user, every=every, told_until=now, next_at=due) for user in users if user not in there]
    Digest.objects.bulk_create(rows, ignore_conflicts=True)


def turn() -> int:
    """Send what is due; returns how many letters were seen to."""
    if monotonic() >= _next_sweep[0]:
        _next_sweep[0] = monotonic() + SWEEP
        _begin_missing()
        notices.sweep()
    now = timezone.now()
    free = Q(owner="") | Q(lease_until__lt=now)
    due = Digest.objects.filter(free, is_off=False, next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:MOST]
    return sum(_take(pk) for pk in list(due))


def _begin_missing() -> None:
    """Letters of those who came into the team, and of queries that are to be written of."""
    wanted = {
        *Alert.objects.filter(archived_at=None, is_on=True).exclude(mail="").values_list("workspace_id", "mail"),
        *Listening.objects.filter(archived_at=None, is_draft=False).exclude(mail="").values_list("workspace_id", "mail"),
    }
    for workspace, every in wanted:
        team = Membership.objects.of(workspace).values_list("user_id", flat=True)
        begin(Workspace.objects.get(pk=workspace), team, every)


def _take(pk: int) -> int:
    rows = Digest.objects.filter(pk=pk, is_off=False, next_at__lte=timezone.now())
    if not lease.claim(rows):
        return 0
    row = Digest.objects.select_related("workspace", "user").get(pk=pk)
    held = Digest.objects.filter(pk=pk, owner=lease.ME)
    try:
        letter = compose(row)
        if letter is not None:
            letter.send()
    except (OSError, smtplib.SMTPException) as error:
        pause = PAUSES[min(row.tries, len(PAUSES) - 1)]
        why = f"{type(error).__name__}: {error}"[:300]
        # `next_at` says up to when it tells; the pause is kept by the lease.
        held.update(tries=row.tries + 1, trouble=why, lease_until=timezone.now() + timedelta(seconds=pause), owner="waits:0:0")
        logger.warning("a digest did not leave", digest=pk, error=why)
        return 1
    with transaction.atomic():
        until = _until(row)
        after = max(until, timezone.now())
        sent = {"sent_at": timezone.now()} if letter is not None else {}
        due = next_moment(row.workspace.timezone, row.every, after)
        held.update(told_until=until, next_at=due, tries=0, trouble="", **sent)
    lease.release(Digest.objects.filter(pk=pk, owner=lease.ME))
    return 1


def _until(row: Digest) -> datetime:
    """A letter that is days late, because nobody worked, tells of all the time up to the last morning."""
    days = _DAYS[Alert.Mail(row.every)]
    until, now = row.next_at, timezone.now()
    while (later := next_moment(row.workspace.timezone, row.every, until)) <= now and later - until <= timedelta(days=days + 1):
        until = later
    return until


@dataclass(frozen=True)
class Line:
    """A notice of a letter."""

    title: str
    alert: str
    at: datetime
    url: str
    is_grave: bool


@dataclass(frozen=True)
class Part:
    """What a kept query brought: `before` is what the time before brought."""

    name: str
    count: int
    before: int
    words: Sequence[str]
    url: str

    @property
    def counted(self) -> str:
        return ngettext("%(n)s new text", "%(n)s new texts", self.count) % {"n": self.count}


def compose(row: Digest) -> EmailMultiAlternatives | None:
    """The letter of the time since the last one; None when there is nothing to tell, or nobody any more to tell it."""
    user, workspace = row.user, row.workspace
    if not user.is_active or not Membership.objects.of(workspace).filter(user=user).exists():
        return None
    language = user.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(ZoneInfo(workspace.timezone)):
        until = _until(row)
        lines, count = _lines(row, until)
        parts = [part for each in _queries(row) if (part := _part(row, each, until)).count]
        if not lines and not parts:
            return None
        context = {
            "workspace": workspace, "lines": lines, "more": count - len(lines), "parts": parts, "language": language, "row": row,
            "alerts_url": _address("listen:alerts", workspace), "off_url": off_url(row), "is_weekly": row.every == Alert.Mail.WEEKLY,
        }  # fmt: skip
        return _letter(row, until, _subject(workspace, count, parts), context)


def _letter(row: Digest, until: datetime, subject: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    headers = {
        "Message-ID": f"<digest-{row.pk}-{int(until.timestamp())}@{host}>", "List-Unsubscribe": f"<{off_url(row)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated",
    }  # fmt: skip
    text = render_to_string("listen/mail/digest.txt", context)
    letter = EmailMultiAlternatives(" ".join(subject.split()), text, to=[row.user.email], headers=headers)
    letter.attach_alternative(render_to_string("listen/mail/digest.html", context), "text/html")
    return letter


def _subject(workspace: Workspace, count: int, parts: Sequence[Part]) -> str:
    told = []
    if count:
        told.append(ngettext("%(n)s notice", "%(n)s notices", count) % {"n": count})
    if texts := sum(part.count for part in parts):
        told.append(ngettext("%(n)s new text", "%(n)s new texts", texts) % {"n": texts})
    return f"{workspace.name}: {', '.join(told)}"


def _lines(row: Digest, until: datetime) -> tuple[list[Line], int]:
    there = NoticeFor.objects.of(row.workspace_id).filter(
        user=row.user_id, notice__alert__mail=row.every, notice__at__gt=row.told_until, notice__at__lte=until
    )
    grave = Case(When(notice__severity="crisis", then=0), When(notice__severity="warning", then=1), default=2)
    found = [each.notice for each in there.select_related("notice__alert").order_by(grave, "-notice__happened_at")[:LINES]]
    known = notices.names(found)
    lines = [
        Line(
            title(each, known.get(each.actor, "")), each.alert.name, each.happened_at,
            _address("listen:notice", row.workspace, pk=each.pk), each.severity == "crisis",
        )
        for each in found
    ]  # fmt: skip
    return lines, there.count()


def _queries(row: Digest) -> list[Listening]:
    """Kept queries that are to be written of, to the one who keeps them."""
    mine = Listening.objects.of(row.workspace_id).filter(mail=row.every, created_by=row.user_id, archived_at=None, is_draft=False)
    return list(mine.order_by("place"))


def _part(row: Digest, listening: Listening, until: datetime) -> Part:
    matches = Match.objects.filter(listening=listening)
    low, high = point_of(row.told_until, 0), point_of(until, 0)
    now = matches.filter(point__gte=low, point__lt=high)
    earlier = matches.filter(point__gte=point_of(row.told_until - (until - row.told_until), 0), point__lt=low).count()
    shown = stream.rows(list(now.order_by("-point").values_list("seq", flat=True)[:QUOTED]))
    words = [" ".join((each["text"] or each["title"]).split())[:240] for each in shown]
    url = f"{_address('listen:search', row.workspace)}?{urlencode({'q': listening.text})}"
    return Part(listening.name, now.count(), earlier, [text for text in words if text], url)


def _address(name: str, workspace: Workspace, **keys: Any) -> str:
    return str(settings.PUBLIC_URL + reverse(name, kwargs={"workspace": workspace.slug, **keys}))


def off_url(row: Digest) -> str:
    """Where these letters are stopped, without signing in."""
    return str(settings.PUBLIC_URL + reverse("mails:off", kwargs={"token": signing.dumps(row.pk, salt=SALT)}))


def by_token(token: str) -> Digest | None:
    """Whose letters a link stops; None when it is not one of ours."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    found: Digest | None = Digest.objects.filter(pk=pk).select_related("workspace", "user").first()
    return found


def turn_off(row: Digest, *, is_off: bool = True) -> None:
    """Stop the letters, or have them again from now on."""
    now = timezone.now()
    due = next_moment(row.workspace.timezone, row.every, now)
    Digest.objects.filter(pk=row.pk).update(is_off=is_off, told_until=now, next_at=due, tries=0, trouble="")


def of_user(workspace: Workspace, user: User) -> list[Digest]:
    return list(Digest.objects.of(workspace).filter(user=user).select_related("workspace").order_by("every"))


__all__ = ["begin", "by_token", "compose", "next_moment", "of_user", "off_url", "turn", "turn_off"]
