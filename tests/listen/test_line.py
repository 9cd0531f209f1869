"""What leaves by a connection's line: where it may go, how long it may take, how much may come back."""

import gzip
import json
import smtplib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.listen import a_platform
from tests.listen.a_platform import Platform
from vincle.channels.live import Problem
from vincle.listen import line as lines
from vincle.listen import line_streams
from vincle.listen.line import OutLine


@pytest.fixture
def own_network(settings: Any) -> None:
    settings.OPTIONS = replace(settings.OPTIONS, webhooks_private=True)


@pytest.fixture
def platform() -> Iterator[Platform]:
    with a_platform.running() as found:
        yield found


def problem(line: OutLine, url: str, method: str = "GET", **more: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        line.send(method, url, **more)
    return caught.value


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://[::1]:{port}/", "http://localhost:{port}/", "http://0x7f.1:{port}/", "http://2130706433:{port}/",
     "http://[::ffff:127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/", "http://169.254.169.254/latest/meta-data/"],
)  # fmt: skip
def test_the_own_network_is_not_asked(platform: Platform, url: str) -> None:
    with OutLine({}, {}) as line:
        found = problem(line, url.format(port=platform.server.server_port))
    assert (found.kind, found.code) == ("permanent", "not_allowed_there")
    assert platform.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "https://user:pw@example.org/", "http://", "x"])
def test_what_is_no_address_is_not_asked(url: str) -> None:
    with OutLine({}, {}) as line:
        assert problem(line, url).code == "not_an_address"


def test_a_name_that_turns_to_the_own_network_is_not_followed_there(monkeypatch: pytest.MonkeyPatch, platform: Platform) -> None:
    port = platform.server.server_port
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.8", port))])
    with OutLine({}, {}) as line:
        assert problem(line, f"http://looks-fine.example:{port}/").code == "not_allowed_there"


def test_a_redirection_to_the_own_network_is_refused(monkeypatch: pytest.MonkeyPatch, platform: Platform) -> None:
    """The first address counts as outside until it was asked."""
    with a_platform.running() as inside:
        platform.says("/", (302, {"Location": f"{inside.url}/secret"}, b""))
        inside.says("/secret", {"found": "me"})
        monkeypatch.setattr("vincle.store.outside.is_public", lambda address: not platform.asked)
        with OutLine({}, {}) as line:
            assert problem(line, f"{platform.url}/").code == "not_allowed_there"
        assert (platform.paths(), inside.asked) == (["/"], [])


@pytest.mark.usefixtures("own_network")
class TestAnswers:
    def test_credentials_do_not_follow_elsewhere(self, platform: Platform) -> None:
        with a_platform.running() as other:
            platform.says("/a", (302, {"Location": "/b"}, b""))
            platform.says("/b", (307, {"Location": f"{other.url}/c"}, b""))
            other.says("/c", {"ok": 1})
            with OutLine({}, {"token": "s3cret"}) as line:
                answer = line.send("GET", f"{platform.url}/a", headers={"Authorization": "Bearer s3cret", "X-Key": "s3cret"})
            assert (answer.status, answer.url) == (200, f"{other.url}/c")
            assert platform.asked[1]["headers"]["authorization"] == "Bearer s3cret"
            assert "s3cret" not in json.dumps(other.asked[0]["headers"])

    def test_circles_end_and_posts_stay(self, platform: Platform) -> None:
        platform.says("/a", (302, {"Location": "/a"}, b""))
        with OutLine({}, {}) as line:
            assert problem(line, f"{platform.url}/a").code == "too_many_redirects"
            assert line.send("POST", f"{platform.url}/a", form={"x": "1"}).status == 302
        assert len(platform.asked) == lines.REDIRECTS + 2

    def test_no_body_is_larger_than_what_is_taken(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lines, "LARGEST", 100_000)
        bomb = gzip.compress(b"0" * 20_000_000)
        platform.says("/bomb", (200, {"Content-Encoding": "gzip"}, bomb))
        platform.says("/large", b"0" * 100_001)
        platform.says("/fits", (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 100_000)))
        platform.says("/cut", (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0123456789" * 100)[:-9]))
        platform.says("/odd", (200, {"Content-Encoding": "zstd"}, b"x"))
        with OutLine({}, {}) as line:
            codes = [problem(line, f"{platform.url}/{path}").code for path in ("bomb", "large", "cut", "odd")]
            assert codes == ["answer_too_large", "answer_too_large", "broken_answer", "unknown_encoding"]
            assert len(line.send("GET", f"{platform.url}/fits").body) == 100_000

    def test_a_slow_server_is_left_in_time(self, platform: Platform) -> None:
        platform.says("/slow", lambda handler: sleep(1.5))
        platform.says("/drip", lambda handler: a_platform.trickle(handler, 60, 0.05))
        with OutLine({}, {}) as line:
            for path in ("slow", "drip"):
                began = monotonic()
                found = problem(line, f"{platform.url}/{path}", timeout=0.4)
                assert (found.kind, found.code) == ("transient", "no_answer_in_time")
                assert monotonic() - began < 1.6

    def test_what_breaks_off_is_told(self, platform: Platform) -> None:
        platform.says("/half", lambda handler: _half(handler))
        platform.says("/nothing", lambda handler: handler.connection.shutdown(socket.SHUT_RDWR))
        with OutLine({}, {}) as line:
            for path in ("half", "nothing"):
                assert problem(line, f"{platform.url}/{path}").kind == "transient"
        with OutLine({}, {}) as line:
            assert problem(line, "http://127.0.0.1:9/").code == "unreachable"

    def test_everything_is_sent_as_given(self, platform: Platform) -> None:
        platform.says("/x", {"ok": 1})
        with OutLine({}, {}) as line:
            line.send("POST", f"{platform.url}/x?a=1", query={"b": "é & ü"}, json={"c": [1]})
            line.send("POST", f"{platform.url}/x", form={"d": "1"}, files={"file": ("a.png", b"\x89PNG", "image/png")})
            line.send("GET", f"{platform.url}/x")
        first, second, third = platform.asked
        assert (parse_qs(first["query"]), json.loads(first["body"])) == ({"a": ["1"], "b": ["é & ü"]}, {"c": [1]})
        assert b'filename="a.png"' in second["body"]
        assert b'name="d"' in second["body"]
        assert third["headers"]["user-agent"] == "Vincle"
        assert line.requests == 3

    def test_no_secret_stands_in_a_problem(self) -> None:
        line = OutLine({}, {"token": "tok-12345", "pin": "1"})
        assert line.problem(Problem("auth", "x", "bot tok-12345 said 1")).detail == "bot ••• said 1"


def _half(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.close_connection = True


def _stream(*pieces: bytes, rest: float = 0.0, chunked: bool = False) -> Any:
    def give(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream; charset=utf-8")
        handler.send_header("Transfer-Encoding" if chunked else "Connection", "chunked" if chunked else "close")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            handler.wfile.flush()
            sleep(0.02)
        sleep(rest)
        handler.wfile.write(b"0\r\n\r\n" if chunked else b"")
        handler.close_connection = True

    return give


@pytest.mark.usefixtures("own_network")
class TestStreams:
    @pytest.mark.parametrize("chunked", [False, True])
    def test_events_come_whole_however_they_are_cut(self, platform: Platform, chunked: bool) -> None:
        told = 'event: update\r\ndata: {"a":\ndata: 1}\n\n:thump\n\ndata: é\rid: 7\r\rdata: no end'.encode()
        pieces = [told[at : at + 3] for at in range(0, len(told), 3)]
        platform.says("/s", _stream(*pieces, chunked=chunked))
        with OutLine({}, {}) as line, line.events(f"{platform.url}/s", headers={"X-A": "1"}) as events:
            found = [each for each in events if each != ("", "")]
        assert found == [("update", '{"a":\n1}'), ("message", "é")]
        assert platform.asked[0]["headers"]["x-a"] == "1"

    def test_silence_is_told_and_stopping_heard(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(line_streams, "SILENCE", 0.05)
        platform.says("/s", _stream(b"data: 1\n\n", rest=2))
        stopping = threading.Event()
        with OutLine({}, {}, stopping=stopping) as line, line.events(f"{platform.url}/s") as events:
            assert [next(events), next(events)] == [("message", "1"), ("", "")]
            stopping.set()
            assert list(events) == []

    @pytest.mark.parametrize(
        ("status", "headers", "kind", "code"),
        [(404, {}, "permanent", "not_live"), (200, {}, "permanent", "not_live"), (401, {}, "auth", "not_authorised"),
         (503, {"Retry-After": "7"}, "transient", "server_trouble"), (429, {}, "quota", "too_fast")],
    )  # fmt: skip
    def test_a_stream_that_is_none(self, platform: Platform, status: int, headers: dict[str, str], kind: str, code: str) -> None:
        platform.says("/s", (status, headers, b"{}"))
        with OutLine({}, {}) as line, pytest.raises(Problem) as caught, line.events(f"{platform.url}/s"):
            pass
        assert (caught.value.kind, caught.value.code) == (kind, code)
        assert caught.value.retry_after == (7.0 if headers else None)

    def test_a_web_socket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from websockets.sync.server import serve

        monkeypatch.setattr(line_streams, "SILENCE", 0.05)

        def speak(socket: Any) -> None:
            socket.send(socket.request.path)
            sleep(0.2)
            socket.send(b"\x00\x01")

        with serve(speak, "127.0.0.1", 0) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            where = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/api?x=1"
            with OutLine({}, {}) as line, line.socket(where, headers={"Authorization": "Bearer x"}) as messages:
                found = list(messages)
            server.shutdown()
        assert [each for each in found if each] == ["/api?x=1", b"\x00\x01"]
        assert "" in found

    def test_a_web_socket_that_is_none(self, platform: Platform) -> None:
        platform.says("/s", (404, {}, b"{}"))
        with OutLine({}, {}) as line, pytest.raises(Problem) as caught, line.socket(platform.url.replace("http", "ws") + "/s"):
            pass
        assert caught.value.code == "not_live"


def test_streams_and_mail_go_where_requests_may() -> None:
    tried = [
        lambda line: line.events("http://127.0.0.1:9/").__enter__(),
        lambda line: line.socket("ws://127.0.0.1:9/").__enter__(),
        lambda line: line.mailbox().__enter__(),
        lambda line: line.post("a@x.example", ["b@x.example"], b"Subject: x\r\n\r\nx"),
    ]
    for each in tried:
        with (
            OutLine({"imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "address": "a@x.example"}, {}) as line,
            pytest.raises(Problem) as caught,
        ):
            each(line)
        assert (caught.value.kind, caught.value.code) == ("permanent", "not_allowed_there")


@pytest.mark.usefixtures("own_network")
def test_a_letter_that_some_refuse_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib.SMTP, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(smtplib.SMTP, "__exit__", lambda *_: None)
    monkeypatch.setattr(smtplib.SMTP, "ehlo_or_helo_if_needed", lambda _: None)
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda *_: False)
    monkeypatch.setattr(smtplib.SMTP, "sendmail", lambda *_, **__: {"b@x.example": (550, b"no such user")})
    with (
        OutLine({"smtp_host": "127.0.0.1", "smtp_security": "none", "address": "a@x.example"}, {}) as line,
        pytest.raises(Problem) as caught,
    ):
        line.post("a@x.example", ["b@x.example", "c@x.example"], b"Subject: x\r\n\r\nx")
    assert (caught.value.code, caught.value.detail) == ("some_refused", "b@x.example")
