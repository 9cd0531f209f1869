"""Rows behind the addresses of accounts."""

from typing import Any

from vincle.accounts import actions, api_keys
from vincle.accounts.models import Membership, Role, User, Workspace


def _colleague(workspace: Workspace) -> Membership:
    user, _is_new = User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")
    return Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.AGENT})[0]


def _boss(workspace: Workspace) -> Membership:
    user, _is_new = User.objects.get_or_create(email=f"boss@{workspace.slug}.example")
    return Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})[0]


def _member(workspace: Workspace) -> dict[str, Any]:
    return {"member": _colleague(workspace).pk}


def _invitation(workspace: Workspace) -> dict[str, Any]:
    return {"invitation": actions.invite(_boss(workspace), "new@example.org", Role.AGENT)[0].pk}


EXAMPLES = {
    "accounts:sign_in_link": lambda workspace: {"token": actions.make_sign_in_link(_colleague(workspace).user)},
    "accounts:invitation": lambda workspace: {"token": actions.invite(_boss(workspace), "new@example.org", Role.AGENT)[1]},
    "settings:renew_invitation": _invitation,
    "settings:revoke_invitation": _invitation,
    "settings:revoke_api_key": lambda workspace: {"pk": api_keys.make(_boss(workspace), "Shop", "read")[0].pk},
    "settings:change_role": _member,
    "settings:undo_role": _member,
    "settings:remove_member": _member,
    "settings:restore_member": lambda workspace: {"user": _colleague(workspace).user_id},
}
