"""Posts: what is said in public, where and when; and drafts of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.engage.publishing import ideas, links, places
from vincle.engage.publishing import models as publishing

from . import cursors, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import invalid, missing

States = Literal["", "draft", "waiting", "scheduled", "leaving", "sent", "failed"]


class PostPlace(Struct):
    """An account by which something may be posted. `trouble`: what keeps it from posting now."""

    connection: Annotated[str, Meta(description="Its number.")]
    channel: str
    name: str
    trouble: str


class Places(Struct):
    data: list[PostPlace]


class PostsAsked(Struct, forbid_unknown_fields=True):
    state: Annotated[States, Meta(description="Only those in this state.")] = ""
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class Post(Struct, kw_only=True):
    """An idea at one place. `at`: when it is to leave. Reactions, comments and shares are counted as heard; clicks are people's."""

    id: str
    idea: Annotated[str, Meta(description="The same for all posts of one idea.")]
    name: str
    text: str
    connection: str
    channel: str
    place: str
    state: str
    at: datetime | None
    left_at: datetime | None
    url: str
    problem: str
    reactions: int
    comments: int
    shares: int
    clicks: int
    created_at: datetime


class Posts(Struct):
    """A page of posts, newest first."""

    data: list[Post]
    next_cursor: shapes.Cursor


class DraftPlace(Struct, forbid_unknown_fields=True):
    connection: str
    text: Annotated[str, Meta(max_length=20_000, description="Its own words there; none: those of the idea.")] = ""
    place: Annotated[str, Meta(max_length=100, description="Where an account reaches several places: which.")] = ""


class DraftAsked(Struct, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    places: Annotated[list[DraftPlace], Meta(max_length=50, description="Where; none: only the idea is kept.")] = []
    name: Annotated[str, Meta(max_length=120, description="None: taken from the words.")] = ""
    campaign: Annotated[str, Meta(max_length=80, description="Links are counted under this name.")] = ""
    language: Annotated[str, Meta(max_length=8)] = ""


class Drafted(Struct):
    idea: str
    data: list[Post]


@endpoint("GET", "posts/places", May.SEE, answers=Places)
def list_places(call: Call[Nothing]) -> Places:
    """Accounts by which something may be posted."""
    rows = places.places_of(call.workspace)
    return Places([PostPlace(str(each.connection.pk), each.connection.channel, each.name, each.trouble) for each in rows])


@endpoint("GET", "posts", May.SEE, asks=PostsAsked, answers=Posts)
def list_posts(call: Call[PostsAsked]) -> Posts:
    """Posts with what people did with them, newest first."""
    rows = publishing.Post.objects.of(call.workspace).exclude(state=publishing.Post.State.REMOVED).select_related("idea", "connection")
    shown, more = cursors.newest(rows.filter(state=call.asked.state) if call.asked.state else rows, call.asked)
    clicks = links.clicks_of([row.pk for row in shown])
    return Posts([_post(row, clicks) for row in shown], more)


@endpoint("POST", "posts/create", May.SPEAK, asks=DraftAsked, answers=Drafted)
def create_posts(call: Call[DraftAsked]) -> Drafted:
    """Keep an idea with a draft for each place. Nothing leaves: someone of the team plans it and, where that is asked, approves it."""
    asked = call.asked
    known = {str(each.connection.pk): each.connection.pk for each in places.places_of(call.workspace)}
    wanted: dict[int, tuple[str, str]] = {}
    for each in asked.places:
        if each.connection not in known:
            raise missing("account to post by", "places")
        if known[each.connection] in wanted:
            raise invalid("places", "An account stands there twice.")
        wanted[known[each.connection]] = (each.text, each.place)
    more = {"campaign": asked.campaign.replace("\x00", ""), "language": asked.language.replace("\x00", "")}
    idea = ideas.create(call.workspace, call.user, asked.name, asked.text, **more)
    made = ideas.set_places(call.workspace, call.user, idea, wanted, approves=False)
    return Drafted(idea.public, [_post(row, {}) for row in made])


def _post(row: publishing.Post, clicks: Mapping[int, tuple[int, int]]) -> Post:
    return Post(
        id=row.public, idea=row.idea.public, name=row.idea.name, text=row.said or row.words, connection=str(row.connection_id),
        channel=row.connection.channel, place=row.place, state=row.state, at=row.at, left_at=row.left_at, url=row.url,
        problem=row.problem_code, reactions=row.reactions, comments=row.comments, shares=row.shares,
        clicks=clicks.get(row.pk, (0, 0))[0], created_at=row.created_at,
    )  # fmt: skip
