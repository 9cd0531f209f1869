"""The form a service is connected with, made of what its channel asks for."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from vincle.accounts.rules import Refused
from vincle.channels.base import Secret, Spec
from vincle.channels.live import Setting

from .connect_values import LONGEST_VALUE, Wrong

KEPT = "••••••••"
KEYBOARDS = {"url": "url", "email": "email", "number": "numeric"}
APP_SECRET = "client_secret"
"""The secret of an app of one's own at the platform: needed before anyone can say yes there."""


def asked(spec: Spec) -> tuple[Setting, ...]:
    """What is needed to speak with the service. What only proves deliveries is asked for beside the address they go to."""
    known, late = {setting.name for setting in spec.settings}, proofs(spec)
    early = [each for each in spec.secrets if each not in late and each.name not in known]
    return (*spec.settings, *(Setting(name=each.name, label=each.label, help=each.help, is_secret=True) for each in early))


def proofs(spec: Spec) -> tuple[Secret, ...]:
    """What only proves deliveries."""
    return tuple(each for each in spec.secrets if not (spec.oauth and each.name == APP_SECRET))


class ConnectForm(forms.Form):
    """Fields by the names of what is `asked`, each with "set-" before it. What is secret is never put into the page again.

    `values` are what is kept already; `kept` names the secrets that are kept: left empty they stay. `with_name`: what it is called here.
    """

    def __init__(
        self, spec: Spec, data: Any = None, values: Mapping[str, Any] | None = None, kept: Iterable[str] = (), with_name: bool = True
    ) -> None:
        super().__init__(data, auto_id="id_%s")
        self.settings = asked(spec)
        if with_name:
            helps = _("How you tell it from others of its kind.")
            widget = forms.TextInput({"autocomplete": "off"})
            self.fields["name"] = forms.CharField(label=_("Name"), max_length=120, required=False, help_text=helps, widget=widget)
        for setting in self.settings:
            self.fields[f"set-{setting.name}"] = _field(setting, values or {}, setting.name in set(kept))

    def needed(self) -> list[forms.BoundField]:
        """What the service cannot do without; and whatever is wrong."""
        return [bound for bound in self if not self._is_spare(bound)]

    def spare(self) -> list[forms.BoundField]:
        """What most leave as it is."""
        return [bound for bound in self if self._is_spare(bound)]

    def _is_spare(self, bound: forms.BoundField) -> bool:
        if not any(each.is_required for each in self.settings):
            return False  # nothing is needed: all there is stands in sight
        optional = {f"set-{each.name}" for each in self.settings if not each.is_required} | ({"name"} if self.settings else set())
        return bound.name in optional and not bound.errors

    def refuse(self, refused: Refused) -> None:
        """Say what is wrong at the field it is about."""
        key = f"set-{refused.field}" if isinstance(refused, Wrong) else "name"
        self.add_error(key if key in self.fields else None, str(refused))

    def given(self) -> tuple[dict[str, str], dict[str, str]]:
        """What is no secret and what is, by the channel's names; secrets left empty are left out."""
        plain = {each.name: self._value(each) for each in self.settings if not each.is_secret}
        sealed = {each.name: self._value(each) for each in self.settings if each.is_secret}
        return plain, {name: value for name, value in sealed.items() if value}

    def _value(self, setting: Setting) -> str:
        value = self.cleaned_data.get(f"set-{setting.name}", "")
        return ("1" if value else "") if setting.kind == "switch" else str(value).strip()


class KeptField(forms.CharField):
    """A secret that is kept: needed, but not to be given again."""

    def validate(self, value: Any) -> None:
        """Empty says: as it is."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "required": False}


def _field(setting: Setting, values: Mapping[str, Any], is_kept: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": _(setting.label), "help_text": _(setting.help) if setting.help else "",
        "initial": values.get(setting.name, setting.default), "error_messages": {"required": _("This is needed.")},
        "required": setting.is_required and setting.kind != "switch",
    }  # fmt: skip
    if setting.kind == "switch":
        return forms.BooleanField(**common | {"initial": bool(common["initial"])})
    if setting.kind == "choice":
        choices = [(value, _(label)) for value, label in setting.choices]
        empty = [] if setting.is_required or any(not value for value, _label in choices) else [("", "—")]
        return forms.ChoiceField(choices=[*empty, *choices], **common)
    plain = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    if setting.is_secret:
        shown = {"placeholder": KEPT} if is_kept else {}
        widget = forms.PasswordInput({**plain, "autocomplete": "new-password", **shown})
        made = KeptField if is_kept else forms.CharField
        return made(max_length=LONGEST_VALUE, widget=widget, **common | {"initial": None})
    if setting.kind in KEYBOARDS:
        plain["inputmode"] = KEYBOARDS[setting.kind]
    return forms.CharField(max_length=LONGEST_VALUE, widget=forms.TextInput(plain), **common)
