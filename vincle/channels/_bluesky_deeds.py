"""What we do on Bluesky: records in our own repository, named by what is to be done, so that a second try is the same record."""

from typing import Any

from . import _json as js
from ._atproto import address, did, do, get, judged_here, record_key, service
from ._bluesky_words import LIKE, POST, REPOST, checked, facets, instant, made, page, pictures, taken_back
from .live import Command, Context, Line, Problem, Receipt

Json = dict[str, Any]
_COLLECTION = {"reply": POST, "post": POST, "like": LIKE, "boost": REPOST}
_PAGES = 10


def act(line: Line, command: Command, key: str) -> Receipt:
    """Do it. Raises Problem."""
    if command.deed == "delete":
        return _removed(line, command.about.object_key or command.about.native_id)
    if command.deed == "unlike":
        return _unliked(line, command.about)
    if command.deed not in _COLLECTION:
        raise Problem("permanent", "cannot_act", command.deed)
    collection = _COLLECTION[command.deed]
    record = _words(line, command) if collection == POST else _mark(line, command.about, collection)
    return _made(line, collection, record_key(key, command.about), record)


def found(line: Line, command: Command, key: str) -> Receipt | None:
    """The record an earlier try left. What takes something away may be done again without harm."""
    collection = _COLLECTION.get(command.deed)
    return _existing(line, collection, record_key(key, command.about)) if collection else None


def _words(line: Line, command: Command) -> Json:
    text = checked(command)
    record: Json = {"$type": POST, "text": text, "createdAt": instant(line.now)}
    if places := facets(text, lambda name: _owner(line, name)):
        record["facets"] = places
    if language := command.extra.get("language", ""):
        record["langs"] = [language]
    if command.deed == "reply":
        record["reply"] = _answered(line, command.about)
    if command.files:
        record["embed"] = pictures(line, command.files)
    return record


def _answered(line: Line, about: Context) -> Json:
    """What is answered, and the post that began the talk; both by name and content, as the log keeps them, else asked for."""
    parent = about.object_key or about.native_id
    root = about.thread_key or parent
    first = _reference(line, parent, js.text(about.props.get("cid")))
    return {"parent": first, "root": first if root == parent else _reference(line, root, js.text(about.props.get("root_cid")))}


def _reference(line: Line, uri: str, cid: str) -> Json:
    if not cid:
        owner, collection, key = address(uri)
        cid = js.text(js.obj(get(line, "com.atproto.repo.getRecord", {"repo": owner, "collection": collection, "rkey": key})).get("cid"))
    if not cid:
        raise Problem("gone", "not_there", uri)
    return {"uri": uri, "cid": cid}


def _mark(line: Line, about: Context, collection: str) -> Json:
    subject = _reference(line, about.object_key or about.native_id, js.text(about.props.get("cid")))
    return {"$type": collection, "subject": subject, "createdAt": instant(line.now)}


def _owner(line: Line, name: str) -> str:
    """The DID behind a user name, "" when there is none."""
    try:
        answer = line.send("GET", f"{service(line)}/xrpc/com.atproto.identity.resolveHandle", query={"handle": name})
        return js.text(js.obj(judged_here(answer, line)).get("did"))
    except Problem as problem:
        if problem.kind in ("gone", "permanent"):
            return ""
        raise


def _made(line: Line, collection: str, key: str, record: Json) -> Receipt:
    """Servers differ in what they answer to a name that is taken, some with a fault of their own: so the record itself is looked for."""
    try:
        request = {"repo": did(line), "collection": collection, "rkey": key, "record": record}
        answer = js.obj(do(line, "com.atproto.repo.createRecord", request))
    except Problem as problem:
        if problem.kind in ("auth", "quota") or problem.code in ("unreachable", "no_answer_in_time"):
            raise
        if (earlier := _existing(line, collection, key)) is None:
            raise
        return earlier
    return _receipt(line, js.text(answer.get("uri")), record, js.text(answer.get("cid")), js.text(js.at(answer, "commit", "rev")))


def _existing(line: Line, collection: str, key: str) -> Receipt | None:
    try:
        answer = js.obj(get(line, "com.atproto.repo.getRecord", {"repo": did(line), "collection": collection, "rkey": key}))
    except Problem as problem:
        if problem.kind == "gone":
            return None
        raise
    return _receipt(line, js.text(answer.get("uri")), js.obj(answer.get("value")), js.text(answer.get("cid")), "")


def _receipt(line: Line, uri: str, record: Json, cid: str, rev: str) -> Receipt:
    if not uri:
        raise Problem("transient", "not_json", "a record without a name")
    happened = min(js.when(record.get("createdAt"), line.now), line.now)
    return Receipt(native_id=uri, happened_at=happened, url=page(uri), raw=made(uri, record, cid, line.now, rev=rev))


def _removed(line: Line, uri: str) -> Receipt:
    """Take a record of ours away; one that is gone already stays so."""
    owner, collection, key = address(uri)
    if owner != did(line):
        raise Problem("permanent", "not_ours", uri)
    answer = js.obj(do(line, "com.atproto.repo.deleteRecord", {"repo": owner, "collection": collection, "rkey": key}))
    rev = js.text(js.at(answer, "commit", "rev"))
    return Receipt(native_id=uri, happened_at=line.now, raw=taken_back(uri, line.now, rev))


def _unliked(line: Line, about: Context) -> Receipt:
    subject = about.object_key or about.native_id
    uri = _our_like(line, subject)
    return _removed(line, uri) if uri else Receipt(native_id=subject, happened_at=line.now)


def _our_like(line: Line, subject: str) -> str:
    """Our like of a post: as the network's view tells it, else from our own repository, newest first."""
    try:
        answer = js.obj(get(line, "app.bsky.feed.getPosts", {"uris": subject}))
        told = next((js.text(js.at(each, "viewer", "like")) for each in js.objs(answer.get("posts"))), "")
        if told:
            return told
    except Problem as problem:
        if problem.kind not in ("permanent", "gone"):
            raise
    query = {"repo": did(line), "collection": LIKE, "limit": "100"}
    for _ in range(_PAGES):
        answer = js.obj(get(line, "com.atproto.repo.listRecords", query))
        for each in js.objs(answer.get("records")):
            if js.text(js.at(each, "value", "subject", "uri")) == subject:
                return js.text(each.get("uri"))
        if not (onward := js.text(answer.get("cursor"))):
            break
        query["cursor"] = onward
    return ""
