"""Names of blocks, of ready-made letters and of languages, for screens."""

from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .blocks import FIELDS

BLOCKS: Final[dict[str, tuple[Any, str, Any]]] = {
    "heading": (_("Heading"), "sort-ascending", _("A line in large letters")),
    "text": (_("Text"), "file-text", _("Paragraphs, lists, links")),
    "button": (_("Button"), "pointer", _("Leads to one place")),
    "image": (_("Picture"), "photo", _("With a description for those who do not see it")),
    "columns": (_("Columns"), "columns-3", _("Two or three beside each other")),
    "product": (_("Product"), "shopping-bag", _("With picture, price and button")),
    "quote": (_("Words of a customer"), "quote", _("What someone said of you in public")),
    "social": (_("Where else to find us"), "share-3", _("The places of your brand")),
    "divider": (_("Line"), "menu-2", _("Parts what belongs apart")),
    "spacer": (_("Space"), "dots", _("Room to breathe")),
    "html": ("HTML", "code", _("For those who know how; it is cleaned")),
}
"""kind -> (name, icon, what it is for)."""

READY: Final[dict[str, tuple[Any, Any]]] = {
    "welcome": (_("Welcome"), _("For those who have just joined")),
    "news": (_("News"), _("What happened this month")),
    "offer": (_("Offer"), _("With a code to redeem")),
    "winback": (_("We miss you"), _("For those who have not come for a while")),
    "birthday": (_("Birthday"), _("With a present, where there is a code")),
    "renewal": (_("Renewal"), _("Before a subscription or service ends")),
}


def palette() -> list[dict[str, Any]]:
    """What can be added, in the order it is offered."""
    return [
        {"kind": kind, "name": str(name), "icon": icon, "use": str(use)} for kind, (name, icon, use) in BLOCKS.items() if kind in FIELDS
    ]


def ready() -> list[tuple[str, Any, Any]]:
    """(key, name, what for) of the ready-made letters."""
    return [(key, name, use) for key, (name, use) in READY.items()]


def languages() -> list[tuple[str, Any]]:
    """(code, name) of the languages letters are written in."""
    return [(code, name) for code, name in settings.LANGUAGES]
