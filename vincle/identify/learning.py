"""When a workspace's model of probable links is learnt anew, from what, and where it is kept."""

import json

from django.db import transaction

from vincle.accounts.models import Workspace

from .choosing import places_of, sides_of
from .decided import Decided
from .gather import Gathered, gather
from .linkage.model import Model, assemble, starting
from .linkage.records import Records
from .linkage.run import Outcome
from .linkage.run import run as compare
from .matchers.registry import chosen
from .models import Trained

FEWEST = 50
"""Of fewer records nothing can be learnt: the weights that the matchers begin with hold."""
GROWN = 2.0
MORE_DECISIONS, MORE_SHARE, LEAST = 20, 0.2, 5
"""Decisions that make a model old: so many more, or this share more and at least `LEAST`."""


def current(workspace: int, kind: str) -> Trained | None:
    found: Trained | None = Trained.objects.of(workspace).filter(kind=kind, is_current=True).first()
    return found


def model_of(trained: Trained) -> Model:
    return Model.from_json(json.dumps(trained.model))


def is_due(trained: Trained | None, records: Records, decisions: int) -> bool:
    """Whether the model is none, too old, or does not speak of what is compared by now."""
    if trained is None:
        return True
    before = int(trained.quality.get("decisions", 0))
    more = decisions - before
    if more >= MORE_DECISIONS or more >= max(LEAST, MORE_SHARE * before):
        return True
    if records.size >= max(FEWEST, GROWN * trained.records):
        return True
    return records.size > 0 and not _fits(trained, records)


def _fits(trained: Trained, records: Records) -> bool:
    """Whether the model knows the matchers of these records, by the levels they have in this version."""
    try:
        parts = model_of(trained).parts
    except ValueError:
        return False
    return all(each.id in parts and parts[each.id].levels == [level.id for level in each.levels] for each in chosen(records))


def learn(workspace: int, gathered: Gathered, told: Decided) -> Model | None:
    """A model from the records and the team's joins; None where nobody joined anyone: then the comparison itself learns it.

    Whom the team joined is one record by now, which teaches nothing: for this the two sides are compared as they were.
    """
    records = gathered.records
    if records.size < FEWEST:
        return beginning(records)
    if not told.sides:
        return None
    parted = gather(workspace, records.kind, told.sides)
    return compare(parted.records, same=sides_of(parted), apart=places_of(parted, told.apart)).model


def beginning(records: Records) -> Model:
    """The weights that the matchers begin with; one in ten is supposed to be there twice."""
    matchers = chosen(records)
    return assemble(matchers, *starting(matchers), 0.2 / max(records.size, FEWEST))


def keep(workspace: Workspace, kind: str, outcome: Outcome, gathered: Gathered, decisions: int) -> None:
    """This is the model from now on."""
    with transaction.atomic():
        before = Trained.objects.of(workspace).filter(kind=kind, is_current=True)
        runs = (before.values_list("quality", flat=True).first() or {}).get("runs", [])
        before.update(is_current=False)
        Trained.objects.create(
            workspace=workspace, kind=kind, model=json.loads(outcome.model.to_json()), records=gathered.records.size,
            pairs=outcome.compared, quality={"runs": runs, "decisions": decisions},
        )  # fmt: skip
