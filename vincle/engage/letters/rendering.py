"""Letters filled in: for a batch of people at once, each in their language, with links that are tagged and, where wanted, counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from . import cleaning, liquids
from .compiling import Broken, Compiled, compiled
from .models import LetterVersion
from .recipients import Recipient
from .tagging import Tags, tagged

LARGEST_KEPT = 2_000


class Linker(Protocol):
    """Leads links through our own counting: `outbox.tracking.Linker`."""

    def of(self, send: int, url: str) -> str:
        """The address that stands in the letter of this send in place of `url`."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter to one person. `problems`: why it cannot be sent so, as sentences of Liquid; then its parts may be empty."""

    subject: str
    html: str
    text: str
    language: str = ""
    problems: tuple[str, ...] = ()
    preheader: str = ""


def render(version: LetterVersion, people: Sequence[Recipient], *, links: Linker | None = None, tags: Tags | None = None) -> list[Rendered]:
    """One letter each, in their order: several thousand a second, since a version is compiled once and only filled in here."""
    batch = _Batch(version.look, links, tags or Tags())
    return [batch.one(version.content(language_for(version, person.language)), person, version) for person in people]


def language_for(version: LetterVersion, wanted: str) -> str:
    """The language of a version that someone gets: theirs where there is one, else the main one."""
    short = wanted.replace("_", "-").split("-")[0].lower()
    return short if short in version.variants else version.language


class _Batch:
    """What many letters of one version share."""

    def __init__(self, look: dict[str, Any], links: Linker | None, tags: Tags) -> None:
        self.look, self.links, self.tags = look, links, tags
        self.ready: dict[str, Compiled | str] = {}
        self.known: dict[str, str] = {}

    def one(self, content: dict[str, Any], person: Recipient, version: LetterVersion) -> Rendered:
        language = language_for(version, person.language)
        made = self.ready.get(language)
        if made is None:
            try:
                made = compiled(content, self.look, language)
            except Broken as broken:
                made = broken.why
            self.ready[language] = made
        return Rendered("", "", "", language, (made,)) if isinstance(made, str) else self.filled(made, person)

    def filled(self, made: Compiled, person: Recipient) -> Rendered:
        return fill(made, person.values, self._resolver(person.send))

    def _resolver(self, send: int | None) -> Callable[[int, str], str]:
        links, known = self.links, self.known

        def resolve(_number: int, url: str) -> str:
            found = known.get(url)
            if found is None:
                found = tagged(url, self.tags) if cleaning.is_address(url) else ""
                if len(known) < LARGEST_KEPT:
                    known[url] = found
            return links.of(send, found) if links and send is not None else found

        return resolve


def fill(made: Compiled, values: Mapping[str, Any], resolve: Callable[[int, str], str]) -> Rendered:
    """A compiled letter with someone's values."""
    given = liquids.values_with(resolve, values)
    try:
        subject, preheader = one_line(made.subject.render(given)), one_line(made.preheader.render(given))
        page, text = made.html.render(given), made.text.render(given)
    except liquids.FAILURES as error:
        return Rendered("", "", "", made.language, (liquids.said(error),))
    return Rendered(subject, page, text, made.language, (), preheader)


def one_line(text: str) -> str:
    """For a header: nothing that could begin another."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
