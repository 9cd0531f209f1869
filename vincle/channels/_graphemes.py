"""How long people see a text: user-perceived characters (extended grapheme clusters, Unicode UAX #29), as social networks count."""

import unicodedata

_ZWJ = "\u200d"
_EXTENDING = {_ZWJ, "\u200c", "\uff9e", "\uff9f"}


def graphemes(text: str) -> int:
    """How many characters a reader sees: an emoji of several parts, a flag, a letter with its accents or a syllable is one."""
    count, flags, joinable = 0, 0, False
    before = ""
    for letter in text:
        joins = _joins(before, letter, flags, joinable)
        count += not joins
        flags = flags + 1 if _is_flag(letter) else 0
        joinable = _is_picture(letter) or (joinable and _extends(letter))
        before = letter
    return count


def _joins(before: str, letter: str, flags: int, joinable: bool) -> bool:
    """Whether no boundary stands before this letter."""
    if not before:
        return False
    if before == "\r" and letter == "\n":
        return True
    if _is_control(before) or _is_control(letter):
        return False
    if _extends(letter):
        return True
    if before == _ZWJ and joinable and _is_picture(letter):
        return True
    if _is_flag(letter) and flags % 2 == 1:
        return True
    return _hangul(letter) in _FOLLOWS.get(_hangul(before), ())


def _extends(letter: str) -> bool:
    if letter < "\u0300":
        return False
    place = ord(letter)
    is_modifier = 0x1F3FB <= place <= 0x1F3FF or 0xE0020 <= place <= 0xE007F
    return letter in _EXTENDING or is_modifier or unicodedata.category(letter) in ("Mn", "Me", "Mc")


def _is_control(letter: str) -> bool:
    if " " <= letter < "\x7f":
        return False
    return unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and not _extends(letter)


def _is_flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _is_picture(letter: str) -> bool:
    if letter < "\u2190":
        return letter in "\u00a9\u00ae\u203c\u2049\u2122\u2139"
    return "\U0001f000" <= letter <= "\U0001faff" or (letter < "\u3300" and unicodedata.category(letter) in ("So", "Sm"))


_FOLLOWS = {"L": ("L", "V", "LV", "LVT"), "LV": ("V", "T"), "V": ("V", "T"), "LVT": ("T",), "T": ("T",)}


def _hangul(letter: str) -> str:
    """The part of a Korean syllable a letter is, "" for any other letter."""
    place = ord(letter)
    if 0xAC00 <= place <= 0xD7A3:
        return "LVT" if (place - 0xAC00) % 28 else "LV"
    for name, first, last in (("L", 0x1100, 0x115F), ("V", 0x1160, 0x11A7), ("T", 0x11A8, 0x11FF)):
        if first <= place <= last:
            return name
    return ""
