"""The jobs by which the messages of a journey leave: one that stands for each step, as long as the step says the same."""

from typing import Any

from django.utils.translation import gettext as _

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import choosing
from vincle.engage.outbox import jobs
from vincle.engage.outbox.models import Job
from vincle.organise.team import Refused

from . import places
from .definition.model import Definition, Send, Survey, all_steps
from .models import Journey, Standing

LETTER, TEXT = "letter", "journey text"
PAUSED = "journey_paused"


def source(journey: Journey) -> str:
    """How the outbox calls a journey."""
    return f"journey:{journey.pk}"


def stand(workspace: Workspace, user: User | None, journey: Journey, definition: Definition) -> None:
    """A job for each message; those that say the same go on. Inside the caller's transaction. Refused."""
    known = {row.node: row for row in Standing.objects.filter(journey=journey).select_related("job")}
    for step in all_steps(definition.steps):
        if isinstance(step, Send | Survey):
            _stand(workspace, user, journey, step, known.get(step.id))
    resume(journey, user)


def _stand(workspace: Workspace, user: User | None, journey: Journey, step: Send | Survey, stood: Standing | None) -> None:
    connection = places.connection(workspace, step.medium, step.connection)
    if connection is None:
        raise Refused(_("There is no account by which this message could leave (%(medium)s).") % {"medium": step.medium})
    content = _content(workspace, user, step)
    says = {
        "connection": connection.pk, "purpose": step.purpose, "topic": step.topic, "medium": step.medium, "content": content,
    }  # fmt: skip
    if stood is not None and stood.says == says and stood.job.state != Job.State.STOPPED:
        return
    job = jobs.create(
        workspace, user, kind="journey", source=source(journey), name=f"{journey.name}: {step.id}", connection=connection,
        purpose=step.purpose, topic=step.topic, medium=step.medium, writer=LETTER if step.letter else TEXT, content=content,
    )  # fmt: skip
    Standing.objects.update_or_create(journey=journey, node=step.id, defaults={"workspace": workspace, "job": job, "says": says})


def _content(workspace: Workspace, user: User | None, step: Send | Survey) -> dict[str, Any]:
    if not step.letter:
        return {"text": step.text, "subject": step.subject} if isinstance(step, Send) else {}
    version = choosing.version(workspace, user, step.letter)
    if version is None:
        raise Refused(_("A letter it sends is not there any more."))
    return {"version": version.pk}


def of_journey(journey: Journey) -> list[Job]:
    """All its jobs, those of earlier wordings too."""
    return jobs.of_source(journey.workspace, source(journey))


def pause(journey: Journey, user: User | None) -> None:
    for job in of_journey(journey):
        jobs.pause(job, user, PAUSED)


def resume(journey: Journey, user: User | None) -> None:
    """Those that paused with the journey; what was paused by itself stays so."""
    for job in of_journey(journey):
        if job.why == PAUSED:
            jobs.resume(job, user)


def stop(journey: Journey, user: User | None) -> None:
    for job in of_journey(journey):
        jobs.stop(job, user)
