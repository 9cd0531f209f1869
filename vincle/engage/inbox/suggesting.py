"""Answers that served before: what was answered to questions like this one, found in what this workspace itself has said.

An answer served when whoever asked said thanks, did not write again within three days, or the conversation was closed and they had not
written since; and when it came within three days. What is asked and what was answered is looked up as it stands now, so that words that
are gone are not suggested.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.language._query_parts import And, Field, Or, Part, Query, Words
from vincle.language.query import QueryError
from vincle.listen import fulltext, log, search, understanding
from vincle.listen.models import Handle, Understanding
from vincle.organise.models import Profile
from vincle.store import bulk
from vincle.vocabulary import public_id

from . import masking
from .asking import unanswered
from .likeness import ALIKE, NOTHING, About, about, forms, groups, likeness, stems, words_of
from .models import Piece, Thread

__all__ = ["Suggestion", "suggestions", "unanswered"]
OFFERED = 3
QUIET = timedelta(days=3)
"""Who does not write again for so long was served; what was answered later than this was answered late."""

PAIRED, WORDS, ENOUGH, EACH = 3, 4, 150, 120
LONGEST = 2_000
TOGETHER = timedelta(minutes=10)
"""What we say within so long of our first words belongs to the same answer."""

ANSWERS_ALIKE = 0.6
_TALKS = frozenset({Thread.Kind.MESSAGE, Thread.Kind.MAIL})


@dataclass
class Suggestion:
    """Words to answer with, and why: how many times it was answered like this, and how many of those said thanks."""

    parts: list[masking.Part]
    answered: int
    thanked: int
    last_at: datetime
    language: str
    is_other_language: bool
    thread: str

    @property
    def text(self) -> str:
        return masking.in_one(self.parts)

    @property
    def gap(self) -> str:
        """The first that is to be filled in; "" where nothing was taken out."""
        return next((part.text for part in self.parts if part.is_out), "")

    @property
    def is_masked(self) -> bool:
        return any(part.is_out for part in self.parts)


class _Said(NamedTuple):
    """A piece as far as it matters here."""

    key: int
    thread: int
    parent: int | None
    event: bytes
    seq: int
    at: datetime
    is_ours: bool
    actor: int | None
    thanks: bool
    asks: bool


@dataclass
class _Served:
    """An answer that served: `like` is how like its question is to the one asked now."""

    said: list[_Said]
    asker: int
    like: float
    language: str
    thanked: bool
    text: str = ""
    about: About = NOTHING


def suggestions(workspace: Workspace, thread: Thread, most: int = OFFERED) -> list[Suggestion]:
    """Answers to offer in a conversation, the best first; none where nothing of it is known or nothing like it was ever asked."""
    asked = _asked(workspace, thread)
    if asked is None:
        return []
    what, words, language = asked
    found = _like(workspace, _points(workspace, words, what), what)
    served = _served(workspace, thread, found)
    return _offered(workspace, served, language)[:most]


def _asked(workspace: Workspace, thread: Thread) -> tuple[About, tuple[str, ...], str] | None:
    """What their last words are about: of those we have not answered; of all when we have."""
    theirs = Piece.objects.of(workspace).filter(thread=thread.key, direction="in", state="", is_spam=False)
    theirs = theirs.filter(actor=thread.handle) if thread.handle is not None else theirs
    since = thread.waiting_since if thread.is_waiting else None
    rows = theirs.filter(at__gte=since) if since else theirs
    seqs = list(rows.order_by("-at", "-seq").values_list("seq", flat=True)[: 4 if since else 1])
    read = Understanding.objects.of(workspace).filter(seq__in=seqs).order_by("-seq").values_list("terms", "topics", "language")
    told = list(read)
    if not told:
        return None
    terms, topics = ("|".join(row[place] for row in told) for place in (0, 1))
    what = about(terms, topics)
    return None if what.is_empty else (what, stems(terms.split("|")), next((row[2] for row in told if row[2]), thread.language))


def _points(workspace: Workspace, words: Sequence[str], what: About) -> list[int]:
    """The newest texts that may ask the same: those with two of its words, then with each."""
    parts = [_any([Words((form,)) for form in forms(word)]) for word in words[:WORDS]]
    topics: tuple[Part, ...] = (Field("topic", tuple(sorted(what.topics))),) if what.topics else ()
    steps: list[tuple[Part, ...]] = [(_any([And(pair) for pair in combinations(parts[:PAIRED], 2)]),)] if len(parts) > 1 else []
    steps += [(part, *topics) for part in parts] if topics else []
    steps += [(part,) for part in parts] if parts else [topics]
    found: dict[int, None] = {}
    for step in steps:
        if len(found) >= ENOUGH:
            break
        try:
            found.update(dict.fromkeys(search.points(search.prepare(workspace, Query(And(step))), size=EACH)))
        except QueryError:
            continue
    return list(found)[: 2 * ENOUGH]


def _any(parts: Sequence[Part]) -> Part:
    return Or(tuple(parts)) if len(parts) > 1 else parts[0]


def _like(workspace: Workspace, points: Sequence[int], what: About) -> dict[int, tuple[float, str]]:
    """Of those texts the ones that ask the same: by place in the log how like, and the language."""
    sql = "SELECT seq, terms, topics, language FROM listen_understanding WHERE seq IN ({})"
    rows = bulk.select(sql, [fulltext.seq_of(point) for point in points])
    told = {seq: (likeness(what, about(terms, topics)), language) for seq, terms, topics, language in rows}
    best = sorted((seq for seq in told if told[seq][0] >= ALIKE), key=lambda seq: (-told[seq][0], -seq))[:ENOUGH]
    return {seq: told[seq] for seq in best}


_PIECE = "key, thread, parent, event, seq, at, direction, actor, thanks, asks"


def _pieces(column: str, values: Iterable[int]) -> list[_Said]:
    sql = f"SELECT {_PIECE} FROM inbox_piece WHERE thread IS NOT NULL AND state = '' AND NOT is_machine AND {column} IN ({{}})"
    found = []
    for key, thread, parent, event, seq, at, direction, actor, thanks, asks in bulk.select(sql, list(values)):
        moment = bulk.moment(at)
        assert moment
        found.append(_Said(key, thread, parent, bytes(event), seq, moment, direction == "out", actor, bool(thanks), bool(asks)))
    return found


def _served(workspace: Workspace, thread: Thread, like: Mapping[int, tuple[float, str]]) -> list[_Served]:
    """The answers that those questions had, if they served."""
    questions = [piece for piece in _pieces("seq", like) if not piece.is_ours and piece.actor is not None and piece.thread != thread.key]
    # By key alone: they are this workspace's, and SQLite would rather walk through all conversations of the workspace.
    sql = "SELECT key, kind, closed_at FROM inbox_thread WHERE is_here AND key IN ({})"
    rows = bulk.select(sql, {piece.thread for piece in questions})
    there = {key: (kind, bulk.moment(closed)) for key, kind, closed in rows}
    talks: dict[int, list[_Said]] = defaultdict(list)
    for piece in sorted(_pieces("thread", there), key=lambda piece: (piece.at, piece.seq)):
        talks[piece.thread].append(piece)
    found, taken = list[_Served](), set[int]()
    for question in questions:
        kind, closed = there.get(question.thread, ("", None))
        answer = _answer(question, talks.get(question.thread, ()), kind in _TALKS) if kind else []
        if not answer or answer[0].key in taken:
            continue
        taken.add(answer[0].key)
        is_good, is_thanked = _judged(question, answer, talks[question.thread], closed)
        if is_good:
            found.append(_Served(answer, question.actor or 0, *like[question.seq], is_thanked))
    words = log.contents(piece.event for each in found for piece in each.said)
    for each in found:
        each.text = "\n".join(filter(None, (words.get(piece.event, ("",))[0].strip() for piece in each.said)))[:LONGEST]
    return [each for each in found if each.text]


def _answer(question: _Said, talk: Sequence[_Said], is_talk: bool) -> list[_Said]:
    """What we said to a question: in a talk all we say next, in a tree what stands under it or under something else of the asker."""
    theirs = {piece.key for piece in talk if piece.actor == question.actor and not piece.is_ours}
    alone = is_talk or all(piece.is_ours or piece.actor == question.actor for piece in talk)
    found: list[_Said] = []
    for piece in talk:
        if (piece.at, piece.seq) <= (question.at, question.seq) or piece.at > question.at + QUIET:
            continue
        if not piece.is_ours and piece.actor == question.actor and found:
            break
        if piece.is_ours and (alone or piece.parent in theirs) and (not found or piece.at <= found[0].at + TOGETHER):
            found.append(piece)
    return found


def _judged(question: _Said, answer: Sequence[_Said], talk: Sequence[_Said], closed: datetime | None) -> tuple[bool, bool]:
    """(whether it served, whether they said thanks)."""
    last = answer[-1]
    after = [piece for piece in talk if piece.actor == question.actor and not piece.is_ours and (piece.at, piece.seq) > (last.at, last.seq)]
    if not after:
        was_closed = closed is not None and closed >= last.at
        return was_closed or timezone.now() - last.at >= QUIET, False
    if after[0].thanks and not after[0].asks:
        return True, True
    return after[0].at - last.at >= QUIET, False


def _offered(workspace: Workspace, served: Sequence[_Served], language: str) -> list[Suggestion]:
    """Answers that say the same are one; those in the language of the question first, then those that served most and were like most."""
    for each in served:
        each.about = About(words_of(each.text, each.language), frozenset())
    found = []
    for group in groups([each.about for each in served], ANSWERS_ALIKE):
        members = [served[place] for place in group]
        best = max(members, key=lambda each: (each.language == language, each.thanked, round(each.like, 1), each.said[0].at))
        weight = sum(each.like * (2 if each.thanked else 1) for each in members)
        found.append((best.language != language and bool(language), -weight, best, members))
    found.sort(key=lambda each: each[:2])
    known = _known_of(workspace, [best.asker for *_order, best, _members in found[:OFFERED]])
    context = understanding.context_of(workspace.pk, alone=True)
    return [
        Suggestion(
            masking.masked(best.text, known.get(best.asker, ()), [each.text for each in served if each.asker != best.asker], context),
            len(members), sum(each.thanked for each in members), max(each.said[-1].at for each in members), best.language, is_other,
            public_id(best.said[0].thread),
        )
        for is_other, _weight, best, members in found[:OFFERED]
    ]  # fmt: skip


_TRAITS = ("name", "first_name", "last_name", "nickname", "street", "postcode", "company", "email", "phone")


def _known_of(workspace: Workspace, handles: Iterable[int]) -> dict[int, list[str]]:
    """What must not be told to another: what these handles, and the people they are of, are called and where they live."""
    keys = set(handles)
    people = dict(Belonging.objects.of(workspace).filter(handle__in=keys).values_list("handle", "person"))
    profiles = {profile.person: profile for profile in Profile.objects.of(workspace).filter(person__in=set(people.values()))}
    found = {}
    for handle in Handle.objects.filter(key__in=keys):
        profile = profiles.get(people.get(handle.key, 0))
        told = [handle.value, handle.name]
        if profile:
            told += [profile.name, profile.email, profile.phone]
            told += [str((profile.traits.get(trait) or [""])[0]) for trait in _TRAITS]
        found[handle.key] = [each for each in told if each]
    return found
