"""Bytes to characters, and characters to plain text: encodings, mojibake, control characters, HTML."""

import codecs
import html
import io
import re
from typing import BinaryIO

import nh3

_CHUNK = 1 << 20
_WIDE = (((0, 1, 1, 1), "utf-32-le"), ((1, 1, 1, 0), "utf-32-be"), ((0, 1, 0, 1), "utf-16-le"), ((1, 0, 1, 0), "utf-16-be"))
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_WHOLE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_TRUNCATED = re.compile(rb"[\xe0-\xef][\x80-\xbf](?![\x80-\xbf])|[\xf0-\xf4][\x80-\xbf]{1,2}(?![\x80-\xbf])|[\xe0-\xf4][\x80-\xbf]{1,2}\Z")
_HIGH = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_MOJIBAKE = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
                       r"\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]")
_TAGS = re.compile(r"<[a-zA-Z/!?]")
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)
_OPENING = re.compile(r"<(?!script\b|style\b)[a-zA-Z][^<>]*>", re.IGNORECASE)
_MANY_TAGS = 20_000
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


def _undefined(error: UnicodeError) -> tuple[str, int]:
    """cp1252 leaves five bytes undefined; they are read as Latin-1 reads them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start:error.end].decode("latin-1"), error.end


codecs.register_error("vincle-latin", _undefined)


def errors_for(encoding: str) -> str:
    """How bytes that `encoding` does not know are read: cp1252 as Latin-1, others as U+FFFD."""
    return "vincle-latin" if encoding == "cp1252" else "replace"


def wide_encoding(head: bytes) -> str:
    """The encoding a byte order mark or the pattern of NUL bytes tells, else ''.

    >>> wide_encoding(b"\\xef\\xbb\\xbfname"), wide_encoding("name".encode("utf-16-le")), wide_encoding(b"name")
    ('utf-8-sig', 'utf-16-le', '')
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    start = head[:1024]
    start = start[: len(start) // 4 * 4]
    if len(start) < 4 or b"\x00" not in start:
        return ""
    nuls = [start[place::4].count(0) / (len(start) // 4) for place in range(4)]
    for pattern, name in _WIDE:
        if all(share > 0.7 if wanted else share < 0.3 for share, wanted in zip(nuls, pattern, strict=True)):
            return name
    return ""


def encoding_of(data: bytes) -> str:
    """The encoding of a whole text in memory, as `find_encoding` tells it for a file."""
    return find_encoding(io.BytesIO(data))[0]


def find_encoding(file: BinaryIO) -> tuple[str, bool]:
    """The encoding of a file and whether some of its bytes are damaged. Reads the whole file, leaves it at its start.

    A file with more whole UTF-8 sequences (or visibly cut ones) than stray bytes is damaged UTF-8; else it is cp1252.
    """
    file.seek(0)
    name = wide_encoding(file.read(1024))
    file.seek(0)
    if name and name != "utf-8-sig":
        return name, False
    good = bad = 0
    rest = b""
    while chunk := file.read(_CHUNK):
        if not rest and chunk.isascii():
            continue
        chunk = rest + chunk
        cut = boundary(chunk)
        chunk, rest = chunk[:cut], chunk[cut:]
        more_good, more_bad = _weigh(chunk)
        good, bad = good + more_good, bad + more_bad
    if rest:
        more_good, more_bad = _weigh(rest)
        good, bad = good + more_good, bad + more_bad
    file.seek(0)
    if not bad or name:
        return name or "utf-8", bad > 0
    return ("utf-8", True) if good > bad else ("cp1252", False)


def boundary(chunk: bytes) -> int:
    """Where a chunk may be cut without dividing a sequence."""
    for back in range(1, min(4, len(chunk)) + 1):
        byte = chunk[-back]
        if byte < 0x80:
            return len(chunk)
        if byte >= 0xC0:
            return len(chunk) - back
    return len(chunk)


def _weigh(chunk: bytes) -> tuple[int, int]:
    """How many sequences speak for UTF-8, and how many bytes are not UTF-8 (cut sequences count on both sides)."""
    try:
        return len(chunk) - len(chunk.decode()), 0
    except UnicodeDecodeError:
        whole, count = _WHOLE.subn(b"", chunk)
        _, cut = _TRUNCATED.subn(b"", whole)
        stray = len(_HIGH.findall(_TRUNCATED.sub(b"", whole)))
        return count + 2 * cut, stray + cut


def open_text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The file as characters, from its start, newlines as they stand. Detach it when done: closing it closes the file."""
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, errors=errors_for(encoding), newline="")


def decode(data: bytes) -> str:
    """A whole text in memory decoded by what its bytes tell.

    >>> decode(b"J\\xf6hn"), decode("Zoë".encode("utf-16"))
    ('Jöhn', 'Zoë')
    """
    encoding = encoding_of(data)
    return data.decode(encoding, errors_for(encoding))


def repair_mojibake(text: str) -> str:
    """Text whose UTF-8 bytes were read as Latin-1 or cp1252, put right; any other text unchanged.

    >>> repair_mojibake("L\\u00c3\\u00b8ye"), repair_mojibake("Løye"), repair_mojibake("Itâ€™s")
    ('Løye', 'Løye', 'It’s')
    """
    if text.isascii() or not _MOJIBAKE.search(text):
        return text
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def strip_controls(text: str) -> str:
    """Text without control characters, lone surrogates and stray byte order marks; tabs and newlines stay."""
    return text if text.isprintable() else _CONTROL.sub("", text)


def clean(text: str) -> str:
    """A cell as it is kept: no control characters, Unix newlines, no space around it."""
    if not text.isprintable():
        text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def plain(markup: str) -> str:
    """HTML as plain text: scripts and styles gone, blocks on lines of their own, entities resolved.

    >>> plain("<p>Caf&eacute; <b>Rio</b></p><script>x()</script><p>Hola</p>")
    'Café Rio\\nHola'
    """
    if _TAGS.search(markup):
        if markup.count("<") > _MANY_TAGS:  # what nests so deep costs the parser the square of its depth
            markup = _OPENING.sub("", markup)
        markup = nh3.clean(_BREAKS.sub("\n", markup), tags=set(), clean_content_tags={"script", "style", "template"})
    lines = _BLANKS.sub(" ", strip_controls(html.unescape(markup)).replace("\r", "\n"))
    return _EMPTY_LINES.sub("\n", "\n".join(line.strip() for line in lines.split("\n"))).strip()
