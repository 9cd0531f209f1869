"""What the Ask screen and `vincle query` say: why there is no answer, and what each column means."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vincle.engines.table import LAYOUTS

if TYPE_CHECKING:
    from .ask import Trouble

SENTENCES: Mapping[str, Any] = {
    "empty": gettext_lazy("There is nothing to answer yet. Begin with: SELECT … FROM activity"),
    "too_long": gettext_lazy("The question is too long: at most 20,000 characters."),
    "busy": gettext_lazy("Other questions are being answered. Ask again in a moment."),
    "syntax": gettext_lazy("This cannot be read as SQL: %(said)s"),
    "not_select": gettext_lazy("Only questions can be asked: one SELECT (also WITH, VALUES or UNION). Nothing can be changed from here."),
    "several": gettext_lazy("One question at a time: these are %(name)s statements."),
    "too_deep": gettext_lazy("The question is nested too deeply."),
    "unknown_table": gettext_lazy("There is no table “%(name)s”."),
    "unknown_column": gettext_lazy("There is no column “%(name)s”."),
    "unknown_function": gettext_lazy("There is no function “%(name)s”."),
    "table_function": gettext_lazy("“%(name)s” cannot stand in the place of a table: only %(tables)s can be read."),
    "function": gettext_lazy("“%(name)s” is closed: it looks beyond the rows of your workspace."),
    "schema": gettext_lazy("“%(name)s” is closed: only %(tables)s can be read, by their plain names."),
    "file": gettext_lazy("Files and addresses cannot be read from here, only the tables %(tables)s."),
    "time": gettext_lazy("This took too long and was stopped. Ask about fewer months, or count before you join."),
    "memory": gettext_lazy("This needs more memory than a question may take. Ask about fewer months or columns, or group before you join."),
    "other": gettext_lazy("The question cannot be answered: %(said)s"),
}  # fmt: skip

TABLES: Mapping[str, Any] = {
    "activity": gettext_lazy("One row for each thing someone did"),
    "handle": gettext_lazy("Which address, number or account belongs to whom"),
    "person": gettext_lazy("One row for each person or organisation"),
    "match": gettext_lazy("One row for each text that a query of your team asks for"),
    "day": gettext_lazy("Activities counted by day"),
}
_WORKSPACE = gettext_lazy("Number of this workspace")
COLUMNS: Mapping[tuple[str, str], Any] = {
    ("activity", "seq"): gettext_lazy("Place in the log"),
    ("activity", "event_id"): gettext_lazy("Id of this row, for ever"),
    ("activity", "root_id"): gettext_lazy("Id of the row that this one corrects"),
    ("activity", "workspace"): _WORKSPACE,
    ("activity", "connection"): gettext_lazy("Account or file source it came through"),
    ("activity", "channel"): gettext_lazy("Where: instagram, email, web, shop …"),
    ("activity", "verb"): gettext_lazy("What was done: Create, Like, View, Purchase …"),
    ("activity", "object_type"): gettext_lazy("To what: Note, Page, Order, Review …"),
    ("activity", "reaction"): gettext_lazy("Which reaction, e.g. love"),
    ("activity", "event_name"): gettext_lazy("Name your site or app gave the event"),
    ("activity", "actor"): gettext_lazy("Who did it: a handle.key"),
    ("activity", "target"): gettext_lazy("To whom: a handle.key"),
    ("activity", "object_key"): gettext_lazy("Which post, page, order …"),
    ("activity", "parent_key"): gettext_lazy("What it answers"),
    ("activity", "thread_key"): gettext_lazy("Conversation it belongs to"),
    ("activity", "campaign_key"): gettext_lazy("Campaign that led here"),
    ("activity", "happened_at"): gettext_lazy("When it happened (UTC)"),
    ("activity", "observed_at"): gettext_lazy("When its source saw it (UTC)"),
    ("activity", "received_at"): gettext_lazy("When Vincle received it (UTC)"),
    ("activity", "direction"): gettext_lazy("“in”: from others, “out”: from you"),
    ("activity", "is_machine"): gettext_lazy("Done by a robot or mail scanner"),
    ("activity", "amount"): gettext_lazy("Sum of money"),
    ("activity", "currency"): gettext_lazy("Currency of the amount, e.g. EUR"),
    ("activity", "rating"): gettext_lazy("Stars or points given"),
    ("activity", "rating_max"): gettext_lazy("Most that could be given"),
    ("activity", "score"): gettext_lazy("Likes and shares it had at its source"),
    ("activity", "language"): gettext_lazy("Language of the words"),
    ("activity", "sentiment"): gettext_lazy("positive, neutral or negative"),
    ("activity", "sentiment_confidence"): gettext_lazy("How sure, from 0 to 1"),
    ("activity", "intents"): gettext_lazy("What the words want: question, complaint …"),
    ("activity", "topics"): gettext_lazy("What the words are about"),
    ("activity", "hashtags"): gettext_lazy("Hashtags, as a list"),
    ("activity", "country"): gettext_lazy("Country, two letters"),
    ("activity", "place"): gettext_lazy("Town or place"),
    ("activity", "sentiment_score"): gettext_lazy("How strong, from -1 (negative) to 1 (positive)"),
    ("activity", "urgency"): gettext_lazy("How urgent the words are, from 0 to 1"),
    ("activity", "emotions"): gettext_lazy("Emotions in the words: joy, anger …"),
    ("activity", "aspects"): gettext_lazy("What is judged: staff, delivery …"),
    ("activity", "aspect_scores"): gettext_lazy("How each of the aspects is judged, from -1 to 1"),
    ("activity", "terms"): gettext_lazy("Key words, without names"),
    ("activity", "sites"): gettext_lazy("Sites a text stands on or links to"),
    ("activity", "products"): gettext_lazy("Products that were bought or looked at, as far as they were named"),
    ("activity", "month"): gettext_lazy("Month of happened_at, e.g. 2026-03; a condition on it makes questions quick"),
    ("activity", "native_id"): gettext_lazy("Id at its source"),
    ("activity", "props"): gettext_lazy("Other facts, not personal, as JSON"),
    ("handle", "key"): gettext_lazy("The handle"),
    ("handle", "workspace"): _WORKSPACE,
    ("handle", "kind"): gettext_lazy("email, phone, instagram, cookie …"),
    ("handle", "person"): gettext_lazy("Whose it is: a person.id"),
    ("person", "id"): gettext_lazy("The person; public_id(id) is the id in addresses"),
    ("person", "workspace"): _WORKSPACE,
    ("person", "kind"): pgettext_lazy("column", "person or organisation"),
    ("person", "is_identified"): gettext_lazy("Known by name, address or number"),
    ("person", "known_since"): gettext_lazy("First met (UTC)"),
    ("match", "id"): gettext_lazy("Number of this match"),
    ("match", "listening"): gettext_lazy("Number of the query"),
    ("match", "workspace"): _WORKSPACE,
    ("match", "seq"): gettext_lazy("Which text: an activity.seq"),
    ("match", "event_id"): gettext_lazy("Which text: an activity.event_id"),
    ("match", "happened_at"): gettext_lazy("When it was said (UTC)"),
    ("match", "month"): gettext_lazy("Month of happened_at, e.g. 2026-03"),
}


def schema() -> list[tuple[str, Any, list[tuple[str, str, Any]]]]:
    """(table, meaning, columns) of every table that can be asked; columns as (name, type, meaning)."""
    return [
        (
            layout.name,
            TABLES.get(layout.name, ""),
            [(field.name, _kind(str(field.type)), COLUMNS.get((layout.name, field.name), "")) for field in layout.schema],
        )
        for layout in LAYOUTS.values()
        if "workspace" in layout.partitions
    ]


def _kind(arrow: str) -> str:
    """A type's name as SQL has it, in short."""
    return _KINDS.get(arrow.partition("(")[0].partition("[")[0], arrow)


_KINDS = {
    "int64": "bigint", "int32": "integer", "string": "text", "timestamp": "timestamp", "bool": "boolean", "decimal128": "decimal",
    "double": "double", "list<item: string>": "text[]", "list<item: double>": "double[]", "binary": "blob", "date32": "date",
}  # fmt: skip


def sentence(trouble: "Trouble") -> str:
    """Why there is no answer, with the place in the text and names near the one that was written."""
    facts = {"name": trouble.name, "said": _first_line(trouble.said or trouble.name), "tables": ", ".join(LAYOUTS)}
    said = str(SENTENCES.get(trouble.code, SENTENCES["other"])) % facts
    if near := suggestions(trouble):
        said += " " + _("Near it: %(names)s.") % {"names": ", ".join(near)}
    if trouble.code == "unknown_table":
        said += " " + _("There are: %(names)s.") % {"names": ", ".join(LAYOUTS)}
    if trouble.line:
        said = _("Line %(line)s, column %(column)s:") % {"line": trouble.line, "column": trouble.column} + " " + said
    return said


def suggestions(trouble: "Trouble") -> list[str]:
    """Up to three names one may have meant."""
    if trouble.code not in ("unknown_column", "unknown_table", "unknown_function"):
        return []
    known: Iterable[str] = trouble.near
    if trouble.code == "unknown_column":
        known = dict.fromkeys([*(name for _table, name in COLUMNS), *trouble.near])
    elif trouble.code == "unknown_table":
        known = list(LAYOUTS)
    elif trouble.near:
        return list(trouble.near[:3])
    return get_close_matches(trouble.name.lower(), list(known), 3, 0.6)


def _first_line(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())
