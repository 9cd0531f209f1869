"""What people fill in: set-up, joining, workspace, invitation, profile, and the filters of the audit log."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from . import choices
from .models import Role, User, Workspace


class Select(forms.ChoiceField):
    """A choice whose options are named in the language of the request."""

    def __init__(self, options: Callable[[], choices.Choices], **kwargs: Any) -> None:
        super().__init__(choices=options, **kwargs)


class OpenSelect(Select):
    """A choice in which 'nothing special' is an answer, so it is never called optional."""

    def validate(self, value: str) -> None:
        if value:
            super().validate(value)


class PasswordField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(label=_("Password"), help_text=_("At least ten characters."), strip=False, widget=widget, **kwargs)


def _name(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class _WithPassword(forms.Form):
    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("password"):
            try:
                validate_password(data["password"], User(email=self.whose(), name=data.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data

    def whose(self) -> str:
        return str(self.cleaned_data.get("email", ""))


class SetupForm(_WithPassword):
    """The first owner and the first workspace."""

    name = _name(_("Your name"))
    email = forms.EmailField(label=_("Your e-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = PasswordField()
    workspace = forms.CharField(label=_("Your brand"), max_length=80, help_text=_("The first workspace carries its name."))
    country = Select(choices.countries, label=_("Country"), help_text=_("Phone numbers without a prefix are read as of this country."))
    timezone = Select(choices.timezones, label=_("Time zone"))
    language = Select(choices.languages, label=_("Language"))


def setup_initial(accept_language: str) -> dict[str, str]:
    country = choices.likely_country(accept_language)
    return {"country": country, "timezone": choices.likely_timezone(country), "language": (get_language() or "en")[:2]}


class JoinForm(_WithPassword):
    """Someone invited who has no account."""

    name = _name(_("Your name"))
    password = PasswordField()

    def __init__(self, *args: Any, invited: str = "", **kwargs: Any) -> None:
        self.invited = invited
        super().__init__(*args, **kwargs)

    def whose(self) -> str:
        return self.invited


class WorkspaceForm(forms.ModelForm):
    country = Select(choices.countries, label=_("Country"), help_text=_("Phone numbers without a prefix are read as of this country."))
    currency = Select(choices.currencies, label=_("Currency"), help_text=_("Amounts are summed and shown in it."))
    timezone = Select(choices.timezones, label=_("Time zone"), help_text=_("Days begin and end by it."))

    class Meta:
        model = Workspace
        fields = ("name", "description", "country", "currency", "timezone")
        labels = {"name": _("Name"), "description": _("Description")}
        help_texts = {"description": _("A few words under the name, for instance: coffee and roastery.")}


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.AGENT)

    def __init__(self, *args: Any, roles: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What uses it, for instance: shop system."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=_("It ends"),
        help_text=_("You can revoke it before."),
        coerce=int,
        choices=[(30, _("after 30 days")), (90, _("after 90 days")), (365, _("after a year")), (0, _("never"))],
        initial=365,
    )
    level = forms.ChoiceField(label=_("It may"), initial="read", widget=forms.RadioSelect)

    def __init__(self, *args: Any, levels: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels  # type: ignore[attr-defined]

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class ProfileForm(forms.ModelForm):
    use_required_attribute = False
    name = _name(_("Name"))
    language = OpenSelect(lambda: [("", str(_("As the browser asks"))), *choices.languages()], label=_("Language"))
    timezone = OpenSelect(lambda: [("", str(_("As the workspace"))), *choices.timezones()], label=_("Time zone"))

    class Meta:
        model = User
        fields = ("name", "language", "timezone", "theme")
        labels = {"theme": _("Theme")}


def _date(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AuditFilter(forms.Form):
    """Who, what and when; each may be left empty."""

    person = forms.CharField(max_length=160, required=False)
    verb = forms.CharField(max_length=60, required=False)
    since = _date(_("From"))
    until = _date(_("To"))

    def lookups(self) -> dict[str, Any]:
        """What the database is asked; a field that cannot be read asks for nothing and shows its error."""
        self.is_valid()
        data = self.cleaned_data
        asked = {"actor": data.get("person"), "verb": data.get("verb")}
        lookups: dict[str, Any] = {name: value for name, value in asked.items() if value}
        if data.get("since"):
            lookups["at__gte"] = _start(data["since"])
        if data.get("until"):
            lookups["at__lt"] = _start(data["until"] + timedelta(days=1))
        return lookups


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
