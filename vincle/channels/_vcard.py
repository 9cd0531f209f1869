"""vCard as it is found: the lines of 2.1, 3.0 and 4.0, jCard (RFC 7095) and xCard (RFC 6351), all as properties."""

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree import ElementTree

from msgspec import Struct

from . import _json as js
from ._text import decode, find_encoding, open_text, strip_controls
from .base import FileError

XCARD = "urn:ietf:params:xml:ns:vcard-4.0"
MAX_VALUE = 200_000
_BINARY = {"PHOTO", "LOGO", "SOUND", "KEY"}
_HEAD = re.compile(rb"^\s*(?:[\w-]+\.)?([A-Za-z][\w-]*)[;:]")
_PARAMETER = re.compile(r';((?:"[^"]*"|[^";])*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}


class Property(Struct, frozen=True):
    """One property: `parts` are the components of a structured value, each with its values; `types` in lower case."""

    name: str
    parts: tuple[tuple[str, ...], ...]
    types: frozenset[str] = frozenset()
    params: dict[str, str] = {}
    group: str = ""

    @property
    def text(self) -> str:
        return ";".join(",".join(values) for values in self.parts).strip()

    def part(self, place: int) -> str:
        return " ".join(self.parts[place]).strip() if place < len(self.parts) else ""

    @property
    def preferred(self) -> bool:
        return "pref" in self.types or self.params.get("PREF") == "1"


class Card(Struct, frozen=True):
    """A card with the line it starts on; `fault` says why it cannot be read."""

    line: int
    properties: tuple[Property, ...] = ()
    fault: str = ""
    detail: str = ""


def cards(file: BinaryIO) -> Iterator[Card]:
    """Every card of a file in any of the three forms. Raises FileError."""
    file.seek(0)
    start = decode(file.read(4096)).lstrip("\ufeff \t\r\n")
    file.seek(0)
    if start.startswith("["):
        yield from _jcards(js.load(file.read(js.MAX_BYTES)))
    elif start.startswith("<"):
        yield from _xcards(decode(file.read(js.MAX_BYTES)))
    else:
        yield from _plain_cards(file)


def _plain_cards(file: BinaryIO) -> Iterator[Card]:
    encoding = find_encoding(file)[0]
    begun = depth = found = 0
    properties: list[Property] = []
    for line, raw in _logical(_lines(file, encoding)):
        head = raw.strip().upper()
        if head == b"BEGIN:VCARD":
            if begun and properties and properties[-1].name == "AGENT":
                depth += 1
                continue
            if begun:
                yield Card(begun, fault="card_not_closed")
            begun, depth, properties = line, 0, []
            found += 1
        elif head == b"END:VCARD" and depth:
            depth -= 1
        elif head == b"END:VCARD" and begun:
            yield Card(begun, tuple(properties))
            begun = 0
        elif begun and not depth and (read := _property(raw, encoding)):
            properties.append(read)
    if begun:
        yield Card(begun, fault="card_not_closed")
    if not found:
        raise FileError("no_cards")


def _lines(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Lines as bytes of an ASCII-compatible encoding; all three kinds of line end."""
    file.seek(0)
    if encoding.startswith(("utf-16", "utf-32")):
        text = open_text(file, encoding)
        for line in text:
            yield from line.encode("utf-8", "replace").removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").splitlines()
        text.detach()
        return
    for place, raw in enumerate(file):
        unmarked = raw.removeprefix(b"\xef\xbb\xbf") if place == 0 else raw
        yield from unmarked.rstrip(b"\r\n").split(b"\r")


def _logical(lines: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Unfolded lines with their numbers. The content of pictures and keys is dropped as it passes."""
    held: list[bytes] = []
    start, size = 0, 0
    soft = False
    for number, line in enumerate(lines, 1):
        if soft or (held and line[:1] in (b" ", b"\t")):
            piece = line if soft else line[1:]
            if size < MAX_VALUE:
                held.append(b"\n" + piece if soft else piece)
                size += len(piece)
        elif held and line.strip() and not _HEAD.match(line):
            held.append(b"\n" + line if size < MAX_VALUE else b"")
            size += len(line)
        else:
            if held:
                yield start, b"".join(held)
            held, start, size = ([line], number, len(line)) if line.strip() else ([], number, 0)
        soft = bool(held) and line.rstrip().endswith(b"=") and b"QUOTED-PRINTABLE" in held[0].split(b":")[0].upper()
    if held:
        yield start, b"".join(held)


def _property(raw: bytes, encoding: str) -> Property | None:
    matched = _HEAD.match(raw)
    if not matched:
        return None
    name = matched[1].decode("ascii").upper()
    head, value = _halves(raw)
    if value is None:
        return None
    group, _, rest = head.partition(".") if b"." in raw[: matched.end()] else ("", "", head)
    types, params = _parameters(rest)
    if name in _BINARY and not value.lstrip()[:8].lower().startswith((b"http://", b"https:/")):
        return Property(name, ((),), types, params)
    text = _decoded(value, params, encoding)
    return Property(name, _parts(name, text), types, params, group.strip().lower())


def _halves(raw: bytes) -> tuple[str, bytes | None]:
    """Name with parameters, and value: divided by the first colon outside quotes."""
    quoted = False
    for place, byte in enumerate(raw[:20_000]):
        if byte == 0x22:
            quoted = not quoted
        elif byte == 0x3A and not quoted:
            return raw[:place].decode("utf-8", "replace"), raw[place + 1:]
    head, colon, value = raw.partition(b":")
    return head.decode("utf-8", "replace"), value if colon else None


def _parameters(head: str) -> tuple[frozenset[str], dict[str, str]]:
    """The types (2.1 writes them bare) and the other parameters."""
    types: set[str] = set()
    params: dict[str, str] = {}
    for written in _PARAMETER.findall(head):
        key, equals, value = written.partition("=")
        key, value = key.strip().upper(), re.sub(r"\^[n'^]", lambda caret: _CARET[caret[0]], value.strip().strip('"'))
        if not equals and key in ("QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"):
            params["ENCODING"] = key
        elif not equals:
            types.add(key.lower())
        elif key == "TYPE":
            types.update(part.strip().lower() for part in value.split(","))
        else:
            params[key] = value
    return frozenset(types), params


def _decoded(value: bytes, params: dict[str, str], encoding: str) -> str:
    how = params.get("ENCODING", "").upper()
    if how == "QUOTED-PRINTABLE":
        value = quopri.decodestring(value)
    elif how in ("B", "BASE64"):
        try:
            value = binascii.a2b_base64(value)
        except binascii.Error:
            return ""
    own = params.get("CHARSET", "")
    for charset in (own,) if own else ("utf-8", encoding):
        try:
            text = value.decode(codecs.lookup(charset).name)
            break
        except (LookupError, UnicodeDecodeError, UnicodeEncodeError, ValueError):
            continue
    else:
        text = decode(value)
    return strip_controls(text.replace("\r\n", "\n").replace("\r", "\n"))


def _parts(name: str, text: str) -> tuple[tuple[str, ...], ...]:
    """A value divided at its bare semicolons and commas, then unescaped."""
    structured = name in ("N", "ADR", "ORG", "GENDER")
    listed = name in ("N", "ADR", "CATEGORIES", "NICKNAME")
    pieces = _split(text, ";") if structured else [text]
    return tuple(tuple(_unescaped(value) for value in (_split(piece, ",") if listed else [piece])) for piece in pieces)


def _split(text: str, mark: str) -> list[str]:
    return re.split(rf"(?<!\\){mark}", text)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _jcards(value: Any) -> Iterator[Card]:
    """jCard: ["vcard", [[name, parameters, type, value ...] ...]], alone or several in an array."""
    several = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    for place, card in enumerate(several, 1):
        if not (isinstance(card, list) and len(card) > 1 and card[0] == "vcard" and isinstance(card[1], list)):
            yield Card(place, fault="not_a_card", detail=f"card {place}")
            continue
        yield Card(place, tuple(found for each in card[1] if (found := _jproperty(each))))


def _jproperty(each: Any) -> Property | None:
    if not isinstance(each, list) or len(each) < 4 or not isinstance(each[0], str):
        return None
    params = js.obj(each[1])
    values = [_jvalue(value) for value in each[3:]]
    structured = isinstance(each[3], list)
    parts = tuple(values[0]) if structured else (tuple(text for value in values for part in value for text in part),)
    plain = {key.upper(): js.text(value) for key, value in params.items() if key not in ("type", "group")}
    return Property(each[0].upper(), parts, frozenset(kind.lower() for kind in js.texts(params.get("type"))), plain,
                    js.text(params.get("group")).lower())


def _jvalue(value: Any) -> list[tuple[str, ...]]:
    return [js.texts(part) for part in value] if isinstance(value, list) else [(js.text(value),)]


def _xcards(text: str) -> Iterator[Card]:
    """xCard. A document type or an entity is refused: neither has a place in a card, both can harm."""
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise FileError("xml_entities_refused")
    try:
        root = ElementTree.fromstring(text.encode("utf-8", "replace") if not text.startswith("<?xml") else text)
    except (ElementTree.ParseError, ValueError, RecursionError) as fault:
        line = getattr(fault, "position", (0, 0))[0]
        raise FileError("broken_xml", str(fault)[:200], line) from fault
    found = [root] if _tag(root) == "vcard" else [element for element in root.iter() if _tag(element) == "vcard"]
    if not found:
        raise FileError("no_cards")
    for place, card in enumerate(found, 1):
        yield Card(place, tuple(read for element in _grouped(card) if (read := _xproperty(element))))


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _grouped(card: ElementTree.Element) -> Iterator[ElementTree.Element]:
    for element in card:
        if _tag(element) == "group":
            yield from element
        else:
            yield element


def _xproperty(element: ElementTree.Element) -> Property | None:
    types: set[str] = set()
    params: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for child in element:
        if _tag(child) == "parameters":
            for parameter in child:
                written = [strip_controls("".join(value.itertext())).strip() for value in parameter]
                if _tag(parameter) == "type":
                    types.update(kind.lower() for kind in written)
                elif written:
                    params[_tag(parameter).upper()] = written[0]
        else:
            values.setdefault(_tag(child), []).append(strip_controls("".join(child.itertext())).strip())
    order = {"n": ("surname", "given", "additional", "prefix", "suffix"),
             "adr": ("pobox", "ext", "street", "locality", "region", "code", "country")}.get(_tag(element))
    if order:
        parts = tuple(tuple(values.get(key, [])) for key in order)
    else:
        parts = (tuple(text for texts in values.values() for text in texts),)
        if _tag(element) == "org":
            parts = tuple((text,) for text in parts[0])
    return Property(_tag(element).upper(), parts, frozenset(types), params)
