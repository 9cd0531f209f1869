"""Text as it is searched: without case, accents and the marks between words."""

import unicodedata


def fold(text: str) -> str:
    """Lower case without accents, one space between words.

    >>> fold("  Núria  SERRA-Vidal ")
    'nuria serra-vidal'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())
