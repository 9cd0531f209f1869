"""Taking in what someone sent by a form: understood, judged, kept, handed to the log. Nothing acknowledged is lost or taken twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.channels._surroundings import is_machine, label
from vincle.channels.forms import About, Named, Sent
from vincle.listen.models import Handle
from vincle.vocabulary import handle_key

from . import answers, counting, definition, delivering, knowing, mailing, spam, tokens
from .answers import Given, Wrong, clean
from .definition import Definition, Item
from .domains import meant
from .models import Form, FormVersion, Page, Submission

TRAP = "website_address"
"""A field that nobody sees: who fills it in is no person."""

SURE, SHOWN_AT, VERSION = "sure", "shown", "v"
MOST_TOUCH = 300
_REPEATED, _LOOKED_AT = timedelta(hours=1), 100


@dataclass
class Visit:
    """Who looks at a form or sends it, as far as it can be told. `posted`: field -> values; `handle`: of whom a signed link speaks."""

    language: str
    posted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    agent: str = ""
    sender: str = ""
    page: Page | None = None
    handle: int | None = None
    cookie: str = ""
    touch: Mapping[str, str] = field(default_factory=dict)
    is_stand: bool = False

    def first(self, name: str) -> str:
        values = self.posted.get(name, ())
        return values[0] if values else ""


@dataclass
class Received:
    """What became of it. `submission` where it was taken; else what to show again: what is `wrong`, or that it is shown `anew`."""

    given: Given
    submission: Submission | None = None
    is_anew: bool = False
    suggestion: str = ""


def version_of(form: Form, number: int | None = None) -> tuple[int, Definition]:
    """A form as it was published: that version if there is one, else the newest."""
    rows = FormVersion.objects.of(form.workspace_id).filter(form=form)
    row = (rows.filter(number=number).first() if number else None) or rows.get(number=form.version)
    return row.number, definition.load(row.definition)


def to_ask(form: Form, asked: Definition, visit: Visit) -> list[Item]:
    """What this visitor is asked: what is known of them already is left out where the form wants it so."""
    return definition.asked(asked, knowing.known(form.workspace, asked, visit.handle, visit.cookie))


def submit(form: Form, visit: Visit, now: datetime | None = None, entry: str = "") -> Received:
    """Take in what was posted. The caller has seen that the form is open and that its sender is not too fast.

    `entry` tells several that were typed on one showing of the page apart.
    """
    moment = now or timezone.now()
    number, asked = version_of(form, _number(visit.first(VERSION)))
    items = _of_page(asked, to_ask(form, asked, visit), visit.posted)
    given = answers.understand(asked, items, visit.posted, visit.language, form.workspace.country)
    shown = tokens.shown(form, visit.first(SHOWN_AT), tokens.STAND if visit.is_stand else tokens.LASTS)
    if shown is None:
        return Received(given, is_anew=True)
    _name_from_link(form.workspace, given, items, visit)
    if given.wrong:
        return Received(given)
    gets_mail, suggestion = _mail_of(given, visit, asked)
    if given.wrong:
        return Received(given, suggestion=suggestion)
    signs = spam.Signs(
        trap=visit.first(TRAP), seconds=None if visit.is_stand else shown.seconds, is_machine=is_machine(visit.agent), gets_mail=gets_mail,
        is_repeated=_is_repeated(form, given, moment), language=visit.language,
    )  # fmt: skip
    id = f"{shown.id}-{clean(entry, 40)}" if entry else shown.id
    return Received(given, _keep(form, number, asked, given, visit, id, spam.judge(given, signs), moment))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _of_page(asked: Definition, shown: Sequence[Item], posted: Mapping[str, Sequence[str]]) -> list[Item]:
    """The questions shown now, and those whose answers were sent: what is known may have changed since the page was shown."""
    ids = {item.id for item in shown} | {name.partition(".")[0] for name in posted}
    return [item for item in asked.items if item.id in ids]


def _name_from_link(workspace: Workspace, given: Given, items: Sequence[Item], visit: Visit) -> None:
    """Whom a signed link is for need not type their address again."""
    if visit.handle is None or given.email:
        return
    row = Handle.objects.of(workspace).filter(key=visit.handle, kind="email").first()
    if row is not None:
        given.email = row.value
        given.wrong = [each for each in given.wrong if not any(item.id == each.item and item.kind == "email" for item in items)]


def _mail_of(given: Given, visit: Visit, asked: Definition) -> tuple[bool | None, str]:
    """Whether their address receives mail; where it does not, or looks mistyped, they are asked once whether they are sure."""
    domain = given.email.rpartition("@")[2]
    if not domain or visit.is_stand:
        return None, ""
    item = next((item for item in asked.items if item.kind == "email"), None)
    found = mailing.gets_mail(domain)
    other = meant(domain)
    if item is not None and visit.first(SURE) != domain and (found is False or (other and found is not True)):
        given.wrong.append(Wrong(item.id, "mistyped" if other else "no_mail"))
        return found, f"{given.email.rpartition('@')[0]}@{other}" if other else ""
    return found, ""


def _is_repeated(form: Form, given: Given, now: datetime) -> bool:
    """Whether somebody else has just sent the very same words."""
    if len(given.message) < 20:
        return False
    rows = Submission.objects.of(form.workspace_id).filter(form=form, at__gt=now - _REPEATED).order_by("-at")[:_LOOKED_AT]
    return any(row.sent.get("message") == given.message and row.address != (given.email or given.phone) for row in rows)


def _keep(
    form: Form, number: int, asked: Definition, given: Given, visit: Visit, id: str, judged: spam.Judged, now: datetime
) -> Submission:  # fmt: skip
    sent = _sent(form, number, asked, given, visit, id, now)
    values = _row(form, number, asked, given, visit, sent, judged, now)
    other = blake2b(msgspec.json.encode([given.typed, given.agreed]), digest_size=6).hexdigest()
    for native in (id, f"{id}-{other}"):
        values["sent"]["id"] = native
        standing: Submission | None = Submission.objects.of(form.workspace_id).filter(native_id=native).first()
        if standing is None:
            return _create(form, native, values, visit)
        if _same(standing, values):
            break
    assert standing is not None
    return standing


def _same(standing: Submission, values: Mapping[str, Any]) -> bool:
    """Whether a page was sent twice with the same answers: a double click, a reload, a network that came back."""
    return all(
        standing.sent.get(name) == values["sent"].get(name) for name in ("handles", "name", "traits", "answers", "message", "consents")
    )


def _create(form: Form, native: str, values: dict[str, Any], visit: Visit) -> Submission:
    try:
        with transaction.atomic():
            row: Submission = Submission.objects.create(workspace=form.workspace, native_id=native, **values)
            if row.state != Submission.State.SPAM:
                counting.count(form, "submits", visit.page.pk if visit.page else 0)
                delivering.soon(row, visit.sender)
            return row
    except IntegrityError:  # the same page came twice at the same moment
        found: Submission = Submission.objects.of(form.workspace_id).get(native_id=native)
        return found


def _row(
    form: Form, number: int, asked: Definition, given: Given, visit: Visit, sent: Sent, judged: spam.Judged, now: datetime
) -> dict[str, Any]:  # fmt: skip
    state = Submission.State.NEW
    if judged.is_spam:
        state = Submission.State.SPAM
    elif delivering.is_to_confirm(asked, given):
        state = Submission.State.UNCONFIRMED
    first = sent.handles[0] if sent.handles else None
    return {
        "form": form, "page": visit.page, "version": number, "state": state, "at": now, "language": visit.language,
        "handle": handle_key(bytes(form.workspace.secret), first.kind, first.value) if first else None, "name": given.name[:200],
        "address": given.email or given.phone, "sent": msgspec.to_builtins(sent), "touch": dict(sent.touch), "marks": list(judged.reasons),
    }  # fmt: skip


def _sent(form: Form, number: int, asked: Definition, given: Given, visit: Visit, id: str, now: datetime) -> Sent:
    """As it goes to the log. A consent that is still to be confirmed is not said there yet."""
    handles = list(given.handles)
    if not handles and visit.handle is not None:
        row = Handle.objects.of(form.workspace).filter(key=visit.handle).first()
        handles += [Named(row.kind, row.value, given.name or row.name)] if row else []
    if visit.cookie:
        handles.append(Named("cookie", visit.cookie))
    return Sent(
        id=id, at=now, form=About(form.key, form.name, number), language=visit.language, handles=handles, name=given.name,
        traits={**given.traits, **({"language": visit.language} if given.handles else {})}, answers=given.answers, message=given.message,
        consents=given.agreed, tags=list(asked.tags), touch=touched(visit.touch),
    )  # fmt: skip


def touched(touch: Mapping[str, str]) -> dict[str, str]:
    """What is kept of where someone came from."""
    return {name: value[:MOST_TOUCH] for name, value in touch.items() if value and (name == "url" or label(value))}
