"""What people hand on: a link of their own for each person, so that it can be seen who brought whom.

A code enters as a trait of its person (through the channel `links`), and visits through it carry it as `utm_content` to the site: whoever
comes that way and becomes known was brought by its owner (`organise.influence_brought`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.channels import links as channel
from vincle.identify.models import Belonging
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.vocabulary.words import ANONYMOUS

from . import linking, links
from .models import Picture, ShortLink

_PICTURE: Final = "publishing.picture"
PICTURE_SECONDS: Final = 7 * 86400


def urls(workspace: Workspace, persons: Sequence[int], target: str, campaign: str = "") -> dict[int, str]:
    """The link that each of these people hands on, made where there is none yet. People known by no lasting handle have none."""
    handles = _handles(workspace, persons)
    rows = ShortLink.objects.of(workspace).filter(handle__in=[each.key for each in handles.values()], target=target, retired_at=None)
    standing: dict[int, ShortLink] = {row.handle: row for row in rows if row.handle is not None}
    found = {}
    for person, handle in handles.items():
        link = standing.get(handle.key) or give(workspace, None, person, handle, target, campaign)
        found[person] = linking.address(link.code)
    return found


def give(workspace: Workspace, user: User | None, person: int, handle: Handle, target: str, campaign: str = "") -> ShortLink:
    """A code of their own for someone; it stands among their traits from then on. Raises Refused."""
    now = timezone.now()
    with transaction.atomic():
        link = links.create(workspace, user, target, campaign=campaign, person=person, handle=handle.key)
        said = channel.Share(id=uuid4().hex, at=now, handle=channel.Who(handle.kind, handle.value), code=link.code)
        listen.receive(listen.connection_for(workspace, "links"), channel.write(said), now)
    return link


def handle_of(workspace: Workspace, person: int) -> Handle | None:
    return _handles(workspace, [person]).get(person)


def _handles(workspace: Workspace, persons: Sequence[int]) -> dict[int, Handle]:
    """Of each person one lasting handle, an e-mail address first."""
    belongs = dict(Belonging.objects.of(workspace).filter(person__in=list(persons)).values_list("handle", "person"))
    best: dict[int, tuple[tuple[bool, datetime, int], Handle]] = {}
    for handle in Handle.objects.of(workspace).filter(key__in=belongs, is_own=False).exclude(kind__in=ANONYMOUS):
        rank, person = (handle.kind != "email", handle.first_seen, handle.key), belongs[handle.key]
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
