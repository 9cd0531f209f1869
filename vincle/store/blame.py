"""Whose fault a failure is: the rows' that were in hand, or the house's around them."""

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import InterfaceError, InternalError, NotSupportedError, OperationalError, ProgrammingError

from .lease import LostLease

HOUSE: tuple[type[Exception], ...] = (
    OperationalError, InterfaceError, InternalError, ProgrammingError, NotSupportedError,  # the database is away, or of another version
    LostLease, OSError, MemoryError, ImportError, NameError, SyntaxError,  # no row can cause these
)  # fmt: skip
"""What is never blamed on rows: it is tried again as it is."""


class Faulty(Exception):
    """Something failed while these rows of the log were in hand, and the reason lies in them (or in the code that reads them)."""

    def __init__(self, seqs: Sequence[int], error: Exception) -> None:
        super().__init__(f"{len(seqs)} rows from {seqs[0] if seqs else 0}: {said(error)}")
        self.seqs, self.error = tuple(seqs), error


@contextmanager
def blame(seqs: Sequence[int]) -> Iterator[None]:
    """Turns what fails within into Faulty for these rows, unless it is the house's own or names its rows already."""
    try:
        yield
    except (*HOUSE, Faulty):  # type: ignore[misc]
        raise
    except Exception as error:
        raise Faulty(seqs, error) from error


def said(error: BaseException) -> str:
    """Kind of an error and where it was raised; never its message, which may quote what someone wrote.

    >>> try: int("Ana")
    ... except ValueError as error: said(error).partition(" at ")[0]
    'ValueError'
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "vincle" in frame.filename] or traceback.extract_tb(
        error.__traceback__
    )
    place = f" at {frames[-1].filename.rpartition('vincle/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
