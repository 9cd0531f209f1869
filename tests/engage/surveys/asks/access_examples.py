"""Rows behind the addresses of asking."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.surveys import collectors, raffles
from vincle.engage.surveys.models import Code, Collector, FollowUp, Invitation, Raffle, Response, Round, Survey, SurveyVersion
from vincle.vocabulary import public_id


def _survey(workspace: Workspace) -> Survey:
    known = {"workspace": workspace, "public_id": f"asked-{workspace.pk}"}
    found, is_new = Survey.objects.get_or_create(
        **known, defaults={"name": "Asked", "state": "open", "salt": b"salt", "definition": _DEFINITION}
    )
    if is_new:
        found.version = SurveyVersion.objects.create(workspace=workspace, survey=found, number=1, definition=_DEFINITION)
        found.save()
    return found


_DEFINITION: dict[str, Any] = {"format": "vincle-survey/1", "pages": [{"id": "p", "items": [{"type": "nps", "id": "nps"}]}]}


def _way(workspace: Workspace, kind: str) -> Collector:
    survey = _survey(workspace)
    found = Collector.objects.of(workspace).filter(survey=survey, kind=kind).first()
    return found or collectors.create(workspace, None, survey, kind)


def _of_survey(workspace: Workspace) -> dict[str, Any]:
    survey = _survey(workspace)
    seed = {"workspace": workspace, "seed": "0", "commitment": "0"}
    Raffle.objects.get_or_create(survey=survey, defaults=seed)
    return {"survey": survey.pk}


def _of_mail(workspace: Workspace) -> dict[str, Any]:
    return {"collector": _way(workspace, "mail").public_id}


def _of_paper(workspace: Workspace) -> dict[str, Any]:
    way = _way(workspace, "paper")
    Code.objects.get_or_create(workspace=workspace, collector=way, number=1, defaults={"hash": f"{workspace.pk:064}"})
    return {"collector": way.public_id}


def _picture(workspace: Workspace) -> dict[str, Any]:
    return {**_of_mail(workspace), "kind": "svg"}


def _call(workspace: Workspace) -> dict[str, Any]:
    return {"collector": _way(workspace, "phone").public_id, "person": public_id(7)}


def _round(workspace: Workspace) -> dict[str, Any]:
    way = _way(workspace, "mail")
    known = {"workspace": workspace, "public_id": f"round-{workspace.pk}"}
    Round.objects.get_or_create(**known, defaults={"survey": way.survey, "collector": way, "name": "Autumn"})
    return {"made": f"round-{workspace.pk}"}


def _follow_up(workspace: Workspace) -> dict[str, Any]:
    way = _way(workspace, "link")
    known = {"workspace": workspace, "public_id": f"bad-{workspace.pk}"}
    values = {"survey": way.survey, "version": way.survey.version, "collector": way, "language": "en"}
    response, _new = Response.objects.get_or_create(**known, defaults=values)
    found, _new = FollowUp.objects.get_or_create(workspace=workspace, survey=way.survey, response=response)
    return {"follow_up": found.pk}


def _invitation(workspace: Workspace) -> dict[str, Any]:
    from vincle.engage.surveys import rounds_running, settled

    way = _way(workspace, "mail")
    row, is_new = Invitation.objects.get_or_create(workspace=workspace, survey=way.survey, collector=way, about="access")
    if is_new:
        rounds_running.code([row], collectors.secret(way))
    return {"code": settled.code_of(row)}


def _code(workspace: Workspace) -> dict[str, Any]:
    from vincle.engage.surveys import codes, codes_kept

    way = _way(workspace, "unit")
    code = codes.made(collectors.secret(way), 1)
    Code.objects.get_or_create(workspace=workspace, collector=way, number=1, defaults={"hash": codes.hashed(code)})
    assert codes_kept.found(code) is not None
    return {"code": code}


def _ticket(workspace: Workspace) -> dict[str, Any]:
    _of_survey(workspace)
    found = raffles.of_survey(_survey(workspace))
    assert found is not None
    return {"ticket": raffles.ticket(found)}


def _web(workspace: Workspace) -> dict[str, Any]:
    return {"token": _way(workspace, "web").token}


_SURVEYS = (
    "ask collector_new limits loop quotas quotas_save raffle raffle_save raffle_draw raffle_winners raffle_proof".split()
)  # fmt: skip
_WAYS = "collector collector_save collector_act round_new round_reach".split()
_PAPERS = "codes_new codes_csv ballots typing calls".split()
_ROUNDS = "round round_edit round_act round_frame round_people round_csv".split()
EXAMPLES = {
    **{f"surveys:{name}": _of_survey for name in _SURVEYS},
    **{f"surveys:{name}": _of_mail for name in _WAYS},
    **{f"surveys:{name}": _of_paper for name in _PAPERS},
    **{f"surveys:{name}": _round for name in _ROUNDS},
    "surveys:collector_qr": _picture,
    "surveys:call": _call,
    "surveys:follow_up": _follow_up,
    "surveys_public:invitation": _invitation,
    "surveys_public:invitation_no": _invitation,
    "surveys_public:code": _code,
    "surveys_public:raffle": _ticket,
    "surveys_public:asked_for": _web,
}
