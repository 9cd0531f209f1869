"""The interchange format: what is dumped is read again, what cannot be is told by its line."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from vincle.channels import vincle_jsonl
from vincle.channels.base import FileError, Options, Sample
from vincle.channels.vincle_jsonl import channel, dump
from vincle.vocabulary import Activity, ConsentFact, Fact, HandleRef, ObjectType, Permit, Reject, Retraction, Unknown, Verb

NOW = datetime(2026, 3, 4, tzinfo=UTC)
ANA = HandleRef("email", "ana@example.org", "Ana")
ORDER = Activity(
    verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id="o-1", happened_at=NOW, actor=ANA, amount=Decimal("12.50"), currency="EUR",
    props={"items": [{"sku": "A", "quantity": 2}]}, hashtags=("cafè",), text="Núria «ç» ☕",
)  # fmt: skip
KNOWN = Fact(
    native_id="a-1", observed_at=NOW, handles=(ANA, HandleRef("cookie", "c")), name="Ana Gil", tags=("vip",), traits={"city": "Girona"},
    consents=(ConsentFact(Permit.GRANTED, at=NOW),),
)  # fmt: skip


def _read(*lines: Any) -> list[Any]:
    raw = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return list(channel.read(io.BytesIO(raw), Options(file_key="k", now=NOW)))


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__struct_fields__}


GONE = Retraction(native_id="o-1", happened_at=NOW, reason="hidden")
ODD = Unknown(native_id="u", kind="dance", happened_at=NOW)
LIKE = {"type": "activity", "native_id": "1", "happened_at": "2026-03-04T00:00:00Z", "verb": "Like", "object_type": "Note", "actor": None}
FACT = {"type": "fact", "native_id": "2", "observed_at": "2026-03-04T00:00:00Z", "handles": [{"kind": "cookie", "value": "c"}]}


@pytest.mark.parametrize("item", [ORDER, KNOWN, GONE, ODD])
def test_what_is_dumped_is_read_again(item: Any) -> None:
    (found,) = _read(dump(item))
    assert isinstance(found, type(item))
    assert _fields(found) == _fields(item)
    assert dump(found) == dump(item)


def test_the_documented_lines_are_read_and_recognised() -> None:
    raw = "\n".join(_documented()).encode()
    found = _read(raw)
    assert [type(item).__mro__[1] for item in found] == [Activity, Fact, Retraction, Unknown]
    assert channel.recognise(Sample(head=raw, size=len(raw))) == 1.0


def _documented() -> Iterator[str]:
    for block in (vincle_jsonl.__doc__ or "").split("\n    {")[1:]:
        yield "{" + " ".join(block.split("\n\n")[0].split())


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (b"{broken", "broken_json", ""),
        (b"\xff\xfe{", "broken_json", ""),
        ([1, 2], "not_an_object", ""),
        ({"native_id": "1"}, "no_type", "type"),
        ({"type": ["activity"], "native_id": "1"}, "no_type", "type"),
        ({"type": "dance"}, "no_id", "native_id"),
        ({**LIKE, "native_id": ""}, "no_id", "native_id"),
        ({**LIKE, "happened_at": "2026-03-04T00:00:00"}, "no_time_zone", "happened_at"),
        ({**LIKE, "verb": "Hug"}, "invalid_value", "verb"),
        ({**LIKE, "actor": {"kind": "email", "value": "Ana@Example.org"}}, "invalid_handle", "actor"),
        ({**FACT, "handles": []}, "no_handle", "handles"),
        ({**FACT, "handles": [{"kind": "phone", "value": ""}]}, "invalid_handle", "handles"),
    ],
)
def test_what_cannot_go_in_is_told_by_line_and_field(line: Any, code: str, field: str) -> None:
    good, bad = _read(dump(ORDER).strip(), line)
    assert _fields(good) == _fields(ORDER)
    assert isinstance(bad, Reject)
    assert (bad.line, bad.field) == (2, field)
    assert bad.code in (code, "invalid_bytes")


def test_unknown_members_are_kept_and_unknown_types_are_no_error() -> None:
    liked, known, danced = _read({**LIKE, "mood": "blue"}, {**FACT, "shoe": 38}, {"type": "dance", "native_id": "3", "partner": "Ana"})
    assert liked.body == {"mood": "blue"}
    assert known.traits == {"shoe": 38}
    assert isinstance(danced, Unknown)
    assert (danced.kind, danced.happened_at, danced.raw["partner"]) == ("dance", NOW, "Ana")


def test_no_lone_surrogate_and_no_nul_comes_through() -> None:
    line = dump(ORDER).replace("Núria".encode(), b"a\\ud83d b\\u0000")
    (found,) = _read(line)
    found.text.encode()
    assert "\x00" not in found.text


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vincle_jsonl, "_LONGEST", 100)
    with pytest.raises(FileError, match="line_too_long"):
        _read(dump(ORDER), b"x" * 500)


def test_other_json_lines_are_not_ours() -> None:
    for head in (b'{"object": "page", "entry": []}\n', b'{"type": "Note", "id": "1"}\n', b"[]", b"", b"a,b\n1,2\n"):
        assert channel.recognise(Sample(head=head, size=len(head))) == 0.0
