"""The page of an account: its figures with their words, what each means, and the address of the posts behind each."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vincle.science import account as science
from vincle.science.account import Mean
from vincle.web.tags.formats import number, percent, signed

from . import wording
from .account import Account
from .account_posts import POST, REPLY, SHARE, Posts
from .account_words import Words
from .choice import Choice

DEFINITIONS: Final = {
    "posts": (
        gettext_lazy("Posts"),
        gettext_lazy("All the account wrote and shared in public in these days: posts, replies and shares. Messages do not count."),
    ),
    "replies": (
        gettext_lazy("Replies given"),
        gettext_lazy(
            "Posts of which the source says that they answer another, over all posts in the account's own words (without shares)."
        ),
    ),
    "shares": (gettext_lazy("Shares of others"), gettext_lazy("Posts of others that the account passed on, over all posts.")),
    "applause": (
        gettext_lazy("Applause"),
        gettext_lazy("Reactions received over posts in the account's own words for which the number is known."),
    ),
    "conversation": (
        gettext_lazy("Conversation"),
        gettext_lazy("Answers received over posts in the account's own words for which the number is known."),
    ),
    "amplification": (
        gettext_lazy("Amplification"),
        gettext_lazy("How often posts in the account's own words were shared, over those for which the number is known."),
    ),
    "engagement": (
        gettext_lazy("Engagement rate"),
        gettext_lazy(
            "Reactions, answers and shares to posts in the account's own words, over the sum of its followers at each of these posts. "
            "Not known where the followers are not."
        ),
    ),
    "followers": (
        gettext_lazy("Followers"),
        gettext_lazy("The last number a source told up to the end of these days; between two numbers a straight line is assumed."),
    ),
}
"""What each figure means; shown on hover, below the page, and in the guide."""
REACTION_NAMES: Final = {
    "likes": gettext_lazy("Like"), "loves": gettext_lazy("Love"), "cares": gettext_lazy("Care"), "hahas": gettext_lazy("Haha"),
    "wows": gettext_lazy("Wow"), "sads": gettext_lazy("Sad"), "angrys": gettext_lazy("Angry"),
}  # fmt: skip
TOP: Final = 12
CLOUD, STEPS = 48, 6


class Links:
    """Addresses behind the figures of an account."""

    def __init__(self, account: Account, first: date, last: date) -> None:
        self.account, self.first, self.last = account, first, last
        self.slug = account.workspace.slug
        self._stream = reverse("listen:stream", kwargs={"workspace": self.slug})
        self._search = reverse("listen:search", kwargs={"workspace": self.slug})

    def stream(self, first: date | None = None, last: date | None = None, **more: Any) -> str:
        days = {"from": first or self.first, "to": last or first or self.last}
        return f"{self._stream}?{urlencode({**self.account.behind, **days, **more})}"

    def words(self, condition: str) -> str:
        """Posts of the account with these words; "" where the search cannot name who wrote them."""
        handle = self.account.handle
        if handle is None:
            return ""
        asked = [f'from:"{handle.value}"', condition, *(["is:ours"] if handle.is_own else [])]
        days = [f"after:{self.first}", f"before:{self.last + timedelta(days=1)}"]
        return f"{self._search}?{urlencode({'q': ' '.join([*asked, *days])})}"


def rate(found: Mean, what: str) -> dict[str, str]:
    """A mean as a tile shows it: value, and what it rests on."""
    if found.value is None:
        return {"value": "–", "note": _("not known")}
    value = (
        percent(found.value, 2) if what == "engagement" else number(found.value, 0 if found.value >= 100 else 1 if found.value >= 10 else 2)
    )
    return {"value": value, "note": ""}


def _rests_on(found: Mean, what: str, is_heard: bool) -> str:
    """The numbers a rate is made of, and its interval."""
    if found.value is None:
        return ""
    words = {"total": number(found.total), "n": number(found.n)}
    text = _("%(total)s over %(n)s.") % words
    if found.low is not None and found.high is not None:
        shown = (percent(each, 2) if what == "engagement" else number(each, 2) for each in (found.low, found.high))
        low, high = shown
        text += " " + _("95%% interval: %(low)s to %(high)s.") % {"low": low, "high": high}
    return text + " " + _("Counted from what Vincle itself heard.") if is_heard else text


_UNITS = {
    "applause": gettext_lazy("reactions a post"), "conversation": gettext_lazy("answers a post"),
    "amplification": gettext_lazy("shares a post"), "engagement": gettext_lazy("of followers a post"),
}  # fmt: skip
_RESPONSES = {"applause": "reactions", "conversation": "answers", "amplification": "shares"}


def tiles(posts: Posts, before: Posts | None, choice: Choice, links: Links) -> list[dict[str, Any]]:
    shown = [_posts_tile(posts, before, choice, links)]
    for what, unit in _UNITS.items():
        found = posts.rates[what]
        heard = what in _RESPONSES and posts.is_heard(_RESPONSES[what])
        tile = {"label": DEFINITIONS[what][0], "unit": unit if found.value is not None else "", **rate(found, what)}
        earlier = before.rates[what].value if before else None
        if found.value is not None and earlier is not None:
            tile["note"] = _("%(value)s in %(before)s") % {
                "value": rate(Mean(value=earlier), what)["value"],
                "before": wording.before(choice),
            }
        tile["title"] = f"{DEFINITIONS[what][1]} {_rests_on(found, what, heard)}".strip()
        tile["url"] = links.stream(verb="Create") if found.value is not None else ""
        shown.append(tile)
    shown.append(_followers_tile(posts, links))
    return shown


def _posts_tile(posts: Posts, before: Posts | None, choice: Choice, links: Links) -> dict[str, Any]:
    note = _("%(n)s a day") % {"n": number(posts.n / posts.days, 1)}
    if before is not None:
        note = _("%(change)s on %(before)s") % {"change": signed(posts.n - before.n), "before": wording.before(choice)}
    daily = science.by_day(posts.at, posts.first, posts.last)
    return {"label": DEFINITIONS["posts"][0], "value": number(posts.n), "unit": "", "note": note, "url": links.stream(),
            "title": str(DEFINITIONS["posts"][1]), "points": [float(n) for n in daily] if posts.days <= 120 else []}  # fmt: skip


def _followers_tile(posts: Posts, links: Links) -> dict[str, Any]:
    end = posts.bounds[1].timestamp()
    known = [(at, n) for at, n in posts.follower_points if at < end]
    tile = {"label": DEFINITIONS["followers"][0], "title": str(DEFINITIONS["followers"][1]), "unit": "", "url": ""}
    if not known:
        return {**tile, "value": "–", "note": _("not known")}
    start = [n for at, n in known if at >= posts.bounds[0].timestamp()]
    note = _("%(change)s in these days") % {"change": signed(known[-1][1] - start[0])} if len(start) > 1 else ""
    return {**tile, "value": number(known[-1][1]), "note": note}


def forms(posts: Posts, links: Links) -> list[dict[str, Any]]:
    """Posts, replies and shares with their part."""
    names = (
        (POST, _("Posts"), "Create", ""),
        (REPLY, _("Replies"), "Create", "replies"),
        (SHARE, _("Shares of others"), "Announce", "shares"),
    )
    return [
        {"name": name, "n": posts.number(form), "share": posts.number(form) / posts.n if posts.n else 0, "url": links.stream(verb=verb),
         "title": DEFINITIONS[what][1] if what else ""}
        for form, name, verb, what in names
    ]  # fmt: skip


def charts(posts: Posts, links: Links) -> dict[str, Any]:
    found = {"days": _days(posts, links), "hours": _hours(posts, links)}
    if posts.days > 45:
        found["months"] = _months(posts, links)
    if posts.kinds:
        found["kinds"] = _kinds(posts)
    if len(posts.follower_points) > 1:
        found["followers"] = _followers(posts)
    return found


def _days(posts: Posts, links: Links) -> dict[str, Any]:
    days = wording.days_of(posts.first, posts.days)
    counts = [int(n) for n in science.by_day(posts.at, posts.first, posts.last)]
    with_year = posts.first.year != posts.last.year
    data = {
        "columns": [_("Day"), _("Posts")],
        "rows": [[wording.short_day(day, with_year), n] for day, n in zip(days, counts, strict=True)],
        "hrefs": [links.stream(day) for day in days],
        "unit": _("posts"),
    }
    if not any(counts):
        return {"title": _("Nothing was posted in these days"), "data": data}
    most = max(range(len(counts)), key=counts.__getitem__)
    words = {"n": number(counts[most]), "day": wording.on_day(days[most])}
    return {"title": _("Most posts on %(day)s: %(n)s") % words, "data": data}


def month_name(month: date) -> str:
    return f"{str(MONTHS[month.month]).capitalize()} {month.year}"


def _months(posts: Posts, links: Links) -> dict[str, Any]:
    months = science.by_month(science.by_day(posts.at, posts.first, posts.last), posts.first)
    data = {
        "columns": [_("Month"), _("Posts")],
        "rows": [[month_name(month), int(n)] for month, n in months],
        "hrefs": [links.stream(max(month, posts.first), min(_end(month), posts.last)) for month, _n in months],
        "unit": _("posts"),
        "upright": True,
    }
    month, most = max(months, key=lambda row: row[1])
    title = _("%(month)s had most: %(n)s posts") % {"month": month_name(month), "n": number(most)} if most else _("Posts by month")
    return {"title": title, "data": data}


def _end(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _hours(posts: Posts, links: Links) -> dict[str, Any]:
    grid = science.rhythm(posts.at)
    data = {
        "columns": [_("Weekday"), *(f"{hour:02d}" for hour in range(24))],
        "rows": [[str(WEEKDAYS[day]), *(int(n) for n in grid[day])] for day in range(7)],
        "hrefs": [[links.stream(weekday=day + 1, hour=hour) if grid[day, hour] else "" for hour in range(24)] for day in range(7)],
        "unit": _("posts"),
    }
    if posts.n < 20:
        return {"title": _("When it posts"), "data": data}
    day, hour = np.unravel_index(int(grid.argmax()), grid.shape)
    words = {"weekday": WEEKDAYS[int(day)], "hour": f"{int(hour):02d}:00", "n": number(int(grid.max()))}
    return {"title": _("Posts most on %(weekday)s at %(hour)s: %(n)s") % words, "data": data}


def reaction_name(kind: str) -> str:
    return str(REACTION_NAMES.get(kind, kind))


def _kinds(posts: Posts) -> dict[str, Any]:
    """Reactions of each kind: a post, in all, and by month (by day within two months)."""
    totals = {name: float(np.nansum(column)) for name, column in posts.kinds.items()}
    everything = sum(totals.values())
    known = max(int((~np.isnan(column)).sum()) for column in posts.kinds.values())
    ranked = sorted(totals, key=lambda name: -totals[name])
    by_day = {name: science.by_day(posts.at, posts.first, posts.last, posts.kinds[name]) for name in ranked}
    if posts.days > 62:
        series = {name: science.by_month(daily, posts.first) for name, daily in by_day.items()}
        labels = [month_name(month) for month, _n in series[ranked[0]]]
        values = {name: [n for _month, n in rows] for name, rows in series.items()}
    else:
        labels = [wording.short_day(day, with_year=False) for day in wording.days_of(posts.first, posts.days)]
        values = {name: list(daily) for name, daily in by_day.items()}
    shown = [name for name in ranked if totals[name]][:6]
    first = {"share": percent(totals[ranked[0]] / everything) if everything else "", "kind": reaction_name(ranked[0])}
    return {
        "title": _("%(share)s of reactions are “%(kind)s”") % first if everything else _("No reactions in these days"),
        "rows": [
            {"name": reaction_name(name), "n": totals[name], "share": totals[name] / everything if everything else 0,
             "mean": totals[name] / known if known else 0, "place": _best_of(posts, name)}
            for name in ranked
        ],
        "uneven": posts.uneven,
        "data": {
            "columns": [_("Month") if posts.days > 62 else _("Day"), *(reaction_name(name) for name in shown)],
            "rows": [[each, *(int(values[name][place]) for name in shown)] for place, each in enumerate(labels)],
            "unit": _("reactions"),
        },
    }  # fmt: skip


def _best_of(posts: Posts, kind: str) -> int | None:
    return next(iter(science.best(posts.kinds[kind], 1)), None)


def _followers(posts: Posts) -> dict[str, Any]:
    known = posts.follower_points
    labels = [wording.short_day(datetime.fromtimestamp(at, UTC).date(), with_year=True) for at, _n in known]
    data = {"columns": [_("Day"), _("Followers")], "rows": [[label, n] for label, (_at, n) in zip(labels, known, strict=True)]}
    words = {"change": signed(known[-1][1] - known[0][1]), "first": labels[0], "last": labels[-1]}
    return {"title": _("%(change)s followers from %(first)s to %(last)s") % words, "data": data}


def day_of(posts: Posts, place: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(posts.at[place] // science.DAY))


def said(words: Words, links: Links) -> dict[str, Any]:
    """What it writes: lists with the address behind each where the search can name it."""
    cloud = [(word, n, word) for word, n in words.words.most_common(CLOUD)]
    largest = max((n for _word, n, _condition in cloud), default=1)
    return {
        "read": words.read,
        "is_all": words.is_all,
        "cloud": [
            {"name": word, "n": n, "url": links.words(condition), "step": max(1, round(STEPS * (n / largest) ** 0.5))}
            for word, n, condition in sorted(cloud)
        ],
        "lists": _lists(words, links),
    }  # fmt: skip


def _lists(words: Words, links: Links) -> list[dict[str, Any]]:
    media = [{**row, "name": _medium(row["name"])} for row in _top(words.media, None)]
    found = (
        ("replies", _("Answers whom"), _("Posts that answer someone, or begin with their name"), _top(words.replies_to, links, "@")),
        ("shares", _("Shares whom"), _("Whose posts it passes on"), _top(words.shares_of, None, "@")),
        ("mentions", _("Names whom"), _("Accounts named in its own posts"), _top(words.mentions, links, "@")),
        ("hashtags", _("Hashtags"), _("Posts that carry them"), _top(words.hashtags, links, "#")),
        ("sites", _("Links to"), _("Sites its own posts link to"), _top(words.sites, links, "link:")),
        ("tools", _("Posts with"), _("Tools, as the source names them"), _top(words.tools, None)),
        ("media", _("Media"), _("What its own posts carry"), media),
        ("lengths", _("Length"), _lengths_said(words), _lengths(words)),
    )
    return [{"id": name, "head": head, "said": said, "rows": rows} for name, head, said, rows in found]


def _lengths_said(words: Words) -> str:
    return _("Characters; half of its own posts have at most %(n)s") % {"n": number(words.median_length or 0)}


def _lengths(words: Words) -> list[dict[str, Any]]:
    found = words.by_length() if words.lengths else []
    most = max((n for _low, _high, n in found), default=1)
    return [
        {"name": f"{low}–{high - 1}" if high else _("%(n)s or more") % {"n": number(low)}, "n": n, "most": most, "url": ""}
        for low, high, n in found
        if n
    ]


def _top(counts: Counter[str], links: Links | None, mark: str = "") -> list[dict[str, Any]]:
    most = max(counts.values(), default=1)
    shown = "" if mark == "link:" else mark
    return [
        {"name": f"{shown}{name}" if " " not in name else name, "n": n, "most": most,
         "url": links.words(f"{mark}{name}") if links and " " not in name else ""}
        for name, n in counts.most_common(TOP)
    ]  # fmt: skip


def _medium(name: str) -> str:
    known = {"image": _("Picture"), "video": _("Video"), "link": _("Link"), "text": _("Text alone"), "article": _("Article")}
    return str(known.get(name, name))


def beside(columns: list[tuple[Account, Posts]]) -> list[dict[str, Any]]:
    """Lines of the table of two accounts: name, definition, a value for each."""
    every = [posts for _account, posts in columns]
    lines: list[dict[str, Any]] = [
        _line("posts", [number(posts.n) for posts in every]),
        {"name": _("Posts a day"), "title": "", "values": [number(posts.n / posts.days, 1) for posts in every]},
        _line("replies", [_part(posts.number(REPLY), posts.n - posts.number(SHARE)) for posts in every]),
        _line("shares", [_part(posts.number(SHARE), posts.n) for posts in every]),
    ]
    lines += [_line(what, [rate(posts.rates[what], what)["value"] for posts in every]) for what in _UNITS]
    lines.append(_line("followers", [number(posts.follower_points[-1][1]) if posts.follower_points else "–" for posts in every]))
    return lines


def _line(what: str, values: list[str]) -> dict[str, Any]:
    return {"name": DEFINITIONS[what][0], "title": DEFINITIONS[what][1], "values": values}


def _part(n: int, of: int) -> str:
    return percent(n / of) if of else "–"
