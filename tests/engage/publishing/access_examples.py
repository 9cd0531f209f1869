"""Rows behind the addresses of posts and short links."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.publishing import ideas, links, planning, sharing
from vincle.engage.publishing.models import Idea, Picture, Post, Series, ShortLink
from vincle.listen import actions as listen
from vincle.listen.models import Connection


def _user(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def _place(workspace: Workspace) -> Connection:
    source = listen.connection_for(workspace, "mastodon")
    Connection.objects.filter(pk=source.pk).update(settings={"practice": True})
    return source


def _idea(workspace: Workspace) -> dict[str, Any]:
    found = Idea.objects.filter(workspace=workspace).first()
    return {"idea": (found or ideas.create(workspace, _user(workspace), "Roast", "The first roast of the year")).public}


def _row(workspace: Workspace, state: str = Post.State.DRAFT) -> Post:
    idea = Idea.objects.get(public=_idea(workspace)["idea"])
    values = {"workspace": workspace, "at": timezone.now() + timedelta(days=3), "by": _user(workspace)}
    post: Post = Post.objects.get_or_create(idea=idea, connection=_place(workspace), state=state, defaults=values)[0]
    return post


def _post(workspace: Workspace) -> dict[str, Any]:
    return {"post": _row(workspace).public}


def _waiting(workspace: Workspace) -> dict[str, Any]:
    return {"post": _row(workspace, Post.State.WAITING).public}


def _undo(workspace: Workspace) -> dict[str, Any]:
    post = _row(workspace)
    return {"token": planning.move(workspace, _user(workspace), post, timezone.now() + timedelta(days=5), approves=True)}


def _picture(workspace: Workspace) -> dict[str, Any]:
    idea = Idea.objects.get(public=_idea(workspace)["idea"])
    values = {"workspace": workspace, "name": "a.png", "content_type": "image/png", "size": 1, "content": b"x"}
    return {"picture": Picture.objects.get_or_create(idea=idea, defaults=values)[0].public}


def _series(workspace: Workspace) -> dict[str, Any]:
    idea = Idea.objects.get(public=_idea(workspace)["idea"])
    rule = {"every": "week", "start": "2026-01-01", "minute": 600}
    return {"series": Series.objects.get_or_create(workspace=workspace, idea=idea, defaults={"rule": rule, "places": []})[0].public}


def _link(workspace: Workspace) -> dict[str, Any]:
    found = ShortLink.objects.filter(workspace=workspace).first()
    return {"code": (found or links.create(workspace, _user(workspace), "https://example.org/menu")).code}


EXAMPLES = {
    **{f"publishing:{name}": _idea for name in ("idea", "copy", "archive", "approve_idea")},
    **{f"publishing:{name}": _post for name in ("post", "move", "remove", "retry", "settle")},
    **{f"publishing:{name}": _waiting for name in ("approve", "send_back")},
    **{f"publishing:{name}": _picture for name in ("picture", "picture_remove")},
    **{f"publishing:{name}": _series for name in ("series_stop", "series_approve")},
    **{f"publishing:{name}": _link for name in ("link", "link_change")},
    "publishing:qr": lambda workspace: {**_link(workspace), "kind": "svg"},
    "publishing:undo": _undo,
    "publishing:slots": lambda workspace: {"connection": _place(workspace).pk},
    "publishing_public:follow": _link,
    "publishing_public:follow_slash": _link,
    "publishing_public:picture": lambda workspace: {
        "token": sharing.picture_url(Picture.objects.get(public=_picture(workspace)["picture"])).rstrip("/").rpartition("/")[2]
    },
}
