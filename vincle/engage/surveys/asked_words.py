"""What a survey says of itself where people are asked: in their language, with what is known of how it treats them."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .definition import model
from .models import Survey

SECONDS_A_QUESTION = 9


def asked(survey: Survey) -> model.Survey:
    """What is asked now; of one that was never opened, its draft."""
    return model.load(survey.version.definition if survey.version is not None else survey.definition)


def languages(survey: Survey) -> list[str]:
    return asked(survey).languages or ["en"]


def chosen(definition: model.Survey, wanted: Iterable[str]) -> str:
    """The first of the wanted languages that the survey speaks ("es-MX" is "es"), else its own."""
    for each in wanted:
        for language in (each, each.partition("-")[0].partition("_")[0]):
            if language and language in definition.languages:
                return language
    return definition.language if definition.language in definition.languages else definition.languages[0]


def title(definition: model.Survey, survey: Survey, language: str) -> str:
    return model.say(definition.title, language, definition) or survey.name


def invitation(survey: Survey, language: str = "") -> str:
    """Why we ask: the covering letter, else the welcome, else a sentence."""
    definition = asked(survey)
    language = language or definition.language
    found = model.say(definition.covering, language, definition) or model.say(definition.welcome, language, definition)
    if found.strip():
        return found.strip()
    with translation.override(language):
        return _("We would like to know how we are doing, and what to mend first. Would you answer a few questions?")


def minutes(definition: model.Survey) -> int:
    """How long it takes, about."""
    count = sum(not isinstance(item, model.SILENT) for _page, item in model.questions(definition))
    return max(1, round(count * SECONDS_A_QUESTION / 60))


def privacy(survey: Survey) -> str:
    """Said plainly, in the language spoken now."""
    if survey.is_anonymous:
        return _("Anonymous: nobody can tell who answered what.")
    return _("Your answers are kept with what we know of you, so that we can help you.")


def facts(survey: Survey, definition: model.Survey) -> list[str]:
    """Lines below an invitation."""
    long = minutes(definition)
    return [ngettext("It takes about %(n)d minute.", "It takes about %(n)d minutes.", long) % {"n": long}, privacy(survey)]
