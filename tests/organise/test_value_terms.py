"""The terms by which worth is told."""

from decimal import Decimal
from typing import Any

import pytest

from vincle.accounts.models import AuditEntry, Workspace
from vincle.organise.models import ScoreRun
from vincle.organise.team import Refused
from vincle.organise.value_terms import Terms, as_told, set_terms, terms_of

pytestmark = pytest.mark.django_db


def test_unsaid_terms_are_the_usual_ones(workspace: Workspace) -> None:
    assert terms_of(workspace) == Terms()
    assert terms_of(workspace).days == 365.25
    assert as_told(workspace)["margin"] == ""


def test_terms_are_kept_as_shares_and_told_as_per_cent(workspace: Workspace) -> None:
    found = set_terms(workspace, None, margin="32,5 %", months="24", idea_price="5", send_cost=Decimal("0.0005"))
    assert (found.margin, found.has_margin, found.months) == (Decimal("0.325"), True, 24)
    assert (found.idea, found.review, found.send) == (Decimal(5), None, Decimal("0.0005"))
    told = as_told(workspace)
    assert (told["margin"], told["send_cost"], told["yearly_discount"]) == ("32.5", "0.0005", "10")
    assert set_terms(workspace, None, margin="").has_margin is False
    line = AuditEntry.objects.filter(workspace=workspace, object_type="value terms").order_by("pk").last()
    assert line is not None
    assert line.details == {"margin": None}


def test_the_same_again_changes_and_tells_nothing(workspace: Workspace) -> None:
    set_terms(workspace, None, margin=30)
    set_terms(workspace, None, margin="30.00", months=12)
    assert AuditEntry.objects.filter(workspace=workspace, object_type="value terms").count() == 1


def test_other_terms_make_worth_due_and_prices_do_not(workspace: Workspace) -> None:
    run = ScoreRun.objects.create(workspace=workspace, name="value")
    other = ScoreRun.objects.create(workspace=workspace, name="churn")
    set_terms(workspace, None, idea_price=3)
    assert ScoreRun.objects.get(pk=run.pk).at == run.at
    set_terms(workspace, None, margin=20)
    assert ScoreRun.objects.get(pk=run.pk).at.year == 2000
    assert ScoreRun.objects.get(pk=other.pk).at == other.at


@pytest.mark.parametrize(
    "told",
    [
        {"margin": "101"}, {"margin": "-1"}, {"margin": "much"}, {"months": "0"}, {"months": "61"}, {"months": "1.5"}, {"months": ""},
        {"yearly_discount": "96"}, {"idea_price": "-2"}, {"idea_price": "1e30"}, {"send_cost": "NaN"}, {"send_cost": "Infinity"},
        {"colour": "1"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(workspace: Workspace, told: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        set_terms(workspace, None, **{"margin": 5, **told})
    assert terms_of(workspace) == Terms()
