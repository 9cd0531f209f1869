"""Ballots on paper: A4, each with a code of its own, a QR that leads to the same questions, and a key at each answer for whoever types.

The letters are those every reader of PDF brings along (Helvetica, Western European); other scripts are written in Latin letters. Pure.
"""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

import segno
from anyascii import anyascii
from reportlab.lib.colors import HexColor, white  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph  # type: ignore[import-untyped]

from . import codes

MOST: Final = 500
"""Ballots in one file."""

_INK, _MUTED, _LINE = HexColor("#1F2430"), HexColor("#5F6877"), HexColor("#B9B2A6")
_WIDTH, _HEIGHT = A4
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, _WIDTH - 48, _HEIGHT - 48, 56.0
_QR: Final = 84.0
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13.5, textColor=_INK)
_SMALL = ParagraphStyle("small", _BODY, fontSize=8.5, leading=11.5, textColor=_MUTED)
_ASK = ParagraphStyle("ask", _BODY, fontName="Helvetica-Bold", fontSize=10.5, leading=14)
_PART = ParagraphStyle("part", _ASK, fontSize=13, leading=17)
_TITLE = ParagraphStyle("title", _ASK, fontSize=18, leading=22)
_SAME = str.maketrans({"\u202f": "\u00a0", "\u2212": "\u2013", "\u2192": "\u203a", "\u2009": " ", "\u2011": "-", "\u2010": "-"})


class Asked(NamedTuple):
    """One question on paper. `kind`: "tick" (one box an answer), "scale" (boxes in a row), "grid" (a row for each of `rows`), "lines"
    (so many as `lines`), "boxes" (a short box behind each answer), "part" (a heading) or "note".

    `answers` are (key, text): the key is what is typed for it. `hint` says how many may be ticked. `ends`: words at both ends of a scale.
    """

    number: str
    text: str
    kind: str
    answers: Sequence[tuple[str, str]] = ()
    hint: str = ""
    rows: Sequence[str] = ()
    ends: tuple[str, str] = ("", "")
    lines: int = 2


class Sheet(NamedTuple):
    """What stands on every ballot. `words`: "code", "online", "page" (with two %d) in the language of the sheet."""

    title: str
    welcome: str
    privacy: str
    questions: Sequence[Asked]
    words: dict[str, str]
    language: str = "en"


def letters(text: str) -> str:
    """Text as these letters can print it."""
    plain = unicodedata.normalize("NFC", text).translate(_SAME)
    found = []
    for sign in plain:
        if sign.isspace() and sign != "\u00a0":
            found.append(" ")
        elif unicodedata.category(sign)[0] == "C":
            continue
        else:
            try:
                sign.encode("cp1252")
                found.append(sign)
            except UnicodeEncodeError:
                found.append(anyascii(sign).encode("cp1252", "ignore").decode("cp1252"))
    return "".join(found).strip()


def printed(sheet: Sheet, ballots: Iterable[tuple[str, str]]) -> bytes:
    """A PDF with a ballot for each (code, address behind the QR), each beginning on a page of its own."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=sheet.language)
    canvas.setTitle(letters(sheet.title))
    canvas.setCreator("Vincle")
    pages = len(_Ballot(Canvas(io.BytesIO(), pagesize=A4), sheet, "", "", 0).draw())
    for code, url in ballots:
        _Ballot(canvas, sheet, code, url, pages).draw()
    canvas.save()
    return out.getvalue()


class _Ballot:
    def __init__(self, canvas: Canvas, sheet: Sheet, code: str, url: str, pages: int) -> None:
        self.canvas, self.sheet, self.code, self.url, self.pages = canvas, sheet, code, url, pages
        self.page, self.y = 1, _TOP
        self.ends: list[float] = []

    def draw(self) -> list[float]:
        """Draw it all; returns how far down each of its pages went."""
        self._head()
        for asked in self.sheet.questions:
            self._question(asked)
        self._foot()
        self.canvas.showPage()
        self.ends.append(self.y)
        return self.ends

    def _head(self) -> None:
        self._qr(_RIGHT - _QR, _TOP - _QR)
        for words, style in ((self.sheet.title, _TITLE), (self.sheet.welcome, _BODY), (self.sheet.privacy, _SMALL)):
            self._paragraph(words, style, _LEFT, _RIGHT - _QR - 24 - _LEFT, 6)
        self.y = min(self.y, _TOP - _QR - 30)
        self.canvas.setFont("Courier-Bold", 10)
        self.canvas.setFillColor(_INK)
        self.canvas.drawCentredString(_RIGHT - _QR / 2, _TOP - _QR - 12, codes.shown(self.code))
        self.canvas.setFont("Helvetica", 7)
        self.canvas.setFillColor(_MUTED)
        self.canvas.drawCentredString(_RIGHT - _QR / 2, _TOP - _QR - 22, letters(self.sheet.words["online"]))
        self.y -= 6
        self.canvas.setStrokeColor(_LINE)
        self.canvas.line(_LEFT, self.y, _RIGHT, self.y)
        self.y -= 18

    def _qr(self, x: float, y: float) -> None:
        if not self.url:
            return
        made = segno.make(self.url, error="m", micro=False)
        matrix = list(made.matrix)
        size = _QR / len(matrix)
        self.canvas.setFillColor(_INK)
        for row, cells in enumerate(matrix):
            for column, cell in enumerate(cells):
                if cell:
                    self.canvas.rect(x + column * size, y + _QR - (row + 1) * size, size + 0.05, size + 0.05, stroke=0, fill=1)

    def _foot(self) -> None:
        self.canvas.setFont("Helvetica", 8)
        self.canvas.setFillColor(_MUTED)
        self.canvas.drawString(_LEFT, 32, letters(f"{self.sheet.words['code']}: {codes.shown(self.code)}"))
        self.canvas.drawRightString(_RIGHT, 32, f"{self.page} / {self.pages}")

    def _room(self, height: float) -> None:
        """Begin another page where this one has no room for it."""
        if self.y - height < _BOTTOM and self.y < _TOP - 1:
            self._foot()
            self.ends.append(self.y)
            self.canvas.showPage()
            self.page, self.y = self.page + 1, _TOP

    def _paragraph(self, text: str, style: Any, x: float, width: float, after: float = 0) -> None:
        if not text.strip():
            return
        made = Paragraph(escape(letters(text)), style)
        _w, height = made.wrap(width, 4000)
        made.drawOn(self.canvas, x, self.y - height)
        self.y -= height + after

    def _height(self, text: str, style: Any, width: float) -> float:
        return float(Paragraph(escape(letters(text)), style).wrap(width, 4000)[1]) if text.strip() else 0.0

    def _question(self, asked: Asked) -> None:
        style = _PART if asked.kind == "part" else _BODY if asked.kind == "note" else _ASK
        words = f"{asked.number}  {asked.text}" if asked.number else asked.text
        head = self._height(words, style, _RIGHT - _LEFT) + self._height(asked.hint, _SMALL, _RIGHT - _LEFT)
        self._room(head + min(self._body(asked), _TOP - _BOTTOM - head - 40))
        if asked.kind == "part":
            self.y -= 6
        self._paragraph(words, style, _LEFT, _RIGHT - _LEFT, 3)
        self._paragraph(asked.hint, _SMALL, _LEFT, _RIGHT - _LEFT, 3)
        draw = {"tick": self._ticks, "boxes": self._ticks, "scale": self._scale, "grid": self._grid, "lines": self._lines}.get(asked.kind)
        if draw is not None:
            self.y -= 4
            draw(asked)
        self.y -= 12

    def _body(self, asked: Asked) -> float:
        if asked.kind in ("tick", "boxes"):
            return sum(max(16.0, self._height(text, _BODY, _RIGHT - _LEFT - 60) + 4) for _key, text in asked.answers)
        if asked.kind == "grid":
            return 26 + 22.0 * len(asked.rows)
        return {"scale": 44.0, "lines": 22.0 * asked.lines}.get(asked.kind, 0.0)

    def _box(self, x: float, y: float, key: str) -> None:
        self.canvas.setStrokeColor(_INK)
        self.canvas.setFillColor(white)
        self.canvas.setLineWidth(0.8)
        self.canvas.rect(x, y, 11, 11, stroke=1, fill=1)
        self.canvas.setFillColor(_MUTED)
        self.canvas.setFont("Helvetica", 6)
        self.canvas.drawString(x + 13, y + 6, letters(key))

    def _ticks(self, asked: Asked) -> None:
        for key, text in asked.answers:
            height = max(16.0, self._height(text, _BODY, _RIGHT - _LEFT - 60) + 4)
            self._room(height)
            if asked.kind == "boxes":
                self.canvas.setStrokeColor(_INK)
                self.canvas.rect(_LEFT, self.y - 13, 22, 13, stroke=1, fill=0)
            else:
                self._box(_LEFT, self.y - 12, key)
            y = self.y
            self._paragraph(text, _BODY, _LEFT + 30, _RIGHT - _LEFT - 60)
            self.y = y - height

    def _scale(self, asked: Asked) -> None:
        step = min(44.0, (_RIGHT - _LEFT) / max(len(asked.answers), 1))
        for at, (key, text) in enumerate(asked.answers):
            self._box(_LEFT + at * step, self.y - 12, "" if key == text else key)
            self.canvas.setFont("Helvetica", 8)
            self.canvas.setFillColor(_INK)
            self.canvas.drawCentredString(_LEFT + at * step + 5.5, self.y - 23, letters(text)[:12])
        self.canvas.setFont("Helvetica", 8)
        self.canvas.setFillColor(_MUTED)
        low, high = (letters(each)[:44] for each in asked.ends)
        self.canvas.drawString(_LEFT, self.y - 35, low)
        self.canvas.drawRightString(min(_RIGHT, _LEFT + step * len(asked.answers) - step + 11 + 8), self.y - 35, high)
        self.y -= 40

    def _grid(self, asked: Asked) -> None:
        wide = 190.0
        step = (_RIGHT - _LEFT - wide) / max(len(asked.answers), 1)
        self._grid_head(asked, wide, step)
        for row in asked.rows:
            height = max(22.0, self._height(row, _BODY, wide - 10) + 6)
            if self.y - height < _BOTTOM:
                self._room(height)
                self._grid_head(asked, wide, step)
            y = self.y
            self._paragraph(row, _BODY, _LEFT, wide - 10)
            for at, (key, _text) in enumerate(asked.answers):
                self._box(_LEFT + wide + at * step + step / 2 - 5, y - 13, key)
            self.y = y - height

    def _grid_head(self, asked: Asked, wide: float, step: float) -> None:
        style = ParagraphStyle("head", _SMALL, fontSize=7, leading=8.5, alignment=1)
        top, deepest = self.y, self.y
        for at, (_key, text) in enumerate(asked.answers):
            self.y = top
            self._paragraph(text, style, _LEFT + wide + at * step + 1, step - 2)
            deepest = min(deepest, self.y)
        self.y = deepest - 4

    def _lines(self, asked: Asked) -> None:
        self.canvas.setStrokeColor(_LINE)
        self.canvas.setLineWidth(0.6)
        for _line in range(asked.lines):
            self._room(22)
            self.y -= 20
            self.canvas.line(_LEFT, self.y, _RIGHT, self.y)
