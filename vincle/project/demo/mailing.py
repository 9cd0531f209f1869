"""Newsletters and what comes of them: opens by people and by machines, clicks, farewells, bounces."""

from typing import Any

import numpy as np

from .drawing import Drawing, Ints
from .kinds import DAY, EMAIL, HOUR, Kind


class Mailing:
    """Sends newsletters through a drawing. Addresses that bounce or leave get nothing more."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.people, self.told, self.random = drawing, drawing.people, drawing.told, drawing.random
        self.add, self.newsletter = drawing.add, 0
        self.ends = np.full(self.people.size, self.told.until + DAY)

    def mail(self, size: int) -> None:
        """Newsletters to all who are subscribed then, or to as many of them as there is room for."""
        begin = self.told.campaign[0]
        if self.drawing.begin <= begin < self.drawing.end:
            self._send(np.flatnonzero((self.people.campaign == 1) & (self.ends > begin)), begin, campaign=True)
        reached = np.flatnonzero(self.people.is_subscriber & self.drawing.present & (self.ends > self.drawing.begin))
        if not len(reached) or not size:
            return
        times = max(1, round(size / len(reached)))
        tenth = self.random.permutation(reached)[: min(len(reached), size // times)]
        for at in np.sort(self._mornings(times)):
            self._send(tenth[(self.people.joined[tenth] < at) & (self.ends[tenth] > at)], int(at), campaign=False)

    def _mornings(self, size: int) -> Ints:
        """Half past nine on Tuesdays and Thursdays, where the slice has such mornings."""
        at = self.drawing.begin + np.arange(max((self.drawing.end - self.drawing.begin) // HOUR, 1)) * HOUR
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
        self.ends[who[bad]] = at
        who, sent = who[~bad], sent[~bad]
        self.add(Kind.SEND, EMAIL, who, sent, **shape)
        proxy = people.reads_by_proxy[who]
        seconds = (random.random(int(proxy.sum())) * 20e6).astype(np.int64) + 10**6
        self.add(Kind.OPEN, EMAIL, who[proxy], sent[proxy] + seconds, is_machine=True, **shape)
        opens = random.random(len(who)) < people.open_rate[who] * (1.3 if campaign else 1)
        who = who[opens]
        read = self.drawing.habits(who, sent[opens] + (random.lognormal(1.1, 1.2, len(who)) * HOUR).astype(np.int64))
        read = np.maximum(read, sent[opens] + 60_000_000)
        self._open(who[read < self.told.until], read[read < self.told.until], shape)

    def _open(self, who: Ints, read: Ints, shape: dict[str, Any]) -> None:
        self.add(Kind.OPEN, EMAIL, who, read, **shape)
        dice = self.random.random(len(who))
        click = (dice < 0.2) & (read + 40_000_000 < self.told.until)
        self.add(Kind.CLICK, EMAIL, who[click], read[click] + 40_000_000, **shape)
        leaves = (dice > 0.991) & (read + 80_000_000 < self.told.until) & (self.ends[who] > read)
        self.add(Kind.UNSUBSCRIBE, EMAIL, who[leaves], read[leaves] + 80_000_000, **shape)
        self.ends[who[leaves]] = read[leaves]
