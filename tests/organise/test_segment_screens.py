"""The pages of segments: their list, the builder with and without scripts, one of them, why someone is in, and the filters by segment."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.organise.community import NOW, NURIA, act, bring, fact, nuria
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.organise import preview, ready_made, segmenting
from vincle.organise.models import Membership, Profile, Segment
from vincle.organise.segments.reading import read
from vincle.project import pipeline
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
BUYERS: dict[str, Any] = {"all": [{"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}, "within": {"days": 90}}]}


@pytest.fixture(autouse=True)
def fresh_samples():
    preview.forget()
    yield
    preview.forget()


@pytest.fixture
def town(workspace: Workspace) -> Profile:
    """Núria who bought, Zoë of Girona with a tag, Álvaro of whom nothing else is known."""
    who = nuria(workspace)
    zoe = fact("zoe@example.org", "Zoë Brown", traits={"city": "Girona"}, tags=("vip",))
    bring(workspace, [zoe, fact("alvaro@example.org", "Álvaro Puig", at=NOW - timedelta(days=5))], name="two.csv")
    return who


@pytest.fixture
def buyers(workspace: Workspace, owner: User, town: Profile) -> Segment:
    made = segmenting.create(workspace, owner, "Buyers", BUYERS, "Who buys")
    pipeline.catch_up()
    made.refresh_from_db()
    return made


def place(workspace: Workspace, name: str, **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def fields(page: str) -> dict[str, Any]:
    """Hidden fields of the builder, as a browser would send them."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken":
            found[name[1]] = (value[1] if value else "").replace("&quot;", '"').replace("&amp;", "&").replace("&#x27;", "'")
    return found


# The list


def test_with_no_segment_the_list_offers_ready_made_ones(workspace: Workspace, town: Profile, client_for: ClientFor) -> None:
    answer = client_for("agent").get(place(workspace, "segments"))
    counted = client_for("agent").get(place(workspace, "segments_ready"), {"counts": "1"})
    found = {each["ready"].key: each["count"] for each in counted.context["ready"]}
    assert (found["new"], found["champions"], found["expiring"]) == (1, 0, None)
    assert b"What they have from you ends within thirty days." in answer.content


def test_the_list_says_what_each_asks_and_how_it_moved(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    Segment.objects.filter(pk=buyers.pk).update(created_at="2026-01-01T00:00:00Z")
    [row] = client_for().get(place(workspace, "segments")).context["rows"]
    assert (row["segment"].members, row["change"], row["points"][-1], row["points"][0]) == (1, 1, 1, 0)
    assert row["sentence"] == "People who bought in the last 90 days"


def test_the_list_asks_no_more_of_many(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    client = client_for()
    client.get(place(workspace, "segments"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(place(workspace, "segments"))
    for number in range(12):
        segmenting.create(workspace, owner, f"City {number}", {"all": [{"trait": "city", "is": f"Town {number}"}]})
    with CaptureQueriesContext(connection) as many:
        client.get(place(workspace, "segments"))
    assert len(many) <= len(few)


def test_segments_are_searched_and_those_put_away_are_found_there(
    workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor
) -> None:
    other = segmenting.create(workspace, owner, "Girona", {"all": [{"trait": "city", "is": "Girona"}]})
    client = client_for()
    assert [row["segment"].name for row in client.get(place(workspace, "segments"), {"q": "giro"}).context["rows"]] == ["Girona"]
    segmenting.archive(workspace, owner, other)
    assert [row["segment"].name for row in client.get(place(workspace, "segments")).context["rows"]] == ["Buyers"]
    assert [row["segment"].name for row in client.get(place(workspace, "segments"), {"put_away": "yes"}).context["rows"]] == ["Girona"]


# Ready-made


def test_every_ready_made_segment_can_be_asked_and_built(workspace: Workspace, town: Profile, client_for: ClientFor) -> None:
    client = client_for("agent")
    for each in ready_made.all_of(workspace):
        assert each.todo
        if each.predicate is None:
            assert each.key == "expiring" or each.key.startswith("value_")
            continue
        read(each.predicate)
        page = client.get(place(workspace, "segment_new"), {"template": each.key})
        assert page.context["state"].name == str(each.name)


def test_what_goes_with_what_is_learnt_from_purchases(workspace: Workspace) -> None:
    latte = {"products": ["latte"]}
    both = {"products": ["latte", "mug"]}
    people = [HandleRef("email", f"p{n}@example.org") for n in range(12)]
    bring(
        workspace,
        [act(who, Verb.PURCHASE, ObjectType.ORDER, props=both if n < 4 else latte) for n, who in enumerate(people)],
        channel="shop",
    )
    [pair] = ready_made.complements(workspace)
    assert (pair.first, pair.second, round(pair.share, 2), pair.buyers) == ("latte", "mug", 0.33, 12)
    ready = ready_made.one(workspace, "one_product")
    assert ready is not None
    assert "33" in ready.note


# The builder


def test_the_builder_works_without_scripts(workspace: Workspace, town: Profile, client_for: ClientFor) -> None:
    client, here = client_for("agent"), place(workspace, "segment_new")
    page = client.get(here).content.decode()
    page = client.post(here, {**fields(page), "name": "Gironins", "press": "add:trait:top"}).content.decode()
    page = client.post(here, {**fields(page), "name": "Gironins", "c-name": "city", "press": "stay"}).content.decode()
    assert 'value="Girona"' in page  # offered out of the workspace's own data
    page = client.post(
        here, {**fields(page), "name": "Gironins", "c-name": "city", "c-op": "is", "c-value": "Girona", "press": "close"}
    ).content.decode()
    assert "Live in Girona" in page
    assert re.search(r'class="big-count"><b>\s*1</b>', page)
    answer = client.post(here, {**fields(page), "name": "Gironins", "press": "save"})
    made = Segment.objects.of(workspace).get()
    assert answer.url == place(workspace, "segment", segment=made.public)
    assert (made.name, made.predicate) == ("Gironins", {"all": [{"trait": "city", "is": "Girona"}]})
    pipeline.catch_up()
    assert [row["name"] for row in client.get(answer.url).context["members"]] == ["Zoë Brown"]


def test_what_is_wrong_is_said_at_its_clause_and_nothing_is_lost(workspace: Workspace, town: Profile, client_for: ClientFor) -> None:
    tree = {"all": [{"tag": "vip"}, {"top": "many", "by": "influence"}]}
    answer = client_for("agent").post(place(workspace, "segment_new"), {"name": "Best", "tree": json.dumps(tree), "press": "save"})
    assert answer.status_code == 422
    good, bad = answer.context["root"]["parts"]
    assert (good["wrong"], bool(bad["wrong"])) == ("", True)
    assert not Segment.objects.exists()
    assert json.loads(answer.context["held"]["tree"]) == tree


def test_a_name_that_is_taken_is_refused(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    answer = client_for("agent").post(place(workspace, "segment_new"), {"name": "buyers", "tree": json.dumps(BUYERS), "press": "save"})
    assert (answer.status_code, Segment.objects.count()) == (422, 1)
    assert "“buyers”" in answer.context["problem"]


def test_a_segment_of_everybody_is_refused(workspace: Workspace, client_for: ClientFor) -> None:
    answer = client_for("agent").post(place(workspace, "segment_new"), {"name": "All", "tree": '{"all": []}', "press": "save"})
    assert (answer.status_code, Segment.objects.count()) == (422, 0)


def test_the_count_follows_what_is_typed_and_leaves_out_what_is_not_complete(
    workspace: Workspace, town: Profile, client_for: ClientFor
) -> None:
    tree = json.dumps({"all": [{"tag": "vip"}, {"tag": ""}]})
    answer = client_for("agent").post(place(workspace, "segment_try"), {"tree": tree})
    assert (answer.context["found"]["count"], answer.context["wrong_count"]) == (1, 1)
    assert [row["name"] for row in answer.context["sample"]] == ["Zoë Brown"]
    answer = client_for("agent").post(place(workspace, "segment_try"), {"tree": tree, "open": "0", "c-kind": "tag", "c-value": "loyal"})
    assert [row["name"] for row in answer.context["sample"]] == ["Núria Serra Vidal"]
    assert b'id="held"' in answer.content


def test_experts_write_json(workspace: Workspace, town: Profile, client_for: ClientFor) -> None:
    client, here = client_for("agent"), place(workspace, "segment_new")
    bad = client.post(place(workspace, "segment_shape"), {"tree": "{}", "view": "json", "text": "{oops", "press": "form"}).content.decode()
    assert "{oops" in bad
    text = json.dumps({"all": [{"did": {"verb": "Buy"}}]})
    answer = client.post(here, {"name": "X", "tree": "{}", "view": "json", "text": text, "press": "save"})
    assert answer.status_code == 422
    assert "did/verb" in answer.context["json_wrong"]
    answer = client.post(here, {"name": "X", "tree": "{}", "view": "json", "text": json.dumps(BUYERS), "press": "save"})
    assert (answer.status_code, Segment.objects.get().predicate["all"][0]["count"]) == (302, {"at_least": 1})


def test_a_segment_that_leads_back_to_itself_is_refused(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    tree = json.dumps({"all": [{"segment": buyers.public}]})
    answer = client_for("agent").post(
        place(workspace, "segment_edit", segment=buyers.public), {"name": "Buyers", "tree": tree, "press": "save"}
    )
    assert answer.status_code == 422
    assert "Buyers" in answer.context["problem"]


def test_viewers_look_and_do_not_build(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    viewer = client_for()
    page = viewer.get(place(workspace, "segment", segment=buyers.public)).content.decode()
    assert place(workspace, "segment_edit", segment=buyers.public) not in page
    assert viewer.post(place(workspace, "segment_act", segment=buyers.public), {"do": "archive"}).status_code == 403


# One segment


def test_the_page_shows_who_is_in_and_its_history(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    segmenting.change(workspace, owner, buyers, predicate={"all": [{"tag": "vip"}]})
    pipeline.catch_up()
    client, here = client_for("agent"), place(workspace, "segment", segment=buyers.public)
    page = client.get(here)
    assert [row["name"] for row in page.context["members"]] == ["Zoë Brown"]
    assert [each["version"].number for each in page.context["versions"]] == [2, 1]
    client.post(place(workspace, "segment_act", segment=buyers.public), {"do": "back", "number": "1"})
    buyers.refresh_from_db()
    assert (buyers.version, buyers.predicate) == (3, BUYERS)
    pipeline.catch_up()
    assert [row["name"] for row in client.get(here).context["members"]] == ["Núria Serra Vidal"]


def test_a_message_undoes_only_what_it_told_of(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    segmenting.change(workspace, owner, buyers, name="Customers")
    client, act_there = client_for("agent"), place(workspace, "segment_act", segment=buyers.public)
    client.post(f"{act_there}?do=undo&version=2")
    client.post(f"{act_there}?do=undo&version=2")
    buyers.refresh_from_db()
    assert (buyers.name, buyers.version) == ("Buyers", 3)


def test_copies_and_putting_away_and_back(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    client, act_there = client_for("agent"), place(workspace, "segment_act", segment=buyers.public)
    client.post(act_there, {"do": "copy"})
    assert Segment.objects.of(workspace).filter(name="Buyers, copy").exists()
    client.post(act_there, {"do": "archive"})
    assert Segment.objects.get(pk=buyers.pk).archived_at
    client.post(f"{act_there}?do=restore")
    pipeline.catch_up()
    assert Segment.objects.get(pk=buyers.pk).members == 1
    verbs = set(AuditEntry.objects.filter(object_type="segment").values_list("verb", flat=True))
    assert {"created", "archived", "restored"} <= verbs


def test_another_workspace_has_no_such_segment(workspace: Workspace, other_workspace: Workspace, buyers: Segment, member: Any) -> None:
    client = Client()
    client.force_login(member("owner", other_workspace))
    assert client.get(place(other_workspace, "segment", segment=buyers.public)).status_code == 404
    assert client.get(place(other_workspace, "segment_why", segment=buyers.public, pid=nuria(workspace).public)).status_code == 404


def test_the_page_of_a_segment_asks_no_more_of_many_members(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    client, here = client_for(), place(workspace, "segment", segment=buyers.public)
    client.get(here)
    with CaptureQueriesContext(connection) as few:
        client.get(here)
    bring(workspace, [act(HandleRef("email", f"n{n}@example.org"), Verb.PURCHASE, ObjectType.ORDER) for n in range(30)], channel="shop")
    with CaptureQueriesContext(connection) as many:
        page = client.get(here)
    assert page.context["segment"].members == 31
    assert len(many) <= len(few)


def test_overlap_counts_exact_combinations(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    segmenting.create(workspace, owner, "Loyal", {"all": [{"tag": "loyal"}]})
    pipeline.catch_up()
    page = client_for().get(place(workspace, "segment_overlap", segment=buyers.public))
    assert [(column["names"], column["count"]) for column in page.context["columns"]] == [("Buyers, Loyal", 1)]
    assert "100" in page.context["title"]
    link = page.context["columns"][0]["url"]
    assert [row.name for row in client_for().get(link).context["page"].rows] == ["Núria Serra Vidal"]


def test_what_sets_them_apart(workspace: Workspace, owner: User, client_for: ClientFor) -> None:
    people = [
        fact(f"p{n}@example.org", f"P {n}", traits={"city": "Vic" if n < 10 else "Olot"}, tags=("vip",) if n < 9 else ()) for n in range(40)
    ]
    bring(workspace, people, name="forty.csv")
    made = segmenting.create(workspace, owner, "Vips", {"all": [{"tag": "vip"}]})
    pipeline.catch_up()
    rows = client_for().get(place(workspace, "segment_apart", segment=made.public)).context["rows"]
    city = next(row for row in rows if row["label"] == "City: Vic")
    assert (city["times"], round(city["here"], 2), round(city["there"], 2)) == ("4× as frequent", 1.0, 0.25)


# Why, and where else segments stand


def test_why_in_names_the_acts_and_why_out_says_what_is_missing(
    workspace: Workspace, buyers: Segment, town: Profile, client_for: ClientFor
) -> None:
    page = client_for().get(place(workspace, "segment_why", segment=buyers.public, pid=town.public))
    clause = page.context["root"].parts[0]
    assert (clause.holds, clause.found, [deed.did for deed in clause.acts]) == (True, "1 time", ["bought"])
    assert clause.next
    other = Profile.objects.get(email="zoe@example.org")
    page = client_for().get(place(workspace, "segment_why", segment=buyers.public, pid=other.public))
    assert (page.context["root"].holds, page.context["title"]) == (False, "Why Zoë Brown is not in “Buyers”")


def test_the_person_page_shows_segments_with_why(workspace: Workspace, buyers: Segment, town: Profile, client_for: ClientFor) -> None:
    page = client_for().get(place(workspace, "person", pid=town.public)).content.decode()
    assert place(workspace, "segment_why", segment=buyers.public, pid=town.public) in page
    side = client_for().get(place(workspace, "side", pid=town.public)).content.decode()
    assert place(workspace, "segment_why", segment=buyers.public, pid=town.public) in side


def test_people_are_filtered_by_segments_and_exported(workspace: Workspace, buyers: Segment, owner: User, client_for: ClientFor) -> None:
    client = client_for("analyst")
    answer = client.get(place(workspace, "people"), {"segment": buyers.public})
    assert [row.name for row in answer.context["page"].rows] == ["Núria Serra Vidal"]
    rows = list(
        csv.reader(
            io.StringIO(b"".join(client.get(place(workspace, "export"), {"segment": buyers.public}).streaming_content).decode("utf-8-sig"))
        )
    )
    assert [row[0] for row in rows[1:]] == ["Núria Serra Vidal"]
    Membership.objects.filter(segment=buyers).update(left_at=buyers.created_at)
    assert not client.get(place(workspace, "people"), {"segment": buyers.public}).context["page"].rows
    answer = client.get(place(workspace, "people"), {"segment": "nothing"})
    assert (answer.context["page"].rows, bool(answer.context["problems"])) == ([], True)


def test_the_inbox_is_filtered_by_segment(workspace: Workspace, buyers: Segment, client_for: ClientFor) -> None:
    zoe = HandleRef("email", "zoe@example.org")
    asks = [act(who, Verb.CREATE, ObjectType.MESSAGE, days=0.1, text="When do you open?", thread_key=who.value) for who in (NURIA, zoe)]
    bring(workspace, asks, channel="email")
    inbox = reverse("inbox:list", kwargs={"workspace": workspace.slug})
    names = {line.name for line in client_for("agent").get(inbox, {"box": "all"}).context["page"].rows}
    assert {"Núria Serra Vidal", "Zoë Brown"} <= names
    rows = client_for("agent").get(inbox, {"box": "all", "segment": buyers.public}).context["page"].rows
    assert {line.name for line in rows} == {"Núria Serra Vidal"}
