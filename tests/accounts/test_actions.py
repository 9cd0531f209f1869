"""The verbs of workspaces and teams: what they do, what they refuse, what they leave in the audit log."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now

from vincle.accounts import actions
from vincle.accounts.actions import Refused
from vincle.accounts.models import AuditEntry, Invitation, Membership, Role, SignInLink, User, Workspace

Member = Callable[..., User]
LONG_PASSWORD = "a long enough password"


def membership(user: User, workspace: Workspace) -> Membership:
    return Membership.objects.get(user=user, workspace=workspace)


def said(workspace: Workspace) -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.of(workspace).order_by("id").values_list("actor", "verb", "label"))


class TestFound:
    def test_the_first_person_owns_the_first_workspace(self, db: None) -> None:
        user, workspace = actions.found(
            email="Marta@Lligam.example",
            name="Marta",
            password=LONG_PASSWORD,
            workspace="Cafè Lligam",
            country="ES",
            timezone="Europe/Madrid",
        )
        assert (user.email, workspace.slug, workspace.name) == ("marta@lligam.example", "cafe-lligam", "Cafè Lligam")
        assert membership(user, workspace).role == Role.OWNER
        assert user.check_password(LONG_PASSWORD)
        assert said(workspace) == [("marta@lligam.example", "created", "Cafè Lligam")]

    def test_nobody_else_can(self, owner: User) -> None:
        with pytest.raises(Refused, match="owner already"):
            actions.found(email="late@example.org", name="Late", password=LONG_PASSWORD, workspace="Mine")
        assert User.objects.count() == 1

    def test_without_a_password_only_a_link_lets_in(self, db: None) -> None:
        user, _workspace = actions.found(email="a@example.org", name="A", password=None, workspace="W")
        assert not user.has_usable_password()


class TestWorkspace:
    def test_short_names_are_free_and_speakable(self, owner: User) -> None:
        names = ["Cafè Lligam", "Cafè Lligam", "喫茶店", "x" * 80]
        slugs = [actions.create_workspace(owner, name).slug for name in names]
        assert slugs == ["cafe-lligam-2", "cafe-lligam-3", "workspace", "x" * 34]

    def test_a_change_is_recorded_with_what_it_was(self, owner: User, workspace: Workspace) -> None:
        changes = actions.update_workspace(membership(owner, workspace), name="Lligam", currency="EUR")
        assert changes == {"name": ["Cafè Lligam", "Lligam"]}
        assert AuditEntry.objects.get().details == {"changes": changes}
        workspace.refresh_from_db()
        assert workspace.name == "Lligam"

    def test_the_short_name_never_changes(self, owner: User, workspace: Workspace) -> None:
        with pytest.raises(TypeError):
            actions.update_workspace(membership(owner, workspace), slug="other")

    def test_nothing_changed_leaves_no_trace(self, owner: User, workspace: Workspace) -> None:
        assert actions.update_workspace(membership(owner, workspace), name=workspace.name) == {}
        assert not AuditEntry.objects.exists()


class TestPreferences:
    def test_are_recorded_where_one_belongs(self, owner: User, workspace: Workspace, other_workspace: Workspace) -> None:
        actions.update_preferences(owner, language="ca")
        owner.refresh_from_db()
        assert owner.language == "ca"
        assert AuditEntry.objects.of(workspace).get().details == {"changes": {"language": ["", "ca"]}}
        assert not AuditEntry.objects.of(other_workspace).exists()


class TestSignInLink:
    def test_works_once(self, owner: User) -> None:
        token = actions.make_sign_in_link(owner)
        assert actions.use_sign_in_link(token) == owner
        with pytest.raises(Refused, match="used already"):
            actions.use_sign_in_link(token)

    def test_is_not_stored(self, owner: User) -> None:
        token = actions.make_sign_in_link(owner)
        link = SignInLink.objects.get()
        assert token not in str(link.__dict__)
        assert len(link.token_hash) == 64

    def test_lasts_a_day(self, owner: User) -> None:
        token = actions.make_sign_in_link(owner)
        assert timedelta(hours=23) < SignInLink.objects.get().expires_at - now() <= timedelta(hours=24)
        SignInLink.objects.update(expires_at=now() - timedelta(seconds=1))
        with pytest.raises(Refused, match="older than a day"):
            actions.use_sign_in_link(token)

    def test_unknown_or_for_someone_locked_out(self, owner: User) -> None:
        with pytest.raises(Refused, match="not known"):
            actions.use_sign_in_link("nonsense")
        token = actions.make_sign_in_link(owner)
        User.objects.update(is_active=False)
        with pytest.raises(Refused, match="not known"):
            actions.use_sign_in_link(token)


class TestInvite:
    def test_someone_new_joins_with_the_role(self, owner: User, workspace: Workspace) -> None:
        invitation, token = actions.invite(membership(owner, workspace), " New@Example.org ", Role.AGENT)
        assert (invitation.email, invitation.invited_by) == ("new@example.org", owner)
        joined = actions.accept_as_new(token, name="New", password=LONG_PASSWORD, language="it")
        assert (joined.role, joined.user.email, joined.user.language) == (Role.AGENT, "new@example.org", "it")
        assert [verb for _actor, verb, _label in said(workspace)] == ["invited", "joined"]

    def test_an_account_joins_with_itself(self, owner: User, workspace: Workspace, other_workspace: Workspace, member: Member) -> None:
        baker = member(Role.OWNER, other_workspace)
        _invitation, token = actions.invite(membership(owner, workspace), baker.email, Role.VIEWER)
        with pytest.raises(Refused, match="Sign in to join"):
            actions.accept_as_new(token, name="Thief", password=LONG_PASSWORD)
        assert actions.accept_invitation(token, baker).role == Role.VIEWER
        assert membership(baker, other_workspace).role == Role.OWNER

    def test_nobody_joins_in_the_place_of_another(
        self, owner: User, workspace: Workspace, other_workspace: Workspace, member: Member
    ) -> None:
        _invitation, token = actions.invite(membership(owner, workspace), "new@example.org", Role.VIEWER)
        with pytest.raises(Refused, match=r"for new@example\.org"):
            actions.accept_invitation(token, member(Role.OWNER, other_workspace))
        assert actions.open_invitation(token)

    def test_a_link_says_why_it_no_longer_opens(self, owner: User, workspace: Workspace) -> None:
        by = membership(owner, workspace)
        with pytest.raises(Refused, match="not known"):
            actions.open_invitation("nonsense")
        first, first_token = actions.invite(by, "new@example.org", Role.VIEWER)
        _second, second_token = actions.invite(by, "new@example.org", Role.AGENT)
        with pytest.raises(Refused, match="replaced by a newer one"):
            actions.accept_as_new(first_token, name="New", password=LONG_PASSWORD)
        assert actions.accept_as_new(second_token, name="New", password=LONG_PASSWORD).role == Role.AGENT
        with pytest.raises(Refused, match="used already"):
            actions.accept_as_new(second_token, name="New", password=LONG_PASSWORD)
        _third, third_token = actions.invite(by, "late@example.org", Role.VIEWER)
        Invitation.objects.exclude(pk=first.pk).update(expires_at=now() - timedelta(seconds=1))
        with pytest.raises(Refused, match="out of date"):
            actions.accept_as_new(third_token, name="Late", password=LONG_PASSWORD)
        assert not User.objects.filter(email="late@example.org").exists()

    def test_withdrawn(self, owner: User, workspace: Workspace) -> None:
        by = membership(owner, workspace)
        invitation, token = actions.invite(by, "new@example.org", Role.VIEWER)
        actions.revoke_invitation(by, invitation.pk)
        with pytest.raises(Refused, match="withdrawn"):
            actions.accept_as_new(token, name="New", password=LONG_PASSWORD)
        with pytest.raises(Refused, match="no longer open"):
            actions.revoke_invitation(by, invitation.pk)

    def test_a_member_is_not_invited_again(self, owner: User, workspace: Workspace, member: Member) -> None:
        with pytest.raises(Refused, match="belongs to this workspace already"):
            actions.invite(membership(owner, workspace), member(Role.AGENT).email, Role.ADMIN)

    @pytest.mark.parametrize(
        ("by", "role", "refused"),
        [
            (Role.ADMIN, Role.OWNER, "Only owners"),
            (Role.AGENT, Role.VIEWER, "Only administrators"),
            (Role.ANALYST, Role.VIEWER, "Only administrators"),
            (Role.VIEWER, Role.VIEWER, "Only administrators"),
            (Role.OWNER, "emperor", "no role"),
        ],
    )
    def test_who_may_not(self, workspace: Workspace, member: Member, by: str, role: str, refused: str) -> None:
        with pytest.raises(Refused, match=refused):
            actions.invite(membership(member(by), workspace), "new@example.org", role)
        assert not Invitation.objects.exists()


class TestRoles:
    @pytest.mark.parametrize(
        ("by", "whose", "role", "refused"),
        [
            (Role.ADMIN, Role.ADMIN, Role.OWNER, "Only owners"),
            (Role.ADMIN, Role.OWNER, Role.VIEWER, "Only owners"),
            (Role.ADMIN, Role.AGENT, Role.OWNER, "Only owners"),
            (Role.AGENT, Role.AGENT, Role.ADMIN, "Only administrators"),
            (Role.OWNER, Role.OWNER, Role.ADMIN, "at least one owner"),
        ],
    )
    def test_refused(self, workspace: Workspace, member: Member, by: str, whose: str, role: str, refused: str) -> None:
        target = membership(member(whose), workspace)
        with pytest.raises(Refused, match=refused):
            actions.change_role(membership(member(by), workspace), target.pk, role)
        target.refresh_from_db()
        assert target.role == whose

    def test_an_owner_makes_an_owner_and_steps_back(self, owner: User, workspace: Workspace, member: Member) -> None:
        by = membership(owner, workspace)
        actions.change_role(by, membership(member(Role.AGENT), workspace).pk, Role.OWNER)
        actions.change_role(by, by.pk, Role.VIEWER)
        assert membership(owner, workspace).role == Role.VIEWER
        assert AuditEntry.objects.order_by("id").last().details == {"changes": {"role": ["owner", "viewer"]}}

    def test_rights_are_those_of_now_not_of_the_open_page(self, owner: User, workspace: Workspace, member: Member) -> None:
        stale = membership(member(Role.ADMIN), workspace)
        Membership.objects.filter(pk=stale.pk).update(role=Role.VIEWER)
        with pytest.raises(Refused, match="Only administrators"):
            actions.change_role(stale, stale.pk, Role.ADMIN)

    def test_another_workspaces_member_is_out_of_reach(
        self, owner: User, workspace: Workspace, other_workspace: Workspace, member: Member
    ) -> None:
        theirs = membership(member(Role.AGENT, other_workspace), other_workspace)
        for verb in (lambda by: actions.change_role(by, theirs.pk, Role.VIEWER), lambda by: actions.remove_member(by, theirs.pk)):
            with pytest.raises(Refused, match="no longer belongs"):
                verb(membership(owner, workspace))
        theirs.refresh_from_db()
        assert theirs.role == Role.AGENT


class TestRemove:
    def test_and_bring_back(self, owner: User, workspace: Workspace, member: Member) -> None:
        agent, by = member(Role.AGENT), membership(owner, workspace)
        removed = actions.remove_member(by, membership(agent, workspace).pk)
        assert not Membership.objects.filter(user=agent).exists()
        actions.restore_member(by, agent.pk, removed.role)
        assert membership(agent, workspace).role == Role.AGENT
        assert [verb for _actor, verb, _label in said(workspace)] == ["removed", "restored"]

    def test_the_last_owner_stays(self, owner: User, workspace: Workspace) -> None:
        by = membership(owner, workspace)
        with pytest.raises(Refused, match="at least one owner"):
            actions.remove_member(by, by.pk)

    def test_anyone_may_leave(self, workspace: Workspace, member: Member) -> None:
        by = membership(member(Role.VIEWER), workspace)
        actions.remove_member(by, by.pk)
        assert [verb for _actor, verb, _label in said(workspace)] == ["left"]

    def test_an_administrator_removes_no_owner_and_brings_none_back(self, owner: User, workspace: Workspace, member: Member) -> None:
        admin = membership(member(Role.ADMIN), workspace)
        with pytest.raises(Refused, match="Only owners"):
            actions.remove_member(admin, membership(owner, workspace).pk)
        with pytest.raises(Refused, match="Only owners"):
            actions.restore_member(admin, owner.pk, Role.OWNER)

    def test_who_was_removed_meanwhile_does_nothing_more(self, owner: User, workspace: Workspace, member: Member) -> None:
        admin = membership(member(Role.ADMIN), workspace)
        actions.remove_member(membership(owner, workspace), admin.pk)
        with pytest.raises(Refused, match="no longer belong"):
            actions.invite(admin, "friend@example.org", Role.ADMIN)
