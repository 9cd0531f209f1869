"""Teams of the inbox: who belongs to them, who is away, and conversations shared out among those who are there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.access import PERMISSIONS, May
from vincle.accounts.models import User, Workspace
from vincle.store.folding import fold

from . import calling
from .actions import Refused
from .models import Hours, Team, TeamMember, Thread

MOST_TEAMS, MOST_MEMBERS, AT_ONCE = 200, 500, 200
LONGEST_AWAY = 366
MOST_OPEN = 10_000
_NEVER = datetime.min.replace(tzinfo=UTC)
Assigning = Team.Assigning


def teams_of(workspace: Workspace) -> list[Team]:
    return list(Team.objects.of(workspace).filter(deleted_at=None).select_related("hours").order_by("folded")[:MOST_TEAMS])


def members_of(team: Team) -> list[TeamMember]:
    rows = TeamMember.objects.filter(team=team).select_related("user")
    return sorted(rows, key=lambda member: str(member.user).casefold())


def answerers(workspace: Workspace) -> list[User]:
    """Those of the workspace who may answer."""
    roles = [role for role, may in PERMISSIONS.items() if May.ANSWER in may]
    found = User.objects.filter(memberships__workspace=workspace, memberships__role__in=roles, is_active=True).distinct()
    return sorted(found, key=lambda user: str(user).casefold())


def is_away(member: TeamMember, now: datetime) -> bool:
    """Away until a moment, or until they say otherwise."""
    return member.is_away and (member.away_until is None or member.away_until > now)


# What is changed


def save(
    workspace: Workspace, user: User, name: str, members: Sequence[int], assigning: str = "none", most_open: int | None = None,
    hours: int | None = None, pk: int | None = None,
) -> Team:  # fmt: skip
    """Make a team, or change it; `members`: ids of users who may answer here. Raises Refused."""
    name = " ".join(name.replace("\x00", "").split())[:80]
    folded = fold(name)[:80]
    if not folded:
        raise Refused(_("A team needs a name."))
    if assigning not in Assigning.values:
        raise Refused(_("Choose how its conversations are shared out."))
    if most_open is not None and not 1 <= most_open <= MOST_OPEN:
        raise Refused(_("From 1 to %(most)d open conversations, or nothing for any number.") % {"most": MOST_OPEN})
    if hours is not None and not Hours.objects.of(workspace).filter(pk=hours).exists():
        raise Refused(_("There are no such hours any more."))
    with transaction.atomic():
        rows = Team.objects.of(workspace).filter(deleted_at=None)
        if rows.filter(folded=folded).exclude(pk=pk).exists():
            raise Refused(_("There is a team called “%(name)s” already.") % {"name": name})
        values = {"name": name, "folded": folded, "assigning": assigning, "most_open": most_open, "hours_id": hours}
        if pk is None:
            if rows.count() >= MOST_TEAMS:
                raise Refused(_("At most %(most)d teams.") % {"most": MOST_TEAMS})
            pk = Team.objects.create(workspace=workspace, **values).pk
            verb = "created"
        else:
            verb = "changed"
            if not rows.filter(pk=pk).update(**values):
                raise Refused(_("There is no such team any more."))
        team: Team = rows.get(pk=pk)
        _set_members(workspace, team, members)
        audit.record(workspace, user, verb, "team", team.pk, name, members=len(set(members)), assigning=assigning)
        _recount(workspace)
    return team


def _set_members(workspace: Workspace, team: Team, members: Sequence[int]) -> None:
    wanted = {user.pk for user in answerers(workspace)} & set(members)
    if len(wanted) > MOST_MEMBERS:
        raise Refused(_("At most %(most)d members.") % {"most": MOST_MEMBERS})
    theirs = TeamMember.objects.of(workspace).filter(team=team)
    theirs.exclude(user__in=wanted).delete()
    had = set(theirs.values_list("user", flat=True))
    TeamMember.objects.bulk_create(TeamMember(workspace=workspace, team=team, user_id=each) for each in sorted(wanted - had))


def delete(workspace: Workspace, user: User, team: Team) -> None:
    """Its conversations belong to no team any more; whoever looks after them still does."""
    with transaction.atomic():
        now = timezone.now()
        if Team.objects.of(workspace).filter(pk=team.pk, deleted_at=None).update(deleted_at=now):
            Thread.objects.of(workspace).filter(team=team).update(team=None, changed_at=now)
            audit.record(workspace, user, "deleted", "team", team.pk, team.name)
            _recount(workspace)


def away(workspace: Workspace, by: User, user: User, is_away: bool, until: datetime | None = None) -> None:
    """Someone is away from all their teams, or there again; who is away is given nothing new. Raises Refused."""
    now = timezone.now()
    if is_away and until is not None and not 0 < (until - now).total_seconds() <= LONGEST_AWAY * 86400:
        raise Refused(_("Choose a moment within the next year."))
    with transaction.atomic():
        rows = TeamMember.objects.of(workspace).filter(user=user)
        changed = rows.update(is_away=is_away, away_until=until if is_away else None)
        if changed:
            told = until.isoformat(timespec="minutes") if is_away and until else ""
            audit.record(workspace, by, "away" if is_away else "there again", "team member", user.pk, str(user), until=told)


def _recount(workspace: Workspace) -> None:
    from . import promising

    promising.changed(workspace)


# Sharing out

_FREE: Mapping[str, Any] = {"assignee": None, "state": Thread.State.OPEN, "is_here": True, "rank__isnull": False}


def turn() -> int:
    """Give what waits in teams that share out by themselves to someone who is there; called by the worker. Returns how many were given."""
    waiting = Thread.objects.filter(workspace=OuterRef("workspace"), team=OuterRef("pk"), **_FREE)
    found = list(Team.objects.filter(Exists(waiting), deleted_at=None).exclude(assigning=Assigning.NONE).order_by("pk"))
    return sum(share_out(team) for team in found)


def share_out(team: Team) -> int:
    """Give what waits in one team and is nobody's yet, the longest waiting first; returns how many were given.

    The team's row is locked meanwhile, so that two who share out at once never count the same load.
    """
    with transaction.atomic():
        locked = Team.objects.filter(pk=team.pk, deleted_at=None).exclude(assigning=Assigning.NONE).select_for_update().first()
        free = list(Thread.objects.filter(team=team, **_FREE).select_for_update().order_by("rank", "key")[:AT_ONCE]) if locked else []
        choice = _Choice(locked, timezone.now()) if locked and free else None
        given = [(thread, member) for thread in free if choice is not None and (member := choice.next()) is not None]
        for thread, member in given:
            now = timezone.now()
            Thread.objects.filter(key=thread.key).update(assignee=member.user_id, assigned_at=now, changed_at=now)
            TeamMember.objects.filter(pk=member.pk).update(last_given_at=member.last_given_at)
        _tell(team, given)
    return len(given)


class _Choice:
    """Whose turn it is, as conversations are given one after another."""

    def __init__(self, team: Team, now: datetime) -> None:
        self.team, self.now = team, now
        may = {user.pk for user in answerers(team.workspace)}
        self.members = [each for each in members_of(team) if each.user_id in may and not is_away(each, now)]
        rows = Thread.objects.of(team.workspace_id).filter(
            assignee__in=[each.user_id for each in self.members], state=Thread.State.OPEN, is_here=True
        )
        self.open = Counter(dict(rows.order_by().values("assignee").annotate(open=Count("key")).values_list("assignee", "open")))

    def next(self) -> TeamMember | None:
        """Who gets the next one; None when all are away or have as many as they may."""
        most = self.team.most_open
        free = [each for each in self.members if most is None or self.open[each.user_id] < most]
        found = min(free, key=self._order, default=None)
        if found is not None:
            self.open[found.user_id] += 1
            # The clock may stand still between two: whoever was last stays behind all others.
            found.last_given_at = max(self.now, *(each.last_given_at or self.now for each in self.members)) + timedelta(microseconds=1)
        return found

    def _order(self, member: TeamMember) -> tuple[int, datetime, int]:
        load = self.open[member.user_id] if self.team.assigning == Assigning.LOAD else 0
        return load, member.last_given_at or _NEVER, member.pk


def _tell(team: Team, given: Sequence[tuple[Thread, TeamMember]]) -> None:
    """Trace and bell: one word to each, however many they got."""
    theirs: dict[int, list[Thread]] = {}
    users = {member.user_id: member.user for _thread, member in given}
    for thread, member in given:
        theirs.setdefault(member.user_id, []).append(thread)
    for user, rows in theirs.items():
        one = rows[0].public if len(rows) == 1 else ""
        audit.record(
            team.workspace_id, None, "assigned", "conversation", one, f"{team} / {users[user]}", actor=audit.voice() or "team",
            conversations=len(rows),
        )  # fmt: skip
        if one:
            calling.tell(team.workspace, [users[user]], rows[0].key, team, "given")
        else:
            calling.ring(
                team.workspace, users[user], "many_given", f"given:{rows[0].public}:{timezone.now().timestamp():.0f}:{user}",
                {"many": len(rows), "by": str(team), "box": "mine"},
            )  # fmt: skip
