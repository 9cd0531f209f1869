"""The laws of a channel, run over every channel there is and over each of its own payloads (tests/channels/<id>/*)."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.channels import registry
from vincle.channels.base import Capability, Channel, Family, FileError, Options, Sample
from vincle.vocabulary import Activity, Fact, HandleRef, Outcome, Reject, Retraction, Unknown, Warn

PAYLOADS = Path(__file__).resolve().parents[1] / "channels"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
OPTIONS = Options(file_key="f" * 64, now=NOW)
CHANNELS = registry.channels()
# Files that say a thing twice on purpose, to show that the log keeps it once.
REPEATS = {("orders", "generic_es.csv"), ("posts", "damaged_ids.csv"), ("posts", "mentions.csv")}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["", "0", "-1", "1e999", "\ud83d", "\x00", "https://["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def payloads(wanted: frozenset[str] = frozenset()) -> list[Any]:
    """(channel id, file) of every payload of the channels that have these capabilities."""
    return [
        pytest.param(name, path, id=f"{name}-{path.name}")
        for name, channel in sorted(CHANNELS.items())
        if wanted <= channel.spec.capabilities
        for path in sorted((PAYLOADS / name).glob("*"))
        if path.is_file()
    ]


def read(channel: Channel, raw: bytes, options: Options = OPTIONS) -> list[Outcome]:
    """What a payload says; a channel that reads no files takes it as a delivery."""
    if "file" not in channel.spec.capabilities:
        return list(channel.parse(raw, options.now))
    return list(channel.read(io.BytesIO(raw), options))


def key(item: Outcome) -> tuple[str, ...]:
    """What the log tells two items apart by: an assertion by its id alone, a correction or retraction by its version too."""
    op = "retract" if isinstance(item, Retraction) else str(getattr(item, "op", "assert"))
    return op, item.native_id, "" if op == "assert" else str(getattr(item, "version", ""))


def news(outcomes: list[Outcome]) -> list[Any]:
    return [item for item in outcomes if not isinstance(item, Reject | Warn)]


def shape(item: Outcome) -> tuple[str, ...]:
    """What an item says, without the ids that are made from its whole content."""
    if isinstance(item, Activity):
        return "Activity", item.verb, item.object_type, item.actor.value if item.actor else "", item.text, item.happened_at.isoformat()
    if isinstance(item, Fact):
        return "Fact", *sorted(handle.value for handle in item.handles)
    return (type(item).__name__,)


def handles(item: Outcome) -> Iterator[HandleRef]:
    if isinstance(item, Fact):
        yield from item.handles
    if isinstance(item, Activity):
        yield from (handle for handle in (item.actor, item.target) if handle is not None)


def times(item: Outcome) -> Iterator[datetime]:
    yield from (getattr(item, name) for name in ("happened_at", "observed_at") if hasattr(item, name))
    for consent in getattr(item, "consents", ()):
        if consent.at is not None:
            yield consent.at


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(name)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def widened(value: Any) -> Any:
    """A JSON value with a field in each object that no platform sends yet."""
    if isinstance(value, dict):
        return {name: widened(inner) for name, inner in value.items()} | {"sent_since_2031": {"deep": [1, None, "x"]}}
    return [widened(inner) for inner in value] if isinstance(value, list) else value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within a JSON value."""
    yield path
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A JSON value with something else at one place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def documents(raw: bytes, path: Path) -> list[Any]:
    """The JSON values of a payload; lines that are broken on purpose are left out."""
    found = []
    for line in raw.splitlines() if path.suffix == ".jsonl" else [raw]:
        with suppress(ValueError):
            found.append(json.loads(line))
    return found


def survives(channel: Channel, raw: bytes) -> None:
    """Whatever the bytes are, nothing but FileError comes out."""
    channel.recognise(Sample(head=raw[: registry.HEAD], size=len(raw), name="x"))
    calls: list[Any] = []
    if "file" in channel.spec.capabilities:
        calls += [lambda: read(channel, raw), lambda: channel.preview(io.BytesIO(raw), OPTIONS)]
    if "webhook" in channel.spec.capabilities:
        calls.append(lambda: list(channel.parse(raw, NOW)))
    for call in calls:
        refused = ""
        try:
            call()
        except FileError as refusal:
            refused = refusal.code
        assert re.fullmatch(r"[a-z_]*", refused), refused


@pytest.mark.parametrize("name", sorted(CHANNELS))
class TestEveryChannel:
    def test_says_what_it_is(self, name: str) -> None:
        spec = CHANNELS[name].spec
        assert re.fullmatch(r"[a-z][a-z_0-9]*", spec.id)
        assert spec.name
        assert re.fullmatch(r"[a-z0-9-]+", spec.icon)
        assert spec.family in get_args(Family)
        assert spec.capabilities <= set(get_args(Capability))
        assert all(re.fullmatch(r"\.?[a-z0-9]+", extension) for extension in spec.extensions)
        assert spec.version >= 1

    def test_has_a_payload(self, name: str) -> None:
        if not CHANNELS[name].spec.capabilities:
            pytest.skip("takes nothing from outside")
        assert any(path.is_file() for path in (PAYLOADS / name).glob("*")), f"tests/channels/{name}/ holds no payload"

    def test_does_only_what_it_claims(self, name: str) -> None:
        channel = CHANNELS[name]
        if "file" not in channel.spec.capabilities:
            with pytest.raises(FileError):
                list(channel.read(io.BytesIO(b"{}"), OPTIONS))
        if not channel.spec.capabilities:
            assert channel.recognise(Sample(head=b"{}", size=2)) == 0

    def test_keeps_what_it_does_not_know(self, name: str) -> None:
        channel = CHANNELS[name]
        if "webhook" in channel.spec.capabilities:
            found = list(channel.parse(b'{"surprise": {"of": "2031"}}', NOW))
            assert [type(item) for item in found] == [Unknown]
            assert found == list(channel.parse(b'{"surprise": {"of": "2031"}}', NOW))

    @FEW
    @given(raw=st.binary(max_size=300))
    def test_survives_any_bytes(self, name: str, raw: bytes) -> None:
        survives(CHANNELS[name], raw)

    @FEW
    @given(value=ANYTHING)
    def test_survives_any_json(self, name: str, value: Any) -> None:
        survives(CHANNELS[name], json.dumps(value).encode())

    def test_survives_depth_and_size(self, name: str) -> None:
        survives(CHANNELS[name], b"[" * 50_000)
        survives(CHANNELS[name], b'{"a":' * 50_000)
        survives(CHANNELS[name], b'{"update_id": 1' + b"0" * 5000 + b"}")


@pytest.mark.parametrize(("name", "path"), payloads())
class TestEveryPayload:
    def test_is_recognised_by_its_content(self, name: str, path: Path) -> None:
        if "file" not in CHANNELS[name].spec.capabilities:
            return
        with path.open("rb") as file:
            assert registry.recognise(file, "unnamed").spec.id == name

    def test_says_something(self, name: str, path: Path) -> None:
        assert read(CHANNELS[name], path.read_bytes())

    def test_gives_the_same_twice(self, name: str, path: Path) -> None:
        raw = path.read_bytes()
        assert read(CHANNELS[name], raw) == read(CHANNELS[name], raw)

    def test_ids_do_not_depend_on_the_hour_of_import(self, name: str, path: Path) -> None:
        raw, later = path.read_bytes(), Options(file_key=OPTIONS.file_key, now=NOW + timedelta(days=3))
        assert [key(item) for item in news(read(CHANNELS[name], raw))] == [key(item) for item in news(read(CHANNELS[name], raw, later))]

    def test_ids_are_unique(self, name: str, path: Path) -> None:
        counts = Counter(key(item) for item in news(read(CHANNELS[name], path.read_bytes())))
        twice = [found for found, count in counts.items() if count > 1]
        assert not twice or (name, path.name) in REPEATS, twice[:3]

    def test_times_are_utc(self, name: str, path: Path) -> None:
        for item in news(read(CHANNELS[name], path.read_bytes())):
            assert all(moment.utcoffset() == timedelta(0) for moment in times(item)), item

    def test_handles_are_normal(self, name: str, path: Path) -> None:
        for item in news(read(CHANNELS[name], path.read_bytes())):
            for handle in handles(item):
                assert handle.kind
                assert handle.value.strip() == handle.value != ""
                if handle.kind == "email":
                    assert re.fullmatch(r"[^\s@A-Z]+@[^\s@A-Z]+", handle.value)
                if handle.kind == "phone":
                    assert re.fullmatch(r"\+\d{7,15}", handle.value)

    def test_can_be_stored(self, name: str, path: Path) -> None:
        for item in read(CHANNELS[name], path.read_bytes()):
            plain = msgspec.to_builtins(item)
            assert msgspec.json.encode(plain)
            assert not [text for text in texts(plain) if "\x00" in text]

    def test_what_is_retracted_has_a_reason(self, name: str, path: Path) -> None:
        gone = [item for item in read(CHANNELS[name], path.read_bytes()) if isinstance(item, Retraction)]
        assert all(item.reason and item.native_id for item in gone)

    def test_preview_agrees(self, name: str, path: Path) -> None:
        if "file" not in CHANNELS[name].spec.capabilities:
            return
        preview = CHANNELS[name].preview(io.BytesIO(path.read_bytes()), OPTIONS)
        assert preview.channel == name
        assert preview.rows is None or preview.rows >= 0

    def test_tolerates_new_fields(self, name: str, path: Path) -> None:
        if CHANNELS[name].spec.family not in ("webhook", "archive", "feed") or path.suffix not in (".json", ".jsonl"):
            return
        raw = path.read_bytes()
        lines = raw.splitlines() if path.suffix == ".jsonl" else [raw]
        wider = b"\n".join(json.dumps(widened(json.loads(line))).encode() for line in lines if line.strip())
        assert Counter(shape(item) for item in read(CHANNELS[name], wider)) == Counter(shape(item) for item in read(CHANNELS[name], raw))

    @FEW
    @given(data=st.data())
    def test_survives_damage(self, name: str, path: Path, data: st.DataObject) -> None:
        raw = path.read_bytes()
        cut = data.draw(st.integers(0, len(raw)))
        survives(CHANNELS[name], raw[:cut])
        start, junk = data.draw(st.integers(0, len(raw))), data.draw(st.binary(min_size=1, max_size=8))
        survives(CHANNELS[name], raw[:start] + junk + raw[start + len(junk) :])


@pytest.mark.parametrize(("name", "path"), [each for each in payloads() if str(each.values[1]).endswith((".json", ".jsonl"))])
@settings(FEW, max_examples=40)
@given(data=st.data())
def test_any_field_may_hold_anything(name: str, path: Path, data: st.DataObject) -> None:
    raw = path.read_bytes()
    document = data.draw(st.sampled_from(documents(raw, path)))
    changed = document
    for _ in range(2):
        changed = replaced(changed, data.draw(st.sampled_from(list(places(changed)))), data.draw(ANYTHING))
    survives(CHANNELS[name], json.dumps(changed).encode())


@pytest.mark.parametrize(("name", "path"), payloads(frozenset({"file", "webhook"})))
def test_a_delivery_says_what_its_file_says(name: str, path: Path) -> None:
    """`parse` of each delivery gives what `read` gives of the file that holds them."""
    raw = path.read_bytes()
    deliveries = raw.splitlines() if path.suffix == ".jsonl" else [raw]
    parsed = [item for delivery in deliveries if delivery.strip() for item in CHANNELS[name].parse(delivery, NOW)]
    assert {key(item) for item in news(parsed)} == {key(item) for item in news(read(CHANNELS[name], raw))}
