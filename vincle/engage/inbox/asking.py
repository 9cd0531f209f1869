"""What people ask again and again, and whether an answer is kept for it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.language._query_parts import Field, Query
from vincle.listen import fulltext, log, search
from vincle.store import bulk
from vincle.vocabulary import public_id

from . import rules
from .likeness import About, about, groups, shared, words_of
from .models import Canned

MONTH = timedelta(days=30)
MOST_ASKED, MOST_GROUPS, SHOWN = 3_000, 50, 160


@dataclass
class Question:
    """A question people asked in the last 30 days: `asked` how often, `waiting` how many of them wait for an answer now, the first of
    them since `oldest`; `words` as the latest put it; `saved` the name of an answer kept for it ("" without one)."""

    words: str
    language: str
    asked: int
    waiting: int
    oldest: datetime | None
    saved: str
    threads: list[str] = field(default_factory=list)


def unanswered(workspace: Workspace, most: int = MOST_GROUPS) -> list[Question]:
    """Questions some of which wait for an answer, asked most first; those alike are one. Of the newest 3,000 of the last 30 days."""
    asked = _asked(workspace)
    waiting = _waiting(workspace, {row[1] for row in asked})
    found, by_tongue = list[tuple[list[int], str]](), defaultdict[str, list[int]](list)
    for place, row in enumerate(asked):
        by_tongue[row[4]].append(place)
    for language, places in by_tongue.items():
        for group in groups([asked[place][3] for place in places]):
            members = [places[at] for at in group]
            if any(asked[place][1] in waiting for place in members):
                found.append((members, language))
    found.sort(key=lambda each: (-len(each[0]), each[0][0]))
    kept = _kept(workspace)
    words = log.contents(asked[members[0]][2] for members, _ in found[:most])
    return [_question([asked[place] for place in members], language, waiting, kept, words) for members, language in found[:most]]


_Row = tuple[int, int, bytes, About, str]
"""(place in the log, conversation, event, what it is about, language)"""


def _asked(workspace: Workspace) -> list[_Row]:
    query = Query(Field("intent", tuple(sorted(rules.ASKING))), after=(timezone.now() - MONTH).date())
    seqs = [fulltext.seq_of(point) for point in search.points(search.prepare(workspace, query), size=MOST_ASKED)]
    pieces = {
        seq: (thread, bytes(event))
        for seq, thread, event in bulk.select(
            "SELECT seq, thread, event FROM inbox_piece WHERE thread IS NOT NULL AND state = '' AND direction = 'in' AND NOT is_spam "
            "AND seq IN ({})", seqs,
        )
    }  # fmt: skip
    read = bulk.select("SELECT seq, terms, topics, language FROM listen_understanding WHERE seq IN ({})", list(pieces))
    rows = [(seq, *pieces[seq], about(terms, topics), language) for seq, terms, topics, language in read]
    return sorted(rows, key=lambda row: -row[0])


def _waiting(workspace: Workspace, threads: Iterable[int]) -> dict[int, datetime]:
    """By conversation in which someone waits, since when."""
    sql = (
        "SELECT key, waiting_since FROM inbox_thread WHERE workspace_id = %s AND is_here AND state = 'open' AND waiting_since IS NOT NULL "
        "AND key IN ({})"
    )
    return {key: moment for key, since in bulk.select(sql, list(threads), [workspace.pk]) if (moment := bulk.moment(since))}


def _kept(workspace: Workspace) -> list[tuple[str, str, frozenset[str]]]:
    rows = Canned.objects.of(workspace).filter(deleted_at=None).order_by("-used", "name")[:500]
    return [(each.name, each.language, words_of(f"{each.name} {each.text}", each.language)) for each in rows]


def _question(
    members: Sequence[_Row], language: str, waiting: dict[int, datetime], kept: Sequence[tuple[str, str, frozenset[str]]],
    words: dict[bytes, tuple[str, str, str]],
) -> Question:  # fmt: skip
    text, title, _body = words.get(members[0][2], ("", "", ""))
    open_ones = dict.fromkeys(row[1] for row in members if row[1] in waiting)
    return Question(
        " ".join((text or title).split())[:SHOWN], language, len(members), len(open_ones), min(waiting[key] for key in open_ones),
        _saved([row[3] for row in members], language, kept), [public_id(key) for key in open_ones][:20],
    )  # fmt: skip


def _saved(texts: Sequence[About], language: str, kept: Sequence[tuple[str, str, frozenset[str]]]) -> str:
    """The answer kept for them: one that holds half of the words they have in common, in their language or in any."""
    common = shared(texts)
    held = ((2 * len(common & words) / len(common), name) for name, tongue, words in kept if common and tongue in ("", language))
    return max(((share, name) for share, name in held if share >= 1), key=lambda each: each[0], default=(0, ""))[1]
