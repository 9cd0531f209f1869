"""A definition out of words. What is wrong is said with its line: see `BadText`."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ..checks import UNITS, WEEKDAYS, BadDefinition
from ..model import Definition
from ..naming import Names
from ..reading import read
from . import asked, phrases
from .tokens import BadText, Line

__all__ = ["BadText", "Parsed", "parse"]
Json = dict[str, Any]
_LABEL = re.compile(r"\[([a-z0-9][a-z0-9_-]{0,23})\]\s*$")
_MOST_LINES, _LONGEST = 2_000, 20_000
_UNITS = {word: unit for unit in UNITS for word in (unit, unit[:-1])}


class Parsed(NamedTuple):
    definition: Definition
    title: str = ""


def parse(text: str, names: Names | None = None) -> Parsed:
    """What the words say. Steps without a name of their own ([hello]) are given one. Raises BadText."""
    reader = _Reader(text, names or Names())
    made = reader.all()
    try:
        return Parsed(read(made), reader.title)
    except BadDefinition as error:
        raise BadText(reader.line_of(error.path), 1, error.code, error.detail) from error


class _Reader:
    def __init__(self, text: str, names: Names) -> None:
        rows = text.replace("\r\n", "\n").split("\n")
        if len(rows) > _MOST_LINES or any(len(row) > _LONGEST for row in rows):
            raise BadText(min(len(rows), _MOST_LINES), 1, "too_long", str(_MOST_LINES))
        kept = [(number, row) for number, row in enumerate(rows, 1) if row.strip() and not row.lstrip().startswith("--")]
        self.lines = [Line(row.replace("\t", "  "), number, names) for number, row in kept]
        self.taken = {found[1] for _number, row in kept if (found := _LABEL.search(row))}
        self.at, self.it, self.title = 0, "", ""
        self.places: list[tuple[str, int]] = []

    # The whole

    def all(self) -> Json:
        made: Json = {"start": []}
        while (line := self._now()) is not None and self._head(line, made):
            line.ends()
            self.at += 1
        made["steps"] = self.block(0, "steps")
        if (line := self._now()) is not None:
            raise line.bad("otherwise_alone" if line.is_next("otherwise") else "bad_indent")
        if not made["start"]:
            raise BadText(1, 1, "no_start", "When someone …")
        return made

    def _now(self) -> Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def line_of(self, path: str) -> int:
        """The line of the innermost place that a path leads through."""
        fits = [(len(place), line) for place, line in self.places if path == place or path.startswith(f"{place}/")]
        return max(fits)[1] if fits else (self.lines[-1].number if self.lines else 1)

    def _head(self, line: Line, made: Json) -> bool:
        if line.takes("Journey"):
            self.title = line.text()
        elif line.takes("When"):
            asked.someone(line)
            self._add(made, "start", asked.event(line, "", is_start=True), line)
        elif line.takes("Only if"):
            self.places.append(("only", line.number))
            made["only"] = asked.condition(line, "")
        elif line.takes("The goal is that"):
            asked.someone(line)
            self._add(made, "goal", asked.event(line, ""), line)
        elif line.takes("They leave when"):
            asked.someone(line)
            self._add(made, "leave", asked.event(line, ""), line)
        elif line.is_next("They"):
            self._again(line, made)
        elif line.takes("What is more than"):
            self._late(line, made)
        else:
            return False
        return True

    def _add(self, made: Json, key: str, event: Json, line: Line) -> None:
        made.setdefault(key, []).append(event)
        self.places.append((f"{key}/{len(made[key]) - 1}", line.number))

    def _again(self, line: Line, made: Json) -> None:
        self.places.append(("again", line.number))
        made["again"] = {"may": line.first_of(phrases.AGAIN, "; ".join(phrases.AGAIN.values()))}
        if line.takes(","):
            made["again"]["days"] = line.number_()
            if not line.takes("days after they began"):
                line.needs("day after they began")

    def _late(self, line: Line, made: Json) -> None:
        self.places.append(("late", line.number))
        hours = line.number_()
        if not line.takes("hours late"):
            line.needs("hour late")
        made["late"] = {"hours": hours, "then": line.first_of(phrases.LATE, ", ".join(phrases.LATE.values()))}

    # Steps

    def block(self, indent: int, path: str) -> list[Json]:
        """Steps that stand this deep, as far as they go."""
        found: list[Json] = []
        while (line := self._now()) is not None and line.indent == indent and not line.is_next("otherwise"):
            here = f"{path}/{len(found)}"
            self.places.append((here, line.number))
            self.at += 1
            found.append(self._step(line, here))
        if line is not None and line.indent > indent:
            raise line.bad("bad_indent")
        return found

    def _below(self, line: Line, path: str) -> list[Json]:
        """The steps under a line: whatever stands deeper."""
        below = self._now()
        if below is None or below.indent <= line.indent:
            return []
        found = self.block(below.indent, path)
        if (after := self._now()) is not None and (after.indent > line.indent):
            raise after.bad("bad_indent")
        return found

    def _step(self, line: Line, path: str) -> Json:
        for opening, read_step in _STEPS.items():
            if line.takes(opening):
                return read_step(self, line, path)
        raise line.bad("unknown_step", str(line.now.value)[:60])

    def close(self, line: Line, made: Json) -> Json:
        """What ends each step: a note and its name."""
        rest: Json = {"note": line.text()} if line.takes("note") else {}
        key = line.take("label", "") if line.now.kind == "label" else self._name(str(made["do"]))
        line.ends()
        return {"id": key, **made, **rest}

    def _name(self, kind: str) -> str:
        """A name nothing has yet."""
        key = next(name for number in range(1, 10_000) if (name := f"{kind}{number}") not in self.taken)
        self.taken.add(key)
        return key

    def send(self, line: Line, path: str) -> Json:
        made: Json = {"do": "send"}
        if line.takes("survey"):
            made = {"do": "survey", "survey": line.text() if line.now.kind == "text" and "://" in line.now.value else line.thing("survey")}
            line.needs("with letter")
            made["letter"] = line.thing("letter")
        elif line.takes("letter"):
            made["letter"] = line.thing("letter")
        else:
            line.needs("text")
            made["text"] = line.text()
        for phrase, key, value in _SAID:
            if line.takes(phrase):
                made[key] = value(line)
        done = self.close(line, made)
        self.it = done["id"]
        return done

    def wait(self, line: Line, path: str) -> Json:
        if not line.takes("until"):
            return self.close(line, {"do": "wait", "for": span(line)})
        if line.now.kind == "time":
            return self.close(line, {"do": "wait", "until": _to_time(line)})
        if line.now.kind in ("number", "text"):
            return self.close(line, {"do": "wait", "until": asked.date(line)})
        asked.someone(line)
        event = asked.event(line, self.it)
        line.needs(",")
        made: Json = {"do": "wait", "until": event, "most": span(line)}
        line.needs("at most")
        line.takes(":")
        made = self.close(line, made)
        made["came"] = self._below(line, f"{path}/came")
        made["missed"] = self._otherwise(line, f"{path}/missed")
        return made

    def _otherwise(self, above: Line, path: str) -> list[Json]:
        line = self._now()
        if line is None or line.indent != above.indent or not line.takes("otherwise"):
            return []
        line.takes(":")
        line.ends()
        self.at += 1
        return self._below(line, path)

    def branch(self, line: Line, path: str) -> Json:
        it, found = self.it, list[Json]()
        self.places.append((f"{path}/paths/0", line.number))
        condition = asked.condition(line, it)
        line.takes(":")
        made = self.close(line, {"do": "branch"})
        found.append({"if": condition, "steps": self._below(line, f"{path}/paths/0/steps")})
        while (more := self._now()) is not None and more.indent == line.indent and more.takes("otherwise if"):
            self.at += 1
            here = f"{path}/paths/{len(found)}"
            self.places.append((here, more.number))
            condition = asked.condition(more, it)
            more.takes(":")
            more.ends()
            found.append({"if": condition, "steps": self._below(more, f"{here}/steps")})
        return made | {"paths": found, "else": self._otherwise(line, f"{path}/else")}

    def split(self, line: Line, path: str) -> Json:
        line.takes(":")
        made, arms = self.close(line, {"do": "split"}), list[Json]()
        below = self._now()
        depth = below.indent if below is not None else 0
        while (arm := self._now()) is not None and arm.indent == depth > line.indent:
            self.at += 1
            here = f"{path}/arms/{len(arms)}"
            self.places.append((here, arm.number))
            share = arm.number_()
            arm.needs("%")
            name = arm.text()
            arm.takes(":")
            arm.ends()
            arms.append({"name": name, "share": share, "steps": self._below(arm, f"{here}/steps")})
        return made | {"arms": arms}

    def tag(self, line: Line, path: str) -> Json:
        return self.close(line, {"do": "tag", "add": line.text()})

    def untag(self, line: Line, path: str) -> Json:
        return self.close(line, {"do": "tag", "remove": line.text()})

    def score(self, line: Line, path: str) -> Json:
        points = line.number_()
        line.needs("to score")
        return self.close(line, {"do": "score", "field": line.text(), "add": points})

    def field(self, line: Line, path: str) -> Json:
        name = line.text()
        line.needs("to")
        return self.close(line, {"do": "field", "field": name, "to": None if line.takes("nothing") else line.scalar()})

    def stage(self, line: Line, path: str) -> Json:
        name = line.text()
        line.needs("to")
        return self.close(line, {"do": "stage", "field": name, "to": line.text()})

    def task(self, line: Line, path: str) -> Json:
        made: Json = {"do": "task", "text": line.text()}
        if line.takes("for"):
            made["to"] = line.text()
        if line.takes("within"):
            made["due"] = span(line)
        return self.close(line, made)

    def webhook(self, line: Line, path: str) -> Json:
        return self.close(line, {"do": "webhook", "url": line.text()})

    def leave(self, line: Line, path: str) -> Json:
        return self.close(line, {"do": "leave"})


def span(line: Line) -> Json:
    number = line.number_()
    return {_UNITS[line.first_of({word: word for word in _UNITS}, ", ".join(UNITS))]: number}


def _to_time(line: Line) -> Json:
    made: Json = {"time": line.take("time", "09:00")}
    if line.takes("on"):
        days = {day: day for day in WEEKDAYS}
        made["on"] = [line.first_of(days, ", ".join(days))]
        while line.takes(","):
            made["on"].append(line.first_of(days, ", ".join(days)))
    return made


def _medium(line: Line) -> str:
    return line.text() if line.now.kind == "text" else line.word()


_SAID: tuple[tuple[str, str, Callable[[Line], object]], ...] = (
    ("titled", "subject", Line.text),
    ("with code of", "promotion", lambda line: line.thing("promotion")),
    ("by", "medium", _medium),
    ("from", "connection", lambda line: line.thing("connection")),
    ("about", "topic", Line.text),
    ("as", "purpose", Line.word),
)
_STEPS: dict[str, Callable[[_Reader, Line, str], Json]] = {
    "send": _Reader.send, "wait": _Reader.wait, "if": _Reader.branch, "split": _Reader.split, "add tag": _Reader.tag,
    "remove tag": _Reader.untag, "add": _Reader.score, "set field": _Reader.field, "set stage": _Reader.stage,
    "ask a colleague": _Reader.task, "tell": _Reader.webhook, "leave": _Reader.leave,
}  # fmt: skip
