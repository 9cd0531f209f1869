"""Answering a survey: begun, saved page by page, completed once. Whoever was thanked is in the log after any crash.

No function here needs a request: pages for everybody, callers, typists of ballots and mails come in by the same door.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import randbits, token_urlsafe
from typing import Any, Final

from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from vincle.accounts.models import User

from . import asked, delivering, flags, knowing
from .codes_kept import day_of
from .definition import answers as reading
from .definition import flow, model
from .definition.answers import Form, Problem
from .definition.flow import Shown
from .definition.functions import is_answered
from .definition.model import Computed, File, Hidden, Note
from .held import Held
from .models import Code, Collector, Invitation, Quota, Response, Survey

State = Response.State
completed: Final = Signal()
"""Sent with `response`, inside the transaction that completes it: what a receiver writes stands or falls with the answer."""

LONGEST_HIDDEN: Final = 300
_KEPT: Final = frozenset({"required", "rows", "other"})
"""Problems of answers that are not there yet, rather than wrong."""


class Refused(Exception):
    """It cannot be answered (any more). `code`: gone, closed, not_yet, full, paused, off, answered, used, done."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Saved:
    """What came of a page. `shown`: what to show, the same page while there are `problems` or new questions (`is_more`); None: the end."""

    shown: Shown | None
    problems: dict[str, Problem] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    is_more: bool = False


@dataclass(frozen=True)
class Outcome:
    """`code`: complete, screened, over_quota; unfinished with the key of the `page` where something is missing. `message` of a quota."""

    code: str
    page: str = ""
    message: dict[str, str] | None = None
    is_new: bool = True


def begin(
    collector: Collector, *, person: int | None = None, invitation: Invitation | None = None, code: Code | None = None,
    typed_by: User | None = None, language: str = "", device: str = "", parameters: Mapping[str, str] | None = None,
    touch: Mapping[str, str] | None = None, now: datetime | None = None, is_saved: bool = True, is_new: bool = False,
    public_id: str = "", visitor: int | None = None,
) -> Response:  # fmt: skip
    """A response, empty but for what came with the address. An invitation or device that began before goes on with that. Raises Refused.

    `device`: what tells one browser from another, hashed here. `is_new`: the caller has seen that nothing was begun.
    `visitor`: a handle somebody says is theirs: the answer is kept with it, but nothing that is known of them is shown or gone on with.
    Anonymous surveys keep none of `person`, `invitation`, `code` and `visitor`.
    """
    moment = now or timezone.now()
    survey: Survey = collector.survey
    if why := asked.closed(survey, collector, moment):
        raise Refused(why)
    if code is not None and code.used_at is not None:
        raise Refused("used")
    if survey.one_answer_per == "code" and code is None and invitation is None and typed_by is None:
        raise Refused("code")
    hashed = knowing.device_of(survey, device) if device else ""
    person = person if person is not None else invitation.person if invitation else None
    if not is_new and (before := _before(survey, person, invitation, hashed)) is not None:
        return before
    whose = knowing.person_of(survey.workspace_id, visitor) if visitor is not None and not survey.is_anonymous else None
    if whose is not None and survey.one_answer_per == "person" and _has_answered(survey, whose):
        raise Refused("answered")
    made = _made(collector, moment, person, invitation, code, typed_by, language, hashed, parameters or {}, dict(touch or {}))
    made.public_id = public_id or made.public_id
    if whose is not None and made.handle is None:
        made.handle, made.person = visitor, whose
    if is_saved:
        made.save(force_insert=True)
    return made


def _before(survey: Survey, person: int | None, invitation: Invitation | None, device: str) -> Response | None:
    """Their answer that is not complete yet; Refused when a complete one is all they may give."""
    rows = Response.objects.of(survey.workspace_id).filter(survey=survey)
    same: list[Any] = []
    if not survey.is_anonymous and invitation is not None:
        same.append(rows.filter(invitation=invitation))
    if not survey.is_anonymous and person is not None and survey.one_answer_per == "person":
        same.append(rows.filter(person=person))
    if device and survey.one_answer_per in ("device", "person"):
        same.append(rows.filter(device=device))
    if survey.is_anonymous and invitation is not None and invitation.state == Invitation.State.ANSWERED:
        raise Refused("answered")
    for each in same:
        found: Response | None = each.order_by("-pk").first()
        if found is not None and found.state == State.PARTIAL:
            return found
        if found is not None:
            raise Refused("answered")
    return None


def _has_answered(survey: Survey, person: int) -> bool:
    return Response.objects.of(survey.workspace_id).filter(survey=survey, person=person, state=State.COMPLETE).exists()


def _made(
    collector: Collector, now: datetime, person: int | None, invitation: Invitation | None, code: Code | None, typed_by: User | None,
    language: str, device: str, parameters: Mapping[str, str], touch: dict[str, str],
) -> Response:  # fmt: skip
    survey: Survey = collector.survey
    assert survey.version_id is not None
    definition = asked.definition(survey.version_id)
    spoken = collector.language or language
    made = Response(
        workspace_id=survey.workspace_id, survey=survey, version=survey.version, collector=collector, public_id=token_urlsafe(16),
        language=spoken if spoken in definition.languages else definition.language, seed=randbits(62), device=device, typed_by=typed_by,
        answers=_hidden(definition, parameters), touch=touch, started_at=day_of(now) if survey.is_anonymous else now,
    )  # fmt: skip
    if survey.is_anonymous:
        made.touch = {}
        return made
    made.person, made.invitation, made.code = person, invitation, code
    made.handle = invitation.handle if invitation else knowing.handle_of(survey.workspace_id, person)
    made.facts = knowing.facts(survey.workspace_id, person, definition)
    return made


def _hidden(definition: model.Survey, parameters: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for _page, item in model.questions(definition):
        if isinstance(item, Hidden) and not item.value and (given := parameters.get(item.parameter or item.id, "")):
            found[item.id] = given.replace("\x00", "")[:LONGEST_HIDDEN]
    return found


# Pages


def pages(response: Response) -> list[Shown]:
    """What they see, in order, with the answers given so far."""
    return flow.walk(asked.definition(response.version_id), response.answers, response.facts, response.seed)


def page_at(response: Response, key: str = "") -> Shown | None:
    """The page of this key, else the one they are at, else the first; None where there is none."""
    found = pages(response)
    for wanted in (key, response.place):
        if wanted and (page := next((each for each in found if each.key == wanted), None)):
            return page
    return found[0] if found else None


def prefill(response: Response, given: Mapping[str, Any]) -> None:
    """Put answers in that were given elsewhere (the first question inside a mail); what they cannot be is left out."""
    definition = asked.definition(response.version_id)
    fits = {}
    for name, value in given.items():
        found = model.find(definition, name)
        if found is not None and not isinstance(found[1], Computed | Hidden | Note) and reading.fault(found[1], value) is None:
            fits[name] = value
    response.answers = {**response.answers, **fits}
    if response.pk:
        Response.objects.filter(pk=response.pk, state=State.PARTIAL).update(answers=response.answers)


def save(
    response: Response, page: str, form: Form, *, files: Mapping[str, Any] | None = None, told: frozenset[str] = frozenset(),
    is_draft: bool = False,
) -> Saved:  # fmt: skip
    """Take in a page. Wrong answers are not kept, those that fit are, even where others are wrong. Raises Refused.

    `told`: names that were asked for once more already. `files`: what was uploaded, as answers. `is_draft`: kept without being looked at.
    """
    if response.state != State.PARTIAL:
        raise Refused("done")
    shown = page_at(response, page)
    if shown is None:
        return Saved(None)
    definition = asked.definition(response.version_id)
    typed = read_page(response, shown, form, files or {})
    walked = flow.trace(definition, typed, response.facts, response.seed)
    after = next((each for each in walked.pages if each.key == shown.key), None)
    problems = _problems(response, definition, walked.answers, after, told) if after else {}
    wrong = {name for name, problem in problems.items() if problem.code not in _KEPT}
    kept = {name: value for name, value in typed.items() if name not in wrong}
    is_more = bool(after) and after is not None and shows_more(shown, after, form)
    here = is_draft or bool(problems) or is_more
    following = after if here else _next(definition, response, kept, shown.key)
    _keep(response, kept, following.key if following else response.place)
    return Saved(following, {} if is_draft else problems, typed, is_more)


def _problems(
    response: Response, definition: model.Survey, answers: dict[str, Any], shown: Shown, told: frozenset[str] = frozenset()
) -> dict[str, Problem]:  # fmt: skip
    """What is wrong on a page. Whoever types in what somebody left blank on paper, or would not say, cannot answer for them."""
    found = flow.check(definition, answers, shown, response.facts, told)
    if response.typed_by_id is None:
        return found
    return {name: problem for name, problem in found.items() if problem.code not in _KEPT}


def read_page(response: Response, shown: Shown, form: Form, files: Mapping[str, Any]) -> dict[str, Any]:
    """All answers, with those of this page as they were sent now."""
    found = dict(response.answers)
    for item in shown.page.items:
        if isinstance(item, Computed | Hidden | Note):
            continue
        name = shown.name(item)
        answer = files.get(name) or (found.get(name) if isinstance(item, File) else reading.read(item, name, form))
        found.pop(name, None)
        found.pop(f"{name}.other", None)
        if is_answered(answer):
            found[name] = answer
        if getattr(item, "choices", None) and (words := reading.other(name, form)):
            found[f"{name}.other"] = words
    return found


def shows_more(shown: Shown, after: Shown, form: Form) -> bool:
    """Whether their answers made questions appear on this page that they have not seen."""
    seen = set(form["_shown"][0].split(",")) if form.get("_shown") else set(shown.visible)
    return any(item.id not in seen and not isinstance(item, Note) for item in after.asked)


def _next(definition: model.Survey, response: Response, kept: dict[str, Any], key: str) -> Shown | None:
    found = flow.walk(definition, kept, response.facts, response.seed)
    keys = [each.key for each in found]
    at = keys.index(key) if key in keys else -1
    return found[at + 1] if at + 1 < len(found) else None


def _keep(response: Response, kept: dict[str, Any], place: str) -> None:
    response.answers, response.place = kept, place[:120]
    if response.pk and not Response.objects.filter(pk=response.pk, state=State.PARTIAL).update(answers=kept, place=response.place):
        raise Refused("done")


def previous(response: Response, key: str) -> Shown | None:
    """The page before; None at the first."""
    found = pages(response)
    at = next((place for place, each in enumerate(found) if each.key == key), 0)
    return found[at - 1] if at > 0 else None


# The end


def full(response: Response) -> Quota | None:
    """A quota that these answers fall under and that is full already: asking on would be a waste of their time."""
    for quota in quotas_of(response.survey):
        if quota.count >= quota.limit and _applies(quota, response):
            return quota
    return None


def quotas_of(survey: Survey) -> list[Quota]:
    """What is asked of each is held for a moment; whether there is room is decided by the row itself."""
    return _held_quotas.get((survey.workspace_id, survey.pk))


_held_quotas: Held[tuple[int, int], list[Quota]] = Held(
    lambda key: list(Quota.objects.of(key[0]).filter(survey=key[1]).order_by("position", "pk"))
)


def _applies(quota: Quota, response: Response) -> bool:
    definition = asked.definition(response.version_id)
    settled = flow.settle(definition, response.answers, response.facts, response.seed)
    return flow.holds(quota.condition, settled, response.facts)


def complete(
    response: Response, *, seconds: int | None = None, trap: bool = False, is_machine: bool = False, now: datetime | None = None
) -> Outcome:  # fmt: skip
    """Complete it, once, with all that hangs on it. To be called inside a transaction (`grouping.together`). Raises Refused."""
    moment = now or timezone.now()
    if response.pk:
        rows = Response.objects.select_for_update(of=("self",)).select_related("survey", "version", "collector")
        standing: Response = rows.get(pk=response.pk)
        if standing.state != State.PARTIAL:
            return Outcome(standing.state, is_new=False)
        standing.survey.workspace = response.survey.workspace
        response = standing
    if why := asked.closed(response.survey, response.collector, moment, is_begun=True):
        raise Refused(why)
    definition = asked.definition(response.version_id)
    walked = flow.trace(definition, response.answers, response.facts, response.seed)
    for shown in walked.pages:
        if any(not problem.is_soft for problem in _problems(response, definition, walked.answers, shown).values()):
            return Outcome("unfinished", shown.key)
    if refused := _counted(response, walked.answers, moment):
        return refused
    if _is_second(response):
        raise Refused("answered")
    _settle(response, definition, walked.answers, moment, seconds, trap=trap, is_machine=is_machine)
    response.save()
    delivering.deliver(response, definition, moment)
    completed.send(sender=Response, response=response)
    return Outcome(State.COMPLETE)


def all_at_once(response: Response, form: Form, told: frozenset[str], moment: datetime, **about: Any) -> bool:
    """Of a response that is in memory only: whether this form is all there is to it, and right. Then it is settled, but nothing is stored.

    `about`: as `complete` takes it. What is not so goes the way of `save` and `complete`, from the beginning.
    """
    shown = page_at(response)
    if shown is None or shown.key != form.get("_page", [""])[0]:
        return False
    definition = asked.definition(response.version_id)
    typed = read_page(response, shown, form, {})
    walked = flow.trace(definition, typed, response.facts, response.seed)
    is_whole = len(walked.pages) == 1 and walked.pages[0].key == shown.key and not shows_more(shown, walked.pages[0], form)
    if not is_whole or _problems(response, definition, walked.answers, walked.pages[0], told):
        return False
    _settle(response, definition, walked.answers, moment, about.pop("seconds", None), **about)
    return True


def _settle(
    response: Response, definition: model.Survey, answers: dict[str, Any], now: datetime, seconds: int | None, *, trap: bool,
    is_machine: bool,
) -> None:  # fmt: skip
    found = flags.found(definition, answers, seconds, trap=trap, is_machine=is_machine)
    response.flags = {**response.flags, **found}
    _close(response, State.COMPLETE, answers, now, seconds)


def _close(response: Response, state: str, answers: dict[str, Any], now: datetime, seconds: int | None) -> None:
    response.state, response.answers, response.seconds, response.place = state, answers, seconds, ""
    response.submitted_at = day_of(now) if response.survey.is_anonymous else now
    if seconds is None and not response.survey.is_anonymous:
        response.seconds = max(int((now - response.started_at).total_seconds()), 0)


def _counted(response: Response, answers: dict[str, Any], now: datetime) -> Outcome | None:
    """Quotas, the code and the cap, each taken by an update that only one of two can win; None: all there was room for."""
    taken: list[Quota] = []
    for quota in quotas_of(response.survey):
        if not flow.holds(quota.condition, answers, response.facts):
            continue
        if not Quota.objects.filter(pk=quota.pk, count__lt=F("limit")).update(count=F("count") + 1):
            _give_back(taken)
            return _over(response, quota, answers, now)
        taken.append(quota)
    if response.code_id is not None:
        from . import codes_kept

        if not codes_kept.use(response.code_id, now, by_day=response.survey.is_anonymous):
            _give_back(taken)
            raise Refused("used")
    surveys = Survey.objects.filter(pk=response.survey_id)
    room = surveys.filter(completed__lt=F("cap")) if response.survey.cap is not None else surveys
    if not room.update(completed=F("completed") + 1):
        raise Refused("full")
    return None


def _is_second(response: Response) -> bool:
    """Whether the same browser or person has answered meanwhile, where one answer is all they may give.

    The survey's row was counted up before: whoever counts at the same moment waits, and then sees what was completed first.
    """
    per = response.survey.one_answer_per
    rows = Response.objects.of(response.workspace_id).filter(survey=response.survey_id, state=State.COMPLETE).exclude(pk=response.pk)
    same_browser = bool(response.device) and per in ("device", "person") and rows.filter(device=response.device).exists()
    return same_browser or (response.person is not None and per == "person" and rows.filter(person=response.person).exists())


def _give_back(taken: list[Quota]) -> None:
    Quota.objects.filter(pk__in=[quota.pk for quota in taken]).update(count=F("count") - 1)


def _over(response: Response, quota: Quota, answers: dict[str, Any], now: datetime) -> Outcome:
    """Too late for their group. A quota of none at all says that they are not of those who are asked."""
    state = State.OVER_QUOTA if quota.limit else State.SCREENED
    if quota.action == Quota.Action.CLOSE and quota.limit:
        Survey.objects.filter(pk=response.survey_id, state=Survey.State.OPEN).update(state=Survey.State.CLOSED, closed_at=now)
    _close(response, state, answers, now, None)
    response.save()
    return Outcome(state, message=quota.message or None)


def end(response: Response, quota: Quota, now: datetime | None = None) -> Outcome:
    """End it early because a quota they fall under is full."""
    standing: Response = Response.objects.select_for_update(of=("self",)).select_related("survey").get(pk=response.pk)
    if standing.state != State.PARTIAL:
        return Outcome(standing.state, is_new=False)
    return _over(standing, quota, standing.answers, now or timezone.now())
