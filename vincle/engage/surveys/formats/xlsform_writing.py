"""A survey as an XLSForm workbook. Pure."""

import io
import re
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import Cell

from ..definition import model
from ..definition.model import Item, Page, Survey, Texts
from .base import Log, Written
from .conditions_out import XPATH, Unwritable, written

MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TYPES: Final = {
    "single": "select_one", "dropdown": "select_one", "multiple": "select_multiple", "ranking": "rank", "nps": "select_one",
    "stars": "select_one",
    "smileys": "select_one", "ces": "select_one", "likert": "select_one", "number": "decimal", "text": "text", "long_text": "text",
    "date": "date",
    "email": "text", "phone": "text", "file": "file", "image_choice": "select_one", "slider": "range", "consent": "acknowledge",
    "hidden": "hidden",
    "computed": "calculate", "note": "note",
}  # fmt: skip
_CHANGED: Final = {"consent", "email", "phone", "image_choice"}
Row = dict[str, Any]


def write(survey: Survey) -> Written:
    log = Log()
    asked, lists = _Rows(survey, log).all()
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "survey", asked)
    _sheet(book, "choices", lists)
    main = survey.language
    settings = {"form_title": model.say(survey.title, main, survey), "default_language": _named(main)}
    _sheet(book, "settings", [settings])
    for place, texts in (("welcome", survey.welcome), ("thanks", survey.thanks), ("covering", survey.covering)):
        if any(texts.values()):
            log("survey", place, "text")
    for area in survey.areas:
        log("survey", area.id, "area")
    stream = io.BytesIO()
    book.save(stream)
    return Written(stream.getvalue(), log.list(), ".xlsx", MEDIA)


def _named(code: str) -> str:
    return {"en": "English (en)", "es": "Español (es)", "it": "Italiano (it)", "ca": "Català (ca)"}.get(code, f"{code} ({code})")


def _sheet(book: Workbook, name: str, rows: list[Row]) -> None:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    sheet = book.create_sheet(name)
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(sheet, row.get(head, "")) for head in heads])


def _cell(sheet: Any, value: Any) -> Cell:
    """Texts stay texts: nothing that begins with "=" becomes a formula."""
    made = Cell(sheet, row=1, column=1, value=_CONTROL.sub("", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        made.data_type = "s"
    return made


class _Rows:
    def __init__(self, survey: Survey, log: Log) -> None:
        self.survey, self.log = survey, log
        self.rows: list[Row] = []
        self.lists: list[Row] = []

    def all(self) -> tuple[list[Row], list[Row]]:
        for page in self.survey.pages:
            self._page(page)
        return self.rows, self.lists

    def _texts(self, column: str, texts: Texts) -> Row:
        piped = {code: re.sub(r"\{([A-Za-z]\w*)\}", r"${\1}", text) for code, text in texts.items() if text}
        return {f"{column}::{_named(code)}": text for code, text in piped.items()}

    def _page(self, page: Page) -> None:
        if page.by_subject:
            self.log(page.id, f"by_subject = {page.by_subject}", "loop")
        if page.randomise:
            self.log(page.id, "randomise", "order")
        row = {"type": "begin group", "name": page.id, **self._texts("label", page.title), "appearance": "field-list"}
        self.rows.append(row | self._condition(page.id, "relevant", page.show_if))
        if page.text:
            self.rows.append({"type": "note", "name": f"{page.id}_text", **self._texts("label", page.text)})
        for item in page.items:
            self._item(item)
        self.rows.append({"type": "end group", "name": page.id})

    def _condition(self, place: str, column: str, said: str) -> Row:
        if not said:
            return {}
        try:
            return {column: written(said, XPATH)}
        except Unwritable as fault:
            self.log(place, f"{said} [{fault}]", "logic")
            return {}

    def _item(self, item: Item) -> None:
        if isinstance(item, model.Matrix):
            return self._matrix(item)
        if isinstance(item, model.ConstantSum):
            return self._sum(item)
        kind = str(item.__struct_config__.tag)
        row: Row = {"type": _TYPES[kind], "name": item.id, **self._texts("label", item.text), **self._texts("hint", item.help)}
        if kind in _CHANGED:
            self.log(item.id, kind, "changed")
        row |= self._special(item, kind)
        self.rows.append(row | self._shared(item))
        return None

    def _special(self, item: Item, kind: str) -> Row:
        if isinstance(item, model.Single | model.Dropdown | model.Multiple | model.Ranking | model.ImageChoice):
            return self._chosen(item, kind)
        if (ends := model.points(item)) is not None:
            return {"type": f"{_TYPES[kind]} {self._scale(item, *ends)}"}
        if isinstance(item, model.Slider):
            return {"parameters": f"start={item.low:g} end={item.high:g} step={item.step:g}"}
        if isinstance(item, model.Number):
            return {"type": "integer" if item.decimals == 0 else "decimal"} | self._limits(item)
        if isinstance(item, model.LongText):
            return {"appearance": "multiline"}
        if isinstance(item, model.Computed):
            return self._condition(item.id, "calculation", item.formula)
        return {}

    def _limits(self, item: model.Number) -> Row:
        parts = [f". {sign} {value:g}" for sign, value in ((">=", item.least), ("<=", item.most)) if value is not None]
        return {"constraint": " and ".join(parts)} if parts else {}

    def _chosen(self, item: Any, kind: str) -> Row:
        self._list(item.id, [(each.id, each.text) for each in item.choices])
        made: Row = {"type": f"{_TYPES[kind] if not getattr(item, 'several', False) else 'select_multiple'} {item.id}"}
        if kind == "dropdown":
            made["appearance"] = "minimal"
        if item.is_random:
            made["parameters"] = "randomize=true"
        for each in item.choices:
            for flag in ("is_other", "is_exclusive"):
                if getattr(each, flag):
                    self.log(f"{item.id} / {each.id}", flag, "changed")
        return made

    def _scale(self, item: Item, low: int, high: int) -> str:
        labels = item.scale.labels if isinstance(item, model.Likert) else []
        ends = item.scale if isinstance(item, model.Likert) else item
        choices: list[tuple[str, Texts]] = []
        for n in range(low, high + 1):
            words = labels[n - low] if n - low < len(labels) else {}
            end = getattr(ends, "low", {}) if n == low else getattr(ends, "high", {}) if n == high else {}
            choices.append((str(n), words or {code: f"{n} {text}" for code, text in end.items()} or {self.survey.language: str(n)}))
        self._list(item.id, choices)
        return item.id

    def _list(self, name: str, choices: list[tuple[str, Texts]]) -> None:
        self.lists += [{"list_name": name, "name": id, **self._texts("label", text)} for id, text in choices]

    def _shared(self, item: Item) -> Row:
        made: Row = self._condition(item.id, "relevant", item.show_if)
        if item.required == "yes":
            made["required"] = "yes"
        elif item.required == "soft":
            self.log(item.id, "required = soft", "setting")
        if item.validate is not None:
            made |= self._condition(item.id, "constraint", item.validate.rule) | self._texts("constraint_message", item.validate.words)
        return made

    def _matrix(self, item: model.Matrix) -> None:
        group = {"type": "begin group", "name": item.id, **self._texts("label", item.text), "appearance": "table-list"}
        self.rows.append(group | self._condition(item.id, "relevant", item.show_if))
        for n, scale in enumerate(item.scales):
            name = item.id if n == 0 else f"{item.id}_{n + 1}"
            self._scale(model.Likert(id=name, scale=scale), 1, scale.points)
            required = {"required": "yes"} if item.required == "yes" else {}
            for each in item.rows:
                self.rows.append({"type": f"select_one {name}", "name": f"{name}_{each.id}", **self._texts("label", each.text), **required})
        self.rows.append({"type": "end group", "name": item.id})

    def _sum(self, item: model.ConstantSum) -> None:
        names = [f"{item.id}_{each.id}" for each in item.choices]
        group = {"type": "begin group", "name": item.id, **self._texts("label", item.text)}
        self.rows.append(group | self._condition(item.id, "relevant", item.show_if))
        self.rows += [
            {"type": "decimal", "name": name, **self._texts("label", each.text)} for name, each in zip(names, item.choices, strict=True)
        ]
        if names:
            self.rows[-1]["constraint"] = (
                f"{' + '.join('${' + name + '}' for name in names[:-1])}{' + ' if names[:-1] else ''}. = {item.total:g}"
            )
        self.rows.append({"type": "end group", "name": item.id})
