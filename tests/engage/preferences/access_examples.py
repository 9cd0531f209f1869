"""Rows behind the addresses of consent."""

from typing import Any

from django.utils import timezone

from tests.engage.preferences.people import mailbox, someone
from vincle.accounts.models import Workspace
from vincle.engage.preferences import links, optin
from vincle.identify.models import Suppression, Topic
from vincle.vocabulary import public_id


def _letter(workspace: Workspace) -> dict[str, Any]:
    return {"token": links.token(workspace, someone(workspace).key)}


def _own(workspace: Workspace) -> dict[str, Any]:
    return {"token": links.own(workspace, someone(workspace).key).rstrip("/").rpartition("/")[2]}


def _confirm(workspace: Workspace) -> dict[str, Any]:
    mailbox(workspace)
    row = optin.ask(workspace, someone(workspace).key, "news", "Yes, write to me.", "form:1")
    return {"token": row.token_hash}


def _topic(workspace: Workspace) -> dict[str, Any]:
    return {"pk": Topic.objects.get_or_create(workspace=workspace, key="news", defaults={"names": {"en": "News"}})[0].pk}


def _suppressed(workspace: Workspace) -> dict[str, Any]:
    values = {"since": timezone.now(), "source": "team"}
    row, _new = Suppression.objects.get_or_create(
        workspace=workspace, handle=someone(workspace).key, channel="email", reason="team", defaults=values
    )
    return {"pk": row.pk}


def _person(workspace: Workspace) -> dict[str, Any]:
    return {"pid": public_id(someone(workspace).key)}


EXAMPLES = {
    "preferences_public:page": _letter, "preferences_public:link": _letter, "preferences_public:one_click": _letter,
    "preferences_public:confirm": _confirm, "preferences_public:own": _own, "preferences_public:download": _own,
    "preferences:topic": _topic, "preferences:archive": _topic, "preferences:lift": _suppressed, "preferences:ledger": _person,
    "preferences:forget": _person,
}  # fmt: skip
