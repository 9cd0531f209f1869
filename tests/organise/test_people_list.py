"""The list of people: what is found, in which order, and what is done to many at once."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.organise.community import act, bring, crowd, fact, nuria
from vincle.accounts.models import AuditEntry, Membership, Role, User, Workspace
from vincle.organise import people
from vincle.organise.models import Handover, Profile, SavedView, Score, Tag, Tagging
from vincle.vocabulary import HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
NEVER = "zzzz"


def place(workspace: Workspace, name: str = "people", **more: Any) -> str:
    return reverse(f"organise:{name}", kwargs={"workspace": workspace.slug, **more})


def names(workspace: Workspace, sort: str = "name", me: int | None = None, **filters: str) -> list[str]:
    condition = people.where(workspace, {name: [value] for name, value in filters.items()}, me)
    found = people.page(condition, people.sort_of(sort))
    assert found.total == people.count(condition)
    return [row.name for row in found.rows]


@pytest.fixture
def three(workspace: Workspace) -> None:
    bring(
        workspace,
        [
            fact(
                "nuria@example.org",
                "Núria Serra-Vidal",
                traits={"company": "Ceràmica 100%", "country": "ES"},
                more=(HandleRef("phone", "+34600123456"),),
            ),
            fact("zoe_b@example.org", "Zoë Brown", traits={"country": "IT"}, tags=("vip",)),
            fact("alvaro@example.org", "Álvaro Puig"),
        ],
        name="three.csv",
    )
    bring(workspace, [act(HandleRef("email", "zoe_b@example.org"), Verb.CREATE, ObjectType.REVIEW, days=2, text="Bo")], channel="reviews")
    bring(workspace, [act(HandleRef("x", "77", "beanhead"), days=200, text="hm")], channel="x")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nuria", ["Núria Serra-Vidal"]), ("NÚRIA vidal", ["Núria Serra-Vidal"]), ("vidal nuria", ["Núria Serra-Vidal"]),
        ("600 123", ["Núria Serra-Vidal"]), ("zoe_b", ["Zoë Brown"]), ("zoe%b", []), ("100%", ["Núria Serra-Vidal"]),
        ("ceramica", ["Núria Serra-Vidal"]), ("beanhead", ["beanhead"]), (NEVER, []), ("nuria brown", []), ("\\", []),
        ("'; DROP TABLE x", []),
        ("\x00", ["Álvaro Puig", "beanhead", "Núria Serra-Vidal", "Zoë Brown"]),
    ],
)  # fmt: skip
def test_search_reads_names_and_handles(workspace: Workspace, client_for: ClientFor, words: str, found: list[str]) -> None:
    page = client_for().get(place(workspace), {"q": words, "sort": "name"}).context["page"]
    assert [row.name for row in page.rows] == found
    assert page.total == len(found)


@pytest.mark.usefixtures("three")
def test_every_filter_narrows(workspace: Workspace, owner: User) -> None:
    tag = Tag.objects.get(folded="vip")
    Profile.objects.filter(email="alvaro@example.org").update(owner=owner)
    delivery = Profile.objects.get(email="alvaro@example.org").traits["name"][2]
    today = timezone.localdate()
    assert names(workspace, stage="critic") == ["Zoë Brown"]
    assert names(workspace, channel="x") == ["beanhead"]
    assert names(workspace, tag=str(tag.pk)) == ["Zoë Brown"]
    assert names(workspace, owner=str(owner.pk)) == names(workspace, owner="me", me=owner.pk) == ["Álvaro Puig"]
    assert len(names(workspace, owner="none")) == 3
    assert names(workspace, country="it") == ["Zoë Brown"]
    assert names(workspace, identified="no") == ["beanhead"]
    assert names(workspace, active_from=str(today - timedelta(days=5))) == ["Zoë Brown"]
    assert names(workspace, active_to=str(today - timedelta(days=90))) == ["beanhead"]
    assert names(workspace, known_to=str(today - timedelta(days=100))) == ["beanhead"]
    assert names(workspace, delivery=str(delivery)) == ["Álvaro Puig", "Núria Serra-Vidal", "Zoë Brown"]
    assert names(workspace, stage="critic", channel="x") == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "asked",
    ["stage=king", "tag=x", "owner=9x", "identified=perhaps", "known_from=yesterday", "active_to=9999-12-31", "delivery=x", "delivery=9"],
)
def test_what_cannot_be_read_gives_an_empty_list_and_a_sentence(workspace: Workspace, client_for: ClientFor, asked: str) -> None:
    response = client_for().get(f"{place(workspace)}?{asked}")
    assert response.status_code == 200
    assert response.context["page"].rows == []
    assert "Nobody fits these filters." in response.content.decode()
    assert response.context["problems"] or asked == "delivery=9"


@pytest.mark.usefixtures("three")
def test_empty_filters_and_odd_places_are_ignored(workspace: Workspace, client_for: ClientFor) -> None:
    for asked in (
        "stage=&q=&tag=",
        "after=x",
        "after=~zz",
        "after=0001-01-01T00:00:00%2B14:00~0000000000001",
        "before=0~uuuuuuuuuuuuu",
        "sort=colour",
        "columns=nothing",
    ):
        assert client_for().get(f"{place(workspace)}?{asked}").context["page"].total == 4


@pytest.mark.parametrize(
    "sort", ["name", "-name", "last", "-last", "activities", "-activities", "known", "-known", "purchases", "-purchases"]
)
def test_pages_follow_each_other_without_gap_or_repetition(workspace: Workspace, sort: str) -> None:
    crowd(workspace, 30)
    acts = [
        act(HandleRef("email", f"person{n:03}@example.org"), days=n % 5 + 1, native_id=f"a{n}{k}")
        for n in range(0, 30, 2)
        for k in range(n % 3 + 1)
    ]
    bring(workspace, acts, channel="mail")
    order = people.sort_of(sort)
    whole = [row.person for row in people.every(people.where(workspace, {}), order)]
    assert len(set(whole)) == 30
    for condition in (people.where(workspace, {}), people.where(workspace, {"q": ["person"]})):
        pages = [people.page(condition, order, size=7)]
        while pages[-1].after:
            pages.append(people.page(condition, order, after=pages[-1].after, size=7))
        assert [row.person for page in pages for row in page.rows] == whole
        back = [pages[-1]]
        while back[0].before:
            back.insert(0, people.page(condition, order, before=back[0].before, size=7))
        assert [row.person for page in back for row in page.rows] == whole
        assert pages[0].before is None


@pytest.fixture
def worths(workspace: Workspace) -> list[tuple[int, float]]:
    """Twenty people; thirteen have a value, several the same one."""
    crowd(workspace, 20)
    found = list(Profile.objects.order_by("person").values_list("person", flat=True))
    known = [(person, n % 4 * 10.25) for n, person in enumerate(found) if n % 3]
    for name in ("value", "engagement"):
        Score.objects.bulk_create(Score(workspace=workspace, person=person, name=name, value=value) for person, value in known)
    Score.objects.bulk_create(Score(workspace=workspace, person=person, name="alive", value=0.25) for person, _value in known)
    return known


@pytest.mark.parametrize("sort", ["value", "-value", "-engagement", "alive", "-alive"])
def test_pages_by_worth_hold_everybody_once_and_those_without_last(
    workspace: Workspace, worths: list[tuple[int, float]], sort: str
) -> None:
    order, known = people.sort_of(sort), dict(worths)
    whole = list(people.every(people.where(workspace, {}), order))
    assert len({row.person for row in whole}) == 20
    assert [row.value for row in whole[:13]] == (
        sorted(known.values(), reverse="-" in sort) if "alive" not in sort else [known[row.person] for row in whole[:13]]
    )
    assert {row.value for row in whole[13:]} == {None}
    for condition in (people.where(workspace, {}), people.where(workspace, {"q": ["person"]})):
        pages = [people.page(condition, order, size=3)]
        while pages[-1].after:
            pages.append(people.page(condition, order, after=pages[-1].after, size=3))
        assert [row.person for page in pages for row in page.rows] == [row.person for row in whole]
        assert {page.total for page in pages} == {20}
        back = [pages[-1]]
        while back[0].before:
            back.insert(0, people.page(condition, order, before=back[0].before, size=3))
        assert [row.person for page in back for row in page.rows] == [row.person for row in whole]
        assert pages[0].before is None


def test_worth_is_a_column_a_filter_and_in_the_download(
    workspace: Workspace, client_for: ClientFor, worths: list[tuple[int, float]], django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client = client_for(Role.OWNER)
    assert "c-value" not in client.get(place(workspace)).content.decode()
    with django_assert_max_num_queries(11):
        page = client.get(place(workspace), {"columns": ["value", "alive"], "sort": "-value"}).content.decode().replace("\u00a0", " ")
    assert page.count("€ 31") == sum(value == 30.75 for _person, value in worths)
    assert page.count("25\u202f%") == 13
    assert "Engagement value</a>" not in page
    assert client.get(place(workspace), {"score": "value:20..", "sort": "-value"}).context["page"].total == sum(
        value >= 20 for _person, value in worths
    )
    heads, *rows = rows_of(client.get(place(workspace, "export"), {"sort": "-value"}))
    at = heads.index("Customer value")
    assert heads[at : at + 4] == ["Customer value", "Engagement value", "Currency", "Still a customer"]
    assert rows[0][at : at + 4] == ["30.75", "30.75", "EUR", "0.2500"]
    assert rows[-1][at : at + 4] == ["", "", "EUR", ""]
    for odd in ("nan~0000000000001", "1e999~0000000000001", "x~y", "~0000000000001"):
        assert client.get(place(workspace), {"sort": "-value", "after": odd}).status_code == 200


def test_sorting_by_name_does_as_people_do(workspace: Workspace) -> None:
    bring(workspace, [fact(f"{n}@example.org", name) for n, name in enumerate(["zoe", "Álvaro", "Bruno", "alba", "Zoé"])])
    assert [name.lower() for name in names(workspace)] == ["alba", "álvaro", "bruno", "zoe", "zoé"]
    assert names(workspace, sort="-name")[-1] == "alba"


def test_the_list_asks_ten_questions_at_most(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: Callable[[int], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(workspace, 60)
    monkeypatch.setattr(people, "FEW", 20)
    client = client_for(Role.OWNER)
    tag = Tag.objects.create(workspace=workspace, name="a", folded="a")
    for asked in ("", "q=person", "q=person+001", f"q={NEVER}", "sort=name", "sort=-last&identified=yes", f"tag={tag.pk}", "owner=me"):
        with django_assert_max_num_queries(10):
            assert client.get(f"{place(workspace)}?{asked}").status_code == 200
    after = client.get(place(workspace)).context["page"].after
    with django_assert_max_num_queries(11):
        client.get(place(workspace), {"after": after})


def test_the_list_shows_names_as_text(workspace: Workspace, client_for: ClientFor) -> None:
    given = ["<img src=x onerror=alert(1)>", "محمد العربي", "王伟", "ñ" * 200, '"><script>alert(1)</script>']
    bring(workspace, [fact(f"p{n}@example.org", name, tags=("<b>t</b>",)) for n, name in enumerate(given)])
    page = client_for(Role.OWNER).get(place(workspace)).content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "<b>t</b>" not in page
    assert "محمد العربي" in page
    assert names(workspace, q="محمد") == ["محمد العربي"]
    assert names(workspace, q="王") == ["王伟"]


def test_an_empty_workspace_says_what_to_do(workspace: Workspace, client_for: ClientFor) -> None:
    page = client_for().get(place(workspace)).content.decode()
    assert "Nobody yet." in page
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page


@pytest.mark.usefixtures("three")
def test_another_workspace_is_never_in_the_list(workspace: Workspace, other_workspace: Workspace) -> None:
    bring(other_workspace, [fact("stranger@example.org", "Stranger")])
    assert "Stranger" not in names(workspace)
    assert names(workspace, q="stranger") == []
    stranger = Profile.objects.get(email="stranger@example.org")
    assert people.count(people.chosen(workspace, [stranger.public])) == 0


@pytest.mark.usefixtures("three")
def test_typing_replaces_only_the_list(workspace: Workspace, client_for: ClientFor) -> None:
    page = client_for().get(place(workspace), {"q": "zoe"}, headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert page.lstrip().startswith('<div id="list"')
    assert "Zoë Brown" in page


@pytest.mark.usefixtures("three")
def test_columns_are_remembered(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for()
    assert client.get(place(workspace)).context["shown"] == ["stage", "channels", "company", "city", "tags", "owner", "activities", "last"]
    client.get(place(workspace), {"columns": ["email", "known"]})
    assert client.get(place(workspace)).context["shown"] == ["email", "known"]


def rows_of(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_download_is_the_filter_and_no_cell_is_a_formula(workspace: Workspace, client_for: ClientFor) -> None:
    bring(
        workspace,
        [fact("f@example.org", '=HYPERLINK("http://evil")'), fact("g@example.org", "Gina", more=(HandleRef("phone", "+34600000001"),))],
    )
    rows = rows_of(client_for(Role.ANALYST).get(place(workspace, "export"), {"sort": "name"}))
    assert rows[0][:3] == ["Name", "E-mail", "Phone"]
    assert [row[0] for row in rows[1:]] == ['\'=HYPERLINK("http://evil")', "Gina"]
    assert rows[2][2] == "+34600000001"
    entry = AuditEntry.objects.get(verb="exported")
    assert entry.details["people"] == 2
    assert len(rows_of(client_for(Role.ANALYST).get(place(workspace, "export"), {"q": "gina"}))) == 2
    assert client_for(Role.AGENT).get(place(workspace, "export")).status_code == 403


def undo_of(workspace: Workspace, response: Any) -> str:
    beginning = f"{place(workspace)}undo/"
    token: str = response.content.decode().rpartition(f'action="{beginning}')[2].partition('"')[0]
    assert token
    return beginning + token


def test_many_are_tagged_at_once_and_the_way_back_is_exact(workspace: Workspace, client_for: ClientFor) -> None:
    crowd(workspace, 60)
    client = client_for(Role.AGENT)
    one = Profile.objects.get(email="person000@example.org")
    client.post(place(workspace, "bulk_tag"), {"ids": [one.public], "tag": "Course"})
    tag = Tag.objects.get(name="Course")
    assert list(Tagging.objects.filter(tag=tag).values_list("person", flat=True)) == [one.person]
    answer = client.post(place(workspace, "bulk_tag"), {"all": "1", "query": "country=ES", "tag": "course"}, follow=True)
    assert Tagging.objects.filter(tag=tag, removed_at=None).count() == 20
    assert "19 people tagged" in answer.content.decode()
    client.post(undo_of(workspace, answer))
    assert list(Tagging.objects.filter(tag=tag, removed_at=None).values_list("person", flat=True)) == [one.person]
    answer = client.post(place(workspace, "bulk_untag"), {"all": "1", "query": "", "untag": str(tag.pk)}, follow=True)
    assert not Tagging.objects.filter(tag=tag, removed_at=None).exists()
    client.post(undo_of(workspace, answer))
    assert Tagging.objects.filter(tag=tag, removed_at=None).count() == 1
    assert AuditEntry.objects.filter(verb="tagged").count() == 2


def test_many_are_handed_over_and_each_goes_back_to_their_own(
    workspace: Workspace, client_for: ClientFor, member: Callable[..., User]
) -> None:
    crowd(workspace, 9)
    agent, analyst = member(Role.AGENT), member(Role.ANALYST)
    first = Profile.objects.get(email="person000@example.org")
    Profile.objects.filter(pk=first.pk).update(owner=analyst)
    client = client_for(Role.AGENT)
    answer = client.post(place(workspace, "bulk_owner"), {"all": "1", "query": "country=ES", "owner": str(agent.pk)}, follow=True)
    assert Profile.objects.filter(owner=agent).count() == 3
    assert Handover.objects.count() == 3
    client.post(undo_of(workspace, answer))
    first.refresh_from_db()
    assert first.owner == analyst
    assert not Profile.objects.filter(owner=agent).exists()


def test_only_someone_of_the_team_looks_after_people(
    workspace: Workspace, other_workspace: Workspace, client_for: ClientFor, member: Any
) -> None:
    crowd(workspace, 2)
    stranger = member(Role.AGENT, other_workspace)
    assert not Membership.objects.filter(workspace=workspace, user=stranger).exists()
    answer = client_for(Role.AGENT).post(place(workspace, "bulk_owner"), {"all": "1", "owner": str(stranger.pk)}, follow=True)
    assert "is not in this team" in answer.content.decode()
    assert not Profile.objects.filter(owner=stranger).exists()


def test_bulk_verbs_reach_no_other_workspace(workspace: Workspace, other_workspace: Workspace, client_for: ClientFor) -> None:
    bring(other_workspace, [fact("stranger@example.org", "Stranger")])
    stranger = Profile.objects.get(email="stranger@example.org")
    for body in ({"ids": [stranger.public]}, {"all": "1", "query": ""}):
        client_for(Role.AGENT).post(place(workspace, "bulk_tag"), {**body, "tag": "x"})
    assert not Tagging.objects.exists()


def test_views_are_kept_shared_and_deleted(workspace: Workspace, client_for: ClientFor) -> None:
    crowd(workspace, 3)
    client, other = client_for(Role.AGENT), client_for(Role.ANALYST)
    client.post(place(workspace, "save_view"), {"name": "From Spain", "query": "country=ES&sort=name&after=x"})
    view = SavedView.objects.get()
    assert view.query == "country=ES&sort=name"
    assert "From Spain" in client.get(place(workspace)).content.decode()
    assert "From Spain" not in other.get(place(workspace)).content.decode()
    client.post(place(workspace, "share_view", view=view.pk))
    assert "From Spain" in other.get(place(workspace)).content.decode()
    assert other.post(place(workspace, "delete_view", view=view.pk)).status_code == 404
    answer = client.post(place(workspace, "delete_view", view=view.pk), follow=True)
    assert not SavedView.objects.exists()
    client.post(undo_of(workspace, answer))
    assert SavedView.objects.get().query == "country=ES&sort=name"


def test_the_global_search_puts_exact_handles_first(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: Any
) -> None:
    bring(workspace, [fact(f"p{n}@example.org", f"Ana {n}", more=(HandleRef("phone", f"+3460012345{n}"),)) for n in range(9)])
    client, url = client_for(), place(workspace, "search")
    found = lambda words: client.get(url, {"q": words}, headers={"HX-Request": "true"}).content.decode()  # noqa: E731
    assert found("p3@example.org").index("Ana 3") > 0
    assert found("+34 600 123 454").count("<a ") == 1
    assert found("ana").count("<a ") == 7
    assert "Nothing found" in found(NEVER)
    assert found("").strip() == ""
    with django_assert_max_num_queries(8):
        found("ana")
    assert client.get(url, {"q": "ana"}).headers["Location"] == f"{place(workspace)}?q=ana"


def test_tags_are_renamed_joined_and_deleted_with_a_way_back(workspace: Workspace, client_for: ClientFor) -> None:
    crowd(workspace, 6)
    client = client_for(Role.AGENT)
    client.post(place(workspace, "bulk_tag"), {"all": "1", "query": "country=ES", "tag": "Spain"})
    client.post(place(workspace, "bulk_tag"), {"all": "1", "query": "country=IT", "tag": "Italy"})
    spain, italy = Tag.objects.get(folded="spain"), Tag.objects.get(folded="italy")
    standing = lambda tag: Tagging.objects.filter(tag=tag, removed_at=None).count()  # noqa: E731
    client.post(place(workspace, "rename_tag", tag=spain.pk), {"name": "Españoles"})
    assert Tag.objects.get(pk=spain.pk).name == "Españoles"
    answer = client.post(place(workspace, "rename_tag", tag=spain.pk), {"name": "italy"}, follow=True)
    assert (standing(spain), standing(italy)) == (0, 6)
    client.post(undo_of(workspace, answer))
    assert (standing(spain), standing(italy)) == (2, 4)
    answer = client.post(place(workspace, "delete_tag", tag=italy.pk), follow=True)
    assert "Italy" not in client.get(place(workspace, "tags")).content.decode().partition("<main")[2].partition("</table>")[0]
    client.post(undo_of(workspace, answer))
    assert standing(italy) == 4
    assert "Italy" in client.get(place(workspace, "tags")).content.decode()


def test_fields_of_imports_appear_and_may_be_called_otherwise(workspace: Workspace, client_for: ClientFor) -> None:
    profile, client = nuria(workspace), client_for(Role.AGENT)
    page = client.get(place(workspace, "fields")).content.decode()
    assert "Lead source" in page
    client.post(place(workspace, "change_field"), {"name": "Lead source", "label": "Origin", "type": "text"})
    assert "Origin" in client.get(place(workspace, "person", pid=profile.public)).content.decode()
    answer = client.post(place(workspace, "change_field"), {"name": "Lead source", "do": "delete"}, follow=True)
    assert "web form" not in client.get(place(workspace, "person", pid=profile.public)).content.decode().partition("</ol>")[2]
    client.post(undo_of(workspace, answer))
    assert "Origin" in client.get(place(workspace, "person", pid=profile.public)).content.decode()
    client.post(place(workspace, "create_field"), {"name": "Allergies", "type": "list"})
    assert "Allergies" in client.get(place(workspace, "person", pid=profile.public)).content.decode()


def test_countries_are_counted_when_asked(workspace: Workspace, client_for: ClientFor) -> None:
    crowd(workspace, 6)
    page = client_for().get(place(workspace, "countries"), {"q": "x"}).content.decode()
    assert page.index("Italy") < page.index("Spain")
    assert "country=IT" in page


def test_those_ticked_can_be_downloaded_and_all_that_match_too(workspace: Workspace, client_for: ClientFor) -> None:
    crowd(workspace, 6)
    one = Profile.objects.get(email="person001@example.org")
    client = client_for(Role.ANALYST)
    assert [row[0] for row in rows_of(client.post(place(workspace, "export"), {"ids": [one.public, "nonsense"]}))[1:]] == ["Person 001"]
    found = rows_of(client.post(place(workspace, "export"), {"all": "1", "query": "country=ES&sort=-name", "ids": [one.public]}))
    assert [row[0] for row in found[1:]] == ["Person 003", "Person 000"]
