"""Names of traits, values and evidence in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from vincle.accounts.choices import countries
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import day, number

LABELS = {
    "name": lazy("Name"), "first_name": lazy("First name"), "middle_name": lazy("Middle name"), "last_name": lazy("Last name"),
    "nickname": lazy("Nickname"), "title": lazy("Title"), "gender": lazy("Gender"), "birthday": lazy("Birthday"), "language": lazy("Language"),
    "timezone": lazy("Time zone"), "company": lazy("Company"), "job_title": lazy("Job"), "department": lazy("Department"),
    "industry": lazy("Industry"), "street": lazy("Street"), "city": lazy("City"), "region": lazy("Region"), "postcode": lazy("Postcode"),
    "country": lazy("Country"), "website": lazy("Web site"), "bio": lazy("About"), "avatar": lazy("Picture"), "note": lazy("Remark"),
    "lifecycle": lazy("Lifecycle"), "owner": lazy("Owner elsewhere"), "followers": lazy("Followers"), "first_contact": lazy("First contact"),
}  # fmt: skip
TYPES = {
    "text": lazy("Text"), "number": lazy("Number"), "date": lazy("Date"), "boolean": lazy("Yes or no"), "list": lazy("List"), "url": lazy("Link"),
    "country": lazy("Country"), "language": lazy("Language"),
}  # fmt: skip
_WRONG = {
    "number": lazy("Write a number, like 12 or 12.5."), "date": lazy("Write a date as 2026-03-31."), "boolean": lazy("Write yes or no."),
    "url": lazy("Write an address that begins with https://."), "country": lazy("Write the two letters of the country, like ES."),
    "language": lazy("Write the letters of the language, like ca."), "length": lazy("This is too long: 2,000 letters at most."),
}  # fmt: skip
_CONSENT = {
    "granted": lazy("allowed"), "denied": lazy("said no"), "withdrawn": lazy("unsubscribed"), "bounced": lazy("cannot be reached: it bounced"),
    "complained": lazy("complained: never again"), "unknown": lazy("not asked yet"),
}  # fmt: skip
_CHANNEL = {"email": lazy("E-mail"), "phone": lazy("Phone"), "*": lazy("Anything")}
_PURPOSE = {"marketing": lazy("news and offers"), "service": lazy("service"), "profiling": lazy("profiling")}


def label(name: str, custom: Mapping[str, str] | None = None) -> str:
    """How a trait is called on screen: the team's word, the common one, else the source's own."""
    return (custom or {}).get(name) or str(LABELS.get(name, name))


def wrong(code: str) -> str:
    return str(_WRONG.get(code, _("This cannot be read.")))


def shown(value: Any, kind: str = "text") -> str:
    """A value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
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
        said.append((_("Tags"), ", ".join(map(str, fact["tags"]))))
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
        return _("same row of %(source)s") % {"source": source} if source else _("stated together")
    if kind == "decision":
        return _("joined by %(who)s") % {"who": decided_by}
    return " · ".join(word for word in (kind, str(detail.get("value", ""))) if word)
