"""A survey by telephone: the list, and for each call a script with the questions to be typed in."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary import from_public_id
from vincle.web.tags.formats import number

from . import asked_words, asking_bridge, calling_people, typed, typing_in
from .asking_pages import collector_of, framed, tried, url
from .collectors import Refused
from .models import Collector, Invitation
from .views_asked_public import carrying


@allow(May.SPEAK)
@never_cache
@require_safe
def calls(request: WorkspaceRequest, collector: str) -> HttpResponse:
    way = collector_of(request, collector)
    after = request.GET.get("after", "")
    rows, more = calling_people.listed(way, int(after) if after.lstrip("-").isascii() and after.lstrip("-").isdigit() else -(2**63))
    title = ngettext("%(n)s person to call", "%(n)s people to call", len(rows)) % {"n": number(len(rows))}
    context = {
        "way": way,
        "title": title,
        "rows": rows,
        "after": more,
        "back_url": url(request, "collector", collector=way.public_id),
    }
    return render(request, "surveys/asking/calls.html", framed(request, way.survey, context))


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: WorkspaceRequest, collector: str, person: str) -> HttpResponseBase:
    """The script of one call; kept when its questions are answered, or when it is said what came of it."""
    way = collector_of(request, collector)
    back = redirect(url(request, "calls", collector=way.public_id))
    try:
        key = from_public_id(person)
        found, row = calling_people.one(way, key)
    except (Refused, ValueError) as refused:
        messages.error(request, str(refused) if isinstance(refused, Refused) else _("There is nobody of this number."))
        return back
    language = request.POST.get("lang", "") or request.GET.get("lang", "") or found.language
    if request.method == "POST" and request.POST.get("pages"):
        return _paged(request, way, row, language) or back
    what, form = request.POST.get("outcome", ""), typing_in.form(way.survey, language)
    if what and request.method == "POST" and tried(request, lambda: _told(request, way, form, row, what), _("Noted.")):
        return back
    problems: dict[str, str] = {}
    if request.method == "POST" and not what:
        problems = typing_in.tell(request, lambda: typing_in.keep_call(request.user, way, form, request.POST, row))
        if not problems:
            messages.success(request, _("Kept. Thank them, and call the next one."))
            return back
    with translation.override(form.language):
        script = {
            "hello": _("Hello, this is %(name)s of %(company)s.") % {"name": request.user, "company": request.workspace.name},
            "why": asked_words.invitation(way.survey, form.language),
            "facts": asked_words.facts(way.survey, form.definition),
        }
    context = {
        "way": way,
        "call": found,
        "script": script,
        "asked": typed.shown(form, request.POST if problems else typing_in.begun(form, row), problems),
        "back_url": url(request, "calls", collector=way.public_id),
        "language": form.language,
        "languages": asked_words.languages(way.survey),
        "problem": problems.get("", "") or asking_bridge.shut(way.survey, way) or "",
    }
    return render(request, "surveys/asking/call.html", framed(request, way.survey, context), status=422 if problems else 200)


def _told(request: WorkspaceRequest, way: Collector, form: typed.Form, row: Invitation, what: str) -> None:
    """Raises Refused."""
    with transaction.atomic():
        if what == "later":
            typing_in.put_off(request.user, way, form, request.POST, row)
        calling_people.outcome(request.workspace, request.user, way, row.person or 0, what)


def _paged(request: WorkspaceRequest, way: Collector, row: Invitation, language: str) -> HttpResponseBase | None:
    """The pages as people see them, with all that depends on an answer, for the caller to fill in; begun once, gone on with after."""
    form = typing_in.form(way.survey, language)
    begun = tried(
        request, lambda: asking_bridge.begin(request, way, form.language, invitation=calling_people.keep(row), typed_by=request.user)
    )
    return carrying(request, redirect(begun), way.survey, "invitation", row.pk) if begun else None
