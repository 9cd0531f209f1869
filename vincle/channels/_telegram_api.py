"""The methods of Telegram's Bot API, and what its answers mean. Source: core.telegram.org/bots/api, 2026.

It takes no key of ours and tells nothing of what was sent: a send whose answer never came is `maybe_sent`, and not tried again.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from . import _json as js
from ._answers import problem, wait
from .live import Answer, Line, Problem

Json = dict[str, Any]
SOURCE = "vincle.telegram"
SERVER = "https://api.telegram.org"
_SENDS = ("sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup")
_GONE = ("not found", "message can't be deleted", "message can't be edited", "chat_write_forbidden", "have no rights",
         "upgraded to a supergroup")


def call(line: Line, method: str, files: Mapping[str, tuple[str, bytes, str]] | None = None, patience: float = 20.0, **given: Any) -> Any:
    """The result of a method. Raises Problem as Telegram's answers mean it."""
    server = (line.settings.get("server", "") or SERVER).rstrip("/")
    url = f"{server}/bot{line.secrets.get('bot_token', '')}/{method}"
    values = {name: value for name, value in given.items() if value not in (None, "")}
    try:
        if files:
            form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
            answer = line.send("POST", url, form=form, files=files, timeout=patience)
        else:
            answer = line.send("POST", url, json=values, timeout=patience)
    except Problem as trouble:
        if method in _SENDS and trouble.code in ("no_answer_in_time", "broken_answer"):
            raise Problem("permanent", "maybe_sent", trouble.detail) from trouble
        raise
    return _result(answer, line.now, method)


def _result(answer: Answer, now: datetime, method: str) -> Any:
    try:
        value = js.obj(js.load(answer.body))
    except Exception as fault:  # a gateway in between, or a cut answer
        if answer.status >= 300:
            raise problem(answer, now) from fault
        is_sent = method in _SENDS
        raise Problem("permanent" if is_sent else "transient", "maybe_sent" if is_sent else "not_json", type(fault).__name__) from fault
    if value.get("ok") is True:
        return value.get("result")
    raise _refused(value, answer, now)


def _refused(value: Json, answer: Answer, now: datetime) -> Problem:
    code, said = int(js.number(value.get("error_code")) or answer.status), js.text(value.get("description"))
    words = said.lower()
    if code == 429:
        return Problem("quota", "too_fast", said, js.number(js.at(value, "parameters", "retry_after")) or wait(answer, now) or 30.0)
    if code in (401, 404):
        return Problem("auth", "not_authorised", said)
    if code == 403:
        return Problem("permanent", "blocked_by_them", said)
    if code == 409:
        return Problem("transient", "heard_elsewhere", said, 30.0)
    if "too long" in words:
        return Problem("permanent", "too_long", said)
    if code == 400:
        return Problem("gone", "not_there", said) if any(each in words for each in _GONE) else Problem("permanent", "http_400", said)
    return problem(answer, now)
