"""Answers kept for the next time. Their variables are Liquid: no files, no loops without end, nothing but what stands in `variables`."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from liquid import Environment
from liquid.exceptions import LiquidError, LiquidSyntaxError

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.organise.models import Profile

from .actions import Refused
from .models import Canned, Thread
from .wording import KINDS

LONGEST = 5_000
MOST = 500


class _Small(Environment):
    """What one answer may cost."""

    output_stream_limit = 20_000
    loop_iteration_limit = 1_000
    local_namespace_limit = 20_000
    context_depth_limit = 10
    block_nesting_limit = 10


@cache
def _environment() -> Environment:
    return _Small()


def variables(workspace: Workspace, user: User | None, thread: Thread | None, profile: Profile | None) -> dict[str, Any]:
    """What an answer may speak of; `user` is None where nobody of the team answers: then the workspace speaks."""
    traits = profile.traits if profile else {}

    def trait(name: str) -> Any:
        return (traits.get(name) or [""])[0]

    name = profile.name if profile else ""
    speaker = str(user or workspace.name)
    return {
        "person": {
            "name": name, "first_name": trait("first_name") or (name.split(" ")[0] if name else ""), "last_name": trait("last_name"),
            "company": trait("company"), "city": trait("city"), "language": thread.language if thread else "",
            "purchases": profile.purchases if profile else 0,
        },
        "agent": {"name": speaker, "first_name": speaker.split(" ")[0] if user else speaker},
        "workspace": {"name": workspace.name},
        "conversation": {"channel": thread.channel if thread else "", "kind": str(KINDS.get(thread.kind, "")) if thread else ""},
    }  # fmt: skip


def render(text: str, values: Mapping[str, Any]) -> str:
    """The answer with its variables filled in. Raises Refused where it cannot be read, with the place."""
    try:
        return str(_environment().from_string(text).render(**values))
    except LiquidSyntaxError as error:
        raise Refused(_("This cannot be read: %(why)s") % {"why": _said(error)}) from error
    except (LiquidError, RecursionError, ValueError, TypeError, ArithmeticError) as error:
        raise Refused(_("This cannot be filled in: %(why)s") % {"why": _said(error)}) from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def offered(workspace: Workspace, words: str = "", language: str = "") -> list[Canned]:
    """Answers whose name or words hold these, those in the language first, then those used most."""
    rows = Canned.objects.of(workspace).filter(deleted_at=None)
    for word in words.replace("\x00", "").split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(text__icontains=word) | Q(shortcut__istartswith=word))
    found = list(rows.order_by("-used", "name")[:MOST])
    return sorted(found, key=lambda each: (not words or each.shortcut != words, each.language not in ("", language)))[:60]


def save(workspace: Workspace, user: User, name: str, text: str, shortcut: str = "", language: str = "", pk: int | None = None) -> Canned:
    """Keep an answer, or change it. Raises Refused."""
    name = " ".join(name.replace("\x00", "").split())[:80]
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not name or not text:
        raise Refused(_("A saved answer needs a name and some words."))
    if len(text) > LONGEST:
        raise Refused(_("A saved answer holds %(most)d letters at most.") % {"most": LONGEST})
    render(text, variables(workspace, user, None, None))
    values = {
        "name": name, "text": text, "shortcut": shortcut.strip().lstrip("/")[:30], "language": language[:8], "by": user,
        "changed_at": timezone.now(),
    }  # fmt: skip
    with transaction.atomic():
        if pk is None:
            made: Canned = Canned.objects.create(workspace=workspace, **values)
        else:
            if not Canned.objects.of(workspace).filter(pk=pk, deleted_at=None).update(**values):
                raise Refused(_("There is no such answer any more."))
            made = Canned.objects.of(workspace).get(pk=pk)
        audit.record(workspace, user, "created" if pk is None else "changed", "saved answer", made.pk, name)
    return made


def delete(workspace: Workspace, user: User, found: Canned) -> None:
    with transaction.atomic():
        Canned.objects.of(workspace).filter(pk=found.pk).update(deleted_at=timezone.now())
        audit.record(workspace, user, "deleted", "saved answer", found.pk, found.name)


def used(workspace: Workspace, answers: Iterable[str]) -> None:
    """These were sent, as they are or changed."""
    known = {int(each) for each in answers if each.isascii() and each.isdigit() and len(each) < 18}
    if known:
        Canned.objects.of(workspace).filter(pk__in=known).update(used=F("used") + 1)
