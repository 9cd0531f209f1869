"""Qualtrics survey files (.qsf). Pure. The format is not published: payloads may be null, lists or objects, numbers may be texts."""

import re
from collections.abc import Iterator
from typing import Any, Final

from ..definition.model import Survey
from . import qsf_writing
from .base import Read, Refused, Written
from .building import Builder, Json, Texts, choice_id, language, scale
from .conditions import quoted
from .json_reading import entries, parse, truth, whole

KEY: Final = "qsf"
ENDINGS: Final = (".qsf",)
_OURS: Final = {
    ("MC", "SAVR"): "single", ("MC", "SAHR"): "single", ("MC", "SACOL"): "single", ("MC", "DL"): "dropdown", ("MC", "SB"): "dropdown",
    ("MC", "NPS"): "nps",
    ("MC", "MAVR"): "multiple", ("MC", "MAHR"): "multiple", ("MC", "MACOL"): "multiple", ("MC", "MSB"): "multiple",
    ("TE", "SL"): "text", ("TE", "ML"): "long_text", ("TE", "ESTB"): "long_text", ("TE", "PW"): "", ("TE", "FORM"): "form",
    ("Matrix", "Likert"): "matrix", ("Matrix", "Bipolar"): "", ("Matrix", "TE"): "", ("RO", "DND"): "ranking", ("RO", "RB"): "ranking",
    ("RO", "TB"): "ranking",
    ("RO", "SB"): "ranking", ("CS", "VRTL"): "constant_sum", ("CS", "HR"): "constant_sum", ("CS", "HBAR"): "constant_sum", ("CS",
    "HSLIDER"): "constant_sum",
    ("DB", "TB"): "note", ("FileUpload", "FileUpload"): "file", ("Slider", "HSLIDER"): "sliders", ("Slider", "HBAR"): "sliders",
    ("Slider", "STAR"): "stars",
}  # fmt: skip
_CONTENT: Final = {"ValidEmail": "email", "ValidPhone": "phone", "ValidUSPhone": "phone", "ValidNumber": "number", "ValidDate": "date"}
_WITH: Final = {
    "EqualTo": "=", "NotEqualTo": "!=", "GreaterThan": ">", "LessThan": "<", "GreaterThanOrEqual": ">=", "LessThanOrEqual": "<=",
}  # fmt: skip
_PIPED: Final = re.compile(r"\$\{q://(QID\d+)/[A-Za-z/]*\}")
_FLOW: Final = frozenset(
    {"Branch", "EndSurvey", "EmbeddedData", "BlockRandomizer", "Quota", "WebService", "Authenticator", "TableOfContents", "QuotaCheck"}
)


def looks(content: bytes, name: str) -> float:
    return 1.0 if b'"SurveyEntry"' in content[:4096] or b'"SurveyElements"' in content[:200_000] else 0.0


def read(content: bytes, name: str) -> Read:
    """Raises Refused."""
    found = parse(content)
    if not isinstance(found, dict) or not isinstance(found.get("SurveyElements"), list):
        raise Refused("wrong_shape", "SurveyElements")
    return _Reading(found, name).read()


class _Reading:
    def __init__(self, found: Json, name: str) -> None:
        self.make, self.name = Builder(), name
        entry = found.get("SurveyEntry")
        self.entry: Json = entry if isinstance(entry, dict) else {}
        self.main = language(self.entry.get("SurveyLanguage") or "en")
        self.elements = [each for each in found["SurveyElements"] if isinstance(each, dict)]
        self.questions: dict[str, Json] = {}
        for each in self.elements:
            payload = each.get("Payload")
            if each.get("Element") == "SQ" and isinstance(payload, dict):
                self.questions[str(payload.get("QuestionID") or each.get("PrimaryAttribute"))] = payload
        self.tags = {qid: self._tag(qid, payload) for qid, payload in self.questions.items()}

    def _tag(self, qid: str, payload: Json) -> str:
        return str(payload.get("DataExportTag") or qid)

    def read(self) -> Read:
        self.make.whole["title"] = {self.main: str(self.entry.get("SurveyName") or self.name.rpartition(".")[0] or "Qualtrics")}
        if about := self.entry.get("SurveyDescription"):
            self.make.whole["welcome"] = self._texts("survey", about)
        asked: set[str] = set()
        for block in self._blocks():
            self._block(block, asked)
        for qid, payload in self.questions.items():
            if qid not in asked:
                self.make.left(self.tags[qid], str(payload.get("QuestionText") or ""), "unused")
        self._others()
        return self.make.finish([self.main])

    def _others(self) -> None:
        told = {"QO": "quota", "SCO": "scoring", "TR": "mail", "PL": "setting"}
        for each in self.elements:
            if (why := told.get(str(each.get("Element")))) and each.get("Payload"):
                self.make.left(str(each.get("Element")), str(each.get("PrimaryAttribute") or ""), why)  # type: ignore[arg-type]
            if each.get("Element") == "SO" and isinstance(options := each.get("Payload"), dict):
                for key in ("CustomStyles", "Header", "Footer", "EOSRedirectURL", "EOSMessage", "SurveyTermination"):
                    if options.get(key) and options[key] not in ("DefaultMessage", "None"):
                        self.make.left("options", key, "setting")

    # Blocks in the order of the flow

    def _blocks(self) -> list[Json]:
        blocks: dict[str, Json] = {}
        flow: list[Any] = []
        for each in self.elements:
            payload = each.get("Payload")
            if each.get("Element") == "BL":
                blocks |= {str(block.get("ID")): block for block in entries(payload) if isinstance(block, dict)}
            elif each.get("Element") == "FL" and isinstance(payload, dict):
                flow = entries(payload.get("Flow"))
        if not flow:
            return [block for block in blocks.values() if block.get("Type") != "Trash"]
        return [blocks[id] for id in dict.fromkeys(self._flown(flow)) if id in blocks]

    def _flown(self, flow: list[Any]) -> Iterator[str]:
        for each in flow:
            if not isinstance(each, dict):
                continue
            kind = str(each.get("Type"))
            if kind in _FLOW:
                why = {"Branch": "logic", "BlockRandomizer": "order", "Quota": "quota", "QuotaCheck": "quota"}.get(kind, "setting")
                self.make.left(str(each.get("FlowID") or "flow"), kind, why)  # type: ignore[arg-type]
            if each.get("ID"):
                yield str(each["ID"])
            yield from self._flown(entries(each.get("Flow")))

    def _block(self, block: Json, asked: set[str]) -> None:
        title = str(block.get("Description") or "")
        self.make.page(title or block.get("ID"), {self.main: title} if title not in ("Default Question Block", "") else {})
        options = block.get("Options")
        if isinstance(options, dict) and options.get("Looping") not in (None, "None", ""):
            self.make.left(title, f"Looping {options['Looping']}", "loop")
        if isinstance(options, dict) and truth(str(options.get("RandomizeQuestions", "")).replace("RandomWithXPerPage", "true")):
            self.make.pages[-1]["randomise"] = True
        first = True
        for each in entries(block.get("BlockElements")):
            if not isinstance(each, dict):
                continue
            if each.get("Type") == "Page Break" and not first:
                self.make.page("", {})
            elif each.get("Type") == "Question" and (qid := str(each.get("QuestionID"))) not in asked:
                first = False
                asked.add(qid)
                if qid in self.questions:
                    self._question(qid, self.questions[qid])
                else:
                    self.make.left(title, qid, "not_there")

    # Questions

    def _question(self, qid: str, payload: Json) -> None:
        name, kind, selector = self.tags[qid], str(payload.get("QuestionType")), str(payload.get("Selector"))
        ours = _OURS.get((kind, selector), "note" if kind == "DB" else "")
        if ours == "matrix" and payload.get("SubSelector") not in ("SingleAnswer", "MultipleAnswer", "DL", None, ""):
            ours = ""
        if not ours:
            return self.make.left(name, f"{kind} / {selector} / {payload.get('SubSelector') or ''}", "type")
        text = self._texts(name, payload.get("QuestionText"), payload, "QuestionText") or {self.main: name}
        if ours in ("form", "sliders") or payload.get("SubSelector") == "MultipleAnswer":
            return self._several(payload, name, text, ours)
        more = self._more(payload, name, ours)
        if more is None:
            return self.make.left(name, f"{kind} / {selector}", "empty")
        made = self.make.question(more.pop("type", ours), name, text, **more)
        self.make.renamed[qid] = made["id"]
        self._rest(payload, made, name)
        return None

    def _several(self, payload: Json, name: str, text: Texts, ours: str) -> None:
        """A form of lines, a set of sliders or a matrix of boxes: a question for each line, behind a note."""
        self.make.left(name, f"{payload.get('Selector')} {payload.get('SubSelector') or ''}", "changed")
        note = self.make.question("note", f"{name}_about", text)
        self._rest(payload, note, name)
        kind = {"form": "text", "sliders": "slider"}.get(ours, "multiple")
        answers = self._ordered(payload, "Answers", "AnswerOrder", name)
        for code, words, is_text in self._ordered(payload, "Choices", "ChoiceOrder", name):
            if not words:
                self.make.left(f"{name} / {code}", "Display", "empty")
                continue
            if is_text:
                self.make.left(f"{name} / {code}", "TextEntry", "changed")
            more: Json = {"choices": self.make.choices(name, [(each, texts) for each, texts, _ in answers])} if kind == "multiple" else {}
            if kind == "slider":
                given = payload.get("Configuration")
                config: Json = given if isinstance(given, dict) else {}
                more = {"low": float(whole(config.get("CSSliderMin"))), "high": float(whole(config.get("CSSliderMax"), 100)), "step": 1.0}
            made = self.make.question(kind, f"{name}_{code}", words, **more)
            made["required"] = note.get("required", _required(payload))

    def _more(self, payload: Json, name: str, ours: str) -> Json | None:
        if ours in ("single", "dropdown", "multiple", "ranking", "constant_sum"):
            choices = self._choices(payload, name, ours)
            if not choices:
                return None
            more: Json = {"choices": choices}
            if isinstance(payload.get("Randomization"), dict) and payload["Randomization"].get("Type") not in (None, "None"):
                more["is_random"] = True
            if ours == "constant_sum":
                settings = _settings(payload)
                more["total"] = float(whole(settings.get("ChoiceTotal"), 100))
            return more
        if ours == "matrix":
            given = self._ordered(payload, "Choices", "ChoiceOrder", name)
            rows = self.make.choices(name, [(code, words) for code, words, is_text in given if self._is_row(name, code, words, is_text)])
            columns = [words for _code, words, _ in self._ordered(payload, "Answers", "AnswerOrder", name)]
            return {"rows": rows, "scales": [scale(columns)]} if rows and columns else None
        if ours == "nps":
            return {"role": "nps"}
        if ours == "stars":
            return {"most": 5}
        if ours == "text":
            settings = _settings(payload)
            return {"type": _CONTENT.get(str(settings.get("ContentType")), "text")}
        return {}

    def _is_row(self, name: str, code: str, words: Texts, is_text: bool) -> bool:
        if is_text:
            self.make.left(f"{name} / {code}", "TextEntry", "changed")
        if not words:
            self.make.left(f"{name} / {code}", "Display", "empty")
        return bool(words)

    def _ordered(self, payload: Json, key: str, order: str, name: str) -> list[tuple[str, Texts, bool]]:
        given = payload.get(key)
        found = given if isinstance(given, dict) else {str(n): each for n, each in enumerate(entries(given), 1)}
        codes = [str(each) for each in entries(payload.get(order))] or list(found)
        made = []
        for code in dict.fromkeys([*codes, *found]):
            if code not in found:
                self.make.left(name, f"{order} {code}", "not_there")
                continue
            each = found[code] if isinstance(found[code], dict) else {"Display": found[code]}
            made.append((code, self._texts(f"{name} / {code}", each.get("Display"), payload, key, code), truth(each.get("TextEntry"))))
            if each.get("DisplayLogic"):
                self.make.left(f"{name} / {code}", "DisplayLogic", "logic")
        return made

    def _choices(self, payload: Json, name: str, ours: str) -> list[Json]:
        rows = [row for row in self._ordered(payload, "Choices", "ChoiceOrder", name) if row[1]]
        made = self.make.choices(name, [(code, words) for code, words, _ in rows])
        others = [n for n, (_code, _words, is_text) in enumerate(rows) if is_text]
        for n in others[:1] if ours in ("single", "multiple", "dropdown") else []:
            made[n]["is_other"] = True
        for n in others[1:]:
            self.make.left(f"{name} / {rows[n][0]}", "TextEntry", "changed")
        for code, each in (payload.get("Choices") or {}).items() if isinstance(payload.get("Choices"), dict) else []:
            if isinstance(each, dict) and truth(each.get("ExclusiveAnswer")) and ours == "multiple":
                for choice in made:
                    if choice["id"] == choice_id(code, (), code):
                        choice["is_exclusive"] = True
        return made

    def _texts(self, place: str, given: Any, payload: Json | None = None, *path: str) -> Texts:
        """The text of the main language, with those of `Payload.Language`."""
        made = {self.main: self.make.text(place, self._piped(place, given))} if given not in (None, "") else {}
        spoken = (payload or {}).get("Language")
        for code, said in spoken.items() if isinstance(spoken, dict) else []:
            value: Any = said
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            value = value.get("Display") if isinstance(value, dict) else value
            if isinstance(value, str) and value:
                made[language(code)] = self.make.text(place, self._piped(place, value))
        return {code: text for code, text in made.items() if text}

    def _piped(self, place: str, given: Any) -> str:
        text = _PIPED.sub(lambda found: "{" + self.tags.get(found[1], found[1]) + "}", str(given))
        for each in re.findall(r"\$\{[a-z]+://[^}]*\}", text):
            self.make.left(place, each, "text")
        return re.sub(r"\$\{[a-z]+://[^}]*\}", "", text)

    def _rest(self, payload: Json, made: Json, name: str) -> None:
        if made["type"] not in ("note", "computed"):
            made["required"] = _required(payload)
        if payload.get("DisplayLogic"):
            self._logic(payload["DisplayLogic"], made, name)
        for key in ("SkipLogic", "InPageDisplayLogic"):
            if payload.get(key):
                self.make.left(name, key, "logic")
        if payload.get("QuestionJS"):
            self.make.left(name, "QuestionJS", "script")
        if payload.get("DefaultChoices") not in (None, False, [], {}, "false"):
            self.make.left(name, "DefaultChoices", "default")
        settings = _settings(payload)
        if str(settings.get("Type", "None")) not in (
            "None",
            "",
            "ContentType",
            "ChoicesTotal",
            "MinChoices",
            "MaxChoices",
            "MinMaxChoices",
        ):
            self.make.left(name, f"Validation {settings['Type']}", "check")
        if made["type"] == "multiple":
            made |= {there: n for key, there in (("MinChoices", "least"), ("MaxChoices", "most")) if (n := whole(settings.get(key)))}

    def _logic(self, logic: Any, made: Json, name: str) -> None:
        """Display logic is sets of terms: one after another, joined by the word each begins with."""
        try:
            self.make.when(made, _said(logic, self.tags), name)
        except _Unsaid as fault:
            self.make.left(name, f"DisplayLogic [{fault}]", "logic")


class _Unsaid(ValueError):
    pass


def _said(logic: Any, tags: dict[str, str]) -> str:
    groups = [each for key, each in logic.items() if str(key).isdigit() and isinstance(each, dict)] if isinstance(logic, dict) else []
    parts: list[str] = []
    for group in groups:
        inner: list[str] = []
        for key, term in group.items():
            if str(key).isdigit() and isinstance(term, dict):
                inner += [_joint(term), _term(term, tags)] if inner else [_term(term, tags)]
        if inner:
            parts += [_joint(group), f"({' '.join(inner)})"] if parts else [f"({' '.join(inner)})"]
    if not parts:
        raise _Unsaid("empty")
    return " ".join(parts)


def _joint(term: Json) -> str:
    word = str(term.get("Conjuction") or term.get("Conjunction") or term.get("Type") or "And").lower()
    return "or" if word in ("or", "orif") or word.startswith("or") else "and"


def _term(term: Json, tags: dict[str, str]) -> str:
    where = str(term.get("LeftOperand") or term.get("ChoiceLocator") or "")
    found = re.match(r"q://(QID\d+)/(SelectableChoice|ChoiceNumericEntryValue|ChoiceTextEntryValue)(?:/(\w+))?", where)
    operator = str(term.get("Operator"))
    if str(term.get("LogicType")) != "Question" or not found or found[1] not in tags:
        raise _Unsaid(where or str(term.get("LogicType")))
    name = "{" + tags[found[1]] + "}"
    if found[2] == "SelectableChoice" and operator in ("Selected", "NotSelected") and found[3]:
        return f"{'not ' if operator == 'NotSelected' else ''}contains({name}, {quoted(found[3])})"
    if operator in ("Empty", "NotEmpty"):
        return f"{'not ' if operator == 'Empty' else ''}answered({name})"
    if operator in _WITH:
        value = str(term.get("RightOperand", ""))
        return f"{name} {_WITH[operator]} {value if re.fullmatch(r'-?[0-9]+([.][0-9]+)?', value) else quoted(value)}"
    raise _Unsaid(operator)


def _settings(payload: Json) -> Json:
    validation = payload.get("Validation")
    settings = validation.get("Settings") if isinstance(validation, dict) else None
    return settings if isinstance(settings, dict) else {}


def _required(payload: Json) -> str:
    settings = _settings(payload)
    if str(settings.get("ForceResponse")) == "ON":
        return "soft" if str(settings.get("ForceResponseType")) == "RequestResponse" else "yes"
    return "no"


def write(survey: Survey) -> Written:
    return qsf_writing.write(survey)
