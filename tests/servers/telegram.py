"""A small Bot API on loopback, written from core.telegram.org/bots/api: updates that wait until confirmed, webhooks, sends, refusals."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
TOKEN = "70001:AAH-secret_of_the_bot"
BOT = {"id": 70001, "is_bot": True, "first_name": "Cafè Lligam", "username": "lligam_bot"}


class TelegramServer:
    """`waiting` are updates not yet confirmed; `faults` (status, body) are used up one by one; what was asked stands in `asked`."""

    def __init__(self) -> None:
        self.url = ""
        self.waiting: list[Json] = []
        self.asked: list[tuple[str, Json]] = []
        self.faults: deque[tuple[int, bytes]] = deque()
        self.webhook: Json = {"url": "", "pending_update_count": 0}
        self.number = 500
        self.changed = threading.Condition()

    def update(self, number: int, text: str, chat: int = 9) -> Json:
        who = {"id": chat, "is_bot": False, "first_name": "Ana", "language_code": "ca"}
        message = {"message_id": number, "date": 1793534400, "chat": {"id": chat, "type": "private"}, "from": who, "text": text}
        found: Json = {"update_id": number, "message": message}
        with self.changed:
            self.waiting.append(found)
            self.changed.notify_all()
        return found

    def answer(self, method: str, given: Json) -> Json:
        self.asked.append((method, given))
        found = getattr(self, f"on_{method}", None)
        if found is None:
            return {"ok": False, "error_code": 404, "description": "Not Found"}
        result: Any = found(given)
        return result if isinstance(result, dict) and result.get("ok") is False else {"ok": True, "result": result}

    def on_getMe(self, given: Json) -> Json:
        return {**BOT, "can_read_all_group_messages": True}

    def on_getWebhookInfo(self, given: Json) -> Json:
        return self.webhook

    def on_setWebhook(self, given: Json) -> bool:
        self.webhook = {"url": given["url"], "allowed_updates": given["allowed_updates"], "pending_update_count": 0}
        return True

    def on_deleteWebhook(self, given: Json) -> bool:
        self.webhook = {"url": "", "pending_update_count": 0}
        return True

    def on_getUpdates(self, given: Json) -> Any:
        if self.webhook["url"]:
            words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            return {"ok": False, "error_code": 409, "description": words}
        offset = given.get("offset", 0)
        until = time.monotonic() + min(given.get("timeout", 0), 3)
        with self.changed:
            self.waiting = [each for each in self.waiting if each["update_id"] >= offset]
            while not self.waiting and time.monotonic() < until:
                self.changed.wait(0.2)
            return self.waiting[: given.get("limit", 100)]

    def message(self, given: Json, **more: Any) -> Json:
        self.number += 1
        chat = {"id": int(given["chat_id"]), "type": "private"}
        return {"message_id": self.number, "date": 1793534460, "chat": chat, "from": BOT, **more}

    def on_sendMessage(self, given: Json) -> Json:
        return self.message(given, text=given["text"])

    def on_sendDocument(self, given: Json) -> Json:
        return self.message(given, caption=given.get("caption", ""), document={"file_id": "d"})

    on_sendPhoto = on_sendDocument

    def on_sendMediaGroup(self, given: Json) -> list[Json]:
        return [self.message(given, caption=each.get("caption", ""), document={"file_id": "d"}) for each in json.loads(given["media"])]

    def on_editMessageText(self, given: Json) -> Json:
        return {**self.message(given, text=given["text"], edit_date=1793534500), "message_id": given["message_id"]}

    def on_deleteMessage(self, given: Json) -> bool:
        return True

    on_setMessageReaction = on_deleteMessage


def _read(headers: Any, body: bytes) -> Json:
    kind = str(headers.get("content-type", ""))
    if "multipart/form-data" not in kind:
        found: Json = json.loads(body or b"{}")
        return found
    given: Json = {}
    boundary = kind.partition("boundary=")[2].encode()
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        given[name] = content[:-2] if b"filename=" in head else content[:-2].decode()
    return given


@contextmanager
def telegram() -> Iterator[TelegramServer]:
    made = TelegramServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            prefix, _, method = self.path.rpartition("/")
            if made.faults:
                status, content = made.faults.popleft()
                made.asked.append((method, {}))
            elif prefix != f"/bot{TOKEN}":
                status, content = 401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}'
            else:
                answer = made.answer(method, _read(self.headers, body))
                status, content = int(answer.get("error_code", 200)), json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *given: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
