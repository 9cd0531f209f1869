"""What people are worth, in words."""

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vincle.web.tags.formats import money, number

from .models import EngagementValue

PARTS: Final[dict[str, Any]] = {
    "own": gettext_lazy("Own purchases to come"), "referral": gettext_lazy("Brought customers"),
    "influence": gettext_lazy("Sways others"), "knowledge": gettext_lazy("Ideas, reviews, answers"),
    "cost": gettext_lazy("Cost of serving"),
}  # fmt: skip
UNPRICED: Final[dict[str, Any]] = {
    "ideas": gettext_lazy("ideas"), "reviews": gettext_lazy("reviews"), "answers": gettext_lazy("answers to other customers"),
    "seconds": gettext_lazy("minutes of conversations"), "sends": gettext_lazy("letters sent"),
}  # fmt: skip


def brought(count: int) -> str:
    return ngettext("brought %(n)s customer", "brought %(n)s customers", count) % {"n": number(count)}


def swayed(count: int) -> str:
    return ngettext("%(n)s customer listens to them", "%(n)s customers listen to them", count) % {"n": number(count)}


def ideas(count: int) -> str:
    return ngettext("%(n)s idea", "%(n)s ideas", count) % {"n": number(count)}


def reviews(count: int) -> str:
    return ngettext("%(n)s review", "%(n)s reviews", count) % {"n": number(count)}


def answers(count: int) -> str:
    return ngettext("answered %(n)s question of others", "answered %(n)s questions of others", count) % {"n": number(count)}


def minutes(seconds: int) -> str:
    count = max(1, round(seconds / 60))
    return ngettext("%(n)s minute of conversations", "%(n)s minutes of conversations", count) % {"n": number(count)}


def letters(count: int) -> str:
    return ngettext("%(n)s letter", "%(n)s letters", count) % {"n": number(count)}


def behind(value: EngagementValue) -> dict[str, list[str]]:
    """What each part of someone's value rests on, in a few words each; parts that rest on nothing are left out."""
    own = ngettext("bought %(n)s time in these months", "bought %(n)s times in these months", value.purchases)
    found = {
        "own": [own % {"n": number(value.purchases)}] if value.purchases or value.own else [],
        "referral": [brought(value.newcomers)] if value.newcomers else [],
        "influence": [swayed(value.swayed)] if value.swayed else [],
        "knowledge": [
            made(count)
            for made, count in ((ideas, value.ideas), (reviews, value.reviews), (answers, value.answers))
            if count
        ],
        "cost": [made(count) for made, count in ((minutes, value.seconds), (letters, value.sends)) if count],
    }  # fmt: skip
    return {name: words for name, words in found.items() if words}


def reasons(value: EngagementValue, currency: str) -> list[tuple[Any, ...]]:
    """For the dotted why: (what, amount, share of the largest, tone), by amount."""
    words = behind(value)
    amounts = {name: -getattr(value, name) if name == "cost" else getattr(value, name) for name in PARTS}
    largest = max((abs(each) for each in amounts.values()), default=Decimal()) or Decimal(1)
    rows = []
    for name in sorted((name for name in PARTS if amounts[name] or name in words), key=lambda name: -abs(amounts[name])):
        text, amount = str(PARTS[name]), amounts[name]
        if name in words:
            text = _("%(part)s: %(behind)s") % {"part": text, "behind": ", ".join(words[name])}
        rows.append((text, money(amount, currency) if amount else "–", float(abs(amount) / largest), "neu" if amount < 0 else ""))
    return rows


def why_much(value: EngagementValue) -> str:
    """The strongest of what someone brings beside own purchases, in words."""
    words = behind(value)
    name = max(("referral", "influence", "knowledge"), key=lambda part: getattr(value, part))
    return ", ".join(words.get(name, ()))


def sentence(first: tuple[str, EngagementValue] | None, best: tuple[str, EngagementValue] | None, currency: str) -> str:
    """What the page found: its first advocate, else whoever is worth most."""
    if first is not None:
        name, value = first
        said = {
            "name": name, "bought": money(value.bought, currency), "worth": money(round(value.total), currency), "why": why_much(value)
        }  # fmt: skip
        if value.bought > 0:
            return _("%(name)s bought for only %(bought)s and is worth %(worth)s: %(why)s.") % said
        return _("%(name)s has bought nothing of late and is worth %(worth)s: %(why)s.") % said
    if best is not None and best[1].total > 0:
        return _("%(name)s is worth most, %(worth)s; nobody yet buys little and brings much.") % {
            "name": best[0], "worth": money(round(best[1].total), currency)
        }  # fmt: skip
    return _("What people are worth to you with all they do: buying, bringing others, advising them, and what serving them costs.")


def left_out(names: Any) -> str:
    """What has no price, as a list."""
    found = [str(UNPRICED[name]) for name in names if name in UNPRICED]
    return ", ".join(found)
