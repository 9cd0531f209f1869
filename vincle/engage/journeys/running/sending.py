"""Handing messages to the outbox: the standing job of a step gets one more send for everyone who comes by."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vincle.engage.campaigns import promo_giving, promotions
from vincle.engage.campaigns.models_promotions import Promotion
from vincle.engage.outbox import jobs, may
from vincle.engage.outbox.jobs import Wanted
from vincle.engage.surveys import naming

from .. import posting
from ..definition.model import Send, Survey
from ..models import Standing
from . import results
from .walking import Going

if TYPE_CHECKING:
    from .moving import Round


def send(round_: "Round", step: Send | Survey, walks: Sequence[Going]) -> None:
    """Whether they may be written to is decided by the outbox when it leaves; who has no address is noted here."""
    row = round_.running.row
    standing = Standing.objects.filter(journey=row, node=step.id).select_related("job").first()
    if standing is None:
        return _not_sent(step, walks, "no_job")
    people = list(dict.fromkeys(walk.person for walk in walks))
    reached = may.decide_people(round_.workspace, people, step.medium, step.topic, step.purpose, round_.now)
    handles = {person: found.handle for person, found in reached.items() if found.handle is not None}
    going = []
    for walk in walks:
        if walk.person in handles:
            going.append(walk)
        else:
            walk.note("no_address", step.id)
    try:
        data = _data(round_, step, [walk.person for walk in going])
    except promotions.Refused as error:
        for walk in going:
            walk.note("no_code", step.id, code=str(error)[:200])
        return None
    going = _with_code(round_, step, going, data)
    wanted = [
        Wanted(results.key(row.pk, walk.pk, step.id), walk.person, handles[walk.person], data=data.get(walk.person, {}), turn=walk.turn)
        for walk in going
    ]
    try:
        jobs.add(standing.job, wanted)
    except jobs.NotPossible as error:
        return _not_sent(step, going, error.code)
    for walk in going:
        walk.note("sent", step.id)
    return None


def _not_sent(step: Send | Survey, walks: Sequence[Going], code: str) -> None:
    for walk in walks:
        walk.note("not_sent", step.id, code=code)


def _data(round_: "Round", step: Send | Survey, people: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the writer is told of each."""
    if isinstance(step, Survey):
        urls = dict.fromkeys(people, step.survey) if "://" in step.survey else naming.addresses(round_.workspace, step.survey, people)
        return {person: {"survey": step.survey, "survey_url": urls.get(person, "")} for person in people}
    if not step.promotion or not people:
        return {}
    found = Promotion.objects.of(round_.workspace).filter(pk=step.promotion if step.promotion.isdecimal() else 0).first()
    if found is None:
        raise promotions.Refused("no such promotion")
    codes = promo_giving.grant(found, list(people), posting.source(round_.running.row)).codes
    return {person: promotions.data_of(found, code) for person, code in codes.items()}


def _with_code(round_: "Round", step: Send | Survey, walks: Sequence[Going], data: dict[int, dict[str, Any]]) -> list[Going]:
    """Of a step that gives codes those who got one; the others hear nothing, and why is noted."""
    if isinstance(step, Survey) or not step.promotion:
        return list(walks)
    without = [walk for walk in walks if walk.person not in data]
    found = Promotion.objects.of(round_.workspace).filter(pk=step.promotion).first() if without else None
    meant = promo_giving.is_for(found, [walk.person for walk in without]) if found else set()
    for walk in without:
        walk.note("no_code" if walk.person in meant else "not_for_them", step.id)
    return [walk for walk in walks if walk.person in data]
