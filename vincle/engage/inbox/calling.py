"""Telling someone of the team by the bell that a conversation is theirs, or that a colleague calls them in it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import User, Workspace
from vincle.listen import notices, notices_words
from vincle.listen.models import Alert, Notice, NoticeFor
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number

KIND = "conversation"


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    words = {"called": _called, "assigned": _assigned, "given": _given, "ruled": _ruled, "due_soon": _due_soon, "due_late": _due_late}
    for code, worded in words.items():
        notices_words.register(code, worded)
        notices.register_place(code, _place)
    for code, worded in {"many_soon": _many_soon, "many_late": _many_late, "many_given": _many_given}.items():
        notices_words.register(code, worded)
        notices.register_place(code, _list)


def tell(workspace: Workspace, users: Iterable[User], thread: int, by: object, code: str, of: int = 0) -> None:
    """Inside the caller's transaction. `by`: a user, a team, or None; `of` tells two callings in one conversation apart."""
    now = timezone.now()
    for user in users:
        key = f"{code}:{public_id(thread)}:{of or int(now.timestamp())}:{user.pk}"
        ring(workspace, user, code, key, {"thread": public_id(thread), "by": str(by or "")})


def ring(workspace: Workspace, user: User, code: str, key: str, values: dict[str, Any]) -> None:
    """One notice for one user, once for each key. Inside the caller's transaction."""
    now = timezone.now()
    # The bell hangs notices on a rule: this one is the house's own, and stands in no list of rules.
    rule, _new = Alert.objects.get_or_create(
        workspace=workspace, kind=KIND, defaults={"name": _("Conversations"), "is_on": False, "archived_at": now, "mail": ""}
    )
    notice, fresh = Notice.objects.get_or_create(
        workspace=workspace, alert=rule, key=key[:60], defaults={"code": code, "values": values, "happened_at": now, "at": now}
    )
    if fresh:
        NoticeFor.objects.create(workspace=workspace, notice=notice, user=user)


def _called(values: Mapping[str, Any], name: str) -> str:
    return _("%(name)s calls you in a conversation") % {"name": values.get("by", "")}


def _assigned(values: Mapping[str, Any], name: str) -> str:
    return _("%(name)s gave you a conversation") % {"name": values.get("by", "")}


def _ruled(values: Mapping[str, Any], name: str) -> str:
    return _("The rule “%(name)s” shows you a conversation") % {"name": values.get("by", "")}


def _given(values: Mapping[str, Any], name: str) -> str:
    return _("A conversation of the team %(name)s is yours now") % {"name": values.get("by", "")}


def _due_soon(values: Mapping[str, Any], name: str) -> str:
    return _("A conversation is due soon")


def _due_late(values: Mapping[str, Any], name: str) -> str:
    return _("A conversation is overdue")


def _many_soon(values: Mapping[str, Any], name: str) -> str:
    return _("%(n)s conversations are due soon") % {"n": number(int(values.get("many", 0)))}


def _many_late(values: Mapping[str, Any], name: str) -> str:
    return _("%(n)s conversations are overdue") % {"n": number(int(values.get("many", 0)))}


def _many_given(values: Mapping[str, Any], name: str) -> str:
    many = {"n": number(int(values.get("many", 0))), "name": values.get("by", "")}
    return _("%(n)s conversations of the team %(name)s are yours now") % many


def _list(workspace: Workspace, values: Mapping[str, Any]) -> str:
    asked = {name: values[name] for name in ("box", "promise") if values.get(name)}
    return f"{reverse('inbox:list', kwargs={'workspace': workspace.slug})}?{urlencode(asked)}"


def _place(workspace: Workspace, values: Mapping[str, Any]) -> str:
    return reverse("inbox:thread", kwargs={"workspace": workspace.slug, "pid": values["thread"]})
