"""Addresses of public pages: which way they are, which answer; and how fast one sender may send."""

from typing import Final

from django.http import Http404

from vincle.store.buckets import Buckets

from .held import Held
from .models import Collector, Response

SENDERS: Final = Buckets(burst=300, rate=5)
"""Pages sent from one address of the network: a whole school may answer at once, a program not for long."""
TRAP: Final = "website_address"


def _collector(token: str) -> Collector | None:
    rows = Collector.objects.filter(token=token.replace("\x00", ""), survey__deleted_at=None)  # the token is all that is known
    found: Collector | None = rows.select_related("survey__workspace", "survey__version").first()
    return found


_ways = Held(_collector)


def collector_at(token: str) -> Collector:
    """The way at this address; 404 where there is none or nothing is asked there yet."""
    found = _ways.get(token)
    if found is None or found.survey.version_id is None or found.survey.state == "draft":
        raise Http404("no such survey")
    return found


def response_at(collector: Collector, secret: str) -> Response:
    rows = Response.objects.of(collector.workspace_id).filter(public_id=secret.replace("\x00", ""), collector=collector)
    found: Response | None = rows.select_related("version").first()
    if found is None:
        raise Http404("no such answer")
    found.collector, found.survey = collector, collector.survey
    return found
