"""The pages on which the team says how it serves, beside each other."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace


def pages(workspace: Workspace, current: str = "") -> list[tuple[str, str, bool]]:
    """(words, address, is this page), for `tabs` and menus. `current`: the name of an address of the inbox."""
    words = {
        "figures": _("Figures"), "promises": _("Promises"), "hours": _("Opening hours"), "teams": _("Teams"), "rules": _("Rules"),
        "asking": _("Satisfaction"), "canned": _("Saved answers"),
    }  # fmt: skip
    found = []
    for name, word in words.items():
        try:
            found.append((word, reverse(f"inbox:{name}", kwargs={"workspace": workspace.slug}), name == current))
        except NoReverseMatch:
            continue
    return found
