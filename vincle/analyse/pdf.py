"""A report on paper: A4, in the language it was made in, from its frozen figures alone; and its first page as a picture.

The letters are those every reader of PDF brings along (Helvetica, Western European); other scripts are written in Latin letters, and
the page says so.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

import pypdfium2  # type: ignore[import-untyped]
from django.utils import formats, timezone, translation
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from reportlab.lib.enums import TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table  # type: ignore[import-untyped]

from vincle.web.tags.formats import number, percent, signed

from . import pdf_parts as parts
from . import wording
from .models import Run
from .pdf_parts import BOLD, BRAND, FONT, INK, LINE, MUTED, SURFACE, WIDTH, Letters
from .reports_figures import Figures, names

MARGIN = 48
FRAME = 6
"""What a page keeps free within its margins."""
BODY = ParagraphStyle("body", fontName=FONT, fontSize=9.5, leading=13.5, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=8, leading=10.5, textColor=MUTED)
CELL = ParagraphStyle("cell", BODY, fontSize=8.5, leading=10.5)
NUMBER = ParagraphStyle("number", CELL, alignment=TA_RIGHT)
HEADING = ParagraphStyle("heading", SMALL, fontName=BOLD)
RIGHT = ParagraphStyle("right", HEADING, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=18, leading=22, spaceAfter=2)
PART = ParagraphStyle("part", BODY, fontName=BOLD, fontSize=12.5, leading=16, spaceBefore=10, spaceAfter=3)
SUB = ParagraphStyle("sub", BODY, fontName=BOLD, fontSize=9.5, leading=13, spaceBefore=5)
FIGURE = ParagraphStyle("figure", BODY, fontName=BOLD, fontSize=15, leading=18)
POINT = ParagraphStyle("point", BODY, leftIndent=10, bulletIndent=0)


def written(made: Run, with_names: bool = False) -> bytes:
    """The PDF of a run."""
    with translation.override(made.report.language), timezone.override(made.figures["zone"]):
        return _Paper(made, with_names).pdf()


def picture(pdf: bytes, page: int = 0, scale: float = 2.0) -> bytes:
    """One page of a PDF as PNG; `scale` 1 is 72 points an inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[page].render(scale=scale).to_pil()
        found = io.BytesIO()
        image.save(found, "PNG", optimize=False, compress_level=3)
        return found.getvalue()
    finally:
        document.close()


class _Numbered(Canvas):
    """Knows how many pages there are before the first is written."""

    def __init__(self, *args: Any, draw: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._draw = draw
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for state in self._kept:
            self.__dict__.update(state)
            self._draw(self, self._pageNumber, len(self._kept))
            super().showPage()
        super().save()


class _Paper:
    def __init__(self, made: Run, with_names: bool) -> None:
        self.made, self.figures, self.letters = made, made.figures, Letters()
        self.names = names(made.workspace, made.figures) if with_names else {}
        self.sections = made.report.sections.split("|")

    def pdf(self) -> bytes:
        story = [each for part in self._story() for each in part]
        if self.letters.changed:
            story += [Spacer(1, 8), self._text(_("Names in other scripts are written in Latin letters here."), SMALL)]
        found = io.BytesIO()
        document = SimpleDocTemplate(
            found, pagesize=A4, leftMargin=MARGIN - FRAME, rightMargin=MARGIN - FRAME, topMargin=62, bottomMargin=52,
            title=self.letters(self.made.report.name), author=self.letters(self.made.workspace.name), creator="Vincle",
            lang=self.made.report.language,
        )  # fmt: skip
        document.build(story, canvasmaker=lambda *args, **options: _Numbered(*args, draw=self._frame, **options))
        return found.getvalue()

    def _frame(self, canvas: Canvas, page: int, pages: int) -> None:
        width, height = A4
        canvas.setFont(BOLD, 8)
        canvas.setFillColor(BRAND)
        canvas.drawString(MARGIN, height - 36, parts.fitted(self.letters(self.made.workspace.name), 220, 8, BOLD))
        canvas.setFont(FONT, 8)
        canvas.setFillColor(MUTED)
        canvas.drawRightString(width - MARGIN, height - 36, parts.fitted(self.letters(self.made.report.name), 260))
        canvas.setStrokeColor(LINE)
        canvas.line(MARGIN, height - 43, width - MARGIN, height - 43)
        made = formats.date_format(timezone.localtime(self.made.made_at), "DATETIME_FORMAT")
        canvas.drawString(MARGIN, 30, self.letters(_("Made by Vincle on %(when)s") % {"when": made}))
        canvas.drawRightString(width - MARGIN, 30, f"{page} / {pages}")

    def _text(self, text: str, style: ParagraphStyle = BODY, bullet: str | None = None) -> Paragraph:
        return Paragraph(escape(self.letters(text)), style, bulletText=bullet)

    # what stands on the pages

    def _story(self) -> Iterator[list[Flowable]]:
        first, last = (wording.full_day(date.fromisoformat(self.figures[name])) for name in ("first", "last"))
        yield [self._text(self.figures["title"], TITLE), self._text(f"{first} – {last}", SMALL), Spacer(1, 8), self._tiles()]
        writers = {
            "summary": self._summary, "decisions": self._decisions, "when": self._when, "what": self._what, "why": self._why,
            "how": self._how, "where": self._where, "who": self._who, "beside": self._beside,
            "worth": self._worth,
        }  # fmt: skip
        for name in self.sections:
            if name in writers and (found := list(writers[name]())):
                yield found

    def _part(self, title: str, sentence: str, *first: Flowable) -> KeepTogether:
        """A heading with what must not part from it."""
        said = [self._text(sentence, SMALL)] if sentence else []
        return KeepTogether([self._text(title, PART), *said, Spacer(1, 3), *first])

    def _tiles(self) -> Table:
        mood, four = self.figures["mood"], self.figures["four"]
        change = self.figures["change"]
        moved = _("%(change)s on %(before)s") % {"change": signed(change["n"]), "before": self.figures["before_words"]} if change else ""
        again = _("%(again)s of %(people)s people spoke more than once") % {
            "again": number(four["again"]),
            "people": number(four["people"]),
        }
        tiles = [
            (_("Mentions"), number(mood["n"]), moved),
            (_("Negative"), percent(mood["bad"]) if mood["n"] else "–", f"{percent(mood['bad_low'])} – {percent(mood['bad_high'])}"),
            (_("Positive"), percent(mood["good"]) if mood["n"] else "–", f"{percent(mood['good_low'])} – {percent(mood['good_high'])}"),
            (_("People"), number(four["people"]), again),
        ]
        cells = [[self._text(label, SMALL), self._text(value, FIGURE), self._text(note, SMALL)] for label, value, note in tiles]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), SURFACE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEAFTER", (0, 0), (-2, -1), 4, "white"),
        ]
        return Table([cells], colWidths=[WIDTH / 4] * 4, style=style)

    def _summary(self) -> Iterator[Flowable]:
        for place, part in enumerate(self.made.told["parts"]):
            sentences = [self._text(each, POINT, "•") for each in part["sentences"]]
            title = self._text(part["title"], SUB)
            yield self._part(_("In words"), "", title, *sentences) if not place else KeepTogether([title, *sentences])

    def _decisions(self) -> Iterator[Flowable]:
        yield self._part(_("What to decide"), _("Suggested by rules from the figures beside them; deciding is yours."))
        for term in self.made.told["decisions"]:
            rows = [[self._text(each["text"], POINT, "•"), self._text(each["because"], SMALL)] for each in term["rows"]]
            rows = rows or [[self._text(_("The figures give no reason for anything."), SMALL), ""]]
            yield KeepTogether([self._text(term["title"], SUB), Table(rows, colWidths=[WIDTH * 0.52, WIDTH * 0.48], style=_PLAIN)])

    def _when(self) -> Iterator[Flowable]:
        said = _("Mentions a day. The band: what the same weekdays of the eight weeks before would lead one to expect.")
        if not any("low" in each for each in self.figures["daily"]):
            said = _("Mentions a day.")
        yield self._part(_("When"), said, parts.days(self.figures, self.letters, number))
        weekdays = [str(WEEKDAYS[day]) for day in range(7)]
        yield KeepTogether([self._text(self.figures["heat"], SUB), parts.heat(self.figures, self.letters, weekdays)])

    def _what(self) -> Iterator[Flowable]:
        if self.figures["topics"]:
            known = self.figures["before"] is not None
            rows = [
                [each["name"], number(each["n"]), number(each["before"]) if known else "", parts.mood_bar(each)]
                for each in self.figures["topics"]
            ]
            heads = [_("Topic"), _("Mentions"), _("Before") if known else "", _("Negative, neutral, positive")]
            yield self._part(_("What"), self.figures["what"], self._table(heads, rows, (0.4, 0.13, 0.13, 0.34)))

    def _why(self) -> Iterator[Flowable]:
        if movers := self.figures["movers"]:
            reach = max(max(abs(each["low"]), abs(each["high"])) for each in movers)
            rows = [
                [
                    each["name"],
                    number(each["n"]),
                    signed(each["points"]),
                    f"{signed(each['low'])} … {signed(each['high'])}",
                    parts.interval(each, reach),
                ]
                for each in movers
            ]
            heads = [_("What is judged"), _("Mentions"), _("Points"), _("Between"), ""]
            yield self._part(_("Why"), self.figures["why"], self._table(heads, rows, (0.3, 0.12, 0.1, 0.14, 0.34)))
            yield self._text(_("A grey row may be chance. What goes together is not yet a cause."), SMALL)
        else:
            yield self._part(_("Why"), _("Too few texts name the same things to say what moves the mood."))

    def _how(self) -> Iterator[Flowable]:
        if rows := self._moods(self.figures["channels"]):
            heads = [_("Channel"), _("Mentions"), _("Negative"), _("Negative, neutral, positive")]
            yield self._part(_("How"), self.figures["how"], self._table(heads, rows, (0.4, 0.13, 0.13, 0.34)))

    def _moods(self, found: Sequence[Figures]) -> list[list[Any]]:
        return [[each["name"], number(each["n"]), percent(each["bad"]), parts.mood_bar(each)] for each in found]

    def _where(self) -> Iterator[Flowable]:
        groups = ((_("Countries"), "countries"), (_("Places"), "places"), (_("Languages"), "languages"))
        title = True
        for label, name in groups:
            rows = [
                [each["name"], number(each["n"]), percent(each["share"]), parts.share_bar(each["share"])] for each in self.figures[name]
            ]
            if rows:
                table = self._table([label, _("Mentions"), _("Share of all"), ""], rows, (0.4, 0.13, 0.13, 0.34))
                yield self._part(_("Where"), self.figures["where"], table) if title else KeepTogether([Spacer(1, 6), table])
                title = False

    def _who(self) -> Iterator[Flowable]:
        rows = [
            [
                self.names.get(each["place"]) or _("Person %(place)s") % {"place": each["place"]},
                number(each["n"]),
                number(each["echo"]),
                parts.mood_bar(each),
            ]
            for each in self.figures["authors"]
        ]
        if rows:
            said = _("Those who speak and whose words are taken up: echo counts shares, reactions and answers of others.")
            heads = [_("Who"), _("Mentions"), _("Echo"), _("Negative, neutral, positive")]
            yield self._part(_("Who"), said, self._table(heads, rows, (0.4, 0.13, 0.13, 0.34)))

    def _beside(self) -> Iterator[Flowable]:
        if len(self.figures["voices"]) > 1:
            rows = [
                [each["name"], number(each["n"]), percent(each["share"]), parts.share_bar(each["share"])] for each in self.figures["voices"]
            ]
            heads = [_("Share of voice"), _("Mentions"), _("Share of all"), ""]
            yield self._part(_("Beside others"), "", self._table(heads, rows, (0.4, 0.13, 0.13, 0.34)))
        if other := self.figures["beside"]:
            both = [{**self.figures["mood"], "name": self.figures["name"] or _("Everything said")}, other]
            heads = [_("Side by side"), _("Mentions"), _("Negative"), _("Negative, neutral, positive")]
            yield KeepTogether([Spacer(1, 8), self._table(heads, self._moods(both), (0.4, 0.13, 0.13, 0.34))])

    def _worth(self) -> Iterator[Flowable]:
        found = self.figures.get("worth", [])
        said = [each["lack"] or " · ".join(filter(None, map(each.get, ("change", "between", "light")))) for each in found]
        rows = [[each["name"], each["value"], self._text(text, SMALL)] for each, text in zip(found, said, strict=True)]
        if rows:
            heads = [_("Figure"), _("Value"), _("Against the days before, and the target")]
            table = self._table(heads, rows, (0.34, 0.18, 0.48))
            yield self._part(_("Key figures"), _("The same days, of everybody on all channels"), table)

    def _table(self, heads: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
        """First column text, then numbers, drawings as they are."""
        drawn = len(widths) - 1
        head = [self._text(each, RIGHT if 0 < place < drawn else HEADING) for place, each in enumerate(heads)]
        body = [
            [
                cell if isinstance(cell, Flowable) or hasattr(cell, "drawOn") else self._text(cell, NUMBER if place else CELL)
                for place, cell in enumerate(row)
            ]
            for row in rows
        ]
        return Table([head, *body], colWidths=[WIDTH * each for each in widths], style=_RULED, repeatRows=1)


_PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]
_RULED = [
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED), ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5), ("LEFTPADDING", (0, 0), (0, -1), 0),
]  # fmt: skip
