"""How each kind of act is drawn: who, when, about what. Only arrays, no loops over people."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import DAY, EMAIL, FACEBOOK, HOUR, INSTAGRAM, MASTODON, REVIEWS, SHOP, SOCIAL, SPOKEN, SURVEY, WEB, Kind, Mood
from .people import ADVOCATE, CRITIC, Orders, People
from .stories import Calendar, business_hours, rhythm, topics

Ints = NDArray[np.int64]
Column = NDArray[Any]
COLUMNS: dict[str, type] = {
    "kind": np.uint8, "channel": np.uint8, "person": np.int32, "at": np.int64, "thing": np.int64, "parent": np.int64, "amount": np.float64,
    "rating": np.float32, "topic": np.uint8, "mood": np.uint8, "is_machine": np.bool_, "campaign": np.bool_, "device": np.uint8,
}  # fmt: skip
_EMPTY = {"thing": -1, "parent": -1, "amount": np.nan, "rating": np.nan}
# Shares of the activities that are neither orders nor arrivals. What is left over are page views.
SEND, OWN_POST, COMMENT, LIKE, SHARE, FOLLOW, UNFOLLOW = 0.165, 0.006, 0.085, 0.165, 0.02, 0.012, 0.003
MENTION, MESSAGE, LETTER, PEER_REPLY, REVIEW, ANSWER, FORM, REFUND = 0.02, 0.026, 0.018, 0.024, 0.015, 0.028, 0.008, 0.002
_ACROSS = {INSTAGRAM: 0.52, FACEBOOK: 0.36, MASTODON: 0.12}
_QUESTIONS = {Kind.COMMENT: 0.2, Kind.MESSAGE: 0.5, Kind.LETTER: 0.45, Kind.MENTION: 0.08, Kind.PEER_REPLY: 0.15, Kind.ANSWER: 0.08}
PAGES = 24


class Acts:
    """Draws the acts of one slice of time after another. Ids count on through all slices."""

    def __init__(self, people: People, told: Calendar, random: np.random.Generator) -> None:
        self.people, self.told, self.random = people, told, random
        self.next_id = self.newsletter = 0
        self.posts = {channel: (np.empty(0, np.int64), np.empty(0, np.int64)) for channel in SOCIAL}
        self.quiet_hours = {channel: rhythm(told, channel) for channel in range(8)}
        self.spoken_hours = {channel: rhythm(told, channel, spoken=True) for channel in range(8)}
        self.parts: list[dict[str, Column]] = []
        self.begin = self.end = 0
        self.present = np.ones(people.size, bool)

    def open_slice(self, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.parts = []
        self.present = (self.people.joined < end) & (self.people.left > begin)

    def close_slice(self) -> dict[str, Column]:
        return {name: np.concatenate([part[name] for part in self.parts]) for name in ("id", *COLUMNS)}

    def add(self, kind: Any, channel: Any, person: Any, at: Ints, **more: Any) -> dict[str, Column]:
        """Enter acts; single values hold for all. Returns the columns with their new ids."""
        size = len(at)
        values = {"kind": kind, "channel": channel, "person": person, "at": at, **more}
        part: dict[str, Column] = {"id": np.arange(self.next_id, self.next_id + size)}
        for name, form in COLUMNS.items():
            part[name] = np.broadcast_to(np.asarray(values.get(name, _EMPTY.get(name, 0))), size).astype(form)
        self.next_id += size
        self.parts.append(part)
        return part

    def count(self) -> int:
        return sum(len(part["id"]) for part in self.parts)

    # -- who and when

    def moments(self, size: int, hours: NDArray[np.float64]) -> Ints:
        """`size` moments of the slice, as often in each hour as `hours` says."""
        begin, last = (self.begin - self.told.start) // HOUR, max(-(-(self.end - self.told.start) // HOUR), 1)
        level = hours[begin:last]
        drawn = np.searchsorted(level.cumsum(), self.random.random(size) * level.sum(), side="right")
        hour = self.told.start + (begin + np.minimum(drawn, len(level) - 1)) * HOUR
        at: Ints = np.clip(hour + (self.random.random(size) * HOUR).astype(np.int64), self.begin, self.end - 1)
        return at

    def someone(self, size: int, weight: NDArray[np.float64]) -> Ints:
        """`size` people who are there in this slice, by weight and in random order; none when nobody is."""
        total = (weight * self.present).cumsum()
        if not size or not total[-1]:
            return np.empty(0, np.int64)
        gaps = self.random.exponential(1, size + 1).cumsum()  # sorted uniforms: the search stays in the cache
        drawn: Ints = np.searchsorted(total, gaps[:-1] / gaps[-1] * total[-1], side="right")
        self.random.shuffle(drawn)
        return np.minimum(drawn, len(total) - 1)

    def habits(self, person: Ints, at: Ints) -> Ints:
        """Early and late risers: moments shifted by each one's hours, after they joined and before the end of the time told."""
        shifted = at + self.people.shift[person] * HOUR
        shifted = np.where((shifted >= self.told.until) | (shifted < self.told.start), at, shifted)
        late = self.people.joined[person] + (self.random.random(len(at)) * 2 * DAY).astype(np.int64)
        return np.minimum(np.where(shifted < self.people.joined[person], late, shifted), self.told.until - 1)

    # -- what happens

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
        return {"person": person, "kind": kind, "channel": place, "at": np.minimum(met, self.told.until - 1)}

    def buy(self, orders: Orders) -> None:
        first, last = np.searchsorted(orders.at, [self.begin, self.end])
        some = slice(first, last)
        self.add(Kind.ORDER, SHOP, orders.person[some], orders.at[some], amount=orders.amount[some], campaign=orders.campaign[some],
                 thing=np.arange(first, last))  # fmt: skip

    def everything(self, free: int) -> None:
        """Fill the slice with exactly `free` acts beside orders and arrivals."""
        target = self.count() + free
        self._post(int(free * OWN_POST))
        self._mail(int(free * SEND))
        self._react(free)
        for kind, share in ((Kind.COMMENT, COMMENT), (Kind.MENTION, MENTION), (Kind.MESSAGE, MESSAGE), (Kind.PEER_REPLY, PEER_REPLY)):
            self._speak(kind, int(free * share))
        self._write(Kind.LETTER, EMAIL, int(free * LETTER))
        self._write(Kind.REVIEW, REVIEWS, int(free * REVIEW))
        self._write(Kind.ANSWER, SURVEY, int(free * ANSWER))
        self._refund(int(free * REFUND))
        self._mood()
        self._answer()
        self._browse(target - self.count())

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
        part = next((part for part in self.parts if _is(part, Kind.COMMENT) and part["channel"][0] == channel), None)
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
        orders = next((part for part in self.parts if _is(part, Kind.ORDER)), None)
        if orders is None:
            return
        late = np.where(self.told.in_crisis(orders["at"]), 8.0, 1.0)
        chosen = self.random.choice(len(orders["id"]), min(size, len(orders["id"])), replace=False, p=late / late.sum())
        at = business_hours(self.told, orders["at"][chosen] + ((3 + self.random.random(len(chosen)) * 6) * DAY).astype(np.int64))
        known = at < self.told.until
        chosen, at = chosen[known], at[known]
        self.add(Kind.REFUND, SHOP, orders["person"][chosen], at, amount=orders["amount"][chosen], thing=orders["thing"][chosen])

    # -- mail

    def _mail(self, size: int) -> None:
        """Newsletters to all who are subscribed then, or to as many of them as there is room for."""
        begin = self.told.campaign[0]
        if self.begin <= begin < self.end:
            self._send(np.flatnonzero((self.people.campaign == 1) & (self.people.mail_ends > begin)), begin, campaign=True)
        reached = np.flatnonzero(self.people.is_subscriber & self.present & (self.people.mail_ends > self.begin))
        if not len(reached) or not size:
            return
        times = max(1, round(size / len(reached)))
        tenth = self.random.permutation(reached)[: min(len(reached), size // times)]
        for at in np.sort(self._mornings(times)):
            self._send(tenth[(self.people.joined[tenth] < at) & (self.people.mail_ends[tenth] > at)], int(at), campaign=False)

    def _mornings(self, size: int) -> Ints:
        """Half past nine on Tuesdays and Thursdays, where the slice has such mornings."""
        at = self.begin + np.arange(max((self.end - self.begin) // HOUR, 1)) * HOUR
        place = np.clip((at - self.told.start) // HOUR, 0, len(self.told.hour) - 1)
        fit = np.flatnonzero((self.told.hour[place] == 9) & np.isin(self.told.weekday[place], (1, 3)))
        chosen = at[fit] if len(fit) else at
        return chosen[np.linspace(0, len(chosen) - 1, size).astype(int)] + HOUR // 2

    def _send(self, who: Ints, at: int, campaign: bool) -> None:
        people, random, number = self.people, self.random, self.newsletter
        self.newsletter += 1
        sent = at + (random.random(len(who)) * 0.2 * HOUR).astype(np.int64)
        shape = {"thing": number, "campaign": campaign}
        bad = people.bad_address[who]
        self.add(Kind.BOUNCE, EMAIL, who[bad], sent[bad] + 60_000_000, **shape)
        people.mail_ends[who[bad]] = at
        who, sent = who[~bad], sent[~bad]
        self.add(Kind.SEND, EMAIL, who, sent, **shape)
        proxy = people.reads_by_proxy[who]
        seconds = (random.random(int(proxy.sum())) * 20e6).astype(np.int64) + 10**6
        self.add(Kind.OPEN, EMAIL, who[proxy], sent[proxy] + seconds, is_machine=True, **shape)
        opens = random.random(len(who)) < people.open_rate[who] * (1.3 if campaign else 1)
        who = who[opens]
        read = self.habits(who, sent[opens] + (random.lognormal(1.1, 1.2, len(who)) * HOUR).astype(np.int64))
        read = np.maximum(read, sent[opens] + 60_000_000)
        self._open(who[read < self.told.until], read[read < self.told.until], shape)

    def _open(self, who: Ints, read: Ints, shape: dict[str, Any]) -> None:
        self.add(Kind.OPEN, EMAIL, who, read, **shape)
        dice = self.random.random(len(who))
        click = (dice < 0.2) & (read + 40_000_000 < self.told.until)
        self.add(Kind.CLICK, EMAIL, who[click], read[click] + 40_000_000, **shape)
        leaves = (dice > 0.991) & (read + 80_000_000 < self.told.until) & (self.people.mail_ends[who] > read)
        self.add(Kind.UNSUBSCRIBE, EMAIL, who[leaves], read[leaves] + 80_000_000, **shape)
        self.people.mail_ends[who[leaves]] = read[leaves]

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

    # -- the web site

    def _browse(self, size: int) -> None:
        """Visits: some begin with a click in a newsletter, some lead to an order, most just happen. Exactly `size` page views."""
        if size <= 0:
            return
        forms = int(size * FORM)
        people, random = self.people, self.random
        weight = people.on[:, WEB] * (people.liveliness + 0.5)
        who = self.someone(forms, weight)
        self.add(Kind.FORM, WEB, who, self.habits(who, self.moments(len(who), self.quiet_hours[WEB])), thing=1)
        size -= len(who)
        visits = max(size // 3, 1)
        person, at, campaign = self._led(visits)
        more = self.someone(visits - len(person), weight)
        person = np.concatenate([person, more]) if len(person) + len(more) else random.integers(0, people.size, 1)
        at = np.concatenate([at, self.habits(more, self.moments(len(more), self.quiet_hours[WEB]))]) if len(more) else at
        campaign = np.concatenate([campaign, np.zeros(len(more), bool)])
        if not len(at):
            person, at, campaign = np.array([0]), np.array([self.begin]), np.array([False])
        visit = np.sort(random.integers(0, len(at), size))
        step = np.arange(size) - np.searchsorted(visit, visit)
        moment = np.minimum(at[visit] + (step * random.uniform(20e6, 90e6, size)).astype(np.int64), self.told.until - 1)
        page = np.where(step == 0, random.integers(0, 4, size), random.integers(0, PAGES, size))
        device = (random.random(len(at)) < 0.3).astype(np.uint8)[visit] * (people.devices[person[visit]] - 1)
        self.add(Kind.PAGE_VIEW, WEB, person[visit], moment, thing=page, campaign=campaign[visit], device=device)

    def _led(self, visits: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Visits that follow a click, and visits before an order."""
        clicks = [part for part in self.parts if _is(part, Kind.CLICK)]
        orders = [part for part in self.parts if _is(part, Kind.ORDER)]
        both = [*clicks, *orders]
        if not both:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool)
        person = np.concatenate([part["person"] for part in both]).astype(np.int64)
        wait = [np.full(len(part["at"]), -5_000_000) for part in clicks]
        wait += [(self.random.exponential(10, len(part["at"])) * HOUR).astype(np.int64) + 300_000_000 for part in orders]
        at = np.concatenate([part["at"] for part in both]) - np.concatenate(wait)
        campaign = np.concatenate([part["campaign"] for part in both])
        fit = np.flatnonzero(self.people.on[person, WEB] & (at >= self.told.start) & (at < self.told.until))
        some = self.random.permutation(fit)[: visits // 2]
        return person[some], at[some], campaign[some]


def _is(part: dict[str, Column], kind: Kind) -> bool:
    return len(part["id"]) > 0 and part["kind"][0] == kind.value
