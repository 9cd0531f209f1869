"""Asking a WooCommerce shop by its REST API v3: what changed since, and what was there before.

https://woocommerce.github.io/woocommerce-rest-api-docs/. Keys go as Basic authentication; behind web servers that drop the header they
go in the query, as the documentation has it. Customers can be asked for by their registration only: what they change later comes with
their orders and by webhook.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from . import _json as js
from . import _shop as shop
from ._answers import judged, told
from ._walk import Asked, Walk, plain, rows, several, walk
from .live import Answer, Line, Problem, Pulled, Setting, Standing, Stream

TOPIC, SOURCE = "x-wc-webhook-topic", "x-wc-webhook-source"
STREAMS = (Stream(name="orders", every=300, has_past=True), Stream(name="customers", every=1800, has_past=True))
SETTINGS = (
    Setting(
        name="url", label="Address of the shop", kind="url", is_required=False, help="As your customers know it: https://cafe.example."
    ),
    Setting(name="consumer_key", label="Consumer key", is_secret=True, is_required=False, help="It begins with ck_."),
    Setting(name="consumer_secret", label="Consumer secret", is_secret=True, is_required=False, help="It begins with cs_."),
)
_PAGE = 50
_TOPICS = {"orders": "order.updated", "customers": "customer.updated"}
_IN_QUERY = "keys_in_query"


def is_given(line: Line) -> bool:
    """Whether there is anything to ask with; who gave nothing has the shop deliver only. Raises Problem where a part is missing."""
    parts = {"url": line.settings.get("url", "")} | {name: line.secrets.get(name, "") for name in ("consumer_key", "consumer_secret")}
    if not any(parts.values()):
        return False
    if missing := [name.replace("_", " ") for name, value in parts.items() if not value]:
        raise Problem("permanent", "setting_missing", ", ".join(missing))
    if not parts["url"].startswith("https://"):
        raise Problem("permanent", "needs_https")
    return True


def check(line: Line) -> Standing:
    if not is_given(line):
        return Standing(account="", notes=("only_delivered",))
    for stream in _TOPICS:
        rows(_ask(line, stream, {"per_page": "1"}).value)
    return Standing(account=urlsplit(line.settings["url"]).hostname or "")


def page(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    if stream not in _TOPICS:
        raise Problem("permanent", "no_such_stream", stream)
    if not is_given(line):
        return Pulled(cursor=cursor)
    place = walk(cursor, line.now, past=past)
    if past:
        return _past(line, stream, place)
    return _changed(line, place) if stream == "orders" else _registered(line, place)


def _changed(line: Line, place: Walk) -> Pulled:
    """Orders changed since, in the order of their numbers: whatever changes meanwhile moves nothing to a page that was read."""
    number = _number(place)
    since = {"modified_after": place.since} if place.since else {}
    query = {"status": "any", "dates_are_gmt": "true", "orderby": "id", "order": "asc"} | since
    asked = _ask(line, "orders", query | _of(number))
    found = [(plain(_moment(row, "date_modified")), row) for row in rows(asked.value)]
    new = [row for at, row in found if place.takes(at, shop.number_of(row.get("id")))]
    knows_the_filter = all(at >= place.since for at, _row in found)  # shops of before 2021 do not: they tell everything
    place.page = {"page": str(number + 1)} if len(found) == _PAGE and knows_the_filter else {}
    return several(asked, place, [_delivery(line, "orders", row) for row in new])


def _registered(line: Line, place: Walk) -> Pulled:
    number = _number(place)
    asked = _ask(line, "customers", {"orderby": "registered_date", "order": "desc"} | _of(number))
    found = rows(asked.value)
    new = [row for row in found if place.takes(_moment(row, "date_created"), shop.number_of(row.get("id")))]
    place.page = {"page": str(number + 1)} if len(found) == len(new) == _PAGE else {}
    return several(asked, place, [_delivery(line, "customers", row) for row in new])


def _past(line: Line, stream: str, place: Walk) -> Pulled:
    """Newest first. Where some were taken off meanwhile the page before is asked for once more, for what moved up into it."""
    number = _number(place)
    before = place.page.get("before") or line.now.strftime("%Y-%m-%dT%H:%M:%S")
    order = {"status": "any", "orderby": "date", "before": before, "dates_are_gmt": "true"}
    asked = _ask(line, stream, (order if stream == "orders" else {"orderby": "registered_date"}) | {"order": "desc"} | _of(number))
    found, total = rows(asked.value), js.number(asked.headers.get("x-wp-total", ""))
    known = js.number(place.page.get("total", ""))
    after = number - 1 if known is not None and total is not None and total < known and number > 1 else number + 1
    more = len(found) == _PAGE or after < number
    place.page = {"page": str(after), "before": before} | ({"total": str(int(total))} if total is not None else {}) if more else {}
    return several(asked, place, [_delivery(line, stream, row) for row in found], None if total is None else int(total))


def _number(place: Walk) -> int:
    return max(1, int(js.number(place.page.get("page", "")) or 1))


def _of(number: int) -> dict[str, str]:
    return {"page": str(number), "per_page": str(_PAGE)}


def _moment(row: dict[str, Any], name: str) -> str:
    return js.text(row.get(f"{name}_gmt") or row.get(name))


def _delivery(line: Line, stream: str, row: dict[str, Any]) -> dict[str, Any]:
    """As a webhook would have brought it."""
    own = next((js.text(each.get("href")) for each in js.objs(js.at(row, "_links", "self"))), "")
    return {"headers": {TOPIC: _TOPICS[stream], SOURCE: own or line.settings["url"]}, "body": row}


def _ask(line: Line, path: str, query: Mapping[str, str]) -> Asked:
    in_query = line.secrets.get(_IN_QUERY) == "1"
    answer = _sent(line, path, query, in_query)
    if answer.status == 401 and b"_cannot_view" in answer.body and not in_query:
        answer = _sent(line, path, query, True)
        if answer.status == 200:
            line.renew({_IN_QUERY: "1"})
    if answer.status == 401 and b"_cannot_view" in answer.body:
        raise Problem("auth", "not_allowed", told(answer))
    return Asked(judged(answer, line.now), answer.headers)


def _sent(line: Line, path: str, query: Mapping[str, str], in_query: bool) -> Answer:
    key, secret = line.secrets["consumer_key"], line.secrets["consumer_secret"]
    where = f"{line.settings['url']}/wp-json/wc/v3/{path}"
    if in_query:
        return line.send("GET", where, query={**query, "consumer_key": key, "consumer_secret": secret})
    return line.send("GET", where, query=query, headers={"authorization": f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"})
