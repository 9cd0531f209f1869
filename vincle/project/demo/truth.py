"""What is really so in the demo, written aside for evaluation and never into the product: who is whom, what texts mean, who buys why."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from vincle.channels.vincle_jsonl import ActivityLine, FactLine, RetractionLine
from vincle.identify.rules import IDENTIFYING, Side, anchor_of, decide
from vincle.vocabulary import Direction, HandleRef, Op
from vincle.vocabulary.roles import is_role_address

from .community import Community
from .identities import OWN, Identity
from .kinds import REVIEWS, SHOP, SOCIAL, moment
from .people import ALPHA, GAMMA, HOLD_OUT, UPLIFT, VOICES, WHOLESALE_FACTOR, A, B, P, Q, R
from .tell import Label, Line, Told

Key = tuple[str, str]


class Expected(NamedTuple):
    """What exact identification should find in these lines: handles of people, persons behind them, and pairs it must ask about."""

    handles: int
    people: int
    questions: int


def expected(told: Told) -> Expected:
    """Link by the published rule only: handles of one fact are one person's, two identified people are never joined silently.

    An address of a post (info@) tells of nobody; it stays with whom it came first.
    """
    person: dict[Key, int] = {}
    identified: dict[int, bool] = {}
    joined: dict[int, int] = {}
    asked: set[tuple[int, int]] = set()
    for handles in _together(told):
        telling = [key for key in handles if not _is_role(key)]
        if not telling:
            for key in handles:
                if key not in person:
                    person[key] = len(identified)
                    identified[person[key]] = True
            continue
        found = list(dict.fromkeys(_root(joined, person[key]) for key in telling if key in person))
        names = any(kind in IDENTIFYING for kind, _ in telling) or any(key not in person for key in handles if key not in telling)
        if not found:
            found = [len(identified)]
            identified[found[0]] = names
        sides = [Side(one, identified[one]) for one in found]
        anchor = anchor_of(sides).person
        apart = set()
        for one, decision in decide(sides).items():
            if decision == "link":
                joined[one] = anchor
            else:
                apart.add(one)
                asked.add((min(anchor, one), max(anchor, one)))
        for key in telling:
            if key not in person or _root(joined, person[key]) not in apart:
                person[key] = anchor
        for key in handles:
            person.setdefault(key, anchor)
        identified[anchor] = identified[anchor] or names
    questions = {pair for left, right in asked if len(pair := frozenset((_root(joined, left), _root(joined, right)))) == 2}
    return Expected(len(person), len({_root(joined, one) for one in person.values()}), len(questions))


def _is_role(key: Key) -> bool:
    return key[0] == "email" and is_role_address(key[1])


def _root(joined: dict[int, int], one: int) -> int:
    while one in joined:
        one = joined[one]
    return one


def _together(told: Told) -> Iterator[list[Key]]:
    """Handles that one standing line shows together, in the order of the log."""
    ours = {(ref.kind, ref.value) for ref in OWN.values()}
    for _, known in told.files():
        hidden = _hidden(known)
        for line in known:
            if isinstance(line, RetractionLine) or (line.native_id, line.version) in hidden:
                continue
            keys = [(ref.kind, ref.value) for ref in _handles(line)]
            if mine := [key for key in dict.fromkeys(keys) if key not in ours]:
                yield mine


def _hidden(known: Sequence[Line]) -> set[tuple[str, str]]:
    """(native id, version) of what was taken back or replaced."""
    found: set[tuple[str, str]] = set()
    gone = {line.native_id for line in known if isinstance(line, RetractionLine)}
    for line in known:
        if isinstance(line, RetractionLine):
            continue
        if line.native_id in gone:
            found.add((line.native_id, line.version))
        elif line.op == Op.CORRECT:
            found.add((line.native_id, ""))
    return found


def _handles(line: ActivityLine | FactLine) -> tuple[HandleRef, ...]:
    if isinstance(line, FactLine):
        return line.handles
    whose = line.actor if line.direction == Direction.IN else line.target
    return (whose,) if whose else ()


def write(folder: Path, community: Community, identities: list[Identity], told: Told) -> Expected:
    """All of the truth as CSV files and two of JSON, into `folder`."""
    write_people(folder, community, identities, told.borrowed)
    found = expected(told)
    _table(folder / "texts.csv", [column.name for column in fields(Label)], (astuple(label) for label in told.labels))
    (folder / "expected.json").write_text(json.dumps(found._asdict(), indent=2) + "\n", encoding="utf-8")
    return found


def write_people(folder: Path, community: Community, identities: list[Identity], borrowed: Sequence[tuple[int, int]] = ()) -> None:
    """The part of the truth that is about people: who, which handles, what they buy and why, who brought whom."""
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / "people.csv", _PEOPLE, _people(community, identities))
    _table(folder / "handles.csv", ("kind", "value", "person", "is_shared"), _accounts(community, identities, borrowed))
    _table(folder / "purchases.csv", _PURCHASES, _purchases(community, identities))
    _table(folder / "influence.csv", ("referrer", "referred", "at"), _influence(community, identities))
    _table(folder / "campaign.csv", ("person", "email", "group", "bought_because"), _campaign(community, identities))
    (folder / "parameters.json").write_text(json.dumps(_parameters(community), indent=2) + "\n", encoding="utf-8")


def _table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(rows)


_PEOPLE = ("person", "first_name", "last_name", "company", "language", "town", "voice", "is_buyer", "is_subscriber", "joined", "left",
           "referrer", "shop_spelling", "newsletter_spelling")  # fmt: skip


def _people(community: Community, identities: list[Identity]) -> Iterator[Sequence[Any]]:
    people = community.people
    for index, who in enumerate(identities):
        referrer = identities[people.referrer[index]].code if people.referrer[index] >= 0 else ""
        yield (who.code, who.first, who.last, who.company, who.language, who.town, VOICES[people.voice[index]], int(people.is_buyer[index]),
               int(people.is_subscriber[index]), _iso(people.joined[index]), _iso(people.left[index]), referrer,
               *who.spellings)  # fmt: skip


def _accounts(community: Community, identities: list[Identity], borrowed: Sequence[tuple[int, int]]) -> Iterator[Sequence[Any]]:
    shared = _shared(identities) | {identities[owner].cookies[0] for _, owner in borrowed}
    for person, owner in borrowed:
        yield "cookie", identities[owner].cookies[0], identities[person].code, 1
    for index, who in enumerate(identities):
        refs = [who.mail(), who.mail(letters=True), HandleRef("phone", who.phone), *(HandleRef("cookie", cookie) for cookie in who.cookies)]
        if community.people.on[index, SHOP]:
            refs.append(who.customer())
        refs += [who.on(channel) for channel in (*SOCIAL, REVIEWS) if channel in who.numbers]
        for ref in dict.fromkeys((ref.kind, ref.value) for ref in refs):
            yield (*ref, who.code, int(ref[1] in shared))


def _shared(identities: list[Identity]) -> set[str]:
    addresses = sorted(who.email for who in identities)
    return {left for left, right in pairwise(addresses) if left == right}


_PURCHASES = ("person", "email", "rate_per_week", "dropout", "mean_order", "orders", "spent", "first", "last", "alive")


def _purchases(community: Community, identities: list[Identity]) -> Iterator[Sequence[Any]]:
    people, orders = community.people, community.orders
    count = np.bincount(orders.person, minlength=people.size)
    spent = np.bincount(orders.person, orders.amount, minlength=people.size)
    first, last = np.full(people.size, np.iinfo(np.int64).max), np.full(people.size, -1)
    np.minimum.at(first, orders.person, orders.at)
    np.maximum.at(last, orders.person, orders.at)
    for index in np.flatnonzero(count).tolist():
        who = identities[index]
        factor = WHOLESALE_FACTOR if who.company else 1.0
        yield (who.code, who.email, round(float(people.rate[index]), 5), round(float(people.dropout[index]), 5),
               round(float(P / people.spend[index] * factor), 2), int(count[index]), round(float(spent[index]), 2), _iso(first[index]),
               _iso(last[index]), int(people.ended[index] < 0))  # fmt: skip


def _influence(community: Community, identities: list[Identity]) -> Iterator[Sequence[Any]]:
    for index in np.flatnonzero(community.people.referrer >= 0).tolist():
        yield identities[community.people.referrer[index]].code, identities[index].code, _iso(community.people.joined[index])


def _campaign(community: Community, identities: list[Identity]) -> Iterator[Sequence[Any]]:
    people, orders = community.people, community.orders
    moved = set(orders.person[orders.campaign].tolist())
    for index in np.flatnonzero(people.campaign).tolist():
        yield identities[index].code, identities[index].letters, ("", "treated", "held out")[people.campaign[index]], int(index in moved)


def _parameters(community: Community) -> dict[str, Any]:
    told = community.told
    return {
        "seed": community.seed, "people": community.people.size, "activities": community.activities, "from": _iso(told.start),
        "until": _iso(told.until), "crisis": [_iso(at) for at in told.crisis], "recovered": _iso(told.recovered),
        "campaign": [_iso(at) for at in told.campaign], "bg_nbd": {"r": R, "alpha_weeks": ALPHA, "a": A, "b": B},
        "gamma_gamma": {"p": P, "q": Q, "gamma": GAMMA}, "hold_out": HOLD_OUT, "uplift": UPLIFT,
    }  # fmt: skip


def _iso(micros: int) -> str:
    return moment(int(micros)).isoformat(timespec="seconds")
