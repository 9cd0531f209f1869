"""Where a demo goes: its workspace, its connections' name, the folder of its truth."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from vincle.accounts import actions as accounts
from vincle.accounts.models import Membership, Role, User, Workspace
from vincle.engage.outbox.voice import PRACTICE
from vincle.listen.models import Connection

CONNECTION = "Demo"
OWNER = "owner@cafelligam.example"


def truth_folder(seed: int) -> Path:
    return Path(settings.HOME) / "demo" / str(seed) / "truth"


@transaction.atomic
def workspace_of(name: str, user: User | None) -> Workspace:
    """The workspace of this name; its owner is the user given, else the first one, else a new one who signs in by a link."""
    standing: Workspace | None = Workspace.objects.filter(name=name).first()
    if standing:
        return standing
    fields = {"description": "Café and roastery, Girona", "country": "ES", "currency": "EUR", "timezone": "Europe/Madrid"}
    if user is None and not accounts.is_founded():
        return accounts.found(email=OWNER, name="Demo owner", password=None, workspace=name, **fields)[1]
    return accounts.create_workspace(user or _first_owner(), name, **fields)


def _first_owner() -> User:
    membership = Membership.objects.filter(role=Role.OWNER).select_related("user").order_by("pk").first()
    return membership.user if membership else User.objects.order_by("pk")[0]


def practise(source: Connection) -> Connection:
    """Answers given here stand in the log and reach nobody."""
    Connection.objects.filter(pk=source.pk).update(settings={**source.settings, PRACTICE: True})
    source.refresh_from_db()
    return source
