"""What a Page and an Instagram account are connected by alike: the settings asked for, signing in, and how their deliveries are kept."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import _json as js
from . import _meta_hooks as hooks
from ._deliveries import DeliveryChannel
from ._graph import DIALOG, TOKEN
from .base import FileError, Request, Verdict
from .live import OAuth, Setting


def settings(page: str, label: str, token: str) -> tuple[Setting, ...]:
    """`page`, `token`: what is said beside the id of the Page and the access token, which is called `label`."""
    return (
        Setting(name="client_id", label="App ID", help="On developers.facebook.com, at the top of your app's page.", kind="number"),
        Setting(name="page_id", label="Page ID", is_required=False, kind="number", help=page),
        Setting(name="access_token", label=label, is_secret=True, is_required=False, help=token),
        Setting(name="human_agent", label="“Human Agent” is approved for the app", kind="switch", is_required=False,
                help="Then people may answer a message within seven days; else within 24 hours."),
    )  # fmt: skip


def signing_in(scopes: tuple[str, ...]) -> OAuth:
    return OAuth(authorize_url=DIALOG, token_url=TOKEN, scopes=scopes, uses_pkce=False, scope_separator=",")


class MetaAccount(DeliveryChannel):
    """A channel whose deliveries Meta signs."""

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        return hooks.verified(request, secrets)

    def envelope(self, request: Request) -> bytes:
        return hooks.kept(request, self.spec.id)


def changes(raw: bytes, field: str) -> Iterator[dict[str, Any]]:
    """The changes of one field in a delivery."""
    try:
        entries = js.objs(js.obj(js.load(raw)).get("entry"))
    except FileError:
        return
    for entry in entries:
        yield from (change for change in js.objs(entry.get("changes")) if change.get("field") == field)
