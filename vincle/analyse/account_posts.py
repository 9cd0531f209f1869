"""What an account posted in some days, what came back, and how many followed: columns of one entry a post, read from the log by actor."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from django.db import connection as database

from vincle.listen import log
from vincle.listen.models import Activity
from vincle.science import account as science
from vincle.science.account import Floats, Ints, Mean
from vincle.store import bulk

from .account import IS_POST, STANDS, Account, moment

POST, REPLY, SHARE = 0, 1, 2
REACTIONS: Final = ("likes", "loves", "cares", "hahas", "wows", "sads", "angrys")
_STATED: Final = {"reactions": ("reactions",), "answers": ("comments", "replies"), "shares": ("shares", "reposts")}
_COUNTS: Final = frozenset({*REACTIONS, *(name for names in _STATED.values() for name in names), "followers"})
_REACTION_WORDS: Final = {"like": "likes", "love": "loves", "care": "cares", "haha": "hahas", "wow": "wows", "sad": "sads", "sorry": "sads",
                          "anger": "angrys", "angry": "angrys", "": "likes"}  # fmt: skip
MOST_TOLD = 2000
_decode = msgspec.json.decode


def _epoch(column: str) -> str:
    if database.vendor == "sqlite":
        return f"CAST(strftime('%%s', {column}) AS INTEGER)"
    return f"FLOOR(EXTRACT(EPOCH FROM {column}))::bigint"


def _bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last + timedelta(days=1)))
    return start, end


class Posts:
    """What an account posted from `first` to `last` (days of the workspace), as columns of one entry a post, newest first.

    `at`: seconds on the wall clock; `form`: POST, REPLY or SHARE; `seq`: of the log. Responses are nan where nobody said how many.
    """

    def __init__(self, account: Account, first: date, last: date) -> None:
        self.account, self.first, self.last = account, first, last
        zone = account.workspace.timezone
        self.bounds = _bounds(first, last, zone)
        rows = self._read()
        self.n = len(rows)
        columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * 7
        self.seq, self.utc = columns[0], np.asarray(columns[1], np.int64)
        self.at: Ints = science.local(self.utc, zone)
        self.form = np.fromiter(
            (SHARE if verb == "Announce" else REPLY if parent else POST for verb, parent in zip(columns[2], columns[3], strict=True)),
            np.int8,
            self.n,
        )
        self._keys, self._channels = columns[4], columns[5]
        self.counts = _counts(columns[6])

    def _read(self) -> list[tuple[Any, ...]]:
        sql = (
            f"SELECT a.seq, {_epoch('a.happened_at')}, a.verb, a.parent_key <> '', a.object_key, a.channel, a.props "
            f"FROM listen_activity a WHERE {self.account.where} AND {STANDS} AND {IS_POST} AND a.happened_at >= %s AND a.happened_at < %s "
            "ORDER BY a.happened_at DESC, a.seq DESC"
        )
        with database.cursor() as cursor:
            cursor.execute(sql, [bulk.stamp(each) for each in self.bounds])
            return cursor.fetchall()

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @cached_property
    def own(self) -> Any:
        """Which posts are the account's own words: responses to something shared belong to who wrote it."""
        return self.form != SHARE

    def number(self, form: int) -> int:
        return int((self.form == form).sum())

    @cached_property
    def told(self) -> "Told":
        return Told(self.account, *self.bounds)

    @cached_property
    def _heard(self) -> dict[str, Floats]:
        """Responses that stand in the log as acts of their own, by post."""
        found = {name: np.zeros(self.n) for name in (*_STATED, *REACTIONS)}
        places = {key: place for place, key in enumerate(self._keys) if key and self.form[place] != SHARE}
        for verb, reaction, parent, key, *_rest in self.told.rows:
            place = places.get(key if verb in ("Like", "Announce") else parent)
            if place is None:
                continue
            name = {"Like": "reactions", "Announce": "shares"}.get(verb, "answers")
            found[name][place] += 1
            if verb == "Like":
                found[_REACTION_WORDS.get(reaction.lower(), "likes")][place] += 1
        return found

    def _stated(self, names: Sequence[str]) -> Floats:
        """The first of these counts that a post states. Platforms leave out a count of nothing; tables leave a cell empty."""
        found = np.full(self.n, np.nan)
        for name in names:
            found = np.where(np.isnan(found), self.counts.get(name, np.nan), found)
        if not np.isnan(found).all():
            is_live = np.fromiter((channel != "posts" for channel in self._channels), bool, self.n)
            found = np.where(np.isnan(found) & is_live, 0.0, found)
        return found

    def responses(self, name: str) -> Floats:
        """`reactions`, `answers` or `shares` to each post: as its source counts them, else as they stand in the log; nan for shares."""
        found = self._stated(_STATED[name])
        if name == "reactions":
            found = np.where(np.isnan(found), self._sum_of_kinds, found)
        if np.isnan(found).all() and self._heard[name].any():
            found = self._heard[name]
        return np.where(self.own, found, np.nan)

    def is_heard(self, name: str) -> bool:
        """Whether responses were counted in the log, because no source states them."""
        stated = self._sum_of_kinds if name == "reactions" else np.full(self.n, np.nan)
        return bool(np.isnan(self._stated(_STATED[name])).all() and np.isnan(stated).all() and self._heard[name].any())

    @cached_property
    def kinds(self) -> dict[str, Floats]:
        """Reactions of each kind to each post; only kinds that occur or are stated."""
        stated = {name: np.where(self.own, self._stated([name]), np.nan) for name in REACTIONS}
        known = {name: column for name, column in stated.items() if not np.isnan(column).all()}
        if known:
            return known
        return {name: self._heard[name] for name in REACTIONS if self._heard[name].any()}

    @cached_property
    def _sum_of_kinds(self) -> Floats:
        known = [column for column in (self._stated([name]) for name in REACTIONS) if not np.isnan(column).all()]
        if not known:
            return np.full(self.n, np.nan)
        return np.where(np.isnan(known).all(axis=0), np.nan, np.nansum(known, axis=0))

    @cached_property
    def uneven(self) -> int:
        """Posts whose kinds of reaction do not add up to the number of reactions stated."""
        stated = self._stated(_STATED["reactions"])
        both = ~np.isnan(stated) & ~np.isnan(self._sum_of_kinds) & self.own
        return int((both & (stated != self._sum_of_kinds)).sum()) if len(self.kinds) > 1 else 0

    @cached_property
    def followers(self) -> Floats:
        """Followers when each post was written."""
        known = self.follower_points
        return science.followers_at(self.utc, [at for at, _n in known], [n for _at, n in known])

    @cached_property
    def follower_points(self) -> list[tuple[int, float]]:
        """(second, followers) as sources told them, oldest first."""
        column = self.counts.get("followers")
        known = [] if column is None else [place for place in range(self.n) if not np.isnan(column[place])]
        told = {int(self.utc[place]): float(column[place]) for place in known} if column is not None else {}
        return sorted({**told, **told_followers(self.account)}.items())

    @cached_property
    def rates(self) -> dict[str, Mean]:
        """Applause, conversation, amplification a post; replies given a post; engagement."""
        answer = {name: self.responses(name) for name in _STATED}
        known = [column for column in answer.values() if not np.isnan(column).all()]
        total = np.where(np.isnan(known).all(axis=0), np.nan, np.nansum(known, axis=0)) if known else np.full(self.n, np.nan)
        written = self.number(POST) + self.number(REPLY)
        return {
            "applause": science.mean(answer["reactions"]),
            "conversation": science.mean(answer["answers"]),
            "amplification": science.mean(answer["shares"]),
            "replying": science.ratio(self.number(REPLY) if written else None, written),
            "engagement": science.engagement(total, self.followers),
        }

    @cached_property
    def all_responses(self) -> Floats:
        return np.nansum([self.responses(name) for name in _STATED], axis=0) if self.n else np.zeros(0)

    def best(self, most: int = 10) -> list[int]:
        """Places of the account's own posts that brought most."""
        return science.best(self.all_responses, most)


def _counts(props: Sequence[Any]) -> dict[str, Floats]:
    """Columns of the counts that posts state, nan where one does not."""
    told: dict[str, tuple[list[int], list[float]]] = {name: ([], []) for name in _COUNTS}
    for place, text in enumerate(props):
        if text == "{}":
            continue
        for name, value in _decode(text).items():
            if name in told and type(value) in (int, float):
                places, values = told[name]
                places.append(place)
                values.append(value)
    found: dict[str, Floats] = {}
    for name, (places, values) in told.items():
        if places:
            found[name] = np.full(len(props), np.nan)
            found[name][places] = values
    return found


def told_followers(account: Account) -> dict[int, float]:
    """Followers as profiles told them, by second."""
    if not account.keys:
        return {}
    sql = "SELECT event_id, happened_at FROM listen_activity WHERE actor IN ({}) AND object_type = 'Profile' ORDER BY happened_at DESC"
    rows = {bytes(event): moment(at) for event, at in list(bulk.select(sql, account.keys))[:MOST_TOLD]}
    found: dict[int, float] = {}
    for event, (_text, _title, body) in log.contents(rows).items():
        value = (_decode(body).get("traits") or {}).get("followers") if body else None
        at = rows[event]
        if at and isinstance(value, int | float) and value >= 0:
            found[int(at.timestamp())] = float(value)
    return found


class Told:
    """What others did towards an account from `start` on: (verb, reaction, parent, object, second, actor), each act once."""

    def __init__(self, account: Account, start: datetime, end: datetime) -> None:
        shown = f"a.seq, a.verb, a.reaction, a.parent_key, a.object_key, {_epoch('a.happened_at')}, a.actor, a.props"
        base = f"FROM listen_activity a WHERE {STANDS} AND a.verb IN ('Create', 'Like', 'Announce', 'Follow') AND a.happened_at >= %s"
        found: dict[int, tuple[Any, ...]] = {}
        low = bulk.stamp(start)
        if account.keys:
            here = f"SELECT {shown} {base} AND a.workspace_id + 0 = {account.workspace.pk:d} AND a.target IN ({{}})"
            found = {row[0]: row[1:] for row in bulk.select(here, account.keys, [low])}
        if account.handle and account.handle.is_own:
            with database.cursor() as cursor:
                # What is said below our posts names the post, not always us.
                cursor.execute(
                    f"SELECT {shown} {base} AND a.workspace_id = {account.workspace.pk:d} AND a.direction = 'in' "
                    "AND (a.parent_key <> '' OR a.verb IN ('Like', 'Announce'))",
                    [low],
                )
                found |= {row[0]: row[1:] for row in cursor.fetchall()}
        self.rows = [row[:6] for row in found.values() if row[0] != "Follow" and row[5] not in account.keys]
        until = end.timestamp()
        self.follows = [row[4] for row in found.values() if row[0] == "Follow" and row[4] < until and '"undated":true' not in row[6]]

    @cached_property
    def people(self) -> Counter[int]:
        """How often each answered, shared or reacted."""
        return Counter(row[5] for row in self.rows if row[5])


def texts(posts: Posts, places: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Words, address and kind of the posts at these places, by place."""
    seqs = {posts.seq[place]: place for place in places}
    rows = {row["seq"]: row for row in Activity.objects.filter(seq__in=list(seqs)).values("seq", "event_id", "url", "channel", "language")}
    said = log.contents(bytes(row["event_id"]) for row in rows.values())
    return {
        seqs[seq]: {**row, "text": " ".join(filter(None, said.get(bytes(row["event_id"]), ("", ""))[1::-1]))} for seq, row in rows.items()
    }
