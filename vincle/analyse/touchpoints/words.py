"""Touchpoints in words: kinds, stages, models, findings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from vincle.science.attribution.agreeing import Said
from vincle.web.tags.formats import money, number, percent
from vincle.web.tags.people import channel_name

from .channels import REST
from .spending import Spent

STAGES: Final[dict[str, Any]] = {
    "awareness": gettext_lazy("Gets to know us"), "consideration": gettext_lazy("Considers"), "loyalty": gettext_lazy("Stays with us"),
}  # fmt: skip
KINDS: Final[dict[str, Any]] = {
    "ad": gettext_lazy("Advertisement"), "link": gettext_lazy("Short link of ours"), "mail_click": gettext_lazy("Click in a letter"),
    "mail_open": gettext_lazy("Letter opened"), "visit": gettext_lazy("Visit to the site"), "seen": gettext_lazy("Post seen"),
    "follow": gettext_lazy("Began to follow"), "like": gettext_lazy("Reaction"), "share": gettext_lazy("Shared a post"),
    "review": gettext_lazy("Wrote a review"), "comment": gettext_lazy("Comment or mention"), "message": gettext_lazy("Message to us"),
    "answer": gettext_lazy("Answer from us"), "survey": gettext_lazy("Answered a survey"), "form": gettext_lazy("Filled in a form"),
    "place": gettext_lazy("Visit to the shop or event"), "deed": gettext_lazy("Deed on site or app"),
    "leader": gettext_lazy("Opinion leader"),
}  # fmt: skip
USUAL: Final = {
    **dict.fromkeys(("ad", "link", "seen", "follow", "like", "leader"), "awareness"),
    **dict.fromkeys(("mail_click", "visit", "share", "comment", "message", "answer", "form", "place", "deed"), "consideration"),
    **dict.fromkeys(("review", "survey"), "loyalty"), "mail_open": "",
}  # fmt: skip
"""The stage of each kind until the team chooses; opened letters do not count: mail programs open them by themselves."""
MODELS: Final[dict[str, Any]] = {
    "first": pgettext_lazy("attribution", "First"), "last": pgettext_lazy("attribution", "Last"),
    "linear": pgettext_lazy("attribution", "Evenly"), "position": pgettext_lazy("attribution", "First and last most"),
    "time_decay": pgettext_lazy("attribution", "Later ones more"), "markov": pgettext_lazy("attribution", "What would be missing"),
    "shapley": pgettext_lazy("attribution", "Fair share"),
}  # fmt: skip
ABOUT: Final[dict[str, Any]] = {
    "first": gettext_lazy("All goes to the first touchpoint of the way."),
    "last": gettext_lazy("All goes to the last one before the purchase."),
    "linear": gettext_lazy("Every touchpoint gets the same."),
    "position": gettext_lazy("40 percent to the first, 40 to the last, the rest to those between."),
    "time_decay": gettext_lazy("Half as much for each week before the purchase."),
    "markov": gettext_lazy("Markov chain: how many purchases would not come if the touchpoint fell out of every way."),
    "shapley": gettext_lazy("Shapley value: what it adds to every mix of the other touchpoints."),
}  # fmt: skip


LEVELS: Final[dict[str, Any]] = {
    "kind": gettext_lazy("By kind"), "source": gettext_lazy("By source"), "campaign": gettext_lazy("By campaign"),
}  # fmt: skip


def name(key: str) -> str:
    """Of a key of `channels`: its kind, and the source and campaign it is told apart by."""
    kind, *parts = key.split(":")
    said = str(KINDS.get(kind, kind))
    if not parts:
        return said
    if parts == [REST]:
        return str(_("%(kind)s: others") % {"kind": said})
    return f"{said}: {', '.join([str(channel_name(parts[0])), *parts[1:]])}"


def headline(rows: Sequence[dict[str, Any]], conversions: float) -> str:
    """The finding: the touchpoint that is owed most, and how sure that is."""
    if not rows or not conversions:
        return str(_("No purchase was led up to by a touchpoint that counts."))
    top = rows[0]
    values = {
        "name": top["name"], "touched": percent(top["part"]), "least": percent(top["least"]), "most": percent(top["most"]),
    }  # fmt: skip
    text = _("“%(name)s” takes part in %(touched)s of the purchases; depending on how one counts, %(least)s to %(most)s are owed to it.")
    return str(text % values)


def agreement(code: str, share: float) -> str:
    texts = {
        "nothing": _("There is nothing to agree on yet."),
        "mostly": _("All ways of counting agree on %(share)s of the purchases: it matters little which one you choose."),
        "partly": _("All ways of counting agree on %(share)s of the purchases; on the rest the choice of the way decides."),
        "hardly": _("All ways of counting agree on %(share)s of the purchases only: do not decide on one of them alone."),
    }  # fmt: skip
    return str(texts[code] % {"share": percent(share)})


def said(each: Said) -> str:
    texts = {
        "few": _("Too few purchases to tell."), "agreed": _("All ways of counting say about the same."),
        "opens": _("Opens ways rather than closing them."), "closes": _("Stands rather at the end of the way."),
        "helps": _("Helps in between: first and last touch underrate it."), "differs": _("Depends on how one counts."),
    }  # fmt: skip
    return str(texts[each.code])


def removal(kind: str, effect: float, low: float, high: float) -> str:
    values = {"name": name(kind), "n": number(round(100 * effect)), "low": number(round(100 * low)), "high": number(round(100 * high))}
    return str(_("Without “%(name)s” %(n)s of 100 purchases would be missing (%(low)s to %(high)s), if all else stayed as it is.") % values)


def journeys(won: float, lost: float, days: int) -> str:
    bought = ngettext("%(n)s way ended in a purchase", "%(n)s ways ended in a purchase", round(won)) % {"n": number(round(won))}
    open_ = ngettext("%(n)s has not", "%(n)s have not", round(lost)) % {"n": number(round(lost))}
    looked = ngettext("looked at: the last day before it", "looked at: the last %(n)s days before it", days) % {"n": number(days)}
    return f"{bought}, {open_}; {looked}."


def spent(each: Spent) -> str:
    """What a sum is made of."""
    usual = each.months - each.own - each.unsaid
    said = []
    if each.own:
        said.append(ngettext("%(n)s month typed", "%(n)s months typed", each.own) % {"n": number(each.own)})
    if usual:
        said.append(ngettext("%(n)s month as usual", "%(n)s months as usual", usual) % {"n": number(usual)})
    if each.unsaid:
        said.append(ngettext("%(n)s month not known", "%(n)s months not known", each.unsaid) % {"n": number(each.unsaid)})
    return ", ".join(said)


def apart(sums: Mapping[str, Decimal], currency: str) -> str:
    """Costs of touchpoints that are not shown as a whole, which are in no row."""
    if not sums:
        return ""
    named = ", ".join(f"{name(key)} ({money(amount, currency)})" for key, amount in sums.items())
    return str(_("In none of these rows, for it cannot be shared out: %(costs)s.") % {"costs": named})
