"""Asking a Shopify shop by its Admin REST API: what changed since, and what was there before, in the very shape its webhooks have.

https://shopify.dev/docs/api/admin-rest. An app of one's own is let in by its client id and secret, for a day at a time (client credentials
grant); apps made before 2026 have one token for good. Pages are followed by the `page_info` of the Link header.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import _json as js
from . import _shop as shop
from ._answers import judged
from ._walk import Asked, Walk, rows, several, walk
from .live import Answer, Line, Problem, Pulled, Setting, Standing, Stream

VERSION = "2026-10"
STREAMS = (Stream(name="orders", every=300, has_past=True), Stream(name="customers", every=900, has_past=True))
SETTINGS = (
    Setting(name="shop", label="Shop", kind="host", is_required=False, help="Its address at Shopify: cafe-lligam.myshopify.com."),
    Setting(name="client_id", label="Client ID", is_required=False, help="In the Dev Dashboard: your app › Settings."),
    Setting(name="client_secret", label="Client secret", is_secret=True, is_required=False, help="Beside the client ID."),
    Setting(name="token", label="Access token", is_secret=True, is_required=False,
            help="Only for an app that was made in the shop before 2026. It begins with shpat_."),
)  # fmt: skip
SCOPES = ("read_orders", "read_customers")
_PAGE = 100
_HOST = re.compile(r"(?:https?://)?(?:admin\.shopify\.com/store/)?([a-z0-9][a-z0-9-]{0,60})(?:\.myshopify\.com)?(?:/.*)?", re.IGNORECASE)
_NEXT = re.compile(r'<([^<>]{1,4000})>;\s*rel="?next"?')
_TOKEN, _ENDS = "shop_token", "shop_token_ends"
_LITTLE, _BREATH = 0.25, 4.0


def is_given(line: Line) -> bool:
    """Whether there is anything to ask with; who gave nothing has the shop deliver only. Raises Problem where a part is missing."""
    known = {**line.settings, **line.secrets}
    if not any(known.get(setting.name) for setting in SETTINGS):
        return False
    needed = ("shop",) if known.get("token") else ("shop", "client_id", "client_secret")
    if missing := [name.replace("_", " ") for name in needed if not known.get(name)]:
        raise Problem("permanent", "setting_missing", ", ".join(missing))
    return True


def host(line: Line) -> str:
    """The shop's address at Shopify, however it was written; nothing is ever sent elsewhere. Raises Problem."""
    found = _HOST.fullmatch(line.settings.get("shop", "").strip())
    if not found:
        raise Problem("permanent", "not_an_address", line.settings.get("shop", ""))
    return f"{found[1].lower()}.myshopify.com"


def check(line: Line) -> Standing:
    if not is_given(line):
        return Standing(account="", notes=("only_delivered",))
    line.renew({_TOKEN: "", _ENDS: ""})  # whatever was given anew is tried
    granted = {js.text(each.get("handle")) for each in rows(js.obj(_ask(line, "oauth/access_scopes.json").value).get("access_scopes"))}
    missing = tuple(scope for scope in SCOPES if not {scope, scope.replace("read_", "write_")} & granted)
    found = js.obj(js.obj(_ask(line, f"api/{VERSION}/shop.json").value).get("shop"))
    notes = () if "read_all_orders" in granted else ("orders_of_60_days",)
    return Standing(account=shop.clean(found.get("name")) or host(line), scopes_missing=missing, notes=notes)


def page(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    if stream not in ("orders", "customers"):
        raise Problem("permanent", "no_such_stream", stream)
    if not is_given(line):
        return Pulled(cursor=cursor)
    place = walk(cursor, line.now, past=past)
    path = f"api/{VERSION}/{stream}.json"
    try:
        asked = _ask(line, path, _query(stream, place))
    except Problem as problem:
        if problem.code != "http_400" or not place.page.get("info"):
            raise
        place.page.pop("info")  # the place in the list is no longer known there: on from the last moment that was seen
        asked = _ask(line, path, _query(stream, place))
    found = rows(js.obj(asked.value).get(stream))
    new = [row for row in found if place.takes(row.get("updated_at") or row.get("created_at"), shop.number_of(row.get("id")))]
    is_first = not place.page
    last = js.text(found[-1].get("created_at" if past else "updated_at")) if found else ""
    following = _following(asked)
    place.page = {"info": following, "last": last} if following else {}
    return several(asked, place, new, _count(line, stream) if past and is_first and following else None)


def _query(stream: str, place: Walk) -> dict[str, str]:
    """What changed is asked for in the order of its changes, so that whatever changes meanwhile only comes once more."""
    if info := place.page.get("info"):
        return {"limit": str(_PAGE), "page_info": info}
    query = {"limit": str(_PAGE), "order": "created_at desc" if place.is_past else "updated_at asc"}
    query |= {"status": "any"} if stream == "orders" else {}
    if place.is_past:
        return query | ({"created_at_max": place.page["last"]} if place.page.get("last") else {})
    since = place.page.get("last") or (f"{place.since}Z" if place.since else "")
    return query | ({"updated_at_min": since} if since else {})


def _following(asked: Asked) -> str:
    """Where the next page begins; only that is taken of the address it comes in."""
    found = _NEXT.search(asked.headers.get("link", ""))
    if not found:
        return ""
    try:
        return next(iter(parse_qs(urlsplit(found[1]).query).get("page_info", ())), "")
    except ValueError:
        return ""


def _count(line: Line, stream: str) -> int | None:
    """How many there are in all, for showing how far it is."""
    try:
        said = _ask(line, f"api/{VERSION}/{stream}/count.json", {"status": "any"} if stream == "orders" else {}).value
    except Problem:
        return None
    number = js.number(js.obj(said).get("count"))
    return None if number is None else int(number)


def _ask(line: Line, path: str, query: Mapping[str, str] | None = None) -> Asked:
    answer = _sent(line, path, query)
    if answer.status == 401 and line.secrets.get(_TOKEN):
        line.renew({_TOKEN: "", _ENDS: ""})  # taken back before its time
        answer = _sent(line, path, query)
    value = judged(answer, line.now)
    used, _slash, most = answer.headers.get("x-shopify-shop-api-call-limit", "").partition("/")
    done, of = js.number(used), js.number(most)
    left = max(0.0, min(1.0, 1 - done / of)) if done is not None and of else None
    return Asked(value, answer.headers, left, _BREATH if left is not None and left < _LITTLE else None)


def _sent(line: Line, path: str, query: Mapping[str, str] | None) -> Answer:
    headers = {"x-shopify-access-token": _token(line), "accept": "application/json"}
    return line.send("GET", f"https://{host(line)}/admin/{path}", query=query, headers=headers)


def _token(line: Line) -> str:
    """A token for asking: the app's own for good, else one for a day, asked anew an hour before it ends."""
    if line.secrets.get("token"):
        return line.secrets["token"]
    known, ends = line.secrets.get(_TOKEN, ""), js.number(line.secrets.get(_ENDS) or "0") or 0
    if known and ends > line.now.timestamp() + 3600:
        return known
    given: dict[str, Any] = {"grant_type": "client_credentials", "client_id": line.settings.get("client_id", "")}
    form = given | {"client_secret": line.secrets.get("client_secret", "")}
    answer = line.send("POST", f"https://{host(line)}/admin/oauth/access_token", form=form, headers={"accept": "application/json"})
    try:
        said = js.obj(judged(answer, line.now))
    except Problem as problem:
        if problem.kind == "permanent":
            raise Problem("auth", "invalid_client", problem.detail) from problem
        raise
    if not (token := js.text(said.get("access_token"))):
        raise Problem("auth", "invalid_client")
    ends_at = line.now.timestamp() + (js.number(said.get("expires_in")) or 3600)
    line.renew({_TOKEN: token, _ENDS: str(int(ends_at))})
    return token
