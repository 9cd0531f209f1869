"""Sample values for the gallery, the page on which every component is looked at. Shown only while developing; the people are invented."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils import timezone

from .nav import Link
from .tags.people import avatar

BEANS = ("Delivery", "Christmas blend", "Oat milk price", "Latte art course", "Opening hours")
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class SampleForm(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="Only the team sees it.")
    name = forms.CharField(label="Name", required=False)
    role = forms.ChoiceField(label="Role", choices=[("agent", "Agent"), ("viewer", "Viewer")])
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    order = forms.ChoiceField(
        label="Dates in this file", widget=forms.RadioSelect, choices=[("dmy", "day, month, year"), ("mdy", "month, day, year")]
    )
    weekly = forms.BooleanField(label="Send me a summary each Monday", required=False)


def _line() -> dict[str, Any]:
    usual = [54, 61, 48, 66, 80, 96, 68, 51, 57, 49, 63, 78, 104, 74, 60, 63, 54, 70, 86, 110, 78, 64, 68, 112, 206, 160, 140, 96]
    days = [timezone.localdate() - timedelta(days=len(usual) - place) for place in range(len(usual))]
    return {
        "columns": ["Day", "Mentions"],
        "rows": [[f"{day:%-d %b}", count] for day, count in zip(days, usual, strict=True)],
        "hrefs": [f"?day={day}" for day in days],
        "band": [[min(count, 120) * 0.78, min(count, 120) * 1.24] for count in usual],
        "events": [{"at": 24, "label": "Delivery delays", "href": "?topic=delivery"}],
    }


def _charts() -> dict[str, Any]:
    hours = [f"{hour:02d}" for hour in range(24)]
    heat = [
        [name, *[max(0, (9 - abs(hour - 10)) * (7 - abs(place - 4)) + (hour == 19) * 14) for hour in range(24)]]
        for place, name in enumerate(WEEK)
    ]
    return {
        "line": _line(),
        "lines": {
            "columns": ["Week", "Instagram", "Mastodon", "E-mail"],
            "rows": [[f"W{n}", 40 + n * 6, 22 + (n * 7) % 13, 34 - n] for n in range(1, 11)],
        },
        "bars": {
            "columns": ["Topic", "Mentions"],
            "rows": [[name, 41 - place * 8] for place, name in enumerate(BEANS)],
            "hrefs": [f"?topic={name}" for name in BEANS],
        },
        "stacked": {
            "columns": ["Day", "Positive", "Negative", "Neutral"],
            "rows": [[name, 12 + place * 2, 4 + place % 3 * 5, 20 - place] for place, name in enumerate(WEEK)],
            "tones": ["pos", "neg", "neu"],
        },
        "heat": {"columns": ["", *hours], "rows": heat, "unit": "messages"},
        "scatter": {"columns": ["Person", "Activities", "Value"], "rows": [[f"Person {n}", n * 3 % 41, n * n % 97] for n in range(1, 40)]},
    }


def _people() -> list[dict[str, Any]]:
    now = timezone.now()
    rows = [
        (
            "Núria Serra Vidal",
            "person",
            "creator",
            "instagram",
            31,
            214,
            12,
            "Tercer matí sense cafè. On és la meva comanda?",
            "ca",
            "complaint",
            "neg",
        ),
        (
            "Luca Bianchi",
            "person",
            "critic",
            "facebook",
            12,
            80,
            26,
            "La miscela di Natale è una meraviglia, la consiglio a tutti",
            "it",
            "recommends",
            "pos",
        ),
        (
            "Ana Torres",
            "person",
            "semi-active",
            "reviews",
            8,
            41,
            60 * 30,
            "Muy buen café, pero 20 minutos de cola un martes…",
            "es",
            "review",
            "muted",
        ),
        ("", "anon", "spectator", "x", 2, 0, 60 * 24 * 6, "is there a subscription for two bags a month?", "en", "asks", "muted"),
        (
            "Hotel Mirador",
            "organisation",
            "inactive",
            "email",
            44,
            1840,
            60 * 24 * 90,
            "Could I move my delivery to Friday?",
            "en",
            "asks",
            "muted",
        ),
    ]
    names = ("name", "kind", "stage", "channel", "activities", "value", "minutes", "said", "language", "intent", "tone")
    return [{**dict(zip(names, row, strict=True)), "at": now - timedelta(minutes=row[6])} for row in rows]


def _shell(theme: str) -> SimpleNamespace:
    steps = [
        ("Pulse", "activity-heartbeat", None),
        ("Listen", "ear", None),
        ("People", "users", 3),
        ("Organise", "affiliate", None),
        ("Engage", "message-circle", 12),
        ("Analyse", "chart-line", None),
    ]
    cafe, hotel = (
        SimpleNamespace(pk=2, slug="cafe", name="Café Lligam", description="coffee and roastery"),
        SimpleNamespace(pk=9, slug="hotel", name="Hotel Mirador", description=""),
    )
    return SimpleNamespace(
        theme=theme,
        workspace=cafe,
        workspaces=[(cafe, "?"), (hotel, "?hotel")],
        search_url="/gallery/",
        search_label="Find people, words, segments",
        bell=Link("bell", "", "bell", "?", False, 2),
        account=[],
        language_names=[("en", "English"), ("ca", "Català")],
        in_settings=False,
        settings=[Link("team", "Team", "users", "?team", False, None)],
        nav=[Link(label, label, icon, f"?{label}", not place, badge) for place, (label, icon, badge) in enumerate(steps)],
    )


def _found(words: str) -> dict[str, Any]:
    names = [one for one in _people() if one["name"] and words.lower() in one["name"].lower()]
    rows = [("?person", avatar(one["name"], "sm", one["kind"]), one["name"], one["stage"]) for one in names]
    return {"words": words, "groups": [("People", rows)] if rows and words else []}


def samples(request: Any) -> dict[str, Any]:
    theme = request.GET.get("theme", "auto")
    card = {
        "name": "Núria Serra Vidal",
        "stage": "creator",
        "said": "Tercer matí sense cafè. On és la meva comanda?",
        "language": "ca",
        "at": timezone.now(),
        "facts": [("Worth a year", "€ 214"), ("Activities", 31)],
        "marks": ["email", "instagram", "mastodon"],
    }
    wrong = SampleForm({"email": "nuria@", "role": "agent", "order": "dmy"}, auto_id="wrong_%s")
    return {
        "card": card,
        "found": _found(request.GET.get("q", "")),
        "shell": _shell(theme if theme in {"light", "dark"} else "auto"),
        "people": _people(),
        "charts": _charts(),
        "form": SampleForm(),
        "wrong": wrong,
        "now": timezone.now(),
        "old": timezone.now() - timedelta(days=400),
        "points": [40, 42, 39, 48, 45, 60, 71],
        "counts": {"creator": 58, "critic": 121, "semi-active": 402, "spectator": 761, "inactive": 870},
        "urls": {"critic": "?stage=critic", "creator": "?stage=creator"},
        "channels_": [("instagram", "Instagram", 214), ("mastodon", "Mastodon", 38), ("email", "E-mail", 90)],
        "reasons": [
            ("12 posts in 90 days", "+12", 1.0, "pos"),
            ("Recommended you to 3 people", "+6", 0.5, "pos"),
            ("Silent for 3 weeks this summer", "−2", 0.17, "neg"),
        ],
        "tabs_": [("Everything", "?", True, None), ("Said", "?said", False, 31), ("Bought", "?bought", False, 14)],
        "columns_": [("name", "Name"), ("stage", "Stage"), ("value", "Value")],
        "talk": [
            ("Delivery", 41, "neg", "third morning without beans, the tracking says delivered…"),
            ("Christmas blend", 33, "pos", "smells like my grandmother’s kitchen, already ordered two"),
        ],
        "evidence": [
            ("Two people at random", -7.6, 0.0, -7.6, "neu"),
            ("Same phone 93 555 01 42", 9.1, -7.6, 1.5, "pos"),
            ("Rare surname, one letter apart", 4.6, 1.5, 6.1, "pos"),
            ("Different birthday", -2.4, 6.1, 3.7, "neg"),
        ],
        "empty_data": {"columns": ["Day", "Mentions"], "rows": []},
        "known_tags": ["barista", "subscriber"],
        "shown": ["name", "stage"],
    }
