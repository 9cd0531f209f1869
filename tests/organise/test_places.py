"""Where people say they are is handed to what reads their words."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from vincle.accounts.models import Workspace
from vincle.listen import actions, log, texts
from vincle.listen.models import Activity as Row
from vincle.project import pipeline
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Verb

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("traits", "place"),
    [({"city": "Girona", "country": "ES"}, "Girona, ES"), ({"location": "🇮🇹 Milano"}, "🇮🇹 Milano"), ({"job_title": "Baker"}, "")],
)
def test_the_place_of_a_profile(workspace: Workspace, traits: dict[str, str], place: str) -> None:
    ana = HandleRef("mastodon", "ana@example.social", "Ana")
    source = actions.connection_for(workspace, "mastodon")
    log.append(source, [Fact(native_id="f", observed_at=NOW, handles=(ana,), name="Ana", traits=traits)], timezone.now())
    pipeline.catch_up()
    said = Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id="1", happened_at=NOW, actor=ana, text="Bon dia")
    log.append(source, [said], timezone.now())
    found = texts.at(Row.objects.exclude(object_type="Profile").values_list("seq", flat=True))
    assert [text.page.profile_place for text in found] == [place]
