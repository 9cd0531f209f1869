"""Whatever happens, in whatever order: who is in a segment is who would be, were everybody looked at again."""

import os
from datetime import timedelta

import pytest

from tests.organise.segments_world import ASKED, World
from vincle.accounts.models import User, Workspace
from vincle.organise import segmenting
from vincle.organise.models import Due, Segment, Touched

pytestmark = pytest.mark.django_db
SEEDS = range(int(os.environ.get("SEGMENT_SEEDS", "6")))


@pytest.fixture
def segments(workspace: Workspace, owner: User) -> list[Segment]:
    made = [segmenting.create(workspace, owner, name, asked) for name, asked in ASKED.items()]
    leaning = {"all": [{"segment": made[3].public}, {"not": {"segment": made[2].public}}]}
    return [*made, segmenting.create(workspace, owner, "leaning", leaning)]


@pytest.mark.usefixtures("segments")
@pytest.mark.parametrize("seed", SEEDS)
def test_live_is_what_looking_at_everybody_gives(workspace: Workspace, owner: User, seed: int) -> None:
    world = World(workspace, owner, seed)
    for _ in range(12):
        happened = [world.happen() for _ in range(world.random.randrange(1, 5))]
        (world.settle_killed if world.random.random() < 0.4 else world.settle)()
        try:
            world.check()
        except AssertionError as error:
            raise AssertionError(f"after {happened}") from error
    assert not Touched.objects.exists()
    assert not Due.objects.filter(at__lte=world.now - timedelta(seconds=1)).exists()
