"""What stands in a feed: Atom, RSS, RDF or JSON Feed as entries, and an entry as an act. Google's redirects are unwrapped."""

import calendar
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

import feedparser
from msgspec import Struct

from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

from . import _json as js
from ._identifiers import email, profile, url
from ._text import decode, plain, strip_controls
from .base import FileError

MAX_BYTES = 64 * 1024 * 1024
MAX_TEXT = 100_000
_DECLARED = re.compile(r"<!ENTITY\s+(%\s+)?\S+\s+([^>]*)", re.IGNORECASE)
_JSON_FEED = "://jsonfeed.org/version/"
_ALERTS = re.compile(r"^tag:google\.com,2005:reader/user/\d+/state/com\.google/alerts/")


class Entry(Struct, frozen=True):
    """An entry of any kind of feed. `title` and `content` are markup."""

    id: str
    link: str
    title: str
    content: str
    at: datetime | None
    author: HandleRef | None
    byline: str
    language: str
    categories: tuple[str, ...]


class Source(Struct, frozen=True):
    """The feed itself; `fault` is the line and reason where its XML broke off."""

    id: str
    title: str
    link: str
    language: str
    entries: tuple[Entry, ...]
    fault: tuple[int, str] | None = None
    hub: str = ""
    self_link: str = ""

    @property
    def is_alert(self) -> bool:
        return _ALERTS.match(self.id) is not None


def parsed(file: BinaryIO) -> Source:
    file.seek(0)
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise FileError("file_too_large", f"more than {MAX_BYTES // 1024 // 1024} MB")
    text = decode(raw[:MAX_BYTES]).lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        value = js.load(raw)
        if not is_json_feed(value):
            raise FileError("not_a_feed")
        return _json_source(value)
    _refuse_entities(text)
    return _xml_source(raw)


def _refuse_entities(text: str) -> None:
    """Entities that fetch files or unfold into others have no place in a feed. Plain ones (a name for a sign) pass."""
    for parameter, value in _DECLARED.findall(text[:1_000_000]):
        if parameter or re.search(r"SYSTEM|PUBLIC|&(?!#)|%", value, re.IGNORECASE):
            raise FileError("xml_entities_refused")


def _xml_source(raw: bytes) -> Source:
    try:
        parsed = feedparser.parse(io.BytesIO(raw))
    except Exception as error:  # the library lets errors of its many parsers through
        raise FileError("broken_xml", type(error).__name__) from error
    if not parsed.get("version") and not parsed.get("entries"):
        line, reason = _fault(parsed)
        raise FileError("not_a_feed", reason, line)
    feed = parsed.get("feed", {})
    language = js.text(feed.get("language"))
    entries = tuple(_xml_entry(entry, language) for entry in parsed.get("entries", []))
    fault = _fault(parsed)
    return Source(js.text(feed.get("id")), _plain(feed.get("title")), js.text(feed.get("link")), language, entries,
                  fault if fault[0] else None, _linked(feed, "hub"), _linked(feed, "self"))


def _linked(feed: Any, wanted: str) -> str:
    return next((found for link in feed.get("links", []) if link.get("rel") == wanted and (found := url(js.text(link.get("href"))))), "")


def _fault(parsed: Any) -> tuple[int, str]:
    """Where the XML broke. A wrong label of encoding or media type is no fault of the content."""
    fault = parsed.get("bozo_exception")
    line = getattr(fault, "getLineNumber", None)
    return (line() or 1, str(getattr(fault, "getMessage", lambda: "")())[:200]) if callable(line) else (0, "")


def _xml_entry(entry: Any, language: str) -> Entry:
    contents = [js.text(content.get("value")) for content in entry.get("content", [])]
    detail = entry.get("author_detail", {})
    at = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return Entry(
        id=js.text(entry.get("id")), link=js.text(entry.get("link")), title=js.text(entry.get("title")),
        content=max([*contents, js.text(entry.get("summary"))], key=len), at=_moment(at),
        author=_author(js.text(detail.get("email")), js.text(detail.get("href"))),
        byline=_plain(detail.get("name") or entry.get("author")), language=js.text(entry.get("language")) or language,
        categories=tuple(_plain(tag.get("term")) for tag in entry.get("tags", []) if tag.get("term")),
    )


def _plain(value: Any) -> str:
    return plain(strip_controls(js.text(value)))


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _author(address: str, link: str) -> HandleRef | None:
    if found := email(address):
        return HandleRef("email", found)
    return profile(link) if link else None


def is_json_feed(value: Any) -> bool:
    return _JSON_FEED in js.text(js.obj(value).get("version"))


def _json_source(value: dict[str, Any]) -> Source:
    language = js.text(value.get("language"))
    hub = next((js.text(each.get("url")) for each in js.objs(value.get("hubs")) if js.text(each.get("type")).lower() == "websub"), "")
    return Source(js.first(value, "feed_url", "home_page_url"), _plain(value.get("title")), js.text(value.get("home_page_url")), language,
                  tuple(_json_entry(item, value, language) for item in js.objs(value.get("items"))), None, url(hub),
                  url(js.text(value.get("feed_url"))))


def _json_entry(item: dict[str, Any], feed: dict[str, Any], language: str) -> Entry:
    authors = js.objs(item.get("authors")) or js.objs(item.get("author")) or js.objs(feed.get("authors"))
    link = js.text(authors[0].get("url")) if authors else ""
    moment = js.when(item.get("date_published") or item.get("date_modified"), datetime.min.replace(tzinfo=UTC))
    return Entry(
        id=js.text(item.get("id")), link=js.first(item, "url", "external_url"), title=js.text(item.get("title")),
        content=js.first(item, "content_html", "content_text", "summary"), at=None if moment.year == 1 else moment,
        author=_author(link.removeprefix("mailto:") if link.startswith("mailto:") else "", link),
        byline=_plain(authors[0].get("name")) if authors else "", language=js.text(item.get("language")) or language,
        categories=js.texts(item.get("tags")),
    )


def distinct(source: Source) -> Iterator[tuple[str, Entry]]:
    """Each entry with the id of its act; one that stands there twice comes once."""
    seen: set[str] = set()
    for entry in source.entries:
        native = _native(entry, source)
        if native in seen:
            native = f"{native}:{js.digest(entry.title, entry.link, entry.content)}"
        if native not in seen:
            seen.add(native)
            yield native, entry


def _native(entry: Entry, source: Source) -> str:
    """The entry's own id; one that is no address is only known within its feed."""
    found = entry.id or entry.link or js.digest(entry.title, entry.content)
    return found if ":" in found else f"{js.digest(source.id or source.link or source.title)}:{found}"


def target(link: str) -> str:
    """Where a link leads: the redirect of Google is unwrapped, anything but http and https dropped.

    >>> target("https://www.google.com/url?rct=j&url=https://example.org/a&ct=ga"), target("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    safe = url(link)
    parts = urlsplit(safe)
    if re.fullmatch(r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}", parts.hostname or "") and parts.path == "/url":
        query = parse_qs(parts.query)
        return next((found for key in ("url", "q") for value in query.get(key, []) if (found := url(value))), "")
    return safe


def _domain(link: str) -> str:
    return (urlsplit(link).hostname or "").removeprefix("www.")


def activity(entry: Entry, source: Source, now: datetime, native: str) -> Activity:
    link = target(entry.link)
    domain = _domain(link) or ("" if source.is_alert else _domain(url(source.link)))
    named = HandleRef(entry.author.kind, entry.author.value, entry.byline) if entry.author else None
    query = source.title.partition(" - ")[2] if source.is_alert else ""
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.MENTION if source.is_alert else ObjectType.ARTICLE, native_id=native,
        happened_at=entry.at or now, actor=named or (HandleRef("web", domain, domain) if domain else None),
        object_key=native, thread_key=native, url=link, language=_language(entry.language), title=_plain(entry.title),
        text=_plain(entry.content)[:MAX_TEXT], body={"author": entry.byline} if entry.byline else {},
        props={key: value for key, value in (("feed", source.title), ("query", query.strip('"')), ("categories", list(entry.categories)),
                                             ("undated", entry.at is None)) if value},
    )


def _language(told: str) -> str:
    """The primary part of a language tag: en of en-GB."""
    code = re.split(r"[-_]", told.strip().lower())[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else ""
