"""Rows behind the addresses of the API; what they answer to a key is tested in tests/api/v1/."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import Workspace
from vincle.engage.campaigns.models import Campaign
from vincle.engage.journeys import actions as journeys
from vincle.engage.journeys.models import Journey
from vincle.engage.publishing import links
from vincle.engage.publishing.models import ShortLink
from vincle.identify.models import Belonging, Case, Move, Person
from vincle.listen import listenings
from vincle.listen.models import Handle, Listening
from vincle.organise import segmenting
from vincle.organise.models import Profile, Segment
from vincle.vocabulary import handle_key, public_id

THEN = datetime(2026, 3, 31, tzinfo=UTC)


def someone(workspace: Workspace, email: str = "ana@example.org") -> int:
    key = handle_key(bytes(workspace.secret), "email", email)
    Handle.objects.get_or_create(key=key, defaults={"workspace": workspace, "kind": "email", "value": email, "first_seen": THEN})
    Person.objects.get_or_create(id=key, defaults={"workspace": workspace, "first_seen": THEN, "is_identified": True})
    Belonging.objects.get_or_create(handle=key, defaults={"workspace": workspace, "person": key})
    return key


def person(workspace: Workspace) -> dict[str, Any]:
    return {"pid": public_id(someone(workspace))}


def case(workspace: Workspace) -> dict[str, Any]:
    left, right = sorted((someone(workspace), someone(workspace, "anna@example.org")))
    made, _is_new = Case.objects.get_or_create(left=left, right=right, defaults={"workspace": workspace})
    return {"case": public_id(made.pk)}


def move(workspace: Workspace) -> dict[str, Any]:
    """One that was taken back already, so that there is nothing to undo."""
    one, other = someone(workspace), someone(workspace, "anna@example.org")
    values = {"act": Move.Act.MERGE, "via": "screen", "undone_at": THEN}
    made, _is_new = Move.objects.get_or_create(workspace=workspace, person=one, other=other, defaults=values)
    return {"move": public_id(made.pk)}


def listening(workspace: Workspace) -> dict[str, Any]:
    found = Listening.objects.of(workspace).filter(archived_at=None).first() or listenings.save(workspace, None, "Coffee", "coffee")
    return {"listening": str(found.pk)}


def segment(workspace: Workspace) -> dict[str, Any]:
    """One that was changed and is there, with someone in it."""
    found = Segment.objects.of(workspace).filter(archived_at=None).first()
    if found is None:
        found = segmenting.create(workspace, None, "Everybody", {"all": []})
        segmenting.change(workspace, None, found, name="All")
    return {"segment": found.public}


def someone_in(workspace: Workspace) -> dict[str, Any]:
    key = someone(workspace)
    values = {"workspace": workspace, "kind": "person", "name": "Ana", "search": "ana", "known_since": THEN}
    Profile.objects.get_or_create(person=key, defaults=values)
    return {**segment(workspace), "pid": public_id(key)}


def campaign(workspace: Workspace) -> dict[str, Any]:
    made, _is_new = Campaign.objects.get_or_create(
        workspace=workspace, name="Spring", defaults={"public": public_id(80_000 + workspace.pk)}
    )
    return {"campaign": made.public}


def journey(workspace: Workspace) -> dict[str, Any]:
    """One that runs."""
    found = Journey.objects.of(workspace).filter(archived_at=None).first()
    if found is None:
        wording = {"start": [{"form": "*"}], "steps": [{"id": "w", "do": "wait", "for": {"days": 1}}]}
        found = journeys.create(workspace, None, "Welcome", wording)
        journeys.start(workspace, None, found)
    return {"journey": found.public}


def link(workspace: Workspace) -> dict[str, Any]:
    found = ShortLink.objects.of(workspace).first() or links.create(workspace, None, "https://example.org/menu", name="Menu")
    return {"code": found.code}


EXAMPLES = {
    "api:v1:get_consent": person,
    "api:v1:record_consent": person,
    "api:v1:get_campaign": campaign,
    "api:v1:get_campaign_report": campaign,
    "api:v1:get_journey": journey,
    "api:v1:begin_journey": journey,
    "api:v1:get_link": link,
    **{
        f"api:v1:{name}": segment
        for name in (
            "get_segment",
            "change_segment",
            "undo_segment",
            "archive_segment",
            "restore_segment",
            "list_members",
            "list_sizes",
        )
    },
    "api:v1:explain_member": someone_in,
    "api:v1:list_segments_of_person": person,
    "api:v1:get_query": listening,
    "api:v1:delete_query": listening,
    "api:v1:list_matches": listening,
    "api:v1:nowhere": lambda workspace: {"rest": "no/such/thing"},
    "api:v1:get_person": person,
    "api:v1:get_identity": person,
    "api:v1:get_timeline": person,
    "api:v1:preview_merge": person,
    "api:v1:merge_people": person,
    "api:v1:split_person": person,
    "api:v1:undo_move": move,
    "api:v1:decide_case": case,
    "api:v1:take_back_case": case,
}
