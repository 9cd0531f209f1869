"""A person's identity over HTTP: the sure ones at once, parting with a preview, joining by search, the history and its undo."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify import actions
from vincle.identify.models import Belonging, Case, Move, SharedHandle
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Delivery, Handle
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Fact, HandleRef, public_id

HX = {"HX-Request": "true"}
STEPS = [
    {"matcher": "phone", "level": "same", "weight": 9.1, "code": "phone_same", "values": {"left": "93 555 01 42", "right": "93 555 01 42"}},
    {"matcher": "birthday", "level": "differs", "weight": -2.4, "code": "birthday_differs",
     "values": {"left": "1981-05-04", "right": "1981-04-05"}},
]  # fmt: skip


def bring(workspace: Workspace, *facts: tuple[str, str, dict[str, Any]], channel: str = "contacts", days: int = 10) -> None:
    """(e-mail or "network:name", name, traits) of several people."""
    source = listen.connection_for(workspace, channel)
    at = timezone.now() - timedelta(days=days)
    delivery = Delivery.objects.create(
        workspace=workspace, connection=source, channel=channel, sha256="0" * 64, size=1, state=Delivery.State.DONE
    )
    items = [
        Fact(native_id=f"{value}{days}", observed_at=at, handles=(_ref(value),), name=name, traits=traits) for value, name, traits in facts
    ]
    log.append(source, items, at, delivery)
    pipeline.catch_up()


def _ref(value: str) -> HandleRef:
    kind, colon, name = value.partition(":")
    return HandleRef(kind, name) if colon else HandleRef("email", value)


def key(workspace: Workspace, value: str) -> int:
    return int(Handle.objects.of(workspace).get(value=value.rpartition(":")[2]).key)


def person(workspace: Workspace, value: str) -> int:
    return int(Belonging.objects.of(workspace).get(handle=key(workspace, value)).person)


def pid(workspace: Workspace, value: str) -> str:
    return public_id(person(workspace, value))


def question(workspace: Workspace, left: str, right: str, probability: float = 0.995, steps: Sequence[Any] = STEPS) -> Case:
    pair = actions.ProbableLink(person(workspace, left), person(workspace, right), 6.0, probability, steps, -6.0)
    assert actions.link_probable(workspace, [pair]).asked == 1
    return Case.objects.of(workspace).latest("pk")  # type: ignore[no-any-return]


def place(name: str, **values: Any) -> str:
    return reverse(name, kwargs={"workspace": "cafe-lligam", **values})


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def undo_address(response: Any) -> str:
    tags = " ".join(message.extra_tags for message in response.context["messages"])
    return tags.partition("undo:")[2].split()[0]


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def two(workspace: Workspace) -> None:
    bring(workspace, ("anna@example.cat", "Anna Puig", {"city": "Vic", "birthday": "1981-05-04"}), days=20)
    bring(workspace, ("a.puig@example.org", "A. Puig", {"city": "Olot", "job_title": "Potter"}), days=5)


@pytest.mark.usefixtures("two")
def test_a_probable_question_is_a_waterfall_in_words(workspace: Workspace, agent: Client) -> None:
    question(workspace, "anna@example.cat", "a.puig@example.org", 1 / (1 + 2**-0.7))
    response = agent.get(place("identify:review"))
    page = text_of(response)
    for words in (
        "Two people at random",
        "Same phone: 93 555 01 42",
        "Different birthday: 4 May 1981 / 5 Apr 1981",
        "+9.1",
        "\N{MINUS SIGN}2.4",
    ):
        assert words in page
    assert "Probability so far" in page, "speech gets a table"
    assert [round(step.end, 1) for step in response.context["fall"].steps] == [-6.0, 3.1, 0.7]
    assert "61.9" in page
    assert "not clear enough" in page
    assert "1 left" in page
    assert "of 1 today." in page


@pytest.mark.usefixtures("two")
def test_the_tally_is_true(workspace: Workspace, agent: Client) -> None:
    bring(workspace, ("mastodon:annap", "Anna P", {}), ("bluesky:ap", "AP", {}))
    question(workspace, "anna@example.cat", "a.puig@example.org")
    sure = [{**STEPS[0]}, {**STEPS[0], "matcher": "website", "code": "website_same", "weight": 8.0}]
    for handle in ("mastodon:annap", "bluesky:ap"):
        pair = actions.ProbableLink(person(workspace, "anna@example.cat"), person(workspace, handle), 12.0, 0.9999, sure, -5.0)
        assert actions.link_probable(workspace, [pair]).joined == 1
    actions.undo(workspace, Move.objects.of(workspace).filter(act=Move.Act.LINK).latest("pk").pk, None)
    page = text_of(agent.get(place("identify:review")))
    assert "1 left" in page
    assert "of 3 today. 2 were clear enough to link by themselves; 1 you undid in the last 30 days." in page
    Case.objects.update(opened_at=timezone.now() - timedelta(days=3))
    assert "2 pairs came up today." in text_of(agent.get(place("identify:review")))


@pytest.mark.usefixtures("two")
def test_a_value_chosen_at_the_merge_stands_and_goes_with_it(workspace: Workspace, agent: Client) -> None:
    case = question(workspace, "anna@example.cat", "a.puig@example.org")
    shown = agent.get(place("identify:review"))
    left, right = shown.context["left"], shown.context["right"]
    part = text_of(agent.get(place("organise:together", pid=left.pid, other=right.pid)))
    assert "Vic" in part
    assert "Olot" in part
    assert "Potter" not in part, "nothing to choose where only one of the two says something"
    vic = "left" if left.person == person(workspace, "anna@example.cat") else "right"
    olot = "right" if vic == "left" else "left"
    form = {"answer": "same", "rule-city": olot, "keep-city": vic, "rule-name": olot, "keep-name": olot}
    agent.post(place("identify:decide", pk=case.pk), form)
    pipeline.catch_up()
    pipeline.catch_up()
    merged = Profile.objects.of(workspace).get(person=person(workspace, "anna@example.cat"))
    assert merged.traits["city"][0] == "Vic"
    assert merged.traits["job_title"][0] == "Potter"
    assert merged.name == "A. Puig", "the newest, as the rule says"
    bring(workspace, ("anna@example.cat", "", {"city": "Girona"}), days=1)
    merged.refresh_from_db()
    assert merged.traits["city"][0] == "Vic", "what the team chose stands against newer sources"
    agent.post(place("identify:take_back", pk=case.pk))
    pipeline.catch_up()
    cities = {
        Profile.objects.of(workspace).get(person=person(workspace, each)).traits["city"][0]
        for each in ("anna@example.cat", "a.puig@example.org")
    }
    assert cities == {"Girona", "Olot"}


def many(workspace: Workspace, count: int) -> list[Case]:
    bring(
        workspace,
        *[(f"one{n}@example.cat", f"One {n}", {}) for n in range(count)],
        *[(f"two{n}@example.cat", f"Two {n}", {}) for n in range(count)],
    )
    return [question(workspace, f"one{n}@example.cat", f"two{n}@example.cat", 0.99 + n / 1000) for n in range(count)]


def test_the_sure_ones_are_joined_and_parted_at_one_word(workspace: Workspace, agent: Client) -> None:
    cases = many(workspace, 4)
    page = text_of(agent.get(place("identify:sure")))
    assert "4 pairs" in page
    assert page.index("One 3") < page.index("One 0"), "surest first"
    assert "Same phone" in page
    assert "2 pairs" in text_of(agent.get(place("identify:sure") + "?p=99.15"))
    assert "No open question is as sure" in text_of(agent.get(place("identify:sure") + "?p=100"))
    assert agent.get(place("identify:sure") + "?p=nan").context["bound"] == 99.0
    actions.decide(workspace, cases[0].pk, "different", None)
    response = agent.post(place("identify:join_many"), {"ids": [case.pk for case in cases]}, follow=True)
    assert "3 pairs joined. 1 was settled meanwhile." in said(response)
    assert Belonging.objects.of(workspace).values("person").distinct().count() == 5
    taken = agent.post(undo_address(response), follow=True)
    assert "3 decisions taken back" in said(taken)
    assert Belonging.objects.of(workspace).values("person").distinct().count() == 8
    assert actions.sound(workspace) == []
    assert "someone did so already" in said(agent.post(undo_address(response), follow=True))
    assert "Nothing was joined" in said(agent.post(place("identify:join_many"), {"ids": ["x", "9" * 30]}, follow=True))


def test_many_show_their_progress(workspace: Workspace, agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = many(workspace, 3)
    monkeypatch.setattr("vincle.identify.views_sure.CHUNK", 2)
    first = agent.post(place("identify:join_many"), {"ids": [case.pk for case in cases]}, headers=HX)
    page = text_of(first)
    assert "2 of 3" in page
    assert 'hx-trigger="load' in page
    form = {"ids": [cases[2].pk], "done": "2", "skipped": "0", "batch": first.context["batches"]}
    last = agent.post(place("identify:join_many"), form, headers=HX)
    assert last.headers["HX-Redirect"] == place("identify:sure")
    response = agent.get(place("identify:sure"))
    assert "3 pairs joined." in said(response)
    agent.post(undo_address(response))
    assert Belonging.objects.of(workspace).values("person").distinct().count() == 6, "one undo for all parts"


@pytest.fixture
def joined(workspace: Workspace, two: None, member: Callable[..., User]) -> int:
    return actions.merge(workspace, person(workspace, "anna@example.cat"), person(workspace, "a.puig@example.org"), member(Role.AGENT))


def test_one_handle_is_parted_after_a_look_and_comes_back(workspace: Workspace, agent: Client, joined: int) -> None:
    handle = public_id(key(workspace, "a.puig@example.org"))
    address = place("organise:identity_split", pid=public_id(joined))
    before = Move.objects.count()
    look = agent.get(address, {"handle": handle})
    assert [(part.name, part.is_same) for part in look.context["parts"]] == [("Anna Puig", True), ("A. Puig", False)]
    assert Move.objects.count() == before, "a look changes nothing"
    assert "<html" not in text_of(agent.get(address, {"handle": handle}, headers=HX))
    response = agent.post(address, {"what": "handle", "handle": handle}, follow=True)
    assert "They are 2 people now" in said(response)
    assert person(workspace, "anna@example.cat") != person(workspace, "a.puig@example.org")
    agent.post(undo_address(response))
    assert person(workspace, "anna@example.cat") == person(workspace, "a.puig@example.org")
    assert AuditEntry.objects.filter(verb="split").exists()


def test_the_whole_is_parted_at_one_word(workspace: Workspace, agent: Client, joined: int) -> None:
    bring(workspace, ("third@example.org", "Third", {}))
    actions.merge(workspace, joined, person(workspace, "third@example.org"), None)
    address = place("organise:identity_split", pid=public_id(joined))
    assert len(agent.get(address, {"what": "whole"}).context["parts"]) == 3
    response = agent.post(address, {"what": "whole"}, follow=True)
    assert "They are 3 people now" in said(response)
    agent.post(undo_address(response))
    assert len({person(workspace, each) for each in ("anna@example.cat", "a.puig@example.org", "third@example.org")}) == 1
    assert actions.sound(workspace) == []


def test_back_to_a_moment_of_the_history(workspace: Workspace, agent: Client, joined: int) -> None:
    Move.objects.update(at=timezone.now() - timedelta(days=2))
    bring(workspace, ("third@example.org", "Third", {}))
    actions.merge(workspace, joined, person(workspace, "third@example.org"), None)
    told = agent.get(place("organise:identity", pid=public_id(joined))).context["told"]
    last, first = (value for value, _words in told.befores)
    address = place("organise:identity_split", pid=public_id(joined))
    assert [len(agent.get(address, {"what": "date", "at": at}).context["parts"]) for at in (last, first)] == [2, 3]
    response = agent.post(address, {"what": "date", "at": last}, follow=True)
    assert "They are 2 people now" in said(response)
    assert person(workspace, "anna@example.cat") == person(workspace, "a.puig@example.org") != person(workspace, "third@example.org")


def test_what_cannot_be_parted_says_so(workspace: Workspace, agent: Client, joined: int) -> None:
    address = place("organise:identity_split", pid=public_id(joined))
    for form in ({}, {"what": "date", "at": "yesterday"}, {"what": "sideways"}, {"what": "date", "at": "2026-99-99"}):
        assert "Choose" in said(agent.post(address, form, follow=True))
    both = [public_id(key(workspace, each)) for each in ("anna@example.cat", "a.puig@example.org")]
    assert "nothing to part it from" in text_of(agent.get(address, {"handle": both}))
    assert Move.objects.count() == 1
    assert agent.post(address, {"what": "handle", "handle": both}, follow=True).status_code == 200
    assert Move.objects.count() == 1
    assert agent.get(place("organise:identity", pid="not-an-id")).status_code == 404


def test_the_history_is_a_picture_a_table_and_ways_back(workspace: Workspace, agent: Client, joined: int) -> None:
    response = agent.get(place("organise:identity", pid=public_id(joined)))
    page = text_of(response)
    assert "<svg" in page
    assert "style=" not in page
    assert "Joined by the team" in page
    assert "Agent" in page
    move = Move.objects.get()
    undo = place("organise:identity_undo", pid=public_id(joined), move=move.pk)
    assert undo in page
    assert f'href="#move-{move.pk}"' in page
    drawn = response.context["told"].drawing
    assert len(drawn.lanes) == 2
    assert {piece.is_own for lane in drawn.lanes for piece in lane.pieces} == {True, False}, "before and after the merge"
    assert "Taken back" in said(agent.post(undo, follow=True))
    assert "taken back already" in said(agent.post(undo, follow=True))
    page = text_of(agent.get(place("organise:identity", pid=public_id(joined))))
    assert "Do it again" in page
    again = Move.objects.get(act=Move.Act.UNDO)
    agent.post(place("organise:identity_undo", pid=public_id(joined), move=again.pk))
    assert person(workspace, "anna@example.cat") == person(workspace, "a.puig@example.org")


def test_an_old_address_leads_to_the_identity_of_today(workspace: Workspace, agent: Client, joined: int) -> None:
    other = Move.objects.get().other
    assert agent.get(place("organise:identity", pid=public_id(other)))["Location"] == place("organise:identity", pid=public_id(joined))


def test_a_person_without_decisions(workspace: Workspace, agent: Client, two: None) -> None:
    page = text_of(agent.get(place("organise:identity", pid=pid(workspace, "anna@example.cat"))))
    assert "Nobody decided anything about who they are" in page
    assert "1 handle" in page


def test_joining_by_search(workspace: Workspace, agent: Client, two: None) -> None:
    address = place("organise:merge", pid=pid(workspace, "anna@example.cat"))
    found = text_of(agent.get(address, {"q": "puig"}, headers=HX))
    other = pid(workspace, "a.puig@example.org")
    assert f"other={other}" in found
    assert f"other={pid(workspace, 'anna@example.cat')}" not in found, "not with themselves"
    assert "Nobody else is found" in text_of(agent.get(address, {"q": "zzz"}))
    assert "This is the same person already" in text_of(agent.get(address, {"other": pid(workspace, "anna@example.cat")}))
    assert "Join them" in text_of(agent.get(address, {"other": other}))
    assert "Choose another person" in said(agent.post(address, {}, follow=True))
    response = agent.post(address, {"other": other}, follow=True)
    assert "They are one person now" in said(response)
    assert person(workspace, "anna@example.cat") == person(workspace, "a.puig@example.org")
    agent.post(undo_address(response))
    assert person(workspace, "anna@example.cat") != person(workspace, "a.puig@example.org")


def test_the_person_page_says_why_and_what_is_shared(workspace: Workspace, agent: Client, two: None) -> None:
    bring(workspace, ("mastodon:annap", "Anna P", {}))
    sure = [{**STEPS[0]}, {**STEPS[0], "matcher": "website", "code": "website_same", "weight": 8.0}]
    pair = actions.ProbableLink(person(workspace, "anna@example.cat"), person(workspace, "mastodon:annap"), 12.0, 0.9999, sure, -5.0)
    assert actions.link_probable(workspace, [pair]).joined == 1
    SharedHandle.objects.create(workspace=workspace, handle=key(workspace, "anna@example.cat"), reason=SharedHandle.Reason.ROLE)
    pipeline.catch_up()
    page = text_of(agent.get(place("organise:person", pid=pid(workspace, "anna@example.cat"))))
    assert "Why is this theirs?" in page
    assert "Two people at random" in page
    assert "shared: not used to recognise people" in page
    assert "is not theirs" in page


def test_who_may_only_look_finds_no_buttons(workspace: Workspace, joined: int, client_for: Callable[..., Client]) -> None:
    viewer = client_for(Role.VIEWER)
    page = text_of(viewer.get(place("organise:identity", pid=public_id(joined))))
    assert "<svg" in page
    assert "Not theirs" not in page
    assert "/undo/" not in page
    assert "Not theirs" not in text_of(viewer.get(place("organise:person", pid=public_id(joined))))
    assert 'name="ids"' not in text_of(viewer.get(place("identify:sure")))
    assert viewer.get(place("organise:identity_split", pid=public_id(joined)), {"what": "whole"}).status_code == 403
    assert viewer.post(place("identify:join_many"), {"ids": [1]}).status_code == 403


def test_pages_ask_few_questions(workspace: Workspace, agent: Client, joined: int, django_assert_max_num_queries: Any) -> None:
    many(workspace, 3)
    with django_assert_max_num_queries(32):
        agent.get(place("identify:review"))
    with django_assert_max_num_queries(20):
        agent.get(place("identify:sure"))
    with django_assert_max_num_queries(36):
        agent.get(place("organise:identity", pid=public_id(joined)))
    left, right = Case.objects.of(workspace).filter(state="open").values_list("left", "right")[0]
    with django_assert_max_num_queries(24):
        agent.get(place("organise:together", pid=public_id(left), other=public_id(right)))
