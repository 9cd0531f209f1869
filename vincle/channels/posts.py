"""Posts, comments, mentions and reviews as tables: what listening tools and platforms export, or a plain list of texts."""

import csv
import io
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO, ClassVar

from msgspec import Struct

from vincle.vocabulary import Activity, Direction, Fact, ObjectType, Outcome, Reject, Warn

from . import _columns, _tables
from ._columns import Evidence, Guess, Seen
from ._dates import looks_like_date
from ._identifiers import fold
from ._post_rows import DAMAGED_ID, Post, Put, hashtags_in, key_of, put_for, rating_of, verb_and_object
from ._post_words import COUNTS, FIELDS, field_of, network_of
from ._rows import Table
from ._text import clean
from .base import Channel, FileError, Options, Preview, Sample, Spec

_DATED = frozenset({"time"})
_ONCE = frozenset({"author", "author_id", "time", "id", "rating", "reply_to", "thread", "sentiment", "network"})
_COMMERCE = frozenset("invoice order quantity price total amount sku customer email phone".split(" "))


class _Plan(Struct, frozen=True):
    """How the rows of one file are read. `space` prefixes ids that are unique only within their file."""

    puts: tuple[tuple[int, Put], ...]
    options: Options
    network: str
    ids: bool
    space: str
    timed: bool
    own: bool
    damaged: Warn | None = None


class Posts(Channel):
    """What people wrote, one a row."""

    spec: ClassVar[Spec] = Spec(
        id="posts", name="Posts, mentions and reviews", icon="message-2", family="posts", capabilities=frozenset({"file"}),
        handle_kinds=("x", "x_username", "facebook", "instagram", "instagram_username", "web", "email"),
        extensions=(".csv", ".tsv", ".tab", ".txt", ".xlsx", ".json", ".jsonl"))

    def recognise(self, sample: Sample) -> float:
        seen = _tables.glance(sample)
        if seen is None:
            return 0.0
        if not seen.headings:
            return 0.25
        guesses = guess_columns(list(seen.headings), [list(row) for row in seen.rows], seen.has_headings)
        fields = {guess.field for guess in guesses if guess.confidence >= 0.9}
        words = {word for heading in seen.headings for word in fold(heading).split()}
        score = _score(fields) - 0.15 * len(words & _COMMERCE)
        by_values = {guess.field for guess in guesses}
        if seen.kind == "json":
            score = min(score, 0.45) if {"text", "time"} <= fields and len(seen.headings) < 40 and len(seen.rows) > 1 else 0.0
        elif "text" in by_values and "text" not in fields:
            score = max(score, 0.2 if seen.kind == "lines" or "time" in by_values or not seen.has_headings else 0.0)
        return min(0.9, score) if score > 0.1 else 0.0

    def fields(self) -> tuple[str, ...]:
        return FIELDS

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        network = network_of(_tables.open_table(file, options).headings)
        return _columns.preview(self.spec.id, "" if network == "web" else network, file, options, _guess, _DATED)

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        plan = _plan(file, options)
        return _read(_tables.open_table(file, options), plan)


def _score(fields: set[str]) -> float:
    counts = len(fields & set(COUNTS))
    who = bool(fields & {"author", "author_id", "author_name"})
    if fields & {"text", "title"}:
        extras = 0.05 * min(counts, 3) + 0.15 * ("rating" in fields) + 0.1 * ("sentiment" in fields)
        return 0.35 + 0.25 * ("time" in fields) + 0.2 * who + extras
    return 0.55 + 0.1 * min(counts, 3) if "time" in fields and counts >= 2 else 0.3 * ("rating" in fields and who)


def _guess(table: Table, rows: list[list[str]]) -> list[Guess]:
    return guess_columns(table.headings, rows, table.has_headings)


def guess_columns(headings: list[str], rows: list[list[str]], has_headings: bool = True) -> list[Guess]:
    """The field of each column, told by its heading, else (text and time only) by its values."""
    guesses: list[Guess] = []
    taken: set[str] = set()
    for index, heading in enumerate(headings):
        values = [row[index].strip() for row in rows if row[index].strip()]
        field = field_of(heading, _are_numbers(values)) if has_headings else None
        if field in _ONCE and field in taken:
            field = None
        if field == "rating" and values and sum(rating_of(value)[0] is not None for value in values) * 2 < len(values):
            field = "text" if fold(heading) == "note" else None
        guesses.append(Guess(field, 0.9) if field else Guess(f"custom:{heading}", 0.5))
        taken.add(field or "")
    if not taken & {"text", "title"} and len(taken & set(COUNTS)) < 2:
        _guess_text(headings, rows, guesses)
    if "time" not in taken:
        _guess_time(rows, guesses)
    return guesses


def _are_numbers(values: list[str]) -> bool:
    return bool(values) and all(value.replace(".", "", 1).isdecimal() for value in values)


def _guess_text(headings: list[str], rows: list[list[str]], guesses: list[Guess]) -> None:
    """The column with the longest texts of several words is what was written."""
    free = [index for index, guess in enumerate(guesses) if guess.field.startswith("custom:")]
    best = max(free, key=lambda index: sum(len(row[index]) for row in rows), default=-1)
    if best >= 0 and rows:
        spaces = sum(row[best].count(" ") for row in rows) / len(rows)
        if spaces >= 4 or (len(headings) == 1 and spaces >= 2):
            guesses[best] = Guess("text", 0.6)


def _guess_time(rows: list[list[str]], guesses: list[Guess]) -> None:
    for index, guess in enumerate(guesses):
        values = [row[index] for row in rows if row[index].strip()]
        if guess.field.startswith("custom:") and values and sum(map(looks_like_date, values)) >= 0.8 * len(values):
            guesses[index] = Guess("time", 0.6)
            return


def _plan(file: BinaryIO, options: Options) -> _Plan:
    table = _tables.open_table(file, options)
    fields = _columns.mapped(table.headings, _guess(table, _columns.first_rows(table)), options.mapping, FIELDS)
    typed = [index for index, field in enumerate(fields) if field == "rating"]
    dated = [index for index, field in enumerate(fields) if field in _DATED]
    evidence = _columns.survey(_tables.open_table(file, options), typed, dated, options).evidence if typed or dated else {}
    if not set(fields) & {"text", "title", "url", "rating", *COUNTS}:
        raise FileError("missing_field", "text")
    known = set(FIELDS)
    puts = []
    for index in sorted(range(len(fields)), key=lambda index: fields[index] != "rating_max"):
        field = fields[index]
        if field in known or field.startswith("custom:"):
            seen = evidence.get(index) or Evidence(options.locale.zone, options.date_order, False)
            puts.append((index, put_for(field, table.headings[index], seen)))
    ids, space, damaged = _ids(file, options, fields, table.headings)
    authored = bool({"author", "author_id", "author_name"} & set(fields))
    own = not authored and len(set(fields) & set(COUNTS)) >= 2
    return _Plan(tuple(puts), options, network_of(table.headings), ids, space, "time" in fields, own, damaged)


def _ids(file: BinaryIO, options: Options, fields: list[str], headings: list[str]) -> tuple[bool, str, Warn | None]:
    """Whether the id column tells different rows apart, and its name space: short numbers are unique in their own file only."""
    if "id" not in fields:
        return False, "", None
    column = fields.index("id")
    ids, contents, distinct, different, longest = Seen(), Seen(), 0, 0, 0
    for row in _tables.open_table(file, options).rows:
        if isinstance(row, tuple) and (cell := row[1][column].strip()):
            if DAMAGED_ID(cell):
                return False, "", Warn(line=row[0], code="damaged_ids", field=headings[column], detail=cell[:80])
            distinct += not ids.first(hash(cell), row[0])
            different += not contents.first(hash(tuple(row[1])), row[0])
            longest = max(longest, len(key_of(cell)) if key_of(cell).isdecimal() else 99)
    return distinct >= 0.95 * different > 0, f"{options.file_key[:16]}:" if longest < 8 else "", None


def _read(table: Table, plan: _Plan) -> Iterator[Outcome]:
    seen, known = Seen(), Seen()
    if plan.damaged:
        yield plan.damaged
    for row in table.rows:
        if not isinstance(row, tuple):
            yield row
            continue
        line, cells = row
        post = Post(line, plan.network)
        for index, put in plan.puts:
            cell = cells[index]
            if cell:
                cell = cell.strip() if cell.isprintable() else clean(cell)
                if cell:
                    put(post, cell)
        if rejected := _refuse(post, plan):
            yield Reject(line=line, code=rejected, field="", detail=_detail(post, rejected), raw=_raw(cells))
            continue
        activity = _activity(post, plan)
        if first := seen.first(hash(activity.native_id), line):
            post.warn("duplicate_in_file", "id" if plan.ids else "text", f"line {first}")
        yield activity
        handles = post.handles()
        if len(handles) > 1 and not known.first(hash(handles[0].value), line):
            native = f"{plan.options.reading_key or plan.options.file_key}:{line}:author"
            yield Fact(native_id=native, observed_at=plan.options.now, handles=handles, name=handles[0].name)
        yield from post.warns


def _refuse(post: Post, plan: _Plan) -> str:
    """Why a row cannot go in, or ''."""
    filled = post.fields.keys() & {"text", "title", "url", "rating"}
    if not (filled or post.props or post.body or post.author or post.author_id or post.id):
        return "no_time" if "happened_at" in post.fields else "empty_row"
    if plan.timed and "happened_at" not in post.fields:
        return post.damaged_time or "no_time"
    return "" if filled or post.props else "no_text"


def _detail(post: Post, code: str) -> str:
    return next((f"{warn.field}: {warn.detail}" for warn in post.warns if warn.code == code), "")


def _raw(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([clean(cell) for cell in cells])
    return line.getvalue()[:2000]


def _activity(post: Post, plan: _Plan) -> Activity:
    fields, actor = post.fields, post.actor()
    verb, object_type = verb_and_object(post)
    if plan.own and object_type is ObjectType.MENTION:
        object_type = ObjectType.NOTE
    if post.network != "web":
        post.props["network"] = post.network
    outward = post.inbound is False or (plan.own and actor is None)
    happened_at = fields.pop("happened_at", plan.options.now)
    if plan.space:
        fields |= {name: plan.space + fields[name] for name in ("parent_key", "thread_key") if name in fields}
    identity = f"{actor.kind}:{actor.value}" if actor else ""
    native = plan.space + post.id if plan.ids and post.id else _hash(identity, happened_at.isoformat() if plan.timed else "", post)
    if "hashtags" not in fields and (tags := hashtags_in(fields.get("text", ""))):
        fields["hashtags"] = tags
    return Activity(verb=verb, object_type=object_type, native_id=native, happened_at=happened_at, actor=None if plan.own else actor,
                    direction=Direction.OUT if outward else Direction.IN, object_key=native, props=post.props, body=post.body, **fields)


def _hash(actor: str, time: str, post: Post) -> str:
    """The name of a post without an id of its own: who, when, what."""
    what = post.fields.get("text") or post.fields.get("title") or post.fields.get("url") or repr(sorted(post.props.items()))
    return blake2b("\x1f".join((actor, time, what)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


channel = Posts()
