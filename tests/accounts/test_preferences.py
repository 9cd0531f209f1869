"""Each person's language, time zone and look; the workspace's time zone where they chose none."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone, translation

from vincle.accounts.audit import record
from vincle.accounts.choices import countries, likely_country, likely_currency, timezones
from vincle.accounts.models import AuditEntry, Role, User, Workspace

PREFERENCES = "/w/cafe-lligam/settings/preferences/"
Clients = Callable[..., Client]


def chosen(**more: str) -> dict[str, str]:
    return {"name": "Marta", "language": "", "timezone": "", "theme": "auto", **more}


class TestPreferences:
    def test_are_kept(self, client_for: Clients, owner: User) -> None:
        response = client_for(Role.OWNER).post(PREFERENCES, chosen(language="ca", timezone="Europe/Rome", theme="dark"))
        assert response.headers["Location"] == PREFERENCES
        owner.refresh_from_db()
        assert (owner.name, owner.language, owner.timezone, owner.theme) == ("Marta", "ca", "Europe/Rome", "dark")

    @pytest.mark.parametrize(("field", "value"), [("language", "tlh"), ("timezone", "Mars/Olympus"), ("theme", "pink"), ("name", "")])
    def test_nonsense_is_refused(self, client_for: Clients, owner: User, field: str, value: str) -> None:
        response = client_for(Role.OWNER).post(PREFERENCES, chosen(**{field: value}))
        assert response.context["form"].errors[field]
        assert response.context["request"].user.name == "Owner Cafè Lligam"
        assert not AuditEntry.objects.exists()

    def test_profile_leads_into_the_workspace(self, client_for: Clients) -> None:
        client = client_for(Role.VIEWER)
        assert client.get("/profile/").headers["Location"] == PREFERENCES
        assert client.get("/accounts/email/").headers["Location"] == PREFERENCES

    def test_profile_without_a_workspace(self, client: Client, db: None) -> None:
        user = User.objects.create_user("alone@example.org")
        client.force_login(user)
        assert client.get("/profile/").status_code == 200
        client.post("/profile/", chosen(language="it"))
        user.refresh_from_db()
        assert user.language == "it"

    def test_what_is_chosen_in_the_shell_is_kept(self, client_for: Clients, owner: User) -> None:
        client = client_for(Role.OWNER)
        client.post("/theme/", {"theme": "dark"})
        client.post("/language/", {"language": "es"})
        owner.refresh_from_db()
        assert (owner.theme, owner.language) == ("dark", "es")


class TestLanguage:
    def test_the_profile_wins_over_the_browser(self, client_for: Clients, owner: User) -> None:
        User.objects.filter(pk=owner.pk).update(language="es")
        page = client_for(Role.OWNER).get(PREFERENCES, headers={"Accept-Language": "it"})
        assert page.headers["Content-Language"] == "es"
        assert '<html lang="es"' in page.content.decode()

    def test_the_browser_speaks_where_nothing_is_chosen(self, client_for: Clients) -> None:
        assert client_for(Role.OWNER).get(PREFERENCES, headers={"Accept-Language": "it"}).headers["Content-Language"] == "it"

    def test_one_persons_language_does_not_stay_for_the_next(self, client_for: Clients, owner: User) -> None:
        User.objects.filter(pk=owner.pk).update(language="es")
        client_for(Role.OWNER).get(PREFERENCES)
        assert Client().get("/accounts/login/", headers={"Accept-Language": "en"}).headers["Content-Language"] == "en"


class TestTimezone:
    @pytest.mark.parametrize(("own", "shown"), [("", "13:00"), ("America/New_York", "07:00")])
    def test_own_else_the_workspaces(self, client_for: Clients, workspace: Workspace, owner: User, own: str, shown: str) -> None:
        User.objects.filter(pk=owner.pk).update(timezone=own)
        record(workspace, owner, "tagged", "person", 1, "one")
        AuditEntry.objects.update(at=datetime(2026, 1, 5, 12, tzinfo=UTC))
        assert f"5 January 2026, {shown}" in client_for(Role.OWNER).get("/w/cafe-lligam/settings/audit/").content.decode()

    def test_does_not_stay_for_the_next(self, client_for: Clients, workspace: Workspace, owner: User) -> None:
        User.objects.filter(pk=owner.pk).update(timezone="America/New_York")
        client_for(Role.OWNER).get(PREFERENCES)
        assert timezone.get_current_timezone_name() == "UTC"


class TestChoices:
    def test_countries_are_named_in_the_language(self) -> None:
        for language, name in {"en": "Germany", "es": "Alemania", "it": "Germania", "ca": "Alemanya"}.items():
            with translation.override(language):
                named = dict(countries())
                assert named["DE"] == name
                assert not [each for each in named.values() if each.startswith("*")]
                assert len(named) > 200

    def test_guesses(self) -> None:
        assert [likely_country(header) for header in ("es-MX,es;q=0.9", "it", "", "en-US", "zz-ZZ")] == ["MX", "GB", "GB", "US", "GB"]
        assert [likely_currency(country) for country in ("ES", "GB", "MX")] == ["EUR", "GBP", "MXN"]
        assert "Europe/Madrid" in dict(timezones())
