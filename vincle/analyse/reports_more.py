"""Sections of reports that apps above this one bring along: each registers what makes its figures, in `ready()`.

register("worth", "vincle.analyse.kpis.report:frozen")   # told where it is, so that nothing is loaded before a report asks for it
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vincle.accounts.models import Workspace

if TYPE_CHECKING:  # it brings the columnar libraries, which a process that starts has no time for
    from .choice import Choice

_makers: dict[str, str] = {}


def register(section: str, maker: str) -> None:
    """`maker`: module:function, `(workspace, choice, days) -> plain values`; `days` as `Report.days` has them."""
    _makers[section] = maker


def made(sections: list[str], workspace: Workspace, choice: "Choice", days: str) -> dict[str, Any]:
    """Figures of the sections that were asked for, by section, in the language that is active."""
    found = {}
    for section, maker in _makers.items():
        if section in sections:
            module, _colon, name = maker.partition(":")
            found[section] = getattr(import_module(module), name)(workspace, choice, days)
    return found
