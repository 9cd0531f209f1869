"""What the tests of shops and payment services share: requests, and what the log makes of states in any order."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vincle.channels.base import Channel, Request
from vincle.vocabulary import Activity, Op, Outcome, Verb

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def request(body: bytes, method: str = "POST", at: datetime = NOW, **headers: str) -> Request:
    """A delivery; `x_wc_webhook_topic="..."` is the header x-wc-webhook-topic."""
    return Request(method=method, path="/hooks/x/", received_at=at, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def parsed(channel: Channel, delivery: Any) -> list[Outcome]:
    return list(channel.parse(json.dumps(delivery).encode(), NOW))


def standing(items: Iterable[Outcome]) -> dict[str, Activity]:
    """The last word on each act by the rule of the log: a correction before an assertion, then the version, never the order of arrival."""
    words: dict[str, dict[tuple[str, str], Activity]] = defaultdict(dict)
    for item in items:
        if isinstance(item, Activity):
            words[item.native_id].setdefault((item.op, item.version if item.op != Op.ASSERT else ""), item)
    return {native: max(said.values(), key=lambda item: (item.op == Op.CORRECT, int(item.version or 0))) for native, said in words.items()}


def balance(items: Iterable[Outcome]) -> dict[str, Decimal]:
    """Purchases less refunds, by currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for act in standing(items).values():
        if act.verb in (Verb.PURCHASE, Verb.REFUND) and act.amount is not None:
            sums[act.currency] += act.amount if act.verb == Verb.PURCHASE else -act.amount
    return dict(sums)
