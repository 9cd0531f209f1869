"""Notes once a day what the customer base is worth and what changed it, from everybody's expected value of that moment."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zlib import compress, decompress
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.organise.models import Score, ScoreRun

from .models import BaseDay, BaseNow

if TYPE_CHECKING:
    from vincle.science.bridge import Bridge

VALUE, ALIVE = "value", "alive"
HERE: Final = 0.5
"""Who is more likely still a customer than not counts as here."""
_SCALE: Final = 10_000


def any_due() -> bool:
    return any(is_due(workspace) for workspace in Workspace.objects.order_by("pk"))


def is_due(workspace: Workspace) -> bool:
    """Once a local day, when everybody's value is known."""
    if not ScoreRun.objects.of(workspace).filter(name=VALUE, people__gt=0).exists():
        return False
    return not BaseDay.objects.of(workspace).filter(day=_today(workspace)).exists()


def turn() -> int:
    """Note the day of every workspace that is due; returns how many."""
    return sum(note(workspace) for workspace in Workspace.objects.order_by("pk") if is_due(workspace))


def note(workspace: Workspace, day: date | None = None) -> bool:
    """Write a day down; False when there is nothing to write, or it stands already."""
    import numpy as np

    day = day or _today(workspace)
    now = _now(workspace)
    if not now.size:
        return False
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        if BaseDay.objects.of(workspace).filter(day=day).exists():
            return False
        held = BaseNow.objects.of(workspace).first()
        found = _bridge(_unpacked(held.packed), now) if held is not None and held.day < day else None
        parts = dict(zip(("new", "back", "more", "less", "lost"), found.parts, strict=True)) if found else {}
        money = {name: Decimal(part).scaleb(-4) for name, part in parts.items()}
        total = Decimal(int(now["value"].sum())).scaleb(-4)
        BaseDay.objects.create(workspace=workspace, day=day, customers=int(now["here"].sum()), value=total, **money)
        BaseNow.objects.update_or_create(
            workspace=workspace, defaults={"day": day, "packed": compress(np.ascontiguousarray(now).tobytes())}
        )
    return True


def _today(workspace: Workspace) -> date:
    return timezone.now().astimezone(ZoneInfo(workspace.timezone)).date()


def _type() -> Any:
    import numpy as np

    return np.dtype([("person", np.int64), ("value", np.int64), ("here", np.bool_)])


def _now(workspace: Workspace) -> Any:
    """(person, value, here) of everybody who has a value, by person."""
    import numpy as np

    alive = dict(Score.objects.of(workspace).filter(name=ALIVE).values_list("person", "value"))
    rows = Score.objects.of(workspace).filter(name=VALUE).order_by("person").values_list("person", "value")
    return np.array([(person, round(value * _SCALE), alive.get(person, 1.0) >= HERE) for person, value in rows], _type())


def _unpacked(packed: Any) -> Any:
    import numpy as np

    return np.frombuffer(decompress(bytes(packed)), _type())


def _bridge(then: Any, now: Any) -> "Bridge":
    """Who has a value now and had none is new; who falls below or rises above HERE is lost, or back."""
    import numpy as np

    from vincle.science.bridge import bridge

    people = np.union1d(then["person"], now["person"])
    sides = []
    for side in (then, now):
        value, here = np.zeros(people.size, np.int64), np.zeros(people.size, bool)
        places = np.searchsorted(people, side["person"])
        value[places], here[places] = side["value"], side["here"]
        sides.append((value, here))
    (before, was), (after, here) = sides
    is_new = ~np.isin(people, then["person"])
    return bridge(before, after, was, here, is_new)
