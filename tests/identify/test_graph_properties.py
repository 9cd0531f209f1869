"""Properties of the graph: any order of the same facts, any moves, any undoing; people stay whole and sound."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vincle.accounts.models import Workspace
from vincle.identify import actions as identify
from vincle.identify.graph import Group, Step, replay
from vincle.identify.models import Belonging, Case, Move, SharedHandle
from vincle.listen import log
from vincle.listen.actions import connection_for
from vincle.listen.models import Handle
from vincle.project import pipeline
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Verb

from .test_graph_moves import state
from .test_resolve import NOW, components, groups, say

NAMES = [f"{kind}:{n}" for kind in ("email", "phone", "instagram", "cookie") for n in range(3)]
ROWS = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True), min_size=1, max_size=7)
RELAXED = settings(
    max_examples=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example takes a database; to shrink one would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def fresh() -> Workspace:
    return Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")


@RELAXED
@given(rows=ROWS, data=st.data())
def test_people_and_questions_are_tied_alike_in_any_order(db: None, rows: list[list[str]], data: st.DataObject) -> None:
    """What hangs together by evidence is one person, or people with a question between them, whatever came first."""
    for order in (rows, data.draw(st.permutations(rows))):
        workspace = fresh()
        say(workspace, *(" ".join(row) for row in order))
        if not SharedHandle.objects.of(workspace).exists():
            assert tied(workspace) == components(rows)
        assert identify.sound(workspace) == []


def tied(workspace: Workspace) -> set[frozenset[str]]:
    named = {row.key: f"{row.kind}:{row.value}" for row in Handle.objects.of(workspace)}
    parts: dict[int, list[str]] = {}
    for row in Belonging.objects.of(workspace):
        parts.setdefault(row.person, []).append(named[row.handle])
    for case in Case.objects.of(workspace).filter(state="open"):
        parts.setdefault(case.left, [])
    asked = [[*parts[case.left], *parts[case.right]] for case in Case.objects.of(workspace).filter(state="open")]
    return components([*parts.values(), *asked])


@RELAXED
@given(rows=ROWS, acts=st.sets(st.integers(0, 6)))
def test_facts_and_acts_read_together_or_one_by_one_tell_the_same(db: None, rows: list[list[str]], acts: set[int]) -> None:
    """Acts of someone who is known are passed over: that changes nobody, wherever among the facts they stand."""
    found = []
    for at_once in (True, False):
        workspace = fresh()
        for number, row in enumerate(rows):
            refs = tuple(HandleRef(*name.split(":")) for name in row)
            item: Fact | Activity = Fact(native_id=f"n{number}", observed_at=NOW, handles=refs)
            if number in acts:
                item = Activity(verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id=f"n{number}", happened_at=NOW, actor=refs[0])
            log.append(connection_for(workspace, "contacts"), [item], NOW)
            if not at_once:
                settle_identity()
        settle_identity()
        assert identify.sound(workspace) == []
        named = {row.key: f"{row.kind}:{row.value}" for row in Handle.objects.of(workspace)}
        found.append({named[row.handle]: named[row.person] for row in Belonging.objects.of(workspace)})
    assert found[0] == found[1]


def settle_identity() -> None:
    while pipeline.follow(("identify",)):
        pass


@RELAXED
@given(rows=ROWS, sizes=st.lists(st.integers(1, 3), min_size=7, max_size=7))
def test_two_identified_people_are_never_one_without_a_human(db: None, rows: list[list[str]], sizes: list[int]) -> None:
    """Everyone identified starts alone; then rows come, in batches of any size. Nobody is joined, through whatever chain."""
    workspace = fresh()
    say(workspace, *(name for name in NAMES if name.startswith(("email", "phone"))))
    start, texts = 0, [" ".join(row) for row in rows]
    for size in sizes:
        if part := texts[start : start + size]:
            say(workspace, *part, start=100 + start)
        start += size
    for group in groups(workspace):
        assert sum(name.startswith(("email", "phone")) for name in group) <= 1


@RELAXED
@given(rows=ROWS, seed=st.integers(0, 10**6))
def test_undo_in_any_order_returns_to_the_start(db: None, rows: list[list[str]], seed: int) -> None:
    chance = Random(seed)  # ids of handles differ from workspace to workspace, so what is done cannot be drawn
    workspace = fresh()
    say(workspace, *(" ".join(row) for row in rows))
    start = state(workspace)
    exact = set(Move.objects.of(workspace).values_list("pk", flat=True))
    for _ in range(chance.randint(1, 6)):
        _do_something(workspace, chance)
        assert identify.sound(workspace) == []
    before = state(workspace)[0]
    identify.reapply_merges()
    assert state(workspace)[0] == before
    moves = list(Move.objects.of(workspace).exclude(pk__in=exact).exclude(act="undo").filter(undone_at=None).values_list("pk", flat=True))
    for pk in chance.sample(moves, len(moves)):
        identify.undo(workspace, pk, None)
        assert identify.sound(workspace) == []
    owners, leads = state(workspace)
    assert owners == start[0]
    assert {person: leads[person] for person in start[1]} == start[1]


def _do_something(workspace: Workspace, chance: Random) -> None:
    people = sorted(set(Belonging.objects.of(workspace).values_list("person", flat=True)))
    one = chance.choice(people)
    mine = sorted(Belonging.objects.filter(person=one).values_list("handle", flat=True))
    if len(people) > 1 and chance.random() < 0.5:
        identify.merge(workspace, one, chance.choice([pk for pk in people if pk != one]), None)
    elif len(mine) > 1:
        some = chance.sample(mine, chance.randint(1, len(mine) - 1))
        identify.split(workspace, one, some, None, never_again=chance.random() < 0.5)


@given(st.data())
def test_replay_keeps_every_handle_and_every_id_once(data: st.DataObject) -> None:
    """Pure: whatever moves are done, each handle and each id is in one group, and a group's name is one of its ids."""
    homes = data.draw(st.dictionaries(st.integers(1, 9), st.integers(1, 4), min_size=1))
    number = st.integers(1, 12)
    steps = data.draw(
        st.lists(
            st.one_of(
                st.builds(Step, st.just("join"), number, number),
                st.builds(Step, st.sampled_from(["split", "returned"]), number, number, st.lists(number, max_size=3).map(tuple)),
                st.builds(Step, st.just("evidence"), number, number, st.tuples(number, number)),
            ),
            max_size=8,
        )
    )
    found: list[Group] = replay(homes, steps)
    assert sorted(handle for group in found for handle in group.handles) == sorted(homes)
    ids = [known for group in found for known in group.ids]
    assert len(ids) == len(set(ids))
    assert all(group.name in group.ids for group in found if group.handles)
