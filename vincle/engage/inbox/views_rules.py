"""Rules: their list, one put together as a sentence and tried on what was before it is kept; and the question how well it went."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen import stream
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number
from vincle.web.tags.people import channel_name

from . import automation_saved, conditions, deeds, rule_form, satisfaction, service_nav, trying
from .actions import Refused
from .conditions_words import Names, sentence
from .models import Automation, AutomationRun, Satisfaction, Thread
from .rule_form import Given

SHOWN_RUNS = 20
LATELY = timedelta(days=30)


@allow(May.SEE)
@never_cache
@require_safe
def list_rules(request: WorkspaceRequest) -> HttpResponse:
    names = automation_saved.known(request.workspace)
    since = timezone.now() - LATELY
    ran = AutomationRun.objects.of(request.workspace).filter(at__gte=since).values_list("automation").annotate(n=Count("pk"))
    lately = dict(ran)
    living = conditions.living_of(request.workspace)
    rows = [
        {"rule": rule, "sentence": said(rule_form.of(rule), names), "lately": lately.get(rule.pk, 0), "ails": _ails(rule, names, living)}
        for rule in automation_saved.kept(request.workspace)
    ]
    context = {"rows": rows, "may_manage": request.may(May.MANAGE), "tabs": service_nav.pages(request.workspace, "rules")}
    return render(request, "inbox/rules.html", context)


def _ails(rule: Automation, names: Names, living: dict[str, frozenset[str]]) -> bool:
    """Whether it names what is gone."""
    return bool(deeds.problems(rule.deeds, names)) or any(conditions.gone(each, living) for each in rule.conditions)


def said(given: Given, names: Names) -> str:
    """A rule as a sentence."""
    minutes = deeds.minutes(given["minutes"] or 0)
    when = {
        "began": _("When a conversation begins"), "wrote": _("When they write again"),
        "waited": _("When nobody has answered for %(time)s") % {"time": minutes}, "closed": _("When someone closes a conversation"),
    }.get(given["moment"], "…")  # fmt: skip
    whether = sentence(given["conditions"], names)
    values = {"when": when, "whether": whether, "done": deeds.sentence(given["deeds"], names) or "…"}
    return (_("%(when)s and %(whether)s: %(done)s.") if whether else _("%(when)s: %(done)s.")) % values


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponseBase:
    return _form(request, None)


@allow(May.MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: WorkspaceRequest, rule: int) -> HttpResponseBase:
    return _form(request, _row(request, rule))


def _row(request: WorkspaceRequest, pk: int) -> Automation:
    found: Automation = get_object_or_404(Automation.objects.of(request.workspace), pk=pk, deleted_at=None)
    return found


def _form(request: WorkspaceRequest, row: Automation | None) -> HttpResponseBase:
    given = rule_form.of(row) if row else rule_form.blank()
    problem = ""
    if request.method == "POST":
        given = rule_form.read(request.POST)
        if press := request.POST.get("press", ""):
            given = rule_form.shaped(given, press)
        else:
            try:
                made = automation_saved.save(request.workspace, request.user, rule_form.meant(given), row.pk if row else None)
                messages.success(request, _("“%(name)s” is kept.") % {"name": made.name})
                return redirect("inbox:rules", workspace=request.workspace.slug)
            except Refused as refused:
                problem = str(refused)
    names = automation_saved.known(request.workspace)
    context = {
        **rule_form.shown(request.workspace, given, names), "rule": row, "problem": problem,
        "sentence": said(rule_form.meant(given), names), "runs": _runs(request, row, names) if row else [],
        "tabs": service_nav.pages(request.workspace, "rules"),
    }  # fmt: skip
    return render(request, "inbox/rule.html", context, status=422 if problem else 200)


@allow(May.MANAGE)
@never_cache
@require_POST
def shape(request: WorkspaceRequest) -> HttpResponse:
    """The fields anew after one of them was chosen, a row added or dropped."""
    given = rule_form.shaped(rule_form.read(request.POST), request.POST.get("press", ""))
    return render(request, "inbox/_rule_fields.html", rule_form.shown(request.workspace, given, automation_saved.known(request.workspace)))


@allow(May.MANAGE)
@never_cache
@require_POST
def trial(request: WorkspaceRequest) -> HttpResponse:
    """What the rule says, and what it would have done in the last thirty days. Nothing is written."""
    given = rule_form.meant(rule_form.read(request.POST))
    names = automation_saved.known(request.workspace)
    context: dict[str, Any] = {"sentence": said(given, names), "problems": automation_saved.problems(request.workspace, given)}
    if not context["problems"]:
        found = trying.tried(request.workspace, request.user, given)
        context |= {"trial": found, "done": deeds.sentence(given["deeds"], names), "told": _told(found)}
    return render(request, "inbox/_rule_trial.html", context)


def _told(found: trying.Trial) -> str:
    values = {"n": number(found.touched), "all": number(found.looked)}
    return ngettext(
        "It would have touched %(n)s of the %(all)s conversations of the last thirty days.",
        "It would have touched %(n)s of the %(all)s conversations of the last thirty days.", found.touched,
    ) % values  # fmt: skip


def _runs(request: WorkspaceRequest, row: Automation, names: Names) -> list[dict[str, Any]]:
    """What it did last: where, and what it could not do there."""
    ran = list(AutomationRun.objects.of(request.workspace).filter(automation=row).order_by("-at", "-pk")[:SHOWN_RUNS])
    standing = set(Thread.objects.of(request.workspace).filter(key__in=[each.thread for each in ran]).values_list("key", flat=True))
    found = []
    for each in ran:
        done = each.done.get("deeds", [])
        url = reverse("inbox:thread", kwargs={"workspace": request.workspace.slug, "pid": public_id(each.thread)})
        found.append({
            "at": each.at, "url": url if each.thread in standing else "",
            "deeds": [(deeds.phrase(deed, names), deed.get("detail") or deeds.why(deed["why"]) if "why" in deed else "") for deed in done],
        })  # fmt: skip
    return found


@allow(May.MANAGE)
@require_POST
def act(request: WorkspaceRequest, rule: int) -> HttpResponseBase:
    """Switch on or off, one place up, away, and back: `do` says what."""
    do, workspace, user = request.POST.get("do", ""), request.workspace, request.user
    if do == "restore":
        if automation_saved.restore(workspace, user, rule):
            messages.success(request, _("The rule is back. It is off."))
        return redirect("inbox:rules", workspace=workspace.slug)
    row = _row(request, rule)
    if do in ("on", "off"):
        automation_saved.switch(workspace, user, row, do == "on")
        messages.success(request, (_("“%(name)s” is on.") if do == "on" else _("“%(name)s” is off.")) % {"name": row.name})
    elif do == "up":
        automation_saved.raise_up(workspace, user, row)
    elif do == "delete":
        automation_saved.delete(workspace, user, row)
        messages.success(request, _("“%(name)s” is gone. What it did stays.") % {"name": row.name})
    return redirect("inbox:rules", workspace=workspace.slug)


# How well it went


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD"])
def asking(request: WorkspaceRequest) -> HttpResponse:
    return _asking(request, _kept(request))


def _kept(request: WorkspaceRequest) -> Given:
    kept = satisfaction.settings_of(request.workspace)
    amount, unit = rule_form.amount(kept.ask_after_minutes)
    return {"is_asked": kept.ask_satisfaction, "amount": amount, "unit": unit, "question": kept.question, "channels": kept.ask_channels}


def _asking(request: WorkspaceRequest, given: Given, problem: str = "") -> HttpResponse:
    since = timezone.now() - LATELY
    asked = Satisfaction.objects.of(request.workspace).filter(asked_at__gte=since).values_list("score", flat=True)
    scores = Counter(asked)
    answered = sum(n for score, n in scores.items() if score)
    channels = sorted(stream.channels_of(request.workspace), key=lambda each: channel_name(each).casefold())
    context = {
        "given": given, "problem": problem, "may_manage": request.may(May.MANAGE), "tabs": service_nav.pages(request.workspace, "asking"),
        "units": list(rule_form.UNIT_WORDS.items()),
        "channels": [(each, channel_name(each), each in given["channels"]) for each in channels],
        "asked": sum(scores.values()), "answered": answered, "longest": satisfaction.LONGEST_QUESTION,
        "usual": satisfaction.question_of(satisfaction.ServiceSettings(), request.LANGUAGE_CODE),
    }  # fmt: skip
    return render(request, "inbox/asking.html", context, status=422 if problem else 200)


@allow(May.MANAGE)
@require_POST
def asking_save(request: WorkspaceRequest) -> HttpResponseBase:
    post = request.POST
    amount, unit = post.get("amount", "").strip(), post.get("unit", "m")
    minutes = int(amount) * rule_form.UNITS.get(unit, 1) if amount.isascii() and amount.isdecimal() and len(amount) < 7 else -1
    given: Given = {"is_asked": bool(post.get("is_asked")), "amount": amount[:7], "unit": unit, "question": post.get("question", ""),
             "channels": post.getlist("channel")[:50]}  # fmt: skip
    try:
        satisfaction.save(request.workspace, request.user, given["is_asked"], minutes, given["question"], given["channels"])
    except Refused as refused:
        return _asking(request, given, str(refused))
    messages.success(request, _("Kept."))
    return redirect("inbox:asking", workspace=request.workspace.slug)
