"""The form in which a rule is put together: what was typed becomes a rule, and a rule what stands in the fields."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import Workspace
from vincle.listen import stream
from vincle.listen.labels import INTENTS, SENTIMENTS, SUBJECTS
from vincle.listen.query_words import language_name
from vincle.web.tags.people import STAGES, channel_name

from .clauses import FIELDS, MOST_CLAUSES, NOBODY, YES
from .conditions_words import HOURS, NAMES, Names
from .deeds import DEEDS, MOST, NAMED_BY
from .models import Automation
from .wording import KINDS

Given = dict[str, Any]
LANGUAGES = ("ca", "es", "en", "it", "fr", "pt", "de", "nl", "gl", "eu", "pl", "ro", "ar", "uk", "ru", "zh", "ja")
UNITS = {"m": 1, "h": 60, "d": 1440}
UNIT_WORDS: dict[str, Any] = {"m": gettext_lazy("minutes"), "h": gettext_lazy("hours"), "d": gettext_lazy("days")}
_YES_NO = frozenset(name for name, values in FIELDS.items() if values == (YES,))


def blank() -> Given:
    return {"name": "", "moment": "began", "minutes": None, "conditions": [], "deeds": [{"do": "", "value": ""}], "is_on": True}


def of(rule: Automation) -> Given:
    """What a rule says, as its form holds it."""
    return {name: getattr(rule, name) for name in ("name", "moment", "minutes", "conditions", "deeds", "is_on")}


def read(post: QueryDict) -> Given:
    """What was typed. Rows that say nothing yet stay in the form; `meant` leaves them out."""
    conditions = [_condition(post, at) for at in range(_many(post, "conditions", MOST_CLAUSES))]
    deeds = [_deed(post, at) for at in range(_many(post, "deeds", MOST))]
    return {
        "name": post.get("name", "")[:200], "moment": post.get("moment", "")[:10], "minutes": _span(post, "wait"),
        "conditions": conditions, "deeds": deeds, "is_on": bool(post.get("is_on")),
    }  # fmt: skip


def meant(given: Given) -> Given:
    """Without the rows in which nothing is chosen yet."""
    conditions = [each for each in given["conditions"] if _inner(each).get("field")]
    return given | {"conditions": conditions, "deeds": [each for each in given["deeds"] if each["do"]]}


def shaped(given: Given, press: str) -> Given:
    """The form after one of its buttons: "add-condition", "add-deed", "drop-condition-2", "drop-deed-0"; else as it is."""
    verb, _dash, rest = press.partition("-")
    what, _dash, at = rest.partition("-")
    rows = list(given[f"{what}s"]) if what in ("condition", "deed") else []
    if verb == "add" and what == "condition":
        return given | {"conditions": [*rows, {"field": "", "is": []}]}
    if verb == "add" and what == "deed":
        return given | {"deeds": [*rows, {"do": "", "value": ""}]}
    if verb == "drop" and at.isascii() and at.isdecimal() and len(at) < 3 and int(at) < len(rows):
        return given | {f"{what}s": [row for place, row in enumerate(rows) if place != int(at)]}
    return given


def _many(post: QueryDict, name: str, most: int) -> int:
    value = post.get(name, "")
    return min(int(value), most + 1) if value.isascii() and value.isdecimal() and len(value) < 4 else 0


def _condition(post: QueryDict, at: int) -> Given:
    name = post.get(f"c{at}-field", "")[:40]
    clause: Given = {"field": name}
    if name == "words":
        clause["query"] = post.get(f"c{at}-query", "").replace("\x00", "").strip()
    else:
        clause["is"] = [YES] if name in _YES_NO else [each[:200] for each in post.getlist(f"c{at}-is")[:60]]
    return {"not": clause} if post.get(f"c{at}-not") == "1" else clause


def _deed(post: QueryDict, at: int) -> Given:
    do = post.get(f"d{at}-do", "")[:20]
    if do == "snooze":
        return {"do": do, "value": str(_span(post, f"d{at}") or "")}
    return {"do": do, "value": post.get(f"d{at}-value", "").replace("\x00", "").replace("\r\n", "\n")[:30_000]}


def _span(post: QueryDict, name: str) -> int | None:
    amount = post.get(f"{name}-amount", "").strip()
    if not (amount.isascii() and amount.isdecimal() and len(amount) < 7):
        return None
    return int(amount) * UNITS.get(post.get(f"{name}-unit", "m"), 1)


def _inner(clause: Given) -> Given:
    found: Given = clause.get("not", clause)
    return found


# What the fields show


def shown(workspace: Workspace, given: Given, names: Names) -> Given:
    """All that the form draws."""
    choices = _choices(workspace, names)
    return {
        "given": given, "moments": Automation.Moment.choices, "wait": amount(given["minutes"] or 60), "units": list(UNIT_WORDS.items()),
        "conditions": [_condition_row(at, each, choices) for at, each in enumerate(given["conditions"])],
        "deeds": [_deed_row(at, each, names) for at, each in enumerate(given["deeds"])],
        "fields": [(name, NAMES[name]) for name in FIELDS], "dos": list(DEEDS.items()),
    }  # fmt: skip


def amount(minutes: int) -> tuple[int, str]:
    """Minutes in the largest unit that says them wholly."""
    unit = next(unit for unit in ("d", "h", "m") if minutes % UNITS[unit] == 0)
    return minutes // UNITS[unit], unit


def _choices(workspace: Workspace, names: Names) -> dict[str, list[tuple[str, str]]]:
    channels = sorted(((each, channel_name(each)) for each in stream.channels_of(workspace)), key=lambda row: row[1].casefold())
    return {
        "channel": channels, "kind": _plain(KINDS), "intent": _plain(INTENTS), "sentiment": _plain(SENTIMENTS), "topic": _plain(SUBJECTS),
        "language": [(code, language_name(code)) for code in LANGUAGES], "hours": _plain(HOURS),
        "stage": [(str(name), str(words[0])) for name, words in STAGES.items()],
        "team": [(NOBODY, _("No team")), *_named(names, "team")], "assignee": [(NOBODY, _("Nobody")), *_named(names, "assignee")],
        "tag": _named(names, "tag"), "connection": _named(names, "connection"),
    }  # fmt: skip


def _plain(words: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(word)) for name, word in words.items()]


def _named(names: Names, kind: str) -> list[tuple[str, str]]:
    return sorted(names.of.get(kind, {}).items(), key=lambda row: row[1].casefold())


def _condition_row(at: int, clause: Given, choices: dict[str, list[tuple[str, str]]]) -> Given:
    inner = _inner(clause)
    name, chosen = str(inner.get("field", "")), [str(each) for each in inner.get("is") or ()]
    offered = choices.get(name, [])
    strange = [(each, each) for each in chosen if each not in dict(offered)] if offered or name in choices else []
    values = [(value, words, value in chosen) for value, words in [*offered, *strange]]
    return {"at": at, "field": name, "is_not": "not" in clause, "query": inner.get("query", ""), "values": values,
            "is_yes_no": name in _YES_NO, "is_words": name == "words"}  # fmt: skip


def _deed_row(at: int, deed: Given, names: Names) -> Given:
    do, value = str(deed.get("do", "")), str(deed.get("value", ""))
    offered = _named(names, NAMED_BY[do]) if do in NAMED_BY else []
    if do == "assign":
        offered = [(NOBODY, _("Nobody")), *offered]
    wait = amount(int(value)) if do == "snooze" and value.isdecimal() and int(value) else (4, "h")
    return {"at": at, "do": do, "value": value, "values": offered, "is_named": do in NAMED_BY, "wait": wait}
