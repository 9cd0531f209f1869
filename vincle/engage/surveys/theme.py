"""The colours of a survey: the brand's, or its own accent, always readable."""

import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vincle.accounts.models import Workspace
from vincle.engage.letters.branding import look_of as brand_of
from vincle.engage.letters.look import contrast
from vincle.engage.letters.look import read as look_of

from .definition.model import Theme

_TOKEN = re.compile(r"[\w-]{8,64}", re.ASCII).fullmatch
_CORNERS = {"square": 0, "soft": 8, "round": 18}


def colours(workspace: Workspace, theme: Theme) -> dict[str, Any]:
    look: dict[str, Any] = dict(brand_of(workspace))
    if theme.accent:
        look["accent"] = look["dark_accent"] = look_of({"accent": theme.accent})["accent"]
    look["on_accent"], look["on_dark_accent"] = _readable_on(look["accent"]), _readable_on(look["dark_accent"])
    if theme.corners:
        look["radius"] = _CORNERS[theme.corners]
    if theme.ground == "plain":
        look["page"], look["dark_page"] = look["paper"], look["dark_paper"]
    return look


def _readable_on(colour: str) -> str:
    return "#ffffff" if contrast("#ffffff", colour) >= contrast("#14171c", colour) else "#14171c"


def sheet(look: Mapping[str, Any]) -> SafeString:
    """The style sheet of the colours; every value was read by `look.read`, so it is one."""
    names = ("page", "paper", "ink", "muted", "accent", "line")
    light = SafeString("").join(format_html("--f-{}:light-dark({},{});", name, look[name], look[f"dark_{name}"]) for name in names)
    return format_html(
        ":root{{{}--f-on-accent:light-dark({},{});--f-radius:{}px}}", light, look["on_accent"], look["on_dark_accent"], look["radius"]
    )


def logo(theme: Theme, look: Mapping[str, Any]) -> tuple[str, str]:
    """(address, words) of the logo, ours only: pages load nothing from elsewhere. ("", "") where there is none."""
    token = theme.logo or _own(str(look.get("logo", "")))
    return (reverse("letters_public:picture", kwargs={"token": token}), str(look.get("logo_alt", ""))) if _TOKEN(token) else ("", "")


def picture(token: str) -> str:
    """The address of a picture of ours; "" where the token is none."""
    return reverse("letters_public:picture", kwargs={"token": token}) if _TOKEN(token) else ""


def _own(address: str) -> str:
    """The token of a picture of ours in its address."""
    found = re.search(r"/letter-picture/([\w-]{8,64})/?$", address)
    return found[1] if found else ""
