"""SurveyJS: the JSON of its creator. Pure. https://surveyjs.io/form-library/documentation/"""

from typing import Any, Final

from ..definition.model import Survey
from . import surveyjs_writing
from .base import Read, Refused, Written
from .building import Builder, Json, Texts, choice_id, language, scale
from .conditions import SURVEYJS
from .json_reading import entries, parse, truth, whole

KEY: Final = "surveyjs"
ENDINGS: Final = (".json",)
_TYPES: Final = {
    "radiogroup": "single", "dropdown": "dropdown", "checkbox": "multiple", "tagbox": "multiple", "ranking": "ranking",
    "comment": "long_text",
    "text": "text", "boolean": "single", "html": "note", "file": "file", "imagepicker": "image_choice", "expression": "computed",
    "slider": "slider",
    "rating": "rating", "matrix": "matrix", "matrixdropdown": "", "matrixdynamic": "", "paneldynamic": "", "multipletext": "several",
    "signaturepad": "", "image": "", "buttongroup": "single",
}  # fmt: skip
_INPUTS: Final = {"number": "number", "range": "slider", "date": "date", "email": "email", "tel": "phone"}
_KNOWN: Final = frozenset({
    "type", "name", "title", "description", "isRequired", "visibleIf", "choices", "hasOther", "showOtherItem", "otherText", "hasNone",
    "showNoneItem",
    "noneText", "choicesOrder", "validators", "inputType", "min", "max", "step", "rateMin", "rateMax", "rateType", "rateCount",
    "minRateDescription",
    "maxRateDescription", "rows", "columns", "html", "elements", "expression", "labelTrue", "labelFalse", "maxLength", "minSelectedChoices",
    "maxSelectedChoices", "items", "colCount", "rateDisplayMode", "rateValues", "visible", "acceptedTypes", "page", "questions",
    "valueTrue", "valueFalse",
    "autocomplete", "placeholder", "startWithNewLine", "titleLocation", "hideNumber", "width", "minWidth", "maxWidth", "cols", "autoGrow",
    "allowResize",
    "isAllRowRequired", "requiredIf", "id", "displayRateDescriptionsAsExtremeItems", "otherErrorText", "maxSize", "allowMultiple",
    "waitForUpload", "storeDataAsText",
})  # fmt: skip
_WHOLE: Final = frozenset({
    "title", "description", "pages", "elements", "questions", "completedHtml", "completedHtmlOnCondition", "locale", "logoPosition",
    "showQuestionNumbers",
    "showProgressBar", "progressBarType", "widthMode", "headerView", "questionErrorLocation", "requiredText", "pageNextText",
    "pagePrevText", "completeText",
    "startSurveyText", "showTitle", "showPageTitles", "triggers", "calculatedValues", "cookieName", "logo", "firstPageIsStarted",
    "firstPageIsStartPage",
    "questionTitleLocation", "focusFirstQuestionAutomatic", "checkErrorsMode", "navigateToUrl", "maxTimeToFinish", "timeLimit",
    "clearInvisibleValues",
})  # fmt: skip
_PLAIN_WORDS: Final = {"yes": {"en": "Yes", "es": "Sí", "it": "Sì", "ca": "Sí"}, "no": {"en": "No", "es": "No", "it": "No", "ca": "No"}}


def looks(content: bytes, name: str) -> float:
    head = content[:200_000]
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return 0.0
    return (
        0.8
        if (b'"elements"' in head or b'"questions"' in head) and b'"SurveyElements"' not in head and b"vincle-survey" not in head
        else 0.1
    )


def read(content: bytes, name: str) -> Read:
    """Raises Refused."""
    found = parse(content)
    if not isinstance(found, dict) or not any(key in found for key in ("pages", "elements", "questions")):
        raise Refused("wrong_shape", "pages")
    return _Reading(found, name).read()


class _Reading:
    def __init__(self, found: Json, name: str) -> None:
        self.found, self.make, self.name = found, Builder(SURVEYJS), name
        self.main = language(found.get("locale") or "en")

    def read(self) -> Read:
        title = self._texts("survey", self.found.get("title")) or {self.main: self.name.rpartition(".")[0] or "SurveyJS"}
        self.make.whole |= {"title": title, "thanks": self._texts("survey / completedHtml", self.found.get("completedHtml")),
                            "welcome": self._texts("survey", self.found.get("description"))}  # fmt: skip
        for each in entries(self.found.get("completedHtmlOnCondition")):
            self.make.left("survey / completedHtmlOnCondition", each.get("expression", "") if isinstance(each, dict) else each, "text")
        for key in ("triggers", "calculatedValues"):
            if self.found.get(key):
                self.make.left("survey", key, "logic")
        for key in ("logo", "navigateToUrl", "maxTimeToFinish", "timeLimit", *(key for key in self.found if key not in _WHOLE)):
            if self.found.get(key):
                self.make.left("survey", key, "setting")
        pages = self.found.get("pages") or [{"name": "page1", "elements": self.found.get("elements") or self.found.get("questions")}]
        for page in entries(pages):
            self._page(page)
        return self.make.finish([self.main])

    def _page(self, page: Any) -> None:
        if not isinstance(page, dict):
            return self.make.left("pages", page, "empty")
        name = str(page.get("name") or "")
        made = self.make.page(name, self._texts(name, page.get("title")))
        made["text"] = self._texts(name, page.get("description"))
        self.make.when(made, _said(page.get("visibleIf")), name)
        if page.get("questionsOrder") == "random":
            made["randomise"] = True
        self._elements(page.get("elements") or page.get("questions"), "")
        return None

    def _elements(self, elements: Any, condition: str, depth: int = 0) -> None:
        for each in entries(elements):
            if not isinstance(each, dict):
                self.make.left("elements", each, "empty")
            elif each.get("type") == "panel":
                self._panel(each, condition, depth)
            else:
                self._question(each, condition)

    def _panel(self, panel: Json, condition: str, depth: int) -> None:
        """What stands in a panel is shown where the panel is."""
        inner = " and ".join(f"({part})" for part in (condition, _said(panel.get("visibleIf"))) if part)
        name = str(panel.get("name") or "panel")
        if title := self._texts(name, panel.get("title")):
            self.make.when(self.make.question("note", f"{name}_about", title), inner, name)
        self._elements(panel.get("elements"), inner, depth + 1)

    def _question(self, each: Json, condition: str) -> None:
        kind, name = str(each.get("type")), str(each.get("name") or "")
        ours = _TYPES.get(kind, "")
        if not ours:
            return self.make.left(name, f"type {kind}", "type")
        if kind == "text":
            ours = _INPUTS.get(str(each.get("inputType", "text")), "text")
            if each.get("inputType") not in (None, "text", *_INPUTS):
                self.make.left(name, f"inputType {each['inputType']}", "changed")
        text = self._texts(name, each.get("html") if ours == "note" else each.get("title")) or {self.main: name}
        if ours == "several":
            return self._several(each, name, text, condition)
        more = self._more(each, ours, kind, name)
        if more is None:
            return self.make.left(name, kind, "empty")
        self._rest(each, self.make.question(more.pop("type", ours), name, text, **more), condition)
        return None

    def _several(self, each: Json, name: str, text: Texts, condition: str) -> None:
        self.make.left(name, "multipletext", "changed")
        self.make.when(self.make.question("note", f"{name}_about", text), condition, name)
        for item in entries(each.get("items")):
            if isinstance(item, dict):
                made = self.make.question(
                    "text", f"{name}_{item.get('name', '')}", self._texts(name, item.get("title") or item.get("name"))
                )
                self._rest({**item, "visibleIf": each.get("visibleIf")}, made, condition)

    def _more(self, each: Json, ours: str, kind: str, name: str) -> Json | None:
        if kind == "boolean":
            return {"choices": [
                {"id": "true", "text": self._texts(name, each.get("labelTrue")) or _PLAIN_WORDS["yes"]},
                {"id": "false", "text": self._texts(name, each.get("labelFalse")) or _PLAIN_WORDS["no"]},
            ]}  # fmt: skip
        if ours in ("single", "dropdown", "multiple", "ranking", "image_choice"):
            return self._chosen(each, ours, name)
        if ours == "rating":
            return self._rating(each, name)
        if ours == "matrix":
            rows, columns = self._choices(name, each.get("rows")), self._choices(name, each.get("columns"))
            return {"rows": rows, "scales": [scale([each["text"] for each in columns])]} if rows and columns else None
        if ours in ("number", "slider"):
            keys = (("min", "least"), ("max", "most")) if ours == "number" else (("min", "low"), ("max", "high"), ("step", "step"))
            return {there: float(each[key]) for key, there in keys if isinstance(each.get(key), int | float)}
        if ours in ("text", "long_text") and whole(each.get("maxLength")) > 0:
            return {"most": whole(each.get("maxLength"))}
        return {}

    def _chosen(self, each: Json, ours: str, name: str) -> Json | None:
        choices = self._choices(name, each.get("choices"))
        if each.get("choicesByUrl"):
            self.make.left(name, "choicesByUrl", "file")
        if ours == "image_choice":
            self.make.left(name, "imageLink", "media")
        for keys, words, flag in (
            (("hasOther", "showOtherItem"), "otherText", "is_other"),
            (("hasNone", "showNoneItem"), "noneText", "is_exclusive"),
        ):
            if any(truth(each.get(key)) for key in keys):
                usual = "Other" if flag == "is_other" else "None"
                id = choice_id(usual.lower(), {choice["id"] for choice in choices}, usual)
                choices.append({"id": id, "text": self._texts(name, each.get(words)) or {self.main: usual}, flag: True})
        if not choices:
            return None
        more: Json = {"choices": choices}
        if each.get("choicesOrder") == "random":
            more["is_random"] = True
        for key, there in (("minSelectedChoices", "least"), ("maxSelectedChoices", "most")):
            if whole(each.get(key)) > 0 and (ours == "multiple" or (ours, there) == ("ranking", "most")):
                more[there] = whole(each[key])
        return more

    def _rating(self, each: Json, name: str) -> Json:
        low, high = whole(each.get("rateMin"), 1), whole(each.get("rateMax") or each.get("rateCount"), 5)
        ends = {key: self._texts(name, each.get(given)) for key, given in (("low", "minRateDescription"), ("high", "maxRateDescription"))}
        if each.get("rateValues"):
            return {"type": "single", "choices": self._choices(name, each["rateValues"])}
        if (low, high) == (0, 10):
            return {"type": "nps", "role": "nps", **_texts_only(ends)}
        look = str(each.get("rateType") or each.get("rateDisplayMode") or "")
        if look in ("stars", "star") and low == 1 and high <= 10:
            return {"type": "stars", "most": high}
        if low == 1 and high in (5, 7, 10):
            is_faces = look in ("smileys", "smiley") and high == 5
            return (
                {"type": "smileys", **_texts_only(ends)} if is_faces else {"type": "likert", "scale": {"points": high, **_texts_only(ends)}}
            )
        return {"type": "slider", "low": float(low), "high": float(high), "step": 1.0}

    def _choices(self, place: str, given: Any) -> list[Json]:
        found = []
        for each in entries(given):
            if isinstance(each, dict):
                value = each.get("value", each.get("name", ""))
                found.append((value, self._texts(place, each.get("text")) or {self.main: str(value)}))
                for key in ("visibleIf", "enableIf"):
                    if each.get(key):
                        self.make.left(f"{place} / {value}", each[key], "logic")
            else:
                found.append((each, {self.main: str(each)}))
        return self.make.choices(place, found)

    def _texts(self, place: str, given: Any) -> Texts:
        if isinstance(given, dict):
            made = {(self.main if code == "default" else language(code)): self.make.text(place, text) for code, text in given.items()}
        else:
            made = {self.main: self.make.text(place, given)} if given not in (None, "") else {}
        return {code: text for code, text in made.items() if text}

    def _rest(self, each: Json, made: Json, condition: str) -> None:
        name = str(each.get("name") or made["id"])
        if help := self._texts(name, each.get("description")):
            made["help"] = help
        if made["type"] not in ("note", "computed"):
            made["required"] = "yes" if truth(each.get("isRequired")) else "no"
        own = (
            " and ".join(f"({part})" for part in (condition, _said(each.get("visibleIf"))) if part)
            if condition
            else _said(each.get("visibleIf"))
        )
        if made["type"] == "computed":
            self.make.when(made, _said(each.get("expression")), name, "formula")
        self.make.when(made, own, name)
        if each.get("requiredIf"):
            self.make.left(name, f"requiredIf {each['requiredIf']}", "logic")
        if each.get("visible") is False:
            self.make.left(name, "visible = false", "setting")
        for check in entries(each.get("validators")):
            self._check(check if isinstance(check, dict) else {}, made, name)
        for key in sorted(set(each) - _KNOWN):
            self.make.left(name, key, "default" if key in ("defaultValue", "correctAnswer") else "setting")

    def _check(self, check: Json, made: Json, name: str) -> None:
        kind = check.get("type")
        made_of = made["type"]
        if kind == "answercount" and made_of == "multiple":
            made |= {there: whole(check.get(key)) for key, there in (("minCount", "least"), ("maxCount", "most")) if whole(check.get(key))}
        elif kind == "numeric" and made_of == "number":
            made |= {
                there: float(check[key])
                for key, there in (("minValue", "least"), ("maxValue", "most"))
                if isinstance(check.get(key), int | float)
            }
        elif kind == "text" and made_of in ("text", "long_text") and whole(check.get("maxLength")):
            made["most"] = whole(check["maxLength"])
        elif kind == "email" and made_of in ("text", "email"):
            made["type"] = "email"
        elif kind == "expression" and check.get("expression"):
            made["_words"] = self._texts(name, check.get("text"))
            self.make.when(made, _said(check["expression"]), name, "validate", made["id"])
        else:
            self.make.left(name, f"validator {kind}", "check")


def _said(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts_only(ends: dict[str, Texts]) -> Json:
    return {key: texts for key, texts in ends.items() if texts}


def write(survey: Survey) -> Written:
    return surveyjs_writing.write(survey)
