"""Vincle's own open interchange format: JSON lines in UTF-8, one fact about the world a line.

Every line is one JSON object. `type` says what it is; the other members bear the names of `vincle.vocabulary`:

    {"type": "activity", "native_id": "c-17", "happened_at": "2026-03-02T09:14:00Z", "verb": "Create", "object_type": "Note",
     "actor": {"kind": "instagram", "value": "1784001", "name": "Núria"}, "parent_key": "p-4", "thread_key": "p-4",
     "language": "ca", "text": "El Huila d'aquesta setmana és una meravella"}
    {"type": "fact", "native_id": "account-901", "observed_at": "2026-03-02T09:20:00Z", "name": "Núria Serra",
     "handles": [{"kind": "email", "value": "nuria@example.org"}, {"kind": "cookie", "value": "c0ffee"}],
     "traits": {"city": "Girona"}, "tags": ["wholesale"], "consents": [{"permit": "granted", "channel": "email"}]}
    {"type": "retraction", "native_id": "c-17", "happened_at": "2026-03-03T08:00:00Z", "reason": "deleted"}
    {"type": "unknown", "native_id": "x-1", "kind": "fortune told", "happened_at": "2026-03-03T08:00:00Z", "raw": {}}

Moments are RFC 3339 with a zone. Amounts are numbers or strings ("12.50"), with a `currency`. `native_id` names the act
within its source for ever: a line that is read twice changes nothing. A later line with `"op": "correct"` and a `version`
replaces an earlier one of the same `native_id`. Left-out members take the defaults of the vocabulary; members the
vocabulary does not know are kept (of an activity in its `body`, of a fact as traits); a `type` it does not know becomes an Unknown.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, ClassVar

import msgspec

from vincle.vocabulary import Activity, Fact, HandleRef, Item, Outcome, Reject, Retraction, Unknown, Warn

from ._deliveries import summary
from ._identifiers import email
from ._json import load_text
from .base import Channel, FileError, Options, Preview, Sample, Spec

_LONGEST = 16 * 1024 * 1024
_SHOWN, _SAMPLED = 300, 20


class ActivityLine(Activity, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag="activity"):
    pass


class FactLine(Fact, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag="fact"):
    pass


class RetractionLine(Retraction, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag="retraction"):
    pass


class UnknownLine(Unknown, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type", tag="unknown"):
    pass


Line = ActivityLine | FactLine | RetractionLine | UnknownLine
_LINES: dict[str, type[Line]] = {"activity": ActivityLine, "fact": FactLine, "retraction": RetractionLine, "unknown": UnknownLine}
_CLASSES: dict[type[Item], type[Line]] = {Activity: ActivityLine, Fact: FactLine, Retraction: RetractionLine, Unknown: UnknownLine}
_decode = msgspec.json.Decoder(Line).decode
_encoder = msgspec.json.Encoder()
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_PLACE = re.compile(r" - at `\$\.?([^`]*)`").search


def dump(item: Item) -> bytes:
    """One line of the format, with its newline; `read` gives the same item back.

    >>> from datetime import UTC
    >>> dump(Retraction(native_id="c-17", happened_at=datetime(2026, 3, 3, 8, tzinfo=UTC)))
    b'{"type":"retraction","native_id":"c-17","happened_at":"2026-03-03T08:00:00Z"}\\n'
    """
    line = item if isinstance(item, Line) else _CLASSES[type(item)](**{name: getattr(item, name) for name in item.__struct_fields__})
    return _encoder.encode(line) + b"\n"


class VincleLines(Channel):
    spec: ClassVar[Spec] = Spec(
        id="vincle", name="Vincle", icon="link", family="archive", capabilities=frozenset({"file"}),
        handle_kinds=("email", "phone", "cookie", "login", "external"), extensions=("jsonl", "ndjson"),
    )  # fmt: skip

    def recognise(self, sample: Sample) -> float:
        """Certain when a whole first line is one of ours; one broken line in front does not deceive."""
        whole = sample.head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if len(whole) > 1:
            whole.pop()
        return max((_likeness(line) for line in whole[:3]), default=0.0)

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        first: list[Item] = []
        rows = 0
        for outcome in self.read(file, options):
            if not isinstance(outcome, Reject | Warn):
                rows += 1
                first += [outcome] if len(first) < _SAMPLED else []
        return Preview(channel=self.spec.id, vendor=self.spec.name, encoding="utf-8", rows=rows, sample=tuple(map(summary, first)))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        return _items(file, options.now)

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        return _items(io.BytesIO(raw), received_at)


def _likeness(line: bytes) -> float:
    try:
        found = msgspec.json.decode(line)
    except _BROKEN:
        return 0.0
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(kind, str) or kind not in _LINES or "native_id" not in found:
        return 0.0
    return 1.0 if "happened_at" in found or "observed_at" in found else 0.6


def _items(file: BinaryIO, now: datetime) -> Iterator[Outcome]:
    number = 0
    while raw := file.readline(_LONGEST + 1):
        number += 1
        if len(raw) > _LONGEST:
            raise FileError("line_too_long", f"line {number}", number)
        line = (raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).strip()
        if line:
            yield _item(line, number, now)


def _item(line: bytes, number: int, now: datetime) -> Outcome:
    try:
        if b"\\u" in line:  # only there can hide what no database takes: lone surrogates and NUL
            line = _encoder.encode(load_text(line.decode(), number))
        return _sound(_decode(line), line, number)
    except UnicodeDecodeError:
        return _reject(line, number, "invalid_bytes")
    except msgspec.ValidationError:
        return _odd(line, number, now)
    except FileError as error:
        return _reject(line, number, error.code, detail=error.detail)
    except _BROKEN as error:
        return _reject(line, number, "broken_json", detail=str(error))


def _odd(line: bytes, number: int, now: datetime) -> Outcome:
    """A line with members or a type that we do not know, or with values that cannot be."""
    try:
        found = msgspec.json.decode(line)
    except _BROKEN as error:
        return _reject(line, number, "broken_json", detail=str(error))
    if not isinstance(found, dict):
        return _reject(line, number, "not_an_object")
    kind = found.pop("type", None)
    if not isinstance(kind, str) or kind not in _LINES:
        return _unknown(found, kind, line, number, now)
    form = _LINES[kind]
    extra = {name: found.pop(name) for name in list(found) if name not in form.__struct_fields__}
    if form is ActivityLine and extra:
        found["body"] = {**extra, **_mapping(found.get("body"))}
    elif form is FactLine and extra:
        found["traits"] = {**extra, **_mapping(found.get("traits"))}
    try:
        return _sound(msgspec.convert({"type": kind, **found}, form), line, number)
    except msgspec.ValidationError as error:
        place = _PLACE(str(error))
        return _reject(line, number, "invalid_value", place[1] if place else "", str(error).partition(" - at")[0])


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _unknown(found: dict[str, Any], kind: Any, line: bytes, number: int, now: datetime) -> Outcome:
    if not isinstance(kind, str) or not kind:
        return _reject(line, number, "no_type", "type")
    if not isinstance(found.get("native_id"), str):
        return _reject(line, number, "no_id", "native_id")
    try:
        at = msgspec.convert(found.get("happened_at"), datetime)
    except msgspec.ValidationError:
        at = now
    return Unknown(native_id=found["native_id"], kind=kind, happened_at=at if at.tzinfo else now, raw=found)


def _sound(item: Line, line: bytes, number: int) -> Outcome:
    """What the types cannot say: an id, a zone on each moment, handles that identify."""
    if not item.native_id:
        return _reject(line, number, "no_id", "native_id")
    name = "observed_at" if isinstance(item, FactLine) else "happened_at"
    if getattr(item, name).tzinfo is None:
        return _reject(line, number, "no_time_zone", name, getattr(item, name).isoformat())
    if isinstance(item, FactLine):
        return _sound_fact(item, line, number)
    if isinstance(item, ActivityLine):
        for name in ("actor", "target"):
            ref = getattr(item, name)
            if ref and _normal(ref) != ref:
                return _reject(line, number, "invalid_handle", name, f"{ref.kind}: {ref.value}")
    return item


def _sound_fact(item: FactLine, line: bytes, number: int) -> Outcome:
    if not item.handles:
        return _reject(line, number, "no_handle", "handles")
    for ref in item.handles:
        if _normal(ref) != ref:
            return _reject(line, number, "invalid_handle", "handles", f"{ref.kind}: {ref.value}")
    if any(each and each.tzinfo is None for consent in item.consents for each in (consent.at, consent.until)):
        return _reject(line, number, "no_time_zone", "consents")
    return item


def _normal(ref: HandleRef) -> HandleRef | None:
    """The handle if its value can identify as it stands: not empty, an e-mail in its normal form."""
    if not ref.kind or not ref.value:
        return None
    return ref if ref.kind != "email" or email(ref.value) == ref.value else None


def _reject(line: bytes, number: int, code: str, field: str = "", detail: str = "") -> Reject:
    return Reject(line=number, code=code, field=field[:120], detail=detail[:_SHOWN], raw=line[:2000].decode("utf-8", "replace"))


channel = VincleLines()
