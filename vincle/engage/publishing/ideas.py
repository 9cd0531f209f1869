"""What is to be said: ideas, their words for each place, their pictures. Who may not approve takes approval away by changing words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.listen.models import Connection

from . import linking, wording
from .models import Idea, Picture, Post, PublishingSettings, Series

LONGEST: Final = 65_000
MOST_PICTURES: Final = 10
LARGEST: Final = 16 * 1024**2
_KINDS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
)  # fmt: skip
State = Post.State


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked."""


def settings_of(workspace: Workspace) -> PublishingSettings:
    found: PublishingSettings | None = PublishingSettings.objects.of(workspace).first()
    return found or PublishingSettings(workspace=workspace)


def keep_settings(
    workspace: Workspace, user: User, *, needs_second: bool, late_hours: int, apart_minutes: int, share_target: str = ""
) -> None:  # fmt: skip
    """Raises Refused."""
    if not (1 <= late_hours <= 168 and 0 <= apart_minutes <= 1440):
        raise Refused(_("Hours are from 1 to 168, minutes from 0 to 1440."))
    values: dict[str, Any] = {
        "needs_second": needs_second,
        "late_hours": late_hours,
        "apart_minutes": apart_minutes,
        "share_target": _target(share_target),
    }
    with transaction.atomic():
        PublishingSettings.objects.update_or_create(workspace=workspace, defaults=values)
        audit.record(workspace, user, "changed how posts are published", "publishing", **values)


def _target(url: str) -> str:
    try:
        return linking.checked(url) if url.strip() else ""
    except linking.BadTarget as error:
        raise Refused(wording.of(wording.TARGET, str(error))) from error


def clean(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:LONGEST]


def create(workspace: Workspace, user: User | None, name: str, text: str = "", **more: Any) -> Idea:
    """`more`: other fields of an idea. A name that is not given is taken from the words."""
    words = clean(text)
    with transaction.atomic():
        idea: Idea = Idea.objects.create(workspace=workspace, name=_named(name, words), text=words, by=user, **more)
        audit.record(workspace, user, "wrote", "idea", idea.public, idea.name)
    return idea


def _named(name: str, words: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    return (name or " ".join(words.split()[:8]).rstrip(" .,:;–-") or _("Untitled"))[:120]


def save(workspace: Workspace, user: User, idea: Idea, values: Mapping[str, Any], approves: bool) -> None:
    """Keep what was written: `values` of name, text, campaign, language, shortens, is_evergreen, rest_days."""
    with transaction.atomic():
        before = {name: getattr(idea, name) for name in values}
        for name, value in values.items():
            setattr(idea, name, clean(value) if name == "text" else value)
        idea.name, idea.updated_at = _named(idea.name, idea.text), timezone.now()
        changed = [name for name in values if getattr(idea, name) != before[name]]
        if not changed:
            return
        idea.save()
        audit.record(workspace, user, "changed", "idea", idea.public, idea.name, fields=changed)
        if {"text", "shortens"} & set(changed):
            changed_words(workspace, user, idea, approves)


def changed_words(workspace: Workspace, user: User, idea: Idea, approves: bool) -> None:
    """What was approved is other words now: it waits again, unless whoever changed it may approve it. Inside a transaction."""
    now, alone = timezone.now(), approves and not settings_of(workspace).needs_second
    posts = Post.objects.of(workspace).filter(idea=idea, state=State.SCHEDULED)
    given = {"approved_by": user, "approved_at": now} if alone else {"approved_by": None, "approved_at": None}
    posts.update(updated_at=now, **given, **({} if alone else {"state": State.WAITING}))
    # What was taken off cannot be brought back as it was.
    Post.objects.of(workspace).filter(idea=idea, state=State.REMOVED).update(updated_at=now)
    Idea.objects.filter(pk=idea.pk).exclude(approved_at=None).update(**given)
    Series.objects.of(workspace).filter(idea=idea).exclude(approved_at=None).update(**given)
    idea.refresh_from_db(fields=["approved_at", "approved_by"])


def set_places(workspace: Workspace, user: User, idea: Idea, wanted: Mapping[int, tuple[str, str]], approves: bool) -> list[Post]:
    """`wanted`: own words and the place there, by connection. One open post each; those of other connections go while they are drafts."""
    open_now = [State.DRAFT, State.WAITING, State.SCHEDULED, State.FAILED]
    with transaction.atomic():
        rows = Post.objects.of(workspace).filter(idea=idea, origin=Post.Origin.SINGLE, state__in=open_now).select_for_update()
        standing = {post.connection_id: post for post in rows.order_by("-pk")}
        kept = []
        for connection in Connection.objects.of(workspace).filter(pk__in=wanted):
            text, place = wanted[connection.pk]
            post = standing.pop(connection.pk, None) or Post.objects.create(workspace=workspace, idea=idea, connection=connection, by=user)
            _say(workspace, user, post, text, place, approves)
            kept.append(post)
        for post in standing.values():
            Post.objects.filter(pk=post.pk, state__in=open_now).update(state=State.REMOVED, updated_at=timezone.now())
            audit.record(workspace, user, "removed", "post", post.public, idea.name)
    return kept


def _say(workspace: Workspace, user: User, post: Post, text: str, place: str, approves: bool) -> None:
    words = clean(text)
    words, place = "" if words == post.idea.text else words, place.replace("\x00", "").strip()[:100]
    if (post.text, post.place) == (words, place):
        return
    post.text, post.place, post.updated_at = words, place, timezone.now()
    if post.state == State.SCHEDULED and not (approves and not settings_of(workspace).needs_second):
        post.state, post.approved_by, post.approved_at = State.WAITING, None, None
    post.save()


def add_pictures(workspace: Workspace, user: User, idea: Idea, files: Iterable[tuple[str, bytes]], approves: bool) -> list[str]:
    """`files`: name and content. Returns what was not taken, in words; the good ones stay."""
    wrong = []
    with transaction.atomic():
        there = Picture.objects.of(workspace).filter(idea=idea).count()
        for name, content in files:
            kind = kind_of(content)
            name = name.replace("\x00", "").replace("/", "_").replace("\\", "_")[-150:] or "picture"
            if there >= MOST_PICTURES:
                wrong.append(_("%(name)s: at most %(most)s pictures.") % {"name": name, "most": MOST_PICTURES})
            elif not kind:
                wrong.append(_("%(name)s is no JPEG, PNG, GIF, WebP or MP4.") % {"name": name})
            elif len(content) > LARGEST:
                wrong.append(_("%(name)s is larger than 16 MB.") % {"name": name})
            else:
                Picture.objects.create(workspace=workspace, idea=idea, name=name, content_type=kind, size=len(content), content=content,
                                       rank=there)  # fmt: skip
                there += 1
                changed_words(workspace, user, idea, approves)
                audit.record(workspace, user, "added a picture to", "idea", idea.public, idea.name, picture=name)
    return wrong


def kind_of(content: bytes) -> str:
    """The type of a picture by what it holds, never by its name; "" for anything else.

    >>> kind_of(b"\\x89PNG\\r\\n\\x1a\\n..."), kind_of(b"<svg onload=x>")
    ('image/png', '')
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for head, kind in _KINDS if content.startswith(head)), "")


def describe(workspace: Workspace, user: User, picture: Picture, alt: str) -> None:
    alt = " ".join(alt.replace("\x00", "").split())[:1000]
    if alt != picture.alt:
        with transaction.atomic():
            Picture.objects.of(workspace).filter(pk=picture.pk).update(alt=alt)
            audit.record(workspace, user, "described a picture of", "idea", picture.idea.public, picture.idea.name)


def remove_picture(workspace: Workspace, user: User, picture: Picture, approves: bool) -> None:
    with transaction.atomic():
        idea = picture.idea
        Picture.objects.of(workspace).filter(pk=picture.pk).delete()
        changed_words(workspace, user, idea, approves)
        audit.record(workspace, user, "removed a picture of", "idea", idea.public, idea.name, picture=picture.name)


def copy(workspace: Workspace, user: User, idea: Idea) -> Idea:
    """The same words, pictures and places as drafts, without times."""
    with transaction.atomic():
        name = _("Copy of %(name)s") % {"name": idea.name}
        made = create(workspace, user, name, idea.text, campaign=idea.campaign, language=idea.language, shortens=idea.shortens)
        for each in idea.pictures.order_by("rank", "pk"):
            each.pk, each.public, each.idea = None, Picture._meta.get_field("public").get_default(), made
            each.save(force_insert=True)
        seen: set[int] = set()
        for post in Post.objects.of(workspace).filter(idea=idea).exclude(state=State.REMOVED).order_by("-pk"):
            if post.connection_id not in seen:
                seen.add(post.connection_id)
                Post.objects.create(
                    workspace=workspace, idea=made, connection_id=post.connection_id, place=post.place, text=post.text, by=user
                )
    return made


def archive(workspace: Workspace, user: User, idea: Idea, away: bool = True) -> None:
    """Put away, or fetched back: what is still to come of it goes with it."""
    with transaction.atomic():
        Idea.objects.of(workspace).filter(pk=idea.pk).update(archived_at=timezone.now() if away else None, updated_at=timezone.now())
        if away:
            still = Post.objects.of(workspace).filter(idea=idea, state__in=(State.DRAFT, State.WAITING, State.SCHEDULED))
            still.update(state=State.REMOVED, updated_at=timezone.now())
            Series.objects.of(workspace).filter(idea=idea).update(is_on=False)
        audit.record(workspace, user, "put away" if away else "fetched back", "idea", idea.public, idea.name)
