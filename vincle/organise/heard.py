"""What is known of those who speak, for those who listen."""

from collections.abc import Mapping
from typing import Any

from vincle.store import bulk

from .models import Profile, Tagging

FOLLOWERS = "followers"


def followers_of(handles: set[int]) -> dict[int, int]:
    """How many follow the people these handles belong to, as far as a source said."""
    person_of = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", handles))
    traits = Profile.objects.filter(person__in=set(person_of.values()), traits__has_key=FOLLOWERS).values_list("person", "traits")
    known = {person: values[FOLLOWERS][0] for person, values in traits}
    return {handle: int(known[person]) for handle, person in person_of.items() if isinstance(known.get(person), int | float)}


def who_matters(workspace: int, handles: set[int], asked: Mapping[str, Any]) -> dict[int, tuple[str, Any]]:
    """Those of these authors who matter, and why: so many followers, a tag, someone who looks after them, a stage of the ladder.

    `asked`: `followers` (0: whatever they are), `stages`, `tags`, `owned`. Handle -> ("followers", 12000), ("stage", "creator") ...
    """
    person_of = dict(bulk.select("SELECT handle, person FROM identify_belonging WHERE handle IN ({})", handles))
    people = set(person_of.values())
    tagged: dict[int, str] = {}
    if asked["tags"]:
        there = Tagging.objects.of(workspace).filter(person__in=people, tag__name__in=asked["tags"], removed_at=None)
        tagged = dict(there.values_list("person", "tag__name"))
    why: dict[int, tuple[str, Any]] = {}
    rows = Profile.objects.of(workspace).filter(person__in=people).values_list("person", "traits", "stage", "owner")
    for person, traits, stage, owner in rows:
        followers = (traits.get(FOLLOWERS) or [0])[0]
        if asked["followers"] and isinstance(followers, int | float) and followers >= asked["followers"]:
            why[person] = ("followers", int(followers))
        elif person in tagged:
            why[person] = ("tag", tagged[person])
        elif asked["owned"] and owner is not None:
            why[person] = ("owner", None)
        elif stage in asked["stages"]:
            why[person] = ("stage", stage)
    return {handle: why[person] for handle, person in person_of.items() if person in why}
