"""Review over HTTP: what is shown of a case, deciding it once, taking it back, and the past decisions."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify import actions, review
from vincle.identify.models import Belonging, Case, Link, Person
from vincle.listen import actions as listen
from vincle.listen.models import Handle
from vincle.project import pipeline

FIRST = "Name,Email,Phone,Newsletter\nMontserrat Vilaró,montse@example.cat,,yes\nM. Vilaro,vilaro@example.cat,+34 600 000 001,no\n"
SECOND = "Name,Email,Phone\nMontse,montse@example.cat,+34 600 000 001\n"
HX = {"HX-Request": "true"}


def bring(workspace: Workspace, text: str, name: str) -> None:
    listen.receive_file(workspace, io.BytesIO(text.encode()), name, kind="contacts")
    pipeline.catch_up()


@pytest.fixture
def case(workspace: Workspace) -> Case:
    bring(workspace, FIRST, "first.csv")
    bring(workspace, SECOND, "customers.csv")
    found: Case = Case.objects.of(workspace).get()
    return found


@pytest.fixture
def agent(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.AGENT)


def place(name: str = "review", **values: Any) -> str:
    return reverse(f"identify:{name}", kwargs={"workspace": "cafe-lligam", **values})


def decide(client: Client, case: Case, answer: str, **more: Any) -> Any:
    return client.post(place("decide", pk=case.pk), {"answer": answer, **more.pop("form", {})}, **more)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_nothing_to_decide(agent: Client, workspace: Workspace) -> None:
    assert "Nothing to decide" in text_of(agent.get(place()))
    assert "Nobody decided anything yet" in text_of(agent.get(place("decisions")))


def test_a_case_is_shown_face_to_face(agent: Client, case: Case, workspace: Workspace) -> None:
    response = agent.get(place())
    page = text_of(response)
    names = {response.context["left"].name, response.context["right"].name}
    assert names == {"Montse", "M. Vilaro"}
    assert "Row 2 of customers.csv carries both montse@example.cat and +34600000001" in page
    assert reverse("listen:imports", kwargs={"workspace": workspace.slug}) in page
    assert "3 handles together" in page
    assert [str(side) for side in response.context["consents"][0]["sides"]] in (["yes", "no", "no"], ["no", "yes", "no"])
    for party in (response.context["left"], response.context["right"]):
        assert reverse("organise:side", kwargs={"workspace": workspace.slug, "pid": party.pid}) in page
    assert "1 left" in page
    assert all(f'data-key="{key}"' in page for key in "yns")


def test_the_same_person(agent: Client, case: Case, workspace: Workspace) -> None:
    response = decide(agent, case, "same", follow=True)
    assert "They are one person now" in said(response)
    assert "Nothing to decide" in text_of(response)
    assert Belonging.objects.of(workspace).values("person").distinct().count() == 1
    case.refresh_from_db()
    assert case.state == Case.State.SAME
    assert case.decided_by is not None
    assert case.decided_by.email.startswith(Role.AGENT)


def test_not_the_same_is_never_asked_again(agent: Client, case: Case, workspace: Workspace) -> None:
    assert "They stay two" in said(decide(agent, case, "different", follow=True))
    bring(workspace, SECOND.replace("Montse,", "Montse again,"), "third.csv")
    case.refresh_from_db()
    assert case.state == Case.State.DIFFERENT
    assert Case.objects.count() == 1
    assert Belonging.objects.of(workspace).values("person").distinct().count() == 2


def test_later_is_asked_again_when_wanted(agent: Client, case: Case) -> None:
    page = text_of(decide(agent, case, "later", follow=True))
    assert "Nothing to decide" in page
    assert "1 was put off: look again" in page
    again = agent.get(place() + "?later=1")
    assert again.context["case"] == case
    assert "1 put off" in text_of(again)
    response = decide(agent, case, "same", form={"later": "1"})
    assert response["Location"].endswith("?later=1")


def test_by_htmx_the_next_case_comes_without_a_page(agent: Client, case: Case, workspace: Workspace) -> None:
    bring(workspace, "Name,Email,Phone\nJoan,joan@example.cat,\nJ Puig,puig@example.cat,+34 600 000 002\n", "more.csv")
    bring(workspace, "Name,Email,Phone\nJoan Puig,joan@example.cat,+34 600 000 002\n", "both.csv")
    page = text_of(decide(agent, case, "different", headers=HX))
    assert "<html" not in page
    assert page.lstrip().startswith('<div id="case"')
    assert "Row 2 of both.csv" in page
    assert 'hx-swap-oob="beforeend:#toasts"' in page
    assert place("take_back", pk=case.pk) in page
    assert "They stay two" not in text_of(agent.get(place()))


def test_two_agents_one_case(agent: Client, case: Case, client_for: Callable[..., Client]) -> None:
    decide(agent, case, "different")
    response = decide(client_for(Role.ADMIN), case, "same", follow=True)
    assert "decided this meanwhile: Not the same. Nothing was changed." in said(response)
    case.refresh_from_db()
    assert case.state == Case.State.DIFFERENT
    shown = text_of(agent.get(place() + f"?case={case.pk}"))
    assert "Settled meanwhile" in shown
    assert "Not the same" in shown


@pytest.mark.django_db(transaction=True)
def test_two_agents_at_the_same_moment(case: Case, workspace: Workspace, member: Callable[..., User]) -> None:
    users = [member(Role.AGENT), member(Role.ADMIN)]
    answers, gate, outcomes = ["same", "different"], threading.Barrier(2), {}

    def answer(place_in_line: int) -> None:
        gate.wait()
        try:
            outcomes[answers[place_in_line]] = actions.decide(workspace, case.pk, answers[place_in_line], users[place_in_line])
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(n,)) for n in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes.values()) in (["", "different"], ["", "same"])
    case.refresh_from_db()
    assert outcomes[case.state] == case.state
    people = Belonging.objects.of(workspace).values("person").distinct().count()
    assert people == (1 if case.state == "same" else 2)
    assert AuditEntry.objects.filter(verb__in=("merge", "keep apart")).count() == 1


def test_a_merge_is_taken_back_whole(agent: Client, case: Case, workspace: Workspace) -> None:
    before = dict(Belonging.objects.of(workspace).values_list("handle", "person"))
    decide(agent, case, "same")
    response = agent.post(place("take_back", pk=case.pk), follow=True)
    assert "Taken back: this is a question again" in said(response)
    assert response.context["case"] == case
    assert dict(Belonging.objects.of(workspace).values_list("handle", "person")) == before
    assert "someone did so already" in said(agent.post(place("take_back", pk=case.pk), {"back": "decisions"}, follow=True))


def test_taking_back_one_merge_leaves_an_earlier_one(agent: Client, case: Case, workspace: Workspace) -> None:
    """B and D were joined before A and B were: parting A and B keeps B and D together, and D's old address leads to B."""
    bring(workspace, "Name,Email\nDolors,dolors@example.cat\n", "d.csv")
    keys = {handle.value: handle.key for handle in Handle.objects.of(workspace)}
    whose = dict(Belonging.objects.of(workspace).values_list("handle", "person"))
    a, b, d = (whose[keys[value]] for value in ("montse@example.cat", "vilaro@example.cat", "dolors@example.cat"))
    joined = actions.merge(workspace, b, d, None)
    both = actions.person_of(workspace, joined)
    assert both is not None
    actions.merge(workspace, a, joined, None)
    last = Case.objects.of(workspace).filter(state="same").latest("decided_at")
    assert actions.reopen(workspace, last.pk, None)
    now = dict(Belonging.objects.of(workspace).values_list("handle", "person"))
    assert now[keys["vilaro@example.cat"]] == now[keys["dolors@example.cat"]] != now[keys["montse@example.cat"]]
    for person in (b, d):
        living = actions.person_of(workspace, person)
        assert living is not None
        assert living.pk == now[keys["dolors@example.cat"]]
    actions.rebuild(set(now.values()))
    after = dict(Belonging.objects.of(workspace).values_list("handle", "person"))
    assert after[keys["vilaro@example.cat"]] == after[keys["dolors@example.cat"]]
    assert Link.objects.of(workspace).filter(evidence="decision", undone_at=None).count() == 1


def test_past_decisions_name_both_and_can_be_taken_back(agent: Client, case: Case, client_for: Callable[..., Client]) -> None:
    decide(agent, case, "same")
    page = text_of(agent.get(place("decisions")))
    assert "Montse" in page
    assert "M. Vilaro" in page
    assert "Same person" in page
    assert place("take_back", pk=case.pk) in page
    assert place("take_back", pk=case.pk) not in text_of(client_for(Role.VIEWER).get(place("decisions")))
    response = agent.post(place("take_back", pk=case.pk), {"back": "decisions"})
    assert response["Location"] == place("decisions")


def test_a_case_whose_people_are_gone_is_no_question(agent: Client, case: Case, workspace: Workspace) -> None:
    Person.objects.of(workspace).filter(pk=case.left).delete()
    assert "Nothing to decide" in text_of(agent.get(place()))
    case.refresh_from_db()
    assert case.state == Case.State.MOOT
    Case.objects.filter(pk=case.pk).update(state=Case.State.OPEN)
    assert "not there any more" in said(decide(agent, case, "same", follow=True))


def test_a_viewer_looks_but_cannot_decide(case: Case, client_for: Callable[..., Client]) -> None:
    viewer = client_for(Role.VIEWER)
    page = text_of(viewer.get(place()))
    assert "Row 2 of customers.csv" in page
    assert "Your role may look, not decide" in page
    assert 'name="answer"' not in page
    assert decide(viewer, case, "same").status_code == 403


def test_no_answer_is_no_decision(agent: Client, case: Case) -> None:
    assert "That is no answer" in said(decide(agent, case, "perhaps", follow=True))
    case.refresh_from_db()
    assert case.state == Case.State.OPEN
    for query in ("case=x", "case=" + "9" * 30, "case=0"):
        assert agent.get(f"{place()}?{query}").status_code == 200


def test_a_merge_by_hand_and_hostile_names_are_shown_as_words(agent: Client, workspace: Workspace) -> None:
    bring(workspace, "Name,Email,Phone\n<b>Ana</b>,ana@example.cat,\n<script>x</script>,other@example.cat,+34 600 000 001\n", "<i>a.csv")
    bring(workspace, "Name,Email,Phone\nAna,ana@example.cat,+34 600 000 001\n", '"><script>.csv')
    page = text_of(agent.get(place()))
    assert "<script>x" not in page
    assert '"><script>.csv' not in page


def test_the_badge_and_the_page_ask_few_questions(agent: Client, case: Case, django_assert_max_num_queries: Any, rf: Any) -> None:
    with django_assert_max_num_queries(28):
        agent.get(place())
    request = rf.get("/")
    request.workspace = case.workspace
    with django_assert_max_num_queries(1):
        assert review.open_cases(request) == 1
        assert review.open_cases(request) == 1


def test_people_of_an_import_are_counted_from_the_database(
    agent: Client, case: Case, workspace: Workspace, other_workspace: Workspace
) -> None:
    first, second = (listen.Delivery.objects.of(workspace).get(name=name).pk for name in ("first.csv", "customers.csv"))
    assert review.people_of_imports(workspace, [first, second]) == {first: (2, 0), second: (0, 1)}
    assert "1 person known before" in text_of(agent.get(place("import_people", pk=second)))
    bring(other_workspace, FIRST, "theirs.csv")
    theirs = listen.Delivery.objects.of(other_workspace).get().pk
    assert agent.get(place("import_people", pk=theirs)).status_code == 404
    assert f"new-{theirs}" not in text_of(agent.get(place("imports_people") + f"?delivery={theirs}&delivery={first}&delivery=x"))


def test_other_pages_lead_here_while_something_waits(agent: Client, case: Case) -> None:
    assert place() in text_of(agent.get(place("waiting")))
    assert "1 pair waits" in text_of(agent.get(place("waiting")))
    decide(agent, case, "same")
    assert text_of(agent.get(place("waiting"))).strip() == ""


def test_an_import_counts_its_people_only_when_they_are_known(agent: Client, workspace: Workspace) -> None:
    """Between reading a file and knowing its people lies a step; until then the part says so and asks again."""
    delivery = listen.receive_file(workspace, io.BytesIO(b"Email,First name\nada@bell.example,Ada\n"), "few.csv")
    assert listen.work_off(delivery)
    answer = agent.get(place("import_people", pk=delivery.pk))
    assert b"new pe" not in answer.content
    assert b'hx-trigger="load delay:1s"' in answer.content
    pipeline.catch_up()
    answer = agent.get(place("import_people", pk=delivery.pk))
    assert "1 new person" in text_of(answer)
    assert b"hx-trigger" not in answer.content
