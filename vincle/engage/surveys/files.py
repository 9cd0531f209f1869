"""Files given as answers: looked at, kept, handed out to the team only, always as a download."""

from collections.abc import Mapping
from pathlib import PurePath
from secrets import token_urlsafe
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile

from .definition.answers import Problem
from .definition.flow import Shown
from .definition.model import File
from .models import Response, Upload

USUAL: Final = ("jpg", "jpeg", "png", "gif", "webp", "heic", "pdf", "txt", "csv", "doc", "docx", "odt", "xls", "xlsx", "ods", "ppt", "pptx")
LARGEST_MB: Final = 20
MOST: Final = 20
"""Files of one answer."""


def taken(response: Response, shown: Shown, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Problem]]:
    """(answers by name, what was refused) of the files sent with a page; a new one takes the place of the one before."""
    found: dict[str, Any] = {}
    refused: dict[str, Problem] = {}
    for item in shown.asked:
        file = given.get(shown.name(item)) if isinstance(item, File) else None
        if not isinstance(item, File) or not isinstance(file, UploadedFile):
            continue
        name = shown.name(item)
        if problem := _problem(item, file):
            refused[name] = problem
        elif Upload.objects.of(response.workspace_id).filter(response=response).exclude(question=name).count() >= MOST:
            refused[name] = Problem("file")
        else:
            found[name] = _keep(response, name, file)
    return found, refused


def _problem(item: File, file: UploadedFile) -> Problem | None:
    most = min(item.most_mb, LARGEST_MB)
    if not file.size:
        return Problem("file")
    if file.size > most << 20:
        return Problem("file_large", most=most)
    ending = PurePath(file.name or "").suffix.lower().lstrip(".")
    allowed = [each.lower().lstrip(".") for each in item.endings] or list(USUAL)
    return None if ending in allowed else Problem("file_kind", most=ending[:20] or "?")


def _keep(response: Response, name: str, file: UploadedFile) -> dict[str, Any]:
    Upload.objects.of(response.workspace_id).filter(response=response, question=name).delete()
    called = "".join(each for each in PurePath(file.name or "").name if each.isprintable())[-200:] or "file"
    made = Upload.objects.create(
        workspace_id=response.workspace_id, response=response, question=name[:120], token=token_urlsafe(24), name=called,
        content_type=(file.content_type or "")[:100], size=file.size or 0, content=file.read(),
    )  # fmt: skip
    return {"token": made.token, "name": made.name, "size": made.size, "content_type": made.content_type}
