"""What each mail provider writes of a send, told by its shape and put into one word and one shape."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from . import _json as js
from ._mail_headers import OWN_HEADER
from ._mail_threads import root_in
from .base import FileError

Json = dict[str, Any]
_OWN = OWN_HEADER.lower()
_WORDS: dict[str, str] = {
    "request": "sent", "sent": "sent", "send": "sent", "processed": "sent", "accepted": "sent", "queued": "sent", "injection": "sent",
    "delivered": "delivered", "delivery": "delivered", "messagesent": "delivered",
    "hard_bounce": "hard bounce", "hard_bounced": "hard bounce", "hardbounce": "hard bounce", "bounced": "hard bounce",
    "bounce": "hard bounce", "invalid_email": "hard bounce", "messagebounced": "hard bounce", "out_of_band": "hard bounce",
    "soft_bounce": "soft bounce", "soft bounce": "soft bounce", "soft_bounced": "soft bounce", "softbounce": "soft bounce",
    "deferred": "deferred", "delayed": "deferred", "delay": "deferred", "delivery_delayed": "deferred", "deliverydelay": "deferred",
    "messagedelayed": "deferred", "messageheld": "deferred", "temporary_fail": "deferred",
    "blocked": "rejected", "dropped": "rejected", "reject": "rejected", "rejected": "rejected", "error": "rejected", "failed": "rejected",
    "suspension": "rejected", "rendering failure": "rejected", "policy_rejection": "rejected", "generation_failure": "rejected",
    "generation_rejection": "rejected", "messagedeliveryfailed": "rejected", "spam_rejected": "rejected", "suppressed": "rejected",
    "spam": "complaint", "complaint": "complaint", "complained": "complaint", "spamreport": "complaint", "spam_complaint": "complaint",
    "spamcomplaint": "complaint",
    "unsubscribe": "unsubscribed", "unsubscribed": "unsubscribed", "unsub": "unsubscribed", "group_unsubscribe": "unsubscribed",
    "list_unsubscribe": "unsubscribed", "link_unsubscribe": "unsubscribed", "subscription": "unsubscribed",
    "group_resubscribe": "subscribed", "subscribed": "subscribed", "resubscribe": "subscribed",
    "open": "opened", "opened": "opened", "unique_opened": "opened", "uniqueopened": "opened", "first_opening": "opened",
    "initial_open": "opened", "amp_open": "opened", "amp_initial_open": "opened", "messageloaded": "opened",
    "proxy_open": "machine open", "unique_proxy_open": "machine open", "click": "clicked", "clicked": "clicked", "amp_click": "clicked",
    "messagelinkclicked": "clicked",
}


class Event(Struct, frozen=True):
    """One event of any provider. `at` is what the provider wrote; `kind` a word of `_VERBS` or the provider's own."""

    provider: str
    kind: str
    recipient: str
    raw: Json
    at: Any = None
    id: str = ""
    message: str = ""
    link: str = ""
    agent: str = ""
    reason: str = ""
    campaign: str = ""
    country: str = ""
    machine: bool = False


def provider_of(value: Json) -> str:
    """Which provider writes like this."""
    event, kind = value.get("event"), js.text(value.get("type"))
    tests = (
        ("vincle", isinstance(value.get("vincle"), str) and isinstance(value.get("send"), int)),
        ("amazon_ses", "mail" in value and ("notificationType" in value or "eventType" in value)),
        ("amazon_ses", "TopicArn" in value and "Message" in value),
        ("mailgun", "event-data" in value), ("sparkpost", "msys" in value),
        ("sendgrid", "sg_event_id" in value or "sg_message_id" in value),
        ("postmark", "RecordType" in value or ("FromFull" in value and "MessageID" in value)),
        ("unisender_go", "events_by_user" in value or value.get("event_name") == "transactional_email_status"),
        ("resend", kind.startswith("email.") and "data" in value), ("mailersend", kind.startswith("activity.") and "data" in value),
        ("mandrill", ("msg" in value and "_id" in value) or (kind in ("blacklist", "whitelist") and "reject" in value)),
        ("postal", isinstance(event, str) and event.startswith(("Message", "Domain")) and isinstance(value.get("payload"), dict)),
        ("mailtrap", any("event_id" in each or "message_id" in each for each in js.objs(value.get("events"))[:1])),
        ("mailjet", event is not None and ("MessageID" in value or "mj_campaign_id" in value)),
        ("brevo", event is not None and "email" in value and "message-id" in value),
        ("mailgun", event is not None and "recipient" in value and bool({"token", "code", "domain", "timestamp", "url"} & set(value))),
    )
    return next((name for name, holds in tests if holds), "")


def _kind(word: Any) -> str:
    """The provider's word for what happened in ours; its own when there is none."""
    written = js.text(word).strip()
    return _WORDS.get(written.lower().replace("-", "_"), written)


def _ses(value: Json) -> Iterator[Event]:
    if "TopicArn" in value:
        try:
            inner = js.obj(js.load_text(js.text(value.get("Message"))))
        except FileError:
            inner = {}
        if "mail" in inner:
            yield from _ses(inner)
        return
    word, mail = js.first(value, "eventType", "notificationType"), js.obj(value.get("mail"))
    detail = js.obj(value.get(word.lower())) or js.obj(value.get("deliveryDelay")) or js.obj(value.get("failure"))
    people: list[Any] = detail.get("bouncedRecipients") or detail.get("complainedRecipients") or detail.get("delayedRecipients") or []
    named = [(js.text(js.obj(each).get("emailAddress")), js.obj(each)) for each in (people if isinstance(people, list) else [])]
    named = named or [(address, {}) for address in js.texts(detail.get("recipients")) or js.texts(mail.get("destination"))]
    soft = word == "Bounce" and js.text(detail.get("bounceType")) == "Transient"
    for address, each in named:
        yield Event(
            "amazon_ses", "soft bounce" if soft else _kind(word), address, value, at=detail.get("timestamp") or mail.get("timestamp"),
            id=js.text(detail.get("feedbackId")), message=_ours(mail) or js.text(mail.get("messageId")), link=js.text(detail.get("link")),
            agent=js.text(detail.get("userAgent")) if word in ("Open", "Click") else "",
            reason=js.first(each, "diagnosticCode") or js.first(detail, "complaintFeedbackType", "bounceSubType", "reason", "errorMessage"),
            campaign=next(iter(js.texts(js.at(mail, "tags", "campaign"))), ""),
        )


def _ours(mail: Json) -> str:
    """The id we gave the mail: the service gives it one of its own, and shows ours among the headers."""
    named = [js.text(js.at(mail, "commonHeaders", "messageId"))]
    named += [js.text(each.get("value")) for each in js.objs(mail.get("headers")) if js.text(each.get("name")).lower() == _OWN]
    return next((bare for each in reversed(named) if root_in(bare := each.strip("<> "))), "")


def _brevo(value: Json) -> Iterator[Event]:
    at = value.get("ts_epoch") or value.get("ts_event") or value.get("ts") or value.get("s_epoch") or value.get("date")
    tags = js.texts(value.get("tags")) or (js.texts(value.get("tag")) if not js.text(value.get("tag")).startswith("[") else ())
    yield Event("brevo", _kind(value.get("event")), js.text(value.get("email")), value, at=at, message=js.text(value.get("message-id")),
                link=js.text(value.get("link")), reason=js.text(value.get("reason")), campaign=next(iter(tags), ""),
                agent=js.text(value.get("user_agent")))


def _mailersend(value: Json) -> Iterator[Event]:
    data = js.obj(value.get("data"))
    mail, morph = js.obj(data.get("email")), js.obj(data.get("morph"))
    yield Event(
        "mailersend", _kind(js.text(value.get("type")).removeprefix("activity.")), js.text(js.at(mail, "recipient", "email")), value,
        at=data.get("created_at"), id=js.text(data.get("id")), message=js.text(js.at(mail, "message", "id")),
        link=js.text(morph.get("url")),
        reason=js.first(morph, "readable_reason", "reason"), campaign=next(iter(js.texts(mail.get("tags"))), ""),
    )


def _mailgun(value: Json) -> Iterator[Event]:
    data = js.obj(value.get("event-data")) or value
    status, client = js.obj(data.get("delivery-status")), js.obj(data.get("client-info"))
    word = js.text(data.get("event"))
    kind = _kind(word)
    if word == "failed":
        lasting = "hard bounce" if data.get("reason") == "bounce" else "rejected"
        kind = "deferred" if js.text(data.get("severity")) == "temporary" else lasting
    recipient = js.text(data.get("recipient")) or js.text(js.at(data, "message", "headers", "to"))
    message = js.text(js.at(data, "message", "headers", "message-id")) or js.first(data, "Message-Id", "message-id")
    yield Event(
        "mailgun", kind, recipient, value, at=data.get("timestamp"), id=js.first(data, "id", "token"), message=message,
        link=js.text(data.get("url")), agent=js.text(client.get("user-agent")) or js.text(data.get("user-agent")),
        reason=js.first(status, "message", "description") or js.first(data, "error", "description", "reason")
        or js.text(js.at(data, "reject", "reason")), campaign=next(iter(js.texts(data.get("tags")) or js.texts(data.get("tag"))), ""),
        country=js.text(js.at(data, "geolocation", "country")), machine=js.text(client.get("bot")) not in ("", "unknown"),
    )


def _mailjet(value: Json) -> Iterator[Event]:
    kind = _kind(value.get("event"))
    if kind == "hard bounce" and value.get("hard_bounce") is not True:
        kind = "soft bounce"
    campaign = js.text(value.get("customcampaign")) or js.text(value.get("mj_campaign_id"))
    yield Event(
        "mailjet", "delivered" if kind == "sent" else kind, js.text(value.get("email")), value, at=value.get("time"),
        message=js.text(value.get("MessageID")), link=js.text(value.get("url")), agent=js.text(value.get("agent")),
        reason=js.first(value, "error", "error_related_to", "source"), campaign="" if campaign == "0" else campaign,
        country=js.text(value.get("geo")),
    )


def _mailtrap(value: Json) -> Iterator[Event]:
    for event in js.objs(value.get("events")):
        yield Event(
            "mailtrap", _kind(event.get("event")), js.text(event.get("email")), event, at=event.get("timestamp"),
            id=js.text(event.get("event_id")), message=js.text(event.get("message_id")), link=js.text(event.get("url")),
            agent=js.text(event.get("user_agent")), reason=js.first(event, "response", "reason"), campaign=js.text(event.get("category")),
        )


def _mandrill(value: Json) -> Iterator[Event]:
    message = js.obj(value.get("msg"))
    if not message:
        added = js.text(value.get("type")) == "blacklist" and js.text(value.get("action")) == "add"
        refused = js.obj(value.get("reject"))
        if added:
            yield Event("mandrill", "rejected", js.text(refused.get("email")), value, reason=f"blacklist {js.text(refused.get('reason'))}")
        return
    yield Event(
        "mandrill", _kind(value.get("event")), js.text(message.get("email")), value, at=value.get("ts"),
        message=js.text(message.get("_id")),
        link=js.text(value.get("url")), agent=js.text(value.get("user_agent")), reason=js.first(message, "diag", "bounce_description"),
        campaign=next(iter(js.texts(message.get("tags"))), ""), country=js.text(js.at(value, "location", "country_short")),
    )


def _postal(value: Json) -> Iterator[Event]:
    payload = js.obj(value.get("payload"))
    message = js.obj(payload.get("original_message")) or js.obj(payload.get("message"))
    if js.text(message.get("direction")) == "incoming" or not message:
        return
    kind = "hard bounce" if payload.get("bounce") else _kind(value.get("event"))
    yield Event(
        "postal", kind, js.text(message.get("to")), value, at=value.get("timestamp"), id=js.text(value.get("uuid")),
        message=js.text(message.get("message_id")), link=js.text(payload.get("url")), agent=js.text(payload.get("user_agent")),
        reason=js.first(payload, "details", "output"), campaign=js.text(message.get("tag")),
    )


def _postmark(value: Json) -> Iterator[Event]:
    record, kind = js.text(value.get("RecordType")), js.text(value.get("Type"))
    reason = js.first(value, "Details", "Description", "SuppressionReason")
    recipient = js.first(value, "Email", "Recipient")
    what = _kind(record)
    if record == "Bounce":
        hard = {"HardBounce": "hard bounce", "BadEmailAddress": "hard bounce", "ManuallyDeactivated": "hard bounce",
                "SpamComplaint": "complaint", "Unsubscribe": "unsubscribed", "Subscribe": "subscribed", "Blocked": "rejected"}
        what = hard.get(kind, "soft bounce")
    elif record == "SubscriptionChange":
        why = {"HardBounce": "hard bounce", "SpamComplaint": "complaint"}
        what = why.get(js.text(value.get("SuppressionReason")), "unsubscribed") if value.get("SuppressSending") is True else "subscribed"
    yield Event(
        "postmark", what, recipient, value, reason=reason, id=f"{record}:{found}" if (found := js.text(value.get("ID"))) else "",
        at=value.get("DeliveredAt") or value.get("BouncedAt") or value.get("ReceivedAt") or value.get("ChangedAt"),
        message=js.text(value.get("MessageID")), link=js.text(value.get("OriginalLink")), agent=js.text(value.get("UserAgent")),
        campaign=js.text(value.get("Tag")), country=js.text(js.at(value, "Geo", "CountryISOCode")),
    )


def _resend(value: Json) -> Iterator[Event]:
    data = js.obj(value.get("data"))
    kind = _kind(js.text(value.get("type")).removeprefix("email."))
    reason = js.text(js.at(data, "bounce", "message")) or js.text(js.at(data, "failed", "reason"))
    if kind == "hard bounce" and "suppressed" in reason:
        kind = "rejected"
    elif kind == "hard bounce" and js.text(js.at(data, "bounce", "type")).lower() in ("transient", "temporary", "undetermined"):
        kind = "soft bounce"
    for recipient in js.texts(data.get("to")):
        yield Event("resend", kind, recipient, value, at=value.get("created_at"), message=js.text(data.get("email_id")), reason=reason,
                    link=js.text(js.at(data, "click", "link")), agent=js.text(js.at(data, "click", "userAgent")))


def _sendgrid(value: Json) -> Iterator[Event]:
    kind = _kind(value.get("event"))
    if kind == "hard bounce" and js.text(value.get("type")) == "blocked":
        kind = "soft bounce"
    message = js.text(value.get("sg_message_id")).partition(".")[0] or js.text(value.get("smtp-id"))
    yield Event(
        "sendgrid", kind, js.text(value.get("email")), value, at=value.get("timestamp"), id=js.text(value.get("sg_event_id")),
        message=message, link=js.text(value.get("url")), agent=js.text(value.get("useragent")),
        reason=js.first(value, "reason", "response"),
        campaign=next(iter(js.texts(value.get("category"))), ""), machine=value.get("sg_machine_open") is True,
    )


def _sparkpost(value: Json) -> Iterator[Event]:
    for event in js.objs(list(js.obj(value.get("msys")).values())):
        kind, bounce = _kind(event.get("type")), js.text(event.get("bounce_class"))
        if kind == "hard bounce" and bounce in ("20", "21", "22", "23", "24", "40", "60", "70", "100", "1"):
            kind = "soft bounce"
        elif kind == "hard bounce" and bounce in ("50", "51", "52", "53", "54", "25"):
            kind = "rejected"
        yield Event(
            "sparkpost", kind, js.first(event, "raw_rcpt_to", "rcpt_to"), event, at=event.get("timestamp"),
            id=js.text(event.get("event_id")),
            message=js.first(event, "transmission_id", "message_id"), link=js.text(event.get("target_link_url")),
            agent=js.text(event.get("user_agent")), reason=js.first(event, "raw_reason", "reason"),
            campaign=js.text(event.get("campaign_id")), machine=event.get("is_prefetched") is True,
        )


def _unisender(value: Json) -> Iterator[Event]:
    if "events_by_user" in value:
        for user in js.objs(value.get("events_by_user")):
            for event in js.objs(user.get("events")):
                yield from _unisender(js.obj(event.get("event_data")))
        return
    info = js.obj(value.get("delivery_info"))
    yield Event(
        "unisender_go", _kind(value.get("status")), js.text(value.get("email")), value, at=value.get("event_time"),
        message=js.text(value.get("job_id")), link=js.text(value.get("url")), agent=js.text(info.get("user_agent")),
        reason=js.first(info, "destination_response", "delivery_status") or js.text(value.get("comment")),
    )


def _own(value: Json) -> Iterator[Event]:
    """What we count ourselves: what left, what was opened and followed."""
    send = js.text(value.get("send"))
    yield Event(
        "vincle", js.text(value.get("vincle")), js.text(value.get("to")), value, at=value.get("at"), id=js.text(value.get("id")) or send,
        message=js.text(value.get("message")), link=js.text(value.get("link")), agent=js.text(value.get("agent")),
        reason=js.text(value.get("reason")), campaign=js.text(value.get("campaign")), machine=value.get("machine") is True,
    )


_Reader = Callable[[Json], Iterator[Event]]
READERS: dict[str, _Reader] = {
    "amazon_ses": _ses, "brevo": _brevo, "mailersend": _mailersend, "mailgun": _mailgun, "mailjet": _mailjet, "mailtrap": _mailtrap,
    "mandrill": _mandrill, "postal": _postal, "postmark": _postmark, "resend": _resend, "sendgrid": _sendgrid, "sparkpost": _sparkpost,
    "unisender_go": _unisender, "vincle": _own,
}
