"""Who of the team answers, closes and is thanked: the figures of service by agent and by team."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from vincle.accounts.models import User

from .figures import Closed, Figures, Said, Timed, Turn
from .figures_numbers import Scores, scores
from .models import Team

T = TypeVar("T")
ELSEWHERE, RULES, NOBODY = -1, -2, -3
"""Instead of a user or a team: written at the platform itself; done by a rule, nobody's."""


@dataclass
class Group:
    """One agent or team by `id`, or one of those that stand for none."""

    id: int
    name: str
    answers: int
    waited: Timed
    closed: int
    scores: Scores


def agents(figures: Figures) -> list[Group]:
    """By who answered, who closed, and who had looked after the one who gave a score; those with most answers first."""
    turns = _by(figures.turns, lambda turn: ELSEWHERE if turn.send is None else turn.by or RULES)
    closed = _by(figures.closings, lambda row: row.by or RULES)
    said = _by(figures.said, lambda row: row.agent or NOBODY)
    wanted = {*turns, *closed, *said}
    rows = User.objects.filter(pk__in=[each for each in wanted if each > 0], memberships__workspace=figures.workspace).distinct()
    names = {user.pk: str(user) for user in rows}
    names |= {ELSEWHERE: _("Written elsewhere"), RULES: _("Rules"), NOBODY: _("Nobody")}
    return _sorted(
        [_group(figures, each, names.get(each, _("Someone who left")), turns[each], closed[each], said[each]) for each in wanted]
    )


def teams(figures: Figures) -> list[Group]:
    """By the team a conversation belongs to, when it was closed or else now."""
    turns = _by(figures.turns, lambda turn: turn.team or NOBODY)
    closed = _by(figures.closings, lambda row: row.team or NOBODY)
    said = _by(figures.said, lambda row: row.team or NOBODY)
    names = dict(Team.objects.of(figures.workspace).values_list("pk", "name"))
    names[NOBODY] = _("No team")
    wanted = {*turns, *closed, *said}
    gone = _("A team that is gone")
    return _sorted([_group(figures, each, names.get(each, gone), turns[each], closed[each], said[each]) for each in wanted])


def _by(rows: Sequence[T], of: Callable[[T], int]) -> Mapping[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for row in rows:
        found[of(row)].append(row)
    return found


def _group(figures: Figures, key: int, name: str, turns: list[Turn], closed: list[Closed], said: list[Said]) -> Group:
    given = scores([row.score for row in said if row.score])
    return Group(key, name, len(turns), figures.waited(turns), len(closed), given)


def _sorted(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.answers, -group.closed, group.name.casefold()))
