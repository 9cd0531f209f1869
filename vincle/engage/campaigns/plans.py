"""Plans to begin with: for whom, what for, what is said, how often, who sees to it, and what is counted. Each becomes a draft.

A plan keeps a segment of its own (made from the ready-made one at its first use), the plan of that segment which the team reads and
prints, and drafts of campaigns: a new one whenever it is due again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import actions as letters
from vincle.engage.letters import branding, ready_made, testing
from vincle.engage.letters.models import Letter
from vincle.organise import planning, segmenting
from vincle.organise import ready_made as ready_segments
from vincle.organise.models import Segment
from vincle.organise.segments.reading import BadPredicate

from . import actions, checking, plan_journeys, reach
from .checking import Refused
from .models import Campaign, PlanRun


@dataclass(frozen=True)
class Ready:
    """`segment`: key of the ready-made one; `letter`: of the ready-made letter; `without`: segments left out of it."""

    key: str
    segment: str
    letter: str
    icon: str
    name: Any
    goal: Any
    message: Any
    every_days: int
    window_days: int
    without: tuple[str, ...] = ("unhappy",)


PLANS: Final = (
    Ready(
        "second",
        "one_product",
        "offer",
        "package",
        gettext_lazy("The thing that goes with it"),
        gettext_lazy("Whoever bought one thing only finds the one that goes with it."),
        gettext_lazy("What they have, what goes best with it and why; one product, not the whole range."),
        30,
        30,
    ),
    Ready(
        "renewal",
        "expiring",
        "renewal",
        "hourglass",
        gettext_lazy("Before it ends"),
        gettext_lazy("Services that are about to end are renewed in time."),
        gettext_lazy("When it ends, what they used it for, and what they need to do to keep it."),
        7,
        30,
    ),
    Ready(
        "winback",
        "at_risk",
        "winback",
        "history",
        gettext_lazy("Come back"),
        gettext_lazy("People who have stopped buying come back before they are gone."),
        gettext_lazy("What is new since, and a question what was missing. Once, not every week."),
        60,
        30,
    ),
    Ready(
        "birthday",
        "birthday",
        "birthday",
        "cake",
        gettext_lazy("Birthday"),
        gettext_lazy("Whoever has their birthday this week hears from you."),
        gettext_lazy("A wish that sells nothing; a small gift if you like."),
        7,
        14,
    ),
)
BY_KEY: Final[Mapping[str, Ready]] = {each.key: each for each in PLANS}
_NOT_APPROVED: Final = (Campaign.State.DRAFT, Campaign.State.ASKED, Campaign.State.STOPPED)
SUCCESS: Final = {"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}}


@dataclass(frozen=True)
class Standing:
    """How a plan stands here. `why_not`: what this workspace lacks for it; `due_at`: when its next campaign is due, once one was sent.

    `run`: how it repeats; `may_repeat`: whether a campaign of it was approved, so that it could.
    """

    plan: Ready
    segment: Segment | None
    why_not: str
    campaigns: list[Campaign]
    owner: User | None
    due_at: datetime | None
    every: int
    run: PlanRun | None = None
    journey: plan_journeys.Told | None = None
    may_repeat: bool = False

    @property
    def is_due(self) -> bool:
        return self.due_at is not None and self.due_at <= timezone.now() and not self.repeats

    @property
    def repeats(self) -> bool:
        return self.run is not None and self.run.next_at is not None


def standing(workspace: Workspace) -> list[Standing]:
    """Each plan with its segment, its campaigns and when it is due again."""
    segments = {
        row.template: row
        for row in Segment.objects.of(workspace).filter(archived_at=None).exclude(template="").select_related("plan__owner").order_by("-pk")
    }
    ready = {each.key: each for each in ready_segments.all_of(workspace)}
    rows: dict[str, list[Campaign]] = {}
    for row in Campaign.objects.of(workspace).filter(plan__in=BY_KEY, archived_at=None).order_by("-created_at"):
        rows.setdefault(row.plan, []).append(row)
    runs = {row.plan: row for row in PlanRun.objects.of(workspace).select_related("approved_by")}
    journeys = plan_journeys.told(workspace, [row.journey for row in runs.values()])
    found = []
    for plan in PLANS:
        theirs, segment = rows.get(plan.key, []), segments.get(plan.segment)
        lacks = ready[plan.segment].predicate is None and segment is None
        kept = getattr(segment, "plan", None) if segment else None
        found.append(
            Standing(
                plan,
                segment,
                (ready[plan.segment].note or _("Nothing known here tells who they are.")) if lacks else "",
                theirs,
                kept.owner if kept else None,
                _due(plan, theirs, kept),
                kept.every_days if kept and kept.every_days else plan.every_days,
                run := runs.get(plan.key),
                journeys.get(run.journey) if run else None,
                any(row.approved_at and row.state not in _NOT_APPROVED for row in theirs),
            )
        )
    return found


def every_days(workspace: Workspace, key: str) -> int:
    """How often: as the segment's plan says, where the team keeps one; else as it came."""
    segment = _found(workspace, BY_KEY[key].segment)
    kept = getattr(segment, "plan", None) if segment else None
    return int(kept.every_days) if kept and kept.every_days else BY_KEY[key].every_days


def _due(plan: Ready, campaigns: list[Campaign], kept: Any) -> datetime | None:
    begun = [row.begun_at for row in campaigns if row.begun_at]
    if not begun or any(row.begun_at is None and row.state != Campaign.State.STOPPED for row in campaigns):
        return None
    return max(begun) + timedelta(days=(kept.every_days if kept and kept.every_days else plan.every_days))


def begin(workspace: Workspace, user: User, key: str, language: str = "en") -> Campaign:
    """A draft of this plan: with its segment, its letter (a copy to be made one's own) and the plan of the segment. Raises Refused."""
    plan = BY_KEY.get(key)
    if plan is None:
        raise Refused(_("There is no such plan."))
    with transaction.atomic():
        segment = _segment(workspace, user, plan.segment)
        without = [row.public for each in plan.without if (row := _found(workspace, each))]
        ways = testing.connections(workspace)
        values = {
            "name": f"{plan.name}, {timezone.localdate():%d/%m}",
            "note": str(plan.goal),
            "inside": [segment.public],
            "outside": [each for each in without if each != segment.public],
            "goal": Campaign.Goal.PURCHASE,
            "window_days": plan.window_days,
            "arms": [{"letter": _letter(workspace, user, plan, language).pk, "share": 50}],
            "connection_id": ways[0].pk if ways else None,
        }
        made = actions.create(workspace, user, checking.still_there(workspace, {**_defaults(), **values}), plan.key)
        _plan(workspace, user, segment, plan)
    return made


def begin_journey(workspace: Workspace, user: User, key: str, language: str = "en") -> str:
    """The draft of a journey: each person at their own moment. Returns its public id. Raises Refused."""
    plan = BY_KEY.get(key)
    if plan is None or not plan_journeys.is_there():
        raise Refused(_("There is no such plan."))
    with transaction.atomic():
        segment = _segment(workspace, user, plan.segment)
        without = [row.public for each in plan.without if (row := _found(workspace, each)) and row.pk != segment.pk]
        wanted = plan_journeys.Wanted(
            str(plan.name), str(plan.goal), _start(plan, segment), _letter(workspace, user, plan, language).pk, without,
            reach.REST_DAYS[key], plan.window_days, key != "birthday",
        )  # fmt: skip
        public = plan_journeys.make(workspace, user, key, wanted)
        _plan(workspace, user, segment, plan)
    return public


def _start(plan: Ready, segment: Segment) -> dict[str, Any]:
    """A date of theirs where the segment asks for one, else the moment they come into it."""
    for clause in segment.predicate.get("all", []):
        if "birthday_in_next" in clause:
            return {"date": clause["trait"], "days": 0, "time": "09:00", "yearly": True}
        if "in_next" in clause:
            return {"date": clause["trait"], "days": -int(clause["in_next"]), "time": "09:00", "yearly": False}
    return {"enters": segment.public}


def _defaults() -> dict[str, Any]:
    empty = Campaign()
    return {name: getattr(empty, name) for name in checking.FIELDS}


def _found(workspace: Workspace, key: str) -> Segment | None:
    found: Segment | None = Segment.objects.of(workspace).filter(template=key, archived_at=None).order_by("-pk").first()
    return found


def _segment(workspace: Workspace, user: User, key: str) -> Segment:
    if found := _found(workspace, key):
        return found
    ready = ready_segments.one(workspace, key)
    if ready is None or ready.predicate is None:
        raise Refused(ready.note if ready and ready.note else _("Nothing known here tells who they are."))
    try:
        return segmenting.create(workspace, user, str(ready.name), ready.predicate, str(ready.why), key)
    except (BadPredicate, segmenting.Refused) as refused:
        raise Refused(str(refused)) from refused


def _letter(workspace: Workspace, user: User, plan: Ready, language: str) -> Letter:
    """The letter of the plan's last campaign, else the ready-made one."""
    last = Campaign.objects.of(workspace).filter(plan=plan.key).order_by("-created_at").first()
    if last and last.arms:
        found: Letter | None = Letter.objects.of(workspace).filter(pk=last.arms[last.best_arm or 0]["letter"], archived_at=None).first()
        if found:
            return found
    website = branding.look_of(workspace)["website"]
    draft = {language: ready_made.letter(plan.letter, language, website)}
    if plan.key == "second":
        draft[language]["blocks"].insert(2, {"kind": "product", "source": "goes_with", "url": website})
    return letters.create(workspace, user, str(plan.name), language=language, draft=draft, template=plan.letter)


def _plan(workspace: Workspace, user: User, segment: Segment, plan: Ready) -> None:
    """The plan the team reads, where the segment has none yet."""
    if hasattr(segment, "plan"):
        return
    try:
        planning.keep(
            workspace,
            user,
            segment,
            goal=str(plan.goal),
            message=str(plan.message),
            channel="email",
            every_days=plan.every_days,
            owner_id=user.pk,
            success=SUCCESS,
            starts_on=timezone.localdate(),
        )
    except (planning.Refused, BadPredicate) as refused:
        raise Refused(str(refused)) from refused
