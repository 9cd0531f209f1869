"""What is known of whoever answers: facts that texts and conditions may name, their strongest handle, and which browser it is."""

import hmac
from hashlib import sha256
from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key

from .definition import expressions, model
from .definition.checks import texts_of
from .models import Survey

_ORDER = ("email", "phone")


def device_of(survey: Survey, device: str) -> str:
    """What is kept of a browser: it matches in this survey and nowhere else."""
    return hmac.digest(bytes(survey.salt) or str(survey.pk).encode(), device.encode(), sha256).hex()


def handle_of(workspace: int, person: int | None) -> int | None:
    """A handle by which they are known, an address before anything else."""
    if person is None:
        return None
    keys = Belonging.objects.of(workspace).filter(person=person).values("handle")
    rows = list(Handle.objects.of(workspace).filter(key__in=keys).values_list("kind", "key")[:50])
    rows.sort(key=lambda row: (_ORDER.index(row[0]) if row[0] in _ORDER else len(_ORDER), row[1]))
    return rows[0][1] if rows else None


def person_of(workspace: int, handle: int) -> int | None:
    found: int | None = Belonging.objects.of(workspace).filter(handle=handle).values_list("person", flat=True).first()
    return found


def key_of(workspace: Workspace, kind: str, value: str) -> int:
    return handle_key(bytes(workspace.secret), kind, value)


def facts(workspace: int, person: int | None, definition: model.Survey) -> dict[str, Any]:
    """The facts that this survey names ({person.first_name}), and no others."""
    wanted = _named(definition)
    profile = Profile.objects.of(workspace).filter(person=person).first() if person is not None and wanted else None
    if profile is None:
        return {}
    found: dict[str, Any] = {name: _fact(profile, name) for name in wanted}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _fact(profile: Profile, name: str) -> Any:
    if name == "first_name":
        return _trait(profile, name) or (profile.name.split()[0] if profile.name and profile.is_identified else "")
    if name in ("name", "email", "phone", "company", "city", "country", "stage", "activities", "purchases"):
        return getattr(profile, name)
    return _trait(profile, name)


def _trait(profile: Profile, name: str) -> Any:
    found = profile.traits.get(name)
    value = found[0] if isinstance(found, list) and found else None
    return value if isinstance(value, str | int | float | bool | list) else None


def _named(definition: model.Survey) -> set[str]:
    """Names of facts in its texts and conditions."""
    names = {name for _place, _which, texts in texts_of(definition) for text in texts.values() for name in expressions.piped(text)}
    for page in definition.pages:
        for text in (page.show_if, *(each for item in page.items for each in _expressions(item))):
            try:
                names |= expressions.names(expressions.parse(text)) if text.strip() else set()
            except expressions.Fault:
                continue
    return {name[7:] for name in names if name.startswith("person.")}


def _expressions(item: model.Item) -> tuple[str, ...]:
    return item.show_if, getattr(item, "formula", ""), item.validate.rule if item.validate else ""
