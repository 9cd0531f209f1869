"""The ways in which a survey reaches people: what each is for, and what can be set about it. Words, no database."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    """`sends`: it goes out through the outbox to people of a segment. `coded`: each piece of paper or unit has a code of its own."""

    key: str
    label: Any
    sentence: Any
    icon: str
    sends: bool = False
    coded: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind("link", _("Link"), _("An address to put wherever you like."), "link"),
        Kind("qr", _("QR code"), _("For the counter, the table, the receipt: scanned and answered there."), "qrcode"),
        Kind("mail", _("E-mail"), _("The first question stands in the mail; those who do not answer are reminded."), "mail", True),
        Kind(
            "message", _("Telegram or WhatsApp"), _("A short message with a link of their own, where the channel allows it."), "send", True
        ),
        Kind("thread", _("After a conversation"), _("Whoever wrote to us is asked once the conversation is closed."), "messages"),
        Kind("web", _("On your site"), _("A pop-up or a place in the page, for everybody or for a segment."), "world"),
        Kind("post", _("Social post"), _("A draft in Posts with a link that is told apart in the report."), "speakerphone"),
        Kind("paper", _("Paper ballot"), _("A PDF to print with codes; answers are typed in, a key each."), "printer", False, True),
        Kind("unit", _("With the product"), _("A code for each unit, table or room, told apart in the report."), "package", False, True),
        Kind("kiosk", _("Kiosk"), _("A tablet on a stand, ready for the next one by itself."), "device-tablet"),
        Kind("phone", _("By telephone"), _("A call list and a script; the caller types the answers in."), "phone"),
    )
}
ICONS: Final = frozenset(kind.icon for kind in KINDS.values())
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "web": {"mode": "popup", "when": "time", "after": 20, "again": 30, "share": 100, "segment": "", "origins": []},
    "kiosk": {"reset": 60, "thanks": 8},
    "thread": {"channels": [], "wait": 0},
    "phone": {"segment": ""},
    "message": {},
    "mail": {},
}
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "after": (0, 600), "again": (0, 365), "share": (1, 100), "reset": (15, 600), "thanks": (3, 60), "wait": (0, 72),
}  # fmt: skip
"""Least and most of each number: seconds (of a scroll: percent), days, percent, seconds, seconds, hours."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"mode": ("popup", "inline"), "when": ("time", "scroll", "leave")}


def settings_of(kind: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is set, with nothing missing."""
    return {**DEFAULTS.get(kind, {}), **{name: value for name, value in stored.items() if name in DEFAULTS.get(kind, {})}}


def cleaned(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, held to what is possible; what is not understood is as if it had not been said.

    >>> cleaned("kiosk", {"reset": "5", "thanks": "x", "other": 1})
    {'reset': 15, 'thanks': 8}
    """
    found: dict[str, Any] = {}
    for name, usual in DEFAULTS.get(kind, {}).items():
        value = given.get(name, usual)
        if name in RANGES:
            least, most = RANGES[name]
            text = str(value).strip()
            found[name] = min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 7 else usual
        elif name in CHOICES:
            found[name] = value if value in CHOICES[name] else usual
        elif isinstance(usual, list):
            found[name] = [str(each).strip()[:200] for each in value if str(each).strip()][:20] if isinstance(value, list) else usual
        else:
            found[name] = str(value).replace("\x00", "")[:40]
    return found
