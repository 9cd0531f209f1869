"""What the team listens for: queries kept under a name, shared, put away and taken back, in the order the team gives them."""

from secrets import token_urlsafe
from typing import Any, NamedTuple

from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.language.query import parse

from . import alerts, changes, search
from .models import Listening

LONGEST_NAME = 120
UNDO_SALT, UNDO_SECONDS = "listening", 3600
_LISTENING = "listening"


class Refused(ValueError):
    """What cannot be done, as a sentence; `field` at fault."""

    def __init__(self, sentence: str, field: str = "name") -> None:
        super().__init__(sentence)
        self.field = field


class Done(NamedTuple):
    """`undo` is a token that `take_back` takes, within an hour."""

    listening: Listening
    undo: str


def visible(workspace: Workspace, user: User | None) -> "QuerySet[Listening]":
    """The kept queries someone may see: the team's, and their own."""
    found = Listening.objects.of(workspace).filter(is_draft=False, archived_at=None)
    mine = Q(is_shared=True) | Q(created_by=user) if user is not None else Q(is_shared=True)
    return found.filter(mine).order_by("place", "pk")


def save(workspace: Workspace, user: User | None, name: str, text: str, kind: str = "other", *, is_shared: bool = True) -> Listening:
    """Keep a query under a name; it is answered from what is stored, newest first, and from then on. Refused, QueryError."""
    values = _checked(workspace, name, text, kind)
    with transaction.atomic():
        last = Listening.objects.of(workspace).filter(is_draft=False).order_by("-place").values_list("place", flat=True).first()
        row = Listening.objects.create(
            workspace=workspace, created_by=user, is_shared=is_shared, place=(last or 0) + 1, back_to=search.LAST, **values
        )
        audit.record(workspace, user, "created", _LISTENING, row.pk, row.name, query=row.text, kind=row.kind, shared=is_shared)
        alerts.defaults(row, user)
    return row


def change(row: Listening, user: User | None, *, name: str, text: str, kind: str, is_shared: bool, mail: str = "") -> Done:
    """Give a query another name, kind or text. With another text its matches are found anew. Refused, QueryError."""
    values = {**_checked(row.workspace, name, text, kind, row.pk), "is_shared": is_shared, "mail": _mail(mail)}
    before = {field: getattr(row, field) for field in values}
    with transaction.atomic():
        _store(row, values)
        changed = {field: [before[field], values[field]] for field in values if before[field] != values[field]}
        if changed:
            audit.record(row.workspace, user, "changed", _LISTENING, row.pk, row.name, changes=changed)
    return Done(row, _undo(row, before))


def _store(row: Listening, values: dict[str, Any]) -> None:
    is_new = "text" in values and values["text"] != row.text
    more = {"back_to": search.LAST, "changed_at": timezone.now()} if is_new else {}
    if is_new:
        changes.drop_matches(row.workspace_id, row.pk)
    for field, value in {**values, **more}.items():
        setattr(row, field, value)
    row.save(update_fields=[*values, *more])


def archive(row: Listening, user: User | None) -> Done:
    """Put a query away: it is answered no more, its feed ends, its matches go."""
    before = {"archived_at": None, "feed_token": row.feed_token}
    with transaction.atomic():
        changes.drop_matches(row.workspace_id, row.pk)
        Listening.objects.filter(pk=row.pk).update(archived_at=timezone.now(), feed_token=None, back_to=0, changed_at=timezone.now())
        audit.record(row.workspace, user, "deleted", _LISTENING, row.pk, row.name)
    return Done(row, _undo(row, before))


def arrange(workspace: Workspace, user: User | None, row: Listening, step: int) -> None:
    """Move a query one place up (-1) or down (1) in the list that its mover sees."""
    with transaction.atomic():
        rows = list(visible(workspace, user).select_for_update())
        at = next((place for place, each in enumerate(rows) if each.pk == row.pk), None)
        if at is None or not 0 <= at + step < len(rows):
            return
        rows[at], rows[at + step] = rows[at + step], rows[at]
        for place, each in enumerate(rows, 1):
            if each.place != place:
                Listening.objects.filter(pk=each.pk).update(place=place)
        audit.record(workspace, user, "changed", _LISTENING, row.pk, row.name, place=at + step + 1)


def give_feed(row: Listening, user: User | None) -> str:
    """A new secret address for its feed; the one before leads nowhere from now on. Returns the token."""
    token = token_urlsafe(24)
    with transaction.atomic():
        had = row.feed_token
        Listening.objects.filter(pk=row.pk).update(feed_token=token)
        audit.record(row.workspace, user, "changed", _LISTENING, row.pk, row.name, feed="new address" if had else "on")
    row.feed_token = token
    return token


def end_feed(row: Listening, user: User | None) -> None:
    with transaction.atomic():
        Listening.objects.filter(pk=row.pk).update(feed_token=None)
        audit.record(row.workspace, user, "changed", _LISTENING, row.pk, row.name, feed="off")
    row.feed_token = None


def take_back(workspace: Workspace, user: User | None, token: str) -> Listening:
    """Undo a change or a putting away. Refused when too much time went by."""
    try:
        pk, before = signing.loads(token, salt=f"{UNDO_SALT}:{workspace.pk}", max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Refused(_("This can no longer be taken back.")) from error
    with transaction.atomic():
        row = Listening.objects.select_for_update().of(workspace).filter(pk=pk, is_draft=False).select_related("workspace").first()
        if row is None:
            raise Refused(_("This can no longer be taken back."))
        if "archived_at" in before:
            Listening.objects.filter(pk=pk).update(
                archived_at=None, back_to=search.LAST, changed_at=timezone.now(), feed_token=before["feed_token"]
            )
        else:
            _store(row, before)
        audit.record(workspace, user, "take back", _LISTENING, row.pk, row.name)
    return row


def _undo(row: Listening, before: dict[str, Any]) -> str:
    return signing.dumps([row.pk, before], salt=f"{UNDO_SALT}:{row.workspace_id}")


def _checked(workspace: Workspace, name: str, text: str, kind: str, own: int = 0) -> dict[str, Any]:
    name = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME]
    if not name:
        raise Refused(_("Give it a name."))
    if kind not in Listening.Kind.values:
        raise Refused(_("Choose what it is."), "kind")
    twin = Listening.objects.of(workspace).filter(name__iexact=name, is_draft=False, archived_at=None).exclude(pk=own)
    if twin.exists():
        raise Refused(_("There is one of this name already."))
    query = parse(text)
    search.prepare(workspace, query)
    return {"name": name, "text": str(query), "kind": kind}


def _mail(mail: str) -> str:
    if mail not in Listening.Mail.values:
        raise Refused(_("Choose how often."), "mail")
    return mail
