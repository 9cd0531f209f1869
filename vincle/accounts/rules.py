"""Who may do what to whom in a team. Each check passes in silence or raises `Refused`."""

from django.utils.translation import gettext as _

from .access import PERMISSIONS, May, may
from .models import Membership, Role


class Refused(Exception):
    """It cannot be done; the message is for the person who asked."""


def check_grant(by: Membership, role: str, *, touches: str = "") -> None:
    """May `by` give `role`, to someone who now has the role `touches`?"""
    if role not in Role.values:
        raise Refused(_("There is no role “%(role)s”.") % {"role": role})
    if not may(by.role, May.MANAGE):
        raise Refused(_("Only administrators and owners manage the team."))
    if Role.OWNER in (role, touches) and not may(by.role, May.OWN):
        raise Refused(_("Only owners make owners, or change what an owner may do."))


def check_owner_stays(member: Membership) -> None:
    if member.role == Role.OWNER and not Membership.objects.of(member.workspace_id).filter(role=Role.OWNER).exclude(pk=member.pk).exists():
        raise Refused(_("A workspace keeps at least one owner. Make someone else an owner first."))


def check_not_raising_oneself(by: Membership, member: Membership, role: str) -> None:
    if member.pk == by.pk and PERMISSIONS[role] - PERMISSIONS[by.role]:
        raise Refused(_("Nobody raises their own role."))


def grantable(by: Membership, member: Membership | None = None) -> set[str]:
    """Roles that `by` may give to `member`, or to someone new."""
    if not may(by.role, May.MANAGE) or (member and member.role == Role.OWNER and not may(by.role, May.OWN)):
        return set()
    roles = set(Role.values) if may(by.role, May.OWN) else set(Role.values) - {Role.OWNER}
    if member and member.pk == by.pk:
        roles = {role for role in roles if PERMISSIONS[role] <= PERMISSIONS[by.role]}
    return roles
