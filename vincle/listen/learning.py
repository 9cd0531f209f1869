"""What a workspace's corrections teach the reader of sentiment: in the background, measured, and used only where it helps."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import structlog
from django.db import transaction
from django.db.models import F

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.store.models import Cursor

from . import log
from .models import Correction, Learnt

READER: Final = "sentiment"
CURSOR: Final = "corrections to learn from "
"""Cursors of this name and a workspace's id count the corrections since the last time."""

ENOUGH: Final = 20
LEARNT_FROM: Final = 5_000
"""The newest of so many corrections are learnt from."""

logger = structlog.get_logger(__name__)


class Example(NamedTuple):
    """A text, how it was read, and how someone of the team says it is."""

    text: str
    was: str
    now: str


def count(workspace: Workspace) -> None:
    """Note one more correction to learn from. Inside the caller's transaction."""
    name = f"{CURSOR}{workspace.pk}"
    Cursor.objects.get_or_create(name=name)
    Cursor.objects.filter(name=name).update(position=F("position") + 1)


def is_due(reached: Mapping[str, int]) -> bool:
    return any(place >= ENOUGH for name, place in reached.items() if name.startswith(CURSOR))


def turn() -> int:
    """Learn for one workspace that has enough new corrections; returns 1 when there was one."""
    due = Cursor.objects.filter(name__startswith=CURSOR, position__gte=ENOUGH).order_by("name").first()
    if due is None:
        return 0
    workspace = int(due.name.removeprefix(CURSOR))
    if Workspace.objects.filter(pk=workspace).exists():
        learn(workspace, due.position)
    else:
        due.delete()
    return 1


def learn(workspace: int, counted: int) -> Learnt | None:
    """Learn from the corrections of a workspace, and use it from now on if it reads texts it has not seen better than before."""
    from vincle.language import learning  # at first use: it brings the numerical libraries

    found = examples(workspace)
    pairs = [(example.text, example.now) for example in found]
    quality = learning.measure(pairs)
    helps = quality.after > quality.before
    model = learning.learn(pairs) if helps else None
    with transaction.atomic():
        Cursor.objects.filter(name=f"{CURSOR}{workspace}").update(position=F("position") - counted)
        current = Learnt.objects.of(workspace).filter(reader=READER, is_current=True)
        used_before = current.exclude(model=None).exists()
        current.update(is_current=False)
        made: Learnt = Learnt.objects.create(
            workspace_id=workspace, reader=READER, model=model, corrections=len(found), is_current=True,
            quality={"before": round(quality.before, 4), "after": round(quality.after, 4), "texts": quality.n},
        )  # fmt: skip
        Learnt.objects.of(workspace).filter(reader=READER, is_current=False).exclude(model=None).update(model=None)
        audit.record(workspace, None, "learnt", "corrections", made.pk, actor="worker", **made.quality, used=helps)
        if helps or used_before:
            from .understanding import read_again

            read_again(workspace)
    logger.info("learnt from corrections", workspace=workspace, used=helps, **made.quality)
    return made


def examples(workspace: Workspace | int) -> list[Example]:
    """Texts whose sentiment the team has corrected or confirmed, and that are still there; newest first."""
    rows = Correction.objects.of(workspace).filter(field=Correction.Field.SENTIMENT).order_by("-at", "-pk")[:LEARNT_FROM]
    said = {bytes(event): (was, now) for event, was, now in rows.values_list("event_id", "was", "now")}
    words = log.contents(said)
    return [Example("\n".join(filter(None, (words[event][1], words[event][0]))), *said[event]) for event in said if event in words]


def state(workspace: Workspace | int) -> dict[str, object]:
    """For people: what was learnt last, and how many corrections there are by field."""
    counts = {field: Correction.objects.of(workspace).filter(field=field).count() for field in Correction.Field.values}
    last = Learnt.objects.of(workspace).filter(reader=READER, is_current=True).first()
    waiting = Cursor.objects.filter(name=f"{CURSOR}{getattr(workspace, 'pk', workspace)}").values_list("position", flat=True).first() or 0
    return {"counts": counts, "last": last, "waiting": max(waiting, 0), "enough": ENOUGH}
