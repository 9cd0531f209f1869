"""Small files of every kind that can be imported, about the demo's people: as their tools would export them, dirt included."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook

from vincle.channels.vincle_jsonl import ActivityLine, dump

from .identities import Identity
from .kinds import CHANNELS, EMAIL, FACEBOOK, LANGUAGES, SHOP
from .voice import Voice
from .write import Demo, prepare

SHOWN = 120
_NOTES = ("", "", 'Likes "strong" coffee, no sugar', "Called on Monday\nwants the course")
_DIRT = {
    3: (3, "{} at home"), 8: (3, ""), 13: (3, "  <{}> "), 18: (4, "12"), 23: (8, "31/02/2026"), 28: (1, "=HYPERLINK({})"),
}  # fmt: skip
"""Which of thirty rows has a broken cell: its column, and what becomes of its text."""
PAGE = "104000000000001"


def write_files(folder: Path, people: int = 2000, months: int = 12, seed: int = 1, until: datetime | None = None) -> list[Path]:
    """Write the example files into `folder` (made when absent); returns their paths. Equal arguments give equal files."""
    demo = prepare(people, months, seed, until=until)
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    makers: dict[str, Callable[[Demo, Random], bytes]] = {
        "contacts.csv": _contacts, "mailchimp.csv": _mailchimp, "orders.csv": _orders, "reviews.xlsx": _reviews, "alerts.atom": _alerts,
        "contacts.vcf": _cards, "tweets.js": _tweets, "facebook-webhooks.jsonl": _webhooks, "interchange.jsonl": _lines,
    }  # fmt: skip
    written = []
    for name, make in makers.items():
        (folder / name).write_bytes(make(demo, random))
        written.append(folder / name)
    return written


def _some(demo: Demo, channel: int, most: int = SHOWN) -> list[tuple[int, Identity]]:
    """The first people who are met on a channel."""
    there = demo.community.people.on[:, channel]
    return [(index, who) for index, who in enumerate(demo.identities) if there[index]][:most]


def _acts(demo: Demo, channel: int, object_type: str) -> list[ActivityLine]:
    known = [line for _, line in sorted(demo.told.lines[channel], key=lambda row: row[0])]
    return [line for line in known if isinstance(line, ActivityLine) and line.op == "assert" and line.object_type == object_type]


def _day(demo: Demo, index: int) -> datetime:
    return datetime.fromtimestamp(int(demo.community.people.joined[index]) / 1e6, UTC)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def _contacts(demo: Demo, random: Random) -> bytes:
    """As HubSpot exports contacts; some addresses are broken, some rows twice, some cells in disorder."""
    headings = ("Record ID", "First Name", "Last Name", "Email", "Phone Number", "City", "Company name", "Lifecycle Stage", "Create Date",
                "Unsubscribed from all email", "Favourite coffee", "Notes")  # fmt: skip
    rows = []
    for number, (index, who) in enumerate(_some(demo, EMAIL)):
        first, _, last = who.spellings[1].partition(" ")
        stage = "Customer" if demo.community.people.is_buyer[index] else "Subscriber"
        phone, gone = who.phone if random.random() < 0.5 else "", "true" if random.random() < 0.06 else "false"
        row = [str(901_000 + index), first, last, who.letters, phone, who.town, who.company, stage, f"{_day(demo, index):%Y-%m-%d %H:%M}",
               gone, random.choice(("Huila", "Sidamo", "Decaf", "")), random.choice(_NOTES)]  # fmt: skip
        rows.append(_soiled(row, number))
        if random.random() < 0.05:
            rows.append([*row[:1], row[1].upper(), *row[2:]])
    return _csv(headings, rows, "utf-8-sig")


def _soiled(row: list[str], number: int) -> list[str]:
    """One row in five has something wrong with it."""
    place, text = _DIRT.get(number % 30, (0, "{}"))
    return [*row[:place], text.format(row[place]), *row[place + 1 :]]


def _mailchimp(demo: Demo, random: Random) -> bytes:
    headings = ("Email Address", "First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "LEID", "EUID",
                "UNSUB_TIME", "TAGS")  # fmt: skip
    rows = []
    for index, who in _some(demo, EMAIL):
        first, _, last = who.spellings[1].partition(" ")
        at = f"{_day(demo, index):%Y-%m-%d %H:%M:%S}"
        gone = at if random.random() < 0.08 else ""
        tags = random.choice(('"newsletter"', '"newsletter","course"', '"wholesale"', ""))
        key = f"{random.getrandbits(40):010x}"
        rows.append((who.letters, first, last, random.randrange(1, 6), at, "203.0.113.7", at, 40_000 + index, key, gone, tags))
    return _csv(headings, rows)


def _orders(demo: Demo, random: Random) -> bytes:
    """As WooCommerce exports orders: one line an item."""
    headings = ("Order Number", "Order Status", "Order Date", "First Name (Billing)", "Last Name (Billing)", "Email (Billing)",
                "Country Code (Billing)", "Order Total Amount", "SKU", "Item Name", "Quantity", "Item Cost")  # fmt: skip
    owner = {who.email: who for _, who in _some(demo, SHOP, len(demo.identities))}
    rows = []
    for line in [act for act in _acts(demo, SHOP, "Order") if act.verb == "Purchase"][-SHOWN:]:
        who = owner[line.actor.value] if line.actor else None
        if who is None:
            continue
        first, _, last = who.spellings[0].partition(" ")
        at, total = f"{line.happened_at:%Y-%m-%d %H:%M}", f"{line.amount:.2f}"
        order = (line.object_key, "Completed", at, first, last, who.email, who.country, total)
        rows += [(*order, item["sku"], item["name"], item["quantity"], f"{item['price']:.2f}") for item in line.props["items"]]
    return _csv(headings, rows)


def _reviews(demo: Demo, random: Random) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Reviews")
    sheet.append(["Review ID", "Reviewer", "Rating", "Review", "Date", "Language"])
    for line in _acts(demo, CHANNELS.index("reviews"), "Review")[-SHOWN:]:
        stars = "★" * int(line.rating or 0) if random.random() < 0.1 else line.rating
        sheet.append([line.native_id, line.actor.name if line.actor else "", stars, line.text, line.happened_at.replace(tzinfo=None), ""])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _alerts(demo: Demo, random: Random) -> bytes:
    """As Google Alerts tells of pages that name the brand."""
    voice = Voice(random)
    entries = []
    for number, line in enumerate(_acts(demo, CHANNELS.index("mastodon"), "Mention")[-25:]):
        title = voice.subject(LANGUAGES.index(line.language or "ca"), random)
        target = quote(f"https://{random.choice(('diari', 'blog', 'gastro', 'agenda'))}.example/{number}", safe="")
        link = escape(f"https://www.google.com/url?rct=j&sa=t&url={target}&ct=ga&cd={number}")
        at = f"{line.happened_at:%Y-%m-%dT%H:%M:%SZ}"
        entries.append(
            f"<entry><id>tag:google.com,2013:googlealerts/feed:{9000 + number}</id>"
            f'<title type="html">{escape(f"<b>Cafè Lligam</b>: {title}")}</title>'
            f'<link href="{link}"/><published>{at}</published><updated>{at}</updated>'
            f'<content type="html">{escape(f"{line.text} <b>Cafè Lligam</b>...")}</content><author><name/></author></entry>'
        )
    feed = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    feed += "<id>tag:google.com,2005:reader/user/1/state/com.google/alerts/2</id>"
    return (f"{feed}<title>Google Alert - cafè lligam</title>\n" + "\n".join(entries) + "</feed>\n").encode()


def _cards(demo: Demo, random: Random) -> bytes:
    cards = []
    for number, (_, who) in enumerate(_some(demo, SHOP, 60)):
        version = ("3.0", "4.0")[number % 2]
        lines = ["BEGIN:VCARD", f"VERSION:{version}", f"N:{who.last};{who.first};;;", f"FN:{who.name}", f"EMAIL;TYPE=home:{who.email}",
                 f"TEL;TYPE=cell:{who.phone}", f"ADR;TYPE=home:;;{who.street};{who.town};{who.region};{who.postcode};{who.country}",
                 f"UID:urn:lligam:{who.account}"]  # fmt: skip
        if who.company:
            lines.append(f"ORG:{who.company}")
        cards.append("\r\n".join([*lines, "END:VCARD"]))
    return ("\r\n".join(cards) + "\r\n").encode()


def _tweets(demo: Demo, random: Random) -> bytes:
    """The brand's own posts as X hands them out."""
    tweets = []
    for number, line in enumerate(_acts(demo, CHANNELS.index("mastodon"), "Note")):
        if line.direction != "out" or line.parent_key:
            continue
        tweets.append({"tweet": {
            "id_str": str(1_890_000_000_000_000_000 + number), "created_at": f"{line.happened_at:%a %b %d %H:%M:%S +0000 %Y}",
            "full_text": line.text, "lang": "ca", "favorite_count": str(random.randrange(40)), "retweet_count": str(random.randrange(9)),
            "entities": {"hashtags": [{"text": tag} for tag in line.hashtags], "user_mentions": []},
        }})  # fmt: skip
    return b"window.YTD.tweets.part0 = " + json.dumps(tweets, ensure_ascii=False, indent=1).encode() + b"\n"


def _webhooks(demo: Demo, random: Random) -> bytes:
    """What the platform sends when someone comments on the Page, one delivery a line."""
    deliveries = []
    for line in [act for act in _acts(demo, FACEBOOK, "Note") if act.direction == "in" and act.verb == "Create"][-SHOWN:]:
        if line.actor is None:
            continue
        at, post = int(line.happened_at.timestamp()), f"{PAGE}_{line.thread_key.rpartition('-')[2]}"
        value = {
            "item": "comment", "verb": "add", "comment_id": f"{post}_{line.native_id.rpartition('-')[2]}", "post_id": post,
            "parent_id": post, "from": {"id": line.actor.value, "name": line.actor.name}, "created_time": at, "message": line.text,
        }  # fmt: skip
        deliveries.append({"object": "page", "entry": [{"id": PAGE, "time": at + 1, "changes": [{"field": "feed", "value": value}]}]})
    return b"".join(json.dumps(delivery, ensure_ascii=False).encode() + b"\n" for delivery in deliveries)


def _lines(demo: Demo, random: Random) -> bytes:
    """The beginning of the shop's own story, in Vincle's interchange format."""
    return b"".join(dump(line) for _, line in sorted(demo.told.lines[SHOP], key=lambda row: row[0])[:SHOWN])
