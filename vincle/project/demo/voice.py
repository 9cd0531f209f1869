"""Turns a mood and a topic into words: patterns, slots, openings, endings, emoji and slips, never the same text often."""

import re
from collections import Counter
from collections.abc import Callable
from random import Random

from .kinds import LANGUAGES, TOPICS, Kind, Mood
from .names import misspelt
from .texts import LANGUAGES as TEXTS
from .texts import Said, said

_EMOJI = {
    Mood.POSITIVE: "☕ 😍 🙌 ✨ 🥐 ❤️ 👏 😊 🤎 🥰 💛 🔥".split(), Mood.QUESTION: "🤔 🙏 🙂 👀".split(),
    Mood.NEGATIVE: "😡 🙄 😞 👎 😤 😒".split(), Mood.IRONIC: "🙃 👏 🤡 😂".split(),
}  # fmt: skip
_TAGS = ("#cafèlligam", "#specialtycoffee", "#girona", "#coffeelovers", "#cafèdespecialitat", "#roastery", "#latteart", "#slowcoffee")
_SLOT = re.compile(r"\{(\w+)\}")


def _rules(*pairs: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(wrong), right) for wrong, right in pairs)


# What articles and prepositions do before a vowel once a slot is filled.
_ELISIONS = {
    "ca": _rules(
        (r"\b([Dd])e ((?:en|[AEIOUaeiouàÀèéÈÉíÍòóÒÓúÚ]\w+)\b)", r"\1'\2"),
        (r"\bel ([aeiouéAEIOU]\w)", r"l'\1"), (r"\bEl ([aeiouéAEIOU]\w)", r"L'\1"),
        (r"\bpel ([aeiouéAEIOU]\w)", r"per l'\1"), (r"\bal ([aeiouéAEIOU]\w)", r"a l'\1"), (r"\bdel ([aeiouéAEIOU]\w)", r"de l'\1"),
    ),
    "it": _rules(
        (r"\bil ([aeiouAEIOU]\w)", r"l'\1"), (r"\bIl ([aeiouAEIOU]\w)", r"L'\1"), (r"\b([Dd])el ([aeiouAEIOU]\w)", r"\1ell'\2"),
        (r"\bal ([aeiouAEIOU]\w)", r"all'\1"),
    ),
    "en": _rules((r"\b([Aa]) (?=[aeioAEIO]\w)", r"\1n ")),
    "es": (),
}  # fmt: skip
_EMOJI_CHANCE = {
    Kind.COMMENT: 0.4, Kind.PEER_REPLY: 0.35, Kind.MENTION: 0.35, Kind.MESSAGE: 0.2, Kind.REVIEW: 0.12, Kind.LETTER: 0.03,
    Kind.ANSWER: 0.05,
}  # fmt: skip
_SECOND_CHANCE = {
    Kind.REVIEW: 0.6, Kind.LETTER: 0.7, Kind.MENTION: 0.35, Kind.ANSWER: 0.15, Kind.COMMENT: 0.2, Kind.MESSAGE: 0.25, Kind.PEER_REPLY: 0.15,
}  # fmt: skip
MOST = 3


class Voice:
    """Says things in four languages. Remembers what was said, so that no text comes more than `MOST` times."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.heard: Counter[str] = Counter()
        self.patterns: dict[tuple[int, int], Said] = {(tongue, topic): said(language, name) for tongue, language in enumerate(LANGUAGES)
                                                      for topic, name in enumerate(TOPICS)}  # fmt: skip
        self.slots = [{name: values.split("|") for name, values in TEXTS[language].slots.items()} for language in LANGUAGES]
        self.openers = [[part.split("|") for part in TEXTS[language].openers] for language in LANGUAGES]
        self.closers = [[part.split("|") for part in TEXTS[language].closers] for language in LANGUAGES]
        self.replies = [[part.strip().splitlines() for part in TEXTS[language].replies] for language in LANGUAGES]
        self.posts = [TEXTS[language].posts.strip().splitlines() for language in LANGUAGES]
        self.subjects = [TEXTS[language].subjects.strip().splitlines() for language in LANGUAGES]
        self.greetings = [TEXTS[language].greetings.split("|") for language in LANGUAGES]
        self.farewells = [TEXTS[language].farewells.split("|") for language in LANGUAGES]
        self.about = [TEXTS[language].about.split("|") for language in LANGUAGES]
        self.bios = [TEXTS[language].bios.split("|") for language in LANGUAGES]

    def speak(self, kind: Kind, tongue: int, topic: int, mood: int, name: str = "") -> str:
        """A text of a person."""
        return self._fresh(lambda: self._speak(kind, tongue, topic, mood, name))

    def reply(self, tongue: int, mood: int, name: str) -> str:
        """Our answer to someone who spoke in this mood."""
        which = {Mood.POSITIVE: 0, Mood.QUESTION: 1}.get(Mood(mood), 2)
        return self._fresh(lambda: self._reply(tongue, which, name))

    def post(self, tongue: int) -> str:
        """A post of ours."""
        return self._fresh(lambda: f"{self._fill(self.random.choice(self.posts[tongue]), tongue)} {self._tags(2)}")

    def subject(self, tongue: int, random: Random) -> str:
        """The subject of a mail, drawn by the dice given."""
        return self._fill(random.choice(self.subjects[tongue]), tongue, random)

    def matter(self, tongue: int, topic: int) -> str:
        """The subject of a letter to us."""
        dice, about = self.random.random(), self.about[tongue][topic]
        return "" if dice < 0.08 else about.lower() if dice < 0.25 else f"{about}!!" if dice < 0.3 else about

    def bio(self, tongue: int) -> str:
        return self._fill(self.random.choice(self.bios[tongue]), tongue)

    def _fresh(self, make: Callable[[], str]) -> str:
        text = make()
        for _ in range(12):
            if self.heard[text] < MOST:
                break
            text = make()
        while self.heard[text] >= MOST:
            text += f" {self.random.choice(_EMOJI[Mood.POSITIVE])}"
        self.heard[text] += 1
        return text

    def _speak(self, kind: Kind, tongue: int, topic: int, mood: int, name: str) -> str:
        random = self.random
        patterns = self.patterns[tongue, topic][mood - 1]
        chosen = random.sample(patterns, 2 if random.random() < _SECOND_CHANCE[kind] and len(patterns) > 1 else 1)
        sentences = [self._fill(pattern, tongue) for pattern in chosen]
        terse = random.random() < 0.12 and kind not in (Kind.LETTER, Kind.REVIEW)
        side = 0 if mood == Mood.POSITIVE else 1 if mood == Mood.QUESTION else 2
        if not terse and random.random() < 0.34 and kind != Kind.LETTER:
            sentences[0] = _behind(random.choice(self.openers[tongue][side]), sentences[0], chosen[0][0] == "{")
        if not terse and random.random() < 0.4 and mood != Mood.IRONIC:
            sentences.append(self._fill(random.choice(self.closers[tongue][side]), tongue))
        text = self._join(sentences, mood)
        if kind == Kind.LETTER:
            return self._letter(text, tongue, name)
        text = self._roughen(text)
        if random.random() < _EMOJI_CHANCE[kind]:
            text += " " + "".join(random.choices(_EMOJI[Mood(mood)], k=random.choice((1, 1, 1, 2, 3))))
        if kind == Kind.MENTION:
            text = f"{text} @cafelligam" if random.random() < 0.5 else f"{text} {self._tags(random.choice((1, 2, 3)))}"
        return text

    def _fill(self, pattern: str, tongue: int, random: Random | None = None) -> str:
        slots, random = self.slots[tongue], random or self.random
        text = _SLOT.sub(lambda found: random.choice(slots[found[1]]), pattern)
        for wrong, right in _ELISIONS[LANGUAGES[tongue]]:
            text = wrong.sub(right, text)
        return text[0].upper() + text[1:] if pattern[0] == "{" else text

    def _join(self, sentences: list[str], mood: int) -> str:
        mark = "!" if mood == Mood.POSITIVE and self.random.random() < 0.3 else "."
        ended = [sentence if sentence[-1] in ".!?(:3" else sentence + mark for sentence in sentences[:-1]]
        last = sentences[-1] if sentences[-1][-1] in ".!?3(:" or self.random.random() < 0.5 else sentences[-1] + mark
        return " ".join([*ended, last])

    def _letter(self, text: str, tongue: int, name: str) -> str:
        random = self.random
        return f"{random.choice(self.greetings[tongue])}\n\n{text}\n\n{random.choice(self.farewells[tongue])}\n{name}"

    def _roughen(self, text: str) -> str:
        """People write in haste: without capitals, with typing slips, in capitals when angry."""
        dice = self.random.random()
        if dice < 0.1:
            return text.lower()
        if dice < 0.2:
            words = text.split(" ")
            at = self.random.randrange(len(words))
            words[at] = misspelt(words[at], self.random)
            return " ".join(words)
        if dice < 0.23 and text[-1] in "!?.":
            return text + text[-1] * 2
        return text.upper() if dice > 0.993 else text

    def _reply(self, tongue: int, which: int, name: str) -> str:
        text = self._fill(self.random.choice(self.replies[tongue][which]), tongue)
        dice, mark = self.random.random(), "🙏" if which == 2 else self.random.choice("💛☕🙏")
        if dice < 0.2 and name:
            return f"{name}, {text[0].lower()}{text[1:]}"
        if dice < 0.45 and name:
            return f"{text} {mark} {name}"
        return f"{text} {mark}" if dice < 0.7 else text

    def _tags(self, size: int) -> str:
        return " ".join(self.random.sample(_TAGS, size))


def _behind(opener: str, sentence: str, is_name: bool) -> str:
    """A sentence that goes on after an opening: in lower case unless it begins with a name or after a full stop."""
    goes_on = opener[-1] not in ".!?" and sentence[0].isupper() and sentence[1:2].islower() and not is_name
    return f"{opener} {sentence[0].lower()}{sentence[1:]}" if goes_on else f"{opener} {sentence}"


def hashtags(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"#(\w+)", text))
