"""Reports that go out by themselves: each due time is told once, to each address once, and tried again where a mail did not leave."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, OperationalError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone, translation

from vincle.engines.base import EngineError
from vincle.store import lease

from . import reports
from .models import Report, Run, Share
from .pdf import written

EXPIRES = 30
"""Days for which the link of a mail is good."""
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(hours=12))
logger = structlog.get_logger(__name__)


def turn() -> int:
    """Make what is due and send what waits; returns how many reports moved. One that fails does not keep others from theirs."""
    return _due() + _waiting()


@contextmanager
def _held(pk: int) -> Iterator[Report | None]:
    rows = Report.objects.filter(pk=pk)
    if not lease.claim(rows):
        yield None
        return
    try:
        yield rows.select_related("workspace", "listening", "beside").get()
    finally:
        lease.release(rows)


def _due() -> int:
    now, moved = timezone.now(), 0
    for pk in list(Report.objects.filter(next_at__lte=now, deleted_at=None).order_by("next_at").values_list("pk", flat=True)[:20]):
        with _held(pk) as row:
            if row is not None and row.next_at is not None and row.next_at <= now and row.deleted_at is None:
                _make(row)
                moved += 1
    return moved


def _make(row: Report) -> None:
    """Compute what was due last; what was due before that, while nobody worked, is passed over."""
    rhythm, now = reports.rhythm(row), timezone.now()
    if rhythm is None or row.next_at is None:
        Report.objects.filter(pk=row.pk).update(next_at=None)
        return
    due = rhythm.latest(row.next_at, now)
    try:
        with transaction.atomic():
            reports.run(row, due=due)
            Report.objects.filter(pk=row.pk).update(next_at=rhythm.after(now))
    except IntegrityError:  # it was made before, by someone who died before moving on
        Report.objects.filter(pk=row.pk).update(next_at=rhythm.after(now))
    except OperationalError:
        raise
    except EngineError as error:  # the next turn tries again
        logger.warning("a report waits for the engine", report=row.pk, error=str(error))
    except Exception as error:
        logger.error("a report cannot be made", report=row.pk, error=str(error))
        with transaction.atomic():
            Run.objects.get_or_create(
                report=row, due_at=due, defaults={"workspace": row.workspace, "state": Run.State.FAILED, "trouble": str(error)[:300]}
            )
            Report.objects.filter(pk=row.pk).update(next_at=rhythm.after(now))


def _waiting() -> int:
    moved = 0
    waiting = Run.objects.filter(state=Run.State.SENDING, again_at__lte=timezone.now(), report__deleted_at=None)
    for pk, report in list(waiting.order_by("again_at").values_list("pk", "report")[:20]):
        with _held(report) as row:
            made = Run.objects.filter(pk=pk, state=Run.State.SENDING, again_at__lte=timezone.now()).first()
            if row is not None and made is not None:
                made.report = row
                _send(made)
                moved += 1
    return moved


def _send(made: Run) -> None:
    """To each address that has not had it yet; each has an address of its own to read it at."""
    row, trouble = made.report, ""
    pdf = None
    for address in row.recipients.split():
        if address in made.sent_to:
            continue
        if not lease.keep(Report.objects.filter(pk=row.pk)):
            return  # another worker took it over, and goes on from what was noted
        pdf = pdf or written(made, with_names=row.with_names)
        if said := _to(made, address, pdf):
            trouble = said
            continue
        made.sent_to.append(address)
        Run.objects.filter(pk=made.pk).update(sent_to=made.sent_to)
    made.tries += 1
    over = bool(trouble) and made.tries > len(PAUSES)
    state = Run.State.FAILED if over else Run.State.SENDING if trouble else Run.State.SENT
    again = timezone.now() + PAUSES[made.tries - 1] if trouble and not over else None
    Run.objects.filter(pk=made.pk).update(tries=made.tries, state=state, again_at=again, trouble=trouble[:300])


def _to(made: Run, address: str, pdf: bytes) -> str:
    """Write to one address; why it did not leave, or nothing."""
    row = made.report
    with translation.override(row.language):
        shared, token = reports.share(made, None, EXPIRES, with_names=row.with_names, label=address)
        link = settings.PUBLIC_URL + reverse("shared:report", kwargs={"token": token})
        day = formats.date_format(timezone.localtime(shared.expires_at), "DATE_FORMAT")
        context = {"report": row, "run": made, "link": link, "day": day, "parts": made.told["parts"], "workspace": row.workspace}
        subject = " ".join(f"{row.name} · {row.workspace.name}".split())
        message = EmailMultiAlternatives(subject, render_to_string("analyse/report_mail.txt", context), to=[address])
        message.attach_alternative(render_to_string("analyse/report_mail.html", context), "text/html")
        message.attach(f"report-{made.figures['last']}.pdf", pdf, "application/pdf")
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("a report did not leave", run=made.pk, error=str(error))
        Share.objects.filter(pk=shared.pk).delete()
        return str(error) or type(error).__name__
    return ""
