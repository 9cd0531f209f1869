"""What can be done to workspaces and their team. Each verb: check, do, record, in one transaction; `Refused` says why not."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify
from django.utils.timezone import now
from django.utils.translation import gettext as _

from .audit import record
from .models import Invitation, Membership, Role, SignInLink, User, Workspace
from .rules import Refused, check_grant, check_not_raising_oneself, check_owner_stays

INVITATION_LASTS = timedelta(days=14)
SIGN_IN_LINK_LASTS = timedelta(hours=24)
WORKSPACE_FIELDS = ("name", "description", "country", "currency", "timezone")
USER_FIELDS = ("name", "language", "timezone", "theme")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> tuple[str, str]:
    """(what goes into the link, what is stored)"""
    token = secrets.token_urlsafe(32)
    return token, _hash(token)


# workspaces


def _free_slug(name: str) -> str:
    stem = slugify(name)[:34].strip("-") or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def _insert_workspace(name: str, fields: Mapping[str, Any]) -> Workspace:
    for _attempt in range(5):
        try:
            with transaction.atomic():
                return Workspace.objects.create(slug=_free_slug(name), name=name, **fields)
        except IntegrityError:
            continue  # someone took the same short name between the look and the insert
    raise Refused(_("Many workspaces of this name are being made right now. Try again."))


@transaction.atomic
def create_workspace(owner: User, name: str, **fields: Any) -> Workspace:
    """A workspace with its first owner. `fields`: description, country (ISO 3166), currency (ISO 4217), timezone (IANA)."""
    workspace = _insert_workspace(name, fields)
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    record(workspace, owner, "created", "workspace", workspace.pk, name)
    return workspace


def _one_founder_at_a_time() -> None:
    # SQLite's immediate transactions already queue; PostgreSQL would let two founders both see an empty table.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{User._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')


def is_founded() -> bool:
    return User.objects.exists()


@transaction.atomic
def found(*, email: str, name: str, password: str | None, workspace: str, language: str = "", **fields: Any) -> tuple[User, Workspace]:
    """The first owner and the first workspace, only while nobody is here. `fields` as in `create_workspace`."""
    _one_founder_at_a_time()
    if is_founded():
        raise Refused(_("This installation has an owner already. Sign in, or ask for an invitation."))
    user = User.objects.create_user(email, password, name=name, language=language)
    return user, create_workspace(user, workspace, **fields)


def _changes(row: Any, fields: tuple[str, ...], wanted: Mapping[str, Any]) -> dict[str, list[Any]]:
    unknown = set(wanted) - set(fields)
    if unknown:
        raise TypeError(f"not changed here: {', '.join(sorted(unknown))}")
    return {name: [getattr(row, name), value] for name, value in wanted.items() if getattr(row, name) != value}


def _apply(row: Any, changes: Mapping[str, list[Any]]) -> None:
    for name, (_old, new) in changes.items():
        setattr(row, name, new)
    row.save(update_fields=list(changes))


@transaction.atomic
def update_workspace(by: Membership, **wanted: Any) -> dict[str, list[Any]]:
    """Change details of the workspace; gives {field: [old, new]}."""
    by = lock(by)
    changes = _changes(by.workspace, WORKSPACE_FIELDS, wanted)
    if changes:
        _apply(by.workspace, changes)
        record(by.workspace, by.user, "changed", "workspace", by.workspace_id, by.workspace.name, changes=changes)
    return changes


# one's own account


def record_for(user: User, verb: str, object_type: str, *, actor: str = "", **details: Any) -> None:
    """A line about a person of the team in the log of each workspace they belong to."""
    for workspace_id in Membership.objects.filter(user=user).values_list("workspace_id", flat=True):
        record(workspace_id, user, verb, object_type, user.pk, str(user), actor=actor, **details)


@transaction.atomic
def update_preferences(user: User, **wanted: Any) -> dict[str, list[Any]]:
    changes = _changes(user, USER_FIELDS, wanted)
    if changes:
        _apply(user, changes)
        record_for(user, "changed", "profile", changes=changes)
    return changes


@transaction.atomic
def make_sign_in_link(user: User) -> str:
    """A token that signs this user in once, within 24 hours. Only its SHA-256 is kept."""
    token, stored = _new_token()
    SignInLink.objects.filter(expires_at__lt=now()).delete()
    SignInLink.objects.create(user=user, token_hash=stored, expires_at=now() + SIGN_IN_LINK_LASTS)
    record_for(user, "made", "sign-in link", actor="command line")
    return token


@transaction.atomic
def use_sign_in_link(token: str) -> User:
    """The user whom this token lets in; the second caller is refused."""
    link = SignInLink.objects.select_related("user").filter(token_hash=_hash(token), user__is_active=True).first()
    if link is None:
        raise Refused(_("This sign-in link is not known. It may be incomplete: copy it whole."))
    if not SignInLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now()).update(used_at=now()):
        raise Refused(_("This sign-in link was used already or is older than a day. Each one works once."))
    record_for(link.user, "used", "sign-in link")
    return link.user


# the team


def lock(by: Membership) -> Membership:
    """Changes to one team happen one after another, on the rights its people have now and not when the page was opened."""
    workspace = Workspace.objects.select_for_update().get(pk=by.workspace_id)
    current = Membership.objects.of(workspace).filter(user=by.user_id).select_related("user").first()
    if current is None:
        raise Refused(_("You no longer belong to this workspace."))
    current.workspace = workspace
    return current


def _member(by: Membership, member_id: int) -> Membership:
    member = Membership.objects.of(by.workspace).select_related("user").filter(pk=member_id).first()
    if member is None:
        raise Refused(_("This person no longer belongs to the workspace."))
    return member


@transaction.atomic
def invite(by: Membership, email: str, role: str) -> tuple[Invitation, str]:
    """(invitation, token of its link). An earlier open invitation of the same address is replaced."""
    by, email = lock(by), email.strip().lower()
    check_grant(by, role)
    if Membership.objects.of(by.workspace).filter(user__email=email).exists():
        raise Refused(_("%(email)s belongs to this workspace already.") % {"email": email})
    pending(by.workspace).filter(email=email).update(revoked_at=now())
    token, stored = _new_token()
    invitation = Invitation.objects.create(
        workspace=by.workspace, email=email, role=role, token_hash=stored, invited_by=by.user, expires_at=now() + INVITATION_LASTS
    )
    record(by.workspace, by.user, "invited", "member", invitation.pk, email, role=role)
    return invitation, token


def pending(workspace: Workspace) -> Any:
    """Invitations that wait for an answer, those out of date too."""
    return Invitation.objects.of(workspace).filter(accepted_at=None, revoked_at=None)


@transaction.atomic
def revoke_invitation(by: Membership, invitation_id: int) -> Invitation:
    by = lock(by)
    invitation = Invitation.objects.of(by.workspace).filter(pk=invitation_id).first()
    if invitation is None or not pending(by.workspace).filter(pk=invitation_id).update(revoked_at=now()):
        raise Refused(_("This invitation is no longer open."))
    record(by.workspace, by.user, "revoked", "invitation", invitation.pk, invitation.email, role=invitation.role)
    return invitation


def open_invitation(token: str) -> Invitation:
    """The invitation behind a link, or a clear word on why it no longer opens."""
    invitation = Invitation.objects.select_related("workspace", "invited_by").filter(token_hash=_hash(token)).first()
    if invitation is None:
        raise Refused(_("This invitation is not known. The link may be incomplete: copy it whole."))
    if invitation.accepted_at:
        raise Refused(_("This invitation was used already."))
    if invitation.revoked_at:
        raise Refused(_("This invitation was withdrawn or replaced by a newer one. Ask for a new link."))
    if invitation.expires_at <= now():
        raise Refused(_("This invitation is out of date. Ask for a new link."))
    return invitation


def _take(invitation: Invitation) -> None:
    still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now())
    if not still_open.update(accepted_at=now()):
        raise Refused(_("This invitation was used already."))


def _join(invitation: Invitation, user: User) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        workspace_id=invitation.workspace_id, user=user, defaults={"role": invitation.role}
    )
    if not is_new:
        raise Refused(_("You belong to this workspace already."))
    record(invitation.workspace_id, user, "joined", "member", membership.pk, str(user), role=invitation.role)
    return membership


@transaction.atomic
def accept_invitation(token: str, user: User) -> Membership:
    """Someone who has an account joins with it; the invitation must be for their address."""
    invitation = open_invitation(token)
    if invitation.email != user.email:
        raise Refused(_("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email})
    _take(invitation)
    return _join(invitation, user)


@transaction.atomic
def accept_as_new(token: str, *, name: str, password: str, language: str = "") -> Membership:
    """Someone without an account gets one and joins."""
    invitation = open_invitation(token)
    _take(invitation)
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name, language=language)
    except IntegrityError as error:
        raise Refused(_("There is an account for %(email)s. Sign in to join with it.") % {"email": invitation.email}) from error
    return _join(invitation, user)


@transaction.atomic
def change_role(by: Membership, member_id: int, role: str) -> Membership:
    by = lock(by)
    member = _member(by, member_id)
    check_grant(by, role, touches=member.role)
    check_not_raising_oneself(by, member, role)
    if role != Role.OWNER:
        check_owner_stays(member)
    before, member.role = member.role, role
    if before != role:
        member.save(update_fields=["role"])
        record(by.workspace, by.user, "changed role", "member", member.pk, str(member.user), changes={"role": [before, role]})
    return member


@transaction.atomic
def remove_member(by: Membership, member_id: int) -> Membership:
    """Take someone out of the team; one may always take oneself out."""
    by = lock(by)
    member = _member(by, member_id)
    leaves = member.pk == by.pk
    if not leaves:
        check_grant(by, Role.VIEWER, touches=member.role)
    check_owner_stays(member)
    record(by.workspace, by.user, "left" if leaves else "removed", "member", member.user_id, str(member.user), role=member.role)
    Membership.objects.of(by.workspace).filter(pk=member.pk).delete()
    return member


@transaction.atomic
def restore_member(by: Membership, user_id: int, role: str) -> Membership:
    """Undo of `remove_member`."""
    by = lock(by)
    check_grant(by, role)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Refused(_("This person no longer has an account."))
    member, is_new = Membership.objects.get_or_create(workspace=by.workspace, user=user, defaults={"role": role})
    if is_new:
        record(by.workspace, by.user, "restored", "member", member.pk, str(user), role=role)
    return member
