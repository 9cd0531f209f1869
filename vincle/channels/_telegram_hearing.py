"""What a Telegram bot hears: by webhook with a secret of ours, or by long polls."""

import hmac
import json
import secrets as chance
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from vincle.vocabulary import HandleRef

from . import _json as js
from ._answers import dumped
from ._feed_live import ADDRESS
from ._telegram_api import call
from .base import Accepted, FileError, Rejected, Request, Verdict
from .live import Line, Problem, Pulled, Setting, Standing

Json = dict[str, Any]
SECRET = "webhook_secret"
LONG_POLL, SILENCE = 10, timedelta(days=5)
UPDATES = ("message", "edited_message", "channel_post", "edited_channel_post", "business_message", "edited_business_message",
           "deleted_business_messages", "message_reaction", "callback_query", "my_chat_member", "chat_member", "poll_answer")

SETTINGS = (
    Setting(name="bot_token", label="Token of the bot", is_secret=True, help="@BotFather gives it when you make the bot: /newbot."),
    Setting(name="mode", label="How news come", kind="choice", is_required=False,
            choices=(("", "As this installation can"), ("webhook", "Telegram brings them"), ("poll", "Vincle fetches them"))),
    Setting(name="server", label="Server", kind="url", is_required=False, help="Only with a Bot API server of your own."),
)  # fmt: skip


def by_webhook(line: Line) -> str:
    """Where Telegram is to deliver; '' when we fetch."""
    address, mode = line.settings.get(ADDRESS, ""), line.settings.get("mode", "")
    return address if address.startswith("https://") and mode != "poll" else ""


def standing(line: Line) -> Standing:
    """Who the bot is; brings the webhook into the state it is to be in."""
    bot = js.obj(call(line, "getMe"))
    native, name = js.text(bot.get("id")), js.text(bot.get("username"))
    info = _settled(line)
    notes = [f"webhook_failing:{found}"] if (found := _failing(info, line.now)) else []
    if bot.get("can_read_all_group_messages") is False:
        notes.append("privacy_mode")
    own = (HandleRef("telegram", native, js.text(bot.get("first_name"))), *((js.username("telegram", name),) if name else ()))
    way = "webhook" if by_webhook(line) else "poll"
    return Standing(account=f"@{name}" if name else native, own=own, abilities=frozenset({way}), notes=tuple(notes))


def _settled(line: Line) -> Json:
    """The webhook stands as we want it: ours, with our secret, or none. Another's is never taken away unasked."""
    wanted, info = by_webhook(line), js.obj(call(line, "getWebhookInfo"))
    stands = js.text(info.get("url"))
    if not wanted:
        if stands and line.settings.get("mode") != "poll" and stands != line.settings.get(ADDRESS, ""):
            raise Problem("permanent", "heard_elsewhere", stands.partition("/bot")[0][:100])
        if stands:
            call(line, "deleteWebhook", drop_pending_updates=False)
        return {}
    if stands and stands != wanted and line.settings.get("mode") != "webhook" and not _was_ours(line, stands, wanted):
        raise Problem("permanent", "heard_elsewhere", stands[:100])
    if stands == wanted and line.secrets.get(SECRET) and set(js.texts(info.get("allowed_updates"))) == set(UPDATES):
        return info
    secret = line.secrets.get(SECRET) or chance.token_urlsafe(32)
    line.renew({SECRET: secret})
    call(line, "setWebhook", url=wanted, secret_token=secret, allowed_updates=list(UPDATES), drop_pending_updates=False)
    return {}


def _was_ours(line: Line, stands: str, wanted: str) -> bool:
    """Whether it is the address this connection had before."""
    return bool(line.secrets.get(SECRET)) and stands.rstrip("/").rpartition("/")[0] == wanted.rstrip("/").rpartition("/")[0]


def _failing(info: Json, now: datetime) -> str:
    """What Telegram says when it could not deliver lately and has something to deliver."""
    at = js.when(info.get("last_error_date"), datetime.min.replace(tzinfo=now.tzinfo))
    waits = js.number(info.get("pending_update_count")) or 0
    return js.text(info.get("last_error_message"))[:200] if waits and at.year > 1 and now - at < timedelta(hours=1) else ""


def verified(request: Request, secrets: Mapping[str, str]) -> Verdict:
    secret, given = secrets.get(SECRET, ""), request.headers.get("x-telegram-bot-api-secret-token", "")
    if not secret:
        return Rejected("no_secret")
    if request.method != "POST":
        return Rejected("cannot_verify")
    if not given:
        return Rejected("no_signature")
    return Accepted() if hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()) else Rejected("wrong_signature")


def look(line: Line, cursor: str, wait: int = 0) -> Pulled:
    """What waits at Telegram, confirmed by the next question. Where it brings news by itself: whether it can."""
    if by_webhook(line):
        if failing := _failing(_settled(line), line.now):
            raise Problem("transient", "webhook_failing", failing)
        return Pulled(cursor=cursor, pause=300)
    state = _state(cursor)
    heard = js.when(state.get("at"), line.now)
    # After a week of silence Telegram begins to count anew, anywhere.
    offset = js.number(state.get("offset")) if line.now - heard < SILENCE else None
    given: Json = {"offset": int(offset) if offset else None, "timeout": wait, "limit": 100, "allowed_updates": list(UPDATES)}
    try:
        found = js.objs(call(line, "getUpdates", None, 20.0 + wait, **given))
    except Problem as trouble:
        if trouble.code == "heard_elsewhere" and "webhook" in trouble.detail.lower():
            _settled(line)
        raise
    numbers = [int(number) for each in found if (number := js.number(each.get("update_id"))) is not None]
    if numbers:
        state = {"offset": max(numbers) + 1, "at": line.now.isoformat()}
    return Pulled(items=tuple(dumped(each) for each in found), cursor=json.dumps(state, sort_keys=True), more=len(found) >= 100)


def _state(cursor: str) -> Json:
    try:
        return js.obj(js.load_text(cursor or "{}"))
    except FileError:
        return {}


def held(line: Line, cursor: str) -> Iterator[Pulled]:
    """Long polls, one after the other."""
    if by_webhook(line):
        raise Problem("permanent", "not_live")
    while not line.stopping:
        page = look(line, cursor, LONG_POLL)
        cursor = page.cursor
        yield page
