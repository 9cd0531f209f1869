"""Coming in: start page, set-up, sign-in, one-time links, invitations, and the limits on trying."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user
from django.test import Client

from vincle.accounts import actions
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace

PASSWORD = "correct horse battery"
SETUP = {
    "name": "Marta",
    "email": "marta@lligam.example",
    "password": "a long enough password",
    "workspace": "Cafè Lligam",
    "country": "ES",
    "timezone": "Europe/Madrid",
    "language": "ca",
}


def invitation_for(email: str, owner: User, workspace: Workspace) -> str:
    _invitation, token = actions.invite(Membership.objects.get(user=owner, workspace=workspace), email, Role.AGENT)
    return f"/invitation/{token}/"


class TestStart:
    def test_nobody_here_yet(self, client: Client, db: None) -> None:
        assert client.get("/").headers["Location"] == "/setup/"

    def test_signed_out(self, client: Client, owner: User) -> None:
        assert client.get("/").headers["Location"] == "/accounts/login/"

    def test_the_workspace_that_was_open_last_on_this_device(
        self, client_for: Callable[..., Client], member: Callable[..., User], workspace: Workspace, other_workspace: Workspace
    ) -> None:
        client = client_for(Role.OWNER)
        Membership.objects.create(workspace=other_workspace, user=member(Role.OWNER), role=Role.VIEWER)
        assert client.get("/").headers["Location"] == "/w/bakery/"
        client.get("/w/cafe-lligam/settings/team/")
        assert client.get("/").headers["Location"] == "/w/cafe-lligam/"
        Membership.objects.filter(workspace=workspace).delete()
        assert client.get("/").headers["Location"] == "/w/bakery/"

    def test_no_workspace_left(self, client: Client, db: None) -> None:
        client.force_login(User.objects.create_user("alone@example.org"))
        assert client.get("/").headers["Location"] == "/workspaces/new/"
        data = {"name": "Own", "country": "IT", "currency": "EUR", "timezone": "Europe/Rome"}
        assert client.post("/workspaces/new/", data).headers["Location"] == "/w/own/"
        assert Membership.objects.get().role == Role.OWNER


class TestSetup:
    def test_makes_owner_and_workspace_and_signs_in(self, client: Client, db: None) -> None:
        response = client.post("/setup/", SETUP)
        assert response.headers["Location"] == "/w/cafe-lligam/"
        assert get_user(client).email == SETUP["email"]  # type: ignore[arg-type, union-attr]
        workspace = Workspace.objects.get()
        assert (workspace.country, workspace.currency, workspace.timezone) == ("ES", "EUR", "Europe/Madrid")

    def test_is_closed_afterwards(self, client: Client, owner: User) -> None:
        assert client.get("/setup/").headers["Location"] == "/"
        assert client.post("/setup/", SETUP).headers["Location"] == "/"
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("password", "short", "too short"),
            ("password", "marta@lligam.example", "too similar"),
            ("password", "password1234567890"[:12], "too common"),
            ("email", "no-address", "valid email"),
            ("country", "XX", "not one of the available"),
            ("timezone", "Mars/Olympus", "not one of the available"),
            ("workspace", "", "required"),
        ],
    )
    def test_says_what_is_wrong(self, client: Client, db: None, field: str, value: str, words: str) -> None:
        response = client.post("/setup/", SETUP | {field: value}, headers={"Accept-Language": "en"})
        assert response.status_code == 200
        assert words in " ".join(response.context["form"].errors[field])
        assert not User.objects.exists()

    def test_begins_with_what_the_browser_tells(self, client: Client, db: None) -> None:
        response = client.get("/setup/", headers={"Accept-Language": "it-IT,it;q=0.9"})
        assert response.context["form"].initial == {"country": "IT", "timezone": "Europe/Rome", "language": "it"}
        assert "Spagna" in response.content.decode()


class TestSignIn:
    def test_by_mail_in_any_case_and_back_to_the_page(self, client: Client, owner: User) -> None:
        data = {"login": owner.email.upper(), "password": PASSWORD, "next": "/w/cafe-lligam/settings/team/"}
        assert client.post("/accounts/login/", data).headers["Location"] == "/w/cafe-lligam/settings/team/"

    def test_leads_nowhere_else(self, client: Client, owner: User) -> None:
        data = {"login": owner.email, "password": PASSWORD, "next": "https://evil.example/"}
        assert client.post("/accounts/login/", data).headers["Location"] == "/"

    def test_nobody_signs_up(self, client: Client, owner: User) -> None:
        client.post("/accounts/signup/", {"email": "x@example.org", "password1": "a long enough password"})
        assert User.objects.count() == 1
        assert b"Members come by invitation" in client.get("/accounts/signup/").content

    def test_guessing_is_slowed_down(self, client: Client, owner: User) -> None:
        wrong = {"login": owner.email, "password": "wrong guess"}
        answers = [client.post("/accounts/login/", wrong) for _attempt in range(6)]
        assert [answer.status_code for answer in answers[:5]] == [200] * 5
        assert b"Too many failed login attempts" in answers[5].content
        client.post("/accounts/login/", wrong | {"password": PASSWORD})
        assert not get_user(client).is_authenticated  # type: ignore[arg-type]

    def test_a_new_password_is_recorded(self, client_for: Callable[..., Client], workspace: Workspace) -> None:
        data = {"oldpassword": PASSWORD, "password1": "another long password", "password2": "another long password"}
        response = client_for(Role.AGENT).post("/accounts/password/change/", data)
        assert response.headers["Location"] == "/profile/"
        assert AuditEntry.objects.of(workspace).get().verb == "changed password"

    @pytest.mark.parametrize("path", ["login/", "password/reset/", "password/reset/done/", "signup/", "inactive/"])
    def test_pages_stand_in_the_shell(self, client: Client, owner: User, path: str) -> None:
        content = client.get(f"/accounts/{path}").content.decode()
        assert 'class="entrance"' in content
        assert "Menu:" not in content


class TestSignInLink:
    def test_lets_in_once(self, client: Client, owner: User) -> None:
        path = f"/in/{actions.make_sign_in_link(owner)}/"
        assert client.get(path).headers["Location"] == "/"
        assert get_user(client) == owner  # type: ignore[arg-type]
        again = Client().get(path)
        assert again.status_code == 410
        assert "used already" in again.content.decode()

    def test_looking_ahead_does_not_use_it_up(self, client: Client, owner: User) -> None:
        path = f"/in/{actions.make_sign_in_link(owner)}/"
        assert client.head(path).status_code == 405
        assert client.get(path, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
        assert client.get(path).status_code == 302

    def test_guessing_is_slowed_down(self, client: Client, owner: User) -> None:
        answers = [client.get(f"/in/guess-{attempt}/").status_code for attempt in range(21)]
        assert answers == [410] * 20 + [429]


class TestInvitation:
    def test_someone_new(self, client: Client, owner: User, workspace: Workspace) -> None:
        path = invitation_for("new@example.org", owner, workspace)
        assert "Owner Cafè Lligam" in client.get(path).content.decode()
        assert client.post(path, {"name": "New", "password": "short"}).status_code == 200
        assert client.post(path, {"name": "New", "password": "a long enough password"}).headers["Location"] == "/w/cafe-lligam/"
        assert get_user(client).email == "new@example.org"  # type: ignore[arg-type, union-attr]
        assert Client().get(path).status_code == 410

    def test_someone_with_an_account_signs_in_first(
        self, client: Client, owner: User, workspace: Workspace, other_workspace: Workspace, member: Callable[..., User]
    ) -> None:
        baker = member(Role.OWNER, other_workspace)
        path = invitation_for(baker.email, owner, workspace)
        assert f"/accounts/login/?next={path}" in client.get(path).content.decode()
        client.post(path, {"name": "Thief", "password": "a long enough password"})
        assert not get_user(client).is_authenticated  # type: ignore[arg-type]
        client.force_login(baker)
        assert client.post(path).headers["Location"] == "/w/cafe-lligam/"

    def test_someone_else_is_told_so(self, owner: User, workspace: Workspace, client_for: Callable[..., Client]) -> None:
        path = invitation_for("new@example.org", owner, workspace)
        client = client_for(Role.VIEWER)
        response = client.post(path, {"name": "Me", "password": "a long enough password"})
        assert "You are signed in as viewer@cafe-lligam.example" in response.content.decode()
        assert not User.objects.filter(email="new@example.org").exists()

    def test_guessing_is_slowed_down(self, client: Client, db: None) -> None:
        answers = [client.get(f"/invitation/guess-{attempt}/").status_code for attempt in range(21)]
        assert answers == [410] * 20 + [429]
