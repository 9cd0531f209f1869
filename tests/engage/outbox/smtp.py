"""A mail server on loopback that remembers what it took, and does on request what mail servers do."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Place:
    """`taken`: (sender, recipient, message). `says` maps a recipient to the answer to RCPT, `ends` to the answer to the message."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.says: dict[str, str] = {}
        self.ends: dict[str, str] = {}
        self.extensions = ["PIPELINING", "8BITMIME"]
        self.hangs_up_at = ""
        self.hangs_up_after = ""
        self.greeting = "220 here"
        self.sender_says = "250 ok"
        self.on_message: Any = None
        self.sessions = 0
        self.port = 0
        self.lock = threading.Lock()

    @property
    def recipients(self) -> list[str]:
        return sorted(recipient for _, recipient, _ in self.taken)


class _Talk(socketserver.StreamRequestHandler):
    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self) -> None:
        with suppress(OSError):  # whoever spoke to us was killed
            self._talk()

    def _talk(self) -> None:
        place: Place = self.server.place  # type: ignore[attr-defined]
        place.sessions += 1
        self.say(place.greeting)
        sender, recipients = "", list[str]()
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words[:4].upper()
            if verb == "EHLO":
                self.say("250-here" + "".join(f"\r\n250{'-' if more else ' '}{name}" for name, more in self._extensions(place)))
            elif verb == "MAIL":
                sender, recipients = _address(words), []
                self.say(place.sender_says)
            elif verb == "RCPT":
                answer = place.says.get(_address(words), "250 ok")
                recipients += [_address(words)] if answer.startswith("250") else []
                self.say(answer)
            elif verb == "DATA":
                self.say("354 go on" if recipients else "554 no valid recipients")
                if recipients and not self._message(place, sender, recipients[0]):
                    return
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _extensions(self, place: Place) -> list[tuple[str, bool]]:
        return [(name, at < len(place.extensions) - 1) for at, name in enumerate(place.extensions)] or [("HELP", False)]

    def _message(self, place: Place, sender: str, recipient: str) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # whoever spoke broke off: half a mail is none
            lines.append(line[1:] if line.startswith(b"..") else line)
        if place.hangs_up_at == recipient:
            return False
        answer = place.ends.get(recipient, "250 2.0.0 queued")
        if answer.startswith("250"):
            with place.lock:
                place.taken.append((sender, recipient, b"".join(lines)))
            if place.on_message:
                place.on_message(recipient)
        if place.hangs_up_after == recipient:
            return False
        self.say(answer)
        return True


def _address(words: str) -> str:
    found = re.search(r"<([^>]*)>", words)
    return found[1] if found else ""


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


@contextmanager
def smtp() -> Iterator[Place]:
    place = Place()
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.place = place  # type: ignore[attr-defined]
        place.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield place
        server.shutdown()
