"""How whoever gets a mail of ours leaves again. The preferences, which stand above, say at which addresses."""

from collections.abc import Callable

from vincle.accounts.models import Workspace

Address = Callable[[Workspace, int | None, int | None, int | None], str]
"""Of the workspace, a person, a handle and a send: an address, or "" for none."""

_addresses: dict[str, Address] = {}


def register(*, one_click: Address, centre: Address) -> None:
    """`one_click` takes a POST that unsubscribes (RFC 8058); `centre` is the page on which a person says what they want."""
    _addresses.update(one_click=one_click, centre=centre)


def one_click(workspace: Workspace, person: int | None, handle: int | None, send: int | None) -> str:
    return _address("one_click", workspace, person, handle, send)


def centre(workspace: Workspace, person: int | None, handle: int | None, send: int | None) -> str:
    return _address("centre", workspace, person, handle, send)


def _address(name: str, workspace: Workspace, person: int | None, handle: int | None, send: int | None) -> str:
    found = _addresses.get(name)
    return found(workspace, person, handle, send) if found else ""
