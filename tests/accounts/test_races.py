"""Two people at the same moment, on real connections: only one of them gets what there is one of."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from vincle.accounts import actions
from vincle.accounts.models import Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> tuple[list[Any], list[str]]:
    """(what was done, why the rest was refused)"""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> tuple[Any, str]:
        try:
            barrier.wait(10)
            return call(), ""
        except actions.Refused as refused:
            return None, str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(run, calls))
    return [done for done, why in answers if not why], [why for _done, why in answers if why]


@pytest.mark.parametrize("_round", range(3))
def test_two_first_owners(_round: int) -> None:
    def founder(name: str) -> Callable[[], Any]:
        return lambda: actions.found(email=f"{name}@example.org", name=name, password=None, workspace="Lligam")

    done, refused = at_once(founder("one"), founder("two"))
    assert (len(done), len(refused)) == (1, 1)
    assert (User.objects.count(), Workspace.objects.count(), Membership.objects.count()) == (1, 1, 1)


def _two_owners() -> list[Membership]:
    first, workspace = actions.found(email="one@example.org", name="One", password=None, workspace="Lligam")
    second = User.objects.create_user("two@example.org")
    return [Membership.objects.get(user=first), Membership.objects.create(workspace=workspace, user=second, role=Role.OWNER)]


@pytest.mark.parametrize("_round", range(3))
def test_two_acceptances_of_one_invitation(_round: int) -> None:
    by = _two_owners()[0]
    _invitation, token = actions.invite(by, "new@example.org", Role.AGENT)
    accept = lambda: actions.accept_as_new(token, name="New", password="a long enough password")  # noqa: E731
    done, refused = at_once(accept, accept)
    assert (len(done), len(refused)) == (1, 1)
    assert Membership.objects.filter(user__email="new@example.org").count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_two_owners_who_demote_each_other_leave_one(_round: int) -> None:
    one, two = _two_owners()
    done, refused = at_once(lambda: actions.change_role(one, two.pk, Role.VIEWER), lambda: actions.change_role(two, one.pk, Role.VIEWER))
    assert (len(done), len(refused)) == (1, 1)
    assert Membership.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.parametrize("_round", range(3))
def test_a_sign_in_link_lets_one_in(_round: int) -> None:
    user = _two_owners()[0].user
    token = actions.make_sign_in_link(user)
    done, refused = at_once(*[lambda: actions.use_sign_in_link(token)] * 4)
    assert (len(done), len(refused)) == (1, 3)


def test_workspaces_of_one_name_at_once() -> None:
    user = _two_owners()[0].user
    done, _refused = at_once(*[lambda: actions.create_workspace(user, "Twin")] * 4)
    assert len({workspace.slug for workspace in done}) == 4
