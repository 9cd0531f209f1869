"""Whether somebody a site knows by the cookie of vincle.js is in the segment a survey is meant for."""

import re

from vincle.identify.models import Belonging, SharedHandle
from vincle.organise import members
from vincle.organise.models import Membership
from vincle.vocabulary import handle_key

from . import collector_kinds
from .models import Collector

_COOKIE = re.compile(r"[\w-]{8,64}", re.ASCII).fullmatch


def is_meant(way: Collector, visitor: str) -> bool:
    """True where everybody is; else only for a known visitor who is in the segment now. Four queries at most."""
    public = collector_kinds.settings_of("web", way.settings)["segment"]
    if not public:
        return True
    if not _COOKIE(visitor):
        return False
    key = handle_key(bytes(way.workspace.secret), "cookie", visitor)
    if SharedHandle.objects.of(way.workspace).filter(handle=key, lifted_at=None).exists():
        return False
    person = Belonging.objects.of(way.workspace).filter(handle=key).values_list("person", flat=True).first()
    segment = members.found(way.workspace, public)
    if person is None or segment is None or segment.archived_at is not None:
        return False
    return Membership.objects.of(way.workspace).filter(segment=segment, person=person, left_at=None).exists()
