"""How each kind of act is drawn: who, when, about what. Only arrays, no loops over people."""

import numpy as np

from .drawing import Column, Drawing, Ints
from .kinds import DAY, EMAIL, FACEBOOK, HOUR, INSTAGRAM, MASTODON, REVIEWS, SHOP, SOCIAL, SPOKEN, SURVEY, WEB, Kind, Mood
from .mailing import Mailing
from .people import ADVOCATE, CRITIC, Orders, People
from .stories import Calendar, business_hours, topics
from .visits import Visits

# Shares of the activities that are neither orders nor arrivals. What is left over are page views.
SEND, OWN_POST, COMMENT, LIKE, SHARE, FOLLOW, UNFOLLOW = 0.165, 0.006, 0.085, 0.165, 0.02, 0.012, 0.003
MENTION, MESSAGE, LETTER, PEER_REPLY, REVIEW, ANSWER, REFUND = 0.02, 0.026, 0.018, 0.024, 0.015, 0.028, 0.002
_ACROSS = {INSTAGRAM: 0.52, FACEBOOK: 0.36, MASTODON: 0.12}
_QUESTIONS = {Kind.COMMENT: 0.2, Kind.MESSAGE: 0.5, Kind.LETTER: 0.45, Kind.MENTION: 0.08, Kind.PEER_REPLY: 0.15, Kind.ANSWER: 0.08}


class Acts(Drawing):
    """Draws everything that happens in one slice of time after another."""

    def __init__(self, people: People, told: Calendar, random: np.random.Generator) -> None:
        super().__init__(people, told, random)
        self.mailing, self.visits = Mailing(self), Visits(self)

    def arrivals(self) -> dict[str, Ints]:
        """How each person is first met on each place: a follow, a form, a first page; buyers come with their first order."""
        people, on, random = self.people, self.people.on, self.random
        parts = []
        for channel in SOCIAL:
            who = np.flatnonzero(on[:, channel])
            parts.append((who, Kind.FOLLOW, channel))
        parts.append((np.flatnonzero(people.is_subscriber), Kind.FORM, WEB))
        elsewhere = on[:, SHOP] | people.is_subscriber | on[:, list(SOCIAL)].any(axis=1)
        parts.append((np.flatnonzero(on[:, WEB] & ~elsewhere), Kind.PAGE_VIEW, WEB))
        parts.append((np.flatnonzero(on[:, REVIEWS] & ~elsewhere & ~on[:, WEB]), Kind.REVIEW, REVIEWS))
        person = np.concatenate([who for who, _, _ in parts])
        kind = np.concatenate([np.full(len(who), kind.value) for who, kind, _ in parts])
        place = np.concatenate([np.full(len(who), place) for who, _, place in parts])
        slow, quick = random.exponential(20 * DAY, len(person)), random.exponential(HOUR, len(person))
        wait = np.where(np.arange(len(person)) % 2, slow, quick).astype(np.int64)
        met = people.joined[person] + np.where(elsewhere[person], wait, 0)
        soon = people.joined[person] + (random.random(len(person)) * (self.told.until - people.joined[person])).astype(np.int64)
        return {"person": person, "kind": kind, "channel": place, "at": np.where(met < self.told.until, met, soon)}

    def buy(self, orders: Orders) -> None:
        first, last = np.searchsorted(orders.at, [self.begin, self.end])
        some = slice(first, last)
        self.add(Kind.ORDER, SHOP, orders.person[some], orders.at[some], amount=orders.amount[some], campaign=orders.campaign[some],
                 thing=np.arange(first, last))  # fmt: skip

    def everything(self, free: int) -> None:
        """Fill the slice with exactly `free` acts beside orders and arrivals."""
        target = self.count() + free
        self._post(int(free * OWN_POST))
        self.mailing.mail(int(free * SEND))
        self._react(free)
        for kind, share in ((Kind.COMMENT, COMMENT), (Kind.MENTION, MENTION), (Kind.MESSAGE, MESSAGE), (Kind.PEER_REPLY, PEER_REPLY)):
            self._speak(kind, int(free * share))
        self._write(Kind.LETTER, EMAIL, int(free * LETTER))
        self._write(Kind.REVIEW, REVIEWS, int(free * REVIEW))
        self._write(Kind.ANSWER, SURVEY, int(free * ANSWER))
        self._refund(int(free * REFUND))
        self._mood()
        self._answer()
        self.visits.browse(target - self.count())

    def _post(self, size: int) -> None:
        for channel, share in _ACROSS.items():
            at = business_hours(self.told, self.moments(max(int(size * share), 1), self.quiet_hours[channel]))
            part = self.add(Kind.OWN_POST, channel, -1, np.sort(np.minimum(at, self.told.until - 1)))
            before, ids = self.posts[channel]
            self.posts[channel] = (np.concatenate([before[-50:], part["at"]]), np.concatenate([ids[-50:], part["id"]]))

    def _post_before(self, channel: int, at: Ints) -> Ints:
        """The own post that an act at this time is about: one of the latest."""
        times, ids = self.posts[channel]
        back = self.random.geometric(0.45, len(at))
        place = np.searchsorted(times, at) - back
        found: Ints = ids[np.clip(place, 0, len(ids) - 1)]
        return np.where(np.searchsorted(times, at) > 0, found, -1)

    def _react(self, free: int) -> None:
        people = self.people
        eager = people.liveliness * np.where(people.voice == ADVOCATE, 2, 1) + 0.2
        for channel, share in _ACROSS.items():
            for kind, part in ((Kind.LIKE, LIKE), (Kind.SHARE, SHARE), (Kind.FOLLOW, FOLLOW), (Kind.UNFOLLOW, UNFOLLOW)):
                who = self.someone(int(free * part * share), eager * people.on[:, channel])
                at = self.habits(who, self.moments(len(who), self.quiet_hours[channel]))
                about = self._post_before(channel, at) if kind in (Kind.LIKE, Kind.SHARE) else -1
                self.add(kind, channel, who, at, thing=about)

    def _speak(self, kind: Kind, size: int) -> None:
        """Words on the networks: under our posts, about us, to us, to each other."""
        people = self.people
        for channel, share in _ACROSS.items():
            weight = people.liveliness * people.on[:, channel]
            if kind == Kind.MENTION:
                weight = weight * np.where(people.voice >= CRITIC, 3, 0.5)
            who = self.someone(int(size * share), weight)
            at = self.habits(who, self.moments(len(who), self.spoken_hours[channel]))
            thing, parent = np.full(len(who), -1), np.full(len(who), -1)
            if kind == Kind.COMMENT:
                thing = self._post_before(channel, at)
            elif kind == Kind.PEER_REPLY:
                thing, parent = self._comment_before(channel, at)
                known = parent >= 0
                self.add(Kind.COMMENT, channel, who[~known], at[~known], thing=self._post_before(channel, at[~known]))
                who, at, thing, parent = who[known], at[known], thing[known], parent[known]
            self.add(kind, channel, who, at, thing=thing, parent=parent)

    def _comment_before(self, channel: int, at: Ints) -> tuple[Ints, Ints]:
        """(post, comment) that someone answers at these times: one of this slice's latest comments; -1 where there was none."""
        part = next((part for part in self.parts_of(Kind.COMMENT) if part["channel"][0] == channel), None)
        if part is None:
            return np.full(len(at), -1), np.full(len(at), -1)
        order = np.argsort(part["at"], kind="stable")
        place = np.searchsorted(part["at"][order], at) - self.random.geometric(0.3, len(at))
        chosen = order[np.clip(place, 0, len(order) - 1)]
        return np.where(place >= 0, part["thing"][chosen], -1), np.where(place >= 0, part["id"][chosen], -1)

    def _write(self, kind: Kind, channel: int, size: int) -> None:
        people = self.people
        weight = (people.liveliness + 0.3) * people.on[:, channel]
        if kind == Kind.REVIEW:
            weight = weight * np.where(people.voice == CRITIC, 2, 1)
        who = self.someone(size, weight)
        self.add(kind, channel, who, self.habits(who, self.moments(len(who), self.spoken_hours[channel])))

    def _refund(self, size: int) -> None:
        orders = next(iter(self.parts_of(Kind.ORDER)), None)
        if orders is None:
            return
        late = np.where(self.told.in_crisis(orders["at"]), 8.0, 1.0)
        chosen = self.random.choice(len(orders["id"]), min(size, len(orders["id"])), replace=False, p=late / late.sum())
        at = business_hours(self.told, orders["at"][chosen] + ((3 + self.random.random(len(chosen)) * 6) * DAY).astype(np.int64))
        known = at < self.told.until
        chosen, at = chosen[known], at[known]
        self.add(Kind.REFUND, SHOP, orders["person"][chosen], at, amount=orders["amount"][chosen], thing=orders["thing"][chosen])

    # -- what it feels like, and our answers

    def _mood(self) -> None:
        """Topic, mood and rating of all that is spoken in this slice."""
        spoken = [kind.value for kind in SPOKEN]
        for part in self.parts:
            if not len(part["id"]) or not np.isin(part["kind"], spoken).any():
                continue
            some = np.isin(part["kind"], spoken)
            at, person, kind = part["at"][some], part["person"][some], part["kind"][some]
            topic = topics(self.told, at, part["channel"][some], self.random)
            part["topic"][some], part["mood"][some] = topic, self._feel(kind, person, at, topic)
            part["rating"][some] = self._rate(kind, part["mood"][some])

    def _feel(self, kind: Column, person: Column, at: Ints, topic: Column) -> Column:
        dice, asks = self.random.random(len(at)), np.zeros(len(at))
        for code, share in _QUESTIONS.items():
            asks[kind == code] = share
        gloom = self.people.gloom[person] + np.isin(topic, (3, 9, 10)) * 0.15
        delivery = topic == 1
        gloom = np.where(delivery & self.told.in_crisis(at), 0.9, np.where(delivery & self.told.in_recovery(at), 0.22, gloom))
        asks = np.where(delivery & self.told.in_crisis(at), asks * 0.4, asks)
        bad = dice < gloom
        mood = np.where(bad, np.where(self.random.random(len(at)) < 0.16, Mood.IRONIC, Mood.NEGATIVE), Mood.POSITIVE)
        return np.where(self.random.random(len(at)) < asks, Mood.QUESTION, mood).astype(np.uint8)

    def _rate(self, kind: Column, mood: Column) -> Column:
        """Stars of reviews (1-5) and marks of answers (0-10)."""
        size = len(kind)
        glad, plain = mood == Mood.POSITIVE, mood == Mood.QUESTION
        draw = self.random.choice
        stars = np.select([glad, plain], [draw([4, 5, 5], size), draw([3, 4], size)], draw([1, 2, 2, 3], size))
        marks = np.select([glad, plain], [draw([8, 9, 9, 10, 10], size), draw([6, 7, 8], size)], draw([0, 1, 2, 3, 4, 5, 6], size))
        return np.where(kind == Kind.REVIEW, stars, np.where(kind == Kind.ANSWER, marks, np.nan))

    def _answer(self) -> None:
        """We answer half of what is said to us, more of the complaints, fewer in the crisis; in working hours, after an hour or two."""
        answered = [Kind.COMMENT, Kind.MESSAGE, Kind.LETTER, Kind.REVIEW, Kind.MENTION]
        for part in list(self.parts):
            said = np.flatnonzero(np.isin(part["kind"], answered))
            chance = np.where(part["mood"][said] >= Mood.QUESTION, 0.72, 0.3) * np.where(self.told.in_crisis(part["at"][said]), 0.6, 1)
            said = said[self.random.random(len(said)) < chance]
            wait = (self.random.lognormal(0.6, 0.9, len(said)) * HOUR).astype(np.int64)
            wait = np.where(self.told.in_crisis(part["at"][said]), wait * 6, wait)
            at = business_hours(self.told, part["at"][said] + wait)
            said, at = said[at < self.told.until], at[at < self.told.until]
            self.add(Kind.OWN_REPLY, part["channel"][said], part["person"][said], at, thing=part["thing"][said], parent=part["id"][said],
                     topic=part["topic"][said], mood=part["mood"][said])  # fmt: skip
