"""An Instagram professional account, live: who we are there, what is read, what may be done and how.

https://developers.facebook.com/docs/instagram-platform (both ways in: the Page it belongs to, or Instagram itself)
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from vincle.vocabulary import HandleRef

from . import _json as js
from . import _meta_talk as talk
from . import _meta_token as token
from ._answers import dumped
from ._graph import Graph, Json, following
from ._walk import Walk, plain, pulled, walk
from .live import Command, Context, Line, Problem, Pulled, Receipt, Standing, Stream, Way

SCOPES = (
    "instagram_basic", "instagram_manage_comments", "instagram_manage_messages", "instagram_content_publish", "pages_show_list",
    "pages_read_engagement", "pages_manage_metadata",
)  # fmt: skip
STREAMS = (
    Stream(name="comments", every=300, has_past=True), Stream(name="messages", every=300, has_past=True),
    Stream(name="mentions", every=900, has_past=True),
)  # fmt: skip
LONGEST, LONGEST_MESSAGE = 2200, 1000
_COMMENT = "id,text,timestamp,username,from,hidden,like_count,parent_id"
_MEDIA = "id,caption,media_type,permalink,timestamp,username,owner,comments_count,like_count"
_TAGGED = "id,caption,media_type,permalink,timestamp,username"


def check(line: Line) -> Standing:
    """By Instagram's own sign-in, or by the Page the account belongs to."""
    if line.secrets.get("access_token", "").startswith("IG"):
        return _by_instagram(line)
    about = token.told(line)
    own = token.page_token(line, about)
    graph = Graph(line, own)
    page = graph.get(token.page_id(line) or "me", fields="id,name,instagram_business_account{id,username}")
    account = js.obj(page.get("instagram_business_account"))
    found, name = js.text(account.get("id")), js.text(account.get("username"))
    if not found:
        raise Problem("permanent", "no_instagram_account", js.text(page.get("name")))
    line.renew({"page_token": own, "page_id": js.text(page.get("id")), "account_id": found})
    granted = frozenset(js.texts(about.get("scopes")))
    notes = () if token.listens(graph, js.text(page.get("id")), line, "messages") else ("not_subscribed",)
    missing = tuple(each for each in SCOPES if each not in granted) if granted else ()
    return _standing(graph, found, name, missing, granted, token.ends_at(about), notes)


def _standing(
    graph: Graph, account: str, name: str, missing: tuple[str, ...], granted: frozenset[str], ends: datetime | None, notes: tuple[str, ...]
) -> Standing:  # fmt: skip
    own = (HandleRef("instagram", account, name), js.username("instagram", name)) if name else (HandleRef("instagram", account),)
    shown = f"@{name}" if name else account
    return Standing(account=shown, own=own, scopes_missing=missing, token_ends_at=ends, abilities=granted, quota=graph.quota, notes=notes)


def _by_instagram(line: Line) -> Standing:
    """A token of Instagram itself lives sixty days; it is renewed each time we look, which it allows once it is a day old."""
    graph, ends = Graph(line, line.secrets["access_token"]), None
    try:
        said = graph.ask("GET", "refresh_access_token", {"grant_type": "ig_refresh_token", "access_token": graph.token})
    except Problem as problem:
        if problem.kind != "permanent":
            raise
    else:
        ends = line.now + timedelta(seconds=js.number(said.get("expires_in")) or 0)
        line.renew({"access_token": js.text(said.get("access_token")) or graph.token}, ends)
    me = graph.get("me", fields="user_id,username,account_type")
    found = js.first(me, "user_id", "id")
    line.renew({"account_id": found, "page_token": ""})
    return _standing(graph, found, js.text(me.get("username")), (), frozenset(), ends, ())


def account_id(line: Line) -> str:
    return line.settings.get("account_id", "").strip() or line.secrets.get("account_id", "")


def _node(line: Line) -> str:
    """Whose talks these are for the Graph API: the Page, or with Instagram's own sign-in the account itself."""
    return token.page_id(line) or account_id(line) or "me"


def envelope(account: str) -> Json:
    return {"source": "graph", "network": "instagram", "account": account}


def page_of(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """One page of a stream, or of what a delivery only named. Raises Problem."""
    graph, account = Graph(line), account_id(line)
    kind, _, wanted = stream.partition(":")
    if kind == "mention" and wanted:
        return _mention(graph, account, wanted)
    place = walk(cursor, line.now, past=past)
    if stream == "comments":
        return _comments(graph, account, place)
    if stream == "messages":
        return talk.talks(graph, _node(line), place, envelope(account), "instagram")
    if stream == "mentions":
        return _tagged(graph, account, place)
    raise Problem("permanent", "no_such_stream", stream)


def _comments(graph: Graph, account: str, place: Walk) -> Pulled:
    """Our posts with their comments: of the past all, of the present those of the thirty newest posts."""
    if place.queue:
        media, after = place.queue.pop()
        page = graph.get(f"{media}/comments", fields=f"{_COMMENT},replies{{{_COMMENT}}}", limit="50", after=after)
        found = _news(place, media, page)
        return pulled(graph, place, envelope(account) | {"comments": {media: found}} if found else {}, len(found))
    fields = f"{_MEDIA},comments.limit(50){{{_COMMENT},replies{{{_COMMENT}}}}}"
    answer = graph.get(f"{account}/media", fields=fields, limit="30", **place.page)
    item, count = envelope(account) | {"media": [], "comments": {}}, 0
    media_found = js.objs(answer.get("data"))
    for each in media_found:
        name = js.text(each.get("id"))
        comments = _news(place, name, js.obj(each.pop("comments", None)))
        if place.takes(each.get("timestamp"), name):
            item["media"].append(each)
        if comments:
            item["comments"][name] = comments
        count += len(comments)
    fresh = bool(media_found) and plain(media_found[-1].get("timestamp")) > place.mark
    place.page = following(answer) if place.is_past or fresh else {}
    count += len(item["media"])
    return pulled(graph, place, item if count else {}, count)


def _news(place: Walk, media: str, page: Json) -> list[Json]:
    """Comments of which something is new: they themselves or a reply below; Instagram tells them newest first."""
    found = js.objs(page.get("data"))
    new = []
    for each in found:
        replies = [
            reply for reply in js.objs(js.at(each, "replies", "data")) if place.takes(reply.get("timestamp"), js.text(reply.get("id")))
        ]
        if place.takes(each.get("timestamp"), js.text(each.get("id"))) or replies:
            new.append(each | ({"replies": {"data": replies}} if replies else {}))
    if len(new) == len(found) and (after := following(page).get("after")):
        place.queue.append([media, after])
    return new


def _tagged(graph: Graph, account: str, place: Walk) -> Pulled:
    """Posts in which the account is tagged. Mentions in captions and comments are delivered only, as bare ids."""
    answer = graph.get(f"{account}/tags", fields=_TAGGED, limit="50", **place.page)
    found = js.objs(answer.get("data"))
    new = [each for each in found if place.takes(each.get("timestamp"), js.text(each.get("id")))]
    place.page = following(answer) if len(new) == len(found) else {}
    return pulled(graph, place, envelope(account) | {"mentioned": [{"media": each} for each in new]} if new else {}, len(new))


def _mention(graph: Graph, account: str, wanted: str) -> Pulled:
    """`<media>` or `<media>/<comment>`: the words of a mention, asked by its id."""
    media, _, comment = wanted.partition("/")
    if comment:
        field = f"mentioned_comment.comment_id({comment}){{id,text,timestamp,username,from,media{{id,permalink}}}}"
        said: Json = {"comment": js.obj(graph.get(account, fields=field).get("mentioned_comment")), "media": {"id": media}}
    else:
        said = {"media": js.obj(graph.get(account, fields=f"mentioned_media.media_id({media}){{{_TAGGED}}}").get("mentioned_media"))}
    return Pulled(items=(dumped(envelope(account) | {"mentioned": [said]}),), quota=graph.quota, pause=graph.pause)


def ways(about: Context, settings: Mapping[str, str], now: datetime) -> tuple[Way, ...]:
    """Comments, mentions, messages. Instagram lets no app like, nor show a reply to a live video later."""
    if talk.is_talk(about):
        return (talk.message_way(about, settings, now, LONGEST_MESSAGE),)
    if about.object_type not in ("Note", "Mention", "Image", "Video") or about.verb in ("Like", "Undo"):
        return ()
    reply = Way(deed="reply", longest=LONGEST)
    if about.object_type == "Mention":
        return (reply,)
    if about.author is not None and about.author.value == str(about.props.get("account", "")):
        return (reply, Way(deed="delete")) if about.parent_key else (reply,)
    if not about.parent_key:
        return (reply,)
    is_hidden = bool(about.props.get("hidden")) or "hide" in about.done
    live = bool(about.props.get("live"))
    return (reply, talk.private_way(about, now, LONGEST_MESSAGE, live=live), Way(deed="unhide" if is_hidden else "hide"))


def act(line: Line, command: Command, length: int) -> Receipt:
    graph, account, about = Graph(line), account_id(line), command.about
    if command.deed == "post":
        return _post(graph, account, command)
    found = ways(about, line.settings, line.now)
    hidden = {"hide": "unhide", "unhide": "hide"}
    if command.deed in hidden and any(way.deed == hidden[command.deed] for way in found):
        found += (Way(deed=command.deed),)
    way = talk.allowed(found, command.deed, length)
    target = about.object_key or about.native_id
    if command.deed == "message":
        who = about.author.value if about.author and about.author.value != account else about.thread_key.rpartition(":")[2]
        return talk.send(graph, _node(line), command, way, {"id": who}, ("instagram", account))
    if command.deed == "private_reply":
        return talk.send(graph, _node(line), command, way, {"comment_id": target}, ("instagram", account))
    return _DEEDS[command.deed](graph, account, target, command)


def _change(account: str, now: datetime, value: Json) -> bytes:
    """A change as Instagram itself would deliver it."""
    return dumped(
        {
            "object": "instagram",
            "entry": [{"id": account, "time": int(now.timestamp()), "changes": [{"field": "comments", "value": value}]}],
        }
    )


def _reply(graph: Graph, account: str, target: str, command: Command) -> Receipt:
    about, now = command.about, graph.line.now
    if about.object_type == "Mention":
        body: Json = {"media_id": about.parent_key or target, "message": command.text} | (
            {"comment_id": target} if about.parent_key else {}
        )
        said = js.text(graph.post(f"{account}/mentions", body).get("id"))
    else:
        said = js.text(graph.post(f"{target}/{'replies' if about.parent_key else 'comments'}", {"message": command.text}).get("id"))
    media = about.thread_key or target
    value = {
        "id": said,
        "text": command.text,
        "timestamp": int(now.timestamp()),
        "from": {"id": account},
        "media": {"id": media},
        "parent_id": target,
    }
    return Receipt(native_id=said, happened_at=now, raw=_change(account, now, value), quota=graph.quota)


def _hidden(graph: Graph, account: str, target: str, command: Command) -> Receipt:
    now, value = graph.line.now, {"id": target, "verb": command.deed}
    graph.post(target, {"hide": command.deed == "hide"})
    if command.deed == "unhide":
        value |= graph.get(target, fields=_COMMENT) | {"media": {"id": command.about.thread_key}, "hidden": False}
    return Receipt(native_id=target, happened_at=now, raw=_change(account, now, value), quota=graph.quota)


def _deleted(graph: Graph, account: str, target: str, command: Command) -> Receipt:
    graph.delete(target)
    now = graph.line.now
    return Receipt(native_id=target, happened_at=now, raw=_change(account, now, {"id": target, "verb": "delete"}), quota=graph.quota)


_DEEDS: dict[str, Callable[[Graph, str, str, Command], Receipt]] = {
    "reply": _reply, "hide": _hidden, "unhide": _hidden, "delete": _deleted,
}  # fmt: skip


def _post(graph: Graph, account: str, command: Command) -> Receipt:
    """Instagram fetches the picture itself, from a public address (`image_url` or `video_url`)."""
    picture: dict[str, Any] = {key: command.extra[key] for key in ("image_url", "video_url") if command.extra.get(key)}
    if not picture:
        raise Problem("permanent", "needs_picture")
    kind = {"media_type": "REELS"} if "video_url" in picture else {}
    made = js.text(graph.post(f"{account}/media", picture | kind | {"caption": command.text}).get("id"))
    said, now = js.text(graph.post(f"{account}/media_publish", {"creation_id": made}).get("id")), graph.line.now
    media = {"id": said, "caption": command.text, "timestamp": int(now.timestamp()), "owner": {"id": account},
             "media_type": "VIDEO" if kind else "IMAGE"}  # fmt: skip
    return Receipt(native_id=said, happened_at=now, raw=dumped(envelope(account) | {"media": [media]}), quota=graph.quota)


def found(line: Line, command: Command, since: datetime) -> Receipt | None:
    """What we said is looked for where we said it: Instagram takes no key for a deed."""
    graph, account, about = Graph(line), account_id(line), command.about
    if command.deed == "message":
        who = about.author.value if about.author and about.author.value != account else about.thread_key.rpartition(":")[2]
        said = talk.sent_before(graph, _node(line), "instagram", who, command.text, since, account)
        kept: Json = {"messages": [said]}
    elif command.deed == "reply" and about.object_type != "Mention":
        target = about.object_key or about.native_id
        page = graph.get(f"{target}/{'replies' if about.parent_key else 'comments'}", fields=_COMMENT, limit="50")
        said = next((each for each in js.objs(page.get("data")) if _is_it(each, account, command.text, since)), None)
        kept = {"comments": {about.thread_key or target: [{**(said or {}), "parent_id": target}]}}
    else:
        return None
    if said is None:
        return None
    moment = js.when(said.get("timestamp") or said.get("created_time"), line.now)
    return Receipt(native_id=js.text(said.get("id")), happened_at=moment, raw=dumped(envelope(account) | kept), quota=graph.quota)


def _is_it(comment: Json, account: str, text: str, since: datetime) -> bool:
    is_ours = js.text(js.at(comment, "from", "id")) == account and js.text(comment.get("text")).strip() == text.strip()
    return is_ours and js.when(comment.get("timestamp"), since) >= since.replace(microsecond=0)
