"""A Facebook Page, live: who we are there, what is read and how far.

https://developers.facebook.com/docs/pages-api, .../docs/marketing-api/guides/lead-ads/retrieving, .../docs/graph-api/reference/insights
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from vincle.vocabulary import HandleRef

from . import _json as js
from . import _meta_talk as talk
from . import _meta_token as token
from ._answers import dumped
from ._graph import Graph, Json, following
from ._walk import Walk, plain, pulled, walk
from .live import Line, Problem, Pulled, Standing, Stream

SCOPES = (
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement", "pages_manage_posts",
    "pages_manage_metadata", "pages_messaging", "leads_retrieval", "read_insights",
)  # fmt: skip
FIELDS = (
    "feed,mention,ratings,messages,message_echoes,message_edits,message_reactions,messaging_postbacks,messaging_optins,"
    "message_reads,leadgen"
)
STREAMS = (
    Stream(name="feed", every=300, has_past=True), Stream(name="messages", every=300, has_past=True),
    Stream(name="ratings", every=3600, has_past=True), Stream(name="mentions", every=900, has_past=True),
    Stream(name="leads", every=900, has_past=True), Stream(name="insights", every=6 * 3600),
)  # fmt: skip
# What we call a number of the Page -> its names at Facebook, the newest first: they change, and the first that is known is read.
METRICS: Mapping[str, tuple[str, ...]] = {
    "reach": ("page_total_media_view_unique", "page_impressions_unique"), "views": ("page_media_view", "page_impressions"),
    "engagements": ("page_post_engagements",), "followers": ("page_follows", "page_fans"),
    "new followers": ("page_daily_follows_unique", "page_fan_adds_unique"), "page views": ("page_views_total",),
    "video views": ("page_video_views",),
    **{f"reactions {ours}": (f"page_actions_post_reactions_{theirs}_total",) for ours, theirs in (
        ("like", "like"), ("love", "love"), ("wow", "wow"), ("haha", "haha"), ("sad", "sorry"), ("angry", "anger"))},
}  # fmt: skip
COMMENT = "id,message,created_time,from,parent{id},is_hidden,like_count,permalink_url"
POST = "id,message,story,created_time,updated_time,from,permalink_url,is_hidden,status_type"
_RATING = "created_time,has_rating,has_review,rating,recommendation_type,review_text,reviewer,open_graph_story{id}"
_LEAD = "id,created_time,ad_id,ad_name,campaign_id,campaign_name,form_id,platform,field_data,custom_disclaimer_responses"
_TAGGED = "id,message,from,created_time,permalink_url"


def check(line: Line) -> Standing:
    """The Page, the rights of its token and when it ends; makes the app listen to the Page where it does not yet."""
    about = token.told(line)
    own = token.page_token(line, about)
    graph, wanted = Graph(line, own), token.page_id(line)
    page = graph.get(wanted or "me", fields="id,name,username,link")
    found = js.text(page.get("id"))
    known = {"page_id": found, "page_token": own}
    if any(line.secrets.get(name) != value for name, value in known.items()):
        line.renew(known, token.ends_at(about))
    granted = frozenset(js.texts(about.get("scopes")))
    notes = () if token.listens(graph, found, line, FIELDS) else ("not_subscribed",)
    return Standing(
        account=js.text(page.get("name")) or found, own=(HandleRef("facebook", found, js.text(page.get("name"))),),
        scopes_missing=tuple(each for each in SCOPES if each not in granted) if granted else (), token_ends_at=token.ends_at(about),
        abilities=granted, quota=graph.quota, notes=notes,
    )  # fmt: skip


def envelope(page: str) -> Json:
    """What stands around things that were asked for, so that `parse` knows whose they are."""
    return {"source": "graph", "network": "facebook", "account": page}


def page_of(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """One page of a stream. Raises Problem."""
    kind, _, wanted = stream.partition(":")
    graph, page = Graph(line), token.page_id(line)
    if kind == "lead" and wanted.isdigit():
        return Pulled(items=(dumped(envelope(page) | {"leads": [graph.get(wanted, fields=_LEAD)]}),))
    reader = _READERS.get(stream)
    if reader is None:
        raise Problem("permanent", "no_such_stream", stream)
    return reader(graph, page, walk(cursor, line.now, past=past))


def _feed(graph: Graph, page: str, place: Walk) -> Pulled:
    """Posts with their comments: of the past all, of the present those of the fifty newest posts on which something is new."""
    if place.queue:
        post, after = place.queue.pop()
        more = graph.get(f"{post}/comments", fields=COMMENT, filter="stream", order="reverse_chronological", limit="100", after=after)
        found = _comments(place, post, more)
        return pulled(graph, place, envelope(page) | {"comments": {post: found}} if found else {}, len(found))
    inner = f"comments.limit(50).filter(stream).order(reverse_chronological){{{COMMENT}}}"
    answer = graph.get(f"{page}/feed", fields=f"{POST},{inner}", limit="25" if place.is_past else "50", **place.page)
    posts = js.objs(answer.get("data"))
    new = [post for post in posts if place.takes(post.get("updated_time") or post.get("created_time"), js.text(post.get("id")))]
    for each in new:
        each["comments"] = {"data": _comments(place, js.text(each.get("id")), js.obj(each.get("comments")))}
    fresh = bool(posts) and plain(posts[-1].get("created_time")) > place.mark
    place.page = following(answer) if place.is_past or fresh else {}
    return pulled(graph, place, envelope(page) | {"posts": new} if new else {}, len(new))


def _comments(place: Walk, post: str, page: Json) -> list[Json]:
    """What is new on a page of comments, newest first; the page after it is asked for unless something here was seen before."""
    found = js.objs(page.get("data"))
    new = [each for each in found if place.takes(each.get("created_time"), js.text(each.get("id")))]
    if len(new) == len(found) and (after := following(page).get("after")):
        place.queue.append([post, after])
    return new


def _listed(edge: str, fields: str, name: str) -> "_Reader":
    def read(graph: Graph, page: str, place: Walk) -> Pulled:
        answer = graph.get(f"{page}/{edge}", fields=fields, limit="50", **place.page)
        found = js.objs(answer.get("data"))
        new = [each for each in found if place.takes(each.get("created_time"), js.first(each, "id") or js.digest(each))]
        place.page = following(answer) if len(new) == len(found) else {}
        return pulled(graph, place, envelope(page) | {name: new} if new else {}, len(new))

    return read


def _leads(graph: Graph, page: str, place: Walk) -> Pulled:
    """The forms of the Page first, then the leads of each since the mark; Meta keeps them 90 days."""
    if not place.has_begun:
        forms = graph.get(f"{page}/leadgen_forms", fields="id,status", limit="100", **place.page)
        place.queue += [[js.text(form.get("id")), ""] for form in js.objs(forms.get("data")) if form.get("id")]
        place.page = following(forms)
        place.has_begun = not place.page
        return pulled(graph, place, {}, 0)
    if not place.queue:
        return pulled(graph, place, {}, 0)
    form, after = place.queue.pop()
    since = {} if place.is_past else {"filtering": _since(place.mark)}
    answer = graph.get(f"{form}/leads", fields=_LEAD, limit="100", **since, **({"after": after} if after else {}))
    if more := following(answer).get("after"):
        place.queue.append([form, more])
    new = [lead for lead in js.objs(answer.get("data")) if place.takes(lead.get("created_time"), js.text(lead.get("id")))]
    return pulled(graph, place, envelope(page) | {"leads": new} if new else {}, len(new))


def _since(mark: str) -> str:
    seconds = int(js.when(mark, datetime.fromtimestamp(0, UTC)).timestamp()) - 120
    return dumped([{"field": "time_created", "operator": "GREATER_THAN", "value": seconds}]).decode()


def _insights(graph: Graph, page: str, place: Walk) -> Pulled:
    """One number a day each, up to yesterday. What Facebook does not know (any more) or does not give a small Page is left out."""
    until = graph.line.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = max(js.when(place.mark, until).replace(hour=0, minute=0, second=0), until - timedelta(days=90))
    since = since if place.mark and since < until else until - timedelta(days=1)
    if place.mark >= plain(until.isoformat()):
        return pulled(graph, place, {}, 0)
    if not place.has_begun:
        place.queue, place.has_begun = [[ours, *theirs] for ours, theirs in METRICS.items()], True
    ours, *names = place.queue.pop()
    found = _known_metric(graph, page, names, since, until)
    values = [each for metric in found for each in js.objs(metric.get("values"))]
    place.high = plain(until.isoformat())
    item = envelope(page) | {"insights": [{"metric": ours, "name": js.text(found[0].get("name")), "values": values}]} if values else {}
    return pulled(graph, place, item, len(values))


def _known_metric(graph: Graph, page: str, names: list[str], since: datetime, until: datetime) -> list[Json]:
    span = {"since": str(int(since.timestamp())), "until": str(int(until.timestamp()))}
    for name in names:
        try:
            found = js.objs(graph.get(f"{page}/insights", metric=name, period="day", **span).get("data"))
        except Problem as problem:
            if problem.kind != "permanent" or problem.code == "scope_missing":
                raise
            continue
        if found:
            return found
    return []


_Reader = Callable[[Graph, str, Walk], Pulled]
_READERS: dict[str, _Reader] = {
    "feed": _feed, "messages": lambda graph, page, place: talk.talks(graph, page, place, envelope(page), "messenger"),
    "ratings": _listed("ratings", _RATING, "ratings"), "mentions": _listed("tagged", _TAGGED, "tagged"),
    "leads": _leads, "insights": _insights,
}  # fmt: skip
