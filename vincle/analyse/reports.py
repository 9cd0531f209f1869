"""Reports: kept, changed, thrown away and taken back; run, and shared. Every change leaves its line in the audit log."""

import re
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen.models_listening import Listening

from . import reports_more, summary
from .board import Board
from .choice import LONGEST, STALE, Choice
from .metrics.base import FILTERS, Period
from .models import Report, Run, Share
from .pulse import span
from .reports_figures import SECTIONS, USUAL, frozen
from .reports_when import Rhythm, days_of

LONGEST_NAME = 120
MOST_RECIPIENTS = 30
EXPIRIES: Final = (7, 30, 90, 365)
UNDO_SALT, UNDO_SECONDS = "report", 3600
_REPORT = "report"


class Refused(ValueError):
    """What cannot be done, as a sentence; `field` at fault."""

    def __init__(self, sentence: str, field: str = "name") -> None:
        super().__init__(sentence)
        self.field = field


class Done(NamedTuple):
    """`undo` is a token that `take_back` takes, within an hour."""

    report: Report
    undo: str


def visible(workspace: Workspace, user: User | None) -> "QuerySet[Report]":
    """Reports someone may see: not those about a query that only another member sees."""
    found = Report.objects.of(workspace).filter(deleted_at=None).select_related("workspace", "listening", "beside")
    for name in ("listening", "beside"):
        found = found.filter(Q(**{name: None}) | Q(**{f"{name}__is_shared": True}) | Q(**{f"{name}__created_by": user}))
    return found.order_by("name", "pk")


# kept


def save(workspace: Workspace, user: User | None, values: dict[str, Any]) -> Report:
    """Keep a report; `values` as a form gives them (`checked`). Refused."""
    fields = checked(workspace, user, values)
    with transaction.atomic():
        row = Report(workspace=workspace, created_by=user, **fields)
        row.next_at = _next(row, timezone.now())
        row.save()
        audit.record(workspace, user, "created", _REPORT, row.pk, row.name, mail=row.schedule, recipients=row.recipients)
    return row


def change(row: Report, user: User | None, values: dict[str, Any]) -> Done:
    """Give a report another choice, name or rhythm. Refused."""
    fields = checked(row.workspace, user, values)
    before = _plain(row)
    with transaction.atomic():
        _store(row, fields)
        now = _plain(row)
        if changed := {name: [before[name], now[name]] for name in now if before[name] != now[name]}:
            audit.record(row.workspace, user, "changed", _REPORT, row.pk, row.name, changes=changed)
    return Done(row, _undo(row, before))


def remove(row: Report, user: User | None) -> Done:
    """Throw a report away: it goes out no more, and what was shared of it leads nowhere."""
    with transaction.atomic():
        Report.objects.filter(pk=row.pk).update(deleted_at=timezone.now(), next_at=None)
        audit.record(row.workspace, user, "deleted", _REPORT, row.pk, row.name)
    return Done(row, _undo(row, {"deleted_at": None}))


def take_back(workspace: Workspace, user: User | None, token: str) -> Report:
    """Undo a change or a throwing away. Refused when too much time went by."""
    try:
        pk, before = signing.loads(token, salt=f"{UNDO_SALT}:{workspace.pk}", max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Refused(_("This can no longer be taken back.")) from error
    with transaction.atomic():
        row: Report | None = Report.objects.select_for_update().of(workspace).filter(pk=pk).first()
        if row is None:
            raise Refused(_("This can no longer be taken back."))
        if "deleted_at" in before:
            row.deleted_at, row.next_at = None, _next(row, timezone.now())
            row.save(update_fields=["deleted_at", "next_at"])
        else:
            _store(row, _fields_again(before))
        audit.record(workspace, user, "take back", _REPORT, row.pk, row.name)
    return row


_KEPT: Final = (
    "name", "listening_id", "beside_id", "days", "first", "last", "filters", "language", "sections", "with_names", "schedule", "weekday",
    "hour", "recipients",
)  # fmt: skip


def _plain(row: Report) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in _KEPT}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _fields_again(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {name: date.fromisoformat(plain[name]) if plain[name] else None for name in ("first", "last")}


def _store(row: Report, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.next_at = _next(row, timezone.now())
    row.save(update_fields=[*fields, "next_at"])


def _undo(row: Report, before: dict[str, Any]) -> str:
    return signing.dumps([row.pk, before], salt=f"{UNDO_SALT}:{row.workspace_id}")


def rhythm(row: Report) -> Rhythm | None:
    return Rhythm(row.schedule, row.weekday, row.hour, row.workspace.timezone) if row.schedule else None


def _next(row: Report, now: datetime) -> datetime | None:
    found = rhythm(row)
    return found.after(now) if found else None


# what a form gives


def checked(workspace: Workspace, user: User | None, given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a report from what a form or the address of a board holds; Refused names the field that cannot be."""
    name = " ".join(str(given.get("name", "")).replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise Refused(_("Give it a name."))
    chosen = [section for section in SECTIONS if section in given.get("sections", USUAL)]
    if not chosen:
        raise Refused(_("Choose what it shows."), "sections")
    language = given.get("language") or translation.get_language() or "en"
    if language not in dict(settings.LANGUAGES):
        raise Refused(_("Choose one of the languages."), "language")
    filters = {each: value for each in (*FILTERS, "channel") if (value := str(given.get(each) or "").replace("\x00", "").strip()[:40])}
    if "said_in" in given:  # a form calls the language of the texts so: its `language` is that of the report
        filters.pop("language", None)
        filters |= {"language": str(given["said_in"]).replace("\x00", "")[:40]} if given["said_in"] else {}
    return {
        "name": name, "sections": "|".join(chosen), "language": language, "filters": filters,
        "listening_id": _query(workspace, user, given.get("listening"), "listening"),
        "beside_id": _query(workspace, user, given.get("beside"), "beside"), "with_names": bool(given.get("with_names")),
        **_days(given), **_mail(given),
    }  # fmt: skip


def _query(workspace: Workspace, user: User | None, given: Any, field: str) -> int | None:
    if not given:
        return None
    own = Q(is_shared=True) | Q(created_by=user)
    found = Listening.objects.of(workspace).filter(own, is_draft=False, archived_at=None)
    row = found.filter(pk=int(given)).first() if str(given).isdecimal() and len(str(given)) < 19 else None
    if row is None:
        raise Refused(_("There is no such query."), field)
    return int(row.pk)


def _days(given: dict[str, Any]) -> dict[str, Any]:
    days = str(given.get("days") or Report.Days.WEEK)
    if days not in Report.Days.values:
        raise Refused(_("Choose its days."), "days")
    if days != Report.Days.FIXED:
        return {"days": days, "first": None, "last": None}
    try:
        first, last = (date.fromisoformat(str(given.get(name) or "")) for name in ("first", "last"))
    except ValueError as error:
        raise Refused(_("Give the first and the last day."), "first") from error
    if not date(1990, 1, 1) <= first <= last <= date(2200, 1, 1) or (last - first).days >= LONGEST:
        raise Refused(_("The first day comes before the last."), "first")
    return {"days": days, "first": first, "last": last}


def _mail(given: dict[str, Any]) -> dict[str, Any]:
    schedule, weekday, hour = str(given.get("schedule") or ""), str(given.get("weekday") or 1), str(given.get("hour") or 8)
    if schedule not in Report.Schedule.values:
        raise Refused(_("Choose how often."), "schedule")
    if weekday not in map(str, range(1, 8)) or hour not in map(str, range(24)):
        raise Refused(_("Choose a day of the week and an hour."), "weekday")
    found: list[str] = []
    for each in re.split(r"[\s,;]+", str(given.get("recipients") or "").strip()):
        if each and each.lower() not in [kept.lower() for kept in found]:
            try:
                validate_email(each)
            except ValidationError as error:
                raise Refused(_("“%(address)s” is no e-mail address.") % {"address": each[:80]}, "recipients") from error
            found.append(each)
    if len(found) > MOST_RECIPIENTS:
        raise Refused(_("At most %(most)s addresses.") % {"most": MOST_RECIPIENTS}, "recipients")
    if schedule and not found:
        raise Refused(_("Whom shall it be sent to?"), "recipients")
    return {"schedule": schedule, "weekday": int(weekday), "hour": int(hour), "recipients": "\n".join(found)}


# run


def run(row: Report, user: User | None = None, due: datetime | None = None) -> Run:
    """Compute a report from what is known now, and keep what it says for good. Refused where it cannot be; EngineError."""
    figures = _figures(row, due or timezone.now())
    with translation.override(row.language):
        told = summary.told(figures)
    with transaction.atomic():
        made: Run = Run.objects.create(
            workspace=row.workspace, report=row, due_at=due, figures=figures, told=told, by=user,
            state=Run.State.SENDING if due else Run.State.READY, again_at=due,
        )  # fmt: skip
        if due is None:
            audit.record(row.workspace, user, "made", _REPORT, row.pk, row.name)
    return made


def _figures(row: Report, now: datetime) -> dict[str, Any]:
    known = span(row.workspace)
    if known is None:
        raise Refused(_("Nothing was heard yet."))
    for query in filter(None, (row.listening, row.beside)):
        if query.archived_at:
            raise Refused(_("The query “%(name)s” is put away.") % {"name": query.name}, "listening")
    brands = Listening.objects.of(row.workspace).filter(archived_at=None, is_draft=False, is_shared=True)
    voices = list(brands.filter(kind__in=(Listening.Kind.BRAND, Listening.Kind.COMPETITOR)).order_by("place", "pk"))
    with translation.override(row.language):
        chosen = choice(row, known[1], now)
        board = Board(row.workspace, chosen, known[0], row.listening_id or 0)
        found = frozen(board, row.listening.name if row.listening else "", row.beside, voices)
        return found | reports_more.made(row.sections.split("|"), row.workspace, chosen, row.days)


def choice(row: Report, newest: datetime, now: datetime) -> Choice:
    """Its days as of `now`: whole ones, up to yesterday, or up to the end of data that ended long ago."""
    zone = ZoneInfo(row.workspace.timezone)
    today, last = now.astimezone(zone).date(), newest.astimezone(zone).date()
    is_past = today - last > STALE
    if row.days == Report.Days.FIXED and row.first and row.last:
        days, (first, end) = None, (row.first, row.last)
    else:
        days = int(row.days) if row.days.isdecimal() else None
        first, end = days_of(row.days, last if is_past else today - timedelta(days=1))
    return Choice(Period(first, end, row.workspace.timezone, **row.filters), today, days, is_past)


# shared


def digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def share(made: Run, user: User | None, days: int, *, password: str = "", with_names: bool = False, label: str = "") -> tuple[Share, str]:
    """An address for one run: the row, and the secret that is told once. Refused."""
    if days not in EXPIRIES:
        raise Refused(_("Choose how long it may be read."), "days")
    token = token_urlsafe(24)
    with transaction.atomic():
        row: Share = Share.objects.create(
            workspace=made.workspace, run=made, digest=digest(token), expires_at=timezone.now() + timedelta(days=days), created_by=user,
            password=make_password(password) if password else "", with_names=with_names, label=label[:320],
        )  # fmt: skip
        audit.record(made.workspace, user, "shared with the world", _REPORT, made.report_id, made.report.name, days=days, to=label)
    return row, token


def revoke(row: Share, user: User | None) -> None:
    """End an address: it leads nowhere from now on."""
    with transaction.atomic():
        if Share.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
            audit.record(row.workspace, user, "revoked", _REPORT, row.run.report_id, row.run.report.name, address=row.pk)


def found(token: str) -> Share | None:
    """The share behind a secret, where it stands and its time is not over."""
    standing = Share.objects.filter(digest=digest(token), revoked_at=None, expires_at__gt=timezone.now(), run__report__deleted_at=None)
    row: Share | None = standing.select_related("run__report__workspace", "workspace").first()
    return row


def note_opened(row: Share) -> None:
    Share.objects.filter(pk=row.pk).update(opened=F("opened") + 1, opened_at=timezone.now())
