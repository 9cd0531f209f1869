"""What people hand on: a link of their own for each person, so that it can be seen who brought whom.

A code enters as a trait of its person (through the channel `links`), and visits through it carry it as `utm_content` to the site: whoever
comes that way and becomes known was brought by its owner (`organise.influence_brought`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import Workspace
from vincle.channels import links as channel
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.store import bulk
from vincle.vocabulary.words import ANONYMOUS

from . import linking
from .ideas import settings_of
from .models import Picture, ShortLink

_PICTURE: Final = "publishing.picture"
AT_ONCE: Final = 500
CODE: Final = 9
"""Signs of a code of a person: nobody should find another's by trying."""
PICTURE_SECONDS: Final = 7 * 86400


def urls(workspace: Workspace, persons: Sequence[int], target: str, campaign: str = "") -> dict[int, str]:
    """The link that each of these people hands on, made where there is none yet. People known by no lasting handle have none."""
    found: dict[int, str] = {}
    for part in bulk.chunks(list(persons), AT_ONCE):
        handles = _handles(workspace, part, target)
        codes = _standing(workspace, handles.values(), target)
        codes |= _give(workspace, {person: each for person, each in handles.items() if each.key not in codes}, target, campaign)
        found |= {person: linking.address(codes[handle.key]) for person, handle in handles.items() if handle.key in codes}
    return found


def _standing(workspace: Workspace, handles: Iterable[Handle], target: str) -> dict[int, str]:
    """Handle -> code of their link there."""
    rows = ShortLink.objects.of(workspace).filter(handle__in=[each.key for each in handles], target=target)
    return dict(rows.values_list("handle", "code"))


def _give(workspace: Workspace, handles: Mapping[int, Handle], target: str, campaign: str) -> dict[int, str]:
    """A link each. Whose first it is has its code among their traits from then on, and under that code all their links are counted."""
    if not handles:
        return {}
    now, keys, target = timezone.now(), [each.key for each in handles.values()], linking.checked(target)
    with transaction.atomic():
        known = ShortLink.objects.of(workspace).filter(handle__in=keys).exclude(share_code="").order_by("-pk")
        own: dict[int, str] = dict(known.values_list("handle", "share_code"))
        rows = []
        for person, handle in handles.items():
            code = linking.new_code(CODE)
            values = {"person": person, "handle": handle.key, "share_code": own.get(handle.key, code), "campaign": campaign[:80]}
            rows.append(ShortLink(workspace=workspace, code=code, target=target, **values))
        ShortLink.objects.bulk_create(rows, ignore_conflicts=True)
        # Another worker may have been quicker: what stands now counts.
        made = {row.handle: row for row in ShortLink.objects.of(workspace).filter(handle__in=keys, target=target)}
        fresh = [(handle, made[handle.key]) for handle in handles.values() if handle.key in made and handle.key not in own]
        listen.receive_all(listen.connection_for(workspace, "links"), [_told(*each, now) for each in fresh], now)
        audit.record(workspace, None, "made", "short link", "", target, people=len(made))
    return {handle: row.code for handle, row in made.items() if handle is not None}


def _told(handle: Handle, link: ShortLink, now: datetime) -> bytes:
    return channel.write(channel.Share(id=uuid4().hex, at=now, handle=channel.Who(handle.kind, handle.value), code=link.share_code))


def codes(workspace: Workspace) -> Iterable[tuple[str, int]]:
    """(code, handle it was given to) of everybody who was given one: whom they are merged into keeps them all."""
    rows = ShortLink.objects.of(workspace).filter(handle__isnull=False).exclude(share_code="")
    return rows.values_list("share_code", "handle").distinct()


def extra(workspace: Workspace, persons: Sequence[int]) -> dict[int, dict[str, str]]:
    """What letters may say: `share_url` of each person, where the workspace says where such links lead."""
    target = settings_of(workspace).share_target
    return {person: {"share_url": url} for person, url in urls(workspace, persons, target).items()} if target else {}


def _handles(workspace: Workspace, persons: Sequence[int], target: str) -> dict[int, Handle]:
    """Of each person one lasting handle: one that has the link already, else an e-mail address first."""
    belongs = dict(Belonging.objects.of(workspace).filter(person__in=list(persons)).values_list("handle", "person"))
    linked = set(ShortLink.objects.of(workspace).filter(handle__in=belongs, target=target).values_list("handle", flat=True))
    best: dict[int, tuple[tuple[bool, bool, datetime, int], Handle]] = {}
    for handle in Handle.objects.of(workspace).filter(key__in=belongs, is_own=False).exclude(kind__in=ANONYMOUS):
        rank = (handle.key not in linked, handle.kind != "email", handle.first_seen, handle.key)
        person = belongs[handle.key]
        if handle.value and (person not in best or rank < best[person][0]):
            best[person] = (rank, handle)
    return {person: handle for person, (_rank, handle) in best.items()}


def picture_url(picture: Picture) -> str:
    """Where a platform fetches a picture, for some days; nobody can guess the address."""
    token = signing.dumps(picture.public, salt=_PICTURE, compress=True)
    return linking.settings.PUBLIC_URL + reverse("publishing_public:picture", kwargs={"token": token})


def picture_at(token: str) -> Picture | None:
    try:
        public = signing.loads(token, salt=_PICTURE, max_age=PICTURE_SECONDS)
    except signing.BadSignature:
        return None
    found: Picture | None = Picture.objects.filter(public=public).first()
    return found
