"""The script that sites load to ask."""

import gzip
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from vincle.accounts.access import public

SCRIPT = Path(__file__).parent / "static" / "surveys" / "embed.js"


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, bytes, str]:
    raw = SCRIPT.read_bytes()
    return raw, gzip.compress(raw, 9, mtime=0), f'"{blake2b(raw, digest_size=8).hexdigest()}"'


@public
@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    raw, packed, etag = _script()
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(packed if is_packed else raw, content_type="text/javascript; charset=utf-8")
    if is_packed:
        answer["Content-Encoding"] = "gzip"
    answer["Cache-Control"], answer["Vary"] = "public, max-age=3600, stale-while-revalidate=86400", "Accept-Encoding"
    answer["Access-Control-Allow-Origin"], answer["Cross-Origin-Resource-Policy"] = "*", "cross-origin"
    answer["ETag"] = etag
    return get_conditional_response(request, etag, response=answer) or answer
