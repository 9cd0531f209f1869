"""Levels of registration: of one person as the page has them, and how many people stand on each."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _

from vincle.accounts.models import Workspace

from .models import Profile
from .portrait import Permission
from .score_words import FIELDS, label
from .scores import registration
from .scores.registration import LEVELS

ASKS = {
    "seen": _("Something they did, and nothing of who they are."),
    "named": _("A name, an address or an account tells them apart."),
    "reachable": _("An e-mail address that works, or a phone number."),
    "consented": _("They allowed news and offers."),
    "customer": _("They bought."),
    "known_well": _("At least five of: first and last name, city, country, language, birthday, phone number."),
}  # fmt: skip
"""What each level asks beside all below it."""


class Level(NamedTuple):
    """`met`: whether what the level asks is known; `is_reached`: and all below as well."""

    key: str
    label: str
    asks: str
    met: bool
    is_reached: bool


class Standing(NamedTuple):
    """Where someone stands: levels lowest first, what to ask next in words."""

    key: str
    label: str
    number: int
    levels: list[Level]
    ask_next: list[str]


def standing(profile: Profile, permissions: Sequence[Permission]) -> Standing:
    """Of someone whose page is open; asks the database nothing."""
    facts = facts_of(profile, permissions)
    reached, steps = registration.level(facts), registration.steps(facts)
    met = [True, *(step.is_met for step in steps)]
    levels = [Level(key, label("registration", key), str(ASKS[key]), met[at], at <= reached) for at, key in enumerate(LEVELS)]
    asked = [str(FIELDS.get(name, name)) for name in registration.ask_next(facts)]
    return Standing(LEVELS[reached], levels[reached].label, reached, levels, asked)


def facts_of(profile: Profile, permissions: Sequence[Permission]) -> registration.Facts:
    known = frozenset(name for name in registration.DETAILS if name != "phone" and (profile.traits.get(name) or [""])[0])
    permits = {each.channel: each.state for each in permissions if each.purpose == "marketing"}
    return registration.Facts(
        profile.name, profile.email, profile.phone, profile.purchases, permits, known | ({"phone"} if profile.phone else set())
    )


class Count(NamedTuple):
    key: str
    label: str
    asks: str
    people: int


def counts(workspace: Workspace) -> list[Count]:
    """How many people stand on each level, lowest first: one query on the index of scores."""
    statement = "SELECT value, COUNT(*) FROM organise_score WHERE workspace_id = %s AND name = 'registration' GROUP BY value"
    with connection.cursor() as cursor:
        cursor.execute(statement, [workspace.pk])
        found: dict[int, int] = {int(value): people for value, people in cursor.fetchall()}
    return [Count(key, label("registration", key), str(ASKS[key]), found.get(at, 0)) for at, key in enumerate(LEVELS)]


def waiting(workspace: Workspace) -> int:
    """People whose level is still to be worked out."""
    statement = (
        "SELECT (SELECT COUNT(*) FROM organise_profile WHERE workspace_id = %s) - "
        "(SELECT COUNT(*) FROM organise_score WHERE workspace_id = %s AND name = 'registration')"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [workspace.pk, workspace.pk])
        row: Any = cursor.fetchone()
    return max(int(row[0]), 0)
