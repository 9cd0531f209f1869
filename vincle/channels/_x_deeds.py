"""What may be done on X, and how: posts, replies, likes, reposts, messages, hiding replies below ours, deleting our own.

https://docs.x.com/x-api/posts/create-post, .../hide-reply, .../users/like-post, .../direct-messages
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from . import _json as js
from ._answers import dumped
from ._meta import stamp
from ._x import Json
from ._x_live import ASK, XLine, account_of
from .live import Command, Context, File, Line, Problem, Receipt, Way

LONGEST, LONGEST_PREMIUM, LONGEST_MESSAGE, MOST_FILES = 280, 25_000, 10_000, 4


def ways(about: Context, settings: Mapping[str, str]) -> tuple[Way, ...]:
    if about.thread_key.startswith("dm:"):
        return (Way(deed="message", longest=LONGEST_MESSAGE, takes_files=1),)
    if about.object_type not in ("Note", "Mention") or about.verb in ("Like", "Undo", "Announce"):
        return ()
    longest = LONGEST_PREMIUM if settings.get("premium") else LONGEST
    found = [Way(deed="reply", longest=longest, takes_files=MOST_FILES), Way(deed="unlike" if "like" in about.done else "like")]
    if about.props.get("ours"):
        return (*found, Way(deed="delete"))
    found.append(Way(deed="boost", is_open="boost" not in about.done, code="done" if "boost" in about.done else ""))
    if about.parent_key:
        found.append(Way(deed="unhide" if "hide" in about.done else "hide"))
    return tuple(found)


def act(line: Line, command: Command, length: int) -> Receipt:
    """Raises Problem. What X refuses (a reply to someone who does not want it) is `not_allowed`, for good."""
    asking = XLine(line)
    me, about = account_of(asking), command.about
    target = about.object_key or about.native_id
    if command.deed in ("post", "reply"):
        longest = LONGEST_PREMIUM if line.settings.get("premium") else LONGEST
        if length > longest:
            raise Problem("permanent", "too_long", f"{length} of {longest}")
        if not command.text and not command.files:
            raise Problem("permanent", "empty")
        return _wrote(asking, me, command, target if command.deed == "reply" else "")
    opposite = {"like": "unlike", "unlike": "like", "hide": "unhide", "unhide": "hide"}
    way = next((each for each in ways(about, line.settings) if command.deed in (each.deed, opposite.get(each.deed))), None)
    if way is None or not way.is_open:
        raise Problem("permanent", way.code if way else "cannot_act", command.deed)
    return _DEEDS[command.deed](asking, me, target, command)


def _wrote(asking: XLine, me: str, command: Command, above: str) -> Receipt:
    body: Json = {"text": command.text}
    if above:
        body["reply"] = {"in_reply_to_tweet_id": above}
    if command.files:
        body["media"] = {"media_ids": [_uploaded(asking, file) for file in command.files[:MOST_FILES]]}
    said = js.obj(asking.ask("POST", "tweets", json=body).get("data"))
    native, now = js.text(said.get("id")), asking.line.now
    post: Json = {"id": native, "text": js.text(said.get("text")) or command.text, "author_id": me, "created_at": now.isoformat(),
                  "conversation_id": command.about.thread_key or above or native}  # fmt: skip
    if above:
        post["referenced_tweets"] = [{"type": "replied_to", "id": above}]
    return _receipt(asking, native, me, {"data": [post]}, f"https://x.com/i/web/status/{native}")


def _receipt(asking: XLine, native: str, me: str, said: Json, url: str = "") -> Receipt:
    raw = dumped({"source": "x", "account": me, "at": stamp(asking.line.now)} | said)
    return Receipt(native_id=native, happened_at=asking.line.now, url=url, raw=raw, quota=asking.quota)


def _uploaded(asking: XLine, file: File) -> str:
    form = {"media_category": "tweet_gif" if file.content_type == "image/gif" else "tweet_image", "media_type": file.content_type}
    if not file.content_type.startswith("image/"):
        raise Problem("permanent", "file_not_taken", file.content_type)
    said = asking.ask("POST", "media/upload", form=form, files={"media": (file.name, file.content, file.content_type)}, timeout=60.0)
    native = js.text(js.at(said, "data", "id"))
    if file.alt:
        asking.ask("POST", "media/metadata", json={"id": native, "metadata": {"alt_text": {"text": file.alt[:1000]}}})
    return native


def _sent(asking: XLine, me: str, target: str, command: Command) -> Receipt:
    """To the other side of the talk, whoever spoke last."""
    if not command.text and not command.files:
        raise Problem("permanent", "empty")
    if len(command.text) > LONGEST_MESSAGE:
        raise Problem("permanent", "too_long", f"{len(command.text)} of {LONGEST_MESSAGE}")
    other = command.about.thread_key.rpartition(":")[2]
    body: Json = {"text": command.text} if command.text else {}
    if command.files:
        body["attachments"] = [{"media_id": _uploaded(asking, command.files[0])}]
    said = js.obj(asking.ask("POST", f"dm_conversations/with/{other}/messages", json=body).get("data"))
    native = js.text(said.get("dm_event_id"))
    event = {"id": native, "event_type": "MessageCreate", "text": command.text, "sender_id": me, "created_at": asking.line.now.isoformat(),
             "dm_conversation_id": js.text(said.get("dm_conversation_id")) or f"{me}-{other}"}  # fmt: skip
    return _receipt(asking, f"dm:{native}", me, {"data": [event]})


def _liked(asking: XLine, me: str, target: str, command: Command) -> Receipt:
    if command.deed == "unlike":
        asking.ask("DELETE", f"users/{me}/likes/{target}")
        return _receipt(asking, f"like:{target}:{me}", me, {"unliked": [target]})
    asking.ask("POST", f"users/{me}/likes", json={"tweet_id": target})
    return _receipt(asking, f"like:{target}:{me}", me, {"liked": [target]})


def _boosted(asking: XLine, me: str, target: str, command: Command) -> Receipt:
    said = js.obj(asking.ask("POST", f"users/{me}/retweets", json={"tweet_id": target}).get("data"))
    native, now = js.text(said.get("rest_id")), asking.line.now
    if not native:
        return Receipt(native_id=target, happened_at=now, quota=asking.quota)
    post = {
        "id": native,
        "text": "",
        "author_id": me,
        "created_at": now.isoformat(),
        "referenced_tweets": [{"type": "retweeted", "id": target}],
    }
    return _receipt(asking, native, me, {"data": [post]})


def _deleted(asking: XLine, me: str, target: str, command: Command) -> Receipt:
    asking.ask("DELETE", f"tweets/{target}")
    return _receipt(asking, target, me, {"gone": [target]})


def _hidden(asking: XLine, me: str, target: str, command: Command) -> Receipt:
    is_hidden = command.deed == "hide"
    asking.ask("PUT", f"tweets/{target}/hidden", json={"hidden": is_hidden})
    if is_hidden:
        return _receipt(asking, target, me, {"hidden": [target]})
    shown = js.objs(asking.ask("GET", f"tweets/{target}", dict(ASK)).get("data"))
    return _receipt(asking, target, me, {"shown": shown})


_DEEDS: dict[str, Callable[[XLine, str, str, Command], Receipt]] = {
    "message": _sent, "like": _liked, "unlike": _liked, "boost": _boosted, "delete": _deleted, "hide": _hidden, "unhide": _hidden,
}  # fmt: skip


def found(line: Line, command: Command, since: datetime) -> Receipt | None:
    """X takes no key: our own newest posts are looked at for these words (it costs a page of reads). It refuses doubles itself, too."""
    if command.deed not in ("post", "reply"):
        return None
    asking = XLine(line)
    me = account_of(asking)
    above = (command.about.object_key or command.about.native_id) if command.deed == "reply" else ""
    query = dict(ASK) | {"max_results": "10", "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    for each in js.objs(asking.ask("GET", f"users/{me}/tweets", query).get("data")):
        related = {js.text(one.get("type")): js.text(one.get("id")) for one in js.objs(each.get("referenced_tweets"))}
        if _plain(js.text(each.get("text"))) == _plain(command.text) and related.get("replied_to", "") == above:
            native = js.text(each.get("id"))
            return _receipt(asking, native, me, {"data": [each | {"author_id": me}]}, f"https://x.com/i/web/status/{native}")
    return None


def _plain(text: str) -> str:
    """Words as they compare: X writes mentions before a reply and shortens addresses."""
    words = [word for word in text.split() if not word.startswith(("http://", "https://"))]
    while words and words[0].startswith("@"):
        words.pop(0)
    return " ".join(words)
