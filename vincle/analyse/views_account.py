"""Statistics of an account: ours, and any public account that was heard; beside another, and the days before."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.identify.models import Belonging
from vincle.science import account as science
from vincle.store.export import csv_response
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number
from vincle.web.tags.people import mark_of

from . import account as accounts_of
from . import account_page, account_words, wording
from .account import Account
from .account_posts import REPLY, SHARE, Posts, texts
from .choice import LENGTHS, Choice, choose

USUAL = "90"


@allow(May.SEE)
@never_cache
@require_safe
def accounts(request: WorkspaceRequest) -> HttpResponseBase:
    """Our own accounts and those with most posts. GET q: part of a name; pick twice: to see two side by side."""
    picked = request.GET.getlist("pick")[:2]
    if picked and accounts_of.find(request.workspace, picked[0]):
        beside = f"?beside={picked[1]}" if len(picked) > 1 and accounts_of.find(request.workspace, picked[1]) else ""
        return redirect(_address(request, picked[0]) + beside)
    asked = request.GET.get("q", "").strip()[:80]
    rows: list[dict[str, Any]] = [
        {"account": row.account, "posts": row.posts, "last": row.last, "url": _address(request, row.account.pid), "mark": row.account.kind}
        for row in accounts_of.listed(request.workspace, asked)
    ]
    context = {
        "rows": rows,
        "asked": asked,
        "may_import": request.may(May.IMPORT),
    }
    return render(request, "analyse/accounts.html", context)


def _address(request: WorkspaceRequest, pid: str, name: str = "account") -> str:
    return reverse(f"analyse:{name}", kwargs={"workspace": request.workspace.slug, "pid": pid})


def _find(request: WorkspaceRequest, pid: str) -> Account:
    found = accounts_of.find(request.workspace, pid)
    if found is None:
        raise Http404
    return found


class Asked:
    """An account and the days asked for: `days` (7, 28, 90; 90 unless said), `days=all`, or from and to."""

    def __init__(self, request: WorkspaceRequest, pid: str) -> None:
        self.account = _find(request, pid)
        zone = ZoneInfo(request.workspace.timezone)
        self.span = accounts_of.span(self.account)
        first, last = (moment.astimezone(zone).date() for moment in self.span) if self.span else (None, None)
        self.first, self.last = first, last
        given = {name: value for name, value in request.GET.dict().items() if name != "channel"}
        self.is_all = given.get("days") == "all" and first is not None and not given.get("from") and not given.get("to")
        if self.is_all:
            given |= {"from": str(first), "to": str(last), "days": ""}
        elif not (given.get("from") or given.get("to") or given.get("days")):
            given["days"] = USUAL
        self.choice: Choice = choose(given, request.workspace.timezone, self.span[1] if self.span else None)

    @property
    def period(self) -> tuple[date, date]:
        return self.choice.period.first, self.choice.period.last

    def posts(self) -> Posts:
        return Posts(self.account, *self.period)

    def before(self) -> Posts | None:
        """The same number of days before, where the account's posts reach back to their beginning."""
        first, last = self.period
        start = first - (last - first) - timedelta(days=1)
        if self.first is None or self.first > start:
            return None
        return Posts(self.account, start, first - timedelta(days=1))


@allow(May.SEE)
@never_cache
@require_safe
def account(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """GET days (7, 28, 90, all) or from and to, beside: another account."""
    asked = Asked(request, pid)
    context: dict[str, Any] = {"account": asked.account, "asked": asked, **_person(request, asked.account)}
    if asked.span is None:
        return render(request, "analyse/account_nothing.html", {**context, "may_import": request.may(May.IMPORT)})
    posts, before = asked.posts(), asked.before()
    links = account_page.Links(asked.account, *asked.period)
    given = request.GET.urlencode()
    best = posts.best()
    context |= {
        "choice": asked.choice,
        "posts": posts,
        "title": _title(asked.account, posts),
        "sentence": _sentence(asked.account, asked),
        "compared": wording.before(asked.choice) if before else "",
        "tiles": account_page.tiles(posts, before, asked.choice, links),
        "forms": account_page.forms(posts, links),
        "charts": account_page.charts(posts, links),
        "best": _best(posts, best, links),
        "definitions": account_page.DEFINITIONS.values(),
        "words_url": f"{_address(request, pid, 'account_words')}?{given}",
        "downloads": _downloads(request, pid) if request.may(May.EXPORT) else {},
        **_chips(request, asked),
        **_beside(request, asked, posts),
    }
    _link_kinds(context["charts"], posts, links)
    return render(request, "analyse/account.html", context)


def _title(account: Account, posts: Posts) -> str:
    words = {"name": account.name, "n": number(posts.n), "day": number(posts.n / posts.days, 1)}
    return _("%(name)s: %(n)s posts, %(day)s a day") % words if posts.n else _("%(name)s posted nothing in these days") % words


def _sentence(account: Account, asked: Asked) -> str:
    words = {"network": mark_of(account.kind)[1], "first": wording.full_day(asked.first), "last": wording.full_day(asked.last)}  # type: ignore[arg-type]
    if account.is_own:
        return _("One of our own, on %(network)s: how it posts and what that brings. Posts known from %(first)s to %(last)s.") % words
    return _("An account on %(network)s: how it posts and what that brings. Posts known from %(first)s to %(last)s.") % words


def _person(request: WorkspaceRequest, account: Account) -> dict[str, str]:
    """The way to whose account it is."""
    if account.handle is None or account.handle.is_own:
        return {"person_url": ""}
    person = Belonging.objects.of(request.workspace).filter(handle=account.handle.key).values_list("person", flat=True).first()
    url = reverse("organise:person", kwargs={"workspace": request.workspace.slug, "pid": public_id(person)}) if person else ""
    return {"person_url": url}


def _best(posts: Posts, places: Sequence[int], links: account_page.Links) -> list[dict[str, Any]]:
    said = texts(posts, places)
    columns = {name: posts.responses(name) for name in ("reactions", "answers", "shares")}
    return [
        {
            **said.get(place, {"text": "", "url": ""}),
            "day": account_page.day_of(posts, place),
            "stream": links.stream(account_page.day_of(posts, place), hour=int(posts.at[place] % 86_400 // 3600)),
            **{name: None if np.isnan(column[place]) else int(column[place]) for name, column in columns.items()},
        }
        for place in places
    ]


def _link_kinds(charts: dict[str, Any], posts: Posts, links: account_page.Links) -> None:
    """From each kind of reaction to the post that had most of it."""
    for row in charts.get("kinds", {}).get("rows", []):
        place = row["place"]
        row["url"] = (
            links.stream(account_page.day_of(posts, place), hour=int(posts.at[place] % 86_400 // 3600)) if place is not None else ""
        )


def _chips(request: WorkspaceRequest, asked: Asked) -> dict[str, Any]:
    choice = asked.choice
    words = _("Last %(days)s days of its posts") if choice.is_past else _("Last %(days)s days")
    lengths: list[tuple[Any, str]] = [(days, words % {"days": days}) for days in LENGTHS]
    every = _("All its posts")
    others = [row.account for row in accounts_of.listed(request.workspace) if row.account.pid != asked.account.pid]
    beside = request.GET.get("beside", "")
    if beside and beside not in {each.pid for each in others} and (more := accounts_of.find(request.workspace, beside)):
        others.insert(0, more)
    return {
        "lengths": [*lengths, ("all", every)],
        "chosen": "all" if asked.is_all else choice.days,
        "dates": f"{wording.plain_day(choice.period.first)} – {wording.plain_day(choice.period.last)}",
        "length": every if asked.is_all else next((label for days, label in lengths if days == choice.days), ""),
        "kept": [("beside", beside)] if beside else [],
        "others": [(each.pid, each.name) for each in others[:40]],
    }


def _beside(request: WorkspaceRequest, asked: Asked, posts: Posts) -> dict[str, Any]:
    wanted = request.GET.get("beside", "")
    other = accounts_of.find(request.workspace, wanted) if wanted and wanted != asked.account.pid else None
    if other is None:
        return {}
    theirs = Posts(other, *asked.period)
    days = wording.days_of(posts.first, posts.days)
    mine, ours = ([int(n) for n in science.by_day(each.at, each.first, each.last)] for each in (posts, theirs))
    chart = {
        "columns": [_("Day"), asked.account.name, other.name],
        "rows": [[wording.short_day(day, with_year=True), one, two] for day, one, two in zip(days, mine, ours, strict=True)],
        "unit": _("posts"),
    }
    return {
        "other": other,
        "other_url": _address(request, other.pid),
        "lines": account_page.beside([(asked.account, posts), (other, theirs)]),
        "both": chart,
        "both_title": _("%(name)s posted %(n)s times, %(other)s %(m)s times")
        % {"name": asked.account.name, "n": number(posts.n), "other": other.name, "m": number(theirs.n)},
    }


@allow(May.SEE)
@never_cache
@require_safe
def words(request: WorkspaceRequest, pid: str) -> HttpResponse:
    """What the account writes: a part of its page, asked for after it, for texts take longer to read than counts."""
    asked = Asked(request, pid)
    posts = asked.posts()
    links = account_page.Links(asked.account, *asked.period)
    said = account_page.said(account_words.words(posts), links)
    downloads = _downloads(request, pid) if request.may(May.EXPORT) else {}
    for each in said["lists"]:
        each["download"] = downloads.get(each["id"], "")
    return render(request, "analyse/account_words.html", {"said": said})


Cells = Iterator[tuple[Any, ...]]


def _days_table(posts: Posts) -> Cells:
    columns = [_daily(posts, weights) for weights in (None, *(posts.responses(name) for name in ("reactions", "answers", "shares")))]
    known = [not np.isnan(posts.responses(name)).all() for name in ("reactions", "answers", "shares")]
    forms = [science.by_day(posts.at[posts.form == form], posts.first, posts.last) for form in (REPLY, SHARE)]
    for place in range(posts.days):
        told = [int(column[place]) if is_known else "" for column, is_known in zip(columns[1:], known, strict=True)]
        yield (posts.first + timedelta(days=place), int(columns[0][place]), *(int(form[place]) for form in forms), *told)


def _daily(posts: Posts, weights: Any) -> Any:
    return science.by_day(posts.at, posts.first, posts.last, weights)


def _counted(name: str) -> Callable[[Posts], Cells]:
    return lambda posts: iter(getattr(account_words.words(posts), name).most_common())


_TABLES: dict[str, tuple[tuple[Any, ...], Callable[[Posts], Cells]]] = {
    "days": (("day", "posts", "replies", "shares of others", "reactions", "answers", "shares"), _days_table),
    "words": (("word", "posts"), _counted("words")),
    "replies": (("answered", "posts"), _counted("replies_to")),
    "shares": (("shared", "posts"), _counted("shares_of")),
    **{name: ((name, "posts"), _counted(name)) for name in ("mentions", "hashtags", "sites", "tools", "media")},
}


def _downloads(request: WorkspaceRequest, pid: str) -> dict[str, str]:
    given = f"?{request.GET.urlencode()}" if request.GET else ""
    at = {"workspace": request.workspace.slug, "pid": pid}
    return {name: reverse("analyse:account_csv", kwargs={**at, "table": name}) + given for name in _TABLES}


@allow(May.EXPORT)
@never_cache
@require_safe
def table_csv(request: WorkspaceRequest, pid: str, table: str) -> HttpResponseBase:
    """A table of the page with the same parameters: days, words, replies, shares, mentions, hashtags, sites, tools, media."""
    asked = Asked(request, pid)
    if table not in _TABLES:
        raise Http404
    headings, rows = _TABLES[table]
    return csv_response(f"account-{table}.csv", headings, rows(asked.posts()))
