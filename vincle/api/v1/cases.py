"""Open questions: are these two one person?"""

from vincle.accounts.access import May
from vincle.identify import actions, review
from vincle.identify import models as identity
from vincle.vocabulary import public_id

from . import cursors, decisions, evidence, reach
from .endpoint import VIA, Call, Nothing, endpoint
from .faults import conflict, missing


@endpoint("GET", "identity/cases", May.SEE, asks=decisions.CasesAsked, answers=decisions.Cases)
def list_cases(call: Call[decisions.CasesAsked]) -> decisions.Cases:
    """Pairs of people who may be one, with the evidence; oldest first."""
    rows = identity.Case.objects.of(call.workspace).filter(state=call.asked.state).order_by("pk")
    if call.asked.cursor:
        rows = rows.filter(pk__gt=cursors.number(call.asked.cursor))
    found = list(rows[: call.asked.limit + 1])
    shown, more = found[: call.asked.limit], len(found) > call.asked.limit
    names = review.labels(call.workspace, shown)
    return decisions.Cases([_case(call, row, names[row.pk]) for row in shown], cursors.seal(str(shown[-1].pk)) if more else None)


def _case(call: Call[decisions.CasesAsked], row: identity.Case, names: tuple[str, str]) -> decisions.Case:
    entry = evidence.probable(row.evidence)
    prior = entry.get("prior")
    return decisions.Case(
        id=public_id(row.pk), state=row.state, opened_at=row.opened_at, decided_at=row.decided_at,
        left=decisions.Side(public_id(row.left), names[0]), right=decisions.Side(public_id(row.right), names[1]),
        evidence=sorted({str(each.get("evidence", "")) for each in row.evidence} - {""}), probability=row.probability,
        prior=float(prior) if isinstance(prior, int | float) else None, steps=evidence.steps_of(entry),
    )  # fmt: skip


def _find(call: Call[Nothing] | Call[decisions.DecideAsked], case: str) -> identity.Case:
    found: identity.Case | None = identity.Case.objects.of(call.workspace).filter(pk=reach.key_of(case, "case")).first()
    if found is None:
        raise missing("case")
    return found


@endpoint("POST", "identity/cases/<case>/decide", May.DECIDE_IDENTITY, asks=decisions.DecideAsked, answers=decisions.Decided)
def decide_case(call: Call[decisions.DecideAsked], case: str) -> decisions.Decided:
    """Answer a question. Of two who answer at once, the second gets a conflict."""
    found = _find(call, case)
    survivors = call.asked.survivors or None
    state = actions.decide(call.workspace, found.pk, call.asked.answer, call.user, via=VIA, survivors=survivors)
    if not state:
        raise conflict("This was decided before. Take that back first, if it is wrong.")
    stands = actions.person_of(call.workspace, found.left) if state == identity.Case.State.SAME else None
    return decisions.Decided(public_id(found.pk), state, public_id(stands.pk) if stands else None)


@endpoint("POST", "identity/cases/<case>/take-back", May.DECIDE_IDENTITY, asks=Nothing, answers=decisions.Decided)
def take_back_case(call: Call[Nothing], case: str) -> decisions.Decided:
    """Take an answer back: it is a question again, and two who were joined are two."""
    found = _find(call, case)
    try:
        reopened = actions.reopen(call.workspace, found.pk, call.user, via=VIA)
    except actions.NotUndoable as error:
        raise conflict(str(error), "not_undoable") from error
    if not reopened:
        raise conflict("There is no decision to take back.", "not_undoable")
    return decisions.Decided(public_id(found.pk), str(identity.Case.State.OPEN), None)
