"""What every mail of ours carries: how to leave it."""

from vincle.accounts.models import Workspace
from vincle.engage.outbox import leaving

from . import links


def connect() -> None:
    leaving.register(one_click=_one_click, centre=_centre)


def _one_click(workspace: Workspace, person: int | None, handle: int | None, send: int | None) -> str:
    return links.one_click(workspace, person, handle, send) if handle is not None else ""


def _centre(workspace: Workspace, person: int | None, handle: int | None, send: int | None) -> str:
    return links.url(workspace, person, handle, send) if handle is not None else ""
