"""LimeSurvey: whole surveys (.lss), a group (.lsg), a question (.lsq). Pure.

https://manual.limesurvey.org: tables of rows in XML. Since version 4 texts stand in tables of their own (`_l10ns`),
    before that a row a language.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final
from xml.etree.ElementTree import Element

from ..definition.model import Survey
from . import lss_writing, xml
from .base import Read, Refused, Written
from .building import Builder, Json, Texts, choice_id, language, scale
from .conditions import LIMESURVEY

KEY: Final = "lss"
ENDINGS: Final = (".lss", ".lsg", ".lsq")
Row = dict[str, str]
_KIND: Final = {"Survey": "survey", "Group": "group", "Question": "question"}
_SIMPLE: Final = {
    "S": "text", "T": "long_text", "U": "long_text", "N": "number", "D": "date", "X": "note", "L": "single", "O": "single", "!": "dropdown",
    "M": "multiple", "P": "multiple", "R": "ranking", "|": "file", "*": "computed", "G": "single", "Y": "single", "5": "likert", "I": "",
}  # fmt: skip
_YES_NO: Final = {"Y": {"en": "Yes", "es": "Sí", "it": "Sì", "ca": "Sí", "fr": "Oui", "de": "Ja", "pt": "Sim"},
                  "N": {"en": "No", "es": "No", "it": "No", "ca": "No", "fr": "Non", "de": "Nein", "pt": "Não"},
                  "U": {"en": "Uncertain", "es": "No sé", "it": "Non so", "ca": "No ho sé", "fr": "Incertain", "de": "Unsicher",
                  "pt": "Não sei"},
                  "I": {"en": "Increase", "es": "Más", "it": "Di più", "ca": "Més", "fr": "Plus", "de": "Mehr", "pt": "Mais"},
                  "S": {"en": "Same", "es": "Igual", "it": "Uguale", "ca": "Igual", "fr": "Pareil", "de": "Gleich", "pt": "Igual"},
                  "D": {"en": "Decrease", "es": "Menos", "it": "Di meno", "ca": "Menys", "fr": "Moins", "de": "Weniger", "pt": "Menos"},
                  "M": {"en": "Male", "es": "Hombre", "it": "Uomo", "ca": "Home", "fr": "Homme", "de": "Männlich", "pt": "Masculino"},
                  "F": {"en": "Female", "es": "Mujer", "it": "Donna", "ca": "Dona", "fr": "Femme", "de": "Weiblich",
                  "pt": "Feminino"}}  # fmt: skip
_ARRAYS: Final = {"A": [str(n) for n in range(1, 6)], "B": [str(n) for n in range(1, 11)], "C": list("YNU"), "E": list("ISD")}
_ORDINARY: Final = frozenset({
    "hidden", "hide_tip", "cssclass", "page_break", "printable_help", "public_statistics", "save_as_default", "scale_export",
    "statistics_graphtype",
    "statistics_showgraph", "text_input_width", "input_size", "display_rows", "display_columns", "answer_width", "question_template",
    "random_group",
    "em_validation_q_tip", "time_limit_action", "assessment_value", "array_filter_style", "repeat_headings", "other_position",
    "use_dropdown",
    "clear_default", "exclude_all_others_auto", "max_answers", "min_answers", "random_order", "maximum_chars", "other_replace_text",
    "show_comment",
    "show_title", "max_num_of_files", "min_num_of_files", "max_filesize", "allowed_filetypes", "em_validation_q", "num_value_int_only",
    "min_num_value_n", "max_num_value_n", "exclude_all_others", "image", "display_type", "other_position_code", "slider_rating",
    "other_comment_mandatory", "other_numbers_only", "equation", "slider_layout",
})  # fmt: skip


def looks(content: bytes, name: str) -> float:
    return 1.0 if b"<LimeSurveyDocType" in content[:4096] else 0.0


def read(content: bytes, name: str) -> Read:
    """Raises Refused."""
    root = xml.parse(content)
    kind = (root.findtext("LimeSurveyDocType") or "").strip()
    if root.tag != "document" or kind not in _KIND:
        raise Refused("wrong_shape", kind or root.tag)
    return _Reading(root, kind).read()


class _Reading:
    def __init__(self, root: Element, kind: str) -> None:
        self.make, self.root, self.kind = Builder(LIMESURVEY), root, kind
        self.codes = [language(each.text) for each in root.findall("languages/language")] or ["en"]
        self.questions = [row for row in self._table("questions") if row.get("parent_qid", "0") in ("0", "")]
        self.parts = [
            *self._table("subquestions"),
            *(row for row in self._table("questions") if row.get("parent_qid", "0") not in ("0", "")),
        ]
        self.words = self._words("question_l10ns", "qid", ("question", "help"), [*self._table("questions"), *self._table("subquestions")])
        self.answers = self._table("answers")
        self.attributes: dict[str, dict[str, str]] = defaultdict(dict)
        for row in self._table("question_attributes"):
            if row.get("value"):
                self.attributes[row.get("qid", "")].setdefault(row.get("attribute", ""), row["value"])

    def _table(self, name: str) -> list[Row]:
        return [{cell.tag: (cell.text or "").strip() for cell in row} for row in self.root.findall(f"{name}/rows/row")]

    def _words(self, table: str, key: str, columns: tuple[str, ...], old: list[Row]) -> dict[str, dict[str, Texts]]:
        """Texts by row and column: from the table of its own, else from rows of a language each."""
        found: dict[str, dict[str, Texts]] = defaultdict(lambda: defaultdict(dict))
        for row in self._table(table) or [each for each in old if each.get("language")]:
            for column in columns:
                if row.get(column):
                    found[row.get(key, "")][column].setdefault(language(row.get("language")), row[column])
        return found

    def read(self) -> Read:
        self._whole()
        groups = list({row.get("gid", ""): row for row in self._table("groups")}.values())
        words = self._words("group_l10ns", "gid", ("group_name", "description"), self._table("groups"))
        asked: dict[str, list[Row]] = defaultdict(list)
        for row in {row.get("qid", ""): row for row in self.questions}.values():
            asked[row.get("gid", "")].append(row)
        if not groups:
            groups = [{"gid": gid} for gid in asked]
        for group in sorted(groups, key=lambda row: _number(row.get("group_order"))):
            self._group(group, words[group.get("gid", "")], asked.pop(group.get("gid", ""), []))
        for rows in asked.values():
            for row in rows:
                self.make.left(row.get("title", ""), "group", "not_there")
        for table, why in (("quota", "quota"), ("assessments", "scoring"), ("conditions", "logic"), ("defaultvalues", "default")):
            if rows := self._table(table):
                self.make.left(table, len(rows), why)  # type: ignore[arg-type]
        return self.make.finish(self.codes)

    def _whole(self) -> None:
        for row in self._table("surveys_languagesettings"):
            code = language(row.get("surveyls_language"))
            for column, ours in (("surveyls_title", "title"), ("surveyls_welcometext", "welcome"), ("surveyls_endtext", "thanks"),
                                 ("surveyls_description", "covering")):  # fmt: skip
                if row.get(column):
                    self.make.whole.setdefault(ours, {})[code] = self.make.text(f"survey / {ours}", row[column])
            if row.get("surveyls_url"):
                self.make.left("survey", f"surveyls_url = {row['surveyls_url']}", "setting")
            if row.get("surveyls_email_invite"):
                self.make.left("survey", f"surveyls_email_* ({code})", "mail")
        for row in self._table("surveys")[:1]:
            main = language(row.get("language"))
            self.codes = list(dict.fromkeys([main, *(language(each) for each in row.get("additional_languages", "").split()), *self.codes]))
            for name in ("anonymized", "usecaptcha", "expires", "startdate"):
                if row.get(name) not in (None, "", "I", "N", "E"):
                    self.make.left("survey", f"{name} = {row[name]}", "setting")

    def _group(self, group: Row, words: dict[str, Texts], rows: list[Row]) -> None:
        title = {code: self.make.text("group", text) for code, text in words.get("group_name", {}).items()}
        page = self.make.page(f"group{group.get('gid', '')}", title)
        place = next(iter(title.values()), f"group {group.get('gid', '')}")
        page["text"] = self._plain(place, words.get("description", {}))
        self._relevance(page, group.get("grelevance", ""), place)
        if group.get("randomization_group"):
            self.make.left(place, f"randomization_group = {group['randomization_group']}", "order")
        for row in sorted(rows, key=lambda each: _number(each.get("question_order"))):
            self._question(row)

    def _relevance(self, item: Json, written: str, place: str) -> None:
        if written.strip() not in ("", "1"):
            self.make.when(item, written, place)

    def _plain(self, place: str, texts: Texts) -> Texts:
        return {code: made for code, text in texts.items() if (made := self.make.text(place, text))}

    # Questions

    def _question(self, row: Row) -> None:
        kind, name, qid = row.get("type", ""), row.get("title", ""), row.get("qid", "")
        text, hint = (self._plain(name, self.words[qid].get(column, {})) for column in ("question", "help"))
        attributes = self.attributes[qid]
        many: dict[str, Callable[[], Json | None]] = {
            **{each: lambda: self._array(row, text, kind) for each in ("A", "B", "C", "E", "F", "H", "1")},
            **{each: lambda: self._several(row, text, kind) for each in ("Q", "K", ":", ";")},
        }
        if kind in many:
            made = many[kind]()
        elif kind not in _SIMPLE or not _SIMPLE[kind]:
            return self.make.left(name, f"type {kind} ({row.get('question_theme_name') or '?'})", "type")
        else:
            made = self._simple(row, text, kind, attributes)
        if made is not None:
            self._rest(row, made, hint, attributes)
        return None

    def _simple(self, row: Row, text: Texts, kind: str, attributes: dict[str, str]) -> Json | None:
        name, ours = row.get("title", ""), _SIMPLE[kind]
        more: Json = {}
        if kind in "L!OR":
            more["choices"] = self._choices(row, self._answers(row))
        elif kind in "MP":
            more["choices"] = self._choices(row, self._boxes(row))
        elif kind in "YG":
            more["choices"] = [{"id": each, "text": self._fixed(each)} for each in ("YN" if kind == "Y" else "FM")]
        elif kind == "5":
            more["scale"] = {"points": 5}
        elif kind == "|":
            more["endings"] = [each.strip() for each in attributes.get("allowed_filetypes", "").split(",") if each.strip()] or None
            if _number(attributes.get("max_num_of_files"), 1) > 1:
                self.make.left(name, f"max_num_of_files = {attributes['max_num_of_files']}", "setting")
        if kind in "OP":
            self.make.left(name, "comment", "changed")
        if ours in ("single", "dropdown", "multiple", "ranking") and len(more.get("choices", [])) < 1:
            self.make.left(name, "answers", "empty")
            return None
        made = self.make.question(ours, name, text, **more)
        if kind == "*":
            self.make.when(made, (attributes.get("equation") or next(iter(text.values()), "")).strip("{} "), name, "formula")
        return made

    def _fixed(self, key: str) -> Texts:
        return {code: _YES_NO[key].get(code, _YES_NO[key]["en"]) for code in self.codes}

    def _answers(self, row: Row, scale: str = "0") -> list[tuple[str, Texts]]:
        words = self._words("answer_l10ns", "aid", ("answer",), [])
        found: dict[str, tuple[int, Texts]] = {}
        for each in self.answers:
            if each.get("qid") == row.get("qid") and (each.get("scale_id") or "0") == scale:
                texts = words[each.get("aid", "")].get("answer") or (
                    {language(each.get("language")): each["answer"]} if each.get("answer") else {}
                )
                _, known = found.get(each.get("code", ""), (0, {}))
                found[each.get("code", "")] = (_number(each.get("sortorder")), {**known, **texts})
        return [(code, self._plain(row.get("title", ""), texts)) for code, (_, texts) in sorted(found.items(), key=lambda item: item[1][0])]

    def _boxes(self, row: Row, scale: str = "0") -> list[tuple[str, Texts]]:
        rows = [each for each in self.parts if each.get("parent_qid") == row.get("qid") and (each.get("scale_id") or "0") == scale]
        found: dict[str, Texts] = {}
        for each in sorted(rows, key=lambda part: _number(part.get("question_order"))):
            found[each.get("title", "")] = self._plain(each.get("title", ""), self.words[each.get("qid", "")].get("question", {}))
            if (relevance := each.get("relevance", "")) not in ("", "1"):
                self.make.left(f"{row.get('title')} / {each.get('title')}", relevance, "logic")
        return list(found.items())

    def _choices(self, row: Row, given: list[tuple[str, Texts]]) -> list[Json]:
        made = self.make.choices(row.get("title", ""), given)
        if row.get("other") == "Y":
            words = self.attributes[row.get("qid", "")].get("other_replace_text")
            text = {self.codes[0]: words} if words else {code: _OTHER.get(code, "Other") for code in self.codes}
            made.append({"id": choice_id("other", {each["id"] for each in made}, "other"), "text": text, "is_other": True})
        return made

    def _array(self, row: Row, text: Texts, kind: str) -> Json | None:
        name, rows = row.get("title", ""), self._boxes(row)
        if not rows:
            self.make.left(name, "subquestions", "empty")
            return None
        if kind in _ARRAYS:
            columns = [(each, {self.codes[0]: each} if each.isdigit() else self._fixed(each)) for each in _ARRAYS[kind]]
        else:
            columns = self._answers(row)
        second = self._answers(row, "1") if kind == "1" else []
        if not columns or (kind == "1" and not second):
            self.make.left(name, "answers", "empty")
            return None
        if kind == "H":
            self.make.left(name, "array by column", "look")
        scales = [scale([words for _, words in each]) for each in (columns, second) if each]
        return self.make.question("matrix", name, text, rows=self.make.choices(name, rows), scales=scales)

    def _several(self, row: Row, text: Texts, kind: str) -> Json | None:
        """Several short texts or numbers in one: a question each, behind a note."""
        name = row.get("title", "")
        if kind in ":;":
            self.make.left(name, f"type {kind}", "type")
            return None
        rows = self._boxes(row)
        self.make.left(name, f"type {kind}", "changed")
        note = self.make.question("note", f"{name}_about", text)
        self._relevance(note, row.get("relevance", ""), name)
        for code, words in rows:
            made = self.make.question("text" if kind == "Q" else "number", f"{name}_{code}", words)
            self._rest(row, made, {}, {})
        return None

    def _rest(self, row: Row, made: Json, hint: Texts, attributes: dict[str, str]) -> None:
        name = row.get("title", "")
        if hint:
            made["help"] = hint
        if made["type"] not in ("note", "computed", "hidden"):
            made["required"] = {"Y": "yes", "S": "soft"}.get(row.get("mandatory", "N"), "no")
        self._relevance(made, row.get("relevance", ""), name)
        if attributes.get("hidden") == "1":
            self.make.left(name, "hidden = 1", "setting")
        if row.get("preg"):
            self.make.left(name, f"preg: {row['preg']}", "check")
        self.make.when(made, attributes.get("em_validation_q", ""), name, "validate", made["id"])
        _limits(made, attributes)
        for key, value in attributes.items():
            self._attribute(name, key, value)

    def _attribute(self, name: str, key: str, value: str) -> None:
        if key.startswith("time_limit") and key != "time_limit_action":
            self.make.left(name, f"{key} = {value}", "setting")
        elif key in ("array_filter", "array_filter_exclude"):
            self.make.left(name, f"{key} = {value}", "filter")
        elif key == "random_group" and value:
            self.make.left(name, f"{key} = {value}", "order")
        elif key == "slider_rating" and value not in ("0", ""):
            self.make.left(name, f"{key} = {value}", "look")
        elif key not in _ORDINARY and not key.startswith("time_limit") and value not in ("0", "N"):
            self.make.left(name, f"{key} = {value}", "setting")


_OTHER: Final = {"en": "Other", "es": "Otro", "it": "Altro", "ca": "Altres", "fr": "Autre", "de": "Sonstiges", "pt": "Outro"}


def _limits(made: Json, attributes: dict[str, str]) -> None:
    kind = made["type"]
    if kind in ("text", "long_text") and (most := _number(attributes.get("maximum_chars"))):
        made["most"] = most
    if kind in ("multiple", "ranking"):
        keys = (("min_answers", "least"), ("max_answers", "most")) if kind == "multiple" else (("max_answers", "most"),)
        made |= {ours: n for key, ours in keys if (n := _number(attributes.get(key)))}
    if kind == "number":
        made |= {
            ours: float(text)
            for key, ours in (("min_num_value_n", "least"), ("max_num_value_n", "most"))
            if (text := attributes.get(key, "")) and _is_number(text)
        }
        if attributes.get("num_value_int_only") == "1":
            made["decimals"] = 0
    if kind in ("single", "multiple", "ranking") and attributes.get("random_order") == "1":
        made["is_random"] = True
    for each in made.get("choices", []):
        if kind == "multiple" and each["id"] in re.split(r"[;,\s]+", attributes.get("exclude_all_others", "")):
            each["is_exclusive"] = True


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,15}(\.\d+)?", text))


def _number(text: Any, usual: int = 0) -> int:
    text = str(text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else usual


def write(survey: Survey) -> Written:
    return lss_writing.write(survey)
