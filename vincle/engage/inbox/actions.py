"""What the team does with conversations. Each verb: check, do, trace, in one transaction; what can be undone returns what undoes it."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core import signing
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Membership, User, Workspace
from vincle.store.folding import fold

from . import calling, closings, effort
from .models import Draft, Note, Presence, SavedView, Seen, Tag, Team, Thread, ThreadTag

LONGEST_NOTE, LONGEST_DRAFT = 20_000, 100_000
MOST = 500
"""So many conversations at a time: what is done to them can be undone."""

LATEST_SNOOZE = timedelta(days=366)
_SALT = "inbox.undo"
_KEPT = ("state", "state_at", "assignee_id", "assigned_at", "snoozed_until", "closed_at", "team_id")
_AS_IT_IS: Any = object()
State = Thread.State


class Refused(ValueError):
    """Something that cannot be done; its text is for the one who asked."""


class Done(NamedTuple):
    """How many conversations it concerned, and the token that takes it back ("" when nothing was changed)."""

    threads: int
    undo: str = ""


def chosen(workspace: Workspace, keys: Sequence[int]) -> list[Thread]:
    """Conversations of this workspace by key, for writing to. Inside a transaction."""
    return list(Thread.objects.of(workspace).filter(key__in=list(keys)[:MOST]).select_for_update().order_by("key"))


def assign(workspace: Workspace, user: User | None, keys: Sequence[int], to: User | None = None, to_team: Team | None = _AS_IT_IS) -> Done:
    """Give conversations to someone of the workspace, or to nobody; with `to_team` to a team (None: to none), and in it to `to`.

    A team that shares out by itself gives them to one of its own at once. `user` is None where a rule does it, as in all verbs here.
    """
    if to and not Membership.objects.of(workspace).filter(user=to).exists():
        raise Refused(_("%(name)s is not in this team.") % {"name": to})
    now = timezone.now()
    values: dict[str, Any] = {"assignee": to, "assigned_at": now if to else None}
    if to_team is _AS_IT_IS:
        done = _change(workspace, user, keys, "assigned", values, label=str(to or ""))
    else:
        with transaction.atomic():
            done = _give_team(workspace, user, keys, values, to_team)
    if to and to != user:
        for key in keys[:MOST]:
            calling.tell(workspace, [to], key, user or _voice(user), "assigned")
    return done


def _give_team(workspace: Workspace, user: User | None, keys: Sequence[int], values: dict[str, Any], team: Team | None) -> Done:
    from . import promising, teams

    if team is not None and not Team.objects.of(workspace).filter(pk=team.pk, deleted_at=None).exists():
        raise Refused(_("There is no such team any more."))
    label = " / ".join(str(each) for each in (team, values["assignee"]) if each)
    done = _change(workspace, user, keys, "assigned", {**values, "team": team}, label=label)
    if team is not None and values["assignee"] is None:
        teams.share_out(team)
    promising.again(list(keys)[:MOST])  # the hours that count may be the team's
    return done


def close(workspace: Workspace, user: User | None, keys: Sequence[int]) -> Done:
    """Done with: it opens again by itself when they write once more."""
    now = timezone.now()
    return _change(workspace, user, keys, "closed", {"state": State.CLOSED, "state_at": now, "closed_at": now, "snoozed_until": None})


def reopen(workspace: Workspace, user: User | None, keys: Sequence[int]) -> Done:
    from . import promising

    values = {"state": State.OPEN, "state_at": timezone.now(), "closed_at": None, "snoozed_until": None}
    with transaction.atomic():
        done = _change(workspace, user, keys, "reopened", values)
        promising.again(list(keys)[:MOST])
    return done


def snooze(workspace: Workspace, user: User | None, keys: Sequence[int], until: datetime) -> Done:
    """Put off until then, or until they write."""
    now = timezone.now()
    if not now < until <= now + LATEST_SNOOZE:
        raise Refused(_("Choose a moment within the next year."))
    values = {"state": State.SNOOZED, "state_at": now, "snoozed_until": until, "closed_at": None}
    return _change(workspace, user, keys, "put off", values, until=until.isoformat(timespec="minutes"))


def wake() -> int:
    """Those whose moment has come are open again; called by the worker."""
    due = Thread.objects.filter(state=State.SNOOZED, snoozed_until__lte=timezone.now())
    return due.update(state=State.OPEN, snoozed_until=None, changed_at=timezone.now()) if due.exists() else 0


def _change(
    workspace: Workspace, user: User | None, keys: Sequence[int], verb: str, values: dict[str, Any], label: str = "", **told: Any
) -> Done:
    with transaction.atomic():
        rows = chosen(workspace, keys)
        if not rows:
            return Done(0)
        before = [[row.key, *(_plain(getattr(row, name)) for name in _KEPT)] for row in rows]
        now = timezone.now()
        Thread.objects.of(workspace).filter(key__in=[row.key for row in rows]).update(**values, changed_at=now)
        if values.get("state") == State.CLOSED:
            closings.closed(rows, values["closed_at"], user)
        elif "state" in values:
            closings.reopened([row.key for row in rows if row.state == State.CLOSED], now)
        audit.record(
            workspace, user, verb, "conversation", rows[0].public if len(rows) == 1 else "", label, actor=_voice(user),
            conversations=len(rows), **told,
        )  # fmt: skip
    return Done(len(rows), _undo(workspace, "change", rows=before))


def _voice(user: User | None) -> str:
    """Who did it where nobody did: a rule, unless someone else speaks."""
    return "" if user else audit.voice() or "rule"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


# Tags


def tag(workspace: Workspace, user: User | None, keys: Sequence[int], name: str) -> Done:
    name = " ".join(name.replace("\x00", "").split())[:60]
    folded = fold(name)[:60]
    if not folded:
        raise Refused(_("A tag needs a name."))
    with transaction.atomic():
        found, _new = Tag.objects.get_or_create(workspace=workspace, folded=folded, defaults={"name": name})
        rows = chosen(workspace, keys)
        had = set(ThreadTag.objects.of(workspace).filter(tag=found, thread__in=[row.key for row in rows]).values_list("thread", flat=True))
        fresh = [row.key for row in rows if row.key not in had]
        ThreadTag.objects.bulk_create(
            [ThreadTag(workspace=workspace, thread=key, tag=found, by=user) for key in fresh], ignore_conflicts=True
        )
        _touch(workspace, fresh)
        audit.record(workspace, user, "tagged", "conversation", "", found.name, actor=_voice(user), conversations=len(fresh))
    return Done(len(fresh), _undo(workspace, "tag", tag=found.pk, threads=fresh) if fresh else "")


def untag(workspace: Workspace, user: User | None, keys: Sequence[int], found: Tag) -> Done:
    with transaction.atomic():
        theirs = ThreadTag.objects.of(workspace).filter(tag=found, thread__in=list(keys)[:MOST])
        gone = list(theirs.values_list("thread", flat=True))
        theirs.delete()
        _touch(workspace, gone)
        audit.record(workspace, user, "untagged", "conversation", "", found.name, actor=_voice(user), conversations=len(gone))
    return Done(len(gone), _undo(workspace, "untag", tag=found.pk, threads=gone) if gone else "")


# Notes


def note(workspace: Workspace, user: User | None, thread: int, text: str) -> Note:
    """Something for the team only; whoever is called by @name is told."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("A note needs some words."))
    if len(text) > LONGEST_NOTE:
        raise Refused(_("A note holds %(most)d letters at most.") % {"most": LONGEST_NOTE})
    with transaction.atomic():
        if not chosen(workspace, [thread]):
            raise Refused(_("There is no such conversation."))
        called = mentioned(workspace, text)
        made: Note = Note.objects.create(workspace=workspace, thread=thread, text=text, mentions=[each.pk for each in called], by=user)
        _touch(workspace, [thread])
        audit.record(workspace, user, "created", "note", made.pk, actor=_voice(user), conversation=str(thread))
        calling.tell(workspace, [each for each in called if each != user], thread, user or _voice(user), "called", of=made.pk)
    return made


def mentioned(workspace: Workspace, text: str) -> list[User]:
    """Whom of the team a text calls: @Marta, @marta.puig, "@Marta Puig", or @ and the part of their e-mail before its @."""
    if "@" not in text:
        return []
    folded = fold(text)
    found = []
    for user in User.objects.filter(memberships__workspace=workspace, is_active=True).distinct().order_by("pk"):
        name = fold(user.name)
        forms = {name, name.partition(" ")[0], name.replace(" ", "."), fold(user.email.partition("@")[0])} - {""}
        if any(re.search(rf"@{re.escape(form)}(?![\w])", folded) for form in forms):
            found.append(user)
    return found


def delete_note(workspace: Workspace, user: User, found: Note) -> Done:
    with transaction.atomic():
        Note.objects.of(workspace).filter(pk=found.pk).update(deleted_at=timezone.now())
        _touch(workspace, [found.thread])
        audit.record(workspace, user, "deleted", "note", found.pk, conversation=str(found.thread))
    return Done(1, _undo(workspace, "note", note=found.pk))


# What one agent does alone


def draft(workspace: Workspace, user: User, thread: int, deed: str, text: str) -> None:
    """Keep what is being written; nothing is kept of an empty one."""
    text = text.replace("\x00", "")[:LONGEST_DRAFT]
    mine = Draft.objects.of(workspace).filter(thread=thread, user=user, deed=deed)
    if not text.strip():
        mine.delete()
    elif not mine.update(text=text, at=timezone.now()):
        Draft.objects.bulk_create([Draft(workspace=workspace, thread=thread, user=user, deed=deed, text=text)], ignore_conflicts=True)


def here(workspace: Workspace, user: User, thread: int, is_typing: bool) -> None:
    """Someone looks at a conversation, or writes; the time since they last did so is their work at it."""
    now = timezone.now()
    mine = Presence.objects.of(workspace).filter(thread=thread, user=user)
    before = mine.values_list("seen_at", flat=True).first()
    if before is not None and mine.filter(seen_at=before).update(seen_at=now, typed_at=now if is_typing else F("typed_at")):
        effort.add(workspace, user, thread, before, now)
    elif not mine.update(seen_at=now, typed_at=now if is_typing else F("typed_at")):
        row = Presence(workspace=workspace, thread=thread, user=user, seen_at=now, typed_at=now if is_typing else None)
        Presence.objects.bulk_create([row], ignore_conflicts=True)
        Presence.objects.of(workspace).filter(seen_at__lt=now - timedelta(days=1)).delete()


def see(workspace: Workspace, user: User, thread: int, seq: int) -> None:
    """They have read so far."""
    mine = Seen.objects.of(workspace).filter(user=user, thread=thread)
    if not mine.filter(seq__gte=seq).exists() and not mine.update(seq=Greatest(F("seq"), Value(seq))):
        Seen.objects.bulk_create([Seen(workspace=workspace, user=user, thread=thread, seq=seq)], ignore_conflicts=True)


def _touch(workspace: Workspace, keys: Sequence[int]) -> None:
    """Tell those who look that something has changed."""
    Thread.objects.of(workspace).filter(key__in=keys).update(changed_at=timezone.now())


# Saved views


def save_view(workspace: Workspace, user: User, name: str, query: str, is_shared: bool) -> SavedView:
    """Keep filters under a name; one's own view of that name takes the new filters."""
    name = " ".join(name.replace("\x00", "").split())[:80]
    if not name:
        raise Refused(_("A view needs a name."))
    if len(query) > 1000:
        raise Refused(_("These filters are too many to be kept."))
    with transaction.atomic():
        view: SavedView
        view, _new = SavedView.objects.update_or_create(
            workspace=workspace, by=user, name=name, defaults={"query": query, "is_shared": is_shared}
        )
        audit.record(workspace, user, "created", "view", view.pk, name, shared=is_shared)
    return view


def delete_view(workspace: Workspace, user: User, view: SavedView) -> Done:
    token = _undo(workspace, "view", name=view.name, query=view.query, shared=view.is_shared, by=view.by_id)
    with transaction.atomic():
        SavedView.objects.of(workspace).filter(pk=view.pk).delete()
        audit.record(workspace, user, "deleted", "view", view.pk, view.name)
    return Done(0, token)


# Taking back


def _undo(workspace: Workspace, verb: str, **details: Any) -> str:
    return signing.dumps({"workspace": workspace.pk, "verb": verb, **details}, salt=_SALT, compress=True)


def read_undo(workspace: Workspace, token: str) -> dict[str, Any] | None:
    """What a token takes back; None when it is not one of this workspace, or older than a day."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=86400)
    except signing.BadSignature:
        return None
    return found if found.get("workspace") == workspace.pk else None


def take_back(workspace: Workspace, user: User, what: dict[str, Any]) -> None:
    """Undo what `read_undo` has read. Doing it twice changes nothing more."""
    with transaction.atomic():
        _TAKE_BACK[what["verb"]](workspace, what)
        audit.record(workspace, user, "undid", what["verb"])


def _take_back_change(workspace: Workspace, what: dict[str, Any]) -> None:
    from . import promising

    team = set(Membership.objects.of(workspace).values_list("user_id", flat=True))
    teams = set(Team.objects.of(workspace).filter(deleted_at=None).values_list("pk", flat=True))
    for key, *values in what["rows"]:
        state, state_at, assignee, assigned_at, snoozed, closed, *rest = values
        for row in chosen(workspace, [key]):
            closings.taken_back(row, state)
        Thread.objects.of(workspace).filter(key=key).update(
            state=state, state_at=_moment(state_at), assignee=assignee if assignee in team else None, assigned_at=_moment(assigned_at),
            snoozed_until=_moment(snoozed), closed_at=_moment(closed), changed_at=timezone.now(),
            **({"team": rest[0] if rest[0] in teams else None} if rest else {}),
        )  # fmt: skip
    promising.again([row[0] for row in what["rows"]])


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _take_back_tag(workspace: Workspace, what: dict[str, Any]) -> None:
    ThreadTag.objects.of(workspace).filter(tag=what["tag"], thread__in=what["threads"]).delete()
    _touch(workspace, what["threads"])


def _take_back_untag(workspace: Workspace, what: dict[str, Any]) -> None:
    found = Tag.objects.of(workspace).filter(pk=what["tag"]).first()
    if found:
        rows = [ThreadTag(workspace=workspace, thread=key, tag=found) for key in what["threads"]]
        ThreadTag.objects.bulk_create(rows, ignore_conflicts=True)
        _touch(workspace, what["threads"])


def _take_back_note(workspace: Workspace, what: dict[str, Any]) -> None:
    Note.objects.of(workspace).filter(pk=what["note"]).update(deleted_at=None)


def _take_back_view(workspace: Workspace, what: dict[str, Any]) -> None:
    SavedView.objects.get_or_create(
        workspace=workspace, by_id=what["by"], name=what["name"], defaults={"query": what["query"], "is_shared": what["shared"]}
    )


_TAKE_BACK = {
    "change": _take_back_change, "tag": _take_back_tag, "untag": _take_back_untag, "note": _take_back_note, "view": _take_back_view,
}  # fmt: skip
