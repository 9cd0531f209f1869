"""Drawings and tables of a report on paper, as vectors, from its frozen figures."""

import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from anyascii import anyascii
from reportlab.graphics.shapes import Drawing, Line, Polygon, PolyLine, Rect, String  # type: ignore[import-untyped]
from reportlab.lib.colors import Color, HexColor, linearlyInterpolatedColor  # type: ignore[import-untyped]
from reportlab.pdfbase.pdfmetrics import stringWidth  # type: ignore[import-untyped]

from .reports_figures import Figures

INK, MUTED, LINE = HexColor("#1F2430"), HexColor("#5F6877"), HexColor("#E7E2DA")
BRAND, BAND, SURFACE = HexColor("#0F766E"), HexColor("#E9E4DB"), HexColor("#FAF8F5")
NEG, NEU, POS = HexColor("#B34A15"), HexColor("#8A94A6"), HexColor("#177480")
FONT, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH: Final = 499.0
"""Points between the margins of A4."""
# Signs of ours that the letters of the page lack, and signs that stand for the same.
_SAME = str.maketrans({"\u202f": "\u00a0", "\u2212": "\u2013", "\u2192": "\u203a", "\u2009": " ", "\u2011": "-", "\u2010": "-"})


class Letters:
    """Makes any text printable: other scripts are written in Latin letters, and `changed` says that some were."""

    def __init__(self) -> None:
        self.changed = False

    def __call__(self, text: Any) -> str:
        plain = unicodedata.normalize("NFC", str(text)).translate(_SAME)
        return "".join(map(self._one, plain)).strip()

    def _one(self, sign: str) -> str:
        if sign.isspace() and sign != "\u00a0":
            return " "
        if unicodedata.category(sign)[0] == "C":
            return ""
        try:
            sign.encode("cp1252")
        except UnicodeEncodeError:
            self.changed = True
            return anyascii(sign).encode("cp1252", "ignore").decode("cp1252")
        return sign


def fitted(text: str, width: float, size: float = 8, font: str = FONT) -> str:
    """The text, cut with … where it is wider than `width` points."""
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _ceiling(most: float) -> int:
    """A round number at or above `most` for the end of an axis."""
    step = 1
    while step * 10 <= most:
        step *= 10
    return next((each * step for each in (1, 2, 3, 4, 5, 6, 8, 10) if each * step >= most), 10 * step)


def days(figures: Figures, letters: Letters, number: Any, height: float = 128) -> Drawing:
    """Mentions by day as a line over the band of what was to be expected; what stands out is marked."""
    rows = figures["daily"]
    top = _ceiling(max([1, *(each["n"] for each in rows), *(each.get("high", 0) for each in rows)]))
    left, low, high = 34.0, 18.0, height - 8
    drawing = Drawing(WIDTH, height)
    step = (WIDTH - left - 6) / max(len(rows) - 1, 1)

    def point(place: int, value: float) -> tuple[float, float]:
        return left + place * step, low + (high - low) * value / top

    for part in (0, 0.5, 1):
        if top * part == int(top * part):
            y = low + (high - low) * part
            drawing.add(Line(left, y, WIDTH, y, strokeColor=LINE, strokeWidth=0.5))
            drawing.add(
                String(left - 4, y - 2.5, letters(number(int(top * part))), fontName=FONT, fontSize=7, fillColor=MUTED, textAnchor="end")
            )
    banded = [(place, each) for place, each in enumerate(rows) if "low" in each]
    if len(banded) > 1:
        edge = [point(place, each["high"]) for place, each in banded] + [point(place, each["low"]) for place, each in reversed(banded)]
        drawing.add(Polygon([value for pair in edge for value in pair], fillColor=BAND, strokeColor=None))
    if figures["starts"]:
        x = point(figures["starts"], 0)[0] - step / 2
        drawing.add(Line(x, low, x, high, strokeColor=MUTED, strokeWidth=0.5, strokeDashArray=[2, 2]))
    line = [value for place, each in enumerate(rows) for value in point(place, each["n"])]
    if len(rows) > 1:
        drawing.add(PolyLine(line, strokeColor=BRAND, strokeWidth=1.4))
    marked = {each["day"] for each in figures["spikes"]} | ({rows[0]["day"]} if len(rows) == 1 else set())
    for place, each in enumerate(rows):
        if each["day"] in marked:
            x, y = point(place, each["n"])
            drawing.add(Rect(x - 2.4, y - 2.4, 4.8, 4.8, fillColor=NEG, strokeColor=None))
            drawing.add(String(x, y + 5, letters(number(each["n"])), fontName=BOLD, fontSize=7, fillColor=INK, textAnchor="middle"))
    every = max(1, -(-len(rows) // 7))
    for place in range(0, len(rows), every):
        x = point(place, 0)[0]
        anchor = "start" if place == 0 else "middle"
        if x < WIDTH - 18:
            drawing.add(String(x, 6, letters(rows[place]["label"]), fontName=FONT, fontSize=7, fillColor=MUTED, textAnchor=anchor))
    return drawing


def heat(figures: Figures, letters: Letters, weekdays: Sequence[str]) -> Drawing:
    """Weekday by hour; the darker, the more mentions."""
    counts = {(weekday, hour): n for weekday, hour, n in figures["hours"]}
    most = max(counts.values(), default=0) or 1
    left, cell, wide = 62.0, 11.0, (WIDTH - 62.0) / 24
    drawing = Drawing(WIDTH, 7 * cell + 14)
    for weekday in range(1, 8):
        y = (7 - weekday) * cell + 12
        drawing.add(String(0, y + 3, fitted(letters(weekdays[weekday - 1]), left - 4), fontName=FONT, fontSize=7, fillColor=MUTED))
        for hour in range(24):
            share = counts.get((weekday, hour), 0) / most
            colour: Color = linearlyInterpolatedColor(SURFACE, BRAND, 0, 1, share**0.7)
            drawing.add(Rect(left + hour * wide + 0.5, y + 0.5, wide - 1, cell - 1, fillColor=colour, strokeColor=None))
    for hour in range(0, 24, 3):
        drawing.add(String(left + hour * wide, 2, f"{hour:02d}", fontName=FONT, fontSize=7, fillColor=MUTED))
    return drawing


def mood_bar(row: Figures, width: float = 150) -> Drawing:
    """Negative, neutral and positive as parts of one bar."""
    drawing, at, total = Drawing(width, 8), 0.0, row["n"] or 1
    for name, colour in (("negative", NEG), ("neutral", NEU), ("positive", POS)):
        wide = width * row[name] / total
        if wide > 0:
            drawing.add(Rect(at, 0.5, max(wide - 0.8, 0.4), 6.5, fillColor=colour, strokeColor=None))
        at += wide
    return drawing


def share_bar(share: float, width: float = 150) -> Drawing:
    drawing = Drawing(width, 8)
    drawing.add(Rect(0, 0.5, width, 6.5, fillColor=SURFACE, strokeColor=None))
    drawing.add(Rect(0, 0.5, width * max(0.0, min(1.0, share)), 6.5, fillColor=BRAND, strokeColor=None))
    return drawing


def interval(mover: Figures, reach: float, width: float = 170) -> Drawing:
    """A driver's points with their interval, about a middle line of none."""
    drawing, middle = Drawing(width, 9), width / 2

    def x(value: float) -> float:
        return middle + (middle - 4) * value / (reach or 1)

    colour = NEU if not mover["sure"] else POS if mover["points"] > 0 else NEG
    drawing.add(Line(middle, 0, middle, 9, strokeColor=MUTED, strokeWidth=0.6))
    drawing.add(Line(x(mover["low"]), 4.5, x(mover["high"]), 4.5, strokeColor=colour, strokeWidth=2.2))
    drawing.add(Rect(x(mover["points"]) - 2, 2.5, 4, 4, fillColor=colour, strokeColor=None))
    return drawing
