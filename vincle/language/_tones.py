"""How well a text speaks, by rules: the signs of its words, changed by what stands around them.

Negation reaches a few words on, within its clause; an intensifier the next sign, or the one just before it (me gusta mucho); what stands
before a `but` counts less, what follows more; wishes and questions count less; capitals and drawn-out words more. After Hutto & Gilbert
(VADER, 2014) and Taboada et al. (SO-CAL, 2011), with scopes that fit the Romance languages as well.
"""

from typing import Final

from ._function_words import (
    AFFIRMED,
    AFTER_VERB,
    AGES,
    BREAKS,
    COMPARED,
    CONCESSIVE,
    COULD,
    DENIES,
    IMPOSSIBLE,
    LIGHT,
    LITTLE,
    NEVER,
    NOTHING,
    NOW,
    OATHS,
    OF,
    OR,
    PERSONAL,
    REQUESTS,
    SO,
    THAT,
)  # fmt: skip
from ._signs import CONTRAST, DIMINISHER, HEDGE, INTENSIFIER, IRONY, NEGATION, STRONGEST, Sign, Signs, emoji, marks, signs, stars
from ._turns import COUNTS, MOCKED, Hit, courteous, irony, judge, mocks
from .page import ACCOUNT, EMOJI, HASHTAG, LINK, NUMBER, SIGN, STOP, WORD, Page
from .reading import Clue

_REACH: Final = 5
"""Words over which a negation reaches."""
_NEAR: Final = 2
"""Words over which an intensifier reaches."""
_FLIP_GOOD, _FLIP_BAD = -0.75, -0.45
"""Not good is nearly bad; not bad is only somewhat good."""
_BEFORE_BUT, _AFTER_BUT, _CONCEDED, _WRITTEN_LARGE, _DRAWN_OUT = 0.5, 1.3, 0.6, 1.2, 1.15
_ASKED_GOOD, _ASKED_BAD = 0.35, 0.75
_OATH: Final = 0.2
_REPORTED: Final = 0.4
"""Hedges up to here hold to the end of the sentence: what others are said to say."""
_OTHERS: Final = 0.6
"""By how much less still that counts."""
_AGAIN: Final = 0.35
"""What the same emoji counts the next time."""


class Tones:
    """What the rules found in one text: `clues` as found, `good`/`bad` sums of words, `good_emoji`/`bad_emoji` of emoji, and counts."""

    __slots__ = (
        "asked", "asked_good", "bad", "bad_emoji", "capitals", "clues", "contrasts", "flipped_bad", "flipped_good", "free_negations",
        "good", "good_emoji", "hashtags", "hedged", "hedges", "hits", "irony", "last", "links", "numbers", "personal", "quotes",
        "shouts", "strongest", "talks_to", "trails", "words",
    )  # fmt: skip

    def __init__(self) -> None:
        self.clues: list[Clue] = []
        self.good = self.bad = self.good_emoji = self.bad_emoji = self.last = self.strongest = self.irony = 0.0
        self.asked_good = self.hedged = 0.0
        self.asked = self.capitals = self.contrasts = self.flipped_bad = self.flipped_good = self.free_negations = self.hashtags = 0
        self.hedges = self.hits = self.links = self.numbers = self.quotes = self.shouts = 0
        self.talks_to = self.trails = self.words = 0
        self.personal = False

    @property
    def total(self) -> float:
        return self.good + self.bad + self.good_emoji + self.bad_emoji


class _Walk:
    """One pass over a page's tokens, with what reaches from token to token."""

    __slots__ = (
        "boost", "boost_left", "boosted", "but", "hedge", "hits", "ironies", "large", "negated", "negated_at", "page", "seen", "sentence",
        "signs", "since", "tones",
    )  # fmt: skip

    def __init__(self, page: Page, known: Signs) -> None:
        self.page, self.signs, self.tones = page, known, Tones()
        self.hits: list[Hit] = []
        self.ironies: list[tuple[int, float]] = []
        self.seen: dict[str, float] = {}
        self.large = page.text.isupper()
        self.negated = self.negated_at = self.boost_left = self.sentence = 0
        self.since = 99
        self.boost = self.hedge = self.but = 1.0
        self.boosted: Hit | None = None

    def walk(self) -> Tones:
        page, tones, known = self.page, self.tones, self.signs.known
        kinds, folded = page.kinds, page.folded
        at, count = 0, len(kinds)
        while at < count:
            kind = kinds[at]
            if kind == WORD:
                word = folded[at]
                if known[word] is None:
                    tones.words += 1
                    self.since += 1
                    if self.negated or self.boost_left:
                        self.pass_word(word)
                    self.undeceive(word)
                    at += 1
                    continue
                length, sign = self.signs.at(folded, at)
                tones.words += length
                if sign is None:
                    self.since += 1
                    self.pass_word(word)
                    self.undeceive(word)
                else:
                    self.take(at, at + length, sign)
                at += length
                continue
            self.other(kind, at)
            at += 1
        self.end_sentence("")
        return self.close()

    def pass_word(self, word: str) -> None:
        if self.negated and word not in LIGHT:
            self.negated -= 1
            if not self.negated:
                self.tones.free_negations += 1
        if self.boost_left:
            self.boost_left -= 1
            if not self.boost_left:
                self.spend_behind()

    def undeceive(self, word: str) -> None:
        """I thought it would be dull, and: what follows is how it was."""
        if self.hedge < 0 and word in NOW:
            self.hedge, self.but = 1.0, _AFTER_BUT

    def take(self, at: int, end: int, sign: Sign) -> None:
        kind = sign.kind
        if kind == CONTRAST:
            self.contrast(at)
        if sign.valence and not (kind and self.changes_next(kind, end)):
            self.hit(at, end, sign.valence)
            if kind not in (IRONY, HEDGE):
                return
        if kind == NEGATION:
            self.negate(at)
        elif kind in (INTENSIFIER, DIMINISHER):
            self.spend_behind()
            self.boosted = self.hits[-1] if self.hits and self.since <= 1 and len(self.hits) > self.sentence else None
            self.boost, self.boost_left = sign.factor, _NEAR
        elif kind == HEDGE and self.page.lower[at] not in AFFIRMED:
            self.hedge = min(self.hedge, sign.factor * _OTHERS if 0 < sign.factor <= _REPORTED else sign.factor)
            self.tones.hedges += 1
        elif kind == IRONY:
            self.ironies.append((len(self.hits), sign.factor))

    def changes_next(self, kind: str, end: int) -> bool:
        """Whether a word that is both (`pretty`, `awfully`) stands before one with a sign of its own."""
        if kind not in (INTENSIFIER, DIMINISHER) or end >= len(self.page.folded) or self.page.kinds[end] != WORD:
            return kind == NEGATION
        found = self.signs.look(self.page.folded[end])
        return bool(found and found.own and found.own.valence)

    def negate(self, at: int) -> None:
        near = self.hits[-1] if self.hits and self.since <= 1 and len(self.hits) > self.sentence else None
        if near and (near.kind == "negated" or (near.end - near.start > 1 and self.denies(near.start))):
            return
        if near and self.page.folded[at] in AFTER_VERB and near.kind == "word":
            self.flip(near)
        elif (scarce := self.scarce(at)) is not None:
            self.flip(scarce)
        elif self.undone(at):
            self.negated = 0
        else:
            self.negated, self.negated_at = _REACH, at

    def scarce(self, at: int) -> Hit | None:
        """The sign that a word like `little` denies from the end of its clause: just before it, or what there is little of."""
        page, ends = self.page, at + 1
        if page.folded[at] not in LITTLE or len(self.hits) == self.sentence:
            return None
        if ends < len(page.kinds) and page.kinds[ends] == WORD:
            return None
        near = self.hits[-1]
        named = near.start > 0 and page.folded[near.start - 1] in OF
        return near if near.kind == "word" and self.since <= (_REACH if named else 1) else None

    def undone(self, at: int) -> bool:
        """Whether a second denial takes back the first: nothing that I did not like."""
        folded = self.page.folded
        return bool(
            self.negated and folded[at] in DENIES and folded[at - 1] in THAT and not NOTHING.isdisjoint(folded[max(at - _REACH, 0) : at])
        )

    def flip(self, hit: Hit) -> None:
        if hit.value > 0:
            hit.value *= _FLIP_GOOD
            self.tones.flipped_good += 1
        else:
            hit.value *= _FLIP_BAD
            self.tones.flipped_bad += 1
        hit.kind = "negated"

    def hit(self, at: int, end: int, valence: float, kind: str = "word") -> None:
        page = self.page
        value = valence * self.hedge * self.but
        if self.hedge < 1:
            self.tones.hedged += abs(valence)
        if kind == "word":
            token = page.tokens[at]
            if not self.large and len(token) > 2 and token.isupper():
                value *= _WRITTEN_LARGE
            elif len(token) > 4 and _drawn_out(token):
                value *= _DRAWN_OUT
        one = Hit(at, end, value, kind)
        if self.boost_left:
            one.value *= 1 / self.boost if self.negated else self.boost
            self.boost_left, self.boosted = 0, None
        if self.negated and kind == "word":
            if end - at > 1 and self.denies(at):
                if self.undone(at):
                    self.flip(one)
            elif self.outdone(at, end):
                one.value = valence * self.but
            else:
                self.flip(one)
            joined = end < len(page.folded) and page.folded[end] in OR
            self.negated = 2 if joined else 0
        if self.hits and value > 1.5 and self.since <= 4 and page.folded[self.hits[-1].start] in OATHS:
            self.hits[-1].value *= _OATH
        if self.hits and value < -COUNTS and self.since <= _REACH and page.folded[self.hits[-1].start] in IMPOSSIBLE:
            one.value, one.kind, self.hits[-1].value = value * _FLIP_GOOD, "negated", 0.0
        self.hits.append(one)
        self.since = 0

    def denies(self, at: int) -> bool:
        """Whether a phrase begins with a denial of its own (ne ... rien à redire): one denial, not two."""
        found = self.signs.look(self.page.folded[at])
        return bool(found and found.own and found.own.kind == NEGATION)

    def outdone(self, at: int, end: int) -> bool:
        """Never so good, could not be happier: what is denied is that there was ever more of it."""
        folded, denial = self.page.folded, self.negated_at
        could = any(word in COULD or word in NOTHING for word in folded[max(denial - 2, 0) : end])
        if could and "enough" in folded[end : end + 3]:
            return True
        if folded[at] not in COMPARED and not any(word in SO for word in folded[denial + 1 : end]):
            return False
        return folded[denial] in NEVER or could or not AGES.isdisjoint(folded[max(denial - 3, 0) : denial])

    def spend_behind(self) -> None:
        """An intensifier that found nothing before it: it belongs to the sign it follows."""
        if self.boosted is not None:
            self.boosted.value *= 1 / self.boost if self.boosted.kind == "negated" and self.boost > 1 else self.boost
        self.boosted, self.boost_left = None, 0

    def contrast(self, at: int) -> None:
        self.spend_behind()
        self.tones.contrasts += 1
        self.negated, self.hedge = 0, 1.0
        if self.page.folded[at] in CONCESSIVE:
            self.but = _CONCEDED
            return
        for hit in self.hits[self.sentence :]:
            hit.value *= _BEFORE_BUT
        self.but = _AFTER_BUT

    def other(self, kind: str, at: int) -> None:
        page, tones = self.page, self.tones
        if kind == STOP:
            self.end_sentence(page.tokens[at])
        elif kind == SIGN:
            self.sign(page.tokens[at])
        elif kind == EMOJI:
            self.emoji(at)
        elif kind == HASHTAG:
            tones.hashtags += 1
            value = self.signs.hashtag(page.tokens[at])
            if value:
                self.hit(at, at + 1, value, "hashtag")
            self.irony_of(page.folded[at][1:])
        elif kind == NUMBER:
            tones.numbers += 1
            self.number(at)
        elif kind == LINK:
            tones.links += 1
        elif kind == ACCOUNT and not at:
            tones.talks_to += 1

    def sign(self, token: str) -> None:
        if token not in BREAKS:
            return
        if token in '"«“':
            self.tones.quotes += 1
        self.negated = 0
        if not 0 < self.hedge <= _REPORTED:
            self.hedge = 1.0
        self.spend_behind()
        if token in ",;" and self.but == _CONCEDED:
            self.but = _AFTER_BUT

    def emoji(self, at: int) -> None:
        token = self.page.tokens[at]
        value = emoji(token)
        if not value:
            return
        share = self.seen.get(token, 1.0)
        self.seen[token] = share * _AGAIN
        self.hits.append(Hit(at, at + 1, value * share, "emoji"))

    def irony_of(self, word: str) -> None:
        found = self.signs.look(word)
        if found and found.own and found.own.kind == IRONY:
            self.ironies.append((len(self.hits), found.own.factor))

    def number(self, at: int) -> None:
        page = self.page
        value = marks(page.tokens[at])
        if value is None and at + 1 < len(page.folded):
            value = stars(page.tokens[at], page.folded[at + 1])
        if value:
            self.hits.append(Hit(at, at + 1, value, "marks"))

    def end_sentence(self, token: str) -> None:
        self.spend_behind()
        if self.negated:
            self.tones.free_negations += 1
        if "?" in token:
            self.tones.asked += 1
            for hit in self.hits[self.sentence :]:
                if hit.kind != "emoji":
                    self.tones.asked_good += max(hit.value, 0.0)
                    hit.value *= _ASKED_GOOD if hit.value > 0 else _ASKED_BAD
        self.tones.shouts += token.count("!")
        if "…" in token or "..." in token:
            self.tones.trails += 1
        elif token != "¡" and token != "¿":
            self.sentence = len(self.hits)
        self.negated, self.hedge, self.but, self.since = 0, 1.0, 1.0, 99

    def close(self) -> Tones:
        tones, page = self.tones, self.page
        tones.personal = not PERSONAL.isdisjoint(page.folded)
        if not tones.contrasts and mocks(page, self.hits):
            self.ironies.append((0, MOCKED))
        judge(page, self.hits)
        if tones.asked or not REQUESTS.isdisjoint(page.folded):
            courteous(page, self.hits)
        for hit in self.hits:
            value = max(-STRONGEST, min(STRONGEST, hit.value))
            if hit.kind == "emoji":
                if value > 0:
                    tones.good_emoji += value
                else:
                    tones.bad_emoji += value
            elif value > 0:
                tones.good += value
            else:
                tones.bad += value
            tones.last = value
            if abs(value) > abs(tones.strongest):
                tones.strongest = value
            tones.clues.append(Clue(page.starts[hit.start], page.end(hit.end - 1), hit.kind, round(value / STRONGEST, 3)))
        tones.hits = sum(abs(hit.value) >= COUNTS for hit in self.hits)
        if not self.large:
            tones.capitals = len([1 for token in page.tokens if len(token) > 2 and token.isupper()])
        tones.irony = irony(self.ironies, self.hits)
        return tones


def tones(page: Page, languages: tuple[str, ...]) -> Tones:
    """Read one page by the rules, in these languages."""
    return _Walk(page, signs(languages)).walk()


def _drawn_out(token: str) -> bool:
    return any(token[n] == token[n + 1] == token[n + 2] for n in range(len(token) - 2))
