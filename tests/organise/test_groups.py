"""Groups of people: found where there are some, refused where there are none, kept by number and name, made segments with one click."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.analyse.conftest import forget_lake
from vincle.accounts.models import AuditEntry, Role, Workspace
from vincle.organise import cluster_rounds, cluster_words, clusters, frames
from vincle.organise.cluster_features import clause, feature
from vincle.organise.cluster_table import table
from vincle.organise.models import Cluster, Clustering, ClusterMember, Profile, Segment
from vincle.organise.segments.evaluate import truth
from vincle.organise.segments.needs import needs
from vincle.organise.segments.reading import read
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

from .community import NOW, bring

ClientFor = Callable[..., Client]


@pytest.fixture(autouse=True)
def lake() -> Iterator[None]:
    forget_lake()
    yield
    forget_lake()


def acts(who: str, verb: Verb, kind: ObjectType, n: int, chance: np.random.Generator, **values: object) -> list[Activity]:
    found = []
    for place in range(n):
        at = NOW - timedelta(days=float(chance.uniform(1, 200)))
        native = f"{who}:{verb}:{kind}:{place}"
        found.append(Activity(verb=verb, object_type=kind, native_id=native, happened_at=at, actor=HandleRef("email", who), **values))  # type: ignore[arg-type]
    return found


def town(workspace: Workspace, seed: int = 1, shoppers: int = 40, critics: int = 30, mixed: bool = False) -> None:
    """People who buy in the shop and people who comment on Instagram; `mixed`: everybody a little of both."""
    chance = np.random.default_rng(seed)
    shop, instagram = [], []
    for n in range(shoppers + critics):
        who = f"person{n}@example.org"
        buys, says = chance.poisson(5, 2) if mixed else (chance.poisson(8), 0) if n < shoppers else (0, chance.poisson(8))
        shop += acts(
            who, Verb.PURCHASE, ObjectType.ORDER, 1 + int(buys) if buys or mixed else 0, chance, amount=Decimal("12.50"), currency="EUR"
        )
        instagram += acts(who, Verb.CREATE, ObjectType.NOTE, 1 + int(says) if says or mixed else 0, chance, parent_key="p", text="hm")
    bring(workspace, list(shop), "shop")
    bring(workspace, list(instagram), "instagram")


def look(workspace: Workspace) -> Clustering:
    assert cluster_rounds.run(workspace, clusters.ask(workspace, None))
    found: Clustering = Clustering.objects.of(workspace).latest("pk")
    return found


def test_groups_are_found_and_a_rule_names_them(workspace: Workspace) -> None:
    town(workspace)
    found = look(workspace)
    assert (found.state, found.problem, found.quality["why"], found.people) == ("done", "", "", 70)
    rows = list(found.clusters.order_by("-people"))
    assert [row.people for row in rows] == [40, 30]
    assert [row.number for row in rows] == [1, 2]
    for row in rows:
        assert row.members.count() == row.people
        assert (row.quality["precision"], row.quality["recall"]) == (1.0, 1.0)
        assert row.quality["stability"] > 0.9
    buyers = {profile.person for profile in Profile.objects.of(workspace).filter(purchases__gt=0)}
    assert set(rows[0].members.values_list("person", flat=True)) == buyers
    assert "buy" in cluster_words.name(rows[0]).lower() or "shop" in cluster_words.name(rows[0]).lower()


def test_what_a_rule_says_of_itself_is_what_the_segment_holds(workspace: Workspace) -> None:
    town(workspace, seed=2)
    rows = list(look(workspace).clusters.order_by("number"))
    everybody = Profile.objects.of(workspace).values_list("person", flat=True)
    for row in rows:
        asked = read(row.predicate)
        frame = frames.load(workspace, everybody, needs([asked]))
        held = set(frame.ids[truth(asked, frame, frames.now_of(workspace, timezone.now()), {})].tolist())
        members = set(row.members.values_list("person", flat=True))
        assert len(held & members) / len(held) == pytest.approx(row.quality["precision"], abs=1e-4)
        assert len(held & members) / len(members) == pytest.approx(row.quality["recall"], abs=1e-4)


def test_each_feature_is_what_its_clause_asks(workspace: Workspace) -> None:
    """Of every feature a segment can ask for: who has at least, or less than, the middle value."""
    town(workspace, seed=3, mixed=True)
    now = frames.now_of(workspace, timezone.now())
    found = table(workspace, now)
    assert len(found.ids) == 70
    assert {each.family for each in found.features} >= {"acts", "spent", "days", "deed", "channel"}
    for column, each in enumerate(found.features):
        if not each.is_asked:
            continue
        value = float(np.sort(found.raw[:, column])[40])
        for side in (True, False):
            asked = read(clause(each, side, value))
            frame = frames.load(workspace, found.ids.tolist(), needs([asked]))
            expected = (found.raw[:, column] >= value) == side
            assert (truth(asked, frame, now, {}) == expected).all(), (each.id, side, value)


def test_nothing_is_found_where_everybody_is_alike(workspace: Workspace, client_for: ClientFor) -> None:
    town(workspace, seed=4, mixed=True)
    found = look(workspace)
    assert found.quality["groups"] == 0
    assert found.quality["why"] in ("no groups", "few features")
    page = unescape(client_for().get(address(workspace)).content.decode())
    assert "No groups among your people" in page
    assert cluster_words.quality(found.quality) in page


def test_few_people_are_no_groups(workspace: Workspace) -> None:
    town(workspace, shoppers=10, critics=10)
    assert look(workspace).quality["why"] == "few people"


def test_a_look_at_nobody_ends_well(workspace: Workspace) -> None:
    found = look(workspace)
    assert (found.state, found.quality["why"], found.people) == ("done", "few people", 0)


def test_numbers_and_names_stay_from_look_to_look(workspace: Workspace, client_for: ClientFor) -> None:
    town(workspace, seed=5)
    first = look(workspace)
    row = first.clusters.order_by("-people")[0]
    client = client_for(Role.AGENT)
    client.post(reverse("organise:group_rename", kwargs={"workspace": workspace.slug, "number": row.number}), {"name": "  Our  regulars "})
    bring(
        workspace,
        list(acts("new@example.org", Verb.PURCHASE, ObjectType.ORDER, 7, np.random.default_rng(9), amount=Decimal(3), currency="EUR")),
        "shop",
    )
    second = look(workspace)
    assert [first.clusters.count(), second.clusters.count()] == [2, 2]
    again = second.clusters.get(number=row.number)
    assert (again.people, again.name) == (row.people + 1, "Our regulars")
    assert not ClusterMember.objects.filter(cluster__clustering=first).exists()
    assert Clustering.objects.of(workspace).get(is_current=True) == second
    page = unescape(client.get(address(workspace)).content.decode())
    assert "Our regulars" in page
    assert "Earlier looks" in page


def test_one_click_makes_a_segment(workspace: Workspace, client_for: ClientFor) -> None:
    town(workspace, seed=6)
    row = look(workspace).clusters.order_by("-people")[0]
    url = reverse("organise:group_segment", kwargs={"workspace": workspace.slug, "number": row.number})
    for _turn in range(2):
        assert client_for(Role.AGENT).post(url).status_code == 302
    first, second = Segment.objects.of(workspace).order_by("pk")
    assert first.name == cluster_words.name(row)
    assert second.name == f"{first.name} (2)"
    assert first.predicate == read_back(row.predicate)
    assert "belong to the group" in first.description
    assert client_for(Role.VIEWER).post(url).status_code == 403


def read_back(predicate: object) -> object:
    from vincle.organise.segments.reading import write

    return write(read(predicate))


def test_asking_twice_is_one_look_and_it_can_be_ended(workspace: Workspace, client_for: ClientFor) -> None:
    client = client_for(Role.AGENT)
    for _turn in range(2):
        client.post(reverse("organise:groups_look", kwargs={"workspace": workspace.slug}))
    assert Clustering.objects.of(workspace).count() == 1
    assert cluster_rounds.any_due()
    assert "Waiting for the worker" in client.get(address(workspace)).content.decode()
    client.post(reverse("organise:groups_end", kwargs={"workspace": workspace.slug}))
    ended = Clustering.objects.of(workspace).get()
    assert ended.state == "ended"
    assert clusters.work(ended).state == "ended"
    assert list(AuditEntry.objects.filter(object_type="group").order_by("pk").values_list("verb", flat=True)) == [
        "looked for groups",
        "ended",
    ]
    progress = client.get(reverse("organise:groups_progress", kwargs={"workspace": workspace.slug}))
    assert progress.headers["HX-Refresh"] == "true"


def test_one_that_is_ended_while_it_works_keeps_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    town(workspace, seed=7)
    monkeypatch.setattr(clusters, "TICK", 0)
    asked = clusters.ask(workspace, None)

    def alive() -> bool:
        Clustering.objects.filter(pk=asked.pk).update(state="ended")
        return True

    assert clusters.work(asked, alive).state == "ended"
    assert not Cluster.objects.exists()


def test_trouble_is_kept_and_what_stood_stands(workspace: Workspace, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    town(workspace, seed=8)
    good = look(workspace)

    def broken(*_given: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(clusters, "table", broken)
    bad = look(workspace)
    assert bad.state == "failed"
    assert "RuntimeError" in bad.problem
    assert Clustering.objects.get(is_current=True) == good
    page = unescape(client_for().get(address(workspace)).content.decode())
    assert "could not be finished" in page
    assert cluster_words.name(good.clusters.order_by("-people")[0]) in page


def test_the_page_asks_little_however_many_people(
    workspace: Workspace, client_for: ClientFor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    town(workspace, seed=9)
    row = look(workspace).clusters.order_by("-people")[0]
    client = client_for(Role.AGENT)
    client.get(address(workspace))
    with django_assert_max_num_queries(20):
        client.get(address(workspace))
    url = reverse("organise:group", kwargs={"workspace": workspace.slug, "number": row.number})
    with django_assert_max_num_queries(17):
        page = client.get(url)
    assert page.content.decode().count('class="person"') == 40


def test_groups_of_others_are_not_seen(workspace: Workspace, other_workspace: Workspace, client_for: ClientFor) -> None:
    town(other_workspace, seed=10)
    row = look(other_workspace).clusters.order_by("-people")[0]
    page = client_for().get(address(workspace)).content.decode()
    assert cluster_words.name(row) not in page
    assert client_for().get(reverse("organise:group", kwargs={"workspace": workspace.slug, "number": row.number})).status_code == 404


def test_names_are_made_of_what_sets_apart() -> None:
    features = [["channel:instagram", 1, 0, 8, 0, 1.9], ["acts:", 1, 1, 9, 5, 0.8], ["deed:purchases", 0, 1, 0, 8, -1.5]]
    assert cluster_words.name(Cluster(number=3, features=features)) == "On Instagram · buy little"
    assert cluster_words.name(Cluster(number=3, features=[])) == "Group 3"
    assert cluster_words.short(feature("city", "Girona"), True) == "from Girona"


def address(workspace: Workspace) -> str:
    return reverse("organise:groups", kwargs={"workspace": workspace.slug})
