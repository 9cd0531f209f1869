"""Figures of service: each against a slow count of what its help text says; the page, its files and the hourly cost at the public door."""

import csv
import io
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.engage.talks import NURIA, PEP, US, hear, message, post, said, thread_of
from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.engage.inbox import figures_cost, figures_csv, figures_groups, figures_questions
from vincle.engage.inbox.figures import Figures
from vincle.engage.inbox.figures_numbers import Spread
from vincle.engage.inbox.figures_when import Choice, choose
from vincle.engage.inbox.models import Closing, Effort, Hours, Piece, Satisfaction, ServiceSettings, Team, Thread
from vincle.engage.keys import piece_key
from vincle.engage.outbox.models import Send
from vincle.identify.models import Belonging
from vincle.listen import actions as listen

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
PARTS = ("speed", "team", "cost", "questions", "satisfaction")
# Over the night in which the clocks of Madrid go forward: 29 March 2026.
CHOICE = Choice(date(2026, 3, 20), date(2026, 4, 5), "Europe/Madrid", None)
DAYS: dict[str, Any] = {"from": CHOICE.first, "to": CHOICE.last}
NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
WEEK = {str(day): [["09:00", "14:00"], ["16:00", "19:30"]] for day in range(5)}


@pytest.fixture
def town(workspace: Workspace, other_workspace: Workspace, member: Callable[..., User]) -> Workspace:
    """A few hundred things said around the days of CHOICE, on two channels, and as many in another workspace that must not count."""
    Hours.objects.create(workspace=workspace, name="Usual", timezone="Europe/Madrid", week=WEEK, holidays=["2026-04-03"], is_usual=True)
    Build(other_workspace, [member(Role.AGENT, other_workspace)], 5).threads(8)
    Build(workspace, [member(Role.AGENT), member(Role.ADMIN)], 7).threads(70)
    return workspace


class Build:
    """Conversations by dice, always the same."""

    def __init__(self, workspace: Workspace, users: list[User], seed: int) -> None:
        self.workspace, self.users, self.dice = workspace, users, random.Random(seed)
        self.sources = {name: listen.connection_for(workspace, name) for name in ("instagram", "telegram")}
        self.teams = [Team.objects.create(workspace=workspace, name=name, folded=name.lower()) for name in ("Shop", "=Depot")]
        self.n, self.rows, self.spent = 0, list[Any](), set[Any]()

    def at(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.dice.randrange(40 * 86400))

    def threads(self, number: int) -> None:
        for n in range(number):
            self.thread(n)
        models: tuple[Any, ...] = (Thread, Piece, Send, Closing, Satisfaction, Effort)
        for model in models:
            model.objects.bulk_create(row for row in self.rows if isinstance(row, model))

    def thread(self, n: int) -> None:
        dice, channel = self.dice, self.dice.choice(list(self.sources))
        key, begun = dice.getrandbits(62), self.at()
        answered = begun + timedelta(seconds=dice.randrange(200_000)) if dice.random() < 0.7 else None
        due = begun + timedelta(seconds=dice.randrange(150_000)) if dice.random() < 0.5 else None
        self.rows.append(Thread(
            key=key, workspace=self.workspace, connection=self.sources[channel], channel=channel, kind="message", thread_key=f"t{n}",
            handle=n % 25 + 1, first_at=begun, last_at=begun, first_answer_at=answered, due_first_at=due, is_here=dice.random() < 0.95,
            due_done_at=due and due + timedelta(days=1), waiting_since=begun if answered is None and dice.random() < 0.8 else None,
            state=dice.choice(("open", "open", "closed")), team=dice.choice([None, *self.teams]),
        ))  # fmt: skip
        for _ in range(dice.randrange(9)):
            self.piece(key, channel)
        for _ in range(dice.randrange(3)):
            self.service(key, channel, n)

    def piece(self, thread: int, channel: str) -> None:
        dice, self.n = self.dice, self.n + 1
        ours, at = dice.random() < 0.45, self.at()
        key = piece_key(self.sources[channel].pk, f"p{self.n}")
        event = key.to_bytes(16, "big")
        self.rows.append(Piece(
            key=key, workspace=self.workspace, connection=self.sources[channel], thread=thread, root=event, event=event, seq=self.n,
            at=at, received_at=at, direction="out" if ours else "in", object_type="Message", is_machine=dice.random() < 0.1,
            is_spam=not ours and dice.random() < 0.1, state=dice.choice(("", "", "", "", "hidden", "deleted")), asks=dice.random() < 0.5,
        ))  # fmt: skip
        if ours and dice.random() < 0.8:
            self.rows.append(Send(
                key=f"{self.workspace.pk} {self.n}", workspace=self.workspace, connection=self.sources[channel], deed="message", command={},
                thread=thread, piece=key, state="sent", by=dice.choice([None, *self.users]),
            ))  # fmt: skip

    def service(self, thread: int, channel: str, n: int) -> None:
        dice, closed, user = self.dice, self.at(), self.dice.choice(self.users)
        self.rows.append(Closing(
            workspace=self.workspace, thread=thread, closed_at=closed, opened_at=closed - timedelta(seconds=dice.randrange(1, 400_000)),
            by=dice.choice([None, user]), team=dice.choice([None, *(team.pk for team in self.teams)]),
            reopened_at=closed + timedelta(hours=1) if dice.random() < 0.3 else None,
        ))  # fmt: skip
        replied = dice.random() < 0.6
        self.rows.append(Satisfaction(
            workspace=self.workspace, thread=thread, token_hash=f"{dice.getrandbits(200):064x}", asked_at=closed, agent=user,
            handle=n % 25 + 1, connection=self.sources[channel], answered_at=closed + timedelta(days=2) if replied else None,
            score=dice.randint(1, 5) if replied else None, comment="=1+1" if replied else "",
        ))  # fmt: skip
        if (thread, user, closed.date()) not in self.spent:
            self.spent.add((thread, user, closed.date()))
            self.rows.append(Effort(workspace=self.workspace, thread=thread, user=user, day=closed.date(), seconds=dice.randrange(4000)))


# The slow count


def slow(seconds: Iterable[float]) -> Spread:
    found = sorted(seconds)
    return Spread(len(found), median(found), found[math.ceil(0.9 * len(found)) - 1]) if found else Spread()


def opened(begin: datetime, end: datetime) -> int:
    """Seconds within the hours, minute for minute of the clock on the wall (all moments of the town are cut to minutes)."""
    zone, minutes, at = ZoneInfo("Europe/Madrid"), 0, begin
    while at < end:
        here = at.astimezone(zone)
        clock = f"{here.hour:02d}:{here.minute:02d}"
        is_open = here.weekday() < 5 and str(here.date()) != "2026-04-03" and ("09:00" <= clock < "14:00" or "16:00" <= clock < "19:30")
        minutes += is_open
        at += timedelta(minutes=1)
    return minutes * 60


def within(at: datetime | None, choice: Choice = CHOICE) -> bool:
    return at is not None and choice.first <= at.astimezone(ZoneInfo(choice.zone)).date() <= choice.last


def slow_turns(workspace: Workspace, channels: tuple[str, ...] = ()) -> list[tuple[int | None, datetime, datetime | None]]:
    """(key of our piece, when, since when they waited for it)."""
    found = []
    for thread in Thread.objects.of(workspace):
        if channels and thread.channel not in channels:
            continue
        since = None
        for piece in sorted(Piece.objects.filter(thread=thread.key), key=lambda piece: (piece.at, piece.seq)):
            if piece.is_machine or piece.is_spam or piece.state:
                continue
            if piece.direction == "in":
                since = since or piece.at
            else:
                if within(piece.at):
                    found.append((piece.key, piece.at, since))
                since = None
    return found


def span(begin: datetime, end: datetime) -> float:
    return int(end.timestamp()) - int(begin.timestamp())


def test_first_answers_are_as_a_slow_count_finds_them(town: Workspace) -> None:
    figures = Figures(town, CHOICE, NOW)
    rows = [row for row in Thread.objects.of(town).filter(is_here=True) if within(row.first_at)]
    assert figures.first.clock == slow(span(row.first_at, row.first_answer_at) for row in rows if row.first_answer_at)
    earlier = [row for row in Thread.objects.of(town).filter(is_here=True) if CHOICE.before <= row.first_at < CHOICE.begin]
    assert figures.first_before == slow(span(row.first_at, row.first_answer_at) for row in earlier if row.first_answer_at)
    assert figures.first.clock.n > 5
    assert len(figures.first_by_day) > 3
    promised = [row for row in rows if row.due_first_at]
    answered = [row for row in promised if row.first_answer_at]
    late = [row for row in promised if not row.first_answer_at and row.waiting_since and row.due_first_at < NOW and row.state != "closed"]
    kept = sum(row.first_answer_at <= row.due_first_at for row in answered)
    judged = len(answered) + len(late)
    assert figures.kept_first == (kept, judged)
    assert 0 < kept < judged
    assert late


def test_working_hours_leave_out_nights_weekends_and_holidays(town: Workspace) -> None:
    for row in Thread.objects.of(town):  # whole minutes, so that a count by minutes is exact
        values = {
            "first_at": row.first_at.replace(second=0),
            "first_answer_at": row.first_answer_at and row.first_answer_at.replace(second=0),
        }
        Thread.objects.filter(key=row.key).update(**values)
    rows = [row for row in Thread.objects.of(town).filter(is_here=True, first_answer_at__isnull=False) if within(row.first_at)]
    figures = Figures(town, CHOICE, NOW)
    assert figures.first.working == slow(opened(row.first_at, row.first_answer_at) for row in rows)
    Hours.objects.all().delete()
    assert Figures(town, CHOICE, NOW).first.working is None


@pytest.mark.parametrize("channels", [(), ("telegram",), ("telegram", "instagram"), ("nowhere",)])
def test_every_answer_its_wait_and_whose_it_is(town: Workspace, channels: tuple[str, ...]) -> None:
    choice = Choice(CHOICE.first, CHOICE.last, CHOICE.zone, None, channels)
    figures, turns = Figures(town, choice, NOW), slow_turns(town, channels)
    assert figures.answers.clock == slow(span(since, at) for _, at, since in turns if since)
    assert len(figures.turns) == len(turns)
    by: Counter[Any] = Counter()
    waits: dict[int, list[float]] = defaultdict(list)
    for key, at, since in turns:
        send = Send.objects.filter(piece=key).first()
        whose = figures_groups.ELSEWHERE if send is None else send.by_id or figures_groups.RULES
        by[whose] += 1
        waits[whose] += [span(since, at)] if since else []
    groups = {group.id: group for group in figures_groups.agents(figures)}
    assert {key: group.answers for key, group in groups.items() if group.answers} == by
    assert {key: group.waited.clock for key, group in groups.items() if group.waited.clock.n} == {
        key: slow(w) for key, w in waits.items() if w
    }
    threads = {row.key: row for row in Thread.objects.of(town)}
    rows = [row for row in Closing.objects.of(town) if within(row.closed_at) and (not channels or threads[row.thread].channel in channels)]
    assert {key: group.closed for key, group in groups.items() if group.closed} == Counter(row.by_id or -2 for row in rows)
    teams = {group.id: group for group in figures_groups.teams(figures)}
    assert {key: group.closed for key, group in teams.items() if group.closed} == Counter(row.team or -3 for row in rows)
    assert sum(group.answers for group in teams.values()) == len(turns)
    given = [row for row in Satisfaction.objects.of(town) if within(row.answered_at)]
    given = [row for row in given if not channels or threads[row.thread].channel in channels]
    assert {key: group.scores.n for key, group in groups.items() if group.scores.n} == Counter(row.agent_id for row in given)


def test_time_to_close_promises_and_satisfaction(town: Workspace) -> None:
    figures = Figures(town, CHOICE, NOW)
    rows = [row for row in Closing.objects.of(town) if within(row.closed_at)]
    assert figures.done.clock == slow(span(row.opened_at, row.closed_at) for row in rows)
    due = {row.key: row.due_done_at for row in Thread.objects.of(town)}
    judged = [row for row in rows if row.reopened_at is None and due[row.thread]]
    assert figures.kept_done == (sum(row.closed_at <= due[row.thread] for row in judged), len(judged))
    given = [row.score for row in Satisfaction.objects.of(town) if within(row.answered_at)]
    assert figures.scores.counts == tuple(given.count(score) for score in range(1, 6))
    assert figures.scores.mean == pytest.approx(sum(given) / len(given))
    assert figures.scores.satisfied == sum(score > 3 for score in given) / len(given)
    asked = [row for row in Satisfaction.objects.of(town) if within(row.asked_at)]
    assert figures.replied == (sum(row.answered_at is not None for row in asked), len(asked))


def test_what_they_say_by_the_clock_on_the_wall(town: Workspace) -> None:
    counts: Counter[tuple[int, int]] = Counter()
    for piece in Piece.objects.of(town).filter(direction="in", is_machine=False, is_spam=False, state=""):
        if within(piece.at):
            here = piece.at.astimezone(ZoneInfo("Europe/Madrid"))
            counts[here.isoweekday(), here.hour] += 1
    assert Figures(town, CHOICE, NOW).by_hour == counts
    assert sum(counts.values()) > 30
    for zone in ("Asia/Kolkata", "Australia/Eucla"):
        choice = Choice(CHOICE.first, CHOICE.last, zone, None)
        pieces = Piece.objects.of(town).filter(direction="in", is_machine=False, is_spam=False, state="")
        here = [piece.at.astimezone(ZoneInfo(zone)) for piece in pieces if within(piece.at, choice)]
        assert Figures(town, choice, NOW).by_hour == Counter((at.isoweekday(), at.hour) for at in here)


def test_cost_is_time_at_the_hourly_cost_and_a_person_on_two_channels_is_one(town: Workspace) -> None:
    ServiceSettings.objects.create(workspace=town, hourly_cost=Decimal("24.50"))
    for handle in (1, 2, 3, 4, 5, 6):
        Belonging.objects.create(workspace=town, handle=handle, person=900)
    found = figures_cost.cost(town, CHOICE)
    rows = [row for row in Effort.objects.of(town).exclude(seconds=0) if CHOICE.first <= row.day <= CHOICE.last]
    threads = {row.key: row for row in Thread.objects.of(town)}
    assert found.total.seconds == sum(row.seconds for row in rows) > 0
    assert found.total.cost(found.hourly) == Decimal("24.50") * found.total.seconds / 3600
    by_channel, people = Counter[str](), Counter[Any]()
    for row in rows:
        by_channel[threads[row.thread].channel] += row.seconds
        handle = threads[row.thread].handle
        people["us six" if handle < 7 else handle] += row.seconds
    assert {row.key[1]: row.seconds for row in found.channels} == by_channel
    assert sorted((row.seconds for row in found.people), reverse=True) == sorted(people.values(), reverse=True)
    assert next(row for row in found.people if row.key == ("person", 900)).seconds == people["us six"]
    assert figures_cost.cost(town, Choice(CHOICE.first, CHOICE.last, CHOICE.zone, None, ("nowhere",))).total.seconds == 0


def test_questions_wait_longest_first(town: Workspace) -> None:
    expected = []
    for row in Thread.objects.of(town).filter(state="open", is_here=True, waiting_since__isnull=False):
        asked = [
            piece for piece in Piece.objects.filter(thread=row.key, direction="in", asks=True, state="") if piece.at >= row.waiting_since
        ]
        if any(not piece.is_spam and not piece.is_machine for piece in asked):
            expected.append((row.waiting_since, row.public))
    found = figures_questions.questions(town)
    assert [(row.since, row.pid) for row in found.rows] == sorted(expected)[:30]
    assert found.total == len(expected) > 1


# At the public door


def url(workspace: Workspace, name: str = "figures", **query: Any) -> str:
    at = reverse(f"inbox:{name}", kwargs={"workspace": workspace.slug})
    asked = QueryDict(mutable=True)
    asked.update(query)
    return f"{at}?{asked.urlencode()}"


def test_what_was_heard_and_answered_shows(client_for: ClientFor, workspace: Workspace) -> None:
    source = hear(workspace, post(), said("c1", NURIA, 90, "Quan obriu?"), said("c2", US, 60, "Demà a les nou.", parent="c1"))
    hear(workspace, message("m1", PEP, 30, "Teniu torró?"))
    thread = thread_of(source, "c1")
    assert Figures(workspace, choose(QueryDict(), workspace.timezone)).first.clock == Spread(1, 1800.0, 1800.0)
    page = client_for(Role.VIEWER).get(url(workspace)).content.decode()
    assert "Half of those who begin a conversation are answered within 30 min" in page
    assert "how it is counted" in page
    waits = client_for(Role.VIEWER).get(url(workspace, about="questions")).content.decode()
    assert "1 question waits for an answer" in waits
    assert "Teniu torró?" in waits
    assert thread.public not in waits


def test_each_part_asks_little_and_shows_no_files_to_those_who_may_not(client_for: ClientFor, town: Workspace) -> None:
    viewer, analyst = client_for(Role.VIEWER), client_for(Role.ANALYST)
    canned = reverse("inbox:canned", kwargs={"workspace": town.slug})
    viewer.get(canned)
    with CaptureQueriesContext(database) as shell:
        viewer.get(canned)
    for about in PARTS:
        at = url(town, about=about, **DAYS)
        with CaptureQueriesContext(database) as asked:
            page = viewer.get(at)
        assert len(asked) - len(shell) < 12, about
        assert b"figures/csv" not in page.content
        assert b"figures/csv" in analyst.get(at).content
        empty = url(town, about=about, **{"from": "2001-01-01", "to": "2001-01-02", "channel": "nowhere"})
        assert viewer.get(empty).status_code == 200


def test_each_table_as_a_file_that_no_spreadsheet_runs(client_for: ClientFor, town: Workspace) -> None:
    for table in figures_csv.SHEETS:
        at = url(town, "figures_csv", table=table, **DAYS)
        answer: Any = client_for(Role.ANALYST).get(at)
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert len(rows) > 1, table
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not any(cell.startswith(("=", "@", "+", "-")) for row in rows for cell in row)
        assert (table in ("teams", "satisfaction")) == any(cell.startswith("'=") for row in rows for cell in row)
        assert AuditEntry.objects.filter(verb="exported", object_type="figures", label=table).count() == 1
        assert client_for(Role.VIEWER).get(at).status_code == 403


def test_unknown_tables_and_periods(client_for: ClientFor, workspace: Workspace) -> None:
    owner = client_for(Role.OWNER)
    assert owner.get(url(workspace, "figures_csv", table="users")).status_code == 404
    for query in ({"days": "5"}, {"from": "yesterday"}, {"from": "2026-02-02", "to": "2026-02-01"}, {"to": "9999-12-31"}):
        page = owner.get(url(workspace, **query))
        assert page.status_code == 200
        assert "these are the last 28 days" in page.content.decode()
    assert "At most 366 days" in owner.get(url(workspace, **{"from": "2020-01-01", "to": "2026-01-01"})).content.decode()
    assert owner.get(url(workspace, about="\x00", channel="\x00'")).status_code == 200


def test_the_hourly_cost_is_kept_told_and_refused(client_for: ClientFor, workspace: Workspace, other_workspace: Workspace) -> None:
    owner, at = client_for(Role.OWNER), url(workspace, "figures_cost")
    assert "Set the hourly cost" in owner.get(url(workspace, about="cost")).content.decode()
    owner.post(at, {"amount": "24,50", "days": "7"})
    assert ServiceSettings.objects.get().hourly_cost == Decimal("24.50")
    assert AuditEntry.objects.filter(object_type="hourly cost").count() == 1
    for wrong in ("-3", "0", "much", "NaN", "Infinity", "1e9", "9" * 40):
        page = owner.post(at, {"amount": wrong}, follow=True).content.decode()
        assert "no amount" in page or "An hour costs more" in page
        assert ServiceSettings.objects.get().hourly_cost == Decimal("24.50")
    assert "€\u00a024.50" in owner.get(url(workspace, about="cost")).content.decode()
    owner.post(at, {"amount": ""})
    assert ServiceSettings.objects.get().hourly_cost is None
    assert client_for(Role.AGENT).post(at, {"amount": "1"}).status_code == 403
