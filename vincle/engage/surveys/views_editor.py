"""The editor: pages and questions in a list, what one of them is set to, and the survey as it will be beside it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.letters import pictures
from vincle.engage.letters.actions import Refused as NoPicture

from . import actions_builder as actions
from . import builder_words, editing, kinds, properties, sentences, theme
from .actions_builder import Refused
from .builder_pages import framed, languages, one, shown, url
from .definition import checks, model
from .definition.model import Survey as Definition
from .editing import Draft, Trail
from .models import Survey
from .whole import read_page, read_whole

_WHOLE = "whole"


@allow(May.SEE)
@never_cache
@require_safe
def edit(request: WorkspaceRequest, survey: int) -> HttpResponse:
    return page(request, one(request, survey), request.GET.get("at", ""))


def page(request: WorkspaceRequest, row: Survey, at: str) -> HttpResponse:
    """The whole screen; asked by htmx, only the builder. `at`: id of what is open, "whole" for the survey itself."""
    draft, definition = row.definition, model.load(row.definition)
    code = language_of(request, draft)
    at = at if at == _WHOLE or at in editing.ids(draft) else _first(draft)
    trail = Trail(row.trail, draft)
    found = checks.troubles(definition, is_anonymous=row.is_anonymous)
    context = framed(
        request, row, "edit", at=at, code=code, main=draft["language"], languages=languages(row, code), pages=_outline(definition, code,
            at, found),
        open=_open(row, definition, at, code), can_undo=trail.can_undo, can_redo=trail.can_redo, groups=kinds.groups(),
        in_the_way=sum(1 for each in found if not each.is_warning), change_url=url(request, "change", survey=row.pk),
        preview_url=url(request, "preview", survey=row.pk), edit_url=url(request, "edit", survey=row.pk),
        checks_url=url(request, "checks", survey=row.pk), turn_url=url(request, "turn", survey=row.pk), delete_url=url(request, "delete",
            survey=row.pk),
        formats=[(key, *words) for key, words in builder_words.FORMATS.items()],
            trouble=[builder_words.trouble(each) for each in found if _at(each, at)],
    )  # fmt: skip
    context["is_part"] = request.headers.get("HX-Request") == "true"
    name = "surveys/_builder.html" if context["is_part"] else "surveys/edit.html"
    return shown(request, name, context)


def language_of(request: WorkspaceRequest, draft: Draft) -> str:
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    return asked if asked in draft["languages"] else str(draft["language"])


def _first(draft: Draft) -> str:
    pages = draft.get("pages", [])
    items = pages[0].get("items", []) if pages else []
    return items[0]["id"] if items else pages[0]["id"] if pages else _WHOLE


def _at(trouble: checks.Trouble, at: str) -> bool:
    parts = trouble.place.split("/")
    return at == (parts[1] if len(parts) > 1 else parts[0] or _WHOLE)


def _outline(definition: Definition, code: str, at: str, found: list[checks.Trouble]) -> list[dict[str, Any]]:
    bad = {([*each.place.split("/"), ""])[1] or each.place for each in found if not each.is_warning}
    rows = []
    for n, each in enumerate(definition.pages, 1):
        items = [_line(definition, item, code, at, bad) for item in each.items]
        title = model.say(each.title, code, definition) or _("Page %(n)d") % {"n": n}
        rows.append({"id": each.id, "title": title, "items": items, "is_open": each.id == at, "is_bad": each.id in bad, "number": n,
                     "is_conditional": bool(each.show_if), "by_subject": bool(each.by_subject)})  # fmt: skip
    return rows


def _line(definition: Definition, item: model.Item, code: str, at: str, bad: set[str]) -> dict[str, Any]:
    kind = kinds.KINDS[str(item.__struct_config__.tag)]
    return {
        "id": item.id, "icon": kind.icon, "kind": kind.name, "text": model.say(item.text, code, definition) or "", "is_open": item.id == at,
        "is_bad": item.id in bad, "is_conditional": bool(item.show_if), "is_required": item.required == "yes",
    }  # fmt: skip


def _open(row: Survey, definition: Definition, at: str, code: str) -> dict[str, Any]:
    """What stands beside the list: the properties of what is open."""
    draft, main = row.definition, row.definition["language"]
    if at == _WHOLE:
        return {"is_whole": True, "texts": [(name, builder_words.PROPERTIES[name], draft.get(name, {}).get(code, ""), name != "title",
                                             draft.get(name, {}).get(main, "") if code != main else "") for name in ("title", "welcome",
                                                 "thanks", "covering")],
                "settings": definition.settings, "theme": definition.theme, "areas": _named(definition.areas, code),
                "subjects": _named(definition.subjects, code),
                "questions": [(item.id, model.say(item.text, code, definition) or item.id) for _page,
                item in model.questions(definition) if model.points(item)]}  # fmt: skip
    target = editing.find(draft, at)
    shared = {
        "id": at, "text": target.get("text", {}).get(code, ""), "text_first": target.get("text", {}).get(main, "") if code != main else "",
        "show_if": target.get("show_if", ""), "sentence": sentences.sentence(target.get("show_if", ""), definition, code),
        "before": _before(definition, at, code),
    }  # fmt: skip
    if "type" not in target:
        page_ = next(each for each in definition.pages if each.id == at)
        return {**shared, "is_page": True, "title": page_.title.get(code, ""), "title_first": page_.title.get(main,
            "") if code != main else "", "page": page_,
                "areas": [(each.id, model.say(each.name, code, definition) or each.id) for each in definition.areas],
                "by": [(item.id, model.say(item.text, code, definition)) for _p, item in model.questions(definition) if isinstance(item,
                model.Multiple)],
                "is_only": len(definition.pages) == 1}  # fmt: skip
    kind = target["type"]
    rule = target.get("validate") or {}
    return {
        **shared, "kind": kinds.KINDS[kind], "controls": properties.filled(kinds.controls(kind), target, code, main),
        "kinds": list(kinds.KINDS.values()), "pictures": _pictures(target, code, main) if kind == "image_choice" else [],
        "rule": rule.get("rule", ""), "rule_words": rule.get("words", {}).get(code, ""),
        "rule_sentence": sentences.sentence(rule.get("rule", ""), definition, code), "asks": kind not in ("note", "hidden", "computed"),
    }  # fmt: skip


def _pictures(target: Draft, code: str, main: str) -> list[tuple[str, str, str]]:
    """(id, words, address of the picture) of each answer."""
    rows = target.get("choices", [])
    said = [each.get("text", {}).get(code) or each.get("text", {}).get(main) or each["id"] for each in rows]
    return [(each["id"], words, theme.picture(each.get("image", ""))) for each, words in zip(rows, said, strict=True)]


def _named(rows: Any, code: str) -> str:
    return "\n".join(each.name.get(code, "") for each in rows)


def _before(definition: Definition, at: str, code: str) -> list[dict[str, Any]]:
    """Questions asked earlier, with what can be asked of them, for putting a condition together."""
    found = []
    for page_, item in model.questions(definition):
        if at in (item.id, page_.id):
            break
        if isinstance(item, model.Note):
            continue
        choices = [(each.id, model.say(each.text, code, definition)) for each in getattr(item, "choices", [])]
        found.append({"id": item.id, "text": model.say(item.text, code, definition) or item.id, "choices": choices,
                      "many": isinstance(item, model.Multiple | model.Ranking)})  # fmt: skip
    return found


# Deeds


@allow(May.SPEAK)
@never_cache
@require_POST
def change(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """One deed on the draft; htmx is shown the builder anew, everybody else is led back to it."""
    row, at = one(request, survey), request.POST.get("id", "")[:40]
    try:
        row, at = _done(request, row, request.POST.get("do", ""), at)
    except Refused as refused:
        messages.error(request, str(refused))
    if request.headers.get("HX-Request") != "true":
        code = language_of(request, row.definition)
        return redirect(f"{url(request, 'edit', survey=row.pk)}?at={at}&lang={code}")
    answer = page(request, row, at)
    answer.headers["HX-Trigger"] = "vincle:built"
    return answer


def _done(request: WorkspaceRequest, row: Survey, do: str, id: str) -> tuple[Survey, str]:
    """(the survey as it stands then, id of what to show). Raises Refused."""
    post, user = request.POST, request.user
    if do in ("undo", "redo"):
        return actions.step(row, user, -1 if do == "undo" else 1), id
    made = {"at": id}

    def kept(pair: tuple[Draft, str]) -> Draft:
        made["at"] = pair[1]
        return pair[0]

    by = -1 if post.get("by", "") == "-1" else 1
    code, picture = language_of(request, row.definition), _picture(request) if do == "picture" else ""
    deeds: dict[str, Callable[[Draft], Draft]] = {
        "add": lambda draft: kept(editing.add(draft, _new(post.get("kind", "")), id if id != _WHOLE else "")),
        "add_page": lambda draft: kept(editing.add_page(draft, id if id != _WHOLE else "")),
        "double": lambda draft: kept(editing.double(draft, id)), "move": lambda draft: editing.move(draft, id, by),
        "carry": lambda draft: editing.carry(draft, id, post.get("before", "")[:40]),
        "remove": lambda draft: kept((editing.remove(draft, id), _beside(draft, id))),
        "turn": lambda draft: editing.turn(draft, id, _new(post.get("kind", ""))),
        "rename": lambda draft: kept((editing.rename(draft, id, post.get("to", "").strip()), post.get("to", "").strip())),
        "set": lambda draft: _set(draft, id, request, code), "whole": lambda draft: read_whole(draft, post, code),
        "picture": lambda draft: editing.picture(draft, id, post.get("choice", "")[:40], picture),
        "add_language": lambda draft: editing.add_language(draft, post.get("code", "")[:12].lower()),
        "drop_language": lambda draft: editing.drop_language(draft, code),
    }  # fmt: skip
    if do not in deeds:
        raise Refused(_("That is not known here."))
    changed = actions.change(row, user, deeds[do])
    if do == "remove":
        messages.success(request, _("Removed."), extra_tags=f"undo:{url(request, 'undo', survey=row.pk)}")
    return changed, made["at"] if do != "whole" else _WHOLE


def _picture(request: WorkspaceRequest) -> str:
    """The token of what was uploaded, drawn anew; "" where it is to be taken away. Raises Refused."""
    given = request.FILES.get("picture")
    if given is None:
        return ""
    if (given.size or 0) > pictures.LARGEST:
        raise Refused(_("The picture is larger than %(most)d MB.") % {"most": pictures.LARGEST >> 20})
    try:
        return pictures.add(request.workspace, request.user, given.name or "", given.read()).token
    except NoPicture as refused:
        raise Refused(str(refused)) from refused


def _new(kind: str) -> Draft:
    if kind not in kinds.KINDS:
        raise Refused(_("That is not known here."))
    return {"type": kind, **kinds.KINDS[kind].begins}


def _beside(draft: Draft, id: str) -> str:
    """What is shown when this is gone: what stood behind it, else before."""
    n, m = editing.place(draft, id)
    items = draft["pages"][n].get("items", [])
    if m < 0:
        return str(draft["pages"][n - 1 if n else min(1, len(draft["pages"]) - 1)]["id"])
    rest = [item["id"] for place, item in enumerate(items) if place != m]
    return str(rest[min(m, len(rest) - 1)] if rest else draft["pages"][n]["id"])


def _set(draft: Draft, id: str, request: WorkspaceRequest, code: str) -> Draft:
    target = editing.find(draft, id)
    post = request.POST.dict()
    if "type" not in target:
        return editing.change(draft, id, read_page(target, post, code))
    values = properties.read(kinds.controls(target["type"]), post, target, code, draft["language"])
    has = set(post.get("has", "").split())
    if "text" in has:
        values["text"] = _texts(target.get("text"), code, post.get("text", ""))
    if "show_if" in has:
        values["show_if"] = post.get("show_if", "").replace("\x00", "").strip()[:4_000]
    if "rule" in has:
        said = post.get("rule", "").replace("\x00", "").strip()[:4_000]
        words = (target.get("validate") or {}).get("words")
        values["validate"] = {"rule": said, "words": _texts(words, code, post.get("rule_words", ""))} if said else None
    return editing.change(draft, id, values)


def _texts(texts: Any, code: str, text: str) -> dict[str, str]:
    found = {key: said for key, said in (texts or {}).items() if key != code}
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()[:4_000]
    return {**found, code: text} if text else found


@allow(May.SPEAK)
@never_cache
@require_POST
def undo(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """What the undo of a toast posts to."""
    row = one(request, survey)
    try:
        actions.step(row, request.user, -1)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("surveys:edit", workspace=request.workspace.slug, survey=row.pk)
