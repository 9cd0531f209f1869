"""Rows behind the addresses of Listen."""

import io
from types import SimpleNamespace
from typing import Any

from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.listen import actions, pending
from vincle.listen.models import Delivery

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


EXAMPLES = {
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
