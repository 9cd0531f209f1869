"""What people are worth, in words: reasons, how the model was chosen, values as money and days."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.web.tags.formats import day, money, number, percent

SCORES: Final = frozenset({"value", "alive", "next_purchase", "engagement"})
MONEY: Final = frozenset({"value", "engagement"})
NAMES: dict[str, Any] = {
    "value": gettext_lazy("Customer value"), "alive": gettext_lazy("Still a customer"), "next_purchase": gettext_lazy("Next purchase"),
    "engagement": gettext_lazy("Engagement value"),
}  # fmt: skip
ABOUT: dict[str, Any] = {
    "value": gettext_lazy("What they will bring by their own purchases over the months that the terms look ahead."),
    "alive": gettext_lazy("How likely someone who bought has not left for good, by how often and how lately they bought."),
    "next_purchase": gettext_lazy("In how many days they will buy again: as likely before as after, if they still are a customer."),
    "engagement": gettext_lazy(
        "What they are worth with all they do: buying, bringing and swaying others, ideas and answers, less what serving them costs."
    ),
}
LABELS: dict[str, dict[str, Any]] = {
    "value": {
        "best": gettext_lazy("Worth most"), "promising": gettext_lazy("New with promise"), "leaving": gettext_lazy("About to leave"),
        "steady": gettext_lazy("Steady"), "gone": gettext_lazy("Probably gone"),
    },
    "alive": {"here": gettext_lazy("Customer"), "unsure": gettext_lazy("Unsure"), "gone": gettext_lazy("Probably gone")},
    "next_purchase": {
        "fortnight": gettext_lazy("Within 14 days"), "month": gettext_lazy("Within 30 days"), "quarter": gettext_lazy("Within 90 days"),
        "later": gettext_lazy("Later"),
    },
}  # fmt: skip
MODELS: Final[dict[str, Any]] = {
    "bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "paretonbd": "Pareto/NBD", "bgbb": "BG/BB",
    "cohorts": gettext_lazy("Averages of customers alike"),
}  # fmt: skip
_WHY: Final[dict[str, Any]] = {
    "few_buyers": gettext_lazy(
        "Only %(people)s people have bought so far, and 50 are needed: what is told are averages of customers who bought equally often, "
        "with wide margins."
    ),
    "short_history": gettext_lazy(
        "There are purchases of too short a time to check a forecast: what is told are averages of customers who bought equally often, "
        "with wide margins."
    ),
    "cohorts_better": gettext_lazy(
        "Averages of customers who bought equally often foretold your last months better than any model, so they are used, "
        "with wide margins."
    ),
    "none_fits": gettext_lazy(
        "No model fits these purchases: what is told are averages of customers who bought equally often, with wide margins."
    ),
    "no_purchases": gettext_lazy("Nobody has bought yet, as far as is known here."),
}


def shown(score: str, value: float, currency: str) -> str:
    """€ 41; 73%; 12 days.

    >>> shown("alive", 0.731, "EUR"), shown("next_purchase", 11.6, "EUR")
    ('73 %', '12 days')
    """
    if score == "alive":
        return str(percent(value))
    if score in MONEY:
        return str(money(round(value, 2) if abs(value) < 10 else round(value), currency))
    days = round(value)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}


def quality(found: Mapping[str, Any]) -> str:
    """How the model came to be and how well it did, told honestly."""
    why, said = str(found.get("why", "")), {"people": number(found.get("people", 0))}
    if found.get("state") == "learnt":
        said["model"] = str(MODELS.get(str(found.get("model")), found.get("model")))
        text = _("Learnt from the purchases of %(people)s people; of several models, %(model)s foretold best what it had not seen.") % said
        held = (found.get("told") or {}).get("holdout") or {}
        if isinstance(held.get("error"), int | float):
            text += " " + _("Over its last %(days)s days it was off by %(error)s.") % {
                "days": number(round(held["days"])), "error": percent(abs(held["error"]), 1)}  # fmt: skip
        return f"{text} {sample(found)}".strip()
    if why in _WHY:
        return str(_WHY[why]) % said
    return _("What people said, bought and asked, added up by the terms.") if not why else ""


def sample(found: Mapping[str, Any]) -> str:
    """Whether some stand for all; "" where everybody was learnt from."""
    share = found.get("share")
    said = percent(share, 0 if share and share >= 0.1 else 1)
    return _("Of so many, %(share)s were drawn by lot to learn from.") % {"share": said} if share else ""


def _day(values: Mapping[str, Any]) -> str:
    return str(day(datetime.fromtimestamp(int(values["at"]) // 1_000_000, UTC)))


def _amount(text: Any) -> Callable[[Mapping[str, Any]], str]:
    return lambda values: str(text) % {"amount": money(values["amount"], values["currency"])}


def _between(values: Mapping[str, Any]) -> str:
    low, high = (money(round(float(values[name])), values["currency"]) for name in ("low", "high"))
    return _("Between %(low)s and %(high)s, 9 times out of 10") % {"low": low, "high": high}


def _to_come(values: Mapping[str, Any]) -> str:
    said = {name: number(values[name]) for name in ("low", "high")}
    said["count"] = number(values["count"], 1)
    return _("%(count)s purchases expected: %(low)s to %(high)s, 9 times out of 10") % said


def _still(values: Mapping[str, Any]) -> str:
    return _("Still a customer: %(share)s of 100 such people") % {"share": number(round(100 * float(values["share"])))}


def _once(values: Mapping[str, Any]) -> str:
    return _("Bought once so far: whether they have left, the model here can only tell of those who came back.")


def _last_bought(values: Mapping[str, Any]) -> str:
    count = int(values["count"])
    return ngettext(
        "Bought on %(count)s day: %(day)s", "Bought on %(count)s days, the last: %(day)s", count
    ) % {"count": number(count), "day": _day(values)}  # fmt: skip


def _half_by(values: Mapping[str, Any]) -> str:
    return _("Half of such customers will have bought again by: %(day)s") % {"day": _day(values)}


REASONS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "between": _between, "to_come": _to_come, "spends": _amount(gettext_lazy("A purchase of theirs: %(amount)s expected")),
    "still_here": _still, "once": _once, "last_bought": _last_bought, "half_by": _half_by,
    "worth_own": _amount(gettext_lazy("Own purchases to come: %(amount)s")),
    "worth_referral": _amount(gettext_lazy("Customers they brought: %(amount)s")),
    "worth_influence": _amount(gettext_lazy("Those who listen to them: %(amount)s")),
    "worth_knowledge": _amount(gettext_lazy("Ideas, reviews and answers: %(amount)s")),
    "worth_cost": _amount(gettext_lazy("Cost of serving them: %(amount)s")),
}  # fmt: skip


def reason(code: str, values: Mapping[str, Any]) -> str:
    made = REASONS.get(code)
    return made(values) if made else code
