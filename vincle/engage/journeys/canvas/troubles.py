"""What is wrong with a definition or its text, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.engage.journeys.definition.checks import BadDefinition, BadPredicate
from vincle.engage.journeys.definition.text.tokens import BadText
from vincle.organise import segment_words

from .shaping import Json

_WORDS: dict[str, Any] = {
    "expected": gettext_lazy("here should stand: %(detail)s"), "unknown_sign": gettext_lazy("the sign “%(detail)s” means nothing here"),
    "not_closed": gettext_lazy("the quotation is not closed"), "bad_json": gettext_lazy("what stands in braces cannot be read"),
    "too_long": gettext_lazy("this is too long"), "bad_indent": gettext_lazy("this stands too far to the right, or under nothing"),
    "no_start": gettext_lazy("it does not say how someone starts: %(detail)s"), "too_much": gettext_lazy("“%(detail)s” is too much here"),
    "unknown_step": gettext_lazy("no step begins with “%(detail)s”"), "otherwise_alone": gettext_lazy("“otherwise” has no “if” before it"),
    "no_message_before": gettext_lazy("no message comes before this, so “it” is nothing"),
    "and_or": gettext_lazy("“and” and “or” together need brackets"), "bad_id": gettext_lazy("“%(detail)s” cannot be the name of a step"),
    "unknown_segment": gettext_lazy("there is no segment “%(detail)s”, or more than one"),
    "unknown_letter": gettext_lazy("there is no letter “%(detail)s”, or more than one"),
    "unknown_connection": gettext_lazy("there is no connection “%(detail)s”, or more than one"),
    "unknown_promotion": gettext_lazy("there is no promotion “%(detail)s”, or more than one"),
    "unknown_form": gettext_lazy("there is no form “%(detail)s”, or more than one"),
    "unknown_survey": gettext_lazy("there is no survey “%(detail)s”, or more than one"),
    "days_only_after_end": gettext_lazy("a number of days is said only where they may start again once it has ended"),
    "empty_event": gettext_lazy("it does not say what they do"), "letter_or_text": gettext_lazy("choose a letter, or write a text"),
    "message_comes_later": gettext_lazy("it asks about the message “%(detail)s”, which comes later"),
    "no_such_message": gettext_lazy("it asks about the message “%(detail)s”, which is not there"),
    "not_a_time": gettext_lazy("a time looks like 09:00"), "not_an_address": gettext_lazy("an address begins with https://"),
    "one_kind": gettext_lazy("it says two things at once"), "same_id": gettext_lazy("two steps are named “%(detail)s”"),
    "too_many_steps": gettext_lazy("these are more than %(detail)s steps"),
    "shares_not_100": gettext_lazy("the shares make %(detail)s, not 100"),
    "unknown_kind": gettext_lazy("it does not say what"), "empty_list": gettext_lazy("nothing is said here yet"),
    "bad_text": gettext_lazy("something is not filled in"), "missing_key": gettext_lazy("something is not filled in"),
    "not_an_object": gettext_lazy("something is not filled in"), "unknown_clause": gettext_lazy("it does not say what is asked"),
    "too_deep": gettext_lazy("ways stand in each other too deeply"), "no_start_yet": gettext_lazy("say how someone starts"),
    "no_steps": gettext_lazy("there is no step yet"),
}  # fmt: skip


def words(code: str, detail: str = "") -> str:
    """A sentence without its full stop, beginning with a capital."""
    own = _WORDS.get(code)
    said = str(own) % {"detail": detail} if own else segment_words.wrong(BadPredicate("", code, detail))
    return f"{said[:1].upper()}{said[1:]}"


def text_words(bad: BadText) -> str:
    return words(bad.code, bad.detail)


def on_line(bad: BadText) -> str:
    return _("Line %(line)s: %(what)s") % {"line": bad.line, "what": words(bad.code, bad.detail)}


def step_at(definition: Json, path: str) -> str:
    """The name of the innermost step a path leads to ("steps/1/paths/0/steps/2/letter"); "" outside of steps."""
    value: Any = definition
    found = ""
    for part in path.split("/"):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            break
        if isinstance(value, dict) and "do" in value:
            found = str(value.get("id", ""))
    return found


def of(definition: Json, bad: BadDefinition) -> tuple[str, str]:
    """(name of the step it is about or "", words)."""
    if not definition.get("start"):
        return "", words("no_start_yet")
    return step_at(definition, bad.path), words(bad.code, bad.detail)
