"""Who it was: exact links, cases, merge and take back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.accounts.models import User, Workspace
from vincle.identify import actions as identify
from vincle.identify import consent
from vincle.identify.models import Belonging, Case, Link, Person, Suppression
from vincle.identify.rules import Statement, standing
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Permit, Verb

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def settle() -> None:
    while pipeline.intake() + pipeline.follow(("identify", "organise")):
        pass


def ref(text: str) -> HandleRef:
    kind, value = text.split(":")
    return HandleRef(kind, value)


def say(workspace: Workspace, *rows: str, start: int = 0, **more: object) -> None:
    """Facts, each a row such as "email:a phone:1"."""
    source = listen.connection_for(workspace, "contacts")
    facts = [
        Fact(
            native_id=f"{start + number}:{row}",
            observed_at=NOW + timedelta(seconds=start + number),
            handles=tuple(map(ref, row.split())),
            **more,
        )
        for number, row in enumerate(rows)
    ]
    log.append(source, facts, timezone.now())
    settle()


def groups(workspace: Workspace) -> set[frozenset[str]]:
    named = {row.key: f"{row.kind}:{row.value}" for row in Handle.objects.of(workspace)}
    people: dict[int, set[str]] = {}
    for row in Belonging.objects.of(workspace):
        people.setdefault(row.person, set()).add(named[row.handle])
    return {frozenset(handles) for handles in people.values()}


def test_one_row_with_two_handles_links_them_with_evidence(workspace: Workspace) -> None:
    say(workspace, "email:ana phone:1")
    assert groups(workspace) == {frozenset({"email:ana", "phone:1"})}
    link = Link.objects.get()
    assert (link.evidence, link.probability, link.decided_by, link.event_id is not None) == ("same row", 1.0, "exact", True)


def test_a_known_handle_brings_a_new_one_along(workspace: Workspace) -> None:
    say(workspace, "email:ana phone:1", "phone:1 instagram:ana_b", "instagram:ana_b external:crm-7")
    assert len(groups(workspace)) == 1
    assert Person.objects.get().is_identified


def test_a_name_on_a_network_joins_the_identified_person(workspace: Workspace) -> None:
    say(workspace, "instagram:ana_b", "email:ana", "email:ana instagram:ana_b")
    assert groups(workspace) == {frozenset({"email:ana", "instagram:ana_b"})}
    merged = Person.objects.exclude(merged_into=None).get()
    assert identify.person_of(workspace, merged.pk).pk == merged.merged_into
    assert Profile.objects.count() == 1


def test_two_identified_people_are_asked_about_never_joined(workspace: Workspace) -> None:
    say(workspace, "email:ana", "phone:1", "email:ana phone:1")
    assert groups(workspace) == {frozenset({"email:ana"}), frozenset({"phone:1"})}
    case = Case.objects.get()
    assert case.state == Case.State.OPEN
    assert case.evidence[0]["evidence"] == "same row"
    say(workspace, "email:ana phone:1", start=50)
    assert Case.objects.count() == 1


def test_new_handles_of_a_disputed_row_go_to_its_first_person(workspace: Workspace) -> None:
    say(workspace, "email:ana", "phone:1", "email:ana phone:1 instagram:x")
    assert frozenset({"email:ana", "instagram:x"}) in groups(workspace)


def test_a_human_may_join_and_take_it_back(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:ana", "phone:1", "email:ana phone:1")
    before, case, rows = groups(workspace), Case.objects.get(), Row.objects.count()
    ids = set(Profile.objects.values_list("person", flat=True))
    kept = identify.merge(workspace, case.left, case.right, owner)
    settle()
    assert len(groups(workspace)) == 1
    assert Profile.objects.get().person == kept
    identify.take_back(workspace, Case.objects.get(), owner)
    settle()
    assert groups(workspace) == before
    assert set(Profile.objects.values_list("person", flat=True)) == ids
    assert Row.objects.count() == rows
    assert Case.objects.get().state == Case.State.OPEN


def test_what_was_kept_apart_is_not_asked_again(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:ana", "phone:1", "email:ana phone:1")
    identify.keep_apart(workspace, Case.objects.get(), owner)
    say(workspace, "email:ana phone:1", start=10)
    assert Case.objects.get().state == Case.State.DIFFERENT
    assert len(groups(workspace)) == 2


def test_an_open_question_follows_a_merge(workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a", "phone:1", "external:9", "email:a phone:1", "phone:1 external:9")
    first, second = Case.objects.order_by("pk")
    identify.merge(workspace, first.left, first.right, owner)
    settle()
    open_case = Case.objects.get(state=Case.State.OPEN)
    living = set(Person.objects.filter(merged_into=None).values_list("pk", flat=True))
    assert {open_case.left, open_case.right} == living
    assert second.pk


def test_merging_needs_two_living_people_of_this_workspace(workspace: Workspace, other_workspace: Workspace, owner: User) -> None:
    say(workspace, "email:a")
    say(other_workspace, "email:b")
    mine, theirs = (Person.objects.of(w).get().pk for w in (workspace, other_workspace))
    for pair in ((mine, mine), (mine, theirs), (mine, 42)):
        with pytest.raises(ValueError, match="two different people"):
            identify.merge(workspace, *pair, owner)


def test_undoing_an_import_lets_go_of_what_rested_on_it_alone(workspace: Workspace, owner: User) -> None:
    import io

    source = listen.connection_for(workspace, "mastodon")
    act = Activity(
        verb=Verb.CREATE,
        object_type=ObjectType.NOTE,
        native_id="1",
        happened_at=NOW,
        actor=HandleRef("email", "ana@example.org"),
        text="hola",
    )
    log.append(source, [act], NOW)
    file = io.BytesIO(b"Email,First Name,Phone\nana@example.org,Ana,+34600111222\njoan@example.org,Joan,+34600111333\n")
    delivery = listen.receive_file(workspace, file, "two.csv", owner)
    settle()
    assert Person.objects.count() == 2
    assert Profile.objects.get(email="ana@example.org").name == "Ana"
    listen.undo(delivery, owner)
    settle()
    assert groups(workspace) == {frozenset({"email:ana@example.org"})}
    assert Profile.objects.get().name == "ana@example.org"
    assert Profile.objects.get().activities == 1
    delivery.refresh_from_db()
    assert delivery.state == "undone"
    file.seek(0)
    listen.receive_file(workspace, file, "two.csv", owner)
    settle()
    assert Person.objects.count() == 2
    assert Profile.objects.get(email="ana@example.org").name == "Ana"


def test_a_refusal_is_never_overturned_by_an_import(workspace: Workspace) -> None:
    say(workspace, "email:ana", consents=(ConsentFact(Permit.WITHDRAWN, at=NOW),))
    say(workspace, "email:ana", start=9, consents=(ConsentFact(Permit.GRANTED, at=NOW + timedelta(days=9)),))
    handle = Handle.objects.get().key
    assert consent.of_person(workspace, [handle]) == {("email", "marketing"): "withdrawn"}
    assert Suppression.objects.get().handle == handle


@given(
    st.lists(
        st.builds(
            Statement,
            st.sampled_from(["granted", "denied", "withdrawn", "bounced"]),
            st.sampled_from(["import", "platform", "team"]),
            st.dates().map(str),
        )
    )
)
def test_once_refused_stays_refused_whoever_else_speaks(said: list[Statement]) -> None:
    refused = any(statement.permit != "granted" for statement in said)
    assert (standing(said) in ("denied", "withdrawn", "bounced")) == refused


HANDLES = [f"{kind}:{n}" for kind in ("instagram", "mastodon", "cookie") for n in range(3)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.sampled_from(HANDLES), min_size=1, max_size=3, unique=True), min_size=1, max_size=8), data=st.data())
def test_any_order_of_rows_gives_the_same_people(db: None, rows: list[list[str]], data: st.DataObject) -> None:
    """Where nobody is asked (no two identified people meet) the groups are the connected components, in any order."""
    shuffled = data.draw(st.permutations(rows))
    found = []
    for order in (rows, shuffled):
        workspace = Workspace.objects.create(slug=f"w{Workspace.objects.count()}", name="W")
        say(workspace, *(" ".join(row) for row in order))
        found.append(groups(workspace))
    assert found[0] == found[1] == components(rows)


def components(rows: list[list[str]]) -> set[frozenset[str]]:
    sets: list[set[str]] = []
    for row in rows:
        touching = [group for group in sets if group & set(row)]
        sets = [group for group in sets if not group & set(row)] + [set(row).union(*touching)]
    return {frozenset(group) for group in sets}
