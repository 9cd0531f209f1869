"""From a chosen file to an import: upload, preview, trial, start. Until the start nothing is stored but the bytes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.channels._dates import Dates
from vincle.channels.base import Channel, FileError, Preview, Question, Sample
from vincle.channels.registry import HEAD, channels

from . import actions, pending, raw
from .messages import field_name, sentence
from .models import Delivery
from .pending import Upload

TRIAL_BYTES = 32 * 1024**2
TRIAL_SECONDS = 4.0
SHOWN_PROBLEMS = 6
MULTIPART_SLACK = 1024**2
_SETTLED = ("date_order", "encoding", "separator", "sheet")


def upload(request: WorkspaceRequest) -> HttpResponse:
    """Several files at once. A request that says it is too large is refused before a byte of it is read."""
    if _claimed(request) > settings.OPTIONS.import_max_bytes + MULTIPART_SLACK:
        return render(request, "listen/refused.html", {"sentence": _too_large()}, status=413)
    return _answer(request, _upload(request))


def _answer(request: WorkspaceRequest, response: HttpResponse) -> HttpResponse:
    """A script is told where to go instead of being sent there, so that what was said stays for the page it opens."""
    if request.headers.get("X-Requested-With") != "fetch" or response.status_code != 302:
        return response
    return HttpResponse(status=204, headers={"X-Location": response["Location"]})


# The check against forged requests reads the whole body; it comes after the look at the size, and still before anything is kept.
upload = csrf_exempt(allow(May.IMPORT)(require_POST(upload)))


def _claimed(request: WorkspaceRequest) -> int:
    claimed = request.META.get("CONTENT_LENGTH") or "0"
    return int(claimed) if claimed.isdecimal() else 0


def _too_large() -> str:
    return _("A file may have at most %(size)s MB. Split it, or ask whoever runs this installation to allow more.") % {
        "size": settings.OPTIONS.import_max_bytes // 1024**2
    }


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("listen:imports", workspace=request.workspace.slug)


@csrf_protect
def _upload(request: WorkspaceRequest) -> HttpResponse:
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, _("No file was chosen."))
        return _back(request)
    tokens = [token for file in files[: pending.MOST] if (token := _keep(request, file))]
    if len(files) > pending.MOST:
        messages.warning(request, _("Only the first %(most)s files were taken; send the others afterwards.") % {"most": pending.MOST})
    pending.remember(request, tokens)
    if len(tokens) == 1 == len(files):
        return redirect("listen:preview", workspace=request.workspace.slug, token=tokens[0])
    if tokens:
        said = ngettext(
            "%(count)d file is here. Look at it, then import it.", "%(count)d files are here. Look at each, then import it.", len(tokens)
        )
        messages.success(request, said % {"count": len(tokens)})
    return _back(request)


def _keep(request: WorkspaceRequest, file: UploadedFile) -> str | None:
    name = (file.name or "").replace("\\", "/").rpartition("/")[2] or _("file without a name")
    try:
        digest, _path, size = actions.keep_file(file)  # type: ignore[arg-type]
    except FileError:
        messages.error(request, f"{name}: {_too_large()}")
        return None
    return pending.sign(request, digest, size, name)


def _pending(request: WorkspaceRequest, token: str) -> Upload:
    found = pending.read(request, token)
    if found is None:
        raise Http404("no such upload")
    return found


@allow(May.IMPORT)
@never_cache
@require_safe
def preview(request: WorkspaceRequest, token: str) -> HttpResponse:
    """`?kind=` reads the file as another kind, `?encoding=`, `?separator=`, `?sheet=` otherwise than was found."""
    waiting = _pending(request, token)
    kind = request.GET.get("kind", "")
    settled = {name: request.GET[name] for name in _SETTLED if request.GET.get(name)}
    context: dict[str, Any] = {"upload": waiting, "kinds": _kinds(), "kind": kind, "settled": settled, "twins": _twins(request, waiting)}
    try:
        with open(raw.path(waiting.path), "rb") as file:
            channel, seen = actions.look(request.workspace, file, waiting.name, kind, **settled)
            context |= {"channel": channel.spec, "seen": seen, "sureness": _sureness(channel, file, waiting), "kind": channel.spec.id}
    except FileError as error:
        context |= {"error": sentence(error.code, error.detail), "error_line": error.line}
        return render(request, "listen/preview.html", context, status=200)
    context |= {
        "columns": _columns(channel, seen), "questions": [_question(request, each) for each in seen.questions],
        "separator": _separator(seen.separator), "can_try": waiting.size <= TRIAL_BYTES, "sample": seen.sample[:20],
    }  # fmt: skip
    return render(request, "listen/preview.html", context)


def _kinds() -> list[tuple[str, str]]:
    found = [(channel.spec.id, channel.spec.name) for channel in channels().values() if "file" in channel.spec.capabilities]
    return sorted(found, key=lambda kind: kind[1].casefold())


def _sureness(channel: Channel, file: BinaryIO, waiting: Upload) -> str:
    file.seek(0)
    sure = channel.recognise(Sample(head=file.read(HEAD), size=waiting.size, name=waiting.name))
    return _("surely") if sure >= 0.9 else _("probably") if sure >= 0.5 else _("perhaps")


def _separator(separator: str) -> str:
    return {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar"), " ": _("blank")}.get(separator, separator)


def _columns(channel: Channel, seen: Preview) -> list[dict[str, Any]]:
    """Each column with the fields it may go to, the guess first among its equals."""
    fields = [(field, field_name(field)) for field in channel.fields()]
    fields.sort(key=lambda field: field[1].casefold())
    columns = []
    for column in seen.columns:
        own = f"custom:{column.heading}"
        choices = [("", field_name("")), *fields, *([(own, field_name(own))] if channel.fields() else [])]
        if column.guess and column.guess not in dict(choices):
            choices.append((column.guess, field_name(column.guess)))
        columns.append({"column": column, "choices": choices, "is_sure": column.confidence >= 0.8})
    return columns


def _question(request: WorkspaceRequest, question: Question) -> dict[str, Any]:
    """A question with what each answer would make of its example."""
    said = {"dmy": _("Day, month, year"), "mdy": _("Month, day, year"), "ymd": _("Year, month, day")}
    readings = [(choice, said.get(choice, choice), _reading(request, question.example, choice)) for choice in question.choices]
    is_date = question.option == "date_order"
    title = _("How are dates written in this file?") if is_date else sentence(question.code, question.example)
    return {"option": question.option, "title": title, "example": question.example, "readings": readings}


def _reading(request: WorkspaceRequest, example: str, order: str) -> datetime | str:
    try:
        return Dates(actions.locale_of(request.workspace).zone, order).moment(example)
    except ValueError:
        return ""


def _twins(request: WorkspaceRequest, waiting: Upload) -> list[Delivery]:
    rows = Delivery.objects.of(request.workspace).filter(sha256=waiting.digest, is_import=True)
    return list(rows.select_related("created_by").defer("body").order_by("-pk")[:3])


def _options(request: WorkspaceRequest) -> dict[str, Any]:
    """What the form settles. Only what differs from the guess counts: the same file read in the same way has the same name in the log."""
    post, mapping = request.POST, {}
    for place in range(int(post["columns"]) if post.get("columns", "").isdecimal() and len(post["columns"]) < 6 else 0):
        heading, field, guess = (post.get(f"{name}-{place}") for name in ("heading", "field", "guess"))
        if heading is not None and field is not None and field != guess:
            mapping[heading] = field
    return {"mapping": mapping, **{name: post[name] for name in _SETTLED if post.get(name)}}


def _asked(request: WorkspaceRequest) -> tuple[str, dict[str, Any], str]:
    """(kind, options, what is still to be said)"""
    kind, options = request.POST.get("kind", ""), _options(request)
    if kind not in dict(_kinds()):
        return kind, options, sentence("unknown_kind", kind)
    fields = set(channels()[kind].fields())
    wrong = [field for field in options["mapping"].values() if field and field not in fields and not field.startswith("custom:")]
    if wrong:
        return kind, options, _("There is no field %(field)s.") % {"field": wrong[0]}
    missing = [name for name in request.POST.getlist("asked") if name in _SETTLED and name not in options]
    return kind, options, _("Say first how dates are written.") if missing else ""


@allow(May.IMPORT)
@require_POST
def trial(request: WorkspaceRequest, token: str) -> HttpResponse:
    """A part of the preview: what the import would do, as far as a few seconds allow to see."""
    waiting = _pending(request, token)
    kind, options, missing = _asked(request)
    context: dict[str, Any] = {"missing": missing}
    if not missing:
        context |= _try(
            lambda file: actions.dry_run(request.workspace, file, waiting.name, waiting.digest, kind, TRIAL_SECONDS, **options), waiting
        )
        context["question"] = _open_question(request, context.get("problems", []))
        context["problems"] = context.get("problems", [])[:SHOWN_PROBLEMS]
    return render(request, "listen/trial.html", context)


def _open_question(request: WorkspaceRequest, problems: list[tuple[Any, str]]) -> dict[str, Any] | None:
    """Dates that turned out ambiguous in a column the preview did not ask about; once answered the answer stays in the form."""
    if "date_order" in request.POST.getlist("asked"):
        return None
    chosen, example = request.POST.get("date_order", ""), request.POST.get("example", "")[:40]
    unclear = example if chosen else next((row.detail for row, _said in problems if row.code == "ambiguous_date"), "")
    if not unclear:
        return None
    return {
        **_question(request, Question(option="date_order", code="ambiguous_date", choices=("dmy", "mdy"), example=unclear)),
        "chosen": chosen,
    }


def _try(run: Callable[[BinaryIO], actions.Trial], waiting: Upload) -> dict[str, Any]:
    try:
        with open(raw.path(waiting.path), "rb") as file:
            found = run(file)
    except FileError as error:
        return {"error": sentence(error.code, error.detail)}
    return {
        "trial": found,
        "rows": found.new + found.known + found.rejected,
        "problems": [(row, sentence(row.code, row.detail)) for row in found.problems],
        "more": max(0, found.rejected + found.warned - SHOWN_PROBLEMS),
    }


@allow(May.IMPORT)
@require_POST
def start(request: WorkspaceRequest, token: str) -> HttpResponse:
    """Make an import of an upload. Sent twice, it is one import."""
    waiting = _pending(request, token)
    kind, options, missing = _asked(request)
    if missing:
        messages.error(request, missing)
        return redirect("listen:preview", workspace=request.workspace.slug, token=token)
    rows = request.POST.get("rows", "")
    delivery = actions.receive_stored(
        request.workspace, waiting.digest, waiting.path, waiting.size, waiting.name, kind, request.user, upload=waiting.nonce,
        rows=int(rows) if rows.isdecimal() and len(rows) < 12 else None, **options,
    )  # fmt: skip
    pending.forget(request, token)
    return redirect("listen:import", workspace=request.workspace.slug, pk=delivery.pk)


@allow(May.IMPORT)
@require_POST
def drop(request: WorkspaceRequest, token: str) -> HttpResponse:
    """Leave an upload alone; its bytes are removed within a day."""
    waiting = _pending(request, token)
    pending.forget(request, token)
    messages.success(request, _("%(file)s was left out. Nothing of it was stored.") % {"file": waiting.name})
    return _back(request)
