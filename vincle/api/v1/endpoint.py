"""How an endpoint is made: a function with its path, its permission, the shapes it reads and gives. View and description follow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from vincle.accounts.access import May
from vincle.accounts.by_key import Caller
from vincle.accounts.models import User, Workspace

Shape = TypeVar("Shape", bound=msgspec.Struct)
VIA = "api"
"""How moves say that they came by it."""

PARTS = {"pid": "Public id of a person.", "move": "Public id of a move.", "case": "Public id of a case.", "listening": "Number of a query.",
         "segment": "Public id of a segment.", "campaign": "Public id of a campaign.", "journey": "Public id of a journey.",
         "code": "The code of a short link."}  # fmt: skip


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No parameters."""


@dataclass(frozen=True)
class Call(Generic[Shape]):
    """One request, read: who calls, and what was asked (the query of a GET, the body of a POST)."""

    caller: Caller
    asked: Shape

    @property
    def workspace(self) -> Workspace:
        return self.caller.workspace

    @property
    def user(self) -> User:
        return self.caller.user


@dataclass(frozen=True)
class Endpoint:
    """`path` below /api/v1/ with its values as <name>; `asks` is read from the query of a GET, from the JSON body of a POST."""

    name: str
    method: str
    path: str
    needs: frozenset[May]
    summary: str
    asks: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    handle: Callable[..., msgspec.Struct]

    @property
    def values(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("<")]


ENDPOINTS: dict[str, Endpoint] = {}
"""All there are, by name."""

Handle = TypeVar("Handle", bound=Callable[..., msgspec.Struct])


def endpoint(
    method: str, path: str, *needs: May, asks: type[msgspec.Struct] = Nothing, answers: type[msgspec.Struct]
) -> Callable[[Handle], Handle]:
    """Make a function `(call, **values of the path) -> answers` an endpoint. Its docstring's first line becomes its summary."""

    def keep(handle: Handle) -> Handle:
        summary = (handle.__doc__ or "").strip().partition("\n")[0]
        ENDPOINTS[handle.__name__] = Endpoint(handle.__name__, method, path, frozenset(needs), summary, asks, answers, handle)
        return handle

    return keep


def every() -> list[Endpoint]:
    """All endpoints in the order they are described: people, then who is who."""
    return sorted(ENDPOINTS.values(), key=lambda each: (each.path.startswith("identity"), each.path))
