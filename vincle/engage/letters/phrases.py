"""The few words that every letter says by itself, in the reader's language. Pure."""

from typing import Final

LANGUAGES: Final[tuple[str, ...]] = ("en", "es", "it", "ca")
PHRASES: Final = {
    "en": {"preferences": "Choose what we write to you", "unsubscribe": "Unsubscribe", "view": "View in your browser", "more": "See it",
           "goes_with": "Goes well with"},
    "es": {"preferences": "Elige qué te escribimos", "unsubscribe": "Darse de baja", "view": "Ver en el navegador", "more": "Ver",
           "goes_with": "Va bien con"},
    "it": {
        "preferences": "Scegli cosa ricevere da noi",
        "unsubscribe": "Annulla l’iscrizione",
        "view": "Apri nel browser",
        "more": "Guarda",
        "goes_with": "Si abbina a",
    },
    "ca": {"preferences": "Tria què t’escrivim", "unsubscribe": "Donar-se de baixa", "view": "Obrir al navegador", "more": "Mira-ho",
           "goes_with": "Combina amb"},
}


def phrase(language: str, name: str) -> str:
    """A phrase; in English where we do not speak the language.

    >>> phrase("it", "view"), phrase("de", "unsubscribe")
    ('Apri nel browser', 'Unsubscribe')
    """
    return PHRASES.get(language[:2].lower(), PHRASES["en"])[name]
