"""A text cut into words once, for all readers: words, numbers, links, accounts, hashtags, emoji, punctuation, with their places."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from .reading import Reading

WORD, NUMBER, LINK, ACCOUNT, HASHTAG, EMOJI, STOP, SIGN, MAIL = "wnuahepsm"
LONGEST: Final = 20_000
"""Characters that are read of a text: no one judges a thing later than that for the first time."""

_EMOJI = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae"
    "\U0001f000-\U0001faff][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
_EMOTICON = "|".join(
    (
        r"(?<![\w:;=])>?[:;=8x][-'^o*]?(?:\)+|\(+|[DPpOo3*|/\\](?!\w)|\]+|\[+)",
        r"\(+[-']?[:;=]",
        r"[xX]D+(?!\w)|</?3+|\^_*\^|-_+-|[oO]_[oO]|T_T|:'\)+|:'\(+",
    )
)
_LETTER = r"[^\W\d_]"
# What Romance languages leave of a short word before a vowel is a word of its own: l'envio, dell'ordine, m'agrada, qu'il.
_ELIDED = r"\b(?:[ldjmtsnc]|qu|(?:d|n|c|d|s)?[aeou]ll|un|quest|quell|bell|tutt|com|dov)['’]"
_ENDINGS = "(?:com|net|org|es|cat|it|io|co|eu|fr|pt)"
_FULL_LINK, _BARE_LINK = r"(?:https?://|www\.)[^\s<>\"']+", rf"\b[a-z0-9-]+\.{_ENDINGS}(?:/[^\s<>\"']*)?\b(?!@)"
_ADDRESS = r"[\w.+-]+@[\w-]+\.[\w.-]*\w"
# Most words are letters up to a space or mark: nothing else begins so, but for emoticons with an x. Tried first, since it spares the rest.
_PLAIN = r"[^\W\d_x][^\W\d_]*(?=[ ,!?])"
_HAS_BARE_LINK = re.compile(rf"\.{_ENDINGS}", re.IGNORECASE)
_HAS_ADDRESS = re.compile(r"[\w.+-]@[\w-]", re.IGNORECASE)
_KINDS: Final = ("", WORD, LINK, MAIL, ACCOUNT, HASHTAG, EMOJI, WORD, NUMBER, STOP, SIGN)
"""Of the groups of a cutting pattern."""


@cache
def _cutting(bare_link: bool, address: bool) -> re.Pattern[str]:
    """The pattern that cuts texts; without what a text was seen not to have, which would else be looked for at each of its words."""
    groups = (
        _PLAIN,
        f"{_FULL_LINK}|{_BARE_LINK}" if bare_link else _FULL_LINK,
        _ADDRESS if address else r"(?!)",
        r"@[\w.-]*\w(?:@[\w-]+\.[\w.-]*\w)?",
        r"[#＃]\w*[^\W\d]\w*",
        f"{_EMOTICON}|{_EMOJI}",
        rf"{_ELIDED}(?={_LETTER}{{2}})|{_LETTER}[\w\u0300-\u036f]*(?:['’·-]{_LETTER}[\w\u0300-\u036f]*)*['’]?",
        r"\d+(?:[.,:/]\d+)*%?\w*",
        r"[.!?¡¿…]+|\n+",
        r"[^\w\s]",
    )
    return re.compile(f" *+(?:{'|'.join(f'({group})' for group in groups)})", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Lower case, without accents; typographic apostrophes as plain ones.

    >>> fold("Café’s"), fold("Straße"), fold("col·laboració")
    ("cafe's", 'strasse', 'col·laboracio')
    """
    lower = word.casefold().replace("’", "'")
    if lower.isascii():
        return lower
    return "".join(sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign)) if lower else lower


class Page:
    """A text and its tokens: `tokens[i]` as written, `kinds[i]` one letter (`WORD`, `EMOJI` ...), `starts[i]` its place in characters,
    `lower[i]` in lower case, `folded[i]` without accents as well.

    What the source said of it: `stated_language` (ISO 639-1), `rating` (0 to 1), `reaction` (`like`, `angry` ...), `profile_place`,
    `is_reply`. What readers find out stands in `reading`.
    """

    __slots__ = (
        "folded", "is_reply", "kinds", "lower", "profile_place", "rating", "reaction", "reading", "starts", "stated_language",
        "text", "tokens",
    )  # fmt: skip

    def __init__(
        self,
        text: str,
        *,
        stated_language: str = "",
        rating: float | None = None,
        reaction: str = "",
        profile_place: str = "",
        is_reply: bool = False,
    ) -> None:
        self.text = text[:LONGEST]
        self.stated_language, self.rating, self.reaction = stated_language, rating, reaction
        self.profile_place, self.is_reply = profile_place, is_reply
        pattern = _cutting(
            "." in self.text and bool(_HAS_BARE_LINK.search(self.text)), "@" in self.text and bool(_HAS_ADDRESS.search(self.text))
        )
        found = [(one, one.lastindex or 0) for one in pattern.finditer(self.text)]
        self.tokens: list[str] = [one[group] for one, group in found]
        self.kinds: list[str] = [_KINDS[group] for _, group in found]
        self.starts: list[int] = [one.start(group) for one, group in found]
        self.lower = [token.lower() for token in self.tokens]
        if "’" in self.text:
            self.lower = [token.replace("’", "'") for token in self.lower]
        self.folded = list(map(fold, self.tokens))
        self.reading = Reading()

    def end(self, token: int) -> int:
        """Where a token ends, in characters."""
        return self.starts[token] + len(self.tokens[token])
