"""Companies: the list of all, and the people of one."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary import PersonKind
from vincle.web.tags.formats import number

from . import companies
from .views_person import living

SORTS = ("people", "last", "name")


@allow(May.SEE)
@require_safe
def list_companies(request: WorkspaceRequest) -> HttpResponseBase:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:120]
    sort = request.GET.get("sort", "people").removeprefix("-")
    sort = sort if sort in SORTS else "people"
    asked = request.GET.get("page", "1")
    page = max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    found = companies.listed(request.workspace, words, sort, page)
    context = {
        "found": found, "words": words, "sort": sort, "page": page, "summary": _summary(found.total),
        "sorts": [("people", _("Most people")), ("last", _("Latest contact")), ("name", _("Name"))],
    }  # fmt: skip
    return render(request, "organise/companies.html", context)


def _summary(total: int) -> str:
    return ngettext("%(n)s company", "%(n)s companies", total) % {"n": number(total)}


@allow(May.SEE)
@require_safe
def people_of_company(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """A part of an organisation's page: its people, and who writes from its domain."""
    profile = living(request, pid)
    is_company = profile.kind == PersonKind.ORGANISATION
    people = companies.people_of(request.workspace, profile.company_key, companies.FEW + 1) if is_company else []
    may_edit = request.may(May.EDIT_PEOPLE)
    context = {
        "profile": profile, "people": people[: companies.FEW], "has_more": len(people) > companies.FEW, "may_edit": may_edit,
        "suggested": companies.suggested(request.workspace, profile) if is_company else [], "domain": companies.domain_of(profile),
    }  # fmt: skip
    return render(request, "organise/parts/company_people.html", context)
