"""Mails that people have just asked for themselves: to confirm their address, or to see what is held about them."""

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from vincle.accounts.models import Workspace
from vincle.channels.registry import channels
from vincle.engage.outbox import jobs, voice
from vincle.engage.outbox.may import medium_of
from vincle.engage.outbox.models import Job
from vincle.engage.outbox.rules import CONFIRMATION
from vincle.listen.models import Connection

from .stating import person_of

SOURCE = "preferences"


class NoWay(LookupError):
    """No mail of ours leaves this workspace: nothing is connected by which it could."""


def way_out(workspace: Workspace) -> Connection:
    """The connection by which the workspace writes mails: a provider before a mailbox, the oldest first. Raises NoWay."""
    rows = Connection.objects.of(workspace).filter(is_enabled=True).order_by("pk")
    able = [each for each in rows if medium_of(each.channel) == "email" and each.channel in channels() and voice.can_act(each)]
    if not able:
        raise NoWay(workspace.slug)
    return min(able, key=lambda each: (each.channel != "mail_provider", each.pk))


def post(
    workspace: Workspace, handle: int, *, key: str, turn: int, language: str, template: str, subject: str, link: str, **words: str
) -> None:
    """Put one mail into the outbox; the same `key` again changes nothing. Raises NoWay."""
    with transaction.atomic():
        job = _job(workspace, way_out(workspace))
        with translation.override(language):
            told = {"workspace": workspace, "link": link, "subject": subject, **words}
            # Slices are plain text; what a template gives is not, to those who write JSON.
            text, html = (render_to_string(f"preferences/mail/{template}.{kind}", told)[:] for kind in ("txt", "html"))
            data = {"subject": subject, "text": text, "html": html, "from_name": workspace.name}
        jobs.add(job, [jobs.Wanted(key=key, person=person_of(workspace, handle), handle=handle, turn=turn, data=data)])


def _job(workspace: Workspace, connection: Connection) -> Job:
    rows = Job.objects.of(workspace).filter(source=SOURCE, connection=connection)
    standing: Job | None = rows.exclude(state__in=(Job.State.STOPPED, Job.State.PAUSED)).first()
    return standing or jobs.create(
        workspace, None, kind="service", source=SOURCE, name="Confirmations", connection=connection, purpose="service", topic=CONFIRMATION,
        medium="email", writer="plain", content={},
    )  # fmt: skip
