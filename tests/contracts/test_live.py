"""The laws of a channel that is alive, run over every such channel against platforms that misbehave in every way.

Where a channel has scripts (tests/channels/<id>/live/*.json: `settings`, `secrets`, and `pages`, each with `stream`, `cursor`, `past` and
the `answers` by the beginning of their addresses), what it pulls is read, replayed and asked for again.
"""

import json
import string
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.servers.lines import ScriptedLine
from vincle.channels import registry
from vincle.channels.base import Channel
from vincle.channels.live import Answer, Command, Context, Deed, File, Problem, Pulled, Receipt, Setting, Standing, Trouble, Way
from vincle.vocabulary import HandleRef, ObjectType, Verb

PAYLOADS = Path(__file__).resolve().parents[1] / "channels"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALIVE = {name: channel for name, channel in sorted(registry.channels().items()) if {"pull", "act"} & channel.spec.capabilities}
each = pytest.mark.parametrize("channel", [pytest.param(channel, id=name) for name, channel in ALIVE.items()])
USUAL = {"url": "https://server.example", "email": "ana@cafe.example", "number": "17", "switch": "1"}


def value(setting: Setting) -> str:
    if setting.kind == "choice":
        return setting.default or next(choice for choice, _ in setting.choices)
    return setting.default or USUAL.get(setting.kind, f"{setting.name}-1")


def line(channel: Channel, answers: Callable[..., Any]) -> ScriptedLine:
    """One with everything given that the channel asks for."""
    spec = channel.spec
    plain = {each.name: value(each) for each in spec.settings if not each.is_secret}
    sealed = {each.name: f"secret-{each.name}" for each in (*spec.settings, *spec.secrets) if getattr(each, "is_secret", True)}
    if spec.oauth:
        sealed |= {"access_token": "token-1", "refresh_token": "token-2", "client_secret": "secret-3"}
    return ScriptedLine(answers, plain, sealed, NOW)


def says(status: int, body: bytes = b"{}", **headers: str) -> Callable[..., Answer]:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda _method, url, *_: Answer(status=status, url=url, headers=named, body=body)


ABOUT = Context(
    native_id="1:2", object_key="1", parent_key="2", thread_key="3", object_type=ObjectType.NOTE, verb=Verb.CREATE, happened_at=NOW,
    last_in_at=NOW, author=HandleRef("x", "ana", "Ana"), text="Tea?", url="https://server.example/1",
)  # fmt: skip


def doings(channel: Channel, deeds: tuple[Deed, ...] = ("reply",), cursor: str = "") -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Everything that a channel does outside, by what it is called."""
    yield "check", channel.check
    for stream in channel.spec.streams:
        yield f"pull {stream.name}", lambda line, name=stream.name: channel.pull(line, name, cursor)
        if stream.has_past:
            yield f"past {stream.name}", lambda line, name=stream.name: channel.past(line, name, cursor)
        if stream.is_live:
            yield (
                f"listen {stream.name}",
                lambda line, name=stream.name: [page for page, _ in zip(channel.listen(line, name, cursor), range(3), strict=False)],
            )
    if "act" in channel.spec.capabilities:
        for deed in deeds:
            command = Command(deed=deed, about=ABOUT, text="Yes, please", to=("ana@cafe.example",), subject="Tea")
            yield f"act {deed}", lambda line, command=command: channel.act(line, command, "key-1")
            yield f"found {deed}", lambda line, command=command: channel.found(line, command, "key-1", NOW - timedelta(minutes=5))


def outcome(work: Callable[[Any], Any], on: Any) -> Any:
    """What came of it: a Problem, or what was returned. Any other error fails the test."""
    try:
        return work(on)
    except Problem as problem:
        found = problem
    assert found.kind in get_args(Trouble)
    assert found.code.strip(string.ascii_lowercase + string.digits + "_") == ""
    assert found.code
    return found


@each
def test_what_is_said_to_be_possible_is(channel: Channel) -> None:
    kind, spec = type(channel), channel.spec
    assert ("pull" in spec.capabilities) == bool(spec.streams) == (kind.pull is not Channel.pull)
    assert ("act" in spec.capabilities) == (kind.act is not Channel.act) == (kind.ways is not Channel.ways)
    assert kind.check is not Channel.check
    assert any(stream.has_past for stream in spec.streams) == (kind.past is not Channel.past)
    assert any(stream.is_live for stream in spec.streams) == (kind.listen is not Channel.listen)


@each
def test_streams_and_settings_are_whole(channel: Channel) -> None:
    spec = channel.spec
    names = [stream.name for stream in spec.streams]
    assert len(set(names)) == len(names)
    assert all(5 <= stream.every <= 86400 and stream.name and len(stream.name) <= 60 for stream in spec.streams)
    wanted = [setting.name for setting in spec.settings]
    assert len(set(wanted)) == len(wanted)
    for setting in spec.settings:
        assert setting.name.isidentifier()
        assert setting.label.strip()
        assert bool(setting.choices) == (setting.kind == "choice")
        assert not (setting.is_secret and setting.default)
        assert not setting.default or setting.kind != "choice" or setting.default in {choice for choice, _ in setting.choices}
    if spec.oauth:
        for url in (spec.oauth.authorize_url, spec.oauth.token_url, spec.oauth.register_url):
            fields = {name for _, name, _, _ in string.Formatter().parse(url) if name}
            assert fields <= set(wanted)
            assert not url or url.startswith(("https://", "{"))


@each
@pytest.mark.parametrize(
    ("status", "kind"), [(401, "auth"), (404, ""), (410, ""), (422, ""), (429, "quota"), (500, "transient"), (503, "transient")]
)
def test_what_a_server_refuses_is_sorted(channel: Channel, status: int, kind: str) -> None:
    for name, work in doings(channel):
        on = line(channel, says(status, b'{"error": "no"}', retry_after="77"))
        found = outcome(work, on)
        if name.startswith("found") or not on.asked:
            continue  # whoever asks whether it went through may take a no for an answer
        if kind:
            assert isinstance(found, Problem), name
            assert found.kind == kind, name
        if kind in ("quota", "transient"):
            assert found.retry_after is None or found.retry_after >= 77, name
        if status == 429:
            assert found.retry_after == 77, name


@each
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"7", b'"x"', b'{"data": [{"id": "1", "te', b"<!doctype html><title>Sign in</title>", b"\xff\xfe\x00",
     b'[[[{}]]]',
     b'{"data": null, "items": 7, "reviews": {}, "feed": "x", "id": 1, "result": [null]}', b'[null, 1, "x", {"id": null}]'],
)  # fmt: skip
def test_answers_that_make_no_sense_hurt_nobody(channel: Channel, body: bytes) -> None:
    for name, work in doings(channel):
        found = outcome(work, line(channel, says(200, body)))
        for page in found if isinstance(found, list) else [found]:
            assert isinstance(page, Problem | Pulled | Standing | Receipt | None), name
            if isinstance(page, Pulled):
                _reads(channel, page)


def _reads(channel: Channel, page: Pulled) -> list[list[Any]]:
    """Items are bytes that `parse` reads, and the same items give the same ids."""
    assert isinstance(page.cursor, str)
    assert page.quota is None or 0 <= page.quota <= 1
    assert page.pause is None or page.pause >= 0
    read = []
    for raw in page.items:
        assert isinstance(raw, bytes)
        first, again = list(channel.parse(raw, NOW)), list(channel.parse(raw, NOW + timedelta(days=1)))
        assert [_ids(item) for item in first] == [_ids(item) for item in again]
        read.append(first)
    return read


def _ids(item: Any) -> tuple[str, ...]:
    return type(item).__name__, getattr(item, "native_id", ""), str(getattr(item, "op", "")), getattr(item, "version", "")


@each
@pytest.mark.parametrize("cursor", ["", "garbage", "{}", "[]", "null", '{"v": 99, "since": {}}', "\x00", "9" * 500, '{"a":'])
def test_a_cursor_of_another_time_hurts_nobody(channel: Channel, cursor: str) -> None:
    for name, work in doings(channel, (), cursor):
        found = outcome(work, line(channel, says(503)))
        assert isinstance(found, Problem | Pulled | Standing | list), name


@each
def test_what_cannot_be_reached_is_told_as_it_is(channel: Channel) -> None:
    def away(*_: Any) -> Any:
        raise Problem("transient", "unreachable", "host not found", retry_after=5.0)

    for name, work in doings(channel):
        on = line(channel, away)
        found = outcome(work, on)
        if on.asked and not name.startswith("found"):
            assert isinstance(found, Problem), name
            assert found.kind == "transient", name


@each
def test_without_secrets_nobody_is_asked_in_vain(channel: Channel) -> None:
    """Whatever is missing is a Problem, never another error."""
    for _, work in doings(channel):
        outcome(work, ScriptedLine(says(401), {}, {}, NOW))


@each
def test_every_deed_is_done_or_refused(channel: Channel) -> None:
    """Also one that the channel never heard of, on something it cannot be done to."""
    deeds: tuple[Deed, ...] = get_args(Deed)
    odd = (Context(), Context(native_id="\x00", props={"a": {}}, body={"b": []}), ABOUT)
    if "act" not in channel.spec.capabilities:
        pytest.skip("does not answer")
    for deed, about in product(deeds, odd):
        big = File(name="a.bin", content_type="application/octet-stream", content=b"x" * 10)
        for command in (Command(deed=deed, about=about), Command(deed=deed, about=about, text="x" * 20_000, files=(big,) * 20)):
            found = outcome(lambda on, command=command: channel.act(on, command, "k"), line(channel, says(404)))
            assert isinstance(found, Problem) or deed == "delete", deed  # what is not there any more is as good as deleted


@each
def test_ways_are_told_before_anyone_types(channel: Channel) -> None:
    deeds = set(get_args(Deed))
    abilities = (frozenset[str](), frozenset({"read", "write", "reply", "message"}))
    moments = (NOW, NOW + timedelta(hours=25), NOW + timedelta(days=8), NOW + timedelta(days=400))
    for verb, kind, able, now in product(Verb, ObjectType, abilities, moments):
        about = msgspec.structs.replace(ABOUT, verb=verb, object_type=kind)
        found = channel.ways(about, {}, able, now)
        assert found == channel.ways(about, {}, able, now)
        for way in found:
            _is_sound(way, found, now, deeds)
    for about in (Context(), Context(props={"kind": {}, "window": "x"}, body={"to": 7})):
        with suppress(Problem):
            channel.ways(about, {}, frozenset(), NOW)


def _is_sound(way: Way, among: tuple[Way, ...], now: datetime, deeds: set[str]) -> None:
    assert way.deed in deeds
    assert way.is_open or way.code, "a closed way says why"
    assert way.until is None or not way.is_open or way.until > now, "an open way closes later"
    assert way.longest is None or way.longest > 0
    assert way.instead is None or way.instead != way.deed
    assert way.instead is None or any(other.deed == way.instead for other in among)


@each
def test_lengths_are_counted_as_the_platform_does(channel: Channel) -> None:
    assert channel.length("") == 0
    assert channel.length("tea") == 3
    for text in ("é", "👩‍👩‍👧", "https://example.org/" + "a" * 200, "\x00", "ก" * 50):
        assert 0 < channel.length(text) <= 4 * len(text.encode())


def scripts() -> list[Any]:
    found = [(name, path) for name in ALIVE for path in sorted((PAYLOADS / name / "live").glob("*.json"))]
    return [pytest.param(ALIVE[name], path, id=f"{name}-{path.stem}") for name, path in found]


@pytest.mark.parametrize(("channel", "path"), scripts())
def test_what_is_pulled_is_read_and_replayed(channel: Channel, path: Path) -> None:
    script = json.loads(path.read_text())
    for page in script["pages"]:
        found = _pulled(channel, script, page)
        read = _reads(channel, found)
        assert [found.cursor, found.items] == [(again := _pulled(channel, script, page)).cursor, again.items]
        assert sum(map(len, read)) >= page.get("items", 1)
        kinds = {type(item).__name__ for items in read for item in items}
        assert kinds <= {"Activity", "Fact", "Retraction", "Unknown"}


def _pulled(channel: Channel, script: Any, page: Any) -> Pulled:
    def answers(_method: str, url: str, query: Any, _body: Any) -> Any:
        known = [told for start, told in page["answers"].items() if url.startswith(start)]
        assert known, f"nobody said what {url} answers"
        return known[-1]

    on = line(channel, answers)
    on.settings |= script.get("settings", {})
    on.secrets |= script.get("secrets", {})
    ask = channel.past if page.get("past") else channel.pull
    return ask(on, page["stream"], page.get("cursor", ""))
