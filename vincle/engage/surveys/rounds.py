"""Rounds of asking: a survey goes to the people of a segment, with reminders for those who have not answered. Written here alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from secrets import randbits
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import jobs, may, may_windows
from vincle.engage.outbox.models import Job
from vincle.identify import consent
from vincle.identify.consent_rules import concerns
from vincle.listen.models import Connection
from vincle.store import bulk
from vincle.vocabulary import public_id

from .collectors import Refused
from .models import Collector, Invitation, Round, Survey

MOST_REMINDERS, LONGEST_PAUSE = 3, 60
TOPIC: Final = "surveys"
REFUSED: Final = frozenset({"withdrawn", "denied"})
MEDIA: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("mail_provider", "mail", "google_mail", "microsoft_mail"), "telegram": ("telegram",), "whatsapp": ("whatsapp",),
}  # fmt: skip
"""By which channels a medium leaves, the best first."""

State = Round.State
Asked = Invitation.State
ANSWERABLE: Final = (Asked.ASKED, Asked.REMINDED, Asked.OPENED)


class Reached(NamedTuple):
    """Of some people: the address of each who may be asked, and how many may not, by the code of why."""

    handles: dict[int, int]
    left_out: Counter[str]


def connections(workspace: Workspace, medium: str) -> list[Connection]:
    """Accounts by which this medium can leave, the best first."""
    order = MEDIA.get(medium, ())
    rows = Connection.objects.of(workspace).filter(channel__in=order, token__isnull=False)
    return sorted(rows, key=lambda row: (order.index(row.channel), row.pk))


def of_survey(survey: Survey) -> list[Round]:
    rows = Round.objects.of(survey.workspace_id).filter(survey=survey).select_related("segment", "connection", "collector", "job")
    return list(rows.order_by("-created_at", "-pk"))


# Preparing


def create(workspace: Workspace, user: User, collector: Collector, values: Mapping[str, Any]) -> Round:
    """A round of this collector (mail or message), being prepared. `values` as for `change`. Raises Refused."""
    if collector.kind not in ("mail", "message"):
        raise Refused(_("This way asks nobody by itself."))
    told = _checked(workspace, collector, values)
    with transaction.atomic():
        made: Round = Round.objects.create(
            workspace=workspace, survey_id=collector.survey_id, collector=collector, public_id=public_id(randbits(63)), by=user, **told
        )
        audit.record(workspace, user, "created", "survey round", made.public_id, made.name, survey=collector.survey_id)
    return made


def change(workspace: Workspace, user: User, made: Round, values: Mapping[str, Any]) -> None:
    """While it is prepared: `name`, `segment` (public id), `connection` (id), `medium`, `texts`, `reminders`, `every_days`, `starts_at`."""
    told = _checked(workspace, made.collector, values)
    with transaction.atomic():
        if not Round.objects.of(workspace).filter(pk=made.pk, state=State.DRAFT).update(**told):
            raise Refused(_("It is under way: it stays as it was begun."))
        audit.record(workspace, user, "changed", "survey round", made.public_id, told["name"])


def _checked(workspace: Workspace, collector: Collector, values: Mapping[str, Any]) -> dict[str, Any]:
    from vincle.organise import members  # at first use: it brings the columnar libraries

    medium = str(values.get("medium", "email"))
    if medium not in MEDIA or (medium == "email") != (collector.kind == "mail"):
        raise Refused(_("Choose by which channel it goes."))
    segment = members.found(workspace, str(values.get("segment", "")))
    if segment is None or segment.archived_at is not None:
        raise Refused(_("Choose who is asked."))
    connection = next((row for row in connections(workspace, medium) if str(row.pk) == str(values.get("connection", ""))), None)
    if connection is None:
        raise Refused(_("Choose the account it leaves by. Connect one under “Connections” if there is none."))
    reminders, every = int(values.get("reminders", 1)), int(values.get("every_days", 5))
    if not 0 <= reminders <= MOST_REMINDERS or not 1 <= every <= LONGEST_PAUSE:
        raise Refused(_("At most %(most)d reminders, from 1 to %(days)d days apart.") % {"most": MOST_REMINDERS, "days": LONGEST_PAUSE})
    name = " ".join(str(values.get("name", "")).replace("\x00", "").split())[:120] or segment.name[:120]
    return {
        "name": name, "medium": medium, "segment": segment, "connection": connection, "texts": _texts(values.get("texts", {})),
        "reminders": reminders, "every_days": every, "starts_at": values.get("starts_at"),
    }  # fmt: skip


def _texts(given: Any) -> dict[str, dict[str, str]]:
    """Of each language what was written; what was left empty is written when it is sent."""
    limits = {"subject": 150, "why": 4000, "button": 60}
    found: dict[str, dict[str, str]] = {}
    for language, words in given.items() if isinstance(given, Mapping) else ():
        kept = {name: str(words.get(name, "")).replace("\x00", "").strip()[:most] for name, most in limits.items()}
        if any(kept.values()):
            found[str(language)[:12]] = {name: text for name, text in kept.items() if text}
    return found


def discard(workspace: Workspace, user: User, made: Round) -> None:
    """Only while it is prepared. Raises Refused."""
    with transaction.atomic():
        if not Round.objects.of(workspace).filter(pk=made.pk, state=State.DRAFT).delete()[0]:
            raise Refused(_("It is under way: stop it instead."))
        audit.record(workspace, user, "deleted", "survey round", made.public_id, made.name)


# Who may be asked


def reached(
    survey: Survey, people: Sequence[int], medium: str, now: datetime | None = None, ours: int | None = None, calls: int | None = None,
    connection: int | None = None,
) -> Reached:  # fmt: skip
    """Who of these may be asked now: consent, addresses, and nobody twice within the survey's days.

    `ours`: a round that does not count. `calls`: a way by which nobody was asked before they were spoken with. `connection`: the account
    it leaves by, where the medium lets nobody be written to who has not written there first.
    """
    now = now or timezone.now()
    handles, left = dict[int, int](), Counter[str]()
    asked = lately(survey, people, now, ours, calls)
    refused = refusing(survey.workspace, people, medium)
    for person, (handle, verdict) in may.decide_people(survey.workspace, people, medium, TOPIC, "service", now).items():
        if person in asked:
            left["asked_lately"] += 1
        elif person in refused:
            left["no_surveys"] += 1
        elif handle is not None and verdict.is_allowed:
            handles[person] = handle
        else:
            left[verdict.code or "no_address"] += 1
    if connection is not None and medium != "email":
        open_ = may_windows.windows(survey.workspace_id, [(connection, handle) for handle in handles.values()], now)
        shut = {person for person, handle in handles.items() if not open_[connection, handle].is_open}
        left.update({"window_closed": len(shut)} if shut else {})
        handles = {person: handle for person, handle in handles.items() if person not in shut}
    return Reached(handles, left)


def lately(survey: Survey, people: Sequence[int], now: datetime, ours: int | None = None, calls: int | None = None) -> set[int]:
    """Those of them who were asked by any survey within this one's days, and those who have answered this one already."""
    owners = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE person IN ({})", people))
    counted = Q(survey=survey, state__in=(Asked.ANSWERED, Asked.DECLINED))
    if survey.not_again_days:
        counted |= Q(created_at__gt=now - timedelta(days=survey.not_again_days))
    rows = Invitation.objects.of(survey.workspace_id).filter(counted).exclude(state=Asked.FAILED)
    rows = rows.exclude(round=ours) if ours is not None else rows
    rows = rows.exclude(collector=calls, state=Asked.WAITING) if calls is not None else rows
    found = set(rows.filter(person__in=people).values_list("person", flat=True))
    for some in bulk.chunks(sorted(owners), 500):  # whoever was asked before two were found to be one
        found |= {owners[handle] for handle in rows.filter(handle__in=some).values_list("handle", flat=True)}
    return found


def refusing(workspace: Workspace, people: Sequence[int], medium: str) -> set[int]:
    """Those of them who said, by whichever address, that they do not want to be asked."""
    found = set()
    for person, standing in consent.state(workspace, people).items():
        said = [each for statements in standing.said.values() for each in statements if each.purpose == TOPIC]
        theirs = [each for each in said if concerns(each, medium, TOPIC) and (each.permit in REFUSED or each.source == "person")]
        if theirs and max(theirs, key=lambda each: each.at).permit in REFUSED:
            found.add(person)
    return found


def outlook(workspace: Workspace, survey: Survey, segment: str, medium: str) -> tuple[int, Reached]:
    """(people of the segment, who of them would be asked now); of more than 5000, by the first of them."""
    from vincle.organise import members  # at first use: it brings the columnar libraries

    row = members.found(workspace, segment)
    everybody = [int(each) for each in members.members(row)] if row is not None else []
    account = next((each.pk for each in connections(workspace, medium)), None)
    return len(everybody), reached(survey, everybody[:5_000], medium, connection=account)


# Beginning, pausing, stopping


def approve(workspace: Workspace, user: User, made: Round) -> None:
    """From now on the people of the segment are asked. Raises Refused."""
    survey = made.survey
    if survey.state != Survey.State.OPEN:
        raise Refused(_("Open the survey first."))
    if not made.collector.is_on:
        raise Refused(_("This way is switched off."))
    if made.segment is None or made.connection is None:
        raise Refused(_("Choose who is asked, and by which account."))
    now = timezone.now()
    with transaction.atomic():
        rows = Round.objects.of(workspace).filter(pk=made.pk, state=State.DRAFT)
        if not rows.update(state=State.ASKING, approved_at=now, approved_by=user, problem=""):
            raise Refused(_("It is under way already."))
        audit.record(
            workspace, user, "approved", "survey round", made.public_id, made.name, segment=made.segment.public, medium=made.medium
        )


def pause(workspace: Workspace, user: User, made: Round) -> bool:
    return _turn(workspace, user, made, (State.ASKING,), State.PAUSED, "paused", jobs.pause)


def resume(workspace: Workspace, user: User, made: Round) -> bool:
    return _turn(workspace, user, made, (State.PAUSED,), State.ASKING, "went on with", jobs.resume)


def stop(workspace: Workspace, user: User, made: Round) -> bool:
    """Nobody else is asked or reminded; whoever was asked may still answer."""
    done = _turn(workspace, user, made, (State.ASKING, State.PAUSED), State.STOPPED, "stopped", jobs.stop)
    if done:
        Round.objects.filter(pk=made.pk).update(done_at=timezone.now())
    return done


def _turn(workspace: Workspace, user: User, made: Round, before: tuple[str, ...], after: str, verb: str, act: Any) -> bool:
    with transaction.atomic():
        if not Round.objects.of(workspace).filter(pk=made.pk, state__in=before).update(state=after, problem=""):
            return False
        made.refresh_from_db()
        for job in jobs_of(made):
            act(job, user)
        audit.record(workspace, user, verb, "survey round", made.public_id, made.name)
    return True


def jobs_of(made: Round) -> list[Job]:
    keys = [key for key in (made.job_id, *made.reminder_jobs) if key]
    return list(Job.objects.of(made.workspace_id).filter(pk__in=keys).order_by("pk"))


# Figures


def counts(rounds: Sequence[Round]) -> dict[int, dict[str, int]]:
    """Of each round, invitations by state with "all" and "seen" (opened or answered). One query."""
    found: dict[int, dict[str, int]] = {row.pk: {"all": 0, "seen": 0} for row in rounds}
    rows = Invitation.objects.filter(round__in=list(found)).values_list("round", "state").annotate(n=Count("pk")).order_by()
    for pk, state, number in rows:
        found[pk][state] = number
        found[pk]["all"] += number
        found[pk]["seen"] += number if state in (Asked.OPENED, Asked.ANSWERED) else 0
    return found
