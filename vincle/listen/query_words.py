"""What a query means and what is wrong with one, as sentences in the reader's language."""

from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from vincle.language.query import And, Compare, Field, Near, Not, Or, Part, Query, QueryError, Tag, Words

from .phrases import KINDS

PROBLEMS = {
    "empty": gettext_lazy("Type what you listen for."),
    "too_long": gettext_lazy("A query has %(most)s characters at most."),
    "too_many": gettext_lazy("A query has %(most)s words and conditions at most."),
    "too_deep": gettext_lazy("There are too many parentheses within parentheses."),
    "too_many_words": gettext_lazy("This stands for more than %(most)s different words. Write more of its letters."),
    "quote_not_closed": gettext_lazy("These quotation marks are not closed."),
    "parenthesis_not_closed": gettext_lazy("This parenthesis is not closed."),
    "parenthesis_not_opened": gettext_lazy("This parenthesis closes nothing."),
    "nothing_in_parentheses": gettext_lazy("There is nothing in these parentheses."),
    "operator_needs_two": gettext_lazy("%(text)s needs something on both sides."),
    "not_alone": gettext_lazy("Say what is not wanted."),
    "near_needs_words": gettext_lazy("NEAR stands between two words or phrases."),
    "near_too_far": gettext_lazy("NEAR reaches over %(most)s words at most."),
    "unknown_field": gettext_lazy("There is no field “%(field)s”."),
    "unknown_value": gettext_lazy("“%(text)s” is nothing that %(field)s can be: %(known)s."),
    "value_missing": gettext_lazy("Say what “%(field)s” should be."),
    "one_value": gettext_lazy("“%(field)s” takes one value."),
    "not_a_number_field": gettext_lazy("“%(field)s” is no number: write a colon and what it should be."),
    "not_a_number": gettext_lazy("“%(text)s” is not a number."),
    "number_too_large": gettext_lazy("“%(field)s” goes up to %(most)s."),
    "not_a_date": gettext_lazy("“%(text)s” is not a date; write it as 2026-11-21."),
    "not_a_lang": gettext_lazy("Write the language by its two letters, as es, ca, en."),
    "not_a_country": gettext_lazy("Write the country by its two letters, as es, it, gb."),
    "date_inside": gettext_lazy("“%(field)s” holds of the whole query: it cannot stand within OR, NOT or parentheses."),
    "date_twice": gettext_lazy("“%(field)s” stands here twice."),
    "wildcard_too_early": gettext_lazy("Write at least %(least)s letters before * or ?."),
    "wildcard_inside": gettext_lazy("* stands at the end of a word; within it ? stands for one letter."),
    "nothing_to_search": gettext_lazy("There is no word in this."),
}


def sentence(error: QueryError) -> str:
    """What is wrong, with the nearest word that is known."""
    said = str(PROBLEMS[error.code]) % error.values
    near = error.values.get("near")
    asked = _("Do you mean “%(near)s”?")
    return f"{said} {asked % {'near': near}}" if near else said


def describe(query: Query) -> str:
    """A query as a sentence."""
    said = [_said(query.what)] if query.what else [_("everything")]
    if query.after:
        said.append(_("from %(day)s on") % {"day": date_format(query.after, "DATE_FORMAT")})
    if query.before:
        said.append(_("before %(day)s") % {"day": date_format(query.before, "DATE_FORMAT")})
    return ", ".join(said)


def _said(part: Part) -> str:
    match part:
        case And(parts):
            wanted = [_inner(each) for each in parts if not isinstance(each, Not)]
            unwanted = [_inner(each.part) for each in parts if isinstance(each, Not)]
            found = _(" and ").join(wanted)
            without, either = _("without"), _(" or ")
            return f"{found} {without} {either.join(unwanted)}".strip() if unwanted else found
        case Or(parts):
            return _(" or ").join(_inner(each) for each in parts)
        case Not(inner):
            return _("everything without") + " " + _inner(inner)
        case Words():
            return f"“{' '.join(part.pieces)}”"
        case Near(left, right, most):
            gap = ngettext("with at most %(n)d word between", "with at most %(n)d words between", most) % {"n": most}
            near = _("near")
            return f"{_said(left)} {near} {_said(right)} ({gap})"
        case Tag(name):
            return f"#{name}"
        case Compare(name, sign, number):
            return f"{NAMES[name]} {sign} {number:g}"
        case Field("to", values):
            return _(" or ").join(f"@{value}" for value in values)
        case Field(name, values):
            either = _(" or ")
            return f"{NAMES[name]} {either.join(value_name(name, value) for value in values)}"


def _inner(part: Part) -> str:
    return f"({_said(part)})" if isinstance(part, And | Or) else _said(part)


NAMES = {
    "from": gettext_lazy("by"),
    "lang": gettext_lazy("in the language"),
    "channel": gettext_lazy("on"),
    "place": gettext_lazy("at"),
    "country": gettext_lazy("from the country"),
    "sentiment": gettext_lazy("that is"),
    "intent": gettext_lazy("that is"),
    "emotion": gettext_lazy("with the emotion"),
    "topic": gettext_lazy("about"),
    "aspect": gettext_lazy("judging"),
    "kind": gettext_lazy("as"),
    "is": gettext_lazy("that is"),
    "has": gettext_lazy("with"),
    "link": gettext_lazy("on the site, or with a link to,"),
    "reach": gettext_lazy("followers"),
    "rating": gettext_lazy("stars"),
}
VALUES = {
    "negative": gettext_lazy("negative"), "neutral": gettext_lazy("neutral"), "positive": gettext_lazy("positive"),
    "question": gettext_lazy("a question"), "complaint": gettext_lazy("a complaint"), "praise": gettext_lazy("praise"),
    "purchase_intent": gettext_lazy("a wish to buy"), "churn_threat": gettext_lazy("a threat to leave"),
    "suggestion": gettext_lazy("a suggestion"), "recommendation": gettext_lazy("a recommendation"),
    "contact_request": gettext_lazy("a request for contact"), "spam": gettext_lazy("spam"), "joy": gettext_lazy("joy"),
    "love": gettext_lazy("love"), "gratitude": gettext_lazy("gratitude"), "surprise": gettext_lazy("surprise"),
    "sadness": gettext_lazy("sadness"), "anger": gettext_lazy("anger"), "fear": gettext_lazy("fear"), "disgust": gettext_lazy("disgust"),
    "reply": gettext_lazy("a reply"), "ours": gettext_lazy("said by us"), "link": gettext_lazy("a link"),
    "hashtag": gettext_lazy("a hashtag"), "account": gettext_lazy("a named account"), "emoji": gettext_lazy("an emoji"),
    "rating": gettext_lazy("a rating"), "place": gettext_lazy("a place"), "number": gettext_lazy("a number"),
}  # fmt: skip
_FREE = ("from", "to", "place", "topic", "aspect", "link", "channel")


def language_name(code: str) -> str:
    """How a language is called; its code where nobody knows."""
    try:
        return str(_(get_language_info(code)["name"]))
    except KeyError:
        return code


def value_name(name: str, value: str) -> str:
    """A value of a field as people say it."""
    if name == "kind":
        return str(KINDS.get(value.capitalize(), value)).lower()
    if name == "country":
        return value.upper()
    if name == "lang":
        return language_name(value)
    return value.replace("_", " ") if name in _FREE else str(VALUES.get(value, value))
