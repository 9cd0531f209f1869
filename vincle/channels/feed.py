"""Feeds: Atom, RSS, RDF and JSON Feed, asked or read from files; Google Alerts as mentions, their redirects unwrapped."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, ClassVar

import msgspec

from vincle.vocabulary import Op, Outcome, Reject

from . import _feed_live as live
from . import _json as js
from ._deliveries import summary
from ._feed_reading import activity, distinct, is_json_feed, parsed
from ._text import decode
from .base import Channel, Options, Preview, Request, Sample, Spec, Verdict
from .live import Line, Pulled, Setting, Standing, Stream

_ROOT = re.compile(r"<(?:\w+:)?(feed|rss|RDF|channel)[\s>]")
_NAMESPACES = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple")
_SETTINGS = (
    Setting(name="url", label="Address of the feed", kind="url",
            help="Of the feed itself, or of a page that names one. Google Alerts: choose “RSS feed” under “Deliver to”, copy its link."),
)  # fmt: skip


class Feed(Channel):
    spec: ClassVar[Spec] = Spec(
        id="feed", name="RSS, Atom, Google Alerts", icon="rss", family="feed", capabilities=frozenset({"file", "pull", "webhook"}),
        handle_kinds=("web", "email"), extensions=(".xml", ".rss", ".atom", ".rdf", ".json"), settings=_SETTINGS,
        streams=(Stream(name="entries", every=900),),
    )

    def recognise(self, sample: Sample) -> float:
        head = decode(sample.head[:16384]).lstrip("\ufeff \t\r\n")
        if head.startswith("{"):
            return 1.0 if any(is_json_feed(value) for value in js.beginning(sample.head)) else 0.0
        root = _ROOT.search(head) if head.startswith("<") else None
        if root is None or re.search(r"<html[\s>]", head[: root.start()], re.IGNORECASE):
            return 0.0
        known = root[1] in ("rss", "channel") or any(name in head for name in _NAMESPACES)
        return 0.95 if known else 0.3

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        source = parsed(file)
        found = [activity(entry, source, options.now, f"{place}") for place, entry in enumerate(source.entries[:20])]
        return Preview(channel=self.spec.id, vendor="Google Alerts" if source.is_alert else source.title, rows=len(source.entries),
                       sample=tuple(summary(activity) for activity in found))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        source = parsed(file)
        for native, entry in distinct(source):
            yield activity(entry, source, options.now, native)
        if source.fault:
            yield Reject(line=source.fault[0], code="broken_xml", detail=source.fault[1])

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        new, changed, document = live.taken_apart(raw)
        is_json = document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
        if is_json and not is_json_feed(value := js.load(document)):
            yield js.unknown("delivery", value, received_at)
            return
        source = parsed(io.BytesIO(document))
        for native, entry in distinct(source):
            found = activity(entry, source, received_at, native)
            if native in changed:
                yield msgspec.structs.replace(found, op=Op.CORRECT, version=changed[native])
            elif new is None or native in new:
                yield found
        if source.fault:
            yield Reject(line=source.fault[0], code="broken_xml", detail=source.fault[1])

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        return live.verified(request, secrets)

    def check(self, line: Line) -> Standing:
        title, has_hub, is_alert = live.looked_up(line)
        found = {name for name, holds in (("websub", has_hub), ("alert", is_alert)) if holds}
        return Standing(account=title[:200], abilities=frozenset(found))

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return live.fetch(line, cursor)


channel = Feed()
