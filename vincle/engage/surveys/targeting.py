"""Whether somebody a site knows by the cookie of vincle.js is in the segment a survey is meant for."""

import re

from vincle.identify.models import Belonging, SharedHandle
from vincle.organise.models import Membership
from vincle.vocabulary import handle_key

from . import collector_kinds
from .models import Collector

_COOKIE = re.compile(r"[\w-]{8,64}", re.ASCII).fullmatch


def is_meant(way: Collector, visitor: str) -> bool:
    """True where everybody is; else only for a known visitor who is in the segment now. Four queries at most."""
    from vincle.organise import members  # at first use: it brings the columnar libraries

    public = collector_kinds.settings_of("web", way.settings)["segment"]
    if not public:
        return True
    found = known(way, visitor)
    segment = members.found(way.survey.workspace, public) if found else None
    if found is None or segment is None or segment.archived_at is not None:
        return False
    return Membership.objects.of(way.workspace_id).filter(segment=segment, person=found[1], left_at=None).exists()


def known(way: Collector, visitor: str) -> tuple[int, int] | None:
    """(handle, person) of a visitor; None where the cookie is none of ours, or several people share it."""
    if not _COOKIE(visitor):
        return None
    key = handle_key(bytes(way.survey.workspace.secret), "cookie", visitor)
    if SharedHandle.objects.of(way.workspace_id).filter(handle=key, lifted_at=None).exists():
        return None
    person = Belonging.objects.of(way.workspace_id).filter(handle=key).values_list("person", flat=True).first()
    return None if person is None else (key, person)
