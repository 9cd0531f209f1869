from datetime import UTC, datetime

import pytest

from vincle.channels._answers import dumped, judged, quota
from vincle.channels.live import Answer, Problem

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def refused(status: int, body: bytes = b"", **headers: str) -> Problem:
    with pytest.raises(Problem) as caught:
        judged(Answer(status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}), NOW)
    return caught.value


def test_good_answers() -> None:
    assert judged(Answer(status=200, body=b'\xef\xbb\xbf{"a": [1]}')) == {"a": [1]}
    assert judged(Answer(status=202, body=b" \n")) is None


@pytest.mark.parametrize("body", [b'{"a": [1', b"<html>busy</html>", b"{'a'}"])
def test_a_broken_body_may_be_whole_next_time(body: bytes) -> None:
    assert (refused(200, body).kind, refused(200, body).code) == ("transient", "not_json")


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, b'{"error": "The access token is invalid"}', "auth", "not_authorised"),
        (403, b'{"error": "This action is not allowed"}', "auth", "not_allowed"),
        (403, b'{"error": {"message": "User Rate Limit Exceeded"}}', "quota", "too_fast"),
        (404, b"", "gone", "not_there"),
        (410, b"", "gone", "not_there"),
        (429, b"slow down", "quota", "too_fast"),
        (408, b"", "transient", "server_trouble"),
        (500, b"<html>", "transient", "server_trouble"),
        (503, b"", "transient", "server_trouble"),
        (302, b"", "permanent", "http_302"),
        (422, b'{"error": "Text can\'t be blank"}', "permanent", "http_422"),
    ],
)
def test_statuses_are_sorted(status: int, body: bytes, kind: str, code: str) -> None:
    found = refused(status, body)
    assert (found.kind, found.code) == (kind, code)


def test_what_the_server_said_is_kept() -> None:
    assert refused(422, b'{"error": "Validation failed", "error_description": "too long"}').detail == "too long: Validation failed"
    assert refused(400, b'{"errors": [{"message": "no title"}, {"message": "no text"}]}').detail == "no title; no text"
    assert refused(404, b"no such thing").detail == "no such thing"
    assert refused(404, b"<html><body>nginx</body></html>").detail == ""


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("retry_after", "30", 30.0),
        ("retry_after", "Sun, 01 Nov 2026 12:01:00 GMT", 60.0),
        ("retry_after", "Sun, 01 Nov 2026 11:01:00 GMT", 0.0),
        ("x_ratelimit_reset", "2026-11-01T12:05:00.000Z", 300.0),
        ("x_rate_limit_reset", str(NOW.timestamp() + 90), 90.0),
        ("ratelimit_reset", "12", 12.0),
        ("ratelimit_reset", "soon", None),
    ],
)
def test_when_to_come_back(header: str, value: str, seconds: float | None) -> None:
    assert refused(429, b"", **{header: value}).retry_after == seconds


def test_a_rate_window_ends_by_the_clock_of_the_server() -> None:
    skewed = refused(429, b"", date="Sun, 01 Nov 2026 09:00:00 GMT", x_ratelimit_reset="2026-11-01T09:02:00Z")
    assert skewed.retry_after == 120.0


def test_a_broken_server_is_not_waited_for_until_the_rate_window_ends() -> None:
    assert refused(503, b"", x_ratelimit_reset="300").retry_after is None
    assert refused(503, b"", retry_after="7", x_ratelimit_reset="300").retry_after == 7.0


def test_what_is_left_of_the_quota() -> None:
    assert quota(Answer(status=200, headers={"x-ratelimit-limit": "300", "x-ratelimit-remaining": "75"})) == 0.25
    assert quota(Answer(status=200, headers={"ratelimit-limit": "0", "ratelimit-remaining": "0"})) is None
    assert quota(Answer(status=200)) is None
    assert refused(403, b"", x_ratelimit_remaining="0").kind == "quota"


def test_equal_values_are_equal_bytes() -> None:
    assert dumped({"b": "é", "a": 1}) == dumped({"a": 1, "b": "é"}) == '{"a":1,"b":"é"}'.encode()
    assert dumped({"a": "\ud800"}) == b'{"a":"?"}'
