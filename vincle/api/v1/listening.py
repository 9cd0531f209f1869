"""What is listened for: queries kept by the team, and the texts that answer them."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.accounts.models import Workspace
from vincle.language.query import QueryError
from vincle.listen import fulltext, listenings, stream
from vincle.listen.models import Listening, Match
from vincle.vocabulary import public_id

from . import cursors, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import invalid, missing

KINDS = ", ".join(f"`{kind}`" for kind in Listening.Kind.values)


class Query(Struct, kw_only=True):
    """A query that goes on being answered."""

    id: Annotated[str, Meta(description="Number of the query.")]
    name: str
    kind: Annotated[str, Meta(description=f"One of {KINDS}.")]
    query: Annotated[str, Meta(description="As it is written.")]
    is_complete: Annotated[bool, Meta(description="Whether all that is stored has been gone through.")]
    has_feed: bool
    mail: Annotated[str, Meta(description='"daily", "weekly" or nothing.')]
    created_at: datetime


class Queries(Struct):
    data: list[Query]


class KeepAsked(Struct, forbid_unknown_fields=True):
    query: Annotated[str, Meta(min_length=1, max_length=2000, description='As on the screen: `"flat white" (slow OR late) -decaf`.')]
    name: Annotated[str, Meta(max_length=120, description="Its own among the team's queries.")] = ""
    kind: Annotated[str, Meta(max_length=12, description=f"One of {KINDS}.")] = "other"


class Away(Struct):
    """A query that was put away."""

    id: str


class MatchesAsked(Struct, forbid_unknown_fields=True):
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class Said(Struct, kw_only=True):
    """A text that a query asks for."""

    id: Annotated[str, Meta(description="Number of the text: stays as it is.")]
    at: datetime
    channel: str
    kind: Annotated[str, Meta(description="What it is: note, message, review ...")]
    text: str
    title: str
    link: str
    language: str
    sentiment: str
    author: Annotated[str, Meta(description="How the author is called there.")]
    handle: Annotated[str | None, Meta(description="Public id of the author's handle.")]


class Matches(Struct):
    data: list[Said]
    next_cursor: shapes.Cursor


@endpoint("GET", "listenings", May.SEE, answers=Queries)
def list_queries(call: Call[Nothing]) -> Queries:
    """The queries the team keeps, in its order."""
    return Queries([_line(row) for row in listenings.visible(call.workspace, call.user)])


@endpoint("POST", "listenings/keep", May.DECIDE_IDENTITY, asks=KeepAsked, answers=Query)
def keep_query(call: Call[KeepAsked]) -> Query:
    """Keep a query for the team. It is answered from what is stored, newest first, and from then on."""
    asked = call.asked
    try:
        return _line(listenings.save(call.workspace, call.user, asked.name, asked.query, asked.kind))
    except QueryError as error:
        near = f" The nearest is {error.values['near']}." if error.values.get("near") else ""
        raise invalid("query", f"It cannot be understood at character {error.at + 1} ({error.code}).{near}") from error
    except listenings.Refused as error:
        raise invalid(error.field, str(error)) from error


@endpoint("GET", "listenings/<listening>", May.SEE, answers=Query)
def get_query(call: Call[Nothing], listening: str) -> Query:
    """One query."""
    return _line(_row(call.workspace, call, listening))


@endpoint("POST", "listenings/<listening>/delete", May.DECIDE_IDENTITY, answers=Away)
def delete_query(call: Call[Nothing], listening: str) -> Away:
    """Put a query away: it is answered no more, its feed ends."""
    row = _row(call.workspace, call, listening)
    listenings.archive(row, call.user)
    return Away(str(row.pk))


@endpoint("GET", "listenings/<listening>/matches", May.SEE, asks=MatchesAsked, answers=Matches)
def list_matches(call: Call[MatchesAsked], listening: str) -> Matches:
    """The texts a query asks for, newest first."""
    row = _row(call.workspace, call, listening)
    found = Match.objects.filter(listening=row).order_by("-point")
    if call.asked.cursor:
        found = found.filter(point__lt=cursors.number(call.asked.cursor))
    points = list(found.values_list("point", flat=True)[: call.asked.limit + 1])
    shown = points[: call.asked.limit]
    texts = [_said(each) for each in stream.rows([fulltext.seq_of(point) for point in shown])]
    return Matches(texts, cursors.seal(str(shown[-1])) if len(points) > len(shown) else None)


def _row(workspace: Workspace, call: "Call[Nothing] | Call[MatchesAsked]", listening: str) -> Listening:
    number = int(listening) if listening.isascii() and listening.isdecimal() and len(listening) < 19 else 0
    found = listenings.visible(workspace, call.user).filter(pk=number).select_related("workspace").first()
    if found is None:
        raise missing("query")
    return found


def _line(row: Listening) -> Query:
    return Query(
        id=str(row.pk), name=row.name, kind=row.kind, query=row.text, is_complete=row.back_to == 0, has_feed=bool(row.feed_token),
        mail=row.mail, created_at=row.created_at,
    )  # fmt: skip


def _said(row: dict[str, Any]) -> Said:
    who = row["who"]
    return Said(
        id=str(row["seq"]), at=row["happened_at"], channel=row["channel"], kind=str(row["object_type"]).lower(), text=row["text"],
        title=row["title"], link=row["url"], language=row["language"], sentiment=row["sentiment"],
        author=(who.name or who.value) if who else "", handle=public_id(who.key) if who else None,
    )  # fmt: skip
