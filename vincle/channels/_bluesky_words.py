"""Words as Bluesky takes them: rich text whose places are counted in UTF-8 bytes, pictures, references; and records as deliveries."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from . import _json as js
from ._answers import dumped
from ._atproto import address, judged_here, signed
from ._graphemes import graphemes
from .live import Command, File, Line, Problem

Json = dict[str, Any]
POST, LIKE, REPOST, FOLLOW = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.graph.follow"
LONGEST, LONGEST_BYTES = 300, 3000
PICTURES, LARGEST_PICTURE = 4, 1_000_000
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_MENTION = re.compile(rf"(?<![\w@/.])@((?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)")
_LINK = re.compile(r"(?<!\w)https?://[^\s<>\"]+")
_TAG = re.compile(r"(?<!\S)[#＃]((?!\ufe0f)[^\s\u00ad\u2060\u200a-\u200d\u20e2]+)")
_TRAILING = ".,;:!?…'\"»”’"


def checked(command: Command) -> str:
    """The text, when Bluesky takes it and what is attached. Raises Problem."""
    text = command.text.strip()
    if not text and not command.files:
        raise Problem("permanent", "empty")
    if graphemes(text) > LONGEST or len(text.encode()) > LONGEST_BYTES:
        raise Problem("permanent", "too_long", f"{graphemes(text)} of {LONGEST}")
    if len(command.files) > PICTURES:
        raise Problem("permanent", "file_not_taken", f"{len(command.files)} of {PICTURES}")
    for file in command.files:
        if not file.content_type.startswith("image/"):
            raise Problem("permanent", "file_not_taken", f"{file.name}: {file.content_type}")
        if len(file.content) > LARGEST_PICTURE:
            raise Problem("permanent", "file_not_taken", f"{file.name}: {len(file.content)} of {LARGEST_PICTURE} bytes")
    return text


def facets(text: str, owner: Callable[[str], str]) -> list[Json]:
    """Mentions, links and hashtags of a text. `owner` tells the DID of a user name, "" when nobody has it: then it stays plain text."""
    found = [*_mentions(text, owner), *_links(text), *_tags(text)]
    taken: list[Json] = []
    for start, end, feature in sorted(found, key=lambda each: each[0]):
        place = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
        if not taken or place["byteStart"] >= taken[-1]["index"]["byteEnd"]:
            taken.append({"index": place, "features": [feature]})
    return taken


def _mentions(text: str, owner: Callable[[str], str]) -> Iterator[tuple[int, int, Json]]:
    for match in _MENTION.finditer(text):
        if named := owner(match[1].lower()):
            yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": named}


def _links(text: str) -> Iterator[tuple[int, int, Json]]:
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_TRAILING)
        while link.endswith(")") and link.count(")") > link.count("("):
            link = link[:-1].rstrip(_TRAILING)
        if len(link) > len("https://"):
            yield match.start(), match.start() + len(link), {"$type": "app.bsky.richtext.facet#link", "uri": link}


def _tags(text: str) -> Iterator[tuple[int, int, Json]]:
    for match in _TAG.finditer(text):
        tag = match[1].rstrip(_TRAILING + ")]}")
        if tag and not tag.isdigit() and len(tag) <= 64:
            yield match.start(), match.start(1) + len(tag), {"$type": "app.bsky.richtext.facet#tag", "tag": tag}


def pictures(line: Line, files: tuple[File, ...]) -> Json:
    """What is attached, handed over and described. Raises Problem."""
    images = []
    for file in files:
        answer = signed(line, "POST", "com.atproto.repo.uploadBlob", body=file.content, headers={"content-type": file.content_type})
        blob = js.obj(judged_here(answer, line)).get("blob")
        images.append({"image": blob, "alt": file.alt})
    return {"$type": "app.bsky.embed.images", "images": images}


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def made(uri: str, record: Json, cid: str, now: datetime, operation: str = "create", rev: str = "") -> bytes:
    """A record as the live stream would deliver it."""
    happened = min(js.when(record.get("createdAt"), now), now)
    commit = {"rev": rev, "operation": operation, "record": record, "cid": cid}
    return _frame(uri, {key: value for key, value in commit.items() if value}, happened)


def taken_back(uri: str, now: datetime, rev: str) -> bytes:
    """The deletion of a record as the live stream would deliver it."""
    return _frame(uri, {"operation": "delete", "rev": rev}, now)


def _frame(uri: str, commit: Json, moment: datetime) -> bytes:
    owner, collection, key = address(uri)
    time = int(moment.timestamp() * 1_000_000)
    return dumped({"did": owner, "time_us": time, "kind": "commit", "commit": commit | {"collection": collection, "rkey": key}})


def page(uri: str) -> str:
    """Where people look at a post."""
    owner, collection, key = address(uri)
    return f"https://bsky.app/profile/{owner}/post/{key}" if collection == POST else ""
