"""Where something can be posted, and what may be said there."""

from collections.abc import Sequence
from typing import NamedTuple

from vincle.accounts.models import Workspace
from vincle.channels.live import Posting
from vincle.channels.registry import channels
from vincle.engage.outbox import voice
from vincle.listen.models import Connection
from vincle.web.tags.people import channel_name

from . import linking, shape
from .models import Idea, Picture


def called(connection: Connection) -> str:
    """What an account is called on screen."""
    kind = channel_name(connection.channel)
    return connection.account or (f"{kind} · {connection.name}" if connection.name else kind)


class Place(NamedTuple):
    """A connection through which we may post. `trouble`: code of what keeps it from posting now."""

    connection: Connection
    posting: Posting
    trouble: str = ""

    @property
    def name(self) -> str:
        return called(self.connection)


def places_of(workspace: Workspace) -> list[Place]:
    """Those of a workspace, by channel and name."""
    rows = Connection.objects.of(workspace).select_related("workspace").order_by("channel", "name", "pk")
    return [found for row in rows if (found := place_of(row)) is not None]


def place_of(connection: Connection) -> Place | None:
    """None where nothing of ours can be posted."""
    channel = channels().get(connection.channel)
    posting = channel.posting(connection.settings, frozenset(connection.abilities)) if channel else None
    if posting is None or not voice.can_act(connection):
        return None
    if voice.is_practice(connection):
        return Place(connection, posting)
    trouble = "paused" if not connection.is_enabled else "sign_in_again" if connection.state_kind == "auth" else ""
    return Place(connection, posting, trouble)


def attachments(pictures: Sequence[Picture]) -> list[shape.Attachment]:
    return [shape.Attachment(each.name, each.content_type, each.size, each.alt) for each in pictures]


def fit(place: Place, idea: Idea, text: str, files: Sequence[shape.Attachment], where: str = "") -> shape.Fit:
    """Whether these words and files fit there, with links as long as they leave."""
    words = shape.replaced(text, linking.as_long) if idea.shortens else text
    return shape.fit(words, files, place.posting, lambda each: voice.length(place.connection, each), where)
