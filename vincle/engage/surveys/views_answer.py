"""The public side of surveys: shown, answered page by page, thanked for. Nobody signs in; without JavaScript it all works as well."""

from typing import Any
from urllib.parse import urlencode

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import public
from vincle.channels._surroundings import is_machine

from . import answering, asked, asking_work, files, grouping, showing, surroundings, theme, tickets, wording_answers
from .answering import Refused
from .definition import flow
from .definition.flow import Shown
from .definition.model import Survey as Definition
from .definition.model import say
from .doors import SENDERS, TRAP, collector_at, response_at
from .models import Collector, Response


@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponseBase:
    """The first page; sent, it begins an answer (and completes it, where there is but one page)."""
    collector = collector_at(token)
    definition = asked.definition(collector.survey.version)
    language = collector.language or showing.language_for(request, definition, request.POST.get("_lang") or request.GET.get("lang", ""))
    with translation.override(language):
        if why := asked.closed(collector.survey, collector, timezone.now()):
            return _closed(request, collector, definition, language, why)
        if request.method == "POST":
            return _first(request, collector, definition, language)
        if (standing := _standing(request, collector)) is not None:
            return redirect(_address(request, standing))
        return _shown_first(request, collector, definition, language)


def _standing(request: HttpRequest, collector: Collector) -> Response | None:
    """The answer this browser has begun here."""
    secret = request.COOKIES.get(surroundings.ANSWER, "")
    if not secret or collector.kind == "kiosk" or not asked.definition(collector.survey.version).settings.resume:
        return None
    rows = Response.objects.of(collector.workspace_id).filter(public_id=secret[:40], collector=collector, state=Response.State.PARTIAL)
    found: Response | None = rows.first()
    return found


def _begun(request: HttpRequest, collector: Collector, language: str, **more: Any) -> Response:
    return answering.begin(
        collector, language=language, device=surroundings.device(request, collector), is_saved=False,
        parameters={name: str(value) for name, value in request.GET.items()}, touch=surroundings.touch(request),
        visitor=surroundings.visitor(request, collector), **more,
    )  # fmt: skip


def _shown_first(request: HttpRequest, collector: Collector, definition: Definition, language: str, note: str = "") -> HttpResponseBase:
    try:
        response = _begun(request, collector, language)
    except Refused as refused:
        return _closed(request, collector, definition, language, refused.code)
    if response.pk:
        return redirect(_address(request, response))
    shown = answering.page_at(response)
    if shown is None:
        raise Http404("nothing is asked")
    return _page(request, response, definition, shown, first=True, note=note)


def _first(request: HttpRequest, collector: Collector, definition: Definition, language: str) -> HttpResponseBase:
    ticket = tickets.read(request.POST.get("_t", ""))
    if ticket is None:
        return _shown_first(request, collector, definition, language, _("This page was open for long. Please answer once more."))
    if not SENDERS.take(surroundings.sender(request)):
        return _too_fast()
    try:
        return grouping.together(lambda: _take_first(request, collector, definition, language, ticket))
    except Refused as refused:
        return _closed(request, collector, definition, language, refused.code)
    except IntegrityError:  # the same page came before
        return _go_on(request, response_at(collector, ticket.id), definition)


def _take_first(
    request: HttpRequest, collector: Collector, definition: Definition, language: str, ticket: tickets.Ticket
) -> HttpResponseBase:  # fmt: skip
    """Begun, saved, and where that is all, completed: in one transaction."""
    response = _begun(request, collector, language, public_id=ticket.id)
    if response.pk:
        return _go_on(request, response, definition)
    if request.FILES:
        response.save(force_insert=True)
    return _take(request, response, definition, ticket.seconds)


def _take(request: HttpRequest, response: Response, definition: Definition, seconds: float | None) -> HttpResponseBase:
    key = request.POST.get("_page", "")
    told = frozenset(request.POST.get("_told", "").split(",")) - {""}
    shown = answering.page_at(response, key)
    given, refused = files.taken(response, shown, request.FILES) if shown else ({}, {})
    is_draft = request.POST.get("_go") in ("back", "save") or bool(request.headers.get("X-Live"))
    saved = answering.save(response, key, surroundings.form(request), files=given, told=told, is_draft=is_draft)
    if request.headers.get("X-Live"):
        return _live(response, saved.shown)
    if is_draft and shown is not None:
        _keep(response)
        before = answering.previous(response, shown.key) if request.POST.get("_go") == "back" else shown
        return _to_page(request, response, before or shown)
    if refused or saved.problems or saved.is_more:
        saved.problems |= refused
        note = _("There is one more thing to ask.") if saved.is_more and not saved.problems else ""
        _keep(response)
        page = saved.shown or shown
        assert page is not None
        again = _page(request, response, definition, page, typed=saved.typed, problems=saved.problems, note=note, status=422)
        return surroundings.remember(again, request, response)
    if saved.shown is not None:
        _keep(response)
        if (quota := answering.full(response)) is not None:
            return _ended(request, response, definition, answering.end(response, quota))
        return _to_page(request, response, saved.shown)
    return _complete(request, response, definition, seconds)


def _complete(request: HttpRequest, response: Response, definition: Definition, seconds: float | None) -> HttpResponseBase:
    outcome = answering.complete(
        response, seconds=None if seconds is None else int(seconds), trap=bool(request.POST.get(TRAP)),
        is_machine=is_machine(request.headers.get("User-Agent", "")[:400]),
    )  # fmt: skip
    if outcome.code == "unfinished":
        _keep(response)
        page = answering.page_at(response, outcome.page)
        assert page is not None
        return _to_page(request, response, page)
    if outcome.code != Response.State.COMPLETE:
        return _ended(request, response, definition, outcome)
    asking_work.settle(request, response)
    return surroundings.forget(_to_thanks(request, response), request, response)


def _keep(response: Response) -> None:
    """What was only in memory stands in a row now, to be gone on with."""
    if not response.pk:
        response.save(force_insert=True)


def _to_page(request: HttpRequest, response: Response, shown: Shown) -> HttpResponseBase:
    return surroundings.remember(redirect(_address(request, response, page=shown.key)), request, response)


def _to_thanks(request: HttpRequest, response: Response) -> HttpResponseBase:
    return redirect(_address(request, response, "thanks"))


def _address(request: HttpRequest, response: Response, name: str = "response", **query: str) -> str:
    """Within a frame of a site it stays there: other pages show nothing in one."""
    address = reverse(f"surveys_public:{name}", kwargs={"token": response.collector.token, "secret": response.public_id})
    query |= {"embed": "1"} if surroundings.is_embedded(request) else {}
    return f"{address}?{urlencode(query)}" if query else address


def _go_on(request: HttpRequest, response: Response, definition: Definition) -> HttpResponseBase:
    if response.state == Response.State.PARTIAL:
        shown = answering.page_at(response)
        return _to_page(request, response, shown) if shown else _ended(request, response, definition, answering.Outcome("done"))
    return _to_thanks(request, response)


def _live(response: Response, shown: Shown | None) -> HttpResponseBase:
    """Which questions are on the page now, for the script."""
    return JsonResponse({"visible": sorted(shown.name(item) for item in shown.asked) if shown else [], "saved": bool(response.pk)})


@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str, secret: str) -> HttpResponseBase:
    """A page of an answer that was begun: whoever has its address may go on, on any device."""
    collector = collector_at(token)
    response = response_at(collector, secret)
    definition = asked.definition(response.version)
    if (chosen := request.GET.get("lang", "")) in definition.languages and chosen != response.language:
        Response.objects.of(response.workspace_id).filter(pk=response.pk, state=Response.State.PARTIAL).update(language=chosen)
        response.language = chosen
    with translation.override(response.language):
        if response.state != Response.State.PARTIAL:
            return _to_thanks(request, response)
        if why := asked.closed(collector.survey, collector, timezone.now(), is_begun=True):
            return _closed(request, collector, definition, response.language, why)
        if request.method == "POST":
            return _posted(request, response, definition)
        shown = answering.page_at(response, request.GET.get("page", ""))
        if shown is None:
            return _ended(request, response, definition, answering.Outcome("done"))
        return _page(request, response, definition, shown)


def _posted(request: HttpRequest, response: Response, definition: Definition) -> HttpResponseBase:
    if not SENDERS.take(surroundings.sender(request)):
        return _too_fast()
    try:
        return grouping.together(lambda: _take(request, response, definition, None))
    except Refused as refused:
        if refused.code == "done":
            return _to_thanks(request, response)
        return _closed(request, response.collector, definition, response.language, refused.code)


def _too_fast() -> HttpResponseBase:
    words = _("That is a little fast. Wait a moment, then send it again.")
    answer = HttpResponse(words, status=429, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = "20"
    return answer


# Pages


def _page(
    request: HttpRequest, response: Response, definition: Definition, shown: Shown, *, first: bool = False, typed: Any = None,
    problems: Any = None, note: str = "", status: int = 200,
) -> HttpResponseBase:  # fmt: skip
    drawn = showing.Page(definition, response, shown, typed, problems)
    keys = [each.key for each in answering.pages(response)]
    at = keys.index(shown.key) if shown.key in keys else 0
    told = {name for name, each in (problems or {}).items() if each.is_soft} | set(request.POST.get("_told", "").split(","))
    context = {
        "is_last": not flow.may_follow(definition, response.answers, shown, response.facts, response.seed),
        "page": drawn, "first": first and at == 0, "welcome": drawn.say(definition.welcome) if at == 0 else "",
        "is_anonymous": response.survey.is_anonymous, "number": at + 1, "of": len(keys), "share": round(100 * at / max(len(keys), 1)),
        "has_back": at > 0 and definition.settings.back, "ticket": "" if response.pk else tickets.fresh(),
        "resume": definition.settings.resume and response.pk and response.collector.kind != "kiosk", "note": note,
        "told": ",".join(sorted(told - {""})), "shown": ",".join(sorted(item.id for item in shown.asked)),
        "wrong": [each for each in drawn.questions if each.wrong], "has_files": any(each.kind == "file" for each in drawn.questions),
        "is_live": any(item.show_if for item in shown.items), "here": _here(request, response), "trap": TRAP,
        "progress": definition.settings.progress and len(keys) > 1, "kiosk": asking_work.kiosk(response.collector),
    }  # fmt: skip
    return _rendered(request, response.collector, definition, response.language, "surveys/public_page.html", context, status)


def _here(request: HttpRequest, response: Response) -> str:
    if not response.pk:
        query = request.GET.urlencode()
        address = reverse("surveys_public:survey", kwargs={"token": response.collector.token})
        return f"{address}?{query}" if query else address
    return _address(request, response)


def _closed(request: HttpRequest, collector: Collector, definition: Definition, language: str, code: str) -> HttpResponseBase:
    heading, sentence = wording_answers.closed(code)
    opens = showing.day(timezone.localtime(collector.survey.opens_at, surroundings.zone(collector.survey))) if code == "not_yet" else ""
    context = {"heading": heading, "sentence": sentence, "opens": opens}
    return _rendered(request, collector, definition, language, "surveys/public_end.html", context, 410 if code != "not_yet" else 403)


def _ended(request: HttpRequest, response: Response, definition: Definition, outcome: answering.Outcome) -> HttpResponseBase:
    heading, sentence = wording_answers.closed(outcome.code)
    own = say(outcome.message or {}, response.language, definition)
    context = {"heading": heading, "sentence": own or sentence}
    answer = _rendered(request, response.collector, definition, response.language, "surveys/public_end.html", context, 200)
    return surroundings.forget(answer, request, response)


@public
@never_cache
@require_safe
def thanks(request: HttpRequest, token: str, secret: str) -> HttpResponseBase:
    """Their answers have reached us; where they go from here."""
    collector = collector_at(token)
    response = response_at(collector, secret)
    definition = asked.definition(response.version)
    with translation.override(response.language):
        if response.state == Response.State.PARTIAL:
            return redirect(_address(request, response))
        if response.state != Response.State.COMPLETE:
            return _ended(request, response, definition, answering.Outcome(response.state))
        shown = Shown(definition.pages[0], "", [], frozenset())
        context = {
            "heading": _("Thank you"), "sentence": showing.Page(definition, response, shown).say(definition.thanks),
            "is_done": True, "after": definition.settings.after,
            "raffle": asking_work.ticket_url(response), "kiosk": asking_work.kiosk(collector), "calls_url": asking_work.calls_url(response),
        }  # fmt: skip
        answer = _rendered(request, collector, definition, response.language, "surveys/public_end.html", context, 200)
        return surroundings.forget(answer, request, response)


def _rendered(
    request: HttpRequest, collector: Collector, definition: Definition, language: str, template: str, context: dict[str, Any], status: int
) -> HttpResponseBase:  # fmt: skip
    look = theme.colours(collector.survey.workspace, definition.theme)
    logo = theme.logo(definition.theme, look)
    shared = {
        "collector": collector, "title": say(definition.title, language, definition), "language": language, "logo": logo,
        "company": collector.survey.workspace.name, "languages": showing.languages(definition) if not collector.language else [],
        "is_embedded": surroundings.is_embedded(request), "version": collector.survey.version_id,
        "visitor": request.GET.get("visitor", "")[:64],
    }  # fmt: skip
    answer = render(request, template, {**shared, **context}, status=status)
    answer.headers["Content-Language"] = language
    surroundings.known(answer, request, collector)
    return surroundings.policy(answer, collector, is_embedded=bool(shared["is_embedded"]), after=definition.settings.after)


@public
@require_safe
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """The colours of a survey."""
    collector = collector_at(token)
    definition = asked.definition(collector.survey.version)
    look = theme.colours(collector.survey.workspace, definition.theme)
    answer = HttpResponse(theme.sheet(look), content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer
