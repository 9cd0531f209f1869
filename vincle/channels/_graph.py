"""The Graph API of Meta: one way to ask, what its errors mean, what is left. Its version, errors and limits stand here as data.

https://developers.facebook.com/docs/graph-api/guides/error-handling, .../overview/rate-limiting, .../results
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import _json as js
from ._answers import judged, wait
from .base import FileError
from .live import Answer, Line, Problem, Trouble

Json = dict[str, Any]
VERSION = "v24.0"
GRAPH, INSTAGRAM = "https://graph.facebook.com", "https://graph.instagram.com"
DIALOG = f"https://www.facebook.com/{VERSION}/dialog/oauth"
TOKEN = f"{GRAPH}/{VERSION}/oauth/access_token"
LITTLE = 0.1
"""Of the quota: below it the next page waits."""
_PAGING = ("after", "until", "since", "offset", "__paging_token")
# (code, subcode) -> what happens next, and our word for it. (code, 0) stands for every other subcode.
ERRORS: Mapping[tuple[int, int], tuple[Trouble, str]] = {
    **{(code, 0): ("transient", "server_trouble") for code in (1, 2, 131000, 131016, 133004, 131057)},
    **{(code, 0): ("quota", "too_fast") for code in (4, 17, 32, 341, 613, 130429, 131056, *range(80000, 80015))},
    (368, 0): ("quota", "blocked_for_now"), (131048, 0): ("quota", "blocked_for_now"),
    (131064, 0): ("quota", "budget_spent"),
    **{(code, 0): ("auth", "token_invalid") for code in (0, 102, 190, 131005)},
    (190, 458): ("auth", "app_removed"), (190, 459): ("auth", "token_checkpoint"), (190, 460): ("auth", "password_changed"),
    (190, 463): ("auth", "token_ended"), (190, 464): ("auth", "token_checkpoint"), (190, 467): ("auth", "token_invalid"),
    (131031, 0): ("auth", "account_locked"), (133010, 0): ("auth", "number_not_registered"),
    **{(code, 0): ("permanent", "scope_missing") for code in (3, 10, *range(200, 300))},
    (10, 2018278): ("permanent", "window_closed"), (10, 2534022): ("permanent", "window_closed"),
    (100, 2018278): ("permanent", "window_closed"), (131047, 0): ("permanent", "window_closed"),
    (100, 33): ("gone", "not_there"), (803, 0): ("gone", "not_there"), (21, 0): ("gone", "not_there"), (1705, 0): ("gone", "not_there"),
    (100, 2018001): ("permanent", "cannot_receive"), (551, 0): ("permanent", "cannot_receive"),
    (200, 1545041): ("permanent", "cannot_receive"),
    (131026, 0): ("permanent", "cannot_receive"), (131030, 0): ("permanent", "cannot_receive"), (131050, 0): ("permanent", "opted_out"),
    (10900, 0): ("permanent", "already_sent"), (10903, 0): ("permanent", "cannot_receive"), (506, 0): ("permanent", "said_before"),
    (131042, 0): ("permanent", "payment_missing"), (131051, 0): ("permanent", "kind_not_taken"),
    (131053, 0): ("permanent", "file_not_taken"),
    **{(code, 0): ("permanent", "template_wrong") for code in (132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069)},
}  # fmt: skip


def trouble(answer: Answer, now: datetime) -> Problem | None:
    """What an error of the Graph API means; None where the answer holds none."""
    try:
        error = js.obj(js.at(js.load(answer.body), "error")) if b'"error"' in answer.body else {}
    except FileError:
        return None
    if not error:
        return None
    code, sub = (int(js.number(error.get(name)) or 0) for name in ("code", "error_subcode"))
    kind, word = ERRORS.get((code, sub)) or ERRORS.get((code, 0)) or _unnamed(code, error, answer)
    said = js.first(error, "error_user_msg", "message") or js.text(js.at(error, "error_data", "details"))
    return Problem(kind, word, said, _again(answer, now) if kind == "quota" else None)


def _unnamed(code: int, error: Json, answer: Answer) -> tuple[Trouble, str]:
    passes = error.get("is_transient") is True or answer.status >= 500
    return ("transient", "server_trouble") if passes else ("permanent", f"graph_{code}")


def _again(answer: Answer, now: datetime) -> float | None:
    told = wait(answer, now)
    return told if told is not None else usage(answer)[1]


def usage(answer: Answer) -> tuple[float | None, float | None]:
    """(what is left of the quota, 0..1; seconds until access is regained), as the usage headers tell."""
    shares, waits = [], []
    for name in ("x-app-usage", "x-page-usage", "x-business-use-case-usage"):
        for use in _uses(answer.headers.get(name, "")):
            shares += [found for key in ("call_count", "total_time", "total_cputime") if (found := js.number(use.get(key))) is not None]
            waits.append(60 * (js.number(use.get("estimated_time_to_regain_access")) or 0))
    return max(0.0, 1 - max(shares) / 100) if shares else None, max(waits, default=0) or None


def _uses(header: str) -> list[Json]:
    try:
        value = js.obj(js.load_text(header)) if header else {}
    except FileError:
        return []
    return (
        [use for inner in value.values() for use in js.objs(inner)] if any(isinstance(each, list) for each in value.values()) else [value]
    )


class Graph:
    """Questions through a line, in the name of its token. Raises Problem. `quota` is the least that any answer told was left."""

    def __init__(self, line: Line, token: str = "", host: str = "") -> None:
        self.line = line
        self.token = token or line.secrets.get("page_token", "") or line.secrets.get("access_token", "")
        if not self.token:
            raise Problem("auth", "no_token")
        own = INSTAGRAM if self.token.startswith("IG") else GRAPH
        self.base = f"{line.settings.get('server') or host or own}/{line.settings.get('version') or VERSION}"
        self.quota: float | None = None
        self.pause: float | None = None

    def get(self, path: str, **query: str) -> Json:
        return self.ask("GET", path, query)

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        return self.ask("POST", path, {}, json=body)

    def delete(self, path: str) -> Json:
        return self.ask("DELETE", path, {})

    def ask(self, method: str, path: str, query: Mapping[str, str], **more: Any) -> Json:
        answer = self.line.send(
            method, f"{self.base}/{path}", query=self._proof() | dict(query), headers={"authorization": f"Bearer {self.token}"}, **more
        )
        left, pause = usage(answer)
        if left is not None:
            self.quota = left if self.quota is None else min(left, self.quota)
            self.pause = max(self.pause or 0, pause or (300 if left < LITTLE else 0)) or None
        if found := trouble(answer, self.line.now):
            raise found
        return js.obj(judged(answer, self.line.now))

    def _proof(self) -> dict[str, str]:
        """That we know the app's secret: a token alone, stolen, is of no use then."""
        secret = self.line.secrets.get("client_secret", "")
        return {"appsecret_proof": hmac.new(secret.encode(), self.token.encode(), sha256).hexdigest()} if secret else {}


def following(value: Json) -> dict[str, str]:
    """What to ask with for the page after this one; empty behind the last."""
    after = js.text(js.at(value, "paging", "next"))
    if not after:
        return {}
    return {name: said for name, said in parse_qsl(urlsplit(after).query) if name in _PAGING}
