"""The first import of a connection, and hearing again what was missed."""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import connection_page, doctor_words, pulling
from .models import Connection
from .views_connect import connection_of, to


@allow(May.MANAGE)
@require_POST
def past(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Bring in what was there before, `reach` back."""
    connection = connection_of(request, pk)
    is_known, since = connection_page.reach(request.POST.get("reach", ""))
    if not is_known:
        messages.error(request, _("Choose how far back."))
    elif not pulling.bring_past(connection, request.user, since):
        messages.warning(request, _("This service has no past that could be brought in."))
    return to(request, connection)


@allow(May.MANAGE)
@never_cache
@require_safe
def progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Asked every two seconds while an import is under way; when it is over the whole page is asked for anew."""
    connection = connection_of(request, pk)
    found = connection_page.past(connection)
    if found.state not in ("running", "waiting"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "listen/connection_past.html", {"row": connection, "past": found})


@allow(May.MANAGE)
@require_POST
def stop(request: WorkspaceRequest, pk: int) -> HttpResponse:
    connection = connection_of(request, pk)
    if pulling.stop_past(connection, request.user):
        messages.success(request, _("The import is stopped. What came in until now stays."))
    else:
        messages.warning(request, _("There is nothing to stop: this import was over already."))
    return to(request, connection)


@allow(May.MANAGE)
@require_POST
def replay(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Hear again what happened `since` a day."""
    connection = connection_of(request, pk)
    since = _moment(request.POST.get("since", ""))
    if since is None:
        messages.error(request, _("Choose a day that is not in the future."))
        return to(request, connection)
    found = pulling.replay(connection, since, request.user)
    names = {"what": _listed((*found.again, *found.past)), "day": date_format(timezone.localtime(since), "DATE_FORMAT")}
    if found.again or found.past:
        messages.success(request, _("What happened since %(day)s is fetched again: %(what)s.") % names)
    if found.impossible:
        missing = _listed(found.impossible)
        said = ngettext("This cannot be fetched again: %(what)s.", "These cannot be fetched again: %(what)s.", len(found.impossible))
        messages.warning(request, said % {"what": missing})
    if not any(found):
        messages.warning(request, _("This service delivers by itself; it cannot be asked again. Most send what was missed once more."))
    return to(request, connection)


def _listed(streams: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(doctor_words.stream(name) for name in streams))


def _moment(text: str) -> datetime | None:
    """The beginning of a day here; None for what is none, or is yet to come."""
    try:
        day = parse_date(text)
        found = timezone.make_aware(datetime.combine(day, time.min)) if day and day.year >= 1970 else None
    except (ValueError, OverflowError):
        return None
    return found if found and found <= timezone.now() else None


def can_replay(connection: Connection) -> bool:
    return connection.pulls.filter(is_past=False, is_once=False).exists()
