"""A workspace's own words: its products and brands, and what of its own stands for an aspect. What changes has all texts read again."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.language._spoken import Names
from vincle.language.page import fold
from vincle.language.query import QueryError, parse
from vincle.store.models import Cursor

from . import fulltext, search, texts, understanding
from .labels import SUBJECTS, label
from .models import Understanding, Vocabulary

MOST: Final = 2_000
LONGEST: Final = 80
LARGEST: Final = 1 << 20
HEADINGS: Final = ("kind", "word", "stands for")
LOOKED_AT, SHOWN = 200, 5
UNDO_SALT, UNDO_SECONDS = "vocabulary", 3600
_WORD = "word"
Kind = Vocabulary.Kind


class Refused(ValueError):
    """What cannot be done, as a sentence; `field` at fault."""

    def __init__(self, sentence: str, field: str = "term") -> None:
        super().__init__(sentence)
        self.field = field


class Done(NamedTuple):
    """`undo` is a token that `take_back` takes, within an hour."""

    row: Vocabulary
    undo: str


@dataclass
class Brought:
    """What an import did: lines that could not be taken stand in `wrong` with their number and why."""

    added: int = 0
    changed: int = 0
    same: int = 0
    wrong: list[tuple[int, str]] = field(default_factory=list)


def save(workspace: Workspace, user: User | None, kind: str, term: str, value: str, row: Vocabulary | None = None) -> Done:
    """Add a word, or change one. Refused."""
    kind, term, value = _checked(kind, term, value)
    before = [row.kind, row.term, row.value] if row else None
    with transaction.atomic():
        own = row.pk if row else 0
        _check_room(workspace, kind, term, own)
        if row is None:
            row = Vocabulary.objects.create(workspace=workspace, kind=kind, term=term, value=value)
            audit.record(workspace, user, "created", _WORD, row.pk, term, kind=kind, value=value)
        elif before != [kind, term, value]:
            row.kind, row.term, row.value = kind, term, value
            row.save(update_fields=["kind", "term", "value"])
            audit.record(workspace, user, "changed", _WORD, row.pk, term, kind=kind, value=value, before=before)
        if before != [kind, term, value]:
            understanding.read_again(workspace)
    return Done(row, _undo(workspace, row.pk, before, [kind, term, value]))


def delete(row: Vocabulary, user: User | None) -> Done:
    was = [row.kind, row.term, row.value]
    with transaction.atomic():
        audit.record(row.workspace, user, "deleted", _WORD, row.pk, row.term, kind=row.kind, value=row.value)
        Vocabulary.objects.of(row.workspace).filter(pk=row.pk).delete()
        understanding.read_again(row.workspace_id)
    return Done(row, _undo(row.workspace, row.pk, was, None))


def take_back(workspace: Workspace, user: User | None, token: str) -> None:
    """Undo a change, as long as the word is as it was left. Refused."""
    try:
        pk, before, left = signing.loads(token, salt=f"{UNDO_SALT}:{workspace.pk}", max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Refused(_("This can no longer be taken back.")) from error
    with transaction.atomic():
        row = Vocabulary.objects.select_for_update().of(workspace).filter(pk=pk).first()
        if left != ([row.kind, row.term, row.value] if row else None):
            raise Refused(_("This can no longer be taken back."))
        if before is None:
            Vocabulary.objects.of(workspace).filter(pk=pk).delete()
        else:
            kind, term, value = before
            _check_room(workspace, kind, term, pk)
            Vocabulary.objects.update_or_create(pk=pk, defaults={"workspace": workspace, "kind": kind, "term": term, "value": value})
        audit.record(workspace, user, "take back", _WORD, pk, (before or left)[1])
        understanding.read_again(workspace)


def bring(workspace: Workspace, user: User | None, data: bytes) -> Brought:
    """Take in a CSV of `HEADINGS`, in any order and with any usual separator; good lines are kept whatever others hold. Refused."""
    if len(data) > LARGEST:
        raise Refused(_("This file is too large for a list of words."), "file")
    found = Brought()
    with transaction.atomic():
        known = {(row.kind, fold(row.term)): row for row in Vocabulary.objects.select_for_update().of(workspace)}
        for line, cells in _lines(data):
            try:
                kind, term, value = _checked(*cells)
            except Refused as error:
                found.wrong.append((line, str(error)))
                continue
            stood = known.get((kind, fold(term)))
            if stood is None and len(known) >= MOST:
                found.wrong.append((line, _too_many()))
            elif stood is None:
                known[kind, fold(term)] = Vocabulary.objects.create(workspace=workspace, kind=kind, term=term, value=value)
                found.added += 1
            elif (stood.term, stood.value) != (term, value):
                stood.term, stood.value = term, value
                stood.save(update_fields=["term", "value"])
                found.changed += 1
            else:
                found.same += 1
        if found.added or found.changed:
            audit.record(workspace, user, "imported", "words", "", added=found.added, changed=found.changed, wrong=len(found.wrong))
            understanding.read_again(workspace)
    return found


def rows(workspace: Workspace) -> Iterator[tuple[str, str, str]]:
    """As they are exported."""
    yield from Vocabulary.objects.of(workspace).order_by("kind", "term").values_list("kind", "term", "value")


class Hit(NamedTuple):
    """A stored text and where in it a word was found: before it, itself, behind it."""

    seq: int
    before: str
    word: str
    after: str


class Matched(NamedTuple):
    """Of the newest `looked_at` texts with these words those in which it would be found, some of them shown."""

    texts: int
    is_all: bool
    hits: list[Hit]


def matched(workspace: Workspace, term: str) -> Matched:
    """What a word would be found in, of what is stored."""
    names = Names({fold(_clean(term)): term}) if _clean(term) else None
    if not names:
        return Matched(0, True, [])
    try:
        asked = search.prepare(workspace, parse('"' + _clean(term).replace('"', " ").lstrip("#@") + '"'))
    except QueryError:
        return Matched(0, True, [])
    points = search.points(asked, size=LOOKED_AT)
    found = []
    for text in reversed(texts.at(fulltext.seq_of(point) for point in points)):
        page = text.page
        place = next(iter(names.find(page)), None) if text.workspace == workspace.pk else None
        if place is not None:
            start, end = page.starts[place[0]], page.end(place[1] - 1)
            found.append(Hit(text.seq, page.text[max(start - 80, 0) : start], page.text[start:end], page.text[end : end + 80]))
    return Matched(len(found), len(points) < LOOKED_AT, found[:SHOWN])


class Again(NamedTuple):
    """How far the reading again has come: texts of how many."""

    done: int
    of: int


def progress(workspace: Workspace) -> Again | None:
    """None when no text of the workspace waits to be read again."""
    names = [f"{understanding.AGAIN} {workspace.pk}", understanding.AGAIN]
    place = max(Cursor.objects.filter(name__in=names).values_list("position", flat=True), default=0)
    if not place:
        return None
    theirs = Understanding.objects.of(workspace)
    total = theirs.count()
    return Again(total - theirs.filter(seq__lte=place).count(), total)


def _checked(kind: str, term: str, value: str) -> tuple[str, str, str]:
    term, value = _clean(term), _clean(value)
    if kind not in Kind.values:
        raise Refused(_("Choose what it is: %(kinds)s.") % {"kinds": ", ".join(Kind.values)}, "kind")
    if not term or not Names({fold(term): term}):
        raise Refused(_("Write the word."), "term")
    if len(term) > LONGEST or len(value) > LONGEST:
        raise Refused(_("No more than %(most)d letters.") % {"most": LONGEST}, "term" if len(term) > LONGEST else "value")
    if kind == Kind.ASPECT:
        value = aspect_of(value)
        if not value:
            raise Refused(_("Say which aspect it stands for."), "value")
    return kind, term, value or term


def aspect_of(said: str) -> str:
    """The id of an aspect given by its id or its name; other words are an aspect of the workspace's own.

    >>> aspect_of("Price"), aspect_of("Mortgage advice")
    ('price', 'mortgage_advice')
    """
    wanted = fold(said)
    for name, words in SUBJECTS.items():
        if wanted in (fold(name), fold(str(words))):
            return name
    return "_".join(wanted.replace("|", " ").replace(":", " ").split())[:60]


def shown(row: Vocabulary) -> str:
    """What a word stands for, as people read it."""
    return label("aspects", row.value) if row.kind == Kind.ASPECT else row.value


def _clean(text: str) -> str:
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def _check_room(workspace: Workspace, kind: str, term: str, own: int) -> None:
    there = Vocabulary.objects.of(workspace).exclude(pk=own)
    if any(fold(each) == fold(term) for each in there.filter(kind=kind).values_list("term", flat=True)):
        raise Refused(_("“%(word)s” is there already.") % {"word": term})
    if there.count() >= MOST:
        raise Refused(_too_many())


def _too_many() -> str:
    return _("There is room for %(most)d words.") % {"most": MOST}


def _undo(workspace: Workspace, pk: int, before: list[str] | None, left: list[str] | None) -> str:
    return signing.dumps([pk, before, left], salt=f"{UNDO_SALT}:{workspace.pk}")


def _lines(data: bytes) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """(line, (kind, word, what it stands for)) of a file. Refused."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [" ".join(fold(cell).split()) for cell in next(table, [])]
        places = [_place(names, *each) for each in (("kind",), ("word", "term"), ("stands for", "value"))]
        if None in places[:2]:
            raise Refused(_("The first line has to name the columns: %(names)s.") % {"names": ", ".join(HEADINGS)}, "file")
        for cells in table:
            if any(cell.strip() for cell in cells):
                kind, term, value = (_cell(cells, place) for place in places)
                yield table.line_num, (_kind(kind), term, value)
    except csv.Error as error:
        raise Refused(_("Line %(line)d cannot be read.") % {"line": table.line_num}, "file") from error


def _place(names: list[str], *wanted: str) -> int | None:
    return next((names.index(each) for each in wanted if each in names), None)


def _cell(cells: list[str], place: int | None) -> str:
    """A cell as it was before it was made safe for spreadsheets."""
    text = cells[place].strip() if place is not None and place < len(cells) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _kind(said: str) -> str:
    wanted: dict[str, Any] = {fold(str(words)): value for value, words in Kind.choices}
    return str(wanted.get(fold(said.strip()), fold(said.strip())))
