"""A survey as SurveyJS JSON. Pure."""

from typing import Any, Final

import msgspec

from ..definition import model
from ..definition.model import Item, Survey, Texts
from .base import Log, Written
from .conditions_out import SURVEYJS, Unwritable, written

Json = dict[str, Any]
_TYPES: Final = {
    "single": "radiogroup", "dropdown": "dropdown", "multiple": "checkbox", "ranking": "ranking", "number": "text", "text": "text",
    "long_text": "comment",
    "date": "text", "email": "text", "phone": "text", "file": "file", "image_choice": "imagepicker", "slider": "text",
    "consent": "checkbox",
    "hidden": "text", "computed": "expression", "note": "html", "nps": "rating", "stars": "rating", "smileys": "rating", "ces": "rating",
    "likert": "rating", "matrix": "matrix", "constant_sum": "multipletext",
}  # fmt: skip
_INPUTS: Final = {"number": "number", "date": "date", "email": "email", "phone": "tel", "slider": "range"}


def write(survey: Survey) -> Written:
    log = Log()
    made: Json = {"title": _texts(survey, survey.title), "locale": survey.language}
    for key, texts in (("description", survey.welcome), ("completedHtml", survey.thanks)):
        if texts:
            made[key] = _texts(survey, _safe(texts) if key == "completedHtml" else texts)
    if survey.covering:
        log("survey", "covering", "text")
    for area in survey.areas:
        log("survey", area.id, "area")
    made["pages"] = [_page(survey, page, log) for page in survey.pages]
    return Written(msgspec.json.format(msgspec.json.encode(made), indent=1), log.list(), ".surveyjs.json", "application/json")


def _safe(texts: Texts) -> Texts:
    """SurveyJS takes these for HTML."""
    return {code: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for code, text in texts.items()}


def _texts(survey: Survey, texts: Texts) -> Any:
    if set(texts) <= {survey.language}:
        return texts.get(survey.language, "")
    return {("default" if code == survey.language else code): text for code, text in texts.items()}


def _page(survey: Survey, page: model.Page, log: Log) -> Json:
    made: Json = {"name": page.id, "elements": [_item(survey, item, log) for item in page.items]}
    if page.title:
        made["title"] = _texts(survey, page.title)
    if page.text:
        made["description"] = _texts(survey, page.text)
    if page.randomise:
        made["questionsOrder"] = "random"
    if page.by_subject:
        log(page.id, f"by_subject = {page.by_subject}", "loop")
    return made | _condition(page.id, "visibleIf", page.show_if, log)


def _condition(place: str, key: str, said: str, log: Log) -> Json:
    if not said:
        return {}
    try:
        return {key: written(said, SURVEYJS)}
    except Unwritable as fault:
        log(place, f"{said} [{fault}]", "logic")
        return {}


def _item(survey: Survey, item: Item, log: Log) -> Json:
    kind = str(item.__struct_config__.tag)
    made: Json = {"type": _TYPES[kind], "name": item.id}
    if kind == "note":
        made["html"] = _texts(survey, _safe(item.text))
    elif item.text:
        made["title"] = _texts(survey, item.text)
    if item.help:
        made["description"] = _texts(survey, item.help)
    if kind in _INPUTS:
        made["inputType"] = _INPUTS[kind]
    if item.required == "yes":
        made["isRequired"] = True
    elif item.required == "soft":
        log(item.id, "required = soft", "setting")
    made |= _special(survey, item, log) | _condition(item.id, "visibleIf", item.show_if, log)
    if item.validate is not None:
        checks = _condition(item.id, "expression", item.validate.rule, log)
        made |= {"validators": [{"type": "expression", "text": _texts(survey, item.validate.words), **checks}]} if checks else {}
    return made


def _special(survey: Survey, item: Item, log: Log) -> Json:
    if isinstance(item, model.WITH_CHOICES):
        return _chosen(survey, item, log)
    if isinstance(item, model.Matrix):
        return _matrix(survey, item, log)
    if (ends := model.points(item)) is not None:
        return _rating(survey, item, ends)
    if isinstance(item, model.Number):
        return {key: value for key, value in (("min", item.least), ("max", item.most)) if value is not None}
    if isinstance(item, model.Slider):
        return {"min": item.low, "max": item.high, "step": item.step}
    if isinstance(item, model.Text | model.LongText):
        return {"maxLength": item.most}
    if isinstance(item, model.Computed):
        return _condition(item.id, "expression", item.formula, log)
    if isinstance(item, model.Consent):
        log(item.id, "consent", "changed")
        return {"choices": [{"value": "true", "text": _texts(survey, item.text)}], "titleLocation": "hidden"}
    if isinstance(item, model.Hidden):
        log(item.id, "hidden", "changed")
        return {"visible": False}
    return {}


def _rating(survey: Survey, item: Item, ends: tuple[int, int]) -> Json:
    words = item.scale if isinstance(item, model.Likert) else item
    made: Json = {"rateMin": ends[0], "rateMax": ends[1]}
    if isinstance(item, model.Stars | model.Smileys):
        made["rateType"] = "stars" if isinstance(item, model.Stars) else "smileys"
    if isinstance(item, model.Likert) and item.scale.labels:
        made["rateValues"] = [{"value": n, "text": _texts(survey, texts)} for n, texts in enumerate(item.scale.labels, 1)]
    for key, name in (("minRateDescription", "low"), ("maxRateDescription", "high")):
        if texts := getattr(words, name, {}):
            made[key] = _texts(survey, texts)
    return made


def _matrix(survey: Survey, item: model.Matrix, log: Log) -> Json:
    scale = item.scales[0] if item.scales else model.Scale()
    if len(item.scales) > 1:
        log(item.id, "second scale", "scale")
    labels = scale.labels or [{} for _ in range(scale.points)]
    columns = [{"value": n, "text": _texts(survey, texts) or str(n)} for n, texts in enumerate(labels, 1)]
    return {"columns": columns, "rows": [{"value": each.id, "text": _texts(survey, each.text)} for each in item.rows]}


def _chosen(survey: Survey, item: Any, log: Log) -> Json:
    if isinstance(item, model.ConstantSum):
        log(item.id, f"total = {item.total:g}", "check")
        items = [{"name": each.id, "title": _texts(survey, each.text), "inputType": "number"} for each in item.choices]
        return {"items": items}
    made: Json = {"choices": [{"value": each.id, "text": _texts(survey, each.text)} for each in item.choices if not each.is_other]}
    for each in item.choices:
        if each.is_other:
            made |= {"showOtherItem": True, "otherText": _texts(survey, each.text)}
        if each.is_exclusive:
            log(f"{item.id} / {each.id}", "is_exclusive", "changed")
        if each.image:
            log(f"{item.id} / {each.id}", "image", "media")
    if item.is_random:
        made["choicesOrder"] = "random"
    if isinstance(item, model.Multiple):
        made |= {key: n for key, n in (("minSelectedChoices", item.least), ("maxSelectedChoices", item.most)) if n}
    return made
