"""What whoever approves has not seen yet: how letters and settings differ from what was approved last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from vincle.engage.letters import choosing, comparing
from vincle.engage.letters.comparing import Line
from vincle.engage.letters.models import Letter, LetterVersion
from vincle.listen.models import Connection
from vincle.organise.models import Segment

from . import checking
from .models import Campaign, CampaignVersion, Promotion

AROUND = 1
_OPEN = (Campaign.State.DRAFT, Campaign.State.ASKED)


class Changed(NamedTuple):
    """A setting that says something else."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class LetterSeen:
    """`since`: when what it is compared with was approved, None: it never was. `lines` by language, those that changed only."""

    name: str
    since: datetime | None
    lines: dict[str, list[Line]]


@dataclass(frozen=True)
class Seen:
    """`since`: when the settings it is compared with were approved, None: there are none; `before`: whose they are, if another's."""

    letters: list[LetterSeen]
    settings: list[Changed]
    since: datetime | None
    before: Campaign | None


def seen(campaign: Campaign) -> Seen:
    """Of a campaign whose letters are fixed. About a dozen queries."""
    base, values, since = _settings_before(campaign)
    now = checking.frozen({name: getattr(campaign, name) for name in checking.FIELDS})
    changed = _changed(campaign, values, now) if values is not None else []
    return Seen(_letters(campaign), changed, since, base if base is not None and base.pk != campaign.pk else None)


def _settings_before(campaign: Campaign) -> tuple[Campaign | None, Mapping[str, Any] | None, datetime | None]:
    """What was approved of itself, before it was taken back to be changed; else the last one of its plan."""
    if campaign.approved_at:
        rows = CampaignVersion.objects.of(campaign.workspace_id).filter(campaign=campaign, at__lte=campaign.approved_at)
        if found := rows.order_by("-number").first():
            return campaign, found.values, campaign.approved_at
    if campaign.plan:
        rows = Campaign.objects.of(campaign.workspace_id).filter(plan=campaign.plan, approved_at__isnull=False)
        last = rows.exclude(pk=campaign.pk).exclude(state__in=_OPEN).order_by("-approved_at").first()
        if last:
            return last, checking.frozen({name: getattr(last, name) for name in checking.FIELDS}), last.approved_at
    return None, None, None


def _letters(campaign: Campaign) -> list[LetterSeen]:
    versions = choosing.versions(campaign.workspace, list(campaign.versions_of_arms.values()))
    approved = _approved(campaign)
    found = []
    for version in dict.fromkeys(versions.values()):
        before, since = _version_before(campaign, version, approved)
        lines = {} if before is None or before.pk == version.pk else _lines(before, version)
        found.append(LetterSeen(version.letter.name, since, lines))
    return found


def _lines(before: LetterVersion, version: LetterVersion) -> dict[str, list[Line]]:
    found = {}
    for language in version.languages:
        old = comparing.lines(before, language) if language in before.languages else []
        lines = comparing.changes(old, comparing.lines(version, language), AROUND)
        if any(kind in ("in", "out") for kind, _line in lines):
            found[language] = lines
    return found


def _approved(campaign: Campaign) -> list[tuple[datetime, list[dict[str, Any]]]]:
    """(when, its letters) of the other campaigns that were approved, newest first."""
    rows = Campaign.objects.of(campaign.workspace_id).filter(approved_at__isnull=False).exclude(pk=campaign.pk).exclude(state__in=_OPEN)
    return list(rows.order_by("-approved_at").values_list("approved_at", "arms")[:500])


def _version_before(
    campaign: Campaign, version: LetterVersion, approved: Sequence[tuple[datetime, list[dict[str, Any]]]]
) -> tuple[LetterVersion | None, datetime | None]:
    """The version of this letter that was approved last, in whichever campaign, and when."""
    rows = LetterVersion.objects.of(campaign.workspace_id).filter(letter=version.letter_id)
    found: LetterVersion | None = None
    theirs = ((at, arm) for at, arms in approved for arm in arms if arm["letter"] == version.letter_id)
    elsewhere = next(((at, arm["version"]) for at, arm in theirs if arm.get("version")), None)
    if campaign.approved_at and (elsewhere is None or campaign.approved_at > elsewhere[0]):
        found = rows.filter(at__lte=campaign.approved_at).order_by("-number").first()
        return found, campaign.approved_at if found else None
    if elsewhere:
        found = rows.filter(pk=elsewhere[1]).first()
    return found, elsewhere[0] if elsewhere and found else None


def _changed(campaign: Campaign, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    words = _Words(campaign, before, after)
    found = []
    for name, label in _labels().items():
        old, new = words.said(name, before.get(name)), words.said(name, after.get(name))
        if old != new:
            found.append(Changed(label, old, new))
    return found


def _labels() -> dict[str, str]:
    """Settings in the order of the form; a name and a note are no news to whoever approves."""
    return {
        "inside": _("To"), "outside": _("Without"), "arms": _("Letters"), "goal": _("Goal"), "window_days": _("Days that count"),
        "held_out": _("Held out, %"), "test_share": _("Tested first, %"), "winner": _("Better letter"),
        "winner_hours": _("Hours until then"),
        "topic": _("Topic"), "connection_id": _("From"), "promotion_id": _("Code of"), "timing": _("When"), "starts_at": _("Moment"),
        "rate": _("Most a minute"),
    }  # fmt: skip


class _Words:
    """Values of settings as people read them; names are asked for once."""

    def __init__(self, campaign: Campaign, *values: Mapping[str, Any]) -> None:
        workspace = campaign.workspace_id
        publics = {public for each in values for name in ("inside", "outside") for public in each.get(name) or ()}
        letters = {arm["letter"] for each in values for arm in each.get("arms") or ()}
        self.segments = dict(Segment.objects.of(workspace).filter(public__in=publics).values_list("public", "name"))
        self.letters = dict(Letter.objects.of(workspace).filter(pk__in=letters).values_list("pk", "name"))
        self.promotions = dict(Promotion.objects.of(workspace).filter(pk__in=self._keys(values, "promotion_id")).values_list("pk", "name"))
        rows = Connection.objects.of(workspace).filter(pk__in=self._keys(values, "connection_id"))
        self.connections = {row.pk: row.name or row.account or row.channel for row in rows}

    @staticmethod
    def _keys(values: Sequence[Mapping[str, Any]], name: str) -> set[Any]:
        return {each[name] for each in values if each.get(name)}

    def said(self, name: str, value: Any) -> str:
        if value in (None, "", []):
            return _("nothing")
        if name in ("inside", "outside"):
            return ", ".join(sorted(self.segments.get(each, _("a segment that is gone")) for each in value))
        if name == "arms":
            whole = sum(arm["share"] for arm in value)
            named = [(self.letters.get(arm["letter"], _("a letter that is gone")), round(100 * arm["share"] / whole)) for arm in value]
            return ", ".join(called if len(named) == 1 else f"{called} ({share} %)" for called, share in named)
        if name in ("promotion_id", "connection_id"):
            return str((self.promotions if name == "promotion_id" else self.connections).get(value, _("one that is gone")))
        if name == "starts_at":
            return formats.date_format(timezone.localtime(datetime.fromisoformat(str(value))), "DATETIME_FORMAT")
        kinds: dict[str, Any] = {"goal": Campaign.Goal, "winner": Campaign.Winner, "timing": Campaign.Timing}
        return str(kinds[name](value).label) if name in kinds else str(value)
