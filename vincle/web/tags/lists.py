"""What lists are made of: filters kept in the address, sortable heads, columns, bulk bar, pages, tabs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vincle.web.tags.parts import icon

register = Library()
PLACES = ("after", "before", "page")


def query(request: Any, changes: Mapping[str, Any]) -> str:
    """The address's query with some parameters changed (None removes, a list repeats) and the place in the list forgotten."""
    params: QueryDict = request.GET.copy()
    for name in PLACES:
        if name not in changes:
            params.pop(name, None)
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None and value != "":
            params.setlist(name, [str(each) for each in value] if isinstance(value, (list, tuple)) else [str(value)])
    return "?" + params.urlencode() if params else request.path


@register.simple_tag(takes_context=True)
def here(context: Any, **changes: Any) -> str:
    """This page's address with parameters changed: `<a href="{% here stage="critic" %}">`. Forgets the place in the list."""
    return query(context["request"], changes)


@register.simple_tag(takes_context=True)
def filter_chip(
    context: Any, param: str, label: str, choices: Iterable[Sequence[Any]], multiple: bool = False, icon_name: str = ""
) -> SafeString:
    """A filter kept in the address: a chip that opens its choices; chosen, it shows them and a way to take them off.

    `choices`: (value, label) or (value, label, count). `multiple` keeps several values. `label` reads as 'no filter': "All channels".
    """
    request = context["request"]
    chosen = request.GET.getlist(param)
    rows = []
    for value, text, *count in choices:
        on = str(value) in chosen
        others = [each for each in chosen if each != str(value)] if multiple else []
        wanted = others if on else [*others, str(value)]
        rows.append({"label": text, "on": on, "count": count[0] if count else None, "url": query(request, {param: wanted or None})})
    shown = ", ".join(str(row["label"]) for row in rows if row["on"])
    values = {
        "label": shown or label,
        "name": label,
        "rows": rows,
        "on": bool(shown),
        "clear": query(request, {param: None}),
        "icon_name": icon_name,
    }
    return render_to_string("web/parts/filter_chip.html", values)


@register.simple_tag
def chip(label: str, remove_url: str = "", url: str = "", on: bool = False) -> SafeString:
    """One plain chip: a link (`url`), or a condition that can be taken off (`remove_url`)."""
    return render_to_string("web/parts/chip.html", {"label": label, "remove_url": remove_url, "url": url, "on": on or bool(remove_url)})


@register.simple_tag(takes_context=True)
def filter_search(context: Any, label: str, target: str = "#list", param: str = "q") -> SafeString:
    """Search as you type over a list: replaces `target` by the same element of the answer, and keeps the words in the address."""
    request = context["request"]
    kept = [(name, value) for name, values in request.GET.lists() for value in values if name not in {param, *PLACES}]
    values = {"label": label, "target": target, "param": param, "value": request.GET.get(param, ""), "kept": kept, "path": request.path}
    return render_to_string("web/parts/filter_search.html", values)


@register.simple_tag(takes_context=True)
def sort_head(context: Any, key: str, label: str, numeric: bool = False, first: str = "") -> SafeString:
    """A sortable `<th>`: `?sort=name` upwards, `?sort=-name` downwards. `first`: "-" begins downwards (default for figures).

    The page says what is sorted now by a context variable `sort`, else the address does.
    """
    request = context["request"]
    now = str(context.get("sort") or request.GET.get("sort", ""))
    first = first or ("-" if numeric else "")
    order = {key: "ascending", f"-{key}": "descending"}.get(now)
    other = key if first else f"-{key}"
    target = other if now == first + key else first + key
    arrow = icon("arrow-up" if (order or ("descending" if first else "ascending")) == "ascending" else "arrow-down")
    aria = format_html(' aria-sort="{}"', order) if order else ""
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}{}</a></th>',
        SafeString(' class="num"') if numeric else "",
        aria,
        query(request, {"sort": target}),
        label,
        arrow,
    )


@register.simple_tag(takes_context=True)
def column_chooser(context: Any, columns: Iterable[tuple[str, Any]], shown: Iterable[str], param: str = "columns") -> SafeString:
    """Which columns a table shows, kept in the address: `columns` (key, label) in order, `shown` keys."""
    request, shown = context["request"], set(shown)
    kept = [(name, value) for name, values in request.GET.lists() for value in values if name != param]
    rows = [{"key": key, "label": label, "on": key in shown} for key, label in columns]
    return render_to_string("web/parts/columns.html", {"rows": rows, "param": param, "kept": kept, "path": request.path})


@register.simple_tag
def pick_all() -> SafeString:
    """The `<th>` that ticks every row."""
    return format_html('<th class="pick" scope="col"><input type="checkbox" data-pick-all aria-label="{}"></th>', _("Select all rows"))


@register.simple_tag
def pick(value: Any, label: str, form: str = "bulk") -> SafeString:
    """The `<td>` that ticks one row; `value` is sent as `ids` by the form with the id `form`."""
    return format_html(
        '<td class="pick"><input type="checkbox" name="ids" value="{}" form="{}" data-row aria-label="{}"></td>',
        value,
        form,
        _("Select %(name)s") % {"name": label},
    )


@register.simple_block_tag(takes_context=True, end_name="endbulk_bar")
def bulk_bar(context: Any, content: str, url: str = "", id: str = "bulk") -> SafeString:
    """The bar that appears with the first tick: a POST form whose buttons are the content; the ticked rows arrive as `ids`."""
    return render_to_string("web/parts/bulk.html", {"content": content, "url": url, "id": id, "csrf_token": context.get("csrf_token", "")})


@register.simple_tag(takes_context=True)
def pager(context: Any, after: Any = None, before: Any = None, summary: str = "") -> SafeString:
    """Earlier and later pages by key: `after`/`before` are the keys of `?after=` and `?before=`; None: there is no such page."""
    request = context["request"]
    values = {
        "next": query(request, {"after": after, "before": None}) if after is not None else "",
        "previous": query(request, {"before": before, "after": None}) if before is not None else "",
        "summary": summary,
    }
    return render_to_string("web/parts/pager.html", values)


@register.simple_tag
def tabs(items: Iterable[Sequence[Any]], label: str = "") -> SafeString:
    """Tabs that are links: (label, url, is this page) or with a count as fourth."""
    rows = [dict(zip(("label", "url", "active", "count"), item, strict=False)) for item in items]
    return render_to_string("web/parts/tabs.html", {"rows": rows, "label": label or _("Views")})
