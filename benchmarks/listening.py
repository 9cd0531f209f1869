"""The board of six questions over a million mentions and as many reactions: page and panels, of all that is said and of queries; beside a
hundredth of that."""

import json
import tempfile
from pathlib import Path

from .common import python, row, title
from .imports import make_workspace

MENTIONS, ROUNDS = 1_000_000, 20
_FILL = """
import json, numpy as np, pyarrow as pa, django; django.setup()
from datetime import datetime, timedelta, UTC
from vincle.accounts.models import Membership, User, Workspace
from vincle.organise import warehouse
from vincle.engines.table import ACTIVITY, HANDLE, MATCH, PERSON, UNDERSTOOD, months
from vincle.listen.models_listening import Listening
n, chance = {mentions}, np.random.default_rng(1)
where = Workspace.objects.get(slug="bench")
user = User.objects.create_user("bench@example.org", None, name="Bench")
Membership.objects.create(workspace=where, user=user, role="owner")
asked = Listening.objects.create(workspace=where, name="Ours", kind="brand", text="ours", is_shared=True)
other = Listening.objects.create(workspace=where, name="Theirs", kind="competitor", text="theirs", is_shared=True)
end = datetime.now(UTC).replace(microsecond=0)
at = np.sort(int(end.timestamp()) - (chance.beta(1, 1.4, n) * 365 * 86400).astype(np.int64))
happened = pa.array(at * 1_000_000, pa.timestamp("us", tz="UTC"))
def pick(values, weights=None, size=n):
    return pa.array(np.asarray(values, object)[chance.choice(len(values), size, p=weights)].tolist())
def labels(values, most, mean):
    counts = np.minimum(chance.poisson(mean, n), most)
    flat = pa.array(np.asarray(values, object)[(chance.zipf(1.4, int(counts.sum())) - 1) % len(values)].tolist())
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32()), flat)
subjects = "service delay cancellation baggage staff price booking delivery quality waiting app refund food comfort location coffee safety".split()
aspects = labels(subjects, 3, 0.8)
scores = pa.ListArray.from_arrays(aspects.offsets, pa.array(np.round(chance.normal(-0.2, 0.5, len(aspects.values)).clip(-1, 1), 2)))
sentiment = chance.choice(3, n, p=[0.62, 0.22, 0.16])
people = max(10, n * 6 // 10)
actors = chance.integers(1, people, n) + 10_000_000
columns = {{
    "seq": pa.array(np.arange(1, n + 1)), "event_id": pa.array([int(k).to_bytes(16, "big") for k in range(n)], pa.binary()), "workspace": pa.array(np.full(n, where.pk)),
    "connection": pa.array(np.full(n, 1)), "channel": pick(["x", "facebook", "instagram", "reviews", "email"], [0.6, 0.15, 0.1, 0.1, 0.05]), "verb": pick(["Create"]),
    "object_type": pick(["Note", "Mention", "Review", "Message"], [0.5, 0.3, 0.1, 0.1]), "actor": pa.array(actors), "happened_at": happened, "observed_at": happened,
    "received_at": happened, "direction": pick(["in"]), "is_machine": pa.array(np.zeros(n, bool)), "language": pick(["en", "es", "it", "ca"], [0.6, 0.2, 0.1, 0.1]),
    "sentiment": pa.array(np.asarray(["negative", "neutral", "positive"], object)[sentiment].tolist()),
    "sentiment_score": pa.array(np.round((sentiment - 1) * chance.uniform(0.2, 1, n), 2)), "sentiment_confidence": pa.array(chance.uniform(0.4, 1, n)),
    "intents": labels("complaint question praise suggestion contact_request churn_threat".split(), 2, 0.6), "topics": aspects, "aspects": aspects, "aspect_scores": scores,
    "emotions": labels("anger joy sadness gratitude fear".split(), 2, 0.4), "hashtags": labels([f"tag{{k}}" for k in range(4000)], 3, 0.3),
    "terms": labels([f"word{{k}}" for k in range(30000)], 8, 4), "sites": labels([f"site{{k}}.example" for k in range(3000)], 2, 0.3), "country": pick(["US", "GB", "ES", "IT", ""], [0.3, 0.1, 0.1, 0.05, 0.45]),
    "place": pick(["New York", "Boston", "Girona", "Roma", ""], [0.1, 0.1, 0.05, 0.05, 0.7]), "month": months(happened),
}}
strings = [f for f in ACTIVITY if f.name not in columns]
for field in strings:
    columns[field.name] = pa.array([""] * n, pa.string()) if field.type == pa.string() else pa.nulls(n, field.type)
tables, writer = warehouse.tables(), warehouse.writer()
for table in tables.values():
    table.ensure(writer)
rows = pa.table([columns[f.name].cast(f.type) if columns[f.name].type != f.type else columns[f.name] for f in ACTIVITY], schema=ACTIVITY)
# As many reactions to words of ours, and of others, as mentions.
reacted = {{
    "seq": np.arange(n + 1, 2 * n + 1), "event_id": [(n + k).to_bytes(16, "big") for k in range(n)], "verb": pick(["Like", "Announce"], [0.9, 0.1]),
    "actor": chance.permutation(actors), "target": np.where(chance.random(n) < 0.7, 9_999_999, chance.permutation(actors)),
    "reaction": pick(["", "love", "haha", "angry"], [0.7, 0.2, 0.07, 0.03]), "object_type": pick(["Note"]), "sentiment": pick([""]),
}}
reactions = rows
for place, field in enumerate(ACTIVITY):
    if field.name in reacted or field.name in UNDERSTOOD or pa.types.is_list(field.type):
        found = reacted.get(field.name, pa.nulls(n, field.type))
        reactions = reactions.set_column(place, field, pa.array(found, field.type) if not isinstance(found, pa.Array) else found.cast(field.type))
for first in range(0, n, 400_000):
    for part, upto in ((rows, min(n, first + 400_000)), (reactions, n + first)):
        tables["activity"].append(part.slice(first, 400_000), writer, upto)
keys = np.arange(1, people) + 10_000_000
tables["handle"].append(pa.table([pa.array(keys), pa.array(np.full(keys.size, where.pk)), pa.array(["x"] * keys.size), pa.array(keys)], schema=HANDLE), writer, 1)
known = pa.array(np.full(keys.size, int(at[0]) * 1_000_000), pa.timestamp("us", tz="UTC"))
tables["person"].append(pa.table([pa.array(keys), pa.array(np.full(keys.size, where.pk)), pa.array(["person"] * keys.size), pa.array(np.zeros(keys.size, bool)), known], schema=PERSON), writer, 1)
for listening, share in ((asked.pk, 0.2), (other.pk, 0.1)):
    hit = np.flatnonzero(chance.random(n) < share)
    took = rows.take(pa.array(hit))
    tables["match"].append(pa.table([pa.array(hit + listening * n), pa.array(np.full(hit.size, listening)), took["workspace"], took["seq"], took["event_id"], took["happened_at"], took["month"]], schema=MATCH), writer, 1)
for table in tables.values():
    table.tidy()
print(json.dumps([asked.pk, other.pk]))
"""
_ASK = """
import json, re, statistics, time, django; django.setup()
from html import unescape
from django.conf import settings; settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from vincle.accounts.models import User
client = Client(); client.force_login(User.objects.get(), backend=settings.AUTHENTICATION_BACKENDS[0])
found = {{}}
for name, asked in json.loads({asked!r}):
    taken = {{}}
    for number in range({rounds} + 1):
        # Another day each time, so that no answer is one that was given before.
        address = "/w/bench/board/?" + asked.format(day=f"2026-{{1 + number % 9:02d}}-{{1 + number:02d}}")
        began = time.perf_counter()
        page = client.get(address)
        assert page.status_code == 200, address
        spent = {{"page": time.perf_counter() - began}}
        for part in re.findall(r'hx-get="([^"]+/board/([a-z]+)/[^"]*)"', page.content.decode()):
            began = time.perf_counter()
            assert client.get(unescape(part[0])).status_code == 200, part
            spent[part[1]] = time.perf_counter() - began
        spent["all"] = sum(spent.values())
        if number:
            for part, seconds in spent.items():
                taken.setdefault(part, []).append(seconds * 1000)
    found[name] = {{part: statistics.quantiles(each, n=20)[-1] for part, each in taken.items()}}
print(json.dumps(found))
"""


_UNDERSTAND = """
import csv, json, time, django; django.setup()
from datetime import datetime, UTC
from vincle.accounts.models import Workspace
from vincle.language import registry
from vincle.language.page import Page
from vincle.listen import actions, log, understanding
from vincle.store import lease
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb
with open({path!r}, encoding="utf-8", newline="") as file:
    texts = [each["text"] for each in csv.DictReader(file)]
source, now = actions.connection_for(Workspace.objects.get(slug="bench"), "x"), datetime.now(UTC)
for first in range(0, len(texts), 4000):
    part = enumerate(texts[first : first + 4000], first)
    log.append(source, [Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"n{{n}}", happened_at=now, text=text,
        actor=HandleRef("x", f"u{{n % 2000}}")) for n, text in part], now)
registry.understand([Page(text) for text in texts[:400]])
began, worked = time.perf_counter(), time.process_time()
with lease.held("understand") as cursor:
    while understanding.step(cursor):
        pass
print(json.dumps([len(texts), time.perf_counter() - began, time.process_time() - worked]))
"""
_TWEETS = Path(__file__).resolve().parents[2] / "shared" / "data" / "airline_tweets" / "Tweets.csv"


def run() -> None:
    _understand()
    title(f"The board of six questions over {MENTIONS:,} mentions of a year: 95th percentile of {ROUNDS}, rendered, in one process")
    with tempfile.TemporaryDirectory() as folder:
        small, large = (_measure(Path(folder) / str(mentions), mentions) for mentions in (MENTIONS // 100, MENTIONS))
    for name, parts in large.items():
        slowest = max((part for part in parts if part not in ("all", "page")), key=lambda part: parts[part])
        figure = f"all {parts['all']:.0f} ms; page {parts['page']:.0f}, slowest panel ({slowest}) {parts[slowest]:.0f}"
        row(name, figure, "< 1000 ms", f"{MENTIONS // 100:,} mentions: {small[name]['all']:.0f} ms", parts["all"] / small[name]["all"])


def _understand() -> None:
    title("The step `understand`: texts read, stored, put into the full text")
    if not _TWEETS.is_file():
        print("  shared data absent, nothing measured")
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make_workspace(home)
        texts, seconds, worked = json.loads(python(home, _UNDERSTAND.format(path=str(_TWEETS))).splitlines()[-1])
    row(f"{texts:,} tweets, in one process", f"{texts / seconds:,.0f} /s", ">= 3,000 /s", f"{texts / worked:,.0f} a second of its own time")


def _measure(home: Path, mentions: int) -> dict[str, dict[str, float]]:
    make_workspace(home)
    ours, theirs = json.loads(python(home, _FILL.format(mentions=mentions)).splitlines()[-1])
    asked = [
        ("28 days, everything said", "days=28&channel="),
        ("90 days, everything said", "days=90&channel="),
        ("up to a year, everything said", "from={day}"),
        ("28 days, one query", f"days=28&listening={ours}"),
        ("up to a year, one query beside another", f"from={{day}}&listening={ours}&beside={theirs}"),
        ("90 days, one topic", "days=90&topic=delay"),
    ]
    return dict(json.loads(python(home, _ASK.format(asked=json.dumps(asked), rounds=ROUNDS)).splitlines()[-1]))
