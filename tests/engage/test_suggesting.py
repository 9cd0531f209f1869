"""Answers that served before are offered again, without what was another person's; questions asked often are counted."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.engage.talks import US, gone, hear, message, post, said, thread_of
from vincle.accounts.models import Role, Workspace
from vincle.engage.inbox import masking, suggesting
from vincle.engage.inbox.likeness import About, groups, likeness, stem
from vincle.engage.inbox.models import Canned, Thread
from vincle.engage.outbox.models import Send
from vincle.listen.models import Connection
from vincle.vocabulary import HandleRef
from vincle.vocabulary.activity import Item

pytestmark = pytest.mark.django_db
DAY = 24 * 60
HOURS = "Obrim cada dia de 8 a 20, també els diumenges."


def someone(n: int, name: str = "") -> HandleRef:
    return HandleRef("instagram", str(1000 + n), name or f"client{n}")


def asked(n: int, days: float, question: str, answer: str, *after: tuple[float, str], name: str = "", waited: float = 60) -> list[Item]:
    """A question under the post so many days ago, our answer `waited` minutes later, and what they wrote so many days after that."""
    who, then = someone(n, name), days * DAY
    found: list[Item] = [said(f"q{n}", who, then, question), said(f"a{n}", US, then - waited, answer, parent=f"q{n}")]
    found += [said(f"r{n}-{at}", who, then - waited - at * DAY, text, parent=f"q{n}") for at, text in after]
    return found


def offered(workspace: Workspace, thread: Thread) -> list[suggesting.Suggestion]:
    return suggesting.suggestions(workspace, thread)


def now_asks(workspace: Workspace, text: str, *before: Item) -> Thread:
    source = hear(workspace, post(90 * DAY), *before, said("now", someone(900, "pep"), 20, text))
    return thread_of(source, "now")


def test_answers_alike_are_one_and_say_how_often_they_served(workspace: Workspace) -> None:
    before = [
        *asked(1, 20, "A quina hora obriu els diumenges?", HOURS, (0.1, "Moltes gràcies!")),
        *asked(2, 15, "Obriu els diumenges?", "Obrim cada dia de 8 a 20, diumenges també!", (0.1, "Gràcies, sou genials")),
        *asked(3, 10, "Quan obriu? Diumenge també obriu?", "Sí, obrim cada dia de 8 a 20, també diumenges."),
        *asked(4, 12, "Teniu pastissos sense gluten?", "Sí, cada matí en fem de xocolata sense gluten."),
    ]
    thread = now_asks(workspace, "Hola, els diumenges obriu?", *before)
    first, *rest = offered(workspace, thread)
    assert (first.answered, first.thanked) == (3, 2)
    assert "de 8 a 20" in first.text
    assert not first.is_masked
    assert not rest


@pytest.mark.parametrize(
    ("after", "days", "waited", "is_good"),
    [
        ((), 10, 60, True),
        (((0.2, "Gràcies!"),), 1, 60, True),
        ((), 1, 60, False),
        (((1, "No, continua sense funcionar. Quan obriu els diumenges?"),), 10, 60, False),
        (((5, "Hola, i els dilluns a quina hora obriu?"),), 10, 60, True),
        ((), 20, 4 * DAY, False),
    ],
    ids=["quiet for three days", "thanked at once", "too early to tell", "asked again next day", "came back later", "answered late"],
)
def test_which_answers_served(workspace: Workspace, after: Any, days: float, waited: float, is_good: bool) -> None:
    thread = now_asks(workspace, "Obriu els diumenges?", *asked(1, days, "A quina hora obriu els diumenges?", HOURS, *after, waited=waited))
    assert bool(offered(workspace, thread)) is is_good


def test_a_closed_conversation_served(workspace: Workspace) -> None:
    thread = now_asks(workspace, "Obriu els diumenges?", *asked(1, 1, "A quina hora obriu els diumenges?", HOURS))
    assert not offered(workspace, thread)
    Thread.objects.exclude(pk=thread.pk).update(state="closed", closed_at=timezone.now())
    assert [each.text for each in offered(workspace, thread)] == [HOURS]


def test_names_and_numbers_of_the_other_are_taken_out(workspace: Workspace) -> None:
    answers = [
        "Hola Núria! La comanda 48291 surt avui cap al Carrer Major. Escriu a hola@lligam.cat si no arriba. Salutacions, Marta",
        "Hola Jordi! La comanda 55310 surt demà. Escriu a hola@lligam.cat si no arriba. Salutacions, Marta",
    ]
    before = [
        *asked(1, 20, "On és la meva comanda?", answers[0], (0.1, "Gràcies!"), name="nuria.vila"),
        *asked(2, 15, "La meva comanda on és?", answers[1], name="jordi"),
    ]
    thread = now_asks(workspace, "Hola, on és la comanda que vaig fer?", *before)
    text = "\n".join(each.text for each in offered(workspace, thread))
    for other in ("Núria", "Jordi", "48291", "55310"):
        assert other not in text
    assert text.count("‹name›") >= 1
    assert text.count("‹number›") >= 1
    assert "hola@lligam.cat" in text, "what we tell everyone is ours"


def test_what_is_gone_or_of_others_is_not_suggested(workspace: Workspace, other_workspace: Workspace) -> None:
    hear(other_workspace, post(90 * DAY), *asked(5, 10, "Obriu els diumenges?", "Domenica chiuso."))
    thread = now_asks(workspace, "Obriu els diumenges?", *asked(1, 10, "A quina hora obriu els diumenges?", HOURS))
    assert [each.text for each in offered(workspace, thread)] == [HOURS]
    hear(workspace, gone("a1"))
    assert offered(workspace, thread) == []


def test_talks_answer_with_all_that_was_said_next_and_the_same_language_goes_first(workspace: Workspace) -> None:
    before: list[Item] = [
        *asked(7, 9, "Is there delivery of the Christmas blend to Mallorca?", "Yes, in two days.", (0.1, "Thanks!")),
        message("m1", someone(1), 8 * DAY, "Bon dia, feu enviaments del Christmas blend a Mallorca?"),
        message("m2", US, 8 * DAY - 30, "Sí, tant que sí!"),
        message("m3", US, 8 * DAY - 32, "Triga dos dies."),
    ]
    thread = now_asks(workspace, "Hola, també feu enviaments a Mallorca? Vull el Christmas blend", *before)
    found = offered(workspace, thread)
    assert found[0].text == "Sí, tant que sí!\nTriga dos dies."
    assert [each.is_other_language for each in found] == [False, True]


def test_the_composer_offers_them_and_nothing_leaves_with_gaps(workspace: Workspace, client_for: Any) -> None:
    answer = "Hola Núria! La comanda 48291 surt avui."
    thread = now_asks(workspace, "On és la meva comanda?", *asked(1, 9, "La meva comanda on és?", answer, (0.1, "Gràcies"), name="nuria"))
    Connection.objects.update(settings={"practice": True})
    agent: Client = client_for(Role.AGENT)
    where = {"workspace": workspace.slug, "pid": thread.public}
    address = reverse("inbox:suggestions", kwargs=where)
    assert address in agent.get(reverse("inbox:thread", kwargs=where)).content.decode()
    page = agent.get(address).content.decode()
    assert 'data-suggest="Hola ‹name›! La comanda ‹number› surt avui."' in page
    assert "thanked once" in page
    assert "Núria" not in page
    sent = agent.post(
        reverse("inbox:reply", kwargs=where), {"deed": "reply", "text": "Hola ‹name›!", "seen": "0.0"}, headers={"HX-Request": "true"}
    )
    assert "Put something in place of ‹name›" in sent.content.decode()
    assert not Send.objects.exists()
    assert client_for(Role.VIEWER).get(address).status_code == 403


def test_scripts_in_suggestions_are_inert(workspace: Workspace, client_for: Any) -> None:
    evil = 'La comanda surt avui "><script>alert(1)</script>'
    thread = now_asks(workspace, "On és la meva comanda?", *asked(1, 9, "La meva comanda on és?", evil))
    page = (
        client_for(Role.AGENT)
        .get(reverse("inbox:suggestions", kwargs={"workspace": workspace.slug, "pid": thread.public}))
        .content.decode()
    )
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_questions_that_wait_are_counted_with_the_answer_kept_for_them(workspace: Workspace) -> None:
    questions = ["Teniu llet de civada?", "Hi ha llet de civada?", "Feu el cafè amb llet de civada?"]
    items: list[Item] = [said(f"w{n}", someone(n), (n + 1) * DAY, text) for n, text in enumerate(questions)]
    items += asked(9, 2, "Serviu llet de civada?", "Sí!")
    hear(workspace, post(90 * DAY), *items, said("w8", someone(8), DAY, "On és la meva comanda?"))
    first, second = suggesting.unanswered(workspace)
    assert (first.asked, first.waiting, first.saved) == (4, 3, "")
    assert (second.asked, second.waiting) == (1, 1)
    assert first.oldest is not None
    assert len(first.threads) == 3
    Canned.objects.create(workspace=workspace, name="Civada", language="ca", text="Sí, tenim llet de civada i de soja.")
    assert suggesting.unanswered(workspace)[0].saved == "Civada"
    hear(workspace, *[said(f"b{n}", US, 5, "Sí", parent=f"w{n}") for n in range(3)])
    assert [each.words for each in suggesting.unanswered(workspace)] == ["On és la meva comanda?"]


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=20), max_size=4))
def test_masking_never_loses_what_stays(text: str, theirs: list[str]) -> None:
    parts = masking.masked(text, theirs)
    kept, at = [part.text for part in parts if not part.is_out], 0
    for each in kept:
        at = text.index(each, at) + len(each)


@given(st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=4), max_size=12))
def test_each_text_is_in_one_group_at_most(words: list[frozenset[str]]) -> None:
    found = groups([About(each, frozenset()) for each in words])
    every = [place for group in found for place in group]
    assert sorted(every) == [place for place, each in enumerate(words) if each]


@given(st.frozensets(st.text(min_size=1, max_size=3)), st.frozensets(st.text(min_size=1, max_size=3)))
def test_likeness_is_the_same_both_ways(one: frozenset[str], other: frozenset[str]) -> None:
    left, right = About(one, other), About(other, one)
    assert likeness(left, right) == pytest.approx(likeness(right, left))
    assert 0 <= likeness(left, right) <= 1.0000001


@given(st.text(max_size=12))
def test_a_stem_begins_its_word(word: str) -> None:
    assert word.startswith(stem(word))
