"""Coming in: where to go, first set-up, one-time links, invitations, a new workspace, one's own profile."""

from typing import Any

from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from . import actions
from .access import UserRequest, public, signed_in
from .actions import Refused
from .choices import likely_currency
from .forms import JoinForm, ProfileForm, SetupForm, WorkspaceForm, setup_initial
from .middleware import LAST_WORKSPACE
from .models import Invitation, Membership, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def workspace_home(slug: str) -> str:
    # The first page of a workspace belongs to a stage above this one: known by address, not by name.
    return f"/w/{slug}/"


def last_workspace(request: HttpRequest) -> str | None:
    """Short name of the workspace this person had open last on this device, else of the one they joined last."""
    slugs = list(Membership.objects.filter(user=request.user.pk).order_by("-created_at", "-pk").values_list("workspace__slug", flat=True))
    remembered = request.COOKIES.get(LAST_WORKSPACE)
    return remembered if remembered in slugs else next(iter(slugs), None)


def _enter(request: HttpRequest, user: User) -> None:
    login(request, user, backend=BACKEND)
    if user.language:
        translation.activate(user.language)


@public
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        slug = last_workspace(request)
        return redirect(workspace_home(slug) if slug else "accounts:new_workspace")
    return redirect("account_login" if actions.is_founded() else "accounts:setup")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first owner and workspace; closed as soon as someone is here."""
    if actions.is_founded():
        return redirect("accounts:home")
    if limited := consume_or_429(request, action="setup"):
        return limited
    form = SetupForm(request.POST or None, initial=setup_initial(request.headers.get("Accept-Language", "")))
    if not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form})
    try:
        user, workspace = actions.found(**form.cleaned_data, currency=likely_currency(form.cleaned_data["country"]))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("account_login")
    _enter(request, user)
    return redirect(workspace_home(workspace.slug))


@public
@never_cache
@require_http_methods(["GET"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A browser that only looks ahead must not use the link up."""
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=503)
    if limited := consume_or_429(request, action="sign_in_link", limit_get=True):
        return limited
    try:
        user = actions.use_sign_in_link(token)
    except Refused as refused:
        return render(request, "accounts/closed.html", {"title": _("This link no longer opens"), "reason": refused}, status=410)
    _enter(request, user)
    return redirect("accounts:home")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join a team: with one's account, or with a new one."""
    if limited := consume_or_429(request, action="invitation", limit_get=True):
        return limited
    try:
        invited = actions.open_invitation(token)
        if request.user.is_authenticated:
            return _join_with_account(request, token, invited)
        return _join_as_new(request, token, invited)
    except Refused as refused:
        return render(request, "accounts/closed.html", {"title": _("This invitation no longer opens"), "reason": refused}, status=410)


def _join_with_account(request: HttpRequest, token: str, invited: Invitation) -> HttpResponse:
    assert isinstance(request.user, User)
    if request.method == "POST" and request.user.email == invited.email:
        return _joined(request, actions.accept_invitation(token, request.user))
    return render(request, "accounts/invitation.html", {"invitation": invited, "stranger": request.user.email != invited.email})


def _join_as_new(request: HttpRequest, token: str, invited: Invitation) -> HttpResponse:
    if User.objects.filter(email=invited.email).exists():
        sign_in = f"{reverse('account_login')}?next={request.path}"
        return render(request, "accounts/invitation.html", {"invitation": invited, "sign_in": sign_in})
    form = JoinForm(request.POST or None, invited=invited.email)
    if not form.is_valid():
        return render(request, "accounts/invitation.html", {"invitation": invited, "form": form})
    membership = actions.accept_as_new(token, **form.cleaned_data, language=(translation.get_language() or "")[:2])
    _enter(request, membership.user)
    return _joined(request, membership)


def _joined(request: HttpRequest, membership: Membership) -> HttpResponse:
    messages.success(request, _("Welcome to %(workspace)s.") % {"workspace": membership.workspace.name})
    return redirect(workspace_home(membership.workspace.slug))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_workspace(request: UserRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None, initial=_like_the_last(request))
    if not form.is_valid():
        return render(request, "accounts/new_workspace.html", {"form": form, "first": last_workspace(request) is None})
    workspace = actions.create_workspace(request.user, **form.cleaned_data)
    return redirect(workspace_home(workspace.slug))


def _like_the_last(request: UserRequest) -> dict[str, Any]:
    """An agency's next brand is mostly at home where the last one is."""
    membership = Membership.objects.select_related("workspace").filter(user=request.user).order_by("-created_at").first()
    if membership:
        return {name: getattr(membership.workspace, name) for name in ("country", "currency", "timezone")}
    guess = setup_initial(request.headers.get("Accept-Language", ""))
    return {"country": guess["country"], "timezone": guess["timezone"], "currency": likely_currency(guess["country"])}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    """One's own preferences; inside the settings of a workspace wherever one belongs to any."""
    slug = last_workspace(request)
    if slug and request.method != "POST":
        return redirect("settings:preferences", workspace=slug)
    return edit_profile(request, "accounts/profile.html")


def edit_profile(request: UserRequest, template: str) -> HttpResponse:
    # A copy: a form writes what was typed into its row before it is known to be right, and the shell shows the row.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return render(request, template, {"form": form})
    actions.update_preferences(request.user, **form.cleaned_data)
    if request.user.language:
        translation.activate(request.user.language)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(request.path)
