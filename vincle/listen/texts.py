"""Texts of the log as readers take them: which rows have one, with what their source said of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from vincle.language._sites import sites
from vincle.language.page import Page
from vincle.language.reading import Reading
from vincle.store import bulk
from vincle.vocabulary import Direction, ObjectType, Op

from . import known, log
from .models import Activity
from .retention import Kind, kind_of

COLUMNS = (
    "event_id", "root_id", "workspace_id", "op", "superseded", "channel", "verb", "object_type", "direction", "is_machine", "actor",
    "target", "parent_key", "thread_key", "url", "happened_at", "rating", "rating_max", "reaction", "language", "sentiment",
    "hashtags", "country", "place",
)  # fmt: skip
_MARKS = ("op", "superseded", "channel", "verb", "object_type", "is_machine")
_OP, _HIDDEN, _CHANNEL, _VERB, _KIND, _MACHINE = (1 + COLUMNS.index(name) for name in _MARKS)
_EVENT, _ACTOR = 1 + COLUMNS.index("event_id"), 1 + COLUMNS.index("actor")
_NAMES = ("seq", *COLUMNS)
_decode = msgspec.json.Decoder().decode
Places = Callable[[set[int]], Mapping[int, str]]
_places: list[Places] = []


class Text(NamedTuple):
    """A text with its words cut, and `row`: what the log says of it by column. `page.reading` is filled once it was read."""

    seq: int
    event_id: bytes
    workspace: int
    page: Page
    row: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        return bool(self.row["direction"] == Direction.OUT)

    @property
    def sites(self) -> tuple[str, ...]:
        """Where it stands and where its links lead; of our own words nothing."""
        return () if self.is_ours else sites(self.page, self.row["url"] or "", self.row["channel"])


def register_places(places: Places) -> None:
    """Who knows where authors say they are (handle -> words of their profile)."""
    _places[:] = [places]


def has_text(row: Sequence[Any]) -> bool:
    """Whether a row (seq, *COLUMNS) may carry words of someone: not what machines did, nor looks, orders and facts."""
    if row[_OP] == Op.RETRACT or row[_HIDDEN] or row[_MACHINE]:
        return False
    return kind_of(row[_CHANNEL], row[_VERB], row[_KIND]) is Kind.ACTS


def of(rows: Sequence[Sequence[Any]]) -> list[Text]:
    """Those of the rows (seq, *COLUMNS) that have words, cut into pages."""
    wanted = [row for row in rows if has_text(row)]
    words = log.contents(bytes(row[_EVENT]) for row in wanted)
    wanted = [row for row in wanted if any(words.get(bytes(row[_EVENT]), ("", ""))[:2])]
    where = _profile_places({row[_ACTOR] for row in wanted if row[_ACTOR]}, rows) if wanted else {}
    return [_text(row, *words[bytes(row[_EVENT])][:2], where.get(row[_ACTOR], "")) for row in wanted]


def at(seqs: Iterable[int]) -> list[Text]:
    """Texts of the log at these places, in its order."""
    names = ", ".join(_NAMES)
    return of(sorted(bulk.select(f"SELECT {names} FROM listen_activity WHERE seq IN ({{}})", set(seqs))))


def is_ours(seq: int) -> bool:
    """Whether a row of the log is what we said ourselves."""
    return Activity.objects.filter(seq=seq, direction=Direction.OUT).exists()


def families(roots: Iterable[bytes], upto: int) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    """Of all rows about the same things: ids of those that do not stand any more, and (seq, *COLUMNS) of those that do, up to a place."""
    names, hidden, standing = ", ".join(_NAMES), dict[int, bytes](), dict[int, tuple[Any, ...]]()
    for column in ("event_id", "root_id"):
        for row in known.select(f"SELECT {names} FROM listen_activity WHERE {column} IN ({{}})", roots, column):
            if row[_OP] != Op.RETRACT and row[_HIDDEN]:
                hidden[row[0]] = bytes(row[_EVENT])
            elif row[_OP] != Op.RETRACT and row[0] <= upto:
                standing[row[0]] = row
    return [hidden[seq] for seq in sorted(hidden)], [standing[seq] for seq in sorted(standing)]


def _text(row: Sequence[Any], text: str, title: str, profile_place: str) -> Text:
    values = dict(zip(_NAMES, row, strict=True))
    rating = None
    if values["rating"] is not None and values["rating_max"]:
        rating = min(max(values["rating"] / values["rating_max"], 0.0), 1.0)
    page = Page(
        f"{title}\n{text}" if title and text else title or text,
        stated_language=values["language"].split("-")[0],
        rating=rating,
        reaction=values["reaction"],
        profile_place=profile_place or ("" if values["country"] else values["place"]),
        is_reply=bool(values["parent_key"]),
    )
    return Text(values["seq"], bytes(values["event_id"]), values["workspace_id"], page, values)


def only_language(reading: Reading) -> Reading:
    """Of our own words only the language is of interest."""
    return Reading(language=reading.language, language_confidence=reading.language_confidence, also=reading.also)


def traits_of(body: str) -> Mapping[str, Any]:
    """What a fact says of someone; nothing where it cannot be read: that is the trouble of whoever follows facts, and no text's."""
    try:
        found = _decode(body) if body else {}
    except msgspec.MsgspecError:
        return {}
    traits = found.get("traits") if isinstance(found, dict) else None
    return traits if isinstance(traits, dict) else {}


def _profile_places(actors: set[int], rows: Sequence[Sequence[Any]]) -> dict[int, str]:
    """Where these authors say they are: in their profile, or in what a source says of them together with the text."""
    found: dict[int, str] = {}
    for places in _places:
        found |= places(actors)
    facts = {bytes(row[_EVENT]): row[_ACTOR] for row in rows if row[_KIND] == ObjectType.PROFILE and row[_ACTOR] in actors - found.keys()}
    for event, (_, _, body) in log.contents(facts).items():
        traits = traits_of(body)
        said = traits.get("location") or ", ".join(str(traits[name]) for name in ("city", "country") if traits.get(name))
        if isinstance(said, str) and said:
            found.setdefault(facts[event], said[:120])
    return found
