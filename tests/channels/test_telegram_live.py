"""A Telegram bot alive, against a small Bot API."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.telegram import TOKEN, TelegramServer, telegram
from vincle.channels._feed_live import ADDRESS
from vincle.channels.base import Accepted, Rejected, Request
from vincle.channels.live import Command, Context, File, Problem, Receipt
from vincle.channels.telegram import channel
from vincle.listen.line import OutLine
from vincle.vocabulary import Activity, Direction, HandleRef, Op, Outcome, Retraction, Verb

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOOK = "https://vincle.example/hooks/x"
ABOUT = Context(native_id="9:41", object_key="9:41", thread_key="chat:9", object_type="Message", verb="Create",
                author=HandleRef("telegram", "9", "Ana"), text="Obriu avui?")  # fmt: skip


@pytest.fixture
def server(settings: Any) -> Iterator[TelegramServer]:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    with telegram() as made:
        yield made


class Bot:
    def __init__(self, server: TelegramServer, token: str = TOKEN, **settings: str) -> None:
        self.kept: dict[str, str] = {}
        self.line = OutLine({"server": server.url, **settings}, {"bot_token": token}, lambda fresh, ends_at: self.kept.update(fresh))
        self.cursor = ""

    def pull(self) -> list[str]:
        page = channel.pull(self.line, "updates", self.cursor)
        self.cursor = page.cursor
        return [item.text for raw in page.items for item in channel.parse(raw, NOW) if isinstance(item, Activity)]

    def act(self, deed: Any, about: Context = ABOUT, **more: Any) -> Receipt:
        return channel.act(self.line, Command(deed=deed, about=about, **more), "k")


def said(receipt: Receipt) -> list[Outcome]:
    return list(channel.parse(receipt.raw, NOW))


def test_who_we_are(server: TelegramServer) -> None:
    found = channel.check(Bot(server).line)
    assert found.account == "@lligam_bot"
    assert [(handle.kind, handle.value) for handle in found.own] == [("telegram", "70001"), ("telegram_username", "lligam_bot")]
    assert found.abilities == {"poll"}
    with pytest.raises(Problem) as problem:
        channel.check(Bot(server, "70001:wrong").line)
    assert (problem.value.kind, problem.value.code) == ("auth", "not_authorised")
    assert "70001:wrong" not in problem.value.detail


def test_updates_are_confirmed_only_by_the_next_question(server: TelegramServer) -> None:
    bot = Bot(server)
    server.update(41, "Hola")
    server.update(42, "Obriu avui?")
    assert bot.pull() == ["Hola", "Obriu avui?"]
    assert len(server.waiting) == 2  # a crash before the cursor is kept loses nothing
    server.update(43, "?")
    assert bot.pull() == ["?"]
    assert [each["update_id"] for each in server.waiting] == [43]
    assert bot.pull() == []


def test_after_a_week_of_silence_numbers_begin_anew(server: TelegramServer) -> None:
    bot = Bot(server)
    bot.cursor = json.dumps({"offset": 900, "at": (datetime.now(UTC) - timedelta(days=8)).isoformat()})
    server.update(41, "Hola")
    assert bot.pull() == ["Hola"]


def test_a_long_poll_hears_at_once(server: TelegramServer) -> None:
    bot = Bot(server)
    pages = channel.listen(bot.line, "updates", "")
    server.update(41, "Ara")
    began = time.monotonic()
    page = next(page for page in pages if page.items)
    assert time.monotonic() - began < 2
    assert json.loads(page.cursor)["offset"] == 42
    assert server.asked[-1][1]["timeout"] > 0


def test_a_webhook_with_a_secret_of_ours(server: TelegramServer) -> None:
    bot = Bot(server, **{ADDRESS: HOOK})
    assert channel.check(bot.line).abilities == {"webhook"}
    method, given = server.asked[-1]
    assert (method, given["url"], given["secret_token"]) == ("setWebhook", HOOK, bot.kept["webhook_secret"])
    assert "message_reaction" in given["allowed_updates"]
    assert bot.pull() == []
    assert [method for method, _ in server.asked].count("setWebhook") == 1
    with pytest.raises(Problem, match="not_live"):
        next(channel.listen(bot.line, "updates", ""))

    def verdict(**headers: str) -> Any:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return channel.verify(Request(method="POST", path="/", received_at=NOW, headers=told, body=b"{}"), bot.kept)

    assert verdict(x_telegram_bot_api_secret_token=bot.kept["webhook_secret"]) == Accepted()
    assert verdict(x_telegram_bot_api_secret_token="guess") == Rejected("wrong_signature")
    assert verdict() == Rejected("no_signature")
    server.webhook |= {"last_error_date": time.time(), "last_error_message": "Connection refused", "pending_update_count": 3}
    with pytest.raises(Problem) as problem:
        bot.pull()
    assert (problem.value.kind, problem.value.code, problem.value.detail) == ("transient", "webhook_failing", "Connection refused")


def test_a_bot_that_others_hear_is_not_taken_from_them_unasked(server: TelegramServer) -> None:
    server.webhook["url"] = "https://other.example/bot"
    for bot in (Bot(server), Bot(server, **{ADDRESS: HOOK})):
        with pytest.raises(Problem) as problem:
            channel.check(bot.line)
        assert problem.value.code == "heard_elsewhere"
    with pytest.raises(Problem):
        Bot(server).pull()
    assert server.webhook["url"] == "https://other.example/bot"
    channel.check(Bot(server, mode="poll").line)
    assert server.webhook["url"] == ""


def test_an_answer(server: TelegramServer) -> None:
    receipt = Bot(server).act("reply", text="Sí, fins a les 8!")
    method, given = server.asked[-1]
    assert (method, given["chat_id"], given["text"]) == ("sendMessage", "9", "Sí, fins a les 8!")
    assert given["reply_parameters"]["message_id"] == 41
    assert "parse_mode" not in given
    (own,) = said(receipt)
    assert isinstance(own, Activity)
    assert (own.native_id, own.direction, own.thread_key, own.text, own.is_machine) == (
        "9:501", Direction.OUT, "chat:9", "Sí, fins a les 8!", False
    )  # fmt: skip
    assert (receipt.native_id, said(receipt)) == ("9:501", [own])


def test_files_go_in_one_call(server: TelegramServer) -> None:
    bot = Bot(server)
    photo = File(name="f.png", content_type="image/png", content=b"\x89PNG")
    price = File(name='p"reus.pdf', content_type="application/pdf", content=b"%PDF")
    bot.act("reply", text="Mira", files=(photo,))
    assert (server.asked[-1][0], server.asked[-1][1]["photo"], server.asked[-1][1]["caption"]) == ("sendPhoto", b"\x89PNG", "Mira")
    bot.act("reply", files=(price,))
    assert (server.asked[-1][0], server.asked[-1][1]["document"]) == ("sendDocument", b"%PDF")
    receipt = bot.act("reply", text="Tot", files=(photo, price))
    assert (server.asked[-1][0], server.asked[-1][1]["file1"]) == ("sendMediaGroup", b"%PDF")
    assert [item.text for item in said(receipt) if isinstance(item, Activity)] == ["", "Tot"]


def test_edits_reactions_and_deletions(server: TelegramServer) -> None:
    bot = Bot(server)
    (edited,) = said(bot.act("reply", text="Fins a les 9", extra={"edit": "9:501"}))
    assert isinstance(edited, Activity)
    assert (edited.native_id, edited.op, edited.text) == ("9:501", Op.CORRECT, "Fins a les 9")
    (liked,) = said(bot.act("like"))
    (undone,) = said(bot.act("unlike"))
    assert isinstance(liked, Activity)
    assert isinstance(undone, Activity)
    assert (liked.verb, undone.verb, liked.native_id == undone.native_id) == (Verb.LIKE, Verb.UNDO, True)
    assert server.asked[-1][1]["reaction"] == []
    (gone,) = said(bot.act("delete"))
    assert isinstance(gone, Retraction)
    assert gone.native_id == "9:41"


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "pause"),
    [
        (429, {"error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 17}}, "quota", "too_fast", 17),
        (403, {"error_code": 403, "description": "Forbidden: bot was blocked by the user"}, "permanent", "blocked_by_them", None),
        (400, {"error_code": 400, "description": "Bad Request: chat not found"}, "gone", "not_there", None),
        (400, {"error_code": 400, "description": "Bad Request: message is too long"}, "permanent", "too_long", None),
        (401, {"error_code": 401, "description": "Unauthorized"}, "auth", "not_authorised", None),
        (502, None, "transient", "server_trouble", None),
        (200, None, "permanent", "maybe_sent", None),
    ],
)
def test_what_is_refused_is_sorted(server: TelegramServer, status: int, body: Any, kind: str, code: str, pause: float | None) -> None:
    server.faults.append((status, json.dumps({"ok": False, **body}).encode() if body else b"<html>"))
    with pytest.raises(Problem) as problem:
        Bot(server).act("reply", text="Hola")
    assert (problem.value.kind, problem.value.code, problem.value.retry_after) == (kind, code, pause)


def test_length_counts_as_telegram_does(server: TelegramServer) -> None:
    assert (channel.length("cafè"), channel.length("👍🏽")) == (4, 4)
    reply, like = channel.ways(ABOUT, {}, frozenset(), NOW)
    assert (reply.deed, reply.longest, like.deed) == ("reply", 4096, "like")
    assert channel.ways(replace_verb("Like"), {}, frozenset(), NOW) == ()
    bot = Bot(server)
    for given in ({"text": "👍" * 2049}, {"text": "x" * 1025, "files": (File(name="f", content_type="", content=b"x"),)}):
        with pytest.raises(Problem, match="too_long"):
            bot.act("reply", **given)
    assert server.asked == []


def replace_verb(verb: str) -> Context:
    return Context(native_id="9:41", thread_key="chat:9", object_type="Message", verb=verb)
