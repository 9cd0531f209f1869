"""Rows behind the addresses of the inbox."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.engage.inbox import actions, satisfaction
from vincle.engage.inbox.models import Automation, Canned, Hours, Note, Piece, Promise, Satisfaction, SavedView, Tag, Team, Thread
from vincle.engage.keys import piece_key, thread_key
from vincle.engage.outbox.models import Send
from vincle.listen import actions as listen
from vincle.vocabulary import public_id

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _colleague(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def _key(workspace: Workspace) -> int:
    source = listen.connection_for(workspace, "instagram")
    key = thread_key(source.pk, "tree", "c1")
    Thread.objects.get_or_create(
        key=key, defaults={"workspace": workspace, "connection": source, "channel": "instagram", "kind": "comment", "thread_key": "c1",
                           "first_at": THEN, "last_at": THEN},
    )  # fmt: skip
    return key


def _thread(workspace: Workspace) -> dict[str, Any]:
    return {"pid": public_id(_key(workspace))}


def _piece(workspace: Workspace) -> dict[str, Any]:
    source, thread = listen.connection_for(workspace, "instagram"), _key(workspace)
    key = piece_key(source.pk, "c1")
    event = key.to_bytes(16, "big")
    Piece.objects.get_or_create(
        key=key, defaults={"workspace": workspace, "connection": source, "thread": thread, "root": event, "event": event, "seq": 0,
                           "at": THEN, "received_at": THEN, "direction": "in", "object_type": "Note"},
    )  # fmt: skip
    return {"pid": public_id(thread), "piece": public_id(key)}


def _tag(workspace: Workspace) -> dict[str, Any]:
    return {**_thread(workspace), "tag": Tag.objects.get_or_create(workspace=workspace, folded="parcel", defaults={"name": "Parcel"})[0].pk}


def _note(workspace: Workspace) -> dict[str, Any]:
    return {"note": Note.objects.create(workspace=workspace, thread=_key(workspace), text="At the depot.", by=_colleague(workspace)).pk}


def _send(workspace: Workspace) -> dict[str, Any]:
    source = listen.connection_for(workspace, "instagram")
    values = {"workspace": workspace, "connection": source, "deed": "reply", "command": {"deed": "reply"}, "thread": _key(workspace)}
    return {"send": Send.objects.get_or_create(key=f"example {workspace.pk}", defaults=values)[0].pk}


def _view(workspace: Workspace) -> dict[str, Any]:
    """A shared one: whoever manages the workspace may change it too."""
    view = SavedView.objects.create(workspace=workspace, name="Angry", query="feeling=negative", by=_colleague(workspace), is_shared=True)
    return {"view": view.pk}


def _canned(workspace: Workspace) -> dict[str, Any]:
    return {"answer": Canned.objects.create(workspace=workspace, name="Hello", text="Hello!").pk}


def _undo(workspace: Workspace) -> dict[str, Any]:
    return {"token": actions.close(workspace, _colleague(workspace), [_key(workspace)]).undo}


def _team(workspace: Workspace) -> dict[str, Any]:
    return {"team": Team.objects.create(workspace=workspace, name="Parcels", folded="parcels").pk}


def _hours(workspace: Workspace) -> dict[str, Any]:
    return {"hours": Hours.objects.create(workspace=workspace, name="Office", timezone="Europe/Madrid").pk}


def _promise(workspace: Workspace) -> dict[str, Any]:
    return {"promise": Promise.objects.create(workspace=workspace, name="Answers", first_minutes=60).pk}


def _rule(workspace: Workspace) -> dict[str, Any]:
    deeds = [{"do": "close", "value": ""}]
    return {"rule": Automation.objects.create(workspace=workspace, name="Spam", moment="began", deeds=deeds).pk}


def _asked(workspace: Workspace) -> dict[str, Any]:
    source = listen.connection_for(workspace, "instagram")
    token = f"token-of-{workspace.slug}".ljust(32, "-")[:32]
    Satisfaction.objects.get_or_create(
        token_hash=satisfaction.hashed(token), defaults={"workspace": workspace, "thread": _key(workspace), "connection": source}
    )
    return {"token": token}


EXAMPLES = {
    "inbox:rule": _rule,
    "inbox:rule_act": _rule,
    "asked:page": _asked,
    "inbox:team_delete": _team,
    "inbox:hours_delete": _hours,
    "inbox:promise_delete": _promise,
    "inbox:promise_earlier": _promise,
    **{f"inbox:{name}": _thread for name in ("thread", "reply", "act", "draft", "presence", "suggestions", "dealings")},
    "inbox:deed": _piece,
    "inbox:file": lambda workspace: _piece(workspace) | {"place": 0},
    "inbox:untag": _tag,
    "inbox:delete_note": _note,
    "inbox:cancel": _send,
    "inbox:retry": _send,
    "inbox:delete_view": _view,
    "inbox:canned_delete": _canned,
    "inbox:canned_text": lambda workspace: _thread(workspace) | _canned(workspace),
    "inbox:undo": _undo,
}
