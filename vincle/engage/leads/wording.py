"""What the codes of this app say, for the team and for the public."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

IMPOSSIBLE: dict[str, Any] = {
    "too_many": gettext_lazy("There is no room for more."),
    "gone": gettext_lazy("It is not there any more: someone has removed it."),
    "nothing_to_undo": gettext_lazy("There is nothing to undo."),
    "nothing_to_redo": gettext_lazy("There is nothing to redo."),
}

KINDS: dict[str, tuple[str, Any]] = {
    "email": ("mail", gettext_lazy("E-mail address")), "name": ("user", gettext_lazy("Name")), "phone": ("phone", gettext_lazy("Phone")),
    "company": ("building", gettext_lazy("Company")), "text": ("pencil", gettext_lazy("A line")), "long": ("message",
    gettext_lazy("A message")),
    "number": ("hash", gettext_lazy("A number")), "date": ("calendar", gettext_lazy("A date")), "choice": ("list-check",
    gettext_lazy("A choice")),
    "yes": ("square-check", gettext_lazy("A box to tick")), "consent": ("shield-check", gettext_lazy("Consent")),
    "hidden": ("eye-off", gettext_lazy("Hidden")), "step": ("stairs", gettext_lazy("New step")), "words": ("quote",
    gettext_lazy("A few words")),
    "hero": ("presentation", gettext_lazy("Opening")), "picture": ("photo", gettext_lazy("Picture")), "points": ("list",
    gettext_lazy("Points")),
    "quote": ("quote", gettext_lazy("A customer's words")), "questions": ("help", gettext_lazy("Questions and answers")),
    "form": ("clipboard-text", gettext_lazy("The form")), "divider": ("dots", gettext_lazy("A line between")),
}  # fmt: skip

FAULTS: dict[str, Any] = {
    "asks_nothing": gettext_lazy("It asks nothing yet: add a question."),
    "no_email": gettext_lazy("It needs a question for the e-mail address: without one, nobody can be written to."),
    "no_phone": gettext_lazy("It needs a question for the phone number: consent to be called is asked for."),
    "no_topic": gettext_lazy("Choose what this consent is for."),
    "no_wording": gettext_lazy("Write what is agreed to, in each language: these words are kept as proof."),
    "few_options": gettext_lazy("A choice needs two answers at least."),
    "no_label": gettext_lazy("Write the question."),
    "no_trait": gettext_lazy("Name what the hidden value is kept as."),
    "twice": gettext_lazy("This is asked twice."),
    "empty_page": gettext_lazy("There is nothing on it yet."),
    "no_title": gettext_lazy("Give the page a title: browsers and search engines show it."),
    "no_form": gettext_lazy("Choose a form that is live."),
    "no_picture": gettext_lazy("Choose a picture."),
    "no_alt": gettext_lazy("Say what the picture shows, for those who cannot see it."),
}

MARKS: dict[str, Any] = {
    "trap": gettext_lazy("filled in a field that nobody sees"), "too_quick": gettext_lazy("sent within two seconds"),
    "link_in_name": gettext_lazy("a link for a name"), "markup": gettext_lazy("markup in the text"), "links": gettext_lazy("several links"),
    "many_links": gettext_lazy("many links"), "same_again": gettext_lazy("the same words from another address"),
    "machine": gettext_lazy("sent by a program"), "foreign_script": gettext_lazy("written in a script the form is not in"),
    "shouting": gettext_lazy("all capitals"), "thrown_away": gettext_lazy("a throw-away address"),
    "no_mail": gettext_lazy("the address takes no mail"),
}  # fmt: skip


def impossible(code: str) -> str:
    return str(IMPOSSIBLE.get(code, code))


def fault(code: str) -> str:
    return str(FAULTS.get(code, code))


def marks(codes: list[str]) -> list[str]:
    return [str(MARKS.get(code, code)) for code in codes]


def wrong(code: str, kind: str, suggestion: str = "") -> str:
    """What is said beside a field of the public page."""
    texts = {
        "missing": {
            "email": _("We need your e-mail address."), "name": _("We need your name."), "phone": _("We need your phone number."),
            "consent": _("This needs your agreement."), "yes": _("Please tick this box."), "choice": _("Please choose."),
        }.get(kind, _("Please answer this.")),
        "email": _("This is no e-mail address. It looks like name@example.org."),
        "phone": _("This is no phone number. Write it with its country code, like +34 600 000 000."),
        "number": _("Please write a number."), "date": _("Please choose a day."), "choice": _("Please choose one of these."),
        "mistyped": _("Did you mean %(address)s? If not, send it once more.") % {"address": suggestion},
        "no_mail": _("This address takes no mail. Is it spelt right? If so, send it once more."),
    }  # fmt: skip
    return texts.get(code, code)


def label(kind: str, *, is_split: bool = False, part: str = "") -> str:
    """How a question is asked where the team wrote nothing of its own."""
    return {
        "email": _("E-mail address"), "phone": _("Phone"), "company": _("Company"), "long": _("Your message"),
        "name": {"first": _("First name"), "last": _("Last name")}.get(part, _("Name")),
    }.get(kind, "")  # fmt: skip
