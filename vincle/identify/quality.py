"""How good the links are, as far as the team's own decisions say. What nobody looked at is told apart from what someone confirmed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.listen.models import Handle
from vincle.science.proportions import wilson
from vincle.vocabulary import from_public_id, public_id

from . import learning, review, rounds, wording
from .linkage.evaluate import OfPairs, Rates, of_pairs
from .models import Case, Move, SharedHandle, Trained
from .rules import COSTS

SURE, UNSURE = 0.9, 0.6
MOST_ERRORS, MOST_SHARED, WEEKS = 20, 50, 26


class Share(NamedTuple):
    """`part` of `whole`, with the interval (95 %, Wilson) in which the share lies."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @classmethod
    def of(cls, part: int, whole: int) -> "Share":
        return cls(part, whole, *wilson(part, whole))


class Error(NamedTuple):
    """Two people about whom the model and the team differ."""

    what: str
    names: tuple[str, str]
    pids: tuple[str, str]
    probability: float | None
    at: Any
    by: Any
    case: int | None


class Weight(NamedTuple):
    """What one finding counts: log2 of how many times likelier it is for one person than for two."""

    text: str
    weight: float
    is_first: bool


class Quality(NamedTuple):
    """All that the screen shows. `rates`: links and questions against what the team said.

    right: links that stand and questions answered "same"; false: links taken back and questions answered "different"; missed: joined
    by the team without having been linked or asked about.
    """

    standing: Share
    confirmed: Share
    precision: Share
    recall: Share
    f1: float | None
    rates: Rates
    pairs: OfPairs
    decisions: int
    unseen: int
    errors: list[Error]
    weights: list[Weight]
    weeks: list[list[Any]]
    shared: list[tuple[SharedHandle, Handle | None, str]]
    shared_count: int
    trained: Trained | None
    prior: float
    state: rounds.State
    open_questions: int


def quality(workspace: Workspace) -> Quality:
    """A fixed number of queries, whatever the size."""
    links = _links(workspace).aggregate(all=Count("pk"), stand=Count("pk", filter=Q(undone_at=None)))
    stand, undone = links["stand"], links["all"] - links["stand"]
    answered = list(_answered(workspace).values_list("probability", "state"))
    same = sum(state == Case.State.SAME for _, state in answered)
    by_hand = _by_hand(workspace).count()
    rates = Rates(stand + same, undone + len(answered) - same, by_hand)
    trained = learning.current(workspace.pk, "person")
    model = learning.model_of(trained) if trained else None
    errors = _errors(workspace)
    shared = SharedHandle.objects.of(workspace).filter(lifted_at=None)
    return Quality(
        standing=Share.of(stand, stand + undone), confirmed=Share.of(same, len(answered)),
        precision=Share.of(rates.right, rates.right + rates.false), recall=Share.of(rates.right, rates.right + rates.missed),
        f1=rates.f1 if rates.right + rates.false + rates.missed else None, rates=rates,
        pairs=of_pairs([each[0] for each in answered], [each[1] == Case.State.SAME for each in answered], COSTS.ask_from),
        decisions=len(answered) + undone + by_hand, unseen=stand, errors=errors, weights=_weights(model.weights) if model else [],
        weeks=_weeks(workspace), shared=_shared(shared), shared_count=shared.count(), trained=trained, prior=model.prior if model else 0.0,
        state=rounds.state(workspace), open_questions=Case.objects.of(workspace).filter(kind="probable", state=Case.State.OPEN).count(),
    )  # fmt: skip


def _links(workspace: Workspace) -> QuerySet[Any]:
    return Move.objects.of(workspace).filter(act=Move.Act.LINK).order_by()


def _answered(workspace: Workspace) -> QuerySet[Any]:
    """Probable questions that someone answered."""
    rows = Case.objects.of(workspace).filter(kind="probable", state__in=(Case.State.SAME, Case.State.DIFFERENT))
    return rows.exclude(probability=None).order_by()


def _by_hand(workspace: Workspace) -> QuerySet[Any]:
    """Joined by the team though nobody had asked."""
    return Case.objects.of(workspace).filter(kind="exact", state=Case.State.SAME, evidence=[]).order_by()


def _errors(workspace: Workspace) -> list[Error]:
    """Links taken back, sure questions declined, unsure ones joined, and joins that nothing suggested; the latest of each."""
    gone = list(_links(workspace).filter(undone_at__isnull=False).select_related("undone_by").order_by("-undone_at")[:MOST_ERRORS])
    decided = _answered(workspace).select_related("decided_by").order_by("-decided_at")
    declined = list(decided.filter(state=Case.State.DIFFERENT, probability__gte=SURE)[:MOST_ERRORS])
    unsure = list(decided.filter(state=Case.State.SAME, probability__lt=UNSURE)[:MOST_ERRORS])
    missed = list(_by_hand(workspace).select_related("decided_by").order_by("-decided_at")[:MOST_ERRORS])
    sides = [Case(pk=-move.pk, left=move.person, right=move.other, undo=_undo(move)) for move in gone]
    names = review.labels(workspace, [*sides, *declined, *unsure, *missed])
    found = [
        Error(
            _("Linked, and taken back"),
            names[-move.pk],
            _pids(move.person, move.other),
            move.probability,
            move.undone_at,
            move.undone_by,
            None,
        )
        for move in gone
    ]
    for what, cases in (
        (_("Nearly sure, and not the same"), declined),
        (_("Hardly likely, and the same"), unsure),
        (_("Joined by someone, and never asked about"), missed),
    ):
        found += [
            Error(what, names[each.pk], _pids(each.left, each.right), each.probability, each.decided_at, each.decided_by, each.pk)
            for each in cases
        ]
    return found


def _undo(move: Move) -> dict[str, Any]:
    handles = [str(from_public_id(text)) for text in move.handles]
    return {"kept": str(move.person), "joined": str(move.other), "handles": handles} if move.undone_at is None else {}


def _pids(left: int, right: int) -> tuple[str, str]:
    return public_id(left), public_id(right)


def _weights(known: dict[str, dict[str, float]]) -> list[Weight]:
    """What counts how much: the kind that can say most first, its findings from for to against."""
    found = []
    for matcher, levels in sorted(known.items(), key=lambda each: -max(map(abs, each[1].values()))):
        for place, (level, weight) in enumerate(sorted(levels.items(), key=lambda each: -each[1])):
            found.append(Weight(_finding(matcher, level), weight, place == 0))
    return found


def _finding(matcher: str, level: str) -> str:
    """A finding without its values."""
    template = next((wording.WORDS[code] for code in (f"{matcher}_{level}", f"{level}_{matcher}") if code in wording.WORDS), None)
    template = template or wording.WORDS.get(f"{level}_text")
    field = str(wording.FIELDS.get(matcher, matcher.removeprefix("column:").replace("_", " ")))
    if template is None:
        return f"{field[:1].upper()}{field[1:]}: {level.replace('_', ' ')}"
    said = str(template).split(": %(")[0].split(": “")[0]
    return said.replace("%(field)s", field).replace("%(Field)s", field[:1].upper() + field[1:])


def _weeks(workspace: Workspace) -> list[list[Any]]:
    """[week, linked, answered same, answered different, taken back] of the last half year, weeks without any left out."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    counts: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    links = _links(workspace)
    _tally(counts, 0, links.filter(at__gte=since), "at")
    decided = _answered(workspace).filter(decided_at__gte=since)
    _tally(counts, 1, decided.filter(state=Case.State.SAME), "decided_at")
    _tally(counts, 2, decided.filter(state=Case.State.DIFFERENT), "decided_at")
    _tally(counts, 3, links.filter(undone_at__gte=since), "undone_at")
    return [[week, *counts[week]] for week in sorted(counts)]


def _tally(counts: dict[date, list[int]], place: int, rows: QuerySet[Any], moment: str) -> None:
    for week, n in rows.annotate(week=TruncWeek(F(moment))).values_list("week").annotate(n=Count("pk")):
        counts[timezone.localtime(week).date()][place] = n


def _shared(rows: QuerySet[Any]) -> list[tuple[SharedHandle, Handle | None, str]]:
    listed: Sequence[SharedHandle] = list(rows.select_related("by").order_by("-at")[:MOST_SHARED])
    handles = Handle.objects.in_bulk([each.handle for each in listed])
    return [(each, handles.get(each.handle), public_id(each.handle)) for each in listed]
