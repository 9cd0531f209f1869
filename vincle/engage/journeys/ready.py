"""Journeys to begin from: what each is for, and its steps; what is the workspace's own is left to be chosen."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .canvas.shaping import Json

_MAIL: Json = {"letter": "", "medium": "email", "topic": "marketing", "purpose": "marketing"}


@dataclass(frozen=True)
class Ready:
    """`definition()` makes it anew, in the reader's language."""

    key: str
    title: Any
    why: Any
    icon: str
    make: Callable[[], Json]

    @property
    def name(self) -> str:
        return str(self.title)

    def definition(self) -> Json:
        return {"again": {"may": "never"}, "late": {"hours": 48, "then": "skip"}, **deepcopy(self.make())}


def blank() -> Json:
    return {"start": [{"enters": ""}], "again": {"may": "never"}, "late": {"hours": 48, "then": "skip"}, "steps": []}


def _send(key: str) -> Json:
    return {"id": key, "do": "send", **_MAIL}


def _welcome() -> Json:
    opened: Json = {"got": "opened", "step": "hello"}
    return {
        "start": [{"form": "*"}],
        "steps": [
            _send("hello"), {"id": "pause", "do": "wait", "for": {"days": 3}},
            {"id": "read", "do": "branch", "paths": [{"if": opened, "steps": [_send("more")]}], "else": [
                {"id": "ask", "do": "task", "text": _("Say hello in person: they have not opened the welcome."), "due": {"days": 2}}]},
        ],
    }  # fmt: skip


def _win_back() -> Json:
    bought: Json = {"event": {"verb": ["Purchase"]}}
    return {
        "start": [{"enters": ""}], "goal": [bought],
        "steps": [_send("miss"), {"id": "days", "do": "wait", "until": bought, "most": {"days": 7}, "came": [], "missed": [
            {"id": "morning", "do": "wait", "until": {"time": "10:00", "on": ["tue", "wed", "thu"]}}, _send("offer")]}],
    }  # fmt: skip


def _birthday() -> Json:
    return {"start": [{"date": "birthday", "days": 0, "time": "09:00", "yearly": True}], "again": {"may": "ended", "days": 300},
            "steps": [_send("wishes")]}  # fmt: skip


def _renewal() -> Json:
    bought: Json = {"event": {"verb": ["Purchase"]}}
    return {
        "start": [{"date": "", "days": -30, "time": "09:00", "yearly": False}], "again": {"may": "ended", "days": 60}, "goal": [bought],
        "steps": [_send("first"), {"id": "fortnight", "do": "wait", "for": {"days": 16}}, _send("again"),
                  {"id": "week", "do": "wait", "for": {"days": 7}},
                  {"id": "call", "do": "task", "text": _("Call them: their service ends in a week."), "due": {"days": 2}}],
    }  # fmt: skip


def _complement() -> Json:
    bought: Json = {"event": {"verb": ["Purchase"]}}
    return {"start": [{"enters": ""}], "goal": [bought], "steps": [{"id": "week", "do": "wait", "for": {"days": 7}}, _send("also")]}


_ALL = (
    Ready("welcome", gettext_lazy("Welcome"),
          gettext_lazy("Someone sends a form: greet them, see whether they read it, else go on by hand."),
          "door-enter", _welcome),
    Ready("win-back", gettext_lazy("Win back"),
          gettext_lazy("Someone falls quiet: write once, wait for a purchase, then make an offer."),
          "arrow-back-up", _win_back),
    Ready("birthday", gettext_lazy("Birthday"), gettext_lazy("Wishes at nine where they live, every year."), "cake", _birthday),
    Ready("renewal", gettext_lazy("Renewal"),
          gettext_lazy("A month before a service ends: two letters, then a call."), "refresh", _renewal),
    Ready("complement", gettext_lazy("What goes with it"), gettext_lazy("A week after a first purchase: what goes well with it."),
          "basket", _complement),
)  # fmt: skip


def listed() -> tuple[Ready, ...]:
    return _ALL


def one(key: str) -> Ready | None:
    return next((each for each in _ALL if each.key == key), None)
