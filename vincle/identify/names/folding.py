"""One plain spelling for text of any script, so that names written differently can be compared."""

import re
from functools import lru_cache

from anyascii import anyascii

# Written inside a word and not heard: d'Angelo, O'Neill. The marks of a Catalan l·l likewise.
_SILENT = "'’‘ʼʻ`´ʹʺ·•∙‧⋅・ˈ\u200b\u200c\u200d\u00ad\ufeff"
_DROP = dict.fromkeys(map(ord, _SILENT))
_SPACE = {code: " " for code in range(128) if not chr(code).isalnum()} | {ord("'"): None, ord("`"): None}
_HAN = re.compile("([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])")
# Signs without a sound, which a transliteration would put in words (":grinning:"); kept out of names.
_SIGNS = re.compile("[\u2190-\u2bff\u3000-\u303f\ufe00-\ufe0f\U0001f000-\U0001faff\U000e0000-\U000e007f]+")
_GREEK_OU = re.compile("[οΟ][υύΥΎ]")
_INNER_DOT = re.compile("(?<=[lL])[·•∙‧⋅](?=[lL])")


@lru_cache(maxsize=1 << 17)
def fold(text: str) -> str:
    """Lower-case ASCII words with one space between them.

    Other scripts are transliterated (a Chinese sign is a word), accents lost, apostrophes joined, other punctuation parts words.

    >>> fold("Núria d'Angelo-Straße"), fold("Camil·la"), fold("Γιώργος"), fold("王伟")
    ('nuria dangelo strasse', 'camilla', 'giorgos', 'wang wei')
    """
    if not text.isascii():
        text = _SIGNS.sub(" ", text)
        text = _INNER_DOT.sub("", text).translate(_DROP)
        text = _GREEK_OU.sub("ou", text)
        text = anyascii(_HAN.sub(r" \1 ", text))
    return " ".join(text.translate(_SPACE).lower().split())


def joined(text: str) -> str:
    """`fold` without the spaces: "Anne-Marie" and "Annemarie" are one."""
    return fold(text).replace(" ", "")


def consonants(word: str) -> str:
    """Consonants of a folded word, doubled ones once: what is left where a script writes no vowels ("mhmd" for Mohammed)."""
    kept: list[str] = []
    for letter in word:
        if letter not in "aeiouy" and (not kept or kept[-1] != letter):
            kept.append(letter)
    return "".join(kept)
