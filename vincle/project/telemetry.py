"""Traces for whoever wants them: a thin wrapper around OpenTelemetry, which is not even imported while VINCLE_TELEMETRY_URL is empty.

One span a round of a step, a delivery, a request for a page. Spans carry counts and kinds, never what someone wrote or who they are.
"""

import atexit
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from vincle import __version__

QUIET = ("/healthz", "/readyz", "/metrics", "/static/")
"""Pages that machines ask for all the time; no span is made of them."""


class Span:
    """What a block may say of itself; says nothing while telemetry is off."""

    def __init__(self, real: Any = None) -> None:
        self._real = real

    def set(self, **attributes: str | int | float | bool) -> None:
        if self._real is not None:
            self._real.set_attributes({f"vincle.{name}": value for name, value in attributes.items()})


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
    """A span around the block; one that raises is marked with the kind of its error."""
    tracer = _tracer()
    if tracer is None:
        yield Span()
        return
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as real:
        found = Span(real)
        found.set(**attributes)
        try:
            yield found
        except Exception as error:
            from opentelemetry.trace import StatusCode

            real.set_status(StatusCode.ERROR, type(error).__name__)
            raise


@contextmanager
def work(name: str, **attributes: str | int | float | bool) -> Iterator[Span]:
    """As `span`, for work that is looked for all the time: a round of which nothing was `set`, or only zeros, leaves no span."""
    tracer = _tracer()
    if tracer is None:
        yield Span()
        return
    started, told = time.time_ns(), _Told()
    error = ""
    try:
        yield told
    except Exception as raised:
        error = type(raised).__name__
        raise
    finally:
        if any(told.attributes.values()) or error:
            _end(tracer.start_span(name, start_time=started), {**attributes, **told.attributes}, error)


class _Told(Span):
    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, Any] = {}

    def set(self, **attributes: str | int | float | bool) -> None:
        self.attributes.update(attributes)


def _end(real: Any, attributes: dict[str, Any], error: str) -> None:
    from opentelemetry.trace import StatusCode

    Span(real).set(**attributes)
    if error:
        real.set_status(StatusCode.ERROR, error)
    real.end()


@cache
def _provider() -> Any:
    url = settings.OPTIONS.telemetry_url
    if not url:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SystemExit(
            f"VINCLE_TELEMETRY_URL is set, but OpenTelemetry is not installed ({error.name} is missing). "
            "Install it: pip install 'vincle[telemetry]'. Or take the setting away."
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": "vincle", "service.version": __version__}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint(url), timeout=5), schedule_delay_millis=2000))
    atexit.register(provider.shutdown)
    return provider


def _tracer() -> Any:
    provider = _provider()
    return provider.get_tracer("vincle", __version__) if provider else None


def endpoint(url: str) -> str:
    """Where traces are posted.

    >>> endpoint("http://localhost:4318"), endpoint("http://localhost:4318/v1/traces")
    ('http://localhost:4318/v1/traces', 'http://localhost:4318/v1/traces')
    """
    return url if url.rstrip("/").endswith("/v1/traces") else f"{url.rstrip('/')}/v1/traces"


def start() -> None:
    """Find out at the start of a process, not in the middle of its work, whether spans can be sent."""
    _provider()


def flush() -> None:
    """Send what is still held."""
    if provider := _provider():
        provider.force_flush()


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A span for each page. It is named after the page's pattern: addresses themselves may hold what someone searched for."""
    start()

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(QUIET):
            return get_response(request)
        with span("page", method=request.method or "") as found:
            response = get_response(request)
            match = request.resolver_match
            found.set(view=match.view_name if match else "", status=response.status_code)
            if workspace := getattr(request, "workspace", None):
                found.set(workspace=workspace.pk)
        return response

    return handle
