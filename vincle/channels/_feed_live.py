"""A feed on the web: asked with what we know of it (RFC 9110), and where it has a hub, told of news by it (WebSub, W3C 2018).

A raw delivery of ours is one line of JSON (which entries are new, which changed) and the document as it came.
"""

import hmac
import io
import json
import re
import secrets as chance
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from urllib.parse import urljoin

import msgspec
from msgspec import Struct

from . import _json as js
from ._answers import problem
from ._feed_reading import Source, distinct, parsed
from ._identifiers import url
from ._text import decode, plain
from .base import Accepted, FileError, Rejected, Reply, Request, Verdict
from .live import Answer, Line, Problem, Pulled

SOURCE = "vincle.feed"
ADDRESS = "webhook_address"
"""Setting that whoever hands us a line fills in: where a hub is to deliver."""
LEASE, RENEW, HUB_REST = timedelta(days=10), timedelta(days=2), timedelta(hours=6)
MOST_KNOWN = 400
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|type|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_HEADER_LINK = re.compile(r'<([^<>]{1,2000})>\s*((?:;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;]*)\s*)*)')
_REL = re.compile(r'\brel\s*=\s*"?([^";]*)', re.IGNORECASE)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_SIGNED_WITH = ("sha256", "sha512", "sha384", "sha1")


class State(Struct, omit_defaults=True):
    """What is known of a feed: marks of its last answer, its content, its entries, where it was found, until when a hub tells us."""

    etag: str = ""
    modified: str = ""
    content: str = ""
    known: dict[str, str] = {}
    found: str = ""
    hub: str = ""
    hub_until: str = ""


def fetch(line: Line, cursor: str) -> Pulled:
    """New and changed entries of the feed. Problem where there is none."""
    state = _state(cursor)
    answer, source = _asked(line, state)
    items: tuple[bytes, ...] = ()
    if source is not None:
        state.etag, state.modified = answer.headers.get("etag", "")[:300], answer.headers.get("last-modified", "")[:100]
        content = _short(answer.body)
        if content != state.content:
            items = _news(answer.body, source, state)
            state.content = content
        _subscribe(line, state, *hub_of(answer, source))
    return Pulled(items=items, cursor=msgspec.json.encode(state).decode())


def _state(cursor: str) -> State:
    try:
        return msgspec.json.decode(cursor or "{}", type=State)
    except msgspec.MsgspecError:
        return State()


def _asked(line: Line, state: State) -> tuple[Answer, Source | None]:
    """The feed where it was set, or where it was last found; None when it has not changed."""
    home = line.settings.get("url", "").strip()
    try:
        answer = _get(line, home, state)
    except Problem as trouble:
        if not state.found or state.found == home or trouble.kind == "quota":
            raise
        answer = _get(line, state.found, state)  # it moved, and the sign at the old place is gone
    if answer.status == 304:
        return answer, None
    linked = "" if _looks_like_feed(answer.body) else alternate(answer)
    if linked:  # the address of a site, which names its feed
        answer = _get(line, linked, State())
    state.found = answer.url[:500] or state.found
    return answer, read(answer)


def _get(line: Line, address: str, state: State) -> Answer:
    headers = {"accept": _ACCEPT}
    if state.etag:
        headers["if-none-match"] = state.etag
    if state.modified:
        headers["if-modified-since"] = state.modified
    answer = line.send("GET", address, headers=headers)
    if answer.status == 304 and not (state.etag or state.modified):
        raise Problem("transient", "broken_answer", "304 to a question without conditions")
    if answer.status == 304 or 200 <= answer.status < 300:
        return answer
    raise problem(answer, line.now)


def read(answer: Answer) -> Source:
    try:
        return parsed(io.BytesIO(answer.body))
    except FileError as fault:
        raise Problem("permanent", fault.code, fault.detail) from fault


def _looks_like_feed(body: bytes) -> bool:
    return re.search(rb"<html[\s>]|<!doctype html", body[:2000], re.IGNORECASE) is None


def alternate(answer: Answer) -> str:
    """The feed that a page names in its head; '' when it names none."""
    for tag in _LINK.findall(decode(answer.body[:300_000])):
        told = {name.lower(): one or two or bare for name, one, two, bare in _ATTRIBUTE.findall(tag)}
        if "alternate" in told.get("rel", "").lower().split() and told.get("type", "").lower() in _FEED_TYPES:
            return url(urljoin(answer.url, told.get("href", "")))
    return ""


def _news(body: bytes, source: Source, state: State) -> tuple[bytes, ...]:
    """The document with what is new and changed in it; nothing when nothing is."""
    fresh: list[str] = []
    changed: dict[str, str] = {}
    known = dict(state.known)
    for native, entry in distinct(source):
        key, content = _short(native.encode()), _short(plain(f"{entry.title}\n{entry.content}").encode())
        if key not in state.known:
            fresh.append(native)
        elif state.known[key] != content:
            changed[native] = content
        known.pop(key, None)
        known[key] = content
    state.known = dict(list(known.items())[-max(MOST_KNOWN, len(source.entries)):])
    if not fresh and not changed:
        return ()
    told = {"source": SOURCE, "new": fresh, "changed": changed}
    return (json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n" + body,)


def _short(content: bytes) -> str:
    return blake2b(content, digest_size=6).hexdigest()


def taken_apart(raw: bytes) -> tuple[frozenset[str] | None, Mapping[str, str], bytes]:
    """(new entries, changed ones with what tells the change apart, the document); None: whatever stands in it, as a hub delivers it."""
    first, _, rest = raw.partition(b"\n")
    if first.startswith(b"{") and b'"vincle.feed"' in first:
        told = js.load(first)
        if js.obj(told).get("source") == SOURCE:
            changed = {key: js.text(value) for key, value in js.obj(js.obj(told).get("changed")).items()}
            return frozenset(js.texts(js.obj(told).get("new"))), changed, rest
    return None, {}, raw


def hub_of(answer: Answer, source: Source) -> tuple[str, str]:
    """(hub, topic) of a feed, told by its headers, else by itself."""
    links = {rel.lower(): target for target, rest in _HEADER_LINK.findall(answer.headers.get("link", "")[:5000])
             for rel in (_REL.search(rest) or ("", ""))[1].split()}  # fmt: skip
    hub = url(urljoin(answer.url, links.get("hub", ""))) if links.get("hub") else source.hub
    topic = url(urljoin(answer.url, links.get("self", ""))) if links.get("self") else source.self_link
    return (hub, topic) if hub and topic else ("", "")


def _subscribe(line: Line, state: State, hub: str, topic: str) -> None:
    """Ask the hub to tell us, and again before it forgets; a hub that does not answer costs nothing but the wait for the next poll."""
    address, until = line.settings.get(ADDRESS, ""), _moment(state.hub_until)
    if not hub or not address or (hub == state.hub and until and until > line.now):
        return
    secret = line.secrets.get("websub_secret") or chance.token_urlsafe(32)
    if line.secrets.get("websub_topic") != topic or line.secrets.get("websub_secret") != secret:
        line.renew({"websub_secret": secret, "websub_topic": topic})
    form = {"hub.callback": address, "hub.mode": "subscribe", "hub.topic": topic, "hub.secret": secret,
            "hub.lease_seconds": str(int(LEASE.total_seconds()))}  # fmt: skip
    try:
        rest = RENEW if line.send("POST", hub, form=form).status in (200, 202, 204) else HUB_REST
    except Problem:
        rest = HUB_REST
    state.hub, state.hub_until = hub[:300], (line.now + rest).isoformat()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def verified(request: Request, secrets: Mapping[str, str]) -> Verdict:
    """A hub that asks whether we want to be told, or tells."""
    secret, topic = secrets.get("websub_secret", ""), secrets.get("websub_topic", "")
    if not secret or not topic:
        return Rejected("no_secret")
    if request.method in ("GET", "HEAD"):
        return _intent(request.query, topic)
    return _signed(request, secret)


def _intent(query: Mapping[str, str], topic: str) -> Verdict:
    """We want what we asked for and nothing else; that we no longer want it we never say."""
    if query.get("hub.topic") != topic:
        return Rejected("wrong_topic")
    if query.get("hub.mode") == "denied":
        return Reply()
    challenge = query.get("hub.challenge", "")
    if query.get("hub.mode") != "subscribe" or not challenge:
        return Rejected("cannot_verify")
    return Reply(challenge[:500].encode("utf-8", "replace"))


def _signed(request: Request, secret: str) -> Verdict:
    method, _, given = request.headers.get("x-hub-signature", "").strip().partition("=")
    if not given:
        return Rejected("no_signature")
    if method.lower() not in _SIGNED_WITH:
        return Rejected("wrong_signature")
    expected = hmac.new(secret.encode(), request.body, method.lower()).hexdigest()
    is_theirs = hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))
    return Accepted() if is_theirs else Rejected("wrong_signature")


def looked_up(line: Line) -> tuple[str, bool, bool]:
    """(title, whether it has a hub, whether it is an alert of Google) of the feed that is set. Raises Problem."""
    answer, source = _asked(line, State())
    assert source is not None  # without conditions nothing is unchanged
    return source.title or answer.url, bool(hub_of(answer, source)[0]), source.is_alert
