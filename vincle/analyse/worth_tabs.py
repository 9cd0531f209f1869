"""Pages under the rail entry "Worth". Each app registers its own in `ready()`.

worth_tabs.register("kpis", _("Key figures"), "kpis:board", 10)
{% include "analyse/worth_tabs.html" with current="kpis" %}   # on the page, below its head
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from vincle.accounts.models import Workspace
from vincle.web import nav


@dataclass(frozen=True)
class Tab:
    """`url_name` is reversed with the workspace's short name; `order` ascending."""

    key: str
    label: Any
    url_name: str
    order: int


_tabs: dict[str, Tab] = {}


def register(key: str, label: Any, url_name: str, order: int) -> None:
    """A page beside the others; the first one is where the rail leads, and all of them light its entry up."""
    _tabs[key] = Tab(key, label, url_name, order)
    first, *others = _in_order()
    spaces = tuple(dict.fromkeys(tab.url_name.partition(":")[0] for tab in _tabs.values()))
    also = tuple(tab.url_name for tab in others)
    nav.register(nav.Item("worth", _("Worth"), "coin", first.url_name, order=17, namespaces=spaces, also=also))


def _in_order() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.order, tab.key))


def tabs(workspace: Workspace, current: str) -> list[tuple[Any, str, bool]]:
    """(label, address, is this page) for the component `tabs`."""
    return [(tab.label, reverse(tab.url_name, kwargs={"workspace": workspace.slug}), tab.key == current) for tab in _in_order()]
