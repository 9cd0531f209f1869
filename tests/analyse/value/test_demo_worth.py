"""The demo's café notes who brought whom, what time and letters cost it: once, and true to who came when."""

import pytest

from tests.analyse.value import company as town
from vincle.accounts.models import User, Workspace
from vincle.engage.inbox.models import Effort, ServiceSettings
from vincle.engage.leads import actions, ready_made
from vincle.engage.leads.models import Form, Submission
from vincle.language.page import Page
from vincle.language.registry import understand
from vincle.organise.models import Profile, Relation
from vincle.organise.value_terms import terms_of
from vincle.project.demo.speaking.forms import CONTACT
from vincle.project.demo.worth import IDEAS, earn

pytestmark = pytest.mark.django_db


def test_it_is_noted_once_and_nobody_came_before_whoever_brought_them(workspace: Workspace, owner: User) -> None:
    town.company(workspace)
    town.talk(workspace, owner, "rob", 1)
    earn(workspace, owner)
    first = dict(Profile.objects.of(workspace).values_list("person", "first_at"))
    pairs = list(Relation.objects.of(workspace).values_list("person", "other"))
    assert pairs
    assert all(first[one] < first[other] for one, other in pairs)
    assert terms_of(workspace).has_margin
    assert ServiceSettings.objects.of(workspace).get().hourly_cost == 21
    spent = list(Effort.objects.of(workspace).values_list("seconds", flat=True))
    earn(workspace, owner)
    assert list(Relation.objects.of(workspace).values_list("person", "other")) == pairs
    assert list(Effort.objects.of(workspace).values_list("seconds", flat=True)) == spent


def test_some_who_buy_write_ideas_that_are_read_as_such(workspace: Workspace, owner: User) -> None:
    town.company(workspace)
    form = actions.create(workspace, owner, Form, CONTACT, {**ready_made.contact("en"), "is_confirmed": False})
    actions.publish(form, owner)
    Profile.objects.of(workspace).exclude(email="").update(purchases=2)
    earn(workspace, owner)
    assert 1 <= Submission.objects.of(workspace).count() <= 3
    for tongue, texts in IDEAS.items():
        for reading in understand([Page(text) for text in texts]):
            assert (reading.language, "suggestion" in reading.intents) == (tongue, True)
