"""Speaking with a server of the Mastodon API, whatever program it runs: calls, pages, and what this server can do."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from . import _json as js
from ._answers import judged
from .live import Answer, Line, Problem

Json = dict[str, Any]
_LINK = re.compile(r'<([^<>]*)>\s*((?:;\s*[^,;"]+(?:="[^"]*"|=[^,;"]*)?\s*)+)')
_REL = re.compile(r'rel="?([a-z]+)"?')


class Instance(Struct, frozen=True, kw_only=True):
    """What a server allows and offers. `streaming`: where its streams are, "" where it does not say."""

    characters: int = 500
    files: int = 4
    streaming: str = ""
    program: str = ""


def base(line: Line) -> str:
    """The address of the server, without a slash at its end."""
    place = line.settings.get("server", "").strip().rstrip("/")
    if not place:
        raise Problem("permanent", "no_server")
    return place if "://" in place else f"https://{place}"


def ask(line: Line, verb: str, path: str, **request: Any) -> Answer:
    """The bare answer to a call with our token."""
    token = line.secrets.get("access_token", "").strip()
    if not token:
        raise Problem("auth", "no_token")
    headers = {"authorization": f"Bearer {token}", "accept": "application/json", **request.pop("headers", {})}
    return line.send(verb, f"{base(line)}{path}", headers=headers, **request)


def get(line: Line, path: str, query: Mapping[str, str] | None = None) -> Any:
    return judged(ask(line, "GET", path, query=query), line.now)


def account(line: Line) -> Json:
    """Our own account there."""
    found = js.obj(get(line, "/api/v1/accounts/verify_credentials"))
    if not js.text(found.get("id")):
        raise Problem("transient", "not_json", "an account without an id")
    return found


def links(answer: Answer) -> dict[str, dict[str, str]]:
    """The pages a Link header names (RFC 8288): relation -> query. Only the query is used: the address may name another host."""
    found: dict[str, dict[str, str]] = {}
    for target, parameters in _LINK.findall(answer.headers.get("link", "")):
        relation = _REL.search(parameters)
        try:
            query = dict(parse_qsl(urlsplit(target).query))
        except ValueError:
            continue
        if relation:
            found[relation[1]] = query
    return found


def instance(line: Line) -> Instance:
    """What the server says of itself, in the newer form or the older one; a server that says nothing is a plain Mastodon."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        try:
            return _told(js.obj(get(line, path)))
        except Problem as problem:
            if problem.kind in ("auth", "quota") or (problem.kind == "transient" and problem.code != "not_json"):
                raise
    return Instance()


def _told(value: Json) -> Instance:
    statuses = js.at(value, "configuration", "statuses")
    older = js.obj(value.get("urls"))
    return Instance(
        characters=_count(js.at(statuses, "max_characters"), _count(value.get("max_toot_chars"), 500)),
        files=_count(js.at(statuses, "max_media_attachments"), 4),
        streaming=js.text(js.at(value, "configuration", "urls", "streaming")) or js.first(older, "streaming_api", "streaming"),
        program=js.text(value.get("version")),
    )


def _count(value: Any, default: int) -> int:
    found = js.number(value)
    return int(found) if found is not None and found > 0 else default


def newest(names: list[str], most: int) -> list[str]:
    """The newest ids, newest first: ids grow, as numbers or as sortable texts of one length."""
    return sorted(dict.fromkeys(names), key=lambda name: (len(name), name), reverse=True)[:most]
