"""Pages of the stage beside each other: one entry of the rail, lit on each of them."""

import pytest

from vincle.organise import tabs
from vincle.web import nav


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(tabs, "_tabs", {})
    monkeypatch.setattr(nav, "_items", dict(nav._items))


def test_the_rail_leads_to_the_first_and_knows_the_others(registry):
    tabs.register("second", "Second", "organise:tags", 20)
    tabs.register("first", "First", "organise:people", 10)
    item = nav._items["segments"]
    assert (item.url_name, item.also) == ("organise:people", ("organise:tags",))


@pytest.mark.django_db
def test_tabs_stand_in_order_and_one_is_current(registry, workspace):
    tabs.register("second", "Second", "organise:tags", 20)
    tabs.register("first", "First", "organise:people", 10)
    found = tabs.tabs(workspace, "second")
    assert [(label, here) for label, _url, here in found] == [("First", False), ("Second", True)]
    assert found[0][1].endswith("/people/")
