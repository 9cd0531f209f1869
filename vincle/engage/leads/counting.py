"""How many looked at a form, began and finished: one row a day, added to in place."""

from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.store import bulk

from .models import Form, FormDay, Submission

What = Literal["views", "starts", "submits", "confirmed"]


def today(workspace: Workspace, now: datetime | None = None) -> date:
    """The workspace's own day."""
    return (now or timezone.now()).astimezone(ZoneInfo(workspace.timezone)).date()


def count(form: Form, what: What, page: int = 0, now: datetime | None = None) -> None:
    """One more. Concurrent ones are all counted."""
    numbers = [int(what == each) for each in ("views", "starts", "submits", "confirmed")]
    bulk.execute(
        f"""INSERT INTO leads_formday (workspace_id, form_id, page, day, views, starts, submits, confirmed)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (form_id, day, page) DO UPDATE SET {what} = leads_formday.{what} + 1""",
        [form.workspace_id, form.pk, page, today(form.workspace, now).isoformat(), *numbers],
    )


def done(form: Form, days: int = 0) -> int:
    """How many people have sent it, in the last days or ever: each address once, spam and what waits to be confirmed left out."""
    rows = Submission.objects.of(form.workspace_id).filter(form=form).exclude(state__in=("spam", "unconfirmed"))
    if days:
        rows = rows.filter(at__gte=timezone.now() - timedelta(days=days))
    named = rows.exclude(handle=None).values("handle").distinct().count()
    return int(named + rows.filter(handle=None).count())


def totals(form: Form, since: date | None = None) -> dict[str, int]:
    rows = FormDay.objects.of(form.workspace_id).filter(form=form)
    if since is not None:
        rows = rows.filter(day__gte=since)
    found = rows.aggregate(**{each: Sum(each) for each in ("views", "starts", "submits", "confirmed")})
    return {name: int(value or 0) for name, value in found.items()}
