"""A rebuild keeps what people decided, and what an import brought before it was stopped."""

import io
from typing import Any

import pytest
from django.db import transaction

from tests.engage.surveys import asking as surveys
from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import answering
from vincle.engage.surveys.models import Response
from vincle.identify import actions as identify
from vincle.identify.models import Case, Consent, Person
from vincle.listen import actions as listen
from vincle.listen.models import Activity, Delivery
from vincle.organise.models import Profile
from vincle.project import pipeline, rebuild


def bring(workspace: Workspace, owner: User, text: str) -> Delivery:
    delivery = listen.receive_file(workspace, io.BytesIO(text.encode()), "people.csv", owner)
    pipeline.catch_up()
    return delivery


def people() -> list[tuple[Any, ...]]:
    return sorted(Profile.objects.values_list("person", "name", "email", "phone"))


def test_merges_of_the_team_outlive_a_rebuild_and_can_still_be_taken_back(workspace: Workspace, owner: User) -> None:
    bring(workspace, owner, "Email,First Name,Phone\nana@example.org,Ana,\n,Ana,+34600111222\nana@example.org,Ana,+34600111222\n")
    apart = people()
    case = Case.objects.get()
    identify.merge(workspace, case.left, case.right, owner)
    pipeline.catch_up()
    before = people()
    assert (len(apart), len(before)) == (2, 1)
    rebuild.rebuild()
    assert people() == before
    assert Person.objects.filter(merged_into=None).count() == 1
    identify.take_back(workspace, Case.objects.get(), owner)
    pipeline.catch_up()
    assert len(people()) == 2


def test_what_a_cancelled_import_brought_stays(workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BATCH", 10)
    text = "Email,First Name\n" + "".join(f"p{n}@example.org,P{n}\n" for n in range(50))
    delivery = listen.receive_file(workspace, io.BytesIO(text.encode()), "people.csv", owner)
    listen.work_off(delivery, lambda now: listen.cancel(now, owner) if now.position >= 20 else None)
    pipeline.catch_up()
    before = people()
    assert len(before) == 20
    rebuild.rebuild()
    assert people() == before
    again = Delivery.objects.get()
    assert (again.state, again.position) == (Delivery.State.CANCELLED, 20)
    assert Activity.objects.count() == 20


def test_refusals_of_an_undone_import_outlive_a_rebuild(workspace: Workspace, owner: User) -> None:
    delivery = bring(workspace, owner, "Email,First Name,Status\nana@example.org,Ana,Unsubscribed\n")
    assert Consent.objects.count() == 1
    listen.undo(delivery, owner)
    pipeline.catch_up()
    rebuild.rebuild()
    assert Consent.objects.get().permit == "withdrawn"


def test_answers_to_surveys_outlive_a_rebuild(workspace: Workspace, owner: User) -> None:
    way = surveys.opened(workspace, owner, [{"id": "one", "items": [{"type": "nps", "id": "nps", "text": {"en": "Recommend?"}},
        {"type": "email", "id": "e", "text": {"en": "Address"}}, {"type": "text", "id": "t", "text": {"en": "Why?"}}]}])  # fmt: skip
    for at in range(3):
        row = answering.begin(way)
        answering.save(row, "one", {"nps": [str(at + 7)], "e": [f"p{at}@example.org"], "t": ["Good coffee"]})
        with transaction.atomic():
            answering.complete(row)
    pipeline.catch_up()
    acts = sorted(Activity.objects.values_list("event_id", "actor", "rating"))
    before = people()
    assert len(acts) >= 6
    assert len(before) == 3
    rebuild.rebuild()
    assert sorted(Activity.objects.values_list("event_id", "actor", "rating")) == acts
    assert people() == before
    assert Response.objects.filter(state="complete").count() == 3
