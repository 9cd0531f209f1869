"""Whether words and files fit a place, told before anything leaves. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from vincle.channels.live import Posting

URL: Final = re.compile(r"(?<![\w@/])https?://[^\s<>\"]+", re.IGNORECASE)
_TRAILING: Final = ".,;:!?…'\"»”’)]}"
_HASHTAG: Final = re.compile(r"(?<!\S)#\w+")


class Attachment(NamedTuple):
    """What is known of a file before it is handed over; `size` in bytes."""

    name: str
    content_type: str
    size: int
    alt: str = ""


class Trouble(NamedTuple):
    """`code` is worded by `wording.TROUBLE`; `stops`: it cannot leave like this."""

    code: str
    params: dict[str, Any]
    stops: bool = True


class Fit(NamedTuple):
    """`length` of `longest` as the platform counts."""

    length: int
    longest: int
    troubles: tuple[Trouble, ...]

    @property
    def fits(self) -> bool:
        return not any(each.stops for each in self.troubles)


def fit(text: str, files: Sequence[Attachment], posting: Posting, length: Callable[[str], int], place: str = "") -> Fit:
    """Everything that is wrong with it at once.

    >>> fit("hello", [], Posting(longest=3), len).troubles[0].code, fit("hello", [], Posting(longest=9), len).fits
    ('too_long', True)
    """
    text = text.strip()
    longest = posting.captioned if files and posting.captioned else posting.longest
    counted = length(text)
    found = [*_of_words(text, files, posting, counted, longest), *_of_files(files, posting)]
    if posting.place and not place.strip():
        found.append(Trouble("no_place", {"what": posting.place}))
    return Fit(counted, longest, tuple(found))


def _of_words(text: str, files: Sequence[Attachment], posting: Posting, counted: int, longest: int) -> list[Trouble]:
    found = []
    if not text and not files:
        found.append(Trouble("empty", {}))
    if counted > longest:
        found.append(Trouble("too_long", {"length": counted, "longest": longest, "over": counted - longest}))
    tags = len(_HASHTAG.findall(text))
    if posting.most_hashtags and tags > posting.most_hashtags:
        found.append(Trouble("too_many_hashtags", {"count": tags, "most": posting.most_hashtags}))
    return found


def _of_files(files: Sequence[Attachment], posting: Posting) -> list[Trouble]:
    found = []
    if posting.needs_file and not files:
        found.append(Trouble("needs_picture", {}))
    if len(files) > posting.files:
        found.append(Trouble("too_many_files", {"count": len(files), "most": posting.files}))
    for file in files:
        if not file.content_type.startswith(posting.file_types):
            found.append(Trouble("file_not_taken", {"name": file.name}))
        elif file.size > posting.largest_file:
            found.append(Trouble("file_too_large", {"name": file.name, "most": posting.largest_file // 1024}))
        if posting.has_alt and not file.alt.strip() and file.content_type.startswith("image/"):
            found.append(Trouble("no_alt", {"name": file.name}, stops=False))
    return found


def links(text: str) -> list[str]:
    """Web addresses in a text, in order, each once, without the marks that end a sentence.

    >>> links("See https://a.example/x. And (https://b.example/y), https://a.example/x!")
    ['https://a.example/x', 'https://b.example/y']
    """
    return list(dict.fromkeys(_ending(found[0]) for found in URL.finditer(text)))


def _ending(url: str) -> str:
    """Where an address in a text ends; a bracket that it opened itself stays.

    >>> _ending("https://a.example/x_(y))."), _ending("https://a.example/?")
    ('https://a.example/x_(y)', 'https://a.example/')
    """
    while url and url[-1] in _TRAILING:
        pair = {")": "(", "]": "[", "}": "{"}.get(url[-1])
        if pair and url.count(pair) >= url.count(url[-1]):
            break
        url = url[:-1]
    return url


def replaced(text: str, instead: Callable[[str], str]) -> str:
    """The text with each web address replaced.

    >>> replaced("Look: https://a.example/x.", lambda url: "https://s.example/l/1")
    'Look: https://s.example/l/1.'
    """

    def one(found: re.Match[str]) -> str:
        url = _ending(found[0])
        return instead(url) + found[0][len(url) :]

    return URL.sub(one, text)
