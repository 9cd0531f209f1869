"""A survey as a Qualtrics survey file (.qsf). Pure. Conditions are listed, not written: Qualtrics keeps them by ids of its own."""

from typing import Any, Final

import msgspec

from ..definition import model
from ..definition.model import Item, Survey, Texts
from .base import Log, Written

Json = dict[str, Any]
_TYPES: Final = {
    "single": ("MC", "SAVR", "TX"), "dropdown": ("MC", "DL", ""), "multiple": ("MC", "MAVR", "TX"), "ranking": ("RO", "DND", "TX"),
    "nps": ("MC", "NPS", ""),
    "stars": ("MC", "SAHR", "TX"), "smileys": ("MC", "SAHR", "TX"), "ces": ("MC", "SAHR", "TX"), "likert": ("MC", "SAHR", "TX"),
    "matrix": ("Matrix", "Likert", "SingleAnswer"), "constant_sum": ("CS", "VRTL", "TX"), "number": ("TE", "SL", ""), "text": ("TE", "SL",
    ""),
    "long_text": ("TE", "ML", ""), "date": ("TE", "SL", ""), "email": ("TE", "SL", ""), "phone": ("TE", "SL", ""),
    "file": ("FileUpload", "FileUpload", ""), "image_choice": ("MC", "SAVR", "TX"), "slider": ("Slider", "HSLIDER", ""), "consent": ("MC",
    "MAVR", "TX"),
    "note": ("DB", "TB", ""),
}  # fmt: skip
_CONTENT: Final = {"email": "ValidEmail", "phone": "ValidPhone", "number": "ValidNumber", "date": "ValidDate"}


def write(survey: Survey) -> Written:
    log = Log()
    made = _Writing(survey, log)
    elements = made.elements()
    title = model.say(survey.title, survey.language, survey)
    entry = {"SurveyID": "SV_0000000000000001", "SurveyName": title, "SurveyDescription": model.say(survey.welcome, survey.language,
        survey),
             "SurveyLanguage": survey.language.upper(), "SurveyStatus": "Inactive", "Deleted": None}  # fmt: skip
    for place, texts in (("thanks", survey.thanks), ("covering", survey.covering)):
        if texts:
            log("survey", place, "text")
    content = msgspec.json.format(msgspec.json.encode({"SurveyEntry": entry, "SurveyElements": elements}), indent=1)
    return Written(content, log.list(), ".qsf", "application/json")


class _Writing:
    def __init__(self, survey: Survey, log: Log) -> None:
        self.survey, self.log = survey, log

    def elements(self) -> list[Json]:
        blocks: list[Json] = []
        questions: list[Json] = []
        for n, page in enumerate(self.survey.pages, 1):
            rows: list[Json] = []
            for item in page.items:
                if (payload := self._question(item, len(questions) + 1)) is not None:
                    questions.append(payload)
                    rows.append({"Type": "Question", "QuestionID": payload["QuestionID"]})
            title = model.say(page.title, self.survey.language, self.survey) or page.id
            blocks.append({"Type": "Standard", "Description": title, "ID": f"BL_{n:015d}", "BlockElements": rows,
                           "Options": {"RandomizeQuestions": "true" if page.randomise else "false"}})  # fmt: skip
            self._page(page)
        for area in self.survey.areas:
            self.log("survey", area.id, "area")
        flow = [{"ID": block["ID"], "Type": "Block", "FlowID": f"FL_{n}"} for n, block in enumerate(blocks, 2)]
        return [
            _element("BL", "Survey Blocks", blocks),
            _element("FL", "Survey Flow", {"Flow": flow, "Properties": {"Count": len(flow)}, "FlowID": "FL_1", "Type": "Root"}),
            *({**_element("SQ", each["QuestionID"], each), "SecondaryAttribute": each["QuestionText"][:99]} for each in questions),
        ]  # fmt: skip

    def _page(self, page: model.Page) -> None:
        if page.show_if:
            self.log(page.id, page.show_if, "logic")
        if page.by_subject:
            self.log(page.id, f"by_subject = {page.by_subject}", "loop")
        if page.text:
            self.log(page.id, model.say(page.text, self.survey.language), "text")

    def _question(self, item: Item, number: int) -> Json | None:
        kind = str(item.__struct_config__.tag)
        if kind not in _TYPES:
            self.log(item.id, kind, "type")
            return None
        type, selector, sub = _TYPES[kind]
        main = self.survey.language
        made: Json = {
            "QuestionText": model.say(item.text, main, self.survey), "QuestionType": type, "Selector": selector, "DataExportTag": item.id,
            "QuestionID": f"QID{number}", "Configuration": {"QuestionDescriptionOption": "UseText"},
            "Validation": {"Settings": self._checks(item)},
            "Language": {each: {"QuestionText": item.text[each]} for each in self.survey.languages if each != main and item.text.get(each)}
            or [],
        }  # fmt: skip
        if sub:
            made["SubSelector"] = sub
        for what, why in (
            (item.show_if, "logic"),
            (item.validate.rule if item.validate else "", "check"),
            (model.say(item.help, main), "text"),
        ):
            if what:
                self.log(item.id, what, why)  # type: ignore[arg-type]
        if kind in ("image_choice", "consent", "stars", "smileys", "ces", "likert"):
            self.log(item.id, kind, "changed")
        self._below(item, made)
        return made

    def _checks(self, item: Item) -> Json:
        made: Json = {"ForceResponse": "OFF" if item.required == "no" else "ON", "Type": "None"}
        if item.required != "no":
            made["ForceResponseType"] = "RequestResponse" if item.required == "soft" else "ON"
        if content := _CONTENT.get(str(item.__struct_config__.tag)):
            made |= {"Type": "ContentType", "ContentType": content}
        if isinstance(item, model.ConstantSum):
            made |= {"Type": "ChoicesTotal", "ChoiceTotal": f"{item.total:g}"}
        if isinstance(item, model.Multiple):
            made |= {key: n for key, n in (("MinChoices", item.least), ("MaxChoices", item.most)) if n}
        return made

    def _below(self, item: Item, made: Json) -> None:
        if isinstance(item, model.Matrix):
            made |= self._listed("Choices", "ChoiceOrder", [(each.text, False) for each in item.rows], made)
            scale = item.scales[0] if item.scales else model.Scale()
            if len(item.scales) > 1:
                self.log(item.id, "second scale", "scale")
            labels = scale.labels or [{self.survey.language: str(n + 1)} for n in range(scale.points)]
            made |= self._listed("Answers", "AnswerOrder", [(each, False) for each in labels], made)
        elif isinstance(item, model.WITH_CHOICES):
            made |= self._listed("Choices", "ChoiceOrder", [(each.text, each.is_other) for each in item.choices], made)
            if getattr(item, "is_random", False):
                made["Randomization"] = {"Type": "All"}
        elif isinstance(item, model.Consent):
            made |= self._listed("Choices", "ChoiceOrder", [(item.text, False)], made)
        elif (ends := model.points(item)) is not None:
            labels = item.scale.labels if isinstance(item, model.Likert) else []
            texts = [
                labels[n - ends[0]] if n - ends[0] < len(labels) else {self.survey.language: str(n)} for n in range(ends[0], ends[1] + 1)
            ]
            made |= self._listed("Choices", "ChoiceOrder", [(each, False) for each in texts], made)
        elif isinstance(item, model.Slider):
            made["Configuration"] |= {"CSSliderMin": item.low, "CSSliderMax": item.high}
            made |= self._listed("Choices", "ChoiceOrder", [(item.text, False)], made)

    def _listed(self, key: str, order: str, texts: list[tuple[Texts, bool]], made: Json) -> Json:
        """Numbers take the place of our ids: Qualtrics knows no others."""
        main = self.survey.language
        found: Json = {}
        for n, (each, is_text) in enumerate(texts, 1):
            found[str(n)] = {"Display": model.say(each, main, self.survey)} | ({"TextEntry": "true"} if is_text else {})
            for code, text in each.items():
                if code != main and text and isinstance(made["Language"], dict):
                    made["Language"].setdefault(code, {}).setdefault(key, {})[str(n)] = {"Display": text}
        return {key: found, order: list(found)}


def _element(kind: str, name: str, payload: Any) -> Json:
    return {"SurveyID": "SV_0000000000000001", "Element": kind, "PrimaryAttribute": name, "SecondaryAttribute": None,
        "TertiaryAttribute": None,
            "Payload": payload}  # fmt: skip
