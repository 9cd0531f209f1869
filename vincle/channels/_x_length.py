"""How long X counts a text: https://docs.x.com/fundamentals/counting-characters (weights of version 3 of its configuration)."""

import re
from unicodedata import normalize

URL_LENGTH = 23
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_BARE = (
    "com|net|org|info|biz|edu|gov|int|io|co|tv|me|app|dev|shop|store|online|site|blog|news|cat|eu|es|it|fr|pt|de|nl|be|ch|at|uk|ie|us"
    "|mx|ar|br|cl"
)
_URL = re.compile(
    rf"(?<![@\w./#$-])(?:https?://[^\s<>\"]+|(?:[\w-]+\.)+(?:{_BARE})(?![\w-])(?:/[^\s<>\"]*)?)", re.IGNORECASE
)  # fmt: skip
_TAIL = ".,;:!?'\")]}»”’…"
_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf]"
_PART = f"{_EMOJI}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])*[\U000e0020-\U000e007f]*"
_CLUSTER = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f\u20e3|{_PART}(?:\u200d{_PART})*")


def length(text: str) -> int:
    """Signs of most European scripts count one, others and every emoji two, an address always 23.

    >>> length("Bon dia"), length("日本"), length("👨‍👩‍👧"), length("see https://example.org/a/very/long/path."), length("é")
    (7, 4, 2, 28, 1)
    """
    rest, total = normalize("NFC", text), 0
    for pattern, weight in ((_URL, URL_LENGTH), (_CLUSTER, 2)):
        kept, at = [], 0
        for found in pattern.finditer(rest):
            end = found.end() if pattern is _CLUSTER else found.start() + len(found[0].rstrip(_TAIL))
            kept.append(rest[at : found.start()])
            at, total = end, total + weight
        rest = "".join((*kept, rest[at:]))
    return total + sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in rest)
