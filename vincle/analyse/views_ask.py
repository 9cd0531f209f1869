"""Ask: questions in SQL for those who know some, with the tables beside them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import Workspace
from vincle.store.export import csv_response, neutral
from vincle.vocabulary import from_public_id, public_id
from vincle.web.tags.formats import number

from . import ask_examples, ask_values, ask_words, fresh
from .ask import LONGEST, Answer, Limits, Trouble, ask

SHOWN = 1000
DOWNLOADED = 100_000
LONGEST_ADDRESS = 7000


@allow(May.SEE)
@never_cache
@require_safe
def ask_page(request: WorkspaceRequest) -> HttpResponse:
    """GET q: a question to begin with; it is asked as soon as the page stands."""
    return _page(request, request.GET.get("q", "")[:LONGEST], {})


@allow(May.SEE)
@never_cache
@require_POST
def answer(request: WorkspaceRequest) -> HttpResponse:
    """POST sql: the answer; only that part of the page when htmx asks."""
    sql = _asked(request)
    context = _answered(request, sql)
    if request.headers.get("HX-Request") != "true":
        return _page(request, sql, context)
    response = render(request, "analyse/ask_answer.html", context)
    address = _address(request.workspace, sql)
    if sql.strip() and len(address) < LONGEST_ADDRESS:
        response["HX-Replace-Url"] = address
    return response


@allow(May.EXPORT)
@never_cache
@require_POST
def answer_csv(request: WorkspaceRequest) -> HttpResponseBase:
    """POST sql: up to DOWNLOADED rows of the answer as CSV."""
    try:
        found = ask(request.workspace, request.user, _asked(request), Limits(rows=DOWNLOADED))
    except Trouble as trouble:
        return HttpResponse(str(trouble), content_type="text/plain; charset=utf-8", status=400)
    rows = ([value if isinstance(value, int | float) else ask_values.text(value) for value in row] for row in ask_values.lines(found.rows))
    return csv_response("answer.csv", [neutral(name) for name in ask_values.names(found.rows)], rows)


def _asked(request: WorkspaceRequest) -> str:
    return request.POST.get("sql", "").replace("\r\n", "\n")


def _page(request: WorkspaceRequest, sql: str, answered: dict[str, Any]) -> HttpResponse:
    context = {
        "sql": sql or ask_examples.FIRST,
        "is_asked": bool(sql.strip()) and not answered,
        "tables": ask_words.schema(),
        "examples": [(title, text, _address(request.workspace, text)) for title, text in ask_examples.examples(request.workspace.timezone)],
        "behind": fresh.behind(),
        **answered,
    }
    return render(request, "analyse/ask.html", context)


def _answered(request: WorkspaceRequest, sql: str) -> dict[str, Any]:
    try:
        found = ask(request.workspace, request.user, sql, Limits(rows=SHOWN))
    except Trouble as trouble:
        return {"trouble": trouble, "excerpt": _excerpt(sql, trouble)}
    return {"found": _shown(request.workspace, found), "asked": sql, "may_export": request.may(May.EXPORT)}


def _excerpt(sql: str, trouble: Trouble) -> str:
    """The line with the mistake and a caret under it."""
    if not trouble.line:
        return ""
    line = sql.split("\n")[trouble.line - 1].replace("\t", " ").rstrip()
    return f"{line}\n{' ' * (trouble.column - 1)}^"


def _shown(workspace: Workspace, found: Answer) -> dict[str, Any]:
    names = ask_values.names(found.rows)
    heads = [(name, ask_values.is_number(field.type)) for name, field in zip(names, found.rows.schema, strict=True)]
    columns = [ask_values.column_text(column) for column in found.rows.columns]
    links = [
        [_link(workspace, value) for value in column.to_pylist()] if name == "person" else None
        for name, column in zip(names, found.rows.columns, strict=True)
    ]
    rows = [
        [
            (column[place], is_number, link[place] if link else "")
            for column, (_name, is_number), link in zip(columns, heads, links, strict=True)
        ]
        for place in range(found.rows.num_rows)
    ]
    seconds = max(found.seconds, 0.01)
    return {"heads": heads, "rows": rows, "count": len(rows), "seconds": seconds, "note": _note(found)}


def _note(found: Answer) -> str:
    if found.reached == "rows":
        return _("There are more rows: the first %(count)s are shown.") % {"count": number(found.rows.num_rows)}
    return _("There are more rows; together they are too large to be shown.") if found.reached else ""


def _link(workspace: Workspace, value: Any) -> str:
    """A column called person leads to people, by number or by the id of addresses."""
    try:
        key = value if isinstance(value, int) else from_public_id(value)
        return reverse("organise:person", kwargs={"workspace": workspace.slug, "pid": public_id(key)})
    except (ValueError, TypeError):
        return ""


def _address(workspace: Workspace, sql: str) -> str:
    return f"{reverse('analyse:ask', kwargs={'workspace': workspace.slug})}?{urlencode({'q': sql})}"
