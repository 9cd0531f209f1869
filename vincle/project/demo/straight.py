"""A large community straight into the stores, for benchmarks: the rows that the front door would have written, without its work.

Every account of a person is linked already, and only some of the words are written out. Meant for an installation where
nothing else is going on.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import isnan
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
import numpy as np
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging
from vincle.identify.models import Person as PersonRow
from vincle.listen import actions as listen
from vincle.listen import known as events
from vincle.listen import log
from vincle.listen.models import Handle
from vincle.organise.models import Profile
from vincle.organise.profiling import COLUMNS as PROFILE
from vincle.organise.profiling import STAGE_COLUMNS, company_key
from vincle.organise.scores.ladder import LADDER, WINDOW, rung
from vincle.project import pipeline
from vincle.store import bulk
from vincle.store.folding import fold
from vincle.store.lease import advance, held
from vincle.store.models import Cursor
from vincle.vocabulary import HandleRef, PersonKind, Stage, handle_key

from . import truth
from .community import Batch, Community, found, live, spoken
from .identities import OWN, Identity, identify
from .kinds import CHANNELS, EMAIL, FORMS, LANGUAGES, REVIEWS, SHOP, SOCIAL, SURVEY, WEB, Kind, micros
from .place import CONNECTION, practise, truth_folder, workspace_of
from .voice import Voice

Ints = NDArray[np.int64]
Progress = Callable[[float, str], None]
PART = 50_000
_OUT = [kind.value for kind in (Kind.SEND, Kind.BOUNCE, Kind.OWN_REPLY, Kind.OWN_POST)]
_TO_US = [kind.value for kind in (Kind.LIKE, Kind.FOLLOW, Kind.UNFOLLOW, Kind.MESSAGE, Kind.LETTER)]
_encode = msgspec.json.Encoder().encode


class Built(NamedTuple):
    """What was written, and how long that took, in seconds."""

    workspace: Workspace
    people: int
    activities: int
    seconds: float


class Keys:
    """Handle keys by channel and person; -1 where someone has no account."""

    def __init__(self, secret: bytes, identities: Sequence[Identity], community: Community) -> None:
        self.refs: list[list[tuple[int, HandleRef]]] = []
        self.cookies = np.full((2, len(identities)), -1)
        self.by_channel = np.full((len(CHANNELS), len(identities)), -1)
        on = community.people.on
        for index, who in enumerate(identities):
            mine: dict[int, HandleRef] = {}
            for channel, ref in _refs(who, on[index]):
                key = handle_key(secret, ref.kind, ref.value)
                mine[key] = ref
                if channel == WEB:
                    self.cookies[0 if ref.value == who.cookies[0] else 1 :, index] = key
                elif channel >= 0:
                    self.by_channel[channel, index] = key
            self.refs.append(list(mine.items()))
        self.own = np.array([handle_key(secret, OWN[c].kind, OWN[c].value) if c in OWN else -1 for c in range(len(CHANNELS))])

    def of(self, batch: Batch) -> Ints:
        """The handle of the person in each row; -1 in rows of the brand alone."""
        keys: Ints = np.where(batch.channel == WEB, self.cookies[batch.device, batch.person], self.by_channel[batch.channel, batch.person])
        return np.where(batch.person < 0, -1, keys)


def _refs(who: Identity, on: NDArray[np.bool_]) -> list[tuple[int, HandleRef]]:
    """(channel, handle) of everything a person has; -1 where no act is ever by that handle."""
    refs = [(EMAIL, who.mail(letters=True)), (SHOP, who.mail()), (SURVEY, who.mail())] if on[EMAIL] else []
    refs += [(-1, who.customer())] if on[SHOP] else []
    refs += [(WEB, who.cookie(device)) for device in range(len(who.cookies))]
    return refs + [(channel, who.on(channel)) for channel in (*SOCIAL, REVIEWS) if channel in who.numbers]


def make_large(
    workspace: Workspace | str = "Cafè Lligam, large", people: int = 100_000, activities: int = 1_000_000, months: int = 12, seed: int = 1,
    until: datetime | None = None, texts: float = 0.02, progress: Progress | None = None, user: User | None = None,
) -> Built:  # fmt: skip
    """A workspace of this size, and the open table with it. `texts`: the share of spoken acts that get their words."""
    begun = perf_counter()
    say = progress or (lambda done, said: None)
    pipeline.catch_up()
    community = found(people, activities, months, seed, until or datetime.now(UTC))
    identities = identify(community.people, seed, share=False)
    workspace = workspace if isinstance(workspace, Workspace) else workspace_of(workspace, user)
    truth.write_people(truth_folder(seed), community, identities)
    keys = Keys(bytes(workspace.secret), identities, community)
    _write_people(workspace, identities, keys, community)
    writer, tally = _Writer(workspace, keys, identities, community, texts), Tally(people)
    for batch in live(community):
        writer.write(batch)
        tally.count(batch)
        say(0.7 * writer.rows / activities, "write")
    _write_profiles(workspace, identities, keys, community, tally)
    say(0.75, "follow")
    pipeline.catch_up()
    say(1.0, "done")
    return Built(workspace, people, writer.rows, round(perf_counter() - begun, 1))


def _stamps(at: Ints) -> list[Any]:
    """Moments in the database's own form."""
    if database.vendor == "sqlite":
        return [text.replace("T", " ") for text in np.datetime_as_string(at.astype("M8[us]"), unit="us").tolist()]
    return list(at.astype("M8[us]").tolist())


def _write_people(workspace: Workspace, identities: Sequence[Identity], keys: Keys, community: Community) -> None:
    joined = _stamps(community.people.joined)
    own = [(int(keys.own[c]), workspace.pk, ref.kind, ref.value, ref.name, True, joined[0]) for c, ref in OWN.items()]
    for begin in range(0, len(identities), PART):
        some = range(begin, min(begin + PART, len(identities)))
        handles = [(key, workspace.pk, ref.kind, ref.value, ref.name, False, joined[i]) for i in some for key, ref in keys.refs[i]]
        known = community.people.on[:, EMAIL].tolist()
        persons = [(keys.refs[i][0][0], workspace.pk, _kind(identities[i]), known[i], joined[i], None, None) for i in some]
        belongings = [(key, workspace.pk, keys.refs[i][0][0]) for i in some for key, _ in keys.refs[i]]
        with transaction.atomic():
            bulk.insert(Handle, ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen"), [*own, *handles])
            bulk.insert(PersonRow, ("id", "workspace_id", "kind", "is_identified", "first_seen", "delivery", "merged_into"), persons)
            bulk.insert(Belonging, ("handle", "workspace_id", "person"), belongings)


def _kind(who: Identity) -> str:
    return PersonKind.ORGANISATION.value if who.company else PersonKind.PERSON.value


class _Writer:
    """Batches into the log; the steps that would have followed them are moved on in the same transaction."""

    def __init__(self, workspace: Workspace, keys: Keys, identities: Sequence[Identity], community: Community, texts: float) -> None:
        self.workspace, self.keys, self.identities, self.texts = workspace, keys, identities, texts
        self.sources = [practise(listen.connection_for(workspace, channel, CONNECTION)).pk for channel in CHANNELS]
        self.mark = handle_key(bytes(workspace.secret), "demo", str(community.seed)).to_bytes(8, "big")
        self.random = Random(community.seed)
        self.voice = Voice(self.random)
        self.received = bulk.stamp(timezone.now())
        self.rows = 0

    def write(self, batch: Batch) -> None:
        for begin in range(0, len(batch), PART):
            part = batch.take(np.arange(begin, min(begin + PART, len(batch))))
            ids = [self.mark + key.tobytes() for key in part.id.astype(">i8")]
            rows = list(zip(*self._columns(part, ids), strict=True))
            with held("identify") as identify_at, held("organise") as organise_at, transaction.atomic():
                events.insert_new(log.COLUMNS, rows)
                events.insert_contents(self._contents(part, ids), self.received)
                self._move(len(part), identify_at, organise_at)
            self.rows += len(part)

    def _move(self, size: int, *cursors: Cursor | None) -> None:
        last = log.last_seq()
        for cursor in cursors:
            if cursor is None:
                raise RuntimeError("a worker is running; stop it first")
            advance(cursor, last, size)

    def _contents(self, part: Batch, ids: Sequence[bytes]) -> list[tuple[Any, ...]]:
        chosen = np.flatnonzero(spoken(part) & (np.random.default_rng(int(part.id[0])).random(len(part)) < self.texts))
        rows = []
        for place in chosen.tolist():
            who = self.identities[part.person[place]]
            kind, topic, mood = Kind(int(part.kind[place])), int(part.topic[place]), int(part.mood[place])
            text = self.voice.speak(kind, LANGUAGES.index(who.language), topic, mood, who.first)
            rows.append((ids[place], self.workspace.pk, text, "", ""))
        return rows

    def _columns(self, part: Batch, ids: list[bytes]) -> list[Sequence[Any]]:
        """The log's columns, in its order."""
        kinds, things, channels = part.kind.tolist(), part.thing.tolist(), part.channel.tolist()
        amounts, sqlite = part.amount.tolist(), database.vendor == "sqlite"
        parents = np.where(part.kind == Kind.COMMENT, part.thing, part.parent).tolist()
        native = [f"{Kind(kind).name.lower()}-{key}" for kind, key in zip(kinds, part.id.tolist(), strict=True)]
        known: dict[str, Sequence[Any]] = {
            "event_id": ids, "native_id": native, "happened_at": _stamps(part.at), "is_machine": part.is_machine.tolist(),
            "channel": [CHANNELS[channel] for channel in channels], "connection_id": [self.sources[channel] for channel in channels],
            "verb": [FORMS[Kind(kind)].verb.value for kind in kinds],
            "object_type": [FORMS[Kind(kind)].object_type.value for kind in kinds],
            "direction": [FORMS[Kind(kind)].direction.value for kind in kinds], **self._sides(part),
            "object_key": [f"thing-{thing}" if thing >= 0 else "" for thing in things],
            "parent_key": [f"act-{parent}" if parent >= 0 else "" for parent in parents],
            "thread_key": [f"post-{thing}" if thing >= 0 else own for thing, own in zip(things, native, strict=True)],
            "campaign_key": ["christmas-blend" if one else "" for one in part.campaign.tolist()],
            "amount": [None if isnan(amount) else f"{amount:.2f}" if sqlite else round(amount, 2) for amount in amounts],
            "currency": ["" if isnan(amount) else "EUR" for amount in amounts],
            "rating": [None if isnan(rating) else rating for rating in part.rating.tolist()],
            "rating_max": [5.0 if kind == Kind.REVIEW else 10.0 if kind == Kind.ANSWER else None for kind in kinds],
        }  # fmt: skip
        same: dict[str, Any] = {
            "workspace_id": self.workspace.pk, "op": "assert", "superseded": False, "observed_at": self.received,
            "received_at": self.received, "props": "{}", "root_id": None, "delivery_id": None, "score": None,
            "sentiment_confidence": None, "expires_on": None,
        }  # fmt: skip
        return [known.get(name) or [same.get(name, "")] * len(part) for name in log.COLUMNS]

    def _sides(self, part: Batch) -> dict[str, Sequence[Any]]:
        """Who did it, and to whom."""
        person, brand = self.keys.of(part), self.keys.own[part.channel]
        out, post = np.isin(part.kind, _OUT), part.kind == Kind.OWN_POST
        target = np.where(out & ~post, person, np.where(np.isin(part.kind, _TO_US), brand, -1))
        return {"actor": _or_none(np.where(out, brand, person)), "target": _or_none(target)}


def _or_none(keys: Ints) -> list[int | None]:
    return [None if key < 0 else key for key in keys.tolist()]


class Tally:
    """What the acts make of each person: counts, first and last, the last act of each rung. Times as in the batches, -1 for never."""

    def __init__(self, people: int) -> None:
        self.activities, self.purchases = np.zeros(people, np.int64), np.zeros(people, np.int64)
        self.first, self.last = np.full(people, np.iinfo(np.int64).max), np.full(people, -1)
        self.rungs = {stage: np.full(people, -1) for stage in STAGE_COLUMNS}
        self.met = np.zeros((people, len(CHANNELS)), bool)
        replies = (Kind.COMMENT, Kind.PEER_REPLY)
        rungs = {kind: rung(FORMS[kind].verb, FORMS[kind].object_type, kind in replies) for kind in Kind}
        self.by_rung = {stage: [kind.value for kind in Kind if rungs[kind] == stage] for stage in STAGE_COLUMNS}

    def count(self, batch: Batch) -> None:
        theirs = ~np.isin(batch.kind, _OUT) & ~batch.is_machine
        person, at, kind = batch.person[theirs], batch.at[theirs], batch.kind[theirs]
        self.activities += np.bincount(person, minlength=len(self.activities))
        self.purchases += np.bincount(person[kind == Kind.ORDER], minlength=len(self.activities))
        np.minimum.at(self.first, person, at)
        np.maximum.at(self.last, person, at)
        self.met[person, batch.channel[theirs]] = True
        for stage, kinds in self.by_rung.items():
            some = np.isin(kind, kinds)
            np.maximum.at(self.rungs[stage], person[some], at[some])

    def stages(self, now: int) -> list[str]:
        since = now - int(WINDOW.total_seconds() * 1e6)
        chosen = np.full(len(self.first), Stage.INACTIVE.value, dtype=object)
        for stage in reversed(LADDER):
            chosen[self.rungs[stage] > since] = stage.value
        return list(chosen.tolist())


def _write_profiles(workspace: Workspace, identities: Sequence[Identity], keys: Keys, community: Community, tally: Tally) -> None:
    people = community.people
    moments = {column: tally.rungs[stage] for stage, column in STAGE_COLUMNS.items()}
    moments |= {"first_at": np.where(tally.last < 0, -1, tally.first), "last_at": tally.last, "known_since": people.joined}
    columns: dict[str, list[Any]] = {
        name: [None if raw < 0 else text for raw, text in zip(at.tolist(), _stamps(at), strict=True)] for name, at in moments.items()
    }
    columns |= {"stage": tally.stages(micros(timezone.now())), "activities": tally.activities.tolist(),
                "purchases": tally.purchases.tolist(), "is_identified": people.on[:, EMAIL].tolist(),
                "channels": [f" {' '.join(_met(row))} " for row in tally.met]}  # fmt: skip
    for begin in range(0, len(identities), PART):
        rows = []
        for index in range(begin, min(begin + PART, len(identities))):
            values = {"person": keys.refs[index][0][0], "workspace_id": workspace.pk}
            values |= {name: column[index] for name, column in columns.items()}
            values |= _known(identities[index], keys.refs[index], bool(people.on[index, SHOP]))
            rows.append(tuple(values[column] for column in PROFILE))
        with transaction.atomic():
            bulk.upsert(Profile, PROFILE, rows, "person")


def _met(row: NDArray[np.bool_]) -> list[str]:
    return [CHANNELS[channel] for channel in np.flatnonzero(row)]


def _known(who: Identity, refs: Sequence[tuple[int, HandleRef]], account: bool) -> dict[str, Any]:
    """Name, traits and search text, as far as the places know them."""
    email = next((ref.value for _, ref in refs if ref.kind == "email"), "")
    name = who.name if email else next((ref.name for _, ref in refs if ref.name), refs[0][1].value)
    stated: dict[str, str] = {"name": name} if email else {}
    if account:
        stated |= {"city": who.town, "region": who.region, "postcode": who.postcode, "country": who.country, "language": who.language}
        stated |= {"company": who.company} if who.company else {"first_name": who.first, "last_name": who.last}
    handles = [text for _, ref in refs if ref.kind != "cookie" for text in (ref.value, ref.name)]
    words = dict.fromkeys(fold(word) for word in (name, *handles) if word)
    return {
        "kind": _kind(who), "name": name, "email": email, "phone": "", "company": stated.get("company", ""),
        "company_key": company_key(name if _kind(who) == PersonKind.ORGANISATION else stated.get("company", "")),
        "city": stated.get("city", ""), "country": stated.get("country", ""), "search": " ".join(words),
        "traits": _encode({field: [value, "2000-01-01", None] for field, value in stated.items()}).decode(),
    }  # fmt: skip
