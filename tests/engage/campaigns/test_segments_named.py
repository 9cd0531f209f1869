"""A segment that letters, campaigns, promotions, plans or journeys lean on cannot be put away, and says who leans on it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.engage.campaigns.conftest import segment
from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import actions, promotions
from vincle.engage.campaigns.models import Campaign, PlanRun
from vincle.engage.campaigns.promotions import Terms
from vincle.engage.journeys import actions as journeys
from vincle.engage.letters import actions as letters
from vincle.organise import segment_uses, segmenting

pytestmark = pytest.mark.django_db


def test_all_that_leans_is_named_and_keeps_it(
    workspace: Workspace, other_workspace: Workspace, owner: User, client_for: Callable[..., Client]
) -> None:
    row = segment(workspace, [])
    blocks = [{"kind": "text", "html": "<p>Hi</p>", "when": {"segment": row.public, "is_in": False}}]
    shown = letters.create(workspace, owner, "Shown to some", draft={"en": {"subject": "x", "blocks": blocks}})
    asks = [{"kind": "text", "html": f'<p>{{% if segments contains "{row.public}" %}}you{{% endif %}}</p>'}]
    letters.create(workspace, owner, "Asks for it", draft={"en": {"subject": "x", "blocks": asks}})
    letters.create(workspace, owner, "Another", draft={"en": {"subject": "x", "blocks": []}})
    campaign = actions.create(workspace, owner, {"name": "Spring", "outside": [row.public]})
    promotions.save(workspace, owner, Terms(name="Ten", segment=row.public))
    journeys.create(workspace, owner, "Back", {"start": [{"enters": row.public}], "steps": []})
    found = [(use.kind, use.name) for use in segment_uses.uses(workspace, row.public)]
    assert found == [
        ("Campaign", "Spring"), ("Journey", "Back"), ("Letter", "Asks for it"), ("Letter", "Shown to some"), ("Promotion", "Ten"),
    ]  # fmt: skip
    assert segment_uses.uses(other_workspace, row.public) == []
    page = client_for().get(reverse("organise:segment", kwargs={"workspace": workspace.slug, "segment": row.public})).content.decode()
    assert all(name in page for _kind, name in found)
    with pytest.raises(segmenting.Refused, match="Campaign: Spring"):
        segmenting.archive(workspace, owner, row)
    letters.archive(workspace, owner, shown)
    Campaign.objects.filter(pk=campaign.pk).update(state="done", plan="winback", approved_at=row.created_at)
    PlanRun.objects.create(workspace=workspace, plan="winback", next_at=row.created_at)
    kinds = [use.kind for use in segment_uses.uses(workspace, row.public)]
    assert kinds == ["Journey", "Letter", "Plan", "Promotion"]


def test_what_nothing_leans_on_goes(workspace: Workspace, owner: User) -> None:
    assert segmenting.archive(workspace, owner, segment(workspace, [])).archived_at
