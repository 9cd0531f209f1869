"""Short links lead where they were told to and nowhere else, count people apart from machines, and show who brought whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.engage.publishing.desk import follow
from vincle.accounts.models import Role, User, Workspace
from vincle.channels.registry import channels
from vincle.engage.publishing import linking, links, sharing, views_public, visiting
from vincle.engage.publishing.ideas import Refused
from vincle.engage.publishing.models import LinkVisit, ShortLink
from vincle.identify import actions as identify
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Activity as Row
from vincle.listen.models import Handle
from vincle.organise import influence_brought
from vincle.store.buckets import Buckets
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Verb, handle_key

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TARGET = "https://example.org/menu"


@pytest.fixture(autouse=True)
def _rested() -> None:
    visiting.MOST.clear()
    visiting.MOST_OF_LINK.clear()
    views_public.STRANGERS.clear()


@pytest.fixture
def link(workspace: Workspace, owner: User) -> ShortLink:
    return links.create(workspace, owner, TARGET, code="menu", source="flyer", campaign="spring")


def click(code: str = "menu", agent: str = BROWSER, method: str = "get", **more: str) -> Any:
    return getattr(Client(), method)(f"/l/{code}", headers={"user-agent": agent, **more})


def now(link: ShortLink) -> ShortLink:
    follow()
    link.refresh_from_db()
    return link


def test_it_leads_there_with_what_it_says_of_where_people_came_from(link: ShortLink) -> None:
    answer = click()
    assert (answer.status_code, answer["Location"]) == (302, f"{TARGET}?utm_source=flyer&utm_campaign=spring")
    assert "no-cache" in answer["Cache-Control"]
    assert not answer.cookies
    assert click("MENU")["Location"] == answer["Location"]


@pytest.mark.parametrize("code", ["nothing", "x" * 41, "%00", "ménu", "menu%0d%0aX: y", "..", "menu?to=https://evil.example"])
def test_it_leads_nowhere_else(link: ShortLink, code: str) -> None:
    answer = click(code)
    assert answer.status_code in (302, 404)
    assert "evil" not in answer.get("Location", "")


def test_who_tries_codes_finds_no_more_of_them(link: ShortLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_public, "STRANGERS", Buckets(burst=2, rate=0))
    assert [click(code).status_code for code in ("aaaaaaa", "menu", "bbbbbbb", "ccccccc", "menu")] == [404, 302, 404, 429, 429]
    assert Client().get("/l/menu", REMOTE_ADDR="192.0.2.9").status_code == 302, "nobody else is held up"


def test_visitors_behind_our_own_front_are_told_apart(link: ShortLink, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for address in ("192.0.2.1", "192.0.2.2", "198.51.100.9, 192.0.2.2"):
        click(**{"x-forwarded-for": address})
    follow()
    assert LinkVisit.objects.values("visitor").distinct().count() == 2, "what a visitor says of themselves is not believed"


def test_people_and_machines_are_told_apart(link: ShortLink) -> None:
    for agent in (BROWSER, BROWSER, BROWSER + " other", "Mozilla/5.0 (compatible; Googlebot/2.1)", "WhatsApp/2.23", "curl/8.5", ""):
        click(agent=agent)
    click(method="head")
    click(purpose="prefetch")
    assert (now(link).humans, link.machines) == (3, 6)
    assert LinkVisit.objects.filter(link=link, is_machine=False).values("visitor").distinct().count() == 2
    assert Row.objects.filter(verb="View", object_type="Link", object_key="link:menu", campaign_key="spring", actor=None).count() == 9


def test_nobody_can_be_counted_up_by_one_visitor(link: ShortLink) -> None:
    answers = {click().status_code for _ in range(60)}
    assert answers == {302}, "they are led on all the same"
    assert now(link).humans <= 32


def test_whatever_comes_with_a_visit_is_harmless(link: ShortLink) -> None:
    for referer in ("https://[", "x" * 5000, "https://mastodon.social/@ana?token=secret", "javascript:1"):
        assert click(referer=referer).status_code == 302
    now(link)
    assert set(LinkVisit.objects.values_list("source", flat=True)) == {"", "mastodon.social"}
    assert not any("secret" in row.props for row in Row.objects.all())


def test_a_database_that_is_away_holds_nobody_up(link: ShortLink, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(visiting.listen, "take_in", away)
    assert click().status_code == 302


def test_a_retired_link_says_so_and_can_come_back(workspace: Workspace, owner: User, link: ShortLink) -> None:
    links.retire(workspace, owner, link)
    assert click().status_code == 410
    links.retire(workspace, owner, link, away=False)
    assert click().status_code == 302


def test_counting_again_changes_nothing(link: ShortLink) -> None:
    click()
    from vincle.store.models import Cursor

    now(link)
    Cursor.objects.filter(name="posts").update(position=0)
    assert now(link).humans == 1


@pytest.mark.parametrize("code", ["a", "-ab", "ab-", "new", "csv", "share", "a b", "ab/c", "é" * 4, "x" * 41, "menu"])
def test_endings_that_are_not_taken(workspace: Workspace, owner: User, link: ShortLink, code: str) -> None:
    with pytest.raises(Refused):
        links.create(workspace, owner, TARGET, code=code)


def test_a_link_of_another_workspace_keeps_its_code(other_workspace: Workspace, owner: User, link: ShortLink) -> None:
    with pytest.raises(Refused):
        links.create(other_workspace, owner, "https://evil.example", code="menu")


def test_codes_that_collide_are_drawn_again(workspace: Workspace, owner: User, link: ShortLink, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["menu", "menu", "abcdefg"])
    monkeypatch.setattr(linking, "new_code", lambda length=7: next(drawn))
    assert links.create(workspace, owner, TARGET).code == "abcdefg"


# Who brought whom


def known(workspace: Workspace, email: str) -> int:
    source = listen.connection_for(workspace, "contacts")
    log.append(
        source, [Fact(native_id=email, observed_at=timezone.now(), handles=(HandleRef("email", email),), name=email)], timezone.now()
    )
    follow()
    return int(Belonging.objects.get(handle=handle_key(bytes(workspace.secret), "email", email)).person)


def test_each_person_has_one_link_to_hand_on(workspace: Workspace) -> None:
    ana, bea = known(workspace, "ana@example.org"), known(workspace, "bea@example.org")
    first = sharing.urls(workspace, [ana, bea], TARGET)
    assert sharing.urls(workspace, [bea, ana], TARGET) == first
    assert len(set(first.values())) == 2
    assert set(sharing.urls(workspace, [ana], "https://example.org/other").values()).isdisjoint(first.values())


def test_whoever_comes_through_it_and_becomes_known_was_brought_by_its_owner(workspace: Workspace) -> None:
    ana = known(workspace, "ana@example.org")
    url = sharing.urls(workspace, [ana], TARGET)[ana]
    follow()
    code = url.rpartition("/")[2]
    assert click(code)["Location"] == f"{TARGET}?utm_source=share&utm_medium=referral&utm_content={code}"
    # On the site our script tells where they came from, and then they sign up.
    at, source, cookie = timezone.now(), listen.connection_for(workspace, "web"), HandleRef("cookie", "c-1")
    view = Activity(
        verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id="v1", happened_at=at, actor=cookie, object_key="/menu",
        props={"utm_content": code},
    )  # fmt: skip
    signed = Fact(native_id="s1", observed_at=at, handles=(HandleRef("email", "nou@example.org"), cookie))
    log.append(source, [view, signed], at)
    follow()
    new = Belonging.objects.get(handle=handle_key(bytes(workspace.secret), "email", "nou@example.org")).person
    assert [(each.newcomer, each.bringer, each.evidence) for each in influence_brought.read(workspace, at, set())] == [(new, ana, "code")]
    visit = Row.objects.get(verb="View", object_type="Link")
    assert visit.target == Handle.objects.get(kind="email", value="ana@example.org").key


def comes(workspace: Workspace, email: str, code: str) -> int:
    """Someone reads the site through a code, and signs up; returns who it is."""
    at, cookie = timezone.now(), HandleRef("cookie", f"c-{email}")
    view = Activity(
        verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id=f"v-{email}", happened_at=at, actor=cookie, object_key="/menu",
        props={"utm_content": code},
    )  # fmt: skip
    signed = Fact(native_id=f"s-{email}", observed_at=at, handles=(HandleRef("email", email), cookie))
    log.append(listen.connection_for(workspace, "web"), [view, signed], at)
    follow()
    return int(Belonging.objects.get(handle=handle_key(bytes(workspace.secret), "email", email)).person)


def test_two_who_are_one_keep_both_codes_and_all_they_brought(workspace: Workspace) -> None:
    ana, other = known(workspace, "ana@example.org"), known(workspace, "ana@work.example")
    before = {person: url.rpartition("/")[2] for person, url in sharing.urls(workspace, [ana, other], TARGET).items()}
    follow()
    identify.merge(workspace, ana, other, None)
    follow()
    one = identify.person_of(workspace, ana).pk
    new = {comes(workspace, f"{code}@example.org", code) for code in before.values()}
    brought = influence_brought.read(workspace, timezone.now(), set())
    assert {(each.newcomer, each.bringer) for each in brought} == {(each, one) for each in new}
    assert len(brought) == 2
    assert all(click(code).status_code == 302 for code in before.values())
    [(_person, url)] = sharing.urls(workspace, [one], TARGET).items()
    assert url.rpartition("/")[2] in before.values()
    assert ShortLink.objects.count() == 2, "no third is made for whoever has one"


def test_someone_known_by_a_cookie_alone_hands_nothing_on(workspace: Workspace) -> None:
    at = timezone.now()
    view = Activity(verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id="v", happened_at=at, actor=HandleRef("cookie", "c-9"))
    log.append(listen.connection_for(workspace, "web"), [view], at)
    follow()
    assert sharing.urls(workspace, list(Belonging.objects.values_list("person", flat=True)), TARGET) == {}


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"visit": {}}', b"\xff", b'{"visit":{"id":"1","at":"2026-01-01T00:00:00","code":"x"}}']
)
def test_deliveries_that_are_none_are_rejects(raw: bytes) -> None:
    assert [type(each).__name__ for each in channels()["links"].parse(raw, datetime.now(UTC))] == ["Reject"]


def test_a_table_of_links_is_handed_over(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    from vincle.vocabulary import public_id

    ana = known(workspace, "ana@example.org")
    client = client_for(Role.OWNER)
    answer = client.post(f"/w/{workspace.slug}/posts/links/share/", {"pid": public_id(ana), "target": TARGET})
    assert b"/l/" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    refused = client.post(f"/w/{workspace.slug}/posts/links/share/", {"pid": public_id(ana), "target": "javascript:alert(1)"})
    assert refused.status_code == 302


def test_visits_of_another_day_have_another_name(rf: Any) -> None:
    request = rf.get("/l/x", headers={"user-agent": BROWSER})
    at = timezone.now()
    assert visiting.visitor(request, at) == visiting.visitor(request, at)
    assert visiting.visitor(request, at) != visiting.visitor(request, at + timedelta(days=1))


def test_letters_say_each_reader_s_own_link_where_the_workspace_says_where_it_leads(workspace: Workspace, owner: User) -> None:
    from vincle.engage.letters import recipients
    from vincle.engage.publishing import ideas

    ana = known(workspace, "ana@example.org")
    uses = frozenset({"person.share_url"})
    assert "share_url" not in recipients.people(workspace, [ana], uses)[ana]["person"]
    ideas.keep_settings(workspace, owner, needs_second=False, late_hours=12, apart_minutes=60, share_target=TARGET)
    url = recipients.people(workspace, [ana], uses)[ana]["person"]["share_url"]
    assert url == sharing.urls(workspace, [ana], TARGET)[ana]


def test_all_links_of_a_person_are_counted_under_one_code(workspace: Workspace) -> None:
    ana = known(workspace, "ana@example.org")
    first, second = (sharing.urls(workspace, [ana], target)[ana].rpartition("/")[2] for target in (TARGET, "https://example.org/other"))
    assert first != second
    assert {row.share_code for row in ShortLink.objects.all()} == {first}
    assert click(second)["Location"].endswith(f"utm_content={first}")
    follow()
    assert Row.objects.filter(channel="links", object_type="Profile").count() == 1


def test_many_people_are_given_links_by_few_questions(workspace: Workspace) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    source, at = listen.connection_for(workspace, "contacts"), timezone.now()
    facts = [Fact(native_id=f"f{n}", observed_at=at, handles=(HandleRef("email", f"p{n}@example.org"),)) for n in range(40)]
    log.append(source, facts, at)
    follow()
    people = list(Belonging.objects.of(workspace).values_list("person", flat=True))
    with CaptureQueriesContext(connection) as caught:
        assert len(sharing.urls(workspace, people, TARGET)) == 40
    assert len(caught) < 30
