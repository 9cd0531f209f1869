"""Text as it is searched: without case, accents and the marks between words."""

import unicodedata

# Marks that combine with a letter, as a table that str.translate drops them by: several times faster than asking each letter.
# None stands beyond the second plane.
_MARKS = dict.fromkeys(code for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))


def fold(text: str) -> str:
    """Lower case without accents, one space between words.

    >>> fold("  Núria  SERRA-Vidal ")
    'nuria serra-vidal'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKD", text).translate(_MARKS).casefold().split())
