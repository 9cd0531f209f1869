"""What the pages under "Worth" share."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vincle.analyse import worth_tabs as pages

register = template.Library()


@register.simple_tag(takes_context=True)
def worth_tabs(context: Any, current: str = "") -> list[tuple[Any, str, bool]]:
    """`{% worth_tabs "kpis" as beside %}{% tabs beside label %}`."""
    workspace = getattr(context.get("request"), "workspace", None)
    return pages.tabs(workspace, current) if workspace else []


@register.simple_tag
def span_bar(low: float, value: float, high: float, largest: float) -> SafeString:
    """`{% span_bar low value high largest %}`: what may come, as a bar from `low` to `high`, with what is expected as a mark on it."""
    whole = largest if largest > 0 else 1.0
    left, mark, right = (100 * min(max(each / whole, 0.0), 1.0) for each in (low, value, high))
    return format_html(
        '<svg class="bar span" aria-hidden="true"><rect x="{}%" width="{}%" y="2" height="5" rx="2.5"/>'
        '<rect class="middle" x="{}%" width="3" height="9" rx="1.5"/></svg>',
        f"{left:.2f}", f"{max(right - left, 0.5):.2f}", f"{mark:.2f}",
    )  # fmt: skip
