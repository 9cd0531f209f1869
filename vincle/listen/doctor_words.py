"""What ails a connection, in words: what happened, and what to do. Codes are the channels', the line's and OAuth's; kinds say the rest."""

import re
from typing import NamedTuple

from django.utils.translation import gettext

from .doctor_codes import CODES, KINDS, WAIT
from .doctor_names import NOTES, STREAMS

_LONG = re.compile(r"(?=[\w\-+=~]*\d)[\w\-+=~]{24,}")


class Said(NamedTuple):
    """`detail` is what the platform said, in its own words."""

    what: str
    do: str
    detail: str = ""


def said(kind: str, code: str, detail: str = "") -> Said:
    """What a problem is and what to do; an unknown code is told by its kind."""
    if code in CODES or kind in KINDS:
        what, do = CODES.get(code) or KINDS[kind]
        return Said(str(what), str(do), plain(detail))
    return Said(gettext("Something went wrong"), str(WAIT), plain(detail or code.replace("_", " ")))


def note(code: str) -> str:
    """A remark of `check`, as a sentence; unknown ones as they are."""
    stem, _sep, which = code.partition(":")
    return str(NOTES[stem]) % {"what": which} if stem in NOTES else code.replace("_", " ").capitalize()


def stream(name: str) -> str:
    """What a stream is called; one for a word or a folder ("hashtag:coffee") says which."""
    stem, _sep, which = name.partition(":")
    word = str(STREAMS.get(stem) or stem.replace("_", " ").capitalize())
    return f"{word}: {which}" if which else word


def plain(detail: str) -> str:
    """What a platform said, on one line and without what looks like a key."""
    return _LONG.sub("…", " ".join(detail.split()))[:300]
