"""The demo into the stores, through the front door: one raw file a channel, received, worked off and followed by the pipeline."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from django.utils.translation import gettext as _

from vincle.accounts.models import User, Workspace
from vincle.channels.vincle_jsonl import channel as interchange
from vincle.channels.vincle_jsonl import dump
from vincle.identify.models import Person
from vincle.listen import actions as listen
from vincle.listen.models import Activity, Delivery, Handle
from vincle.project import pipeline

from . import answers, truth
from .community import Community, found, joined, live
from .identities import Identity, identify
from .kinds import CHANNELS
from .place import CONNECTION, practise, truth_folder, workspace_of
from .straight import make_large
from .tell import Teller, Told

# Larger communities go straight to the stores: told line by line they would not fit in memory.
MOST_TOLD = 50_000
Progress = Callable[[float, str], None]
# Shares of the work, measured: drawing and telling, importing, following.
DRAWN, IMPORTED, FOLLOWED = 0.15, 0.5, 0.85


@dataclass(frozen=True)
class Demo:
    """A demo that was told but not written: equal arguments give equal lines."""

    community: Community
    identities: list[Identity]
    told: Told


class Summary(NamedTuple):
    """What stands after a demo was written. `expected_people` is what exact identification should find among `drawn_people`.

    `people` are those before probable links.
    """

    workspace: Workspace
    activities: int
    handles: int
    people: int
    drawn_people: int
    expected_people: int
    expected_questions: int
    new: int
    duplicates: int
    rejected: int
    truth: Path
    seconds: float


def prepare(people: int = 2000, months: int = 12, seed: int = 1, activities: int | None = None, until: datetime | None = None) -> Demo:
    """Draw and tell a community. `activities` are 20 a person unless stated; ValueError when they cannot be."""
    community = found(people, activities or 20 * people, months, seed, until or datetime.now(UTC))
    identities = identify(community.people, seed)
    told = Teller(community, identities).tell(joined(list(live(community))))
    return Demo(community, identities, told)


def make_demo(
    workspace: Workspace | str = "Cafè Lligam", people: int = 2000, months: int = 12, seed: int = 1, activities: int | None = None,
    progress: Progress | None = None, until: datetime | None = None, user: User | None = None,
) -> Summary:  # fmt: skip
    """Fill a workspace (the one of this name, made when there is none) with a demo, and bring everything up to date.

    More than `MOST_TOLD` people are written without the front door's work, see `straight`. `progress(done, said)` is called
    as it goes: `done` from 0 to 1, `said` in words. The same `seed` and `until` again change nothing. ValueError for sizes
    that cannot be.
    """
    if people > MOST_TOLD:
        return _large(workspace, people, months, seed, activities, progress, until, user)
    begun = perf_counter()
    say = progress or (lambda done, said: None)
    say(0.0, _("Inventing a café and its people"))
    demo = prepare(people, months, seed, activities, until)
    workspace = workspace if isinstance(workspace, Workspace) else workspace_of(workspace, user)
    place = truth_folder(seed)
    expected = truth.write(place, demo.community, demo.identities, demo.told)
    say(DRAWN, _("Importing what they said and did"))
    deliveries = _import_all(workspace, _files(demo.told), say)
    say(IMPORTED, _("Finding out who is who"))
    pipeline.catch_up()
    by_exact = Person.objects.of(workspace).filter(merged_into=None).count()
    say(FOLLOWED, _("Looking for people who are one"))
    answers.work(workspace, place, user)
    pipeline.catch_up()
    say(1.0, _("Done"))
    return Summary(
        workspace, Activity.objects.of(workspace).count(), Handle.objects.of(workspace).filter(is_own=False).count(),
        by_exact, people, expected.people, expected.questions,
        sum(delivery.accepted for delivery in deliveries), sum(delivery.duplicates for delivery in deliveries),
        sum(delivery.rejected for delivery in deliveries), place, round(perf_counter() - begun, 2),
    )  # fmt: skip


def _large(
    workspace: Workspace | str, people: int, months: int, seed: int, activities: int | None, progress: Progress | None,
    until: datetime | None, user: User | None,
) -> Summary:  # fmt: skip
    built = make_large(workspace, people, activities or 20 * people, months, seed, until, progress=progress, user=user)
    handles = Handle.objects.of(built.workspace).filter(is_own=False).count()
    counts = (built.activities, handles, built.people, people, people, 0, built.activities, 0, 0)
    return Summary(built.workspace, *counts, truth_folder(seed), built.seconds)


def _files(told: Told) -> list[tuple[int, bytes]]:
    return [(channel, b"".join(map(dump, known))) for channel, known in told.files()]


def _import_all(workspace: Workspace, files: list[tuple[int, bytes]], say: Progress) -> list[Delivery]:
    whole, before, deliveries = sum(len(known) for _channel, known in files) or 1, 0, []
    for channel, known in files:
        deliveries.append(_import(workspace, CHANNELS[channel], known))
        before += len(known)
        say(DRAWN + (IMPORTED - DRAWN) * before / whole, CHANNELS[channel])
    return deliveries


def _import(workspace: Workspace, channel: str, known: bytes) -> Delivery:
    source = practise(listen.connection_for(workspace, channel, CONNECTION))
    digest, path, size = listen.keep_file(io.BytesIO(known))
    delivery = listen.receive_stored(workspace, digest, path, size, f"demo-{channel}.jsonl", interchange.spec.id, None, source=source)
    listen.work_off(delivery)
    delivery.refresh_from_db()
    return delivery
