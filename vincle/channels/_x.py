"""A post on X in the older shape (archives, account activity): its words, author, kind and time."""

import html
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Verb

from . import _json as js
from ._identifiers import url

Json = dict[str, Any]
_EPOCH = 1288834974657
_FIRST_TIMED_ID = 1 << 35
_WRITTEN = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2}) (\d{4})").fullmatch
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_ANCHOR = re.compile(r"<a\b[^<>]{0,500}>([^<]*)</a>", re.IGNORECASE)
_RETWEET = re.compile(r"RT @(\w{1,15}): ")


def moment(written: Any, default: datetime) -> datetime:
    """A time as X writes it ("Sat Dec 06 18:20:30 +0000 2025", ISO, or milliseconds). The weekday is not believed."""
    found = _WRITTEN(js.text(written).strip())
    if not found:
        return js.when(written, default)
    month, day, hour, minute, second, sign, hours, minutes, year = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        told = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=timezone(offset))
        return told.astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return default


def born(native: str, default: datetime) -> datetime:
    """When the thing with this id was made: ids since 2010 hold their time."""
    number = int(native) if native.isascii() and native.isdigit() and len(native) < 20 else 0
    return js.when(((number >> 22) + _EPOCH) / 1000, default) if number > _FIRST_TIMED_ID else default


def person(source: Any) -> HandleRef | None:
    """The account behind a `user` object: its lasting id, else its user name."""
    value = js.obj(source)
    native, name = js.first(value, "id_str", "id"), js.first(value, "screen_name", "username")
    if native:
        return HandleRef("x", native, js.text(value.get("name")) or name)
    return js.username("x", name) if name else None


def profile(source: Any, seen_at: datetime) -> Fact | None:
    """The id and the user name are one account's; with what the profile says."""
    value = js.obj(source)
    handle, name = person(value), js.first(value, "screen_name", "username")
    if handle is None or handle.kind != "x" or not name:
        return None
    expanded = [js.text(link.get("expanded_url")) for link in js.objs(js.at(value, "entities", "url", "urls"))]
    followers = js.number(value.get("followers_count"))
    followers = js.number(js.at(value, "public_metrics", "followers_count")) if followers is None else followers
    traits: Json = {
        "bio": js.text(value.get("description")), "location": js.text(value.get("location")),
        "avatar": url(js.first(value, "profile_image_url_https", "profile_image_url")),
        "website": url(next(iter(expanded), "") or js.text(value.get("url"))),
    }
    if followers is not None:
        traits["followers"] = int(followers)
    return js.fact(f"profile:{handle.value}", observed_at=seen_at, handles=(handle, js.username("x", name)),
                   name=js.text(value.get("name")), traits={key: found for key, found in traits.items() if found != ""})


def post(tweet: Json, author: HandleRef | None, direction: Direction, default: datetime, ours: str = "") -> Activity | None:
    """A post, reply or repost. `ours` is our own account's id: naming it makes a post a mention."""
    native = js.first(tweet, "id_str", "id")
    if not native:
        return None
    text = _text(tweet)
    repost = js.obj(tweet.get("retweeted_status"))
    copied = _RETWEET.match(text)
    reply = _reply(tweet)
    mentions = js.objs(js.at(tweet, "entities", "user_mentions"))
    mentioned = bool(ours) and not reply and any(js.first(each, "id_str", "id") == ours for each in mentions)
    shared = bool(repost or copied)
    return Activity(
        verb=Verb.ANNOUNCE if shared else Verb.CREATE, object_type=ObjectType.MENTION if mentioned and not shared else ObjectType.NOTE,
        native_id=native, happened_at=moment(tweet.get("created_at"), born(native, default)), actor=author,
        target=_shared_from(repost, copied, mentions) if shared else _replied_to(tweet, mentions), direction=direction,
        object_key=js.first(repost, "id_str", "id") if shared else native, parent_key=reply,
        thread_key=reply or native, url=f"https://x.com/i/web/status/{native}" if native.isdigit() else "",
        language=_language(js.text(tweet.get("lang"))), hashtags=_hashtags(tweet), text=text,
        place=js.text(js.at(tweet, "place", "full_name")), country=js.text(js.at(tweet, "place", "country_code")).upper(),
        props={key: value for key, value in (
            ("likes", _count(tweet, "favorite_count")), ("reposts", _count(tweet, "retweet_count")),
            ("quotes", js.text(tweet.get("quoted_status_id_str"))), ("source", _tool(tweet)),
            ("media", [js.text(medium.get("type")) for medium in js.objs(js.at(tweet, "extended_entities", "media"))]),
        ) if value},
    )


def _text(tweet: Json) -> str:
    found = js.text(js.at(tweet, "extended_tweet", "full_text")) or js.first(tweet, "full_text", "text")
    return html.unescape(found)


def _tool(tweet: Json) -> str:
    """What it was posted with, without the link that X puts around it."""
    told = js.text(tweet.get("source"))
    found = _ANCHOR.search(told)
    return html.unescape(found[1] if found else "" if "<" in told else told).strip()[:80]


def _reply(tweet: Json) -> str:
    """The id replied to. Of two that differ the possible one counts: ids are 63-bit numbers."""
    told = [js.text(tweet.get(key)) for key in ("in_reply_to_status_id_str", "in_reply_to_status_id")]
    possible = [each for each in told if each.isascii() and each.isdigit() and len(each) < 20 and int(each) < 1 << 63]
    return next((each for each in (*possible, *told) if each), "")


def _replied_to(tweet: Json, mentions: list[Json]) -> HandleRef | None:
    native = js.first(tweet, "in_reply_to_user_id_str", "in_reply_to_user_id")
    name = js.text(tweet.get("in_reply_to_screen_name"))
    if native:
        known = next((js.text(each.get("name")) for each in mentions if js.first(each, "id_str", "id") == native), "")
        return HandleRef("x", native, known or name)
    return js.username("x", name) if name else None


def _shared_from(repost: Json, copied: "re.Match[str] | None", mentions: list[Json]) -> HandleRef | None:
    if repost:
        return person(repost.get("user"))
    name = copied[1] if copied else ""
    found = next((each for each in mentions if js.text(each.get("screen_name")).lower() == name.lower()), {"screen_name": name})
    return person(found)


def _hashtags(tweet: Json) -> tuple[str, ...]:
    entities = js.obj(js.at(tweet, "extended_tweet", "entities")) or js.obj(tweet.get("entities"))
    return tuple(dict.fromkeys(tag.lower() for each in js.objs(entities.get("hashtags")) if (tag := js.first(each, "text", "tag"))))


def _language(told: str) -> str:
    """A language X recognised; und, qme and their kin say that it did not."""
    return told[:2].lower() if re.fullmatch(r"[a-z]{2}(-\w+)?", told) else ""


def _count(tweet: Json, key: str) -> int:
    return int(js.number(tweet.get(key)) or 0)
