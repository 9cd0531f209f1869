"""Pages of the stage that stand beside each other under one entry of the rail. Each registers itself in `OrganiseConfig.ready`.

tabs.register("groups", _("Groups"), "organise:groups", 20)   # in ready(), once its address exists
{% include "organise/parts/organise_tabs.html" with current="groups" %}   # on the page, below its head
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
    also = tuple(tab.url_name for tab in others)
    spaces = tuple(dict.fromkeys(["organise", *(tab.url_name.partition(":")[0] for tab in _tabs.values())]))
    nav.register(nav.Item("segments", _("Segments"), "affiliate", first.url_name, order=32, namespaces=spaces, also=also))


def _in_order() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.order, tab.key))


def tabs(workspace: Workspace, current: str) -> list[tuple[Any, str, bool]]:
    """(label, address, is this page) for the component `tabs`."""
    return [(tab.label, reverse(tab.url_name, kwargs={"workspace": workspace.slug}), tab.key == current) for tab in _in_order()]
