"""Google reviews of a place: what people write and our one answer, as the Business Profile API tells them.

https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews. Google names reviewers by a shown name only.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from vincle.vocabulary import HandleRef, Item

from . import _json as js
from . import _reviews as reviews
from ._answers import dumped, judged, quota
from ._deliveries import DeliveryChannel
from ._reviews import Json
from ._walk import pulled, walk
from .base import Spec
from .live import Command, Context, Line, OAuth, Problem, Pulled, Receipt, Setting, Standing, Stream, Way

API = "https://mybusiness.googleapis.com/v4"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com/v1"
PLACES = "https://mybusinessbusinessinformation.googleapis.com/v1"
SCOPE = "https://www.googleapis.com/auth/business.manage"
LONGEST = 4096
_STARS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
_ORIGINAL, _TRANSLATED = "(Original)", "(Translated by Google)"


class GoogleReviews(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="google_reviews",
        name="Google reviews",
        icon="brand-google",
        family="webhook",
        capabilities=frozenset({"file", "pull", "act"}),
        handle_kinds=("google_reviewer",),
        extensions=(".json",),
        streams=(Stream(name="reviews", every=900, has_past=True),),
        settings=(
            Setting(
                name="client_id",
                label="Client ID",
                help="In the Google Cloud console: APIs & Services › Credentials, of the kind “Web application”.",
            ),
            Setting(name="client_secret", label="Client secret", is_secret=True, help="Beside the client ID."),
            Setting(
                name="location",
                label="Place",
                is_required=False,
                help="Only where you look after several: accounts/…/locations/…, as the test of the connection names them.",
            ),
        ),
        oauth=OAuth(
            authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_url="https://oauth2.googleapis.com/token",
            scopes=(SCOPE,),
            extra={"access_type": "offline", "prompt": "consent"},
        ),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if value.get("source") == "google_reviews":
            return 1.0
        found = js.objs(value.get("reviews"))
        return 0.95 if found and all("starRating" in each and "reviewer" in each for each in found[:3]) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        seen = False
        for review in js.objs(value.get("reviews")):
            seen = True
            yield from _review(review, received_at)
        for each in js.objs(value.get("answers")):
            if native := js.text(each.get("review")):
                seen = True
                yield reviews.answer(native, js.text(each.get("comment")), js.when(each.get("updateTime"), received_at))
        for native in js.texts(value.get("taken_back") or []):
            seen = True
            yield reviews.taken_back(native, js.when(value.get("at"), received_at))
        if not seen:
            yield js.unknown("delivery", delivery, received_at)

    def check(self, line: Line) -> Standing:
        name, title = _place(line)
        line.renew({"location": name})
        return Standing(account=title or name, own=(HandleRef("google_place", name, title),))

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return _page(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return _page(line, stream, cursor, past=True)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        return reviews.ways(about, LONGEST)

    def length(self, text: str) -> int:
        """Google counts bytes."""
        return len(text.encode("utf-8", "replace"))

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        """Putting the same answer twice changes nothing."""
        if not any(each.deed == command.deed for each in reviews.ways(command.about, LONGEST)):
            raise Problem("permanent", "cannot_act", command.deed)
        native, now = reviews.of(command.about), line.now
        path = f"{API}/{_location(line)}/reviews/{native}/reply"
        if command.deed == "delete":
            _ask(line, "DELETE", path)
            return Receipt(native_id=f"answer:{native}", happened_at=now, raw=_raw(taken_back=[native], at=now.isoformat()))
        if not command.text.strip() or self.length(command.text) > LONGEST:
            raise Problem("permanent", "too_long" if command.text.strip() else "empty")
        said, asked = _ask(line, "PUT", path, json={"comment": command.text})
        kept = {
            "review": native,
            "comment": js.text(said.get("comment")) or command.text,
            "updateTime": said.get("updateTime") or now.isoformat(),
        }
        return Receipt(
            native_id=f"answer:{native}", happened_at=js.when(kept["updateTime"], now), raw=_raw(answers=[kept]), quota=asked.quota
        )


class _Asked:
    """What an answer told was left."""

    pause: float | None = None

    def __init__(self, left: float | None) -> None:
        self.quota = left


def _raw(**said: Any) -> bytes:
    return dumped({"source": "google_reviews"} | said)


def _ask(line: Line, method: str, url: str, query: Mapping[str, str] | None = None, json: Any = None) -> tuple[Json, _Asked]:
    token = line.secrets.get("access_token", "")
    if not token:
        raise Problem("auth", "no_token")
    answer = line.send(method, url, query=query, headers={"authorization": f"Bearer {token}"}, json=json)
    if answer.status == 403 and b"SERVICE_DISABLED" in answer.body:
        raise Problem("permanent", "interface_off", "Google Cloud console: enable the Google My Business API")
    return js.obj(judged(answer, line.now)), _Asked(quota(answer))


def _location(line: Line) -> str:
    found = line.settings.get("location", "").strip() or line.secrets.get("location", "")
    return found or _place(line)[0]


def _place(line: Line) -> tuple[str, str]:
    """(accounts/1/locations/2, its name): the one of the settings, or the only one there is. Raises Problem choose_place."""
    wanted = line.settings.get("location", "").strip()
    found: dict[str, str] = {}
    for account in js.objs(_ask(line, "GET", f"{ACCOUNTS}/accounts", {"pageSize": "20"})[0].get("accounts")):
        name, query = js.text(account.get("name")), {"readMask": "name,title", "pageSize": "100"}
        while name:
            said = _ask(line, "GET", f"{PLACES}/{name}/locations", query)[0]
            found |= {f"{name}/{js.text(each.get('name'))}": js.text(each.get("title")) for each in js.objs(said.get("locations"))}
            query["pageToken"] = js.text(said.get("nextPageToken"))
            if not query["pageToken"] or len(found) >= 1000:
                break
    if wanted in found:
        return wanted, found[wanted]
    if len(found) == 1 and not wanted:
        return next(iter(found.items()))
    raise Problem("permanent", "choose_place", "; ".join(f"{title} {name}" for name, title in list(found.items())[:8]))


def _page(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """Newest first, fifty a page. `done` of `total` while the past is fetched."""
    if stream != "reviews":
        raise Problem("permanent", "no_such_stream", stream)
    place, where = walk(cursor, line.now, past=past), _location(line)
    query = {"pageSize": "50", "orderBy": "updateTime desc"} | place.page
    said, asked = _ask(line, "GET", f"{API}/{where}/reviews", query)
    found = js.objs(said.get("reviews"))
    new = [each for each in found if place.takes(_newest(each), js.text(each.get("reviewId")))]
    after = js.text(said.get("nextPageToken"))
    place.page = {"pageToken": after} if after and (past or len(new) == len(found)) else {}
    page = pulled(asked, place, {"source": "google_reviews", "location": where, "reviews": new} if new else {}, len(new))
    total = js.number(said.get("totalReviewCount"))
    return Pulled(
        items=page.items, cursor=page.cursor, more=page.more, done=page.done, total=int(total) if past and total else None, quota=page.quota
    )


def _newest(review: Json) -> str:
    return max(js.text(review.get("updateTime")), js.text(js.at(review, "reviewReply", "updateTime")))


def _original(comment: str) -> str:
    """What was written, without Google's translation of it."""
    if _ORIGINAL in comment:
        return comment.partition(_ORIGINAL)[2].strip()
    return comment.partition(_TRANSLATED)[0].strip() or comment.replace(_TRANSLATED, "").strip()


def _review(review: Json, received_at: datetime) -> Iterator[Item]:
    """One person writes one review of a place: the review stands for whoever wrote it."""
    native = js.text(review.get("reviewId")) or js.text(review.get("name")).rpartition("/")[2]
    if not native:
        yield js.unknown("review", review, received_at)
        return
    who = js.obj(review.get("reviewer"))
    name = "" if who.get("isAnonymous") is True else js.text(who.get("displayName"))
    moment = js.when(review.get("createTime"), received_at)
    yield reviews.review(
        native,
        HandleRef("google_reviewer", native, name),
        _STARS.get(js.text(review.get("starRating"))),
        moment,
        js.when(review.get("updateTime"), moment),
        text=_original(js.text(review.get("comment"))),
    )
    reply = js.obj(review.get("reviewReply"))
    if js.text(reply.get("comment")):
        yield reviews.answer(native, js.text(reply.get("comment")), js.when(reply.get("updateTime"), moment))


channel = GoogleReviews()
