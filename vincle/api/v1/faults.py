"""What is answered when a request cannot be done: a stable code, a sentence, the field at fault."""

import re

import msgspec

_WHERE = re.compile(r"`\$\.([^`\[.]+)|field `([^`]+)`")


class Trouble(msgspec.Struct):
    """`code` is stable, `message` is for whoever reads the log, `field` is the parameter, header or part of the body at fault."""

    code: str
    message: str
    field: str | None = None


class Fault(Exception):
    """`retry_after`: seconds until it is worth asking again."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.retry_after = status, retry_after
        self.trouble = Trouble(code, message, field)


CODES: dict[int, tuple[str, ...]] = {
    400: ("invalid_json", "invalid_field"),
    401: ("no_key", "unknown_key", "revoked_key", "expired_key", "ownerless_key"),
    403: ("forbidden",),
    404: ("not_found",),
    405: ("method_not_allowed",),
    409: ("conflict", "not_undoable", "idempotency_key_reused"),
    413: ("too_large",),
    415: ("not_json",),
    429: ("too_many_requests",),
    500: ("internal_error",),
}
"""Every code there is, by status."""

KEYS = {
    "no_key": "Send a key: Authorization: Bearer vk_...",
    "unknown_key": "This key is not known. It may be incomplete.",
    "revoked_key": "This key was revoked.",
    "expired_key": "This key is out of date.",
    "ownerless_key": "Whoever made this key left the team or may no longer do what it was made for.",
}


def invalid(field: str, message: str) -> Fault:
    return Fault(400, "invalid_field", message, field)


def missing(what: str, field: str | None = None) -> Fault:
    return Fault(404, "not_found", f"There is no such {what} in this workspace.", field)


def conflict(message: str, code: str = "conflict", field: str | None = None) -> Fault:
    return Fault(409, code, message, field)


def unreadable(error: msgspec.ValidationError) -> Fault:
    """The fault behind a value of the wrong kind, with the field's name."""
    found = _WHERE.search(str(error))
    return Fault(400, "invalid_field", f"{error}.", (found[1] or found[2]) if found else None)
