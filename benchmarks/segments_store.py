"""The community of the benchmark put into the store: people, packed histories, 200 segments and who is in them."""

import os
import time
from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np

from vincle.organise.segments.evaluate import Evaluation
from vincle.organise.segments.frame import Frame
from vincle.organise.segments.packed import pack, split
from vincle.organise.segments.reading import read
from vincle.vocabulary import HandleRef, handle_key

from . import segments_world as world

SEGMENTS, BATCH = 200, 1_000
CURSORS = ("understand", "organise", "segments", "segments changes", "segments texts", "organise changes")
_WHEN = str((world.NOW - timedelta(days=800)).replace(tzinfo=None))
_PEOPLE = ("person", "workspace_id", "kind", "name", "search", "traits", "email", "phone", "company", "city", "country", "channels",
           "is_identified", "stage", "activities", "purchases", "known_since", "first_at", "last_at")  # fmt: skip


def predicates(count: int, seed: int) -> list[dict[str, Any]]:
    """Different ones, of every kind of clause."""
    chance = Random(seed)
    return [_predicate(number, chance) for number in range(count)]


def _predicate(number: int, chance: Random) -> dict[str, Any]:
    days = chance.choice([7, 14, 30, 60, 90, 180])
    within = {"within": {"days": days}}
    cities = {"trait": "city", "one_of": chance.sample(world.CITIES, chance.randrange(2, 12))}
    bought: dict[str, Any] = {"verb": "Purchase"}
    spring: dict[str, Any] = {"verb": "View", "campaign": [f"spring-{chance.randrange(39)}"]}
    unhappy = {"did": {"verb": "Create", "sentiment": "negative", "topic": [chance.choice(world.TOPICS[1:])]}, **within}
    waiting = [{"verb": "View", "object_type": "Link"}, {**bought, "product": chance.sample(world.PRODUCTS, 5)}]
    forms: list[Any] = [
        {"all": [{"did": bought, "count": {"at_least": chance.randrange(2, 5)}, **within}, {"did_not": {"verb": "Create"}, **within}]},
        {"all": [{"did_not": bought, **within}, {"did": bought, "within": {"days": 2 * days}}, cities]},
        {"all": [{"did": bought, "sum": {"at_least": chance.randrange(100, 500)}, "within": {"since": "month"}}]},
        {"all": [{"sequence": waiting, "within_days": chance.randrange(1, 7)}]},
        {"all": [{"did": spring, "count": {"at_least": 2}, **within}, cities]},
        {"all": [{"tag": "vip"}, unhappy]},
        {"all": [{"any": [unhappy, {"did": bought, "last": {"at_least": 90}}]}, {"stage": ["creator", "critic"]}, cities]},
        {"all": [{"did": bought, "last": {"at_least": days, "at_most": days + 10}}, {"score": "churn", "at_least": 0.7}]},
        {"all": [{"did": bought, "kinds": {"at_least": chance.randrange(8, 12)}, "of": "product"}, {"not": cities}]},
        {"all": [{"score": "churn", "at_least": 0.9}, cities]},
        {"all": [{"sequence": waiting[::-1], "within_days": 3, "missing_last": True, **within}, {"tag": "vip"}]},
        {"all": [{"did": bought, "mean": {"at_least": 150}, **within}, {"not": unhappy}, cities]},
    ]
    return forms[number % len(forms)]  # type: ignore[no-any-return]


def fill(people: int, acts: int) -> dict[str, Any]:
    """Into an empty store with one workspace; returns how large it is."""
    from django.conf import settings
    from django.db import transaction

    from vincle.accounts.models import Workspace
    from vincle.organise.models import Segment, Tag
    from vincle.store import bulk
    from vincle.store.models import Cursor

    where, began = Workspace.objects.get(), time.monotonic()
    Tag.objects.create(workspace=where, name="VIP", folded="vip")
    for number, asked in enumerate(predicates(SEGMENTS, 1)):
        Segment.objects.create(
            workspace=where, public=f"s{number}", name=f"Segment {number}", predicate=asked, state=Segment.State.LIVE, looked_to=None,
            built_at=world.NOW, created_at=world.NOW - timedelta(days=30),
        )  # fmt: skip
    segments, members = list(Segment.objects.of(where).order_by("pk")), 0
    for block in world.blocks(people, acts):
        packed, bounds = world.columns(block)
        with transaction.atomic():
            _people(where.pk, block)
            _histories(where.pk, block, packed, bounds)
            members += _members(where, segments, world.frame(block, packed, bounds))
    Segment.objects.bulk_update(segments, ["members"])
    _second_handles(where, people)
    for name in CURSORS:
        Cursor.objects.update_or_create(name=name, defaults={"position": acts if "segments" not in name[8:] and " " not in name else 0})
    bulk.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('listen_activity', %s)", [acts])
    bulk.refresh_statistics()
    size = os.path.getsize(settings.DATABASES["default"]["NAME"])
    return {"bytes": size, "members": members, "seconds": time.monotonic() - began}


def _people(where: int, block: world.Block) -> None:
    from vincle.organise.models import Due, Profile, Score, Tag, Tagging
    from vincle.store import bulk

    counts, vip = np.diff(block.start).tolist(), Tag.objects.get(folded="vip").pk
    rows, soon = [], Random(int(block.ids[0]))
    for place, person in enumerate(block.ids.tolist()):
        city = world.CITIES[block.city[place]]
        traits = f'{{"city":["{city}","2024-01-01T00:00:00+00:00",1],"first_name":["Person","2024-01-01T00:00:00+00:00",1]}}'
        name = f"Person {person}"
        rows.append((person, where, "person", name, name.lower(), traits, f"p{person}@example.org", "", "", city, "ES", " web shop ", True,
                     world.STAGES[block.stage[place]], counts[place], 0, _WHEN, _WHEN, _WHEN))  # fmt: skip
    bulk.insert(Profile, _PEOPLE, rows)
    ids = block.ids.tolist()
    _insert("identify_belonging", ("workspace_id", "handle", "person"), [(where, person, person) for person in ids])
    bulk.insert(
        Tagging, ("workspace_id", "person", "tag_id", "at"), [(where, person, vip, _WHEN) for person in block.ids[block.vip].tolist()]
    )
    scores = [(where, person, "churn", value, "", "[]", _WHEN) for person, value in zip(ids, block.score.tolist(), strict=True)]
    bulk.insert(Score, ("workspace_id", "person", "name", "value", "label", "reasons", "at"), scores)
    later = [(where, person, str((world.NOW + timedelta(hours=2 + 700 * soon.random())).replace(tzinfo=None))) for person in ids]
    bulk.insert(Due, ("workspace_id", "person", "at"), later)


def _histories(where: int, block: world.Block, packed: Any, bounds: Any) -> None:
    from vincle.organise.models import History
    from vincle.store import bulk

    start, rows = block.start.tolist(), []
    for place, person in enumerate(block.ids.tolist()):
        for part, each in enumerate(split(world.of_person(packed, bounds, start[place], start[place + 1]))):
            rows.append((where, person, part, len(each), pack(each)))
    bulk.insert(History, ("workspace_id", "handle", "part", "acts", "packed"), rows)


def _members(where: Any, segments: list[Any], frame: Frame) -> int:
    from vincle.organise import frames
    from vincle.organise.models import Membership
    from vincle.store import bulk

    on, rows = Evaluation(frame, frames.now_of(where, world.NOW)), []
    for segment in segments:
        inside = frame.ids[on.truth(read(segment.predicate))].tolist()
        segment.members += len(inside)
        rows += [(where.pk, segment.pk, person, _WHEN, True, False) for person in inside]
    bulk.insert(Membership, ("workspace_id", "segment_id", "person", "entered_at", "is_found", "is_dropped"), rows)
    return len(rows)


def speakers(where: Any, people: int) -> Iterable[tuple[HandleRef, int]]:
    """A thousand people, spread over all, with the handle under which they do something now."""
    ids = np.sort(world.ids_of(people))
    for number in range(BATCH):
        yield HandleRef("login", f"bench-{number}"), int(ids[number * (people // BATCH)])


def _second_handles(where: Any, people: int) -> None:
    secret = bytes(where.secret)
    rows = [(where.pk, handle_key(secret, ref.kind, ref.value), person) for ref, person in speakers(where, people)]
    _insert("identify_belonging", ("workspace_id", "handle", "person"), rows)


def _insert(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})", rows)
