"""The public side of forms: shown, sent, thanked for. Nobody signs in here, no cookie is set, and nothing leads into the workspace."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import public
from vincle.accounts.models import Workspace
from vincle.accounts.sender import household
from vincle.channels._surroundings import is_machine

from . import counting, knowing, receiving, showing, tokens, visiting
from .answers import Given
from .definition import Definition, say
from .models import Form, Page, State, Submission, Upload
from .receiving import Received, Visit


def live(slug: str) -> Form:
    """The form at this address; 404 where there is none, or it was never published."""
    form: Form | None = Form.objects.filter(slug=slug, archived_at=None, version__gt=0).select_related("workspace").first()
    if form is None:
        raise Http404("no such form")
    return form


@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The page of a form; posted to, it is sent."""
    return handle(request, live(slug))


def handle(request: HttpRequest, found: Form, page: Page | None = None) -> HttpResponseBase:
    """A form at its own address, or on a landing page."""
    _number, asked = receiving.version_of(found)
    language = showing.language_for(request, asked.languages, request.POST.get("lang") or request.GET.get("lang", ""))
    with translation.override(language):
        if found.state != State.LIVE:
            return _page(request, found, asked, language, {"is_closed": True}, 410)
        visit = visiting.visit_of(request, found, language, page)
        if request.method == "POST":
            return _posted(request, found, asked, visit)
        _count(request, found, "views", page)
        return shown(request, found, asked, visit)


def _posted(request: HttpRequest, found: Form, asked: Definition, visit: Visit) -> HttpResponseBase:
    if not (visiting.SENDERS.take(household(request)) and visiting.CROWDS.take(str(found.pk))):
        answer = shown(
            request, found, asked, visit, Received(_typed(asked, visit)), 429, _("That is a little fast. Wait a minute, then send it.")
        )
        answer.headers["Retry-After"] = "60"
        return answer
    received = receiving.submit(found, visit)
    if received.submission is None:
        note = _("This page was open for long. Look over what you typed, and send it once more.") if received.is_anew else ""
        return shown(request, found, asked, visit, received, 422, note)
    return _thanked(request, found, asked, received.submission, visit)


def _typed(asked: Definition, visit: Visit) -> Given:
    from . import answers

    return answers.understand(asked, asked.items, visit.posted, visit.language, "")


def _thanked(request: HttpRequest, found: Form, asked: Definition, row: Submission, visit: Visit) -> HttpResponseBase:
    if asked.after.address and row.state != Submission.State.UNCONFIRMED and not request.POST.get("embed"):
        return redirect(asked.after.address)
    address = reverse("leads_public:thanks", kwargs={"slug": found.slug, "token": tokens.sent(row)})
    more = {name: value for name, value in (("lang", visit.language), ("embed", request.POST.get("embed", "")[:10])) if value}
    return redirect(f"{address}?{urlencode(more)}")


def shown(
    request: HttpRequest, found: Form, asked: Definition, visit: Visit, received: Received | None = None, status: int = 200, note: str = ""
) -> HttpResponseBase:  # fmt: skip
    context = {**context_of(request, found, asked, visit, received), "note": note}
    return _page(request, found, asked, visit.language, context, status, visit.page)


def context_of(
    request: HttpRequest, found: Form, asked: Definition, visit: Visit, received: Received | None = None
) -> dict[str, Any]:  # fmt: skip
    """What the template of a form needs, on its own page and on a landing page."""
    given = received.given if received else None
    if given and received:
        given.typed["suggestion"] = received.suggestion
    items = receiving.to_ask(found, asked, visit)
    masked = knowing.masked(found.workspace, visit.handle)
    items = [item for item in items if not (masked and item.kind == "email")]
    number = counting.done(found, asked.proof.days) if asked.proof.is_on else 0
    preset = {name: value[:300] for name, value in request.GET.items() if isinstance(value, str)}
    found_questions = showing.questions(asked, items, visit.language, given, preset)
    sure = given.email.rpartition("@")[2] if given and any(each.code in ("mistyped", "no_mail") for each in given.wrong) else ""
    return {
        "form": found, "steps": showing.stepped(found_questions), "token": tokens.show(found), "trap": receiving.TRAP, "masked": masked,
        "version": found.version, "carried": visiting.carried(request, visit), "sure": sure, "language": visit.language,
        "proof": number if asked.proof.is_on and number >= max(asked.proof.least, 1) else 0, "proof_days": asked.proof.days,
        "own": showing.titled(asked, visit.language), "has_wrong": bool(given and given.wrong),
        "without_link": request.path, "action": request.path,
    }  # fmt: skip


def _page(
    request: HttpRequest, found: Form, asked: Definition, language: str, more: dict[str, Any], status: int = 200, page: Page | None = None
) -> HttpResponseBase:  # fmt: skip
    if page is not None and not more.get("is_closed"):
        from . import views_pages_public

        return views_pages_public.drawn(request, page, language, more, status)
    is_embedded = bool(request.GET.get("embed") or request.POST.get("embed"))
    context = {
        "own": showing.titled(asked, language), "is_embedded": is_embedded, "languages": showing.languages_of(found, asked), "form": found,
        "language": language, "brand": showing.colours(found.workspace, asked.colour), "company": company(found.workspace), **more,
    }  # fmt: skip
    answer = render(request, "leads/form.html", context, status=status)
    return _headed(visiting.policy(answer, asked, is_embedded=is_embedded, targets=(asked.after.address,)))


def company(workspace: Workspace) -> str:
    return str(showing.colours(workspace)["company"] or workspace.name)


def _headed(answer: HttpResponseBase) -> HttpResponseBase:
    answer.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _count(request: HttpRequest, found: Form, what: counting.What, page: Page | None) -> None:
    """A look of a person: robots, previews of links and the team's own looks at a draft are none."""
    if request.method == "HEAD" or is_machine(request.headers.get("User-Agent", "")[:400]) or request.headers.get("Purpose") == "prefetch":
        return
    if visiting.LOOKS.take(household(request)):
        counting.count(found, what, page.pk if page else 0)


@csrf_exempt
@public
@require_POST
def began(request: HttpRequest, slug: str) -> HttpResponse:
    """Someone began to type; told once by the page."""
    found = live(slug)
    pk = request.POST.get("page", "")
    page = (
        Page.objects.of(found.workspace_id).filter(pk=int(pk), form=found).first()
        if pk.isascii() and pk.isdigit() and len(pk) < 18
        else None
    )
    if found.state == State.LIVE:
        _count(request, found, "starts", page)
    return HttpResponse(status=204)


@public
@never_cache
@require_safe
def thanks(request: HttpRequest, slug: str, token: str) -> HttpResponseBase:
    """What someone sees who has sent it."""
    found = live(slug)
    pk = tokens.sent_of(token)
    row = Submission.objects.of(found.workspace_id).filter(pk=pk, form=found).first() if pk is not None else None
    if row is None:
        return redirect("leads_public:form", slug=slug)
    _number, asked = receiving.version_of(found, row.version)
    language = showing.language_for(request, asked.languages, request.GET.get("lang", ""))
    with translation.override(language):
        after = {"title": say(asked.after.title, language, asked.languages[0]), "text": say(asked.after.text, language, asked.languages[0])}
        file = _offer(asked, row) if row.state != Submission.State.UNCONFIRMED else None
        more = {"is_sent": True, "after": after, "is_open": row.state == Submission.State.UNCONFIRMED, "address": row.address}
        link = reverse("leads_public:file", kwargs={"slug": slug, "token": tokens.file(row, file)}) if file else ""
        return _page(request, found, asked, language, {**more, "file": file, "file_url": link})


def _offer(asked: Definition, row: Submission) -> Upload | None:
    """The file that was promised; what looked like spam is promised nothing."""
    if not asked.file or row.state == Submission.State.SPAM:
        return None
    found: Upload | None = Upload.objects.of(row.workspace_id).filter(pk=asked.file, kind="offer").defer("content").first()
    return found


@public
@never_cache
@require_safe
def file(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The file a form offers, for those who were promised it and have confirmed their address where that is asked."""
    found = live(slug)
    pair = tokens.file_of(token)
    row = Submission.objects.of(found.workspace_id).filter(pk=pair[0], form=found).first() if pair else None
    if row is None or pair is None or row.state in (Submission.State.UNCONFIRMED, Submission.State.SPAM):
        raise Http404("no such file")
    upload = Upload.objects.of(found.workspace_id).filter(pk=pair[1], kind="offer").first()
    if upload is None:
        raise Http404("no such file")
    answer = HttpResponse(bytes(upload.content), content_type=upload.content_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(upload.name)}"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


@public
@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """The colours of a form."""
    found = live(slug)
    _number, asked = receiving.version_of(found)
    answer = HttpResponse(showing.sheet(showing.colours(found.workspace, asked.colour)), content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer
