"""The services that can be connected: those that have a guide and whose channel is installed, by what they are for."""

import unicodedata
from typing import Any, NamedTuple

from django.db.models import Count

from vincle.accounts.models import Workspace
from vincle.channels.base import Spec
from vincle.channels.registry import channels

from . import connections
from .guides import DOES, GROUPS, READY, TODAY, Guide, Step, guides
from .models import Connection


class Offer(NamedTuple):
    """`does`: (word, icon) of what the channel really does, `ready`: (word, tone, icon), `connected`: how often it is connected already."""

    guide: Guide
    spec: Spec
    name: str
    icon: str
    does: tuple[tuple[Any, str], ...]
    ready: tuple[Any, str, str]
    connected: int = 0

    @property
    def steps(self) -> list[Step]:
        """What to do before the form."""
        return [step for step in self.guide.steps if self.spec.settings or not step.is_for_asking]

    @property
    def past(self) -> Any:
        """What the first import brings, where there is one."""
        return self.guide.past if any(stream.has_past for stream in self.spec.streams) else ""

    @property
    def can_check(self) -> bool:
        return can_check(self.spec.id)

    @property
    def is_ready(self) -> bool:
        return self.guide.ready in TODAY


class Scope(NamedTuple):
    name: str
    what: Any
    is_missing: bool = False


def can_check(channel: str) -> bool:
    """Whether the service can be asked who we are there."""
    found = channels().get(channel)
    return found is not None and connections.can_check(found)


def name_of(channel: str) -> str:
    """How a service is called; one that is no longer installed by its id."""
    found = channels().get(channel)
    return found.spec.name if found else channel


def offer(key: str, connected: int = 0) -> Offer | None:
    """The offer of a guide; None when there is no such guide or its channel is not installed."""
    guide = guides().get(key)
    channel = channels().get(guide.channel) if guide else None
    if guide is None or channel is None or channel not in connections.connectable():
        return None
    acts = "act" in channel.spec.capabilities
    does = tuple(DOES[word] for word in guide.does if word == "listen" or acts)
    name, icon = str(guide.name or channel.spec.name), guide.icon or channel.spec.icon
    return Offer(guide, channel.spec, name, icon, does, READY[guide.ready], connected)


def offers(workspace: Workspace, words: str = "", today: bool = False) -> list[tuple[Any, list[Offer]]]:
    """(group, its offers) that hold all the words; `today`: only what works without anyone's approval or money."""
    rows = Connection.objects.of(workspace).filter(token__isnull=False).values_list("channel").annotate(Count("pk")).order_by()
    connected = dict(rows)
    wanted = _plain(words).split()
    found: dict[str, list[Offer]] = {group: [] for group in GROUPS}
    for key, guide in guides().items():
        each = offer(key, connected.get(guide.channel, 0) if key == guide.channel else 0)
        if each and (each.is_ready or not today) and all(word in _haystack(each) for word in wanted):
            found[guide.group].append(each)
    return [(GROUPS[group], sorted(rows, key=lambda one: (not one.is_ready, one.name.casefold()))) for group, rows in found.items() if rows]


def scopes(spec: Spec, guide: Guide | None, missing: tuple[str, ...] | list[str] = ()) -> list[Scope]:
    """The permissions that are asked for, each with what it is for; the missing ones first."""
    asked = [*(spec.oauth.scopes if spec.oauth else ()), *missing]
    if not spec.oauth and guide:
        asked = [*asked, *guide.scopes]
    words = guide.scopes if guide else {}
    found = [Scope(name, words.get(name, ""), name in missing) for name in dict.fromkeys(asked)]
    return sorted(found, key=lambda scope: not scope.is_missing)


def _haystack(each: Offer) -> str:
    said = (each.name, each.spec.name, each.guide.key, each.guide.sentence, each.guide.words, GROUPS[each.guide.group])
    return _plain(" ".join(map(str, said)))


def _plain(text: str) -> str:
    """Small letters without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
