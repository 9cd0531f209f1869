"""Which rows of the log are acts of a person, and which texts of a row are its labels: for what packs them and for what asks the lake.

An act stands (not superseded, no retraction), is no machine's and no fact about someone (`NOT_ACTS`). Theirs: the person is its actor
and its direction is in; ours: the person is its target and its direction is out. What was understood of a text (language, sentiment,
topics, intents) stands before what its source said. `is_reply`: it has a parent. `rating`: divided by its maximum, where that is above 0.
An `amount` beyond `LARGEST` is nobody's.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

NOT_ACTS: Final = ("Profile", "Unknown")
LARGEST: Final = 10.0**14
ONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "channel": "channel", "event": "event_name", "reaction": "reaction", "campaign": "campaign_key", "object": "object_key",
        "thread": "thread_key", "language": "language", "currency": "currency",
    }
)  # fmt: skip
"""Fields of an act whose label is a column of the row; an empty text is no label."""
MANY: Final[Mapping[str, str]] = MappingProxyType({"topic": "topics", "intent": "intents", "hashtag": "hashtags", "product": "products"})
"""Fields whose labels are a list of the row's. `products` are those of its `props`."""
MARK: Final = '"products":['
HIDDEN: Final = "…"
NUMBER: Final = r":[0-9]{7,15}$"
"""How a conversation on WhatsApp ends that is called by the other side's telephone number."""
_number = re.compile(NUMBER)


class _Props(msgspec.Struct):
    products: list[str] = []


_decode = msgspec.json.Decoder(_Props).decode


def thread(key: str, channel: str, other: int | None) -> str:
    """What a conversation is called wherever nobody's number may stand: by the handle of the other side.

    >>> thread("15550001:34600000001", "whatsapp", 7), thread("t:1", "mastodon", 7)
    ('15550001:7', 't:1')
    """
    return _number.sub(f":{HIDDEN if other is None else other}", key) if channel == "whatsapp" else key


def products(props: str | bytes) -> list[str]:
    """Names of what was bought or looked at, out of a row's `props` as JSON; none where they are no list of texts.

    >>> products('{"items":2,"products":["latte","mug"]}')
    ['latte', 'mug']
    """
    if (MARK if isinstance(props, str) else MARK.encode()) not in props:  # type: ignore[operator]
        return []
    try:
        return [name for name in _decode(props).products if name]
    except msgspec.DecodeError:
        return []
