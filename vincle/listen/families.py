"""All that was said about one thing: what was asserted, corrected, hidden and taken back; of these the last word stands."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from vincle.vocabulary import Op

from . import known

UNDO = "undo:"
HIDDEN = "hidden"
_LONGEST_NUMBER = 40


def undone(roots: set[bytes]) -> set[bytes]:
    """Those of the roots that an undone import had brought and nothing brought again."""
    stale = known.select(f"SELECT root_id FROM listen_activity WHERE version LIKE '{UNDO}%%' AND root_id IN ({{}})", roots, "root_id")
    undone = {bytes(root) for (root,) in stale}
    hidden = {bytes(key) for (key,) in known.select("SELECT event_id FROM listen_activity WHERE superseded AND event_id IN ({})", undone)}
    return hidden - _standing(hidden)


def _standing(roots: set[bytes]) -> set[bytes]:
    """Those of the roots of which some later word stands."""
    sql = "SELECT root_id FROM listen_activity WHERE NOT superseded AND op = 'correct' AND root_id IN ({})"
    return {bytes(root) for (root,) in known.select(sql, roots, "root_id")}


class _Word(NamedTuple):
    """A row of a family: of all that was said about one thing."""

    event: bytes
    op: str
    version: str
    happened_at: Any
    seq: int
    reason: str


def supersede(roots: set[bytes]) -> None:
    """Of all rows about one thing only the last word stands.

    A platform's deletion is final and takes the words with it. Hiding and undoing hide what was before them; after a hiding
    the words are kept, for it may be taken back.
    """
    hide, show, forget = set[bytes](), set[bytes](), set[bytes]()
    for family in _families(roots).values():
        hidden, last, is_over = _judge(family)
        hide |= hidden
        if last is not None:
            show.add(last.event)
        if is_over:
            forget |= hidden
    known.mark(hide, superseded=True)
    known.mark(show, superseded=False)
    known.delete_contents(forget)


def _families(roots: set[bytes]) -> dict[bytes, list[_Word]]:
    sql = "SELECT COALESCE(root_id, event_id), event_id, op, version, happened_at, seq, event_name FROM listen_activity WHERE {} IN ({{}})"
    families: dict[bytes, dict[int, _Word]] = defaultdict(dict)
    for column in ("event_id", "root_id"):
        for root, event, *more in known.select(sql.format(column), roots, column):
            word = _Word(bytes(event), *more)
            families[bytes(root)][word.seq] = word
    return {root: list(words.values()) for root, words in families.items()}


def _judge(family: Iterable[_Word]) -> tuple[set[bytes], _Word | None, bool]:
    """Of a family: who is hidden, who stands, and whether the hidden ones lose their words for good."""
    retractions = [word for word in family if word.op == Op.RETRACT]
    undone = [word for word in retractions if word.version.startswith(UNDO)]
    final = any(word.reason != HIDDEN for word in retractions if word not in undone)
    behind = max((word.seq for word in retractions), default=0)
    words = [word for word in family if word.op != Op.RETRACT and word.seq > behind and not final]
    last = max(words, key=lambda word: (word.op == Op.CORRECT, _rank(word.version), word.happened_at), default=None)
    hidden = {word.event for word in family if word.op != Op.RETRACT and word is not last}
    return hidden, last, final or (bool(undone) and last is None)


def _rank(version: str) -> tuple[int, int, str]:
    """Versions that are numbers come after those that are words."""
    return (1, int(version), "") if version.isdecimal() and len(version) <= _LONGEST_NUMBER else (0, 0, version)
