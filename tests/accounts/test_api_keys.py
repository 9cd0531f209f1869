"""Keys of the API: shown once, kept as a digest, never worth more than their maker, ended for good."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from vincle.accounts import api_keys, by_key
from vincle.accounts.access import PERMISSIONS, May
from vincle.accounts.by_key import NoKey
from vincle.accounts.models import ApiKey, AuditEntry, Membership, Role, User, Workspace
from vincle.accounts.rules import Refused
from vincle.api.v1 import urls  # noqa: F401
from vincle.api.v1.endpoint import every

PAGE = "/w/cafe-lligam/settings/api-keys/"
Clients = Callable[..., Client]


@pytest.fixture
def boss(owner: User) -> Membership:
    return Membership.objects.get(user=owner)


def why_not(token: str) -> str:
    with pytest.raises(NoKey) as refused:
        by_key.find(token)
    return refused.value.code


class TestVerbs:
    def test_a_key_opens_its_workspace_and_is_kept_nowhere(self, boss: Membership, workspace: Workspace) -> None:
        key, token = api_keys.make(boss, "  Shop   system ", "decide")
        assert (key.name, token[:3], len(token), key.prefix) == ("Shop system", "vk_", 35, token[:8])
        found = by_key.find(token)
        assert (found.workspace, found.user, found.permissions) == (workspace, boss.user, {May.SEE, May.DECIDE_IDENTITY})
        stored = " ".join(map(str, ApiKey.objects.values_list())) + " ".join(map(str, AuditEntry.objects.values_list()))
        assert token[8:] not in stored

    def test_the_digest_is_keyed_with_the_installation(self, boss: Membership, settings: object) -> None:
        _key, token = api_keys.make(boss, "Shop", "read")
        settings.SECRET_KEY = "another installation"  # type: ignore[attr-defined]
        assert why_not(token) == "unknown_key"

    def test_keys_differ(self, boss: Membership) -> None:
        assert len({api_keys.make(boss, "Shop", "read")[1] for _ in range(20)}) == 20

    def test_revoked_for_good(self, boss: Membership) -> None:
        key, token = api_keys.make(boss, "Shop", "read")
        api_keys.revoke(boss, key.pk)
        assert why_not(token) == "revoked_key"
        with pytest.raises(Refused, match="already"):
            api_keys.revoke(boss, key.pk)
        assert list(AuditEntry.objects.order_by("id").values_list("verb", "object_type", "label")) == [
            ("made", "API key", "Shop"), ("revoked", "API key", "Shop"),
        ]  # fmt: skip

    def test_it_ends_when_it_was_to_end(self, boss: Membership) -> None:
        _key, token = api_keys.make(boss, "Shop", "read", now() + timedelta(days=1))
        assert by_key.find(token)
        ApiKey.objects.update(expires_at=now())
        assert why_not(token) == "expired_key"
        with pytest.raises(Refused, match="before it begins"):
            api_keys.make(boss, "Shop", "read", now())

    def test_it_is_worth_what_its_maker_is_worth_today(self, boss: Membership) -> None:
        _key, token = api_keys.make(boss, "Shop", "decide")
        Membership.objects.filter(pk=boss.pk).update(role=Role.ANALYST)
        assert by_key.find(token).permissions == {May.SEE}
        User.objects.update(is_active=False)
        assert why_not(token) == "ownerless_key"
        User.objects.update(is_active=True)
        Membership.objects.filter(pk=boss.pk).delete()
        assert why_not(token) == "ownerless_key"
        User.objects.all().delete()
        assert why_not(token) == "ownerless_key"

    @pytest.mark.parametrize("role", Role.values)
    def test_nobody_gives_more_than_they_have(self, role: str, workspace: Workspace, member: Callable[..., User]) -> None:
        by = Membership.objects.get(user=member(role))
        for level, permissions in api_keys.LEVELS.items():
            if May.MANAGE in PERMISSIONS[role]:
                assert permissions <= PERMISSIONS[role]
                assert api_keys.make(by, "Shop", level)
            else:
                with pytest.raises(Refused):
                    api_keys.make(by, "Shop", level)

    def test_a_key_of_another_workspace_is_not_revoked(
        self, boss: Membership, other_workspace: Workspace, member: Callable[..., User]
    ) -> None:
        there = Membership.objects.get(user=member(Role.OWNER, other_workspace), workspace=other_workspace)
        key, token = api_keys.make(there, "Theirs", "read")
        with pytest.raises(Refused):
            api_keys.revoke(boss, key.pk)
        assert by_key.find(token).workspace == other_workspace

    def test_every_level_opens_something_the_weaker_ones_do_not(self) -> None:
        opened = [sum(endpoint.needs <= permissions for endpoint in every()) for permissions in api_keys.LEVELS.values()]
        assert opened == sorted(set(opened))
        assert opened[-1] == len(every())


class TestScreen:
    def test_nothing_yet(self, client_for: Clients) -> None:
        page = client_for(Role.OWNER).get(PAGE).content.decode()
        assert "No program has a key yet" in page

    def test_a_key_is_shown_once_and_works(self, client_for: Clients, workspace: Workspace) -> None:
        client = client_for(Role.ADMIN)
        response = client.post(f"{PAGE}make/", {"name": "Shop", "level": "read", "days": "90"})
        token = response.context["token"]
        assert f'value="{token}"' in response.content.decode()
        assert response.headers["Cache-Control"].find("no-store") >= 0
        assert token not in client.get(PAGE).content.decode()
        assert token[:8] in client.get(PAGE).content.decode()
        key = ApiKey.objects.of(workspace).get()
        assert key.expires_at
        assert timedelta(days=89) < key.expires_at - now() <= timedelta(days=90)
        assert Client().get("/api/v1/people", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert re.search(r"<time[^>]*>", client.get(PAGE).content.decode())
        key.refresh_from_db()
        assert key.last_used_at

    def test_one_without_end(self, client_for: Clients) -> None:
        page = client_for(Role.OWNER).post(f"{PAGE}make/", {"name": "Shop", "level": "decide", "days": "0"}).content.decode()
        assert "no end" in page
        assert ApiKey.objects.get().expires_at is None

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 81}, "name"),
            ({"level": "own"}, "level"),
            ({"level": ""}, "level"),
            ({"days": "5"}, "days"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, wrong: dict[str, str], field: str, client_for: Clients) -> None:
        response = client_for(Role.OWNER).post(f"{PAGE}make/", {"name": "Shop", "level": "read", "days": "30", **wrong})
        assert list(response.context["form"].errors) == [field]
        assert not ApiKey.objects.exists()

    def test_revoking_asks_and_then_ends(self, client_for: Clients, boss: Membership) -> None:
        client = client_for(Role.OWNER)
        key, token = api_keys.make(boss, "Shop <b>", "read")
        page = client.get(PAGE).content.decode()
        assert 'data-confirm="Revoke the key of Shop &lt;b&gt;?' in page
        assert "revoked" not in page
        page = client.post(f"{PAGE}{key.pk}/revoke/", follow=True).content.decode()
        assert "it opens nothing any more" in page
        assert f"{PAGE}{key.pk}/revoke/" not in page
        assert why_not(token) == "revoked_key"

    def test_a_key_whose_maker_left_says_so(self, client_for: Clients, boss: Membership, member: Callable[..., User]) -> None:
        api_keys.make(Membership.objects.get(user=member(Role.ADMIN)), "Shop", "read")
        client = client_for(Role.OWNER)
        assert "its maker left the team" not in client.get(PAGE).content.decode()
        Membership.objects.filter(role=Role.ADMIN).delete()
        assert "its maker left the team" in client.get(PAGE).content.decode()

    def test_last_used_is_noted_at_most_once_a_minute(self, boss: Membership, django_assert_num_queries: Callable[..., object]) -> None:
        _key, token = api_keys.make(boss, "Shop", "read")
        headers = {"Authorization": f"Bearer {token}"}
        Client().get("/api/v1/people", headers=headers)
        first = ApiKey.objects.get().last_used_at
        Client().get("/api/v1/people", headers=headers)
        assert ApiKey.objects.get().last_used_at == first
        ApiKey.objects.update(last_used_at=now() - timedelta(minutes=2))
        Client().get("/api/v1/people", headers=headers)
        assert ApiKey.objects.get().last_used_at > now() - timedelta(minutes=1)
