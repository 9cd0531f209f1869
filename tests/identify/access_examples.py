"""Rows behind the addresses of Identify."""

import io
from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Case, Move
from vincle.listen import actions
from vincle.listen.models import Delivery
from vincle.store.lease import held
from vincle.vocabulary import from_public_id, public_id

_FIRST = b"Name,Email,Phone\nAna Torres,ana@example.org,\nA. Torres,torres@example.org,+34 600 000 001\n"
_SECOND = b"Name,Email,Phone\nAna T,ana@example.org,+34 600 000 001\n"


def _import(workspace: Workspace) -> dict[str, Any]:
    delivery = Delivery()
    for name, content in (("first.csv", _FIRST), ("customers.csv", _SECOND)):
        delivery = actions.receive_file(workspace, io.BytesIO(content), name, kind="contacts")
        actions.work_off(delivery)
        with held("identify") as cursor:
            while cursor and identify.step(cursor):
                pass
    return {"pk": delivery.pk}


def _case(workspace: Workspace) -> dict[str, Any]:
    _import(workspace)
    return {"pk": Case.objects.of(workspace).get().pk}


def _handle(workspace: Workspace) -> dict[str, Any]:
    _import(workspace)
    return {"pid": public_id(Belonging.objects.of(workspace).earliest("pk").handle)}


def _person(workspace: Workspace) -> dict[str, Any]:
    return {"pid": public_id(Belonging.objects.of(workspace).get(handle=from_public_id(_handle(workspace)["pid"])).person)}


def _move(workspace: Workspace) -> dict[str, Any]:
    """A merge of two people, as someone made it."""
    case = Case.objects.of(workspace).get(pk=_case(workspace)["pk"])
    kept = identify.merge(workspace, case.left, case.right, None)
    return {"pid": public_id(kept), "move": Move.objects.of(workspace).latest("pk").pk}


EXAMPLES = {
    "identify:decide": _case,
    "identify:take_back": _case,
    "identify:of_handle": _handle,
    "identify:card_of_handle": _handle,
    "identify:import_people": _import,
    "organise:identity": _person,
    "organise:identity_split": _person,
    "organise:identity_undo": _move,
}
