"""Short links on the company's own domain."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engage.publishing import linking, links
from vincle.engage.publishing import models as publishing
from vincle.engage.publishing.ideas import Refused

from . import cursors, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import invalid, missing

Tag = Annotated[str, Meta(max_length=80)]


class LinksAsked(Struct, forbid_unknown_fields=True):
    campaign: Annotated[str, Meta(max_length=80, description="Only those counted under this name.")] = ""
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class ShortLink(Struct, kw_only=True):
    """A short address and who followed it: `humans` and `machines` (previews, scanners) are counted apart."""

    code: str
    address: str
    target: str
    name: str
    source: str
    medium: str
    campaign: str
    humans: int
    machines: int
    last_at: datetime | None
    created_at: datetime
    retired_at: datetime | None


class ShortLinks(Struct):
    """A page of short links, newest first; those of single people to hand on are not among them."""

    data: list[ShortLink]
    next_cursor: shapes.Cursor


class LinkAsked(Struct, forbid_unknown_fields=True):
    target: Annotated[str, Meta(min_length=1, max_length=2000, description="Where it leads: http or https.")]
    code: Annotated[str, Meta(max_length=40, description="Its ending; none: one is drawn.")] = ""
    name: Annotated[str, Meta(max_length=120)] = ""
    source: Tag = ""
    medium: Tag = ""
    campaign: Tag = ""


@endpoint("GET", "links", May.SEE, asks=LinksAsked, answers=ShortLinks)
def list_links(call: Call[LinksAsked]) -> ShortLinks:
    """Short links with how often they were followed, newest first."""
    rows = publishing.ShortLink.objects.of(call.workspace).filter(handle=None)
    asked = call.asked
    shown, more = cursors.newest(rows.filter(campaign=asked.campaign) if asked.campaign else rows, asked)
    return ShortLinks([_link(row) for row in shown], more)


@endpoint("POST", "links/create", May.SPEAK, asks=LinkAsked, answers=ShortLink)
def create_link(call: Call[LinkAsked]) -> ShortLink:
    """Make a short link. A target may be any web address, and never changes by what a visitor sends."""
    asked = call.asked
    tags = {"source": asked.source, "medium": asked.medium, "campaign": asked.campaign}
    try:
        made = links.create(call.workspace, call.user, asked.target, code=asked.code, name=asked.name, **tags)
    except Refused as refused:
        raise invalid("code" if asked.code and _is_good(asked.target) else "target", str(refused)) from refused
    return _link(made)


@endpoint("GET", "links/<code>", May.SEE, answers=ShortLink)
def get_link(call: Call[Nothing], code: str) -> ShortLink:
    """One short link with how often it was followed."""
    return _link(_find(call, code))


def _is_good(target: str) -> bool:
    try:
        return bool(linking.checked(target))
    except linking.BadTarget:
        return False


def _find(call: Call[Any], code: str) -> publishing.ShortLink:
    found: publishing.ShortLink | None = (
        publishing.ShortLink.objects.of(call.workspace).filter(code=code.replace("\x00", "").lower()).first()
    )
    if found is None:
        raise missing("link")
    return found


def _link(row: publishing.ShortLink) -> ShortLink:
    return ShortLink(
        code=row.code, address=linking.address(row.code), target=row.target, name=row.name, source=row.source, medium=row.medium,
        campaign=row.campaign, humans=row.humans, machines=row.machines, last_at=row.last_at, created_at=row.created_at,
        retired_at=row.retired_at,
    )  # fmt: skip
