"""Events and conditions out of words, as their JSON."""

from typing import Any

from vincle.organise.segments.reading import PERIODS
from vincle.vocabulary import ObjectType, Verb

from .phrases import ACT_TEXTS, COMPARES, EXACTLY, RESULTS
from .tokens import Line

Json = dict[str, Any]
_DEEPEST = 40
_DAYS = ("in_last", "in_next", "birthday_in_next")
_SOMEONE = ("someone", "the person", "they")


def someone(line: Line) -> None:
    if not any(line.takes(phrase) for phrase in _SOMEONE):
        raise line.bad("expected", "someone")


def event(line: Line, it: str, *, is_start: bool = False) -> Json:
    """Behind "someone": does ..., enters segment ..., opened it ..."""
    for verb, kind in (("enters", "segment"), ("leaves", "segment")):
        if line.takes(f"{verb} {kind}"):
            return {verb: line.thing("segment")}
    for phrase, key in (("submits", "form"), ("answers", "survey")):
        if line.takes(f"{phrase} any {key}"):
            return {key: "*"}
        if line.takes(f"{phrase} {key}"):
            return {key: line.thing("form" if key == "form" else "survey")}
    if line.takes("does"):
        return {"event": act(line)}
    if is_start and line.takes("reaches"):
        return date(line) | {"yearly": line.takes("every year")}
    if not is_start and (found := got(line, it)) is not None:
        return found
    raise line.bad("expected", "enters segment, leaves segment, submits form, answers survey, does")


def date(line: Line) -> Json:
    """3 days before "birthday" at 09:00."""
    days = 0
    if line.now.kind == "number":
        days = int(line.number_())
        if not (line.takes("days") or line.takes("day")):
            raise line.bad("expected", "days")
        days *= -1 if line.first_of({"before": "before", "after": "after"}, "before, after") == "before" else 1
    found: Json = {"date": line.text(), "days": days}
    return found | ({"time": line.take("time", "09:00")} if line.takes("at") else {})


def got(line: Line, it: str) -> Json | None:
    """Opened it, clicked [hello]; None for other words."""
    for result, word in RESULTS.items():
        if not line.is_next(word):
            continue
        before = line.at
        line.at += 1
        if line.takes("it"):
            if not it:
                raise line.bad("no_message_before")
            return {"got": result, "step": it}
        line.takes("step")
        if line.now.kind == "label":
            return {"got": result, "step": line.take("label", "")}
        line.at = before
    return None


def condition(line: Line, it: str, depth: int = 0) -> Json:
    """What stands before and, or."""
    if depth > _DEEPEST:
        raise line.bad("too_deep", str(_DEEPEST))
    parts = [_one(line, it, depth)]
    joint = "and" if line.is_next("and") else "or" if line.is_next("or") else ""
    while joint and line.takes(joint):
        parts.append(_one(line, it, depth))
    if joint and (line.is_next("and") or line.is_next("or")):
        raise line.bad("and_or")
    return {"all" if joint == "and" else "any": parts} if joint else parts[0]


def _one(line: Line, it: str, depth: int) -> Json:
    if line.takes("not"):
        return {"not": _one(line, it, depth + 1)}
    for kind in ("all", "any"):
        if line.takes(f"{kind} of ("):
            return {kind: [_closed(line, it, depth)]}
    if line.takes("("):
        return _closed(line, it, depth)
    if line.takes("everybody"):
        return {"all": []}
    if line.takes("nobody"):
        return {"any": []}
    if line.takes(EXACTLY):
        found: Json = line.take("json", "{…}")
        return found
    if line.takes("their"):
        return _theirs(line)
    line.needs("they")
    return _they(line, it)


def _closed(line: Line, it: str, depth: int) -> Json:
    found = condition(line, it, depth + 1)
    line.needs(")")
    return found


def _theirs(line: Line) -> Json:
    if line.takes("stage is"):
        return {"stage": _texts(line)}
    if line.takes("consent to"):
        purpose = line.text()
        line.needs("by")
        channel = line.text()
        line.needs("is")
        return {"consent": line.text(), "channel": channel, "purpose": purpose}
    if line.takes("score"):
        name = line.text()
        line.needs("is")
        return {"score": name} | ({} if line.takes("known") else limits(line))
    name = line.text()
    return {"trait": name} | _compared(line)


def _compared(line: Line) -> Json:
    compare = line.first_of(COMPARES, ", ".join(COMPARES.values()))
    if compare in ("known", "unknown"):
        return {compare: True}
    if compare == "one_of":
        values = [line.scalar()]
        while line.takes(","):
            values.append(line.scalar())
        return {compare: values}
    if compare in ("before", "after"):
        return {compare: line.take("date", "2026-12-31") if line.now.kind == "date" else line.text()}
    value = line.scalar()
    if compare in _DAYS and not line.takes("days"):
        line.needs("day")
    return {compare: value}


def _they(line: Line, it: str) -> Json:
    if line.takes("are in segment"):
        return {"segment": line.thing("segment")}
    if line.takes("have tag") or line.takes("have the tag"):
        return {"tag": line.text()}
    if line.takes("are in a random share of"):
        share = line.number_()
        return {"random": share} | ({"seed": line.number_()} if line.takes("seed") else {})
    if line.takes("are among the top"):
        count = line.number_()
        line.needs("by")
        return {"top": count, "by": line.text()}
    if line.takes("did"):
        is_denied = line.takes("not")
        asked: Json = {"did_not" if is_denied else "did": act(line), **_window(line)}
        often = {} if is_denied else limits(line, " times")
        return asked | ({"count": often} if often else {})
    if (found := got(line, it)) is not None:
        return found
    raise line.bad("expected", "are in segment, have tag, did, opened it, clicked it")


def _window(line: Line) -> Json:
    if line.takes("in the last"):
        found: Json = {"days": line.number_()}
        if not line.takes("day"):
            line.needs("days")
        return {"within": found}
    if line.takes("since the start of the"):
        return {"within": {"since": line.first_of({period: period for period in PERIODS}, ", ".join(PERIODS))}}
    found = {"from": line.take("date", "2026-01-31")} if line.takes("from") else {}
    found |= {"to": line.take("date", "2026-12-31")} if line.takes("to") else {}
    return {"within": found} if found else {}


def limits(line: Line, unit: str = "") -> Json:
    found: Json = {}
    for key, phrase in (("at_least", "at least"), ("at_most", "at most")):
        if line.takes(phrase):
            found[key] = line.number_()
            if unit and not line.takes(unit.strip()):
                line.needs(unit.strip().removesuffix("s"))
    return found


def act(line: Line) -> Json:
    """Purchase of Order, channel "shop" or "till", amount at least 50."""
    found: Json = {}
    verbs = {verb.value: verb.value for verb in Verb}
    if not line.takes("anything"):
        if not line.is_next("of"):
            found["verb"] = _words(line, verbs)
        if line.takes("of"):
            found["object_type"] = _words(line, {kind.value: kind.value for kind in ObjectType})
    while line.is_next(",") and line.tokens[line.at + 1].kind == "word":
        line.at += 1
        found |= _part_of_act(line)
    return found


def _part_of_act(line: Line) -> Json:
    if line.takes("by us"):
        return {"by": "us"}
    if line.takes("as a reply"):
        return {"is_reply": True}
    if line.takes("as no reply"):
        return {"is_reply": False}
    for name in ("amount", "rating"):
        if line.takes(name):
            return {name: limits(line) or {"at_least": line.number_()}}
    return {line.first_of({name: name for name in ACT_TEXTS}, ", ".join(ACT_TEXTS)): _texts(line)}


def _words(line: Line, known: dict[str, str]) -> list[str]:
    found = [line.first_of(known, ", ".join(known))]
    while line.is_next("or") and str(line.tokens[line.at + 1].value) in known:
        line.at += 1
        found.append(line.first_of(known, ", ".join(known)))
    return found


def _texts(line: Line) -> list[str]:
    found = [line.text()]
    while line.is_next("or") and line.tokens[line.at + 1].kind == "text":
        line.at += 1
        found.append(line.text())
    return found
