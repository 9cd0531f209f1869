"""What the dialogs of the canvas offer: the workspace's own segments, letters, accounts, fields, colleagues."""

from typing import Any

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.campaigns import promotions
from vincle.engage.letters import choosing
from vincle.engage.outbox.may import medium_of
from vincle.listen.phrases import KINDS, VERBS
from vincle.organise.segment_clauses import Names as SegmentNames
from vincle.organise.segment_offers import Offers
from vincle.web.tags.people import channel_name

from . import places
from .canvas import shaping, wording
from .canvas.fields import Around, Things
from .canvas.shaping import Json
from .canvas.wording import Words


def of(workspace: Workspace) -> Things:
    """About a dozen queries."""
    offers = Offers(workspace)
    accounts = places.connections(workspace)
    media = {"email", *(medium_of(each.channel) for each in accounts)}
    return Things(
        segments=offers.segments,
        letters=[(str(each.pk), each.name) for each in choosing.choices(workspace)],
        promotions=[(str(pk), name) for pk, name in promotions.choices(workspace)],
        connections=[(str(each.pk), each.name or each.account or channel_name(each.channel)) for each in accounts],
        media=sorted(((each, channel_name(each)) for each in media), key=lambda pair: (pair[0] != "email", pair[1])),
        topics=[(each, _("Marketing") if each == "marketing" else each) for each in offers.purposes],
        tags=[name for name, _words in offers.tags],
        fields=_fields(offers),
        dates=[(each.name, each.label) for _heading, fields in offers.fields for each in fields if each.sort == "date"],
        team=[pair for pair in offers.team if pair[0] != "none"],
        verbs=[(str(value), str(words)) for value, words in VERBS.items()],
        kinds=[(str(value), str(words)) for value, words in KINDS.items()],
        channels=offers.channels, forms=places.offered("form", workspace), surveys=places.offered("survey", workspace),
    )


def _fields(offers: Offers) -> list[tuple[str, list[tuple[str, str]]]]:
    """Those that can be set: the person's own and the workspace's, not what is worked out."""
    return [(heading, [(each.name, each.label) for each in fields]) for heading, fields in offers.fields[1:3]]


def words(workspace: Workspace, definition: Json) -> Words:
    """How this journey's things are called."""
    names = places.names(workspace)
    return Words(names, SegmentNames.of(workspace), wording.messages_of(definition, names))


def around(workspace: Workspace, definition: Json, key: str = "") -> Around:
    """What the dialog of a step leans on; `key` "" for how the journey starts."""
    names = places.names(workspace)
    before: list[tuple[str, Any]] = []
    called = wording.messages_of(definition, names)
    for _way, _at, step in shaping.walk(definition):
        if step["id"] == key:
            break
        if step.get("do") in shaping.MESSAGES:
            before.append((str(step["id"]), called[str(step["id"])]))
    messages = before if key else []
    return Around(of(workspace), names, messages, messages[-1][0] if messages else "")
