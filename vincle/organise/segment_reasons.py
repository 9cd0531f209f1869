"""Why someone is in a segment, or is not, as a page shows it: each clause with what was found and the acts that decided."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any as Anything
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.listen import log
from vincle.listen.phrases import phrase
from vincle.store import bulk
from vincle.web.tags.formats import day

from .segment_words import Names, Told, told
from .segments.predicate import All, Any, Not, Predicate
from .segments.why import Reason

SHOWN_ACTS = 8
_COLUMNS = ("seq", "event_id", "channel", "verb", "object_type", "parent_key", "event_name", "reaction", "happened_at", "direction",
            "amount", "currency", "language")  # fmt: skip


class Deed(NamedTuple):
    """An act that decided, in words."""

    at: datetime
    channel: str
    did: str
    words: str
    language: str
    amount: Anything
    currency: str


class Node(NamedTuple):
    """A clause for a template; `next`: when time alone may change it."""

    holds: bool
    sentence: str
    found: str
    next: str
    acts: list[Deed]
    parts: list["Node"]


def tree(workspace: Workspace, root: Reason, names: Names) -> Node:
    """The reason in words; the acts of all clauses by two queries."""
    return _node(root, told(root, names), deeds_of(workspace, {seq for each in _all(root) for seq in each.seqs[:SHOWN_ACTS]}))


def _all(reason: Reason) -> Iterator[Reason]:
    yield reason
    for part in reason.parts:
        yield from _all(part)


def _node(reason: Reason, words: Told, deeds: dict[int, Deed]) -> Node:
    acts = [deeds[seq] for seq in reason.seqs[:SHOWN_ACTS] if seq in deeds]
    parts = [_node(part, said, deeds) for part, said in zip(reason.parts, words.parts, strict=True)]
    return Node(reason.holds, _line(reason.clause, words.words), words.found, "" if parts else turns(words.until), acts, parts)


def _line(clause: Predicate, words: str) -> str:
    """Groups by how they hold together, clauses by what they ask."""
    if isinstance(clause, All | Any):
        return _("All of this") if isinstance(clause, All) else _("At least one of these")
    return _("Not:") if isinstance(clause, Not) else words[:1].upper() + words[1:]


def turns(until: datetime | None) -> str:
    """When time alone may change it; "" when it never does."""
    return _("May change by itself on %(day)s.") % {"day": day(timezone.localtime(until))} if until else ""


def deeds_of(workspace: Workspace, seqs: Iterable[int]) -> dict[int, Deed]:
    """Acts by their log number, in words; by two queries."""
    wanted = sorted(int(seq) for seq in seqs)
    if not wanted:
        return {}
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM listen_activity WHERE workspace_id = %s AND seq IN ({', '.join(map(str, wanted))})", [workspace.pk]
        )
        rows = [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    words = log.contents(bytes(row["event_id"]) for row in rows)
    return {row["seq"]: _deed(row, words.get(bytes(row["event_id"]), ("", "", ""))) for row in rows}


def _deed(row: dict[str, Anything], content: tuple[str, str, str]) -> Deed:
    did = str(phrase(row["verb"], row["object_type"], bool(row["parent_key"]), row["event_name"], row["reaction"]))
    did = _("We: %(did)s") % {"did": did} if row["direction"] == "out" else did
    at = bulk.moment(row["happened_at"])
    assert at
    return Deed(at, row["channel"], did, (content[0] or content[1] or "")[:300], row["language"], row["amount"], row["currency"])
