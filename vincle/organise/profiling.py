"""A profile in memory: what each row of the log adds to it. Pure but for the rows it is handed."""

from operator import itemgetter
from typing import Any

import msgspec

from vincle.identify.names import organisations
from vincle.store.folding import fold
from vincle.vocabulary import ANONYMOUS, ObjectType, PersonKind, Stage

from .scores.ladder import LADDER, rung
from .survivors import TEAM

COLUMNS = (
    "person",
    "workspace_id",
    "kind",
    "name",
    "search",
    "traits",
    "email",
    "phone",
    "company",
    "company_key",
    "city",
    "country",
    "channels",
    "is_identified",
    "stage",
    "spectator_at",
    "semi_active_at",
    "critic_at",
    "creator_at",
    "activities",
    "purchases",
    "first_at",
    "last_at",
    "known_since",
)
STAGE_COLUMNS = {
    Stage.SPECTATOR: "spectator_at",
    Stage.SEMI_ACTIVE: "semi_active_at",
    Stage.CRITIC: "critic_at",
    Stage.CREATOR: "creator_at",
}
_MIRRORED = {"company": 160, "city": 120, "country": 2}
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_row = itemgetter(*COLUMNS)


class Draft:
    """A profile under way. Times are as raw queries give them: they only need to compare. Handles: (strength, key, kind, value, name)."""

    __slots__ = ("handles", "traits", "values")

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        traits = values["traits"]
        self.traits: dict[str, list[Any]] = _decode(traits) if isinstance(traits, str | bytes) else traits
        self.handles: list[tuple[int, int, str, str, str]] = []

    @classmethod
    def begin(cls, person: int, workspace: int, known_since: Any) -> "Draft":
        values: dict[str, Any] = dict.fromkeys(COLUMNS, "")
        values.update(dict.fromkeys(STAGE_COLUMNS.values()))
        values.update(
            person=person,
            workspace_id=workspace,
            kind="person",
            traits={},
            is_identified=False,
            stage=Stage.INACTIVE.value,
            activities=0,
            purchases=0,
            first_at=None,
            last_at=None,
            known_since=known_since,
        )
        return cls(values)

    def act(self, verb: str, object_type: str, channel: str, at: Any, is_reply: bool) -> None:
        """Something the person did."""
        values = self.values
        values["activities"] += 1
        values["purchases"] += verb == "Purchase"
        self._met(channel)
        if values["first_at"] is None or at < values["first_at"]:
            values["first_at"] = at
        if values["last_at"] is None or at > values["last_at"]:
            values["last_at"] = at
        column = STAGE_COLUMNS.get(rung(verb, object_type, is_reply))
        if column and (values[column] is None or at > values[column]):
            values[column] = at

    def learn(self, fact: dict[str, Any], channel: str, at: str, delivery: int | None) -> None:
        """What a source says of the person: the latest word on each trait stands, with where it came from; the team's above all."""
        self._met(channel)
        if fact.get("kind"):
            self.values["kind"] = fact["kind"]
        traits = fact.get("traits") or {}
        if fact.get("name"):
            traits = {**traits, "name": fact["name"]}
        by_hand = channel == TEAM
        for field, value in traits.items():
            stood = self.traits.get(field)
            was_by_hand = stood is not None and len(stood) > 3
            if stood is None or (by_hand, at) > (was_by_hand, stood[1]):
                self.keep(field, value, at, delivery, by_hand)

    def keep(self, field: str, value: Any, at: str, delivery: int | None, by_hand: bool = False) -> None:
        """Let this value stand."""
        self.traits[field] = [value, at, delivery, TEAM] if by_hand else [value, at, delivery]

    def _met(self, channel: str) -> None:
        channels = self.values["channels"]
        if channel != "team" and f" {channel} " not in channels and len(channels) + len(channel) < 198:
            self.values["channels"] = f"{channels or ' '}{channel} "

    def trait(self, field: str) -> str:
        found = self.traits.get(field)
        return str(found[0]) if found else ""

    def finish(self, since: Any) -> tuple[Any, ...]:
        """The row, with what follows from the rest: name, search text, stage. `since` is where the ladder's window begins."""
        values = self.values
        self.handles.sort()
        emails = [value for _, _, kind, value, _ in self.handles if kind == "email"]
        phones = [value for _, _, kind, value, _ in self.handles if kind == "phone"]
        values["email"], values["phone"] = emails[0] if emails else "", phones[0][:40] if phones else ""
        for field, length in _MIRRORED.items():
            values[field] = self.trait(field)[:length]
        values["name"] = self._name()[:200]
        values["company_key"] = company_key(values["name"] if values["kind"] == PersonKind.ORGANISATION else values["company"])
        values["search"] = self._search()
        values["stage"] = next(
            (step.value for step in LADDER if values[STAGE_COLUMNS[step]] and values[STAGE_COLUMNS[step]] > since), Stage.INACTIVE.value
        )
        values["traits"] = _encode(self.traits).decode()
        return _row(values)

    def _name(self) -> str:
        stated = self.trait("name") or " ".join(filter(None, (self.trait("first_name"), self.trait("last_name"))))
        if stated.strip():
            return stated.strip()
        shown = [name for *_, name in self.handles if name]
        telling = [value for _, _, kind, value, _ in self.handles if kind not in ANONYMOUS]
        return (shown or telling or [""])[0]

    def _search(self) -> str:
        """Folded words by which the person is found; what the name says already is not said again."""
        said = self.values["name"]
        words = [f"{fold(said)}\t"]  # a mark below every letter: Ana stands before Ana Torres
        extra = [self.trait(field) for field in _FOUND_BY if field in self.traits]
        extra += [text for _, _, kind, value, shown in self.handles if kind not in ANONYMOUS for text in (value, shown) if text]
        for word in extra:
            if word not in said:
                folded = fold(word)
                if folded not in words:
                    words.append(folded)
        return " ".join(words)


_FOUND_BY = ("first_name", "last_name", "nickname", "company")


def company_key(name: str) -> str:
    """What two spellings of one company have in common; "" of nothing.

    >>> company_key("Cafè Lligam, S.C.C.L."), company_key("CAFE LLIGAM")
    ('cafelligam', 'cafelligam')
    """
    return "".join(organisations.read(name).words)[:120] if name else ""


def is_act(object_type: str) -> bool:
    """Whether a row of the log is something someone did, not something a source states."""
    return object_type not in (ObjectType.PROFILE, ObjectType.UNKNOWN)
