"""What stands in the way of a send, in a sentence: codes of servers, writers and the outbox itself; why we may not write is in `words`."""

from typing import Any

from django.utils.translation import gettext_lazy as _l

from . import words

_CODES: dict[str, Any] = {
    "recipient_refused": _l("The server says that this address does not exist, or takes nothing from you."),
    "message_refused": _l("The server refused this message."),
    "sender_refused": _l("The server does not let you send from this address."),
    "smtp_sign_in": _l("The server refused the sign-in. Check user and password of the connection."),
    "smtp_later": _l("The server asked to try again later."),
    "smtp_dropped": _l("The connection to the server broke."),
    "smtp_unreachable": _l("The server cannot be reached."),
    "smtp_certificate": _l("The certificate of the server is not valid."),
    "mail_over_quota": _l("The server says that you have sent too much; Vincle goes slower."),
    "reports_only": _l("Nothing can leave by this connection: it takes in reports. Connect the provider's SMTP as a mailbox."),
    "own_limit": _l("The limit that your team set for this connection is reached."),
    "interrupted": _l("It was on its way when the sender was stopped: it may have arrived."),
    "bad_address": _l("The address is not valid."),
    "no_address": _l("There is no address to write to."),
    "nothing_to_say": _l("There was no text to send."),
    "header_injection": _l("A line of the head holds characters that must not stand there."),
    "writer_failed": _l("The message could not be written. See the log of the server."),
    "server_refuses": _l("The server refused many messages one after the other."),
    "provider_refused": _l("The provider refused this message."),
    "not_allowed_there": _l("The server lies in the own network, which this installation does not allow."),
    "disconnected": _l("The connection was removed."),
    "unreachable": _l("The service cannot be reached."),
    "maybe_sent": _l("It may have been sent; the platform cannot tell."),
    "journey_paused": _l("Its journey is paused."),
    "letter_gone": _l("The letter is not there any more."),
    "letter_broken": _l("The letter could not be filled in for them."),
    "by_hand": _l("Someone of your team decided so."),
}


def sentence(code: str) -> str:
    """Of any code that may stand beside a send; "" for none."""
    if not code:
        return ""
    if code in _CODES:
        return str(_CODES[code])
    return words.short(code)
