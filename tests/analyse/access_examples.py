"""Rows behind the addresses of Analyse."""

from datetime import UTC, date, datetime
from typing import Any

from vincle.accounts.models import Workspace
from vincle.analyse import reports
from vincle.analyse.models import Report, Run
from vincle.listen.models import Handle
from vincle.vocabulary import handle_key, public_id

MOOD = dict.fromkeys(("n", "negative", "positive", "neutral", "bad", "bad_low", "bad_high", "good", "good_low", "good_high"), 0)
NOTHING: dict[str, Any] = {
    "name": "", "title": "Nothing was said",
    "first": "2026-11-01", "last": "2026-11-07", "days": 7, "when": "", "before_words": "", "zone": "UTC",
    "mood": MOOD, "before": None, "change": None, "people_before": None, "daily": [], "starts": 0, "spikes": [], "hours": [], "heat": "",
    "four": {"recent": 0, "possible": 0, "people": 0, "again": 0, "early": 0, "back": 0, "back_share": None}, "mood_words": "", "what": "",
    "why": "", "how": "", "where": "", "moved_most": None, "beside": None, "voices_n": 0, "most_echo": 0,
    **{name: [] for name in ("topics", "rising", "falling", "liked", "disliked", "movers", "intents", "emotions", "channels", "kinds")},
    **{name: [] for name in ("countries", "places", "languages", "authors", "voices")},
}  # fmt: skip


def report(workspace: Workspace) -> Report:
    values = {"name": "Weekly", "days": "fixed", "first": date(2026, 11, 1).isoformat(), "last": date(2026, 11, 7).isoformat()}
    return reports.save(workspace, None, values)


def made(workspace: Workspace) -> Run:
    """A report of days in which nothing was said."""
    run: Run = Run.objects.create(workspace=workspace, report=report(workspace), figures=NOTHING, told={"parts": [], "decisions": []})
    return run


def _report(workspace: Workspace) -> dict[str, Any]:
    return {"pk": made(workspace).report_id}


def _share(workspace: Workspace) -> dict[str, Any]:
    return {"pk": reports.share(made(workspace), None, 30)[0].pk}


def _token(workspace: Workspace) -> dict[str, Any]:
    return {"token": reports.share(made(workspace), None, 30)[1]}


def _account(workspace: Workspace) -> dict[str, Any]:
    """A handle of the workspace."""
    key = handle_key(bytes(workspace.secret), "x", "ana")
    values = {"workspace": workspace, "kind": "x", "value": "ana", "first_seen": datetime(2026, 1, 1, tzinfo=UTC)}
    return {"pid": public_id(Handle.objects.get_or_create(key=key, defaults=values)[0].key)}


EXAMPLES = {
    "analyse:account": _account,
    "analyse:account_words": _account,
    "analyse:account_csv": lambda workspace: {**_account(workspace), "table": "days"},
    **{f"analyse:report{end}": _report for end in ("", "_settings", "_run", "_share", "_delete", "_pdf", "_png")},
    "analyse:report_revoke": _share,
    **{f"shared:{name}": _token for name in ("report", "pdf", "png")},
}
