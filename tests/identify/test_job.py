"""Probable links in the background: who is joined, who is asked about, what is looked at again, and that it may be killed anywhere."""

import io
import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db.models import Count
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify import actions, decided, gather, job, learning
from vincle.identify.models import Belonging, Case, Move, Person, SharedHandle, Trained
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.project import pipeline
from vincle.store.models import Cursor

FIRST = ("Montserrat", "Jordi", "Laia", "Oriol", "Mercè", "Arnau", "Gemma", "Roser", "Ferran", "Eulàlia", "Guillem", "Neus")
LAST = ("Vilaró", "Puigdomènech", "Sunyer", "Xifra", "Bofill", "Garriga", "Rabassa", "Verdaguer", "Llobet", "Fàbregas", "Trias", "Danés")


def bring(workspace: Workspace, text: str, name: str) -> None:
    listen.receive_file(workspace, io.BytesIO(text.encode()), name, kind="contacts")
    pipeline.catch_up()


def _people(count: int) -> Iterator[tuple[str, str, int]]:
    names = itertools.islice(((first, last) for last in LAST for first in FIRST), count)
    return ((first, last, number) for number, (first, last) in enumerate(names))


def _at(number: int) -> str:
    """Birthday and address."""
    return f"19{60 + number % 40}-0{1 + number % 9}-1{number % 10},Carrer Nou {number},170{number % 90:02d},Girona"


def shop(count: int = 100) -> str:
    rows = [f"{first},{last},c{number}@example.org,{_at(number)}" for first, last, number in _people(count)]
    return "First name,Last name,Email,Birthday,Street,Postcode,City\n" + "\n".join(rows) + "\n"


def club(numbers: range) -> str:
    """The same people as a club knows them: by a user name, without an address to write to."""
    rows = [f"{first},{last},club{number},{_at(number)}" for first, last, number in _people(144) if number in numbers]
    return "First name,Last name,Instagram,Birthday,Street,Postcode,City\n" + "\n".join(rows) + "\n"


@pytest.fixture
def town(workspace: Workspace) -> Workspace:
    bring(workspace, shop(), "shop.csv")
    bring(workspace, club(range(30)), "club.csv")
    return workspace


def living(workspace: Workspace) -> int:
    return Person.objects.of(workspace).filter(merged_into=None).count()


def of_handle(workspace: Workspace, value: str) -> int:
    key = Handle.objects.of(workspace).get(value=value).pk
    return int(Belonging.objects.get(handle=key).person)


def groups(workspace: Workspace) -> set[frozenset[int]]:
    found: dict[int, set[int]] = {}
    for handle, person in Belonging.objects.of(workspace).values_list("handle", "person"):
        found.setdefault(person, set()).add(handle)
    return {frozenset(group) for group in found.values()}


def test_records_hold_what_is_known(town: Workspace) -> None:
    found = gather.gather(town.pk)
    assert found.records.size == living(town) == 130
    place = found.places()[of_handle(town, "c0@example.org")]
    cells = {field: found.records.cell(field, place) for field in ("first_name", "last_name", "email", "city", "birthday")}
    assert [cell for (cell,) in cells.values()] == ["Montserrat", "Vilaró", "c0@example.org", "Girona", "1960-01-10"]
    assert found.identified[place]
    other = found.places()[of_handle(town, "club0")]
    assert found.records.cell("username", other) == ("instagram:club0",)
    assert not found.identified[other]


def test_nothing_of_another_workspace_and_no_shared_handle(town: Workspace, other_workspace: Workspace) -> None:
    bring(other_workspace, shop(3), "shop.csv")
    assert gather.gather(other_workspace.pk).records.size == 3
    handle = Handle.objects.of(town).get(value="c1@example.org")
    SharedHandle.objects.create(workspace=town, handle=handle.pk, reason=SharedHandle.Reason.TEAM)
    found = gather.gather(town.pk)
    assert not any("c1@example.org" in cell for cell in found.records.columns["email"].values)


def test_the_sure_ones_are_joined(town: Workspace) -> None:
    done = job.run(town)
    assert done is not None
    assert done.trained
    assert done.linked == 30
    assert living(town) == 100
    for number in range(30):
        assert of_handle(town, f"club{number}") == of_handle(town, f"c{number}@example.org")
    move = Move.objects.of(town).filter(act=Move.Act.LINK)[0]
    assert move.probability >= 0.99
    assert {step["matcher"] for step in move.reason["steps"]} >= {"given_name", "family_name"}
    assert move.reason["prior"] + sum(step["weight"] for step in move.reason["steps"]) == pytest.approx(move.weight, abs=0.02)
    again = job.run(town)
    assert again is not None
    assert (again.linked, again.asked, again.trained) == (0, 0, False)


def test_two_known_people_are_asked_about_never_joined(workspace: Workspace) -> None:
    bring(workspace, shop(), "shop.csv")
    bring(workspace, shop(10).replace("@example.org", "@example.net"), "second.csv")
    done = job.run(workspace)
    assert done is not None
    assert done.linked == 0
    assert living(workspace) == 110
    asked = Case.objects.of(workspace).filter(kind="probable", state=Case.State.OPEN)
    assert asked.count() == 10 == done.asked
    case = asked[0]
    assert case.probability > 0.99
    assert case.evidence[-1]["evidence"] == "probable"
    assert [step["code"] for step in case.evidence[-1]["steps"]]


def test_what_the_team_kept_apart_stays_apart(town: Workspace) -> None:
    left, right = sorted((of_handle(town, "club3"), of_handle(town, "c3@example.org")))
    Case.objects.create(workspace=town, left=left, right=right, state=Case.State.DIFFERENT)
    job.run(town)
    assert of_handle(town, "club3") != of_handle(town, "c3@example.org")
    assert of_handle(town, "club4") == of_handle(town, "c4@example.org")


def test_a_link_that_was_taken_back_is_not_made_again(town: Workspace, owner: Any) -> None:
    job.run(town)
    move = Move.objects.of(town).filter(act=Move.Act.LINK)[0]
    actions.undo(town, move.pk, owner, via="screen")
    apart = decided.decided(town.pk).apart
    assert tuple(sorted((move.person, move.other))) in apart
    job.run(town)
    job.run(town, retrain=True)
    assert living(town) == 101


def test_the_teams_joins_teach(town: Workspace, owner: Any) -> None:
    kept = actions.merge(town, of_handle(town, "club5"), of_handle(town, "c5@example.org"), owner, via="screen")
    told = decided.decided(town.pk)
    assert told.decisions == 1
    parted = gather.gather(town.pk, "person", told.sides)
    assert parted.people.tolist().count(kept) == 2
    assert parted.records.size == gather.gather(town.pk).records.size + 1
    done = job.run(town)
    assert done is not None
    assert done.linked == 29


def test_only_what_changed_is_looked_at_again(town: Workspace) -> None:
    job.run(town)
    trained = Trained.objects.of(town).get(is_current=True, kind="person")
    job.run(town)
    assert job.run(town).compared == 0  # type: ignore[union-attr]
    bring(town, club(range(40, 43)), "club2.csv")
    done = job.run(town)
    assert done is not None
    assert done.linked == 3
    assert not done.trained
    assert 0 < done.compared < trained.pairs / 4
    assert Trained.objects.of(town).get(is_current=True, kind="person").pk == trained.pk


def test_the_model_is_learnt_anew_when_there_is_reason(town: Workspace) -> None:
    job.run(town)
    trained = learning.current(town.pk, "person")
    assert trained is not None
    records = gather.gather(town.pk).records
    assert not learning.is_due(trained, records, 4)
    assert learning.is_due(trained, records, 5)
    assert learning.is_due(trained, records.take(np.arange(100, dtype=np.int32).repeat(3)), 0)
    done = job.run(town, retrain=True)
    assert done is not None
    assert done.trained
    assert Trained.objects.of(town).filter(kind="person").count() == 2
    assert len(job.runs(town)) == 2


def test_few_people_are_compared_by_the_weights_one_begins_with(workspace: Workspace) -> None:
    bring(workspace, shop(12), "shop.csv")
    bring(workspace, club(range(4)), "club.csv")
    done = job.run(workspace)
    assert done is not None
    assert done.people == 16
    assert done.linked == 4
    for number in range(4):
        assert of_handle(workspace, f"club{number}") == of_handle(workspace, f"c{number}@example.org")


@pytest.mark.parametrize("dies_after", [1, 7, 29])
def test_killed_in_between_it_goes_on(town: Workspace, monkeypatch: pytest.MonkeyPatch, dies_after: int) -> None:
    monkeypatch.setattr(job, "PIECE", 1)
    real, calls = job.link_probable, itertools.count(1)

    def dying(*args: Any, **more: Any) -> Any:
        if next(calls) > dies_after:
            raise KeyboardInterrupt
        return real(*args, **more)

    monkeypatch.setattr(job, "link_probable", dying)
    with pytest.raises(KeyboardInterrupt):
        job.run(town)
    assert living(town) == 130 - dies_after
    monkeypatch.setattr(job, "link_probable", real)
    job.run(town)
    assert living(town) == 100
    assert {len(group) for group in groups(town)} <= {1, 2}
    assert sum(len(group) == 2 for group in groups(town)) == 30


def test_a_question_that_is_none_any_more_is_closed(workspace: Workspace) -> None:
    bring(workspace, shop(), "shop.csv")
    bring(workspace, shop(10).replace("@example.org", "@example.net"), "second.csv")
    job.run(workspace)
    person = of_handle(workspace, "c2@example.net")
    text = "First name,Last name,Email,Birthday,Street,Postcode,City\nZacarias,Wenceslau,c2@example.net,1999-12-31,Rua Alta 5,90210,Porto\n"
    bring(workspace, text, "later.csv")
    done = job.run(workspace)
    assert done is not None
    assert done.closed == 1
    states = dict(Case.objects.of(workspace).filter(kind="probable").values_list("state").annotate(n=Count("pk")))
    assert states == {"open": 9, "moot": 1}
    moot = Case.objects.of(workspace).get(state=Case.State.MOOT)
    assert person in (moot.left, moot.right)


def test_one_worker_at_a_time(town: Workspace) -> None:
    Cursor.objects.update_or_create(
        name=job.name_of(town), defaults={"owner": "elsewhere:1:abc", "lease_until": timezone.now() + timedelta(seconds=20)}
    )
    assert job.run(town) is None
    assert job.state(town).is_running
    assert living(town) == 130


def test_due_when_enough_is_new_or_something_for_long(workspace: Workspace) -> None:
    def looked(ago: timedelta) -> None:
        Cursor.objects.filter(name=job.name_of(workspace)).update(updated_at=timezone.now() - ago)

    assert not job.is_due(workspace)
    looked(timedelta(hours=1))
    assert not job.is_due(workspace)
    bring(workspace, shop(20), "shop.csv")
    assert job.is_due(workspace)
    looked(timedelta(minutes=1))
    assert not job.is_due(workspace)
    bring(workspace, shop(140), "more.csv")
    bring(workspace, club(range(100)), "club.csv")
    assert job.is_due(workspace)
    looked(timedelta(seconds=5))
    assert not job.is_due(workspace)
    looked(timedelta(hours=1))
    job._next_look[0] = 0.0
    assert job.turn() > 0
    assert not job.is_due(workspace)
    assert job.state(workspace).last_at is not None


def test_what_went_wrong_is_kept_for_the_health_screen(town: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **more: Any) -> Any:
        raise ValueError("no such column")

    monkeypatch.setattr(job, "compare", broken)
    with pytest.raises(ValueError, match="no such column"):
        job.run(town)
    assert job.state(town).trouble == "ValueError: no such column"
    monkeypatch.undo()
    job.run(town)
    assert job.state(town).trouble == ""
