"""Files that were given as answers, for the team."""

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow

from .models import Upload


@require_safe
@allow(May.SEE)
def download(request: WorkspaceRequest, token: str) -> HttpResponse:
    """Always as a download, never shown by the browser: it came from a stranger."""
    row = Upload.objects.of(request.workspace).filter(token=token.replace("\x00", "")).first()
    if row is None:
        raise Http404("no such file")
    answer = HttpResponse(bytes(row.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, row.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
