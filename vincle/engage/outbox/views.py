"""The outbox on screen: what goes to many and how far it has come, what did not go through, what someone has to decide."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage import speaking
from vincle.store.export import csv_response
from vincle.web.tags.formats import number

from . import deciding, jobs, listing, outcomes, words_state
from .models import Job, Send

HEADINGS = ("to", "name", "job", "state", "why", "tries", "asked at", "sent at", "connection")


def url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"outbox:{name}", kwargs={"workspace": request.workspace.slug, **more})


def job_of(request: WorkspaceRequest, public: str) -> Job:
    row: Job | None = Job.objects.of(request.workspace).filter(public=public.replace("\0", "")).select_related("connection", "by").first()
    if row is None:
        raise Http404
    return row


def start_of(request: WorkspaceRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def paged(rows: Any, start: int) -> tuple[list[Any], dict[str, Any]]:
    """A page of a list and what the component `pager` takes."""
    total = rows.count()
    shown = list(rows[start : start + listing.PAGE])
    summary = _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(total)}
    after = start + listing.PAGE if start + listing.PAGE < total else None
    return shown, {"after": after, "before": max(start - listing.PAGE, 0) if start else None, "summary": summary, "total": total}


@allow(May.SEE)
@never_cache
@require_safe
def home(request: WorkspaceRequest) -> HttpResponse:
    shown, pages = paged(listing.job_list(request.workspace, request.GET), start_of(request))
    rows = listing.job_rows(shown)
    context = {
        "rows": rows, "counts": listing.overview(request.workspace), "lanes": listing.lanes(request.workspace), **pages,
        "tabs": speaking.tabs(request.workspace, "outbox"), "states": Job.State.choices, "is_live": any(_moves(row) for row in rows),
        "nothing": not rows and not request.GET, "may_approve": request.may(May.APPROVE), "sends_url": url(request, "sends"),
        "title": _finding(listing.overview(request.workspace)), "domains_url": url(request, "domains"),
        "limits_url": url(request, "limits"),
    }  # fmt: skip
    template = (
        "outbox/_jobs.html" if request.headers.get("HX-Request") == "true" and request.GET.get("part") == "list" else "outbox/home.html"
    )
    return render(request, template, context)


def _moves(row: listing.JobRow) -> bool:
    return row.job.state in (Job.State.RUNNING, Job.State.WAITING)


def _finding(counts: dict[str, int]) -> str:
    if counts["doubtful"]:
        return ngettext("%(n)s message needs your decision", "%(n)s messages need your decision", counts["doubtful"]) % {
            "n": number(counts["doubtful"])
        }
    if counts["sending"] or counts["waiting"]:
        total = counts["sending"] + counts["waiting"]
        return ngettext("%(n)s message waits to leave", "%(n)s messages wait to leave", total) % {"n": number(total)}
    return _("Everything has left")


@allow(May.SEE)
@never_cache
@require_safe
def job(request: WorkspaceRequest, public: str) -> HttpResponse:
    row = job_of(request, public)
    counts = jobs.progress(row)
    context = {
        "job": row, "row": listing.JobRow(row, counts, words_state.sentence(row.why)), "counts": counts, "skips": listing.skips(counts),
        "came": listing.came(row), "links": outcomes.links([row])[:50], "is_live": row.state in (Job.State.RUNNING, Job.State.WAITING),
        "tabs": speaking.tabs(request.workspace, "outbox"), "may_approve": request.may(May.APPROVE),
        "act_url": url(request, "act", public=public),
        "sends_url": f"{url(request, 'sends')}?job={row.public}", "back_url": url(request, "home"),
    }  # fmt: skip
    is_part = request.headers.get("HX-Request") == "true" and request.GET.get("part") == "job"
    return render(request, "outbox/_job.html" if is_part else "outbox/job.html", context)


_ACTS = {"pause": jobs.pause, "resume": jobs.resume, "stop": jobs.stop}


@allow(May.APPROVE)
@require_POST
def act(request: WorkspaceRequest, public: str) -> HttpResponseBase:
    """Pause, go on, stop."""
    row, what = job_of(request, public), request.POST.get("do", "")
    if what not in _ACTS:
        raise Http404
    if not _ACTS[what](row, request.user):
        messages.error(request, _("It had changed meanwhile. Nothing was done."))
    elif what == "pause":
        again = url(request, "act", public=row.public)
        messages.success(
            request, _("“%(name)s” is paused. Nothing more of it leaves.") % {"name": row.name}, extra_tags=f"undo:{again}?do=resume"
        )
    elif what == "resume":
        messages.success(request, _("“%(name)s” goes on.") % {"name": row.name})
    else:
        messages.success(request, _("“%(name)s” is stopped for good.") % {"name": row.name})
    return redirect("outbox:job", workspace=request.workspace.slug, public=row.public)


@allow(May.SEE)
@never_cache
@require_safe
def sends(request: WorkspaceRequest) -> HttpResponseBase:
    rows = listing.sends_list(request.workspace, request.GET)
    if request.GET.get("format") == "csv":
        if not request.may(May.EXPORT):
            raise PermissionDenied(May.EXPORT)
        return csv_response("sends.csv", HEADINGS, _csv(rows))
    shown, pages = paged(rows, start_of(request))
    chosen = Job.objects.of(request.workspace).filter(public=listing.clean(request.GET.get("job", ""))).first()
    context = {
        "rows": listing.send_rows(shown), **pages, "states": Send.State.choices, "tabs": speaking.tabs(request.workspace, "outbox"),
        "back_url": url(request, "home"), "act_url": url(request, "act_on_sends"), "may_approve": request.may(May.APPROVE),
        "may_export": request.may(May.EXPORT), "job": chosen, "query": request.GET.urlencode(), "most": listing.MOST,
    }  # fmt: skip
    return render(request, "outbox/sends.html", context)


def _csv(rows: Any) -> Iterator[tuple[Any, ...]]:
    piece: list[Send] = []
    for send in rows.iterator(chunk_size=1000):
        piece.append(send)
        if len(piece) == 1000:
            yield from map(_line, listing.send_rows(piece))
            piece = []
    yield from map(_line, listing.send_rows(piece))


def _line(row: listing.SendRow) -> tuple[Any, ...]:
    send = row.send
    return (
        row.address, row.name, send.job.name if send.job else "", str(send.get_state_display()), row.why, send.tries,
        send.created_at.isoformat(), send.sent_at.isoformat() if send.sent_at else "", send.connection.name or send.connection.channel,
    )  # fmt: skip


@allow(May.APPROVE)
@require_POST
def act_on_sends(request: WorkspaceRequest) -> HttpResponseBase:
    """With those that are ticked, or with all of what is filtered (`all`)."""
    what = request.POST.get("do", "")
    if request.POST.get("all"):
        chosen = listing.sends_list(request.workspace, request.GET)
        keys = list(chosen.values_list("pk", flat=True)[: listing.MOST])
    else:
        keys = [int(each) for each in request.POST.getlist("ids")[: listing.MOST] if each.isascii() and each.isdigit() and len(each) < 19]
    done = _done(request, what, keys)
    if done:
        messages.success(request, ngettext("Done with %(n)s message.", "Done with %(n)s messages.", done) % {"n": number(done)})
    else:
        messages.error(request, _("Nothing among them could be treated so."))
    return redirect(f"{url(request, 'sends')}?{request.GET.urlencode()}")


def _done(request: WorkspaceRequest, what: str, keys: list[int]) -> int:
    if what == "retry":
        return deciding.retry(request.workspace, request.user, keys)
    if what == "cancel":
        return deciding.cancel(request.workspace, request.user, keys)
    if what in ("left", "again"):
        return deciding.decide(request.workspace, request.user, keys, has_left=what == "left")
    raise Http404
