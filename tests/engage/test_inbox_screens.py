"""The inbox at its public door: who waits, answers that leave once, what a colleague did meanwhile, what a channel allows."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.engage.talks import ANA, NURIA, PEP, US, follow, gone, hear, message, post, said, thread_of
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace
from vincle.channels.registry import channels
from vincle.engage.inbox import actions, threads
from vincle.engage.inbox.models import Canned, Draft, Note, Piece, SavedView, Seen, Tag, Thread, ThreadTag
from vincle.engage.keys import piece_key
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox.models import Send
from vincle.listen.models import Connection, Notice, NoticeFor

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def url(workspace: Workspace, name: str = "list", **more: Any) -> str:
    return reverse(f"inbox:{name}", kwargs={"workspace": workspace.slug, **more})


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    """A post with a question under it, and a talk: on a connection to practise on."""
    found = hear(workspace, post(), said("c1", NURIA, 60, "On és la meva comanda?"), message("m1", NURIA, 30, "Bon dia, obriu demà?"))
    Connection.objects.filter(pk=found.pk).update(settings={"practice": True})
    return found


@pytest.fixture
def thread(source: Connection) -> Thread:
    return thread_of(source, "c1")


@pytest.fixture
def agent(client_for: ClientFor) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def joan(workspace: Workspace) -> User:
    user = User.objects.create_user("joan@lligam.example", "correct horse battery", name="Joan Roca")
    Membership.objects.create(workspace=workspace, user=user, role=Role.AGENT)
    return user


def form(client: Client, workspace: Workspace, thread: Thread) -> dict[str, str]:
    """The hidden fields of the composer as a page shows them now."""
    page = client.get(url(workspace, "thread", pid=thread.public)).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(key|seen|about)" value="([^"]*)"', page))


def send(client: Client, workspace: Workspace, thread: Thread, text: str, fields: dict[str, str] | None = None, **more: Any) -> Any:
    fields = fields or form(client, workspace, thread)
    data = {**fields, "text": text, "deed": "reply", **more}
    return client.post(url(workspace, "reply", pid=thread.public), data, headers={"HX-Request": "true", "HX-Target": "talk"})


def leave() -> None:
    """Ten seconds later."""
    Send.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    outbox.turn()
    follow()


def test_who_waits_stands_first_and_is_counted(agent: Client, workspace: Workspace, source: Connection) -> None:
    page = agent.get(url(workspace))
    assert [line.thread.kind for line in page.context["page"].rows] == ["comment", "message"]
    text = page.content.decode()
    assert "2 wait for an answer" in text
    assert "The first has waited for 1 h" in text
    assert "On és la meva comanda?" in text
    assert page.context["page"].rows[0].name == "nuria"


@pytest.mark.parametrize(
    ("params", "kinds"),
    [
        ({"kind": "message"}, ["message"]), ({"channel": "instagram"}, ["comment", "message"]), ({"channel": "mail"}, []),
        ({"box": "mine"}, []), ({"who": "none"}, ["comment", "message"]), ({"who": "me"}, []), ({"q": "comanda"}, ["comment"]),
        ({"q": "nuria"}, ["comment", "message"]), ({"q": "zzzz"}, []), ({"q": '"'}, []), ({"urgent": "1"}, []), ({"box": "closed"}, []),
        ({"box": "all"}, ["message", "comment"]), ({"tag": "77"}, []), ({"person": "0"}, []), 
        ({"box": "x", "who": "999999", "after": "~"}, []),
        ({"after": "9~zzzzzzzzzzzzz"}, ["comment", "message"]), ({"feeling": "x\x00"}, ["comment", "message"]),
    ],
)  # fmt: skip
def test_filters(agent: Client, workspace: Workspace, source: Connection, params: dict[str, str], kinds: list[str]) -> None:
    assert [line.thread.kind for line in agent.get(url(workspace), params).context["page"].rows] == kinds


def test_pages_by_key_reach_every_thread_once(workspace: Workspace, source: Connection, owner: User) -> None:
    hear(workspace, *(said(f"x{n}", ANA, n + 100, f"Hola {n}?") for n in range(23)))
    for box in ("waiting", "all"):
        wanted = threads.asked(workspace, owner, _Params({"box": box}))
        seen, after = [], ""
        while True:
            page = threads.page(wanted, after, size=5)
            seen += [line.thread.key for line in page.rows]
            if not page.after:
                break
            after = page.after
        assert len(seen) == len(set(seen)) == 25
        back = threads.page(wanted, before=page.before, size=5)
        assert [line.thread.key for line in back.rows] == seen[-5 - len(page.rows) : -len(page.rows)]


class _Params(dict[str, str]):
    def getlist(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


def test_an_answer_is_held_then_leaves_once_and_stands_in_the_conversation(
    agent: Client, workspace: Workspace, thread: Thread, source: Connection
) -> None:
    fields = form(agent, workspace, thread)
    page = send(agent, workspace, thread, "Surt avui a les 12 h.", fields).content.decode()
    assert "leaves in" in page
    assert "Sent in ten seconds" in page
    send(agent, workspace, thread, "Surt avui a les 12 h.", fields)
    assert Send.objects.count() == 1, "a double click is one answer"
    assert outbox.turn() == 0
    leave()
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.messages) == (None, 2)
    assert str(thread.assignee) == "Agent Cafè Lligam", "who answers takes it on"
    piece = Piece.objects.get(key=Send.objects.get().piece)
    assert (piece.thread, piece.parent, piece.direction) == (thread.key, piece_key(source.pk, "c1"), "out")
    told = agent.get(url(workspace, "thread", pid=thread.public)).content.decode()
    assert told.count("Surt avui a les 12 h.") == 1
    assert "Agent Cafè Lligam" in told
    assert set(AuditEntry.objects.values_list("verb", flat=True)) >= {"asked to send", "sent"}


def test_taken_back_it_is_a_draft_again(agent: Client, workspace: Workspace, thread: Thread) -> None:
    send(agent, workspace, thread, "Massa aviat")
    made = Send.objects.get()
    agent.post(url(workspace, "cancel", send=made.pk))
    leave()
    assert Draft.objects.get().text == "Massa aviat"
    assert 'dir="auto" aria-label="Your words"' in (page := agent.get(url(workspace, "thread", pid=thread.public)).content.decode())
    assert ">Massa aviat</textarea>" in page
    assert Piece.objects.filter(thread=thread.key).count() == 1


def test_two_agents_do_not_answer_twice(agent: Client, workspace: Workspace, thread: Thread, joan: User) -> None:
    other = Client()
    other.force_login(joan)
    mine, theirs = form(agent, workspace, thread), form(other, workspace, thread)
    send(other, workspace, thread, "Ja ho miro jo.", theirs)
    page = send(agent, workspace, thread, "Hola Núria!", mine).content.decode()
    assert "Someone answered meanwhile" in page
    assert "Ja ho miro jo." in page
    assert "Joan Roca" in page
    assert ">Hola Núria!</textarea>" in page, "nothing is lost"
    assert Send.objects.count() == 1
    leave()
    assert send(agent, workspace, thread, "Hola Núria!", mine).content.decode().count("Someone answered meanwhile") == 1, (
        "once it has left too"
    )
    send(agent, workspace, thread, "I gràcies per esperar.", mine, confirmed="1")
    leave()
    assert Send.objects.filter(state="sent").count() == 2


def test_an_answer_given_at_the_platform_counts(agent: Client, workspace: Workspace, thread: Thread) -> None:
    mine = form(agent, workspace, thread)
    hear(workspace, said("c9", US, 1, "Resposta des del mòbil", parent="c1"))
    assert "Resposta des del mòbil" in send(agent, workspace, thread, "Hola", mine).content.decode()
    assert not Send.objects.exists()


def test_their_next_words_are_no_reason_to_refuse(agent: Client, workspace: Workspace, thread: Thread) -> None:
    mine = form(agent, workspace, thread)
    hear(workspace, said("c9", NURIA, 1, "Hola?", parent="c1"))
    send(agent, workspace, thread, "Hola", mine)
    assert Send.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "x", "1", "1.x", "²." + "1", "9" * 60 + ".1"])
def test_a_broken_mark_sends_nothing_and_keeps_the_words(agent: Client, workspace: Workspace, thread: Thread, seen: str) -> None:
    page = send(agent, workspace, thread, "Hola", form(agent, workspace, thread) | {"seen": seen}).content.decode()
    assert "too old" in page
    assert ">Hola</textarea>" in page
    assert not Send.objects.exists()


def test_what_cannot_be_sent_says_why(agent: Client, workspace: Workspace, thread: Thread, source: Connection) -> None:
    assert "needs some words" in send(agent, workspace, thread, "  ").content.decode()
    assert "too long" in send(agent, workspace, thread, "x" * 2300).content.decode()
    assert "cannot be done" in send(agent, workspace, thread, "x", deed="explode").content.decode()
    Connection.objects.filter(pk=source.pk).update(settings={})
    page = agent.get(url(workspace, "thread", pid=thread.public)).content.decode()
    assert "only listens here" in page
    assert "only listens" in send(agent, workspace, thread, "x").content.decode()
    assert not Send.objects.exists()


def test_files_go_along_where_they_may(agent: Client, workspace: Workspace, thread: Thread) -> None:
    page = send(agent, workspace, thread, "Mira", files=SimpleUploadedFile("a.txt", b"abc", "text/plain")).content.decode()
    assert "files can be attached here" in page
    assert not Send.objects.exists()


def test_a_note_calls_whom_it_names(agent: Client, workspace: Workspace, thread: Thread, joan: User, client_for: ClientFor) -> None:
    send(agent, workspace, thread, "El paquet és al dipòsit. @joan ho mires?", deed="note")
    note = Note.objects.get()
    assert (note.mentions, Send.objects.count()) == ([joan.pk], 0)
    assert list(NoticeFor.objects.values_list("user", "bell")) == [(joan.pk, True)]
    theirs = Client()
    theirs.force_login(joan)
    bell = theirs.get(reverse("listen:alerts", kwargs={"workspace": workspace.slug})).content.decode()
    assert "Agent Cafè Lligam calls you in a conversation" in bell
    assert url(workspace, "thread", pid=thread.public) in bell
    assert "al dipòsit" not in str(Notice.objects.values_list("values", flat=True)), "no one's words"
    thread.refresh_from_db()
    assert thread.waiting_since, "a note answers nobody"


def test_what_the_team_does_can_be_undone(agent: Client, workspace: Workspace, thread: Thread, joan: User) -> None:
    act = url(workspace, "act", pid=thread.public)
    for data, field, value in (
        ({"do": "close"}, "state", "closed"), ({"do": "reopen"}, "state", "open"), ({"until": "tomorrow"}, "state", "snoozed"),
        ({"assignee": str(joan.pk)}, "assignee_id", joan.pk), ({"assignee": "none"}, "assignee_id", None),
    ):  # fmt: skip
        before = Thread.objects.get(key=thread.key)
        page = agent.post(act, data, headers={"HX-Request": "true"}).content.decode()
        assert getattr(Thread.objects.get(key=thread.key), field) == value
        token = re.search(r'action="(/w/[^"]*/inbox/undo/[^"]*)"', page)
        assert token
        agent.post(token[1])
        after = Thread.objects.get(key=thread.key)
        assert (after.state, after.assignee_id, after.snoozed_until) == (before.state, before.assignee_id, before.snoozed_until)
        agent.post(act, data, headers={"HX-Request": "true"})
    agent.post(act, {"tag": "Parcel"}, headers={"HX-Request": "true"})
    assert ThreadTag.objects.get().tag.name == "Parcel"
    agent.post(act, {"untag": str(Tag.objects.get().pk)}, headers={"HX-Request": "true"})
    assert not ThreadTag.objects.exists()
    assert AuditEntry.objects.filter(verb="closed", object_type="conversation").exists()


@pytest.mark.parametrize("data", [{}, {"until": "never"}, {"until": "2020-01-01T00:00"}, {"assignee": "9999"}, {"do": "x"}, {"tag": " "}])
def test_what_cannot_be_done_says_so(agent: Client, workspace: Workspace, thread: Thread, data: dict[str, str]) -> None:
    before = Thread.objects.values().get(key=thread.key)
    page = agent.post(url(workspace, "act", pid=thread.public), data, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert 'class="toast error"' in page.content.decode()
    assert Thread.objects.values().get(key=thread.key) == before


def test_a_snoozed_one_wakes_at_its_time_or_when_they_write(agent: Client, workspace: Workspace, thread: Thread, owner: User) -> None:
    actions.snooze(workspace, owner, [thread.key], timezone.now() + timedelta(hours=1))
    assert actions.wake() == 0
    Thread.objects.filter(key=thread.key).update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert actions.wake() == 1
    actions.snooze(workspace, owner, [thread.key], timezone.now() + timedelta(hours=1))
    hear(workspace, said("c9", NURIA, 0, "Hola? On és?", parent="c1"), received=timezone.now() + timedelta(seconds=5))
    thread.refresh_from_db()
    assert thread.state == "open"


def test_many_at_once(agent: Client, workspace: Workspace, source: Connection) -> None:
    ids = [line.pid for line in agent.get(url(workspace)).context["page"].rows]
    agent.post(url(workspace, "bulk"), {"ids": [*ids, "broken", "0" * 13], "assignee": "me"})
    assert Thread.objects.exclude(assignee=None).count() == 2
    agent.post(url(workspace, "bulk"), {"ids": ids, "do": "close"})
    assert Thread.objects.filter(state="closed").count() == 2
    assert b"Choose what to do" in agent.post(url(workspace, "bulk"), {"ids": ids}, follow=True).content


def test_hide_and_like_go_to_the_platform(agent: Client, workspace: Workspace, thread: Thread, source: Connection) -> None:
    piece = Piece.objects.get(key=piece_key(source.pk, "c1"))
    place = url(workspace, "deed", pid=thread.public, piece=piece.public)
    agent.post(place, {"deed": "hide"}, headers={"HX-Request": "true"})
    leave()
    piece.refresh_from_db()
    assert piece.state == "hidden"
    page = agent.get(url(workspace, "thread", pid=thread.public)).content.decode()
    assert "Hidden: nobody sees it any more" in page
    assert "On és la meva comanda" not in page


def test_what_is_deleted_disappears_from_every_screen(agent: Client, workspace: Workspace, thread: Thread) -> None:
    hear(workspace, gone("c1"))
    assert "la meva comanda" not in agent.get(url(workspace)).content.decode()
    page = agent.get(url(workspace, "thread", pid=thread.public)).content.decode()
    assert "Deleted by who wrote it" in page
    assert "la meva comanda" not in page


def test_drafts_are_kept_and_counted_as_the_channel_counts(agent: Client, workspace: Workspace, thread: Thread) -> None:
    kept = agent.post(url(workspace, "draft", pid=thread.public), {"deed": "reply", "text": "Hola 👋🏽"}).content.decode()
    assert f"{channels()['instagram'].length('Hola 👋🏽')} of 2,200" in kept
    assert "draft kept" in kept
    assert ">Hola 👋🏽</textarea>" in agent.get(url(workspace, "thread", pid=thread.public)).content.decode()
    agent.post(url(workspace, "draft", pid=thread.public), {"deed": "reply", "text": " "})
    assert not Draft.objects.exists()


def test_who_else_is_there_is_said(agent: Client, workspace: Workspace, thread: Thread, joan: User) -> None:
    other = Client()
    other.force_login(joan)
    agent.post(url(workspace, "presence", pid=thread.public))
    assert "Agent Cafè Lligam looks at this too" in other.post(url(workspace, "presence", pid=thread.public)).content.decode()
    other.post(url(workspace, "presence", pid=thread.public), {"typing": "1"})
    assert "Joan Roca is writing an answer" in agent.post(url(workspace, "presence", pid=thread.public)).content.decode()


def test_what_changes_is_told(agent: Client, workspace: Workspace, thread: Thread) -> None:
    first = agent.get(url(workspace, "live"), {"thread": thread.public})
    assert first["Content-Type"] == "text/event-stream"
    assert agent.get(url(workspace, "live"), {"thread": thread.public}).content == first.content
    hear(workspace, said("c9", NURIA, 1, "Hola?", parent="c1"))
    assert agent.get(url(workspace, "live"), {"thread": thread.public}).content != first.content


def test_reading_is_remembered_for_each(agent: Client, workspace: Workspace, thread: Thread) -> None:
    assert all(line.is_new for line in agent.get(url(workspace)).context["page"].rows)
    agent.get(url(workspace, "thread", pid=thread.public))
    assert Seen.objects.get().seq == thread.last_seq
    assert [line.is_new for line in agent.get(url(workspace)).context["page"].rows] == [False, True]


def test_saved_answers_are_filled_in(agent: Client, workspace: Workspace, thread: Thread) -> None:
    text = "Hola {{ person.first_name }}, sóc {{ agent.first_name }} de {{ workspace.name }}."
    agent.post(url(workspace, "canned_save"), {"name": "Hello", "text": text, "shortcut": "/hi"})
    made = Canned.objects.get()
    told = agent.get(url(workspace, "canned_text", pid=thread.public, answer=made.pk)).json()
    assert told == {"text": "Hola nuria, sóc Agent de Cafè Lligam."}
    assert "Hello" in agent.get(url(workspace, "canned"), {"thread": thread.public, "q": "hi"}).content.decode()
    send(agent, workspace, thread, told["text"], canned=[str(made.pk), "x"])
    assert Canned.objects.get().used == 1


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in (1..100000000) %}x{% endfor %}", "{% if %}", "{{ person.name", "{% include 'x' %}",
        "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 30,
    ],
)  # fmt: skip
def test_a_saved_answer_that_cannot_be_filled_in_is_not_kept(agent: Client, workspace: Workspace, text: str) -> None:
    page = agent.post(url(workspace, "canned_save"), {"name": "Bad", "text": text}, follow=True).content.decode()
    assert "cannot be" in page
    assert not Canned.objects.exists()


def test_hostile_words_are_inert_everywhere(agent: Client, workspace: Workspace, joan: User) -> None:
    User.objects.filter(pk=joan.pk).update(name=EVIL)
    evil = type(NURIA)("instagram", "66", EVIL)
    source = hear(
        workspace,
        post(text=EVIL),
        said(
            "e1", evil, 5, EVIL, title=EVIL, url="javascript:alert(1)", body={"attachments": [{"name": EVIL, "url": "javascript:alert(3)"}]}
        ),
    )
    Connection.objects.filter(pk=source.pk).update(settings={"practice": True})
    thread = thread_of(source, "e1")
    send(agent, workspace, thread, EVIL, deed="note")
    send(agent, workspace, thread, EVIL)
    agent.post(url(workspace, "act", pid=thread.public), {"tag": EVIL})
    agent.post(url(workspace, "canned_save"), {"name": EVIL, "text": EVIL})
    agent.post(url(workspace, "save_view"), {"name": EVIL, "query": "kind=comment"})
    assert SavedView.objects.exists()
    for place in (
        url(workspace),
        url(workspace, "thread", pid=thread.public),
        url(workspace, "canned"),
        f"{url(workspace, 'canned')}?thread={thread.public}",
    ):
        page = agent.get(place).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page


def test_peers_are_counted(agent: Client, workspace: Workspace, source: Connection) -> None:
    hear(workspace, said("c2", PEP, 20, "Em va passar igual, escriu-los un correu.", parent="c1"))
    page = agent.get(url(workspace), {"box": "all"}).content.decode()
    assert "Customers who answer customers" in page
    assert "a customer answered" in page


def test_pages_ask_few_questions(agent: Client, workspace: Workspace, source: Connection, django_assert_max_num_queries: Any) -> None:
    hear(workspace, *(said(f"x{n}", ANA, n + 100, f"Hola {n}?") for n in range(30)))
    thread = thread_of(source, "c1")
    agent.get(url(workspace))
    with django_assert_max_num_queries(25):
        agent.get(url(workspace))
    with django_assert_max_num_queries(22):
        agent.get(url(workspace), headers={"HX-Target": "threads", "HX-Request": "true"})
    with django_assert_max_num_queries(43):
        agent.get(url(workspace, "thread", pid=thread.public), headers={"HX-Target": "talk", "HX-Request": "true"})
    with django_assert_max_num_queries(5):
        agent.get(url(workspace, "live"), {"thread": thread.public})


def test_who_may_only_look_sees_no_composer(client_for: ClientFor, workspace: Workspace, thread: Thread) -> None:
    page = client_for(Role.VIEWER).get(url(workspace, "thread", pid=thread.public)).content.decode()
    assert "On és la meva comanda?" in page
    assert "<textarea" not in page
