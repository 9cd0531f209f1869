"""What a platform's signature is proven with, fetched from its own host: by https, led nowhere else, never from the own network."""

import http.client
import ssl
from typing import Final

import structlog

from vincle.store import outside
from vincle.store.blame import said

LARGEST: Final = 20_000
TIMEOUT: Final = 5.0
logger = structlog.get_logger(__name__)


def fetch(host: str, path: str) -> bytes:
    """The body of what a host answers; b"" where it answers nothing, something else than 200, or too much."""
    try:
        plain = outside.connect(host, 443, TIMEOUT)
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure:
            connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
            connection.sock = secure
            connection.request("GET", path, headers={"accept": "*/*", "connection": "close"})
            answer = connection.getresponse()
            body = answer.read(LARGEST + 1)
    except (OSError, http.client.HTTPException, outside.Unreachable, outside.OwnNetwork) as error:
        logger.warning("what proves a delivery could not be fetched", host=host, error=said(error))
        return b""
    return body if answer.status == 200 and len(body) <= LARGEST else b""
