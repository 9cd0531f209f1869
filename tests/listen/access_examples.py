"""Rows behind the addresses of Listen."""

import io
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone

from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.listen import actions, alerts, aside, connections, digests, listenings, pending, sources, understanding, vocabulary
from vincle.listen.models import Activity, Alert, Delivery, Digest, Notice, NoticeFor, SetAside

CONTACTS = b"Name,Email\nAna Torres,ana@example.org\n"


def _import(workspace: Workspace) -> dict[str, Any]:
    return {"pk": actions.receive_file(workspace, io.BytesIO(CONTACTS), "contacts.csv", kind="contacts").pk}


def _finished(workspace: Workspace) -> dict[str, Any]:
    found = _import(workspace)
    actions.work_off(Delivery.objects.get(pk=found["pk"]))
    return found


def _upload(workspace: Workspace) -> dict[str, Any]:
    """An upload of the owner of this workspace: nobody else may use it."""
    email = f"{Role.OWNER}@{workspace.slug}.example"
    user, _is_new = User.objects.get_or_create(email=email)
    Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": Role.OWNER})
    digest, _path, size = actions.keep_file(io.BytesIO(CONTACTS))
    return {"token": pending.sign(SimpleNamespace(workspace=workspace, user=user), digest, size, "contacts.csv")}


def _aside(workspace: Workspace) -> dict[str, Any]:
    """A row of the log that a step set aside."""
    _finished(workspace)
    seq = Activity.objects.of(workspace).values_list("seq", flat=True)[0]
    aside.put("organise", [seq], ValueError("it cannot be"))
    return {"pk": SetAside.objects.of(workspace).get().pk}


def _webhook(workspace: Workspace) -> dict[str, Any]:
    return {"pk": connections.connect(workspace, None, "webhook").pk}


def _connection(workspace: Workspace) -> dict[str, Any]:
    return {"pk": connections.connect(workspace, None, "stripe").pk}


def _address(workspace: Workspace) -> dict[str, Any]:
    return {"token": connections.connect(workspace, None, "stripe").token}


def _source(workspace: Workspace) -> dict[str, Any]:
    return {"pk": sources.add(workspace, "shop.example").pk}


def _query(workspace: Workspace) -> dict[str, Any]:
    return {"pk": listenings.save(workspace, None, "Coffee", "coffee").pk}


def _word(workspace: Workspace) -> dict[str, Any]:
    return {"pk": vocabulary.save(workspace, None, "product", "Turbo", "").row.pk}


def _feed(workspace: Workspace) -> dict[str, Any]:
    return {"token": listenings.give_feed(listenings.save(workspace, None, "Coffee", "coffee"), None)}


def _text(workspace: Workspace) -> dict[str, Any]:
    """A text that was read."""
    line = b'{"type": "activity", "native_id": "1", "happened_at": "2026-11-01T12:00:00Z", "verb": "Create", "object_type": "Note", '
    line += b'"actor": {"kind": "x", "value": "17"}, "text": "I love it"}\n'
    actions.work_off(actions.receive_file(workspace, io.BytesIO(line), "acts.jsonl"))
    with transaction.atomic():
        understanding.refresh(workspace, Activity.objects.of(workspace).values_list("seq", flat=True))
    return {"seq": Activity.objects.of(workspace).get().seq}


def _rule(workspace: Workspace) -> dict[str, Any]:
    return {"pk": alerts.save(workspace, None, {"name": "Anything", "kind": "every_match", "settings": {}, "mail": ""}).alert.pk}


def _notice(workspace: Workspace) -> dict[str, Any]:
    """A notice for everyone of the team."""
    row = Alert.objects.get(**_rule(workspace))
    notice = Notice.objects.create(
        workspace=workspace, alert=row, key="k", code="every_match", values={"count": 1}, happened_at=timezone.now()
    )
    for user in Membership.objects.of(workspace).values_list("user_id", flat=True):
        NoticeFor.objects.create(workspace=workspace, notice=notice, user_id=user)
    return {"pk": notice.pk}


def _letters(workspace: Workspace) -> dict[str, Any]:
    user, _ = User.objects.get_or_create(email="letters@example.org")
    digests.begin(workspace, [user.pk], "daily")
    return {"token": digests.off_url(Digest.objects.of(workspace).get(user=user)).rstrip("/").rpartition("/")[2]}


EXAMPLES = {
    "listen:word": _word,
    "listen:word_delete": _word,
    "listen:notice": _notice,
    "listen:rule": _rule,
    "listen:rule_away": _rule,
    "listen:rule_mute": _rule,
    "listen:rule_webhook": _rule,
    "mails:off": _letters,
    "listen:text": _text,
    "listen:correct_text": _text,
    "listen:take_back_text": _text,
    "listen:query": _query,
    "listen:query_away": _query,
    "listen:query_move": _query,
    "listen:query_feed": _query,
    "feeds:atom": _feed,
    "listen:source": _source,
    "listen:source_live": _source,
    "listen:change_source": _source,
    "listen:turn_source": _source,
    "listen:renew_source_key": _source,
    "listen:remove_source": _source,
    "hooks:receive": _address,
    "listen:connection": _connection,
    "listen:connection_allow": _connection,
    "listen:connection_check": _connection,
    "listen:connection_mapping": _webhook,
    "listen:connection_past": _connection,
    "listen:connection_past_progress": _connection,
    "listen:connection_past_stop": _connection,
    "listen:connection_replay": _connection,
    "listen:connection_secret": _connection,
    "listen:connection_settings": _connection,
    "listen:turn_connection": _connection,
    "listen:move_connection": _connection,
    "listen:disconnect": _connection,
    "listen:restore_connection": _connection,
    "listen:delivery_again": _finished,
    "listen:aside_row": _aside,
    "listen:aside_mend": _aside,
    "listen:preview": _upload,
    "listen:trial": _upload,
    "listen:start": _upload,
    "listen:drop": _upload,
    "listen:import": _finished,
    "listen:import_progress": _import,
    "listen:cancel_import": _import,
    "listen:undo_import": _finished,
    "listen:rejected_csv": _finished,
}
