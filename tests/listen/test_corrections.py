"""The team corrects what was read of a text: it stands, can be taken back, is learnt from where that helps, and is nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.listen.test_understanding import BAD, GOOD, follow, note
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.language import learning as language_learning
from vincle.listen import actions, known, learning, log, understanding
from vincle.listen.models import Correction, Learnt, Understanding
from vincle.project import pipeline

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


@pytest.fixture
def texts(workspace: Workspace) -> list[Understanding]:
    log.append(actions.connection_for(workspace, "mastodon"), [note("1", GOOD), note("2", BAD)], timezone.now())
    follow()
    return list(Understanding.objects.order_by("seq"))


def test_a_correction_stands_whatever_is_read_later(workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    row = texts[0]
    understanding.correct(workspace, bytes(row.event_id), "sentiment", "negative", owner)
    row.refresh_from_db()
    assert (row.sentiment, row.sentiment_confidence) == ("negative", 1.0)
    assert row.sentiment_score < 0
    assert row.change > texts[1].change
    understanding.read_again(workspace)
    follow()
    row.refresh_from_db()
    assert row.sentiment == "negative"
    made = Correction.objects.get()
    assert (made.was, made.now, made.by) == ("positive", "negative", owner)
    entry = AuditEntry.objects.get(verb="corrected")
    assert (entry.user, entry.details["now"]) == (owner, "negative")


def test_a_second_correction_remembers_what_was_read(workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    event = bytes(texts[0].event_id)
    understanding.correct(workspace, event, "sentiment", "negative", owner)
    understanding.correct(workspace, event, "sentiment", "neutral", owner)
    made = Correction.objects.get()
    assert (made.was, made.now) == ("positive", "neutral")


def test_taken_back_it_is_as_it_was_read(workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    row, before = texts[0], (texts[0].sentiment, texts[0].sentiment_score)
    understanding.correct(workspace, bytes(row.event_id), "sentiment", "negative", owner)
    assert understanding.take_back(workspace, bytes(row.event_id), "sentiment", owner)
    assert not understanding.take_back(workspace, bytes(row.event_id), "sentiment", owner)
    row.refresh_from_db()
    assert (row.sentiment, row.sentiment_score) == before
    assert list(AuditEntry.objects.filter(object_type="correction").values_list("verb", flat=True)) == ["take back"]


@pytest.mark.parametrize(("field", "value"), [("language", "ca"), ("intents", "question|praise"), ("aspects", "staff:-0.80|coffee:0.50")])
def test_other_fields(workspace: Workspace, owner: User, texts: list[Understanding], field: str, value: str) -> None:
    understanding.correct(workspace, bytes(texts[0].event_id), field, value, owner)
    texts[0].refresh_from_db()
    assert getattr(texts[0], field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [("sentiment", "great"), ("language", "Catalan"), ("intents", "sing"), ("aspects", "staff:9"), ("place", "x")],
)
def test_what_cannot_be_is_refused(workspace: Workspace, owner: User, texts: list[Understanding], field: str, value: str) -> None:
    with pytest.raises(understanding.CannotCorrect):
        understanding.correct(workspace, bytes(texts[0].event_id), field, value, owner)
    assert not Correction.objects.exists()


def test_texts_of_others_are_out_of_reach(other_workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    for act in (understanding.correct, understanding.take_back):
        with pytest.raises(understanding.CannotCorrect):
            act(other_workspace, bytes(texts[0].event_id), "sentiment", *(["negative"] if act is understanding.correct else []), owner)  # type: ignore[operator]
    assert understanding.explain(other_workspace, bytes(texts[0].event_id)) is None


def test_corrections_go_with_the_words(workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    understanding.correct(workspace, bytes(texts[0].event_id), "sentiment", "negative", owner)
    known.delete_contents([bytes(texts[0].event_id)])
    assert not Correction.objects.exists()


def test_the_lake_has_the_correction(workspace: Workspace, owner: User, texts: list[Understanding]) -> None:
    from vincle.organise import warehouse

    pipeline.catch_up()
    understanding.correct(workspace, bytes(texts[0].event_id), "sentiment", "negative", owner)
    pipeline.catch_up()
    rows = {row["seq"]: row["sentiment"] for row in warehouse.tables()["activity"].read(workspace=workspace.pk).to_pylist()}
    assert rows[texts[0].seq] == "negative"


def _taught(workspace: Workspace, owner: User, count: int) -> None:
    source = actions.connection_for(workspace, "mastodon")
    log.append(source, [note(f"t{n}", f"The brew is quite grippy today, number {n}") for n in range(count)], timezone.now())
    follow()
    for event in Understanding.objects.of(workspace).values_list("event_id", flat=True)[:count]:
        understanding.correct(workspace, bytes(event), "sentiment", "positive", owner)


def test_enough_corrections_are_learnt_from(workspace: Workspace, owner: User) -> None:
    _taught(workspace, owner, learning.ENOUGH - 1)
    follow()
    assert not Learnt.objects.exists()
    log.append(
        actions.connection_for(workspace, "mastodon"),
        [note("last", "Grippy, grippy brew"), note("new", "such a grippy brew")],
        timezone.now(),
    )
    follow()
    last, new = Understanding.objects.of(workspace).order_by("-seq")[:2][::-1]
    understanding.correct(workspace, bytes(last.event_id), "sentiment", "positive", owner)
    before = new.sentiment
    follow()
    made = Learnt.objects.get()
    assert made.is_current
    assert made.corrections == learning.ENOUGH
    assert made.quality["after"] > made.quality["before"]
    assert made.model
    new.refresh_from_db()
    assert new.sentiment == "positive"
    assert before != "positive"
    assert learning.state(workspace)["waiting"] == 0


def test_what_does_not_help_is_not_used(workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_learning, "measure", lambda pairs: language_learning.Quality(0.8, 0.7, len(pairs)))
    _taught(workspace, owner, learning.ENOUGH)
    follow()
    made = Learnt.objects.get()
    assert (made.is_current, made.model) == (True, None)
    assert understanding.context_of(workspace.pk).learnt == {}


def test_what_was_read_stands_in_the_stream_with_a_word_and_a_sign(
    workspace: Workspace, client_for: ClientFor, texts: list[Understanding]
) -> None:
    page = client_for(Role.VIEWER).get(f"/w/{workspace.slug}/listen/").content.decode()
    assert '<span aria-hidden="true">+</span> Positive' in page
    assert '<span aria-hidden="true">−</span> Negative' in page


def test_the_panel_explains_and_takes_corrections(workspace: Workspace, client_for: ClientFor, texts: list[Understanding]) -> None:
    address = f"/w/{workspace.slug}/listen/texts/{texts[0].seq}/"
    viewer = client_for(Role.VIEWER)
    seen = viewer.get(address).content.decode()
    assert '<mark class="clue pos"' in seen
    assert 'name="value"' not in seen
    assert viewer.post(f"{address}correct/", {"field": "sentiment", "value": "negative"}).status_code == 403
    agent = client_for(Role.AGENT)
    answer = agent.post(f"{address}correct/", {"field": "sentiment", "value": "negative"}).content.decode()
    assert "−</span> Negative" in answer
    assert "corrected by" in answer
    assert f'id="heard-{texts[0].seq}" hx-swap-oob="true"' in answer
    assert "This cannot be a correction" in agent.post(f"{address}correct/", {"field": "sentiment", "value": "x"}).content.decode()
    assert "+</span> Positive" in agent.post(f"{address}back/", {"field": "sentiment"}).content.decode()
    agent.post(f"{address}correct/", {"field": "intents", "value": ["question", "praise"]})
    texts[0].refresh_from_db()
    assert texts[0].intents == "question|praise"


def test_what_people_wrote_is_escaped(workspace: Workspace, client_for: ClientFor) -> None:
    log.append(actions.connection_for(workspace, "mastodon"), [note("1", "<b>love</b> <script>alert(1)</script> great")], timezone.now())
    follow()
    seen = client_for().get(f"/w/{workspace.slug}/listen/texts/{Understanding.objects.get().seq}/").content.decode()
    assert "<script" not in seen
    assert "&lt;script&gt;" in seen


def test_the_page_of_what_was_learnt(workspace: Workspace, client_for: ClientFor, owner: User, texts: list[Understanding]) -> None:
    client = client_for(Role.ADMIN)
    assert "Nobody has corrected anything yet" in client.get(f"/w/{workspace.slug}/listen/learnt/").content.decode()
    understanding.correct(workspace, bytes(texts[0].event_id), "sentiment", "negative", owner)
    seen = client.get(f"/w/{workspace.slug}/listen/learnt/").content.decode()
    assert "1 correction waits to be learnt from" in seen
    assert "Positive" in seen


def test_a_text_of_another_workspace_is_not_found(workspace: Workspace, other_workspace: Workspace, client_for: ClientFor) -> None:
    log.append(actions.connection_for(other_workspace, "mastodon"), [note("1", GOOD)], timezone.now())
    follow()
    seq: Any = Understanding.objects.get().seq
    assert client_for(Role.OWNER).get(f"/w/{workspace.slug}/listen/texts/{seq}/").status_code == 404
