"""What an account writes: its words, hashtags, whom it names, answers and shares, the sites it links to, its tools, media and length."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from django.db import connection as database

from vincle.language.page import fold
from vincle.language.terms import stop_words
from vincle.listen import log
from vincle.listen.models import Handle
from vincle.store import bulk

from .account import IS_POST, STANDS
from .account_posts import Posts

MOST: Final = 10_000
"""So many posts are read, newest first."""
LENGTHS: Final = (0, 50, 100, 140, 200, 280, 500, 1000)
_LANGUAGES = ("en", "es", "it", "ca", "pt", "fr")
_TOOL = ("tool", "client", "application", "app", "source", "via")
_TOOL_HEADINGS = frozenset(
    {"source", "source url", "source name", "source app", "client", "tool", "app", "application", "via", "posted with"}
)
_LINK = re.compile(r"https?://([^\s/?#<>\"')]+)[^\s<>\"')]*", re.IGNORECASE)
_NAMED = re.compile(r"(?<![\w@/.])@(\w[\w.-]*\w|\w)(?:@[\w.-]+\w)?")
_TAG = re.compile(r"#(\w*[^\W\d_]\w*)")
_WORD = re.compile(r"[^\W\d_][\w'’·-]*[^\W_]")
_FIRST_NAMED = re.compile(r"\s*[\"“'.]?@(\w{1,60})").match
_SHARED = re.compile(r"RT @(\w{1,60})\b").match
_ANCHOR = re.compile(r"<a\b[^>]*>([^<]*)</a>", re.IGNORECASE)
_decode = msgspec.json.decode


@dataclass
class Words:
    """Counts of posts: one that says a word twice counts once."""

    read: int = 0
    is_all: bool = True
    words: Counter[str] = field(default_factory=Counter)
    hashtags: Counter[str] = field(default_factory=Counter)
    mentions: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    tools: Counter[str] = field(default_factory=Counter)
    media: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    replies_to: Counter[str] = field(default_factory=Counter)
    shares_of: Counter[str] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)

    @property
    def median_length(self) -> int | None:
        return sorted(self.lengths)[len(self.lengths) // 2] if self.lengths else None

    def by_length(self) -> list[tuple[int, int | None, int]]:
        """(from, up to but not including, how many of the account's own posts have so many characters)."""
        ends = [*LENGTHS[1:], None]
        return [
            (low, high, sum(low <= length and (high is None or length < high) for length in self.lengths))
            for low, high in zip(LENGTHS, ends, strict=True)
        ]


def words(posts: Posts) -> Words:
    """What the newest posts of these days say."""
    found = Words(is_all=posts.n <= MOST)
    rows = _rows(posts)
    contents = log.contents(bytes(row[0]) for row in rows)
    names = Handle.objects.in_bulk({row[4] for row in rows if row[4]})
    stops = frozenset[str]().union(*(stop_words(language) for language in _LANGUAGES))
    for event, verb, kind, parent, target, tags, language, props in rows:
        text, title, body = contents.get(bytes(event), ("", "", ""))
        more, extra = _decode(props), _decode(body) if body else {}
        handle = names.get(target)
        whom = (handle.name or handle.value) if handle else ""
        found.read += 1
        found.tools.update(filter(None, [_tool(more, extra)]))
        if verb == "Announce":
            shared = _SHARED(text)
            origin = whom or str(extra.get("original_author") or extra.get("to") or "") or (shared[1] if shared else "")
            found.shares_of.update(filter(None, [origin]))
            continue
        first = _FIRST_NAMED(text)
        answered = whom or (str(extra.get("to") or "") if parent else "") or (first[1] if first else "")
        found.replies_to.update(filter(None, [answered]))
        found.languages.update(filter(None, [language]))
        found.media.update(_media(kind, more))
        _read(found, " ".join(filter(None, (title, text))), tags, stops)
    return found


def _rows(posts: Posts) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT a.event_id, a.verb, a.object_type, a.parent_key <> '', a.target, a.hashtags, a.language, a.props FROM listen_activity a "
        f"WHERE {posts.account.where} AND {STANDS} AND {IS_POST} AND a.happened_at >= %s AND a.happened_at < %s "
        f"ORDER BY a.happened_at DESC, a.seq DESC LIMIT {MOST:d}"
    )
    with database.cursor() as cursor:
        cursor.execute(sql, [bulk.stamp(each) for each in posts.bounds])
        return cursor.fetchall()


def _read(found: Words, text: str, tags: str, stops: frozenset[str]) -> None:
    if text:
        found.lengths.append(len(text))
    hosts = {host.lower().removeprefix("www.") for host in _LINK.findall(text)}
    found.sites.update(hosts)
    bare = _LINK.sub(" ", text)
    found.mentions.update({name.lower() for name in _NAMED.findall(bare)})
    stated = set(tags.split())
    found.hashtags.update(stated or {tag.lower() for tag in _TAG.findall(bare)})
    plain = _TAG.sub(" ", _NAMED.sub(" ", bare))
    told = {fold(word).removesuffix("'s") for word in _WORD.findall(plain)}
    found.words.update(word for word in told if len(word) > 2 and word not in stops and word.partition("'")[0] not in stops)


def _tool(props: dict[str, Any], body: dict[str, Any]) -> str:
    """With what it was written, in words a person knows."""
    told = next((str(props[name]) for name in _TOOL if isinstance(props.get(name), str) and props[name]), "")
    told = told or next((str(value) for name, value in body.items() if fold(str(name)).replace("_", " ") in _TOOL_HEADINGS and value), "")
    if anchor := _ANCHOR.search(told):
        return anchor[1].strip()[:80]
    place = told.partition("://")[2] if told.startswith(("http://", "https://")) else told
    return place.removeprefix("www.").rstrip("/#!").strip()[:80]


def _media(kind: str, props: dict[str, Any]) -> set[str]:
    """image, video, link, or text where there is none of them."""
    told = props.get("media")
    names = {str(each).lower() for each in told} if isinstance(told, list) else set()
    if props.get("images"):
        names.add("image")
    if props.get("video"):
        names.add("video")
    found = {"image" if name in ("photo", "image") else "video" if name in ("video", "gifv", "animated_gif") else name for name in names}
    found |= {kind.lower()} if kind in ("Image", "Video", "Link", "Article") else set()
    return found or {"text"}
