"""What rules do, done: each deed alone, so that one that cannot be done keeps no other from being done.

A rule never answers machines, spam, or the same conversation twice within a day; its answers are no answer of the team: whoever asked
still waits. Nothing that is done here sets off a rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from vincle.accounts.models import Membership, User, Workspace
from vincle.channels.live import Command, Way
from vincle.engage.outbox import actions as outbox
from vincle.engage.outbox import voice
from vincle.engage.outbox.models import AUTOMATIC, Send
from vincle.identify.models import Belonging
from vincle.store.blame import said

from . import actions, answering, calling, canned, threads
from .clauses import NOBODY
from .models import Canned, Piece, Tag, Team, Thread

RULES: Final = f"{AUTOMATIC}rule:"
BETWEEN: Final = timedelta(hours=24)
_FOR_PEOPLE: Final = frozenset({"human_agent"})
_MACHINES: Final = frozenset({"automatic", "nobody_reads_there"})
logger = structlog.get_logger(__name__)


class CannotDo(Exception):
    """Something that is not done here. `code`: why (`deeds.why`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Scene:
    """Where a rule is at work: its conversation, locked, and what set it off. `run`: its number; `tells`: the rule's name; `is_over`: the
    conversation is done with, so that nobody waits."""

    workspace: Workspace
    thread: Thread
    piece: Piece | None
    run: int
    tells: str
    is_over: bool = False


def do(scene: Scene, deed: Mapping[str, str], at: int) -> dict[str, str]:
    """Do one of a rule's deeds; what it says was done, with why not where it was not. Inside the caller's transaction."""
    done = {"do": str(deed.get("do", "")), "value": str(deed.get("value", ""))}
    try:
        with transaction.atomic():
            _DO[done["do"]](scene, done["value"], at)
    except CannotDo as no:
        return done | {"why": no.code}
    except actions.Refused as refused:
        return done | {"why": "refused", "detail": str(refused)[:200]}
    except DatabaseError:
        raise
    except Exception as error:
        logger.error("a rule's deed failed", rule=scene.tells, deed=done["do"], error=said(error))
        return done | {"why": "failed"}
    return done


def _user(scene: Scene, value: str) -> User:
    row = Membership.objects.of(scene.workspace).filter(user=_id(value), user__is_active=True).select_related("user").first()
    if row is None:
        raise CannotDo("gone")
    return row.user


def _id(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else 0


def _assign(scene: Scene, value: str, at: int) -> None:
    actions.assign(scene.workspace, None, [scene.thread.key], None if value == NOBODY else _user(scene, value))


def _team(scene: Scene, value: str, at: int) -> None:
    team = Team.objects.of(scene.workspace).filter(pk=_id(value), deleted_at=None).first()
    if team is None:
        raise CannotDo("gone")
    if scene.thread.team_id != team.pk:
        actions.assign(scene.workspace, None, [scene.thread.key], to_team=team)


def _tag_of(scene: Scene, value: str) -> Tag:
    tag: Tag | None = Tag.objects.of(scene.workspace).filter(pk=_id(value)).first()
    if tag is None:
        raise CannotDo("gone")
    return tag


def _tag(scene: Scene, value: str, at: int) -> None:
    actions.tag(scene.workspace, None, [scene.thread.key], _tag_of(scene, value).name)


def _untag(scene: Scene, value: str, at: int) -> None:
    actions.untag(scene.workspace, None, [scene.thread.key], _tag_of(scene, value))


def _close(scene: Scene, value: str, at: int) -> None:
    actions.close(scene.workspace, None, [scene.thread.key])


def _snooze(scene: Scene, value: str, at: int) -> None:
    actions.snooze(scene.workspace, None, [scene.thread.key], timezone.now() + timedelta(minutes=_id(value)))


def _note(scene: Scene, value: str, at: int) -> None:
    actions.note(scene.workspace, None, scene.thread.key, value)


def _tell(scene: Scene, value: str, at: int) -> None:
    calling.tell(scene.workspace, [_user(scene, value)], scene.thread.key, scene.tells, "ruled", of=scene.run)


def _hide(scene: Scene, value: str, at: int) -> None:
    place = answering.place_of(scene.workspace, scene.thread, scene.piece)
    way = place.way("hide")
    if place.piece is None or place.piece.state:
        raise CannotDo("nothing_said")
    if not place.can_act or way is None or not way.is_open:
        raise CannotDo("no_way")
    put(scene, place, Command(deed="hide", about=place.about), f"{RULES}{scene.run}:{at}", timedelta())


def _answer(scene: Scene, value: str, at: int) -> None:
    kept = Canned.objects.of(scene.workspace).filter(pk=_id(value), deleted_at=None).first()
    if kept is None:
        raise CannotDo("gone")
    place = answering.place_of(scene.workspace, scene.thread, scene.piece)
    check_listener(scene, place)
    if _has_answered(scene):
        raise CannotDo("lately")
    deed = way_of(place, ("message", "reply"))
    text = _words(scene, kept)
    check_length(place, deed, text)
    command = Command(deed=deed.deed, about=place.about, text=text)
    put(scene, place, command, f"{RULES}{scene.run}:{at}")
    canned.used(scene.workspace, [value])


def check_listener(scene: Scene, place: answering.Place) -> None:
    """Raises CannotDo when nobody of flesh and blood would read it, or someone of the team was quicker."""
    piece = place.piece
    if piece is None:
        raise CannotDo("nothing_said")
    if piece.is_machine:
        raise CannotDo("machine")
    if piece.is_spam:
        raise CannotDo("spam")
    if not scene.is_over and scene.thread.waiting_since is None:
        raise CannotDo("answered")


def _has_answered(scene: Scene) -> bool:
    """Whether a rule has answered here within a day: what was taken back, or did not go through, is no answer."""
    ours = Send.objects.of(scene.workspace).filter(thread=scene.thread.key, created_at__gt=timezone.now() - BETWEEN)
    return ours.filter(key__startswith=RULES, deed__in=answering.ANSWERS).exclude(state=Send.State.CANCELLED).exists()


def way_of(place: answering.Place, wanted: tuple[str, ...]) -> Way:
    """The way that is open to what nobody of the team writes. Raises CannotDo."""
    ways = [way for way in place.ways if way.deed in wanted] if place.can_act else []
    way = next((way for way in ways if way.is_open and way.code not in _FOR_PEOPLE | _MACHINES), None)
    if way is None:
        codes = {way.code for way in ways}
        raise CannotDo("machine" if codes & _MACHINES else "person_only" if codes & _FOR_PEOPLE else "no_way")
    return way


def check_length(place: answering.Place, way: Way, text: str) -> None:
    if way.longest is not None and voice.length(place.connection, text) > way.longest:
        raise CannotDo("too_long")


def _words(scene: Scene, kept: Canned) -> str:
    values = canned.variables(scene.workspace, None, scene.thread, threads.person_of(scene.workspace, scene.thread.handle))
    try:
        text = canned.render(kept.text, values).strip()
    except actions.Refused as refused:
        raise CannotDo("unreadable") from refused
    if not text:
        raise CannotDo("unreadable")
    return text


def put(
    scene: Scene, place: answering.Place, command: Command, key: str, hold: timedelta = outbox.HOLD, purpose: str = Send.Purpose.ANSWER
) -> Send:
    """Hand it to the outbox. Raises CannotDo."""
    handle = place.piece.actor if place.piece else scene.thread.handle
    person = Belonging.objects.of(scene.workspace).filter(handle=handle).values_list("person", flat=True).first() if handle else None
    try:
        made = outbox.put(
            scene.workspace, None, place.connection, command, key=key[:80], thread=scene.thread.key,
            about=place.piece.key if place.piece else None, person=person, handle=handle, purpose=purpose, hold=hold,
        )  # fmt: skip
    except outbox.NotAllowed as no:
        raise CannotDo("not_allowed") from no
    Thread.objects.of(scene.workspace).filter(pk=scene.thread.pk).update(changed_at=timezone.now())
    return made


_DO: dict[str, Callable[[Scene, str, int], Any]] = {
    "assign": _assign, "team": _team, "tag": _tag, "untag": _untag, "close": _close, "snooze": _snooze, "note": _note, "tell": _tell,
    "hide": _hide, "answer": _answer,
}  # fmt: skip
