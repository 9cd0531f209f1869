"""What the composer shows and hands back: the form of an idea, read from what was posted, and how it looks at each place."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace

from . import linking, places, shape, wording
from .ideas import Refused, clean
from .models import Idea, Picture, Post
from .places import Place
from .recurrence import BadRule, Rule

LANGUAGES: Final = (("", ""), ("en", "English"), ("es", "Español"), ("it", "Italiano"), ("ca", "Català"), ("fr", "Français"),
                    ("de", "Deutsch"), ("pt", "Português"))  # fmt: skip
PLACE_WORDS: Final = {"channel or group": wording.PLACES["channel or group"]}


class Choice(NamedTuple):
    """A place in the form: whether it is chosen, its own words, and where there."""

    place: Place
    is_on: bool
    text: str
    where: str
    post: Post | None = None

    @property
    def place_label(self) -> Any:
        return PLACE_WORDS.get(self.place.posting.place, "")


class Preview(NamedTuple):
    """How it will look at a place, and what is wrong there."""

    choice: Choice
    text: str
    fit: shape.Fit
    troubles: list[tuple[str, bool]]
    pictures: Sequence[Picture]

    @property
    def over(self) -> bool:
        return self.fit.length > self.fit.longest


def values(given: QueryDict) -> dict[str, Any]:
    """Fields of an idea as they were posted."""
    rest = given.get("rest_days", "30")
    campaign = " ".join(given.get("campaign", "").replace("\0", "").split())[:80]
    return {
        "name": given.get("name", "")[:120], "text": clean(given.get("text", "")), "campaign": campaign,
        "language": given.get("language", "") if given.get("language", "") in dict(LANGUAGES) else "", "shortens": "shortens" in given,
        "is_evergreen": "is_evergreen" in given, "rest_days": min(int(rest), 3650) if rest.isascii() and rest.isdigit() else 30,
    }  # fmt: skip


def wanted(given: QueryDict) -> dict[int, tuple[str, str]]:
    """Own words and place by connection, of those that are ticked."""
    chosen = [int(each) for each in given.getlist("place") if each.isascii() and each.isdigit() and len(each) < 10]
    return {each: (given.get(f"text-{each}", ""), given.get(f"where-{each}", "")) for each in chosen}


def choices(workspace: Workspace, idea: Idea | None, given: QueryDict | None = None) -> list[Choice]:
    """Each place we may post at, as it stands with this idea or in what was posted."""
    asked = wanted(given) if given is not None else {}
    open_now = (Post.State.DRAFT, Post.State.WAITING, Post.State.SCHEDULED, Post.State.FAILED)
    rows = Post.objects.of(workspace).filter(idea=idea, state__in=open_now, origin=Post.Origin.SINGLE) if idea else []
    standing = {post.connection_id: post for post in rows}
    last = _last_places(workspace)
    found = []
    for place in places.places_of(workspace):
        key = place.connection.pk
        post = standing.get(key)
        text, where = asked.get(key, (post.text if post else "", post.place if post else last.get(key, "")))
        is_on = key in asked if given is not None else post is not None
        found.append(Choice(place, is_on, text, where, post))
    return found


def _last_places(workspace: Workspace) -> dict[int, str]:
    """Which channel or group was used last, by connection."""
    rows = Post.objects.of(workspace).exclude(place="").order_by("pk").values_list("connection", "place")
    return dict(rows)


def previews(idea: Idea, found: Sequence[Choice], pictures: Sequence[Picture]) -> list[Preview]:
    files = places.attachments(list(pictures))
    return [_preview(idea, choice, files, pictures) for choice in found if choice.is_on]


def _preview(idea: Idea, choice: Choice, files: Sequence[shape.Attachment], pictures: Sequence[Picture]) -> Preview:
    text = choice.text.strip() or idea.text
    fit = places.fit(choice.place, idea, text, files, choice.where)
    troubles = [(wording.trouble(each), each.stops) for each in fit.troubles]
    if choice.place.trouble:
        troubles.append((wording.of(wording.TROUBLE, choice.place.trouble), False))
    if choice.place.posting.fetches and linking.is_local():
        troubles.append((wording.of(wording.TROUBLE, "not_reachable"), False))
    shown = shape.replaced(text, linking.as_long) if idea.shortens else text
    return Preview(choice, shown, fit, troubles, pictures[: max(choice.place.posting.files, 0)])


def rule(given: Mapping[str, str], weekdays: Sequence[str]) -> Rule:
    """A rule of the form. Raises Refused."""
    try:
        clock = given.get("rule_time", "").split(":")
        return Rule(
            every=_every(given.get("every", "")), start=date.fromisoformat(given.get("rule_start", "")),
            minute=int(clock[0]) * 60 + int(clock[1]), interval=int(given.get("interval") or 1),
            weekdays=tuple(int(each) for each in weekdays), day=_month_day(given),
            until=date.fromisoformat(given["rule_until"]) if given.get("rule_until") else None,
            count=int(given["rule_count"]) if given.get("rule_count") else None,
        ).checked()  # fmt: skip
    except BadRule as error:
        raise Refused(wording.of(wording.RULE, str(error))) from error
    except (ValueError, IndexError) as error:
        raise Refused(_("A series needs a first day and a time.")) from error


def _every(text: str) -> Any:
    if text not in ("day", "week", "month"):
        raise BadRule("not_a_rule")
    return text


def _month_day(given: Mapping[str, str]) -> int | None:
    """Of the month: the first day's number, or 0 for the last."""
    return 0 if given.get("every") == "month" and given.get("on_last") else None
