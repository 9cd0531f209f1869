"""Messages too large to be taken whole: their headers and words, with what is attached named but left on the server."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

LIMIT = 8 * 1024**2
LONGEST_WORDS = 512 * 1024
MOST_PARTS = 200
_REPORTS = ("message/delivery-status", "message/feedback-report", "text/rfc822-headers", "text/plain", "text/html")


class Leaf(Struct, frozen=True):
    """A part as the server describes it (BODYSTRUCTURE). `number` is what it is fetched by."""

    number: str
    type: str
    name: str
    encoding: str
    size: int
    disposition: str


def reduced(client: Any, uid: int) -> tuple[bytes, list[dict[str, Any]]]:
    """(the message without what is attached, what is attached)."""
    answer = client.fetch([uid], ["BODY.PEEK[HEADER]", "BODYSTRUCTURE"]).get(uid, {})
    header, structure = answer.get(b"BODY[HEADER]") or b"", answer.get(b"BODYSTRUCTURE")
    try:
        found = list(leaves(structure))[:MOST_PARTS] if structure else []
        is_whole = bool(structure) and structure.is_multipart
    except (TypeError, ValueError, IndexError, AttributeError):  # no two servers describe odd messages alike
        found, is_whole = [], False
    words = [leaf for leaf in found if leaf.type in _REPORTS and leaf.disposition != "attachment"][:6]
    attached = [{"name": leaf.name, "type": leaf.type, "size": _bytes(leaf)} for leaf in found if leaf not in words]
    if not is_whole:
        text = _piece(client, uid, "TEXT")
        return header + text, attached
    return header + _joined(client, uid, header, words), attached


def _joined(client: Any, uid: int, header: bytes, words: list[Leaf]) -> bytes:
    """The parts with words, between the boundaries that the header names."""
    from ._mail_parts import opened

    boundary = str(opened(header).get_boundary("") or "").encode("utf-8", "replace")
    pieces = []
    for leaf in words:
        head = _piece(client, uid, f"{leaf.number}.MIME")
        pieces.append(b"--" + boundary + b"\r\n" + (head or b"\r\n") + _piece(client, uid, leaf.number) + b"\r\n")
    return b"".join(pieces) + b"--" + boundary + b"--\r\n"


def _piece(client: Any, uid: int, section: str) -> bytes:
    answer = client.fetch([uid], [f"BODY.PEEK[{section}]<0.{LONGEST_WORDS}>"]).get(uid, {})
    return next((value or b"" for key, value in answer.items() if key.startswith(b"BODY[")), b"")


def leaves(part: Any, number: str = "") -> Iterator[Leaf]:
    """The leaves of a BODYSTRUCTURE, numbered as RFC 9051 does; messages within the message stay closed."""
    if part.is_multipart:
        for place, each in enumerate(part[0], 1):
            yield from leaves(each, f"{number}.{place}" if number else str(place))
        return
    kind = f"{_text(part[0])}/{_text(part[1])}".lower()
    extra = {"text": 9, "message": 11 if kind == "message/rfc822" else 8}.get(kind.partition("/")[0], 8)
    disposition: tuple[Any, ...] = part[extra] if len(part) > extra and isinstance(part[extra], tuple) else ()
    name = _named(disposition[1] if len(disposition) > 1 else None, "filename") or _named(part[2], "name")
    told = _text(disposition[0]).lower() if disposition else ""
    yield Leaf(number or "1", kind, name[:200], _text(part[5]).lower(), int(part[6] or 0), told)


def _named(pairs: Any, wanted: str) -> str:
    """A parameter out of its flat list of names and values, also in the spelling of RFC 2231."""
    from ._mail_headers import decoded

    flat = list(pairs) if isinstance(pairs, tuple | list) else []
    told = {_text(key).lower(): _text(value) for key, value in zip(flat[::2], flat[1::2], strict=False)}
    if wanted in told:
        return decoded(told[wanted])
    pieces = [(key, value) for key, value in sorted(told.items()) if key.startswith(f"{wanted}*")]
    charset, _, rest = "".join(value for _, value in pieces).partition("'")
    if not pieces or not pieces[0][0].endswith("*"):  # only parts of one name, none of them encoded
        return "".join(value for _, value in pieces)
    try:
        return unquote(rest.partition("'")[2], charset or "utf-8", "replace")
    except LookupError:
        return unquote(rest.partition("'")[2])


def _bytes(leaf: Leaf) -> int:
    """The size of the content: base64 takes 78 signs with their line end for 57 bytes."""
    return leaf.size * 57 // 78 if leaf.encoding == "base64" else leaf.size


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
