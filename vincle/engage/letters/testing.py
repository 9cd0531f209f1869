"""Test sends: the letter as someone would get it, to people of the team and nobody else."""

from collections.abc import Sequence
from secrets import token_hex

from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import User, Workspace
from vincle.engage.outbox import jobs
from vincle.listen.models import Connection, Handle
from vincle.store import bulk
from vincle.vocabulary import handle_key

from . import actions, sending
from .actions import Refused
from .models import Letter

MOST = 10
KIND = "test"
_ORDER = ("mail_provider", "mail", "google_mail", "microsoft_mail")


def team(workspace: Workspace) -> list[User]:
    """Who a test can go to."""
    return list(User.objects.filter(memberships__workspace=workspace, is_active=True).order_by("name", "email").distinct())


def connections(workspace: Workspace) -> list[Connection]:
    """Accounts by which mail can leave, providers first."""
    rows = Connection.objects.of(workspace).filter(channel__in=_ORDER, token__isnull=False)
    return sorted(rows, key=lambda row: (_ORDER.index(row.channel), row.pk))


def send(
    workspace: Workspace, user: User, letter: Letter, to: Sequence[int], *, person: int | None, language: str = "", connection: int = 0
) -> int:
    """Send the letter as `person` would get it to these people of the team; returns to how many. Raises Refused."""
    chosen = [each for each in team(workspace) if each.pk in set(to)][:MOST]
    if not chosen:
        raise Refused(_("Choose who of the team gets the test."))
    ways = connections(workspace)
    way = next((each for each in ways if each.pk == connection), ways[0] if ways else None)
    if way is None:
        raise Refused(_("No mail account is connected yet. Connect one under “Connections”, then letters can leave."))
    version = actions.keep(workspace, user, letter)
    job = jobs.create(
        workspace, user, kind=KIND, source=f"letter:{letter.pk}", name=_("Test of “%(name)s”") % {"name": letter.name[:100]},
        connection=way, purpose="service", topic="", medium="email", writer=sending.NAME, content={"version": version.pk, "test": True},
    )  # fmt: skip
    mark = token_hex(8)
    data = {"as": person, "language": language}
    wanted = [jobs.Wanted(key=f"test:{mark}:{each.pk}", person=None, handle=_handle(workspace, each), data=data) for each in chosen]
    return jobs.add(job, wanted)


def _handle(workspace: Workspace, user: User) -> int:
    """The handle of a colleague's address; it belongs to nobody unless they are among the people already."""
    value = user.email.lower()
    key = handle_key(bytes(workspace.secret), "email", value)
    columns = ("key", "workspace_id", "kind", "value", "name", "is_own", "first_seen")
    if not Handle.objects.of(workspace).filter(key=key).exclude(value="").exists():
        bulk.insert(Handle, columns, [(key, workspace.pk, "email", value[:320], "", False, bulk.stamp(timezone.now()))])
        Handle.objects.of(workspace).filter(key=key, value="").update(value=value[:320])
    return key
