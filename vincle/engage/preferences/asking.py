"""The way to what is held about someone, sent to their own address."""

from secrets import token_hex

from django.utils import translation
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.listen.models import Handle

from . import links, stating
from .posting import NoWay, post


def send_own_link(workspace: Workspace, handle: Handle, language: str) -> bool:
    """False where it cannot be sent: no mail of ours leaves, or the address is none of mail."""
    if handle.kind != "email":
        return False
    with translation.override(language):
        subject = _("What %(name)s holds about you") % {"name": " ".join(workspace.name.split())}
    mark = token_hex(6)
    try:
        post(workspace, handle.key, key=f"own:{handle.key}:{mark}", turn=int(mark, 16), language=language, template="own", subject=subject,
             link=links.own(workspace, handle.key))  # fmt: skip
    except NoWay:
        return False
    audit.record(workspace, None, "asked for their data", "consent", handle.key, actor=stating.ACTOR)
    return True
