"""Trustpilot: reviews of a company and our answers, as its API tells them.

https://documentation-apidocumentation.trustpilot.com: reading by API key, answering by a token that key and secret give.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from vincle.vocabulary import HandleRef, Item

from . import _json as js
from . import _reviews as reviews
from ._answers import dumped, judged, quota
from ._deliveries import DeliveryChannel
from ._reviews import Json
from ._walk import pulled, walk
from .base import Spec
from .live import Command, Context, Line, Problem, Pulled, Receipt, Setting, Standing, Stream, Way

API = "https://api.trustpilot.com/v1"
LONGEST = 4000
_PAGE = 100


class Trustpilot(DeliveryChannel):
    spec: ClassVar[Spec] = Spec(
        id="trustpilot",
        name="Trustpilot",
        icon="star",
        family="webhook",
        capabilities=frozenset({"file", "pull", "act"}),
        handle_kinds=("trustpilot",),
        extensions=(".json",),
        streams=(Stream(name="reviews", every=900, has_past=True),),
        settings=(
            Setting(name="domain", label="Domain", help="As Trustpilot lists the company: lligam.example."),
            Setting(name="api_key", label="API key", is_secret=True, help="In Trustpilot Business: Integrations › Developers › APIs."),
            Setting(
                name="api_secret", label="API secret", is_secret=True, is_required=False, help="Beside the key. Only needed to answer."
            ),
            Setting(
                name="author",
                label="Business user ID",
                is_required=False,
                help="Who answers, as Trustpilot names them. Only needed to answer.",
            ),
        ),
    )

    def claims(self, delivery: Any) -> float:
        value = js.obj(delivery)
        if value.get("source") == "trustpilot":
            return 1.0
        found = js.objs(value.get("reviews"))
        return 0.95 if found and all(isinstance(each.get("consumer"), dict) and "stars" in each for each in found[:3]) else 0.0

    def items(self, delivery: Any, received_at: datetime) -> Iterator[Item]:
        value = js.obj(delivery)
        seen = False
        for review in js.objs(value.get("reviews")):
            seen = True
            yield from _review(review, received_at)
        for each in js.objs(value.get("answers")):
            if native := js.text(each.get("review")):
                seen = True
                yield reviews.answer(native, js.text(each.get("text")), js.when(each.get("createdAt"), received_at))
        for native in js.texts(value.get("taken_back") or []):
            seen = True
            yield reviews.taken_back(native, js.when(value.get("at"), received_at))
        if not seen:
            yield js.unknown("delivery", delivery, received_at)

    def check(self, line: Line) -> Standing:
        unit = _unit(line)
        secret = line.secrets.get("api_secret", "")
        if secret:
            _token(line)
        shown = js.text(js.at(unit, "name", "identifying")) or line.settings.get("domain", "")
        return Standing(
            account=shown, own=(HandleRef("trustpilot", js.text(unit.get("id")), shown),), notes=() if secret else ("reads_only",)
        )

    def pull(self, line: Line, stream: str, cursor: str) -> Pulled:
        return _page(line, stream, cursor, past=False)

    def past(self, line: Line, stream: str, cursor: str) -> Pulled:
        return _page(line, stream, cursor, past=True)

    def ways(self, about: Context, settings: Mapping[str, str], abilities: frozenset[str], now: datetime) -> tuple[Way, ...]:
        found = reviews.ways(about, LONGEST)
        return found if settings.get("author") else tuple(_closed(way) for way in found)

    def act(self, line: Line, command: Command, key: str) -> Receipt:
        way = next((each for each in self.ways(command.about, line.settings, frozenset(), line.now) if each.deed == command.deed), None)
        if way is None or not way.is_open:
            raise Problem("permanent", way.code if way else "cannot_act")
        native, now = reviews.of(command.about), line.now
        path = f"private/reviews/{native}/reply"
        if command.deed == "delete":
            _ask(line, "DELETE", path, token=_token(line))
            return Receipt(native_id=f"answer:{native}", happened_at=now, raw=_raw(taken_back=[native], at=now.isoformat()))
        if not command.text.strip() or len(command.text) > LONGEST:
            raise Problem("permanent", "too_long" if command.text.strip() else "empty")
        _ask(line, "POST", path, token=_token(line), json={"authorBusinessUserId": line.settings["author"], "message": command.text})
        said = {"review": native, "text": command.text, "createdAt": now.isoformat()}
        return Receipt(native_id=f"answer:{native}", happened_at=now, raw=_raw(answers=[said]))


def _closed(way: Way) -> Way:
    return Way(deed=way.deed, is_open=False, code="no_scope", longest=way.longest)


def _raw(**said: Any) -> bytes:
    return dumped({"source": "trustpilot"} | said)


class _Asked:
    """What an answer told was left."""

    pause: float | None = None

    def __init__(self, left: float | None) -> None:
        self.quota = left


def _ask(
    line: Line, method: str, path: str, query: Mapping[str, str] | None = None, token: str = "", json: Any = None
) -> tuple[Json, _Asked]:
    key = line.secrets.get("api_key", "")
    if not key:
        raise Problem("auth", "no_token")
    headers = {"apikey": key} | ({"authorization": f"Bearer {token}"} if token else {})
    answer = line.send(method, f"{line.settings.get('server') or API}/{path}", query=query, headers=headers, json=json)
    return js.obj(judged(answer, line.now)), _Asked(quota(answer))


def _token(line: Line) -> str:
    """A token for answering, good for about a hundred hours; asked anew an hour before it ends."""
    known, ends = line.secrets.get("answer_token", ""), js.number(line.secrets.get("answer_token_ends") or "0") or 0
    if known and ends > line.now.timestamp() + 3600:
        return known
    basic = b64encode(f"{line.secrets.get('api_key', '')}:{line.secrets.get('api_secret', '')}".encode()).decode()
    url = f"{line.settings.get('server') or API}/oauth/oauth-business-users-for-applications/accesstoken"
    said = js.obj(
        judged(line.send("POST", url, headers={"authorization": f"Basic {basic}"}, form={"grant_type": "client_credentials"}), line.now)
    )
    token = js.text(said.get("access_token"))
    if not token:
        raise Problem("auth", "token_invalid")
    ends_at = line.now + timedelta(seconds=js.number(said.get("expires_in")) or 3600)
    line.renew({"answer_token": token, "answer_token_ends": str(int(ends_at.timestamp()))})
    return token


def _unit(line: Line) -> Json:
    domain = line.settings.get("domain", "").strip().removeprefix("https://").strip("/")
    return _ask(line, "GET", "business-units/find", {"name": domain})[0]


def _page(line: Line, stream: str, cursor: str, *, past: bool) -> Pulled:
    """Newest first, a hundred a page; pages are numbered."""
    if stream != "reviews":
        raise Problem("permanent", "no_such_stream", stream)
    place = walk(cursor, line.now, past=past)
    unit = place.page.get("unit") or js.text(_unit(line).get("id"))
    number = int(place.page.get("page") or 1)
    query = {"page": str(number), "perPage": str(_PAGE), "orderBy": "createdat.desc"}
    said, asked = _ask(line, "GET", f"business-units/{unit}/reviews", query)
    found = js.objs(said.get("reviews"))
    new = [each for each in found if place.takes(_newest(each), js.text(each.get("id")))]
    place.page = {"unit": unit, "page": str(number + 1)} if len(found) == _PAGE and (past or len(new) == len(found)) else {}
    return pulled(asked, place, {"source": "trustpilot", "reviews": new} if new else {}, len(new))


def _newest(review: Json) -> str:
    """When it was last touched: written, changed or answered."""
    moments = (
        review.get("createdAt"),
        review.get("updatedAt"),
        js.at(review, "companyReply", "createdAt"),
        js.at(review, "companyReply", "updatedAt"),
    )
    return max((js.text(each) for each in moments), default="")


def _review(review: Json, received_at: datetime) -> Iterator[Item]:
    native = js.text(review.get("id"))
    if not native:
        yield js.unknown("review", review, received_at)
        return
    who = js.obj(review.get("consumer"))
    person, name = js.text(who.get("id")), js.text(who.get("displayName"))
    author = HandleRef("trustpilot", person, name) if person else None
    moment = js.when(review.get("createdAt"), received_at)
    yield reviews.review(
        native,
        author,
        js.number(review.get("stars")),
        moment,
        js.when(review.get("updatedAt"), moment),
        text=js.text(review.get("text")),
        title=js.text(review.get("title")),
        language=js.text(review.get("language")),
        link=f"https://www.trustpilot.com/reviews/{native}",
        place=js.text(who.get("displayLocation")),
        props={"verified": review.get("isVerified") is True, "order": js.text(review.get("referenceId"))},
    )
    if (reply := js.obj(review.get("companyReply"))) and js.text(reply.get("text")):
        said = js.when(reply.get("updatedAt") or reply.get("createdAt"), moment)
        yield reviews.answer(native, js.text(reply.get("text")), said)


channel = Trustpilot()
