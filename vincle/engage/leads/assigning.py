"""Whose a new lead is: someone's, of several in turn, or of a team as it shares out; and telling them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Membership, User, Workspace
from vincle.engage.inbox import calling
from vincle.engage.inbox import teams as sharing
from vincle.engage.inbox.models import Team
from vincle.listen import notices, notices_words
from vincle.organise import people, team
from vincle.organise.models import Profile
from vincle.vocabulary import public_id

from .definition import Assign
from .models import Submission


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    for code, worded in {"lead_given": _given, "lead_new": _new}.items():
        notices_words.register(code, worded)
        notices.register_place(code, _place)


def choose(workspace: Workspace, rule: Assign) -> User | None:
    """Whose turn it is; None where nobody is meant, or nobody of them is there."""
    if rule.kind == "team":
        return _of_team(workspace, rule.team)
    if rule.kind == "none":
        return None
    members = _answering(workspace, rule.users)
    return min(members, key=lambda user: _turn(workspace, members)[user.pk]) if members else None


def _answering(workspace: Workspace, users: list[int]) -> list[User]:
    """Those of them who still belong to the workspace and may speak for it, in the order they were named."""
    there = {user.pk: user for user in sharing.answerers(workspace)}
    return [there[pk] for pk in dict.fromkeys(users) if pk in there]


def _turn(workspace: Workspace, members: list[User]) -> dict[int, tuple[float, int]]:
    """Whoever has waited longest since the last one comes first; who never had one, before all."""
    rows = Submission.objects.of(workspace).filter(owner__in=members, given_at__isnull=False)
    last = dict(rows.order_by().values("owner").annotate(last=Max("given_at")).values_list("owner", "last"))
    return {user.pk: (last[user.pk].timestamp() if user.pk in last else 0.0, place) for place, user in enumerate(members)}


def _of_team(workspace: Workspace, pk: int) -> User | None:
    found = Team.objects.of(workspace).filter(pk=pk, deleted_at=None).first()
    if found is None:
        return None
    now = timezone.now()
    there = [member.user for member in sharing.members_of(found) if not sharing.is_away(member, now)]
    members = _answering(workspace, [user.pk for user in there])
    if not members:
        return None
    turn = _turn(workspace, members)
    if found.assigning == Team.Assigning.LOAD:
        rows = Submission.objects.of(workspace).filter(owner__in=members, stage=Submission.Stage.OPEN).values_list("owner", flat=True)
        load = list(rows)
        return min(members, key=lambda user: (load.count(user.pk), turn[user.pk]))
    return min(members, key=lambda user: turn[user.pk])


def give(row: Submission, rule: Assign, by: User | None) -> User | None:
    """Give a lead to whom the rule names, and the person with it unless someone looks after them already. Inside a transaction."""
    person = person_of(row)
    profile = Profile.objects.of(row.workspace_id).filter(person=person).select_related("owner").first() if person is not None else None
    standing = profile.owner if profile and profile.owner_id and rule.kind != "none" else None
    owner: User | None = standing or choose(row.workspace, rule)
    if owner is None:
        return None
    Submission.objects.filter(pk=row.pk).update(owner=owner, given_at=None if standing else timezone.now())
    if profile is not None and not standing:
        with audit.speaking(f"form {row.form.name}"[:160] if row.form else "lead form"):
            team.set_owner(row.workspace, by or owner, people.chosen(row.workspace, [public_id(profile.person)]), owner)
    return owner


def person_of(row: Submission) -> int | None:
    from vincle.identify.models import Belonging

    found: int | None = Belonging.objects.of(row.workspace_id).filter(handle=row.handle).values_list("person", flat=True).first()
    return found


def tell(row: Submission, owner: User | None, others: list[int]) -> None:
    """Ring for its owner, and for those whom the form names. Inside a transaction."""
    values = {"submission": row.pk, "form": row.form.name if row.form else "", "slug": row.workspace.slug}
    if owner is not None:
        calling.ring(row.workspace, owner, "lead_given", f"lead:{row.pk}:{owner.pk}", values)
    members = Membership.objects.of(row.workspace).filter(user__in=others).select_related("user")
    for member in members:
        if owner is None or member.user_id != owner.pk:
            calling.ring(row.workspace, member.user, "lead_new", f"lead:{row.pk}:{member.user_id}", values)


def _given(values: Mapping[str, Any], name: str) -> str:
    if values.get("form"):
        return _("A new lead is yours: someone sent the form “%(name)s”") % {"name": values["form"]}
    return _("A new lead is yours")


def _new(values: Mapping[str, Any], name: str) -> str:
    if values.get("form"):
        return _("Someone sent the form “%(name)s”") % {"name": values["form"]}
    return _("There is a new lead")


def _place(workspace: Workspace, values: Mapping[str, Any]) -> str:
    return reverse("leads:submission", kwargs={"workspace": workspace.slug, "submission": values["submission"]})
