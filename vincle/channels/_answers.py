"""What a server's answer means: its JSON, or the Problem it tells of, sorted the same way for every channel."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from . import _json as js
from .base import FileError
from .live import Answer, Problem

_RESETS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_LEFT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_LIMITS = ("x-ratelimit-limit", "x-rate-limit-limit", "ratelimit-limit")
_QUOTA_WORDS = ("rate limit", "rate-limit", "ratelimit", "quota", "too many", "limit exceeded", "throttl")
_SOON = 100_000_000  # above: a moment since 1970; below: seconds from now
_TOLD = ("error_description", "message", "error", "detail", "description", "title", "errors")


def judged(answer: Answer, now: datetime | None = None) -> Any:
    """The JSON of a good answer (None when its body is empty).

    Raises Problem: 401 and 403 auth (403 that speaks of a quota: quota), 404 and 410 gone, 429 quota, 408, 425 and 5xx transient, other
    statuses permanent; a good status with a broken body is transient, `not_json`. Codes are `http_<status>` but for the common
    ones: not_authorised, not_allowed, not_there, too_fast, server_trouble.
    """
    if 200 <= answer.status < 300:
        return _value(answer)
    raise problem(answer, now)


def problem(answer: Answer, now: datetime | None = None) -> Problem:
    """What a bad answer tells: kind, stable code, the server's own words, and when to come back."""
    status, said = answer.status, told(answer)
    if status == 401:
        return Problem("auth", "not_authorised", said)
    if status == 429 or (status == 403 and _speaks_of_quota(answer, said)):
        return Problem("quota", "too_fast", said, wait(answer, now))
    if status == 403:
        return Problem("auth", "not_allowed", said)
    if status in (404, 410):
        return Problem("gone", "not_there", said)
    if status >= 500 or status in (408, 425):
        return Problem("transient", "server_trouble", said or f"status {status}", wait(answer, now, only_asked=True))
    return Problem("permanent", f"http_{status}", said)


def wait(answer: Answer, now: datetime | None = None, *, only_asked: bool = False) -> float | None:
    """Seconds until the server wants to be asked again: Retry-After, else (unless `only_asked`) the end of the rate window.

    A moment is counted from the server's own clock (its Date header) where it tells it, so that a wrong clock on either side
    neither hurries nor stalls us.
    """
    here = moment(answer.headers.get("date", "")) or now or datetime.now(UTC)
    asked = _seconds(answer.headers.get("retry-after", ""), here)
    if asked is not None or only_asked:
        return asked
    return next((found for name in _RESETS if (found := _seconds(answer.headers.get(name, ""), here)) is not None), None)


def quota(answer: Answer) -> float | None:
    """What is left of the rate window, 0..1; None where the server does not say."""
    left, limit = (_number(answer.headers, names) for names in (_LEFT, _LIMITS))
    return None if left is None or not limit else max(0.0, min(1.0, left / limit))


def moment(value: str) -> datetime | None:
    """A date of a header (RFC 9110) or of ISO 8601, in UTC."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def told(answer: Answer) -> str:
    """What the server said went wrong: the words of its JSON, else the beginning of a plain text; pages of HTML say nothing."""
    try:
        value = js.load(answer.body) if answer.body.strip() else None
    except FileError:
        plain = js.decoded(answer.body[:300]).strip()
        return "" if plain.startswith("<") else plain
    return _words(value)[:300]


def _words(value: Any, depth: int = 0) -> str:
    """The first words under the names that servers use, whatever they are nested in."""
    if isinstance(value, str) or depth > 3:
        return js.text(value)
    if isinstance(value, list):
        return "; ".join(found for each in value[:3] if (found := _words(each, depth + 1)))
    known = [words for key in _TOLD if (words := _words(js.obj(value).get(key), depth + 1))]
    return ": ".join(dict.fromkeys(known[:2]))


def _value(answer: Answer) -> Any:
    if not answer.body.strip():
        return None
    try:
        return js.load(answer.body)
    except FileError as fault:
        raise Problem("transient", "not_json", f"{fault.code} at {fault.detail}") from fault


def _speaks_of_quota(answer: Answer, said: str) -> bool:
    return "retry-after" in answer.headers or _number(answer.headers, _LEFT) == 0 or any(word in said.lower() for word in _QUOTA_WORDS)


def _seconds(value: str, here: datetime) -> float | None:
    """Seconds from a header that tells seconds, a moment since 1970 or a date. A moment gone by is 0."""
    text = value.strip()
    if not text:
        return None
    number = js.number(text)
    if number is not None:
        return max(0.0, number - here.timestamp() if number > _SOON else number)
    then = moment(text)
    return None if then is None else max(0.0, (then - here).total_seconds())


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    return next((found for name in names if (found := js.number(headers.get(name, ""))) is not None), None)


def dumped(value: Any) -> bytes:
    """JSON bytes as items are kept: the same value gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")
