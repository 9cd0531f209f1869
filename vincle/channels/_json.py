"""Reading JSON as platforms send it: any shape is survived, a broken text is told by its place."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, BinaryIO

from vincle.vocabulary import Fact, HandleRef, Reject, Unknown

from ._text import decode
from .base import FileError

MAX_BYTES = 512 * 1024 * 1024
MAX_LINE = 16 * 1024 * 1024
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_EARLIEST = 100_000_000
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def decoded(raw: bytes) -> str:
    """The text of JSON bytes, whatever they are encoded in; the common case at once."""
    if b"\x00" not in raw:
        try:
            return raw.decode().removeprefix("\ufeff")
        except UnicodeDecodeError:
            pass
    return decode(raw).removeprefix("\ufeff")


def load(raw: bytes) -> Any:
    """The value of a JSON text. FileError `broken_json` or `truncated_json` with the line."""
    return load_text(decoded(raw))


def load_text(text: str, first_line: int = 1) -> Any:
    """As `load`, for text that starts on `first_line` of its file."""
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as fault:
        truncated = fault.pos >= len(text.rstrip()) or fault.msg.startswith("Unterminated string")
        line = first_line + fault.lineno - 1
        raise FileError("truncated_json" if truncated else "broken_json", f"column {fault.colno}", line) from fault
    except (RecursionError, ValueError) as fault:
        raise FileError("broken_json", "nested too deeply or a number too long", first_line) from fault
    return _storable(value) if _ODD_ESCAPE.search(text) else value


def _storable(value: Any) -> Any:
    """No lone surrogates and no NUL: databases refuse both."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def documents(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    """(line, value) of each document: one JSON text, or JSON lines read one by one; a broken line comes as a Reject."""
    if not _is_lines(file):
        raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise FileError("file_too_large", f"more than {MAX_BYTES // 1024 // 1024} MB in one JSON text")
        yield 1, load(raw)
        return
    number = 0
    while raw := file.readline(MAX_LINE + 1):
        number += 1
        if len(raw) > MAX_LINE:
            raise FileError("line_too_long", f"line {number}", number)
        if raw.strip(b" \t\r\n\xef\xbb\xbf,"):
            yield number, _line(raw.strip().rstrip(b","), number)


def _line(raw: bytes, number: int) -> Any:
    try:
        return load_text(decoded(raw), number)
    except FileError as fault:
        return Reject(line=number, code=fault.code, detail=fault.detail, raw=decoded(raw)[:500])


def _is_lines(file: BinaryIO) -> bool:
    """JSON lines: the first line that is not blank is a whole value, and another follows."""
    whole = False
    found = 0
    while found < 2 and (raw := file.readline(MAX_LINE + 1)):
        if not raw.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        found += 1
        if found == 1:
            whole = raw[:2] not in (b"\xff\xfe", b"\xfe\xff") and not isinstance(_line(raw, 1), Reject)
    file.seek(0)
    return whole and found == 2


def beginning(head: bytes) -> list[Any]:
    """Values at the beginning of a file that may be cut anywhere: whole lines, else one text closed where it was cut."""
    values = []
    for line in head.split(b"\n")[:5]:
        try:
            values.append(load(line))
        except FileError:
            break
    if values and isinstance(values[0], dict | list):
        return values
    try:
        return [load(head)]
    except FileError:
        pass
    try:
        return [load_text(_closed(decoded(head)))]
    except FileError:
        return []


def _closed(text: str) -> str:
    """A cut JSON text up to its last whole member, with the open brackets closed."""
    stack: list[str] = []
    cut, closing = 0, ""
    quoted = escaped = False
    for place, letter in enumerate(text):
        if quoted:
            quoted, escaped = escaped or letter != '"', not escaped and letter == "\\"
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            stack.append("}" if letter == "{" else "]")
        elif letter in "}]" and stack:
            stack.pop()
            cut, closing = place + 1, "".join(reversed(stack))
        elif letter == "," and stack:
            cut, closing = place, "".join(reversed(stack))
    return text[:cut] + closing


def obj(value: Any) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objs(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a single object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    """A string or number as text; anything else is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    try:
        return str(value)
    except ValueError:
        return ""


def texts(value: Any) -> tuple[str, ...]:
    """The non-empty texts of a list, or of a single value."""
    return tuple(found for item in (value if isinstance(value, list) else [value]) if (found := text(item)))


def at(value: Any, *path: str) -> Any:
    """What stands at a path of keys, or None."""
    for key in path:
        value = obj(value).get(key)
    return value


def first(value: Mapping[str, Any], *keys: str) -> str:
    """The first non-empty text among these keys."""
    return next((found for key in keys if (found := text(value.get(key)))), "")


def number(value: Any) -> float | None:
    """A finite number, also when written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 1e300 else None


def when(value: Any, default: datetime) -> datetime:
    """A moment in UTC from seconds, milliseconds or microseconds since 1970, or ISO 8601; `default` when it is none."""
    found = number(value)
    if found is None:
        return _iso(value, default) if isinstance(value, str) else default
    for _ in range(3):
        if found > _LATEST:
            found /= 1000
    return datetime.fromtimestamp(found, UTC) if _EARLIEST <= found < _LATEST else default


def _iso(value: str, default: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return default


def digest(*values: Any) -> str:
    """A short name that equal values share, for things their platform gives no id."""
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=True, default=str, separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=12).hexdigest()


def fact(native_id: str, **fields: Any) -> Fact:
    """A Fact named by what it says: said again it is the same, a changed profile is another one beside it."""
    known = Fact(native_id=native_id, **fields)
    said = (known.handles, known.name, known.kind, known.traits, known.tags, known.consents)
    return Fact(native_id=f"{native_id}:{digest(*(str(part) for part in said))}", **fields)


def username(network: str, name: str) -> HandleRef:
    """The handle of a user name, which its owner may change: a kind of its own beside the lasting id."""
    bare = name.strip().removeprefix("@")
    return HandleRef(f"{network}_username", bare.lower(), bare)


def unknown(kind: str, raw: Any, happened_at: datetime) -> Unknown:
    """What a channel has no word for, named by its content."""
    content = raw if isinstance(raw, dict) else {"value": raw}
    return Unknown(native_id=f"unknown:{digest(kind, raw)}", kind=kind[:100], happened_at=happened_at, raw=content)
