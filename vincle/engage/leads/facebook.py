"""Lead forms of Facebook: what the channel heard becomes a lead, its questions are our fields as the team has said."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.channels._identifiers import email, phone
from vincle.channels.forms import About, Agreed, Answer, Named, Sent
from vincle.listen import log
from vincle.listen.models import Activity, Connection, Handle
from vincle.store import bulk
from vincle.vocabulary import handle_key
from vincle.vocabulary.fields import TRAITS

from . import delivering
from .models import LeadForm, Submission

FACEBOOK = "facebook"
IDENTITY = ("email", "phone", "name")
_FORM = {"channel": FACEBOOK, "verb": "Submit", "object_type": "Form", "superseded": False}


def heard(workspace: Workspace) -> list[dict[str, Any]]:
    """The lead forms that have brought something, newest first: connection, form_key, how many, when last, how it is mapped."""
    rows = Activity.objects.of(workspace).filter(**_FORM).exclude(object_key="").order_by()
    found = list(rows.values("connection_id", "object_key").annotate(leads=Count("native_id", distinct=True), last=Max("happened_at")))
    kept = {(row.connection_id, row.form_key): row for row in LeadForm.objects.of(workspace).select_related("connection")}
    names = dict(Connection.objects.of(workspace).filter(channel=FACEBOOK).values_list("pk", "account"))
    listed = [{**each, "mapping": kept.pop((each["connection_id"], each["object_key"]), None)} for each in found]
    listed += [{"connection_id": c, "object_key": key, "leads": 0, "last": None, "mapping": row} for (c, key), row in kept.items()]
    for each in listed:
        each["account"] = names.get(each["connection_id"], "")
    return sorted(listed, key=lambda each: (each["last"] is not None, each["last"]), reverse=True)


def questions(workspace: Workspace, connection: int, form_key: str) -> dict[str, str]:
    """What its last hundred leads were asked, each with an answer as an example; and the boxes they could tick, by "box:<key>"."""
    rows = Activity.objects.of(workspace).filter(**_FORM, connection=connection, object_key=form_key).order_by("-happened_at")[:100]
    events = {bytes(row.event_id): row for row in rows}
    found: dict[str, str] = {}
    for event, (_text, _title, body) in log.contents(events).items():
        for name, value in _answers(body).items():
            found.setdefault(name, value)
        for box in msgspec.json.decode(events[event].props or "{}").get("agreed", []):
            found.setdefault(f"box:{box}", "")
    return found


def _answers(body: str) -> dict[str, str]:
    found = msgspec.json.decode(body) if body else {}
    said = found.get("answers") if isinstance(found, dict) else None
    return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def guess(question: str) -> str:
    """The field a question of Facebook's own probably is.

    >>> guess("full_name"), guess("work_email"), guess("company_name"), guess("which_coffee?")
    ('name', 'email', 'company', '')
    """
    known = {
        "full_name": "name", "email": "email", "work_email": "email", "phone_number": "phone", "work_phone_number": "phone",
        "company_name": "company", "street_address": "street", "zip_code": "postcode", "post_code": "postcode", "province": "region",
        "state": "region", "date_of_birth": "birthday",
    }  # fmt: skip
    return known.get(question) or (question if question in TRAITS else "")


def save(
    workspace: Workspace, user: User, connection: Connection, form_key: str, values: Mapping[str, Any]
) -> LeadForm:  # fmt: skip
    """How its leads are read from now on. `values`: name, fields, consents, rules, is_on."""
    with transaction.atomic():
        row: LeadForm
        row, is_new = LeadForm.objects.update_or_create(
            workspace=workspace, connection=connection, form_key=form_key[:100], defaults={**values, "at": timezone.now(), "by": user}
        )
        audit.record(workspace, user, "created" if is_new else "changed", "lead form", row.pk, row.name or form_key)
    return row


def read_past(mapping: LeadForm, user: User, settle: Callable[[Submission], None]) -> int:
    """Have leads that came before read as it is said now, and those that are new settled; returns how many. What the team did stays."""
    rows = Activity.objects.of(mapping.workspace_id).filter(**_FORM, connection=mapping.connection_id, object_key=mapping.form_key)
    moved = 0
    with transaction.atomic():
        for row in rows.order_by("happened_at")[:5_000]:
            act = (row.seq, row.workspace_id, row.channel, row.verb, row.object_type, row.op, row.native_id, row.event_id)
            lead = lead_of((*act, row.connection_id, row.object_key, row.actor, row.happened_at), anew=True)
            if lead is not None and lead.settled_at is None:
                settle(lead)
            moved += lead is not None
        audit.record(mapping.workspace, user, "read again", "lead form", mapping.pk, mapping.name, leads=moved)
    return moved


def lead_of(row: Sequence[Any], *, anew: bool = False) -> Submission | None:
    """The lead a row of the log (as `settling.COLUMNS`) is about, made if it is new; None where the team has not mapped its form, or where
    it only says that there is one. Inside the caller's transaction."""
    mapping = LeadForm.objects.of(row[1]).filter(connection=row[8], form_key=row[9], is_on=True).select_related("workspace", "by").first()
    answers = _answers(log.contents([bytes(row[7])]).get(bytes(row[7]), ("", "", ""))[2]) if mapping else {}
    if mapping is None or not answers:
        return None
    native, at = f"{FACEBOOK}:{row[8]}:{row[6]}"[:100], bulk.moment(row[11]) or timezone.now()
    sent = _sent(mapping, native, answers, at, _boxes(row))
    first = sent.handles[0] if sent.handles else None
    handle = handle_key(bytes(mapping.workspace.secret), first.kind, first.value) if first else row[10]
    values = {
        "origin": Submission.Origin.FACEBOOK, "mapping": mapping, "at": at, "handle": handle, "name": sent.name[:200],
        "address": first.value if first else _address(row[10]), "sent": msgspec.to_builtins(sent), "touch": {"source": FACEBOOK},
    }  # fmt: skip
    lead, is_new = Submission.objects.get_or_create(workspace=mapping.workspace, native_id=native, defaults=values)
    if not is_new and not anew:
        return None
    if not is_new:
        sent.id = f"{native}:{int(timezone.now().timestamp())}"
        Submission.objects.filter(pk=lead.pk).update(**{**values, "sent": msgspec.to_builtins(sent)})
        lead.refresh_from_db()
    if first:
        delivering.soon(lead)
    return lead if anew or lead.settled_at is None else None


def _boxes(row: Sequence[Any]) -> list[str]:
    props = Activity.objects.of(row[1]).filter(seq=row[0]).values_list("props", flat=True).first()
    found = msgspec.json.decode(props or "{}").get("agreed", [])
    return [str(each) for each in found] if isinstance(found, list) else []


def _address(handle: int | None) -> str:
    row = Handle.objects.filter(key=handle).first() if handle is not None else None
    return row.value if row and row.kind in ("email", "phone") else ""


def _sent(mapping: LeadForm, native: str, answers: Mapping[str, str], at: datetime, boxes: list[str]) -> Sent:
    """What the team's mapping makes of the answers. The act itself stands in the log already."""
    country = mapping.workspace.country
    found: dict[str, str] = {
        field: answers[name].strip() for name, field in mapping.fields.items() if field and answers.get(name, "").strip()
    }
    mail, number, name = email(found.pop("email", "")), phone(found.pop("phone", ""), country), found.pop("name", "")[:200]
    if not name:
        name = " ".join(filter(None, (found.get("first_name"), found.get("last_name"))))[:200]
    handles = [Named(kind, value, name) for kind, value in (("email", mail), ("phone", number)) if value]
    agreed = [
        Agreed(each["topic"], each.get("wording", ""), each.get("medium", "email")) for each in mapping.consents if each.get("box") in boxes
    ]
    return Sent(
        id=native, at=at, form=About(mapping.form_key, mapping.name), handles=handles, name=name, traits=dict(found),
        answers=[Answer(each, each, value) for each, value in answers.items()], consents=agreed,
        tags=list(mapping.rules.get("tags", [])), touch={"source": FACEBOOK}, is_known=True,
    )  # fmt: skip
