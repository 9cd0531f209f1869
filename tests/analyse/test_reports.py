"""Reports: what they say is frozen and comes from figures; whoever has the address reads it, and nobody else; mails leave once."""

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pypdfium2
import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.analyse.access_examples import MOOD, NOTHING
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.analyse import pdf, reports, reports_mail, reports_page, summary, views_shared
from vincle.analyse.models import Report, Run, Share
from vincle.analyse.reports_when import Rhythm
from vincle.listen import listenings
from vincle.project import pipeline
from vincle.project.post import Post
from vincle.store import lease
from vincle.vocabulary import Activity, ObjectType
from vincle.web.tags.formats import number, percent, signed

Say = Callable[..., Activity]
Clients = Callable[..., Client]
NOW = timezone.now()
GOOD, BAD = "I love this coffee, it is wonderful!", "The delivery was terrible and the coffee cold. Awful!"
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@pytest.fixture(autouse=True)
def _rested() -> None:
    for each in (views_shared.STRANGERS, views_shared.GUESSES, views_shared.DRAWN):
        each.clear()


def a_month(say: Say) -> None:
    """Four weeks that end yesterday: praise each day, complaints of the delivery in the last two; a message nobody may read."""
    for day in range(1, 29):
        at = NOW - timedelta(days=day)
        for who in ("ana", "leo", "mia"):
            say(who, at, text=GOOD)
        for which in ("eva", "pau") if day <= 14 else ():
            say(f"{which}{day}", at, text=BAD, channel="reviews")
    say("zoe", NOW - timedelta(days=3), object_type=ObjectType.MESSAGE, text=BAD)
    pipeline.catch_up()


def kept(workspace: Workspace, **values: Any) -> Report:
    return reports.save(workspace, None, {"name": "Weekly", "days": "28", "language": "en", **values})


def shared(made: Run, days: int = 30, **more: Any) -> str:
    return reverse("shared:report", kwargs={"token": reports.share(made, None, days, **more)[1]})


def text_of(found: bytes) -> str:
    document = pypdfium2.PdfDocument(found)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


# what it says


def leaves(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def written_figures(figures: Any) -> set[str]:
    """Every way in which a figure may be written, and what stands in names and days."""
    ways = (number, percent, signed, lambda value: number(value, 1), lambda value: signed(value, 1))
    found = {token for value in leaves(figures) for way in ways for sign in (value, abs(value)) for token in FIGURE.findall(way(sign))}
    names = json.dumps([figures["first"], figures["last"], figures["daily"], figures["spikes"], figures["before_words"], figures["name"]])
    # 28 days is what "spoke again" means, points are hundredths: definitions, not figures.
    return found | set(FIGURE.findall(names)) | {str(int(token)) for token in re.findall(r"\d+", names)} | {"100", "28"}


def every_sentence(told: dict[str, Any]) -> list[str]:
    rows = [row for term in told["decisions"] for row in term["rows"]]
    return [each for part in told["parts"] for each in part["sentences"]] + [row[key] for row in rows for key in ("text", "because")]


def test_every_number_of_the_summary_is_a_figure(workspace: Workspace, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    sentences = every_sentence(made.told)
    known = written_figures(made.figures)
    assert len(sentences) > 10
    for each in sentences:
        assert set(FIGURE.findall(each)) <= known, each
    assert "Delivery weighs" in " ".join(sentences) or "Mend what weighs most on the mood: Delivery" in sentences
    assert any(each.startswith("Where Delivery is named") for each in sentences)


COUNTS = st.integers(0, 5000)


@st.composite
def moods(draw: Any) -> dict[str, Any]:
    bad, good, so = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    n = bad + good + so
    shares = {name: draw(st.floats(0, 1)) for name in MOOD if name.startswith(("bad_", "good_"))}
    return {
        "n": n,
        "negative": bad,
        "positive": good,
        "neutral": so,
        "bad": bad / n if n else 0.0,
        "good": good / n if n else 0.0,
        **shares,
    }


@st.composite
def figures(draw: Any) -> dict[str, Any]:
    def named(**more: Any) -> dict[str, Any]:
        return {"id": "delivery", "name": "Delivery", **draw(moods()), "share": draw(st.floats(0, 1)), **more}

    def subject(kind: str = "topics") -> dict[str, Any]:
        return named(before=draw(COUNTS), more=draw(st.integers(-900, 900)), kind=kind)

    now, before = draw(moods()), draw(st.none() | moods())
    people = draw(COUNTS)
    return {
        **NOTHING, "mood": now, "before": before, "title": "Mentions", "before_words": "the days before",
        "change": {"n": draw(st.integers(-99, 99)), "share": draw(st.floats(-1, 5)), "bad": 0.0} if before else None,
        "four": {**{name: draw(COUNTS) for name in NOTHING["four"]}, "people": people, "back_share": draw(st.floats(0, 1))},
        "spikes": [{"day": "2026-11-03", "words": "Tuesday",
                    **{each: draw(COUNTS) for each in ("n", "low", "high")}, "is_high": draw(st.booleans())}],
        "rising": [subject()], "falling": [subject()], "liked": [subject()], "disliked": draw(st.lists(st.just(subject()), max_size=1)),
        "moved_most": subject(),
        "intents": [{**subject(), "id": draw(st.sampled_from(["complaint", "question", "churn_threat"]))}],
        "movers": [{
            "id": "price", "name": "Price", "n": draw(COUNTS), "share": 0.1, "points": draw(st.integers(-90, 90)),
            "low": -5, "high": 7,
            "pull": draw(st.floats(-9, 9)), "sure": draw(st.booleans()),
        }],
        "channels": [named()], "languages": [named(), named()], "authors": [{"place": 1, "echo": draw(COUNTS)}], "most_echo": draw(COUNTS),
        "voices": [named(own=False), named(own=True)], "voices_n": draw(COUNTS), "beside": named(people=4),
        "how": "Most on X", "where": "Spain",
    }  # fmt: skip


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(figures())
@pytest.mark.parametrize("language", ["en", "es", "it", "ca"])
def test_no_number_is_invented_whatever_the_figures(language: str, found: dict[str, Any]) -> None:
    with translation.override(language):
        known = written_figures(found)
        for each in every_sentence(summary.told(found)):
            assert set(FIGURE.findall(each)) <= known, each


def test_where_there_is_little_nothing_is_said_of_moods(workspace: Workspace, say: Say) -> None:
    say("ana", NOW - timedelta(days=1), text=BAD)
    pipeline.catch_up()
    made = reports.run(kept(workspace, days="7"))
    said = " ".join(every_sentence(made.told))
    assert "cannot be said" in said
    assert "%" not in said
    assert [term["rows"] for term in made.told["decisions"]] == [[], [], []]


def test_what_was_said_stays_as_it_was(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    before = Client().get(address := shared(made)).content.decode()
    say("new", NOW - timedelta(days=2), text=BAD)
    pipeline.catch_up()
    made.report.name = "Weekly"
    again = Client().get(address).content.decode()
    assert re.sub(r'csrf\w*="[^"]*"', "", before) == re.sub(r'csrf\w*="[^"]*"', "", again)
    assert reports.run(made.report).figures["mood"]["n"] == made.figures["mood"]["n"] + 1


# who reads it


def test_a_stranger_reads_the_page_and_its_files_and_no_name(workspace: Workspace, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    address = shared(made)
    answer = Client().get(address)
    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert "/w/" not in page
    assert "Person 1" in page
    for name in ("Ana", "Leo", "Mia", "Zoe"):
        assert not re.search(rf"\b{name}\b", page)
    paper = Client().get(f"{address}report.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert "Ana" not in text_of(paper.content)
    assert Client().get(f"{address}report.png").content.startswith(b"\x89PNG")
    row = Share.objects.get()
    assert (row.opened, row.opened_at is not None) == (1, True)
    assert address.split("/")[2].encode() not in bytes(row.digest)


def test_names_are_public_ones_only_and_go_with_the_person(workspace: Workspace, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    page = Client().get(address := shared(made, with_names=True)).content.decode()
    assert "Ana" in page
    assert "Zoe" not in page  # she wrote a message
    assert "Ana" not in json.dumps(made.figures)
    from vincle.listen.models import Activity as Row

    Row.objects.of(workspace).update(superseded=True)
    assert "Ana" not in Client().get(address).content.decode()


def test_a_wrong_ended_or_old_address_leads_nowhere(workspace: Workspace, say: Say, owner: Any) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    row, token = reports.share(made, None, 7)
    address = reverse("shared:report", kwargs={"token": token})
    assert Client().get(address).status_code == 200
    assert Client().get(address.replace(token, token[:-1])).status_code == 404
    Share.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert Client().get(address).status_code == 404
    Share.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(days=1))
    assert Client().get(address).status_code == 200
    reports.revoke(row, owner)
    assert Client().get(address).status_code == 404
    second = shared(made)
    done = reports.remove(made.report, owner)
    assert Client().get(second).status_code == 404
    reports.take_back(workspace, owner, done.undo)
    assert Client().get(second).status_code == 200


def test_guessing_is_slowed_down(db: None) -> None:
    client = Client()
    codes = [client.get(reverse("shared:report", kwargs={"token": f"guess{n}"})).status_code for n in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429


def test_a_password_is_asked_for_and_guessed_in_vain(workspace: Workspace, say: Say) -> None:
    a_month(say)
    address = shared(reports.run(kept(workspace)), password="olive tree")
    client = Client()
    assert "Delivery" not in client.get(address).content.decode()
    assert client.get(f"{address}report.pdf")["Content-Type"].startswith("text/html")
    assert client.get(address)["Referrer-Policy"] == "same-origin"  # else browsers send no origin, and the form is refused
    assert client.post(address, {"password": "no"}).status_code == 403
    assert client.post(address, {"password": "olive tree"}).status_code == 302
    assert "Delivery" in client.get(address).content.decode()
    assert client.get(f"{address}report.pdf")["Content-Type"] == "application/pdf"
    stranger = Client()
    assert [stranger.post(address, {"password": "no"}).status_code for _ in range(12)][-1] == 429
    assert Share.objects.get().password != "olive tree"


def test_a_team_makes_shares_and_throws_away(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    client = client_for(Role.ANALYST)
    here = {"workspace": workspace.slug}
    page = client.post(reverse("analyse:report_new", kwargs=here) + "?days=28&channel=reviews&sentiment=negative", follow=True)
    row = Report.objects.get()
    assert row.filters == {"channel": "reviews", "sentiment": "negative"}
    assert row.runs.get().figures["mood"]["n"] == 28
    assert "Read the words" in page.content.decode()
    shown = client.post(reverse("analyse:report_share", kwargs={**here, "pk": row.pk}), {"run": row.runs.get().pk, "days": 30}, follow=True)
    link = re.search(r'<code class="address">([^<]+)</code>', shown.content.decode())
    assert link
    assert Client().get(link[1].removeprefix("http://testserver")).status_code == 200
    assert link[1] not in client.get(reverse("analyse:report", kwargs={**here, "pk": row.pk})).content.decode()
    form = {
        "name": "Reviews",
        "days": "7",
        "language": "es",
        "sections": ["summary", "when"],
        "schedule": "weekly",
        "weekday": "1",
        "hour": "7",
    }
    wrong = client.post(reverse("analyse:report_settings", kwargs={**here, "pk": row.pk}), {**form, "recipients": "nobody"})
    assert wrong.status_code == 422
    assert "nobody" in wrong.content.decode()
    client.post(reverse("analyse:report_settings", kwargs={**here, "pk": row.pk}), {**form, "recipients": "a@example.org, b@example.org"})
    row.refresh_from_db()
    assert (row.name, row.recipients.split(), row.sections) == ("Reviews", ["a@example.org", "b@example.org"], "summary|when")
    assert row.filters == {"channel": "reviews", "sentiment": "negative"}
    gone = client.post(reverse("analyse:report_delete", kwargs={**here, "pk": row.pk}), follow=True).content.decode()
    undo = re.findall(r'action="([^"]*reports/back/[^"]*)"', gone)[-1]
    assert client.get(reverse("analyse:report", kwargs={**here, "pk": row.pk})).status_code == 404
    client.post(unescape(undo))
    assert client.get(reverse("analyse:report", kwargs={**here, "pk": row.pk})).status_code == 200
    verbs = list(AuditEntry.objects.filter(object_type="report").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["created", "made", "shared with the world", "changed", "deleted", "take back"]


def test_a_report_on_someones_own_query_is_theirs(workspace: Workspace, client_for: Clients, member: Any, say: Say) -> None:
    a_month(say)
    query = listenings.save(workspace, member(Role.OWNER), "Secret plan", "delivery", is_shared=False)
    row = reports.save(workspace, member(Role.OWNER), {"name": "Mine", "listening": str(query.pk)})
    here = reverse("analyse:report", kwargs={"workspace": workspace.slug, "pk": row.pk})
    assert client_for(Role.ADMIN).get(here).status_code == 404
    assert client_for(Role.OWNER).get(here).status_code == 200
    with pytest.raises(reports.Refused):
        reports.save(workspace, member(Role.ADMIN), {"name": "Mine too", "listening": str(query.pk)})


# on paper


def test_paper_holds_hostile_and_foreign_names(workspace: Workspace, say: Say) -> None:
    a_month(say)
    name = "<b>&amp; </para><img src='file:///etc/passwd'/> 北京 Ñandú l·l Жанна 😀 \x07"
    row = kept(workspace, name=name)
    made = reports.run(row)
    made.figures["topics"][0]["name"] = "<font size='99'>Ελλάδα"
    with translation.override("ca"):
        found = pdf.written(made)
    text = text_of(found)
    assert found.startswith(b"%PDF")
    assert "<b>&amp;" in text
    assert "Ñandú l·l" in text
    assert "Ellada" in text
    assert "written in Latin letters" in text
    assert re.search(r"1 / \d", text)


def test_paper_is_quick_and_without_empty_days(workspace: Workspace, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    began = datetime.now(UTC)
    found = pdf.written(made)
    assert (datetime.now(UTC) - began).total_seconds() < 2
    assert len(pypdfium2.PdfDocument(found)) <= 4
    made.figures = NOTHING
    assert pdf.written(made).startswith(b"%PDF")


# when it goes out


def test_clocks_that_change_are_kept(db: None) -> None:
    daily = Rhythm("daily", 1, 2, "Europe/Madrid")
    assert daily.after(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 02:00 does not exist: 03:00
    assert daily.after(datetime(2026, 10, 24, 12, tzinfo=UTC)) == datetime(2026, 10, 25, 0, tzinfo=UTC)  # the first of two
    assert daily.after(datetime(2026, 10, 25, 0, tzinfo=UTC)) == datetime(2026, 10, 26, 1, tzinfo=UTC)
    weekly = Rhythm("weekly", 1, 8, "America/New_York")
    assert weekly.after(datetime(2026, 11, 2, 13, tzinfo=UTC)) == datetime(2026, 11, 9, 13, tzinfo=UTC)
    assert Rhythm("monthly", 1, 0, "Asia/Tokyo").after(datetime(2026, 1, 31, 14, 59, tzinfo=UTC)) == datetime(2026, 1, 31, 15, tzinfo=UTC)


def row_of(made: Run, topic: str) -> dict[str, Any]:
    return next(each for each in made.figures["topics"] if each["id"] == topic)


def due(workspace: Workspace, **more: Any) -> Report:
    row = kept(workspace, schedule="daily", recipients="a@example.org b@example.org", **more)
    Report.objects.filter(pk=row.pk).update(next_at=timezone.now() - timedelta(days=3))
    return row


def test_what_is_due_is_made_and_sent_once(workspace: Workspace, say: Say) -> None:
    a_month(say)
    row = due(workspace)
    assert reports_mail.turn() > 0
    assert reports_mail.turn() == 0
    made = row.runs.get()
    assert (made.state, sorted(made.sent_to)) == (Run.State.SENT, ["a@example.org", "b@example.org"])
    assert [each.to for each in mail.outbox] == [["a@example.org"], ["b@example.org"]]
    links = {re.search(r"/r/\S+/", str(each.body))[0] for each in mail.outbox}  # type: ignore[index]
    assert len(links) == 2
    assert all(Client().get(link).status_code == 200 for link in links)
    name, content, kind = mail.outbox[0].attachments[0]
    assert (name, kind) == (f"report-{made.figures['last']}.pdf", "application/pdf")
    assert "Weekly" in text_of(content)
    row.refresh_from_db()
    assert row.next_at
    assert timezone.now() < row.next_at < timezone.now() + timedelta(days=1, hours=1)


def test_a_mail_that_does_not_leave_is_tried_again_and_nobody_has_two(workspace: Workspace, say: Say, monkeypatch: Any) -> None:
    a_month(say)
    row = due(workspace)
    whole = EmailBackend.send_messages

    def half(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["b@example.org"]:
            raise ConnectionRefusedError("no server there")
        return whole(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", half)
    reports_mail.turn()
    made = row.runs.get()
    assert (made.state, made.sent_to, made.tries) == (Run.State.SENDING, ["a@example.org"], 1)
    assert "no server" in made.trouble
    assert reports_mail.turn() == 0  # not before its pause is over
    monkeypatch.setattr(EmailBackend, "send_messages", whole)
    Run.objects.update(again_at=timezone.now())
    reports_mail.turn()
    assert row.runs.get().state == Run.State.SENT
    assert [each.to for each in mail.outbox] == [["a@example.org"], ["b@example.org"]]
    assert Share.objects.count() == 2


def test_a_report_that_cannot_be_made_says_so_and_others_go_on(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    query = listenings.save(workspace, None, "Coffee", "coffee")
    broken, whole = due(workspace, listening=str(query.pk)), due(workspace, name="Whole")
    listenings.archive(query, None)
    reports_mail.turn()
    assert (broken.runs.get().state, whole.runs.get().state) == (Run.State.FAILED, Run.State.SENT)
    assert "Coffee" in broken.runs.get().trouble
    page = client_for(Role.ANALYST).get(reverse("analyse:report", kwargs={"workspace": workspace.slug, "pk": broken.pk})).content.decode()
    assert "is put away" in page
    assert "was not made yet" in page


def test_two_workers_send_one_mail(workspace: Workspace, say: Say, monkeypatch: Any) -> None:
    """While one sends, another looks for work: it finds none, before and after."""
    a_month(say)
    row = due(workspace)
    whole, moved = EmailBackend.send_messages, []

    def meanwhile(self: EmailBackend, messages: Any) -> int:
        with monkeypatch.context() as other:
            other.setattr(lease, "ME", "elsewhere:1:x")
            moved.append(reports_mail.turn())
        return whole(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", meanwhile)
    reports_mail.turn()
    assert moved == [0, 0]
    assert row.runs.count() == 1
    assert sorted(each.to[0] for each in mail.outbox) == ["a@example.org", "b@example.org"]


def test_the_worker_sends_what_is_due(transactional_db: None, workspace: Workspace, say: Say) -> None:
    a_month(say)
    due(workspace)
    post = Post(pause=0.05)
    post.start()
    patience = time.monotonic() + 20
    while len(mail.outbox) < 2 and time.monotonic() < patience:
        time.sleep(0.05)
    post.stop()
    assert len(mail.outbox) == 2


def test_whole_days_of_the_workspaces_clock(workspace: Workspace) -> None:
    now = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # 2 November in Madrid
    week = reports.choice(kept(workspace, days="7"), now, now).period
    month = reports.choice(kept(workspace, days="month"), now, now).period
    assert (week.first, week.last) == (date(2026, 10, 26), date(2026, 11, 1))
    assert (month.first, month.last) == (date(2026, 10, 1), date(2026, 10, 31))


def test_words_behind_a_decision_are_found(workspace: Workspace, client_for: Clients, say: Say) -> None:
    a_month(say)
    made = reports.run(kept(workspace))
    row = next(each for term in made.told["decisions"] for each in term["rows"] if "topic:delivery" in each["conditions"])
    page = client_for().get(reports_page.words_behind(made, row)).content.decode()
    assert page.count("delivery was terrible") == row_of(made, "delivery")["n"] == 29


def test_a_picture_is_the_first_page(workspace: Workspace, say: Say) -> None:
    from PIL import Image

    a_month(say)
    image = Image.open(io.BytesIO(pdf.picture(pdf.written(reports.run(kept(workspace))))))
    assert image.size == (1191, 1684)
