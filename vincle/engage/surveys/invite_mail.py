"""The outbox's writer "survey invitation": mails with the first question inside, reminders, and short messages elsewhere.

`job.content` is {"round": pk, "reminder": number}; `send.data` is {"invitation": pk}.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.letters import branding, recipients
from vincle.engage.letters.look import FONTS, on
from vincle.engage.outbox import leaving, writing
from vincle.engage.outbox.models import Job, Send
from vincle.engage.outbox.writing import Skip, Written

from . import asked_words, first_question, invite_letter, rounds, settled
from .definition import model
from .invite_letter import Answer, Letter
from .models import Invitation, Round, Survey

_USES: Final = frozenset({"person.first_name", "person.language"})
Asked = Invitation.State


def writer(job: Job, sends: Sequence[Send]) -> list[Written | Skip]:
    """Each in its reader's language; whoever has answered or declined meanwhile is left out."""
    keys = {int(send.data["invitation"]) for send in sends if str(send.data.get("invitation", "")).isdigit()}
    rows = Invitation.objects.of(job.workspace).filter(pk__in=keys)
    found = {
        row.pk: row for row in rows.select_related("workspace", "collector__workspace", "survey__version", "survey__workspace", "round")
    }
    people = [row.person for row in found.values() if row.person is not None]
    desk = _Desk(job, people)
    where = writing.addresses(sends)
    return [desk.written(send, found.get(int(send.data.get("invitation") or 0)), where.get(send.pk, "")) for send in sends]


class _Desk:
    """What all of one batch have in common is looked up once."""

    def __init__(self, job: Job, people: Sequence[int]) -> None:
        self.job, self.workspace = job, job.workspace
        self.look = branding.look_of(job.workspace)
        self.number = int(job.content.get("reminder", 0))
        self.known = recipients.people(job.workspace, people, _USES)
        self.refused = rounds.refusing(job.workspace, people, job.medium)
        self.definitions: dict[int, model.Survey] = {}

    def written(self, send: Send, row: Invitation | None, address: str) -> Written | Skip:
        if row is None or not address:
            return Skip("no_address")
        if row.state in (Asked.ANSWERED, Asked.DECLINED):
            return Skip("answered_already" if row.state == Asked.ANSWERED else "declined")
        if row.person in self.refused:
            return Skip("no_surveys")
        survey = row.survey
        if survey.state != Survey.State.OPEN or (survey.closes_at is not None and survey.closes_at <= timezone.now()):
            return Skip("survey_closed")
        if survey.pk not in self.definitions:
            self.definitions[survey.pk] = asked_words.asked(survey)
        return self._one(send, row, address, self.definitions[survey.pk])

    def _one(self, send: Send, row: Invitation, address: str, definition: model.Survey) -> Written:
        person = self.known.get(row.person or 0, {}).get("person", {})
        language = asked_words.chosen(definition, [str(person.get("language") or ""), row.collector.language])
        name, url = str(person.get("first_name") or ""), settled.url(row)
        texts = row.round.texts if row.round is not None else {}
        with translation.override(language):
            if self.job.medium != "email":
                return Written(address, "", "", message(row.survey, definition, language, texts, url))
            centre = leaving.centre(self.workspace, send.person, send.handle, send.pk)
            made = letter(row.survey, definition, language, texts, url, self.look, name=name, number=self.number, centre=centre)
        html = invite_letter.html(made, self.look, FONTS[self.look["font"]], on(self.look["accent"]))
        headers = {"Content-Language": language}
        return Written(address, made.subject, html, invite_letter.text(made), headers, self.look["company"])


def letter(
    survey: Survey, definition: model.Survey, language: str, texts: Mapping[str, Any], url: str, look: Mapping[str, Any], *, name: str = "",
    number: int = 0, centre: str = "",
) -> Letter:  # fmt: skip
    """What one reader gets, in the language that is spoken now."""
    own, base = texts.get(language, {}), _usual(survey, definition, language)
    subject = own.get("subject") or base["subject"]
    why = own.get("why") or base["why"]
    if number:
        subject = _("Reminder: %(subject)s") % {"subject": subject}
        why = _("We wrote to you some days ago, and your answer would still help us.") + "\n\n" + why
    first = first_question.first(definition, language)
    answers = [Answer(short, words, f"{url}?a={sent}") for sent, short, words in first.answers] if first else []
    greeting = _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
    return Letter(
        subject=subject, company=str(look.get("company") or survey.workspace.name), greeting=greeting, why=_greeted(why),
        question=first.text if first else "", answers=answers, is_scale=bool(first and first.is_scale),
        ends=first.ends if first else ("", ""), button=own.get("button") or base["button"], url=url,
        facts=asked_words.facts(survey, definition), decline=_("I would rather not answer"), decline_url=f"{url}no/",
        settings=_("What we may write to you") if centre else "", settings_url=centre, language=language,
    )  # fmt: skip


def _greeted(why: str) -> str:
    """A covering letter that greets by itself is not greeted twice: its first line goes where it ends with a comma and is short."""
    head, _sep, rest = why.partition("\n")
    return rest.strip() if rest.strip() and len(head) < 60 and head.rstrip().endswith((",", ":")) else why


def _usual(survey: Survey, definition: model.Survey, language: str) -> dict[str, str]:
    return {
        "subject": asked_words.title(definition, survey, language)[:150], "why": asked_words.invitation(survey, language),
        "button": _("Answer"),
    }  # fmt: skip


def usual(survey: Survey, language: str) -> dict[str, str]:
    """What is written where nothing else was: subject, why, button."""
    with translation.override(language):
        return _usual(survey, asked_words.asked(survey), language)


def message(survey: Survey, definition: model.Survey, language: str, texts: Mapping[str, Any], url: str) -> str:
    """A short message for chats."""
    why = texts.get(language, {}).get("why") or asked_words.title(definition, survey, language)
    facts = " ".join(asked_words.facts(survey, definition))
    return f"{why}\n\n{url}\n\n{facts}\n{_('Not for me:')} {url}no/"


def languages(survey: Survey) -> list[str]:
    return asked_words.languages(survey)


def preview(made: Round, language: str = "") -> str:
    """The mail of a round as HTML; its links lead nowhere."""
    survey, workspace = made.survey, made.workspace
    definition = asked_words.asked(survey)
    language = language or asked_words.chosen(definition, [_language_of(workspace)])
    look = branding.look_of(workspace)
    with translation.override(language):
        made_letter = letter(survey, definition, language, made.texts, "#", look, name=_("Ana"), centre="#")
    return invite_letter.html(made_letter, look, FONTS[look["font"]], on(look["accent"]))


def _language_of(workspace: Workspace) -> str:
    return translation.get_language() or ""
