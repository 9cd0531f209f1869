"""The closed loop: a bad answer becomes somebody's to call back, in the right team, and in their conversation where there is one."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import actions as inbox
from vincle.engage.inbox import calling, teams
from vincle.engage.inbox.models import Team, Thread
from vincle.identify.models import Belonging
from vincle.listen import notices, notices_words

from . import asked_words, badness
from .badness import Bad, Limits
from .collectors import Refused
from .definition import model
from .models import FollowUp, Response, Survey

CODE: Final = "survey_bad"
LONGEST_NOTE: Final = 2_000


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    notices_words.register(CODE, _rung)
    notices.register_place(CODE, _place)


def _rung(values: Mapping[str, Any], name: str) -> str:
    return _("Someone is not satisfied: “%(survey)s”") % {"survey": values.get("survey", "")}


def _place(workspace: Workspace, values: Mapping[str, Any]) -> str:
    return reverse("surveys:follow_ups", kwargs={"workspace": workspace.slug})


# What is set


def values(survey: Survey) -> dict[str, Any]:
    """`is_on`, `nps`, `percent` (of other scales), `team` (pk or None), with nothing missing."""
    told = survey.loop or {}
    return {
        "is_on": bool(told.get("is_on")),
        "nps": int(told.get("nps", 6)),
        "percent": int(told.get("percent", 25)),
        "team": told.get("team"),
    }


def save(workspace: Workspace, user: User, survey: Survey, is_on: bool, nps: int, percent: int, team: int | None) -> None:
    """Raises Refused."""
    if not 0 <= nps <= 9 or not 0 <= percent <= 99:
        raise Refused(_("From 0 to 9, and from 0 to 99 percent."))
    if team is not None and not Team.objects.of(workspace).filter(pk=team, deleted_at=None).exists():
        raise Refused(_("There is no such team any more."))
    told: dict[str, Any] = {"is_on": is_on, "nps": nps, "percent": percent, "team": team}
    with transaction.atomic():
        Survey.objects.of(workspace).filter(pk=survey.pk).update(loop=told)
        audit.record(workspace, user, "changed", "survey follow-up", survey.pk, survey.name, **told)


# What comes in


def look(response: Response) -> FollowUp | None:
    """A complete answer, looked at once; None where nothing of it is bad, or nobody wants to know. Inside the caller's transaction."""
    survey = response.survey
    told = values(survey)
    if not told["is_on"]:
        return None
    definition = model.load(response.version.definition)
    found = badness.bad(definition, response.answers, Limits(told["nps"], told["percent"] / 100))
    if not found or FollowUp.objects.filter(response=response).exists():
        return None
    return _open(response, definition, found, _team(survey, definition, found, told["team"]))


def _team(survey: Survey, definition: model.Survey, found: list[Bad], usual: int | None) -> Team | None:
    area = badness.area_of(found)
    named = next((each.team for each in definition.areas if each.id == area), "")
    keys = [int(text) for text in (str(named or ""), str(usual or "")) if text.isascii() and text.isdigit()]
    rows = {team.pk: team for team in Team.objects.of(survey.workspace_id).filter(pk__in=keys, deleted_at=None)}
    return next((rows[key] for key in keys if key in rows), None)


def _open(response: Response, definition: model.Survey, found: list[Bad], team: Team | None) -> FollowUp:
    survey = response.survey
    workspace = survey.workspace
    person = None if survey.is_anonymous else response.person
    text = badness.words(definition, response.answers)
    thread = _thread(workspace, person) if person is not None else None
    made: FollowUp = FollowUp.objects.create(
        workspace=workspace, survey=survey, response=response, team=team, person=person, thread=thread.key if thread else None,
        why=[{"question": each.question, "area": each.area, "value": each.value, "most": each.most} for each in found[:20]], text=text,
    )  # fmt: skip
    with audit.speaking("survey"):
        if thread is not None:
            _put_into(workspace, thread, team, _note(survey, definition, found, text))
        if team is not None:
            for member in teams.members_of(team):
                calling.ring(workspace, member.user, CODE, f"sb:{made.pk}:{member.user_id}", {"survey": survey.name})
        audit.record(workspace, None, "opened", "survey follow-up", made.pk, survey.name, actor="survey", team=str(team or ""))
    return made


def _thread(workspace: Workspace, person: int) -> Thread | None:
    """Their latest conversation that can be answered in private."""
    handles = list(Belonging.objects.of(workspace).filter(person=person).values_list("handle", flat=True))
    rows = Thread.objects.of(workspace).filter(handle__in=handles, is_here=True, kind__in=(Thread.Kind.MESSAGE, Thread.Kind.MAIL))
    found: Thread | None = rows.order_by("-last_at").first()
    return found


def _put_into(workspace: Workspace, thread: Thread, team: Team | None, note: str) -> None:
    if thread.state != Thread.State.OPEN:
        inbox.reopen(workspace, None, [thread.key])
    if team is not None:
        inbox.assign(workspace, None, [thread.key], thread.assignee, team)
    inbox.note(workspace, None, thread.key, note)


def _note(survey: Survey, definition: model.Survey, found: list[Bad], text: str) -> str:
    lines = [_("Not satisfied in the survey “%(name)s”:") % {"name": survey.name}]
    for each in found[:5]:
        placed = model.find(definition, each.question)
        title = model.say(placed[1].text, definition.language, definition) if placed else each.question
        lines.append(f"{title}: {each.value:g} / {each.most}")
    return "\n".join([*lines, *(["", text] if text else [])])


# What is done about it


def close(workspace: Workspace, user: User, row: FollowUp, note: str, *, back: bool = False) -> bool:
    """Say that somebody spoke with them and what came of it; or open it again. False when it stood so."""
    with transaction.atomic():
        rows = FollowUp.objects.of(workspace).filter(pk=row.pk, done_at__isnull=not back)
        told: dict[str, Any] = {"done_at": None, "done_by": None} if back else {"done_at": timezone.now(), "done_by": user}
        if not back:
            told["note"] = note.replace("\x00", "").strip()[:LONGEST_NOTE]
        if not rows.update(**told):
            return False
        audit.record(workspace, user, "opened again" if back else "finished", "survey follow-up", row.pk, row.survey.name)
    return True


def take(workspace: Workspace, user: User, row: FollowUp) -> bool:
    """Have it oneself."""
    with transaction.atomic():
        if not FollowUp.objects.of(workspace).filter(pk=row.pk, done_at=None).exclude(to=user).update(to=user):
            return False
        audit.record(workspace, user, "took over", "survey follow-up", row.pk, row.survey.name)
    return True


def questions(row: FollowUp) -> list[dict[str, Any]]:
    """What was bad, in words."""
    definition = asked_words.asked(row.survey)
    found = []
    areas = {area.id: model.say(area.name, definition.language, definition) for area in definition.areas}
    for each in row.why:
        placed = model.find(definition, each["question"])
        text = model.say(placed[1].text, definition.language, definition) if placed else each["question"]
        found.append({**each, "text": text, "area": areas.get(each.get("area", ""), "")})
    return found
