"""Promotions: their list, one of them with what it brought, its codes and the purchases made with them."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.choices import currencies
from vincle.engage import speaking
from vincle.engage.outbox.models import Job
from vincle.organise import members
from vincle.store.export import csv_response
from vincle.store.folding import fold
from vincle.web.tags.formats import money, number, percent

from . import promo_codes, promo_giving, promotions, promotions_form, promotions_report
from .models import Campaign
from .models_promotions import PromoCode, Promotion
from .promotions import Refused

PAGE = 50
MOST_BYTES = 10 * 1024 * 1024
HEADINGS = ("code", "person", "name", "given at", "given by", "last used", "purchases", "revenue", "currency")


def _url(request: WorkspaceRequest, name: str, **more: Any) -> str:
    return reverse(f"campaigns:{name}", kwargs={"workspace": request.workspace.slug, **more})


def _one(request: WorkspaceRequest, pk: int) -> Promotion:
    found: Promotion | None = Promotion.objects.of(request.workspace).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@allow(May.SEE)
@never_cache
@require_safe
def list_promotions(request: WorkspaceRequest) -> HttpResponse:
    put_away = request.GET.get("put_away") == "yes"
    rows = list(promotions.listed(request.workspace, archived=put_away)[:1_000])
    asked = fold(request.GET.get("q", "").replace("\x00", "")[:100]).split()
    fitting = [row for row in rows if all(word in fold(f"{row.name} {row.words}") for word in asked)]
    start = min(_place(request.GET.get("after", "")), len(fitting))
    shown = fitting[start : start + PAGE]
    figures = promotions_report.figures(shown)
    context = {
        "rows": [{"promotion": row, "figures": figures[row.pk], "state": state_of(row, figures[row.pk]), "worth": worth(row),
                  "revenue": revenue(figures[row.pk]), "url": _url(request, "promotion", promotion=row.pk)} for row in shown],
        "tabs": speaking.tabs(request.workspace, "promotions"), "nothing": not rows and not put_away, "may_speak": request.may(May.SPEAK),
        "put_away_choices": [("yes", _("Put away"))], "new_url": _url(request, "promotion_new"),
        "after": start + PAGE if start + PAGE < len(fitting) else None, "before": max(start - PAGE, 0) if start else None,
        "summary": _("%(shown)s of %(total)s") % {"shown": number(len(shown)), "total": number(len(fitting))},
    }  # fmt: skip
    return render(request, "campaigns/promotions.html", context)


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def state_of(row: Promotion, figures: promotions_report.Figures) -> tuple[str, str]:
    """(token, words) of how it stands."""
    now = timezone.now()
    if row.archived_at:
        return "plain", _("put away")
    if row.ends_at and row.ends_at <= now:
        return "plain", _("over")
    if row.starts_at and row.starts_at > now:
        return "plain", _("not yet")
    if figures.left_of(row) == 0:
        return "plain", _("used up")
    return "on", pgettext("a promotion", "holds")


def worth(row: Promotion) -> str:
    """What it is worth in a word."""
    if row.percent is not None:
        return _("%(share)s off") % {"share": percent(float(row.percent) / 100)}
    if row.amount is not None:
        return _("%(amount)s off") % {"amount": money(row.amount, row.currency)}
    return row.words


def revenue(figures: promotions_report.Figures) -> str:
    return " + ".join(money(amount, currency) for currency, amount in sorted(figures.revenue.items()))


@allow(May.SEE)
@never_cache
@require_safe
def detail(request: WorkspaceRequest, promotion: int) -> HttpResponse:
    row = _one(request, promotion)
    figures = promotions_report.figures([row])[row.pk]
    uses = promotions_report.uses(row)
    state, words = request.GET.get("state", ""), promo_codes.fold(request.GET.get("q", "")[:60])
    listed = promotions_report.codes(row, state, words)
    after = _place(request.GET.get("after", ""))
    shown = list(listed.order_by("pk")[after : after + PAGE])
    segment = members.found(request.workspace, row.segment) if row.segment else None
    context = {
        "promotion": row, "figures": figures, "state": state_of(row, figures), "left": figures.left_of(row),
        "closed": promo_giving.closed(row),
        "worth": worth(row), "finding": _finding(row, figures),
        "revenue": revenue(figures), "uses": [use for _key, use in uses], "sources": _sources(row), "segment": segment,
        "codes": _codes(request, shown), "total": listed.count(),
        "may_speak": request.may(May.SPEAK), "may_export": request.may(May.EXPORT),
        "shared": promotions.shared_code(row) if row.kind == Promotion.Kind.SHARED else None,
        "after": after + PAGE if after + PAGE < listed.count() else None, "before": max(after - PAGE, 0) if after else None,
        "states": [("free", _("Not given yet")), ("given", _("Given, not used")), ("used", _("Used"))],
        "tabs": speaking.tabs(request.workspace, "promotions"),
        "late": sum(use.is_late for _key, use in uses), "others": sum(not use.is_theirs for _key, use in uses),
        **{f"{name}_url": _url(request, f"promotion_{name}", promotion=row.pk) for name in ("edit", "codes", "act", "csv")},
    }  # fmt: skip
    return render(request, "campaigns/promotion.html", context)


def _finding(row: Promotion, figures: promotions_report.Figures) -> str:
    if not figures.given and not figures.purchases:
        return _("Nobody has been given a code yet")
    if not figures.purchases:
        told = ngettext("%(n)s has a code; nobody has used one yet", "%(n)s have a code; nobody has used one yet", figures.given)
        return told % {"n": number(figures.given)}
    told = ngettext("%(n)s purchase came back with a code", "%(n)s purchases came back with a code", figures.purchases)
    return told % {"n": number(figures.purchases)}


def _sources(row: Promotion) -> list[dict[str, Any]]:
    found = promotions_report.by_source(row)
    names = _source_names(row, [source for source, _given, _redeemed in found])
    return [
        {"name": names.get(source, source) if source else _("By hand"), "given": given, "redeemed": redeemed}
        for source, given, redeemed in found
    ]


def _source_names(row: Promotion, sources: list[str]) -> dict[str, str]:
    """What gave codes out, as the team calls it; of a journey the job by which its message leaves."""
    numbers = [int(key) for kind, _colon, key in (source.partition(":") for source in sources) if kind == "campaign" and key.isdigit()]
    jobs = Job.objects.of(row.workspace_id).filter(source__in=sources).order_by("pk").values_list("source", "name")
    names = {source: name.rpartition(": ")[0] or name for source, name in jobs}
    named = Campaign.objects.of(row.workspace_id).filter(pk__in=numbers).values_list("pk", "name")
    return names | {f"campaign:{pk}": name for pk, name in named}


def _codes(request: WorkspaceRequest, rows: list[PromoCode]) -> list[dict[str, Any]]:
    people = promotions_report.people_of(request.workspace, (row.person for row in rows if row.person is not None))
    return [{"code": row, "person": people.get(row.person) if row.person is not None else None} for row in rows]


@allow(May.SPEAK)
@never_cache
@require_safe
def new(request: WorkspaceRequest) -> HttpResponse:
    said = {"kind": Promotion.Kind.SINGLE, "worth": "percent", "currency": request.workspace.currency, "draws": "1"}
    return _form(request, None, said)


@allow(May.SPEAK)
@never_cache
@require_safe
def edit(request: WorkspaceRequest, promotion: int) -> HttpResponse:
    row = _one(request, promotion)
    code = promotions.shared_code(row)
    return _form(request, row, promotions_form.of(row, code.code if code else ""))


def _form(request: WorkspaceRequest, row: Promotion | None, said: promotions_form.Given, status: int = 200) -> HttpResponse:
    context = {
        "promotion": row, "f": said, "currencies": currencies(), "kinds": Promotion.Kind.choices,
        "segments": members.listed(request.workspace).values_list("public", "name"),
        "save_url": _url(request, "promotion_save"),
        "back_url": _url(request, "promotion", promotion=row.pk) if row else _url(request, "promotions"),
    }  # fmt: skip
    return render(request, "campaigns/promotion_form.html", context, status=status)


@allow(May.SPEAK)
@require_POST
def save(request: WorkspaceRequest) -> HttpResponseBase:
    pk = _place(request.POST.get("promotion", "")) or None
    row = _one(request, pk) if pk else None
    said = promotions_form.given(request.POST)
    if row:
        said["kind"] = row.kind
    try:
        made = promotions.save(request.workspace, request.user, promotions_form.terms(said), said["code"], pk)
    except Refused as refused:
        messages.error(request, str(refused))
        return _form(request, row, said, status=422)
    fresh = _("“%(name)s” is made. Campaigns and journeys can give it out now.") % {"name": made.name}
    messages.success(request, _("Kept.") if row else fresh)
    return redirect("campaigns:promotion", workspace=request.workspace.slug, promotion=made.pk)


@allow(May.SPEAK)
@require_POST
def add_codes(request: WorkspaceRequest, promotion: int) -> HttpResponseBase:
    """Codes made elsewhere, pasted or as a file."""
    row, file = _one(request, promotion), request.FILES.get("file")
    if file is not None and (file.size or 0) > MOST_BYTES:
        messages.error(request, _("The file is larger than 10 MB."))
        return redirect("campaigns:promotion", workspace=request.workspace.slug, promotion=row.pk)
    text = file.read().decode("utf-8-sig", "replace") if file is not None else request.POST.get("codes", "")[:MOST_BYTES]
    try:
        added = promotions.add_codes(request.workspace, request.user, row, text)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        told = ngettext("%(n)s code came in", "%(n)s codes came in", added.added) % {"n": number(added.added)}
        rest = [_("%(n)s were known") % {"n": number(added.known)}] if added.known else []
        rest += [_("%(n)s are no codes: %(some)s") % {"n": number(len(added.bad)), "some": ", ".join(added.bad[:3])}] if added.bad else []
        messages.success(request, "; ".join([told, *rest]) + ".")
    return redirect("campaigns:promotion", workspace=request.workspace.slug, promotion=row.pk)


@allow(May.SPEAK)
@require_POST
def act(request: WorkspaceRequest, promotion: int) -> HttpResponseBase:
    """Put away, bring back."""
    row, back = _one(request, promotion), request.POST.get("do", request.GET.get("do", "")) == "back"
    if promotions.archive(request.workspace, request.user, row, back=back):
        if back:
            messages.success(request, _("“%(name)s” is back.") % {"name": row.name})
        else:
            undo = f"undo:{_url(request, 'promotion_act', promotion=row.pk)}?do=back"
            messages.success(request, _("“%(name)s” is put away.") % {"name": row.name}, extra_tags=undo)
    return redirect("campaigns:promotions", workspace=request.workspace.slug)


@allow(May.SEE, May.EXPORT)
@require_safe
def download(request: WorkspaceRequest, promotion: int) -> HttpResponseBase:
    row = _one(request, promotion)
    return csv_response(f"codes-{quote(str(row.pk))}.csv", HEADINGS, promotions_report.csv_rows(row))
