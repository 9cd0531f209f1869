"""The product block that names what goes with what each reader has bought."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import actions, goes_with, recipients, rendering
from vincle.engage.letters.models import LetterVersion
from vincle.engage.letters.recipients import Recipient
from vincle.listen import actions as listen
from vincle.listen import log
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb

Someone = Callable[..., int]
NAMES = st.sampled_from(["latte", "mug", "beans", "tea", "pot"])


@given(st.dictionaries(NAMES, st.lists(st.tuples(NAMES, st.floats(0.01, 1)), max_size=4)), st.sets(NAMES))
def test_what_is_offered_is_new_to_them_and_goes_with_something_they_have(known: dict[str, Any], names: set[str]) -> None:
    found = goes_with.choose(known, names)
    others = {(first, second) for first in names for second, _share in known.get(first, ()) if second not in names}
    assert (found is None) == (not others)
    assert found is None or ((found.beside, found.name) in others and found.share == max(
        share for first in names for second, share in known.get(first, ()) if second not in names
    ))  # fmt: skip


@pytest.fixture
def readers(workspace: Workspace, someone: Someone) -> dict[str, int]:
    """Ten who bought latte, four of them a mug as well; someone who bought something else, and someone who bought nothing."""
    bought = {f"p{at}": ["latte", "mug"] if at < 4 else ["latte"] for at in range(10)} | {"odd": ["tea"], "new": []}
    people = {name: someone(f"{name}@a.example", name.title()) for name in bought}
    items = [
        Activity(
            verb=Verb.PURCHASE, object_type=ObjectType.ORDER, native_id=name, happened_at=timezone.now() - timedelta(days=3),
            actor=HandleRef("email", f"{name}@a.example"), props={"products": products},
        )
        for name, products in bought.items() if products
    ]  # fmt: skip
    log.append(listen.connection_for(workspace, "shopify"), items, timezone.now())
    return people


def version_of(workspace: Workspace, owner: User, **block: Any) -> LetterVersion:
    blocks = [{"kind": "product", "source": "goes_with", "url": "https://shop.example/{{ person.goes_with.name | url_encode }}", **block}]
    return actions.keep(workspace, owner, actions.create(workspace, owner, "Also", draft={"en": {"subject": "x", "blocks": blocks}}))


@pytest.mark.django_db
def test_each_reader_sees_theirs_and_the_others_what_was_chosen(workspace: Workspace, owner: User, readers: dict[str, int]) -> None:
    version = version_of(workspace, owner, name="Gift card", text="Always right")
    some = [readers[name] for name in ("p5", "p1", "odd", "new")]
    values = recipients.people(workspace, some, frozenset({"person.goes_with.name"}))
    p5, p1, odd, new = rendering.render(version, [Recipient(each, values=values[each]) for each in some])
    assert all(words in p5.html for words in ("mug", "Goes well with latte", "https://shop.example/mug"))
    assert "Gift card" not in p5.html + p5.text
    assert "mug\nGoes well with latte" in p5.text
    for other in (p1, odd, new):
        assert "Gift card" in other.html
        assert "Gift card" in other.text
        assert "Goes well with" not in other.html + other.text


@pytest.mark.django_db
def test_without_another_product_nothing_stands_there(workspace: Workspace, owner: User, readers: dict[str, int]) -> None:
    version = version_of(workspace, owner)
    values = recipients.people(workspace, [readers["new"]], frozenset({"person.goes_with.name"}))
    [made] = rendering.render(version, [Recipient(readers["new"], values=values[readers["new"]])])
    assert "Goes well with" not in made.html + made.text
    assert not made.problems


@pytest.mark.django_db
def test_many_readers_ask_no_more_questions_than_one(
    workspace: Workspace, readers: dict[str, int], django_assert_num_queries: Any
) -> None:
    goes_with.pairs(workspace)
    for some in ([readers["p5"]], list(readers.values())):
        with django_assert_num_queries(2):
            recipients.people(workspace, some, frozenset({"person.goes_with.name"}))


@pytest.mark.django_db
def test_another_workspaces_purchases_say_nothing_here(other_workspace: Workspace, readers: dict[str, int]) -> None:
    assert goes_with.of(other_workspace, readers.values()) == {}
