"""What mail providers report of our own sends: delivered, bounced, complained, opened, clicked, unsubscribed; and mail they pass on."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from vincle.vocabulary import Activity, ConsentFact, Direction, HandleRef, Item, ObjectType, Permit, Verb

from . import _json as js
from ._deliveries import DeliveryChannel
from ._email_providers import READERS, Event, provider_of
from ._identifiers import display_name, email, url
from ._mail import divide
from .base import Spec

Json = dict[str, Any]
_MACHINES = re.compile(r"GoogleImageProxy|YahooMailProxy|ggpht\.com|bot\b|crawler|spider|scanner|barracuda|mimecast|proofpoint|preview|"
                       r"^Mozilla/5\.0$", re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_VERBS = {
    "sent": Verb.DELIVER, "delivered": Verb.DELIVER, "hard bounce": Verb.BOUNCE, "soft bounce": Verb.BOUNCE, "rejected": Verb.BOUNCE,
    "deferred": Verb.TRACK, "complaint": Verb.UNDO, "unsubscribed": Verb.UNDO, "subscribed": Verb.CREATE, "opened": Verb.READ,
    "machine open": Verb.READ, "clicked": Verb.VIEW,
}
_PERMITS = {"hard bounce": Permit.BOUNCED, "complaint": Permit.COMPLAINED, "unsubscribed": Permit.WITHDRAWN, "subscribed": Permit.GRANTED}
_OWN_ACTS = {"complaint", "unsubscribed", "subscribed", "opened", "machine open", "clicked"}
_SUPPRESSED = ((re.compile(r"unsubscri|blacklist", re.I), Permit.WITHDRAWN), (re.compile(r"spam|complain", re.I), Permit.COMPLAINED),
               (re.compile(r"bounced address|hard.?bounce|suppress", re.I), Permit.BOUNCED))


class EmailEvents(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="email_events", name="Mail provider events", icon="mail-check", family="webhook",
        capabilities=frozenset({"file", "webhook"}), handle_kinds=("email",), extensions=(".json", ".jsonl"),
    )

    def claims(self, delivery: Any) -> float:
        return 0.95 if provider_of(js.obj(delivery)) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        provider = provider_of(value)
        if provider == "postmark" and "FromFull" in value:
            yield _inbound(value, received_at)
            return
        found = list(READERS[provider](value)) if provider else []
        for event in found:
            yield from _items(event, received_at)
        if not found:
            yield js.unknown(provider or "delivery", delivery, received_at)


def _items(event: Event, received_at: datetime) -> Iterator[Item]:
    """An event as an activity, with what it means for writing to this person again."""
    moment = js.when(event.at, received_at)
    address = email(event.recipient)
    if event.kind not in _VERBS or not address:
        yield js.unknown(f"{event.provider}.{event.kind}", event.raw, moment)
        return
    person, own = HandleRef("email", address, display_name(event.recipient)), event.kind in _OWN_ACTS
    native = f"{event.provider}:{event.kind}:{event.id or js.digest(event.raw)}:{address}"
    message = event.message.strip("<>")
    status = _STATUS.search(event.reason)
    thing = event.link if event.provider == "vincle" and event.kind == "clicked" else message
    yield Activity(
        verb=_VERBS[event.kind], object_type=_object(event.kind), native_id=native, happened_at=moment, event_name=event.kind,
        actor=person if own else None, target=None if own else person, direction=Direction.IN if own else Direction.OUT,
        is_machine=event.machine or event.kind == "machine open" or _MACHINES.search(event.agent) is not None, object_key=thing[:300],
        thread_key=message, campaign_key=event.campaign, url=url(event.link), country=event.country[:2].upper() if event.country else "",
        props={key: found for key, found in (("provider", event.provider), ("reason", event.reason[:500]),
                                             ("status", status[1] if status else "")) if found},
    )
    permit = _PERMITS.get(event.kind) or (_suppressed(event.reason) if event.kind == "rejected" else None)
    if permit:
        evidence = f"{event.provider} {event.kind} {event.reason}".strip()[:500]
        consent = ConsentFact(permit, at=moment if event.at else None, evidence=evidence)
        yield js.fact(native, observed_at=moment, handles=(person,), consents=(consent,))


def _object(kind: str) -> ObjectType:
    if kind in ("complaint", "unsubscribed", "subscribed"):
        return ObjectType.SUBSCRIPTION
    return ObjectType.LINK if kind == "clicked" else ObjectType.MESSAGE


def _suppressed(reason: str) -> Permit | None:
    """Why the provider itself refuses to write to someone."""
    return next((permit for pattern, permit in _SUPPRESSED if pattern.search(reason)), None)


def _inbound(value: Json, received_at: datetime) -> Activity:
    """A message that someone wrote to us, passed on by the provider."""
    headers = {js.text(each.get("Name")).lower(): js.text(each.get("Value")) for each in js.objs(value.get("Headers"))}
    sender, to = js.obj(value.get("FromFull")), js.objs(value.get("ToFull"))
    native = headers.get("message-id", "").strip("<> ") or js.text(value.get("MessageID"))
    references = re.findall(r"<([^<>\s]+)>", f"{headers.get('references', '')} {headers.get('in-reply-to', '')}")
    written, quoted = divide(js.text(value.get("TextBody")))
    found, target = email(js.text(sender.get("Email"))), email(js.text(to[0].get("Email"))) if to else ""
    automatic = headers.get("auto-submitted", "no").lower() != "no" or "list-unsubscribe" in headers
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MESSAGE, native_id=native, object_key=native,
        parent_key=references[-1] if references else "",
        thread_key=references[0] if references else native, happened_at=_sent(value, received_at),
        actor=HandleRef("email", found, js.text(sender.get("Name"))) if found else None,
        target=HandleRef("email", target, js.text(to[0].get("Name"))) if target else None, is_machine=automatic,
        title=js.text(value.get("Subject")), text=js.text(value.get("StrippedTextReply")) or written,
        body={"quoted": quoted} if quoted else {},
        props={"attachments": len(attached)} if (attached := js.objs(value.get("Attachments"))) else {},
    )


def _sent(value: Json, received_at: datetime) -> datetime:
    try:
        return js.when(parsedate_to_datetime(js.text(value.get("Date"))).timestamp(), received_at)
    except (ValueError, TypeError, OverflowError):
        return js.when(value.get("Date"), received_at)


channel = EmailEvents()
