"""Where platforms deliver: a public address with a secret part. Proven, then kept, and only then acknowledged. Never a redirect."""

import structlog
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from vincle.accounts.access import public
from vincle.accounts.sender import household
from vincle.channels.base import Rejected, Reply, Request, Verdict
from vincle.channels.registry import channels
from vincle.store.buckets import Buckets
from vincle.store.secrets import Unreadable

from . import actions, connections, proofs
from .models import Connection

LARGEST = 2 * 1024**2
_HEADERS = 60
logger = structlog.get_logger(__name__)


STRANGERS = Buckets(burst=60, rate=2)
"""Requests to addresses that are none, for each sender."""
DELIVERIES = Buckets(burst=600, rate=100)
"""Requests to one connection."""
REFUSALS = Buckets(burst=60, rate=0.1)
"""Refusals of one connection that are written down."""


@public
@csrf_exempt
@never_cache
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """200 once it is kept; 401 unproven, 403 paused, 404 unknown, 405, 413 too large, 429 too many, 503 secrets that cannot be read."""
    connection = _connection(token)
    channel = channels().get(connection.channel) if connection else None
    if connection is None or channel is None:
        return _said(404, "not_found") if STRANGERS.take(household(request)) else _too_many()
    if not DELIVERIES.take(str(connection.pk)):
        return _too_many()
    if request.method not in ("GET", "HEAD", "POST"):
        return _said(405, "method_not_allowed")
    if not connection.is_enabled:
        return _said(403, "paused")
    body = _body(request)
    if body is None:
        return _said(413, "too_large")
    sent = _request(request, body)
    try:
        verdict = _verdict(connection, sent)
    except Unreadable:
        logger.error("secrets of a connection cannot be read", connection=connection.pk)
        return _said(503, "secrets_unreadable")
    if isinstance(verdict, Reply):
        return _replied(verdict)
    if isinstance(verdict, Rejected):
        if REFUSALS.take(str(connection.pk)):
            connections.refused(connection, verdict.code)
        return _said(401, verdict.code)
    if request.method != "POST":
        return _said(405, "method_not_allowed")  # proven, but nothing that could be kept
    actions.take_in(connection, channel.kept(sent, connection.settings), sent.received_at)  # the same bytes again are the same delivery
    return _replied(verdict.reply) if verdict.reply else _said(200, "ok")


_NEEDED = ("id", "workspace_id", "channel", "name", "is_enabled", "credentials", "settings")


def _connection(token: str) -> Connection | None:
    """With no more of it than a delivery needs: dozens come in a second."""
    row = next(iter(Connection.objects.filter(token=token).values_list(*_NEEDED)), None)
    return Connection(token=token, **dict(zip(_NEEDED, row, strict=True))) if row else None


def _body(request: HttpRequest) -> bytes | None:
    """The body, or None when it is larger than anything a platform sends; no more of it is read than that."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            return None
        body = b""
        while len(body) <= LARGEST and (piece := request.read(LARGEST + 1 - len(body))):
            body += piece
    except (UnreadablePostError, ValueError):
        return b""
    return body if len(body) <= LARGEST else None


def _request(request: HttpRequest, body: bytes) -> Request:
    headers = {name.lower(): value for name, value in list(request.headers.items())[:_HEADERS]}
    return Request(
        method=request.method or "",
        path=request.path,
        received_at=timezone.now(),
        query=request.GET.dict(),
        headers=headers,
        body=body,
        fetch=proofs.fetch,
    )


def _verdict(connection: Connection, sent: Request) -> Verdict:
    """By the present secrets, else by those before while they are good."""
    channel = channels()[connection.channel]
    verdict: Verdict = channel.verify(sent, connection.settings)
    for known in connections.good_secrets(connection, sent.received_at):
        verdict = channel.verify(sent, {**connection.settings, **known})
        if not isinstance(verdict, Rejected):
            break
    return verdict


def _replied(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, content_type=reply.content_type, status=reply.status)


def _said(status: int, code: str) -> HttpResponse:
    return HttpResponse(code, content_type="text/plain; charset=utf-8", status=status)


def _too_many() -> HttpResponse:
    answer = _said(429, "too_many")
    answer["Retry-After"] = "10"
    return answer
