"""How probable a word is in each language: lists of everyday words, and a character model made from them for all other words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ._lexicons import rows
from .page import fold

Table = NDArray[np.float32]
Wide = NDArray[np.float64]
LISTS: Final = Path(__file__).parent / "lexicons" / "any" / "languages.tsv"
SCRIPTS: Final[tuple[tuple[int, int, tuple[str, ...]], ...]] = (
    (0x0370, 0x03FF, ("el",)), (0x0530, 0x058F, ("hy",)), (0x0590, 0x05FF, ("he",)), (0x0600, 0x06FF, ("ar", "fa", "ur")),
    (0x0900, 0x097F, ("hi",)), (0x0980, 0x09FF, ("bn",)), (0x0A00, 0x0A7F, ("pa",)), (0x0A80, 0x0AFF, ("gu",)), (0x0B80, 0x0BFF, ("ta",)),
    (0x0C00, 0x0C7F, ("te",)), (0x0D00, 0x0D7F, ("ml",)), (0x0E00, 0x0E7F, ("th",)), (0x10A0, 0x10FF, ("ka",)), (0x1100, 0x11FF, ("ko",)),
    (0x1F00, 0x1FFF, ("el",)), (0x3040, 0x30FF, ("ja",)), (0x3130, 0x318F, ("ko",)),
    (0x3400, 0x9FFF, ("zh", "ja")), (0xAC00, 0xD7AF, ("ko",)),
)  # fmt: skip
"""Alphabets that name the language, or leave few: first and last code point, languages with the likeliest first."""
PRIORS: Final = {
    "en": 25.0, "es": 16.0, "it": 14.0, "ca": 10.0, "fr": 9.0, "pt": 9.0, "de": 3.0, "nl": 0.8, "ru": 1.0, "ar": 1.0, "zh": 1.0, "ja": 1.0,
    "gl": 0.5,
}  # fmt: skip
_OTHERS: Final = 0.25
_LISTED: Final = 0.13
_UNLISTED: Final = 0.35
_PLAIN: Final = 0.15
_DOUBT: Final = 0.05
_PLAIN_GRAMS: Final = 0.4
_ORDER: Final = 4
_SMOOTH: Final = 2.5
_SIGNS: Final = 45.0
_MORE: Final = ("aspects", "sentiment", "stopwords", "topics")
_PERSIAN, _URDU = frozenset("پچژگکی"), frozenset("ٹڈڑےںہ")
_RUN = re.compile(r"(.)\1{2,}")
_LAUGH = re.compile(r"(?:(j[aeio]){2,}j?|(k){3,}|(?:a?h[aei]){2,}h?)$")


def everyday() -> Iterator[tuple[str, list[str]]]:
    """Each line of the lists: language, words."""
    for line in LISTS.read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            language, words = line.split("\t")
            yield language, unicodedata.normalize("NFC", words).replace("_", " ").split()


def plain(word: str) -> str:
    """A word in the form of the lists: lower case, no drawn-out letters, laughter of one length."""
    word = unicodedata.normalize("NFC", word.lower().replace("’", "'"))
    if _RUN.search(word):
        word = "kkk" if not word.strip("k") else _RUN.sub(r"\1", word)
    laugh = _LAUGH.match(word)
    return word[:4] if laugh else word


class Tongues:
    """The languages, and for any word a row of log probabilities in them, cut so that no single word decides alone."""

    def __init__(self) -> None:
        lists: dict[str, list[str]] = {}
        for language, words in everyday():
            lists.setdefault(language, []).extend(words)
        self.read = tuple(lists)
        self.languages = (*self.read, *dict.fromkeys(language for _, _, names in SCRIPTS for language in names))
        self.place = {language: column for column, language in enumerate(self.languages)}
        priors = np.array([PRIORS.get(language, _OTHERS) for language in self.languages])
        self.priors: Wide = priors / priors.sum()
        self.words = self._listed(lists)
        self.grams, self.rows = _character_model([{*words, *_further(language)} for language, words in lists.items()])

    def _listed(self, lists: dict[str, list[str]]) -> dict[str, Wide]:
        """Word -> its probability in each language, by its rank (Zipf), also without its accents."""
        found: dict[str, Wide] = {}
        for language, words in lists.items():
            column = self.place[language]
            for rank, word in enumerate(dict.fromkeys(words)):
                share = _LISTED / (rank + 10)
                for form, part in ((word, share), (fold(word), share * _PLAIN)):
                    row = found.setdefault(form, np.zeros(len(self.languages)))
                    row[column] = max(row[column], part)
        return found

    def weigh(self, tokens: Sequence[str]) -> Table:
        """A row of log probabilities for each token (as written; at least one), relative to the mean language."""
        forms = [plain(token) for token in tokens]
        listed = [self.words.get(form) for form in forms]
        likely = np.exp(self._spell(forms))
        for row, (form, known) in enumerate(zip(forms, listed, strict=True)):
            likely[row] *= _UNLISTED
            if known is not None:
                likely[row] += known
            elif form[0] > "\u036f":
                self._by_script(form, likely[row])
        likely += 1e-30
        mean = likely @ self.priors
        logs = np.log((1 - _DOUBT) * likely / mean[:, None] + _DOUBT)
        names = [known is None and token[0].isupper() and not token.isupper() for token, known in zip(tokens, listed, strict=True)]
        unknown = [known is None and form[0] <= "\u036f" for form, known in zip(forms, listed, strict=True)]
        logs *= np.where(names, 0.3, np.where(unknown, 0.7, 1.0))[:, None]
        return logs.astype(np.float32)

    def known(self, token: str) -> bool:
        """Whether a word stands in the lists."""
        return plain(token) in self.words

    def _by_script(self, form: str, row: Wide) -> None:
        point = ord(form[0])
        for first, last, languages in SCRIPTS:
            if first <= point <= last:
                row[:] = 0
                if languages[0] == "ar":
                    languages = ("ur",) if _URDU & set(form) else ("fa", "ur") if _PERSIAN & set(form) else languages
                elif languages[0] == "zh" and any("\u3040" <= sign <= "\u30ff" for sign in form):
                    languages = ("ja",)
                for rank, language in enumerate(languages):
                    row[self.place[language]] = 1e-6 / (1 + 9 * rank)

    def _spell(self, forms: Sequence[str]) -> Wide:
        """Log probability of the letters of each word by the character model."""
        rows: list[int] = []
        starts: list[int] = []
        for form in forms:
            starts.append(len(rows))
            padded = f" {form[:20]} "
            for end in range(2, len(padded) + 1):
                for begin in range(max(0, end - _ORDER), end):
                    row = self.grams.get(padded[begin:end])
                    if row is not None:
                        rows.append(row)
                        break
                else:
                    rows.append(0)
        spelt: Wide = np.add.reduceat(self.rows[rows], starts, axis=0, dtype=np.float64)
        full = np.full((len(forms), len(self.languages)), -60.0)
        full[:, : len(self.read)] = spelt
        return full


def _character_model(vocabularies: list[set[str]]) -> tuple[dict[str, int], Table]:
    """Character sequences -> row; log p(last sign | signs before) in each language, longer contexts smoothed by shorter ones."""
    counts = [_count(words) for words in vocabularies]
    names = ["\0", *sorted(set[str]().union(*counts), key=lambda gram: (len(gram), gram))]
    grams = {gram: row for row, gram in enumerate(names)}
    table: Wide = np.zeros((len(names), len(counts)))
    for column, counted in enumerate(counts):
        table[[grams[gram] for gram in counted], column] = list(counted.values())
    likely: Wide = np.full_like(table, 1 / _SIGNS / 100)
    lengths = np.array([0, *(len(gram) for gram in names[1:])])
    total = table[lengths == 1].sum(axis=0)
    for length in range(1, _ORDER + 1):
        at = np.flatnonzero(lengths == length)
        shorter = likely[[grams.get(names[row][1:], 0) for row in at]] if length > 1 else 1 / _SIGNS
        context = table[[grams.get(names[row][:-1], 0) for row in at]] if length > 1 else total
        likely[at] = (table[at] + _SMOOTH * shorter) / (context + _SMOOTH)
    return grams, np.log(likely).astype(np.float32)


def _count(words: set[str]) -> dict[str, float]:
    """How often each sequence of up to four signs stands in the words; in their form without accents it counts less."""
    counted: dict[str, float] = dict(Counter(_grams(words)))
    for gram, times in Counter(_grams(folded for word in words if (folded := fold(word)) != word)).items():
        counted[gram] = counted.get(gram, 0.0) + _PLAIN_GRAMS * times
    return counted


def _grams(words: Iterable[str]) -> list[str]:
    lengths = range(1, _ORDER + 1)
    return [
        padded[begin : begin + length]
        for padded in (f" {word} " for word in words)
        for length in lengths
        for begin in range(len(padded) - length + 1)
    ]


def _further(language: str) -> set[str]:
    """The words of the other lists of a language: their letters are typical of it as well."""
    terms = (word for what in _MORE for term, *_ in rows(language, what) for word in term.split())
    return {word.rstrip("*") for word in terms if word[0].isalpha()}


@cache
def tongues() -> Tongues:
    """The model, built once from the lists."""
    return Tongues()
