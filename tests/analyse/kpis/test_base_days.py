"""The value of the customer base is noted once a day, and what changed it adds up."""

from datetime import date
from decimal import Decimal

from vincle.accounts.models import Workspace
from vincle.analyse.kpis import base_days
from vincle.analyse.kpis.figures import base_value
from vincle.analyse.kpis.models import BaseDay, BaseNow
from vincle.analyse.kpis.spans import span
from vincle.analyse.kpis.stored import Stored
from vincle.organise.models import Score, ScoreRun

ONE, TWO, THREE = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


def scores(workspace: Workspace, values: dict[int, float], alive: dict[int, float] | None = None) -> None:
    Score.objects.of(workspace).filter(name__in=("value", "alive")).delete()
    Score.objects.bulk_create([Score(workspace=workspace, person=who, name="value", value=value) for who, value in values.items()])
    Score.objects.bulk_create([Score(workspace=workspace, person=who, name="alive", value=share) for who, share in (alive or {}).items()])


def test_days_are_noted_once_and_add_up(workspace: Workspace) -> None:
    assert not base_days.note(workspace, ONE)
    scores(workspace, {1: 100, 2: 50, 3: 10}, {3: 0.2})
    assert base_days.note(workspace, ONE)
    assert not base_days.note(workspace, ONE)
    scores(workspace, {1: 120, 2: 20, 3: 30, 4: 7}, {2: 0.4, 3: 0.9})
    assert base_days.note(workspace, TWO)
    first, second = BaseDay.objects.of(workspace).order_by("day")
    assert (first.customers, first.value, first.new) == (2, Decimal(160), 0)
    assert (second.customers, second.value) == (3, Decimal(177))
    assert (second.new, second.back, second.more, second.less, second.lost) == (7, 20, 20, 0, -30)
    assert first.value + second.new + second.back + second.more + second.less + second.lost == second.value
    scores(workspace, {1: 60})
    base_days.note(workspace, THREE)
    found = base_value.value(Stored(workspace, ONE), span("month", THREE, THREE))
    assert found.value == 600_000
    bridge = found.parts["bridge"]
    assert (bridge.start, bridge.end) == (1_600_000, 600_000)
    assert bridge.start + sum(bridge.parts) == bridge.end
    assert BaseNow.objects.of(workspace).count() == 1


def test_it_is_due_once_a_day_when_values_are_known(workspace: Workspace) -> None:
    assert not base_days.any_due()
    scores(workspace, {1: 5})
    ScoreRun.objects.create(workspace=workspace, name="value", people=1)
    assert base_days.any_due()
    assert base_days.turn() == 1
    assert not base_days.any_due()
