"""How two versions of a letter differ, line by line, as they would be read."""

from difflib import SequenceMatcher

from . import plain
from .models import LetterVersion

Line = tuple[str, str]
"""("same" | "out" | "in" | "gap", the line)."""


def lines(version: LetterVersion, language: str) -> list[str]:
    """Subject, preview text and what the letter says, with what is filled in as it is written."""
    content = version.content(language)
    body = content["text"] if content["is_text_own"] else plain.blocks_text(content["blocks"], version.look, language)
    return [line for line in [content["subject"], content["preheader"], *body.splitlines()] if line.strip()]


def changes(old: list[str], new: list[str], around: int | None = None) -> list[Line]:
    """What went and what came; of what stays only `around` lines beside a change, where that is said.

    >>> changes(["a", "b", "c", "d"], ["a", "b", "c", "x"], around=1)
    [('gap', ''), ('same', 'c'), ('out', 'd'), ('in', 'x')]
    """
    found: list[Line] = []
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for at, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal":
            found += _kept(old[a:b], around, is_first=at == 0, is_last=at == len(steps) - 1)
        else:
            found += [("out", line) for line in old[a:b]] + [("in", line) for line in new[c:d]]
    return found


def _kept(same: list[str], around: int | None, *, is_first: bool, is_last: bool) -> list[Line]:
    before = 0 if is_first or around is None else around
    behind = 0 if is_last or around is None else around
    if around is None or len(same) <= before + behind:
        return [("same", line) for line in same]
    tail = same[len(same) - behind :]
    return [*(("same", line) for line in same[:before]), ("gap", ""), *(("same", line) for line in tail)]
