"""A workspace's own words: what they change in what is read, what they would match, and that nothing is lost on the way in and out."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.listen.test_alerts import bring, note
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.listen import understanding, vocabulary
from vincle.listen.models import Understanding, Vocabulary
from vincle.project import pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


@pytest.fixture
def page(workspace: Workspace) -> Callable[..., str]:
    return lambda name, **keys: reverse(f"listen:{name}", kwargs={"workspace": workspace.slug, **keys})


def aspects() -> str:
    return Understanding.objects.order_by("seq").values_list("aspects", flat=True)[0]


def test_a_new_word_is_read_with_and_taken_back(workspace: Workspace, agent: Client, page: Callable[..., str]) -> None:
    bring(workspace, note("1", "The crema was awful"))
    assert "coffee" not in aspects()
    answer = agent.post(page("word_new"), {"kind": "aspect", "term": "Crema", "value": "Coffee"}, follow=True)
    text = answer.content.decode()
    assert "“Crema” is kept" in text
    assert "Texts are read again with your words" in text
    row = Vocabulary.objects.get()
    assert (row.kind, row.term, row.value) == ("aspect", "Crema", "coffee")
    pipeline.catch_up()
    assert aspects().startswith("coffee:-")
    assert agent.get(page("words_progress")).content.decode().strip() == ""
    undo = text.split("words/back/?token=")[1].split('"')[0]
    agent.post(page("words_back") + f"?token={undo}")
    pipeline.catch_up()
    assert not Vocabulary.objects.exists()
    assert "coffee" not in aspects()
    assert list(AuditEntry.objects.filter(object_type="word").order_by("pk").values_list("verb", flat=True)) == ["created", "take back"]


def test_a_word_is_changed_deleted_and_brought_back(workspace: Workspace, agent: Client, page: Callable[..., str]) -> None:
    row = vocabulary.save(workspace, None, "product", "Turbo", "").row
    assert row.value == "Turbo"
    assert 'value="Turbo"' in agent.get(page("word", pk=row.pk)).content.decode()
    agent.post(page("word", pk=row.pk), {"kind": "brand", "term": "Turbo <b>", "value": "Turbo Ltd"})
    row.refresh_from_db()
    assert (row.kind, row.term, row.value) == ("brand", "Turbo <b>", "Turbo Ltd")
    listed = agent.get(page("words")).content.decode()
    assert "Turbo &lt;b&gt;" in listed
    assert "<b>" not in listed.split("<table")[1].split("</table>")[0].replace("</b>", "")
    gone = agent.post(page("word_delete", pk=row.pk), follow=True).content.decode()
    assert not Vocabulary.objects.exists()
    undo = gone.split("words/back/?token=")[1].split('"')[0]
    agent.post(page("words_back") + f"?token={undo}")
    assert Vocabulary.objects.get().term == "Turbo <b>"
    assert "no longer be taken back" in agent.post(page("words_back") + f"?token={undo}", follow=True).content.decode()
    assert "no longer be taken back" in agent.post(page("words_back") + "?token=forged", follow=True).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"term": " \x00 "}, "Write the word"), ({"term": "a" * 81}, "No more than 80"), ({"kind": "colour"}, "Choose what it is"),
        ({"kind": "aspect", "value": ""}, "which aspect"), ({"term": "CRÈMA"}, "is there already"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(
    workspace: Workspace, agent: Client, page: Callable[..., str], given: dict[str, str], said: str
) -> None:
    vocabulary.save(workspace, None, "product", "crema", "")
    answer = agent.post(page("word_new"), {"kind": "product", "term": "new", "value": "x", **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Vocabulary.objects.count() == 1


def test_what_a_word_would_match_is_shown_before_it_is_kept(
    workspace: Workspace, other_workspace: Workspace, agent: Client, page: Callable[..., str]
) -> None:
    bring(
        workspace,
        note("1", "The blue line was late <b>again</b>"),
        note("2", "#BlueLine and the line that is blue"),
        note("3", "THE BLUE LINE!"),
    )
    bring(other_workspace, note("4", "the blue line of others"))
    text = agent.get(page("words_trial"), {"term": "blue line"}).content.decode()
    assert "<b>2</b> texts say it" in text
    assert "<mark>BLUE LINE</mark>" in text
    assert "&lt;b&gt;again" in text
    assert "of others" not in text
    assert "Nobody said" in agent.get(page("words_trial"), {"term": '"unheard of" OR'}).content.decode()
    assert "Type a word" in agent.get(page("words_trial"), {"term": " "}).content.decode()
    assert not Vocabulary.objects.exists()
    found = vocabulary.matched(workspace, "Blue  Line")
    assert (found.texts, found.is_all) == (2, True)


def test_words_go_out_and_come_in_again(workspace: Workspace, other_workspace: Workspace, agent: Client, page: Callable[..., str]) -> None:
    vocabulary.save(workspace, None, "product", "-Cola, 1 l", "=Cola")
    vocabulary.save(workspace, None, "aspect", "crema", "coffee")
    answer = agent.get(page("words_csv"))
    data = b"".join(answer)  # type: ignore[arg-type]
    assert "'=Cola" in data.decode()
    before = sorted(vocabulary.rows(workspace))
    Vocabulary.objects.all().delete()
    came = agent.post(page("words_import"), {"file": SimpleUploadedFile("words.csv", data)}, follow=True)
    assert "2 words came in" in came.content.decode()
    assert sorted(vocabulary.rows(workspace)) == before
    again = vocabulary.bring(workspace, None, data)
    assert (again.added, again.changed, again.same, again.wrong) == (0, 0, 2, [])
    assert not Vocabulary.objects.of(other_workspace).exists()


def test_good_lines_are_kept_whatever_others_hold(workspace: Workspace, agent: Client, page: Callable[..., str]) -> None:
    vocabulary.save(workspace, None, "product", "Turbo", "Old")
    file = "Stands for;Word;Kind\nNew;TURBO;Product\nx;;product\nPrice;fee;aspect\nx;y;colour\n;Sofà;Brand\n".encode("cp1252")
    answer = agent.post(page("words_import"), {"file": SimpleUploadedFile("words.csv", file)})
    text = answer.content.decode()
    assert "3 words came in" in text
    assert "Line 3: Write the word." in text
    assert "Line 5: Choose what it is" in text
    assert sorted(vocabulary.rows(workspace)) == [("aspect", "fee", "price"), ("brand", "Sofà", "Sofà"), ("product", "TURBO", "New")]


@pytest.mark.parametrize(
    "data", [b"", b"name,age\nx,1\n", b"\x00\xff\xfe", b'kind,word\n"' + b"x" * 200_000, b"x" * (vocabulary.LARGEST + 1)]
)
def test_a_file_that_is_none_says_so(workspace: Workspace, agent: Client, page: Callable[..., str], data: bytes) -> None:
    answer = agent.post(page("words_import"), {"file": SimpleUploadedFile("words.csv", data)} if data else {})
    assert answer.status_code == 422
    assert not Vocabulary.objects.exists()


def test_there_is_room_for_so_many(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST", 2)
    found = vocabulary.bring(workspace, None, b"kind,word\nproduct,a\nproduct,b\nproduct,c\n")
    assert (found.added, [line for line, _why in found.wrong]) == (2, [4])
    with pytest.raises(vocabulary.Refused):
        vocabulary.save(workspace, None, "product", "d", "")


def test_how_far_the_reading_has_come(workspace: Workspace, agent: Client, page: Callable[..., str]) -> None:
    bring(workspace, *(note(str(n), f"Text {n}") for n in range(5)))
    assert vocabulary.progress(workspace) is None
    understanding.read_again(workspace)
    assert vocabulary.progress(workspace) == (0, 5)
    assert "Texts are read again" in agent.get(page("words_progress")).content.decode()


def test_who_only_looks_sees_no_form(client_for: Callable[..., Client], workspace: Workspace, page: Callable[..., str]) -> None:
    vocabulary.save(workspace, None, "product", "Turbo", "")
    text = client_for(Role.VIEWER).get(page("words")).content.decode()
    assert "Turbo" in text
    assert 'name="term"' not in text
    assert client_for(Role.VIEWER).post(page("word_new"), {"kind": "product", "term": "x"}).status_code == 403
