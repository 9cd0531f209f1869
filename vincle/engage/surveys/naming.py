"""What others call surveys by: names for journeys and segments, and the address a letter names."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace

from . import collectors, knowing, rounds_running, settled
from .models import Collector, Invitation, Survey

_OVER = (Invitation.State.ANSWERED, Invitation.State.DECLINED)


def names(workspace: Workspace) -> Mapping[str, str]:
    """Id -> name of the surveys that may be answered or were; the id is the `object_key` of the acts that tell of it."""
    rows = Survey.objects.of(workspace).filter(deleted_at=None).exclude(state=Survey.State.DRAFT)
    return dict(rows.values_list("public_id", "name"))


def addresses(workspace: Workspace, survey: str, people: Sequence[int]) -> dict[int, str]:
    """Where each of these people answers a survey, for {{ data.survey_url }}; empty where it takes no answers."""
    found: Survey | None = Survey.objects.of(workspace).filter(public_id=survey, deleted_at=None).select_related("workspace").first()
    if found is None or found.state != Survey.State.OPEN:
        return {}
    way = _way(found)
    rows = Invitation.objects.of(workspace).filter(collector=way, person__in=people).exclude(state__in=_OVER)
    invited = {row.person: row for row in rows}
    made = [
        Invitation(
            workspace=workspace, survey=found, collector=way, person=person, handle=knowing.handle_of(workspace.pk, person),
            state=Invitation.State.ASKED, asked_at=timezone.now(),
        )
        for person in people if person not in invited
    ]  # fmt: skip
    Invitation.objects.bulk_create(made)
    rounds_running.code(made, collectors.secret(way))
    return {row.person: settled.url(row) for row in (*invited.values(), *made)}


def _way(survey: Survey) -> Collector:
    """The way by which journeys ask, made when it is wanted first."""
    with transaction.atomic():
        Survey.objects.of(survey.workspace_id).select_for_update().get(pk=survey.pk)
        standing: Collector | None = Collector.objects.of(survey.workspace_id).filter(survey=survey, settings__journeys=True).first()
        if standing is not None:
            return standing
        made = collectors.create(survey.workspace, None, survey, "mail", _("Journeys"))
        made.settings = {**made.settings, "journeys": True}
        made.save(update_fields=["settings"])
    return made
