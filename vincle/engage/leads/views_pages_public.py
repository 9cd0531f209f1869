"""Landing pages as the public sees them, and the pictures on them."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import public

from . import blocks, receiving, showing, views_public, visiting
from .blocks import Block, Layout
from .definition import Definition, say
from .models import Page, State, Upload


def live(slug: str) -> Page:
    found: Page | None = (
        Page.objects.filter(slug=slug, archived_at=None, state=State.LIVE).select_related("workspace", "form__workspace").first()
    )
    if found is None:
        raise Http404("no such page")
    return found


@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A landing page; posted to, its form is sent."""
    found = live(slug)
    form = found.form
    if form is not None and form.archived_at is None and form.state == State.LIVE:
        return views_public.handle(request, form, found)
    language = showing.language_for(request, blocks.load(found.published).languages, request.GET.get("lang", ""))
    with translation.override(language):
        return drawn(request, found, language, {})


def drawn(request: HttpRequest, found: Page, language: str, form_context: dict[str, Any], status: int = 200) -> HttpResponseBase:
    """The page with its form as it stands now: to be filled in, with what is wrong, or not there."""
    layout = blocks.load(found.published)
    if language not in layout.languages:
        language = showing.language_for(request, layout.languages, language)
    context = {**page_context(found, layout, language), "form_context": bool(form_context), **form_context}
    answer = render(request, "leads/page.html", context, status=status)
    asked = receiving.version_of(found.form)[1] if found.form and found.form.version else Definition()
    visiting.policy(answer, asked, is_embedded=False, targets=(asked.after.address,))
    if layout.is_hidden:
        answer["X-Robots-Tag"] = "noindex"
    return answer


def page_context(found: Page, layout: Layout, language: str) -> dict[str, Any]:
    first = layout.languages[0]
    wanted = {block.picture for block in layout.items} | {layout.picture}
    rows = Upload.objects.of(found.workspace_id).filter(pk__in=wanted, kind="picture").defer("content")
    pictures = {
        row.pk: {"url": reverse("leads_public:picture", kwargs={"token": row.token}), "width": row.width, "height": row.height}
        for row in rows
    }
    shared = pictures.get(layout.picture)
    return {
        "page": found, "form": found.form, "language": language, "blocks": [_block(each, language, first,
        pictures) for each in layout.items],
        "title": say(layout.title, language, first) or found.name, "description": say(layout.description, language, first),
        "brand": showing.colours(found.workspace, layout.colour), "company": views_public.company(found.workspace),
        "languages": [(code, name) for code, name in showing.NATIVE.items() if code in layout.languages],
        "address": f"{settings.PUBLIC_URL}{reverse('leads_public:page', kwargs={'slug': found.slug})}",
        "picture_url": f"{settings.PUBLIC_URL}{shared['url']}" if shared else "",
    }  # fmt: skip


def _block(block: Block, language: str, first: str, pictures: dict[int, dict[str, Any]]) -> dict[str, Any]:
    texts = {name: say(getattr(block, name), language, first) for name in ("heading", "text", "button", "alt")}
    return {
        "kind": block.kind, **texts, "author": block.author, "picture": pictures.get(block.picture), "lines": blocks.lines(texts["text"]),
        "pairs": blocks.questions(texts["text"]),
    }  # fmt: skip


@public
@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    found = live(slug)
    sheet = showing.sheet(showing.colours(found.workspace, blocks.load(found.published).colour))
    answer = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@public
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponseBase:
    """A picture of a landing page. What stands at an address never changes."""
    row = Upload.objects.filter(token=token, kind="picture").first()  # the token is all that is known
    if row is None:
        raise Http404("no such picture")
    answer = HttpResponse(bytes(row.content), content_type=row.content_type)
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return get_conditional_response(request, etag=f'"{row.token}"', response=answer) or answer
