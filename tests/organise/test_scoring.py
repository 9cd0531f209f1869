"""Scores in the store: followed as things happen, worked out for everybody, kept by the row, shown with why."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.organise.community import NURIA, NURIA_ON, act, bring, fact, nuria
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.identify import actions as identify
from vincle.listen import log
from vincle.listen.models import Activity
from vincle.organise import people, scoring, scoring_rounds
from vincle.organise.models import Profile, Score, ScoreRun, Segment, Touched
from vincle.organise.scores.registry import scores
from vincle.project import pipeline
from vincle.project.commands.scores import scores_command
from vincle.store import lease
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def follow() -> int:
    """All that waits."""
    moved = 0
    while found := scoring_rounds.follow():
        moved += found
    return moved


def of(person: int) -> dict[str, Score]:
    return {row.name: row for row in Score.objects.filter(person=person)}


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def buyers(workspace: Workspace, count: int = 30) -> None:
    """Each bought as many times as their number says, up to five."""
    items: list[Any] = [fact(f"buyer{n:02}@example.org", f"Buyer {n:02}") for n in range(count)]
    for n in range(count):
        who = HandleRef("email", f"buyer{n:02}@example.org")
        items += [
            act(who, Verb.PURCHASE, ObjectType.ORDER, n + 1 + 3 * k, amount=Decimal(10 + n), currency="EUR", native_id=f"o{n}.{k}")
            for k in range(n % 5 + 1)
        ]
    bring(workspace, items, channel="shop", name="orders.csv")


def test_someone_is_scored_as_soon_as_they_do_something(workspace: Workspace) -> None:
    person = nuria(workspace).person
    assert follow() >= 1
    before = of(person)
    assert {"affinity", "churn", "completeness", "intent", "registration"} <= before.keys()
    assert "lead" not in before
    assert "rfm" not in before
    complaint = act(
        NURIA_ON, days=0.01, text="Awful! The worst coffee ever, I am so angry, I want my money back.", native_id="bad", language="en"
    )
    bring(
        workspace,
        [complaint, act(NURIA_ON, Verb.CREATE, ObjectType.REVIEW, 0.02, rating=1, rating_max=5, native_id="one star")],
        "instagram",
    )
    follow()
    after = of(person)
    assert after["affinity"].value < before["affinity"].value
    assert after["affinity"].before == before["affinity"].value
    assert after["satisfaction"].label == "unhappy"
    assert 0 < after["satisfaction"].confidence < 1
    assert follow() == 0


def test_what_did_not_change_is_not_written_again(workspace: Workspace) -> None:
    nuria(workspace)
    follow()
    stood = list(Score.objects.order_by("pk").values())
    scoring_rounds._score({workspace.pk: {row["person"] for row in stood}})
    assert list(Score.objects.order_by("pk").values()) == stood


def test_what_was_taken_back_counts_no_more(workspace: Workspace) -> None:
    person = nuria(workspace).person
    bring(workspace, [act(NURIA_ON, Verb.CREATE, ObjectType.REVIEW, 1, rating=5, rating_max=5, native_id="stars")], "instagram")
    follow()
    assert "satisfaction" in of(person)
    source = Activity.objects.get(native_id="stars").connection
    from vincle.vocabulary import Retraction

    log.append(source, [Retraction(native_id="stars", happened_at=timezone.now())], timezone.now(), None)
    pipeline.catch_up()
    follow()
    ratings = [each for each in of(person).get("satisfaction", Score(reasons=[])).reasons if each[0] == "ratings"]
    assert ratings == []


def test_joined_people_have_one_set_of_scores(workspace: Workspace) -> None:
    kept = nuria(workspace).person
    other = HandleRef("email", "n.serra@example.org")
    bring(workspace, [fact(other.value, "N. Serra"), act(other, Verb.LIKE, days=2)])
    follow()
    gone = Profile.objects.get(email=other.value).person
    assert of(gone)
    winner = identify.merge(workspace, kept, gone, None, via="command")
    pipeline.catch_up()
    follow()
    assert set(Score.objects.values_list("person", flat=True)) == {winner}


def test_a_round_of_everybody_says_how_good_it_is(workspace: Workspace) -> None:
    buyers(workspace)
    done = scoring_rounds.everybody(workspace)
    assert done is not None
    assert (done.people, done.learnt) == (30, ())
    runs = {run.name: run for run in ScoreRun.objects.of(workspace)}
    assert runs.keys() == scores().keys()
    assert runs["churn"].quality["state"] == "rule"
    assert runs["churn"].quality["why"] == "nothing"
    assert runs["rfm"].quality["people"] == runs["rfm"].people == 30
    assert sum(runs["rfm"].quality["labels"].values()) == 30
    assert sum(runs["churn"].quality["spread"]) == runs["churn"].people == Score.objects.filter(name="churn").count()
    assert runs["lead"].people == 0
    follow()
    names = set(Score.objects.filter(name="rfm").values_list("label", flat=True))
    assert {"champions", "lost"} & names


def test_everybody_and_one_by_one_come_to_the_same(workspace: Workspace) -> None:
    buyers(workspace, 25)
    at = timezone.now()
    scoring_rounds.everybody(workspace, at=at)
    stood = {(row.person, row.name): (row.value, row.label, row.reasons) for row in Score.objects.all()}
    Score.objects.all().delete()
    known = scoring.known_of(workspace)
    for person in Profile.objects.of(workspace).values_list("person", flat=True):
        scoring.write(workspace, scoring.work_out(workspace, [person], list(scores()), known, at))
    assert {(row.person, row.name): (row.value, row.label, row.reasons) for row in Score.objects.all()} == stood


def test_it_is_due_once_a_day_and_when_asked_for(workspace: Workspace, other_workspace: Workspace, client_for: ClientFor) -> None:
    assert scoring_rounds.due() == []
    nuria(workspace)
    assert scoring_rounds.due() == [workspace]
    assert scoring_rounds.turn()
    assert scoring_rounds.due() == []
    assert scoring_rounds.due(timezone.now() + timedelta(hours=23)) == []
    assert scoring_rounds.due(timezone.now() + timedelta(hours=25)) == [workspace]
    assert client_for(Role.ADMIN).post(place(workspace, "scores_again")).status_code == 302
    assert scoring_rounds.due() == [workspace]
    assert AuditEntry.objects.filter(workspace=workspace, verb="asked for anew").count() == 1
    assert client_for(Role.VIEWER).post(place(workspace, "scores_again")).status_code == 403


def test_two_never_do_the_same_round(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    nuria(workspace)
    with lease.held(scoring_rounds._lease(workspace)), monkeypatch.context() as patch:
        patch.setattr(lease, "ME", f"elsewhere:{1}:x")
        assert scoring_rounds.everybody(workspace) is None
        assert scoring_rounds.due() == []


def test_a_flood_is_left_to_the_next_round_of_everybody(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    nuria(workspace)
    scoring_rounds.everybody(workspace)
    follow()
    monkeypatch.setattr(scoring_rounds, "FLOOD", 3)
    bring(workspace, [act(NURIA_ON, Verb.LIKE, days=n / 10, native_id=f"like{n}") for n in range(6)], "instagram")
    assert scoring_rounds.follow() == 1
    assert ScoreRun.objects.get(name="affinity").at == scoring_rounds.LONG_AGO
    assert scoring_rounds.due(timezone.now() + timedelta(minutes=6)) == [workspace]
    assert follow() == 0


def test_segments_that_ask_for_a_score_are_looked_at_again(workspace: Workspace) -> None:
    nuria(workspace)
    other = {"all": [{"score": "influence", "at_least": 1}]}
    segment = Segment.objects.create(workspace=workspace, public="s1", name="S", predicate=other, state=Segment.State.LIVE)
    pipeline.catch_up()
    follow()
    assert not Touched.objects.exists()
    Score.objects.all().delete()
    Segment.objects.filter(pk=segment.pk).update(
        predicate={"not": {"any": [{"score": "churn", "at_least": 0.5}, {"top": 3, "by": "loyalty"}]}}
    )
    assert scoring.asked_for(workspace) == {"churn", "loyalty"}
    scoring_rounds._score({workspace.pk: set(Profile.objects.values_list("person", flat=True))})
    assert Touched.objects.count() == 1


def test_nobody_is_scored_with_what_another_workspace_knows(workspace: Workspace, other_workspace: Workspace) -> None:
    buyers(workspace, 25)
    bring(other_workspace, [fact("solo@example.org", "Solo"), act(HandleRef("email", "solo@example.org"), Verb.PURCHASE, ObjectType.ORDER)])
    scoring_rounds.everybody(workspace)
    scoring_rounds.everybody(other_workspace)
    follow()
    assert not Score.objects.of(other_workspace).filter(name="rfm").exists()
    assert Score.objects.of(workspace).filter(name="rfm").count() == 25
    mine = set(Profile.objects.of(workspace).values_list("person", flat=True))
    assert set(Score.objects.of(workspace).values_list("person", flat=True)) <= mine


# Filter, page, person, command


def names(workspace: Workspace, **filters: str) -> list[str]:
    condition = people.where(workspace, {name: [value] for name, value in filters.items()})
    return [row.name for row in people.page(condition, people.sort_of("name")).rows]


def test_people_are_filtered_by_label_and_range(workspace: Workspace) -> None:
    buyers(workspace, 25)
    scoring_rounds.everybody(workspace)
    rfm = {row.person: row for row in Score.objects.filter(name="rfm")}
    champions = sorted(Profile.objects.get(person=key).name for key, row in rfm.items() if row.label == "champions")
    assert champions
    assert names(workspace, score="rfm:champions") == champions
    assert len(names(workspace, score="rfm:1..5")) == 25
    low, high = len(names(workspace, score="rfm:1..3")), len(names(workspace, score="rfm:3..5"))
    assert low + high == 25
    assert names(workspace, score="churn:2..3") == []
    for odd in ("rfm", "rfm:", "x y:1..2", "rfm:a..b", "rfm:5..1", "rfm:nan..1", "rfm:..", "'; DROP:1..2"):
        assert names(workspace, score=odd) == []


def test_the_page_tells_each_score_honestly(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    empty = client_for().get(place(workspace, "scores")).content.decode()
    assert "not been worked out yet" in empty
    buyers(workspace)
    scoring_rounds.everybody(workspace)
    client = client_for()
    client.get(place(workspace, "scores"))
    with django_assert_max_num_queries(10):
        page = client.get(place(workspace, "scores")).content.decode()
    assert "Champions" in page
    assert f"{place(workspace, 'people')}?score=rfm%3Achampions" in page or f"{place(workspace, 'people')}?score=rfm:champions" in page
    assert "too little" in page
    assert "Work out anew" not in page
    assert "Work out anew" in client_for(Role.ADMIN).get(place(workspace, "scores")).content.decode()


def test_a_learnt_score_shows_told_beside_came(workspace: Workspace, client_for: ClientFor) -> None:
    nuria(workspace)
    scoring_rounds.everybody(workspace)
    bins = [[50, 0.1, 0.12, 0.05, 0.2], [50, 0.8, 0.7, 0.6, 0.8]]
    quality = {"state": "learnt", "rows": 400, "people": 300, "held_out": 100, "share": 0.4, "brier": 0.1, "skill": 0.55, "ece": 0.06,
               "auc": 0.9, "bins": bins, "spread": [1] * 10, "labels": {"high": 1}}  # fmt: skip
    ScoreRun.objects.filter(name="churn").update(quality=quality)
    page = client_for().get(place(workspace, "scores")).content.decode()
    assert "chart-churn" in page
    assert "100" in page


def test_a_person_shows_their_scores_with_why(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    found = nuria(workspace)
    follow()
    client = client_for(Role.OWNER)
    with django_assert_max_num_queries(35):
        page = client.get(place(workspace, "person", pid=found.public)).content.decode()
    for words in ("Churn risk", "Data completeness", "Most at home on", "Ask for"):
        assert words in page
    assert "Instagram" in page
    Score.objects.filter(name="churn").update(reasons=[["from_later", {"x": 1}, 0.2], ["silence", {}, 0.1], ["odd"]])
    assert client_for().get(place(workspace, "person", pid=found.public)).status_code == 200


def run(*words: str) -> Any:
    return CliRunner().invoke(scores_command, list(words))


def test_the_command_lists_works_out_and_names_people(workspace: Workspace) -> None:
    buyers(workspace, 25)
    assert "not yet" in run().output
    done = json.loads(run("--recompute", "--json").output)
    assert done["people"] == 25
    listed = {row["name"]: row for row in json.loads(run("--json").output)}
    assert listed["rfm"]["people"] == 25
    best = json.loads(run("rfm", "--limit", "3", "--json").output)
    assert len(best) == 3
    assert best[0]["value"] >= best[-1]["value"]
    assert best[0]["reasons"]
    assert "Buyer" in run("rfm").output
    wrong = run("fame")
    assert wrong.exit_code == 2
    assert "There is no score 'fame'." in wrong.output
    assert run("churn", "--recompute").exit_code == 0


def test_after_a_rebuild_everybody_is_worked_out_again(workspace: Workspace) -> None:
    person = nuria(workspace).person
    scoring_rounds.everybody(workspace)
    follow()
    scoring_rounds.empty()
    assert of(person)
    assert scoring_rounds.due(timezone.now() + timedelta(minutes=6)) == [workspace]
    assert follow() >= 1
    assert NURIA.value
