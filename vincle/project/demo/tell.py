"""The community's acts and what is known of its people, as lines of the interchange format, channel by channel."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np

from vincle.channels.vincle_jsonl import ActivityLine, FactLine, RetractionLine
from vincle.vocabulary import HandleRef, ObjectType, Op, Permit

from .basket import basket, pages
from .community import Batch, Community, Row
from .identities import OWN, Identity
from .kinds import CHANNELS, EMAIL, FACEBOOK, FORMS, LANGUAGES, MASTODON, SHOP, SOCIAL, SPOKEN, TOPICS, WEB, Kind, Mood, moment
from .known import Dated, Known
from .voice import Voice, hashtags

Line = ActivityLine | FactLine | RetractionLine
Values = dict[str, Any]
Form = Callable[[Values, Row, Identity], None]
CAMPAIGN = "christmas-blend"
CHRISTMAS_CODE = "NADAL10"
SITE = "https://cafelligam.example"
_LOVED = ("like", "like", "like", "love", "love", "wow", "haha")
_NATIVE = {kind: kind.name.lower().replace("_", "-") for kind in Kind} | {Kind.PEER_REPLY: "comment"}
_SENTIMENT = {Mood.POSITIVE: ("positive", "praise"), Mood.QUESTION: ("neutral", "question")}


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
    """Everything told: (microseconds, line) per channel, labels of the texts, and who used whose browser (indices of people)."""

    lines: list[list[tuple[int, Line]]] = field(default_factory=lambda: [[] for _ in CHANNELS])
    labels: list[Label] = field(default_factory=list)
    borrowed: list[tuple[int, int]] = field(default_factory=list)

    def files(self) -> Iterator[tuple[int, list[Line]]]:
        """Each channel with its lines, by time; mail first: a second address is known by its newsletter before a bill shows both."""
        for channel in sorted(range(len(CHANNELS)), key=lambda channel: channel != EMAIL):
            yield channel, [line for _, line in sorted(self.lines[channel], key=lambda row: row[0])]


class Teller:
    """Tells one community. The same community and identities give the same lines."""

    def __init__(self, community: Community, identities: list[Identity]) -> None:
        self.people, self.identities, self.until = community.people, identities, community.told.until
        self.random = Random(community.seed * 104_729 + 11)
        self.voice = Voice(self.random)
        self.known = Known(self.people, self.until, self.voice, self.random)
        self.told = Told()
        self.native: dict[int, str] = {}
        self.thread: dict[int, str] = {}
        self.orders: dict[int, int] = {}
        self.forms: dict[Kind, Form] = {kind: getattr(self, f"_{kind.name.lower()}") for kind in Kind if kind != Kind.OWN_POST}

    def tell(self, batch: Batch) -> Told:
        for row in batch.rows():
            self._act(row)
        return self.told

    def _act(self, row: Row) -> None:
        kind, form = Kind(row.kind), FORMS[Kind(row.kind)]
        native = self.native[row.id] = f"{_NATIVE[kind]}-{row.id}"
        values: Values = {
            "verb": form.verb, "object_type": form.object_type, "native_id": native, "happened_at": moment(row.at), "actor": None,
            "direction": form.direction, "is_machine": row.is_machine, "campaign_key": CAMPAIGN if row.campaign else "",
        }  # fmt: skip
        if kind == Kind.OWN_POST:
            self._own_post(values, row)
        else:
            who = self.identities[row.person]
            if kind in SPOKEN:
                self._words(values, kind, row, who)
            self.forms[kind](values, row, who)
        line = ActivityLine(**values)
        self.told.lines[row.channel].append((row.at, line))
        if kind in SPOKEN and line.text:
            self._label(line, row)

    def _also(self, facts: list[Dated]) -> None:
        for channel, at, fact in facts:
            self.told.lines[channel].append((at, fact))

    # -- words

    def _words(self, values: Values, kind: Kind, row: Row, who: Identity) -> None:
        silent = {Kind.ANSWER: 0.55, Kind.REVIEW: 0.2}.get(kind, 0.0)
        tongue = LANGUAGES.index(who.language)
        if self.random.random() >= silent:
            values["text"] = self.voice.speak(kind, tongue, row.topic, row.mood, who.first)
            values["hashtags"] = hashtags(values["text"])
        if kind in (Kind.REVIEW, Kind.ANSWER):
            values |= {"rating": row.rating, "rating_max": 5.0 if kind == Kind.REVIEW else 10.0}
        if row.channel == MASTODON:
            values["language"] = who.language

    def _label(self, line: ActivityLine, row: Row) -> None:
        mood, topic = Mood(row.mood), TOPICS[row.topic]
        sentiment, intents = _SENTIMENT.get(mood, ("negative", "complaint"))
        if topic == "delivery" and mood == Mood.QUESTION:
            intents = "question|order status"
        language, tone = self.identities[row.person].language, "ironic" if mood == Mood.IRONIC else "plain"
        label = Label(CHANNELS[row.channel], line.native_id, language, topic, sentiment, tone, intents)
        self.told.labels.append(label)
        if row.channel in SOCIAL and line.object_type != ObjectType.MESSAGE:
            label.fate = self._second_thoughts(line, row)

    def _second_thoughts(self, line: ActivityLine, row: Row) -> str:
        """Some words are edited, some taken back, a few both."""
        dice, fate = self.random.random(), ""
        edited = row.at + self.random.randrange(60, 3600) * 1_000_000
        gone = row.at + self.random.randrange(3600, 3 * 86400) * 1_000_000
        if dice < 0.025 and edited < self.until:
            values = {name: getattr(line, name) for name in line.__struct_fields__}
            values |= {"op": Op.CORRECT, "version": "1", "text": f"{line.text} (edit)"}
            self.told.lines[row.channel].append((edited, ActivityLine(**values)))
            fate = "edited"
        if (dice < 0.003 or 0.025 <= dice < 0.037) and gone < self.until:
            taken_back = RetractionLine(native_id=line.native_id, happened_at=moment(gone), object_key=line.object_key)
            self.told.lines[row.channel].append((gone, taken_back))
            fate = "retracted"
        return fate

    # -- the web site and the shop

    def _page_view(self, values: Values, row: Row, who: Identity) -> None:
        path, title = pages(LANGUAGES.index(who.language))[max(row.thing, 0)]
        values |= {"actor": who.cookie(row.device), "url": f"{SITE}{path}", "object_key": path, "title": title}

    def _form(self, values: Values, row: Row, who: Identity) -> None:
        if row.thing < 0:
            values |= {"actor": who.mail(letters=True), "object_key": "newsletter", "event_name": "newsletter sign-up"}
            self._also(self.known.signup(who, row.person, row.id, row.at))
            return
        values |= {"actor": who.cookie(), "object_key": "contact", "event_name": "contact form"}
        if self.people.on[row.person, EMAIL] and self.random.random() < 0.3:
            browser = self._browser(row.person) if self.random.random() < 0.2 else who
            values["actor"] = browser.cookie()
            self._also(self.known.contact(who, browser, row.id, row.at))

    def _browser(self, person: int) -> Identity:
        """The browser of someone else in the house, who has an account in the shop."""
        others = np.flatnonzero(self.people.on[:, SHOP] & self.people.on[:, WEB])
        owner = int(others[np.searchsorted(others, person + 1) % len(others)]) if len(others) else person
        self.told.borrowed.append((person, owner))
        return self.identities[owner]

    def _order(self, values: Values, row: Row, who: Identity) -> None:
        number = self.orders[row.person] = self.orders.get(row.person, 0) + 1
        first = number == 1
        self._also(self.known.account(who, row.person, row.at) if first else self.known.again(who, row.person, number, row.id, row.at))
        self._paid(values, row, who)
        values["props"] = {"items": basket(row.amount, self.random), "order": number}
        if first and self.people.referrer[row.person] >= 0:
            values["props"]["referral"] = f"AMIC-{self.identities[self.people.referrer[row.person]].account}"
        codes = [CHRISTMAS_CODE] if row.campaign else []
        if "referral" in values["props"]:
            codes.append(values["props"]["referral"])
        if codes:
            values["props"]["codes"] = codes

    def _paid(self, values: Values, row: Row, who: Identity) -> None:
        values |= {"actor": who.mail(), "object_key": f"L-{row.thing + 1000}", "amount": Decimal(f"{row.amount:.2f}"), "currency": "EUR"}

    _refund = _paid

    # -- mail

    def _mailing(self, values: Values, row: Row, who: Identity) -> None:
        number = f"newsletter-{row.thing + 1}"
        values |= {"actor": who.mail(letters=True), "object_key": number, "campaign_key": values["campaign_key"] or number}

    _open = _mailing

    def _send(self, values: Values, row: Row, who: Identity) -> None:
        self._mailing(values, row, who)
        values |= {"actor": OWN[EMAIL], "target": values["actor"], "event_name": "delivered", "title": self._subject(row.thing, who)}

    def _click(self, values: Values, row: Row, who: Identity) -> None:
        self._mailing(values, row, who)
        values["url"] = f"{SITE}/shop?utm_source=newsletter"

    def _unsubscribe(self, values: Values, row: Row, who: Identity) -> None:
        self._mailing(values, row, who)
        permit = Permit.COMPLAINED if self.random.random() < 0.12 else Permit.WITHDRAWN
        self._also(self.known.refusal(who, row.id, row.at, permit))

    def _bounce(self, values: Values, row: Row, who: Identity) -> None:
        self._mailing(values, row, who)
        values |= {"actor": OWN[EMAIL], "target": values["actor"], "event_name": "bounced", "props": {"code": "5.1.1"}}
        self._also(self.known.refusal(who, row.id, row.at, Permit.BOUNCED))

    def _letter(self, values: Values, row: Row, who: Identity) -> None:
        self._begin(values, row)
        values |= {"actor": HandleRef("email", who.email, who.spellings[0]), "target": OWN[EMAIL]}
        values["title"] = self.voice.matter(LANGUAGES.index(who.language), row.topic)

    def _subject(self, number: int, who: Identity) -> str:
        """Subject lines stay the same for all who get one newsletter in one language."""
        tongue = LANGUAGES.index(who.language)
        return self.voice.subject(tongue, Random(number * 4 + tongue))

    # -- the networks, reviews and the survey

    def _begin(self, values: Values, row: Row) -> None:
        """Words that open a conversation."""
        self.thread[row.id] = values["thread_key"] = values["object_key"] = values["native_id"]

    def _own_post(self, values: Values, row: Row) -> None:
        self._begin(values, row)
        text = self.voice.post(self.random.choice((0, 0, 0, 1, 1, 2)))
        values |= {"actor": OWN[row.channel], "text": text, "hashtags": hashtags(text)}

    def _comment(self, values: Values, row: Row, who: Identity) -> None:
        thread: str = self.native.get(row.thing) or values["native_id"]
        about = self.native.get(row.parent if row.parent >= 0 else row.thing, "")
        values |= {"actor": who.on(row.channel), "object_key": values["native_id"], "parent_key": about, "thread_key": thread}
        self.thread[row.id] = thread
        self._also(self.known.profile(row.channel, who, row.person, row.at))

    _peer_reply = _comment

    def _like(self, values: Values, row: Row, who: Identity) -> None:
        self._share(values, row, who)
        values |= {"target": OWN[row.channel], "reaction": self.random.choice(_LOVED) if row.channel == FACEBOOK else "like"}

    def _share(self, values: Values, row: Row, who: Identity) -> None:
        about = self.native.get(row.thing, "")
        values |= {"actor": who.on(row.channel), "object_key": about, "thread_key": about}

    def _follow(self, values: Values, row: Row, who: Identity) -> None:
        values |= {"actor": who.on(row.channel), "target": OWN[row.channel]}
        new = (row.channel, row.person) not in self.known.met
        self._also(self.known.profile(row.channel, who, row.person, row.at))
        if new and row.channel == FACEBOOK:
            self._also(self.known.network_login(row.channel, who, row.person, row.at))

    def _unfollow(self, values: Values, row: Row, who: Identity) -> None:
        values |= {"actor": who.on(row.channel), "target": OWN[row.channel], "event_name": "unfollow"}

    def _message(self, values: Values, row: Row, who: Identity) -> None:
        self._begin(values, row)
        self.thread[row.id] = values["thread_key"] = f"chat-{who.numbers[row.channel]}"
        values |= {"actor": who.on(row.channel), "target": OWN[row.channel]}

    def _mention(self, values: Values, row: Row, who: Identity) -> None:
        self._begin(values, row)
        values["actor"] = who.on(row.channel)

    def _review(self, values: Values, row: Row, who: Identity) -> None:
        self._mention(values, row, who)
        values |= {"place": "Girona", "country": "ES"}

    def _answer(self, values: Values, row: Row, who: Identity) -> None:
        values |= {"actor": who.mail(), "object_key": "recommend", "event_name": "would you recommend us"}

    def _own_reply(self, values: Values, row: Row, who: Identity) -> None:
        asked = self.native.get(row.parent, "")
        target = who.mail() if row.channel == EMAIL else who.on(row.channel)
        values |= {"actor": OWN[row.channel], "target": target, "object_key": values["native_id"], "parent_key": asked,
                   "thread_key": self.thread.get(row.parent, asked)}  # fmt: skip
        values["text"] = self.voice.reply(LANGUAGES.index(who.language), row.mood, who.first)
        if row.channel == EMAIL or asked.startswith("message"):
            values["object_type"] = ObjectType.MESSAGE
