"""Pages on which the team speaks to many, beside each other under one entry of the rail. Each app registers its own in `ready()`.

speaking.register("campaigns", _("Campaigns"), "campaigns:list", 10)
{% tabs rows=speaking_tabs ... %}: `speaking.tabs(request.workspace, "campaigns")` gives what the component `tabs` takes.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

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
    spaces = tuple(dict.fromkeys(tab.url_name.partition(":")[0] for tab in _in_order()))
    nav.register(nav.Item("speak", pgettext_lazy("rail", "Speak"), "send", _in_order()[0].url_name, order=45, namespaces=spaces))


def _in_order() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.order, tab.key))


def tabs(workspace: Workspace, current: str) -> list[tuple[Any, str, bool]]:
    """(label, address, is this page) for the component `tabs`."""
    return [(tab.label, reverse(tab.url_name, kwargs={"workspace": workspace.slug}), tab.key == current) for tab in _in_order()]
