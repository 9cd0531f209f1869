"""Alerts: rules of what is worth telling, kept by the team, and looked at by the worker as texts come in.

Each rule is a row, taken by lease. What it finds is written with the moment of its next look in one transaction, so that a worker may
be killed at any point, or two may look at once, and each thing is told once.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from django.core import signing
from django.db import OperationalError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Membership, User, Workspace
from vincle.store import bulk, deliveries, lease
from vincle.store.blame import said
from vincle.store.secrets import seal

from . import alerts_outside, digests
from .alerts_find import FRESH, STATISTICAL, Finding, Found, find
from .alerts_settings import DEFAULTS, Refused, cleaned
from .models import Activity, Alert, Listening, Notice, NoticeFor, NoticeText, Posting

__all__ = ["Done", "Refused", "archive", "defaults", "evaluate", "mute", "save", "take_back", "turn", "visible"]
UNDO_SALT, UNDO_SECONDS = "alert", 3600
MOST: Final = 4
SOON, OFTEN, LATER = timedelta(seconds=20), timedelta(minutes=3), timedelta(minutes=10)
BEHIND: Final = 2_000
"""While so many rows of the log are unread, what is counted is not what was said."""
_CHOSEN = ("name", "kind", "listening_id", "settings", "bell", "mail", "recipients", "webhook_url", "is_on")
_STARTS = {Listening.Kind.BRAND: ("spike", "sentiment_drop", "crisis"), Listening.Kind.CRISIS: ("crisis",)}
_ALERT = "alert"
logger = structlog.get_logger(__name__)


class Done(NamedTuple):
    """`undo` is a token that `take_back` takes within an hour; `secret` is what a webhook is signed with, told once."""

    alert: Alert
    undo: str
    secret: str = ""


def visible(workspace: Workspace, user: User | None) -> "QuerySet[Alert]":
    """The rules someone may see: the team's, and those about queries of their own."""
    found = Alert.objects.of(workspace).filter(archived_at=None)
    mine = Q(listening=None) | Q(listening__is_shared=True) | Q(listening__created_by=user)
    return found.filter(mine).select_related("listening", "workspace").order_by("listening__place", "kind", "pk")


def save(workspace: Workspace, user: User | None, given: Mapping[str, Any], row: Alert | None = None) -> Done:
    """Keep a rule (`name`, `kind`, `listening`: a Listening or None, `settings`, `bell`, `mail`, `recipients`: ids, `webhook_url`,
    `is_on`), or change one. What happened before is not told. Refused."""
    values = _checked(workspace, user, given)
    before = {name: getattr(row, name) for name in _CHOSEN} if row else {}
    row = row or Alert(workspace=workspace, created_by=user)
    secret = _secret(row, values["webhook_url"])
    is_other = any(before.get(name) != values[name] for name in ("kind", "listening_id", "settings", "is_on"))
    for name, value in values.items():
        setattr(row, name, value)
    if is_other:
        row.since, row.learning_until, row.next_at = timezone.now(), None, timezone.now()
    with transaction.atomic():
        row.save()
        changed = {name: [before[name], values[name]] for name in before if before[name] != values[name] and name != "webhook_url"}
        if not before or changed or before["webhook_url"] != values["webhook_url"]:
            audit.record(workspace, user, "changed" if before else "created", _ALERT, row.pk, row.name, changes=changed, kind=row.kind)
        digests.begin(workspace, _users(row), row.mail)
    return Done(row, _undo(row, before), secret)


def _secret(row: Alert, url: str) -> str:
    """A new secret where a webhook begins or moves elsewhere; as text, the only time it is told."""
    if not url or (url == row.webhook_url and row.webhook_secret):
        return ""
    text = secrets.token_urlsafe(32)
    row.webhook_secret = seal({"secret": text})
    return text


def _checked(workspace: Workspace, user: User | None, given: Mapping[str, Any]) -> dict[str, Any]:
    name = " ".join(str(given.get("name", "")).replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("Give it a name."))
    listening = given.get("listening")
    if listening is not None and listening.workspace_id != workspace.pk:
        raise Refused(_("There is no such query."), "listening")
    if given.get("mail", "") not in Alert.Mail.values:
        raise Refused(_("Choose how often."), "mail")
    team = set(Membership.objects.of(workspace).values_list("user_id", flat=True))
    recipients = sorted({int(each) for each in given.get("recipients", ())})
    if not set(recipients) <= team:
        raise Refused(_("Choose people of the team."), "recipients")
    url = str(given.get("webhook_url", "")).strip()
    if url and (wrong := deliveries.problem(url)):
        raise Refused(wrong, "webhook_url")
    settings = cleaned(str(given.get("kind", "")), given.get("settings", {}))
    return {
        "name": name, "kind": str(given["kind"]), "listening_id": listening.pk if listening else None, "settings": settings,
        "bell": bool(given.get("bell", True)), "mail": given.get("mail", ""), "recipients": recipients, "webhook_url": url,
        "is_on": bool(given.get("is_on", True)),
    }  # fmt: skip


def defaults(row: Listening, user: User | None) -> list[Alert]:
    """The rules that come with a query for a brand or a crisis. Inside the caller's transaction."""
    made = []
    for kind in _STARTS.get(Listening.Kind(row.kind), ()):
        name = f"{row.name}: {Alert.Kind(kind).label}"[:120]
        told = {"name": name, "kind": kind, "listening_id": row.pk, "settings": dict(DEFAULTS[kind]), "mail": Alert.Mail.DAILY}
        made.append(Alert.objects.create(workspace_id=row.workspace_id, created_by=user, **told))
    if made:
        digests.begin(row.workspace, _users(made[0]), Alert.Mail.DAILY)
    return made


def archive(row: Alert, user: User | None) -> Done:
    """Put a rule away: it tells nothing any more."""
    with transaction.atomic():
        Alert.objects.filter(pk=row.pk).update(archived_at=timezone.now())
        Posting.objects.filter(alert=row, state=Posting.State.WAITING).update(state=Posting.State.FAILED, trouble="the alert was put away")
        audit.record(row.workspace, user, "deleted", _ALERT, row.pk, row.name)
    return Done(row, _undo(row, {"archived_at": None}))


def mute(row: Alert, user: User | None, hours: int) -> Done:
    """Keep a rule quiet for so many hours (0: no longer). What happens meanwhile is not told afterwards."""
    until = timezone.now() + timedelta(hours=min(hours, 24 * 366)) if hours > 0 else None
    was = row.muted_until
    since = {"since": timezone.now()} if until is None else {}
    with transaction.atomic():
        Alert.objects.filter(pk=row.pk).update(muted_until=until, next_at=timezone.now(), **since)
        audit.record(row.workspace, user, "changed", _ALERT, row.pk, row.name, muted_until=until.isoformat() if until else None)
    row.muted_until = until
    return Done(row, _undo(row, {"muted_until": was.isoformat() if was else None}))


def take_back(workspace: Workspace, user: User | None, token: str) -> Alert:
    """Undo a change, a putting away or a mute. Refused when too much time went by."""
    try:
        pk, before = signing.loads(token, salt=f"{UNDO_SALT}:{workspace.pk}", max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Refused(_("This can no longer be taken back.")) from error
    with transaction.atomic():
        row = Alert.objects.select_for_update(of=("self",)).of(workspace).filter(pk=pk).first()
        if row is None or not visible_to(row, user):
            raise Refused(_("This can no longer be taken back."))
        if before.get("muted_until"):
            before["muted_until"] = datetime.fromisoformat(before["muted_until"])
        now = timezone.now()
        if before == {}:
            before = {"archived_at": now}
        elif "webhook_url" in before and before["webhook_url"] != row.webhook_url:
            del before["webhook_url"]  # its secret is another one now
        Alert.objects.filter(pk=pk).update(**before, since=now, next_at=now)
        audit.record(workspace, user, "take back", _ALERT, row.pk, row.name)
    row.refresh_from_db()
    return row


def visible_to(row: Alert, user: User | None) -> bool:
    return row.listening is None or row.listening.is_shared or (user is not None and row.listening.created_by_id == user.pk)


def _undo(row: Alert, before: Mapping[str, Any]) -> str:
    return signing.dumps([row.pk, dict(before)], salt=f"{UNDO_SALT}:{row.workspace_id}")


def turn() -> int:
    """Look at the rules whose time has come; send what waits to be sent. Returns how many things were done."""
    now = timezone.now()
    due = list(Alert.objects.filter(is_on=True, archived_at=None, next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:MOST])
    done = 0
    if due and not _is_reading():
        done = sum(_take(pk) for pk in due)
    return done + alerts_outside.turn() + digests.turn()


def _is_reading() -> bool:
    newest = Activity.objects.aggregate(newest=Max("seq"))["newest"] or 0
    return bool(newest - lease.positions().get("understand", 0) > BEHIND)


def _take(pk: int) -> int:
    rows = Alert.objects.filter(pk=pk, is_on=True, archived_at=None, next_at__lte=timezone.now())
    if not lease.claim(rows):
        return 0
    row = Alert.objects.select_related("workspace", "listening").get(pk=pk)
    try:
        evaluate(row, timezone.now())
    except OperationalError:
        raise
    except Exception as error:
        logger.error("an alert could not be looked at", alert=pk, error=said(error))
        text = f"{type(error).__name__}: {error}".replace("\0", "")[:300]
        Alert.objects.filter(pk=pk, owner=lease.ME).update(trouble=text, next_at=timezone.now() + LATER)
    finally:
        lease.release(Alert.objects.filter(pk=pk, owner=lease.ME))
    return 1


def evaluate(row: Alert, now: datetime) -> int:
    """Look at a rule whose lease we hold, and tell what is new; returns how many notices were written."""
    if row.muted_until and row.muted_until > now:
        Alert.objects.filter(pk=row.pk).update(next_at=row.muted_until, since=row.muted_until)
        return 0
    if row.listening is not None and (row.listening.back_to > 0 or row.listening.archived_at):
        Alert.objects.filter(pk=row.pk).update(next_at=now + (LATER if row.listening.archived_at else SOON))
        return 0
    found = find(row, max(now - FRESH, row.since), now)
    return _tell(row, found, now)


def _tell(row: Alert, found: Found, now: datetime) -> int:
    pause = OFTEN if row.kind in STATISTICAL else SOON
    told = {"next_at": now + pause, "looked_at": now, "learning_until": found.learning_until, "trouble": ""}
    with transaction.atomic():
        held = Alert.objects.select_for_update().filter(pk=row.pk, owner=lease.ME, since=row.since, archived_at=None)
        if not held.exists():
            return 0  # taken by another, or changed while we looked
        users = _users(row)
        written = sum(_write(row, each, users, now) for each in found.findings)
        held.update(**told)
    if written:
        logger.info("alert", alert=row.pk, workspace=row.workspace_id, kind=row.kind, notices=written)
    return written


def _write(row: Alert, found: Finding, users: Sequence[int], now: datetime) -> bool:
    near = Notice.objects.of(row.workspace_id).filter(alert=row)
    if near.filter(key=found.key).exists():
        return False
    at = found.happened_at
    if found.calm and near.filter(happened_at__gt=at - found.calm, happened_at__lt=at + found.calm).exists():
        return False
    texts = list(found.texts)
    if not found.calm:
        stood = set(bulk.pluck(f"SELECT seq FROM listen_noticetext WHERE alert_id = {row.pk:d} AND seq IN ({{}})", texts))
        texts = [seq for seq in texts if seq not in stood]
        if not texts:
            return False
    notice = Notice.objects.create(
        workspace_id=row.workspace_id, alert=row, key=found.key, code=found.code, values=found.values, severity=found.severity,
        actor=found.actor, happened_at=at, at=now,
    )  # fmt: skip
    bulk.insert(NoticeText, ("workspace_id", "alert_id", "notice_id", "seq"), [(row.workspace_id, row.pk, notice.pk, s) for s in texts])
    NoticeFor.objects.bulk_create([NoticeFor(workspace_id=row.workspace_id, notice=notice, user_id=user, bell=row.bell) for user in users])
    if row.webhook_url:
        Posting.objects.create(workspace_id=row.workspace_id, alert=row, notice=notice, next_at=now)
    return True


def _users(row: Alert) -> list[int]:
    """Whom a rule tells: those chosen, else all who may see it."""
    team = Membership.objects.of(row.workspace_id).filter(user__is_active=True).order_by("user_id").values_list("user_id", flat=True)
    listening = row.listening if row.listening_id else None
    if listening is not None and not listening.is_shared:
        return [user for user in team if user == listening.created_by_id]
    return [user for user in team if not row.recipients or user in row.recipients]
