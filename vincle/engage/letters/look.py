"""How a company looks in what it sends: colours that can be read, one face of type, who it is. Pure."""

import re
from typing import Any, Final

from . import cleaning

FONTS: Final = {
    "system": "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "arial": "Arial, Helvetica, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "trebuchet": "'Trebuchet MS', Tahoma, sans-serif",
    "georgia": "Georgia, 'Times New Roman', serif",
    "times": "'Times New Roman', Times, serif",
}
COLOURS: Final = {
    "page": "#f4f1ec", "paper": "#ffffff", "ink": "#1f2430", "muted": "#5f6877", "accent": "#0f766e", "line": "#e7e2da",
    "dark_page": "#14171c", "dark_paper": "#1b1f26", "dark_ink": "#eceef2", "dark_muted": "#9aa3b2", "dark_accent": "#4fb8ad",
    "dark_line": "#2d333e",
}  # fmt: skip
"""Names of colours with what they are as long as nobody chose others."""

TEXTS: Final = {"company": 120, "address": 300, "website": 500, "logo": 500, "logo_alt": 120}
MOST_PLACES: Final = 8
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
Look = dict[str, Any]


def read(raw: Any) -> Look:
    """A look with nothing missing: `COLOURS`, `TEXTS`, "font" (of `FONTS`), "radius" and "logo_width" (px), "places" ([[name, address]]).

    What is not understood is as if it had not been said.

    >>> read({"accent": "red", "ink": "#000000", "font": "comic"})["accent"], read({})["font"]
    ('#0f766e', 'system')
    """
    given = raw if isinstance(raw, dict) else {}
    found: Look = {name: _colour(given.get(name), usual) for name, usual in COLOURS.items()}
    found |= {name: _line(given.get(name), most) for name, most in TEXTS.items()}
    for name in ("website", "logo"):
        found[name] = found[name] if cleaning.is_address(found[name]) else ""
    found["font"] = given["font"] if given.get("font") in FONTS else "system"
    found["radius"] = _whole(given.get("radius"), 0, 24, 8)
    found["logo_width"] = _whole(given.get("logo_width"), 40, 400, 140)
    places = given.get("places")
    pairs = [each for each in places if isinstance(each, list | tuple) and len(each) == 2] if isinstance(places, list) else []
    named = [[_line(name, 40), _line(url, 500)] for name, url in pairs]
    found["places"] = [pair for pair in named if pair[0] and cleaning.is_address(pair[1])][:MOST_PLACES]
    return found


def _colour(value: Any, usual: str) -> str:
    return value.lower() if isinstance(value, str) and _HEX.match(value) else usual


def _line(value: Any, most: int) -> str:
    """Without braces: what a company is called is no Liquid."""
    return " ".join(re.sub(r"[{}]", "", cleaning.printable(value)).split())[:most] if isinstance(value, str) else ""


def _whole(value: Any, least: int, most: int, usual: int) -> int:
    try:
        return min(max(int(value), least), most)
    except (TypeError, ValueError, OverflowError):
        return usual


def contrast(one: str, two: str) -> float:
    """Contrast of two colours by WCAG 2: 1 (equal) to 21 (black on white). 4.5 is wanted for text.

    >>> contrast("#000000", "#ffffff"), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 3)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def on(colour: str) -> str:
    """Black or white, whichever is read better on it.

    >>> on("#0f766e"), on("#ffe08a")
    ('#ffffff', '#111111')
    """
    return "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#111111") else "#111111"
