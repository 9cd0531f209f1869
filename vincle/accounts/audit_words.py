"""The audit log in the reader's language: words that stand in the log are English, so that it reads the same for ever."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from .models import Role

WORDS = {
    "command line": _("command line"),
    "worker": _("worker"),
    "created": _("created"),
    "changed": _("changed"),
    "changed role": _("changed the role of"),
    "changed password": _("changed the password of"),
    "invited": _("invited"),
    "revoked": _("withdrew"),
    "joined": _("joined as"),
    "removed": _("removed"),
    "restored": _("brought back"),
    "left": _("left as"),
    "made": _("made"),
    "used": _("used"),
    "exported": _("exported"),
    "imported": _("imported"),
    "undid": _("undid"),
    "merged": _("merged"),
    "split": _("split"),
    "forgot": _("forgot"),
    "tagged": _("tagged"),
    "deleted": _("deleted"),
    "workspace": _("workspace"),
    "member": _("member"),
    "invitation": _("invitation"),
    "profile": _("profile"),
    "account": _("account"),
    "sign-in link": _("one-time sign-in link"),
    "audit log": _("audit log"),
    "person": _("person"),
    "import": _("imported"),
    "cancel import": _("stopped importing"),
    "undo import": _("took back"),
    "merge": _("joined two people into"),
    "keep apart": _("kept apart"),
    "put off": _("put off"),
    "take back": _("took back"),
    "rebuild": _("built anew"),
    "untagged": _("untagged"),
    "handed over": _("handed over"),
    "delivery": _("file"),
    "case": _("pair of people"),
    "tag": _("tag"),
    "note": _("note"),
    "field": _("field"),
    "activities": _("activities"),
    "people": _("people"),
    "channel": _("channel"),
    "size": _("size in bytes"),
    "segment": _("segment"),
    "view": _("saved view"),
    "name": _("name"),
    "description": _("description"),
    "country": _("country"),
    "currency": _("currency"),
    "timezone": _("time zone"),
    "language": _("language"),
    "theme": _("theme"),
    "role": _("role"),
    **dict(Role.choices),
}


def word(text: Any) -> Any:
    return WORDS.get(text, text) if isinstance(text, str) else text


def _said(value: Any) -> Any:
    return number_format(value, force_grouping=True) if type(value) is int else word(value)


def details(entry: Any) -> list[str]:
    """What a line says beyond its sentence: 'role: viewer → agent'."""
    data = dict(entry.details)
    changes = data.pop("changes", {})
    pairs = changes.items() if isinstance(changes, dict) else ()
    said = [
        f"{word(name)}: {word(pair[0]) or '–'} → {word(pair[1]) or '–'}"
        for name, pair in pairs
        if isinstance(pair, list) and len(pair) == 2
    ]
    return said + [f"{word(name)}: {_said(value)}" for name, value in data.items() if not isinstance(value, dict | list)]
