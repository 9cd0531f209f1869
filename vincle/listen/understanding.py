"""The step `understand`: what new texts of the log say, their full text, and which queries of the team they answer.

It goes first behind the log. When nothing is new it reads again, newest first, what new readers, a model learnt from corrections, or new
words of a workspace may read otherwise. What it finds is a row a text (`Understanding`); what the team says of a text stands before it.
Readers are pure (`vincle.language`), so that reading anything again changes only what they would say otherwise today.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.language import registry
from vincle.language.base import Context
from vincle.language.page import fold
from vincle.store import bulk
from vincle.store.blame import blame
from vincle.store.lease import LostLease, advance, keep
from vincle.store.models import Cursor

from . import aside, changes, fulltext, known, learning, log, matching, readers, texts, wiping
from .batch import last_number
from .corrected import corrected, problem
from .models import Alert, Correction, Gone, Learnt, Listening, NoticeText, ReaderChoice, Understanding, Vocabulary
from .texts import Text
from .written import SAID, values

STEP = "understand"
AGAIN = "understand again"
"""Cursors of this name, with a workspace's id behind it or of all, hold from which place down texts are to be read again; 0: none are."""

VERSION = "understand version"
BATCH, PAGES = 2_000, 400
COLUMNS = ("event_id", "workspace_id", "seq", "change", "version", "point", *SAID)
_SEQ, _CHANGE, _VERSION, _SAID = 2, 3, 4, 6
_ROOT, _EVENT = 1 + texts.COLUMNS.index("root_id"), 1 + texts.COLUMNS.index("event_id")
logger = structlog.get_logger(__name__)


def is_behind(reached: dict[str, int]) -> bool:
    """Whether texts are new, are to be read again, or queries wait to be answered from what is stored."""
    if reached.get(STEP, 0) < log.last_seq() or reached.get(VERSION, 0) != registry.version():
        return True
    return (
        any(place for name, place in reached.items() if name.startswith(AGAIN))
        or learning.is_due(reached)
        or matching.is_behind()
        or wiping.is_behind(reached)
    )


def step(cursor: Cursor, most: int | None = None) -> int:
    """Read what is new in the log; when nothing is, a piece of what is to be read again. Returns how many rows were gone through.

    Faulty names rows that cannot be read.
    """
    rows = log.read_new(cursor.position, most or BATCH, texts.COLUMNS)
    if rows:
        skipped = aside.passed_over(STEP, cursor.position, rows[-1][0])
        _follow(cursor, [row for row in rows if row[0] not in skipped], rows[-1][0], len(rows))
        if len(rows) == (most or BATCH):
            return len(rows)
    return len(rows) + (_read_again(cursor, min(most or PAGES, PAGES)) or learning.turn() or matching.turn() or wiping.turn())


def again(seq: int) -> None:
    """Read one row that had been set aside. Inside the caller's transaction."""
    rows = [row for row in log.read_new(seq - 1, 1, texts.COLUMNS) if row[0] == seq]
    gone, standing = texts.families({bytes(row[_ROOT] or row[_EVENT]) for row in rows}, seq)
    found = texts.of(standing)
    read(found)
    changes.let_go(gone, for_good=False)
    write(found)


def read_again(workspace: Workspace | int | None = None) -> None:
    """Have all texts (of a workspace) read again in the background: what readers know has changed. Inside the caller's transaction."""
    name = AGAIN if workspace is None else f"{AGAIN} {getattr(workspace, 'pk', workspace)}"
    Cursor.objects.update_or_create(name=name, defaults={"position": last_number(ours=False), "updated_at": timezone.now()})


def refresh(workspace: Workspace | int, seqs: Iterable[int]) -> None:
    """Read these texts of a workspace again at once. Inside the caller's transaction."""
    found = [text for text in texts.at(seqs) if text.workspace == getattr(workspace, "pk", workspace)]
    read(found)
    write(found)


class CannotCorrect(ValueError):
    """No such text in this workspace, or a value that cannot be (`field`, `value`, `text`)."""


def correct(workspace: Workspace, event_id: bytes, field: str, value: str, user: User | None) -> Correction:
    """Say what a text says, against what was read; it stands until it is taken back. Raises CannotCorrect."""
    if why := problem(field, value):
        raise CannotCorrect(why)
    with transaction.atomic():
        row = _understood(workspace, event_id)
        stood = Correction.objects.of(workspace).select_for_update().filter(event_id=event_id, field=field).first()
        told = {"now": value, "by": user, "at": timezone.now(), "was": stood.was if stood else getattr(row, field)}
        made, _ = Correction.objects.update_or_create(event_id=event_id, field=field, defaults={**told, "workspace": workspace})
        audit.record(workspace, user, "corrected", "text", row.seq, field=field, was=getattr(row, field), now=value)
        if field == Correction.Field.SENTIMENT:
            learning.count(workspace)
        refresh(workspace, [row.seq])
    return made


def take_back(workspace: Workspace, event_id: bytes, field: str, user: User | None) -> bool:
    """Let what is read of a text stand again; False when nobody had corrected it. Raises CannotCorrect."""
    with transaction.atomic():
        row = _understood(workspace, event_id)
        gone, _ = Correction.objects.of(workspace).filter(event_id=event_id, field=field).delete()
        if gone:
            audit.record(workspace, user, "take back", "correction", row.seq, field=field)
            refresh(workspace, [row.seq])
    return bool(gone)


def explain(workspace: Workspace | int, event_id: bytes) -> Text | None:
    """A text read just now, with the words that decided (`page.reading.clues`) and corrections put in; None when there is none here."""
    row = Understanding.objects.of(workspace).filter(event_id=event_id).first()
    found = texts.at([row.seq]) if row else []
    read(found)
    return found[0] if found else None


def _understood(workspace: Workspace, event_id: bytes) -> Understanding:
    changes.take(0)  # its words do not go meanwhile
    row = Understanding.objects.of(workspace).filter(event_id=event_id).first()
    if row is None or texts.is_ours(row.seq):
        raise CannotCorrect("text")
    return row


def empty() -> None:
    """Before a rebuild: what is worked out here goes; the team's corrections and queries stay. Inside the caller's transaction."""
    Understanding.objects.all().delete()
    Gone.objects.all().delete()
    Listening.objects.update(position=0, back_to=0)
    NoticeText.objects.all().delete()  # they name rows of the log by their places, which are given out anew
    Alert.objects.update(since=timezone.now())
    ReaderChoice.objects.update(position=0, back_to=0)  # what it said is kept by what it is about, and is not asked for again
    Cursor.objects.filter(name__startswith=AGAIN).update(position=0)


def read(found: Sequence[Text]) -> None:
    """Let all readers read; what the team said of a text stands before what they find."""
    for workspace, theirs in _by_workspace(found):
        context = context_of(workspace)
        for part in bulk.chunks(theirs, PAGES):
            registry.understand([text.page for text in part], context)
    said = _corrections(found)
    for text in found:
        if text.is_ours:
            text.page.reading = texts.only_language(text.page.reading)
        for name, now in said.get(text.event_id, ()):
            corrected(text.page.reading, name, now)


def context_of(workspace: int, *, alone: bool = False) -> Context:
    """What a workspace adds to the readers: its names, its words, what was learnt from its corrections, and, unless they read `alone`,
    what its optional reader said."""
    words: dict[str, dict[str, str]] = {kind: {} for kind in Vocabulary.Kind.values}
    for kind, term, value in Vocabulary.objects.of(workspace).values_list("kind", "term", "value"):
        words[kind][fold(term)] = value
    named = Listening.objects.of(workspace).filter(kind__in=("brand", "competitor"), archived_at=None, is_draft=False)
    brands = {fold(name): name for name in named.values_list("name", flat=True) if name} | words["brand"]
    learnt = Learnt.objects.of(workspace).filter(is_current=True).exclude(model=None).values_list("reader", "model")
    return Context(brands, words["product"], words["aspect"], dict(learnt), {} if alone else readers.judges_of(workspace))


def _corrections(found: Sequence[Text]) -> dict[bytes, list[tuple[str, str]]]:
    said: dict[bytes, list[tuple[str, str]]] = {}
    if found and Correction.objects.exists():
        for event, name, now in bulk.select(
            "SELECT event_id, field, now FROM listen_correction WHERE event_id IN ({})", [text.event_id for text in found]
        ):
            said.setdefault(bytes(event), []).append((name, now))
    return said


def _follow(cursor: Cursor, rows: Sequence[tuple[Any, ...]], upto: int, size: int) -> None:
    with blame([row[0] for row in rows]):
        roots = {bytes(row[_ROOT]) for row in rows if row[_ROOT] is not None}
        gone, standing = texts.families(roots, upto) if roots else ([], [])
        found = texts.of(list({row[0]: row for row in (*rows, *standing)}.values()))
        read(found)
        with transaction.atomic():
            changes.let_go(gone, for_good=False)
            write(found)
            advance(cursor, upto, size)


def write(found: Sequence[Text]) -> int:
    """Store what was read of these texts, with full text and matches; returns how many say something new.

    Inside the caller's transaction. Texts whose words went meanwhile are passed over.
    """
    if not found:
        return 0
    changes.take(0)  # whoever deletes words waits now, or has deleted them
    there = known.worded(text.event_id for text in found)
    standing = [text for text in found if text.event_id in there]
    sql = f"SELECT {', '.join(COLUMNS)} FROM listen_understanding WHERE seq IN ({{}})"
    stood = {row[_SEQ]: row for row in bulk.select(sql, {text.seq for text in standing})}
    version = registry.version()
    rows = {
        text.seq: (text.event_id, text.workspace, text.seq, 0, version, _point(text), *values(text.page.reading, text.sites))
        for text in standing
    }
    changed = [text for text in standing if text.seq not in stood or tuple(stood[text.seq][_SAID:]) != rows[text.seq][_SAID:]]
    _store([rows[text.seq] for text in changed], stood.keys())
    older = {seq for seq, row in stood.items() if row[_VERSION] != version}
    bulk.execute_in(f"UPDATE listen_understanding SET version = {version:d} WHERE seq IN ({{}})", older)
    _answer(standing, stood.keys(), older | {text.seq for text in changed})
    return len(changed)


def _store(rows: Sequence[tuple[Any, ...]], stood: Iterable[int]) -> None:
    if not rows:
        return
    first = changes.take(len(rows))
    numbered = [(*row[:_CHANGE], first + place, *row[_VERSION:]) for place, row in enumerate(rows)]
    before = set(stood)
    new = [row for row in numbered if row[_SEQ] not in before]
    if connection.vendor == "postgresql":
        bulk.copy(Understanding, COLUMNS, new)
    else:
        bulk.insert(Understanding, COLUMNS, new)
    bulk.upsert(Understanding, COLUMNS, [row for row in numbered if row[_SEQ] in before], "event_id")


def _answer(found: Sequence[Text], stood: Collection[int], changed: Collection[int]) -> None:
    """Make the full text and the matches of these texts what they are now."""
    wanted: dict[tuple[int, int], tuple[Any, ...]] = {}
    for workspace, theirs in _by_workspace(found):
        entries = matching.entries(workspace, [text for text in theirs if text.seq in changed])
        fulltext.remove([entry.point for entry in entries if fulltext.seq_of(entry.point) in stood])
        fulltext.add(entries)
        for pair in matching.match_batch(workspace, theirs):
            wanted[pair[:2]] = (workspace, *pair)
    sql = "SELECT workspace_id, listening_id, seq FROM listen_match WHERE seq IN ({})"
    before = {(listening, seq): workspace for workspace, listening, seq in bulk.select(sql, stood)}
    changes.unmatch([(workspace, *pair) for pair, workspace in before.items() if pair not in wanted])
    changes.put_matches([row for pair, row in wanted.items() if pair not in before])


def _by_workspace(found: Sequence[Text]) -> Iterator[tuple[int, list[Text]]]:
    for workspace, theirs in groupby(sorted(found, key=attrgetter("workspace")), attrgetter("workspace")):
        yield workspace, list(theirs)


def _point(text: Text) -> int:
    return fulltext.point_of(text.row["happened_at"], text.seq)


def _read_again(cursor: Cursor, most: int) -> int:
    """A piece of what is to be read again, newest first; returns how many texts."""
    _note_version()
    for at in Cursor.objects.filter(name__startswith=AGAIN, position__gt=0).order_by("name"):
        of = at.name.removeprefix(AGAIN).strip()
        older = Understanding.objects.filter(seq__lte=at.position).order_by("-seq")
        older = older.filter(workspace=of) if of else older.exclude(version=registry.version())
        seqs = list(older.values_list("seq", flat=True)[:most])
        skipped = aside.passed_over(STEP, 0, at.position)
        found = texts.at(set(seqs) - skipped)
        with blame(sorted(seqs)):
            read(found)
            with transaction.atomic():
                write(found)
                _unwritten(set(seqs) - skipped - {text.seq for text in found})
                if not keep(Cursor.objects.filter(pk=cursor.pk)):
                    raise LostLease(cursor.name)
                left = min(seqs) - 1 if len(seqs) == most else 0
                Cursor.objects.filter(pk=at.pk, position=at.position).update(
                    position=left, done=F("done") + len(seqs), updated_at=timezone.now()
                )
        if seqs:
            return len(seqs)
    return 0


def _unwritten(lost: set[int]) -> None:
    """What is no text any more (a rule of what is read has changed) is understood no more."""
    changes.let_go(
        [bytes(event) for event in bulk.pluck("SELECT event_id FROM listen_understanding WHERE seq IN ({})", lost)], for_good=False
    )


def _note_version() -> None:
    """New readers read everything again."""
    version = registry.version()
    with transaction.atomic():
        at, _ = Cursor.objects.get_or_create(name=VERSION)
        if at.position != version:
            if at.position:
                read_again()
                logger.info("texts are read again", version=version)
            Cursor.objects.filter(pk=VERSION).update(position=version, updated_at=timezone.now())
