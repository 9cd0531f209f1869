"""Keeping what was typed in: a ballot with its code, or a call. The answers go the way of all answers."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from vincle.accounts.access import WorkspaceRequest
from vincle.accounts.models import User

from . import asked_words, asking_bridge, calling_people, codes_kept, typed
from .collectors import Refused
from .models import Collector, Invitation, Response, Survey
from .typed import Form


def form(survey: Survey, language: str) -> Form:
    """What is typed in for a survey, in a language it speaks."""
    definition = asked_words.asked(survey)
    language = asked_words.chosen(definition, [language])
    return Form(definition, language, typed.fields(definition, language))


def tell(request: WorkspaceRequest, keep: Callable[[], dict[str, str]]) -> dict[str, str]:
    """What is wrong by name of field ("": with the whole); nothing when it was kept."""
    try:
        problems = keep()
    except Refused as refused:
        problems = {"": str(refused)}
    if problems and "" not in problems:
        messages.error(request, _("Not kept yet: look at what is marked."))
    return problems


def keep_ballot(user: User, way: Collector, form: Form, posted: Mapping[str, str]) -> dict[str, str]:
    """A ballot of this collector, by its code. Raises Refused."""
    code = codes_kept.found(posted.get("code", ""))
    if code is None or code.collector_id != way.pk:
        raise Refused(_("There is no such code among these ballots."))
    if code.used_at is not None:
        raise Refused(_("This ballot was typed in already, or answered on a phone."))
    answers, wrong = typed.read(form, posted)
    if wrong:
        return wrong
    return _problems(form, asking_bridge.file(way, form.language, answers, user=user, code=code))


def keep_call(user: User, way: Collector, form: Form, posted: Mapping[str, str], row: Invitation) -> dict[str, str]:
    """What somebody said on the telephone. Raises Refused."""
    answers, wrong = typed.read(form, posted)
    if wrong:
        return wrong
    if not answers:
        raise Refused(_("Nothing is typed in. Choose at the side what came of the call."))
    return _problems(form, asking_bridge.file(way, form.language, answers, user=user, invitation=calling_people.keep(row)))


def put_off(user: User, way: Collector, form: Form, posted: Mapping[str, str], row: Invitation) -> None:
    """What was said before they had to go, where answers may be known as theirs. Raises Refused."""
    answers, _wrong = typed.read(form, posted)
    if answers and not way.survey.is_anonymous and asking_bridge.shut(way.survey, way) is None:
        asking_bridge.begin_typing(way, form.language, calling_people.keep(row), answers, user)


def begun(form: Form, row: Invitation) -> dict[str, str]:
    """By name of field what they said in an earlier call; nothing where there was none."""
    rows = Response.objects.of(row.workspace_id).filter(invitation=row, state=Response.State.PARTIAL) if row.pk else Response.objects.none()
    last = rows.order_by("-pk").first()
    return typed.written(form, last.answers) if last is not None else {}


def _problems(form: Form, found: Mapping[str, Any]) -> dict[str, str]:
    """Problems by question, at the first field of each."""
    at = {field.question: field.name for field in reversed(form.fields)}
    return {at.get(question.partition("@")[0], ""): str(words) for question, words in found.items()}
