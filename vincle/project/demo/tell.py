"""The community's acts and what is known of its people, as lines of the interchange format, channel by channel."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from vincle.channels.vincle_jsonl import ActivityLine, FactLine, RetractionLine
from vincle.vocabulary import ConsentFact, Direction, HandleRef, ObjectType, Op, Permit, PersonKind, Verb

from .basket import basket, pages
from .community import Batch, Community
from .identities import Identity
from .kinds import CHANNELS, EMAIL, FACEBOOK, FORMS, LANGUAGES, INSTAGRAM, MASTODON, REVIEWS, SHOP, SOCIAL, SPOKEN, SURVEY, TOPICS, WEB, Kind, Mood
from .voice import Voice, hashtags

Line = ActivityLine | FactLine | RetractionLine
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REACTIONS = {INSTAGRAM: ("like",), FACEBOOK: ("like", "like", "like", "love", "love", "wow", "haha"), MASTODON: ("like",)}
_NATIVE = {Kind.PAGE_VIEW: "view", Kind.FORM: "form", Kind.ORDER: "order", Kind.REFUND: "refund", Kind.SEND: "sent", Kind.OPEN: "open", Kind.CLICK: "click",
           Kind.UNSUBSCRIBE: "unsubscribe", Kind.BOUNCE: "bounce", Kind.LETTER: "mail", Kind.OWN_POST: "post", Kind.COMMENT: "comment", Kind.LIKE: "like",
           Kind.SHARE: "share", Kind.FOLLOW: "follow", Kind.UNFOLLOW: "unfollow", Kind.MESSAGE: "message", Kind.MENTION: "mention", Kind.OWN_REPLY: "reply",
           Kind.PEER_REPLY: "comment", Kind.REVIEW: "review", Kind.ANSWER: "answer"}  # fmt: skip
_THREADED = (Kind.COMMENT, Kind.PEER_REPLY)
CAMPAIGN = "christmas-blend"


@dataclass
class Label:
    """What a text really says: kept aside, never told to the product."""

    channel: str
    native_id: str
    language: str
    topic: str
    sentiment: str
    tone: str
    intents: str
    fate: str = ""


@dataclass
class Told:
    """Everything told: (microseconds, line) per channel, and the labels of the texts."""

    lines: list[list[tuple[int, Line]]] = field(default_factory=lambda: [[] for _ in CHANNELS])
    labels: list[Label] = field(default_factory=list)

    def in_order(self, channel: int) -> list[Line]:
        return [line for _, line in sorted(self.lines[channel], key=lambda row: row[0])]


def moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


class Teller:
    """Tells one community. The same community and identities give the same lines."""

    def __init__(self, community: Community, identities: list[Identity]) -> None:
        self.people, self.identities, self.calendar = community.people, identities, community.told
        self.random = Random(community.seed * 104_729 + 11)
        self.voice = Voice(self.random)
        self.told = Told()
        self.native: dict[int, str] = {}
        self.thread: dict[int, str] = {}
        self.known: set[tuple[str, int]] = set()
        self.orders: dict[int, int] = {}

    def tell(self, batch: Batch) -> Told:
        columns = (batch.id, batch.kind, batch.channel, batch.person, batch.at, batch.thing, batch.parent, batch.amount, batch.rating, batch.topic,
                   batch.mood, batch.is_machine, batch.campaign, batch.device)  # fmt: skip
        for row in zip(*(column.tolist() for column in columns), strict=True):
            self._act(*row)
        return self.told

    def _say(self, channel: int, at: int, line: Line) -> None:
        self.told.lines[channel].append((at, line))

    def _act(self, key: int, code: int, channel: int, person: int, at: int, thing: int, parent: int, amount: float, rating: float, topic: int, mood: int,
             is_machine: bool, campaign: bool, device: int) -> None:  # fmt: skip
        kind = Kind(code)
        who = self.identities[person] if person >= 0 else None
        native = f"{_NATIVE[kind]}-{key}"
        self.native[key] = native
        form = FORMS[kind]
        values: dict[str, Any] = {
            "verb": form.verb, "object_type": form.object_type, "native_id": native, "happened_at": moment(at), "direction": form.direction, "actor": None,
        }  # fmt: skip
        if is_machine:
            values["is_machine"] = True
        if campaign:
            values["campaign_key"] = CAMPAIGN
        tongue = LANGUAGES.index(who.language) if who else self.random.choice((0, 0, 0, 1, 1, 2))
        if kind in SPOKEN:
            self._spoken(values, kind, channel, tongue, topic, mood, rating, who)
        getattr(self, f"_{kind.name.lower()}")(values, key, channel, who, at, thing, parent, amount, device, tongue, mood, person)
        line = ActivityLine(**values)
        self._say(channel, at, line)
        if kind in SPOKEN and line.text:
            self._label(line, channel, tongue, topic, mood, at)

    # -- words

    def _spoken(self, values: dict[str, Any], kind: Kind, channel: int, tongue: int, topic: int, mood: int, rating: float, who: Identity | None) -> None:
        assert who
        silent = (kind == Kind.ANSWER and self.random.random() < 0.55) or (kind == Kind.REVIEW and self.random.random() < 0.2)
        if not silent:
            values["text"] = self.voice.speak(kind, tongue, topic, mood, who.first)
            if tags := hashtags(values["text"]):
                values["hashtags"] = tags
        if kind in (Kind.REVIEW, Kind.ANSWER):
            values["rating"], values["rating_max"] = rating, 5.0 if kind == Kind.REVIEW else 10.0
        if channel == MASTODON:
            values["language"] = LANGUAGES[tongue]

    def _label(self, line: ActivityLine, channel: int, tongue: int, topic: int, mood: int, at: int) -> None:
        sentiment = {Mood.POSITIVE: "positive", Mood.QUESTION: "neutral"}.get(Mood(mood), "negative")
        intents = {Mood.POSITIVE: "praise", Mood.QUESTION: "question"}.get(Mood(mood), "complaint")
        if TOPICS[topic] == "delivery" and mood == Mood.QUESTION:
            intents = "question|order status"
        label = Label(CHANNELS[channel], line.native_id, LANGUAGES[tongue], TOPICS[topic], sentiment, "ironic" if mood == Mood.IRONIC else "plain", intents)
        self.told.labels.append(label)
        if channel in SOCIAL and line.object_type != ObjectType.MESSAGE:
            label.fate = self._second_thoughts(line, channel, at)

    def _second_thoughts(self, line: ActivityLine, channel: int, at: int) -> str:
        """Some words are edited, some taken back, some both."""
        dice, fate = self.random.random(), ""
        edited = at + self.random.randrange(60, 3600) * 1_000_000
        gone = at + self.random.randrange(3600, 3 * 86400) * 1_000_000
        if dice < 0.025 and edited < self.calendar.until:
            values = {name: getattr(line, name) for name in line.__struct_fields__}
            values |= {"op": Op.CORRECT, "version": "1", "text": f"{line.text} (edit)"}
            self._say(channel, edited, ActivityLine(**values))
            fate = "edited"
        if (dice < 0.003 or 0.025 <= dice < 0.037) and gone < self.calendar.until:
            self._say(channel, gone, RetractionLine(native_id=line.native_id, happened_at=moment(gone), object_key=line.object_key))
            fate = "retracted"
        return fate

    # -- one method a kind of act

    def _page_view(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        path, title = pages(LANGUAGES.index(who.language))[max(thing, 0)]
        values |= {"actor": who.cookie(rest[2]), "url": f"https://cafelligam.example{path}", "object_key": path, "title": title}

    def _form(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        person = rest[-1]
        if thing == 1:
            values |= {"actor": who.cookie(), "object_key": "contact", "event_name": "contact form"}
            if self.people.on[person, EMAIL] and self.random.random() < 0.3:
                handles = (who.mail(), who.cookie())
                self._say(channel, at, FactLine(native_id=f"contact-{key}", observed_at=moment(at), handles=handles, name=who.spellings[1]))
            return
        values |= {"actor": who.mail(letters=True), "object_key": "newsletter", "event_name": "newsletter sign-up"}
        consent = ConsentFact(Permit.GRANTED, at=moment(at), evidence="newsletter form")
        handles = (who.mail(letters=True), who.cookie()) if self.people.on[person, WEB] and self.random.random() < 0.6 else (who.mail(letters=True),)
        traits = {"language": who.language} | ({"city": who.town} if self.random.random() < 0.3 else {})
        self._say(EMAIL, at, FactLine(native_id=f"signup-{key}", observed_at=moment(at), handles=handles, name=who.spellings[1], traits=traits,
                                      tags=("newsletter",), consents=(consent,)))  # fmt: skip

    def _order(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, parent: int, amount: float, *rest: Any) -> None:
        person = rest[-1]
        number = self.orders[person] = self.orders.get(person, 0) + 1
        if number == 1:
            self._account(who, person, at)
        elif number == 2 and len(who.cookies) > 1 and self.people.on[person, WEB]:
            self._say(WEB, at, FactLine(native_id=f"login-{key}", observed_at=moment(at), handles=(who.customer(), who.cookie(1))))
        elif number == 3 and who.letters != who.email:
            self._say(SHOP, at, FactLine(native_id=f"billing-{key}", observed_at=moment(at), handles=(who.mail(), who.mail(letters=True)), name=who.spellings[0]))
        values |= {"actor": who.mail(), "object_key": f"L-{thing + 1000}", "amount": Decimal(f"{amount:.2f}"), "currency": "EUR"}
        values["props"] = {"items": basket(amount, self.random), "order": number}
        if number == 1 and self.people.referrer[person] >= 0:
            values["props"]["referral"] = f"AMIC-{self.identities[self.people.referrer[person]].account}"

    def _account(self, who: Identity, person: int, at: int) -> None:
        """What the shop knows when an account is made; corrected later where the name was misspelt and noticed."""
        handles = [who.mail(), who.customer()]
        if self.random.random() < 0.45:
            handles.append(HandleRef("phone", who.phone))
        if self.people.on[person, WEB]:
            handles.append(who.cookie())
        traits: dict[str, Any] = {"city": who.town, "region": who.region, "postcode": who.postcode, "street": who.street, "country": who.country,
                                  "language": who.language}  # fmt: skip
        if who.company:
            traits |= {"company": who.company, "industry": "hospitality"}
        else:
            spelt = who.spellings[0].split(" ", 1)
            traits |= {"first_name": spelt[0], "last_name": spelt[-1] if len(spelt) > 1 else ""}
        consent = (ConsentFact(Permit.GRANTED, at=moment(at), evidence="check-out"),) if self.people.is_subscriber[person] else ()
        fact = {"native_id": f"account-{who.account}", "handles": tuple(handles), "traits": traits, "consents": consent,
                "kind": PersonKind.ORGANISATION if who.company else PersonKind.PERSON, "tags": ("wholesale",) if who.company else ()}  # fmt: skip
        self._say(SHOP, at, FactLine(observed_at=moment(at), name=who.spellings[0], **fact))
        later = at + 9 * 86_400_000_000
        if who.spellings[0] != who.name and self.random.random() < 0.25 and later < self.calendar.until and not who.company:
            fact["traits"] = {**traits, "first_name": who.first, "last_name": who.last}
            self._say(SHOP, later, FactLine(observed_at=moment(later), name=who.name, op=Op.CORRECT, version="1", **fact))

    def _refund(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, parent: int, amount: float, *rest: Any) -> None:
        values |= {"actor": who.mail(), "object_key": f"L-{thing + 1000}", "amount": Decimal(f"{amount:.2f}"), "currency": "EUR"}

    def _mailing(self, values: dict[str, Any], who: Identity, thing: int) -> None:
        values |= {"object_key": f"newsletter-{thing + 1}", "campaign_key": values.get("campaign_key") or f"newsletter-{thing + 1}"}

    def _send(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        self._mailing(values, who, thing)
        values |= {"actor": OWN[EMAIL], "target": who.mail(letters=True), "event_name": "delivered", "title": self._subject(thing, LANGUAGES.index(who.language))}

    def _open(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        self._mailing(values, who, thing)
        values["actor"] = who.mail(letters=True)

    def _click(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        self._mailing(values, who, thing)
        values |= {"actor": who.mail(letters=True), "url": "https://cafelligam.example/shop?utm_source=newsletter"}

    def _unsubscribe(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        self._mailing(values, who, thing)
        values["actor"] = who.mail(letters=True)
        permit = Permit.COMPLAINED if self.random.random() < 0.12 else Permit.WITHDRAWN
        self._refusal(who, key, at, permit)

    def _bounce(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        self._mailing(values, who, thing)
        values |= {"actor": OWN[EMAIL], "target": who.mail(letters=True), "event_name": "bounced", "props": {"code": "5.1.1"}}
        self._refusal(who, key, at, Permit.BOUNCED)

    def _refusal(self, who: Identity, key: int, at: int, permit: Permit) -> None:
        consent = ConsentFact(permit, at=moment(at), evidence="newsletter")
        self._say(EMAIL, at, FactLine(native_id=f"refusal-{key}", observed_at=moment(at), handles=(who.mail(letters=True),), consents=(consent,)))

    def _letter(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        native = values["native_id"]
        values |= {"actor": HandleRef("email", who.email, who.spellings[0]), "target": OWN[EMAIL], "thread_key": native, "object_key": native,
                   "title": self._subject(key, LANGUAGES.index(who.language))}  # fmt: skip
        self.thread[key] = native

    def _own_post(self, values: dict[str, Any], key: int, channel: int, who: Identity | None, at: int, *rest: Any) -> None:
        native = values["native_id"]
        values |= {"actor": OWN[channel], "object_key": native, "thread_key": native, "text": self.voice.post(rest[5])}
        values["hashtags"] = hashtags(values["text"])
        self.thread[key] = native

    def _comment(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, parent: int, *rest: Any) -> None:
        native = values["native_id"]
        about = self.native.get(parent if parent >= 0 else thing, "")
        values |= {"actor": who.on(channel), "object_key": native, "parent_key": about, "thread_key": self.native.get(thing, "") or native}
        self.thread[key] = values["thread_key"]
        self._profile(channel, who, rest[-1], at)

    _peer_reply = _comment

    def _like(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        about = self.native.get(thing, "")
        values |= {"actor": who.on(channel), "target": OWN[channel], "object_key": about, "thread_key": about, "reaction": self.random.choice(_REACTIONS[channel])}

    def _share(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        values |= {"actor": who.on(channel), "object_key": self.native.get(thing, ""), "thread_key": self.native.get(thing, "")}

    def _follow(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        values |= {"actor": who.on(channel), "target": OWN[channel]}
        self._profile(channel, who, rest[-1], at)

    def _unfollow(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        values |= {"actor": who.on(channel), "target": OWN[channel], "event_name": "unfollow"}

    def _message(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        thread = f"chat-{who.numbers[channel]}"
        values |= {"actor": who.on(channel), "target": OWN[channel], "thread_key": thread, "object_key": values["native_id"]}
        self.thread[key] = thread

    def _mention(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, *rest: Any) -> None:
        native = values["native_id"]
        values |= {"actor": who.on(channel), "object_key": native, "thread_key": native}
        self.thread[key] = native

    def _own_reply(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, thing: int, parent: int, *rest: Any) -> None:
        asked = self.native.get(parent, "")
        private = channel == EMAIL or asked.startswith("message")
        target = who.mail() if channel == EMAIL else who.on(channel)
        values |= {"actor": OWN[channel], "target": target, "object_key": values["native_id"], "parent_key": asked, "thread_key": self.thread.get(parent, asked),
                   "text": self.voice.reply(rest[2], rest[3], who.first)}  # fmt: skip
        if private:
            values["object_type"] = ObjectType.MESSAGE

    def _review(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, *rest: Any) -> None:
        native = values["native_id"]
        values |= {"actor": who.on(REVIEWS), "object_key": native, "thread_key": native, "place": "Girona", "country": "ES"}
        self.thread[key] = native

    def _answer(self, values: dict[str, Any], key: int, channel: int, who: Identity, at: int, *rest: Any) -> None:
        values |= {"actor": who.mail(), "object_key": "recommend", "event_name": "would you recommend us"}

    # -- what is known besides

    def _profile(self, channel: int, who: Identity, person: int, at: int) -> None:
        """A network's public profile, read once; some also sign in to the shop with Facebook."""
        if (CHANNELS[channel], person) in self.known:
            return
        self.known.add((CHANNELS[channel], person))
        if self.random.random() < 0.6:
            traits: dict[str, Any] = {"nickname": who.users[channel], "followers": int(self.random.lognormvariate(5.2, 1.2))}
            if self.random.random() < 0.4:
                traits["bio"] = self.voice.bio(LANGUAGES.index(who.language))
            shown = who.shown[channel] if channel != INSTAGRAM else who.name if self.random.random() < 0.6 else who.users[channel]
            self._say(channel, at, FactLine(native_id=f"profile-{who.numbers[channel]}", observed_at=moment(at), handles=(who.on(channel),), name=shown,
                                            traits=traits))  # fmt: skip
        if channel == FACEBOOK and self.people.on[person, SHOP] and self.random.random() < 0.3:
            self._say(channel, at, FactLine(native_id=f"signin-{who.account}", observed_at=moment(at), handles=(who.mail(), who.on(channel)), name=who.name))

    def _subject(self, number: int, tongue: int) -> str:
        """Subject lines stay the same for all who get one newsletter in one language."""
        random, self.voice.random = self.voice.random, Random(number * 4 + tongue)
        try:
            return self.voice.subject(tongue)
        finally:
            self.voice.random = random


OWN = {
    SHOP: HandleRef("login", "shop@cafelligam.example", "Cafè Lligam"), EMAIL: HandleRef("email", "hola@cafelligam.example", "Cafè Lligam"),
    INSTAGRAM: HandleRef("instagram", "17841400000000001", "@cafelligam"), FACEBOOK: HandleRef("facebook", "100000000000001", "Cafè Lligam"),
    MASTODON: HandleRef("mastodon", "cafelligam@mastodont.example.org", "Cafè Lligam"), REVIEWS: HandleRef("google", "lligam-girona", "Cafè Lligam"),
    SURVEY: HandleRef("login", "survey@cafelligam.example", "Cafè Lligam"),
}  # fmt: skip


def lines(told: Told) -> Iterator[tuple[int, list[Line]]]:
    """Each channel with its lines, by time."""
    for channel in range(len(CHANNELS)):
        yield channel, told.in_order(channel)


__all__ = ["CAMPAIGN", "OWN", "Direction", "Label", "Line", "Teller", "Told", "Verb", "lines", "moment"]
