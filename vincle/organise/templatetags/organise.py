"""What pages of this stage show in common."""

from typing import Any

from django.template import Library

from vincle.organise import members, tabs, worth_words
from vincle.organise.models import Profile

register = Library()


@register.simple_tag(takes_context=True)
def organise_tabs(context: Any, current: str = "") -> list[tuple[Any, str, bool]]:
    """`{% organise_tabs "groups" as beside %}{% tabs beside label %}`."""
    return tabs.tabs(context["request"].workspace, current)


@register.simple_tag(takes_context=True)
def segments_of(context: Any, profile: Profile) -> list[members.Stay]:
    """The segments someone is in, newest first: `{% segments_of profile as theirs %}`."""
    return members.of_person(context["request"].workspace, profile.person)


@register.simple_tag(takes_context=True)
def worth_of(context: Any, row: Any, score: str) -> str:
    """A score of a row of the list of people as it reads, "–" where it is not known: `{% worth_of row "value" %}`."""
    value: float | None = getattr(row, score)
    return "–" if value is None else worth_words.shown(score, value, context["request"].workspace.currency)
