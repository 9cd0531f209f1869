"""Surveys: their list, a new one (empty, ready, out of a file), and what is done with one as a whole."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.export import csv_response
from vincle.store.folding import fold
from vincle.web.tags.formats import number

from . import actions_builder as actions
from . import builder_words, formats, library
from .actions_builder import Refused
from .builder_pages import STATE_TONES, maybe_url, one, shown, url
from .definition import model
from .models import Invitation, Response, Survey

PAGE = 40


@allow(May.SEE)
@never_cache
@require_safe
def list_surveys(request: WorkspaceRequest) -> HttpResponseBase:
    state = request.GET.get("state", "")
    rows = Survey.objects.of(request.workspace).filter(deleted_at=None)
    if state in Survey.State.values:
        rows = rows.filter(state=state)
    asked = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split()
    every = [row for row in _counted(rows).order_by("-changed_at", "-pk")[:1_000] if all(word in fold(row.name) for word in asked)]
    if request.GET.get("format") == "csv" and request.may(May.EXPORT):
        return _csv(every)
    start = int(found) if (found := request.GET.get("after", "")).isascii() and found.isdigit() and len(found) < 6 else 0
    part = every[start : start + PAGE]
    context = {
        "rows": [_row(request, row) for row in part], "title": _title(len(every)), "state": state, "words": " ".join(asked),
        "states": list(Survey.State.choices), "after": start + PAGE if start + PAGE < len(every) else None,
        "before_url": f"?after={max(start - PAGE, 0)}" if start else "", "new_url": url(request, "new"),
        "may_speak": request.may(May.SPEAK),
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(part)), "total": number(len(every))},
        "may_export": request.may(May.EXPORT),
    }  # fmt: skip
    return shown(request, "surveys/list.html", context)


def _counted(rows: Any) -> Any:
    """With answers and invitations, in the one query."""

    def of(model_: Any, **where: Any) -> Any:
        found = model_.objects.filter(survey=OuterRef("pk"), **where).order_by().values("survey").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(found), 0)

    asked = Q(asked_at__isnull=False)
    invited = Invitation.objects.filter(asked, survey=OuterRef("pk")).order_by().values("survey").annotate(n=Count("pk")).values("n")
    replied = (
        Invitation.objects.filter(asked, survey=OuterRef("pk"), state="answered")
        .order_by()
        .values("survey")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.annotate(
        answers=of(Response, state="complete"), begun=of(Response, state="partial"), invited=Coalesce(Subquery(invited), 0),
        replied=Coalesce(Subquery(replied), 0),
    ).only("pk", "workspace_id", "name", "state", "closes_at", "closed_at", "changed_at", "is_anonymous")  # fmt: skip


def _title(n: int) -> str:
    return ngettext("%(n)s survey", "%(n)s surveys", n) % {"n": number(n)} if n else _("Surveys")


def _row(request: WorkspaceRequest, row: Any) -> dict[str, Any]:
    return {
        "survey": row, "url": url(request, "edit", survey=row.pk), "tone": STATE_TONES[row.state],
        "rate": row.replied / row.invited if row.invited else None, "report_url": maybe_url(request, "report", survey=row.pk),
        "answers_url": maybe_url(request, "answers", survey=row.pk), "ends": row.closes_at or row.closed_at,
    }  # fmt: skip


def _csv(rows: list[Any]) -> HttpResponseBase:
    heads = [_("Name"), _("State"), _("Answers"), pgettext("survey", "Begun"), _("Invited"), _("Closes"), _("Changed")]
    lines = (
        [row.name, row.get_state_display(), row.answers, row.begun, row.invited, row.closes_at or row.closed_at or "", row.changed_at]
        for row in rows
    )
    return csv_response("surveys.csv", heads, lines)


# New


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponseBase:
    """Choose what to begin with."""
    here = request.LANGUAGE_CODE if request.LANGUAGE_CODE in ("en", "es", "it", "ca") else "en"
    if request.method == "POST":
        return _made(request, here)
    cards = [{"key": key, "name": model.say(library.name(key), here), "use": model.say(library.use(key), here)} for key in library.READY]
    context = {"cards": cards, "back_url": url(request, "list"), "bring_url": url(request, "bring"), "languages": _choices(here)}
    return shown(request, "surveys/new.html", context)


def _choices(here: str) -> list[tuple[str, str, bool]]:
    return [(code, builder_words.LANGUAGES[code], code == here) for code in ("en", "es", "it", "ca")]


def _made(request: WorkspaceRequest, here: str) -> HttpResponseBase:
    key = request.POST.get("key", "")
    wanted: list[str] = [code for code in ("en", "es", "it", "ca") if code in request.POST.getlist("language")] or [here]
    main = here if here in wanted else wanted[0]
    if key in library.READY:
        definition = library.survey(key, main)
        definition.languages = [main, *(code for code in wanted if code != main)]
    else:
        key, definition = (
            "",
            model.Survey(languages=[main, *(code for code in wanted if code != main)], language=main, pages=[model.Page(id="p1")]),
        )
    name = request.POST.get("name", "").strip() or model.say(definition.title, main) or _("New survey")
    if not definition.title:
        definition.title = {main: name[:200]}
    try:
        row = actions.create(request.workspace, request.user, name, definition, template=key)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("surveys:list", workspace=request.workspace.slug)
    return redirect("surveys:edit", workspace=request.workspace.slug, survey=row.pk)


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: WorkspaceRequest) -> HttpResponseBase:
    """Out of a file of another tool, or our own."""
    problem = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = _("Choose a file.")
        else:
            try:
                return _brought(request, file)
            except formats.Refused as fault:
                problem = builder_words.refused(fault)
            except Refused as refused:
                problem = str(refused)
    context = {
        "problem": problem, "back_url": url(request, "new"), "endings": ",".join(formats.ENDINGS),
        "kinds": list(builder_words.FORMATS.values()),
    }  # fmt: skip
    return shown(request, "surveys/bring.html", context, status=422 if problem else 200)


def _brought(request: WorkspaceRequest, file: Any) -> HttpResponseBase:
    if file.size > formats.MOST_BYTES:
        raise formats.Refused("too_large")
    content = file.read()
    read = formats.read(content, file.name)
    survey = read.survey
    name = model.say(survey.title, survey.language, survey) or file.name.rpartition(".")[0]
    row = actions.create(request.workspace, request.user, name, survey, came_from=formats.told(content, file.name), left_out=read.left_out)
    return redirect("surveys:brought", workspace=request.workspace.slug, survey=row.pk)


@allow(May.SEE)
@never_cache
@require_safe
def brought(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """What came, and what could not."""
    row = one(request, survey)
    definition = model.load(row.definition)
    groups: dict[str, list[dict[str, str]]] = {}
    for each in row.left_out:
        groups.setdefault(builder_words.why(each["why"]), []).append(each)
    n = sum(1 for _each in model.questions(definition))
    context = {
        "survey": row, "groups": sorted(groups.items(), key=lambda item: -len(item[1])), "n": n, "pages": len(definition.pages),
        "edit_url": url(request, "edit", survey=row.pk),
        "languages": ", ".join(builder_words.language(code) for code in definition.languages),
        "back_url": url(request, "list"), "left": len(row.left_out),
        "title": ngettext("%(n)s question came", "%(n)s questions came", n) % {"n": number(n)},
    }  # fmt: skip
    return shown(request, "surveys/brought.html", context)


# Deeds


@allow(May.SPEAK)
@never_cache
@require_POST
def act(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """What may be done by those who prepare: copy, rename, bring a version back."""
    row, do = one(request, survey), request.POST.get("do", "")
    try:
        if do == "copy":
            made = actions.copy(row, request.user)
            messages.success(request, _("“%(name)s” is a copy.") % {"name": made.name})
            return redirect("surveys:edit", workspace=request.workspace.slug, survey=made.pk)
        if do == "rename":
            is_anonymous = bool(request.POST.get("anonymous")) if "has_anonymous" in request.POST else None
            actions.rename(row, request.user, request.POST.get("name", ""), is_anonymous)
            messages.success(request, _("Kept."))
        if do == "restore":
            bare = request.POST.get("number", "")
            actions.restore(row, request.user, int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 8 else 0)
            messages.success(request, _("The draft says again what that version said."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("surveys:edit", workspace=request.workspace.slug, survey=row.pk)


@allow(May.APPROVE)
@never_cache
@require_POST
def turn(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Open (also what was changed while open), pause, go on, close, open again."""
    row, do = one(request, survey), request.POST.get("do", "")
    deeds = {"pause": actions.pause, "resume": actions.resume, "close": actions.close}
    said = {
        "pause": _("Paused. Nobody can answer until it goes on."),
        "resume": _("People can answer again."),
        "close": _("Closed. The report is final."),
    }
    try:
        if do == "open":
            was_open = row.state == Survey.State.OPEN
            actions.open_(row, request.user, request.POST.get("note", ""))
            messages.success(request, _("What you changed is asked from now on.") if was_open else _("It is open. Now ask people."))
        elif do in deeds:
            deeds[do](row, request.user)
            messages.success(request, said[do])
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("surveys:checks", workspace=request.workspace.slug, survey=row.pk)
    return redirect(
        (request.POST.get("next") == "checks" and "surveys:checks") or "surveys:edit", workspace=request.workspace.slug, survey=row.pk
    )


@allow(May.MANAGE)
@never_cache
@require_POST
def delete(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row = one(request, survey)
    actions.delete(row, request.user)
    undo = f"undo:{url(request, 'undelete', survey=row.pk)}"
    messages.success(request, _("“%(name)s” is deleted.") % {"name": row.name}, extra_tags=undo)
    return redirect("surveys:list", workspace=request.workspace.slug)


@allow(May.MANAGE)
@never_cache
@require_POST
def undelete(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    row = one(request, survey, deleted=True)
    try:
        actions.undelete(row, request.user)
        messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("surveys:list", workspace=request.workspace.slug)
