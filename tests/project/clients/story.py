"""What every Python client tells: `people` people, ten events each. story.mjs tells the same.

Runs under a Python that has the clients and nothing of the product.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any


def events(who: str, k: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """(call, its arguments) of one person."""
    browser, user, order = f"{who}-browser-{k}", f"{who}-user-{k}", f"{who}-order-{k}"
    address = {"url": "https://shop.example/?utm_source=test", "path": "/"}
    yield "track", {"anonymous_id": browser, "event": "Product Viewed", "properties": {"product_id": f"p{k}", "price": 3.5}}
    yield "page", {"anonymous_id": browser, "name": "Home", "properties": address}
    yield "identify", {"user_id": user, "traits": {"email": f"{k}.{who}@example.org", "firstName": "Núria", "lastName": who}}
    yield "track", {"anonymous_id": browser, "user_id": user, "event": "Signed Up", "properties": {"plan": "free"}}
    yield "screen", {"user_id": user, "name": "Main", "properties": {}}
    bought = {"order_id": order, "total": 10.5 + k, "currency": "EUR"}
    yield "track", {"user_id": user, "event": "Order Completed", "properties": bought}
    yield "track", {"user_id": user, "event": "Order Refunded", "properties": {**bought, "total": 1.25}}
    yield "group", {"user_id": user, "group_id": f"{who}-org", "traits": {"name": f"Coop {who}"}}
    yield "track", {"user_id": user, "event": "Donació feta", "properties": {"cause": "teulada 🏠"}}
    yield "alias", {"user_id": user, "previous_id": f"{who}-old-{k}"}


def run(make: Callable[..., Any]) -> None:
    """Tell the story with a client; the address, the key, its name and the number of people come as arguments."""
    host, key, who, people = sys.argv[1:]
    queued: list[str] = []
    refused: list[str] = []
    lost: set[str] = set()

    def on_error(error: Exception, batch: list[dict[str, Any]]) -> None:
        refused.append(repr(error))
        lost.update(event["messageId"] for event in batch)

    client = make(key, host=host, on_error=on_error, max_retries=12, timeout=5)
    for k in range(int(people)):
        for call, arguments in events(who, k):
            good, event = getattr(client, call)(**arguments)  # whether it was queued, and the event as it will be sent
            assert good
            queued.append(event["messageId"])
            time.sleep(0.04)
    client.flush()
    print(json.dumps({"sent": len(queued), "accepted": [one for one in queued if one not in lost], "refused": refused}))
