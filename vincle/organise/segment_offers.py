"""What the builder of segments offers to choose from: the fields, and for each the values this workspace's own data has."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.choices import countries
from vincle.accounts.models import User, Workspace
from vincle.identify.models import Consent
from vincle.listen import stream
from vincle.listen.labels import INTENTS, SENTIMENTS, SUBJECTS
from vincle.listen.phrases import KINDS, VERBS
from vincle.listen.query_words import language_name
from vincle.vocabulary import Stage
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.people import channel_name, stage_name

from . import score_words, sql
from .models import ComputedTrait, CustomField, ScoreRun, Segment, Tag
from .scores.registry import scores
from .segments import labels
from .wording import label

LOOKED_AT = 1500
"""So many of the people seen last, or of the newest activities, are asked for their values."""

MOST = 60
OWN: dict[str, tuple[str, Any]] = {
    "is_identified": ("boolean", gettext_lazy("Known by e-mail, phone or account")), "owner": ("choice", gettext_lazy("Owner")),
    "known_since": ("date", gettext_lazy("Known since")), "first_at": ("date", gettext_lazy("First seen")),
    "last_at": ("date", gettext_lazy("Last seen")), "activities": ("number", gettext_lazy("Number of activities")),
    "purchases": ("number", gettext_lazy("Number of purchases")),
    "met_on": ("list", gettext_lazy("Met on")), "kind": ("choice", gettext_lazy("Person or organisation")),
    "name": ("text", gettext_lazy("Name")), "email": ("text", gettext_lazy("E-mail")), "phone": ("text", gettext_lazy("Phone")),
}  # fmt: skip
_SORTS = {"country": "choice", "language": "choice", "url": "text"}
_HIDDEN = ("owner", "avatar", "note")
_FIXED = {"topic": SUBJECTS, "intent": INTENTS, "sentiment": SENTIMENTS, "object_type": KINDS, "verb": VERBS}
Pair = tuple[str, str]


class Field(NamedTuple):
    name: str
    label: str
    sort: str


class Offers:
    """Of one workspace; each list is fetched when it is first asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def fields(self) -> list[tuple[str, list[Field]]]:
        """(heading, fields)."""
        own = [Field(name, str(word), sort) for name, (sort, word) in OWN.items()]
        said = [Field(name, label(name), _SORTS.get(sort, sort)) for name, sort in TRAITS.items() if name not in _HIDDEN]
        rows = CustomField.objects.of(self.workspace).filter(hidden_at=None).order_by("label", "name")
        custom = [Field(row.name, str(row), _SORTS.get(row.type, row.type)) for row in rows if row.name not in TRAITS]
        computed = [
            Field(each.name, str(each), _computed(each)) for each in ComputedTrait.objects.of(self.workspace).filter(hidden_at=None)
        ]
        found = [(_("With us"), own), (_("About them"), said), (_("Your own fields"), custom), (_("Worked out"), computed)]
        return [(heading, each) for heading, each in found if each]

    @cached_property
    def _sorts(self) -> dict[str, str]:
        return {field.name: field.sort for _heading, fields in self.fields for field in fields}

    def type_of(self, name: str) -> str:
        """One of the types of `segment_fields.OPS`; what is not known is text."""
        found = self._sorts.get(name, "text")
        return found if found in ("text", "choice", "number", "date", "boolean", "list") else "text"

    @cached_property
    def tags(self) -> list[Pair]:
        return [
            (name, name)
            for name in Tag.objects.of(self.workspace).filter(removed_at=None).order_by("folded").values_list("name", flat=True)[:300]
        ]

    @cached_property
    def segments(self) -> list[Pair]:
        rows = Segment.objects.of(self.workspace).filter(archived_at=None).order_by("name")
        return list(rows.values_list("public", "name")[:300])

    @cached_property
    def scores(self) -> list[Pair]:
        names = set(ScoreRun.objects.of(self.workspace).values_list("name", flat=True)) | set(scores())
        return sorted(((name, score_name(name)) for name in names), key=lambda pair: pair[1].casefold())

    @cached_property
    def channels(self) -> list[Pair]:
        return sorted(((each, channel_name(each)) for each in stream.channels_of(self.workspace)), key=lambda pair: pair[1].casefold())

    @cached_property
    def team(self) -> list[Pair]:
        users = User.objects.filter(memberships__workspace=self.workspace)
        return [("none", _("Nobody")), *sorted(((user.email, str(user)) for user in users), key=lambda pair: pair[1].casefold())]

    @cached_property
    def purposes(self) -> list[str]:
        return sorted({"marketing", *Consent.objects.of(self.workspace).order_by().values_list("purpose", flat=True).distinct()[:40]})

    @property
    def stages(self) -> list[Pair]:
        return [(each.value, stage_name(each.value)) for each in reversed(Stage)]

    def values(self, name: str) -> list[Pair]:
        """Values of a trait, as (value, words), most frequent first."""
        if name == "owner":
            return self.team
        if name == "kind":
            return [("person", _("Person")), ("organisation", _("Organisation"))]
        if name == "met_on":
            return self.channels
        found = self._seen(name)
        if name == "country":
            names = dict(countries())
            return [(code, names.get(code, code)) for code in dict.fromkeys([*found, *names])]
        return [(code, language_name(code)) for code in found] if name == "language" else [(each, each) for each in found]

    def _seen(self, name: str) -> list[str]:
        if self.type_of(name) not in ("text", "choice", "list") or name in ("name", "email", "phone"):
            return []
        statement = (
            f"SELECT p.traits FROM organise_profile p WHERE p.workspace_id = %s ORDER BY {sql.last_key('p')} DESC, p.person DESC LIMIT %s"
        )
        return _most(value for traits in _column(statement, self.workspace) for value in _values_of(traits, name))

    def of_act(self, name: str) -> list[Pair]:
        """Values of a field of an act, as (value, words): fixed words, or what the newest activities carry."""
        if name in _FIXED:
            return [(str(value), str(words)) for value, words in _FIXED[name].items()]
        if name == "channel":
            return self.channels
        found = self._heard(name)
        return [(code, language_name(code)) for code in found] if name == "language" else [(each, each) for each in found]

    def _heard(self, name: str) -> list[str]:
        column = labels.ONE.get(name) or {"hashtag": "hashtags", "product": "props"}.get(name, "")
        if not column:
            return []
        newest = "WHERE a.workspace_id = %s AND a.direction = 'in' ORDER BY a.happened_at DESC, a.seq DESC LIMIT %s"
        held = f"AND a.{column} <> ''" if name != "product" else "AND a.verb IN ('Purchase', 'View', 'Refund')"
        rows = _column(f"SELECT a.{column} FROM listen_activity a {newest.replace('ORDER', f'{held} ORDER')}", self.workspace)
        if name == "product":
            return _most(each for props in rows for each in labels.products(props))
        return _most(each for row in rows for each in (row.split() if name == "hashtag" else [row]))


def score_name(name: str) -> str:
    """How a score is called."""
    return str(score_words.name(name))


def _computed(trait: ComputedTrait) -> str:
    return "date" if {"first", "last"} & set(trait.expression) else "number"


def _column(statement: str, workspace: Workspace) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [workspace.pk, LOOKED_AT])
        return [row[0] for row in cursor.fetchall()]


def _values_of(traits: Any, name: str) -> Sequence[str]:
    found = json.loads(traits) if isinstance(traits, str) else traits
    value = (found.get(name) or [None])[0]
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value not in (None, "") else []


def _most(values: Iterable[str]) -> list[str]:
    return [value for value, _n in Counter(value for value in values if len(value) <= 120).most_common(MOST)]
