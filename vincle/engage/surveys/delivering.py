"""A complete answer on its way into the log: its raw delivery stands in the transaction that completes it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vincle.accounts.models import Workspace
from vincle.channels import surveys
from vincle.channels.surveys import About, Agreed, Answered, Named, Rated, Said
from vincle.listen import actions as listen
from vincle.listen.models import Connection, Handle

from . import knowing
from .codes_kept import day_of
from .definition import model
from .definition.model import NA, Consent, Email, File, Matrix, Phone, Survey, say
from .held import Held
from .models import Response


def source(workspace: Workspace) -> Connection:
    """The connection answers come in by."""
    return _sources.get(workspace)


_sources: Held[Workspace, Connection] = Held(lambda workspace: listen.connection_for(workspace, surveys.channel.spec.id))


def deliver(response: Response, definition: Survey, now: datetime) -> None:
    """Inside the caller's transaction; the worker reads it when that is committed."""
    before = response.handle
    body = written(response, definition, now)
    if response.handle != before:
        Response.objects.filter(pk=response.pk).update(handle=response.handle, person=response.person)
    listen.receive(source(response.survey.workspace), body, _at(response, now))


def deliver_all(responses: Sequence[Response], bodies: Sequence[bytes], now: datetime) -> None:
    """The same of many that are stored; `bodies`: what `written` made of each."""
    together: dict[tuple[int, datetime], list[tuple[Response, bytes]]] = {}
    for response, body in zip(responses, bodies, strict=True):
        together.setdefault((response.workspace_id, _at(response, now)), []).append((response, body))
    for (_workspace, at), group in together.items():
        listen.receive_all(source(group[0][0].survey.workspace), [body for _response, body in group], at)


def written(response: Response, definition: Survey, now: datetime) -> bytes:
    """The delivery of a complete answer. Who says who they are in it is noted on the response, which the caller stores."""
    told = answered(response, definition, now)
    if not response.survey.is_anonymous and response.handle is None and told.handles:
        workspace = response.survey.workspace
        response.handle = knowing.key_of(workspace, told.handles[0].kind, told.handles[0].value)
        response.person = knowing.person_of(response.workspace_id, response.handle)
    return surveys.write(told)


def _at(response: Response, now: datetime) -> datetime:
    return day_of(now) if response.survey.is_anonymous else now


def answered(response: Response, definition: Survey, now: datetime) -> Answered:
    """As the channel takes it."""
    survey = response.survey
    told = Answered(
        id=response.public_id, at=day_of(now) if survey.is_anonymous else now, way=response.collector.kind,
        survey=About(survey.public_id, survey.name, response.version.number), collector=response.collector.public_id,
        language=response.language, rating=_rating(definition, response),
    )  # fmt: skip
    for name, value in response.answers.items():
        _answer(told, definition, name, value, response.language)
    if not survey.is_anonymous:
        _person(told, definition, response)
    return told


def _rating(definition: Survey, response: Response) -> Rated | None:
    item = model.main_question(definition)
    value = response.answers.get(item.id) if item is not None else None
    limits = model.points(item) if item is not None else None
    if item is None or limits is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Rated(item.id, say(item.text, response.language, definition)[:200], value, *limits)


def _answer(told: Answered, definition: Survey, name: str, value: Any, language: str) -> None:
    """Own words become texts of their own; what says who somebody is stands among the facts only."""
    bare, _dot, own = name.partition(".")
    found = model.find(definition, bare)
    if found is None or isinstance(found[1], Email | Phone | Consent | File) or found[1].fact:
        return
    item = found[1]
    label = say(item.text, language, definition)[:200] or item.id
    if own == "other" or isinstance(item, model.Text | model.LongText):
        told.texts.append(Said(name, label, value))
        return
    told.answers.append(Said(name, label, spoken(item, value, language, definition)))


def spoken(item: model.Item, value: Any, language: str, definition: Survey) -> Any:
    """An answer in the words in which it was to choose from."""
    rows = (*getattr(item, "choices", ()), *getattr(item, "rows", ()))
    words = {each.id: say(each.text, language, definition) or each.id for each in rows}
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, list):
        return [words.get(str(each), each) for each in value]
    if isinstance(value, dict) and isinstance(item, Matrix | model.ConstantSum):
        return {words.get(key, key): each for key, each in value.items() if each not in (None, NA)}
    return value


def _person(told: Answered, definition: Survey, response: Response) -> None:
    found: list[Named] = []
    for _page, item in model.questions(definition):
        value = response.answers.get(item.id)
        if isinstance(value, str) and value and isinstance(item, Email | Phone):
            found.append(Named("email" if isinstance(item, Email) else "phone", _plain(item, value, response)))
        elif item.fact and isinstance(value, str | int | float) and value not in ("", None):
            if item.fact == "name":
                told.name = str(value)[:200]
            else:
                told.traits[item.fact] = spoken(item, value, definition.language, definition)
        elif isinstance(item, Consent) and value is True:
            told.consents.append(Agreed(item.topic, say(item.text, response.language, definition), item.channel))
    if known := _known(response):
        found.insert(0, known)
    told.handles = list({(each.kind, each.value): each for each in reversed(found) if each.value}.values())[::-1]


def _plain(item: Email | Phone, value: str, response: Response) -> str:
    if isinstance(item, Email):
        return value.strip().lower()
    from vincle.channels._identifiers import phone

    return phone(value, response.survey.workspace.country) or ""


def _known(response: Response) -> Named | None:
    if response.handle is None:
        return None
    row = Handle.objects.of(response.workspace_id).filter(key=response.handle).first()
    return Named(row.kind, row.value, row.name) if row is not None else None


