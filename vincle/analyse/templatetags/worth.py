"""What the pages under "Worth" share."""

from typing import Any

from django import template

from vincle.analyse import worth_tabs as pages

register = template.Library()


@register.simple_tag(takes_context=True)
def worth_tabs(context: Any, current: str = "") -> list[tuple[Any, str, bool]]:
    """`{% worth_tabs "kpis" as beside %}{% tabs beside label %}`."""
    workspace = getattr(context.get("request"), "workspace", None)
    return pages.tabs(workspace, current) if workspace else []
