"""What the café posts: what it said of late with what people made of it, what is planned, what waits, what comes again each week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from vincle.accounts.models import User, Workspace
from vincle.engage.publishing import ideas, links, planning, repeating, results
from vincle.engage.publishing.models import Idea, Post
from vincle.engage.publishing.recurrence import Rule
from vincle.listen.models import Activity, Connection, Content

from ..place import CONNECTION
from ..tell import SITE

SOCIAL: Final = ("instagram", "facebook", "mastodon")
LATELY: Final = timedelta(days=60)
MOST: Final = 24
COMING: Final = (
    (1, 10, "Gesha is back", "The Gesha is back, 150 grams at a time. Jasmine, bergamot, and gone by Saturday, as every year.", SOCIAL),
    (3, 18, "Latte art on Thursdays", "Thursday at six: latte art for beginners. Two places are left, milk is on us.", ("mastodon",)),
    (
        6,
        9,
        "Where the Huila comes from",
        "Doña Marta's farm, 1 700 metres up: what she picked in June is in our grinder now.",
        ("facebook", "mastodon"),
    ),
    (9, 11, "Opening hours over the holidays", "24 and 31 December we close at two; on the 26th we sleep.", ("facebook", "mastodon")),
)


def make(workspace: Workspace, user: User) -> None:
    rows = Connection.objects.of(workspace).filter(channel__in=SOCIAL, name=CONNECTION).select_related("workspace")
    places = {row.channel: row for row in rows}
    if not places:
        return
    _past(workspace, user, places)
    _coming(workspace, user, places)
    links.create(
        workspace,
        user,
        f"{SITE}/shop?blend=christmas",
        code=f"nadal-{workspace.pk}",
        name="Sticker in the window",
        source="window",
        medium="sticker",
        campaign="christmas-blend",
    )


def _past(workspace: Workspace, user: User, places: dict[str, Connection]) -> None:
    """The café's own posts of the last weeks, with what people did to them, read as it is read as it arrives."""
    own = Activity.objects.of(workspace).filter(
        channel__in=places, direction="out", verb="Create", object_type="Note", parent_key="", happened_at__gt=timezone.now() - LATELY
    )
    rows = list(own.order_by("-happened_at").values_list("channel", "native_id", "happened_at", "event_id")[:MOST])
    words = {
        bytes(event): text for event, text in Content.objects.filter(event_id__in=[row[3] for row in rows]).values_list("event_id", "text")
    }
    for channel, native, at, event in rows:
        text = words.get(bytes(event), "")
        if text:
            idea = ideas.create(workspace, user, "", text, created_at=at, updated_at=at)
            Post.objects.create(
                workspace=workspace,
                idea=idea,
                connection=places[channel],
                at=at,
                state=Post.State.SENT,
                native_id=native,
                said=text,
                left_at=at,
                by=user,
                approved_by=user,
                approved_at=at,
                created_at=at,
                updated_at=at,
            )
    natives = [row[1] for row in rows]
    about = Q(object_key__in=natives) | Q(parent_key__in=natives) | Q(thread_key__in=natives)
    acts = Activity.objects.of(workspace).filter(about, connection__in=places.values()).order_by("seq")
    results.take([results.Row(*row) for row in acts.values_list("seq", *results.COLUMNS)])


def _coming(workspace: Workspace, user: User, places: dict[str, Connection]) -> None:
    last = len(COMING) - 1
    for number, (days, hour, name, text, where) in enumerate(COMING):
        idea = ideas.create(workspace, user, name, text)
        wanted = {places[channel].pk: (text, "") for channel in where if channel in places}
        for post in _able(ideas.set_places(workspace, user, idea, wanted, True)):
            planning.plan(workspace, user, post, _at(workspace, days, hour), approves=number != last)
    tip = ideas.create(workspace, user, "Tip of the week", "How fine do you grind? Tell us your brewer and we tell you the number.")
    rule = Rule(every="week", start=_at(workspace, 2, 9).date(), minute=9 * 60, weekdays=(2,), count=4)
    repeating.begin(workspace, user, tip, rule, {row.pk: "" for row in places.values() if row.channel == "mastodon"}, approves=True)
    _keep(workspace, user)


def _able(posts: list[Post]) -> Iterator[Post]:
    """Those that may be posted without a picture."""
    for post in posts:
        place = planning.places.place_of(post.connection)
        files: list[planning.places.shape.Attachment] = []
        if place and not any(each.stops for each in planning.places.fit(place, post.idea, post.words, files).troubles):
            yield post


def _keep(workspace: Workspace, user: User) -> None:
    """What the queue may say again."""
    text = "A cup tastes of its water: try it with filtered water once, and tell us."
    Idea.objects.filter(pk=ideas.create(workspace, user, "Water", text).pk).update(
        is_evergreen=True, approved_at=timezone.now(), approved_by=user
    )


def _at(workspace: Workspace, days: int, hour: int) -> datetime:
    """So many days from now, at a full hour of the café's."""
    day = timezone.now().astimezone(ZoneInfo(workspace.timezone)) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
