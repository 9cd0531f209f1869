"""Group commit: whoever is told that something is kept can rely on it, however requests and commits interleave."""

import asyncio
import time
from collections.abc import Iterable

from vincle.api.collector.commits import Committer
from vincle.listen.shelf import Row


class Memory:
    """A shelf in memory; `times`: seconds each `put` takes."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.rows = seconds, list[Row]()
        self.failing = False

    def put(self, rows: Iterable[Row]) -> None:
        time.sleep(self.seconds)
        if self.failing:
            raise OSError("no space left")
        self.rows += rows

    def forget(self) -> None:
        pass


def test_everything_acknowledged_was_put_and_was_put_once() -> None:
    shelf = Memory(0.0005)

    async def run() -> list[bool]:
        committer = Committer(lambda: shelf)  # type: ignore[arg-type,return-value]
        futures = []
        for number in range(20_000):
            futures.append(committer.put(number % 3, number, 1, b"<%d>" % number))
            if number % 50 == 0:
                await asyncio.sleep(0)
        done = await asyncio.gather(*futures)
        await committer.close()
        return done

    assert all(asyncio.run(run()))
    kept = [part for row in shelf.rows for part in row.body.split(b",")]
    assert sorted(kept) == sorted(b"<%d>" % number for number in range(20_000))
    for connection in range(3):
        own = [part for row in shelf.rows if row.connection == connection for part in row.body.split(b",")]
        assert own == [b"<%d>" % number for number in range(connection, 20_000, 3)]


def test_what_cannot_be_put_is_told_and_the_next_goes_in() -> None:
    shelf = Memory()

    async def run() -> tuple[bool, bool]:
        committer = Committer(lambda: shelf)  # type: ignore[arg-type,return-value]
        shelf.failing = True
        first = await committer.put(1, 1, 1, b"a")
        shelf.failing = False
        second = await committer.put(1, 2, 1, b"b")
        await committer.close()
        return first, second

    assert asyncio.run(run()) == (False, True)
    assert [row.body for row in shelf.rows] == [b"b"]


def test_a_client_that_goes_away_disturbs_nobody() -> None:
    shelf = Memory(0.02)

    async def run() -> bool:
        committer = Committer(lambda: shelf)  # type: ignore[arg-type,return-value]
        gone, stays = committer.put(1, 1, 1, b"a"), committer.put(1, 2, 1, b"b")
        gone.cancel()
        kept = await stays
        await committer.close()
        return kept

    assert asyncio.run(run())
