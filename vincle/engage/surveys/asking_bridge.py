"""From an invitation, a code or a typist to the answers: the door all of them come in by, with its refusals in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import User

from . import answering, asked, codes_kept, settled
from .collectors import Refused
from .definition import model
from .models import Code, Collector, Invitation, Response, Survey

_WHY: Final[Mapping[str, Any]] = {
    "gone": gettext_lazy("This survey is not there any more."),
    "closed": gettext_lazy("This survey is closed. Thank you for coming."),
    "not_yet": gettext_lazy("This survey has not begun yet."),
    "full": gettext_lazy("We have all the answers we wanted. Thank you for coming."),
    "paused": gettext_lazy("This survey is having a rest. Please come back later."),
    "off": gettext_lazy("This way to the survey is closed."),
    "answered": gettext_lazy("You have answered already. Thank you."),
    "used": gettext_lazy("This code has been used already. Thank you."),
    "done": gettext_lazy("This answer is complete already. Thank you."),
    "code": gettext_lazy("This survey is answered with a code."),
}


def words(code: str) -> str:
    """Why something cannot be answered."""
    return str(_WHY.get(code, _("This cannot be answered now.")))


def shut(survey: Survey, way: Collector) -> str | None:
    """Why nobody can begin now, in words; None when they can."""
    code = asked.closed(survey, way, timezone.now())
    return words(code) if code else None


def begin(
    request: HttpRequest,
    way: Collector,
    language: str,
    *,
    invitation: Invitation | None = None,
    code: Code | None = None,
    answers: Mapping[str, Any] | None = None,
    typed_by: User | None = None,
) -> str:
    """Begin an answer, or go on with the one that was begun; where its questions stand. Raises Refused."""
    try:
        made = answering.begin(way, invitation=invitation, code=code, typed_by=typed_by, language=language)
    except answering.Refused as refused:
        raise Refused(words(refused.code)) from refused
    if answers:
        answering.prefill(made, answers)
    return reverse("surveys_public:response", kwargs={"token": way.token, "secret": made.public_id})


def begin_typing(way: Collector, language: str, invitation: Invitation, answers: Mapping[str, Any], user: User) -> None:
    """Keep what was said so far, to be gone on with. Raises Refused."""
    try:
        made = answering.begin(way, invitation=invitation, typed_by=user, language=language)
    except answering.Refused as refused:
        raise Refused(words(refused.code)) from refused
    _retyped(made, answers)


def _retyped(made: Response, answers: Mapping[str, Any]) -> None:
    """Every question on the screen is as it stands there now: one that was emptied is empty. The screen has neither files nor subjects."""
    definition: model.Survey = asked.definition(made.version_id)
    seen = {item.id for _page, item in model.questions(definition) if not isinstance(item, (*model.SILENT, model.File))}
    made.answers = {name: value for name, value in made.answers.items() if name not in seen}
    answering.prefill(made, answers)


def file(
    way: Collector, language: str, answers: Mapping[str, Any], *, user: User, code: Code | None = None, invitation: Invitation | None = None
) -> dict[str, str]:
    """A whole answer typed in by somebody of the team; what is wrong by question, nothing when it was kept. Raises Refused."""
    try:
        with transaction.atomic():
            return _file(way, language, dict(answers), user, code, invitation)
    except answering.Refused as refused:
        raise Refused(words(refused.code)) from refused
    except _Unfinished as unfinished:
        return unfinished.problems


class _Unfinished(Exception):
    """Undoes what was written of an answer that cannot be kept."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("unfinished")
        self.problems = problems


def _file(
    way: Collector, language: str, answers: dict[str, Any], user: User, code: Code | None, invitation: Invitation | None
) -> dict[str, str]:
    made = answering.begin(way, invitation=invitation, code=code, typed_by=user, language=language)
    _retyped(made, answers)
    lost = [name for name in answers if name not in made.answers]
    if lost:
        raise _Unfinished({name: _("This is no answer to it.") for name in lost})
    outcome = answering.complete(made)
    if outcome.code == "unfinished":
        raise _Unfinished(_missing(made))
    by_day = way.survey.is_anonymous
    if by_day and code is not None and not codes_kept.use(code, by_day=True):
        raise answering.Refused("used")
    if invitation is not None and by_day:
        settled.answered(invitation, by_day=True)
    return {}


def _missing(made: Any) -> dict[str, str]:
    """Questions that stand in the way, in words."""
    from .definition import flow

    definition: model.Survey = asked.definition(made.version_id)
    walked = flow.trace(definition, made.answers, made.facts, made.seed)
    found: dict[str, str] = {}
    for shown in walked.pages:
        for name, problem in flow.check(definition, walked.answers, shown, made.facts).items():
            if not problem.is_soft:
                found[name] = _("An answer is wanted here.") if problem.code == "required" else _("This answer does not fit.")
    return found or {"": _("Something is missing.")}
