"""Handles of several people: recognised, excluded, and what only they joined taken apart."""

from vincle.accounts.models import User, Workspace
from vincle.identify import actions as identify
from vincle.identify import shared
from vincle.identify.models import Case, SharedHandle
from vincle.organise.models import Profile

from .test_graph_moves import key, merge, person, read_log_again
from .test_resolve import groups, say, settle


def test_a_role_address_joins_nobody(workspace: Workspace) -> None:
    say(workspace, "email:info@shop.example external:1", "email:info@shop.example external:2", "email:info@shop.example cookie:c")
    assert groups(workspace) == {
        frozenset({"email:info@shop.example", "external:1"}),
        frozenset({"external:2"}),
        frozenset({"cookie:c"}),
    }
    handle = key(workspace, "email:info@shop.example")
    assert shared.of(workspace, [handle, 1])[handle].reason == "role address"
    assert Case.objects.count() == 0
    assert identify.sound(workspace) == []


def test_what_a_source_says_under_a_role_address_is_told_of_whom_it_speaks(workspace: Workspace) -> None:
    say(workspace, "email:info@shop.example external:1", name="Anna Puig")
    say(workspace, "email:info@shop.example external:2", start=5, name="Pere Soler")
    assert sorted(Profile.objects.values_list("name", flat=True)) == ["Anna Puig", "Pere Soler"]
    read_log_again()
    settle()
    assert sorted(Profile.objects.values_list("name", flat=True)) == ["Anna Puig", "Pere Soler"]


def test_the_browser_of_a_kiosk(workspace: Workspace) -> None:
    say(workspace, "cookie:k login:1 x:one", "cookie:k login:2", "cookie:k login:3")
    assert len(groups(workspace)) == 1
    say(workspace, "cookie:k login:4", start=10)
    assert groups(workspace) == {frozenset({"cookie:k", "login:1", "x:one"}), *(frozenset({f"login:{n}"}) for n in (2, 3, 4))}
    say(workspace, "cookie:k login:5", start=20)
    assert frozenset({"login:5"}) in groups(workspace)
    assert identify.sound(workspace) == []
    before = groups(workspace)
    read_log_again()
    assert groups(workspace) == before


def test_what_someone_of_the_team_joined_stays_joined(workspace: Workspace, owner: User) -> None:
    say(workspace, "login:1", "login:2", "login:1 cookie:k", "cookie:k login:2")
    merge(workspace, "login:1", "login:2", owner)
    say(workspace, "cookie:k login:3", "cookie:k login:4", "cookie:k login:5", start=10)
    assert SharedHandle.objects.get().reason == "too many people"
    assert frozenset({"cookie:k", "login:1", "login:2"}) in groups(workspace)
    assert identify.sound(workspace) == []


def test_a_phone_of_a_family_is_asked_about_and_then_shared(workspace: Workspace) -> None:
    say(workspace, "email:a phone:1", name="Maria Puig")
    say(workspace, "email:a2 phone:1", start=1, name="M. Puig")
    assert len(groups(workspace)) == 1
    say(workspace, "email:b phone:1", start=2, name="Joan Puig")
    assert len(groups(workspace)) == 2
    assert Case.objects.get().state == "open"
    say(workspace, "email:c phone:1", start=3, name="Laia Puig")
    assert not SharedHandle.objects.exists()
    say(workspace, "email:d phone:1", start=4, name="Pol Puig")
    assert SharedHandle.objects.get().handle == key(workspace, "phone:1")
    assert set(Case.objects.values_list("state", flat=True)) == {"moot"}
    assert {"email:b"} in groups(workspace)
    say(workspace, "email:e phone:1", start=5, name="Nil Puig")
    assert Case.objects.filter(state="open").count() == 0
    assert identify.sound(workspace) == []


def test_the_team_may_list_a_handle_and_take_it_off(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a x:shop", "x:shop instagram:b", "external:9 email:a")
    identify.share(workspace, key(workspace, "x:shop"), owner)
    assert groups(workspace) == {frozenset({"email:a", "external:9", "x:shop"}), frozenset({"instagram:b"})}
    say(workspace, "x:shop instagram:c", start=5)
    assert frozenset({"instagram:c"}) in groups(workspace)
    identify.lift(workspace, key(workspace, "x:shop"), owner)
    assert frozenset({"email:a", "external:9", "x:shop", "instagram:b"}) in groups(workspace)
    assert shared.of(workspace, [key(workspace, "x:shop")]) == {}
    assert identify.sound(workspace) == []
    assert person(workspace, "instagram:b") == person(workspace, "email:a")
