"""The page of one person, as its readers meet it."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.organise.community import NOW, NURIA, NURIA_ON, act, bring, fact, nuria
from vincle.accounts.models import Role, User, Workspace
from vincle.identify import actions as identify
from vincle.listen.models import Delivery
from vincle.organise import actions as organise
from vincle.organise import team
from vincle.organise.models import CustomField, Note, Profile, Tagging
from vincle.project import pipeline
from vincle.store.lease import Cursor
from vincle.vocabulary import ConsentFact, ObjectType, Permit, Retraction, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def shown(client: Client, profile: Profile, **query: str) -> str:
    response = client.get(place(profile_workspace(profile), "person", pid=profile.public), query)
    assert response.status_code == 200
    return response.content.decode()


def profile_workspace(profile: Profile) -> Workspace:
    return Workspace.objects.get(pk=profile.workspace_id)


def test_who_says_what_and_what_we_make_of_it(workspace: Workspace, client_for: ClientFor) -> None:
    page = shown(client_for(Role.AGENT), nuria(workspace))
    assert "Núria Serra Vidal" in page
    assert "nuria.ceramica" in page
    assert "same row of hubspot.csv" in page
    assert "E-mail: news and offers – allowed" in page
    assert "On és la meva comanda?" in page
    assert 'lang="ca"' in page
    assert 'href="https://instagram.example/p/1" target="_blank" rel="noopener noreferrer"' in page
    assert "4 times" in page
    assert "27.80" in page
    assert "hubspot.csv told us" in page
    assert "from import hubspot.csv" in page
    assert "Critic: last replied" in page
    assert "You:" in page


def test_tabs_count_and_filter(workspace: Workspace, client_for: ClientFor) -> None:
    profile = nuria(workspace)
    client = client_for(Role.VIEWER)
    page = shown(client, profile, tab="bought")
    assert "Bought 1" in " ".join(page.split())
    assert "Christmas blend" in page
    assert "On és la meva comanda" not in page
    assert "It is on its way." in shown(client, profile, tab="ours")
    assert "Track my order" in shown(client, profile, tab="read")
    assert "hubspot.csv told us" not in shown(client, profile, tab="said")


def test_what_its_author_deleted_is_told_of_without_its_words(workspace: Workspace, client_for: ClientFor) -> None:
    profile = nuria(workspace)
    assert "gone soon" in shown(client_for(), profile)
    bring(workspace, [Retraction(native_id="gone", happened_at=NOW)], channel="instagram")
    page = shown(client_for(), profile)
    assert "gone soon" not in page
    assert "deleted by its author" in page


def test_the_timeline_goes_on_without_gap_or_repetition(workspace: Workspace, client_for: ClientFor) -> None:
    bring(workspace, [act(NURIA, days=n + 1, text=f"word-{n:03}.") for n in range(75)])
    profile = Profile.objects.get(email=NURIA.value)
    client, seen, url = client_for(), [], place(workspace, "older", pid=profile.public)
    while url:
        page = client.get(url).content.decode()
        seen += re.findall(r">(word-\d{3})", page)
        older = re.search(r'hx-get="([^"]*older=[^"]*)"', page)
        url = unescape(older[1]) if older else ""
    assert seen == [f"word-{n:03}" for n in range(75)]


def test_addresses_that_are_no_web_addresses_are_no_links(workspace: Workspace, client_for: ClientFor) -> None:
    bring(workspace, [act(NURIA, text="click", url="javascript:alert(1)"), fact(NURIA.value, traits={"website": "javascript:alert(2)"})])
    page = shown(client_for(), Profile.objects.get(email=NURIA.value))
    assert 'href="javascript' not in page


def test_names_that_try_to_be_markup_or_are_long_or_read_from_right_to_left(workspace: Workspace, client_for: ClientFor) -> None:
    names = ["<script>alert(1)</script>", "محمد العربي", "王伟", "ñ" * 200, "=HYPERLINK(1)"]
    bring(workspace, [fact(f"p{n}@example.org", name) for n, name in enumerate(names)])
    for n, name in enumerate(names):
        for role in (Role.VIEWER, Role.OWNER):
            page = shown(client_for(role), Profile.objects.get(email=f"p{n}@example.org"))
            assert "<script>alert" not in page
            assert name.replace("<", "&lt;").replace(">", "&gt;") in page


def test_old_ids_lead_to_the_one_who_stands(workspace: Workspace, owner: User, client_for: ClientFor) -> None:
    bring(workspace, [fact("a@example.org", "Ana"), fact("b@example.org", "Ana B", at=NOW)])
    one, other = Profile.objects.get(email="a@example.org"), Profile.objects.get(email="b@example.org")
    kept = identify.merge(workspace, one.person, other.person, owner)
    pipeline.catch_up()
    gone, stays = (other, one) if kept == one.person else (one, other)
    client = client_for(Role.OWNER)
    answer = client.get(place(workspace, "person", pid=gone.public))
    assert (answer.status_code, answer["Location"]) == (301, place(workspace, "person", pid=stays.public))
    assert client.get(place(workspace, "card", pid=gone.public)).status_code == 200
    page = shown(client, stays)
    assert "take back" in page
    assert "b@example.org" in page


def test_ids_of_other_workspaces_and_of_nobody_are_not_there(
    workspace: Workspace, other_workspace: Workspace, client_for: ClientFor
) -> None:
    bring(other_workspace, [fact("a@example.org", "Ana")])
    stranger = Profile.objects.get(email="a@example.org")
    for pid in (stranger.public, "0000000000000", "zzz", "u" * 13):
        for name in ("person", "card", "side", "older"):
            assert client_for().get(place(workspace, name, pid=pid)).status_code == 404


def test_a_trait_typed_by_hand_is_seen_at_once_and_stands_after_a_rebuild(workspace: Workspace, client_for: ClientFor) -> None:
    profile = nuria(workspace)
    before = (profile.activities, profile.purchases, profile.stage)
    client = client_for(Role.AGENT)
    client.post(place(workspace, "edit_trait", pid=profile.public), {"field": "city", "value": "Girona"})
    page = shown(client, profile)
    assert "Girona" in page
    assert "Agent Cafè Lligam, Today" in page
    assert "other sources say" in page
    assert "Barcelona" in page
    profile.refresh_from_db()
    assert profile.city == "Girona"
    pipeline.catch_up()
    profile.refresh_from_db()
    assert (profile.city, profile.activities, profile.purchases, profile.stage) == ("Girona", *before)
    told = profile.traits
    organise.rebuild({profile.person}, Cursor.objects.get(name="organise").position)
    profile.refresh_from_db()
    assert profile.traits == told
    assert Delivery.objects.get(channel="team").body


def test_a_name_typed_by_hand_renames_and_is_found(workspace: Workspace, client_for: ClientFor) -> None:
    profile = nuria(workspace)
    client_for(Role.AGENT).post(place(workspace, "edit_trait", pid=profile.public), {"field": "name", "value": "Núria de Gràcia"})
    profile.refresh_from_db()
    assert profile.name == "Núria de Gràcia"
    assert "nuria de gracia" in profile.search


@pytest.mark.parametrize(
    ("kind", "bad", "good", "kept"),
    [
        ("number", "twelve", "12,5", 12.5), ("date", "31/03/2026", "2026-03-31", "2026-03-31"), ("boolean", "perhaps", "yes", True),
        ("url", "javascript:alert(1)", "https://example.org/a", "https://example.org/a"), ("list", "x" * 2001, "a, b", ["a", "b"]),
    ],
)  # fmt: skip
def test_a_custom_field_takes_only_its_type(workspace: Workspace, client_for: ClientFor, kind: str, bad: str, good: str, kept: Any) -> None:
    CustomField.objects.create(workspace=workspace, name="Lead score", type=kind)
    profile, client = nuria(workspace), client_for(Role.AGENT)
    answer = client.post(place(workspace, "edit_trait", pid=profile.public), {"field": "Lead score", "value": bad}, follow=True)
    assert "toast error" in answer.content.decode()
    profile.refresh_from_db()
    assert "Lead score" not in profile.traits
    client.post(place(workspace, "edit_trait", pid=profile.public), {"field": "Lead score", "value": good})
    profile.refresh_from_db()
    assert profile.traits["Lead score"][0] == kept


def test_notes_are_kept_changed_deleted_and_brought_back(workspace: Workspace, client_for: ClientFor) -> None:
    profile, client = nuria(workspace), client_for(Role.AGENT)
    client.post(place(workspace, "add_note", pid=profile.public), {"text": "Likes it <b>strong</b>."})
    assert "Likes it &lt;b&gt;strong&lt;/b&gt;." in shown(client, profile)
    note = Note.objects.get()
    client.post(place(workspace, "edit_note", pid=profile.public, note=note.pk), {"text": "Decaf now."})
    assert "Decaf now." in shown(client, profile)
    answer = client.post(place(workspace, "delete_note", pid=profile.public, note=note.pk), follow=True)
    assert "Decaf now." not in shown(client, profile)
    undo = answer.content.decode().partition(f'action="{place(workspace, "people")}undo/')[2].partition('"')[0]
    client.post(f"{place(workspace, 'people')}undo/{undo}")
    assert "Decaf now." in shown(client, profile)


def test_a_tag_taken_off_by_the_team_is_not_put_back_by_an_import(workspace: Workspace, client_for: ClientFor) -> None:
    profile, client = nuria(workspace), client_for(Role.AGENT)
    tagging = Tagging.objects.get(person=profile.person)
    client.post(place(workspace, "remove_tag", pid=profile.public, tag=tagging.tag_id))
    bring(workspace, [fact(NURIA.value, native_id="again", tags=("loyal",))], name="again.csv")
    organise.rebuild({profile.person}, Cursor.objects.get(name="organise").position)
    assert not Tagging.objects.filter(person=profile.person, removed_at=None).exists()
    client.post(place(workspace, "add_tag", pid=profile.public), {"tags": "Loyal"})
    assert Tagging.objects.filter(person=profile.person, removed_at=None).count() == 1


def test_refusals_are_said(workspace: Workspace, client_for: ClientFor) -> None:
    profile = nuria(workspace)
    bring(workspace, [fact(NURIA.value, native_id="bounce", at=NOW, consents=(ConsentFact(permit=Permit.BOUNCED, at=NOW),))])
    assert "cannot be reached" in shown(client_for(), profile)


def test_the_page_asks_few_questions_whatever_the_person(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    profile = nuria(workspace)
    bring(workspace, [act(NURIA_ON, days=n + 1, text=f"t{n}", native_id=f"t{n}") for n in range(60)], channel="instagram")
    client = client_for(Role.OWNER)
    with django_assert_max_num_queries(35):
        shown(client, profile)
    with django_assert_max_num_queries(11):
        client.get(place(workspace, "card", pid=profile.public))
    with django_assert_max_num_queries(11):
        client.get(place(workspace, "side", pid=profile.public))


def test_the_card_and_the_side_say_who(workspace: Workspace, client_for: ClientFor) -> None:
    profile, client = nuria(workspace), client_for()
    card = client.get(place(workspace, "card", pid=profile.public)).content.decode()
    assert "Núria Serra Vidal" in card
    assert "gone soon" in card or "comanda" in card
    side = client.get(place(workspace, "side", pid=profile.public)).content.decode()
    for name in ("email", "city", "channels", "since", "words"):
        assert f'data-field="{name}"' in side


def test_old_acts_do_not_make_a_stage(workspace: Workspace, client_for: ClientFor) -> None:
    bring(workspace, [act(NURIA, Verb.CREATE, ObjectType.REVIEW, days=200, text="Bo")])
    assert "Nothing done in the last 90 days." in shown(client_for(), Profile.objects.get(email=NURIA.value))


def test_notes_tags_and_owner_come_along_when_two_are_joined(workspace: Workspace, owner: User, client_for: ClientFor) -> None:
    bring(workspace, [fact("a@example.org", "Ana"), fact("b@example.org", "Ana B", at=NOW)])
    one, other = Profile.objects.get(email="a@example.org"), Profile.objects.get(email="b@example.org")
    client = client_for(Role.OWNER)
    for each, tag in ((one, "first"), (other, "second")):
        client.post(place(workspace, "add_tag", pid=each.public), {"tags": tag})
        client.post(place(workspace, "add_note", pid=each.public), {"text": f"About {tag}."})
        client.post(place(workspace, "set_owner", pid=each.public), {"owner": str(owner.pk)})
    kept = identify.merge(workspace, one.person, other.person, owner)
    pipeline.catch_up()
    team.inherit([kept])
    stays = Profile.objects.get(person=kept)
    page = shown(client, stays)
    assert "About first." in page
    assert "About second." in page
    assert sorted(Tagging.objects.filter(person=kept, removed_at=None).values_list("tag__name", flat=True)) == ["first", "second"]
    assert stays.owner == owner
    late = Tagging.objects.get(person=kept, tag__name="second" if kept == one.person else "first")
    client.post(place(workspace, "remove_tag", pid=stays.public, tag=late.tag_id))
    team.inherit([kept])
    assert Tagging.objects.filter(person=kept, removed_at=None).count() == 1


def test_a_person_is_never_looked_for_in_the_whole_workspace(workspace: Workspace, client_for: ClientFor) -> None:
    """At a million activities the walk along the time line costs a second; the handles' own index costs nothing."""
    if connection.vendor != "sqlite":
        pytest.skip("how PostgreSQL plans depends on the size of its tables")
    profile = nuria(workspace)
    with CaptureQueriesContext(connection) as asked:
        shown(client_for(Role.VIEWER), profile)
    of_log = [query["sql"] for query in asked.captured_queries if "FROM listen_activity a" in query["sql"]]
    assert len(of_log) >= 3
    with connection.cursor() as cursor:
        for sql in of_log:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
            assert "activity_by_actor" in plan, sql
            assert "activity_by_time" not in plan, sql
