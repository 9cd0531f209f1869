"""Communication plans: kept, taken back, measured beside everyone else, printed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.organise.community import act, bring, fact
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.organise import planning, segmenting, team
from vincle.organise.models import Plan, Segment
from vincle.project import pipeline
from vincle.science.proportions import wilson
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
BUYS = {"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}}


def bought(n: int, days: float) -> Any:
    values = {"amount": Decimal("10"), "currency": "EUR", "native_id": f"order{n}:{days}"}
    return act(HandleRef("email", f"p{n}@example.org"), Verb.PURCHASE, ObjectType.ORDER, days, **values)


@pytest.fixture
def segment(workspace: Workspace) -> Segment:
    """Twelve people, four of them with the tag the segment asks for."""
    bring(workspace, [fact(f"p{n}@example.org", f"Person {n}", tags=("vip",) if n < 4 else ()) for n in range(12)])
    made = segmenting.create(workspace, None, "Regulars", {"tag": "vip"})
    pipeline.catch_up()
    return made


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def today(days: int = 0) -> Any:
    return (timezone.now() + timedelta(days=days)).date()


def test_what_came_of_it_stands_beside_everyone_else(workspace: Workspace, owner: User, segment: Segment) -> None:
    planning.keep(workspace, owner, segment, goal="They buy", success=BUYS, starts_on=today(-10))
    bring(workspace, [bought(0, 1), bought(1, 2), bought(2, 30), bought(5, 1), bought(6, 60)], "orders")
    found = planning.measure(workspace, Plan.objects.get())
    assert found
    assert (found.inside[:2], found.outside[:2]) == ((2, 4), (1, 8))
    assert found.inside[2:] == wilson(2, 4)
    assert found.outside[2:] == wilson(1, 8)
    assert not found.is_apart


def test_who_left_by_doing_it_counts_all_the_same(workspace: Workspace, owner: User, segment: Segment) -> None:
    lapsed = segmenting.create(workspace, None, "Silent", {"did_not": {"verb": "Purchase"}})
    pipeline.catch_up()
    planning.keep(workspace, owner, lapsed, success=BUYS, starts_on=today(-3))
    bring(workspace, [bought(0, 0.01), bought(1, 0.02)], "orders")
    found = planning.measure(workspace, Plan.objects.get(segment=lapsed))
    assert found
    assert (found.inside[:2], found.outside[:2]) == ((2, 12), (0, 0))


@pytest.mark.parametrize("values", [{"success": BUYS}, {"starts_on": True}, {"success": BUYS, "starts_on": False}])
def test_what_has_not_begun_is_not_measured(workspace: Workspace, owner: User, segment: Segment, values: dict[str, Any]) -> None:
    if "starts_on" in values:
        values = {**values, "starts_on": today(-5 if values["starts_on"] else 5)}
    planning.keep(workspace, owner, segment, goal="x", **values)
    assert planning.measure(workspace, Plan.objects.get()) is None


def test_it_is_kept_traced_and_taken_back(workspace: Workspace, owner: User, segment: Segment) -> None:
    first = planning.keep(workspace, owner, segment, goal="They come back", starts_on=today())
    assert planning.keep(workspace, owner, segment, goal="They come back").people == 0
    second = planning.keep(workspace, owner, segment, goal="They stay", every_days=14, starts_on=None)
    assert AuditEntry.objects.filter(object_type="communication plan").count() == 2

    def back(undo: str) -> None:
        team.take_back(workspace, owner, team.read_undo(workspace, undo) or {})

    back(second.undo)
    row = Plan.objects.get()
    assert (row.goal, row.every_days, row.starts_on) == ("They come back", None, today())
    gone = planning.drop(workspace, owner, row)
    assert not Plan.objects.exists()
    back(gone.undo)
    assert Plan.objects.get().goal == "They come back"
    back(first.undo)
    assert not Plan.objects.exists()


@pytest.mark.parametrize(
    "values", [{"every_days": 0}, {"every_days": 99_999}, {"goal": "x" * 301}, {"owner_id": 987_654}, {"message": "x" * 20_001}]
)
def test_what_cannot_be_is_refused(workspace: Workspace, owner: User, segment: Segment, values: dict[str, Any]) -> None:
    with pytest.raises(team.Refused):
        planning.keep(workspace, owner, segment, **values)
    assert not Plan.objects.exists()


def test_pages(
    workspace: Workspace, other_workspace: Workspace, segment: Segment, client_for: Callable[..., Client],
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    client, public = client_for(Role.AGENT), segment.public
    assert "Regulars" in client.get(place(workspace, "plans")).content.decode()
    typed = {
        "goal": "One in five buys <again>", "message": "First line\r\nSecond line", "channel": "email", "every": "14", "owner": "",
        "starts": str(today(-10)), "has_success": "1", "did-verb": "Purchase", "did-times": "1",
    }  # fmt: skip
    wrong = client.post(place(workspace, "keep_plan", public=public), {**typed, "starts": "soon"}).content.decode()
    assert "“soon” is not a date" in wrong
    assert "First line" in wrong
    assert client.post(place(workspace, "keep_plan", public=public), typed).status_code == 302
    row = Plan.objects.get()
    assert (row.message, row.every_days, row.success) == ("First line\nSecond line", 14, BUYS)
    bring(workspace, [bought(0, 1)], "orders")
    with django_assert_max_num_queries(22):
        page = client.get(place(workspace, "plan", public=public)).content.decode()
    assert "One in five buys &lt;again&gt;" in page
    result = client.get(place(workspace, "plan_result", public=public)).content.decode()
    assert "comparison, not an experiment" in result
    assert "1 of 4" in result
    sheet = client_for(Role.VIEWER).get(place(workspace, "plan_print", public=public)).content.decode()
    assert "every 14 days" in sheet
    assert "Keep the plan" not in sheet
    listed = client.get(place(workspace, "plans")).content.decode()
    assert "One in five buys" in listed
    client.post(place(workspace, "drop_plan", public=public))
    assert not Plan.objects.exists()
    assert client.get(place(workspace, "plan", public="nothing")).status_code == 404


def test_who_may_only_look_reads_it(workspace: Workspace, owner: User, segment: Segment, client_for: Callable[..., Client]) -> None:
    planning.keep(workspace, owner, segment, goal="They buy", message="Hello")
    page = client_for(Role.VIEWER).get(place(workspace, "plan", public=segment.public)).content.decode()
    assert "They buy" in page
    assert "Keep the plan" not in page
