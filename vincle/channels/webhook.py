"""Webhooks of services nobody wrote a channel for: their JSON mapped to what it says, field by field, as the screen shows it.

A mapping is lines of `path = field`, where a path names what stands in the JSON: `user.email`, `items.0.title`. Without one the
fields are guessed by their names; what cannot be read at all is kept as Unknown. The mapping is kept with each delivery: read
again, it says the same.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, ClassVar
from urllib.parse import parse_qsl

from msgspec.structs import replace

from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Outcome, Retraction, Verb
from vincle.vocabulary.fields import TRAITS

from . import _json as js
from . import _signed
from ._answers import dumped
from ._identifiers import email, phone, url
from ._meta import stamp
from ._values import amount, currency, fold
from .base import Accepted, Channel, Column, FileError, Options, Preview, Reply, Request, Secret, Spec, Verdict
from .live import Setting

Json = dict[str, Any]
_MOST_FIELDS, _DEPTH, _SAMPLES, _MOST_ITEMS = 400, 8, 3, 1000
KINDS: Mapping[str, tuple[Verb, ObjectType]] = {
    "note": (Verb.CREATE, ObjectType.NOTE), "message": (Verb.CREATE, ObjectType.MESSAGE), "mention": (Verb.CREATE, ObjectType.MENTION),
    "review": (Verb.CREATE, ObjectType.REVIEW), "form": (Verb.SUBMIT, ObjectType.FORM), "order": (Verb.PURCHASE, ObjectType.ORDER),
    "event": (Verb.TRACK, ObjectType.EVENT),
}  # fmt: skip
ACT = ("native_id", "happened_at", "text", "title", "url", "rating", "amount", "currency", "thread_key", "parent_key", "event_name", "kind")
WHO = ("email", "phone", "author_id", "name")
FIELDS = (*ACT, *WHO, *TRAITS)
# Names that fields commonly have, folded, the likeliest first.
_NAMES: Mapping[str, str] = {
    "native_id": "id|ref|reference|event id|message id|uuid|guid|comment id|review id|order id|submission id|ticket id",
    "happened_at": "created at|timestamp|created|date|time|submitted at|published at|occurred at|sent at|updated at",
    "text": "text|message|body|comment|content|review|description|question|note|feedback|comentario|mensaje|messaggio|missatge",
    "title": "title|subject|headline|asunto|oggetto|assumpte", "url": "url|link|permalink|href",
    "rating": "rating|stars|score|valoracion|voto", "amount": "amount|total|price|value|total price|importe",
    "currency": "currency|currency code|moneda", "thread_key": "thread id|conversation id|ticket id|thread",
    "parent_key": "parent id|in reply to|reply to", "event_name": "event|event type|type|event name|action|topic",
    "email": "email|e mail|email address|mail|user email|customer email|author email|correo",
    "phone": "phone|phone number|mobile|telephone|tel|telefono|telefon",
    "author_id": "user id|author id|customer id|contact id|sender id|account id",
    "name": "name|full name|author name|customer name|user name|display name|nombre|nome|nom", "first_name": "first name|firstname",
    "last_name": "last name|lastname|surname", "company": "company|organization|organisation", "city": "city|town", "country": "country",
    "language": "language|locale|lang", "job_title": "job title|position",
}  # fmt: skip
_GUESSES = {name: field for field, names in _NAMES.items() for name in names.split("|")}
_PERSONS = frozenset("user author customer contact sender person from reviewer client".split(" "))


class Webhook(Channel):
    spec: ClassVar[Spec] = Spec(
        id="webhook", name="Webhook", icon="webhook", family="webhook", capabilities=frozenset({"webhook"}),
        handle_kinds=("email", "phone", "external"),
        secrets=(Secret(name="secret", label="Secret",
                        help="What the sender signs with, or sends along in a header. Make one up where it lets you choose."),),
        settings=(
            Setting(name="scheme", label="How the sender proves itself", kind="choice", default="auto", is_required=False, choices=(
                ("auto", "As it comes"), ("standard", "Standard Webhooks"), ("hex", "HMAC-SHA256, hexadecimal"),
                ("base64", "HMAC-SHA256, base64"), ("header", "The secret in a header"), ("none", "Not at all: by the address alone"))),
            Setting(name="kind", label="What it tells of", kind="choice", default="event", is_required=False, choices=tuple(
                (kind, kind.capitalize()) for kind in (*KINDS, "contact"))),
            Setting(name="source", label="Name of the service", is_required=False, help="Ids of people there stand under it."),
            Setting(name="each", label="Where the list stands", is_required=False,
                    help="Path of the list, when one delivery holds several: data.items. Empty: the delivery is one."),
            Setting(name="mapping", label="Fields", is_required=False,
                    help="Path = field, several parted by semicolons: user.email = email; msg.body = text. Empty: guessed by their names."),
        ),
    )  # fmt: skip

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        """`secrets` may name the `scheme`. Without any proof it is taken only where that was chosen: the address is the secret then."""
        if request.method != "POST":
            return Reply(b"ok")
        if secrets.get("scheme") == "none":
            return Accepted()
        return _signed.proven(request, secrets.get("scheme") or "auto", secrets.get("secret", ""))

    def kept(self, request: Request, settings: Mapping[str, str]) -> bytes:
        """The body, with how it was to be read when it came."""
        return _sealed(js.decoded(request.body), settings)

    def envelope(self, request: Request) -> bytes:
        return self.kept(request, {})

    def fields(self) -> tuple[str, ...]:
        return FIELDS

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        value = js.load(raw)
        is_kept = js.obj(value).get("source") == "webhook" and "body" in js.obj(value)
        settings = _strings(value.get("settings")) if is_kept else {}
        body = opened(value["body"]) if is_kept else value
        found = [each for item in listed(body, settings.get("each", "")) for each in read(item, settings, received_at)]
        yield from reread(value, body, list(found), received_at) if is_kept and "read_at" in value else found

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        """Columns are paths of one delivery (as it came), with guesses and samples; `sample` is what would be made of it by `mapping`."""
        body = opened(js.decoded(file.read(js.MAX_LINE)))
        items = listed(body, options.sheet)
        shown = columns(items)
        mapping = options.mapping or {column.heading: column.guess for column in shown if column.guess}
        settings = {"mapping": "; ".join(f"{path} = {field}" for path, field in mapping.items())}
        return Preview(channel=self.spec.id, encoding="utf-8", rows=len(items), columns=shown, sample=told(items, settings, options.now))


def _chosen(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: said for name in ("kind", "source", "each", "mapping") if (said := settings.get(name, ""))}


def _sealed(body: str, settings: Mapping[str, str]) -> bytes:
    return dumped({"source": "webhook", "settings": _chosen(settings), "body": body})


def body_of(raw: bytes) -> str:
    """The body within what was kept of a delivery; "" where it is none of ours."""
    try:
        return js.text(js.obj(js.load(raw)).get("body"))
    except FileError:
        return ""


def rewrapped(raw: bytes, settings: Mapping[str, str], now: datetime) -> bytes:
    """The same delivery, to be read by other settings: what it says now corrects what it said before. Empty: it was read so already."""
    whole = js.obj(js.load(raw))
    before, chosen = _strings(whole.get("settings")), _chosen(settings)
    return b"" if before == chosen else dumped(
        {"source": "webhook", "settings": chosen, "body": whole.get("body"), "before": before, "read_at": now.isoformat()}
    )  # fmt: skip


def reread(value: Json, body: Any, found: list[Outcome], received_at: datetime) -> Iterator[Outcome]:
    """What is read anew corrects what stood there; what only the reading before made is taken back."""
    moment = js.when(value.get("read_at"), received_at)
    before = _strings(value.get("before"))
    old = [each for item in listed(body, before.get("each", "")) for each in read(item, before, received_at)]
    kept = {each.native_id for each in found if isinstance(each, Activity | Fact)}
    for each in found:
        yield replace(each, op=Op.CORRECT, version=stamp(moment)) if isinstance(each, Activity) else each
    for native in dict.fromkeys(each.native_id for each in old):
        if native not in kept:
            yield Retraction(native_id=native, happened_at=moment, object_key=native, reason="read again", version=stamp(moment))


def _strings(value: Any) -> dict[str, str]:
    return {name: js.text(said) for name, said in js.obj(value).items()}


def told(items: list[Any], settings: Mapping[str, str], now: datetime) -> tuple[tuple[str, ...], ...]:
    """What would be made of the first of these: (what, who, when, words) each."""
    return tuple(_told(outcome) for item in items[:20] for outcome in read(item, settings, now))


def opened(body: Any) -> Any:
    """The value of a body: JSON, or the fields of a form. FileError when it is neither."""
    if not isinstance(body, str):
        return body
    try:
        return js.load_text(body)
    except FileError:
        if "=" not in body[:2000] or "\n" in body[:200]:
            raise
        return dict(_form(body))


def _form(body: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as fault:
        raise FileError("not_a_delivery", "too many fields") from fault


def listed(body: Any, each: str) -> list[Any]:
    """The things a delivery tells of: at a path, or the whole, or each of a list."""
    found = body
    for name in filter(None, each.split(".")):
        found = found[int(name)] if isinstance(found, list) and name.isdigit() and int(name) < len(found) else js.obj(found).get(name)
    return found[:_MOST_ITEMS] if isinstance(found, list) else [body if found is None else found]


def flat(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """(path, text) of everything that is a text, a number or yes or no.

    >>> list(flat({"user": {"name": "Ana"}, "tags": ["a", {"b": 2}], "ok": True}))
    [('user.name', 'Ana'), ('tags.0', 'a'), ('tags.1.b', '2'), ('ok', 'true')]
    """
    if isinstance(value, dict | list) and depth < _DEPTH:
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value[:20]):
            yield from flat(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif said := js.text(value):
        yield path, said


def mapping_of(said: str) -> dict[str, str]:
    """What stands at which path, of lines or semicolons. What names no field is left out.

    >>> mapping_of("user.email = email; body=text; x = nonsense")
    {'user.email': 'email', 'body': 'text'}
    """
    pairs = [part.partition("=") for part in said.replace("\n", ";").split(";")]
    found = {path.strip(): field.strip() for path, _, field in pairs if path.strip()}
    return {path: field for path, field in found.items() if field in FIELDS}


def guess(path: str) -> tuple[str, float]:
    """(field, how surely) by the last names of a path: `author.name` is a name, `author.id` whose it is."""
    names = [fold(part) for part in path.split(".") if not part.isdigit()]
    if not names:
        return "", 0.0
    last, above = names[-1], names[-2] if len(names) > 1 else ""
    if last == "id" and above in _PERSONS:
        return "author_id", 0.8
    if len(names) > 1 and (field := _GUESSES.get(f"{above} {last}")):
        return field, 0.7
    return _GUESSES.get(last, ""), 0.9 - 0.1 * min(len(names), 5)


def columns(items: list[Any]) -> tuple[Column, ...]:
    """Every path of some deliveries, with samples; each field is guessed once, for the path most likely."""
    samples: dict[str, list[str]] = {}
    for item in items[:20]:
        for path, said in flat(item):
            if len(samples) < _MOST_FIELDS and said not in samples.setdefault(path, []) and len(samples[path]) < _SAMPLES:
                samples[path].append(said[:200])
    guesses = {path: guess(path) for path in samples}
    best: dict[str, str] = {}
    for path, (field, sure) in sorted(guesses.items(), key=lambda each: -each[1][1]):
        if field and sure > 0:
            best.setdefault(field, path)
    return tuple(
        Column(heading=path, guess=guesses[path][0] if best.get(guesses[path][0]) == path else "", samples=tuple(said),
               confidence=guesses[path][1] if best.get(guesses[path][0]) == path else 0.0)
        for path, said in samples.items()
    )  # fmt: skip


def read(item: Any, settings: Mapping[str, str], received_at: datetime) -> Iterator[Item]:
    """One thing a delivery tells of: an act, and what it says of whoever did it."""
    mapping = mapping_of(settings.get("mapping", ""))
    if not mapping:
        mapping = {column.heading: column.guess for column in columns([item]) if column.guess}
    values = dict(flat(item))
    said: dict[str, str] = {}
    for path, field in mapping.items():
        if text := values.get(path, "").strip():
            said.setdefault(field, text)
    if not set(said) - {"kind", "currency"}:
        yield js.unknown("webhook", item if isinstance(item, dict) else {"value": item}, received_at)
        return
    handles = _handles(said, settings.get("source", "") or "webhook")
    native = said.get("native_id") or js.digest(item)
    moment = js.when(said.get("happened_at"), received_at)
    kind = said.get("kind", "").lower() if said.get("kind", "").lower() in KINDS else settings.get("kind") or "event"
    if kind != "contact":
        yield _act(said, KINDS.get(kind, KINDS["event"]), native, moment, handles, item)
    traits = {field: said[field] for field in TRAITS if said.get(field) and field != "title"}
    if handles and (said.get("name") or traits or len(handles) > 1 or kind == "contact"):
        name = said.get("name", "")
        yield Fact(native_id=f"person:{native[:150]}:{js.digest(said)}", observed_at=moment, handles=handles, name=name, traits=traits)
    elif kind == "contact":
        yield js.unknown("contact", item if isinstance(item, dict) else {"value": item}, moment)


def _handles(said: Mapping[str, str], source: str) -> tuple[HandleRef, ...]:
    """By what the person can be known, strongest first."""
    name = said.get("name", "")
    number = said.get("author_id", "")
    known = (
        ("email", email(said.get("email", ""))), ("phone", phone(said.get("phone", ""), "")),
        ("external", f"{fold(source).replace(' ', '_')}:{number}"[:200] if number else ""),
    )  # fmt: skip
    return tuple(HandleRef(kind, value, name) for kind, value in known if value)


def _act(
    said: Mapping[str, str], kind: tuple[Verb, ObjectType], native: str, moment: datetime, handles: tuple[HandleRef, ...], item: Any
) -> Activity:  # fmt: skip
    price, stars = amount(said.get("amount", "")), js.number(said.get("rating"))
    stars = stars if stars is not None and 0 <= stars <= 10 else None
    return Activity(
        verb=kind[0], object_type=kind[1], native_id=native[:200], happened_at=moment, actor=handles[0] if handles else None,
        event_name=said.get("event_name", "")[:120], object_key=native[:200], parent_key=said.get("parent_key", "")[:200],
        thread_key=(said.get("thread_key") or native)[:200], url=url(said.get("url", "")), rating=stars,
        rating_max=None if stars is None else 5.0 if stars <= 5 else 10.0, amount=price[0] if price else None,
        currency=currency(said.get("currency", "")) or (price[1] if price else ""), text=said.get("text", ""), title=said.get("title", ""),
        body={"sent": item} if isinstance(item, dict) else {},
    )  # fmt: skip


def _told(outcome: Outcome) -> tuple[str, ...]:
    """One line of the preview: what, who, words."""
    if isinstance(outcome, Activity):
        who = (outcome.actor.name or outcome.actor.value) if outcome.actor else ""
        return f"{outcome.verb} {outcome.object_type}", who, outcome.happened_at.isoformat(), (outcome.title or outcome.text)[:120]
    if isinstance(outcome, Fact):
        return "Fact", outcome.name, outcome.observed_at.isoformat(), ", ".join(handle.value for handle in outcome.handles)[:120]
    return type(outcome).__name__, "", "", ""


channel = Webhook()
