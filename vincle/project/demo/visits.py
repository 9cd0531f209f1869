"""The web site: forms and visits. Some visits begin with a click in a newsletter, some lead to an order, most just happen."""

import numpy as np
from numpy.typing import NDArray

from .drawing import Drawing, Ints
from .kinds import HOUR, WEB, Kind

FORM = 0.008
PAGES = 24


class Visits:
    """Fills a slice with page views."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.people, self.told, self.random = drawing, drawing.people, drawing.told, drawing.random
        self.add = drawing.add

    def browse(self, size: int) -> None:
        """Visits: some begin with a click in a newsletter, some lead to an order, most just happen. Exactly `size` page views."""
        if size <= 0:
            return
        forms = int(size * FORM)
        people, random = self.people, self.random
        weight = people.on[:, WEB] * (people.liveliness + 0.5)
        who = self.drawing.someone(forms, weight)
        self.add(Kind.FORM, WEB, who, self.drawing.habits(who, self.drawing.moments(len(who), self.drawing.quiet_hours[WEB])), thing=1)
        size -= len(who)
        visits = max(size // 3, 1)
        person, at, campaign = self._led(visits)
        more = self.drawing.someone(visits - len(person), weight)
        begun = self.drawing.habits(more, self.drawing.moments(len(more), self.drawing.quiet_hours[WEB]))
        person, at = np.concatenate([person, more]), np.concatenate([at, begun])
        campaign = np.concatenate([campaign, np.zeros(len(more), bool)])
        if not len(at):  # nobody with a browser is here: a passer-by
            person, at, campaign = np.array([0]), np.array([self.drawing.begin]), np.array([False])
        visit = np.sort(random.integers(0, len(at), size))
        step = np.arange(size) - np.searchsorted(visit, visit)
        moment = np.minimum(at[visit] + (step * random.uniform(20e6, 90e6, size)).astype(np.int64), self.told.until - 1)
        page = np.where(step == 0, random.integers(0, 4, size), random.integers(0, PAGES, size))
        device = (random.random(len(at)) < 0.3).astype(np.uint8)[visit] * (people.devices[person[visit]] - 1)
        self.add(Kind.PAGE_VIEW, WEB, person[visit], moment, thing=page, campaign=campaign[visit], device=device)

    def _led(self, visits: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Visits that follow a click, and visits before an order."""
        clicks, orders = self.drawing.parts_of(Kind.CLICK), self.drawing.parts_of(Kind.ORDER)
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
