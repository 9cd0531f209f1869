"""From a request to its answer: the key, the pace, what was sent, doing it once, and every refusal as JSON."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, cast

import msgspec
import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from vincle.accounts.access import public
from vincle.accounts.by_key import KeyRequest, NoKey, bearer, by_key
from vincle.accounts.sender import household
from vincle.store.buckets import Buckets

from . import once
from .endpoint import Call, Endpoint
from .faults import KEYS, Fault, Trouble, unreadable

LARGEST = 64 * 1024
"""Bytes of a body."""

RATE, BURST = 20, 100
PACE = Buckets(burst=BURST, rate=RATE)
"""Requests of one key, counted in each process."""
STRANGERS = Buckets(burst=60, rate=2)
"""Requests of one sender without a key that opens anything."""
logger = structlog.get_logger(__name__)


def view_of(endpoint: Endpoint) -> Callable[..., HttpResponseBase]:
    """The Django view of an endpoint."""

    @by_key(*endpoint.needs)
    def guarded(request: KeyRequest, **values: str) -> HttpResponseBase:
        return _answer(endpoint, request, values)

    @csrf_exempt  # no cookie opens anything here
    @never_cache
    def view(request: HttpRequest, **values: str) -> HttpResponseBase:
        try:
            _keep_pace(request)
            return guarded(cast(KeyRequest, request), **values)
        except NoKey as error:
            return _stranger(request, error.code)
        except PermissionDenied as error:
            return refusal(Fault(403, "forbidden", f"This key may not do that: it lacks “{error}”."))
        except Fault as fault:
            return refusal(fault)
        except Exception:
            got_request_exception.send(sender=None, request=request)
            logger.exception("an endpoint failed", endpoint=endpoint.name)
            return refusal(Fault(500, "internal_error", "Something went wrong here; it was noted. What was asked was not done."))

    view.access = guarded.access  # type: ignore[attr-defined]
    view.endpoint = endpoint  # type: ignore[attr-defined]
    return view


@public
@csrf_exempt
@never_cache
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Whatever else stands below /api/v1/."""
    return refusal(Fault(404, "not_found", "There is nothing at this address. /api/v1/openapi.json says what there is."))


def refusal(fault: Fault) -> HttpResponse:
    answer = said(fault.status, fault.trouble)
    if fault.retry_after:
        answer["Retry-After"] = str(fault.retry_after)
    return answer


def said(status: int, what: msgspec.Struct | bytes) -> HttpResponse:
    body = what if isinstance(what, bytes) else msgspec.json.encode(what)
    return HttpResponse(body, content_type="application/json", status=status)


def _keep_pace(request: HttpRequest) -> None:
    token = bearer(request)
    if token and not PACE.take(sha256(token.encode()).hexdigest()):
        raise Fault(429, "too_many_requests", f"At most {RATE} requests a second for a key, {BURST} at once. Wait a moment.", retry_after=1)


def _stranger(request: HttpRequest, code: str) -> HttpResponse:
    if not STRANGERS.take(household(request)):
        return refusal(Fault(429, "too_many_requests", "Too many requests without a good key.", retry_after=30))
    answer = said(401, Trouble(code, KEYS[code], "Authorization"))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _answer(endpoint: Endpoint, request: KeyRequest, values: dict[str, str]) -> HttpResponse:
    methods = ("GET", "HEAD") if endpoint.method == "GET" else (endpoint.method,)
    if request.method not in methods:
        answer = refusal(Fault(405, "method_not_allowed", f"Ask with {endpoint.method}."))
        answer["Allow"] = ", ".join(methods)
        return answer
    if endpoint.method == "GET":
        return said(200, endpoint.handle(Call(request.caller, _query(endpoint, request)), **values))
    body = _body(request)
    call = Call(request.caller, _read(endpoint, body))
    token = request.headers.get("Idempotency-Key", "")
    if not token:
        with transaction.atomic():
            return said(200, endpoint.handle(call, **values))
    return said(200, once.do(request.caller, token, (request.path, body), lambda: msgspec.json.encode(endpoint.handle(call, **values))))


def _query(endpoint: Endpoint, request: HttpRequest) -> Any:
    try:
        asked = request.GET.dict()
    except SuspiciousOperation as error:
        raise Fault(400, "invalid_field", "Too many parameters.") from error
    for name, value in asked.items():
        if "\x00" in name + str(value):
            raise Fault(400, "invalid_field", "A zero byte stands in it.", name.replace("\x00", ""))
    try:
        return msgspec.convert(asked, endpoint.asks, strict=False)
    except msgspec.ValidationError as error:
        raise unreadable(error) from error


def _body(request: HttpRequest) -> bytes:
    body = b""
    try:
        while len(body) <= LARGEST and (piece := request.read(LARGEST + 1 - len(body))):
            body += piece
    except (UnreadablePostError, ValueError) as error:
        raise Fault(400, "invalid_json", "The body could not be read to its end.") from error
    if len(body) > LARGEST:
        raise Fault(413, "too_large", f"A body may have {LARGEST} bytes.")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if body and kind != "application/json":
        raise Fault(415, "not_json", "Send JSON, with Content-Type: application/json.", "Content-Type")
    return body


def _read(endpoint: Endpoint, body: bytes) -> Any:
    """A body that is not there says nothing: {}."""
    try:
        given = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError) as error:
        raise Fault(400, "invalid_json", f"The body is not JSON: {error}.") from error
    try:
        return msgspec.convert(given, endpoint.asks)
    except msgspec.ValidationError as error:
        raise unreadable(error) from error
