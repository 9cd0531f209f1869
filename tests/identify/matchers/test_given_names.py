"""Given names in bulk say of nicknames what the one rule for two names says."""

import itertools

import numpy as np

from vincle.identify.linkage.records import Records
from vincle.identify.matchers import given_name
from vincle.identify.matchers._names import are_nicknames
from vincle.identify.names import nicknames

GIVEN = "alberto umberto berto josep pepe beppe maria mariella anna tina valentina martina ric enric zzyzx william bill billy".split()


def test_nicknames_of_many_pairs_are_those_of_each() -> None:
    records = Records.of([{"first_name": each} for each in GIVEN])
    prepared = given_name.matcher.prepare(records)
    pairs = list(itertools.product(range(len(GIVEN)), repeat=2))
    left, right = (np.asarray([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    found = are_nicknames(prepared, prepared.own.terms()[left], prepared.own.terms()[right])
    for (one, other), is_one in zip(pairs, found.tolist(), strict=True):
        if one != other:
            assert is_one == nicknames.are_nicknames(GIVEN[one], GIVEN[other]), (GIVEN[one], GIVEN[other])


def test_two_formal_names_of_one_short_name_differ() -> None:
    records = Records.of([{"first_name": each} for each in ("Alberto", "Umberto", "Berto")])
    prepared = given_name.matcher.prepare(records)
    levels = given_name.matcher.compare(prepared, np.asarray([0, 0, 1], np.int32), np.asarray([1, 2, 2], np.int32))
    assert [given_name.matcher.levels[at].id for at in levels.tolist()] == ["differs", "nickname", "nickname"]
