"""One row of posts on its way to an Activity: what each column does to it."""

import html
import re
from collections.abc import Callable
from typing import Any

from vincle.vocabulary import HandleRef, ObjectType, Verb, Warn

from ._columns import Evidence, number
from ._dates import DateError
from ._identifiers import boolean, country, email, fold, multi, profile, url, user
from ._post_words import COUNTS, NETWORKS
from ._text import repair_mojibake

DAMAGED_ID = re.compile(r"^\d(?:[.,]\d+)?E\+\d{1,2}$", re.IGNORECASE).match
_FLOAT_ID = re.compile(r"^(\d+)\.0+$")
_HASHTAG = re.compile(r"#(\w{2,100})")
_FRACTION = re.compile(r"^(\d{1,6}(?:[.,]\d{1,9})?)\s*(?:/|of|de|su|sur|von)\s*(\d{1,6})\b", re.IGNORECASE)
_SENTIMENTS = {
    "positive": "positive|pos|positivo|positiva|positif|positiu|positiv|good|favorable|p|1|2|very positive",
    "negative": "negative|neg|negativo|negativa|negatif|negatiu|negativ|bad|unfavorable|n|-1|-2|very negative",
    "neutral": "neutral|neu|neutro|neutra|neutre|none|0|n a",
    "mixed": "mixed|mixto|misto|mixte|mixt|ambivalent",
}
_SENTIMENT = {word: label for label, words in _SENTIMENTS.items() for word in words.split("|")}
_KINDS = {
    "photo": ObjectType.IMAGE, "image": ObjectType.IMAGE, "picture": ObjectType.IMAGE, "foto": ObjectType.IMAGE,
    "carousel": ObjectType.IMAGE, "album": ObjectType.IMAGE, "video": ObjectType.VIDEO, "reel": ObjectType.VIDEO,
    "live": ObjectType.VIDEO, "link": ObjectType.LINK, "enlace": ObjectType.LINK, "review": ObjectType.REVIEW,
    "rating": ObjectType.REVIEW, "mention": ObjectType.MENTION, "article": ObjectType.ARTICLE, "blog": ObjectType.ARTICLE,
    "news": ObjectType.ARTICLE, "message": ObjectType.MESSAGE, "dm": ObjectType.MESSAGE,
}
_SHARES = frozenset(("retweet", "share", "repost", "reshare", "announce", "boost"))

Put = Callable[["Post", str], None]


class Post:
    """A row as far as it has been read; `fields` are the Activity's own."""

    __slots__ = ("author", "author_id", "author_name", "body", "damaged_time", "fields", "id", "inbound", "line", "network", "object_type",
                 "props", "share", "warns")

    def __init__(self, line: int, network: str) -> None:
        self.line, self.network = line, network
        self.id = self.author = self.author_id = self.author_name = self.damaged_time = ""
        self.fields: dict[str, Any] = {}
        self.props: dict[str, Any] = {}
        self.body: dict[str, Any] = {}
        self.object_type: ObjectType | None = None
        self.inbound: bool | None = None
        self.share = False
        self.warns: list[Warn] = []

    def warn(self, code: str, field: str, detail: str) -> None:
        """Notes a value that is left out."""
        self.warns.append(Warn(line=self.line, code=code, field=field, detail=detail[:200]))

    def actor(self) -> HandleRef | None:
        """Who wrote it: by id where there is one, else by user name, else by the name shown."""
        value = self.author_id or self.author or self.author_name
        name = self.author_name or self.author
        if "/" in value and (found := profile(value)):
            return found
        if "@" in value[1:] and (address := email(value)):
            return HandleRef("email", address, name if name != value else "")
        return user(self.network, value, name.removeprefix("@")) if value.strip("@ ") else None

    def handles(self) -> tuple[HandleRef, ...]:
        """The actor and, where the row also states it, their user name."""
        actor = self.actor()
        if actor is None or not self.author or not self.author_id or actor.kind != self.network or any(map(str.isspace, self.author)):
            return (actor,) if actor else ()
        also = user(self.network, self.author, actor.name)
        return (actor, also) if also.kind != actor.kind else (actor,)


def key_of(cell: str) -> str:
    """An id as its platform writes it: '3.0' of a careless table is '3'; one damaged beyond use is ''."""
    if found := _FLOAT_ID.match(cell):
        return found[1]
    return "" if DAMAGED_ID(cell) or cell.lower() in ("nan", "null", "none", "n/a") else cell


def put_for(field: str, heading: str, seen: Evidence) -> Put:
    """What a column mapped to `field` does to a post."""
    if field.startswith("custom:"):
        name = field.removeprefix("custom:") or heading
        return lambda post, cell: post.body.__setitem__(name, cell)
    if field in COUNTS or field in ("followers", "sentiment_confidence", "rating_max"):
        return _number(field, heading)
    simple = {"time": _time(heading, seen), "rating": _rating(heading, seen), "sentiment": _sentiment(heading),
              "network": _network(heading), "kind": _kind, "url": _url(heading), "country": _country(heading)}
    return simple[field] if field in simple else _PUTS[field]


def _time(heading: str, seen: Evidence) -> Put:
    def put(post: Post, cell: str) -> None:
        try:
            post.fields.setdefault("happened_at", seen.dates.moment(cell))
        except DateError as fault:
            post.damaged_time = post.damaged_time or fault.code
            post.warn(fault.code, heading, cell)
    return put


def _number(field: str, heading: str) -> Put:
    target = field in ("sentiment_confidence", "rating_max")

    def put(post: Post, cell: str) -> None:
        try:
            value = number(cell.rstrip("%"))
        except ValueError as fault:
            post.warn(str(fault), heading, cell)
            return
        if target:
            post.fields[field] = float(value)
        else:
            post.props[field] = int(value) if isinstance(value, float) and value.is_integer() else value
    return put


def _rating(heading: str, seen: Evidence) -> Put:
    top = next((limit for limit in (5.0, 10.0, 100.0) if seen.highest <= limit), seen.highest)

    def put(post: Post, cell: str) -> None:
        value, limit = rating_of(cell)
        if value is None:
            post.warn("not_a_number", heading, cell)
            return
        post.fields["rating"] = value
        post.fields.setdefault("rating_max", limit or max(top, value))
    return put


def rating_of(cell: str) -> tuple[float | None, float]:
    """A rating and its top, 0 where the cell does not state it: "4/5", "★★★", "4,5", "four stars"; (None, 0) for anything else."""
    if stars := cell.count("★") + cell.count("⭐"):
        return float(stars), 5.0
    if fraction := _FRACTION.match(cell):
        return float(fraction[1].replace(",", ".")), float(fraction[2])
    word = cell.split()[0].lower() if cell.split() else ""
    spelled = {"one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}.get(word)
    if spelled:
        return spelled, 5.0
    try:
        return float(number(word, "," if "," in word else "")), 0.0
    except ValueError:
        return None, 0.0


def _sentiment(heading: str) -> Put:
    def put(post: Post, cell: str) -> None:
        word = cell if cell in ("-1", "-2") else fold(cell)
        if word in _SENTIMENT:
            post.fields["sentiment"] = _SENTIMENT[word]
        else:
            post.body[heading] = cell
    return put


def _network(heading: str) -> Put:
    def put(post: Post, cell: str) -> None:
        word = fold(cell)
        known = NETWORKS.get(word) or next((NETWORKS[one] for one in word.split() if len(one) > 2 and one in NETWORKS), "")
        if known:
            post.network = known
        else:
            post.body[heading] = cell
    return put


def _kind(post: Post, cell: str) -> None:
    word = fold(cell)
    post.object_type = _KINDS.get(word, post.object_type)
    post.share = post.share or word in _SHARES
    post.props["kind"] = word


def _url(heading: str) -> Put:
    def put(post: Post, cell: str) -> None:
        address = url(cell)
        if address:
            post.fields["url"] = address
        else:
            post.warn("invalid_url", heading, cell)
    return put


def _country(heading: str) -> Put:
    def put(post: Post, cell: str) -> None:
        code = country(cell)
        if code:
            post.fields["country"] = code
        else:
            post.warn("invalid_country", heading, cell)
    return put


def _text(post: Post, cell: str) -> None:
    cell = repair_mojibake(html.unescape(cell) if "&" in cell else cell)
    post.fields["text"] = f"{post.fields['text']}\n{cell}" if "text" in post.fields else cell


def _title(post: Post, cell: str) -> None:
    post.fields["title"] = html.unescape(cell) if "&" in cell else cell


def _retweet(post: Post, cell: str) -> None:
    post.share = boolean(cell) is True


def _inbound(post: Post, cell: str) -> None:
    post.inbound = boolean(cell)


def _topic(post: Post, cell: str) -> None:
    post.fields["topics"] = tuple(dict.fromkeys((*post.fields.get("topics", ()), *multi(cell))))


def _hashtags(post: Post, cell: str) -> None:
    post.fields["hashtags"] = tuple(dict.fromkeys(tag.lstrip("#").lower() for tag in multi(cell.replace(" #", ";#"))))


def _set(name: str) -> Put:
    def put(post: Post, cell: str) -> None:
        post.fields.setdefault(name, cell)
    return put


def _key(name: str) -> Put:
    def put(post: Post, cell: str) -> None:
        if key := key_of(cell):
            post.fields.setdefault(name, key)
    return put


def _own(name: str) -> Put:
    def put(post: Post, cell: str) -> None:
        if not getattr(post, name):
            setattr(post, name, key_of(cell) if name in ("id", "author_id") else cell)
    return put


def _body(name: str) -> Put:
    def put(post: Post, cell: str) -> None:
        post.body.setdefault(name, cell)
    return put


def _prop(name: str) -> Put:
    def put(post: Post, cell: str) -> None:
        post.props.setdefault(name, cell)
    return put


_PUTS: dict[str, Put] = {
    "text": _text, "title": _title, "retweet": _retweet, "inbound": _inbound, "topic": _topic, "hashtags": _hashtags,
    "place": _set("place"), "language": _set("language"), "reply_to": _key("parent_key"), "thread": _key("thread_key"),
    "id": _own("id"), "author": _own("author"), "author_id": _own("author_id"), "author_name": _own("author_name"),
    "latitude": _body("latitude"), "longitude": _body("longitude"), "coordinates": _body("coordinates"),
    "original_author": _body("original_author"), "brand": _prop("brand"), "timezone": _prop("timezone"),
}


def verb_and_object(post: Post) -> tuple[Verb, ObjectType]:
    """What was done, and to what kind of thing."""
    if post.share:
        return Verb.ANNOUNCE, post.object_type or ObjectType.NOTE
    if "rating" in post.fields:
        return Verb.CREATE, ObjectType.REVIEW
    return Verb.CREATE, post.object_type or (ObjectType.MENTION if "brand" in post.props else ObjectType.NOTE)


def hashtags_in(text: str) -> tuple[str, ...]:
    """The hashtags that a text carries, lower case, in order, each once."""
    return tuple(dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(text))) if "#" in text else ()
