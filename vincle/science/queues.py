"""Queues: how long things wait where they arrive by chance, and how long a backlog takes to go.

Closed forms for one server and for several, and simulations of what has none: service in batches (group commit), and stages one behind
the other. Times are seconds, rates are per second; `arrivals` are moments in rising order.

Sources: L. Kleinrock, Queueing Systems I (1975): M/M/1 and M/M/c (chapter 3), M/G/1 and the formula of Pollaczek and Khinchine (chapter 5);
D. V. Lindley, The theory of queues with a single server (1952): the recursion behind `departures`; P. J. Burke, The output of a queueing
system (1956): what leaves an M/M/1 queue arrives by chance at the next.
"""

import heapq
from dataclasses import dataclass
from math import factorial, inf, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.float64]


def utilisation(rate: float, service: float, servers: int = 1) -> float:
    """The share of time a server works; at 1 and above the queue grows without end.

    >>> utilisation(50, 0.01)
    0.5
    """
    return rate * service / servers


def mg1_wait(rate: float, service: float, variance: float) -> float:
    """Mean time in the queue before service, of M/G/1 (Pollaczek and Khinchine); inf at or above full load.

    `service` and `variance`: mean and variance of a service time.

    >>> round(mg1_wait(50, 0.01, 0.0001), 6) == round(mm1_wait(50, 0.01), 6)
    True
    """
    load = utilisation(rate, service)
    return inf if load >= 1 else rate * (service**2 + variance) / (2 * (1 - load))


def mm1_wait(rate: float, service: float) -> float:
    """As `mg1_wait`, for service times that are exponential.

    >>> mm1_wait(50, 0.01)
    0.01
    """
    return mg1_wait(rate, service, service**2)


def md1_wait(rate: float, service: float) -> float:
    """As `mg1_wait`, for service times that are all the same: half of `mm1_wait`.

    >>> md1_wait(50, 0.01)
    0.005
    """
    return mg1_wait(rate, service, 0.0)


def mm1_sojourn(rate: float, service: float, share: float = 0.95) -> float:
    """The time in queue and service together that `share` of all stay within, of M/M/1.

    >>> round(mm1_sojourn(50, 0.01, 0.95), 4)
    0.0599
    """
    return inf if utilisation(rate, service) >= 1 else -log(1 - share) * service / (1 - utilisation(rate, service))


def mmc_wait(rate: float, service: float, servers: int) -> float:
    """Mean time in the queue of M/M/c: one queue, several servers (Erlang's C formula).

    >>> round(mmc_wait(150, 0.01, 2), 5)
    0.01286
    """
    load = utilisation(rate, service, servers)
    if load >= 1:
        return inf
    offered = rate * service
    all_busy = offered**servers / factorial(servers) / (1 - load)
    waits = all_busy / (sum(offered**n / factorial(n) for n in range(servers)) + all_busy)
    return waits * service / (servers * (1 - load))


def poisson(chance: np.random.Generator, rate: float, seconds: float, begin: float = 0.0) -> Moments:
    """Moments of arrivals by chance, at `rate`, for so long."""
    count = chance.poisson(rate * seconds)
    return np.sort(chance.uniform(begin, begin + seconds, count))


def profile(chance: np.random.Generator, parts: list[tuple[float, float]]) -> Moments:
    """Arrivals whose rate changes: (rate, seconds) one after the other."""
    begin, found = 0.0, []
    for rate, seconds in parts:
        found.append(poisson(chance, rate, seconds, begin))
        begin += seconds
    return np.concatenate(found)


def departures(arrivals: Moments, services: Moments) -> Moments:
    """When each leaves a single server that takes them in order: D[n] = max(D[n-1], A[n]) + S[n]."""
    worked = np.cumsum(services)
    return np.asarray(worked + np.maximum.accumulate(arrivals - (worked - services)), dtype=np.float64)


def departures_of_many(arrivals: Moments, services: Moments, servers: int) -> Moments:
    """When each leaves, where several servers share one queue. The moments are those of `arrivals` in order, not sorted."""
    free = [0.0] * servers
    left = np.empty_like(arrivals)
    for place, (at, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        left[place] = max(heapq.heappop(free), at) + service
        heapq.heappush(free, float(left[place]))
    return left


@dataclass(frozen=True)
class Batcher:
    """A server that takes all that waits (at most `most`) and serves it together, in `fixed + each * n` seconds.

    `pause`: one that found nothing looks again only after so long. `linger`: it waits so long before it takes, so that more come.
    """

    fixed: float
    each: float
    most: int = 1_000_000_000
    pause: float = 0.0
    linger: float = 0.0

    def capacity(self) -> float:
        """The most it serves a second, in full batches."""
        return self.most / (self.linger + self.fixed + self.each * self.most)


def departures_in_batches(arrivals: Moments, server: Batcher) -> Moments:
    """When each leaves a server that serves in batches: all of a batch together."""
    left = np.empty_like(arrivals)
    done, free, count = 0, 0.0, len(arrivals)
    while done < count:
        first = float(arrivals[done])
        if first > free:
            looks = np.ceil((first - free) / server.pause) if server.pause else 0.0
            free = free + looks * server.pause if server.pause else first
        begin = free + server.linger
        upto = min(int(np.searchsorted(arrivals, begin, side="right")), done + server.most)
        free = begin + server.fixed + server.each * (upto - done)
        left[done:upto] = free
        done = upto
    return left


def tandem(arrivals: Moments, stages: list[Batcher]) -> list[Moments]:
    """When each leaves each of several stages, one behind the other."""
    found = []
    for stage in stages:
        arrivals = departures_in_batches(arrivals, stage)
        found.append(arrivals)
    return found


class Times(NamedTuple):
    """How long things stayed, in seconds."""

    mean: float
    p50: float
    p95: float
    p99: float
    longest: float


def times(arrivals: Moments, left: Moments) -> Times:
    """Of the times from arrival to leaving."""
    stayed = left - arrivals
    p50, p95, p99 = np.percentile(stayed, [50, 95, 99])
    return Times(float(stayed.mean()), float(p50), float(p95), float(p99), float(stayed.max()))


def largest_backlog(arrivals: Moments, left: Moments) -> int:
    """The most that were inside at one moment.

    >>> largest_backlog(np.array([0.0, 1.0, 2.0]), np.array([1.5, 3.0, 4.0]))
    2
    """
    out = np.searchsorted(np.sort(left), arrivals, side="right")
    return int((np.arange(1, len(arrivals) + 1) - out).max(initial=0))


def drain(arrivals: Moments, left: Moments, after: float) -> float:
    """How long after a moment all that had come by then was gone; 0 when nothing of it was left.

    >>> drain(np.array([0.0, 1.0, 5.0]), np.array([2.0, 4.0, 6.0]), after=3.0)
    1.0
    """
    there = left[arrivals <= after]
    return max(0.0, float(there.max(initial=after)) - after)


def fluid_drain(rate: float, burst: float, seconds: float, capacity: float) -> float:
    """How long a backlog lasts after a burst, counted as water: what came above `capacity`, at what is spare afterwards.

    >>> fluid_drain(rate=2000, burst=10_000, seconds=60, capacity=5000)
    100.0
    """
    if capacity <= rate:
        return inf
    return max(0.0, (burst - capacity) * seconds) / (capacity - rate)
