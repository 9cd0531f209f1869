"""Bluesky against a real server of its protocol, which knows sessions and repositories but has no view of the network."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from tests.servers.pds import Account, Pds, pds
from vincle.accounts.models import Workspace
from vincle.channels._atproto import tid
from vincle.channels.bluesky import channel
from vincle.channels.live import Command, Context, File, Problem, Pulled
from vincle.listen import actions, connections, credentials, doctor, outward, pulling
from vincle.listen.line import OutLine
from vincle.listen.models import Activity as LogRow
from vincle.listen.models import Pull
from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Op, Outcome, Retraction, Verb

POST, LIKE, REPOST = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost"
NAMES = count(1)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Pds]:
    with pds() as found:
        yield found


@pytest.fixture(autouse=True)
def _loopback_is_outside(settings: Any) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)


class Us:
    """Our account there, signed in with an app password."""

    def __init__(self, server: Pds, **more: str) -> None:
        self.account = server.account(f"lligam{next(NAMES)}")
        self.password = self.account.do("com.atproto.server.createAppPassword", name="vincle")["password"]
        self.settings = {"handle": self.account.handle, "server": server.url, "jetstream": "", **more}
        self.renewed: list[dict[str, str]] = []
        self.line = self.another_line()
        self.cursors: dict[str, str] = {}

    def another_line(self, **secrets: str) -> OutLine:
        kept = {"app_password": self.password, **secrets}
        return OutLine(self.settings, kept, lambda fresh, ends_at: self.renewed.append(dict(fresh)))

    def pull(self, stream: str = "notifications") -> list[Outcome]:
        """Everything new, as the log would read it."""
        found: list[Outcome] = []
        while True:
            page = channel.pull(self.line, stream, self.cursors.get(stream, ""))
            self.cursors[stream] = page.cursor
            found += read(page)
            if not page.more:
                return found

    def do(self, deed: Any, key: str, about: Activity | None = None, **more: Any) -> Any:
        return channel.act(self.line, Command(deed=deed, about=context(about) if about else Context(), **more), key)


@pytest.fixture
def newcomer(server: Pds) -> Us:
    return Us(server)


@pytest.fixture(scope="module")
def known(server: Pds) -> Us:
    return Us(server)


@pytest.fixture
def us(known: Us) -> Us:
    """As if nothing had been said so far, without the cost of another account: whatever test came before, its posts have been heard."""
    for collection in (POST, LIKE, REPOST):
        for each in known.account.records(collection):
            known.account.delete(each["uri"])
    known.pull()
    known.cursors.pop("own", None)
    return known


@pytest.fixture(scope="module")
def berta(server: Pds) -> Account:
    return server.account("berta")


@pytest.fixture
def rut(server: Pds) -> Account:
    return server.account("rut")


def read(page: Pulled) -> list[Outcome]:
    return [outcome for item in page.items for outcome in channel.parse(item, datetime.now(UTC))]


def context(said: Activity) -> Context:
    return Context(
        native_id=said.native_id, object_key=said.object_key, thread_key=said.thread_key, object_type=said.object_type,
        verb=said.verb, happened_at=said.happened_at, props=said.props, author=said.actor,
    )  # fmt: skip


def mention(us: Us, berta: Account, text: str = "Ñam, @lligam!") -> dict[str, Any]:
    facet = {"index": {"byteStart": 6, "byteEnd": 13}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": us.account.did}]}
    return berta.post(text, facets=[facet])


def only(found: list[Outcome]) -> Activity:
    (said,) = found
    assert isinstance(said, Activity)
    return said


def test_who_we_are_there(us: Us) -> None:
    standing = channel.check(us.line)
    assert standing.account == f"@{us.account.handle}"
    assert standing.own[0] == HandleRef("bluesky", us.account.did, us.account.handle)
    assert standing.abilities == {f"own:{us.account.did}"}
    assert standing.notes == ("no_view_of_the_network",)


def test_the_real_password_works_but_is_told_of(newcomer: Us) -> None:
    newcomer.password = newcomer.account.password
    assert channel.check(newcomer.another_line()).notes == ("main_password", "no_view_of_the_network")


def test_a_wrong_password(newcomer: Us) -> None:
    newcomer.password = "wrong"
    with pytest.raises(Problem) as caught:
        channel.check(newcomer.another_line())
    assert (caught.value.kind, caught.value.code) == ("auth", "wrong_password")


def test_a_session_is_kept_and_refreshed_and_only_then_begun_anew(newcomer: Us) -> None:
    channel.check(newcomer.line)
    (first,) = newcomer.renewed
    channel.check(newcomer.another_line(**first))
    assert len(newcomer.renewed) == 1, "a token that is good is used again"
    channel.check(newcomer.another_line(**first | {"access_token": "stale.e30.x"}))
    (_, second) = newcomer.renewed
    assert second["refresh_token"] != first["refresh_token"]
    channel.check(newcomer.another_line(**second | {"access_token": "stale.e30.x", "refresh_token": "stale.e30.x"}))
    assert len(newcomer.renewed) == 3
    newcomer.password = "another, and wrong"
    with pytest.raises(Problem) as caught:
        channel.check(newcomer.another_line(**second))
    assert caught.value.code == "wrong_password", "a session begun with another password is not used"


def test_what_is_said_of_us_is_heard_once_and_with_all_that_befalls_it(us: Us, rut: Account) -> None:
    own = us.account.post("Obert!")
    assert us.pull() == []
    said = mention(us, rut)
    rut.post("Nothing to do with anyone")
    reference = {"uri": own["uri"], "cid": own["cid"]}
    answered = rut.post("Hi!", reply={"root": reference, "parent": reference})
    liked = rut.create(LIKE, subject=reference)
    rut.create("app.bsky.feed.repost", subject=reference)
    rut.create("app.bsky.graph.follow", subject=us.account.did)
    heard = us.pull()
    assert all(isinstance(each, Activity) and each.actor == HandleRef("bluesky", rut.did) for each in heard)
    assert [each.verb for each in heard if isinstance(each, Activity)] == [Verb.CREATE, Verb.CREATE, Verb.LIKE, Verb.ANNOUNCE, Verb.FOLLOW]
    assert {each.native_id for each in heard} >= {said["uri"], answered["uri"], liked["uri"]}
    assert us.pull() == []

    key = said["uri"].rpartition("/")[2]
    record = {"$type": POST, "text": f"Ñam! {us.account.did}", "createdAt": "2026-11-01T12:00:00.000Z"}
    rut.do("com.atproto.repo.putRecord", repo=rut.did, collection=POST, rkey=key, record=record)
    edited = only(us.pull())
    assert (edited.op, edited.native_id, edited.text) == (Op.CORRECT, said["uri"], record["text"])

    rut.delete(said["uri"])
    rut.delete(liked["uri"])
    gone, unliked = us.pull()
    assert isinstance(gone, Retraction)
    assert gone.native_id == said["uri"]
    assert isinstance(unliked, Activity)
    assert (unliked.verb, unliked.native_id) == (Verb.UNDO, liked["uri"])

    rut.do("com.atproto.server.deactivateAccount")
    (closed,) = us.pull()
    assert isinstance(closed, Retraction)
    assert (closed.native_id, closed.reason) == (f"at://{rut.did}", "account deactivated")
    assert us.pull() == []


def test_an_answer_stands_in_its_thread_and_a_second_try_is_the_same_answer(us: Us, berta: Account) -> None:
    mention(us, berta)
    said = only(us.pull())
    text = f"Gràcies @{berta.handle}! 🎉 https://lligam.example/carta. #Cafè"
    receipt = us.do("reply", "key-1", said, text=text, extra={"language": "ca"})
    again = us.do("reply", "key-1", said, text=text, extra={"language": "ca"})
    assert again.native_id == receipt.native_id
    found = channel.found(us.line, Command(deed="reply", about=context(said)), "key-1", datetime.now(UTC))
    assert found is not None
    assert found.native_id == receipt.native_id
    assert channel.found(us.line, Command(deed="reply", about=context(said)), "key-2", datetime.now(UTC)) is None
    (record,) = us.account.records(POST)
    assert record["value"]["reply"]["parent"] == {"uri": said.native_id, "cid": said.props["cid"]}
    assert record["value"]["langs"] == ["ca"]
    raw = text.encode()
    marked = [raw[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode() for each in record["value"]["facets"]]
    assert marked == [f"@{berta.handle}", "https://lligam.example/carta", "#Cafè"]
    assert record["value"]["facets"][0]["features"][0]["did"] == berta.did

    ours = list(channel.parse(receipt.raw, datetime.now(UTC)))
    assert [each.native_id for each in ours] == [receipt.native_id]
    assert [each.native_id for each in us.pull("own")] == [receipt.native_id], "however it comes back, it is the same act"


def test_an_answer_to_an_answer_keeps_the_root(us: Us, berta: Account) -> None:
    root = berta.post("First")
    first = {"uri": root["uri"], "cid": root["cid"]}
    facet = {"index": {"byteStart": 0, "byteEnd": 2}, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": us.account.did}]}
    berta.post("Second", reply={"root": first, "parent": first}, facets=[facet])
    us.do("reply", "k", only(us.pull()), text="Third")
    assert us.account.records(POST)[0]["value"]["reply"]["root"] == first


def test_like_and_take_it_back_and_like_again(us: Us, berta: Account) -> None:
    mention(us, berta)
    said = only(us.pull())
    us.do("like", "l1", said)
    us.do("like", "l1", said)
    assert len(us.account.records(LIKE)) == 1
    taken = us.do("unlike", "l2", said)
    assert us.account.records(LIKE) == []
    undone = only(list(channel.parse(taken.raw, datetime.now(UTC))))
    assert (undone.verb, undone.op) == (Verb.UNDO, Op.CORRECT)
    assert us.do("unlike", "l3", said).raw == b"", "nothing to take back is no fault"
    assert us.do("like", "l4", said).native_id != taken.native_id


def test_boost_post_with_pictures_and_delete(us: Us, berta: Account) -> None:
    mention(us, berta)
    us.do("boost", "b", only(us.pull()))
    assert len(us.account.records("app.bsky.feed.repost")) == 1
    receipt = us.do("post", "p", text="Nova carta", files=(File(name="a.png", content_type="image/png", content=PICTURE, alt="La carta"),))
    (record,) = us.account.records(POST)
    assert record["value"]["embed"]["images"][0]["alt"] == "La carta"
    posted = only(list(channel.parse(receipt.raw, datetime.now(UTC))))
    assert posted.props["images"] == 1
    us.do("delete", "d", posted)
    assert us.account.records(POST) == []
    us.do("delete", "d", posted)


def test_what_is_not_ours_is_not_deleted(us: Us, berta: Account) -> None:
    mention(us, berta)
    with pytest.raises(Problem) as caught:
        us.do("delete", "d", only(us.pull()))
    assert caught.value.code == "not_ours"


def test_an_outage_loses_nothing_and_doubles_nothing(server: Pds, us: Us, berta: Account) -> None:
    mention(us, berta)
    said = only(us.pull())
    later = mention(us, berta, "Ñames, @lligam?")
    server.stop()
    try:
        for attempt in (lambda: us.pull(), lambda: us.do("reply", "k", said, text="Hi")):
            with pytest.raises(Problem) as caught:
                attempt()
            assert caught.value.kind == "transient"
    finally:
        server.start()
    assert [each.native_id for each in us.pull()] == [later["uri"]]
    us.do("reply", "k", said, text="Hi")
    us.do("reply", "k", said, text="Hi")
    assert len(us.account.records(POST)) == 1
    assert us.pull() == []


def test_an_answer_that_never_arrived_is_found(us: Us, berta: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server did it, and the way back broke."""
    mention(us, berta)
    said = only(us.pull())
    sent: Callable[..., Any] = us.line.send

    def lossy(verb: str, url: str, **request: Any) -> Any:
        answer = sent(verb, url, **request)
        if url.endswith("createRecord"):
            raise Problem("transient", "no_answer_in_time")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(us.line, "send", lossy)
        with pytest.raises(Problem):
            us.do("reply", "k", said, text="Hi")
    found = channel.found(us.line, Command(deed="reply", about=context(said), text="Hi"), "k", datetime.now(UTC))
    assert found is not None
    assert [each["uri"] for each in us.account.records(POST)] == [found.native_id]


def test_the_past_is_read_to_its_end(us: Us) -> None:
    for number in range(3):
        key = tid(1_700_000_000_000_000 + number)
        record = {"$type": POST, "text": str(number), "createdAt": "2026-11-01T12:00:00.000Z"}
        us.account.do("com.atproto.repo.createRecord", repo=us.account.did, collection=POST, rkey=key, record=record)
    page = channel.past(us.line, "own", "")
    assert ([each.text for each in read(page) if isinstance(each, Activity)], page.done) == (["2", "1", "0"], 3)
    while page.more:
        page = channel.past(us.line, "own", page.cursor)
        assert page.items == ()
    assert channel.past(us.line, "notifications", "").more is False


def test_a_pulled_mention_can_be_answered(us: Us, berta: Account) -> None:
    mention(us, berta)
    said = only(us.pull())
    ways = channel.ways(context(said), us.settings, frozenset({f"own:{us.account.did}"}), datetime.now(UTC))
    assert [(way.deed, way.longest) for way in ways] == [("reply", 300), ("like", None), ("boost", None)]
    assert said.object_type is ObjectType.NOTE


@pytest.mark.django_db
def test_a_connection_all_the_way(server: Pds, us: Us, berta: Account, workspace: Workspace) -> None:
    """Asked, read into the log, answered, and our answer in the log once; with one session for all of it."""

    def hear() -> list[LogRow]:
        Pull.objects.update(next_at=timezone.now())
        pulling.turn()
        actions.work_off_waiting(100)
        return list(LogRow.objects.filter(verb="Create").order_by("happened_at"))

    made = connections.connect(workspace, None, "bluesky", "", us.settings, {"app_password": us.password})
    doctor.look_after(made)
    made.refresh_from_db()
    assert made.account == f"@{us.account.handle}"
    hear()
    begun = credentials.given(made)["access_token"]
    mention(us, berta)
    (asked,) = hear()
    assert asked.direction == Direction.IN
    command = Command(deed="reply", about=outward.context_of(asked), text="Sí!")
    server.stop()
    try:
        with pytest.raises(Problem):
            outward.perform(made, command, "key-1")
        assert len(hear()) == 1
    finally:
        server.start()
    receipts = {outward.perform(made, command, "key-1").native_id for _ in range(2)}
    assert [(each.direction, each.native_id in receipts) for each in [*hear(), *hear()[2:]]] == [
        (Direction.IN, False),
        (Direction.OUT, True),
    ]
    made.refresh_from_db()
    assert credentials.given(made)["access_token"] == begun
