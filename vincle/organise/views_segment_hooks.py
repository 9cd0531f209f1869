"""Programs that a segment tells: an address added, tried, switched, given another secret."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import hooking, hooks
from .models import HookSend, Segment, SegmentHook
from .views_segments import one, url

TELLS = (
    (hooking.BOTH, gettext_lazy("Someone enters or leaves")),
    (hooking.ENTERED, gettext_lazy("Someone enters")),
    (hooking.LEFT, gettext_lazy("Someone leaves")),
)


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest, segment: str) -> HttpResponseBase:
    """An address to be added; posted to, it is kept and its secret shown this once."""
    row, wrong = one(request, segment), ""
    given = {"url": request.POST.get("url", ""), "tells": request.POST.get("tells", hooking.BOTH)}
    if request.method == "POST":
        try:
            return _secret(request, row, hooking.add(request.workspace, request.user, row, given["url"], given["tells"]))
        except hooking.Refused as refused:
            wrong = str(refused)
    context = {"segment": row, "segment_url": _back(request, row), "given": given, "wrong": wrong, "tells": TELLS}
    return render(request, "organise/segments/hook_new.html", context, status=422 if wrong else 200)


@allow(May.MANAGE)
@require_POST
def act(request: WorkspaceRequest, segment: str, hook: int) -> HttpResponseBase:
    """Test it, switch it, give it another secret, remove it (`do`), or try a delivery again that had been given up (`again`)."""
    row = one(request, segment)
    found: SegmentHook = get_object_or_404(SegmentHook.objects.of(request.workspace).filter(segment=row).select_related("segment"), pk=hook)
    do = request.POST.get("do", "")
    if do == "renew":
        return _secret(request, row, hooking.renew(request.user, found))
    if number := request.POST.get("again", ""):
        _again(request, found, number)
    elif do in _ACTS:
        _ACTS[do](request, found)
    return redirect(_back(request, row))


def _again(request: WorkspaceRequest, hook: SegmentHook, number: str) -> None:
    pk = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    hooks.again(get_object_or_404(HookSend.objects.of(request.workspace).filter(hook=hook), pk=pk))
    messages.success(request, _("It is tried again."))


def _test(request: WorkspaceRequest, hook: SegmentHook) -> None:
    sent = hooks.test(hook)
    if sent.state == HookSend.State.SENT:
        messages.success(request, _("The other side took the test (%(status)s).") % {"status": sent.status})
    else:
        messages.error(request, _("The test did not arrive: %(why)s") % {"why": sent.trouble})


_ACTS: dict[str, Any] = {
    "test": _test,
    "on": lambda request, hook: hooking.switch(request.user, hook, is_on=True),
    "off": lambda request, hook: hooking.switch(request.user, hook, is_on=False),
    "remove": lambda request, hook: hooking.remove(request.user, hook),
}


def _secret(request: WorkspaceRequest, row: Segment, kept: hooking.Kept) -> HttpResponse:
    context = {"hook": kept.hook, "secret": kept.secret, "segment_url": _back(request, row)}
    return render(request, "organise/segments/hook_secret.html", context)


def _back(request: WorkspaceRequest, row: Segment) -> str:
    return f"{url(request, 'segment', segment=row.public)}#hooks"
