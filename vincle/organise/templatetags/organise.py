"""What pages of this stage show in common."""

from typing import Any

from django.template import Library

from vincle.organise import members, tabs
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
