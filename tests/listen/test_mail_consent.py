"""Mailboxes that are entered by signing in at the provider: a token in place of a password, and what was granted without being said."""

import socketserver
from base64 import b64decode
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest

from vincle.accounts.models import Workspace
from vincle.channels._mail_servers import servers
from vincle.channels.live import Problem
from vincle.channels.registry import channels
from vincle.listen import connections, oauth
from vincle.listen.line import OutLine


class Smtp(socketserver.StreamRequestHandler):
    """Takes mail of whoever shows the token."""

    def handle(self) -> None:
        told: list[str] = self.server.told  # type: ignore[attr-defined]
        self.wfile.write(b"220 here\r\n")
        is_letter = False
        for raw in self.rfile:
            line = raw.decode().strip()
            told.append(line)
            if is_letter:
                is_letter = line != "."
                self.wfile.write(b"" if is_letter else b"250 taken\r\n")
            elif line.upper().startswith("EHLO"):
                self.wfile.write(b"250-here\r\n250 AUTH XOAUTH2\r\n")
            elif line.upper().startswith("AUTH"):
                is_good = b"Bearer good" in b64decode(line.split()[-1])
                self.wfile.write(b"235 in\r\n" if is_good else b"535 5.7.8 no\r\n")
            elif line.upper() == "DATA":
                is_letter = True
                self.wfile.write(b"354 go on\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if line.upper() == "QUIT" else b"250 ok\r\n")


@pytest.mark.parametrize("token", ["good", "ended"])
def test_a_letter_leaves_by_a_token(settings: Any, token: str) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.told = []  # type: ignore[attr-defined]
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        given = {
            "address": "hola@lligam.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(server.server_address[1]),
            "smtp_security": "none",
        }
        line = OutLine(given, {"access_token": token})
        try:
            if token == "good":
                line.post("hola@lligam.example", ["ana@example.org"], b"Subject: x\r\n\r\nHola\r\n")
            else:
                with pytest.raises(Problem) as problem:
                    line.post("hola@lligam.example", ["ana@example.org"], b"Subject: x\r\n\r\nHola\r\n")
                assert (problem.value.kind, problem.value.code) == ("auth", "smtp_sign_in"), "so that it is renewed and tried again"
        finally:
            server.shutdown()
        said = next(each for each in server.told if each.startswith("AUTH XOAUTH2"))  # type: ignore[attr-defined]
        assert b64decode(said.split()[-1]) == f"user=hola@lligam.example\x01auth=Bearer {token}\x01\x01".encode()
        assert ("Hola" in server.told) == (token == "good")  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("channel", "where", "imap"),
    [("google_mail", "https://accounts.google.com/", "imap.gmail.com"),
     ("microsoft_mail", "https://login.microsoftonline.com/common/", "outlook.office365.com")],
)  # fmt: skip
def test_signing_in_at_the_provider(workspace: Workspace, channel: str, where: str, imap: str) -> None:
    given = {"address": "hola@lligam.example", "client_id": "app-1"}
    made = connections.connect(workspace, None, channel, settings=given, secrets={"client_secret": "s3cret-s3cret"})
    assert oauth.start({}, made, "https://v.example/back").startswith(where)
    assert servers(made.settings).incoming.host == imap
    spec = channels()[channel].spec.oauth
    assert spec
    granted = [scope for scope in spec.scopes if scope != "offline_access"]
    told = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": " ".join(granted)}
    oauth._store(made, spec, told)
    made.refresh_from_db()
    assert made.scopes_missing == []
