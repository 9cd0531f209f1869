"""What a journey would have done: the same people as if it had run."""

from datetime import timedelta

import pytest

from tests.engage.journeys.town import BUYS, Town, mailbox
from vincle.accounts.models import User, Workspace
from vincle.engage.journeys.definition.text.parsing import parse
from vincle.engage.journeys.models import Walk
from vincle.engage.journeys.places import names
from vincle.engage.journeys.simulating import Simulation, simulate
from vincle.vocabulary import ObjectType, Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(workspace: Workspace, owner: User) -> Town:
    made = Town(workspace, owner)
    made.people("ana", "bea")
    made.people("carla", traits={"city": "Girona", "birthday": (made.now - timedelta(days=3)).date().replace(year=1990).isoformat()})
    return made


def simulated(town: Town, text: str, days: int = 30) -> Simulation:
    return simulate(town.workspace, parse(text, names(town.workspace)).definition, days)


def test_the_past_is_gone_through(town: Town) -> None:
    for name, days in (("ana", 20), ("ana", 10), ("bea", 1), ("carla", 5), ("carla", 50)):
        town.act(name, at=town.now - timedelta(days=days))
    town.act("ana", Verb.CREATE, ObjectType.REVIEW, at=town.now - timedelta(days=19))
    town.settle()
    mailbox(town.workspace)
    text = BUYS + 'They may start again at any time\nsend text "Hi" by email as service [m]\n'
    text += "wait until the person does Create of Review, 2 days at most: [w]\n  leave [l]\notherwise:\n"
    found = simulated(town, text + '  if their "city" is "Girona": [b]\n    add tag "x" [t]\n')
    assert (found.reached, found.starts) == (3, 4)
    assert found.nodes == {"m": 3, "w": 3, "l": 1, "b": 2, "t": 1}
    assert found.ways["w"] == {0: 1, 1: 2}
    assert found.ways["b"] == {0: 1, 1: 1}
    assert found.ends == {"left": 1, "done": 2, "waiting": 1}
    assert found.writable == {"m": 3}
    assert not Walk.objects.exists()
    assert simulated(town, text, days=7).starts == 2


def test_goals_dates_rules_and_conditions(town: Town) -> None:
    for name, days in (("ana", 9), ("ana", 8), ("bea", 9)):
        town.act(name, at=town.now - timedelta(days=days))
    town.settle()
    text = 'They start once\nThe goal is that someone does Purchase\nwait 5 days [w]\nadd tag "x" [t]\n'
    found = simulated(town, BUYS + text)
    assert (found.reached, found.starts, found.ends) == (2, 2, {"goal": 1, "done": 1})
    text = 'When someone reaches 1 day after "birthday" at 00:30 every year\nOnly if their "city" is known\nwait 1 hour [w]\n'
    dated = simulated(town, text)
    assert (dated.reached, dated.ends) == (1, {"done": 1})
    assert simulated(town, BUYS + 'Only if their "city" is known\nwait 1 hour\n').reached == 0


def test_nothing_of_others_and_nothing_of_nobody(town: Town, other_workspace: Workspace) -> None:
    town.act("ana")
    town.settle()
    found = simulate(other_workspace, parse(BUYS + "leave\n").definition, 30)
    assert (found.reached, found.nodes, found.ends) == (0, {}, {})
