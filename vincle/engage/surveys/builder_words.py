"""What the builder says: troubles of a definition, what an import left behind, why a file is refused, languages, states."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .definition import model
from .definition.checks import Trouble
from .definition.model import Survey
from .formats import Refused

LANGUAGES = {
    "en": "English", "es": "Español", "it": "Italiano", "ca": "Català", "fr": "Français", "de": "Deutsch", "pt": "Português",
    "eu": "Euskara", "gl": "Galego",
    "nl": "Nederlands", "pl": "Polski", "ro": "Română", "sv": "Svenska", "uk": "Українська", "ru": "Русский", "el": "Ελληνικά",
    "tr": "Türkçe",
    "zh": "中文", "ja": "日本語", "sw": "Kiswahili", "hi": "हिन्दी",
}  # fmt: skip
FORMATS: dict[str, tuple[str | Promise, str | Promise]] = {
    "own": (gettext_lazy("Vincle"), gettext_lazy("Everything, to be read back exactly.")),
    "xlsform": (gettext_lazy("XLSForm"), gettext_lazy("A workbook for ODK, KoBo, SurveyCTO; also to send to a translator.")),
    "lss": (gettext_lazy("LimeSurvey"), gettext_lazy("A survey structure (.lss).")),
    "surveyjs": (gettext_lazy("SurveyJS"), gettext_lazy("The JSON of its creator.")),
    "qsf": (gettext_lazy("Qualtrics"), gettext_lazy("A survey file (.qsf), without conditions.")),
}  # fmt: skip
PROPERTIES = {
    "title": gettext_lazy("Title"), "covering": gettext_lazy("Covering letter"), "welcome": gettext_lazy("Welcome"),
    "thanks": gettext_lazy("Thanks"),
    "text": gettext_lazy("Text"), "help": gettext_lazy("Help"), "low": gettext_lazy("Low end"), "high": gettext_lazy("High end"),
    "low_text": gettext_lazy("Low end"), "high_text": gettext_lazy("High end"), "unit": gettext_lazy("Unit"),
    "placeholder": gettext_lazy("Example"),
    "words": gettext_lazy("What is said when it does not hold"), "name": gettext_lazy("Name"), "labels": gettext_lazy("Word of a point"),
}  # fmt: skip


def language(code: str) -> str:
    return LANGUAGES.get(code, code)


def trouble(each: Trouble) -> str:
    """What is wrong, in a sentence."""
    words = {
        "nothing_asked": _("Nothing is asked yet."), "language": _("“%(what)s” is no language."), "too_large": _("It is too large."),
        "address": _("“%(what)s” is no whole address."), "colour": _("“%(what)s” is no colour."), "id": _("“%(what)s” is no short name."),
        "id_twice": _("“%(what)s” is the short name of something else, too."), "area_id": _("“%(what)s” is no short name of an area."),
        "subject_id": _("“%(what)s” is no short name of a product."), "area": _("There is no area “%(what)s”."),
        "empty_page": _("This page asks nothing."),
        "says_who": _("The survey is anonymous, and this answer may say who gave it. Leave the question out, or ask with names."),
        "no_subjects": _("It is asked for each product, and there are none."),
        "by_subject": _("The choices of “%(what)s” are not the products."),
        "no_formula": _("There is nothing to work out."), "expression": _("The condition cannot be read: %(what)s."),
        "unknown_name": _("It asks for “%(what)s”, which is not there."),
        "looks_ahead": _("It asks for “%(what)s”, which is only asked later."),
        "unknown_choice": _("It asks for the answer “%(what)s”, which is not there."),
        "few_choices": _("There are too few answers to choose from."),
        "choice_id": _("“%(what)s” is no short name of an answer, or stands twice."),
        "choices": _("The answers are not in order: %(what)s."),
        "limits": _("The limits leave no answer."), "scale": _("The scale cannot be used: %(what)s."), "no_text": _("It has no text yet."),
        "untranslated": _("Not in every language: %(what)s."), "rows": _("There are no rows."),
    }  # fmt: skip
    return words.get(each.code, f"{each.code} %(what)s") % {"what": each.what}


def place(survey: Survey, path: str, code: str) -> tuple[str, str]:
    """(id to open in the editor, its words) of the place of a trouble."""
    parts = path.split("/")
    if not path:
        return "", _("The whole survey")
    if len(parts) > 1 and (found := model.find(survey, parts[1])):
        return parts[1], model.say(found[1].text, code, survey) or parts[1]
    page = next((each for each in survey.pages if each.id == parts[0]), None)
    return (parts[0], model.say(page.title, code, survey) or parts[0]) if page else ("", path)


def why(code: str) -> str:
    """Why something of a file stayed behind."""
    return {
        "type": _("there is no such kind of question here"), "logic": _("this condition cannot be said here; the question is always shown"),
        "check": _("this check cannot be said here"), "calculation": _("this formula cannot be said here"),
        "default": _("answers are not filled in beforehand"),
        "loop": _("it is asked once, not repeated"), "file": _("it stands in another file"),
        "filter": _("all answers are offered, not a part of them"),
        "quota": _("quotas are set on their own screen"), "scoring": _("points are not counted here"), "script": _("scripts are not run"),
        "look": _("looks do not come along"), "setting": _("there is no such setting here"),
        "media": _("pictures and sounds do not come along"),
        "empty": _("there was nothing in it"), "twice": _("it stood there twice; the first is taken"),
        "too_long": _("it was too long and is cut"),
        "too_many": _("there were too many of them"), "unused": _("it was not in use there"), "column": _("this column is not known"),
        "sheet": _("this sheet is not known"), "no_type": _("the row does not say what it asks"),
        "no_name": _("it had no name and was given one"),
        "renamed": _("it was given another short name"), "changed": _("it became another kind of question"),
        "html": _("pictures, links and scripts in texts are left out"),
        "language": _("this language is not known"), "metadata": _("what devices tell about themselves is not asked"),
        "mail": _("mails are written with the invitation"),
        "order": _("this order does not come along"), "text": _("this text has no place here"),
        "not_there": _("it is named, but not there"),
        "scale": _("there is one scale only there"), "area": _("areas of the company are known only here"),
        "point": _("points do not come along"),
    }.get(code, code)  # fmt: skip


def refused(fault: Refused) -> str:
    """Why a file cannot be read, with the place."""
    words = {
        "empty": _("The file is empty."), "too_large": _("The file is larger than 5 MB."),
        "not_text": _("The file is neither text nor a workbook."),
        "not_json": _("The file is no JSON: %(detail)s"), "not_xml": _("The file is no XML: %(detail)s"),
        "unsafe_xml": _("The file defines things of its own (%(detail)s), which could do harm. Export it again without."),
        "broken_workbook": _("The workbook is damaged: %(detail)s"),
        "encrypted_workbook": _("The workbook is locked with a password. Save it without one."),
        "bomb": _("The file unpacks to far more than a survey ever is."),
        "no_survey_sheet": _("There is no sheet “survey” in it; there is: %(detail)s"),
        "no_type_column": _("The sheet “survey” has no column “type”; it has: %(detail)s"),
        "unknown_format": _("This is none of the formats that are read here."),
        "no_questions": _("Nothing in it can be asked here. %(detail)s"),
        "too_many_questions": _("It has more than %(detail)s questions."), "wrong_shape": _("It is not built as it should be: %(detail)s"),
        "newer_format": _("It was written by a newer Vincle (%(detail)s). Update first."),
        "archive": _("It is an archive. Unpack it and bring the survey in it."),
        "too_deep": _("It is nested too deep."),
    }.get(fault.code, fault.code)  # fmt: skip
    return (words % {"detail": fault.detail} if "%(detail)s" in words else words).strip()
