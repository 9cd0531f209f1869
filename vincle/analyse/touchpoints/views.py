"""What lies on the way to a purchase."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow


@allow(May.SEE)
@require_safe
def touchpoints(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "touchpoints/touchpoints.html")
