"""The brand: logo, colours, type and who the company is, seen on a letter while they are chosen."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.web.middleware import CSP

from . import branding, look, pictures, previewing, ready_made
from .actions import Refused
from .phrases import LANGUAGES
from .views import framed, url

COLOUR_WORDS = {
    "page": gettext_lazy("Around the letter"), "paper": gettext_lazy("Paper"), "ink": gettext_lazy("Text"),
    "muted": gettext_lazy("Text of the foot"), "accent": gettext_lazy("Buttons and links"), "line": gettext_lazy("Lines and soft ground"),
    "dark_page": gettext_lazy("Around the letter, in the dark"), "dark_paper": gettext_lazy("Paper, in the dark"),
    "dark_ink": gettext_lazy("Text, in the dark"), "dark_muted": gettext_lazy("Text of the foot, in the dark"),
    "dark_accent": gettext_lazy("Buttons and links, in the dark"), "dark_line": gettext_lazy("Lines, in the dark"),
}  # fmt: skip
_PAIRS = (("ink", "paper"), ("muted", "page"), ("accent", "paper"), ("dark_ink", "dark_paper"), ("dark_accent", "dark_paper"))
FONT_WORDS = {
    "system": gettext_lazy("As the reader's device"), "arial": "Arial", "verdana": "Verdana", "trebuchet": "Trebuchet",
    "georgia": "Georgia", "times": "Times",
}  # fmt: skip


@allow(May.SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: WorkspaceRequest) -> HttpResponseBase:
    problem = ""
    if request.method == "POST":
        if not request.may(May.SPEAK):
            return redirect("letters:brand", workspace=request.workspace.slug)
        try:
            _save(request)
            messages.success(request, _("The brand is kept. Letters that were kept as versions stay as they were."))
            return redirect("letters:brand", workspace=request.workspace.slug)
        except Refused as refused:
            problem = str(refused)
    response = render(request, "letters/brand.html", _context(request, problem), status=422 if problem else 200)
    response["Content-Security-Policy"] = CSP.replace("img-src 'self' data:", "img-src 'self' data: https: http:") + "; frame-src 'self'"
    return response


def _context(request: WorkspaceRequest, problem: str) -> dict[str, Any]:
    at = branding.look_of(request.workspace)
    light = [(name, COLOUR_WORDS[name], at[name]) for name in look.COLOURS if not name.startswith("dark_")]
    dark = [(name, COLOUR_WORDS[name], at[name]) for name in look.COLOURS if name.startswith("dark_")]
    weak = [
        {"name": COLOUR_WORDS[one], "n": round(look.contrast(at[one], at[two]), 1)}
        for one, two in _PAIRS
        if look.contrast(at[one], at[two]) < 4.5
    ]
    return {
        "look": at, "light": light, "dark": dark, "fonts": [(key, FONT_WORDS[key], key == at["font"]) for key in look.FONTS], "weak": weak,
        "places": [*at["places"], *[["", ""]] * (min(len(at["places"]) + 2, look.MOST_PLACES) - len(at["places"]))], "problem": problem,
        "frame_url": url(request, "brand_frame"), "back_url": url(request, "list"), "may_speak": request.may(May.SPEAK),
    }  # fmt: skip


def _save(request: WorkspaceRequest) -> None:
    """Raises Refused."""
    post = request.POST
    raw: dict[str, Any] = {name: post.get(name, "") for name in (*look.COLOURS, *look.TEXTS, "font", "radius", "logo_width")}
    raw["places"] = list(zip(post.getlist("place_name"), post.getlist("place_url"), strict=False))
    for name in ("website", "logo"):
        if raw[name] and ":" not in raw[name]:
            raw[name] = f"https://{raw[name]}"
    if given := request.FILES.get("logo_file"):
        if (given.size or 0) > pictures.LARGEST:
            raise Refused(_("Choose a picture of at most %(most)d MB.") % {"most": pictures.LARGEST // 1024**2})
        raw["logo"] = pictures.address(pictures.add(request.workspace, request.user, given.name or "", given.read()))
    branding.save(request.workspace, request.user, raw)


@allow(May.SEE)
@never_cache
@require_safe
@xframe_options_sameorigin
def frame(request: WorkspaceRequest) -> HttpResponse:
    """The brand on a letter; in the dark with `dark`."""
    language = request.LANGUAGE_CODE if request.LANGUAGE_CODE in LANGUAGES else "en"
    at = branding.look_of(request.workspace)
    page = previewing.page(request.workspace, ready_made.letter("welcome", language, at["website"] or "https://example.org"), at, language)
    if request.GET.get("dark"):
        page = page.replace("@media (prefers-color-scheme:dark)", "@media all")
    return framed(page)
