"""Names of traits, values and evidence in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vincle.accounts.choices import countries
from vincle.identify import waterfall
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import day, number

LABELS = {
    "name": _("Name"), "first_name": _("First name"), "middle_name": _("Middle name"), "last_name": _("Last name"),
    "nickname": _("Nickname"), "title": _("Title"), "gender": _("Gender"), "birthday": _("Birthday"), "language": _("Language"),
    "timezone": _("Time zone"), "company": _("Company"), "job_title": _("Job"), "department": _("Department"),
    "industry": _("Industry"), "street": _("Street"), "city": _("City"), "region": _("Region"), "postcode": _("Postcode"),
    "country": _("Country"), "website": _("Web site"), "bio": _("About"), "avatar": _("Picture"), "note": _("Remark"),
    "lifecycle": _("Lifecycle"), "owner": _("Owner elsewhere"), "followers": _("Followers"), "first_contact": _("First contact"),
}  # fmt: skip
TYPES = {
    "text": _("Text"), "number": _("Number"), "date": _("Date"), "boolean": _("Yes or no"), "list": _("List"), "url": _("Link"),
    "country": _("Country"), "language": _("Language"),
}  # fmt: skip
_WRONG = {
    "number": _("Write a number, like 12 or 12.5."), "date": _("Write a date as 2026-03-31."), "boolean": _("Write yes or no."),
    "url": _("Write an address that begins with https://."), "country": _("Write the two letters of the country, like ES."),
    "language": _("Write the letters of the language, like ca."), "length": _("This is too long: 2,000 letters at most."),
}  # fmt: skip
_CONSENT = {
    "granted": _("allowed"), "denied": _("said no"), "withdrawn": _("unsubscribed"), "bounced": _("cannot be reached: it bounced"),
    "complained": _("complained: never again"), "unknown": _("not asked yet"), "team": _("closed by the team"),
    "forgotten": _("asked to be forgotten"),
}  # fmt: skip
_CHANNEL = {"email": _("E-mail"), "phone": _("Phone"), "*": _("Anything")}
_PURPOSE = {"marketing": _("news and offers"), "service": _("service"), "profiling": _("profiling")}


def label(name: str, custom: Mapping[str, str] | None = None) -> str:
    """How a trait is called on screen: the team's word, the common one, else the source's own."""
    return (custom or {}).get(name) or str(LABELS.get(name, name))


def wrong(code: str) -> str:
    return str(_WRONG.get(code, gettext("This cannot be read.")))


def shown(value: Any, kind: str = "text") -> str:
    """A value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, int | float):
        return number(value, 0 if float(value).is_integer() else 2)
    if kind == "date":
        return _as_day(str(value))
    return dict(countries()).get(str(value).upper(), str(value)) if kind == "country" else str(value)


def _as_day(text: str) -> str:
    try:
        return day(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def told(fact: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a fact says, as (label, value), names first."""
    said = [(label("name"), str(fact["name"]))] if fact.get("name") else []
    for name, value in (fact.get("traits") or {}).items():
        said.append((label(name), shown(value, TRAITS.get(name, "text"))))
    if fact.get("tags"):
        said.append((gettext("Tags"), ", ".join(map(str, fact["tags"]))))
    for consent in fact.get("consents") or ():
        said.append(
            (consent_of(str(consent.get("channel", "")), str(consent.get("purpose", ""))), consent_state(str(consent.get("permit", ""))))
        )
    return [(name, value[:160]) for name, value in said if value]


def consent_of(channel: str, purpose: str) -> str:
    """ "E-mail: news and offers"."""
    return f"{_CHANNEL.get(channel, channel)}: {_PURPOSE.get(purpose, purpose)}"


def consent_state(state: str) -> str:
    return str(_CONSENT.get(state, state))


def evidence(kind: str, detail: Mapping[str, Any], decided_by: str, source: str) -> str:
    """Why two handles are one person's."""
    if kind == "same row":
        return gettext("same row of %(source)s") % {"source": source} if source else gettext("stated together")
    if kind == "probable":
        return waterfall.summary([detail]) or gettext("joined by probability")
    if kind == "decision":
        return gettext("joined by %(who)s") % {"who": decided_by}
    return " · ".join(word for word in (kind, str(detail.get("value", ""))) if word)
