"""What a cell says in a field: its values, dates written one way, accounts with their network."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from vincle.channels import _identifiers as identifiers
from vincle.channels._dates import take_apart

from .records import Cell

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ].*)?").fullmatch
_EIGHT = re.compile(r"\d{8}").fullmatch
_YEAR = re.compile(r"[12]\d{3}").fullmatch
_POINT_NOUGHT = re.compile(r"(\d+)\.0").fullmatch
_PARTED = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})").fullmatch
_PHONES = re.compile(r"[;|,\n]|:::|\s/\s")
_WORDS = re.compile(r"[|\n]|:::")
_FIRST_YEAR, _LAST_YEAR = 1000, 2100


def cells_of(field: str, values: list[str], network: str = "") -> list[Cell]:
    """The cell each text of a column stands for in a field; () where it says nothing."""
    if field == "birthday":
        is_month_first = month_first(values)
        return [tuple(filter(None, (day(text, is_month_first) for text in _several(value)))) for value in values]
    if field == "username":
        return [tuple(filter(None, (account(network, text) for text in _several(value)))) for value in values]
    read = _READERS.get(field, _several)
    return [read(value) for value in values]


def _several(value: str) -> Cell:
    if "|" not in value and "\n" not in value and ":::" not in value:
        return (value,)
    return tuple(dict.fromkeys(piece.strip() for piece in _WORDS.split(value) if piece.strip()))


def _emails(value: str) -> Cell:
    found, _ = identifiers.emails(value)
    return tuple(dict.fromkeys(found)) or _several(value)


def _phones(value: str) -> Cell:
    return tuple(dict.fromkeys(_whole(piece.strip()) for piece in _PHONES.split(value) if any(sign.isdigit() for sign in piece)))


def _codes(value: str) -> Cell:
    return tuple(_whole(piece) for piece in _several(value))


def _whole(text: str) -> str:
    """A number that a program gave a fraction of nothing: "4011.0" is 4011."""
    found = _POINT_NOUGHT(text)
    return found[1] if found else text


_READERS: Final[dict[str, Callable[[str], Cell]]] = {
    "email": _emails, "phone": _phones, "postcode": _codes, "house_number": _codes, "id_number": _codes,
}  # fmt: skip


_NETWORK = re.compile(r"([A-Za-z_]{1,20}):(?!//)(\S.*)").fullmatch


def account(network: str, text: str) -> str:
    """ "network:name" of an account; the network of a profile's address is its own. "" when it is none.

    >>> account("mastodon", "@Anna_Puig@social.example.com"), account("", "https://www.instagram.com/AnnaPuig/")
    ('mastodon:anna_puig@social.example.com', 'instagram:annapuig')
    """
    text = text.strip()
    if told := _NETWORK(text):  # "instagram:annapuig" says it itself
        network, text = told[1], told[2]
    network = identifiers.fold(network).replace(" ", "_")
    network = "x" if network == "twitter" else network
    found = identifiers.profile(text)
    if found is None and network in identifiers.NETWORKS | {"bluesky"}:
        found = identifiers.account(network, text)
    if found is not None:
        return f"{found.kind.removesuffix('_username').removesuffix('_name')}:{found.value}"
    name = text.removeprefix("@").lower()
    return f"{network or 'account'}:{name}" if name else ""


def month_first(values: Iterable[str]) -> bool:
    """Whether a column writes the month before the day: shown by days above twelve; day first when nothing shows it."""
    days = months = 0
    for value in values:
        if found := _PARTED(value.strip()):
            days += int(found[1]) > 12
            months += int(found[2]) > 12
    return months > days


def day(text: str, is_month_first: bool = False) -> str:
    """A date as ISO 8601, also in part ("1908", "1908-12"); impossible days stay as typed; other texts as they are.

    >>> day("19081209"), day("9/12/1908"), day("9/12/1908", True), day("1908"), day("09121908"), day("12 Mar 1985"), day("19081399")
    ('1908-12-09', '1908-12-09', '1908-09-12', '1908', '1908-12-09', '1985-03-12', '1908-13-99')
    >>> day("0000-00-00"), day("0/0/00"), day("1985-00-00")
    ('', '', '1985')
    """
    text = _whole(text.strip())
    if not text.strip("0-/. "):
        return ""
    return _written(text, is_month_first).removesuffix("-00").removesuffix("-00")


def _written(text: str, is_month_first: bool) -> str:
    if found := _ISO(text):
        return "-".join(part if at == 0 else f"{int(part):02d}" for at, part in enumerate(found.groups()) if part)
    if _EIGHT(text):
        year, end = int(text[:4]), int(text[4:])
        if _FIRST_YEAR <= year <= _LAST_YEAR and not (year < 1300 and 1800 <= end <= _LAST_YEAR):
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        first, second = (text[2:4], text[:2]) if not is_month_first else (text[:2], text[2:4])
        return f"{text[4:]}-{first}-{second}"
    return text if _YEAR(text) else _spelled(text, is_month_first)


def _spelled(text: str, is_month_first: bool) -> str:
    stamp = None if text.isdigit() else take_apart(text)
    if stamp is None:
        return text
    first, second = (stamp.first, stamp.second) if not (stamp.separator and is_month_first) else (stamp.second, stamp.first)
    return f"{stamp.year:04d}-{second:02d}-{first:02d}"
