"""XLSForm (ODK, KoBo, SurveyCTO): workbooks of today and of before 2007, comma separated, Markdown. Pure.

https://xlsform.org/en/: a sheet "survey" of questions, a sheet "choices" of lists,
    a sheet "settings". Older names of things are understood too.
"""

import re
from typing import Any, Final

from msgspec import Struct

from ..definition.model import Survey
from . import tables, xlsform_writing
from .base import Read, Refused, Written
from .building import Builder, Json, Texts, choice_id, identifier, language, plain
from .conditions import XLSFORM

KEY: Final = "xlsform"
ENDINGS: Final = (".xlsx", ".xls", ".csv", ".md")
_COLUMNS: Final = {
    "type": "type", "name": "name", "value": "name", "label": "label", "caption": "label", "text": "label", "hint": "hint",
    "guidance_hint": "guidance",
    "constraint": "constraint", "constraint_message": "message", "constraint message": "message", "constraint-msg": "message",
    "constraintmsg": "message",
    "required": "required", "requiredmsg": "required_message", "required_message": "required_message", "appearance": "appearance",
    "default": "default", "relevant": "relevant", "relevance": "relevant", "calculation": "calculation", "calculate": "calculation",
    "choice_filter": "filter", "repeat_count": "repeat", "image": "media", "audio": "media", "video": "media", "readonly": "readonly",
    "read_only": "readonly", "read only": "readonly", "list_name": "list", "list name": "list", "disabled": "disabled",
    "parameters": "parameters",
}  # fmt: skip
_SILENT: Final = frozenset({"sms_field", "sms_option", "version", "tutorial notes", "rows", "#", "notes", "comment", "comments"})
_META: Final = frozenset({
    "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email_meta", "audit", "start-geopoint",
    "imei",
    "uri:deviceid", "uri:subscriberid", "uri:simserial", "uri:phonenumber", "uri:username", "uri:email", "device_id", "background-audio",
    "start time", "end time", "device id", "sim id", "subscriber id", "get today", "get start time", "get end time", "get device id",
    "get phone number", "get sim id", "get subscriber id", "set of questions",
})  # fmt: skip
_PLAIN: Final = {
    "text": "text", "string": "text", "integer": "number", "int": "number", "decimal": "number", "date": "date", "note": "note",
    "range": "slider",
    "image": "file", "photo": "file", "audio": "file", "video": "file", "file": "file", "hidden": "hidden", "calculate": "computed",
    "phone number": "phone", "email": "email", "add note prompt": "note", "add text prompt": "text", "add integer prompt": "number",
    "add decimal prompt": "number", "add date prompt": "date", "q string": "text", "q integer": "number", "q image": "file",
}  # fmt: skip
_AS_TEXT: Final = frozenset({"time", "datetime", "datetime prompt", "add datetime prompt", "add time prompt", "barcode", "q barcode"})
_MEDIA_FILES: Final = {"image": ["jpg", "jpeg", "png"], "photo": ["jpg", "jpeg", "png"], "q image": ["jpg", "jpeg", "png"]}
_ONE: Final = re.compile(r"^(?:select_one|select one from|select1|select one|add select one prompt using|q select1)\s+(\S+)(.*)$")
_MANY: Final = re.compile(
    r"^(?:select_multiple|select all that apply from|select multiple from|select multiple|select|q select)\s+(\S+)(.*)$"
)
_RANK: Final = re.compile(r"^(?:rank|odk:rank)\s+(\S+)(.*)$")
_OUTSIDE: Final = re.compile(
    r"^(select_one_external|select_multiple_external|select_one_from_file|select_multiple_from_file|rank_from_file)\s+(\S+)"
)
_BEGIN: Final = re.compile(r"^(begin|end)[ _](group|repeat|loop|lgroup)\b(?:\s+over\s+(\S+))?")


class _Row(Struct):
    """A row by our names of its columns; what is said in several languages is in `texts`."""

    number: int
    values: dict[str, str]
    texts: dict[str, Texts]

    def get(self, name: str) -> str:
        return self.values.get(name, "")


def looks(content: bytes, name: str) -> float:
    ending = name.lower().rpartition(".")[2]
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return 0.9
    if ending in ("csv", "md") or re.match(rb'[\xef\xbb\xbf\s]*(?:"?survey"?|\|)', content[:200], re.IGNORECASE):
        return 0.6
    return 0.0


def read(content: bytes, name: str) -> Read:
    """Raises Refused."""
    found = {sheet.strip().lower(): rows for sheet, rows in tables.read(content, name).items()}
    survey = found.get("survey")
    if survey is None:
        first = next((sheet for sheet, rows in found.items() if rows), "")
        if not found or not (rows := found.get(first)) or "type" not in [cell.strip().lower() for cell in rows[0]]:
            raise Refused("no_survey_sheet", ", ".join(found)[:120])
        survey = rows
        found["survey"] = survey
    return _Reading(name, found, survey).read()


class _Reading:
    def __init__(self, name: str, sheets: dict[str, tables.Sheet], survey: tables.Sheet) -> None:
        self.make, self.sheets, self.name = Builder(XLSFORM), sheets, name
        settings = _settings(sheets.get("settings", []))
        self.title = plain(settings.get("form_title") or settings.get("title") or "")
        self.settings, self.main = settings, ""
        self.first = _first_language(survey)
        self.main = language(settings["default_language"]) if settings.get("default_language") else self.first or "en"
        self.lists = self._lists("choices") | dict(self._lists("external_choices").items())
        self.rows = self._rows("survey")
        self.groups: list[tuple[str, str, str]] = []

    def read(self) -> Read:
        if not self.rows and not any(self.sheets["survey"]):
            raise Refused("no_questions")
        self.make.whole["title"] = {self.main: self.title or plain(self.name.rpartition(".")[0])[:200] or "XLSForm"}
        for sheet in self.sheets:
            if sheet not in ("survey", "choices", "settings", "external_choices", "columns") and any(self.sheets[sheet]):
                self.make.left(sheet, "", "sheet")
        for row in self.rows:
            self._row(row)
        for kind, group, _relevant in self.groups:
            self.make.left(group or kind, f"begin {kind}", "order")
        self._settings_left()
        return self.make.finish([self.main])

    def _settings_left(self) -> None:
        for key in ("public_key", "submission_url", "instance_name", "style", "sms_keyword", "allow_choice_duplicates", "add_none_option"):
            if self.settings.get(key) and self.settings[key].lower() not in ("false", "no"):
                self.make.left("settings", f"{key} = {self.settings[key]}", "setting")

    # Tables

    def _rows(self, sheet: str) -> list[_Row]:
        rows = self.sheets.get(sheet, [])
        if not rows:
            return []
        start = next((n for n, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)
        heads = self._heads(sheet, rows[start])
        if sheet == "survey" and not any(column == "type" for column, _code in heads.values()):
            raise Refused("no_type_column", ", ".join(cell.strip() for cell in rows[start] if cell.strip())[:120])
        return [made for n, row in enumerate(rows[start + 1 :], start + 2) if (made := _made(n, row, heads, self.main)) is not None]

    def _heads(self, sheet: str, head: list[str]) -> dict[int, tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for place, cell in enumerate(head):
            column, code = _column(cell)
            if not column:
                if cell.strip() and cell.strip().lower() not in _SILENT and not cell.strip().startswith("_") and sheet == "survey":
                    self.make.left(f"{sheet} 1", cell.strip(), "column")
                continue
            if (column, code) in found.values():
                self.make.left(f"{sheet} 1", cell.strip(), "twice")
                continue
            found[place] = (column, code)
        return found

    def _lists(self, sheet: str) -> dict[str, list[_Row]]:
        found: dict[str, list[_Row]] = {}
        for row in self._rows(sheet):
            found.setdefault(row.get("list").strip(), []).append(row)
        return found

    # Rows

    def _row(self, row: _Row) -> None:
        kind = " ".join(row.get("type").split())
        place = f"survey {row.number}" + (f" ({row.get('name')})" if row.get("name") else "")
        if row.get("disabled").lower() in ("yes", "true", "1"):
            return self.make.left(place, "disabled", "unused")
        if not kind:
            return self.make.left(place, row.get("name") or _any(row.texts.get("label", {})) or "…", "no_type")
        lower = kind.lower()
        if begun := _BEGIN.match(lower):
            return self._group(row, begun, place)
        if lower in _META or lower.startswith("get ") or lower.startswith("set "):
            return self.make.left(place, kind, "metadata")
        if lower == "include" or lower.startswith("include "):
            return self.make.left(place, f"include {row.get('name')}", "file")
        return self._asked(row, kind, lower, place)

    def _group(self, row: _Row, begun: "re.Match[str]", place: str) -> None:
        if begun[1] == "end":
            if not self.groups:
                return self.make.left(place, begun[0], "order")
            self.groups.pop()
            if self.make.pages and self.make.pages[-1]["items"]:
                self._page({}, self.groups[-1] if self.groups else ("", "", ""), place)
            return None
        if begun[2] in ("repeat", "loop"):
            self.make.left(place, f"{begun[0]} {row.get('repeat')}".strip(), "loop")
        outer = self.groups[-1][2] if self.groups else ""
        relevant = " and ".join(f"({each})" for each in (outer, row.get("relevant")) if each) if outer else row.get("relevant")
        self.groups.append((begun[2], row.get("name"), relevant))
        self._page(row.texts.get("label", {}), self.groups[-1], place)
        return None

    def _page(self, title: Texts, group: tuple[str, str, str], place: str) -> None:
        page = self.make.page(group[1] or "", self._texts(place, title))
        self.make.when(page, group[2], place)

    def _asked(self, row: _Row, kind: str, lower: str, place: str) -> None:
        if outside := _OUTSIDE.match(lower):
            if outside[1].endswith("file") or kind.split()[1] not in self.lists:
                return self.make.left(place, kind, "file")
            kind, lower = f"select_one {kind.split()[1]}", f"select_one {kind.split()[1]}"
        for pattern, ours in ((_RANK, "ranking"), (_ONE, "single"), (_MANY, "multiple")):
            if pattern.match(lower):
                matched = pattern.match(kind if kind.split()[0].lower() == lower.split()[0] else lower)
                return self._chosen(row, ours, _original(kind, pattern), place, (matched or pattern.match(lower))[2])  # type: ignore[index]
        if lower in ("acknowledge", "trigger"):
            self.make.left(place, kind, "changed")
            self._put(row, "multiple", place, choices=[{"id": "ok", "text": {self.main: "OK"}}])
            return None
        if lower in _AS_TEXT:
            self.make.left(place, kind, "changed")
            self._put(row, "text", place)
            return None
        if lower in _PLAIN:
            return self._plain(row, _PLAIN[lower], lower, place)
        return self.make.left(place, kind, "type")

    def _plain(self, row: _Row, ours: str, lower: str, place: str) -> None:
        more: Json = {}
        if ours == "number":
            more["decimals"] = 0 if lower in ("integer", "int", "q integer", "add integer prompt") else 6
        if ours == "text" and "multiline" in row.get("appearance"):
            ours = "long_text"
        if ours == "file":
            more["endings"] = _MEDIA_FILES.get(lower)
            if lower in ("audio", "video"):
                self.make.left(place, lower, "changed")
        if ours == "slider":
            given = dict(re.findall(r"(start|end|step)\s*=\s*(-?\d+(?:\.\d+)?)", row.get("parameters")))
            more |= {"low": float(given.get("start", 0)), "high": float(given.get("end", 10)), "step": float(given.get("step", 1))}
        if ours == "computed" and not row.get("calculation"):
            return self.make.left(place, "calculate", "empty")
        made = self._put(row, ours, place, **more)
        if ours == "computed" and made is not None:
            self.make.when(made, row.get("calculation"), place, "formula")
        return None

    def _chosen(self, row: _Row, ours: str, name: str, place: str, rest: str) -> None:
        rows = self.lists.get(name)
        if not rows:
            return self.make.left(place, name, "not_there")
        choices = self.make.choices(
            place, [(each.get("name"), self._texts(f"choices {each.number}", each.texts.get("label", {}))) for each in rows]
        )
        if "or_other" in rest or "or specify other" in rest:
            choices.append(
                {"id": choice_id("other", {each["id"] for each in choices}, "other"), "text": {self.main: "Other"}, "is_other": True}
            )
        if any(each.texts.get("media") or each.get("media") for each in rows):
            self.make.left(place, "media", "media")
        if row.get("filter"):
            self.make.left(place, row.get("filter"), "filter")
        if ours == "single" and re.search(r"minimal|autocomplete|search", row.get("appearance")):
            ours = "dropdown"
        self._put(row, ours, place, choices=choices)

    def _put(self, row: _Row, ours: str, place: str, **more: Any) -> Json:
        text = self._texts(place, row.texts.get("label", {}))
        if row.get("media") or row.texts.get("media"):
            self.make.left(place, row.get("media") or _any(row.texts.get("media", {})), "media")
        silent = ours in ("note", "hidden", "computed")
        required = (
            None if silent else {"yes": "yes", "true": "yes", "true()": "yes", "1": "yes"}.get(row.get("required").strip().lower(), "no")
        )
        if not silent and required == "no" and len(row.get("required").strip()) > 5 and row.get("required").lower() != "false()":
            self.make.left(place, f"required: {row.get('required')}", "logic")
        if not text and not silent:
            text = {self.main: row.get("name") or ours}
        name = row.get("name") or identifier("", self.make.ids, f"row_{row.number}")
        if not row.get("name"):
            self.make.left(place, name, "no_name")
        made = self.make.question(ours, name, text, help=self._texts(place, row.texts.get("hint", {})) or None, required=required, **more)
        self._rest(row, made, place)
        return made

    def _rest(self, row: _Row, made: Json, place: str) -> None:
        self.make.when(made, row.get("relevant"), place)
        if row.get("constraint"):
            made["_words"] = self._texts(place, row.texts.get("message", {}))
            self.make.when(made, row.get("constraint"), place, "validate", made["id"])
        if row.get("default") and made["type"] not in ("note", "computed"):
            self.make.left(place, f"default: {row.get('default')}", "default")
        if row.get("readonly").lower() in ("yes", "true", "true()"):
            self.make.left(place, "read only", "setting")
        if re.search(r"table-list|\bquick|maps|numbers|label|list-nolabel|draw|signature|annotate", row.get("appearance")):
            self.make.left(place, f"appearance: {row.get('appearance')}", "look")

    def _texts(self, place: str, given: Texts) -> Texts:
        found = {code: self.make.text(place, re.sub(r"\$\{\s*([^{}]+?)\s*\}", r"{\1}", text)) for code, text in given.items()}
        return {code: text for code, text in found.items() if text}


def _original(kind: str, pattern: "re.Pattern[str]") -> str:
    """The list's name as it is written, though the type is understood in any case."""
    matched = pattern.match(kind.lower())
    assert matched is not None
    return kind[matched.start(1) : matched.end(1)]


def _any(texts: Texts) -> str:
    return next(iter(texts.values()), "")


def _settings(rows: tables.Sheet) -> dict[str, str]:
    full = [row for row in rows if any(cell.strip() for cell in row)]
    return {key.strip().lower(): value.strip() for key, value in zip(full[0], full[1], strict=False)} if len(full) > 1 else {}


def _first_language(rows: tables.Sheet) -> str:
    head = next((row for row in rows if any(cell.strip() for cell in row)), [])
    return next((code for cell in head for column, code in [_column(cell)] if column == "label" and code), "")


def _column(cell: str) -> tuple[str, str]:
    """(our name of a column, its language); ("", "") where it is none of ours.

    >>> _column("label::English (en)"), _column("bind:relevant"), _column("LABEL::EN"), _column("bind:jr:constraintMsg")
    (('label', 'en'), ('relevant', ''), ('label', 'en'), ('message', ''))
    """
    bare = " ".join(cell.split())
    lower = re.sub(r"^(?:bind|control|media)\s*::?\s*", "", bare.lower())
    lower = re.sub(r"^jr\s*::?\s*", "", lower)
    if lower in _COLUMNS:
        return _COLUMNS[lower], ""
    parts = re.split(r"\s*::?\s*", lower, maxsplit=1)
    if len(parts) == 2 and _COLUMNS.get(parts[0]) in ("label", "hint", "guidance", "message", "media", "required_message"):
        return _COLUMNS[parts[0]], language(parts[1])
    return "", ""


def _made(number: int, row: list[str], heads: dict[int, tuple[str, str]], main: str) -> _Row | None:
    values: dict[str, str] = {}
    texts: dict[str, Texts] = {}
    for place, (column, code) in heads.items():
        value = row[place].strip() if place < len(row) else ""
        if not value:
            continue
        if column in ("label", "hint", "message", "media"):
            texts.setdefault(column, {}).setdefault(code or main, value)
        values.setdefault(column, value)
    return _Row(number, values, texts) if values else None


def write(survey: Survey) -> Written:
    return xlsform_writing.write(survey)
