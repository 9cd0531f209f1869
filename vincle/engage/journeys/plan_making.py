"""Journeys made of the ready-made plans of campaigns, and how they go."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns.plan_journeys import Told, Wanted

from .models import Journey, Walk

_BOUGHT = {"event": {"verb": ["Purchase"]}}


def make(workspace: Workspace, user: User, wanted: Wanted) -> str:
    """A draft: whoever is to be left out goes at once; the others get the letter, and what they do in the days behind it counts."""
    # At first use: they bring numpy, which what only starts has no time for.
    from vincle.engage.campaigns.checking import Refused

    from . import actions

    try:
        with transaction.atomic():
            made = actions.create(workspace, user, actions.free_name(workspace, wanted.name), definition(wanted), wanted.why)
    except (actions.Refused, actions.BadDefinition) as refused:
        raise Refused(str(refused)) from refused
    return made.public


def definition(wanted: Wanted) -> dict[str, Any]:
    mail = {"id": "letter", "do": "send", "letter": str(wanted.letter), "medium": "email", "topic": "marketing", "purpose": "marketing"}
    steps: list[dict[str, Any]] = [mail]
    if wanted.sells:
        steps.append({"id": "window", "do": "wait", "until": _BOUGHT, "most": {"days": wanted.waits_days}, "came": [], "missed": []})
    if wanted.without:
        spared = [{"segment": public} for public in wanted.without]
        leave = {"if": spared[0] if len(spared) == 1 else {"any": spared}, "steps": [{"id": "spared", "do": "leave"}]}
        steps.insert(0, {"id": "not_now", "do": "branch", "paths": [leave], "else": []})
    return {
        "start": [dict(wanted.start)], "again": {"may": "ended", "days": wanted.again_days}, "late": {"hours": 48, "then": "skip"},
        "goal": [_BOUGHT] if wanted.sells else [], "steps": steps,
    }  # fmt: skip


def tell(workspace: Workspace, publics: Sequence[str]) -> Mapping[str, Told]:
    """Two queries."""
    rows = list(Journey.objects.of(workspace).filter(public__in=publics, archived_at=None))
    walks, at_goal = Walk.objects.filter(journey__in=rows).values_list("journey"), Q(state=Walk.State.GOAL)
    counted = walks.annotate(n=Count("pk"), goal=Count("pk", filter=at_goal))
    figures = {journey: (people, reached) for journey, people, reached in counted.order_by()}
    return {
        row.public: Told(
            row.name, reverse("journeys:journey", kwargs={"workspace": workspace.slug, "journey": row.public}), row.get_state_display(),
            row.state == Journey.State.RUNNING, *figures.get(row.pk, (0, 0)),
        )
        for row in rows
    }  # fmt: skip
