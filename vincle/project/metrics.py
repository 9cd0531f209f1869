"""`/metrics`: the figures of `state` in Prometheus' text format, read when they are asked for. Counts and seconds, nobody's data."""

import hmac
import ipaddress
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as TEXT

from vincle import __version__
from vincle.accounts.access import public
from vincle.listen import doctor, shelf
from vincle.listen.models import Delivery, SetAside

from . import state

LOCAL = ("localhost", "127.0.0.1", "::1")


@public
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever carries VINCLE_METRICS_TOKEN; where none is set, for this machine itself."""
    if not _may(request):
        answer = HttpResponse("The bearer token of VINCLE_METRICS_TOKEN is wanted here.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    registry = CollectorRegistry()
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=TEXT)


def _may(request: HttpRequest) -> bool:
    token = settings.OPTIONS.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return hmac.compare_digest(given.encode(), token.encode())
    return _is_local(request)


def _is_local(request: HttpRequest) -> bool:
    """Asked from this machine and by its local name: what a proxy hands on bears the public name, or passed other addresses."""
    passed = [request.META.get("REMOTE_ADDR", ""), *filter(None, request.headers.get("X-Forwarded-For", "").split(","))]
    return urlsplit(f"//{request.get_host()}").hostname in LOCAL and all(_is_loopback(address.strip()) for address in passed)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Figures:
    """A collector: each scrape reads anew. `vincle_up` is 0, and the rest is left out, while the database does not answer."""

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("vincle_build", "What runs.", value={"version": __version__, "database": connection.vendor})
        yield GaugeMetricFamily("vincle_disk_free_bytes", "Room in the home folder.", value=shutil.disk_usage(settings.HOME).free)
        try:
            found = [*_stages(), *_aside(), *_deliveries(), *_shelf(), *_connections(), *_workers()]
        except (DatabaseError, OSError):
            found = []
        yield GaugeMetricFamily("vincle_up", "Whether the database answers.", value=bool(found))
        yield from found


def _stages() -> list[Metric]:
    rows = GaugeMetricFamily("vincle_step_lag_rows", "Rows a stage is behind.", labels=["step"])
    seconds = GaugeMetricFamily(
        "vincle_step_lag_seconds", "Seconds since the oldest row came in that a stage has not worked on.", labels=["step"]
    )
    done = CounterMetricFamily("vincle_step_rows", "Rows a stage has worked on.", labels=["step"])
    stopped = GaugeMetricFamily("vincle_step_stopped", "1 while a stage stands still because of an error.", labels=["step"])
    for stage in state.stages():
        rows.add_metric([stage.name], stage.rows)
        seconds.add_metric([stage.name], stage.seconds)
        done.add_metric([stage.name], stage.done)
        stopped.add_metric([stage.name], bool(stage.trouble))
    return [rows, seconds, done, stopped]


def _aside() -> list[Metric]:
    family = GaugeMetricFamily("vincle_rows_set_aside", "Rows a step could not work on, by what became of them.", labels=["step", "state"])
    counts = SetAside.objects.order_by().values_list("step", "state").annotate(rows=Count("id"))
    found = {(step, what): rows for step, what, rows in counts}
    for step in state.STEPS:
        for what in SetAside.State.values:
            family.add_metric([step, what.replace(" ", "_")], found.get((step, what), 0))
    return [family]


def _deliveries() -> list[Metric]:
    family = GaugeMetricFamily("vincle_deliveries", "Deliveries that wait, are being worked on, or failed.", labels=["state"])
    states = (*state.OPEN, Delivery.State.FAILED)
    counts = Delivery.objects.filter(state__in=states).order_by().values_list("state").annotate(rows=Count("id"))
    found: dict[str, int] = dict(counts)
    for what in states:
        family.add_metric([what.value], found.get(what.value, 0))
    return [family]


def _shelf() -> list[Metric]:
    waiting = shelf.backlog()
    return [
        GaugeMetricFamily("vincle_shelf_parcels", "Parcels of the collector that nobody has read yet.", value=waiting.parcels),
        GaugeMetricFamily("vincle_shelf_events", "Events in them.", value=waiting.events),
        GaugeMetricFamily("vincle_shelf_oldest_seconds", "Age of the oldest of them.", value=waiting.oldest_seconds),
    ]


def _connections() -> list[Metric]:
    lag = GaugeMetricFamily(
        "vincle_connection_lag_seconds", "Seconds since the stream of a connection that is furthest behind was heard.",
        labels=["connection", "channel"],
    )  # fmt: skip
    for pk, (channel, seconds) in sorted(doctor.lags().items()):
        lag.add_metric([str(pk), channel], seconds)
    stopped = GaugeMetricFamily("vincle_connections_stopped", "Connections that need someone.", value=doctor.stopped().count())
    return [lag, stopped]


def _workers() -> list[Metric]:
    return [GaugeMetricFamily("vincle_workers", "Workers seen within the last minute.", value=len(state.workers()))]
