"""What a language file holds."""

from typing import NamedTuple


class Language(NamedTuple):
    """`topics`: positive, question, negative, ironic patterns, one a line. `replies` are ours, in the same order of moods.

    `about` names the topics, in their order. Alternatives are parted by "|" or stand on lines of their own.
    """

    topics: dict[str, tuple[str, str, str, str]]
    slots: dict[str, str]
    openers: tuple[str, str, str]
    closers: tuple[str, str, str]
    greetings: str
    farewells: str
    posts: str
    replies: tuple[str, str, str]
    subjects: str
    about: str
    bios: str
