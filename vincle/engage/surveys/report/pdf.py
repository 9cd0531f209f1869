"""The report of a survey on paper: A4, from what the page says, weak to mend first.

The letters are those every reader of PDF brings along (Helvetica, Western European); other scripts are written in Latin letters.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.graphics.shapes import Circle, Drawing, Line, Rect, String  # type: ignore[import-untyped]
from reportlab.lib.colors import HexColor, white  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table  # type: ignore[import-untyped]

from vincle.web.tags.formats import number, percent

from ..ballot import letters
from . import looks

INK, MUTED, LINE = HexColor("#1F2430"), HexColor("#5F6877"), HexColor("#E7E2DA")
BRAND, SURFACE = HexColor("#0F766E"), HexColor("#F3EFE8")
SMALLER: Final = 0.72
"""Of the drawing of the page."""
TONES: Final = {"neg": HexColor("#B34A15"), "pos": HexColor("#177480"), "neu": HexColor("#6B7585")}
WIDTH: Final = A4[0] - 108
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, textColor=INK)
SOFT = ParagraphStyle("soft", BODY, fontSize=8.5, leading=11.5, textColor=MUTED)
BOLD = ParagraphStyle("bold", BODY, fontName="Helvetica-Bold")
FIGURE = ParagraphStyle("figure", BODY, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", SOFT, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", BOLD, fontSize=20, leading=25)
PART = ParagraphStyle("part", BOLD, fontSize=13, leading=17, spaceBefore=14, spaceAfter=4)
BIG = ParagraphStyle("big", BOLD, fontSize=19, leading=23)
QUOTE = ParagraphStyle("quote", BODY, fontName="Times-Italic", fontSize=10.5, leading=14, leftIndent=10)
RULED = [
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
]  # fmt: skip
TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]


def written(context: dict[str, Any], *, with_quotes: bool = True) -> bytes:
    """The PDF of what `page.context` says, in the language that is active."""
    out = io.BytesIO()
    title = letters(context["survey"].name)
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=48, rightMargin=48, topMargin=48, bottomMargin=52, title=title, author="Vincle", lang="en"
    )
    day = letters(localtime().strftime("%Y-%m-%d"))

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(MUTED)
        canvas.drawString(54, 30, f"{title[:90]} · {day}")
        canvas.drawRightString(A4[0] - 54, 30, str(canvas.getPageNumber()))

    document.build(list(_story(context, with_quotes)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _text(text: Any, style: ParagraphStyle = BODY) -> Flowable:
    return Paragraph(escape(letters(str(text))), style)


def _story(context: dict[str, Any], with_quotes: bool) -> Iterator[Flowable]:
    yield _text(context["survey"].name, SOFT)
    yield _text(context["finding"], TITLE)
    yield _text(context["sentence"])
    yield Spacer(1, 10)
    if context["is_hidden"]:
        yield _text(_("Too few answered for figures that tell nobody who they are."))
        return
    if context["tiles"]:
        yield _tiles(context["tiles"][:4])
    yield from _drivers(context)
    for title, rows in ((_("By area"), context["areas"]), (_("By product or service"), context["subjects"])):
        if rows:
            yield KeepTogether([_text(title, PART), _averages(rows)])
    yield _text(_("Question by question"), PART)
    for question in context["questions"]:
        yield _question(question)
    yield from _opens(context["opens"], with_quotes)
    if context["ways"]:
        yield KeepTogether([_text(_("How they were asked"), PART), _ways(context["ways"])])
    yield Spacer(1, 12)
    yield _text(_method(context), SOFT)


def _tiles(tiles: Sequence[dict[str, Any]]) -> Table:
    styles = (("label", SOFT), ("value", BIG), ("range", SOFT), ("note", SOFT))
    cells = [[_text(each[key], style) for key, style in styles] for each in tiles]
    table = Table([cells], colWidths=[WIDTH / len(cells)] * len(cells), hAlign="LEFT")
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0), ("LINEABOVE", (0, 0), (-1, 0), 1.2, BRAND)])
    return table


def _drivers(context: dict[str, Any]) -> Iterator[Flowable]:
    if not context["groups"]:
        yield KeepTogether([_text(_("What to mend, what to keep"), PART), _text(context["why_nothing"])])
        return
    for group in context["groups"]:
        points: list[Flowable] = [_text(group["title"], PART), _text(group["sentence"], SOFT)]
        if not group["points"]:
            points.append(_text(_("Nothing stands out here.")))
        for each in group["points"]:
            points.append(_point(each, group["tone"], group["kind"] in ("mend", "keep")))
        yield KeepTogether(points[:4])
        yield from points[4:]
    if drawing := context["quadrant"]:
        yield KeepTogether([_text(_("Importance by performance"), PART), _quadrant(drawing)])


def _point(each: dict[str, Any], tone: str, is_told: bool) -> Table:
    mark = Drawing(18, 18)
    mark.add(Circle(9, 8, 8, fillColor=TONES[tone], strokeColor=None))
    mark.add(String(9, 5, str(each["number"]), fontName="Helvetica-Bold", fontSize=8.5, fillColor=white, textAnchor="middle"))
    values = {"share": percent(each["share"]), "range": each["range"], "did": number(each["performance"])}
    line = _("Importance %(share)s (%(range)s), performance %(did)s of 100") % values
    said = [_text(each["name"], BOLD), _text(line, SOFT)]
    if is_told:
        said.append(_text(each["expected"]))
    if each["turned"]:
        said.append(_text(each["turned"], SOFT))
    return Table([[mark, said]], colWidths=[24, WIDTH - 24], style=TIGHT)


def _quadrant(drawn: dict[str, Any]) -> Drawing:
    wide, high = drawn["wide"] * SMALLER, drawn["high"] * SMALLER
    found = Drawing(wide, high)

    def y(value: float) -> float:
        return (drawn["high"] - value) * SMALLER

    left, right, floor = drawn["edge"] * SMALLER, drawn["right"] * SMALLER, y(drawn["floor"])
    found.add(Rect(left, floor, right - left, y(16) - floor, fillColor=SURFACE, strokeColor=None))
    found.add(Line(drawn["x"] * SMALLER, floor, drawn["x"] * SMALLER, y(16), strokeColor=MUTED, strokeWidth=0.7, strokeDashArray=[3, 3]))
    found.add(Line(left, y(drawn["y"]), right, y(drawn["y"]), strokeColor=MUTED, strokeWidth=0.7, strokeDashArray=[3, 3]))
    for text, x, anchor in ((_("Mend first"), left + 6, "start"), (pgettext("survey", "Keep"), right - 6, "end")):
        found.add(String(x, y(28), letters(text), fontName="Helvetica-Bold", fontSize=8, fillColor=MUTED, textAnchor=anchor))
    found.add(String(right, 8, letters(_("performance, of 100")), fontName="Helvetica", fontSize=8, fillColor=MUTED, textAnchor="end"))
    found.add(String(left, y(8), letters(_("importance")), fontName="Helvetica", fontSize=8, fillColor=MUTED))
    for each in drawn["points"]:
        x, place = each["x"] * SMALLER, y(each["y"])
        found.add(Circle(x, place, 8.5, fillColor=TONES[each["tone"]], strokeColor=white, strokeWidth=1))
        found.add(String(x, place - 3, str(each["number"]), fontName="Helvetica-Bold", fontSize=8.5, fillColor=white, textAnchor="middle"))
    return found


def _bar(share: float, width: float = 150) -> Drawing:
    found = Drawing(width, 9)
    found.add(Rect(0, 1, width, 7, fillColor=SURFACE, strokeColor=None))
    found.add(Rect(0, 1, width * max(0.0, min(1.0, share)), 7, fillColor=BRAND, strokeColor=None))
    return found


def _averages(rows: Sequence[tuple[str, float, float, int]]) -> Table:
    cells = [
        [_text(name), _bar(did / 100), _text(f"{number(did)} / 100", FIGURE), _text(percent(share), FIGURE)]
        for name, did, share, _n in rows
    ]
    head = [_text(_("Weakest first"), SOFT), "", _text(_("Performance"), HEAD), _text(_("Importance"), HEAD)]
    return Table([head, *cells], colWidths=[WIDTH * 0.4, WIDTH * 0.32, WIDTH * 0.14, WIDTH * 0.14], style=RULED, repeatRows=1)


def _question(question: dict[str, Any]) -> Flowable:
    said = looks.answers(question["n"])
    if question.get("score"):
        said = f"{question['measure']} {question['score']} ({question['range']}) · {said}"
    if "average" in question:
        said = f"{_('Average')} {question['average']} · {said}"
    rows = [
        [_text(each["label"]), _bar(each["share"]), _text(percent(each["share"]), FIGURE), _text(number(each["n"]), FIGURE)]
        for each in question["bars"]
    ]
    parts: list[Flowable] = [_text(question["label"], BOLD), _text(said, SOFT)]
    if rows:
        parts.append(Table(rows, colWidths=[WIDTH * 0.44, WIDTH * 0.32, WIDTH * 0.12, WIDTH * 0.12], style=TIGHT))
    return KeepTogether([*parts, Spacer(1, 7)])


def _opens(opens: Sequence[dict[str, Any]], with_quotes: bool) -> Iterator[Flowable]:
    for each in opens:
        values = {"n": number(each["n"]), "negative": each["tone"]["negative"], "positive": each["tone"]["positive"]}
        head = [_text(_("In their own words"), PART), _text(each["label"], BOLD)]
        if each["is_hidden"]:
            yield KeepTogether([*head, _text(_("Too few answered for words that tell nobody who they are."), SOFT)])
            continue
        head.append(_text(_("%(n)s wrote something: %(negative)s negative, %(positive)s positive.") % values, SOFT))
        yield KeepTogether(head)
        for topic in each["topics"]:
            title = f"{topic['name']} · {number(topic['n'])}"
            quotes = [_text(f"“{quote['text'][:400]}”", QUOTE) for quote in topic["quotes"] if with_quotes]
            yield KeepTogether([Spacer(1, 4), _text(title, BOLD), *quotes])


def _ways(ways: Sequence[dict[str, Any]]) -> Table:
    heads = [pgettext("of asking", "Way"), _("Asked by name"), pgettext("survey", "Begun"), _("Complete"), _("Response rate")]
    rows = [
        [_text(each["name"]), *(_text(number(each[key]) if each[key] else "–", FIGURE) for key in ("invited", "begun", "done")),
         _text(percent(each["rate"]) if each["rate"] is not None else "–", FIGURE)]
        for each in ways
    ]  # fmt: skip
    return Table(
        [[_text(each, HEAD if place else SOFT) for place, each in enumerate(heads)], *rows],
        colWidths=[WIDTH * 0.4, *[WIDTH * 0.15] * 4],
        style=RULED,
        repeatRows=1,
    )


def _method(context: dict[str, Any]) -> str:
    said = [_("Ranges hold the true value in 95 of 100 cases.")]
    if context["why"]:
        said.append(_("Importance: the fair (Shapley) share of what a linear model explains. It says what goes together, not why."))
    if context["survey"].is_anonymous:
        said.append(_("Groups of fewer than 5 are not shown."))
    return " ".join(said)
