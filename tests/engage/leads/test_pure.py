"""Rules of forms without a database: drafts that are changed and taken back, answers that are understood, domains that take no mail."""

from typing import Any

import dns.resolver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels import cards, forms
from vincle.engage.leads import answers, definition, editing, mailing
from vincle.vocabulary import Activity, Fact, Reject

EMPTY: dict[str, Any] = {"languages": ["en"], "items": []}
DEEDS = st.lists(st.tuples(st.sampled_from(["add", "remove", "double", "up", "down"]), st.integers(0, 9)), max_size=30)


@given(DEEDS)
def test_ids_are_never_given_twice_and_every_deed_can_be_taken_back(deeds: list[tuple[str, int]]) -> None:
    draft, trail, seen = EMPTY, editing.Trail([EMPTY], 0), set()
    for deed, number in deeds:
        items = draft["items"]
        id = items[number % len(items)]["id"] if items else ""
        if deed == "add":
            draft = editing.add(draft, {"kind": "text"})
        elif not id:
            continue
        elif deed in ("up", "down"):
            draft = editing.move(draft, id, -1 if deed == "up" else 1)
        else:
            draft = editing.remove(draft, id) if deed == "remove" else editing.double(draft, id)
        new = {item["id"] for item in draft["items"]} - {item["id"] for item in items}
        assert not new & seen
        seen |= new
        trail.put(draft)
    while trail.can_undo:
        trail.go(-1)
    assert trail.drafts[0] == EMPTY or len(trail.drafts) == editing.KEPT
    with pytest.raises(editing.Impossible):
        trail.go(-1)


@given(st.dictionaries(st.sampled_from(["i1", "i2", "i3", "i4", "i5", "i6", "i7", "x"]), st.lists(st.text(max_size=40), max_size=3)))
def test_whatever_is_sent_is_understood_or_refused(posted: dict[str, list[str]]) -> None:
    kinds = ("email", "phone", "name", "number", "date", "choice", "long")
    items = [definition.Item(f"i{place}", kind, trait="t" if place > 3 else "") for place, kind in enumerate(kinds, 1)]  # type: ignore[arg-type]
    items[5].options = [definition.Option("a"), definition.Option("b")]
    found = answers.understand(definition.Definition(items=items), items, posted, "en", "ES")
    assert all(value in ("a", "b") for answer in found.answers if answer.field == "i6" for value in [answer.value])
    assert {each.item for each in found.wrong} <= {item.id for item in items}
    assert "\x00" not in found.name + found.message


def test_a_submission_is_read_back_as_it_was_written() -> None:
    from datetime import UTC, datetime

    sent = forms.Sent(
        id="s1", at=datetime(2026, 1, 2, tzinfo=UTC), form=forms.About("k", "News", 2), handles=[forms.Named("email", "a@example.org")],
        consents=[forms.Agreed("news", "Yes")], touch={"campaign": "May", "url": "https://x.example/a?email=me@x.org"},
    )  # fmt: skip
    act, fact = forms.channel.parse(forms.write(sent), sent.at)
    assert isinstance(act, Activity)
    assert isinstance(fact, Fact)
    assert (act.campaign_key, act.url, fact.consents[0].wording) == ("May", "https://x.example/a", "Yes")
    assert [type(each) for each in forms.channel.parse(b"{", sent.at)] == [Reject]
    assert [type(each) for each in cards.channel.parse(forms.write(sent), sent.at)] == [Activity, Fact]
    assert [type(each) for each in cards.channel.parse(b"[]", sent.at)] == [Reject]


def test_a_name_service_that_knows_nothing_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Denies:
        def __init__(self, *known: str) -> None:
            self.known = known

        def resolve(self, domain: str, kind: str, lifetime: float) -> list[Any]:
            if domain not in self.known:
                raise dns.resolver.NXDOMAIN
            return []

    for known, expected in (((), None), ((mailing.KNOWN,), False)):
        monkeypatch.setattr(mailing, "_resolver", lambda known=known: Denies(*known))
        assert mailing.ask("nowhere.example") is expected
