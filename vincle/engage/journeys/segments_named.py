"""Which journeys lean on a segment: in their newest wording, or in the one that runs."""

from collections.abc import Iterator

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.organise.segment_uses import Use, naming

from .models import JourneyVersion


def look(workspace: Workspace, public: str) -> Iterator[Use]:
    counts = Q(number=F("journey__version")) | Q(number=F("journey__live"), journey__state__in=("running", "paused"))
    rows = JourneyVersion.objects.of(workspace).filter(counts, journey__archived_at=None)
    found = dict(naming(rows, "definition", public).values_list("journey__public", "journey__name"))
    for key, name in found.items():
        yield Use(_("Journey"), name, reverse("journeys:journey", kwargs={"workspace": workspace.slug, "journey": key}))
