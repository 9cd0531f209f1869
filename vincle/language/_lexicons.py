"""The word lists of this folder: `lexicons/<language>/<what>.tsv`, read once, folded as pages are.

UTF-8, tabs between columns, `#` begins a comment line. The first column is the term: up to four words, lower case, with its accents; `*`
after letters stands for any ending. A term met again adds its further columns to those it has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from .page import Page, fold

FOLDER: Final = Path(__file__).parent / "lexicons"
SHORTEST_STEM: Final = 2
_BEGINNING: Final = 3
REMEMBERED: Final = 1 << 17
"""Words whose entry is kept at hand, a lexicon; texts repeat few of those they have."""

_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1\1")

Columns = tuple[str, ...]


class Phrase(NamedTuple):
    """An entry of several words, found at its first: the words that must follow (those with `*` any ending), and its columns."""

    rest: tuple[str, ...]
    columns: Columns


class Entry(NamedTuple):
    """What a lexicon says of a word: its columns (none: nothing; an empty one in lists of mere terms), its phrases, longest first."""

    columns: Columns
    phrases: tuple[Phrase, ...]


NOTHING: Final = Entry((), ())


class Table:
    """One word list, by what its entries begin with: `words`, `stems`; of several words: `phrases`, `open_phrases` begun by a stem."""

    __slots__ = ("begun", "lengths", "open_phrases", "phrases", "stems", "words")

    def __init__(self, terms: Mapping[str, Columns]) -> None:
        self.words: dict[str, Columns] = {}
        self.stems: dict[str, Columns] = {}
        self.phrases: dict[str, list[Phrase]] = {}
        self.open_phrases: dict[str, list[Phrase]] = {}
        for term, columns in terms.items():
            self._add(term.split(" "), columns or ("",))
        self.lengths = frozenset(len(start) for start in self.stems)
        self.begun = frozenset(start[:_BEGINNING] for start in self.stems)

    def _add(self, words: list[str], columns: Columns) -> None:
        first, is_stem = words[0].rstrip("*"), _is_stem(words[0])
        key = first if is_stem else words[0]
        if len(words) == 1:
            (self.stems if is_stem else self.words).setdefault(key, columns)
        else:
            (self.open_phrases if is_stem else self.phrases).setdefault(key, []).append(Phrase(tuple(words[1:]), columns))


class Lexicon:
    """Some word lists as one, the first before the others: `entry(word)` for one word, `match` for what begins at a token."""

    __slots__ = ("_known", "_lengths", "_open", "_tables")

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tuple(tables)
        self._known: dict[str, Entry] = {}
        self._lengths = sorted(frozenset[int]().union(*(table.lengths for table in tables)), reverse=True)
        self._open = frozenset(stem[:SHORTEST_STEM] for table in tables for stem in table.open_phrases)

    def entry(self, word: str) -> Entry:
        """What is said of a folded word; where letters are drawn out (`sooo`), of the word without them.
        Accounts and links are no words: nothing is said of them."""
        known = self._known.get(word)
        if known is None:
            if word[:1] == "@" or "://" in word:
                return NOTHING
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = NOTHING
            for form in forms(word):
                known = self._look(form)
                if known is not NOTHING:
                    break
            self._known[word] = known
        return known

    def _look(self, word: str) -> Entry:
        columns = self.exact(word) or self._by_stem(word)
        phrases = [phrase for table in self._tables for phrase in table.phrases.get(word, ())]
        if word[:SHORTEST_STEM] in self._open:
            starts = [word[:length] for length in range(len(word), SHORTEST_STEM - 1, -1)]
            phrases += [phrase for start in starts for table in self._tables for phrase in table.open_phrases.get(start, ())]
        if not columns and not phrases:
            return NOTHING
        return Entry(columns, tuple(sorted(phrases, key=lambda one: -len(one.rest))))

    def _by_stem(self, word: str) -> Columns:
        # Most words begin like none of the stems, which is seen at their first letters.
        short, long = word[:SHORTEST_STEM], word[:_BEGINNING]
        if tables := [table for table in self._tables if long in table.begun or short in table.begun]:
            for length in self._lengths:
                if length <= len(word):
                    start = word[:length]
                    for table in tables:
                        if start in table.stems:
                            return table.stems[start]
        return ()

    def exact(self, word: str) -> Columns:
        """What is said of this word itself: no stem of it, no other form."""
        for table in self._tables:
            if word in table.words:
                return table.words[word]
        return ()

    def match(self, words: Sequence[str], at: int) -> tuple[int, Columns]:
        """The longest entry that begins at a token: how many tokens it takes, and its columns; (0, ()) where none does."""
        entry = self.entry(words[at])
        for phrase in entry.phrases:
            if follows(words, at + 1, phrase.rest):
                return 1 + len(phrase.rest), phrase.columns
        return (1, entry.columns) if entry.columns else (0, ())


def follows(words: Sequence[str], at: int, rest: Sequence[str]) -> bool:
    """Whether these words stand at this place; those of a lexicon may end in `*`."""
    if at + len(rest) > len(words):
        return False
    return all(
        words[at + n] == word or (word[-1] == "*" and len(word) > 1 and words[at + n].startswith(word[:-1])) for n, word in enumerate(rest)
    )


@cache
def lexicon(language: str, what: str) -> Mapping[str, Columns]:
    """Terms as written in the list, folded, and their other columns; empty where there is no such list."""
    found: dict[str, Columns] = {}
    for term, *columns in rows(language, what):
        key = folded(term)
        known = found.get(key, ())
        found[key] = known if known[: len(columns)] == tuple(columns) else (*known, *columns)
    return found


@cache
def lexicons(languages: tuple[str, ...], what: str) -> Lexicon:
    """The lists of several languages as one; the first one named decides."""
    return Lexicon([_table(language, what) for language in languages])


@cache
def _table(language: str, what: str) -> Table:
    return Table(lexicon(language, what))


def phrases(language: str, what: str) -> Mapping[str, list[tuple[tuple[str, ...], Columns]]]:
    """The entries of several words: first word -> (the words that follow, its columns)."""
    several = ((term.split(" "), columns) for term, columns in lexicon(language, what).items() if " " in term)
    found: dict[str, list[tuple[tuple[str, ...], Columns]]] = {}
    for words, columns in several:
        found.setdefault(words[0], []).append((tuple(words[1:]), columns))
    return found


@cache
def languages(what: str) -> tuple[str, ...]:
    """Languages that have such a list, `any` not among them."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob(f"*/{what}.tsv") if path.parent.name != "any"))


def rows(language: str, what: str) -> Iterator[list[str]]:
    """The lines of a list, cut at their tabs."""
    path = FOLDER / language / f"{what}.tsv"
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [column.strip() for column in line.split("\t")]


@lru_cache(maxsize=1 << 14)
def folded(term: str) -> str:
    """A term as pages have its words: cut and folded alike, one space between them, `*` where it stood."""
    words = []
    for part in term.split():
        is_stem = _is_stem(part)
        pieces = Page(part.rstrip("*") if is_stem else part).folded or [fold(part)]
        words += [*pieces[:-1], pieces[-1] + "*" * is_stem]
    return " ".join(words)


@lru_cache(maxsize=1 << 16)
def forms(word: str) -> tuple[str, ...]:
    """The word, and where a letter is drawn out (three or more), with it twice and once.

    >>> forms("goooal"), forms("cool")
    (('goooal', 'gooal', 'goal'), ('cool',))
    """
    if not _DRAWN_OUT.search(word):
        return (word,)
    runs = [(sign, len(list(same))) for sign, same in groupby(word)]
    twice, once = ("".join(sign * (length if length < 3 else most) for sign, length in runs) for most in (2, 1))
    return (word, twice, once)


def _is_stem(word: str) -> bool:
    return word.endswith("*") and len(word) > SHORTEST_STEM and word[-2].isalpha()
