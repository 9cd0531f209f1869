"""Journeys out of a table: one row a path with counts, or one row a journey with 0 or 1; what cannot be read is named by its line."""

import gc
import gzip
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np

from vincle.channels import _tables as tables
from vincle.channels._text import clean
from vincle.channels.base import FileError, Options
from vincle.identify.linkage import words
from vincle.identify.linkage.files import plain_cell
from vincle.project.commands.survey_columns import Faulty, number
from vincle.science.attribution import Paths, of_flat
from vincle.vocabulary import Reject

USUAL: Final = " > "
MOST: Final = 16 << 30
"""Bytes that a packed file may unpack to."""
_PIECE: Final = 1_000
_WORDS: Final = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


class Wanted(NamedTuple):
    """Headings; "" where there is none. `sep` "": told by the paths."""

    path: str
    conversions: str = ""
    value: str = ""
    nulls: str = ""
    days: str = ""
    sep: str = ""


class Found(NamedTuple):
    """`faults`: rows that could not be read, each with its line and reason."""

    paths: Paths
    rows: int
    faults: list[str]
    notes: list[str]
    sep: str


def read(path: Path, wanted: Wanted, encoding: str = "", sheet: str = "") -> Found:
    """FileError and OSError for a file that cannot be read, Faulty for a column that is not there."""
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head != b"\x1f\x8b":
            return _read(file, path.name, wanted, encoding, sheet)
        with tempfile.TemporaryFile() as unpacked:
            _unpack(file, cast(BinaryIO, unpacked))
            return _read(cast(BinaryIO, unpacked), path.name, wanted, encoding, sheet)


def _unpack(file: BinaryIO, to: BinaryIO) -> None:
    try:
        with gzip.GzipFile(fileobj=file) as packed:
            while piece := packed.read(1 << 20):
                to.write(piece)
                if to.tell() > MOST:
                    raise FileError("too_large")
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise FileError("broken_gzip", str(fault)) from fault


def _read(file: BinaryIO, name: str, wanted: Wanted, encoding: str, sheet: str) -> Found:
    options = Options(file_key="", now=datetime.now(UTC), name=name, sheet=sheet, encoding=encoding)
    table = tables.open_table(file, options)
    gathered = _Gathered(table, wanted, name)
    with _no_garbage():
        gathered.take_all()
        return gathered.told()


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Rows hold no cycles: looking for some among a million costs as much as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Places(dict[str, int]):
    """Each text that was asked for, numbered in order of first appearance."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place


class _Figures(dict[str, float]):
    """Cells as numbers; nan for what is none."""

    def __missing__(self, cell: str) -> float:
        value = self[cell] = _figure(cell)
        return value


class _Channels(dict[str, int]):
    """Parts of paths as places of channels, -1 for nothing; the same name with other blanks is the same channel."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def __missing__(self, part: str) -> int:
        name = " ".join((part if part.isprintable() else clean(part)).split())
        place = self[part] = self.names.setdefault(name, len(self.names)) if name else -1
        return place

    def steps(self, text: str, sep: str) -> list[int]:
        text = plain_cell(text) if len(text) < 16 else text
        core = sep.strip()
        if core and core != sep and (text.startswith(core) or text.endswith(core)):
            # A cell is read without blanks around it: "A > " ends in a separator nevertheless.
            text = f" {text} "
        found = [self[part] for part in text.split(sep)]
        return [step for step in found if step >= 0] if -1 in found else found


class _Gathered:
    """Rows as they come, piece by piece: each distinct path once, its place by row, and the figures by row."""

    def __init__(self, table: tables.Table, wanted: Wanted, name: str) -> None:
        self.table, self.wanted, self.name = table, wanted, name
        self.texts, self.known = _Places(), _Figures()
        self.place = array("q")
        self.figures = {each: array("d") for each in ("conversions", "value", "nulls") if getattr(wanted, each)}
        self.days: list[str] = []
        self.lines = array("q")
        self.faults: list[tuple[int, str]] = []

    def take_all(self) -> None:
        rows = self.table.rows
        headings = self.table.headings
        if not self.table.has_headings:
            first = next((row for row in rows if isinstance(row, tuple)), (0, []))
            headings = [cell.strip() for cell in first[1]]
        where = {each: _place(headings, heading, self.name) for each, heading in self.wanted._asdict().items() if heading and each != "sep"}
        while piece := list(islice(rows, _PIECE)):
            kept = [row for row in piece if isinstance(row, tuple)]
            self.faults += [(row.line, words.fault(row.code, row.detail)) for row in piece if isinstance(row, Reject)]
            if kept:
                self._take(kept, where)

    def _take(self, rows: list[tuple[int, list[str]]], where: dict[str, int]) -> None:
        figures = {each: [self.known[row[1][where[each]]] for row in rows] for each in self.figures}
        is_bad = np.zeros(len(rows), np.bool_)
        for each, column in figures.items():
            values = np.asarray(column)
            bad = ~is_bad & ~(values == values if each == "value" else values >= 0)
            is_bad |= bad
            self.faults += [
                (rows[at][0], f"'{rows[at][1][where[each]][:60]}' is no number of {each}") for at in np.flatnonzero(bad).tolist()
            ]
        if is_bad.any():
            good = np.flatnonzero(~is_bad).tolist()
            rows = [rows[at] for at in good]
            figures = {each: [column[at] for at in good] for each, column in figures.items()}
        for each, column in figures.items():
            self.figures[each].extend(column)
        path = where["path"]
        self.place.extend([self.texts[row[1][path]] for row in rows])
        if "days" in where:
            self.lines.extend([row[0] for row in rows])
            self.days += [row[1][where["days"]] for row in rows]

    def told(self) -> Found:
        sep = self.wanted.sep or _separator(self.texts)
        known = _Channels()
        steps = [known.steps(text, sep) for text in self.texts]
        channels = tuple(known.names)
        place = np.asarray(self.place, np.int64)
        figures = {each: np.asarray(values, np.float64) for each, values in self.figures.items()}
        notes: list[str] = []
        conversions, value, nulls = _outcomes(place.size, figures, notes)
        rows = place.size
        if self.wanted.days:
            paths = self._timed(channels, steps, place, sep, (conversions, value, nulls))
        else:
            sums = [np.bincount(place, each, len(steps)) for each in (conversions, value, nulls)]
            starts, flat = _flat(steps)
            paths = of_flat(channels, flat, starts, *sums)
        if empty := sum(not each for each in steps):
            empty_rows = int(np.isin(place, [at for at, each in enumerate(steps) if not each]).sum())
            notes.append(f"{empty_rows:,} rows name no touchpoint: {paths.untouched:,.0f} conversions are owed to none" if empty else "")
        if steps and max(map(len, steps)) < 2:
            notes.append(f"no path has more than one touchpoint: is '{sep}' what parts them (--sep)?")
        return Found(paths, rows, [f"{self.name}, line {line}: {reason}" for line, reason in sorted(self.faults)], notes, sep)

    def _timed(self, channels: tuple[str, ...], steps: list[list[int]], place: np.ndarray, sep: str, sums: tuple[np.ndarray, ...]) -> Paths:
        """Rows stay apart: the days of one are not those of another."""
        kept: list[int] = []
        every: list[float] = []
        for row, (at, text) in enumerate(zip(place.tolist(), self.days, strict=True)):
            days = [number(part.strip()) for part in text.split(sep.strip() or sep)] if text.strip() else []
            if len(days) != len(steps[at]) or any(day is None or day < 0 for day in days):
                self.faults.append((self.lines[row], f"'{text[:60]}' is not one number of days for each of {len(steps[at])} touchpoints"))
            else:
                kept.append(row)
                every += [day for day in days if day is not None]
        starts, flat = _flat([steps[place[row]] for row in kept])
        return of_flat(channels, flat, starts, *(each[kept] for each in sums), days_before=every)


def _place(headings: list[str], heading: str, name: str) -> int:
    for same in (str.__eq__, lambda one, other: one.casefold().strip() == other.casefold().strip()):
        found = [at for at, each in enumerate(headings) if same(each, heading)]
        if len(found) == 1:
            return found[0]
    raise Faulty(f"{name} has no column '{heading}'. It has: {', '.join(headings[:40])}.", True)


def _figure(cell: str) -> float:
    """nan for what is no number; nothing said is 0."""
    text = plain_cell(cell)
    if not text:
        return 0.0
    value = _WORDS.get(text.casefold())
    value = number(text) if value is None else value
    return float("nan") if value is None else value


def _separator(texts: dict[str, int]) -> str:
    """' > ', unless no path has it and some have '>' alone."""
    return USUAL if any(USUAL in text for text in texts) or not any(">" in text for text in texts) else ">"


def _flat(steps: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.concatenate(([0], np.cumsum(np.fromiter(map(len, steps), np.int64, len(steps))))).astype(np.int64)
    return starts, np.fromiter(chain.from_iterable(steps), np.int32, int(starts[-1]))


def _outcomes(rows: int, figures: dict[str, np.ndarray], notes: list[str]) -> tuple[np.ndarray, ...]:
    """(conversions, value, nulls) by row."""
    conversions = figures.get("conversions")
    nulls, value = figures.get("nulls", np.zeros(rows)), figures.get("value", np.zeros(rows))
    if conversions is None:
        conversions = np.ones(rows)
        notes.append("each row is taken for one conversion: no column of conversions is named")
    elif "nulls" not in figures and np.isin(conversions, (0, 1)).all():
        nulls = 1 - conversions
        notes.append(f"each row is one journey: {int(nulls.sum()):,} of {rows:,} did not convert")
    elif "nulls" not in figures:
        notes.append("no column of journeys without a conversion is named (--nulls): the chain knows conversions alone")
    idle = (conversions == 0) & (value != 0)
    if idle.any():
        notes.append(f"{int(idle.sum()):,} rows have a value and no conversion: it is not counted")
        value = np.where(idle, 0.0, value)
    return conversions, value, nulls
