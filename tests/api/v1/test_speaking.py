"""Consent, campaigns, letters, journeys, forms, short links and posts, as programs see them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.api.access_examples import journey, someone
from tests.api.v1.conftest import Program
from tests.engage.leads.access_examples import form as a_form
from tests.engage.leads.access_examples import lead
from tests.engage.preferences.people import someone as known
from tests.engage.preferences.people import state
from tests.engage.publishing.desk import place
from tests.organise.community import bring, fact
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.engage.campaigns.models import Assignment, Campaign
from vincle.engage.journeys.models import Walk
from vincle.engage.letters import actions as letters
from vincle.engage.outbox.models import Send
from vincle.engage.publishing import links
from vincle.engage.publishing.models import Post
from vincle.identify import actions as identify
from vincle.identify.models import Belonging, Consent
from vincle.organise.models import Profile
from vincle.project import pipeline
from vincle.vocabulary import Permit, public_id

pytestmark = pytest.mark.django_db
YES = {"permit": "granted", "handle": "email:ana@example.org", "wording": "Yes, write to me.", "evidence": "Signed at the till, 3 March"}


def read(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


@pytest.fixture
def program(key_of: Any) -> Program:
    return Program(key_of("speak"))


def path_of(handle: Any) -> str:
    return f"people/{public_id(Belonging.objects.get(handle=handle.key).person)}/consent"


def test_a_permission_is_entered_with_its_proof(workspace: Workspace, program: Program) -> None:
    path = path_of(known(workspace))
    assert [each["state"] for each in read(program.get(path))["addresses"][0]["topics"]] == ["unknown"]
    for field in ("wording", "evidence"):
        assert read(program.post(f"{path}/record", {**YES, field: " "}), 400)["field"] == field
    assert read(program.post(f"{path}/record", {**YES, "topic": "nonsense"}), 400)["field"] == "topic"
    future = (timezone.now() + timedelta(days=1)).isoformat()
    assert read(program.post(f"{path}/record", {**YES, "at": future}), 400)["field"] == "at"
    assert read(program.post(f"{path}/record", {**YES, "handle": "email:other@example.org"}), 404)["field"] == "handle"
    assert read(program.post(f"{path}/record", {**YES, "handle": "", "channel": "phone"}), 400)["field"] == "handle"
    assert not Consent.objects.exists()
    assert read(program.post(f"{path}/record", {**YES, "handle": ""}))["state"] == "granted"
    found = read(program.get(path))
    assert found["addresses"][0]["topics"][0]["state"] == "granted"
    (row,) = found["data"]
    assert (row["source"], row["wording"], row["evidence"]) == ("team", YES["wording"], YES["evidence"])
    assert AuditEntry.objects.filter(verb="recorded", object_type="consent").count() == 1


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_was_entered_stands_once_and_comes_back_from_its_delivery(workspace: Workspace, program: Program, is_lost: bool) -> None:
    read(program.post(f"{path_of(known(workspace))}/record", YES))
    rows = Consent.objects.values_list("handle", "permit", "source", "wording", "evidence", "at")
    before = rows.get()
    if is_lost:
        Consent.objects.all().delete()
    pipeline.catch_up()
    assert rows.get() == before


def test_a_permission_lifts_no_refusal_and_a_merge_widens_nothing(workspace: Workspace, program: Program) -> None:
    ana = known(workspace)
    state(ana, permit=Permit.WITHDRAWN)
    path = path_of(ana)
    assert read(program.post(f"{path}/record", YES))["state"] == "refused"
    other = someone(workspace, "anna@example.org")
    second = f"people/{public_id(other)}/consent"
    assert read(program.post(f"{second}/record", {**YES, "handle": "email:anna@example.org"}))["state"] == "granted"
    one, two = Belonging.objects.get(handle=ana.key).person, other
    identify.merge(workspace, one, two, None)
    found = read(program.get(second))
    assert {each["topics"][0]["state"] for each in found["addresses"]} == {"refused"}


def test_a_refusal_needs_no_proof_and_holds_at_once(workspace: Workspace, program: Program) -> None:
    path = path_of(known(workspace))
    read(program.post(f"{path}/record", YES))
    assert read(program.post(f"{path}/record", {"permit": "withdrawn", "handle": YES["handle"]}))["state"] == "refused"
    address = read(program.get(path))["addresses"][0]
    assert address["may_write"] is False
    assert address["why"]
    page = read(program.get(path, limit="1"))
    rest = read(program.get(path, limit="1", cursor=page["next_cursor"]))
    assert [each["data"][0]["permit"] for each in (page, rest)] == ["withdrawn", "granted"]
    assert rest["next_cursor"] is None


def test_a_key_that_reads_enters_nothing(workspace: Workspace, key_of: Any) -> None:
    path = path_of(known(workspace))
    for level in ("read", "decide"):
        assert read(Program(key_of(level)).post(f"{path}/record", YES), 403)["code"] == "forbidden"


def test_campaigns_and_their_figures(workspace: Workspace, program: Program) -> None:
    made = letters.create(workspace, None, "Spring", draft={"en": {"subject": "Spring", "blocks": []}})
    arms = [{"letter": made.pk, "version": None, "share": 100}]
    row = Campaign.objects.create(workspace=workspace, public=public_id(7), name="Spring", arms=arms, begun_at=timezone.now())
    Campaign.objects.create(workspace=workspace, public=public_id(8), name="Old", state="done")
    for person, is_held in ((1, False), (2, False), (3, True)):
        Assignment.objects.create(
            workspace=workspace, campaign=row, person=person, handle=person, arm=None if is_held else 0, is_held=is_held
        )
    assert [each["name"] for each in read(program.get("campaigns"))["data"]] == ["Old", "Spring"]
    assert [each["name"] for each in read(program.get("campaigns", state="done"))["data"]] == ["Old"]
    assert read(program.get("campaigns", state="odd"), 400)
    assert read(program.get(f"campaigns/{row.public}"))["goal"] == "purchase"
    told = read(program.get(f"campaigns/{row.public}/report"))
    assert (told["counts"]["drawn"], told["held_out"], told["currency"]) == (2, {"people": 1, "acted": 0, "bought": 0}, "EUR")
    assert told["letters"][0]["counts"]["drawn"] == 2
    assert told["finding"]


def test_letters_are_listed(workspace: Workspace, program: Program) -> None:
    for name in ("One", "Two"):
        letters.create(workspace, None, name, draft={"en": {"subject": f"{name}!", "blocks": []}})
    page = read(program.get("letters", limit="1"))
    assert [(each["name"], each["subject"], each["version"]) for each in page["data"]] == [("Two", "Two!", 0)]
    assert [each["name"] for each in read(program.get("letters", cursor=page["next_cursor"]))["data"]] == ["One"]


def test_people_begin_a_journey_as_its_rules_let_them(workspace: Workspace, program: Program) -> None:
    bring(workspace, [fact("ana@example.org", "Ana")])
    path = f"journeys/{journey(workspace)['journey']}"
    ana = public_id(Profile.objects.get().person)
    assert read(program.post(f"{path}/begin", {"people": [ana, ana]}))["begun"] == 1
    assert read(program.post(f"{path}/begin", {"people": [ana]}))["begun"] == 0, "on the way already"
    assert Walk.objects.count() == 1
    assert read(program.get(path))["people"] == {"waiting": 1}
    assert read(program.get("journeys"))["data"][0]["state"] == "running"
    assert read(program.post(f"{path}/begin", {"people": ["0" * 13]}), 404)["field"] == "people"
    from vincle.engage.journeys import actions
    from vincle.engage.journeys.models import Journey

    actions.pause(workspace, None, Journey.objects.get())
    assert read(program.post(f"{path}/begin", {"people": [ana]}), 409)["code"] == "conflict"


def test_submissions_page_by_page(workspace: Workspace, program: Program) -> None:
    first = lead(workspace)
    spam = {"form": first.form, "version": 1, "name": "Spam", "state": "spam", "native_id": "s"}
    type(first).objects.create(workspace=workspace, **spam)
    touch, sent = (
        {"source": "fair"},
        {"answers": [{"field": "i1", "label": "Size", "value": ["S", "M"]}], "consents": [{"purpose": "news"}]},
    )
    type(first).objects.create(workspace=workspace, form=first.form, version=1, name="Bea", native_id="b", touch=touch, sent=sent)
    page = read(program.get("submissions", limit="1", form=first.form.key))
    (bea,) = page["data"]
    assert (bea["name"], bea["answers"], bea["touch"]) == ("Bea", [{"question": "Size", "value": ["S", "M"]}], touch)
    assert bea["consents"] == [{"topic": "news", "channel": "email", "wording": ""}]
    rest = read(program.get("submissions", cursor=page["next_cursor"]))
    assert ([each["name"] for each in rest["data"]], rest["next_cursor"]) == (["Ana"], None)
    assert [each["name"] for each in read(program.get("submissions", state="spam"))["data"]] == ["Spam"]
    assert read(program.get("submissions", form="other"), 404)["field"] == "form"
    assert [each["id"] for each in read(program.get("forms"))["data"]] == [a_form(workspace).key]


def test_a_form_of_another_workspace_is_not_there(other_workspace: Workspace, program: Program) -> None:
    theirs = lead(other_workspace)
    assert read(program.get("submissions"))["data"] == []
    assert read(program.get("submissions", form=theirs.form.key), 404)


def test_short_links(workspace: Workspace, program: Program) -> None:
    made = read(program.post("links/create", {"target": "https://example.org/menu", "code": "menu", "campaign": "spring"}))
    assert (made["code"], made["humans"], made["address"][-7:]) == ("menu", 0, "/l/menu")
    for wrong in ({"target": "javascript:alert(1)"}, {"target": "https://user:pw@example.org/"}, {"target": "https://x", "code": "é"}):
        assert read(program.post("links/create", wrong), 400)["field"] == ("code" if "code" in wrong else "target")
    assert read(program.post("links/create", {"target": "https://example.org/", "code": "menu"}), 400)["field"] == "code"
    assert read(program.get("links", campaign="spring"))["data"] == [made]
    assert read(program.get("links/MENU")) == made


def test_a_link_of_another_workspace_is_not_there(other_workspace: Workspace, program: Program) -> None:
    links.create(other_workspace, None, "https://example.org/", code="theirs")
    assert read(program.get("links/theirs"), 404)


def test_posts_are_only_drafts(workspace: Workspace, other_workspace: Workspace, owner: User, program: Program) -> None:
    here, there = place(workspace), place(other_workspace)
    assert [each["connection"] for each in read(program.get("posts/places"))["data"]] == [str(here.pk)]
    asked = {"text": "The first roast of the year", "places": [{"connection": str(here.pk), "text": "First roast!"}]}
    (made,) = read(program.post("posts/create", asked))["data"]
    assert (made["state"], made["text"], made["name"]) == ("draft", "First roast!", "The first roast of the year")
    assert read(program.get("posts"))["data"] == [made]
    assert (Post.objects.count(), Send.objects.count()) == (1, 0), "nothing leaves"
    elsewhere = {**asked, "places": [{"connection": str(there.pk)}]}
    assert read(program.post("posts/create", elsewhere), 404)["field"] == "places"
    assert read(program.post("posts/create", {**asked, "places": asked["places"] * 2}), 400)["field"] == "places"
    assert Post.objects.count() == 1
    assert read(program.post("posts/create", {"text": "Later"}))["data"] == []
