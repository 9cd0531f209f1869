"""What tests of asking share: people with addresses, a segment of them, a mailbox, and an open survey of three questions."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from secrets import token_bytes, token_hex
from typing import Any

import pytest
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.outbox.models import Send
from vincle.engage.surveys import answering, asked, collectors, rounds, rounds_running, views_asked_public
from vincle.engage.surveys.definition import model
from vincle.engage.surveys.models import Collector, Response, Round, Survey, SurveyVersion
from vincle.identify.models import Belonging, Person
from vincle.listen import connections
from vincle.listen.models import Connection, Handle
from vincle.organise.models import Membership, Profile, Segment
from vincle.vocabulary import HandleRef, handle_key, public_id


def definition() -> model.Survey:
    return model.Survey(
        title={"en": "How was it?", "ca": "Com ha anat?"},
        languages=["en", "ca"],
        language="en",
        covering={"en": "Hello,\nwe would like to know <b>how</b> we did.", "ca": "Ens agradaria saber com ho hem fet."},
        areas=[model.Area(id="shop", name={"en": "Shop"})],
        pages=[
            model.Page(
                id="p1",
                area="shop",
                items=[model.Nps(id="nps", text={"en": "Would you recommend us?", "ca": "Ens recomanaries?"}, role="nps")],
            ),
            model.Page(
                id="p2",
                items=[
                    model.Single(
                        id="sex",
                        text={"en": "You are"},
                        choices=[model.Choice(id="f", text={"en": "Woman"}), model.Choice(id="m", text={"en": "Man"})],
                    ),
                    model.Multiple(
                        id="liked",
                        text={"en": "Liked"},
                        choices=[model.Choice(id="a", text={"en": "Price"}), model.Choice(id="b", text={"en": "Staff"})],
                    ),
                    model.LongText(id="why", text={"en": "Why?"}),
                ],
            ),
        ],
    )


def people(workspace: Workspace, count: int, kind: str = "email", start: int = 0) -> list[int]:
    """People with an address each; ids are the keys of their handles, ascending."""
    now = timezone.now()
    values = [f"p{at}@{workspace.slug}.example" if kind == "email" else f"+3460000{at:04}" for at in range(start, start + count)]
    refs = [HandleRef(kind, value, f"Person {at}") for at, value in enumerate(values, start)]
    keys = [handle_key(bytes(workspace.secret), ref.kind, ref.value) for ref in refs]
    for key, ref in zip(keys, refs, strict=True):
        Handle.objects.create(workspace=workspace, key=key, kind=ref.kind, value=ref.value, name=ref.name, first_seen=now)
        Person.objects.create(workspace=workspace, id=key, first_seen=now, is_identified=True)
        Belonging.objects.create(workspace=workspace, handle=key, person=key)
        Profile.objects.create(workspace=workspace, person=key, name=ref.name, email=ref.value, known_since=now, last_at=now)
    return sorted(keys)


def segment(workspace: Workspace, inside: Sequence[int], name: str = "Regulars") -> Segment:
    now = timezone.now()
    made: Segment = Segment.objects.create(
        workspace=workspace,
        public=public_id(int(token_hex(7), 16)),
        name=name,
        predicate={"all": []},
        state="live",
        members=len(inside),
        looked_to=None,
        created_at=now - timedelta(days=30),
    )
    Membership.objects.bulk_create(
        [Membership(workspace=workspace, segment=made, person=each, entered_at=now - timedelta(days=20)) for each in inside]
    )
    return made


def mailbox(workspace: Workspace) -> Connection:
    given = {
        "address": "ask@lligam.example",
        "sender": "Cafè Lligam",
        "smtp_host": "127.0.0.1",
        "smtp_port": "2525",
        "smtp_security": "none",
    }
    return connections.connect(workspace, None, "mail", "Letters", given, {"password": "secret"})


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Keys are given out again in each test, and nobody has tried anything yet."""
    asked.forget()
    for buckets in (views_asked_public.STRANGERS, views_asked_public.CROWD, views_asked_public.LOOKS):
        buckets.clear()


@pytest.fixture
def survey(workspace: Workspace, owner: User) -> Survey:
    return opened(workspace, owner)


def opened(workspace: Workspace, owner: User | None = None, **values: Any) -> Survey:
    """An open survey with one version."""
    given = {
        "name": "How was it?",
        "public_id": token_hex(8),
        "salt": token_bytes(16),
        "definition": model.dump(definition()),
        "by": owner,
        **values,
    }
    made: Survey = Survey.objects.create(workspace=workspace, **given)
    version = SurveyVersion.objects.create(workspace=workspace, survey=made, number=1, definition=made.definition)
    Survey.objects.filter(pk=made.pk).update(version=version, state=values.get("state", "open"))
    found: Survey = Survey.objects.select_related("workspace", "version").get(pk=made.pk)
    return found


def way(survey: Survey, kind: str = "link", **given: Any) -> Collector:
    made = collectors.create(survey.workspace, None, survey, kind, given=given)
    found: Collector = Collector.objects.select_related("workspace", "survey__workspace", "survey__version").get(pk=made.pk)
    return found


@pytest.fixture
def asking(workspace: Workspace, owner: User, survey: Survey) -> Callable[..., Round]:
    """`asking(3)`: a round to so many people, approved; more values as `rounds.create` takes them."""

    def make(count: int = 3, **values: Any) -> Round:
        mail = way(values.pop("survey", survey), "mail")
        inside = values.pop("people", None) or people(workspace, count)
        given = {
            "segment": segment(workspace, inside).public,
            "connection": mailbox(workspace).pk,
            "reminders": 1,
            "every_days": 5,
            **values,
        }
        made = rounds.create(workspace, owner, mail, given)
        rounds.approve(workspace, owner, made)
        return made

    return make


def work(now: Any = None) -> None:
    """Let the worker do all there is to do with rounds."""
    for _turn in range(50):
        if not rounds_running.turn(now):
            return


def sent(now: Any = None) -> None:
    """As if the outbox had sent all that waits."""
    Send.objects.filter(state=Send.State.WAITING).update(state=Send.State.SENT, sent_at=now or timezone.now())


def complete(collector: Collector, answers: dict[str, Any], **more: Any) -> Response:
    made = answering.begin(collector, language="en", **more)
    answering.prefill(made, answers)
    answering.complete(made)
    made.refresh_from_db()
    return made
