"""The pages: writing, the calendar, the list, the queue, links; who may do what; words of strangers stay words."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.engage.publishing.desk import follow, place, run, write
from vincle.accounts.models import Role, User, Workspace
from vincle.engage.publishing import links, planning, rhythm
from vincle.engage.publishing.models import Idea, Picture, Post, Series
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.listen.models import Connection, Notice
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
HOME = "/w/cafe-lligam/posts/"
MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture
def owner_client(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.OWNER)


@pytest.fixture
def source(workspace: Workspace) -> Connection:
    return place(workspace)


def save(client: Client, source: Connection, do: str, **more: object) -> object:
    at = (timezone.localtime(timezone=MADRID) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    return client.post(f"{HOME}save/", {"text": "Bon dia", "place": source.pk, "at": at, "do": do} | more)


def test_an_idea_is_written_planned_and_seen_in_the_calendar(owner_client: Client, source: Connection) -> None:
    save(owner_client, source, "plan")
    post = Post.objects.get()
    assert (post.state, post.idea.name) == (Post.State.SCHEDULED, "Bon dia")
    day = timezone.localtime(post.at, MADRID).date()
    assert f"post-{post.public}" in owner_client.get(f"{HOME}?day={day}").content.decode()
    assert f"post-{post.public}" in owner_client.get(f"{HOME}?view=week&day={day}").content.decode()


def test_an_agent_asks_and_those_who_may_approve_are_told(
    workspace: Workspace, client_for: Callable[..., Client], source: Connection, owner: User
) -> None:
    agent = client_for(Role.AGENT)
    save(agent, source, "now")
    post = Post.objects.get()
    assert post.state == Post.State.WAITING
    assert Notice.objects.get(code="post_waits").values["post"] == post.public
    assert agent.post(f"{HOME}{post.public}/approve/").status_code == 403
    client_for(Role.OWNER).post(f"{HOME}{post.public}/back/", {"note": "Shorter"})
    post.refresh_from_db()
    assert (post.state, post.note) == (Post.State.DRAFT, "Shorter")
    assert "Shorter" in agent.get(f"{HOME}ideas/{post.idea.public}/").content.decode()


def test_a_viewer_looks_and_changes_nothing(
    workspace: Workspace, owner: User, client_for: Callable[..., Client], source: Connection
) -> None:
    idea = write(workspace, owner, where=[source])
    viewer = client_for(Role.VIEWER)
    for page in ("", "list/", "queue/", "times/", "links/", f"{idea.posts.get().public}/"):
        assert viewer.get(HOME + page).status_code == 200, page
    assert viewer.post(f"{HOME}save/", {"text": "x"}).status_code == 403
    assert viewer.get(f"{HOME}list/csv/").status_code == 403


def test_dragging_answers_with_the_calendar_and_a_way_back(owner_client: Client, source: Connection) -> None:
    save(owner_client, source, "plan")
    post = Post.objects.get()
    day = timezone.localtime(post.at, MADRID).date() + timedelta(days=3)
    asked = {"day": day.isoformat(), "view": "month", "day_shown": day.isoformat()}
    answer = owner_client.post(f"{HOME}{post.public}/move/", asked, headers={"hx-request": "true", "hx-target": "calendar"})
    text = answer.content.decode()
    assert f'data-day="{day}"' in text
    undo = text.partition(f"{HOME}undo/")[2].partition('"')[0]
    before = post.at
    post.refresh_from_db()
    assert timezone.localtime(post.at, MADRID).date() == day
    assert "/move/?" not in text.replace("data-move", "")
    owner_client.post(f"{HOME}undo/{undo}")
    post.refresh_from_db()
    assert post.at == before
    assert owner_client.post(f"{HOME}undo/{undo}").status_code == 404


@pytest.mark.parametrize("asked", [{"day": "never"}, {"days": "x"}, {"days": "99999999999"}, {"at": "soon"}, {"minutes": "-99999999"}, {}])
def test_moves_that_make_no_sense_change_nothing(owner_client: Client, source: Connection, asked: dict[str, str]) -> None:
    save(owner_client, source, "plan")
    before = Post.objects.get().at
    assert owner_client.post(f"{HOME}{Post.objects.get().public}/move/", asked).status_code == 302
    if asked:
        assert Post.objects.get().at == before


def test_the_preview_counts_as_the_place_does_and_keeps_nothing(owner_client: Client, source: Connection) -> None:
    long = "https://example.org/" + "x" * 300
    text = owner_client.post(f"{HOME}preview/", {"text": f"Look {long}", "place": source.pk}).content.decode()
    assert "28 / 500" in text
    assert "It fits" in text
    over = owner_client.post(f"{HOME}preview/", {"text": "x" * 510, "place": source.pk}).content.decode()
    assert "10 too long" in over
    assert not Idea.objects.exists()


def test_hostile_words_stay_words(workspace: Workspace, owner: User, owner_client: Client, source: Connection) -> None:
    save(owner_client, source, "plan", text=EVIL, name=EVIL, campaign=EVIL)
    post = Post.objects.get()
    Post.objects.update(problem_code=EVIL[:60], problem_detail=EVIL, note=EVIL, state="failed", url="javascript:alert(1)")
    links.create(workspace, owner, "https://example.org/", name=EVIL)
    day = timezone.localtime(post.at, MADRID).date()
    for page in ("?day=" + str(day), "list/", f"{post.public}/", f"ideas/{post.idea.public}/", "queue/", "links/"):
        text = owner_client.get(HOME + page).content.decode()
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
        assert 'href="javascript:' not in text, page


def test_the_csv_is_safe_and_whole(owner_client: Client, source: Connection) -> None:
    save(owner_client, source, "keep", text='=HYPERLINK("http://evil")')
    text = b"".join(owner_client.get(f"{HOME}list/csv/").streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK" in text


def test_pictures_are_taken_by_what_they_are(owner_client: Client, source: Connection) -> None:
    good = SimpleUploadedFile("cup.txt", b"\x89PNG\r\n\x1a\n1234", "text/plain")
    bad = SimpleUploadedFile("evil.png", b"<svg onload=alert(1)>", "image/png")
    save(owner_client, source, "keep", pictures=[good, bad])
    picture = Picture.objects.defer("content").get()
    answer = owner_client.get(f"{HOME}pictures/{picture.public}/")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    owner_client.post(f"{HOME}pictures/{picture.public}/remove/")
    assert not Picture.objects.exists()


def test_a_series_is_begun_and_ended_on_the_page(owner_client: Client, source: Connection) -> None:
    rule = {"every": "week", "interval": "1", "weekday": ["0", "3"], "rule_start": timezone.localdate().isoformat(), "rule_time": "10:00"}
    save(owner_client, source, "series", **rule)
    series = Series.objects.get()
    assert 10 <= series.posts.count() <= 13
    owner_client.post(f"{HOME}series/{series.public}/stop/")
    assert not series.posts.exclude(state=Post.State.REMOVED).exists()


@pytest.mark.parametrize(
    "rule", [{}, {"every": "year"}, {"every": "day", "rule_start": "x", "rule_time": "10:00"}, {"every": "day", "interval": "0"}]
)
def test_rules_that_make_no_sense_are_told(owner_client: Client, source: Connection, rule: dict[str, str]) -> None:
    save(owner_client, source, "series", **rule)
    assert not Series.objects.exists()


def test_the_queue_takes_times_as_people_write_them(owner_client: Client, source: Connection) -> None:
    owner_client.post(f"{HOME}queue/{source.pk}/", {"day-0": "9:30, 18", "day-4": "17.15"})
    text = owner_client.get(f"{HOME}queue/").content.decode()
    assert "09:30, 18:00" in text
    assert "17:15" in text
    owner_client.post(f"{HOME}queue/{source.pk}/", {"day-0": "25:00"})
    assert "09:30, 18:00" in owner_client.get(f"{HOME}queue/").content.decode(), "nothing changed"


def test_ticked_posts_are_approved_together(
    workspace: Workspace, owner: User, owner_client: Client, source: Connection, member: Callable[..., User]
) -> None:
    agent = member(Role.AGENT)
    posts = [write(workspace, agent, f"Text {number}", [source]).posts.get() for number in range(3)]
    for post in posts:
        planning.plan(workspace, agent, post, timezone.now() + timedelta(days=1), approves=False)
    owner_client.post(f"{HOME}bulk/", {"verb": "approve", "ids": [post.public for post in posts[:2]]})
    assert Post.objects.filter(state=Post.State.SCHEDULED).count() == 2


def test_a_month_and_a_list_ask_the_same_few_questions_however_many_posts(
    workspace: Workspace, owner: User, owner_client: Client, source: Connection
) -> None:  # fmt: skip
    def asked(page: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            owner_client.get(HOME + page)
        return len(caught)

    def plan(number: int) -> None:
        post = write(workspace, owner, f"Text {number}", [source]).posts.get()
        planning.plan(workspace, owner, post, timezone.now() + timedelta(minutes=number), approves=True)

    plan(1)
    for page in ("", "list/", "queue/", "links/"):
        asked(page)
    few = [asked(page) for page in ("", "list/")]
    for number in range(2, 12):
        plan(number)
    assert [asked(page) for page in ("", "list/")] == few
    assert max(few) < 25


def test_an_import_tells_lines_and_hands_the_refused_back(owner_client: Client, source: Connection) -> None:
    def upload(**more: str) -> object:
        file = SimpleUploadedFile("p.csv", b"text,at\nHello,2027-01-15 18:00\nBad,never\n", "text/csv")
        return owner_client.post(f"{HOME}import/", {"file": file, **more})

    assert "“never” is not a date" in upload().content.decode()  # type: ignore[attr-defined]
    refused = b"".join(upload(rejects="yes").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Bad" in refused
    assert "Hello" not in refused


def test_qr_codes_hold_the_link(workspace: Workspace, owner: User, owner_client: Client) -> None:
    links.create(workspace, owner, "https://example.org/", code="qr-menu")
    assert owner_client.get(f"{HOME}links/qr-menu/qr.svg").content.lstrip().startswith(b"<?xml")
    assert owner_client.get(f"{HOME}links/qr-menu/qr.png?download").content.startswith(b"\x89PNG")
    assert owner_client.get(f"{HOME}links/qr-menu/qr.exe").status_code == 404


def test_best_times_come_from_what_people_did(workspace: Workspace, owner: User, owner_client: Client, source: Connection) -> None:
    now = timezone.now()
    monday = (now - timedelta(days=now.weekday())).replace(hour=17, minute=5, second=0, microsecond=0)
    acts = [
        Activity(verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id=f"l{week}-{number}", object_key="p",
                 happened_at=monday - timedelta(days=7 * week - 1), actor=HandleRef("mastodon", f"u{number}@a.example"))
        for week in range(1, 9) for number in range(12)
    ]  # fmt: skip
    log.append(source, acts, now)
    best = rhythm.best(workspace, ["mastodon"])
    assert best[0].label.startswith("Tuesday")
    assert best[0].at > now
    assert best[0].sure > 0.9
    assert "Tuesday" in owner_client.get(f"{HOME}times/").content.decode()


def test_the_end_of_a_post_is_shown_with_what_came_of_it(owner_client: Client, source: Connection) -> None:
    save(owner_client, source, "now")
    run()
    post = Post.objects.get()
    ana = HandleRef("mastodon", "ana@a.example", "Ana Torres")
    like = Activity(
        verb=Verb.LIKE, object_type=ObjectType.NOTE, native_id="l1", happened_at=timezone.now(), actor=ana, object_key=post.native_id
    )  # fmt: skip
    log.append(source, [like], timezone.now())
    follow()
    text = owner_client.get(f"{HOME}{post.public}/").content.decode()
    assert "Ana Torres" in text
    assert listen.connection_for(post.workspace, "mastodon").pk == source.pk
