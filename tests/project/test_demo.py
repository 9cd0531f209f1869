"""The demo: equal for equal seeds, alive in its rhythm, true to its truth, and harmless when written twice."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vincle.accounts.models import Workspace
from vincle.channels.base import Options
from vincle.channels.registry import recognise
from vincle.channels.vincle_jsonl import ActivityLine, FactLine, RetractionLine, dump
from vincle.identify.models import Belonging, Case, Move, Person
from vincle.listen.models import Activity, Content, Delivery, Handle
from vincle.organise.models import Profile
from vincle.project.demo import kinds, people, stories, truth, write
from vincle.project.demo.community import Batch, found, generate, joined, live, spoken
from vincle.project.demo.files import write_files
from vincle.project.demo.straight import make_large
from vincle.project.demo.texts import LANGUAGES, said
from vincle.project.demo.voice import MOST
from vincle.project.demo.write import Demo, Summary, make_demo, prepare
from vincle.project.rebuild import rebuild
from vincle.vocabulary import Reject, Warn

UNTIL = datetime(2026, 11, 21, 19, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return prepare(people=800, months=12, seed=3, until=UNTIL)


@pytest.fixture(scope="module")
def whole() -> tuple[Any, Batch]:
    community = found(5000, 150_000, 12, 7, UNTIL)
    return community, joined(list(live(community)))


def _lines(demo: Demo) -> Iterator[tuple[str, Any]]:
    for channel, known in demo.told.files():
        for line in known:
            yield kinds.CHANNELS[channel], line


def test_equal_seeds_give_equal_lines_and_others_do_not() -> None:
    def raw(seed: int) -> bytes:
        return b"".join(dump(line) for _, line in _lines(prepare(people=120, seed=seed, until=UNTIL)))

    assert raw(1) == raw(1)
    assert raw(1) != raw(2)


def test_exactly_as_many_activities_as_asked_for(demo: Demo) -> None:
    said = [line for _, line in _lines(demo) if isinstance(line, ActivityLine) and line.op == "assert"]
    assert len(said) == 16_000 == len({line.native_id for line in said})
    assert sum(map(len, generate(300, 7001, 3, 5, UNTIL))) == 7001


def test_batches_do_not_depend_on_each_other_being_drawn_before() -> None:
    community = found(200, 4000, 6, 2, UNTIL)
    once, twice = joined(list(live(community))), joined(list(live(community)))
    assert np.array_equal(once.at, twice.at)
    assert np.array_equal(once.person, twice.person)


@pytest.mark.parametrize(("size", "activities", "months"), [(5, 100, 12), (100, 200, 12), (100, 2000, 0)])
def test_sizes_that_cannot_be_are_refused(size: int, activities: int, months: int) -> None:
    with pytest.raises(ValueError, match=r"needs at least|months|too few"):
        list(generate(size, activities, months, 1, UNTIL))


def test_small_sizes_and_short_times_work() -> None:
    for size, activities, months in ((10, 30, 1), (60, 3000, 1), (50, 1000, 24)):
        assert sum(map(len, generate(size, activities, months, 1, UNTIL))) == activities


def test_all_happens_within_the_time_told_and_after_joining(whole: tuple[Any, Batch]) -> None:
    community, batch = whole
    assert batch.at.min() >= community.told.start
    assert batch.at.max() < community.told.until
    theirs = (batch.person >= 0) & (batch.kind != kinds.Kind.PAGE_VIEW)  # one may look around before one joins
    assert (batch.at[theirs] >= community.people.joined[batch.person[theirs]]).all()
    assert np.unique(batch.at, return_counts=True)[1].max() < 12
    week = batch.at >= community.told.until - 7 * kinds.DAY
    assert {kinds.CHANNELS[c] for c in np.unique(batch.channel[week])} == set(kinds.CHANNELS)


def test_weekdays_and_hours_follow_each_channel(whole: tuple[Any, Batch]) -> None:
    community, batch = whole
    hour = (batch.at - community.told.start) // kinds.HOUR
    weekday, clock = community.told.weekday[hour], community.told.hour[hour]
    likes = batch.kind == kinds.Kind.LIKE
    there = likes & (batch.channel == kinds.INSTAGRAM)
    shares = np.bincount(weekday[there], minlength=7) / there.sum()
    assert shares[5] == pytest.approx(0.18, abs=0.025)
    assert shares[0] == pytest.approx(0.12, abs=0.025)
    reviews = batch.kind == kinds.Kind.REVIEW
    assert np.isin(weekday[reviews], (5, 6)).mean() > 0.36
    assert (clock[likes] < 6).mean() < 0.08 < 0.2 < np.isin(clock[likes], (20, 21, 22)).mean()
    assert set(np.unique(weekday[batch.kind == kinds.Kind.SEND])) <= {1, 3}
    replies = batch.kind == kinds.Kind.OWN_REPLY
    assert ((clock[replies] >= 8) & (clock[replies] < 20)).all()


def test_the_crisis_is_heard(whole: tuple[Any, Batch]) -> None:
    community, batch = whole
    told, words = community.told, spoken(batch)
    crisis = words & told.in_crisis(batch.at)
    per_day = crisis.sum() / 7
    ordinary = words & ~told.in_crisis(batch.at)
    assert per_day > 1.8 * ordinary.sum() / ((told.until - told.start) / kinds.DAY)
    assert (batch.topic[crisis] == kinds.DELIVERY).mean() > 0.55
    bad = (batch.mood == kinds.Mood.NEGATIVE) | (batch.mood == kinds.Mood.IRONIC)
    assert bad[crisis].mean() > 0.5 > 0.35 > bad[ordinary].mean()
    assert bad[words & told.in_recovery(batch.at)].mean() < 0.4


def test_the_campaign_moves_the_treated_only() -> None:
    community = found(40_000, 800_000, 12, 4, UNTIL)
    group, moved = community.people.campaign, np.zeros(40_000, bool)
    moved[community.orders.person[community.orders.campaign]] = True
    assert not moved[group != 1].any()
    assert moved[group == 1].mean() == pytest.approx(people.UPLIFT, abs=0.012)
    assert (group == 2).sum() / (group > 0).sum() == pytest.approx(people.HOLD_OUT, abs=0.012)
    begin, end = community.told.campaign
    within = (community.orders.at >= begin) & (community.orders.at < end)
    bought = [np.isin(np.flatnonzero(group == side), community.orders.person[within]).mean() for side in (1, 2)]
    assert bought[0] > bought[1] + 0.04


def test_customers_buy_as_the_parameters_say() -> None:
    told = stories.calendar(24, UNTIL)
    drawn = people.settle(60_000, told, 9)
    orders = people.shop(drawn, told, 9, stories.rhythm(told, kinds.SHOP))
    ordinary = drawn.is_buyer & ~drawn.is_organisation
    value = orders.amount[ordinary[orders.person]].mean()
    assert value == pytest.approx(people.P * people.GAMMA / (people.Q - 1), rel=0.05)
    # P(a customer drops out after the first order) = E[Beta(a, b)]
    assert drawn.dropout[ordinary].mean() == pytest.approx(people.A / (people.A + people.B), abs=0.01)
    counts = np.bincount(orders.person, minlength=60_000)[ordinary]
    assert counts.min() >= 1
    assert 0.2 < (counts == 1).mean() < 0.6 < 1 < np.quantile(counts, 0.9)
    assert (drawn.referrer >= 0).sum() > 100
    brought = np.flatnonzero(drawn.referrer >= 0)
    assert (drawn.joined[drawn.referrer[brought]] < drawn.joined[brought]).all()


def test_no_text_is_repeated_often_and_all_languages_speak(demo: Demo) -> None:
    texts = Counter(line.text for _, line in _lines(demo) if isinstance(line, ActivityLine) and line.text)
    assert max(texts.values()) <= MOST
    assert len(texts) > 0.9 * sum(texts.values()) > 3000
    spoken_in = Counter(label.language for label in demo.told.labels)
    assert set(spoken_in) == set(LANGUAGES)
    assert min(spoken_in.values()) > 100
    assert {label.topic for label in demo.told.labels} == set(kinds.TOPICS)
    assert {label.tone for label in demo.told.labels} == {"plain", "ironic"}


def test_every_topic_has_patterns_of_every_mood_in_every_language() -> None:
    for language in LANGUAGES:
        blocks = [said(language, topic) for topic in kinds.TOPICS]
        assert all(min(map(len, block)) >= 2 for block in blocks), language
        assert sum(len(part) for block in blocks for part in block) >= 100


def test_threads_hold_together(demo: Demo) -> None:
    acts = {line.native_id: line for _, line in _lines(demo) if isinstance(line, ActivityLine)}
    replies = [line for line in acts.values() if line.native_id.startswith("own-reply")]
    assert len(replies) > 500
    for reply in replies:
        asked = acts[reply.parent_key]
        assert reply.direction == "out"
        assert reply.happened_at > asked.happened_at
        assert reply.thread_key == asked.thread_key
        assert reply.target is not None
        assert asked.actor is not None
        assert (reply.target.kind, reply.target.value) == (asked.actor.kind, asked.actor.value)
    comments = [line for line in acts.values() if line.native_id.startswith("comment") and line.parent_key]
    assert comments
    assert all(acts[line.parent_key].happened_at <= line.happened_at for line in comments)


def test_reviews_answers_and_orders_are_complete(demo: Demo) -> None:
    acts = [line for _, line in _lines(demo) if isinstance(line, ActivityLine)]
    assert {line.rating for line in acts if line.object_type == "Review"} == {1, 2, 3, 4, 5}
    assert {line.rating for line in acts if line.object_type == "Answer"} == set(range(11))
    orders = [line for line in acts if line.verb == "Purchase"]
    for line in orders:
        assert line.currency == "EUR"
        assert round(sum(item["quantity"] * item["price"] for item in line.props["items"]), 2) == float(line.amount or 0)
    assert any(line.is_machine for line in acts if line.verb == "Read")
    assert {"Deliver", "Bounce", "Read", "View", "Undo", "Follow", "Announce", "Like", "Refund", "Submit"} <= {line.verb for line in acts}


def test_truth_knows_every_handle_and_every_text(demo: Demo, tmp_path: Path) -> None:
    expected = truth.write(tmp_path, demo.community, demo.identities, demo.told)
    owners = {(row["kind"], row["value"]) for row in _read(tmp_path / "handles.csv")}
    seen = {(ref.kind, ref.value) for _, line in _lines(demo) if isinstance(line, FactLine) for ref in line.handles}
    acts = [line for _, line in _lines(demo) if isinstance(line, ActivityLine) and line.direction == "in"]
    seen |= {(line.actor.kind, line.actor.value) for line in acts if line.actor}
    assert seen <= owners
    texts = {row["native_id"]: row for row in _read(tmp_path / "texts.csv")}
    theirs = {line.native_id for _, line in _lines(demo) if isinstance(line, ActivityLine) and line.text and line.direction == "in"}
    assert theirs == set(texts)
    gone = {line.native_id for _, line in _lines(demo) if isinstance(line, RetractionLine)}
    assert gone == {key for key, row in texts.items() if row["fate"] == "retracted"} != set()
    assert len(_read(tmp_path / "people.csv")) == 800 < expected.people < 1300
    purchases = _read(tmp_path / "purchases.csv")
    assert sum(int(row["orders"]) for row in purchases) == len(demo.community.orders.at)
    assert json.loads((tmp_path / "parameters.json").read_text())["bg_nbd"]["r"] == people.R
    assert _read(tmp_path / "influence.csv")
    assert {row["group"] for row in _read(tmp_path / "campaign.csv")} == {"treated", "held out"}


def test_some_people_share_names_and_addresses_and_some_have_two(demo: Demo) -> None:
    names = Counter((who.first, who.last) for who in demo.identities)
    assert max(names.values()) > 1
    assert any(count > 1 for count in Counter(who.email for who in demo.identities).values())
    assert any(who.email != who.letters for who in demo.identities)
    assert any(who.spellings[0] != who.spellings[1] for who in demo.identities)
    assert any(who.company for who in demo.identities)


@pytest.fixture
def written(transactional_db: None) -> Summary:
    return make_demo(people=150, months=12, seed=5, until=UNTIL)


def test_written_through_the_front_door(written: Summary) -> None:
    workspace = written.workspace
    assert (written.rejected, written.duplicates) == (0, 0)
    assert Activity.objects.of(workspace).filter(op="assert").exclude(object_type="Profile").count() == 3000
    assert set(Activity.objects.of(workspace).values_list("channel", flat=True)) == set(kinds.CHANNELS)
    assert set(Delivery.objects.of(workspace).values_list("channel", "state")) == {("vincle", "done")}
    assert written.people == written.expected_people
    joined = Move.objects.of(workspace).filter(act__in=(Move.Act.LINK, Move.Act.MERGE), undone_at=None).count()
    living = Person.objects.of(workspace).filter(merged_into=None).count()
    assert living == written.people - joined
    assert Case.objects.of(workspace).count() >= written.expected_questions
    assert Profile.objects.of(workspace).count() == living
    nameless = Profile.objects.of(workspace).filter(name="").values("person")  # known by nothing but their browser
    kinds_of = Handle.objects.filter(key__in=Belonging.objects.filter(person__in=nameless).values("handle"))
    assert set(kinds_of.values_list("kind", flat=True)) == {"cookie"}
    people_of = Belonging.objects.of(workspace).values("handle")
    assert not Handle.objects.of(workspace).filter(is_own=True, key__in=people_of).exists()


def test_what_was_taken_back_or_edited_is_hidden(written: Summary) -> None:
    workspace = written.workspace
    fates = {row["native_id"]: row["fate"] for row in _read(written.truth / "texts.csv") if row["fate"]}
    rows = Activity.objects.of(workspace).filter(native_id__in=fates, op="assert")
    assert rows.count() == len(fates) > 0
    assert all(rows.values_list("superseded", flat=True))
    gone = [native for native, fate in fates.items() if fate == "retracted"]
    events = Activity.objects.of(workspace).filter(native_id__in=gone).values_list("event_id", flat=True)
    assert not Content.objects.filter(event_id__in=[bytes(event) for event in events]).exists()


def test_truth_stays_out_of_the_product(written: Summary) -> None:
    told = Activity.objects.of(written.workspace)
    assert set(told.values_list("sentiment", "topics", "intents")) == {("", "", "")}


def test_written_again_changes_nothing(written: Summary) -> None:
    before = (Activity.objects.count(), Handle.objects.count(), Person.objects.count(), Profile.objects.count())
    again = make_demo(people=150, months=12, seed=5, until=UNTIL)
    assert again.workspace == written.workspace
    assert (again.new, again.duplicates) == (0, written.new)
    assert (Activity.objects.count(), Handle.objects.count(), Person.objects.count(), Profile.objects.count()) == before


def test_a_large_community_straight_into_the_stores(transactional_db: None) -> None:
    built = make_large("Large", people=400, activities=8000, months=6, seed=2, until=UNTIL, texts=0.5)
    workspace = Workspace.objects.get(pk=built.workspace.pk)
    acts = Activity.objects.of(workspace)
    assert acts.count() == built.activities == 8000
    assert Profile.objects.of(workspace).count() == Person.objects.of(workspace).count() == 400
    assert Content.objects.of(workspace).exclude(text="").count() > 100
    handles = set(Belonging.objects.of(workspace).values_list("handle", flat=True))
    assert set(acts.filter(direction="in").values_list("actor", flat=True)) <= handles
    profile = Profile.objects.of(workspace).order_by("-activities")[0]
    mine = Belonging.objects.of(workspace).filter(person=profile.person).values_list("handle", flat=True)
    own = acts.filter(direction="in", is_machine=False, actor__in=mine)
    assert own.count() == profile.activities
    assert own.filter(verb="Purchase").count() == profile.purchases
    assert own.order_by("-happened_at")[0].happened_at == profile.last_at
    assert acts.order_by("happened_at")[0].happened_at >= datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_example_files_are_recognised_and_read(tmp_path: Path) -> None:
    read = {}
    for path in write_files(tmp_path / "files", people=400, seed=2, until=UNTIL):
        with open(path, "rb") as file:
            channel = recognise(file)
            outcomes = list(channel.read(file, Options(file_key="k" * 64, now=UNTIL, name=path.name)))
        read[path.name] = channel.spec.id
        items = [outcome for outcome in outcomes if not isinstance(outcome, Reject | Warn)]
        assert len(items) >= 5, path.name
        if path.name != "contacts.csv":
            assert not [outcome for outcome in outcomes if isinstance(outcome, Reject)], path.name
        else:
            assert {"invalid_email", "invalid_date"} <= {outcome.code for outcome in outcomes if isinstance(outcome, Reject | Warn)}
    assert read == {
        "contacts.csv": "contacts", "mailchimp.csv": "contacts", "orders.csv": "orders", "reviews.xlsx": "posts", "alerts.atom": "feed",
        "contacts.vcf": "vcard", "tweets.js": "x_archive", "facebook-webhooks.jsonl": "facebook", "interchange.jsonl": "vincle",
    }  # fmt: skip
    again = write_files(tmp_path / "again", people=400, seed=2, until=UNTIL)
    assert all(path.read_bytes() == (tmp_path / "files" / path.name).read_bytes() for path in again if path.suffix != ".xlsx")


def test_a_rebuild_gives_the_same(written: Summary) -> None:
    def standing() -> tuple[Any, ...]:
        people = sorted(Profile.objects.values_list("person", "name", "email", "stage", "activities", "purchases", "channels"))
        links = sorted(Belonging.objects.values_list("handle", "person"))
        return people, links, sorted(bytes(event) for event in Activity.objects.values_list("event_id", flat=True)), Content.objects.count()

    before = standing()
    rebuild()
    assert standing() == before


def test_more_people_than_can_be_told_go_straight_to_the_stores(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "MOST_TOLD", 99)
    steps: list[float] = []
    made = make_demo("Large", people=100, months=3, seed=8, until=UNTIL, progress=lambda done, said: steps.append(done))
    assert (made.people, made.activities) == (100, 2000)
    assert Activity.objects.of(made.workspace).count() == 2000
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    assert len(_read(made.truth / "people.csv")) == 100


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
