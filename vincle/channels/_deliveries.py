"""The base of the channels whose files hold what a platform delivers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from vincle.vocabulary import Activity, Fact, Item, Outcome, Reject, Retraction, Unknown

from . import _json as js
from .base import Channel, FileError, Options, Preview, Sample

_ENVELOPES = ("payload", "body", "object", "update", "raw")


def key_of(item: Item) -> tuple[str, str, str, str]:
    """What makes two items the same for the log."""
    op = str(getattr(item, "op", ""))
    return type(item).__name__, item.native_id, op, "" if isinstance(item, Unknown) else item.version


class DeliveryChannel(Channel, ABC):
    """Base of the channels whose files hold what a platform delivers: one JSON text, an array, or JSON lines."""

    @abstractmethod
    def claims(self, delivery: Any) -> float:
        """How surely this is a delivery of the channel: 0..1."""

    @abstractmethod
    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        """The items of one delivery."""

    def recognise(self, sample: Sample) -> float:
        if sample.head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in (b"{", b"["):
            return 0.0
        return max((self._sureness(value) for value in js.beginning(sample.head)), default=0.0)

    def _sureness(self, value: Any) -> float:
        return max((self.claims(found) for found in self.unwrap(value)), default=0.0)

    def unwrap(self, value: Any, depth: int = 0) -> Iterator[Any]:
        """The deliveries in what a file holds: lists, named collections and the envelopes of request loggers are opened."""
        if depth > 4 or not isinstance(value, dict | list) or (isinstance(value, dict) and self.claims(value) > 0):
            yield value
        elif isinstance(value, list):
            for item in value:
                yield from self.unwrap(item, depth + 1)
        else:
            yield from self._opened(value, depth)

    def _opened(self, value: dict[str, Any], depth: int) -> Iterator[Any]:
        inner = [found for key in _ENVELOPES if isinstance(found := _inner(value.get(key)), dict | list)]
        enough: Callable[[Iterable[bool]], bool] = any
        if not inner and value and all(isinstance(found, dict | list) for found in value.values()):
            inner, enough = list(value.values()), all
        found = [delivery for each in inner for delivery in self.unwrap(each, depth + 1)]
        yield from found if found and enough(self.claims(each) > 0 for each in found) else [value]

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        sample: list[tuple[str, ...]] = []
        rows = 0
        for outcome in self.read(file, options):
            if not isinstance(outcome, Reject):
                rows += 1
                if len(sample) < 20:
                    sample.append(summary(outcome))
        return Preview(channel=self.spec.id, vendor=self.spec.name, encoding="utf-8", rows=rows, sample=tuple(sample))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        seen: set[tuple[str, str, str, str]] = set()
        for line, document in js.documents(file):
            if isinstance(document, Reject):
                yield document
                continue
            for delivery in self.unwrap(document):
                if not isinstance(delivery, dict | list):
                    yield Reject(line=line, code="not_a_delivery", detail=js.text(delivery)[:100])
                    continue
                yield from _news(self.items(delivery, options.now), seen)

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        seen: set[tuple[str, str, str, str]] = set()
        for delivery in self.unwrap(js.load(raw)):
            if not isinstance(delivery, dict | list):
                raise FileError("not_a_delivery", js.text(delivery)[:100])
            yield from _news(self.items(delivery, received_at), seen)


def _inner(value: Any) -> Any:
    """What an envelope holds, also when a logger kept the body as text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return js.load_text(value)
        except FileError:
            return None
    return value


def _news(items: Iterator[Item], seen: set[tuple[str, str, str, str]]) -> Iterator[Item]:
    """Facts once: a profile is repeated in each delivery of its owner."""
    for item in items:
        if isinstance(item, Fact):
            key = key_of(item)
            if key in seen:
                continue
            seen.add(key)
        yield item


def summary(outcome: Outcome) -> tuple[str, ...]:
    """One line of a preview: what, who, when, words."""
    match outcome:
        case Activity():
            who = (outcome.actor.name or outcome.actor.value) if outcome.actor else ""
            return f"{outcome.verb} {outcome.object_type}", who, outcome.happened_at.isoformat(), outcome.text[:120]
        case Fact():
            return "Fact", outcome.name, outcome.observed_at.isoformat(), ", ".join(h.value for h in outcome.handles)[:120]
        case Retraction():
            return "Retraction", outcome.reason, outcome.happened_at.isoformat(), outcome.native_id
        case Unknown():
            return "Unknown", outcome.kind, outcome.happened_at.isoformat(), ""
    return type(outcome).__name__, "", "", ""


