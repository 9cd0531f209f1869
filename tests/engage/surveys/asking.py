"""Surveys that are open, for tests: made as the builder makes them, answered as browsers answer them."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, asked, collectors, doors
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Collector, Response, Survey

AB = [{"id": "a", "text": {"en": "A"}}, {"id": "b", "text": {"en": "B"}}]
EVERY: list[dict[str, Any]] = [
    {"type": "single", "id": "s", "text": {"en": "One"}, "choices": AB},
    {"type": "multiple", "id": "m", "text": {"en": "Some"}, "choices": [
        {"id": "a", "text": {"en": "A"}}, {"id": "o", "text": {"en": "Else"}, "is_other": True},
        {"id": "n", "text": {"en": "None"}, "is_exclusive": True}]},
    {"type": "dropdown", "id": "d", "text": {"en": "Drop"}, "choices": AB},
    {"type": "nps", "id": "nps", "text": {"en": "Recommend?"}, "role": "nps", "low": {"en": "No"}, "high": {"en": "Yes"}},
    {"type": "stars", "id": "st", "text": {"en": "Stars"}},
    {"type": "smileys", "id": "sm", "text": {"en": "Faces"}},
    {"type": "ces", "id": "ces", "text": {"en": "Easy?"}},
    {"type": "likert", "id": "li", "text": {"en": "Agree?"}, "scale": {"points": 5, "has_na": True}},
    {"type": "matrix", "id": "ma", "text": {"en": "Parts"},
     "rows": [{"id": "x", "text": {"en": "X"}}, {"id": "y", "text": {"en": "Y"}}]},
    {"type": "matrix", "id": "dual", "text": {"en": "Both"},
     "rows": [{"id": "x", "text": {"en": "X"}}], "scales": [{"points": 5}, {"points": 7}]},
    {"type": "ranking", "id": "r", "text": {"en": "Order"}, "choices": AB},
    {"type": "constant_sum", "id": "c", "text": {"en": "Share"}, "choices": AB},
    {"type": "number", "id": "n", "text": {"en": "How many"}, "least": 0, "most": 10},
    {"type": "text", "id": "t", "text": {"en": "Name"}, "fact": "name"},
    {"type": "long_text", "id": "l", "text": {"en": "Why?"}},
    {"type": "date", "id": "day", "text": {"en": "When"}},
    {"type": "email", "id": "e", "text": {"en": "E-mail"}},
    {"type": "phone", "id": "p", "text": {"en": "Phone"}},
    {"type": "file", "id": "f", "text": {"en": "File"}, "endings": ["txt"]},
    {"type": "image_choice", "id": "i", "text": {"en": "Picture"}, "choices": AB},
    {"type": "slider", "id": "sl", "text": {"en": "Slide"}},
    {"type": "consent", "id": "co", "text": {"en": "Yes, write to me."}, "topic": "news"},
    {"type": "hidden", "id": "h", "parameter": "src"},
    {"type": "computed", "id": "sum", "formula": "{n} + {nps}"},
    {"type": "note", "id": "note", "text": {"en": "Thanks, {t}"}},
]  # fmt: skip
FORM: dict[str, Any] = {
    "s": "b", "m": ["a", "o"], "m.other": "mine", "d": "a", "nps": "9", "st": "4", "sm": "5", "ces": "7", "li": "na",
    "ma.x": "3", "ma.y": "5",
    "dual.x": "2", "dual.x.2": "7", "r.a": "2", "r.b": "1", "c.a": "30", "c.b": "70", "n": "4", "t": "Ana Torres", "l": "Molt bo",
    "day": "2026-11-01",
    "e": "Ana@Example.org", "p": "+34 600 123 456", "i": "b", "sl": "55", "co": "yes",
}  # fmt: skip


def definition(pages: list[dict[str, Any]], **more: Any) -> model.Survey:
    return model.load({"title": {"en": "How was it?"}, "pages": pages, **more})


def opened(
    workspace: Workspace, user: User, pages: list[dict[str, Any]], kind: str = "link", survey: dict[str, Any] | None = None, **more: Any
) -> Collector:
    """A way to a survey that is open."""
    doors.SENDERS.clear()
    asked.forget()
    row = actions_builder.create(workspace, user, "How was it?", definition(pages, **more))
    Survey.objects.filter(pk=row.pk).update(**(survey or {}))
    row = actions_builder.open_(Survey.objects.select_related("workspace").get(pk=row.pk), user)
    way = collectors.create(workspace, user, Survey.objects.get(pk=row.pk), kind)
    return Collector.objects.select_related("survey__workspace", "survey__version").get(pk=way.pk)


def address(way: Collector) -> str:
    return reverse("surveys_public:survey", kwargs={"token": way.token})


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def send(client: Client, way: Collector, form: dict[str, Any], at: str = "", query: str = "") -> Any:
    """Look at the page, then send it."""
    where = at or address(way) + query
    return client.post(where, {**hidden(client.get(where).content.decode()), **form})


def last() -> Response:
    return Response.objects.select_related("survey__workspace", "version", "collector").latest("pk")
