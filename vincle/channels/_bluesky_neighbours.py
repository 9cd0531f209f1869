"""Listening on a server without a view of the network: the repositories of its accounts are read for what concerns us."""

import json
from collections.abc import Iterator
from typing import Any

from . import _json as js
from ._answers import dumped
from ._atproto import did, get, tid_time
from ._bluesky_words import FOLLOW, LIKE, POST, REPOST, made, taken_back
from .live import Line, Problem, Pulled

Json = dict[str, Any]
_AT_ONCE = 20
_REPOSITORIES = 5000
_KNOWN = 500
_PAGES = 10


def neighbours(line: Line, state: Json) -> Pulled:
    """The next accounts whose repository changed.

    `revs`: the revision of each repository as last read. `known`: what was told, by name and content, so that edits and deletions are
    noticed. `list`: where the walk through the accounts stands.
    """
    page = js.text(state.get("list"))
    answer = js.obj(get(line, "com.atproto.sync.listRepos", {"limit": "500", **({"cursor": page} if page else {})}))
    revs, known = dict(js.obj(state.get("revs"))), dict(js.obj(state.get("known")))
    changed = [each for each in js.objs(answer.get("repos")) if _revision(each) != revs.get(js.text(each.get("did")))]
    items: list[bytes] = []
    for each in changed[:_AT_ONCE]:
        owner = js.text(each.get("did"))
        items += _repository(line, each, js.text(revs.get(owner)), known)
        revs[owner] = _revision(each)
    is_rest, onward = len(changed) > _AT_ONCE, js.text(answer.get("cursor"))
    onward = page if is_rest else onward if onward != page and len(js.objs(answer.get("repos"))) >= 500 else ""
    kept = {"revs": dict(list(revs.items())[-_REPOSITORIES:]), "known": dict(list(known.items())[-_KNOWN:]), "list": onward}
    others = {name: value for name, value in state.items() if name not in kept}
    return Pulled(items=tuple(items), cursor=json.dumps(others | kept, separators=(",", ":")), more=is_rest or bool(onward))


def authors(line: Line, most: int) -> list[str]:
    """The people who last had to do with us, newest first; on a server without notifications, its accounts."""
    try:
        answer = js.obj(get(line, "app.bsky.notification.listNotifications", {"limit": "100"}))
        found = [js.text(js.at(each, "author", "did")) for each in js.objs(answer.get("notifications"))]
    except Problem as problem:
        if problem.code != "not_offered":
            raise
        answer = js.obj(get(line, "com.atproto.sync.listRepos", {"limit": str(most)}))
        found = [js.text(each.get("did")) for each in js.objs(answer.get("repos"))]
    return [each for each in dict.fromkeys(found) if each][:most]


def _revision(repository: Json) -> str:
    state = "" if repository.get("active") is not False else js.text(repository.get("status")) or "inactive"
    return f"{js.text(repository.get('rev'))}{'!' if state else ''}{state}"


def _repository(line: Line, repository: Json, before: str, known: dict[str, Any]) -> Iterator[bytes]:
    owner = js.text(repository.get("did"))
    if owner == did(line):
        return
    if repository.get("active") is False:
        if any(uri.startswith(f"at://{owner}/") for uri in known):
            account = {"active": False, "did": owner, "status": js.text(repository.get("status")), "seq": _revision(repository)}
            now = int(line.now.timestamp() * 1_000_000)
            yield dumped({"did": owner, "kind": "account", "time_us": now, "account": account})
        return
    since = tid_time(before.partition("!")[0]) or 0
    for collection in (POST, LIKE, REPOST, FOLLOW):
        try:
            yield from _collection(line, repository, collection, since, known)
        except Problem as problem:
            if problem.kind != "gone":
                raise


def _collection(line: Line, repository: Json, collection: str, since: int, known: dict[str, Any]) -> Iterator[bytes]:
    """Records that name us, new or changed, and the deletions of those told earlier."""
    owner, own, rev = js.text(repository.get("did")), did(line), js.text(repository.get("rev"))
    listed: set[str] = set()
    for each in _records(line, owner, collection, since):
        uri, cid, record = js.text(each.get("uri")), js.text(each.get("cid")), js.obj(each.get("value"))
        listed.add(uri)
        if known.get(uri) == cid or (uri not in known and own not in json.dumps(record)):
            continue
        yield made(uri, record, cid, line.now, "update" if uri in known else "create", rev)
        known[uri] = cid
    for uri in [uri for uri in known if uri.startswith(f"at://{owner}/{collection}/") and uri not in listed]:
        if _is_gone(line, owner, collection, uri):
            del known[uri]
            yield taken_back(uri, line.now, rev)


def _records(line: Line, owner: str, collection: str, since: int) -> Iterator[Json]:
    """Newest first, back to what is older than the revision read last."""
    query = {"repo": owner, "collection": collection, "limit": "100"}
    for _ in range(_PAGES):
        answer = js.obj(get(line, "com.atproto.repo.listRecords", query))
        records = js.objs(answer.get("records"))
        yield from records
        onward = js.text(answer.get("cursor"))
        last = tid_time(js.text(records[-1].get("uri")).rpartition("/")[2]) if records else None
        if not onward or onward == query.get("cursor") or (last is not None and last < since):
            return
        query["cursor"] = onward


def _is_gone(line: Line, owner: str, collection: str, uri: str) -> bool:
    try:
        get(line, "com.atproto.repo.getRecord", {"repo": owner, "collection": collection, "rkey": uri.rpartition("/")[2]})
    except Problem as problem:
        if problem.kind == "gone":
            return True
        raise
    return False
