"""Segments: their list, one of them with what it says and who is in it, what is done with it, and the ready-made ones."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.store.folding import fold
from vincle.web.tags.formats import day, number, percent, signed

from . import hooking, members, preview, ready_made, segment_figures, segment_uses, segmenting
from .models import Segment
from .segment_words import Names, sentence, wrong
from .segments.reading import BadPredicate, read
from .views_segment_builder import act_url, everybody, sample

PAGE = 50
SHOWN = 8


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": request.workspace.slug, **more})


def said(predicate: Any, names: Names) -> str:
    """What a predicate (JSON) asks as a sentence; what is wrong with it where it cannot be read any more."""
    try:
        return sentence(read(predicate), names)
    except BadPredicate as bad:
        return wrong(bad, names)


@allow(May.SEE)
@never_cache
@require_safe
def list_segments(request: WorkspaceRequest) -> HttpResponse:
    put_away = request.GET.get("put_away") == "yes"
    rows = list(members.listed(request.workspace, archived=put_away))
    asked = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split()
    fitting = [row for row in rows if all(word in fold(f"{row.name} {row.description}") for word in asked)]
    shown, after, before = _page(fitting, request.GET.get("after", ""), request.GET.get("before", ""))
    nothing = not rows and not put_away
    context = {
        "title": _title(rows) if not put_away else _("Segments that are put away"), "nothing": nothing, "rows": _rows(request, shown),
        "after": after, "before": before,
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(len(fitting))},
        "put_away_choices": [("yes", _("Put away"))], "may_edit": request.may(May.EDIT_PEOPLE), "new_url": url(request, "segment_new"),
        "ready_url": url(request, "segments_ready"), "ready": _ready(request, counting=False) if nothing else [],
    }  # fmt: skip
    template = "organise/segments/list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def _title(rows: Sequence[Segment]) -> str:
    if not rows:
        return _("Segments")
    return ngettext("%(n)s segment that is always true", "%(n)s segments that are always true", len(rows)) % {"n": number(len(rows))}


def _page(rows: list[Segment], after: str, before: str) -> tuple[list[Segment], str | None, str | None]:
    """(rows of the page, keys of the next and the one before): by the public id of the last and the first."""
    places = {row.public: at for at, row in enumerate(rows)}
    start = places[after] + 1 if after in places else max(places[before] - PAGE, 0) if before in places else 0
    shown = rows[start : start + PAGE]
    return shown, shown[-1].public if start + PAGE < len(rows) else None, shown[0].public if start and shown else None


def _rows(request: WorkspaceRequest, segments: Sequence[Segment]) -> list[dict[str, Any]]:
    names = Names.of(request.workspace)
    trends = segment_figures.trends(request.workspace, segments) if segments else {}
    return [
        {"segment": row, "sentence": said(row.predicate, names), "points": trends[row.pk].points if len(trends[row.pk].points) > 1 else [],
         "change": trends[row.pk].change, "is_new": trends[row.pk].change is None, "url": url(request, "segment", segment=row.public),
         "people_url": people_url(request, row)}
        for row in segments
    ]  # fmt: skip


def people_url(request: WorkspaceRequest, segment: Segment) -> str:
    return f"{url(request, 'people')}?segment={segment.public}"


@allow(May.SEE)
@never_cache
@require_safe
def ready(request: WorkspaceRequest) -> HttpResponse:
    """All of them; asked with `counts`, the cards alone with how many people each finds."""
    counting = "counts" in request.GET
    context = {
        "ready": _ready(request, counting), "counted": counting, "may_edit": request.may(May.EDIT_PEOPLE),
        "new_url": url(request, "segment_new"), "ready_url": url(request, "segments_ready"),
    }  # fmt: skip
    return render(request, "organise/segments/_ready.html" if counting else "organise/segments/ready.html", context)


def _ready(request: WorkspaceRequest, counting: bool) -> list[dict[str, Any]]:
    there = {
        row.template: row for row in Segment.objects.of(request.workspace).filter(archived_at=None).exclude(template="").order_by("-pk")
    }
    found = []
    for each in ready_made.all_of(request.workspace):
        row = there.get(each.key)
        counted = preview.count(request.workspace, read(each.predicate)) if counting and each.predicate else None
        found.append({
            "ready": each, "segment": row, "segment_url": url(request, "segment", segment=row.public) if row else "",
            "count": counted.about if counted else None, "exact": counted.is_exact if counted else True,
        })  # fmt: skip
    return found


def one(request: WorkspaceRequest, public: str) -> Segment:
    """The segment of this workspace, put away or not. Http404."""
    found = members.found(request.workspace, public)
    if found is None:
        raise Http404
    return found


@allow(May.SEE)
@never_cache
@require_safe
def detail(request: WorkspaceRequest, segment: str) -> HttpResponse:
    row = one(request, segment)
    names = Names.of(request.workspace)
    told = ready_made.words(row.template)
    ids = [person for person, _since in members.page(row, size=SHOWN)]
    moves = segment_figures.moves(row)
    context = {
        "segment": row, "sentence": said(row.predicate, names), "problem": row.problem, "members": sample(request, ids),
        "share": _share(request, row), "moves": [_moved(request, row, move) for move in moves], "moves_sentence": "",
        "versions": _versions(row, names), "todo": told[1] if told else (),
        "leaning": [{"name": each.name, "url": url(request, "segment", segment=each.public)} for each in _leaning(request, row)],
        "uses": segment_uses.uses(request.workspace, row.public),
        "hooks": hooking.listed(row) if request.may(May.MANAGE) else None,
        "may_edit": request.may(May.EDIT_PEOPLE), "people_url": people_url(request, row), "act_url": act_url(request, row.public),
        **{f"{name}_url": url(request, f"segment_{name}", segment=row.public) for name in ("edit", "count", "apart", "overlap")},
        **_size(row),
    }  # fmt: skip
    return render(request, "organise/segments/detail.html", context)


def _leaning(request: WorkspaceRequest, row: Segment) -> list[Segment]:
    return segmenting.leaning_on(request.workspace, {row.public})


def _share(request: WorkspaceRequest, row: Segment) -> float:
    total = everybody(request.workspace)
    return min(row.members / total, 1.0) if total else 0.0


def _moved(request: WorkspaceRequest, row: Segment, move: segment_figures.Move) -> dict[str, Any]:
    why = url(request, "segment_why", segment=row.public, pid=move.public)
    return {"name": move.name, "at": move.at, "is_in": move.is_in, "why_url": why}


def _versions(row: Segment, names: Names) -> list[dict[str, Any]]:
    kept = segmenting.versions(row).select_related("by")[:20]
    return [{"version": each, "sentence": said(each.predicate, names), "is_current": each.number == row.version} for each in kept]


def _size(row: Segment) -> dict[str, Any]:
    """The line of its size: finding, sentence and data."""
    sizes = members.sizes(row)
    came, went = sum(each.entered for each in sizes[-28:]), sum(each.left for each in sizes[-28:])
    rows = [[day(each.day), each.members, each.entered, each.left] for each in sizes]
    drawn = [[text, size] for text, size, _in, _out in rows] if len(rows) > 1 else []
    told = _("Members at the end of each day. In the last 28 days %(came)s came in and %(went)s left.")
    return {
        "size_title": _size_title(sizes),
        "size_sentence": told % {"came": number(came), "went": number(went)} if drawn else _("Its size is drawn from its second day on."),
        "size_data": {"columns": [_("Day"), _("Members")], "rows": drawn},
    }


def _size_title(sizes: Sequence[members.Size]) -> str:
    if len(sizes) < 8:
        return _("It begins to have a history")
    now, before = sizes[-1].members, sizes[-min(29, len(sizes))].members
    days = min(28, len(sizes) - 1)
    if now == before:
        return _("As large as %(days)s days ago") % {"days": days}
    share = f" ({signed(round((now - before) / before * 100))} %)" if before >= 20 else ""
    words = _("%(n)s more than %(days)s days ago%(share)s") if now > before else _("%(n)s fewer than %(days)s days ago%(share)s")
    return words % {"n": number(abs(now - before)), "days": days, "share": share}


@allow(May.SEE)
@never_cache
@require_safe
def count(request: WorkspaceRequest, segment: str) -> HttpResponse:
    """The count as it is now."""
    row = one(request, segment)
    return render(request, "organise/segments/_count.html", {"segment": row, "share": _share(request, row)})


@allow(May.SEE)
@never_cache
@require_safe
def overlap(request: WorkspaceRequest, segment: str) -> HttpResponse:
    """Which other segments its members are in: an UpSet plot and its table."""
    row = one(request, segment)
    others = segment_figures.neighbours(request.workspace, row)
    parts = segment_figures.shared(row, others) if others else []
    drawn = segment_figures.upset(row, others, parts) if parts else {}
    for column in drawn.get("columns", ()):
        names = ", ".join(each.name for each in column["members"])
        column["names"] = names if len(column["members"]) > 1 else _("%(name)s only") % {"name": names}
        column["shown"] = number(column["count"])
        column["said"] = f"{column['names']}: {number(column['count'])}"
        chosen = "&".join(f"segment={each.public}" for each in column["members"])
        column["url"] = f"{url(request, 'people')}?{chosen}"
    context = {**drawn, "title": _overlap_title(row, others, parts), "told": _("Nobody in it is in another segment.")}
    return render(request, "organise/segments/_overlap.html", context)


def _overlap_title(row: Segment, others: Sequence[Segment], parts: Sequence[segment_figures.Shared]) -> str:
    if not others or not row.members:
        return _("It shares nobody with other segments")
    most = others[0]
    shared = sum(part.people for part in parts if most.pk in part.others)
    return _("%(share)s of them are also in “%(name)s”") % {"share": percent(shared / row.members), "name": most.name}


@allow(May.EDIT_PEOPLE)
@require_POST
def act(request: WorkspaceRequest, segment: str) -> HttpResponseBase:
    """Copy, put away, bring back, undo, go back to a version, look at everybody again: `do` says what."""
    row, do = one(request, segment), request.POST.get("do") or request.GET.get("do", "")
    try:
        target = _ACTS[do](request, row) if do in _ACTS else row
    except segmenting.Refused as refused:
        messages.error(request, str(refused))
        target = row
    except BadPredicate as bad:
        messages.error(request, wrong(bad, Names.of(request.workspace)))
        target = row
    if target is None:
        return redirect("organise:segments", workspace=request.workspace.slug)
    return redirect("organise:segment", workspace=request.workspace.slug, segment=target.public)


def _copy(request: WorkspaceRequest, row: Segment) -> Segment:
    made = segmenting.copy(request.workspace, request.user, row)
    messages.success(request, _("“%(name)s” is made.") % {"name": made.name})
    return made


def _archive(request: WorkspaceRequest, row: Segment) -> None:
    segmenting.archive(request.workspace, request.user, row)
    undo = f"undo:{act_url(request, row.public)}?do=restore"
    messages.success(request, _("“%(name)s” is put away.") % {"name": row.name}, extra_tags=undo)


def _restore(request: WorkspaceRequest, row: Segment) -> Segment:
    made = segmenting.restore(request.workspace, request.user, row)
    messages.success(request, _("“%(name)s” is back. Its members are being gathered.") % {"name": made.name})
    return made


def _undo(request: WorkspaceRequest, row: Segment) -> Segment:
    version = request.GET.get("version", "")
    if version and version != str(row.version):
        messages.error(request, _("It was changed again since; choose the version to go back to."))
        return row
    return _gone_back(request, segmenting.undo(request.workspace, request.user, row))


def _back(request: WorkspaceRequest, row: Segment) -> Segment:
    text = request.POST.get("number", "")
    version = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return _gone_back(request, segmenting.back_to(request.workspace, request.user, row, version))


def _gone_back(request: WorkspaceRequest, row: Segment) -> Segment:
    undo = f"undo:{act_url(request, row.public)}?do=undo&version={row.version}"
    messages.success(request, _("It asks what it asked before."), extra_tags=undo)
    return row


def _recompute(request: WorkspaceRequest, row: Segment) -> Segment:
    segmenting.recompute(request.workspace, request.user, row)
    messages.success(request, _("Everybody is being looked at again."))
    return row


_ACTS: dict[str, Any] = {
    "copy": _copy, "archive": _archive, "restore": _restore, "undo": _undo, "back": _back, "recompute": _recompute,
}  # fmt: skip
