"""Where invitations, codes and raffle tickets lead. To look at an address answers nothing; only what is posted does.

Codes hold 52 bits and are looked up by hash; whoever tries addresses that lead nowhere is soon told to wait.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import public
from vincle.store.buckets import Buckets

from . import asked_words, asking_bridge, codes, codes_kept, first_question, raffles, settled, targeting
from .collectors import Refused
from .definition import model
from .models import Collector, Invitation, Survey

STRANGERS = Buckets(burst=20, rate=1 / 6)
"""Tries of one sender at codes that lead nowhere: ten thousand years would not find one."""

CROWD = Buckets(burst=2_000, rate=20)
"""The same of everybody together, so that many senders do not help."""

LOOKS = Buckets(burst=240, rate=4)


def sender(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return ""


def _nothing(request: HttpRequest, template: str = "surveys/asking/asked_none.html", **context: Any) -> HttpResponse:
    """No such code; after some of them, wait."""
    is_fast = not (STRANGERS.take(sender(request)) and CROWD.take("all"))
    answer = render(request, template, {"is_fast": is_fast, **context}, status=429 if is_fast else 404)
    if is_fast:
        answer["Retry-After"] = "60"
    return _quiet(answer)


def _quiet(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _language(request: HttpRequest, definition: model.Survey, own: str = "") -> str:
    wanted = [
        request.GET.get("lang", "")[:12],
        own,
        *(part.partition(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")[:8]),
    ]
    return asked_words.chosen(definition, wanted)


# Invitations


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, code: str) -> HttpResponseBase:
    """What somebody was sent: why, the first question with what they chose in the mail, a button."""
    row = settled.found(code)
    if row is None:
        return _nothing(request)
    definition = asked_words.asked(row.survey)
    language = _language(request, definition, row.collector.language)
    with translation.override(language):
        if row.state == Invitation.State.ANSWERED and row.survey.one_answer_per:
            return _said(request, row.survey, definition, language, _("You have answered already. Thank you."))
        if request.method == "POST":
            return _begin(request, row, definition, language)
        if (why := asking_bridge.shut(row.survey, row.collector)) is not None:
            return _said(request, row.survey, definition, language, why)
        context = {**_about(row.survey, definition, language), **_first(definition, language, request.GET.get("a", ""))}
        context["decline_url"] = reverse("surveys_public:invitation_no", kwargs={"code": code})
        return _quiet(render(request, "surveys/asking/asked.html", context))


def _about(survey: Survey, definition: model.Survey, language: str) -> dict[str, Any]:
    return {
        "survey": survey, "title": asked_words.title(definition, survey, language), "why": asked_words.invitation(survey, language),
        "facts": asked_words.facts(survey, definition), "company": survey.workspace.name, "language": language,
    }  # fmt: skip


def _first(definition: model.Survey, language: str, chosen: str) -> dict[str, Any]:
    found = first_question.first(definition, language)
    if found is None:
        return {"first": None}
    answers = [(sent, short, words or short, sent == chosen) for sent, short, words in found.answers]
    return {"first": found, "answers": answers, "low": found.ends[0], "high": found.ends[1]}


def _begin(request: HttpRequest, row: Invitation, definition: model.Survey, language: str) -> HttpResponseBase:
    answers = _prefilled(definition, language, request.POST.get("a", ""))
    try:
        address = asking_bridge.begin(request, row.collector, language, invitation=row, answers=answers)
    except Refused as refused:
        return _said(request, row.survey, definition, language, str(refused))
    settled.opened(row)
    return carrying(request, redirect(address), row.survey, "invitation", row.pk)


def carrying(request: HttpRequest, answer: HttpResponseBase, survey: Survey, what: str, key: int) -> HttpResponseBase:
    """Of an anonymous survey the browser alone remembers what it was let in with."""
    if survey.is_anonymous:
        value = settled.carried(what, key)
        is_secure = request.is_secure()
        answer.set_cookie(settled.COOKIE, value, max_age=settled.LASTS, path="/s/", httponly=True, samesite="Lax", secure=is_secure)
    return answer


def _prefilled(definition: model.Survey, language: str, chosen: str) -> dict[str, Any]:
    found = first_question.first(definition, language)
    if found is None or chosen not in {sent for sent, _short, _words in found.answers}:
        return {}
    placed = model.find(definition, found.id)
    is_number = placed is not None and model.points(placed[1]) is not None
    return {found.id: int(chosen) if is_number else chosen}


def _said(request: HttpRequest, survey: Survey, definition: model.Survey, language: str, words: str) -> HttpResponse:
    context = {
        "title": asked_words.title(definition, survey, language),
        "company": survey.workspace.name,
        "words": words,
        "language": language,
    }
    return _quiet(render(request, "surveys/asking/asked_said.html", context))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, code: str) -> HttpResponseBase:
    """No, thank you: not this one, or none at all."""
    row = settled.found(code)
    if row is None:
        return _nothing(request)
    definition = asked_words.asked(row.survey)
    language = _language(request, definition, row.collector.language)
    with translation.override(language):
        if request.method == "POST":
            settled.declined(row, sender(request), for_ever=request.POST.get("how") == "ever")
            return _said(request, row.survey, definition, language, _("Thank you for telling us. You will not be reminded."))
        context = {**_about(row.survey, definition, language), "back": reverse("surveys_public:invitation", kwargs={"code": code})}
        return _quiet(render(request, "surveys/asking/asked_no.html", context))


# Codes of ballots and units


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code_entry(request: HttpRequest) -> HttpResponseBase:
    """A field for whoever has a code on paper."""
    if request.method == "POST":
        typed = request.POST.get("code", "")
        found = codes_kept.found(typed)
        if found is not None:
            return redirect("surveys_public:code", code=codes.normal(typed))
        return _nothing(request, "surveys/asking/asked_code.html", typed=typed[:40], wrong=True)
    return _quiet(render(request, "surveys/asking/asked_code.html", {"typed": ""}))


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a code on paper or on a product leads to."""
    row = codes_kept.found(code)
    if row is None:
        return _nothing(request)
    survey, way = row.collector.survey, row.collector
    definition = asked_words.asked(survey)
    language = _language(request, definition, way.language)
    with translation.override(language):
        if row.used_at is not None:
            return _said(request, survey, definition, language, _("This code has been used already. Thank you."))
        if (why := asking_bridge.shut(survey, way)) is not None:
            return _said(request, survey, definition, language, why)
        if request.method != "POST":
            return _quiet(
                render(request, "surveys/asking/asked.html", {**_about(survey, definition, language), "first": None, "label": row.label})
            )
        try:
            address = asking_bridge.begin(request, way, language, code=row)
        except Refused as refused:
            return _said(request, survey, definition, language, str(refused))
    return carrying(request, redirect(address), survey, "code", row.pk)


# The raffle


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def raffle(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """Take part: an address or a telephone number, and a name if they like. Apart from every answer."""
    opened = raffles.opened(ticket)
    if opened is None:
        return _nothing(request)
    found, mark = opened
    definition = asked_words.asked(found.survey)
    language = _language(request, definition)
    with translation.override(language):
        context: dict[str, Any] = {
            **_about(found.survey, definition, language), "raffle": found, "prize": model.say(found.prize, language, definition),
            "terms": model.say(found.terms, language, definition), "is_in": raffles.is_used(mark),
        }  # fmt: skip
        if request.method == "POST" and not context["is_in"]:
            try:
                raffles.enter(found, mark, request.POST.get("contact", "")[:320], name=request.POST.get("name", ""), language=language)
                if raffles.is_used(mark):
                    return redirect("surveys_public:raffle", ticket=ticket)
                context["is_in"] = True  # by an entry of theirs that stood already
            except Refused as refused:
                context |= {
                    "wrong": str(refused),
                    "contact": request.POST.get("contact", "")[:320],
                    "name": request.POST.get("name", "")[:120],
                }
        return _quiet(render(request, "surveys/asking/asked_raffle.html", context, status=422 if context.get("wrong") else 200))


# On other sites


@public
@never_cache
@require_safe
def asked_for(request: HttpRequest, token: str) -> JsonResponse:
    """Whether this visitor of a site is of those who are asked; says yes or no and nothing else."""
    way = Collector.objects.filter(token=token, kind="web").select_related("workspace", "survey__workspace").first()  # the token is public
    is_asked = way is not None and LOOKS.take(sender(request)) and asking_bridge.shut(way.survey, way) is None
    answer = JsonResponse({"ask": bool(is_asked and way is not None and targeting.is_meant(way, request.GET.get("v", "")))})
    answer["Access-Control-Allow-Origin"], answer["Cross-Origin-Resource-Policy"] = "*", "cross-origin"
    return answer
