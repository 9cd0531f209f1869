"""What an event of the web says in the words of the log: one function a call."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Outcome, PersonKind, Verb, Warn

from . import _ecommerce
from . import _json as js
from ._identifiers import country, email, phone
from ._labels import divide, personal
from ._segment import Event, identifier, shortened
from ._surroundings import Address, Surroundings, address, host, label, without_mail
from ._web_traits import name as name_of
from ._web_traits import traits as traits_of

_LONGEST_NAME = 120
_LONGEST_TEXT = 20_000
_PAGE = frozenset({"url", "path", "referrer", "title", "search", "name", "campaign", "hash", "href"})
_TRACK = frozenset({"referrer", "search"})
_ORDER = _TRACK | _ecommerce.MONEY
_REVIEW = _TRACK | {"rating", "review_body", "review", "text", "body"}
_LINK = _TRACK | {"url", "href"}
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE).fullmatch
_NOWHERE = Address()


class Said(Struct, frozen=True):
    """An event's place in its delivery, its id, its moment, and who acted."""

    line: int
    native: str
    at: datetime
    login: str
    cookie: str
    actor: HandleRef | None
    gpc: bool = False


def handles(said: Said, mail: str = "", number: str = "", name: str = "") -> tuple[HandleRef, ...]:
    """Everything that names the one who acted, strongest first."""
    found = [HandleRef("login", said.login, name)] if said.login else []
    if address := mail or (email(said.login) if "@" in said.login else ""):
        found.append(HandleRef("email", address, name))
    if number:
        found.append(HandleRef("phone", number, name))
    if said.cookie:
        found.append(HandleRef("cookie", said.cookie))
    return tuple(found) or ((said.actor,) if said.actor else ())


def identify(event: Event, around: Surroundings, said: Said) -> list[Outcome]:
    """A Fact: these handles are one person's, and so are these traits."""
    found = {**around.traits, **(event.traits or {})}
    kept, warns = traits_of(found, said.line)
    mail, number = _mail(found, said, warns), _number(found, around, said, warns)
    name = name_of(found)
    owner = handles(said, mail, number, name)
    if not owner:
        return [*warns, _unnamed(said)]
    if around.language:
        kept.setdefault("language", around.language)
    return [*warns, Fact(native_id=said.native, observed_at=said.at, handles=owner, name=name, traits=kept)]


def _unnamed(said: Said) -> Activity:
    """Someone who may not be told apart from others said something of themselves: only that it happened is kept."""
    return Activity(verb=Verb.UPDATE, object_type=ObjectType.PERSON, native_id=said.native, happened_at=said.at, actor=None)


def _mail(found: dict[str, Any], said: Said, warns: list[Warn]) -> str:
    given = js.text(found.get("email")).strip()
    mail = email(given) if given else ""
    if given and not mail:
        warns.append(Warn(line=said.line, code="invalid_email", field="traits.email", detail=given[:200]))
    return mail


def _number(found: dict[str, Any], around: Surroundings, said: Said, warns: list[Warn]) -> str:
    given = js.text(found.get("phone")).strip()
    home = js.text(js.at(found, "address", "country")) or js.text(found.get("country"))
    number = phone(given, country(home) or around.country) if given else ""
    if given and not number:
        warns.append(Warn(line=said.line, code="invalid_phone", field="traits.phone", detail=given[:200]))
    return number


def alias(event: Event, around: Surroundings, said: Said) -> list[Outcome]:
    """A Fact: who was known by one id is known by another. An id that may be a browser's or a log-in is taken as both."""
    old = identifier(event.previous_id) or identifier(event.anonymous_id)
    before = []
    if event.previous_id is not None and not _UUID(old):
        before.append(HandleRef("login", old))
    if "@" in old and (mail := email(old)):
        before.append(HandleRef("email", mail))
    elif not (said.gpc or around.cookieless):
        before.append(HandleRef("cookie", old))
    owner = tuple(dict.fromkeys((*handles(said), *before)))
    return [Fact(native_id=said.native, observed_at=said.at, handles=owner)]


def group(event: Event, around: Surroundings, said: Said) -> list[Outcome]:
    """A Fact of the organisation, and that someone joined it."""
    found = event.traits or {}
    kept, warns = traits_of(found, said.line)
    name = name_of(found)
    ref = f"group:{identifier(event.group_id)}"
    fact = Fact(
        native_id=shortened(f"{said.native}:group"), observed_at=said.at, handles=(HandleRef("external", ref, name),), name=name,
        kind=PersonKind.ORGANISATION, traits=kept,
    )  # fmt: skip
    act = Activity(
        verb=Verb.JOIN, object_type=ObjectType.PERSON, native_id=said.native, happened_at=said.at, actor=said.actor,
        target=HandleRef("external", ref), object_key=ref[:300], is_machine=around.is_machine, country=around.country, place=around.place,
        language=around.language, props=around.props,
    )  # fmt: skip
    return [*warns, fact, act]


def page(event: Event, around: Surroundings, said: Said) -> list[Outcome]:
    """A view of a page or of a screen of an app."""
    own = event.properties or {}
    seen = around.page
    where = address(_told(own, seen, "url"))
    path = _told(own, seen, "path")
    key = _path(path) if path else where.url[:300] or where.path
    props = _props(around, where)
    if path or where.path:
        props["path"] = key if path else where.path
    if referrer := host(_told(own, seen, "referrer")):
        props["referrer"] = referrer
    if event.category is not None and (category := label(event.category)):
        props["category"] = category
    body = divide(own, _PAGE, props) if own else {}
    name = identifier(event.name) or _told(own, own, "name")
    return [
        Activity(
            verb=Verb.VIEW, object_type=ObjectType.PAGE, native_id=said.native, happened_at=said.at, actor=said.actor,
            event_name=name[:_LONGEST_NAME], object_key=key or name[:300], campaign_key=around.campaign or where.campaign, url=where.url,
            is_machine=around.is_machine, language=around.language, country=around.country, place=around.place,
            title=_told(own, seen, "title")[:_LONGEST_TEXT], props=props, body=body,
        )
    ]  # fmt: skip


def track(event: Event, around: Surroundings, said: Said) -> list[Outcome]:
    """A named act; those of shops, forms, links and consents get their own words."""
    name = identifier(event.event)
    means = _ecommerce.meaning(name)
    own = event.properties or {}
    kind = means.kind
    out: list[Outcome] = []
    where = _link(js.first(own, "url", "href")) if kind is ObjectType.LINK else address(_told(around.page, around.page, "url"))
    props = _props(around, where)
    told: dict[str, Any] = {"language": around.language}
    if kind is ObjectType.ORDER:
        body = _order(own, said, props, told, out, refund=means.verb is Verb.REFUND)
    elif kind is ObjectType.REVIEW:
        body = _review(own, said, props, told, out)
    else:
        body = divide(own, _LINK if kind is ObjectType.LINK else _TRACK, props, wares=means.wares) if own else {}
    out.append(
        Activity(
            verb=means.verb, object_type=kind, native_id=said.native, happened_at=said.at, actor=said.actor,
            event_name=name[:_LONGEST_NAME], object_key=_object(own, means, where), campaign_key=around.campaign or where.campaign,
            url=where.url, is_machine=around.is_machine, country=around.country, place=around.place, props=props, body=body, **told,
        )
    )  # fmt: skip
    return out


def _told(own: dict[str, Any], seen: dict[str, Any], key: str) -> str:
    """What the properties of an event say, else its page."""
    value = own.get(key) or seen.get(key)
    return value if type(value) is str else js.text(value)


def _path(path: str) -> str:
    """A path that names a page: without query and fragment, but for a fragment that is itself the route (#/cart)."""
    page, _, fragment = path.partition("#")
    route = f"#{fragment.partition('?')[0]}" if fragment[:1] in ("/", "!") else ""
    return without_mail(page.partition("?")[0] + route)[:300]


def _link(text: str) -> Address:
    """Where a link leads; our script sends it without "https://"."""
    return address(text if ":" in text.partition("/")[0] or text[:1] in ("/", "") else f"https://{text}")


def _object(own: dict[str, Any], means: _ecommerce.Meaning, where: Address) -> str:
    """What names the object of a named act."""
    if means.kind is ObjectType.LINK:
        return where.url[:300]
    key = _ecommerce.object_key(own, means.keys) if means.keys else ""
    if means.kind is ObjectType.FORM and not key:
        return js.first(own, "name")[:300] if "action" in own else where.path  # `name` may be a field that someone filled in
    return key


def _props(around: Surroundings, where: Address) -> dict[str, Any]:
    """What may be counted of the circumstances; the campaign an address names counts where the context names none."""
    if where.utm and not around.campaign:
        return {**dict(where.utm), **around.props}
    return dict(around.props)


def _order(
    own: dict[str, Any], said: Said, props: dict[str, Any], told: dict[str, Any], out: list[Outcome], *, refund: bool
) -> dict[str, Any]:
    """The amount and the currency of an order go into `told`, how many goods into `props`; the goods themselves are returned."""
    amount, blamed = _ecommerce.total(own, refund=refund)
    if amount is None and blamed:
        detail = js.text(own.get(blamed))
        out.append(Warn(line=said.line, code="invalid_amount" if detail else "no_amount", field=blamed, detail=detail[:200]))
    told["amount"] = amount
    told["currency"] = _currency(own, said, out) if amount is not None else ""
    props |= {**_ecommerce.goods(own), **_ecommerce.codes(own)}
    body = divide(own, _ORDER, props, wares=True)
    return {**body, "items": personal(own["products"])} if isinstance(own.get("products"), list) and own["products"] else body


def _currency(own: dict[str, Any], said: Said, out: list[Outcome]) -> str:
    given = js.text(own.get("currency"))
    code = _ecommerce.currency(given) if given else ""
    if given and not code:
        out.append(Warn(line=said.line, code="invalid_currency", field="currency", detail=given[:200]))
    return code


def _review(own: dict[str, Any], said: Said, props: dict[str, Any], told: dict[str, Any], out: list[Outcome]) -> dict[str, Any]:
    """The stars and the words of a review go into `told`."""
    rating = js.number(own.get("rating"))
    if rating is not None and 0 <= rating <= 5:
        told["rating"], told["rating_max"] = rating, 5.0
    elif own.get("rating") is not None:
        out.append(Warn(line=said.line, code="invalid_rating", field="rating", detail=js.text(own.get("rating"))[:200]))
    told["language"] = ""  # the words tell it, whatever the browser is set to
    told["text"] = js.first(own, "review_body", "review", "text", "body")[:_LONGEST_TEXT]
    return divide(own, _REVIEW, props, wares=True)


ACTS: dict[str, Callable[[Event, Surroundings, Said], list[Outcome]]] = {
    "identify": identify, "track": track, "page": page, "screen": page, "group": group, "alias": alias,
}  # fmt: skip
