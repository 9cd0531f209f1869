"""Our own short links: who hands which code on, and each time a link was opened.

    {"share": {"id": "k7…", "at": "2026-11-21T10:00:00+00:00", "handle": {"kind": "email", "value": "ana@example.org"}, "code": "k7m2p9qd"}}
    {"visit": {"id": "9f…", "at": "…", "code": "k7m2p9qd", "url": "https://shop.example/coffee", "campaign": "post:1a…",
               "machine": false, "visitor": "c41…", "from": "mastodon.social", "sharer": {"kind": "email", "value": "ana@example.org"}}}

Visitors have no name here and get no cookie: `visitor` tells one from another for a day.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, Reject, Verb

from .base import Channel, Spec

SHARE_TRAIT = "Referral code"
"""What a person's code is called among their traits: by it `organise` sees whom they brought."""


class Who(msgspec.Struct):
    kind: str
    value: str


class Share(msgspec.Struct):
    """A person was given a code of their own."""

    id: str
    at: datetime
    handle: Who
    code: str


class Visit(msgspec.Struct, omit_defaults=True):
    """A link was opened once."""

    id: str
    at: datetime
    code: str
    url: str = ""
    campaign: str = ""
    machine: bool = False
    visitor: str = ""
    source: str = msgspec.field(default="", name="from")
    sharer: Who | None = None


class Kept(msgspec.Struct, omit_defaults=True):
    """One delivery: one of the two."""

    share: Share | None = None
    visit: Visit | None = None


def write(said: Share | Visit) -> bytes:
    """The raw delivery, which `parse` reads back."""
    return msgspec.json.encode(Kept(share=said) if isinstance(said, Share) else Kept(visit=said))


class Links(Channel):
    spec: ClassVar[Spec] = Spec(id="links", name="Short links", icon="link", family="webhook", capabilities=frozenset())

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        try:
            kept = msgspec.json.decode(raw, type=Kept)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            yield Reject(line=1, code="not_a_visit", detail=str(error)[:200])
            return
        if (share := kept.share) and share.at.tzinfo:
            handle = HandleRef(share.handle.kind, share.handle.value)
            yield Fact(
                native_id=f"share:{share.id}", observed_at=share.at.astimezone(UTC), handles=(handle,), traits={SHARE_TRAIT: share.code}
            )
        elif (visit := kept.visit) and visit.at.tzinfo:
            yield _opened(visit)
        else:
            yield Reject(line=1, code="not_a_visit", detail="neither a share nor a visit with a time")


def _opened(visit: Visit) -> Activity:
    sharer = HandleRef(visit.sharer.kind, visit.sharer.value) if visit.sharer else None
    props = {"visitor": visit.visitor, "from": visit.source, "ref": visit.code if sharer else ""}
    return Activity(
        verb=Verb.VIEW, object_type=ObjectType.LINK, native_id=f"visit:{visit.id}", happened_at=visit.at.astimezone(UTC), actor=None,
        target=sharer, object_key=f"link:{visit.code}"[:300], campaign_key=visit.campaign[:120], url=visit.url[:2000],
        is_machine=visit.machine,
        props={name: value for name, value in props.items() if value},
    )  # fmt: skip


channel = Links()
