"""Simulated queues against what is known of them in closed form."""

from math import inf, isclose

import numpy as np
import pytest

from vincle.science import queues
from vincle.science.queues import Batcher

COUNT = 600_000


def arrivals(rate: float, seed: int = 1, count: int = COUNT) -> queues.Moments:
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, count))


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_mm1(load: float) -> None:
    service = 0.01
    came = arrivals(load / service)
    left = queues.departures(came, np.random.default_rng(2).exponential(service, COUNT))
    stayed = queues.times(came, left)
    assert stayed.mean - service == pytest.approx(queues.mm1_wait(load / service, service), rel=0.06)
    assert stayed.p95 == pytest.approx(queues.mm1_sojourn(load / service, service, 0.95), rel=0.06)
    assert stayed.p99 == pytest.approx(queues.mm1_sojourn(load / service, service, 0.99), rel=0.1)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_md1(load: float) -> None:
    came = arrivals(load / 0.01)
    left = queues.departures(came, np.full(COUNT, 0.01))
    assert queues.times(came, left).mean - 0.01 == pytest.approx(queues.md1_wait(load / 0.01, 0.01), rel=0.05)


def test_mg1_of_two_kinds_of_request() -> None:
    """One in ten takes ten times as long."""
    services = np.where(np.random.default_rng(3).random(COUNT) < 0.1, 0.02, 0.002)
    rate = 0.7 / services.mean()
    came = arrivals(rate)
    wait = queues.times(came, queues.departures(came, services)).mean - services.mean()
    assert wait == pytest.approx(queues.mg1_wait(rate, float(services.mean()), float(services.var())), rel=0.05)


@pytest.mark.parametrize("servers", [2, 4])
def test_mmc(servers: int) -> None:
    count, service = 200_000, 0.01
    came = arrivals(0.8 * servers / service, count=count)
    left = queues.departures_of_many(came, np.random.default_rng(4).exponential(service, count), servers)
    assert queues.times(came, left).mean - service == pytest.approx(queues.mmc_wait(0.8 * servers / service, service, servers), rel=0.1)
    assert queues.mmc_wait(80, 0.01, 1) == pytest.approx(queues.mm1_wait(80, 0.01))


def test_the_recursion_is_lindleys() -> None:
    chance = np.random.default_rng(5)
    came, services = np.sort(chance.uniform(0, 10, 500)), chance.exponential(0.02, 500)
    expected, free = [], 0.0
    for at, service in zip(came, services, strict=True):
        free = max(free, at) + service
        expected.append(free)
    assert queues.departures(came, services) == pytest.approx(expected)
    assert queues.departures_of_many(came, services, 1) == pytest.approx(expected)


def test_batches_of_one_are_a_single_server() -> None:
    came = arrivals(70, count=20_000)
    assert queues.departures_in_batches(came, Batcher(0.01, 0.0, most=1)) == pytest.approx(queues.departures(came, np.full(20_000, 0.01)))


def test_everyone_in_a_batch_leaves_together_and_nobody_early() -> None:
    came = np.array([0.0, 0.1, 0.2, 0.3, 5.0])
    assert queues.departures_in_batches(came, Batcher(0.25, 0.0)).tolist() == [0.25, 0.5, 0.5, 0.75, 5.25]
    assert queues.departures_in_batches(came, Batcher(0.25, 0.0, most=1)).tolist() == [0.25, 0.5, 0.75, 1.0, 5.25]
    assert queues.departures_in_batches(came, Batcher(0.25, 0.1, linger=0.2)).tolist() == pytest.approx([0.75, 0.75, 0.75, 1.3, 5.55])
    looked = queues.departures_in_batches(np.array([0.05, 0.5]), Batcher(0.01, 0.0, pause=0.2))
    assert looked.tolist() == pytest.approx([0.21, 0.62])


def test_group_commit_holds_where_one_commit_each_would_not() -> None:
    """A commit of 5 ms bears 200 a second one by one; together it bears far more, and nobody waits for more than two commits."""
    came = arrivals(5000, count=100_000)
    left = queues.departures_in_batches(came, Batcher(0.005, 0.00001))
    assert queues.md1_wait(5000, 0.005) == inf
    slowest = 0.005 + 0.00001 * 60
    assert queues.times(came, left).longest < 2 * slowest
    assert queues.times(came, left).mean == pytest.approx(1.5 * 0.0053, rel=0.1)


def test_a_row_of_mm1_queues_is_each_by_itself() -> None:
    """Burke: the sum of the sojourns of the single queues."""
    chance = np.random.default_rng(6)
    came = at = arrivals(60)
    for service in (0.01, 0.005, 0.012):
        at = queues.departures(at, chance.exponential(service, COUNT))
    expected = sum(queues.mm1_wait(60, service) + service for service in (0.01, 0.005, 0.012))
    assert queues.times(came, at).mean == pytest.approx(expected, rel=0.05)


def test_stages_one_behind_the_other() -> None:
    came = np.array([0.0, 1.0])
    first, second = queues.tandem(came, [Batcher(0.5, 0.0), Batcher(0.25, 0.0)])
    assert (first.tolist(), second.tolist()) == ([0.5, 1.5], [0.75, 1.75])


def test_a_burst_drains_as_water_would() -> None:
    chance = np.random.default_rng(7)
    came = queues.profile(chance, [(500, 60), (4000, 30), (500, 200)])
    server = Batcher(0.05, 0.0005, most=1000)
    left = queues.departures_in_batches(came, server)
    spare = queues.drain(came, left, after=90)
    backlog = (4000 - server.capacity()) * 30
    assert spare == pytest.approx(backlog / server.capacity(), rel=0.05)
    assert queues.largest_backlog(came, left) == pytest.approx(backlog, rel=0.05)
    calm = queues.fluid_drain(500, 4000, 30, server.capacity())
    late = left - came
    again = came[(came > 90) & (late < 0.5)][0] - 90
    assert again == pytest.approx(calm, rel=0.1)


def test_at_full_load_there_is_no_mean() -> None:
    assert queues.mm1_wait(100, 0.01) == queues.mmc_wait(200, 0.01, 2) == queues.mm1_sojourn(100, 0.01) == inf
    assert queues.fluid_drain(100, 200, 10, 100) == inf
    assert isclose(queues.utilisation(100, 0.01, 2), 0.5)
