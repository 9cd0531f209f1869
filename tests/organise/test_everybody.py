"""Everybody a predicate holds for: by the lake and the store together as by one frame of all; and about how many, by a sample."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.analyse.conftest import forget_lake
from tests.organise.community import NOW, act, bring, fact
from vincle.accounts.models import Workspace
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.organise import building, everybody, frames, members, membership, preview, segmenting
from vincle.organise.models import Membership, Profile, Segment
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.needs import needs
from vincle.organise.segments.predicate import Predicate
from vincle.organise.segments.reading import BadPredicate, read
from vincle.project import pipeline
from vincle.store.lease import held
from vincle.vocabulary import Direction, HandleRef, ObjectType, Verb

PEOPLE = 40
ASKED: list[Any] = [
    {"did": {"verb": "Purchase"}, "count": {"at_least": 2}},
    {"did_not": {"verb": "Purchase"}, "within": {"days": 20}},
    {"all": [{"did": {"verb": "Purchase", "product": "mug"}}, {"trait": "city", "is": "Girona"}]},
    {"any": [{"did": {"verb": "Purchase"}, "sum": {"at_least": 100}}, {"tag": "vip"}, {"stage": ["creator"]}]},
    {"not": {"any": [{"did": {"verb": "Create"}}, {"trait": "city", "unknown": True}]}},
    {"all": [{"random": 0.5, "seed": 3}, {"did": {"by": "us"}, "last": {"at_most": 10}}]},
    {"not": {"did_not": {"verb": "Purchase"}}},
    {"all": [{"not": {"did": {"verb": "Purchase"}, "sum": {"at_most": 150}}}, {"tag": "vip"}]},
    {"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 5},
    {"sequence": [{"verb": "View"}, {"verb": "Purchase"}], "within_days": 5, "missing_last": True},
    {"did": {"verb": "Purchase"}, "kinds": {"at_most": 1}, "of": "product"},
    {"all": [{"segment": "buyers"}, {"not": {"segment": "girona"}}]},
    {"trait": "city", "one_of": ["Vic", "Girona"]},
    {"all": []},
    {"any": []},
]
OTHERS = {"buyers": {"did": {"verb": "Purchase"}}, "girona": {"all": [{"trait": "city", "is": "Girona"}, {"did": {}}]}}


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    forget_lake()
    preview.forget()
    yield
    forget_lake()
    preview.forget()


@pytest.fixture
def crowd(workspace: Workspace, other_workspace: Workspace) -> Workspace:
    for where, people in ((workspace, PEOPLE), (other_workspace, 5)):
        bring(where, [item for number in range(people) for item in _person(number, Random(number))])
    for public, asked in OTHERS.items():
        Segment.objects.create(workspace=workspace, public=public, name=public, predicate=asked)
    return workspace


def _person(number: int, chance: Random) -> list[Any]:
    ref = HandleRef("email", f"p{number}@example.org")
    traits = {"city": chance.choice(["Girona", "Vic"])} if number % 3 else {}
    found: list[Any] = [fact(ref.value, f"Person {number}", traits=traits, tags=("vip",) if number % 7 == 0 else ())]
    for place in range(chance.randrange(6)):
        days = chance.randrange(1, 60) + place / 10
        kind = chance.choice([Verb.PURCHASE, Verb.VIEW, Verb.CREATE])
        values: dict[str, Any] = {"amount": Decimal(chance.randrange(2000)) / 10, "currency": "EUR"} if kind == Verb.PURCHASE else {}
        values |= {"props": {"products": chance.sample(["mug", "latte", "tea"], chance.choice([1, 2]))}} if values else {}
        found.append(act(ref, kind, ObjectType.NOTE, days, **values))
    if number % 4 == 0:
        us = {"target": ref, "direction": Direction.OUT, "native_id": f"us{number}"}
        found.append(act(HandleRef("email", "us@example.org"), Verb.CREATE, ObjectType.MESSAGE, chance.randrange(1, 20), **us))
    return found


def by_one_frame(workspace: Workspace, predicate: Predicate, days: float = 0) -> list[int]:
    others = everybody.asked_by(workspace)
    ids = Profile.objects.of(workspace).values_list("person", flat=True)
    frame = frames.load(workspace, ids, needs([predicate], others))
    found: list[int] = frame.ids[truth(predicate, frame, frames.now_of(workspace, NOW - timedelta(days=days)), others)].tolist()
    return found


def test_the_lake_and_the_store_together_are_as_one_frame(crowd: Workspace) -> None:
    sizes = set()
    for asked in ASKED:
        predicate = read(asked)
        for days in (0, 15):
            now = frames.now_of(crowd, NOW - timedelta(days=days))
            found = everybody.all_members(crowd, predicate, now).tolist()
            assert found == by_one_frame(crowd, predicate, days), asked
            sizes.add(len(found))
    assert len(sizes) > 6, "the questions tell people apart"


def test_people_who_are_looked_up_in_pieces_are_the_same(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(everybody, "PIECE", 7)
    monkeypatch.setattr(everybody, "FEW", 3)
    for asked in ASKED:
        predicate = read(asked)
        assert everybody.all_members(crowd, predicate, frames.now_of(crowd, NOW)).tolist() == by_one_frame(crowd, predicate), asked


def test_someone_who_is_no_person_any_more_is_in_nothing(crowd: Workspace) -> None:
    predicate = read(ASKED[0])
    now = frames.now_of(crowd, NOW)
    gone = int(everybody.all_members(crowd, predicate, now)[0])
    Profile.objects.filter(person=gone).delete()
    assert gone not in everybody.all_members(crowd, predicate, now)


def test_as_of_a_moment_only_those_count_who_were_known(crowd: Workspace) -> None:
    everyone, at = read({"all": []}), NOW - timedelta(days=15)
    Profile.objects.of(crowd).update(known_since=NOW)
    early = set(Profile.objects.of(crowd).order_by("person").values_list("person", flat=True)[:10])
    Profile.objects.filter(person__in=early).update(known_since=at)
    assert set(everybody.all_members(crowd, everyone, frames.now_of(crowd, at), as_of=at).tolist()) == early
    did = everybody.all_members(crowd, read(ASKED[0]), frames.now_of(crowd, at), as_of=at).tolist()
    assert did == [person for person in by_one_frame(crowd, read(ASKED[0]), 15) if person in early]


def test_what_cannot_be_asked_is_said(crowd: Workspace) -> None:
    now = frames.now_of(crowd, NOW)
    with pytest.raises(BadPredicate) as raised:
        everybody.all_members(crowd, read({"segment": "nothing"}), now)
    assert raised.value.code == "unknown_segment"
    with pytest.raises(BadPredicate):
        preview.count(crowd, read({"segment": "nothing"}))


def test_a_small_workspace_is_counted_exactly(crowd: Workspace) -> None:
    now = frames.now_of(crowd, NOW)
    for asked in ASKED:
        predicate = read(asked)
        members = by_one_frame(crowd, predicate)
        found = preview.count(crowd, predicate, now)
        assert (found.about, found.low, found.high, found.is_exact) == (len(members),) * 3 + (True,), asked
        assert found.sample == members[: preview.SHOWN]
        assert preview.exact(crowd, predicate, now).about == len(members)


def test_a_large_one_is_counted_on_the_people_with_the_smallest_ids(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "MOST_PEOPLE", 16)
    monkeypatch.setattr(preview, "PIECE", 5)
    total = Profile.objects.of(crowd).count()
    first = list(Profile.objects.of(crowd).order_by("person").values_list("person", flat=True)[:16])
    for asked in ASKED:
        predicate = read(asked)
        hits = [person for person in by_one_frame(crowd, predicate) if person in first]
        found = preview.count(crowd, predicate, frames.now_of(crowd, NOW))
        assert (found.about, found.is_exact, found.sample) == (round(len(hits) / 16 * total), False, hits[: preview.SHOWN])
        assert len(hits) <= found.low <= found.about <= found.high <= total - (16 - len(hits))


def test_what_many_did_makes_the_sample_smaller(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MOST_ACTS", 20), ("PIECE", 4)):
        monkeypatch.setattr(preview, name, value)
    found = preview.count(crowd, read({"did": {}}), frames.now_of(crowd, NOW))
    assert not found.is_exact
    assert found.low <= found.about <= found.high
    assert found.low < found.high


def test_a_sample_is_held_for_a_short_time(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    predicate, now = read({"trait": "city", "is": "Girona"}), frames.now_of(crowd, NOW)
    before = preview.count(crowd, predicate, now).about
    gone = by_one_frame(crowd, predicate)[0]
    Profile.objects.filter(person=gone).delete()
    assert preview.count(crowd, predicate, now).about == before
    monkeypatch.setattr(preview, "LONGEST", 0.0)
    assert preview.count(crowd, predicate, now).about == before - 1


def test_segments_of_many_people_are_built_by_the_lake_also_where_it_lags(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lake does not know yet comes in by the people it concerns."""
    monkeypatch.setattr(building, "LARGE", 1)
    asked_of: list[int] = []
    by_lake = building.all_members
    monkeypatch.setattr(building, "all_members", lambda *given: (asked_of.append(1), by_lake(*given))[1])
    Segment.objects.update(looked_to=None, state=Segment.State.LIVE)
    made = {number: segmenting.create(crowd, None, f"Number {number}", asked) for number, asked in enumerate(ASKED)}
    refs = [HandleRef("email", f"p{number}@example.org") for number in range(0, PEOPLE, 3)]
    late = [act(ref, Verb.PURCHASE, ObjectType.NOTE, 0.5, amount=Decimal(90), currency="EUR", native_id=f"late{ref.value}") for ref in refs]
    log.append(listen.connection_for(crowd, "contacts"), late, NOW)
    for name in (each for each in pipeline.STEPS if each not in ("segments", "analyse")):
        while pipeline.follow((name,)):
            pass
    with held("segments") as cursor:
        assert cursor
        while membership.step(cursor, at=NOW):
            pass
    assert len(asked_of) == len(ASKED)
    for number, asked in enumerate(ASKED):
        inside = Membership.objects.filter(segment=made[number], left_at=None).order_by("person").values_list("person", flat=True)
        assert list(inside) == by_one_frame(crowd, read(asked)), asked


def test_who_was_in_before_a_segment_was_is_the_same_by_the_lake_and_by_pieces(crowd: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    at = NOW - timedelta(days=15)
    Profile.objects.of(crowd).update(known_since=NOW - timedelta(days=60))
    late = list(Profile.objects.of(crowd).order_by("person").values_list("person", flat=True)[:9])
    Profile.objects.filter(person__in=late).update(known_since=NOW)
    by_pieces = [members.evaluated(crowd, asked, at) for asked in ASKED]
    monkeypatch.setattr(building, "LARGE", 1)
    assert [members.evaluated(crowd, asked, at) for asked in ASKED] == by_pieces
    assert any(by_pieces)
    assert not {*late} & {person for each in by_pieces for person in each}
