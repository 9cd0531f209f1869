"""What conditions on conversations ask for, read for many conversations at once; and the doors to asking and to saying them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db.models import Min

from vincle.accounts.models import Membership, Workspace
from vincle.identify.models import Belonging
from vincle.language.reading import Aspect, Reading
from vincle.listen import matching, texts
from vincle.listen.matching import Seen
from vincle.listen.models import Connection
from vincle.organise.models import Profile
from vincle.store import bulk

from .clauses import NOBODY, YES, Clauses, Facts, fields_of, gone, holds, problems
from .conditions_words import sentence
from .hours import of as hours_of
from .models import Hours, Tag, Team, Thread

__all__ = ["Clauses", "Facts", "facts", "fields_of", "gone", "holds", "living_of", "problems", "sentence"]
_LAST = (
    "SELECT thread, seq, at FROM inbox_piece WHERE direction = 'in' AND state = '' AND NOT is_machine AND thread IN ({}) ORDER BY at, seq"
)
_UNDERSTOOD = "SELECT seq, language, also, sentiment, emotions, intents, aspects, topics, country, place FROM listen_understanding"
_OF_PEOPLE = frozenset({"person_known", "first_time", "stage"})
_OF_WORDS = frozenset({"intent", "topic", "words"})


def facts(workspace: Workspace, threads: Sequence[Thread], asked: Iterable[Clauses] | None = None) -> dict[int, Facts]:
    """By key of the conversation. `asked`: the conditions they are for, so that nothing else is read; None: any."""
    wanted = None if asked is None else {name for clauses in asked for name in fields_of(clauses)}
    book = _Book(workspace, threads, wanted)
    return {thread.key: book.facts(thread) for thread in threads}


def living_of(workspace: Workspace) -> dict[str, frozenset[str]]:
    """Ids that conditions may name and that stand, by field."""
    return {
        "connection": _ids(Connection.objects.of(workspace).values_list("pk", flat=True)),
        "tag": _ids(Tag.objects.of(workspace).values_list("pk", flat=True)),
        "team": _ids(Team.objects.of(workspace).filter(deleted_at=None).values_list("pk", flat=True)),
        "assignee": _ids(Membership.objects.of(workspace).filter(user__is_active=True).values_list("user_id", flat=True)),
    }


def _ids(keys: Iterable[int]) -> frozenset[str]:
    return frozenset(map(str, keys))


class _Book:
    """What is known around some conversations of one workspace: some queries, however many they are."""

    def __init__(self, workspace: Workspace, threads: Sequence[Thread], wanted: set[str] | None) -> None:
        self.workspace, self.wanted = workspace, wanted
        keys = [thread.key for thread in threads]
        self.living = living_of(workspace) if self._asks({"connection", "tag", "team", "assignee"}) else {}
        self.tags: dict[int, set[str]] = defaultdict(set)
        if self._asks({"tag"}):
            for key, tag in bulk.select("SELECT thread, tag_id FROM inbox_threadtag WHERE thread IN ({})", keys):
                self.tags[key].add(str(tag))
        self.last = _last(keys) if self._asks(_OF_WORDS) else {}
        self.read = _readings(self.last.values())
        self.seen = _seen(workspace, self.last, self.read) if self._asks({"words"}) else {}
        self.people, self.profiles, self.earliest = _people(workspace, threads) if self._asks(_OF_PEOPLE) else ({}, {}, {})
        self.is_open = _open_hours(workspace) if self._asks({"hours"}) else None

    def _asks(self, names: Iterable[str]) -> bool:
        return self.wanted is None or bool(self.wanted & set(names))

    def facts(self, thread: Thread) -> Facts:
        reading = self.read.get(self.last.get(thread.key, 0), Reading())
        profile = self.profiles.get(self.people.get(thread.handle or 0, 0))
        one: dict[str, object] = {
            "channel": thread.channel, "connection": thread.connection_id, "kind": thread.kind, "sentiment": thread.sentiment,
            "language": thread.language, "urgent": YES if thread.is_urgent else "", "team": self._living("team", thread.team_id),
            "assignee": self._living("assignee", thread.assignee_id), "person_known": YES if profile and profile.is_identified else "",
            "first_time": YES if self._is_first(thread) else "", "stage": profile.stage if profile else "",
            "peers": YES if thread.peer_answers else "",
        }  # fmt: skip
        values = {name: frozenset([str(value)]) for name, value in one.items() if value not in ("", None)}
        values |= {"tag": frozenset(self.tags[thread.key]), "intent": frozenset(reading.intents), "topic": _topics(reading)}
        is_open = self.is_open(thread) if self.is_open else Facts().is_open
        return Facts(values, self.living, self.seen.get(self.last.get(thread.key, 0)), is_open)

    def _living(self, name: str, key: int | None) -> str:
        """A team that was put away, or someone who left, is nobody."""
        return str(key) if key is not None and (name not in self.living or str(key) in self.living[name]) else NOBODY

    def _is_first(self, thread: Thread) -> bool:
        person = self.people.get(thread.handle or 0)
        return person is not None and thread.first_at <= self.earliest.get(person, thread.first_at)


def _last(keys: Sequence[int]) -> dict[int, int]:
    """The place in the log of the last thing they said, by conversation."""
    return {thread: seq for thread, seq, _at in bulk.select(_LAST, keys)}


def _readings(seqs: Iterable[int]) -> dict[int, Reading]:
    """What was read of texts, as far as queries and conditions ask for it."""
    found = {}
    for seq, language, also, sentiment, *many, country, place in bulk.select(f"{_UNDERSTOOD} WHERE seq IN ({{}})", list(seqs)):
        emotions, intents, aspects, topics = (_split(each) for each in many)
        judged = tuple(Aspect(each.partition(":")[0], 0, 0, 0.0) for each in aspects)
        found[seq] = Reading(
            language=language, also=_split(also), sentiment=sentiment, emotions=emotions, intents=intents, aspects=judged, topics=topics,
            country=country, place=place,
        )  # fmt: skip
    return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(each for each in text.split("|") if each)


def _topics(reading: Reading) -> frozenset[str]:
    """What it is about: topics, and what is judged in it."""
    return frozenset(reading.topics) | {aspect.id for aspect in reading.aspects}


def _seen(workspace: Workspace, last: dict[int, int], read: dict[int, Reading]) -> dict[int, Seen]:
    found = texts.at(last.values())
    for text in found:
        text.page.reading = read.get(text.seq, Reading())
    return {seen.text.seq: seen for seen in matching.look(workspace.pk, found)}


def _people(workspace: Workspace, threads: Sequence[Thread]) -> tuple[dict[int, int], dict[int, Profile], dict[int, datetime]]:
    """Person by handle, profile by person, and when each person first began a conversation."""
    handles = {thread.handle for thread in threads if thread.handle is not None}
    people = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", handles))
    profiles: dict[int, Profile] = {}
    owned: dict[int, int] = {}
    for part in bulk.chunks(list(set(people.values())), 500):
        profiles |= {row.person: row for row in Profile.objects.of(workspace).filter(person__in=part).only("is_identified", "stage")}
        owned |= dict(Belonging.objects.of(workspace).filter(person__in=part).values_list("handle", "person"))
    earliest: dict[int, datetime] = {}
    for part in bulk.chunks(list(owned), 500):
        rows = Thread.objects.of(workspace).filter(handle__in=part, is_here=True).order_by()
        for handle, first in rows.values_list("handle").annotate(first=Min("first_at")):
            person = owned[handle]
            earliest[person] = min(first, earliest.get(person, first))
    return people, profiles, earliest


def _open_hours(workspace: Workspace) -> Callable[[Thread], Callable[[datetime], bool]]:
    """When someone is there for a conversation: by the hours of its team, else the workspace's own."""
    rows = {row.pk: row for row in Hours.objects.of(workspace)}
    times = {pk: hours_of(row) for pk, row in rows.items()}
    usual = next((times[pk] for pk, row in rows.items() if row.is_usual), hours_of(None))
    teams = dict(Team.objects.of(workspace).filter(deleted_at=None).exclude(hours=None).values_list("pk", "hours_id"))
    return lambda thread: times.get(teams.get(thread.team_id or 0) or 0, usual).is_open
