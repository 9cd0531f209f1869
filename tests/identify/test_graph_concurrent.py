"""People of a workspace moved by several at once, on PostgreSQL: nothing is lost and nothing leads in a circle."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, Thread

import pytest
from django.db import connection

from vincle.accounts.models import Workspace
from vincle.identify import actions as identify
from vincle.identify.following import _COLUMNS, follow
from vincle.identify.models import Belonging, Move, Person
from vincle.listen import log

from .test_graph_moves import merge, person
from .test_resolve import groups, say

Work = Callable[[Callable[[], None]], Thread]
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(in_thread: Work, *works: Callable[[], None]) -> None:
    barrier = Barrier(len(works))

    def together(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            barrier.wait(10)
            with suppress(ValueError):  # the two became one meanwhile
                work()

        return run

    for thread in [in_thread(together(work)) for work in works]:
        thread.join(30)


@pytest.mark.parametrize("attempt", range(5))
def test_merges_that_cross(workspace: Workspace, in_thread: Work, attempt: int) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    say(workspace, *(f"email:{name} instagram:{name}" for name in "abcd"))
    a, b, c, d = (person(workspace, f"email:{name}") for name in "abcd")

    def merging(left: int, right: int) -> Callable[[], None]:
        return lambda: identify.merge(workspace, left, right, None) and None

    at_once(in_thread, merging(a, b), merging(b, a), merging(b, c), merging(c, d), merging(d, a))
    assert identify.sound(workspace) == []
    assert len(groups(workspace)) == 1
    assert Belonging.objects.count() == 8
    assert {identify.person_of(workspace, pk).pk for pk in (a, b, c, d)} == {Belonging.objects.first().person}
    assert Move.objects.filter(act="merge").count() == 3


def test_a_merge_while_the_step_runs(workspace: Workspace, in_thread: Work) -> None:
    """The step looked before the merge and writes after it: it sees that people moved, and looks again."""
    say(workspace, "email:a", "email:b", "cookie:c")
    start = log.last_seq()
    _append(workspace, "email:b cookie:c instagram:new")
    rows = [row[1:] for row in log.read_new(start, 10, _COLUMNS)]
    write = follow(rows)
    kept = merge(workspace, "email:a", "email:b").person
    from django.db import transaction

    with transaction.atomic():
        write()
    assert groups(workspace) == {frozenset({"email:a", "email:b", "cookie:c", "instagram:new"})}
    assert person(workspace, "instagram:new") == kept
    assert identify.sound(workspace) == []


@pytest.mark.parametrize("attempt", range(3))
def test_merge_split_and_step_at_once(workspace: Workspace, in_thread: Work, attempt: int) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    say(workspace, "email:a instagram:a", "email:b cookie:b", "cookie:loose")
    start = log.last_seq()
    _append(workspace, "email:b cookie:loose x:new")
    a, b = person(workspace, "email:a"), person(workspace, "email:b")
    key = Belonging.objects.exclude(handle=a).get(person=a).handle

    def stepping() -> None:
        from django.db import transaction

        write = follow([row[1:] for row in log.read_new(start, 10, _COLUMNS)])
        with transaction.atomic():
            write()

    at_once(
        in_thread,
        stepping,
        lambda: identify.merge(workspace, a, b, None) and None,
        lambda: identify.split(workspace, a, [key], None) and None,
    )
    assert identify.sound(workspace) == []
    assert Belonging.objects.count() == 6
    assert Person.objects.filter(merged_into=None).count() == 2


def _append(workspace: Workspace, row: str) -> None:
    from vincle.listen import actions as listen
    from vincle.vocabulary import Fact

    from .test_resolve import NOW, ref

    fact = Fact(native_id=row, observed_at=NOW, handles=tuple(map(ref, row.split())))
    log.append(listen.connection_for(workspace, "contacts"), [fact], NOW)
