"""Answers that a crowd sends at the same moment: those that are whole on their first page are stored together, in one transaction.

What is not that plain (more pages, a question left, quotas, codes, invitations, a browser that answered before) is left to the ordinary
way, which begins anew with it; so nothing here refuses anybody.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest
from django.utils import timezone

from vincle.channels._surroundings import is_machine

from . import answering, asked, delivering, settled, showing, surroundings, tickets
from .definition.model import Survey as Definition
from .doors import SENDERS, TRAP, collector_at
from .models import Collector, Response, Survey

logger = structlog.get_logger(__name__)


def take(sent: Sequence[tuple[str, HttpRequest]]) -> list[str | None]:
    """(token, request) of first pages that were sent. Names of the answers, complete and durable; None: to go the ordinary way."""
    moment = timezone.now()
    found: list[Response | None] = []
    for token, request in sent:
        try:
            found.append(_read(token, request, moment))
        except (answering.Refused, Http404):
            found.append(None)
        except Exception:
            logger.exception("an answer goes the ordinary way")
            found.append(None)
    with transaction.atomic():
        _hold({each.survey_id for each in found if each is not None and each.device})
        kept = _new([each for each in found if each is not None])
        if kept:
            _store(kept, moment)
    names = {each.public_id for each in kept}
    return [each.public_id if each is not None and each.public_id in names else None for each in _once(found)]


def _read(token: str, request: HttpRequest, moment: datetime) -> Response | None:
    """Settled, in memory; None where it is not as plain as that."""
    is_aside = settled.COOKIE in request.COOKIES or request.headers.get("X-Live") or request.POST.get("_go") in ("back", "save")
    is_aside = is_aside or "visitor" in request.GET
    if is_aside:
        return None
    collector = collector_at(token)
    definition = asked.definition(collector.survey.version)
    ticket = tickets.read(request.POST.get("_t", ""))
    if ticket is None or not _is_plain(collector, moment) or not SENDERS.take(surroundings.sender(request)):
        return None
    language = collector.language or showing.language_for(request, definition, request.POST.get("_lang") or request.GET.get("lang", ""))
    response = answering.begin(
        collector, language=language, device=surroundings.device(request, collector), is_saved=False, is_new=True, public_id=ticket.id,
        parameters={name: str(value) for name, value in request.GET.items()}, touch=surroundings.touch(request), now=moment,
    )  # fmt: skip
    return response if _is_whole(response, request, definition, moment, ticket.seconds) else None


def _is_plain(collector: Collector, moment: datetime) -> bool:
    survey = collector.survey
    is_counted = survey.cap is not None or survey.one_answer_per == "code" or bool(answering.quotas_of(survey))
    return not is_counted and not asked.closed(survey, collector, moment)


def _is_whole(response: Response, request: HttpRequest, definition: Definition, moment: datetime, seconds: float) -> bool:
    told = frozenset(request.POST.get("_told", "").split(",")) - {""}
    machine = is_machine(request.headers.get("User-Agent", "")[:400])
    trap = bool(request.POST.get(TRAP))
    form = surroundings.form(request)
    return answering.all_at_once(response, form, told, moment, seconds=int(seconds), trap=trap, is_machine=machine)


def _hold(surveys: set[int]) -> None:
    """Surveys that take one answer from a browser: pages complete nothing before this is stored, and what they complete now is seen."""
    if surveys:
        list(Survey.objects.select_for_update(no_key=True).filter(pk__in=surveys).order_by("pk").values_list("pk"))


def _once(found: Sequence[Response | None]) -> list[Response | None]:
    """The same page sent twice in one moment is one answer."""
    first = {each.public_id: each for each in reversed(found) if each is not None}
    return [each if each is not None and first[each.public_id] is each else None for each in found]


def _new(found: Sequence[Response]) -> list[Response]:
    """Those that are not stored yet, of browsers that have not answered yet."""
    once = [each for each in _once(found) if each is not None]
    rows = Response.objects.filter(survey__in={each.survey_id for each in once})
    there = set(rows.filter(public_id__in=[each.public_id for each in once]).values_list("public_id", flat=True)) if once else set()
    devices = {each.device for each in once if each.device}
    known = set(rows.filter(device__in=devices).values_list("survey", "device")) if devices else set()
    kept = []
    for each in once:
        browser = (each.survey_id, each.device)
        if each.public_id not in there and not (each.device and browser in known):
            kept.append(each)
            known.add(browser)
    return kept


def _store(kept: Sequence[Response], moment: datetime) -> None:
    bodies = [delivering.written(each, asked.definition(each.version_id), moment) for each in kept]
    for survey, count in sorted(Counter(each.survey_id for each in kept).items()):
        Survey.objects.filter(pk=survey).update(completed=F("completed") + count)
    Response.objects.bulk_create(kept)
    delivering.deliver_all(kept, bodies, moment)
    for each in kept:
        answering.completed.send(sender=Response, response=each)


