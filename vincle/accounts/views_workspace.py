"""The settings of a workspace: details, team, one's own preferences."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from . import actions, mail
from .access import May, WorkspaceRequest, allow
from .actions import Refused
from .forms import InviteForm, WorkspaceForm
from .models import Invitation, Membership, Role, Workspace
from .rules import grantable
from .views import edit_profile

PAGE = ["GET", "HEAD", "POST"]


@allow(May.MANAGE)
@require_http_methods(PAGE)
def details(request: WorkspaceRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None, instance=Workspace.objects.get(pk=request.workspace.pk))
    if not form.is_valid():
        return render(request, "accounts/workspace.html", {"form": form})
    _attempt(request, lambda: actions.update_workspace(request.membership, **form.cleaned_data), _("Saved."))
    return redirect("settings:workspace", workspace=request.workspace.slug)


@allow(May.SEE)
@require_http_methods(PAGE)
def preferences(request: WorkspaceRequest) -> HttpResponse:
    return edit_profile(request, "accounts/preferences.html")


def _attempt(request: HttpRequest, do: Any, said: str = "") -> Any:
    """Do it and say so, or say why not. Gives what was done, or None."""
    try:
        done = do()
    except Refused as refused:
        messages.error(request, str(refused))
        return None
    if said:
        messages.success(request, said)
    return done


def _to_team(request: WorkspaceRequest) -> HttpResponse:
    return redirect("settings:team", workspace=request.workspace.slug)


def _members(request: WorkspaceRequest) -> list[Membership]:
    """The team by name, each with the roles this person may give them: `.roles` as in `role_help`, empty when none."""
    members = list(Membership.objects.of(request.workspace).select_related("user"))
    for member in members:
        roles = grantable(request.membership, member)
        member.roles = [each for each in role_help() if each[0] in roles]
    return sorted(members, key=lambda member: str(member.user).casefold())


def _team_page(request: WorkspaceRequest, form: InviteForm | None = None, **more: Any) -> HttpResponse:
    context: dict[str, Any] = {"members": _members(request), "roles": role_help(), **more}
    if request.may(May.MANAGE):
        context["form"] = form or InviteForm(roles=_invitable(request))
        context["invitations"] = actions.pending(request.workspace).select_related("invited_by").order_by("-created_at")
    return render(request, "accounts/team.html", context)


def role_help() -> list[tuple[str, Any, str]]:
    """(role, its name, what it is for), most powerful first."""
    purpose = {
        Role.OWNER: _("Everything, owners included."),
        Role.ADMIN: _("Everything but making owners."),
        Role.AGENT: _("Sees all, edits people, decides who is who."),
        Role.ANALYST: _("Sees all and takes lists and figures out."),
        Role.VIEWER: _("Sees all, changes nothing."),
    }
    return [(role.value, role.label, text) for role, text in purpose.items()]


def _invitable(request: WorkspaceRequest) -> list[tuple[str, Any]]:
    return [(role, label) for role, label in Role.choices if role in grantable(request.membership)]


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD"])
def team(request: WorkspaceRequest) -> HttpResponse:
    return _team_page(request)


@allow(May.MANAGE)
@never_cache
@require_POST
def invite(request: WorkspaceRequest) -> HttpResponse:
    """Answers with the page itself: the link is kept nowhere, this is the one time it can be shown."""
    form = InviteForm(request.POST, roles=_invitable(request))
    if not form.is_valid():
        return _team_page(request, form)
    return _invite(request, form.cleaned_data["email"], form.cleaned_data["role"], form)


def _invite(request: WorkspaceRequest, email: str, role: str, form: InviteForm | None = None) -> HttpResponse:
    try:
        invitation, token = actions.invite(request.membership, email, role)
    except Refused as refused:
        if form is None:
            messages.error(request, str(refused))
            return _to_team(request)
        form.add_error("email", str(refused))
        return _team_page(request, form)
    link = mail.invitation_link(token, request)
    sent = mail.send_invitation(invitation, link, request.user) and mail.mail_leaves()
    return _team_page(request, fresh=invitation, link=link, sent=sent)


@allow(May.MANAGE)
@never_cache
@require_POST
def renew_invitation(request: WorkspaceRequest, invitation: int) -> HttpResponse:
    """A new link in place of one that is lost or out of date."""
    old = get_object_or_404(Invitation.objects.of(request.workspace), pk=invitation)
    return _invite(request, old.email, old.role)


@allow(May.MANAGE)
@require_POST
def revoke_invitation(request: WorkspaceRequest, invitation: int) -> HttpResponse:
    old = get_object_or_404(Invitation.objects.of(request.workspace), pk=invitation)
    said = _("The invitation of %(email)s is withdrawn.") % {"email": old.email}
    _attempt(request, lambda: actions.revoke_invitation(request.membership, old.pk), said)
    return _to_team(request)


@allow(May.MANAGE)
@require_POST
def change_role(request: WorkspaceRequest, member: int) -> HttpResponse:
    row = get_object_or_404(Membership.objects.of(request.workspace).select_related("user"), pk=member)
    _give_role(request, row, request.POST.get("role", ""))
    return _to_team(request)


def _give_role(request: WorkspaceRequest, row: Membership, role: str) -> None:
    if not _attempt(request, lambda: actions.change_role(request.membership, row.pk, role)):
        return
    undo = reverse("settings:undo_role", kwargs={"workspace": request.workspace.slug, "member": row.pk})
    can_be_undone = row.pk != request.membership.pk
    if can_be_undone:
        request.session["roles"] = {**request.session.get("roles", {}), str(row.pk): row.role}
    said = _("%(name)s is now %(role)s.") % {"name": row.user, "role": dict(Role.choices)[role]}
    messages.success(request, said, extra_tags=f"undo:{undo}" if can_be_undone else "")


@allow(May.MANAGE)
@require_POST
def undo_role(request: WorkspaceRequest, member: int) -> HttpResponse:
    """Back to the role before, when this very session changed it."""
    row = get_object_or_404(Membership.objects.of(request.workspace).select_related("user"), pk=member)
    before = request.session.get("roles", {}).get(str(row.pk))
    if before is None:
        raise Http404("nothing of this session to undo")
    _give_role(request, row, before)
    return _to_team(request)


@allow(May.MANAGE)
@require_POST
def remove_member(request: WorkspaceRequest, member: int) -> HttpResponse:
    row = get_object_or_404(Membership.objects.of(request.workspace), pk=member)
    removed = _attempt(request, lambda: actions.remove_member(request.membership, row.pk))
    if removed is None:
        return _to_team(request)
    if removed.user_id == request.user.pk:
        return redirect("accounts:home")
    request.session["removed"] = {**request.session.get("removed", {}), _removal(request, removed.user_id): removed.role}
    undo = reverse("settings:restore_member", kwargs={"workspace": request.workspace.slug, "user": removed.user_id})
    messages.success(request, _("%(name)s no longer belongs to the team.") % {"name": removed.user}, extra_tags=f"undo:{undo}")
    return _to_team(request)


def _removal(request: WorkspaceRequest, user_id: int) -> str:
    return f"{request.workspace.pk}:{user_id}"


@allow(May.MANAGE)
@require_POST
def restore_member(request: WorkspaceRequest, user: int) -> HttpResponse:
    """Undo of a removal that this very session made."""
    removals = request.session.get("removed", {})
    role = removals.pop(_removal(request, user), None)
    if role is None:
        raise Http404("nothing of this session to undo")
    request.session["removed"] = removals
    restored = _attempt(request, lambda: actions.restore_member(request.membership, user, role))
    if restored:
        messages.success(request, _("%(name)s is back.") % {"name": restored.user})
    return _to_team(request)


@allow(May.SEE)
@require_POST
def leave(request: WorkspaceRequest) -> HttpResponse:
    said = _("You left %(workspace)s.") % {"workspace": request.workspace.name}
    left = _attempt(request, lambda: actions.remove_member(request.membership, request.membership.pk), said)
    return redirect("accounts:home") if left else redirect("settings:preferences", workspace=request.workspace.slug)
