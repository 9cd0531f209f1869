"""What the outbox and the preference centre hold of someone who is forgotten: our own words to them, and how they confirmed."""

from collections.abc import Collection

from vincle.accounts.models import Workspace
from vincle.engage.outbox.models import Send, SendFile
from vincle.store import bulk

from . import signals
from .models import Optin

_WAITING = (Send.State.HELD, Send.State.WAITING, Send.State.FAILED, Send.State.DEAD, Send.State.DOUBTFUL)


def erase(workspace: Workspace, handles: Collection[int], people: Collection[int]) -> dict[str, int]:
    """Rows of sends keep their shape, for what was counted stays true; what they said and to whom goes."""
    sends = Send.objects.of(workspace).filter(handle__in=handles)
    sends.filter(state__in=_WAITING).update(state=Send.State.CANCELLED)
    SendFile.objects.of(workspace).filter(send__in=sends.values("pk")).delete()
    gone = sends.update(command={}, data={}, person=None, problem_detail="", url="")
    bulk.execute_in("UPDATE outbox_linkhit SET url = '' WHERE send_id IN (SELECT id FROM outbox_send WHERE handle IN ({}))", handles)
    optins, _ = Optin.objects.of(workspace).filter(handle__in=handles).delete()
    signals.forgotten.send(sender=erase, workspace=workspace, handles=tuple(handles), people=tuple(people))
    return {"messages": gone, "confirmations": optins}
