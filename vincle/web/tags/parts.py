"""Parts of any page: icon, head, card, tile, menu, why, empty, error, progress, dialog."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import Library
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from vincle.web.staticfiles import found

register = Library()


@lru_cache(maxsize=1)
def _known_icons() -> frozenset[str]:
    path = found("icons.svg")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', Path(path).read_text())) if path else frozenset()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "users" %}`: a Tabler icon, hidden from readers of speech unless it has a `label`.

    An unknown name is an error while developing (add it to scripts/icons.txt), a plain circle afterwards.
    """
    if name not in _known_icons():
        if settings.DEBUG:
            raise ValueError(f"icon '{name}' is not in scripts/icons.txt")
        name = "circle"
    return _icon(static("icons.svg"), name, str(label), css)


@lru_cache(maxsize=2048)
def _icon(sprite: str, name: str, label: str, css: str) -> SafeString:
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>', css, spoken, sprite, name)


@register.simple_block_tag(end_name="endpage_head")
def page_head(content: str, title: str, sentence: str = "", back_url: str = "", back_label: str = "") -> SafeString:
    """`{% page_head title=... sentence=... %} actions at the right {% endpage_head %}`; optional way back above the title."""
    return _part("page_head", content=content, title=title, sentence=sentence, back_url=back_url, back_label=back_label)


@register.simple_block_tag(end_name="endcard")
def card(
    content: str, title: str = "", sentence: str = "", id: str = "", css: str = "", table_url: str = "", download_url: str = ""
) -> SafeString:
    """`{% card title="Why they speak" %} … {% endcard %}`. `css`: next (marked), flush (no padding).

    `table_url` and `download_url` put the two tools at the right of the title.
    """
    return _part("card", content=content, title=title, sentence=sentence, id=id, css=css, table_url=table_url, download_url=download_url)


@register.simple_tag
def sparkline(points: Sequence[float], label: str = "") -> SafeString | str:
    """A small line of the last values, oldest first; nothing for fewer than two."""
    if len(points) < 2:
        return ""
    low, high = min(points), max(points)
    span, step = (high - low) or 1, 86 / (len(points) - 1)
    path = " ".join(f"{index * step:.1f},{18 - (value - low) / span * 16:.1f}" for index, value in enumerate(points))
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="spark" viewBox="0 0 86 20" {}><polyline points="{}"/></svg>', spoken, path)


@register.simple_tag
def tile(label: str, value: str, unit: str = "", note: str = "", tone: str = "", url: str = "", points: Sequence[float] = ()) -> SafeString:
    """One figure inside `<div class="tiles">`: `{% tile label=_("Listen") value=n|number unit=_("mentions") note=... url=... %}`.

    `note` is the change and against what; `tone` of the note: pos, neg, attn or nothing. `points` draw the small line.
    `url` is the list behind it.
    """
    return _part("tile", label=label, value=value, unit=unit, note=note, tone=tone, url=url, points=points)


@register.simple_tag
def bar(value: float, largest: float, tone: str = "", tall: bool = False) -> SafeString:
    """A bar whose length is value / largest. Say the number beside it. `tone`: pos, neg, neu, or "rung rung-critic" (hatched)."""
    share = max(0.0, min(1.0, value / largest)) if largest else 0.0
    share = max(share, 0.012) if value else 0.0
    return _bar(0, share, tone, tall)


@register.simple_tag
def bar_between(start: float, end: float, low: float, high: float, tone: str = "") -> SafeString:
    """A piece of a waterfall from `start` to `end` on a scale from `low` to `high`."""
    span = (high - low) or 1
    left, right = sorted(((start - low) / span, (end - low) / span))
    return _bar(left, max(right - left, 0.004), tone, False)


def _bar(left: float, share: float, tone: str, tall: bool) -> SafeString:
    place = format_html('x="{}%" width="{}%" height="100%" rx="3"', f"{left * 100:.2f}", f"{share * 100:.2f}")
    hatch = format_html('<rect class="hatched" fill="url(#hatch)" {}/>', place) if "rung-critic" in tone else ""
    return format_html('<svg class="bar {}{}" aria-hidden="true"><rect {}/>{}</svg>', tone, " tall" if tall else "", place, hatch)


@register.simple_block_tag(end_name="endmenu")
def menu(content: str, label: str = "", icon_name: str = "dots", css: str = "icon-btn", end: bool = True, text: str = "") -> SafeString:
    """A drop-down: `{% menu label=_("More") %}<a class="choice" href=…>…</a>{% endmenu %}`.

    `text` shows beside the icon (then css="btn"); `label` is spoken where only the icon shows. Entries: a.choice, button.choice.
    """
    return _part("menu", content=content, label=label, icon_name=icon_name, css=css, end=end, text=text)


@register.simple_tag
def why(reasons: Iterable[tuple[Any, ...]], label: str = "", note: str = "") -> SafeString:
    """The dotted 'why': opens a list of reasons. `reasons`: (text,) or (text, shown weight) or (text, shown weight, share 0..1, tone)."""
    rows = [dict(zip(("text", "weight", "share", "tone"), reason, strict=False)) for reason in reasons]
    return _part("why", rows=rows, label=label or _("why"), note=note)


@register.simple_tag
def empty_state(sentence: str, action: str = "", url: str = "", icon_name: str = "") -> SafeString:
    """Nothing here yet: the two circles, one sentence that says what to do next, one button."""
    return _part("empty", sentence=sentence, action=action, url=url, icon_name=icon_name)


@register.simple_block_tag(end_name="endpanel")
def panel(content: str, title: str, kind: str = "error") -> SafeString:
    """What happened (title), what is safe and what to do (content). `kind`: error, caution, note."""
    icons = {"error": "alert-triangle", "caution": "alert-triangle", "note": "info-circle"}
    return _part("panel", content=content, title=title, kind=kind, icon_name=icons[kind])


@register.simple_tag(takes_context=True)
def progress(
    context: Any, label: str, value: float | None = None, largest: float = 1, counts: str = "", cancel_url: str = ""
) -> SafeString:
    """Long work: name, native bar (`value` None: unknown length), counts in words, and a way out by POST to `cancel_url`."""
    return _part(
        "progress",
        label=label,
        value=value,
        largest=largest,
        counts=counts,
        cancel_url=cancel_url,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str) -> SafeString:
    """`{% dialog "merge" title=_("Merge?") %} … {% enddialog %}`, opened by `<button type="button" data-dialog="merge">`."""
    return _part("dialog", content=content, id=id, title=title)


@register.simple_tag
def undo_of(message: Any) -> str:
    """Address that undoes what a message tells of: `messages.success(request, text, extra_tags=f"undo:{url}")`."""
    tags = str(getattr(message, "extra_tags", "") or "").split()
    return next((tag[5:] for tag in tags if tag.startswith("undo:/")), "")


@register.simple_tag
def copy_button(text: str, label: str = "") -> SafeString:
    """A button that copies `text`."""
    return format_html(
        '<button type="button" class="icon-btn" data-copy="{}" data-copied="{}" aria-label="{}" title="{}">{}</button>',
        text,
        _("Copied"),
        label or _("Copy"),
        label or _("Copy"),
        icon("copy"),
    )


def _part(name: str, **values: Any) -> SafeString:
    return render_to_string(f"web/parts/{name}.html", values)
