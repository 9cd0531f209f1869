"""The list of leads: filtered, searched, page by page, and all of it for a download."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from vincle.accounts.models import User, Workspace
from vincle.identify.models import Belonging
from vincle.organise.models import Score
from vincle.vocabulary import public_id

from .models import Submission

PAGE = 50


class Row(NamedTuple):
    """A lead with the person it became, and how likely they buy (the score `lead`; None: not known)."""

    lead: Submission
    pid: str
    score: float | None
    label: str


def chosen(workspace: Workspace, asked: QueryDict, user: User) -> "QuerySet[Submission]":
    """What an address asks for: box, form, state, stage, owner, words."""
    rows = Submission.objects.of(workspace)
    box = asked.get("box", "")
    rows = rows.filter(state="spam") if box == "spam" else rows.exclude(state="spam")
    if (form := asked.get("form", "")).isdecimal() and len(form) < 18:
        rows = rows.filter(form=int(form))
    for name, values in (("state", Submission.State.values), ("stage", Submission.Stage.values), ("origin", Submission.Origin.values)):
        if asked.get(name, "") in values:
            rows = rows.filter(**{name: asked[name]})
    owner = asked.get("owner", "")
    if owner == "mine":
        rows = rows.filter(owner=user)
    elif owner == "none":
        rows = rows.filter(owner=None)
    if words := asked.get("q", "").strip().replace("\x00", "")[:100]:
        rows = rows.filter(Q(name__icontains=words) | Q(address__icontains=words))
    return rows


def page(rows: "QuerySet[Submission]", after: str = "", before: str = "") -> tuple[list[Submission], str | None, str | None]:
    """(leads newest first, key of the next page, key of the one before)."""
    backwards = bool(before and not after)
    place = _place(before if backwards else after)
    if place:
        at, pk = place
        rows = rows.filter(Q(at__gt=at) | Q(at=at, pk__gt=pk)) if backwards else rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    order = ("at", "pk") if backwards else ("-at", "-pk")
    found = list(rows.select_related("form", "owner", "mapping").order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    key = [f"{row.at.isoformat()}~{row.pk}" for row in found]
    nxt = key[-1] if key and (more or backwards) else None
    prev = key[0] if key and place and (not backwards or more) else None
    return found, nxt, prev


def _place(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.partition("~")
    try:
        moment = parse_datetime(at.replace(" ", "+"))
    except ValueError:
        return None
    return (moment, int(pk)) if moment and moment.tzinfo and pk.isascii() and pk.isdecimal() and len(pk) < 18 else None


def with_people(workspace: Workspace, leads: list[Submission]) -> list[Row]:
    """Two queries, however many they are."""
    people = dict(
        Belonging.objects.of(workspace).filter(handle__in={row.handle for row in leads if row.handle}).values_list("handle", "person")
    )
    scores = {row.person: row for row in Score.objects.of(workspace).filter(person__in=set(people.values()), name="lead")}
    found = []
    for lead in leads:
        person = people.get(lead.handle)
        score = scores.get(person) if person is not None else None
        found.append(
            Row(lead, public_id(person) if person is not None else "", score.value if score else None, score.label if score else "")
        )
    return found


def table(rows: "QuerySet[Submission]") -> tuple[list[str], Iterator[list[Any]]]:
    """(headings, rows) of the download: who, where from, and every answer under its question."""
    questions: dict[str, None] = {}
    for sent in rows.order_by("-at").values_list("sent", flat=True)[:5_000].iterator(500):
        for answer in sent.get("answers", []):
            questions.setdefault(answer.get("label") or answer.get("field", ""))
    headings = list(questions)[:100]
    fixed = [
        "at",
        "form",
        "state",
        "stage",
        "name",
        "email",
        "phone",
        "company",
        "consents",
        "campaign",
        "source",
        "referrer",
        "page",
        "owner",
    ]
    return [*fixed, *headings], _lines(rows, headings)


def _lines(rows: "QuerySet[Submission]", headings: list[str]) -> Iterator[list[Any]]:
    for row in rows.select_related("form", "owner", "mapping").order_by("-at").iterator(500):
        sent, touch = row.sent, row.touch
        handles = {each["kind"]: each["value"] for each in sent.get("handles", [])}
        answers = {each.get("label") or each.get("field", ""): each.get("value", "") for each in sent.get("answers", [])}
        consents = ", ".join(f"{each['purpose']} ({each.get('channel', 'email')})" for each in sent.get("consents", []))
        name = row.form.name if row.form else row.mapping.name if row.mapping else row.get_origin_display()
        yield [
            row.at.isoformat(timespec="seconds"), name, row.state, row.stage, row.name, handles.get("email", ""), handles.get("phone", ""),
            sent.get("traits", {}).get("company", ""), consents, touch.get("campaign", ""), touch.get("source", ""), touch.get("referrer",
                ""),
            touch.get("url", ""), str(row.owner or ""), *(_cell(answers.get(each, "")) for each in headings),
        ]  # fmt: skip


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
