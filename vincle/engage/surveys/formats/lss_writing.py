"""A survey as a LimeSurvey survey (.lss, tables of version 6). Pure."""

import re
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from ..definition import model
from ..definition.model import Item, Survey, Texts
from .base import Log, Written
from .conditions_out import LIMESURVEY, Unwritable, written

_TYPES: Final = {
    "single": "L", "dropdown": "!", "multiple": "M", "ranking": "R", "number": "N", "text": "S", "long_text": "T", "date": "D",
    "email": "S", "phone": "S",
    "file": "|", "image_choice": "L", "slider": "N", "consent": "M", "hidden": "S", "computed": "*", "note": "X", "nps": "L",
    "stars": "L", "smileys": "L",
    "ces": "L", "likert": "L", "matrix": "F", "constant_sum": "K",
}  # fmt: skip
_CHANGED: Final = frozenset({"email", "phone", "image_choice", "slider", "consent", "hidden"})
_CONTROL: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Row = dict[str, Any]


def write(survey: Survey) -> Written:
    log = Log()
    tables = _Tables(survey, log)
    tables.fill()
    root = Element("document")
    SubElement(root, "LimeSurveyDocType").text = "Survey"
    SubElement(root, "DBVersion").text = "641"
    languages = SubElement(root, "languages")
    for code in survey.languages:
        SubElement(languages, "language").text = code
    for name, rows in tables.rows.items():
        if rows:
            _table(root, name, rows)
    content = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")
    return Written(content, log.list(), ".lss", "application/xml")


def _table(root: Element, name: str, rows: list[Row]) -> None:
    table = SubElement(root, name)
    fields = SubElement(table, "fields")
    for key in dict.fromkeys(key for row in rows for key in row):
        SubElement(fields, "fieldname").text = key
    held = SubElement(table, "rows")
    for row in rows:
        line = SubElement(held, "row")
        for key, value in row.items():
            SubElement(line, key).text = _CONTROL.sub("", str(value))


class _Tables:
    def __init__(self, survey: Survey, log: Log) -> None:
        self.survey, self.log, self.qid, self.aid = survey, log, 0, 0
        names = ("answers", "answer_l10ns", "groups", "group_l10ns", "questions", "subquestions", "question_l10ns", "question_attributes",
            "surveys",
                 "surveys_languagesettings")  # fmt: skip
        self.rows: dict[str, list[Row]] = {name: [] for name in names}

    def fill(self) -> None:
        survey = self.survey
        others = " ".join(code for code in survey.languages if code != survey.language)
        self.rows["surveys"].append(
            {"sid": 1, "language": survey.language, "additional_languages": others, "anonymized": "N", "format": "G"}
        )
        for code in survey.languages:
            self.rows["surveys_languagesettings"].append({
                "surveyls_survey_id": 1, "surveyls_language": code, "surveyls_title": survey.title.get(code, ""),
                "surveyls_description": survey.covering.get(code, ""), "surveyls_welcometext": survey.welcome.get(code, ""),
                "surveyls_endtext": survey.thanks.get(code, ""),
            })  # fmt: skip
        for area in survey.areas:
            self.log("survey", area.id, "area")
        for gid, page in enumerate(survey.pages, 1):
            self._page(gid, page)

    def _page(self, gid: int, page: model.Page) -> None:
        self.rows["groups"].append({"gid": gid, "sid": 1, "group_order": gid, "grelevance": self._said(page.id, page.show_if)})
        for code in self.survey.languages:
            self.rows["group_l10ns"].append({
                "id": len(self.rows["group_l10ns"]) + 1, "gid": gid, "group_name": page.title.get(code, ""),
                "description": page.text.get(code, ""),
                "language": code,
            })  # fmt: skip
        if page.by_subject:
            self.log(page.id, f"by_subject = {page.by_subject}", "loop")
        if page.randomise:
            self.log(page.id, "randomise", "order")
        for order, item in enumerate(page.items):
            self._item(gid, order, item)

    def _said(self, place: str, condition: str) -> str:
        if not condition:
            return "1"
        try:
            return written(condition, LIMESURVEY)
        except Unwritable as fault:
            self.log(place, f"{condition} [{fault}]", "logic")
            return "1"

    def _words(self, table: str, key: str, id: int, column: str, texts: Texts, helps: Texts | None = None) -> None:
        for code in self.survey.languages:
            row = {"id": len(self.rows[table]) + 1, key: id, column: texts.get(code, ""), "language": code}
            self.rows[table].append(row | ({"help": (helps or {}).get(code, "")} if table == "question_l10ns" else {}))

    def _item(self, gid: int, order: int, item: Item) -> None:
        kind = str(item.__struct_config__.tag)
        self.qid += 1
        qid, type = self.qid, _TYPES[kind]
        if kind in _CHANGED:
            self.log(item.id, kind, "changed")
        if isinstance(item, model.Matrix) and len(item.scales) > 1:
            type = "1"
        choices = list(getattr(item, "choices", []))
        has_other = any(each.is_other for each in choices) and type in "L!M"
        self.rows["questions"].append({
            "qid": qid, "parent_qid": 0, "sid": 1, "gid": gid, "type": type, "title": self._title(item.id),
            "other": "Y" if has_other else "N",
            "mandatory": {"yes": "Y", "soft": "S"}.get(item.required, "N"), "question_order": order, "scale_id": 0,
            "relevance": self._said(item.id, item.show_if),
        })  # fmt: skip
        self._words("question_l10ns", "qid", qid, "question", item.text, item.help)
        self._below(qid, item, type, [each for each in choices if not (each.is_other and has_other)])
        self._attributes(qid, item)
        if item.validate is not None:
            self.log(item.id, item.validate.rule, "check")

    def _title(self, id: str) -> str:
        bare = re.sub(r"[^A-Za-z0-9]", "", id)[:20] or "Q"
        if bare != id:
            self.log(id, bare, "renamed")
        return bare

    def _below(self, qid: int, item: Item, type: str, choices: list[model.Choice]) -> None:
        if isinstance(item, model.Matrix):
            for n, row in enumerate(item.rows):
                self._part(qid, n, row.id, row.text)
            for place, scale in enumerate(item.scales[:2]):
                self._scale(qid, scale.points, 1, scale.labels, scale.low, scale.high, place)
        elif (ends := model.points(item)) is not None:
            of: Any = item.scale if isinstance(item, model.Likert) else item
            self._scale(qid, ends[1] - ends[0] + 1, ends[0], getattr(of, "labels", []), of.low, of.high, 0)
        elif isinstance(item, model.Consent):
            self._part(qid, 0, "yes", item.text)
        for n, choice in enumerate(choices):
            if choice.image:
                self.log(f"{item.id} / {choice.id}", "image", "media")
            if type in "MK":
                self._part(qid, n, choice.id, choice.text)
            else:
                self._answer(qid, n, choice.id, choice.text, 0)

    def _part(self, parent: int, order: int, id: str, text: Texts) -> None:
        self.qid += 1
        self.rows["subquestions"].append({
            "qid": self.qid, "parent_qid": parent, "sid": 1, "type": "T", "title": self._title(id), "question_order": order,
            "scale_id": 0, "relevance": "1",
        })  # fmt: skip
        self._words("question_l10ns", "qid", self.qid, "question", text)

    def _scale(self, qid: int, points: int, first: int, labels: list[Texts], low: Texts, high: Texts, place: int) -> None:
        for n in range(points):
            words = labels[n] if n < len(labels) and labels[n] else low if n == 0 else high if n == points - 1 else {}
            number = str(n + first)
            text = {code: words.get(code) or number for code in self.survey.languages}
            self._answer(qid, n, number, text, place)

    def _answer(self, qid: int, order: int, id: str, text: Texts, scale: int) -> None:
        self.aid += 1
        code = re.sub(r"[^A-Za-z0-9]", "", id)[:5] or str(order)
        taken = {row["code"] for row in self.rows["answers"] if row["qid"] == qid and row["scale_id"] == scale}
        code = code if code not in taken else f"A{order}"
        if code != id:
            self.log(f"answer {id}", code, "renamed")
        self.rows["answers"].append(
            {"aid": self.aid, "qid": qid, "code": code, "sortorder": order, "assessment_value": 0, "scale_id": scale}
        )
        self._words("answer_l10ns", "aid", self.aid, "answer", text)

    def _attributes(self, qid: int, item: Item) -> None:
        found: Row = {}
        if isinstance(item, model.Text | model.LongText):
            found["maximum_chars"] = item.most
        if isinstance(item, model.Multiple):
            found |= {key: n for key, n in (("min_answers", item.least), ("max_answers", item.most)) if n}
        if getattr(item, "is_random", False):
            found["random_order"] = 1
        if isinstance(item, model.Number):
            found |= {key: n for key, n in (("min_num_value_n", item.least), ("max_num_value_n", item.most)) if n is not None}
            found["num_value_int_only"] = int(item.decimals == 0)
        if isinstance(item, model.ConstantSum):
            found["equals_num_value"] = item.total
        if isinstance(item, model.Computed):
            found["equation"] = "{" + self._said(item.id, item.formula) + "}"
        if isinstance(item, model.Hidden):
            found["hidden"] = 1
        if isinstance(item, model.File):
            found |= {"allowed_filetypes": ",".join(item.endings)} if item.endings else {}
        self.rows["question_attributes"] += [{"qid": qid, "attribute": key, "value": value, "language": ""} for key, value in found.items()]
