"""Campaigns: two that were sent in the time told, one that waits for approval, one that is being written."""

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db.models import Q
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns import actions, measuring
from vincle.engage.campaigns.models import Assignment, Campaign, PromoGift
from vincle.engage.letters import choosing
from vincle.engage.letters.models import Letter
from vincle.engage.outbox import jobs
from vincle.engage.outbox.models import Job, Send
from vincle.identify.models import Belonging
from vincle.listen.models import Activity, Connection, Handle
from vincle.organise import segmenting
from vincle.organise.models import Segment

from ..tell import CAMPAIGN
from . import outcomes
from .promotions import Offers

State = Campaign.State
READERS: Final = {"all": [{"tag": "newsletter"}, {"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}}]}
FEWEST: Final = 5
"""A mailing that went to fewer is none to look back at."""


class Stock(NamedTuple):
    source: Connection
    letters: dict[str, Letter]
    offers: Offers
    truth: Path


class Mailed(NamedTuple):
    """To whom a mailing of the time told went, with when, by person; and who was held out of it."""

    to: dict[int, tuple[int, datetime]]
    held: dict[int, int]
    key: str


def make(workspace: Workspace, user: User, stock: Stock) -> None:
    segments = dict(Segment.objects.of(workspace).exclude(template="").values_list("template", "public"))
    customers = [segmenting.create(workspace, user, "Customers who read the newsletter", READERS).public]
    held = _held(workspace, stock.truth / "campaign.csv")
    told = _mailed(workspace, Q(campaign_key=CAMPAIGN), CAMPAIGN, held)
    blend = {
        "name": "Christmas blend",
        "inside": customers,
        "held_out": 15,
        "window_days": 21,
        "promotion_id": stock.offers.christmas.pk,
        "note": "Two subjects, one letter. Does telling them bring more than waiting for them?",
    }
    _past(workspace, user, stock, told, blend, ("blend", "warm"))
    newest = Activity.objects.of(workspace).filter(channel="email", verb="Deliver", campaign_key__startswith="newsletter-")
    key = newest.order_by("-happened_at").values_list("campaign_key", flat=True).first()
    if key:
        news = {"name": "News of the month", "inside": customers, "held_out": 0, "goal": "click", "window_days": 7}
        _past(workspace, user, stock, _mailed(workspace, Q(campaign_key=key), key, {}), news, ("news",))
    _coming(workspace, user, stock, segments)


def _held(workspace: Workspace, path: Path) -> dict[int, int]:
    """Person -> handle of those whom the lot of that time left out."""
    with open(path, newline="", encoding="utf-8") as file:
        addresses = {row["email"] for row in csv.DictReader(file) if row["group"] == "held out"}
    rows = Handle.objects.of(workspace).filter(kind="email", value__in=addresses)
    return {person: handle for handle, person in _people(workspace, rows.values_list("key", flat=True)).items()}


def _people(workspace: Workspace, handles: Iterable[int]) -> dict[int, int]:
    return dict(Belonging.objects.of(workspace).filter(handle__in=list(handles)).order_by("pk").values_list("handle", "person"))


def _mailed(workspace: Workspace, which: Q, key: str, held: dict[int, int]) -> Mailed:
    rows = Activity.objects.of(workspace).filter(which, channel="email", verb__in=("Deliver", "Bounce"), op="assert", superseded=False)
    sent = [(handle, at) for handle, at in rows.order_by("seq").values_list("target", "happened_at") if handle]
    owner = _people(workspace, {handle for handle, _at in sent})
    to = {owner[handle]: (handle, at) for handle, at in reversed(sent) if handle in owner}
    return Mailed(to, {person: handle for person, handle in held.items() if person not in to}, key)


def _past(workspace: Workspace, user: User, stock: Stock, told: Mailed, values: dict[str, Any], letters: tuple[str, ...]) -> None:
    if len(told.to) < FEWEST:
        return
    arms = [{"letter": stock.letters[name].pk, "share": 1} for name in letters]
    campaign = actions.create(workspace, user, {**values, "connection_id": stock.source.pk, "arms": arms})
    first, last = min(at for _handle, at in told.to.values()), max(at for _handle, at in told.to.values())
    kept = [choosing.version(workspace, user, stock.letters[name].pk) for name in letters]
    campaign.arms = [{**arm, "version": version.pk} for arm, version in zip(arms, kept, strict=True) if version]
    campaign.job = _job(user, campaign, stock, first, last)
    before = first - timedelta(days=1)
    _stamp(
        campaign,
        state=State.DONE,
        arms=campaign.arms,
        job=campaign.job,
        created_at=before,
        changed_at=before,
        asked_by=user,
        asked_at=before,
        approved_by=user,
        approved_at=before,
        drawn_at=first,
        added_at=first,
        begun_at=first,
        last_at=last,
        done_at=last,
    )
    _drawn(campaign, told, first)
    rows = _sends(campaign, told, stock.source)
    outcomes.tell(workspace, rows, Q(channel="email", campaign_key=told.key))
    if campaign.promotion:
        PromoGift.objects.bulk_create(
            PromoGift(workspace=workspace, promotion=campaign.promotion, person=person, at=at, source=campaign.source)
            for person, (_handle, at) in told.to.items()
        )
    measuring.measure(campaign, timezone.now())


def _stamp(campaign: Campaign, **values: Any) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(**values)
    campaign.versions.update(at=values["created_at"])
    campaign.refresh_from_db()


def _job(user: User, campaign: Campaign, stock: Stock, first: datetime, last: datetime) -> Job:
    job = jobs.create(
        campaign.workspace,
        user,
        kind="campaign",
        source=campaign.source,
        name=campaign.name,
        connection=stock.source,
        purpose="marketing",
        topic=campaign.topic,
        medium="email",
        writer="letter",
        content={"arms": {str(arm): version for arm, version in campaign.versions_of_arms.items()}},
    )
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, created_at=first, started_at=first, done_at=last)
    return job


def _arm(campaign: Campaign, person: int) -> int:
    return person % len(campaign.arms)


def _drawn(campaign: Campaign, told: Mailed, first: datetime) -> None:
    common = {"workspace": campaign.workspace, "campaign": campaign}
    written = [
        Assignment(**common, person=person, handle=handle, arm=_arm(campaign, person), starts_at=at)
        for person, (handle, at) in told.to.items()
    ]
    held = [Assignment(**common, person=person, handle=handle, is_held=True, starts_at=first) for person, handle in told.held.items()]
    Assignment.objects.bulk_create(written + held, batch_size=500)


def _sends(campaign: Campaign, told: Mailed, source: Connection) -> list[Send]:
    rows = [
        Send(
            workspace=campaign.workspace,
            key=f"c:{campaign.pk}:{person}",
            connection=source,
            deed="message",
            command={},
            person=person,
            handle=handle,
            purpose="marketing",
            state=Send.State.SENT,
            not_before=at,
            begun_at=at,
            sent_at=at,
            created_at=at,
            lease_until=at,
            job=campaign.job,
            arm=_arm(campaign, person),
            topic=campaign.topic,
            medium="email",
        )
        for person, (handle, at) in told.to.items()
    ]
    return Send.objects.bulk_create(rows, batch_size=500)


def _coming(workspace: Workspace, user: User, stock: Stock, segments: dict[str, str]) -> None:
    common = {"connection_id": stock.source.pk}
    if "at_risk" in segments:
        back = {
            **common,
            "name": "Come back for five euros",
            "inside": [segments["at_risk"]],
            "window_days": 30,
            "outside": [segments[key] for key in ("unhappy",) if key in segments],
            "promotion_id": stock.offers.back.pk,
            "arms": [{"letter": stock.letters["winback"].pk, "share": 1}],
            "note": "Each gets a code of their own; codes are drawn as it leaves.",
        }
        actions.ask(workspace, user, actions.create(workspace, user, back, plan="winback"))
    if "champions" in segments:
        thanks = {
            **common,
            "name": "A thank-you for regulars",
            "inside": [segments["champions"]],
            "arms": [{"letter": stock.letters["offer"].pk, "share": 1}],
        }
        actions.create(workspace, user, thanks)
