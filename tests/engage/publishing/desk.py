"""An idea, a place to practise at, and what follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import actions as outbox
from vincle.engage.publishing import ideas, rounds
from vincle.engage.publishing.models import Idea, Post
from vincle.listen import actions as listen
from vincle.listen.models import Connection
from vincle.project import pipeline

STEPS = ("understand", "identify", "organise", "engage", "posts")


def place(workspace: Workspace, channel: str = "mastodon") -> Connection:
    """An account that practises: what is posted there stands in the log alone."""
    source = listen.connection_for(workspace, channel)
    source.settings = {"practice": True}
    source.account = f"@us@{channel}"
    source.save()
    return source


def write(
    workspace: Workspace, user: User, text: str = "The first roast of the year", where: Sequence[Connection] = (), **more: Any
) -> Idea:
    idea = ideas.create(workspace, user, "", text, **more)
    ideas.set_places(workspace, user, idea, {each.pk: ("", "") for each in where}, approves=True)
    return idea


def post_of(idea: Idea) -> Post:
    post: Post = idea.posts.select_related("idea", "connection__workspace").get()
    return post


def run(now: datetime | None = None) -> None:
    """One round of everything that happens by itself."""
    rounds._next_fill[0] = 0.0
    rounds.turn(now)
    outbox.turn()
    rounds.turn(now)


def follow() -> None:
    while pipeline.intake() + pipeline.follow(STEPS):
        pass
