"""What a rule finds: one function a kind, over any stretch of time, so that a rule can be tried on the past before it is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.stats import binom

from vincle.science import shares, spikes

from . import alerts_counts as counts
from .alerts_counts import Hours, Said
from .alerts_people import those_who_know
from .models import Alert, Notice

HISTORY: Final = timedelta(days=9 * 7)
LEARNING: Final = timedelta(days=14, hours=2)
FRESH: Final = timedelta(hours=24)
"""How far back something is still news, for texts come late and out of order."""
SHOWN, BUNDLE = 50, 200
URGENT: Final = 0.6
_UNANSWERED: Final = " OR ".join(f"'|' || u.intents || '|' LIKE '%%|{name}|%%'" for name in ("question", "complaint", "contact_request"))
_URGENT: Final = f"u.urgency >= {URGENT} OR '|' || u.aspects LIKE '%%|safety:-%%' OR '|' || u.aspects LIKE '%%|health:-%%'"
Severity = Notice.Severity


class Finding(NamedTuple):
    """Something to be told. `calm`: for so long around it the rule does not tell of another."""

    key: str
    code: str
    happened_at: datetime
    values: dict[str, Any]
    texts: Sequence[int] = ()
    severity: str = Severity.NOTE
    actor: int | None = None
    calm: timedelta = timedelta(0)


class Found(NamedTuple):
    """`learning_until`: until then there is too little to compare with. `hours`: what was looked at, where it was counted;
    `expected` and `high` are of each of its hours."""

    findings: list[Finding]
    learning_until: datetime | None = None
    hours: Hours | None = None
    line: Any = None
    high: Any = None


def find(alert: Alert, since: datetime, until: datetime, *, is_trial: bool = False) -> Found:
    """What the rule says of the time from `since` until `until`. For a trial it is found as if nothing had been told before."""
    return _KINDS[alert.kind](alert, since, until, is_trial)


def _hours(alert: Alert, since: datetime, until: datetime) -> tuple[Hours, datetime | None]:
    seen = counts.hours(alert, since - HISTORY, until)
    young = seen.moment(0) + LEARNING
    return seen, young if seen.is_young and young > until else None


def _steps(seen: Hours, flags: Any, since: datetime) -> list[int]:
    return [step for step in np.flatnonzero(flags).tolist() if seen.moment(step) + timedelta(hours=1) > since]


def _spike(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    seen, learning = _hours(alert, since, until)
    watched = spikes.watch(seen.counts, alarms_a_month=alert.settings["alarms_a_month"])
    findings = []
    for step in _steps(seen, watched.begins, since):
        width = _width(seen.counts, watched.expected, step)
        span = slice(step - width + 1, step + 1)
        values = {"count": int(seen.counts[span].sum()), "expected": round(float(watched.expected[span].sum()), 1), "hours": width}
        texts = () if is_trial else _behind(alert, seen, step, width)
        calm = timedelta(hours=12)
        findings.append(Finding(f"spike:{seen.first + step}", "spike", seen.moment(step), values, texts, Severity.WARNING, calm=calm))
    return Found(findings, learning, seen, seen.counts, watched.high)


def _width(series: Any, expected: Any, step: int) -> int:
    """Of the windows that end here the one that stands out most."""

    def stands_out(width: int) -> float:
        span = slice(step - width + 1, step + 1)
        foreseen = float(np.nansum(expected[span]))
        return float((series[span].sum() - foreseen) / (foreseen + 1) ** 0.5)

    return max((width for width in spikes.WINDOWS if width <= step + 1), key=stands_out)


def _behind(alert: Alert, seen: Hours, step: int, width: int, more: str = "") -> list[int]:
    start = seen.moment(step - width + 1)
    return [text.seq for text in counts.texts(alert, start, seen.moment(step + 1), more, SHOWN)]


def _sentiment_drop(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    seen, learning = _hours(alert, since, until)
    watched = shares.watch(seen.negative, seen.opinions, alarms_a_month=alert.settings["alarms_a_month"])
    findings = []
    for step in _steps(seen, watched.begins, since):
        day = slice(max(step - 23, 0), step + 1)
        values = {
            "share": round(float(watched.share[step]), 3), "expected": round(float(watched.expected[step]), 3),
            "negative": int(seen.negative[day].sum()), "opinions": int(seen.opinions[day].sum()),
        }  # fmt: skip
        texts = () if is_trial else _behind(alert, seen, step, 24, "u.sentiment = 'negative'")
        key, calm = f"share:{seen.first + step}", timedelta(hours=24)
        findings.append(Finding(key, "sentiment_drop", seen.moment(step), values, texts, Severity.WARNING, calm=calm))
    return Found(findings, learning, seen, watched.share, watched.high)


def _crisis(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    seen, learning = _hours(alert, since, until)
    watched = spikes.watch(seen.counts, alarms_a_month=alert.settings["alarms_a_month"])
    usual = shares.watch(seen.negative, seen.opinions).expected
    findings = _urgent(alert, since, until)
    for step in _steps(seen, watched.is_high, since):
        span = slice(max(step - 2, 0), step + 1)
        bad, judged = float(seen.negative[span].sum()), float(seen.opinions[span].sum())
        # Where too little was judged before, half of them would be much.
        before = float(usual[step]) if not np.isnan(usual[step]) else 0.5
        if bad >= shares.FEWEST and bad / judged > before and binom.sf(bad - 1, judged, max(before, 0.02)) < 0.01:
            values = {
                "count": int(seen.counts[span].sum()), "expected": round(float(np.nansum(watched.expected[span])), 1),
                "share": round(bad / judged, 3), "usual": round(before, 3), "hours": 3,
            }  # fmt: skip
            texts = () if is_trial else _behind(alert, seen, step, 3)
            findings.append(_grave(f"crisis:{seen.first + step}", "crisis", seen.moment(step), values, texts))
    return Found(_apart(findings), learning, seen, seen.counts, watched.high)


def _grave(key: str, code: str, at: datetime, values: dict[str, Any], texts: Sequence[int]) -> Finding:
    return Finding(key, code, at, values, texts, Severity.CRISIS, calm=timedelta(hours=24))


def _urgent(alert: Alert, since: datetime, until: datetime) -> list[Finding]:
    """Harm or haste in the words of several people within an hour."""
    found = counts.texts(alert, since - timedelta(hours=1), until, _URGENT)[::-1]
    findings, begin = [], 0
    for place, text in enumerate(found):
        while (text.at - found[begin].at) >= timedelta(hours=1):
            begin += 1
        near = found[begin : place + 1]
        people = {each.actor for each in near if each.actor}
        if len(people) >= alert.settings["people"] and text.at >= since:
            values = {"people": len(people), "count": len(near)}
            findings.append(_grave(f"urgent:{text.point >> 31}", "urgent", text.at, values, [each.seq for each in near][-SHOWN:]))
    return findings


def _apart(findings: Sequence[Finding]) -> list[Finding]:
    """The first of those that stand within the calm of one another."""
    kept: list[Finding] = []
    for each in sorted(findings, key=lambda each: each.happened_at):
        if not kept or each.happened_at - kept[-1].happened_at >= each.calm:
            kept.append(each)
    return kept


def _vip(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    found = counts.texts(alert, since, until)
    found = found if is_trial else counts.untold(alert, found)
    known: dict[int, tuple[str, Any]] = {}
    for who in those_who_know():
        known.update(who(alert.workspace_id, {text.actor for text in found if text.actor}, alert.settings))
    by_author: dict[int, list[Said]] = {}
    for text in found:
        if text.actor in known:
            by_author.setdefault(text.actor, []).append(text)
    findings = []
    for actor, theirs in by_author.items():
        for part in [theirs] if not is_trial else [[text] for text in theirs]:
            reason, value = known[actor]
            values = {"reason": reason, "value": value, "count": len(part)}
            findings.append(Finding(f"vip:{part[0].seq}", "vip", part[0].at, values, [t.seq for t in part][:BUNDLE], actor=actor))
    return Found(sorted(findings, key=lambda each: each.happened_at))


def _unanswered(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    """Questions whose time to be answered ran out between `since` and `until`."""
    patience = timedelta(hours=alert.settings["hours"])
    found = counts.texts(alert, since - patience, until - patience, _UNANSWERED)
    found = found if is_trial else counts.untold(alert, found)
    first = counts.answered(alert, found)
    late = [text for text in found if text.seq not in first or (is_trial and first[text.seq] - text.at > patience)]
    return Found(_bundles(late, "unanswered", {"hours": alert.settings["hours"]}, patience, is_trial))


def _every_match(alert: Alert, since: datetime, until: datetime, is_trial: bool) -> Found:
    found = counts.texts(alert, since, until)
    return Found(_bundles(found if is_trial else counts.untold(alert, found), "every_match", {}, timedelta(0), is_trial))


def _bundles(found: Sequence[Said], code: str, values: dict[str, Any], later: timedelta, is_trial: bool) -> list[Finding]:
    """One notice for many texts; each by itself in a trial."""
    size = 1 if is_trial else BUNDLE
    parts = [found[start : start + size] for start in range(0, len(found), size)]
    return [
        Finding(f"texts:{part[0].seq}", code, part[0].at + later, {**values, "count": len(part)}, [text.seq for text in part])
        for part in reversed(parts)
    ]


_KINDS: Final[dict[str, Callable[[Alert, datetime, datetime, bool], Found]]] = {
    Alert.Kind.SPIKE: _spike, Alert.Kind.SENTIMENT_DROP: _sentiment_drop, Alert.Kind.CRISIS: _crisis, Alert.Kind.VIP: _vip,
    Alert.Kind.UNANSWERED: _unanswered, Alert.Kind.EVERY_MATCH: _every_match, Alert.Kind.CONNECTION: lambda *_: Found([]),
}  # fmt: skip
STATISTICAL: Final = frozenset({Alert.Kind.SPIKE, Alert.Kind.SENTIMENT_DROP, Alert.Kind.CRISIS})
