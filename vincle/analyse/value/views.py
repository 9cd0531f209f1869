"""What people are worth."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow


@allow(May.SEE)
@require_safe
def customers(request: WorkspaceRequest) -> HttpResponse:
    return render(request, "value/customers.html")
