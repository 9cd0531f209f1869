"""Fields of forms."""

from collections.abc import Iterable
from typing import Any

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Widget
from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = Library()


def _drawn(field: BoundField) -> str:
    described = " ".join(
        part for part in (f"{field.auto_id}_help" if field.help_text else "", f"{field.auto_id}_wrong" if field.errors else "") if part
    )
    attrs: dict[str, Any] = {"aria-describedby": described} if described else {}
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


def _is_group(widget: Widget) -> bool:
    return isinstance(widget, (RadioSelect, CheckboxSelectMultiple))


@register.simple_tag
def field(bound: BoundField, label: str = "", help: str = "") -> SafeString:
    """A form's field with its label, help and errors: `{% field form.email %}`. Optional fields say so."""
    if bound.is_hidden:
        return SafeString(str(bound))
    if help:
        bound.help_text = help
    widget = bound.field.widget
    values = {
        "bound": bound,
        "label": label or bound.label,
        "widget": _drawn(bound),
        "check": isinstance(widget, CheckboxInput) and not _is_group(widget),
        "group": _is_group(widget),
        "optional": not bound.field.required and not isinstance(widget, CheckboxInput),
    }
    return render_to_string("web/parts/field.html", values)


@register.simple_tag
def fields(form: Any) -> SafeString:
    """Every field of a form, and what is wrong with it as a whole."""
    return render_to_string("web/parts/fields.html", {"form": form})


@register.simple_tag
def tags_input(name: str, values: Iterable[str] = (), label: str = "", suggestions: Iterable[str] = (), id: str = "") -> SafeString:
    """Several short words in one field; comma or Enter ends one, Backspace takes the last. Sent as one comma-separated `name`."""
    context = {"name": name, "value": ", ".join(values), "label": label, "suggestions": list(suggestions), "id": id or f"id_{name}"}
    return render_to_string("web/parts/tags_input.html", context)


@register.simple_tag
def hidden_inputs(pairs: Iterable[tuple[str, Any]]) -> SafeString:
    """Hidden inputs for (name, value) pairs."""
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)
