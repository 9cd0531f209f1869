"""How a connection stands, in one word, and what to do about it: what it is asked (doctor) and what it delivers (health) taken together."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.accounts.models import Workspace
from vincle.channels.base import Spec
from vincle.channels.registry import channels
from vincle.store.secrets import Unreadable

from . import credentials, doctor, doctor_words, health, standing
from .doctor import Examined
from .doctor_words import Said
from .health import Health
from .models import Connection
from .offers import name_of

STATES: dict[str, tuple[Any, str, str]] = {
    "stopped": (gettext_lazy("Needs you"), "neg", "alert-triangle"),
    "refusing": (gettext_lazy("Refuses everything"), "neg", "circle-x"),
    "consent": (gettext_lazy("Waits for your yes"), "warn", "key"),
    "unset": (gettext_lazy("Waits for its secret"), "warn", "key"),
    "ending": (gettext_lazy("Consent ends soon"), "warn", "hourglass"),
    "failing": (gettext_lazy("Some could not be read"), "warn", "alert-triangle"),
    "partly": (gettext_lazy("Permissions are missing"), "warn", "shield-lock"),
    "behind": (gettext_lazy("Tries again"), "warn", "refresh"),
    "paused": (gettext_lazy("Paused"), "plain", "player-pause"),
    "silent": (gettext_lazy("Nothing has come yet"), "plain", "hourglass"),
    "live": (gettext_lazy("Live"), "pos", "bolt"),
    "well": (gettext_lazy("On"), "pos", "circle-check"),
}
"""Word, tone and mark of each state, the worst first."""
LASTING = ("auth", "permanent", "gone")
GRAVE = (*LASTING, "quota", "transient")
NEED_YOU = ("stopped", "refusing", "consent", "unset", "ending", "failing", "partly")


class Seen(NamedTuple):
    """`ails` is the gravest of what is wrong. `has_token`, `has_secrets`: what speaking with it, and believing it, takes is there."""

    row: Connection
    service: str
    spec: Spec | None
    state: str
    exam: Examined
    found: Health
    ails: Said | None
    has_token: bool
    has_secrets: bool
    is_lost: bool
    is_asked: bool

    @property
    def label(self) -> Any:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]

    @property
    def icon(self) -> str:
        return STATES[self.state][2]

    @property
    def heard_at(self) -> Any:
        return max(filter(None, (self.exam.item_at, self.found.last_at)), default=None)


def of_workspace(workspace: Workspace) -> list[Seen]:
    """Every connection that is not taken off, those that need someone first."""
    places = list(STATES)
    rows = [see(found) for found in health.of_workspace(workspace)]
    return sorted(rows, key=lambda seen: (places.index(seen.state), seen.row.name.casefold()))


def look(workspace: Workspace, connection: Connection) -> Seen:
    return see(health.look(workspace, [connection])[0])


def see(found: Health) -> Seen:
    row = found.connection
    spec = channels()[row.channel].spec if row.channel in channels() else None
    kept, is_lost = _kept(row)
    has_token = spec is None or spec.oauth is None or bool(kept.get("access_token"))
    has_secrets = spec is None or all(kept.get(secret.name) for secret in spec.secrets)
    exam, is_asked = doctor.examine(row), standing.is_asked(row)
    state = _state(found, exam, is_asked, has_token or is_lost, has_secrets or is_lost)
    return Seen(row, name_of(row.channel), spec, state, exam, found, _ails(exam, is_lost), has_token, has_secrets, is_lost, is_asked)


def _kept(row: Connection) -> tuple[dict[str, str], bool]:
    try:
        return credentials.given(row), False
    except Unreadable:
        return {}, True


def _state(found: Health, exam: Examined, is_asked: bool, has_token: bool, has_secrets: bool) -> str:
    if not found.connection.is_enabled:
        return "paused"
    if not has_token:
        return "consent"
    if exam.state == "stopped":
        return "stopped"
    if not has_secrets and not is_asked:
        return "unset"
    if found.refused and not found.came and not is_asked:
        return "refusing"
    if exam.state in ("ending", "behind"):
        return exam.state
    if found.failed:
        return "failing"
    if exam.scopes_missing:
        return "partly"
    if exam.is_live:
        return "live"
    was_asked = any(pull.ok_at for pull in exam.streams)
    return "silent" if exam.item_at is None and found.last_at is None and not was_asked else "well"


def _ails(exam: Examined, is_lost: bool) -> Said | None:
    if is_lost:
        return doctor_words.said("auth", "secrets_unreadable")
    known = [each for each in exam.ailments if each.kind in GRAVE]
    if not known:
        return None
    worst = min(known, key=lambda each: (GRAVE.index(each.kind), bool(each.place)))
    return doctor_words.said(worst.kind, worst.code, worst.detail)


def sentence(rows: list[Seen]) -> str:
    """What a list of connections comes to."""
    waiting = sum(seen.state in NEED_YOU for seen in rows)
    if not rows:
        return _("Where people speak to you: connect it, and what they say comes here by itself.")
    if waiting:
        told = {"waiting": waiting, "all": len(rows)}
        return ngettext("%(waiting)s of %(all)s needs you.", "%(waiting)s of %(all)s need you.", waiting) % told
    return _("Everything that is connected delivers by itself.")


def duration(seconds: float) -> str:
    """How long, in the largest unit that says enough."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return _("less than two minutes")
    if minutes < 120:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", round(hours / 24)) % {"n": round(hours / 24)}
