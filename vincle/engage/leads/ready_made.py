"""Forms and pages to begin with, in the four languages of the product."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from .definition import Texts
from .editing import Draft


def everywhere(text: Any) -> Texts:
    """A text in each language of the product."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(text)
    return found


def languages(first: str) -> list[str]:
    codes = [code for code, _name in settings.LANGUAGES]
    return [first, *(code for code in codes if code != first)] if first in codes else codes


WORDING = _("Yes, write to me by e-mail with news and offers. I can stop it at any time.")
"""What is agreed to, as long as the team has not said it in its own words."""


def consent(topic: str = "marketing", *, is_required: bool = False) -> dict[str, Any]:
    return {"kind": "consent", "label": everywhere(WORDING), "topic": topic, "medium": "email", "is_required": is_required}


def _form(first: str, title: Any, intro: Any, button: Any, thanks: Any, items: list[dict[str, Any]], **more: Any) -> Draft:
    return {
        "languages": languages(first), "title": everywhere(title), "intro": everywhere(intro), "button": everywhere(button),
        "after": {"title": everywhere(_("Thank you")), "text": everywhere(thanks)},
        "items": [{**item, "id": f"i{place}"} for place, item in enumerate(items, 1)], "last": len(items), **more,
    }  # fmt: skip


_EMAIL: dict[str, Any] = {"kind": "email", "is_required": True}
_NAME: dict[str, Any] = {"kind": "name"}


def empty(first: str) -> Draft:
    return _form(first, "", "", _("Send"), _("We have received it."), [_EMAIL])


def newsletter(first: str) -> Draft:
    return _form(
        first, _("Our newsletter"), _("What is new, and what is on offer: once or twice a month."), _("Sign up"),
        _("Good to have you with us."), [_EMAIL, {**_NAME, "is_later": True}, consent(is_required=True)], ask_at_most=1,
    )  # fmt: skip


def contact(first: str) -> Draft:
    message = {"kind": "long", "label": everywhere(_("What can we do for you?")), "is_required": True}
    return _form(
        first, _("Write to us"), _("We answer within one working day."), _("Send"), _("We will answer soon."),
        [{**_NAME, "is_required": True}, _EMAIL, {"kind": "phone"}, message, consent()],
    )  # fmt: skip


def download(first: str) -> Draft:
    return _form(
        first, _("Get the guide"), _("Tell us where to send it: you get the link by e-mail."), _("Send me the guide"),
        _("Please look into your mail: the link is there as soon as you have confirmed your address."),
        [{**_NAME, "is_required": True}, _EMAIL, {"kind": "company", "is_later": True}, consent(is_required=True)],
    )  # fmt: skip


def event(first: str) -> Draft:
    seats = {"kind": "number", "label": everywhere(_("How many of you are coming?")), "trait": "seats", "is_required": True}
    return _form(
        first, _("Come by"), _("Tell us that you are coming, so that there is a seat for you."), _("I am coming"),
        _("We are looking forward to seeing you."), [{**_NAME, "is_required": True}, _EMAIL, seats, consent()],
    )  # fmt: skip


def quotation(first: str) -> Draft:
    size = {
        "kind": "choice", "label": everywhere(_("How many people work in your company?")), "trait": "company_size",
        "options": [{"value": text, "label": everywhere(text)} for text in ("1–9", "10–49", "50–249", "250+")],
    }  # fmt: skip
    items: list[dict[str, Any]] = [
        {"kind": "step", "label": everywhere(_("What you need"))},
        {"kind": "long", "label": everywhere(_("What are you looking for?")), "is_required": True}, size,
        {"kind": "step", "label": everywhere(_("Who you are"))},
        {**_NAME, "is_required": True, "is_split": True}, _EMAIL, {"kind": "company", "is_required": True}, {"kind": "phone"}, consent(),
    ]  # fmt: skip
    return _form(
        first, _("Ask for an offer"), _("Two short steps; you hear from us within two working days."), _("Ask for an offer"),
        _("We will come back to you with an offer."), items,
    )  # fmt: skip


def waiting_list(first: str) -> Draft:
    return _form(
        first, _("Be the first to know"), _("We write to you once, when it is there."), _("Put me on the list"), _("You are on the list."),
        [_EMAIL, consent(is_required=True)], proof={"is_on": True, "least": 20, "days": 0},
    )  # fmt: skip


FORMS: dict[str, tuple[Any, Any, str, Callable[[str], Draft]]] = {
    "newsletter": (_("Newsletter"), _("An address and a clear yes."), "mail", newsletter),
    "contact": (_("Contact"), _("A question to you, with a name and an address."), "message", contact),
    "download": (_("A file in return"), _("A guide or a price list, after the address is confirmed."), "file-download", download),
    "event": (_("Event"), _("Who is coming, and with how many."), "calendar-event", event),
    "quotation": (_("Ask for an offer"), _("Two steps, for companies."), "briefcase", quotation),
    "waiting": (_("Waiting list"), _("Before something new is there."), "hourglass", waiting_list),
    "empty": (_("Empty"), _("Only an address; the rest is yours."), "plus", empty),
}  # fmt: skip


def page(first: str, title: str) -> Draft:
    """A landing page: an opening, three points, the form, questions and answers."""
    blocks = [
        {"kind": "hero", "heading": everywhere(_("What it is, in one sentence")),
         "text": everywhere(_("Why it is worth a minute of theirs.")),
         "button": everywhere(_("Count me in"))},
        {"kind": "points", "heading": everywhere(_("What you get")),
         "text": everywhere(_("The first good reason\nThe second good reason\nThe third good reason"))},
        {"kind": "form", "heading": everywhere(_("Leave your address"))},
        {"kind": "questions", "heading": everywhere(_("Questions and answers")),
         "text": everywhere(_("What does it cost?\nNothing.\n\nCan I stop it?\nAt any time, with one click."))},
    ]  # fmt: skip
    return {
        "languages": languages(first), "title": {first: title}, "items": [{**each, "id": f"i{n}"} for n, each in enumerate(blocks, 1)],
        "last": len(blocks),
    }  # fmt: skip
