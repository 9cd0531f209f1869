"""Letters through their actions: drafts, versions, and what the outbox is handed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.engage.letters import actions, addresses, branding, choosing, rendering, sending, testing
from vincle.engage.letters.actions import Changed, Refused
from vincle.engage.letters.models import Letter, LetterVersion
from vincle.engage.letters.recipients import Recipient
from vincle.engage.letters.tagging import Tags
from vincle.engage.outbox import jobs
from vincle.engage.outbox.models import Send
from vincle.engage.outbox.writing import Skip, Written
from vincle.listen import actions as listen
from vincle.listen.models import Connection

Someone = Callable[..., int]


def test_a_draft_is_saved_only_over_what_was_seen(workspace: Workspace, owner: User, greeting: Letter) -> None:
    saved = actions.save(workspace, owner, greeting, {"en": {"subject": "New"}}, greeting.revision, name="Better")
    assert (saved.name, saved.draft["en"]["subject"], saved.revision) == ("Better", "New", greeting.revision + 1)
    with pytest.raises(Changed) as changed:
        actions.save(workspace, owner, greeting, {"en": {"subject": "Lost"}}, greeting.revision)
    assert changed.value.letter.draft["en"]["subject"] == "New"


@pytest.mark.parametrize("raw", [None, [], "x", {"en": 3}, {"xx": {"subject": "no"}}, {"en": {"blocks": [{"kind": "bomb"}, 7, None]}}])
def test_what_a_browser_sends_is_made_whole(workspace: Workspace, owner: User, greeting: Letter, raw: Any) -> None:
    saved = actions.save(workspace, owner, greeting, raw, greeting.revision)
    assert set(saved.draft) == {"en"}
    assert saved.draft["en"]["blocks"] == []


def test_a_draft_of_half_a_megabyte_is_refused(workspace: Workspace, owner: User, greeting: Letter) -> None:
    blocks = [{"kind": "html", "html": "<p>" + "x" * 50_000 + "</p>"} for _ in range(10)]
    with pytest.raises(Refused):
        actions.save(workspace, owner, greeting, {"en": {"blocks": blocks}}, greeting.revision)


def test_a_version_is_kept_once_and_never_changes(workspace: Workspace, owner: User, greeting: Letter) -> None:
    first = actions.keep(workspace, owner, greeting)
    assert actions.keep(workspace, owner, greeting).pk == first.pk
    actions.save(workspace, owner, greeting, {"en": {"subject": "Two"}}, greeting.revision)
    second = actions.keep(workspace, owner, greeting)
    assert (first.number, second.number) == (1, 2)
    assert LetterVersion.objects.get(pk=first.pk).subject == "Hello {{ person.first_name }}"
    assert AuditEntry.objects.filter(object_type="letter", verb="kept a version of").count() == 2


def test_a_letter_that_cannot_be_read_is_no_version(workspace: Workspace, owner: User, greeting: Letter) -> None:
    actions.save(workspace, owner, greeting, {"en": {"subject": "Hi {{ person.name"}}, greeting.revision)
    with pytest.raises(Refused):
        actions.keep(workspace, owner, greeting)


def test_going_back_keeps_what_was_there(workspace: Workspace, owner: User, greeting: Letter) -> None:
    first = actions.keep(workspace, owner, greeting)
    actions.save(workspace, owner, greeting, {"en": {"subject": "Two"}, "ca": {"subject": "Dos"}}, greeting.revision)
    back = actions.restore(workspace, owner, greeting, first)
    assert set(back.draft) == {"en"}
    assert list(back.versions.order_by("number").values_list("subject", flat=True)) == ["Hello {{ person.first_name }}", "Two"]


def test_a_changed_brand_makes_a_new_version(workspace: Workspace, owner: User, greeting: Letter) -> None:
    first = actions.keep(workspace, owner, greeting)
    branding.save(workspace, owner, {"company": "Lligam", "accent": "#112233"})
    assert actions.keep(workspace, owner, greeting).number == first.number + 1


def test_campaigns_are_offered_what_has_a_subject(workspace: Workspace, owner: User, other_workspace: Workspace, greeting: Letter) -> None:
    actions.create(workspace, owner, "Empty")
    away = actions.copy(workspace, owner, greeting)
    actions.archive(workspace, owner, away)
    assert [(each.name, each.subject, each.number) for each in choosing.choices(workspace)] == [("Greeting", "Hello …", 0)]
    assert choosing.choices(other_workspace) == []
    assert choosing.version(other_workspace, owner, greeting.pk) is None
    with pytest.raises(ObjectDoesNotExist):
        actions.keep(other_workspace, owner, greeting)


def test_each_reads_it_in_their_language(workspace: Workspace, owner: User, greeting: Letter) -> None:
    draft = {**greeting.draft, "ca": {"subject": "Hola", "blocks": []}}
    actions.save(workspace, owner, greeting, draft, greeting.revision)
    version = actions.keep(workspace, owner, greeting)
    ways = {"unsubscribe_url": "https://v.example/u", "preferences_url": "", "view_url": ""}
    people = [Recipient(1, language=code, values={"person": {"first_name": "Ana"}, **ways}) for code in ("ca", "ca-ES", "de", "")]
    made = rendering.render(version, people, tags=Tags("s", "email", "c"))
    assert [each.subject for each in made] == ["Hola", "Hola", "Hello Ana", "Hello Ana"]
    assert "Donar-se de baixa" in made[0].html
    assert "Unsubscribe" in made[2].html


@pytest.fixture
def mailbox(workspace: Workspace) -> Connection:
    made = listen.connection_for(workspace, "mail")
    Connection.objects.filter(pk=made.pk).update(token="t", settings={"practice": True, "address": "hola@lligam.example"})
    made.refresh_from_db()
    return made


def _job(workspace: Workspace, owner: User, mailbox: Connection, content: dict[str, Any]) -> Any:
    return jobs.create(
        workspace, owner, kind="campaign", source="campaign:1", name="Spring", connection=mailbox, purpose="marketing", topic="news",
        medium="email", writer="letter", content=content,
    )  # fmt: skip


def test_the_outbox_gets_one_letter_for_each(
    workspace: Workspace, owner: User, mailbox: Connection, greeting: Letter, someone: Someone
) -> None:
    content = {"kind": "button", "label": "Shop", "url": "https://shop.example/"}
    actions.save(workspace, owner, greeting, {"en": {**greeting.draft["en"], "blocks": [content]}}, greeting.revision)
    version = actions.keep(workspace, owner, greeting)
    ana, stranger = someone("ana@example.org", "Ana Torres"), someone("info@example.org", "info@example.org")
    job = _job(workspace, owner, mailbox, {"version": version.pk})
    jobs.add(job, [jobs.Wanted(key=f"t:{pk}", person=pk, handle=pk) for pk in (ana, stranger)])
    sends = list(Send.objects.filter(job=job).order_by("pk"))
    first, second = sending.writer(job, sends)
    assert isinstance(first, Written)
    assert isinstance(second, Written)
    assert (first.to_address, first.subject) == ("ana@example.org", "Hello Ana")
    assert second.subject == "Hello"
    assert "/t/" in first.html
    assert "https://shop.example/" not in first.html
    shown = sending.shown(sends[0])
    assert shown is not None
    assert "utm_campaign=Spring" in shown.html
    assert addresses.token(bytes(workspace.secret), sends[0].pk) in first.html


def test_arms_have_letters_of_their_own_and_none_of_others(
    workspace: Workspace, other_workspace: Workspace, owner: User, mailbox: Connection, greeting: Letter, someone: Someone
) -> None:
    version = actions.keep(workspace, owner, greeting)
    foreign = actions.create(other_workspace, owner, "Theirs", draft=greeting.draft)
    theirs = actions.keep(other_workspace, owner, foreign)
    ana = someone("ana@example.org", "Ana Torres")
    job = _job(workspace, owner, mailbox, {"arms": {"0": version.pk, "1": theirs.pk}})
    jobs.add(job, [jobs.Wanted(key=f"a:{arm}", person=ana, handle=ana, arm=arm, turn=arm) for arm in (0, 1, 2)])
    found = sending.writer(job, list(Send.objects.filter(job=job).order_by("arm")))
    assert isinstance(found[0], Written)
    assert found[1:] == [Skip("letter_gone"), Skip("letter_gone")]


def test_a_batch_costs_the_same_however_many_there_are(
    workspace: Workspace, owner: User, mailbox: Connection, greeting: Letter, someone: Someone, django_assert_max_num_queries: Any
) -> None:
    version = actions.keep(workspace, owner, greeting)
    people = [someone(f"p{n}@example.org", f"Person {n}") for n in range(20)]
    job = _job(workspace, owner, mailbox, {"version": version.pk})
    jobs.add(job, [jobs.Wanted(key=f"q:{pk}", person=pk, handle=pk) for pk in people])
    sends = list(Send.objects.filter(job=job))
    with django_assert_max_num_queries(4):
        assert len(sending.writer(job, sends)) == 20


def test_a_test_goes_to_the_team_and_nobody_else(
    workspace: Workspace,
    other_workspace: Workspace,
    owner: User,
    member: Callable[..., User],
    mailbox: Connection,
    greeting: Letter,
    someone: Someone,
) -> None:
    ana, stranger = someone("ana@example.org", "Ana Torres", language="en"), member("agent", other_workspace)
    assert testing.send(workspace, owner, greeting, [owner.pk, stranger.pk, 999], person=ana) == 1
    send = Send.objects.get(job__kind="test")
    assert send.job is not None
    assert send.purpose == "service"
    (made,) = sending.writer(send.job, [send])
    assert isinstance(made, Written)
    assert (made.to_address, made.subject) == (owner.email, "[Test] Hello Ana")
    with pytest.raises(Refused):
        testing.send(workspace, owner, greeting, [stranger.pk], person=None)


def test_without_an_account_a_test_says_what_is_missing(workspace: Workspace, owner: User, greeting: Letter) -> None:
    with pytest.raises(Refused, match="No mail account"):
        testing.send(workspace, owner, greeting, [owner.pk], person=None)


def test_it_writes_thousands_a_second(workspace: Workspace, owner: User, greeting: Letter) -> None:
    """3,000 a second are wanted; a tenth of that on a machine that does other things."""
    import time

    from vincle.engage.letters import ready_made

    actions.save(workspace, owner, greeting, {"en": ready_made.letter("news", "en", "https://shop.example")}, greeting.revision)
    version = actions.keep(workspace, owner, greeting)
    ways = {"unsubscribe_url": "https://v.example/u", "preferences_url": "https://v.example/p", "view_url": "https://v.example/v"}
    people = [Recipient(n, values={"person": {"first_name": f"P{n}"}, "company": {"name": "C"}, **ways}) for n in range(300)]
    begun = time.process_time()
    made = rendering.render(version, people, tags=Tags("s", "email", "c"))
    assert 300 / (time.process_time() - begun) > 300
    assert not any(each.problems for each in made)
