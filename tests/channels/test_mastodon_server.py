"""Mastodon against a server that speaks its documented API: what is heard, what is done, and what goes wrong on the way."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.mastodon import TOKEN, Mastodon, Running, mastodon
from vincle.channels.live import Command, Context, File, Problem, Pulled, Receipt
from vincle.channels.mastodon import channel
from vincle.listen import line_streams
from vincle.listen.line import OutLine
from vincle.vocabulary import Activity, HandleRef, ObjectType, Op, Outcome, Retraction, Verb

US = HandleRef("mastodon", "lligam@casa.example", "Lligam")


@pytest.fixture(autouse=True)
def _loopback_is_outside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    monkeypatch.setattr(line_streams, "SILENCE", 0.05)


@pytest.fixture
def running() -> Iterator[Running]:
    with mastodon() as found:
        yield found


@pytest.fixture
def place(running: Running) -> Mastodon:
    return running.place


@pytest.fixture
def berta(place: Mastodon) -> dict[str, Any]:
    return place.account("berta@lluny.example")


class Us:
    def __init__(self, place: Mastodon, **more: str) -> None:
        self.line = OutLine({"server": place.url, **more}, {"access_token": TOKEN})
        self.cursor = ""

    def pull(self, stream: str = "notifications") -> list[Outcome]:
        found: list[Outcome] = []
        while True:
            page = channel.pull(self.line, stream, self.cursor)
            self.cursor = page.cursor
            found += read(page)
            if not page.more:
                return found

    def do(self, deed: Any, key: str = "k", about: Context | None = None, **more: Any) -> Receipt:
        return channel.act(self.line, Command(deed=deed, about=about or Context(), **more), key)

    def refused(self, work: Callable[[], Any]) -> Problem:
        with pytest.raises(Problem) as caught:
            work()
        return caught.value


@pytest.fixture
def us(place: Mastodon) -> Us:
    return Us(place)


def read(page: Pulled) -> list[Outcome]:
    return [outcome for item in page.items for outcome in channel.parse(item, datetime.now(UTC))]


def acts(found: list[Outcome]) -> list[Activity]:
    return [each for each in found if isinstance(each, Activity)]


def context(said: Activity) -> Context:
    return Context(
        native_id=said.native_id, object_key=said.object_key, thread_key=said.thread_key, object_type=said.object_type,
        verb=said.verb, happened_at=said.happened_at, props=said.props, author=said.actor, title=said.title,
    )  # fmt: skip


def heard(us: Us) -> Context:
    (said,) = acts(us.pull())
    return context(said)


def test_who_we_are_and_what_the_server_can(us: Us, place: Mastodon) -> None:
    standing = channel.check(us.line)
    assert (standing.account, standing.own) == ("@lligam@casa.example", (US,))
    assert standing.abilities == {"characters:640", "files:6", "streaming", "own:lligam@casa.example"}
    place.instance = "v1"
    assert "characters:5000" in channel.check(us.line).abilities
    place.instance = ""
    assert "characters:500" in channel.check(us.line).abilities


def test_missing_scopes_are_named_where_the_server_tells(us: Us, place: Mastodon) -> None:
    assert channel.check(us.line).scopes_missing == ()
    place.scopes = "read write:statuses"
    assert channel.check(us.line).scopes_missing == ("write:favourites", "write:media")


def test_a_wrong_token(place: Mastodon) -> None:
    line = OutLine({"server": place.url}, {"access_token": "wrong"})
    with pytest.raises(Problem) as caught:
        channel.check(line)
    assert (caught.value.kind, caught.value.code) == ("auth", "not_authorised")


@pytest.mark.parametrize("most", [40, 15])
def test_notifications_are_heard_once_however_long_the_pages(us: Us, place: Mastodon, berta: dict[str, Any], most: int) -> None:
    place.most = most
    assert us.pull() == []
    place.mention(berta, "@lligam hola")
    assert len(acts(us.pull())) == 1
    for number in range(57):
        place.mention(berta, f"@lligam {number}", spoiler_text="")
    assert [each.text for each in acts(us.pull())] == [f"@lligam {number}" for number in range(57)]
    assert us.pull() == []


def test_what_got_its_id_earlier_and_was_kept_later_is_not_missed(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam a")
    place.mention(berta, "@lligam late")
    place.mention(berta, "@lligam b")
    late = place.notifications.pop(1)
    assert len(acts(us.pull())) == 2
    place.notifications.append(late)
    assert [each.text for each in acts(us.pull())] == ["@lligam late"]


@pytest.mark.parametrize("instance", ["v2", "v1"])
def test_edits_and_deletions_are_noticed_without_a_stream(
    us: Us, place: Mastodon, berta: dict[str, Any], instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.instance = instance
    us.pull()
    said = [place.mention(berta, f"@lligam {number}") for number in range(3)]
    assert len(acts(us.pull())) == 3
    said[0] |= {"edited_at": place.now(), "content": "<p>millor</p>"}
    del place.statuses[said[1]["id"]]
    assert us.pull() == [], "not every minute"
    later = datetime.now(UTC) + timedelta(minutes=11)
    monkeypatch.setattr(OutLine, "now", property(lambda line: later))
    edited, gone = sorted(us.pull(), key=lambda each: type(each).__name__)
    assert isinstance(edited, Activity)
    assert (edited.op, edited.text) == (Op.CORRECT, "millor")
    assert isinstance(gone, Retraction)
    assert gone.native_id == said[1]["id"]
    assert us.pull() == []


def test_first_import_reads_to_the_end_with_its_progress(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.most = 20
    for number in range(45):
        place.status(place.us, str(number))
    place.mention(berta, "@lligam hola")
    cursor, done, texts = "", [], []
    while True:
        page = channel.past(us.line, "own", cursor)
        texts += [each.text for each in acts(read(page))]
        cursor, done = page.cursor, [*done, (page.done, page.total)]
        if not page.more:
            break
    assert texts == [str(number) for number in range(44, -1, -1)]
    assert done[:3] == [(20, 45), (40, 45), (45, 45)]
    assert len(acts(read(channel.past(us.line, "notifications", "")))) == 1


def test_hashtags_and_home(place: Mastodon, berta: dict[str, Any]) -> None:
    place.status(berta, "Un #cafè")
    place.status(berta, "Un #te")
    us = Us(place, hashtags="#Cafè, te")
    assert [each.text for each in acts(us.pull("hashtags"))] == ["Un #cafè", "Un #te"]
    assert us.pull("hashtags") == []
    for _ in range(3):
        place.status(berta, "Més #te")
    assert len(acts(us.pull("hashtags"))) == 3
    assert channel.pull(us.line, "home", "").items == ()
    place.status(berta, "Bon dia @lligam")
    home = acts(Us(place, home="on").pull("home"))
    assert [each.text for each in home if not each.props.get("overheard")] == ["Bon dia @lligam"]
    assert len(home) == 6


def test_nothing_is_done_to_nothing(us: Us, place: Mastodon) -> None:
    for deed in ("delete", "reply", "private_reply", "like", "boost"):
        problem = us.refused(lambda deed=deed: us.do(deed, text="Hola"))
        assert (problem.kind, problem.code) == ("gone", "not_there")


def test_an_answer_is_as_public_as_what_it_answers(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam hola", visibility="unlisted", spoiler_text="Menjar")
    about = heard(us)
    receipt = us.do("reply", about=about, text="Bon dia!", extra={"language": "ca"})
    status = place.statuses[receipt.native_id]
    assert (status["visibility"], status["spoiler_text"], status["sensitive"], status["language"]) == ("unlisted", "Menjar", True, "ca")
    assert (status["in_reply_to_id"], status["mentions"][0]["acct"]) == (about.object_key, "berta@lluny.example")
    private = us.do("private_reply", "k2", about=about, text="Entre nosaltres, @berta@lluny.example")
    status = place.statuses[private.native_id]
    assert (status["visibility"], status["content"].count("mention")) == ("direct", 1)
    (ours,) = acts(list(channel.parse(private.raw, datetime.now(UTC))))
    assert (ours.actor, ours.object_type, ours.native_id) == (US, ObjectType.MESSAGE, private.native_id)
    us.cursor = ""
    assert {each.native_id for each in acts(us.pull("own"))} == {receipt.native_id, private.native_id}


def test_an_answer_is_given_once(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam hola")
    about = heard(us)
    text = "Sí:\n\nhttps://lligam.example/carta @rut@casa.example"
    command = Command(deed="reply", about=about, text=text)
    since = datetime.now(UTC)
    assert channel.found(us.line, command, "k", since) is None
    place.faults += ["lost"]
    assert us.refused(lambda: us.do("reply", about=about, text=text)).kind == "transient"
    found = channel.found(us.line, command, "k", since)
    assert found is not None
    again = us.do("reply", about=about, text=text)
    assert again.native_id == found.native_id
    assert channel.found(us.line, command, "k", since + timedelta(hours=1)) is None, "an earlier post with the same words is another one"


def test_reactions(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam hola")
    about = heard(us)
    (liked,) = acts(list(channel.parse(us.do("like", "k1", about).raw, datetime.now(UTC))))
    assert (liked.verb, liked.actor, liked.object_key) == (Verb.LIKE, US, about.object_key)
    assert place.favourites == {about.object_key}
    (undone,) = acts(list(channel.parse(us.do("unlike", "k2", about).raw, datetime.now(UTC))))
    assert (undone.verb, undone.op, undone.native_id) == (Verb.UNDO, Op.CORRECT, liked.native_id)
    assert place.favourites == set()
    boosts = {us.do("boost", "k3", about).native_id for _ in range(2)}
    assert len(boosts) == 1


def test_post_with_pictures_and_delete(us: Us, place: Mastodon) -> None:
    file = File(name="a.png", content_type="image/png", content=b"\x89PNG", alt="La càrta")
    receipt = us.do("post", text="Nova carta #cafè", files=(file,))
    assert [each["description"] for each in place.statuses[receipt.native_id]["media_attachments"]] == ["La càrta"]
    (posted,) = acts(list(channel.parse(receipt.raw, datetime.now(UTC))))
    assert posted.props["media"] == ["image"]
    for _ in range(2):
        (gone,) = channel.parse(us.do("delete", about=context(posted)).raw, datetime.now(UTC))
        assert isinstance(gone, Retraction)
        assert gone.native_id == posted.native_id
    assert place.statuses == {}


def test_what_one_post_does_not_allow_is_no_fault_of_the_connection(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam hola", visibility="direct")
    about = heard(us)
    assert us.refused(lambda: us.do("boost", about=about)).kind == "permanent"
    place.statuses.clear()
    assert us.refused(lambda: us.do("reply", about=about, text="Hi")).kind == "gone"
    assert us.refused(lambda: us.do("post", text=" ")).code == "empty"


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (503, "transient", "server_trouble"),
        (429, "quota", "too_fast"),
        ("truncated", "transient", "not_json"),
        (401, "auth", "not_authorised"),
    ],
)
def test_what_goes_wrong_changes_nothing(us: Us, place: Mastodon, berta: dict[str, Any], fault: Any, kind: str, code: str) -> None:
    us.pull()
    place.mention(berta, "@lligam hola")
    place.skew = timedelta(hours=-3)
    place.faults.append(fault)
    problem = us.refused(us.pull)
    assert (problem.kind, problem.code) == (kind, code)
    if kind == "quota":
        assert problem.retry_after == pytest.approx(90, abs=2), "the clock of the server counts"
    assert len(acts(us.pull())) == 1


def test_a_slow_server_is_waited_for(us: Us, place: Mastodon) -> None:
    place.faults.append("slow")
    assert us.pull() == []


class Listening:
    """A stream held open, page by page."""

    def __init__(self, us: Us) -> None:
        self.us, self.pages = us, channel.listen(us.line, "notifications", us.cursor)

    def until(self, count: int) -> list[Outcome]:
        """What is heard, until so many items are; the cursor is kept as its caller keeps it."""
        found: list[Outcome] = []
        for page in self.pages:
            self.us.cursor = page.cursor
            found += read(page)
            if len([each for each in found if isinstance(each, Activity | Retraction)]) >= count:
                return found
        raise AssertionError(f"the stream ended after {found}")

    def opened(self) -> "Listening":
        """Connected, and caught up."""
        self.us.cursor = next(self.pages).cursor
        return self


@pytest.mark.parametrize("kind", ["socket", "socket_query", "events"])
def test_events_come_at_once_by_whichever_stream_there_is(us: Us, place: Mastodon, berta: dict[str, Any], kind: str) -> None:
    place.streams = {kind}
    place.mention(berta, "@lligam abans")
    stream = Listening(us)
    assert [each.text for each in acts(stream.until(1))] == ["@lligam abans"]
    said = place.mention(berta, "@lligam ara")
    assert [each.text for each in acts(stream.until(1))] == ["@lligam ara"]
    place.tell("filters_changed", "")
    place.tell("update", '{"broken')
    place.tell("status.update", json.dumps(said | {"edited_at": place.now(), "content": "<p>millor</p>"}))
    (edited,) = acts(stream.until(1))
    assert (edited.op, edited.native_id, edited.text) == (Op.CORRECT, said["id"], "millor")
    place.tell("delete", said["id"])
    (gone,) = stream.until(1)
    assert isinstance(gone, Retraction)
    assert us.pull() == [], "what the stream told is not told again"
    stream.pages.close()


def test_what_a_stream_left_out_is_fetched(us: Us, place: Mastodon, berta: dict[str, Any]) -> None:
    place.mention(berta, "@lligam abans")
    stream = Listening(us).opened()
    place.notify("mention", berta, place.status(berta, "@lligam perdut"), is_streamed=False)
    for number in range(25):
        place.mention(berta, f"@lligam {number}")
    assert len(acts(stream.until(25))) == 25
    stream.pages.close()
    assert [each.text for each in acts(us.pull())] == ["@lligam perdut"]
    assert us.pull() == []


def test_a_server_without_streams_is_polled(us: Us, place: Mastodon) -> None:
    place.streams = set()
    assert us.refused(lambda: next(channel.listen(us.line, "notifications", ""))).code == "not_live"
    assert us.refused(lambda: next(channel.listen(us.line, "own", ""))).code == "not_live"


def test_what_others_post_at_home_is_left_out_unless_asked_for(place: Mastodon, berta: dict[str, Any]) -> None:
    for home, expected in (("", ["nostre", "per a @lligam"]), ("on", ["aliè", "nostre", "per a @lligam"])):
        stream = Listening(Us(place, home=home)).opened()
        for author, text in ((berta, "aliè"), (place.us, "nostre"), (berta, "per a @lligam")):
            place.tell("update", json.dumps(place.status(author, text)))
        assert [each.text for each in acts(stream.until(len(expected)))] == expected
        stream.pages.close()


def test_an_outage_loses_nothing_and_doubles_nothing(running: Running, us: Us, berta: dict[str, Any]) -> None:
    place = running.place
    stream = Listening(us).opened()
    place.mention(berta, "@lligam 1")
    texts = [each.text for each in acts(stream.until(1))]
    running.stop()
    with pytest.raises((AssertionError, Problem)):
        stream.until(1)
    assert us.refused(us.pull).kind == "transient"
    assert us.refused(lambda: us.do("post", text="Hola")).kind == "transient"
    place.mention(berta, "@lligam 2")
    place.notify("favourite", berta, place.status(place.us, "nostre"))
    running.start()
    us.line.settings = {"server": place.url}
    stream = Listening(us)
    texts += [each.text or each.reaction for each in acts(stream.until(2))]
    place.mention(berta, "@lligam 3")
    texts += [each.text for each in acts(stream.until(1))]
    assert texts == ["@lligam 1", "@lligam 2", "like", "@lligam 3"]
    stream.pages.close()
    assert us.pull() == []


def test_length_as_the_servers_count() -> None:
    assert channel.length("Hola @berta@lluny.example! https://lligam.example/" + "x" * 100) == len("Hola @berta! ") + 23
    assert channel.length("👨‍👩‍👧‍👦 🇪🇸 e\u0301") == 5
    assert channel.length("mail@lluny.example") == len("mail@lluny.example")


def test_ways() -> None:
    def ways(**props: str) -> list[tuple[str, str, int | None]]:
        about = Context(verb="Create", object_type="Note", author=HandleRef("mastodon", "berta@lluny.example"), props=props, title="cw")
        found = channel.ways(about, {}, frozenset({"characters:640", "files:6", "own:lligam@casa.example"}), datetime.now(UTC))
        return [(way.deed, way.code, way.longest) for way in found]

    room = 640 - len("cw") - len("@berta ")
    assert ways() == [("reply", "public", room), ("private_reply", "named_only", room), ("like", "", None), ("boost", "", None)]
    assert ways(visibility="direct") == [("reply", "named_only", room), ("like", "", None)]
    assert [each[:2] for each in ways(visibility="private")] == [("reply", "followers_only"), ("private_reply", "named_only"), ("like", "")]
    ours = Context(verb="Create", object_type="Note", author=US)
    assert channel.ways(ours, {}, frozenset({"own:lligam@casa.example"}), datetime.now(UTC))[-1].deed == "delete"
    assert channel.ways(Context(verb="Like", object_type="Note"), {}, frozenset(), datetime.now(UTC)) == ()
