"""How long what is kept: days of each kind of data, and what would go under them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from . import expiry
from .retention import DEFAULTS, LEAST, MOST, Kind

NAMES = {
    Kind.BEHAVIOUR: (
        gettext_lazy("Looks and clicks"),
        gettext_lazy("Page views, opened mails, clicks, what web sites and apps report. They leave the log and the figures."),
    ),
    Kind.WORDS: (
        gettext_lazy("Words"),
        gettext_lazy("The text of posts, comments, messages and reviews. That someone wrote stays, and counts; what they wrote goes."),
    ),
    Kind.ACTS: (
        gettext_lazy("What people do in public"),
        gettext_lazy("Posts, comments, messages, reactions, follows, with their words. They leave the log and the figures."),
    ),
    Kind.ORDERS: (
        gettext_lazy("Orders and refunds"),
        gettext_lazy("Who bought what, when and for how much. Books of account have to be kept for years: ask before you set days."),
    ),
    Kind.FACTS: (
        gettext_lazy("What sources say of people"),
        gettext_lazy("Contact data and traits from imports and forms. People of whom nothing else is known go with them."),
    ),
    Kind.DISPLAY: (
        gettext_lazy("For display only"),
        gettext_lazy("What a platform lets us show for a short time and not build upon: LinkedIn. Two days at most, by its terms."),
    ),
    Kind.RAW: (
        gettext_lazy("Files and deliveries as they came"),
        gettext_lazy("Imported files, what platforms and web sites sent. What was read from them stays; it cannot be read anew."),
    ),
}


class _Refused(ValueError):
    """A number of days that cannot be."""


@allow(May.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: WorkspaceRequest) -> HttpResponseBase:
    entered: Mapping[str, Any] = {kind.value: days for kind, days in expiry.rules(request.workspace).items()}
    problems: dict[str, str] = {}
    if request.method == "POST":
        entered = {**entered, **request.POST.dict()}
        asked, problems = _asked(request.POST)
        if not problems:
            if expiry.set_rules(request.workspace, request.user, asked):
                messages.success(request, _("Kept. What has had its days goes within the next hour."))
            return redirect("listen:retention", workspace=request.workspace.slug)
    rows = [
        {"kind": kind, "id": kind.value.replace(" ", "-"), "name": name, "help": said, "days": entered.get(kind.value),
         "default": DEFAULTS[kind], "problem": problems.get(kind.value, ""), "is_fixed": kind is Kind.DISPLAY}
        for kind, (name, said) in NAMES.items()
    ]  # fmt: skip
    return render(request, "listen/retention.html", {"rows": rows, "least": LEAST, "most": MOST})


@allow(May.MANAGE)
@require_safe
def due(request: WorkspaceRequest) -> HttpResponse:
    """What would go today under the days in the address."""
    asked, problems = _asked(request.GET)
    counts = {} if problems else expiry.due(request.workspace, asked)
    lines = [{"name": NAMES[kind][0], "number": number} for kind, number in counts.items() if number]
    return render(request, "listen/retention_due.html", {"lines": lines, "problems": problems})


def _asked(given: Mapping[str, str]) -> tuple[dict[Kind, int | None], dict[str, str]]:
    """Days by kind (None: for ever), and a sentence for each that cannot be."""
    asked: dict[Kind, int | None] = {}
    problems: dict[str, str] = {}
    for kind in Kind:
        if kind is Kind.DISPLAY or kind.value not in given:
            continue
        try:
            asked[kind] = _days(given[kind.value].strip())
        except _Refused as refused:
            problems[kind.value] = str(refused)
    return asked, problems


def _days(text: str) -> int | None:
    if not text:
        return None
    if len(text) < 8 and text.isascii() and text.isdecimal() and LEAST <= int(text) <= MOST:
        return int(text)
    raise _Refused(
        _("“%(value)s” is not a number of days from %(least)d to %(most)d.") % {"value": text[:40], "least": LEAST, "most": MOST}
    )
