"""The rules of what is told: their list, writing one, and what it would have said of the last ninety days, before it is kept."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User
from vincle.web.tags.formats import number
from vincle.web.tags.people import STAGES

from . import alerts, alerts_outside, listenings, notices
from .alerts_find import STATISTICAL, Found, find
from .alerts_settings import DEFAULTS, Refused, cleaned
from .models import Alert, Listening, Notice, Posting
from .notices_words import say
from .views_imports import tabs
from .views_notices import ICONS

TRIED_DAYS = 90
LISTED = 12
MUTES = ((1, gettext_lazy("1 hour")), (24, gettext_lazy("1 day")), (24 * 7, gettext_lazy("1 week")))
WHAT: dict[str, Any] = {
    "spike": gettext_lazy("More is said within hours than the weeks before lead one to expect."),
    "sentiment_drop": gettext_lazy("Of the opinions of a day, more are negative than in the four weeks before."),
    "crisis": gettext_lazy("Much more is said and it is negative, or several people speak of harm within an hour."),
    "vip": gettext_lazy("Someone with many followers, of a stage, with a tag, or whom someone of the team looks after."),
    "unanswered": gettext_lazy("A question, a complaint or a wish to be called that nobody of us answered in time."),
    "every_match": gettext_lazy("Each text that a query finds, as it comes: for names that are seldom said."),
    "connection": gettext_lazy("A connection that no longer hears or may soon not: what has to be done, and where."),
}


def _may_change(request: WorkspaceRequest) -> bool:
    return request.may(May.EDIT_PEOPLE) or request.may(May.EXPORT)


def _changing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is posted here is for those who work with people or figures; others are told so."""

    @wraps(view)
    def changing(request: WorkspaceRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or _may_change(request):
            return view(request, *args, **kwargs)
        messages.error(request, _("Alerts are the team's: you may look at them, and stop your own letters."))
        return redirect("listen:rules", workspace=request.workspace.slug)

    return changing


def _row(request: WorkspaceRequest, pk: int) -> Alert:
    found: Alert = get_object_or_404(alerts.visible(request.workspace, request.user), pk=pk)
    return found


@allow(May.SEE)
@never_cache
@require_safe
def rules(request: WorkspaceRequest) -> HttpResponse:
    kept = list(alerts.visible(request.workspace, request.user))
    since = timezone.now() - timedelta(days=30)
    noticed = Notice.objects.of(request.workspace).filter(at__gte=since).values_list("alert").annotate(n=Count("pk"))
    told = dict(noticed)
    given_up = set(Posting.objects.of(request.workspace).filter(state="failed", notice__isnull=False).values_list("alert", flat=True))
    rows = [
        {"row": row, "icon": ICONS[row.kind], "told": told.get(row.pk, 0), "is_muted": _is_muted(row), "has_failed": row.pk in given_up}
        for row in kept
    ]
    context = {"tabs": tabs(request, "alerts"), "rows": rows, "may_change": _may_change(request), "kinds": _kinds(request)}
    return render(request, "listen/rules.html", context)


def _is_muted(row: Alert) -> bool:
    return row.muted_until is not None and row.muted_until > timezone.now()


def _kinds(request: WorkspaceRequest) -> list[tuple[str, Any, Any, str, str]]:
    base = reverse("listen:rule_new", kwargs={"workspace": request.workspace.slug})
    return [(kind, label, WHAT[kind], ICONS[kind], f"{base}?{urlencode({'kind': kind})}") for kind, label in Alert.Kind.choices]


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_changing
def new(request: WorkspaceRequest) -> HttpResponse:
    """A rule to be made; without `kind` the choice of what is to be told."""
    kind = request.GET.get("kind", "")
    if kind not in Alert.Kind.values:
        return render(request, "listen/rule_kinds.html", {"tabs": tabs(request, "alerts"), "kinds": _kinds(request)})
    row = Alert(workspace=request.workspace, kind=kind, name=str(Alert.Kind(kind).label), settings=dict(DEFAULTS[kind]))
    return _form(request, row)


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_changing
def one(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A rule; posted to, it is changed."""
    return _form(request, _row(request, pk))


def _form(request: WorkspaceRequest, row: Alert) -> HttpResponse:
    wrong: dict[str, str] = {}
    given = _given_of(row)
    if request.method == "POST":
        given = _given(request, request.POST, row)
        try:
            done = alerts.save(request.workspace, request.user, given, row if row.pk else None)
        except Refused as error:
            wrong[error.field] = str(error)
        else:
            return _kept(request, done)
    return render(request, "listen/rule.html", _context(request, row, given, wrong), status=422 if wrong else 200)


def _kept(request: WorkspaceRequest, done: alerts.Done) -> HttpResponse:
    messages.success(request, _("“%(name)s” is kept.") % {"name": done.alert.name}, extra_tags=_undo(request, done))
    if done.secret:
        context = {"tabs": tabs(request, "alerts"), "row": done.alert, "secret": done.secret}
        return render(request, "listen/rule_secret.html", context)
    return redirect("listen:rule", workspace=request.workspace.slug, pk=done.alert.pk)


def _given_of(row: Alert) -> dict[str, Any]:
    names = ("name", "kind", "settings", "bell", "mail", "recipients", "webhook_url", "is_on")
    return {"listening": row.listening if row.listening_id else None, **{name: getattr(row, name) for name in names}}


def _given(request: WorkspaceRequest, post: QueryDict, row: Alert) -> dict[str, Any]:
    """What a form says. Only those who manage connections say where a webhook goes."""
    wanted = post.get("listening", "")
    listening = None
    if wanted:
        number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19 else 0
        listening = get_object_or_404(listenings.visible(request.workspace, request.user), pk=number)
    return {
        "name": post.get("name", ""),
        "kind": row.kind,
        "listening": listening,
        "settings": _settings(post),
        "bell": post.get("bell") == "on",
        "mail": post.get("mail", ""),
        "recipients": [int(each) for each in post.getlist("recipients") if each.isdecimal() and len(each) < 19],
        "webhook_url": post.get("webhook_url", "") if request.may(May.MANAGE) else row.webhook_url,
        "is_on": post.get("is_on") == "on",
    }


def _settings(post: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {name: post[name] for name in ("alarms_a_month", "people", "hours", "followers") if name in post}
    return found | {"stages": post.getlist("stages"), "tags": post.get("tags", "").split(","), "owned": post.get("owned") == "on"}


def _context(request: WorkspaceRequest, row: Alert, given: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    team = User.objects.filter(memberships__workspace=request.workspace, is_active=True).order_by("name", "email")
    postings = Posting.objects.of(request.workspace).filter(alert=row).order_by("-created_at")[:8] if row.pk else []
    listening: Listening | None = given["listening"]
    settings = {**given["settings"], "tags": _joined(given["settings"].get("tags", []))}
    if isinstance(settings.get("alarms_a_month"), float):
        settings["alarms_a_month"] = f"{settings['alarms_a_month']:g}"
    return {
        "tabs": tabs(request, "alerts"),
        "row": row,
        "given": given,
        "settings": settings,
        "wrong": wrong,
        "what": WHAT[row.kind],
        "may_change": _may_change(request),
        "may_manage": request.may(May.MANAGE),
        "mails": Alert.Mail.choices,
        "mutes": MUTES,
        "queries": listenings.visible(request.workspace, request.user),
        "listening_id": listening.pk if listening else None,
        "team": team,
        "stages": [(stage, label[0]) for stage, label in STAGES.items()],
        "is_muted": _is_muted(row),
        "postings": postings,
        "kind_name": Alert.Kind(row.kind).label,
        "icon": ICONS[row.kind],
        "is_learning": bool(row.learning_until),
    }


def _joined(tags: Any) -> str:
    return ", ".join(tag.strip() for tag in tags if tag.strip())


@allow(May.SEE)
@never_cache
@require_safe
def trial(request: WorkspaceRequest) -> HttpResponse:
    """What a rule would have said of the last ninety days, as it stands in the form."""
    kind = request.GET.get("kind", "")
    try:
        row = Alert(workspace=request.workspace, kind=kind, settings=cleaned(kind, _settings(request.GET)))
    except Refused as error:
        return render(request, "listen/rule_trial.html", {"problem": str(error)})
    row.listening = _given(request, request.GET, row)["listening"]
    until = timezone.now()
    found = find(row, until - timedelta(days=TRIED_DAYS), until, is_trial=True)
    return render(request, "listen/rule_trial.html", _tried(request, row, found, until))


def _tried(request: WorkspaceRequest, row: Alert, found: Found, until: datetime) -> dict[str, Any]:
    zone = ZoneInfo(request.workspace.timezone)
    count = len(found.findings)
    last = found.findings[: -LISTED - 1 : -1]
    known = notices.names(last)
    newest = [{"at": each.happened_at, "title": say(each.code, each.values, known.get(each.actor or 0, ""))} for each in last]
    title = (
        ngettext(
            "It would have told you once in the last %(days)s days", "It would have told you %(n)s times in the last %(days)s days", count
        )
        if count
        else _("It would have told you nothing in the last %(days)s days")
    )
    data = _drawn(row, found, until, zone)
    return {
        "title": title % {"n": number(count), "days": TRIED_DAYS},
        "data": data,
        "newest": newest,
        "more": count - len(newest),
        "learning_until": found.learning_until,
        "rate": f"{row.settings.get('alarms_a_month', 0):g}",
        "is_share": row.kind == Alert.Kind.SENTIMENT_DROP,
        "is_statistical": row.kind in STATISTICAL,
        "is_empty": found.hours is not None and not found.hours.counts.any(),
    }


def _drawn(row: Alert, found: Found, until: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The days of the trial: what was counted on each, with the moments of which the rule would have told."""
    today = until.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(TRIED_DAYS - 1, -1, -1)]
    place = {day: at for at, day in enumerate(days)}
    moments: dict[int, int] = {}
    for each in found.findings:
        at = place.get(each.happened_at.astimezone(zone).date())
        if at is not None:
            moments[at] = moments.get(at, 0) + 1
    values = _by_day(row, found, place, zone) if found.hours is not None else [moments.get(at, 0) for at in range(TRIED_DAYS)]
    counted = _("Texts") if found.hours is not None else _("Told")
    heading = _("Negative, % of a day's opinions") if row.kind == Alert.Kind.SENTIMENT_DROP else counted
    labels = [date_format(day, "j M") for day in days]
    data: dict[str, Any] = {"columns": [_("Day"), heading], "rows": [[label, value] for label, value in zip(labels, values, strict=True)]}
    if found.hours is not None:
        data["events"] = [{"at": at, "label": labels[at] if n == 1 else f"{labels[at]} × {n}"} for at, n in sorted(moments.items())]
    return data


def _by_day(row: Alert, found: Found, place: Mapping[Any, int], zone: ZoneInfo) -> list[float]:
    """Of each day: texts in all; for opinions the share of bad ones, in per cent."""
    seen = found.hours
    assert seen is not None
    sums = [[0.0, 0.0, 0.0] for _day in range(TRIED_DAYS)]
    for step in range(max(0, seen.counts.size - 24 * (TRIED_DAYS + 2)), seen.counts.size):
        at = place.get(seen.moment(step).astimezone(zone).date())
        if at is not None:
            for column, series in enumerate((seen.counts, seen.opinions, seen.negative)):
                sums[at][column] += float(series[step])
    if row.kind == Alert.Kind.SENTIMENT_DROP:
        return [round(100 * negative / opinions, 1) if opinions else 0 for _count, opinions, negative in sums]
    return [count for count, _opinions, _negative in sums]


def _undo(request: WorkspaceRequest, done: alerts.Done) -> str:
    return f"undo:{reverse('listen:rule_back', kwargs={'workspace': request.workspace.slug})}?{urlencode({'token': done.undo})}"


@allow(May.SEE)
@require_POST
@_changing
def put_away(request: WorkspaceRequest, pk: int) -> HttpResponse:
    done = alerts.archive(_row(request, pk), request.user)
    messages.success(request, _("“%(name)s” is put away.") % {"name": done.alert.name}, extra_tags=_undo(request, done))
    return redirect("listen:rules", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
@_changing
def back(request: WorkspaceRequest) -> HttpResponse:
    """Take a change back."""
    try:
        row = alerts.take_back(request.workspace, request.user, request.GET.get("token", ""))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is as it was.") % {"name": row.name})
    return redirect("listen:rules", workspace=request.workspace.slug)


@allow(May.SEE)
@require_POST
@_changing
def mute(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Keep a rule quiet for `hours`; 0: no longer."""
    row = _row(request, pk)
    given = request.POST.get("hours", "")
    hours = int(given) if given in {str(hours) for hours, _label in MUTES} else 0
    done = alerts.mute(row, request.user, hours)
    said = _("“%(name)s” is quiet for a while.") if hours else _("“%(name)s” tells again.")
    messages.success(request, said % {"name": row.name}, extra_tags=_undo(request, done))
    return redirect("listen:rule", workspace=request.workspace.slug, pk=pk)


@allow(May.MANAGE)
@require_POST
def webhook(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Send a test (`do`=test), or try a delivery again that had been given up (`posting`)."""
    row = _row(request, pk)
    given = request.POST.get("posting", "")
    if given.isascii() and given.isdecimal() and len(given) < 19:
        alerts_outside.again(get_object_or_404(Posting.objects.of(request.workspace).filter(alert=row), pk=int(given)))
        messages.success(request, _("It is tried again."))
    elif row.webhook_url:
        sent = alerts_outside.test(row)
        if sent.state == Posting.State.SENT:
            messages.success(request, _("The other side took the test (%(status)s).") % {"status": sent.status})
        else:
            messages.error(request, _("The test did not arrive: %(why)s") % {"why": sent.trouble})
    return redirect("listen:rule", workspace=request.workspace.slug, pk=pk)
