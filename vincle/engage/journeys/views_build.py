"""The canvas and the text beside it: both change the same definition, which the page carries until it is kept."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import Workspace

from . import actions, checking, ready, things
from .actions import Refused
from .canvas import head_form, shaping, step_form, taking, tree, troubles, wording
from .canvas.fields import NotSaid
from .canvas.shaping import Json
from .definition.checks import BadDefinition
from .definition.reading import read, write
from .definition.text.parsing import parse
from .definition.text.printing import show
from .definition.text.tokens import BadText
from .models import Journey
from .views import found, url

HEAD = "_head"
"""What stands for the head of a journey where steps are named."""


@dataclass
class Built:
    """A definition under way. `at`: the step to go on from; `is_open`: its dialog opens at once; `text`: words that could not be read."""

    definition: Json
    at: str = ""
    is_open: bool = False
    text: str | None = None
    bad: BadText | None = None
    problems: dict[str, str] = field(default_factory=dict)


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponseBase:
    if request.method == "POST":
        return _keep(request, None)
    chosen = ready.one(request.GET.get("from", ""))
    if chosen is None and "from" not in request.GET:
        context = {"ready": ready.listed(), "back_url": url(request, "list"), "new_url": url(request, "new")}
        return render(request, "journeys/new.html", context)
    return _page(request, None, Built(chosen.definition() if chosen else ready.blank()), chosen.name if chosen else "")


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, journey: str) -> HttpResponseBase:
    row = found(request, journey)
    if request.method == "POST":
        return _keep(request, row)
    return _page(request, row, Built(write(actions.definition_of(row))), row.name)


def _keep(request: WorkspaceRequest, row: Journey | None) -> HttpResponseBase:
    built, name = Built(taking.taken(request.POST.get("definition", ""))), request.POST.get("name", "")[:200]
    user, workspace = request.user, request.workspace
    try:
        if row is None:
            row = actions.create(workspace, user, name, built.definition)
        else:
            if name != row.name:
                actions.rename(workspace, user, row, name)
            actions.save_version(workspace, user, row, built.definition)
    except (BadDefinition, Refused) as bad:
        built.problems = problems(workspace, built.definition)
        return _page(request, row, built, name, str(bad) if isinstance(bad, Refused) else troubles.of(built.definition, bad)[1])
    told = _("Kept.") if row.state == Journey.State.DRAFT else _("Kept. The journey goes on as it was until you publish this version.")
    messages.success(request, told)
    return redirect("journeys:journey", workspace=workspace.slug, journey=row.public)


def _page(request: WorkspaceRequest, row: Journey | None, built: Built, name: str, problem: str = "") -> HttpResponse:
    context = {
        **_shown(request, built), "journey": row, "name": name, "problem": problem, "kinds": _kinds(),
        "back_url": url(request, "journey", journey=row.public) if row else url(request, "list"),
        "save_url": url(request, "edit", journey=row.public) if row else url(request, "new"),
        **{f"{each}_url": url(request, each) for each in ("shape", "step", "try")},
    }  # fmt: skip
    return render(request, "journeys/build.html", context, status=422 if problem else 200)


def _kinds() -> list[dict[str, Any]]:
    return [{"kind": kind, "icon": wording.KINDS[kind][0], "words": wording.KINDS[kind][1]} for kind in shaping.KINDS]


def problems(workspace: Workspace, definition: Json) -> dict[str, str]:
    """What keeps it from being kept or started, by step ("" for the whole)."""
    said: dict[str, str] = {}
    if not definition.get("steps"):
        said[""] = troubles.words("no_steps")
    try:
        asked = read(definition)
    except BadDefinition as bad:
        step, words = troubles.of(definition, bad)
        return said | {step: words}
    return said | {each.node: each.words for each in reversed(checking.problems(workspace, asked))}


def _shown(request: WorkspaceRequest, built: Built) -> dict[str, Any]:
    definition, workspace = built.definition, request.workspace
    words = things.words(workspace, definition)
    wrong = built.problems or problems(workspace, definition)
    return {
        "flow": tree.tree(definition, words, problems=wrong), "head": tree.head(definition, words), "head_problem": wrong.get("", ""),
        "definition": json.dumps(definition, ensure_ascii=False, separators=(",", ":")), "at": built.at, "is_open": built.is_open,
        "text": _text(definition, words, built), "bad": built.bad, "bad_words": troubles.on_line(built.bad) if built.bad else "",
        "is_editing": True, "wrong": len(wrong), "is_readable": built.text is not None or _reads(definition),
    }  # fmt: skip


def _reads(definition: Json) -> bool:
    try:
        read(definition)
    except BadDefinition:
        return False
    return True


def _text(definition: Json, words: wording.Words, built: Built) -> str:
    """The definition in words; "" while something in it is not said."""
    if built.text is not None:
        return built.text
    try:
        return show(read(definition), words.names)
    except BadDefinition:
        return ""


# One press


@allow(May.SPEAK)
@never_cache
@require_POST
def shape(request: WorkspaceRequest) -> HttpResponse:
    """The canvas anew after something was done on it. Nothing is kept."""
    definition = taking.taken(request.POST.get("definition", ""))
    press, _colon, rest = request.POST.get("press", "").partition(":")
    try:
        built = _pressed(request, definition, press, rest)
    except NotSaid as not_said:
        return _dialog(request, definition, rest, not_said)
    response = render(request, "journeys/_builder.html", _shown(request, built))
    response["HX-Trigger-After-Swap"] = json.dumps({"journey-shaped": {"at": built.at, "open": built.is_open}})
    return response


def _pressed(request: WorkspaceRequest, definition: Json, press: str, rest: str) -> Built:
    match press:
        case "add":
            kind, _colon, place = rest.partition(":")
            made, key = shaping.added(definition, place, kind)
            return Built(made, key, kind != "leave")
        case "remove":
            return Built(*shaping.removed(definition, rest))
        case "up" | "down":
            return Built(shaping.moved(definition, rest, -1 if press == "up" else 1), rest)
        case "copy":
            return Built(*shaping.copied(definition, rest))
        case "place":
            key, _colon, place = rest.partition(":")
            return Built(shaping.placed(definition, key, place), key)
        case "step":
            return _step_read(request, definition, rest)
        case "text":
            return _text_read(request, definition)
    return Built(definition, request.POST.get("at", "")[:30])


def _step_read(request: WorkspaceRequest, definition: Json, key: str) -> Built:
    if key == HEAD:
        around = things.around(request.workspace, definition)
        head = head_form.read(_draft(request, definition, key), request.POST, around)
        return Built({**head, "steps": definition["steps"]}, key)
    draft = _draft(request, definition, key)
    if not draft:
        return Built(definition)
    values = step_form.read(draft, request.POST, things.around(request.workspace, definition, key))
    return Built(shaping.replaced(definition, key, values), key)


def _text_read(request: WorkspaceRequest, definition: Json) -> Built:
    text = request.POST.get("text", "")[:200_000]
    try:
        parsed = parse(text, things.words(request.workspace, definition).names)
    except BadText as bad:
        return Built(definition, text=text, bad=bad)
    return Built(write(parsed.definition))


# The dialog of a step


@allow(May.SPEAK)
@never_cache
@require_POST
def step(request: WorkspaceRequest) -> HttpResponse:
    """The dialog of a step, or of how the journey starts."""
    definition = taking.taken(request.POST.get("definition", ""))
    return _dialog(request, definition, request.POST.get("at", "")[:30])


def _draft(request: WorkspaceRequest, definition: Json, key: str) -> Json:
    """What the dialog is about: the step (or head) as it stands, or as ways were added in the dialog; {} where it is gone."""
    held = request.POST.get("draft", "")
    if key == HEAD:
        whole = taking.taken(held) if held else definition
        return {name: value for name, value in whole.items() if name != "steps"}
    if held and (drafts := taking.taken(f'{{"steps":[{held}]}}')["steps"]):
        return dict(drafts[0])
    place = shaping.find(definition, key)
    return place[2] if place else {}


def _dialog(request: WorkspaceRequest, definition: Json, key: str, not_said: NotSaid | None = None) -> HttpResponse:
    around = things.around(request.workspace, definition, "" if key == HEAD else key)
    draft = _draft(request, definition, key)
    ways, _colon, which = request.POST.get("ways", "").partition(":")
    if ways and draft:
        draft = _turned(request, draft, around, key, ways, which)
    if key == HEAD:
        title, fields = _("How it starts and ends"), head_form.fields(draft, around)
    elif draft:
        title, fields = str(wording.KINDS[shaping.kind(draft)][1]), step_form.fields(draft, around)
    else:
        title, fields = _("This step is gone"), []
    for each in fields:
        each.problem = str(not_said) if not_said and each.name == not_said.field else ""
        if not_said and each.name in request.POST and each.sort not in ("days", "check"):
            each.value = request.POST[each.name]
    context = {"title": title, "fields": fields, "key": key, "draft": json.dumps(draft, ensure_ascii=False),
               "shape_url": url(request, "shape"), "step_url": url(request, "step")}  # fmt: skip
    response = render(request, "journeys/_step.html", context)
    if not_said:
        response["HX-Retarget"], response["HX-Reswap"] = "#step-body", "innerHTML"
    return response


def _turned(request: WorkspaceRequest, draft: Json, around: Any, key: str, ways: str, which: str) -> Json:
    """The draft with what stands in the dialog now, and one way more or fewer."""
    if key == HEAD:
        said = _said(head_form.read, draft, request, around)
        return head_form.more(said, which) if ways == "more" else head_form.fewer(said, which)
    said = {"id": draft.get("id", key)} | _said(step_form.read, draft, request, around)
    if ways == "more":
        return step_form.more(said)
    return step_form.fewer(said, int(which[1:]) if which[1:].isdecimal() else -1)


def _said(reader: Any, draft: Json, request: WorkspaceRequest, around: Any) -> Json:
    try:
        return dict(reader(draft, request.POST, around))
    except NotSaid:
        return draft
