"""What the team does with journeys. Each verb: check, do, trace, in one transaction; people follow in the background.

create -> save_version (as often as one likes) -> start -> pause / start again -> stop -> archive / restore. A journey that runs goes on in
its live version until `start` makes the newest one live: people on the way follow it where their step still stands in it.
"""

from secrets import randbits
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.organise.team import Refused
from vincle.store.lease import positions
from vincle.vocabulary import public_id

from . import checking, posting
from .definition.model import Definition, OnDate
from .definition.reading import BadDefinition, read, write
from .models import Journey, JourneyVersion, Walk

KIND = "journey"
LONGEST_NAME, LONGEST_DESCRIPTION, MOST = 120, 400, 500
State = Journey.State
__all__ = [
    "BadDefinition",
    "Refused",
    "archive",
    "back_to",
    "copy",
    "create",
    "definition_of",
    "free_name",
    "pause",
    "rename",
    "restore",
    "save_version",
    "start",
    "stop",
    "versions",
]


def create(workspace: Workspace, user: User | None, name: str, definition: object, description: str = "") -> Journey:
    """A draft. `definition` is JSON, as `definition.reading` reads it. BadDefinition, Refused."""
    asked = write(read(definition))
    with transaction.atomic():
        if Journey.objects.of(workspace).filter(archived_at=None).count() >= MOST:
            raise Refused(_("A workspace holds %(most)d journeys at most.") % {"most": MOST})
        values = {"name": _name(workspace, name), "description": _said(description), "by": user}
        made: Journey = Journey.objects.create(workspace=workspace, public=public_id(randbits(63)), **values)
        JourneyVersion.objects.create(workspace=workspace, journey=made, number=1, definition=asked, by=user)
        audit.record(workspace, user, "created", KIND, made.public, made.name)
    return made


def rename(workspace: Workspace, user: User | None, journey: Journey, name: str, description: str | None = None) -> Journey:
    """Call a journey otherwise. Refused."""
    with transaction.atomic():
        row = _locked(workspace, journey)
        before = row.name
        row.name, row.changed_at = _name(workspace, name, row), timezone.now()
        row.description = row.description if description is None else _said(description)
        row.save(update_fields=["name", "description", "changed_at"])
        audit.record(workspace, user, "changed", KIND, row.public, row.name, before=before)
    return row


def save_version(workspace: Workspace, user: User | None, journey: Journey, definition: object) -> JourneyVersion:
    """Keep another wording; the one that stands is given back where nothing changed. BadDefinition.

    A journey that runs goes on as it was until `start` is called again.
    """
    asked = write(read(definition))
    with transaction.atomic():
        row = _locked(workspace, journey)
        newest: JourneyVersion = versions(row)[0]
        if newest.definition == asked:
            return newest
        row.version, row.changed_at = newest.number + 1, timezone.now()
        row.save(update_fields=["version", "changed_at"])
        made: JourneyVersion = JourneyVersion.objects.create(
            workspace=workspace, journey=row, number=row.version, definition=asked, by=user, at=row.changed_at
        )
        audit.record(workspace, user, "changed", KIND, row.public, row.name, version=row.version)
    journey.version, journey.changed_at = row.version, row.changed_at
    return made


def back_to(workspace: Workspace, user: User | None, journey: Journey, number: int) -> JourneyVersion:
    """The wording of version `number` once more, as a new version. Refused."""
    found = versions(journey).filter(number=number).first()
    if found is None:
        raise Refused(_("There is no such version."))
    return save_version(workspace, user, journey, found.definition)


def versions(journey: Journey) -> Any:
    """Every wording, newest first."""
    return JourneyVersion.objects.of(journey.workspace_id).filter(journey=journey).order_by("-number")


def definition_of(journey: Journey, number: int | None = None) -> Definition:
    """The newest wording, or that of a version."""
    found = versions(journey).filter(number=number or journey.version).first()
    if found is None:
        raise Refused(_("There is no such version."))
    return read(found.definition)


def copy(workspace: Workspace, user: User | None, journey: Journey, name: str = "") -> Journey:
    """A draft that says the same. Refused."""
    called = name or _free(workspace, _("%(name)s, copy") % {"name": journey.name[: LONGEST_NAME - 20]})
    return create(workspace, user, called, write(definition_of(journey)), journey.description)


def start(workspace: Workspace, user: User | None, journey: Journey) -> Journey:
    """Let it run: first, again after a pause or a stop, or with its newest wording while it runs. Refused, with what is missing."""
    asked = definition_of(journey)
    problems = checking.problems(workspace, asked)
    if problems:
        raise Refused(" ".join(problem.words for problem in problems))
    with transaction.atomic():
        row = _locked(workspace, journey)
        if row.archived_at is not None:
            raise Refused(_("This journey is put away."))
        before, now = row.state, timezone.now()
        if before in (State.DRAFT, State.STOPPED):
            row.started_at, row.dates_to, row.behind = now, None, None
        on_dates = any(isinstance(trigger, OnDate) for trigger in asked.start)
        row.dates_to = (row.dates_to or now) if on_dates else None
        row.state, row.live, row.paused_at, row.trouble = State.RUNNING, row.version, None, ""
        row.save(update_fields=["state", "live", "paused_at", "trouble", "started_at", "dates_to", "behind"])
        posting.stand(workspace, user, row, asked)
        verb = {State.PAUSED: "went on with", State.RUNNING: "published"}.get(State(before), "started")
        audit.record(workspace, user, verb, KIND, row.public, row.name, version=row.version)
    journey.refresh_from_db()
    return row


def pause(workspace: Workspace, user: User | None, journey: Journey, trouble: str = "") -> Journey:
    """Nobody goes on and nothing leaves until it is started again; what happens meanwhile is followed then, as `late` says. Refused."""
    with transaction.atomic():
        row = _locked(workspace, journey)
        if row.state != State.RUNNING:
            raise Refused(_("This journey does not run."))
        row.state, row.paused_at, row.trouble = State.PAUSED, timezone.now(), trouble[:300]
        if row.behind is None:
            row.behind = positions().get("journeys", 0)
        row.save(update_fields=["state", "paused_at", "behind", "trouble"])
        posting.pause(row, user)
        audit.record(workspace, user, "paused", KIND, row.public, row.name, why=trouble[:300])
    journey.refresh_from_db()
    return row


def stop(workspace: Workspace, user: User | None, journey: Journey) -> Journey:
    """End it for everybody on the way; nothing of it leaves any more. Refused when it does not run."""
    with transaction.atomic():
        row = _locked(workspace, journey)
        if row.state not in (State.RUNNING, State.PAUSED):
            raise Refused(_("This journey does not run."))
        now = timezone.now()
        people = Walk.objects.filter(journey=row, state=Walk.State.WAITING).update(
            state=Walk.State.STOPPED, wakes_at=None, ended_at=now, since=now
        )
        row.state, row.paused_at, row.behind, row.trouble = State.STOPPED, None, None, ""
        row.save(update_fields=["state", "paused_at", "behind", "trouble"])
        posting.stop(row, user)
        audit.record(workspace, user, "stopped", KIND, row.public, row.name, people=people)
    journey.refresh_from_db()
    return row


def archive(workspace: Workspace, user: User | None, journey: Journey) -> Journey:
    """Put a journey away; its history stays. Refused while it runs."""
    with transaction.atomic():
        row = _locked(workspace, journey)
        if row.state in (State.RUNNING, State.PAUSED):
            raise Refused(_("Stop this journey first."))
        if row.archived_at is None:
            row.archived_at = timezone.now()
            row.save(update_fields=["archived_at"])
            audit.record(workspace, user, "archived", KIND, row.public, row.name)
    journey.refresh_from_db()
    return row


def restore(workspace: Workspace, user: User | None, journey: Journey) -> Journey:
    """Bring a journey back as it was put away. Refused."""
    with transaction.atomic():
        row = _locked(workspace, journey)
        if row.archived_at is not None:
            row.name, row.archived_at = _name(workspace, row.name, row), None
            row.save(update_fields=["name", "archived_at"])
            audit.record(workspace, user, "restored", KIND, row.public, row.name)
    journey.refresh_from_db()
    return row


def _locked(workspace: Workspace, journey: Journey) -> Journey:
    row: Journey = Journey.objects.of(workspace).select_for_update().get(pk=journey.pk)
    return row


def _name(workspace: Workspace, name: str, journey: Journey | None = None) -> str:
    kept = " ".join(name.replace("\x00", "").split())
    if not kept:
        raise Refused(_("A journey needs a name."))
    if len(kept) > LONGEST_NAME:
        raise Refused(_("A name has %(most)d letters at most.") % {"most": LONGEST_NAME})
    others = Journey.objects.of(workspace).filter(name__iexact=kept, archived_at=None)
    if (others.exclude(pk=journey.pk) if journey else others).exists():
        raise Refused(_("Another journey is called “%(name)s”.") % {"name": kept})
    return kept


def _free(workspace: Workspace, name: str) -> str:
    taken = {each.casefold() for each in Journey.objects.of(workspace).filter(archived_at=None).values_list("name", flat=True)}
    return next(called for number in range(1, MOST + 2) if (called := name if number == 1 else f"{name} {number}").casefold() not in taken)


def free_name(workspace: Workspace, name: str) -> str:
    """The name, or the same with a number behind it where a journey is called so."""
    return _free(workspace, name[: LONGEST_NAME - 5])


def _said(description: str) -> str:
    return " ".join(description.replace("\x00", "").split())[:LONGEST_DESCRIPTION]
