"""What it takes to link without asking, and how many independent kinds of evidence speak."""

import numpy as np
import pytest

from vincle.identify.linkage import kinds
from vincle.identify.linkage.weighing import expected
from vincle.identify.matchers.base import Matcher
from vincle.identify.matchers.plain import for_field
from vincle.identify.matchers.registry import matchers

NAME = {"given_name": "same", "family_name": "same"}
CASES = [
    (NAME | {"city": "same"}, False, 2),
    (NAME | {"job_title": "same"}, False, 2),
    (NAME | {"company": "words"}, False, 1),
    (NAME | {"company": "same"}, True, 2),
    (NAME | {"email": "same_local"}, False, 1),
    (NAME | {"email": "same", "birthday": "same"}, True, 3),
    ({"given_name": "differs", "family_name": "same", "phone": "same", "job_title": "same"}, False, 3),
    ({"given_name": "differs", "handle_name": "family", "email": "same"}, False, 1),
    ({"given_name": "differs", "family_name": "same", "birthday": "same"}, True, 2),
    ({"handle_name": "full", "username": "same"}, True, 1),
    ({"handle_name": "full", "username": "similar"}, False, 1),
]


@pytest.mark.parametrize(("agreed", "may", "many"), CASES)
def test_what_it_takes(agreed: dict[str, str], may: bool, many: int) -> None:
    """In a batch, and one pair at a time as a question keeps it."""
    asked = [matchers().get(id) or _plain(id) for id in dict.fromkeys([*agreed, "birthday", "avatar"])]
    levels = np.full((1, len(asked)), -1, np.int8)
    weights = np.zeros((1, len(asked)))
    steps = []
    for at, matcher in enumerate(asked):
        if level := agreed.get(matcher.id):
            levels[0, at] = [each.id for each in matcher.levels].index(level)
            weights[0, at] = -3.0 if level == "differs" else 8.0
            steps.append({"matcher": matcher.id, "level": level, "weight": float(weights[0, at])})
    assert kinds.may_link(levels, weights, asked).tolist() == [may]
    assert kinds.independent(kinds.speaking(levels, weights, asked)).tolist() == [many] == [kinds.independent_of(steps)]


def _plain(id: str) -> Matcher:
    return for_field(id)


def test_a_table_of_names_and_towns_alone_is_linked_by_them() -> None:
    asked = [matchers()["given_name"], matchers()["family_name"]]
    levels = np.asarray([[len(each.levels) - 1 for each in asked]], np.int8)
    assert kinds.may_link(levels, np.full((1, 2), 8.0), asked).tolist() == [True]


def test_what_agreements_have_in_common_is_told_once() -> None:
    weights = np.asarray([[9.0, 7.0, 2.0], [9.0, -3.0, 2.0], [-4.0, 7.0, 2.0]])
    lifts = np.asarray([[0.0, 1.5, 3.0], [1.5, 0.0, 1.0], [3.0, 1.0, 0.0]])
    assert expected(weights, lifts, [0, 1, 2]).tolist() == [[9.0, 5.5, 0.0], [9.0, -3.0, 0.0], [-4.0, 7.0, 1.0]]
