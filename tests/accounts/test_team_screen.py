"""The team page: inviting, roles, removing, and taking it back."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from vincle.accounts.models import Invitation, Membership, Role, User, Workspace

TEAM = "/w/cafe-lligam/settings/team/"
Clients = Callable[..., Client]
Member = Callable[..., User]


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def toast(client: Client) -> tuple[str, str]:
    """(what the next page says, where its undo leads)"""
    content = client.get(TEAM).content.decode()
    said = re.search(r'<div class="toast[^>]*><span class="grow">(.*?)</span>(.*?)</div>', content, re.DOTALL)
    assert said, content
    undo = re.search(r'action="([^"]+)"', said[2])
    return said[1], undo[1] if undo else ""


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href"]


class TestInvite:
    def test_shows_the_link_and_sends_the_mail(self, client_for: Clients) -> None:
        response = client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"})
        link = response.context["link"]
        assert link in response.content.decode()
        message = mail.outbox[0]
        assert isinstance(message, EmailMultiAlternatives)
        assert message.to == ["new@example.org"]
        assert message.subject == "Owner Cafè Lligam invites you to Cafè Lligam"
        html = message.alternatives[0][0]
        assert link in message.body
        assert set(Links(str(html)).found) == {link}
        assert Client().get(link).status_code == 200

    def test_the_link_is_shown_only_once(self, client_for: Clients) -> None:
        client = client_for(Role.OWNER)
        token = client.post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"}).context["link"].split("/")[-2]
        page = client.get(TEAM).content.decode()
        assert "new@example.org" in page
        assert token not in page
        assert token not in str(list(Invitation.objects.values()))

    def test_the_mail_speaks_the_language_of_who_invites(self, client_for: Clients, owner: User) -> None:
        User.objects.filter(pk=owner.pk).update(language="it")
        client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"})
        html = str(mail.outbox[0].alternatives[0][0])  # type: ignore[attr-defined]
        assert '<html lang="it">' in html

    def test_the_public_address_stands_in_the_link(self, client_for: Clients, settings: Any) -> None:
        settings.OPTIONS = replace(settings.OPTIONS, public_url="https://crm.example.org")
        settings.PUBLIC_URL = "https://crm.example.org"
        response = client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"})
        assert response.context["link"].startswith("https://crm.example.org/invitation/")

    def test_no_mail_server_is_said(self, client_for: Clients, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        response = client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"})
        assert "No mail was sent" in response.content.decode()
        assert Invitation.objects.exists()

    @pytest.mark.parametrize(
        ("email", "role", "field"), [("no-address", "agent", "email"), ("new@example.org", "emperor", "role"), ("", "agent", "email")]
    )
    def test_what_is_wrong_stands_at_the_field(self, client_for: Clients, email: str, role: str, field: str) -> None:
        response = client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": email, "role": role})
        assert response.context["form"].errors[field]
        assert not Invitation.objects.exists()

    def test_a_member_is_not_invited(self, client_for: Clients, member: Member) -> None:
        response = client_for(Role.OWNER).post(f"{TEAM}invite/", {"email": member(Role.AGENT).email, "role": "admin"})
        assert "belongs to this workspace already" in str(response.context["form"].errors["email"])

    def test_an_administrator_is_offered_no_owner(self, client_for: Clients, owner: User) -> None:
        client = client_for(Role.ADMIN)
        page = client.get(TEAM)
        assert Role.OWNER not in dict(page.context["form"].fields["role"].choices)
        client.post(f"{TEAM}invite/", {"email": "new@example.org", "role": "owner"})
        assert not Invitation.objects.exists()

    def test_a_new_link_closes_the_old_one(self, client_for: Clients) -> None:
        client = client_for(Role.OWNER)
        first = client.post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"}).context["link"]
        pk = Invitation.objects.get().pk
        second = client.post(f"{TEAM}invitations/{pk}/renew/").context["link"]
        assert (Client().get(first).status_code, Client().get(second).status_code) == (410, 200)

    def test_withdrawn(self, client_for: Clients) -> None:
        client = client_for(Role.OWNER)
        link = client.post(f"{TEAM}invite/", {"email": "new@example.org", "role": "agent"}).context["link"]
        client.post(f"{TEAM}invitations/{Invitation.objects.get().pk}/revoke/")
        assert toast(client)[0] == "The invitation of new@example.org is withdrawn."
        assert Client().get(link).status_code == 410


class TestRoles:
    def test_changed_and_taken_back(self, client_for: Clients, member: Member) -> None:
        agent, client = member(Role.AGENT), client_for(Role.OWNER)
        client.post(f"{TEAM}{membership(agent).pk}/role/", {"role": "analyst"})
        said, undo = toast(client)
        assert said == "Agent Cafè Lligam is now Analyst."
        client.post(undo)
        assert membership(agent).role == Role.AGENT

    def test_refused_is_said(self, client_for: Clients, owner: User) -> None:
        client = client_for(Role.OWNER)
        client.post(f"{TEAM}{membership(owner).pk}/role/", {"role": "viewer"})
        said, undo = toast(client)
        assert "at least one owner" in said
        assert not undo

    def test_who_does_not_manage_sees_and_cannot(self, client_for: Clients, owner: User) -> None:
        page = client_for(Role.VIEWER).get(TEAM).content.decode()
        assert "Owner Cafè Lligam" in page
        assert "/role/" not in page
        assert "/invite/" not in page

    @pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.VIEWER])
    def test_only_managers_invite_and_read_the_audit_log(self, client_for: Clients, role: str) -> None:
        client = client_for(role)
        assert client.post(f"{TEAM}invite/", {"email": "new@example.org", "role": "viewer"}).status_code == 403
        assert client.get("/w/cafe-lligam/settings/audit/").status_code == 403


class TestRemove:
    def test_taken_back(self, client_for: Clients, member: Member) -> None:
        agent, client = member(Role.AGENT), client_for(Role.OWNER)
        client.post(f"{TEAM}{membership(agent).pk}/remove/")
        assert not Membership.objects.filter(user=agent).exists()
        said, undo = toast(client)
        assert said == "Agent Cafè Lligam no longer belongs to the team."
        client.post(undo)
        assert membership(agent).role == Role.AGENT
        assert client.post(undo).status_code == 404

    def test_only_by_the_session_that_did_it(self, client_for: Clients, member: Member) -> None:
        agent, client = member(Role.AGENT), client_for(Role.OWNER)
        client.post(f"{TEAM}{membership(agent).pk}/remove/")
        assert client_for(Role.OWNER).post(f"{TEAM}{agent.pk}/restore/").status_code == 404
        assert not Membership.objects.filter(user=agent).exists()

    def test_who_was_removed_is_out_at_once(self, client_for: Clients, member: Member) -> None:
        theirs = client_for(Role.AGENT)
        assert theirs.get(TEAM).status_code == 200
        client_for(Role.OWNER).post(f"{TEAM}{membership(member(Role.AGENT)).pk}/remove/")
        assert theirs.get(TEAM).status_code == 404

    def test_leaving(self, client_for: Clients, member: Member, owner: User) -> None:
        client = client_for(Role.AGENT)
        assert client.post("/w/cafe-lligam/settings/leave/").headers["Location"] == "/"
        assert client.get(TEAM).status_code == 404
        last = client_for(Role.OWNER)
        last.post("/w/cafe-lligam/settings/leave/")
        assert membership(owner).role == Role.OWNER


def test_details_of_the_workspace(client_for: Clients, workspace: Workspace) -> None:
    client, path = client_for(Role.ADMIN), "/w/cafe-lligam/settings/"
    data = {"name": "Lligam", "description": "coffee", "country": "IT", "currency": "CHF", "timezone": "Europe/Zurich"}
    assert client.post(path, data | {"currency": "XXX"}).context["form"].errors["currency"]
    assert client.post(path, data).headers["Location"] == path
    workspace.refresh_from_db()
    assert {name: getattr(workspace, name) for name in data} == data
    assert workspace.slug == "cafe-lligam"
