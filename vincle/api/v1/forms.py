"""Forms, and what people sent by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from vincle.accounts.access import May
from vincle.accounts.models import Workspace
from vincle.engage.leads import models as leads
from vincle.identify.models import Belonging
from vincle.vocabulary import public_id

from . import cursors, shapes
from .endpoint import Call, Nothing, endpoint
from .faults import missing


class FormLine(Struct, kw_only=True):
    id: Annotated[str, Meta(description="Names it for ever, whatever it is called.")]
    name: str
    address: Annotated[str, Meta(description="The last part of its public address.")]
    state: str
    version: int
    changed_at: datetime


class Forms(Struct):
    data: list[FormLine]


class SubmissionsAsked(Struct, forbid_unknown_fields=True):
    form: Annotated[str, Meta(max_length=20, description="Only of this form.")] = ""
    state: Annotated[Literal["", "new", "unconfirmed", "confirmed", "spam"], Meta(description="None: all but spam.")] = ""
    since: Annotated[shapes.Moment | None, Meta(description="Only those sent at this moment or later.")] = None
    limit: shapes.Limit = 50
    cursor: shapes.After = ""


class FormAnswer(Struct):
    question: str
    value: Any


class Ticked(Struct):
    topic: str
    channel: str
    wording: str


class Submission(Struct, kw_only=True):
    """What someone sent. `person` is empty for a moment, and of what was forgotten nothing is left but that something was sent."""

    id: Annotated[str, Meta(description="Its number.")]
    form: Annotated[str | None, Meta(description="Id of the form; null: it came by none of ours.")]
    origin: str
    at: datetime
    state: str
    stage: str
    person: Annotated[str, Meta(description="Public id of whom it became.")]
    name: str
    address: str
    language: str
    answers: list[FormAnswer]
    consents: Annotated[list[Ticked], Meta(description="What they ticked; while `unconfirmed`, it holds for nothing yet.")]
    touch: Annotated[dict[str, str], Meta(description="Where they came from: source, campaign, referrer, page, and their first visit.")]


class Submissions(Struct):
    """A page of submissions, newest first."""

    data: list[Submission]
    next_cursor: shapes.Cursor


@endpoint("GET", "forms", May.SEE, answers=Forms)
def list_forms(call: Call[Nothing]) -> Forms:
    """The forms of the workspace by name."""
    rows = leads.Form.objects.of(call.workspace).filter(archived_at=None).order_by("name", "pk")
    return Forms([
        FormLine(id=row.key, name=row.name, address=row.slug, state=row.state, version=row.version, changed_at=row.changed_at)
        for row in rows
    ])  # fmt: skip


@endpoint("GET", "submissions", May.SEE, asks=SubmissionsAsked, answers=Submissions)
def list_submissions(call: Call[SubmissionsAsked]) -> Submissions:
    """What people sent by forms, newest first."""
    asked, rows = call.asked, leads.Submission.objects.of(call.workspace).select_related("form")
    if asked.form:
        form = leads.Form.objects.of(call.workspace).filter(key=asked.form).first()
        if form is None:
            raise missing("form", "form")
        rows = rows.filter(form=form)
    rows = rows.filter(state=asked.state) if asked.state else rows.exclude(state=leads.Submission.State.SPAM)
    shown, more = cursors.newest(rows.filter(at__gte=asked.since) if asked.since else rows, asked)
    people = _people(call.workspace, shown)
    return Submissions([_submission(row, people.get(row.handle, "")) for row in shown], more)


def _people(workspace: Workspace, rows: Sequence[leads.Submission]) -> dict[int | None, str]:
    handles = {row.handle for row in rows if row.handle}
    owners = Belonging.objects.of(workspace).filter(handle__in=handles).values_list("handle", "person")
    return {handle: public_id(person) for handle, person in owners}


def _submission(row: leads.Submission, person: str) -> Submission:
    said = row.sent.get("answers", [])
    ticked = row.sent.get("consents", [])
    return Submission(
        id=str(row.pk), form=row.form.key if row.form else None, origin=row.origin, at=row.at, state=row.state, stage=row.stage,
        person=person, name=row.name, address=row.address, language=row.language, touch=row.touch,
        answers=[FormAnswer(each.get("label") or each.get("field", ""), each.get("value")) for each in said],
        consents=[Ticked(each["purpose"], each.get("channel", "email"), each.get("wording", "")) for each in ticked],
    )  # fmt: skip
