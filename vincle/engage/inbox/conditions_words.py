"""Conditions on conversations as a sentence in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import User, Workspace
from vincle.listen.labels import label
from vincle.listen.models import Connection
from vincle.listen.query_words import language_name
from vincle.web.tags.people import channel_name, stage_name

from .clauses import NOBODY, Clause, Clauses
from .models import Tag, Team
from .wording import KINDS

_PHRASES: dict[str, tuple[Any, Any]] = {
    "channel": (gettext_lazy("it came by %(values)s"), gettext_lazy("it did not come by %(values)s")),
    "connection": (gettext_lazy("it came through %(values)s"), gettext_lazy("it did not come through %(values)s")),
    "kind": (gettext_lazy("it is of the kind %(values)s"), gettext_lazy("it is not of the kind %(values)s")),
    "words": (gettext_lazy("they say “%(values)s”"), gettext_lazy("they do not say “%(values)s”")),
    "intent": (gettext_lazy("what they mean is %(values)s"), gettext_lazy("what they mean is not %(values)s")),
    "sentiment": (gettext_lazy("the feeling is %(values)s"), gettext_lazy("the feeling is not %(values)s")),
    "topic": (gettext_lazy("it is about %(values)s"), gettext_lazy("it is not about %(values)s")),
    "urgent": (gettext_lazy("it is urgent"), gettext_lazy("it is not urgent")),
    "language": (gettext_lazy("they write in %(values)s"), gettext_lazy("they do not write in %(values)s")),
    "tag": (gettext_lazy("it is tagged %(values)s"), gettext_lazy("it is not tagged %(values)s")),
    "team": (gettext_lazy("its team is %(values)s"), gettext_lazy("its team is not %(values)s")),
    "assignee": (gettext_lazy("it is looked after by %(values)s"), gettext_lazy("it is not looked after by %(values)s")),
    "hours": (gettext_lazy("it is %(values)s"), gettext_lazy("it is not %(values)s")),
    "person_known": (gettext_lazy("you know who they are"), gettext_lazy("you do not know who they are")),
    "first_time": (gettext_lazy("they write to you for the first time"), gettext_lazy("they have written to you before")),
    "stage": (gettext_lazy("their stage is %(values)s"), gettext_lazy("their stage is not %(values)s")),
    "peers": (gettext_lazy("another customer has answered"), gettext_lazy("no other customer has answered")),
}  # fmt: skip
NAMES: dict[str, Any] = {
    "channel": gettext_lazy("Channel"), "connection": gettext_lazy("Connection"), "kind": gettext_lazy("Kind"),
    "words": gettext_lazy("What they say"), "intent": gettext_lazy("What they mean"), "sentiment": gettext_lazy("Feeling"),
    "topic": gettext_lazy("What it is about"), "urgent": gettext_lazy("Urgent"), "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"), "team": gettext_lazy("Team"), "assignee": gettext_lazy("Who looks after it"),
    "hours": gettext_lazy("Opening hours"), "person_known": gettext_lazy("You know who they are"),
    "first_time": gettext_lazy("They write for the first time"), "stage": gettext_lazy("Stage"),
    "peers": gettext_lazy("Another customer answered"),
}  # fmt: skip
"""What each field is called where conditions are put together."""

HOURS: dict[str, Any] = {"in": gettext_lazy("within the opening hours"), "out": gettext_lazy("outside the opening hours")}
_GONE: dict[str, Any] = {
    "connection": gettext_lazy("a connection that is gone"), "tag": gettext_lazy("a tag that is gone"),
    "team": gettext_lazy("a team that is gone"), "assignee": gettext_lazy("someone who is gone"),
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """What the rows are called that conditions and deeds name by id, by field."""

    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, name: str, value: str) -> str:
        """A value in words; what is gone is said to be gone."""
        if value == NOBODY and name in ("team", "assignee"):
            return _("nobody") if name == "assignee" else _("none")
        if name in _GONE:
            return self.of.get(name, {}).get(value) or str(_GONE[name])
        shown = str(_PLAIN[name](value)) if name in _PLAIN else value
        return shown.lower() if name in _LOWER else shown


def _hours(value: str) -> str:
    return str(HOURS.get(value, value))


_PLAIN: dict[str, Any] = {
    "channel": channel_name, "kind": lambda value: KINDS.get(value, value), "language": language_name, "stage": stage_name,
    "intent": partial(label, "intents"), "topic": partial(label, "topics"), "sentiment": partial(label, "sentiment"), "hours": _hours,
}  # fmt: skip

_LOWER = frozenset({"kind", "stage", "intent", "topic", "sentiment"})


def names_of(workspace: Workspace) -> Names:
    """Names of what stands in a workspace: four queries."""
    team = User.objects.filter(memberships__workspace=workspace, is_active=True).distinct()
    return Names({
        "connection": {str(row.pk): row.name or channel_name(row.channel) for row in Connection.objects.of(workspace)},
        "tag": {str(row.pk): row.name for row in Tag.objects.of(workspace)},
        "team": {str(row.pk): row.name for row in Team.objects.of(workspace).filter(deleted_at=None)},
        "assignee": {str(user.pk): str(user) for user in team},
    })  # fmt: skip


def sentence(clauses: Clauses, names: Names | None = None) -> str:
    """All of them, in one sentence without its end; "" where nothing is asked for."""
    return together([phrase(clause, names or Names()) for clause in clauses])


def phrase(clause: Clause, names: Names) -> str:
    """One of them."""
    inner: Any = clause.get("not", clause)
    yes, no = _PHRASES.get(str(inner.get("field")), ("", ""))
    shown = str(no if "not" in clause else yes)
    if inner.get("field") == "words":
        return shown % {"values": inner.get("query", "")}
    values = [names.name(str(inner.get("field")), str(each)) for each in inner.get("is") or ()]
    return shown % {"values": either(values)} if "%(values)s" in shown else shown


def together(parts: list[str]) -> str:
    """ "a, b and c"."""
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]} if len(parts) > 1 else "".join(parts)


def either(parts: list[str]) -> str:
    """ "a, b or c"."""
    return _("%(first)s or %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]} if len(parts) > 1 else "".join(parts)
