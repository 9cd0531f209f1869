"""Which value wins: what joining two people does to what is known of them, and the rules of the workspace."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.listen.models import Connection
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.people import channel_name

from . import people, ruling
from .fieldtypes import type_of
from .models import CustomField, Profile, SavedView
from .survivors import TEAM, Rule, Rules, Word, choose
from .views_person import living
from .wording import label, shown

MOST_FIELDS, MOST_VIEWS = 12, 12
RULES = {
    Rule.NEWEST: gettext_lazy("the newest"), Rule.FREQUENT: gettext_lazy("what most sources say"),
    Rule.LONGEST: gettext_lazy("the longest"), Rule.SOURCE: gettext_lazy("by the order of sources"),
}  # fmt: skip


class Differing(NamedTuple):
    """A field of which the two say different things, and whose value wins by the rule."""

    name: str
    label: str
    left: str
    right: str
    wins: str
    why: str


@allow(May.SEE)
@never_cache
@require_safe
def together(request: WorkspaceRequest, pid: str, other: str) -> HttpResponseBase:
    """A part of pages that ask whether two people are one: which value would win, with a choice; and the saved views of both."""
    left, right = living(request, pid), living(request, other)
    if left.person == right.person:
        raise Http404
    context = {
        "left": left, "right": right, "fields": _differing(request, left, right), "views": _views(request, left, right),
        "may_decide": request.may(May.DECIDE_IDENTITY),
    }  # fmt: skip
    return render(request, "organise/together.html", context)


def _differing(request: WorkspaceRequest, left: Profile, right: Profile) -> list[Differing]:
    rules, custom = ruling.rules_of(request.workspace.pk), CustomField.objects.of(request.workspace).filter(hidden_at=None)
    types, labels = {each.name: each.type for each in custom}, {each.name: each.label for each in custom}
    said = ruling.stated([left.person, right.person])
    rows = []
    for name in [name for name in ("name", *TRAITS) if name in left.traits] + sorted(left.traits.keys() & types.keys() - TRAITS.keys()):
        sides = [shown((side.traits.get(name) or [""])[0], type_of(name, types)) for side in (left, right)]
        if all(sides) and sides[0] != sides[1]:
            rule = rules.of_field.get(name, Rule.NEWEST)
            words = [said.get(side.person, {}).get(name, []) for side in (left, right)]
            wins = _side_that_wins(words[0], words[1], rule, rules)
            rows.append(Differing(name, label(name, labels), sides[0], sides[1], wins, str(RULES[rule])))
    return rows[:MOST_FIELDS]


def _side_that_wins(left: list[Word], right: list[Word], rule: Rule, rules: Rules) -> str:
    won = choose([*left, *right], rule, rules.order)
    return "right" if won in right and won not in left else "left"


def _views(request: WorkspaceRequest, left: Profile, right: Profile) -> list[dict[str, Any]]:
    """Saved views with one of the two in them."""
    rows = []
    for view in SavedView.objects.of(request.workspace).filter(Q(by=request.user) | Q(is_shared=True)).order_by("name")[:MOST_VIEWS]:
        where = people.where(request.workspace, people.asked(QueryDict(view.query)), request.user.pk)
        where.add(f"p.person IN ({left.person:d}, {right.person:d})")
        found = {row.person for row in people.first(where, people.sort_of(people.DEFAULT_SORT), 2)}
        if found:
            rows.append({"name": view.name, "left": left.person in found, "right": right.person in found})
    return rows


@allow(May.SEE)
@require_safe
def rules(request: WorkspaceRequest) -> HttpResponseBase:
    """Which value wins, field by field, and the order of sources."""
    held = ruling.rules_of(request.workspace.pk)
    custom = {each.name: each.label for each in CustomField.objects.of(request.workspace).filter(hidden_at=None).order_by("name")}
    names = ["name", *TRAITS, *(name for name in custom if name not in TRAITS)]
    fields = [(name, label(name, custom), held.of_field.get(name, Rule.NEWEST).value) for name in names]
    order = [*(each for each in held.order), *(each for each in _sources(request) if each not in held.order)]
    context = {
        "fields": fields, "rules": [(rule.value, words) for rule, words in RULES.items()],
        "order": [(channel, channel_name(channel), place) for place, channel in enumerate(order, 1)], "may_edit": request.may(May.MANAGE),
    }  # fmt: skip
    return render(request, "organise/rules.html", context)


def _sources(request: WorkspaceRequest) -> list[str]:
    """Channels that may state something of people, the team's own aside."""
    found = Connection.objects.of(request.workspace).exclude(channel=TEAM).values_list("channel", flat=True).distinct()
    return sorted(found, key=channel_name)


@allow(May.MANAGE)
@require_POST
def keep_rules(request: WorkspaceRequest) -> HttpResponseBase:
    """`rule-<field>` names the rule, `place-<channel>` a number: lower ones are trusted more."""
    fields, bad = {}, ""
    for key, value in request.POST.items():
        name = key.removeprefix("rule-")[:120]
        if key.startswith("rule-") and value in set(Rule) and value != Rule.NEWEST:
            fields[name] = Rule(value)
        elif key.startswith("rule-") and value not in set(Rule):
            bad = name
    if bad:
        messages.error(request, _("%(field)s: there is no such rule. Nothing was changed.") % {"field": label(bad)})
        return redirect("organise:rules", workspace=request.workspace.slug)
    places = [(_place(value), key.removeprefix("place-")[:40]) for key, value in request.POST.items() if key.startswith("place-")]
    ruling.set_rules(request.workspace, request.user, Rules(fields, tuple(channel for _place_of, channel in sorted(places))))
    messages.success(request, _("Kept. Everyone's values follow in a moment."))
    return redirect("organise:rules", workspace=request.workspace.slug)


def _place(given: object) -> int:
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 99_999
