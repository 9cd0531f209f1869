"""A small town that talks: Marta is answered, shared and praised; Rob is argued with; Lea stands between two circles."""

from itertools import pairwise
from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.organise import influence_rounds
from vincle.vocabulary import HandleRef, ObjectType, Verb, handle_key
from vincle.vocabulary.activity import Item

from .community import act, bring, fact

US = HandleRef("mastodon", "cafe@town.example", "Cafè Lligam")


def who(name: str) -> HandleRef:
    return HandleRef("mastodon", f"{name}@town.example", name.title())


def post(name: str, number: int = 0, **values: Any) -> Item:
    return act(who(name), native_id=f"{name}-{number}", object_key=f"{name}-{number}", **{"text": f"words of {name}", **values})


def answer(name: str, whom: str, number: int = 0, **values: Any) -> Item:
    native = f"{name}-to-{whom}-{number}"
    return act(who(name), native_id=native, object_key=native, parent_key=f"{whom}-0", **{"text": "yes", **values})


def share(name: str, whom: str) -> Item:
    return act(who(name), Verb.ANNOUNCE, native_id=f"{name}-shares-{whom}", object_key=f"{whom}-0")


def like(name: str, whom: str, reaction: str = "like") -> Item:
    return act(who(name), Verb.LIKE, native_id=f"{name}-likes-{whom}", object_key=f"{whom}-0", reaction=reaction)


FIRST, SECOND = ("ana", "bea", "carla", "dora"), ("eva", "fina", "gala", "hada")


def town(workspace: Workspace) -> None:
    """Two circles: Marta's (coffee) and Rob's (cups); Lea answers in both. Everyone posts once."""
    everyone = ("marta", "rob", "lea", *FIRST, *SECOND)
    items: list[Item] = [post(name, topics=("coffee",) if name in ("marta", *FIRST) else ("cups",)) for name in everyone]
    for name in FIRST:
        items += [answer(name, "marta", text="Lovely, thank you!", topics=("coffee",)), share(name, "marta")]
    for one, other in pairwise(FIRST):
        items.append(answer(one, other, topics=("coffee",)))
    for name in SECOND:
        items += [answer(name, "rob", text="This is terrible, I hate it.", topics=("cups",))]
    for one, other in pairwise(SECOND):
        items += [answer(one, other, topics=("cups",)), answer(other, one, 1, topics=("cups",))]
    items += [answer("ana", "lea"), answer("eva", "lea"), answer("lea", "marta"), answer("lea", "rob")]
    bring(workspace, items, channel="mastodon")


def person(workspace: Workspace, name: str) -> int:
    key = handle_key(bytes(workspace.secret), "mastodon", f"{name}@town.example")
    return int(Belonging.objects.of(workspace).get(handle=key).person)


def looked(workspace: Workspace) -> dict[str, Any]:
    """Look at the network as the worker does."""
    done = influence_rounds.run(workspace)
    assert done is not None
    return done


__all__ = ["FIRST", "SECOND", "US", "ObjectType", "answer", "fact", "like", "looked", "person", "post", "share", "town", "who"]
