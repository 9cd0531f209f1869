"""What services of reviews have in common: a review with its stars, our one answer below it."""

from datetime import datetime
from typing import Any

from vincle.vocabulary import Activity, Direction, HandleRef, ObjectType, Op, Retraction, Verb

from ._identifiers import url
from ._meta import stamp
from .live import Context, Way

Json = dict[str, Any]


def review(
    native: str, author: HandleRef | None, stars: float | None, moment: datetime, changed: datetime, *, text: str, title: str = "",
    language: str = "", link: str = "", place: str = "", props: Json | None = None,
) -> Activity:  # fmt: skip
    """A review; changed since it was written it corrects what stood there."""
    edited = changed > moment
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.REVIEW, native_id=f"review:{native}", happened_at=moment, actor=author,
        op=Op.CORRECT if edited else Op.ASSERT, version=stamp(changed) if edited else "", object_key=native, thread_key=f"review:{native}",
        rating=stars, rating_max=5.0 if stars is not None else None, text=text, title=title, url=url(link), place=place,
        language=language[:2].lower() if len(language) >= 2 else "", props={key: value for key, value in (props or {}).items() if value},
    )  # fmt: skip


def answer(native: str, text: str, moment: datetime, author: HandleRef | None = None) -> Activity:
    """Our answer: there is one, and a new one takes its place."""
    return Activity(
        verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"answer:{native}", happened_at=moment, actor=author, op=Op.CORRECT,
        version=stamp(moment), direction=Direction.OUT, object_key=f"answer:{native}", parent_key=native, thread_key=f"review:{native}",
        text=text, props={"ours": True},
    )  # fmt: skip


def taken_back(native: str, moment: datetime) -> Retraction:
    return Retraction(native_id=f"answer:{native}", happened_at=moment, object_key=f"answer:{native}", version=stamp(moment))


def ways(about: Context, longest: int) -> tuple[Way, ...]:
    """A public answer; ours may be taken back."""
    if about.props.get("ours"):
        return (Way(deed="delete"),)
    if about.object_type != "Review":
        return ()
    return (Way(deed="reply", code="replaces" if "reply" in about.done else "public", longest=longest),)


def of(about: Context) -> str:
    """The id of the review that an act is about."""
    return (about.parent_key if about.props.get("ours") else about.object_key) or about.thread_key.removeprefix("review:")
