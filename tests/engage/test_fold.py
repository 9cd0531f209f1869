"""What people say becomes conversations: whoever waits is seen, in whatever order things come, and nothing that is gone stays."""

from itertools import permutations

import pytest

from tests.engage.talks import ANA, NOW, NURIA, PEP, POST, US, at, edited, follow, gone, hear, like, message, post, said, thread_of
from vincle.accounts.models import User, Workspace
from vincle.engage.inbox.models import Piece, Thread
from vincle.engage.keys import piece_key
from vincle.listen import log, understanding
from vincle.listen.models import Activity, Content, Understanding
from vincle.store.models import Cursor
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
QUESTION = said("c1", NURIA, 60, "Tercer matí sense cafè. On és la meva comanda?")
PEER = said("c2", PEP, 50, "A mi em va passar igual, em van tornar els diners de seguida.", parent="c1")
OURS = said("c3", US, 40, "Núria, ho sentim molt. Surt avui a les 12 h.", parent="c1")


def picture() -> list[tuple[object, ...]]:
    """All that is worked out, without the moments of working it out."""
    threads = Thread.objects.order_by("thread_key").values_list(
        "thread_key", "kind", "messages", "waiting_since", "handle", "peer_answers", "by_peer", "first_answer_at", "state", "is_here"
    )
    return [*threads, *Piece.objects.order_by("key").values_list("key", "thread", "parent", "state", "is_peer")]


def test_a_comment_waits_until_we_answer(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION)
    thread = thread_of(source, "c1")
    assert (thread.kind, thread.messages, thread.waiting_since, thread.root_key) == ("comment", 1, at(60), POST)
    hear(workspace, PEER)
    thread.refresh_from_db()
    assert (thread.messages, thread.peer_answers, thread.waiting_since) == (2, 1, at(60)), "a peer's answer alone settles nothing"
    hear(workspace, OURS)
    thread.refresh_from_db()
    assert (thread.messages, thread.waiting_since, thread.first_answer_at, thread.rank) == (3, None, at(40), None)


def test_the_order_of_arrival_does_not_matter(workspace: Workspace) -> None:
    items = [post(), QUESTION, PEER, OURS, said("c4", NURIA, 30, "I quan arriba?", parent="c3")]
    hear(workspace, *items)
    wanted = picture()
    for order in list(permutations(items))[:: len(items) * 5]:
        Piece.objects.all().delete()
        Thread.objects.all().delete()
        Cursor.objects.filter(name="engage").update(position=0)
        Activity.objects.all().delete()
        Content.objects.all().delete()
        Understanding.objects.all().delete()
        for item in order:
            hear(workspace, item)
        assert picture() == wanted, [item.native_id for item in order]


def test_folding_again_and_a_rebuild_change_nothing(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION, PEER, OURS, message("m1", NURIA, 20, "Hola, obriu demà?"))
    Thread.objects.filter(key=thread_of(source, "c1").key).update(state="closed", state_at=NOW, closed_at=NOW)
    before = picture()
    Cursor.objects.filter(name="engage").update(position=0)
    follow()
    assert picture() == before
    from vincle.engage.inbox import fold

    fold.empty()
    assert not Piece.objects.exists()
    follow()
    assert picture() == before, "also that it was closed"


def test_messages_are_one_talk_and_a_letter_is_a_thread(workspace: Workspace) -> None:
    mail = HandleRef("email", "tom@example.org", "Tom Becker")
    hear(workspace, message("m1", NURIA, 50, "Bon dia"), message("m2", US, 40, "Bon dia!"), message("m3", NURIA, 30, "Teniu descafeïnat?"))
    hear(
        workspace, said("<1@x>", mail, 20, "Could I move my delivery to Friday?", kind=ObjectType.MESSAGE, parent="", thread_key="<1@x>",
                        title="My delivery"), channel="mail",
    )  # fmt: skip
    talk, letter = Thread.objects.order_by("-messages")
    assert (talk.kind, talk.messages, talk.waiting_since, talk.first_answer_at) == ("message", 3, at(30), at(40))
    assert (letter.kind, letter.channel, letter.messages) == ("mail", "mail", 1)


def test_reviews_and_mentions_open_threads_our_posts_and_feeds_do_not(workspace: Workspace) -> None:
    hear(
        workspace,
        post(),
        said("r1", ANA, 10, "Muy buen café", kind=ObjectType.REVIEW, parent="", rating=4.0, rating_max=5.0),
        channel="reviews",
    )
    hear(workspace, said("n1", ANA, 10, "Al @lligam hi ha el millor cafè", kind=ObjectType.MENTION, parent="", thread_key="n1"))
    hear(workspace, said("f1", ANA, 10, "A café opens", parent="", thread_key=""), channel="feed")
    assert sorted(Thread.objects.values_list("kind", flat=True)) == ["mention", "review"]
    assert Thread.objects.filter(waiting_since=None).count() == 0


def test_what_strangers_say_among_themselves_opens_nothing(workspace: Workspace) -> None:
    heard = said("h1", ANA, 10, "Quin cafè #girona em recomaneu?", parent="", thread_key="h1", props={"overheard": True})
    answer = said("h2", PEP, 9, "El Lligam!", parent="h1", thread_key="h1", props={"overheard": True})
    hear(workspace, heard, answer, said("h3", PEP, 8, "@lligam obriu avui?", kind=ObjectType.MENTION, parent="h1", thread_key="h1"))
    assert list(Thread.objects.values_list("kind", "messages")) == [("mention", 1)]
    hear(workspace, edited(heard, "Quin cafè de Girona em recomaneu?"))
    assert Thread.objects.count() == 1


def test_machines_spam_and_the_past_wait_for_nobody(workspace: Workspace) -> None:
    old = said("old", ANA, 60 * 24 * 40, "On és la meva comanda?")
    auto = message("auto", NURIA, 5, "I am out of office", is_machine=True)
    source = hear(workspace, old, auto)
    assert not Thread.objects.exclude(waiting_since=None).exists()
    assert thread_of(source, "old").messages == 1


def test_peers_who_were_thanked_have_answered(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION, PEER, like("l1", NURIA, "c2"))
    thread = thread_of(source, "c1")
    assert (thread.waiting_since, thread.by_peer, thread.peer_answers, thread.peer_thanked) == (None, True, 1, 1)
    hear(workspace, like("l2", NURIA, "c2", verb=Verb.UNDO))
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.by_peer) == (at(60), False)
    hear(workspace, said("c5", NURIA, 1, "Moltes gràcies!", parent="c2"))
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.by_peer) == (None, True)
    assert Piece.objects.get(key=piece_key(source.pk, "c2")).is_peer


def test_another_who_asks_the_same_is_no_answer(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION, said("c2", PEP, 50, "I la meva? On és la meva comanda?", parent="c1"))
    assert (thread_of(source, "c1").peer_answers, thread_of(source, "c1").messages) == (0, 2)


def test_what_is_deleted_is_gone_and_what_is_hidden_may_come_back(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION, PEER)
    hear(workspace, gone("c2"))
    thread = thread_of(source, "c1")
    assert (thread.messages, thread.peer_answers) == (1, 0)
    hear(workspace, gone("c1", reason="hidden"))
    thread.refresh_from_db()
    assert (thread.messages, thread.waiting_since, thread.is_here) == (1, None, True)
    assert Piece.objects.get(key=piece_key(source.pk, "c1")).state == "hidden"
    hear(workspace, edited(QUESTION, "On és la meva comanda, si us plau?"))
    thread.refresh_from_db()
    assert thread.waiting_since == at(60)
    hear(workspace, gone("c1"))
    thread.refresh_from_db()
    assert (thread.is_here, thread.waiting_since) == (False, None)


def test_a_correction_is_what_is_shown(workspace: Workspace) -> None:
    source = hear(workspace, post(), QUESTION)
    hear(workspace, edited(QUESTION, "Ja ha arribat, gràcies!"))
    piece = Piece.objects.get(key=piece_key(source.pk, "c1"))
    assert log.contents([bytes(piece.event)])[bytes(piece.event)][0] == "Ja ha arribat, gràcies!"
    assert thread_of(source, "c1").messages == 1


def test_who_speaks_again_opens_what_was_closed(workspace: Workspace) -> None:
    source = hear(workspace, message("m1", NURIA, 90, "Hola?"))
    thread = thread_of(source, "m1")
    Thread.objects.filter(key=thread.key).update(state="closed", state_at=at(60), closed_at=at(60))
    hear(workspace, message("m2", NURIA, 5, "Encara no ha arribat. On és?"))
    thread.refresh_from_db()
    assert (thread.state, thread.closed_at) == ("open", None)


def test_the_teams_reading_of_a_text_reaches_its_conversation(workspace: Workspace, owner: User) -> None:
    source = hear(workspace, message("m1", NURIA, 5, "Que bé, tercer dia sense cafè."))
    piece = Piece.objects.get(key=piece_key(source.pk, "m1"))
    understanding.correct(workspace, bytes(piece.root), "sentiment", "negative" if piece.sentiment != "negative" else "positive", owner)
    follow()
    assert thread_of(source, "m1").sentiment == ("negative" if piece.sentiment != "negative" else "positive")


def test_two_workspaces_do_not_mix(workspace: Workspace, other_workspace: Workspace) -> None:
    hear(workspace, QUESTION)
    hear(other_workspace, QUESTION)
    assert Thread.objects.of(workspace).count() == Thread.objects.of(other_workspace).count() == 1
    assert Thread.objects.count() == 2
