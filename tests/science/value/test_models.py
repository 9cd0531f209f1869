"""The models on customers of known parameters, in corners, and beside the textbook's integrals."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function

from tests.science.value.simulated import customers
from vincle.science.value import bgbb, bgnbd, mbgnbd, paretonbd
from vincle.science.value._coming import SLOW, STEEP, coming
from vincle.science.value._leaving import Leaving
from vincle.science.value.fitted import Covariates, Fitted
from vincle.science.value.histories import Histories

KNOWN: dict[str, tuple[float, float, float, float]] = {
    "bgnbd": (0.8, 4.0, 0.8, 2.4),
    "mbgnbd": (0.9, 5.0, 0.9, 2.6),
    "paretonbd": (0.9, 6.0, 0.7, 12.0),
}
MUSIC: dict[str, tuple[float, float, float, float]] = {
    "bgnbd": (0.243, 4.414, 0.793, 2.426),
    "mbgnbd": (0.525, 6.183, 0.891, 1.614),
    "paretonbd": (0.553, 10.578, 0.606, 11.669),
}
"""Customers of a music shop, as published of CDNOW."""
MODELS: dict[str, Any] = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "paretonbd": paretonbd, "bgbb": bgbb}
LAWS = [MODELS[name].LAW for name in MODELS]
CORNERS = Histories([0, 0, 1, 3, 40, 5000, 1, 900], [0, 0, 1, 2, 40, 9000, 1, 901], [0, 30000, 1, 900, 41, 9000, 20000, 902])


def _fitted(model: str, places: list[float], **more: Any) -> Fitted:
    return Fitted(model, dict(zip(MODELS[model].LAW.names, places, strict=True)), -1.0, 5000, **more)


def _sample(model: str, size: int, seed: int, places: tuple[float, float, float, float] | None = None) -> tuple[Histories, np.ndarray]:
    watched = np.random.default_rng(seed).integers(27 * 7, 39 * 7, size) / 7
    x, t_x, later = customers(model, places or KNOWN[model], watched, 26.0, seed)
    return Histories(x, t_x, watched), later


@pytest.mark.parametrize("model", KNOWN)
def test_known_parameters_are_found_within_their_errors(model: str) -> None:
    found = MODELS[model].fit(_sample(model, 8000, 1)[0])
    assert found.standard_errors is not None
    for name, truth in zip(found.law.names, KNOWN[model], strict=True):
        assert abs(found.parameters[name] - truth) < 3.5 * found.standard_errors[name]
        assert found.standard_errors[name] < truth


def test_known_chances_of_giving_are_found() -> None:
    chance = np.random.default_rng(4)
    size, periods = 6000, 8
    gives, lives = chance.beta(1.2, 0.75, size), chance.geometric(chance.beta(0.66, 2.8, size)) - 1
    given_ = (chance.random((size, periods)) < gives[:, None]) & (np.arange(1, periods + 1) <= lives[:, None])
    last = np.where(given_.any(axis=1), periods - np.argmax(given_[:, ::-1], axis=1), 0)
    found = bgbb.fit(Histories(given_.sum(axis=1), last, np.full(size, periods)))
    assert found.standard_errors is not None
    for name, truth in zip(found.law.names, (1.2, 0.75, 0.66, 2.8), strict=True):
        assert abs(found.parameters[name] - truth) < 3.5 * found.standard_errors[name]


@pytest.mark.parametrize("model", KNOWN)
@pytest.mark.parametrize(("size", "samples"), [(150, 10), (6000, 1)])
def test_intervals_hold_what_they_say(model: str, size: int, samples: int) -> None:
    """With parameters that were estimated, of the same customers."""
    inside = []
    for seed in range(samples):
        h, later = _sample(model, size, 100 + seed, MUSIC[model])
        low, high = MODELS[model].fit(h, penalty=0.1).draws(h.x, h.t_x, h.T, 26)
        inside.append(((low <= later) & (later <= high)).mean())
    assert 0.87 <= np.mean(inside) <= 0.93


@pytest.mark.parametrize("law", LAWS)
def test_slopes_are_those_of_the_likelihood(law: Any) -> None:
    h = Histories([0, 1, 2, 5, 9], [0, 1, 20, 38, 30], [38, 30, 30, 38, 39])
    places = np.array([[1.2], [0.7], [0.6], [2.7]])
    _, slopes = law.score(places, h)
    for at in range(4):
        more, less = places.copy(), places.copy()
        more[at] *= np.exp(1e-6)
        less[at] *= np.exp(-1e-6)
        assert (law.score(more, h)[0] - law.score(less, h)[0]) / 2e-6 == pytest.approx(slopes[at], abs=1e-6)


@pytest.mark.parametrize("model", KNOWN)
def test_grouping_changes_nothing(model: str) -> None:
    h, _ = _sample(model, 3000, 9)
    rounded = Histories(h.x, np.where(h.x > 0, np.maximum(np.round(h.t_x), 0.5), 0), np.ceil(h.T))
    groups, place = rounded.groups()
    assert len(groups) < len(rounded)
    assert groups.customers == 3000
    assert (groups.x[place] == rounded.x).all()
    assert (groups.T[place] == rounded.T).all()
    law, places = MODELS[model].LAW, np.array(KNOWN[model])[:, None]
    whole = law.score(places, rounded)[0].sum()
    assert float(law.score(places, groups)[0] @ groups.counts) == pytest.approx(whole, rel=1e-12)


def test_grouping_by_counting_is_grouping() -> None:
    chance = np.random.default_rng(0)
    x = chance.poisson(1.0, 60_000).astype(float)
    watched = chance.integers(100, 200, x.size)
    t_x = np.where(x > 0, chance.integers(1, 100, x.size), 0)
    h = Histories(x, t_x / 7, watched / 7)
    groups, place = h.groups()
    assert (groups.x[place] == h.x).all()
    assert (groups.t_x[place] == h.t_x).all()
    assert (groups.T[place] == h.T).all()
    assert len(groups) == len(np.unique(np.column_stack((h.x, h.t_x, h.T)), axis=0))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("places", [[0.3, 4.0, 0.8, 2.5], [0.01, 500.0, 0.01, 500.0], [20.0, 0.05, 1.0, 0.05], [1e5, 3e5, 1e5, 2e5]])
def test_corners(model: str, places: list[float]) -> None:
    """Much bought, long watched, not watched at all, nothing bought."""
    found, h = _fitted(model, places), CORNERS
    for ahead in (0.0, 1.0, 500.0):
        alive, expected = found.alive(h.x, h.t_x, h.T), found.expected(h.x, h.t_x, h.T, ahead)
        low, high = found.draws(h.x, h.t_x, h.T, ahead)
        assert ((alive >= 0) & (alive <= 1)).all()
        assert (np.isfinite(expected) & (expected >= 0)).all()
        assert ((low >= 0) & (low <= high) & np.isfinite(high)).all()
    score, slopes = found.law.score(np.array(places)[:, None], h)
    assert np.isfinite(score).all()
    assert np.isfinite(slopes).all()


@given(
    st.sampled_from(list(MODELS)), st.lists(st.floats(-2.5, 2.5), min_size=4, max_size=4), st.integers(0, 40),
    st.integers(0, 60), st.integers(0, 60), st.integers(0, 100),
)  # fmt: skip
def test_never_below_nothing(model: str, places: list[float], x: int, more: int, rest: int, ahead: int) -> None:
    found = _fitted(model, np.exp(places).tolist())
    last = x + more if x else 0
    alive, expected = found.alive(x, last, last + rest)[0], found.expected(x, last, last + rest, ahead)[0]
    assert 0 <= alive <= 1 + 1e-12
    assert 0 <= expected <= (np.inf if model != "bgbb" else ahead)
    chances = [found.at_least(y, x, last, last + rest, ahead)[0] for y in range(4)]
    assert chances[0] == 1
    assert (np.diff(chances) <= 1e-9).all()


@given(
    st.sampled_from(list(MODELS)), st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.integers(1, 12), st.integers(12, 60),
    st.integers(0, 30), st.integers(1, 50),
)  # fmt: skip
def test_the_later_the_last_purchase_the_more_to_come(model: str, places: list[float], x: int, last: int, step: int, ahead: int) -> None:
    """Of two who bought as often, in the same time. (Not of two who bought unlike often: the frequency paradox.)"""
    found = _fitted(model, np.exp(places).tolist())
    old, new = found.expected(x, [last, last + step], 90, ahead)
    assert old <= new * (1 + 1e-9) + 1e-12


def test_frequency_paradox() -> None:
    """Who bought often and then no more is worth less than who bought once, as long ago."""
    for model, places in KNOWN.items():
        often, seldom = _fitted(model, list(places)).expected([12, 1], [30, 26], 78, 52)
        assert often < seldom, model


@pytest.mark.parametrize(
    ("a", "b", "s", "z"),
    [
        (0.8, 2.4, 2.2, 0.5),
        (1.0, 3.0, 0.7, 0.9),
        (0.4, 0.6, 5.0, 0.97),
        (2.5, 400.0, 30.0, 0.2),
        (0.8, 2.4, 2.2, 0.995),
        (1.0, 1.0, 3.0, 0.999),
        (0.6, 2.0, 60.0, 0.5),
        (0.05, 0.4, 45.0, 0.3),
    ],
)
def test_purchases_to_come_are_their_integral(a: float, b: float, s: float, z: float) -> None:
    scale = z / (1 - z)
    whole = quad(lambda p: -np.expm1(-s * np.log1p(p * scale)) / p if p else s * scale, 0, 1, weight="alg", wvar=(a - 1, b - 1), limit=400)[
        0
    ]
    found = coming(np.array([a]), np.array([b]), np.array([s]), np.array([z]))[0]
    assert found == pytest.approx(whole / beta_function(a, b), rel=1e-6)


def test_the_two_ways_to_them_meet() -> None:
    for edge in ((STEEP, 80.0, 2.0, 0.4), (0.8, 2.4, 2.2, SLOW), (1.5, 3.0, 33.5, 0.6)):
        parts = (np.array([edge[at] * step for step in (1 - 1e-7, 1 + 1e-7)]) for at in range(4))
        below, above = coming(*parts)
        assert below == pytest.approx(above, rel=2e-5)


@pytest.mark.parametrize(("r", "alpha", "s", "beta"), [(0.55, 10.6, 0.6, 11.7), (3.0, 0.2, 2.0, 80.0), (0.1, 90.0, 0.3, 0.5)])
@pytest.mark.parametrize(("x", "t_x", "watched"), [(0, 0, 40), (2, 30, 39), (30, 5, 400), (1, 10, 10.001)])
def test_leaving_is_its_integral(r: float, alpha: float, s: float, beta: float, x: int, t_x: float, watched: float) -> None:
    scale = (alpha + t_x) ** (r + x) * (beta + t_x) ** (s + 1)
    whole = quad(lambda u: scale * (alpha + u) ** -(r + x) * (beta + u) ** -(s + 1), t_x, watched, limit=400, epsabs=0, epsrel=1e-11)[0]
    found = Leaving.of(np.array([[r], [alpha], [s], [beta]]), Histories([x], [t_x], [watched]))
    assert found.log[0] == pytest.approx(np.log(s * whole / scale), abs=1e-8)


def test_covariates_are_found() -> None:
    """Who has the trait buys more often, and leaves sooner."""
    chance, size = np.random.default_rng(5), 8000
    trait, watched = chance.integers(0, 2, size).astype(float), chance.integers(30, 60, size).astype(float)
    parts = [customers("bgnbd", (0.8, 4.0 * np.exp(-0.5 * z), 0.8 * np.exp(0.6 * z), 2.4), watched[trait == z], 0, 6) for z in (0, 1)]
    x, t_x = np.zeros(size), np.zeros(size)
    for z, part in enumerate(parts):
        x[trait == z], t_x[trait == z] = part[0], part[1]
    known = Covariates(("trait",), trait[:, None])
    found = bgnbd.fit(Histories(x, t_x, watched), covariates=known)
    errors = found.standard_errors
    assert errors is not None
    for name, truth in {"alpha.trait": 0.5, "a.trait": 0.6, "b.trait": 0.0, "alpha": 4.0, "r": 0.8}.items():
        assert abs(found.parameters[name] - truth) < 3.5 * errors[name]
    assert abs(found.parameters["alpha.trait"]) > 3 * errors["alpha.trait"]
    with_it, without = found.expected(0, 0, 2, 1, [[1.0]]), found.expected(0, 0, 2, 1, [[0.0]])
    assert with_it[0] > without[0]
    with pytest.raises(ValueError, match="1 covariates"):
        found.expected(0, 0, 2, 50)


def test_a_penalty_keeps_few_customers_sane() -> None:
    few = Histories([0, 0, 1, 0, 2, 0], [0, 0, 3, 0, 8, 0], [10, 11, 12, 9, 10, 12])
    free, held = bgnbd.fit(few), bgnbd.fit(few, penalty=1.0)
    away = [abs(np.log(each.parameters["b"] / 2.5)) for each in (held, free)]
    assert away[0] <= away[1]
    assert held.standard_errors is not None
    assert bgnbd.fit(Histories([0, 0], [0, 0], [5, 9]), penalty=1.0).expected(0, 0, 5, 10)[0] > 0


def test_nothing_to_learn_from() -> None:
    for h, said in (
        (Histories([], [], []), "no customer"),
        (Histories([0], [0], [0]), "no customer"),
        (Histories([0], [0], [9]), "nobody"),
    ):
        with pytest.raises(ValueError, match=said):
            bgnbd.fit(h)
    with pytest.raises(ValueError, match="whole periods"):
        bgbb.fit(Histories([1], [1.5], [3]))


@pytest.mark.parametrize("model", MODELS)
def test_kept_and_read_again(model: str) -> None:
    h = Histories([0, 1, 2, 0, 1, 4], [0, 2, 5, 0, 1, 9], [10, 10, 9, 8, 9, 11])
    found = MODELS[model].fit(h, penalty=0.5)
    again = Fitted.from_json(json.loads(json.dumps(found.to_json())))
    assert again.to_json() == found.to_json()
    assert again.draws(h.x, h.t_x, h.T, 12)[1].tolist() == found.draws(h.x, h.t_x, h.T, 12)[1].tolist()
    for broken in ({}, {**found.to_json(), "model": "crystal"}, {**found.to_json(), "parameters": {"r": 1}}, None):
        with pytest.raises(ValueError, match=r"model|kept"):
            Fitted.from_json(broken)
