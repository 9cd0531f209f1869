"""Beside the editor: translating, checking before it is opened, versions, the definition as a file, and the preview."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.tags.formats import number

from . import actions_builder as actions
from . import builder_words, editing, formats, texts
from .actions_builder import Changed, Refused
from .builder_pages import framed, languages, one, shown, url
from .definition import checks, model
from .models import Survey, SurveyVersion


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def translate(request: WorkspaceRequest, survey: int) -> HttpResponseBase:
    """Every text in its own language and in another, beside each other."""
    row = one(request, survey)
    draft = row.definition
    others = [code for code in draft["languages"] if code != draft["language"]]
    asked = request.POST.get("lang") or request.GET.get("lang", "")
    code = asked if asked in others else others[0] if others else ""
    if request.method == "POST":
        return _translated(request, row, code)
    rows = texts.said(draft) if code else []
    only = request.GET.get("only") == "missing"
    lines = [_text(place, draft["language"], code) for place in rows if not only or not place.texts.get(code, "").strip()]
    n = texts.missing(draft, code) if code else 0
    context = framed(
        request, row, "translate", lines=lines, code=code, code_name=builder_words.language(code), main=draft["language"],
        main_name=builder_words.language(draft["language"]), languages=languages(row, code), only=only, missing=n, done=len(rows) - n,
            total=len(rows),
        title=ngettext("%(n)s text is missing", "%(n)s texts are missing", n) % {"n": number(n)} if n else _("Every text is there"),
        change_url=url(request, "change", survey=row.pk), translate_url=url(request, "translate", survey=row.pk),
        more=[(each, name) for each, name in builder_words.LANGUAGES.items() if each not in draft["languages"]],
    )  # fmt: skip
    return shown(request, "surveys/translate.html", context)


def _text(place: texts.Place, main: str, code: str) -> dict[str, Any]:
    return {
        "address": place.address, "name": builder_words.PROPERTIES.get(place.name, place.name), "part": place.part,
        "from": place.texts.get(main, ""),
        "to": place.texts.get(code, ""), "rows": min(12, max(1, len(place.texts.get(main, "")) // 60 + place.texts.get(main,
        "").count("\n") + 1)),
    }  # fmt: skip


def _translated(request: WorkspaceRequest, row: Survey, code: str) -> HttpResponseBase:
    if not request.may(May.SPEAK):
        raise Http404
    told = {name[2:]: text for name, text in request.POST.items() if name.startswith("t:") and isinstance(text, str)}

    def laid(draft: editing.Draft) -> editing.Draft:
        new = editing.change(draft, "", {})
        texts.put(new, code, told)
        return new

    try:
        changed = actions.change(row, request.user, laid)
    except (Refused, Changed) as refused:
        messages.error(request, str(refused))
        changed = row
    if request.headers.get("HX-Request") == "true":
        left = texts.missing(changed.definition, code)
        words = (
            ngettext("Kept. %(n)s text is missing.", "Kept. %(n)s texts are missing.", left) % {"n": number(left)}
            if left
            else _("Kept. Every text is there.")
        )
        return HttpResponse(words, content_type="text/plain; charset=utf-8")
    messages.success(request, _("Kept."))
    return redirect(f"{url(request, 'translate', survey=row.pk)}?lang={code}")


@allow(May.SEE)
@never_cache
@require_safe
def check(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """What has to be mended, and what might be, before it is opened."""
    row = one(request, survey)
    definition = model.load(row.definition)
    code = definition.language
    found = [_trouble(request, row, definition, each, code) for each in checks.troubles(definition, is_anonymous=row.is_anonymous)]
    bad, soft = [each for each in found if not each["is_warning"]], [each for each in found if each["is_warning"]]
    n = len(bad)
    title = ngettext("%(n)s thing to mend", "%(n)s things to mend", n) % {"n": number(n)} if n else _("It can be asked")
    context = framed(
        request, row, "checks", title=title, bad=bad, soft=soft, turn_url=url(request, "turn", survey=row.pk), minutes=_minutes(definition),
        questions=sum(1 for _each in model.questions(definition)), pages=len(definition.pages),
            language_names=[builder_words.language(each) for each in definition.languages],
        has_letter=all(definition.covering.get(each) for each in definition.languages), main=model.main_question(definition),
        edit_url=url(request, "edit", survey=row.pk),
    )  # fmt: skip
    return shown(request, "surveys/checks.html", context)


def _trouble(request: WorkspaceRequest, row: Survey, definition: model.Survey, each: checks.Trouble, code: str) -> dict[str, Any]:
    id, words = builder_words.place(definition, each.place, code)
    address = f"{url(request, 'edit', survey=row.pk)}?at={id or 'whole'}"
    if each.code == "untranslated":
        address = f"{url(request, 'translate', survey=row.pk)}?only=missing"
    return {"words": builder_words.trouble(each), "place": words, "url": address, "is_warning": each.is_warning}


_SECONDS = {"matrix": 5, "long_text": 25, "text": 10, "ranking": 20, "constant_sum": 25, "hidden": 0, "computed": 0, "note": 4}


def _minutes(definition: model.Survey) -> int:
    """How long it takes, roughly: some seconds for each question, more where one writes or rates many rows."""
    seconds = 0
    for _page, item in model.questions(definition):
        seconds += _SECONDS.get(str(item.__struct_config__.tag), 8) * max(1, len(getattr(item, "rows", [])))
    return max(1, round(seconds / 60))


@allow(May.SEE)
@never_cache
@require_safe
def versions(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """What was asked, since when, and what was new in it."""
    row = one(request, survey)
    kept = list(SurveyVersion.objects.of(request.workspace).filter(survey=row).select_related("by").order_by("-number")[:200])
    rows = []
    for place, each in enumerate(kept):
        before = kept[place + 1].definition if place + 1 < len(kept) else {}
        rows.append({"version": each, "is_now": row.version_id == each.pk, "changes": _changes(before, each.definition) if before else []})
    context = framed(
        request, row, "versions", rows=rows, title=ngettext("%(n)s version", "%(n)s versions", len(kept)) % {"n": number(len(kept))}
    )
    return shown(request, "surveys/versions.html", context)


def _changes(before: editing.Draft, after: editing.Draft) -> list[tuple[str, str]]:
    """("in" | "out" | "other", words) of the questions that came, went or changed."""
    old, new = (model.load(each) for each in (before, after))
    was = {item.id: item for _page, item in model.questions(old)}
    now = {item.id: item for _page, item in model.questions(new)}
    found = [("out", model.say(item.text, old.language) or id) for id, item in was.items() if id not in now]
    found += [("in", model.say(item.text, new.language) or id) for id, item in now.items() if id not in was]
    found += [("other", model.say(item.text, new.language) or id) for id, item in now.items() if id in was and item != was[id]]
    return found[:60]


@allow(May.SEE)
@never_cache
@require_safe
def export(request: WorkspaceRequest, survey: int, key: str) -> HttpResponse:
    """The definition as a file of a format."""
    row = one(request, survey)
    if key not in formats.FORMATS:
        raise Http404
    made = formats.write(model.load(row.definition), key)
    name = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in row.name)[:60].strip("-") or "survey"
    answer = HttpResponse(made.content, content_type=made.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}{made.ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@allow(May.SEE)
@never_cache
@require_safe
def exported(request: WorkspaceRequest, survey: int) -> HttpResponse:
    """What each format has no place for, before one takes the file."""
    row = one(request, survey)
    definition = model.load(row.definition)
    rows = []
    for key, (name, use) in builder_words.FORMATS.items():
        left = formats.write(definition, key).left_out
        groups: dict[str, list[str]] = {}
        for each in left:
            groups.setdefault(builder_words.why(each.why), []).append(f"{each.place}: {each.what}")
        rows.append(
            {
                "key": key,
                "name": name,
                "use": use,
                "left": len(left),
                "groups": sorted(groups.items()),
                "url": url(request, "export", survey=row.pk, key=key),
            }
        )
    context = framed(request, row, "edit", rows=rows, edit_url=url(request, "edit", survey=row.pk))
    return shown(request, "surveys/export.html", context)
