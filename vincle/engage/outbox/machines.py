"""Which of those who follow a link or fetch a picture are programs that look at mail before, or instead of, its reader. Pure.

Sources: how scanners of mail behave (all links at once, within seconds of delivery, by HEAD), names that proxies and scanners give.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

_NAMED = re.compile(
    r"GoogleImageProxy|ggpht\.com|YahooMailProxy|YahooCacheSystem|DuckDuckGo-Image|bot\b|bot/|crawl|spider|scan|barracuda|mimecast|proofpoint|"
    r"trend ?micro|sophos|symantec|fortinet|fireeye|ironport|messagelabs|forcepoint|cloudmark|vade|safelinks|preview|prefetch|headless|"
    r"phantom|python|curl/|wget|go-http|java/|okhttp|libwww|httpclient|axios|node-fetch|ruby|perl|facebookexternalhit|slack|whatsapp|"
    r"telegram|^Mozilla/5\.0$|^Mozilla/4\.0 \(compatible; ms-office",
    re.IGNORECASE,
)
TOO_SOON: Final = timedelta(seconds=3)
AT_ONCE: Final = timedelta(seconds=2)
MANY: Final = 3


class Seen(NamedTuple):
    """One visit: `url` is empty for the picture."""

    at: datetime
    url: str
    agent: str
    method: str = "GET"


def judged(visits: Sequence[Seen], sent_at: datetime | None) -> list[bool]:
    """Of visits that one mail brought within some seconds, which are a machine's.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 2, 12, tzinfo=UTC); firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    >>> judged([Seen(at, "https://a.example/", firefox)], at - timedelta(hours=1)), judged([Seen(at, "https://a.example/", firefox)], at)
    ([False], [True])
    >>> judged([Seen(at, f"https://{n}.example/", firefox) for n in range(3)], None)
    [True, True, True]
    """
    return [_is_named(each) or _is_too_soon(each, sent_at) or _is_one_of_many(each, visits) for each in visits]


def _is_named(seen: Seen) -> bool:
    return seen.method != "GET" or not seen.agent.strip() or _NAMED.search(seen.agent) is not None


def _is_too_soon(seen: Seen, sent_at: datetime | None) -> bool:
    return sent_at is not None and seen.at < sent_at + TOO_SOON


def _is_one_of_many(seen: Seen, visits: Sequence[Seen]) -> bool:
    """Nobody opens three links in two seconds."""
    beside = {other.url for other in visits if other.url and abs(other.at - seen.at) <= AT_ONCE}
    return bool(seen.url) and len(beside) >= MANY
