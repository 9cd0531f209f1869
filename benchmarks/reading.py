"""Files read without a database (contacts, bare tables), beside Python's own csv module; and an account's statistics over 100,000 posts."""

import csv
import io
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from vincle.channels._tables import open_table
from vincle.channels.base import Options
from vincle.channels.registry import channels

from .common import python, row, title
from .imports import make_workspace

CONTACTS, ROWS, POSTS = 50_000, 100_000, 100_000
_OPTIONS = Options(file_key="f", now=datetime(2026, 11, 21, tzinfo=UTC))
_ACCOUNT = """
import time, django; django.setup()
from datetime import UTC, date, datetime, timedelta
from vincle.accounts.models import Workspace
from vincle.analyse import account
from vincle.analyse.account_posts import Posts
from vincle.listen import log
from vincle.listen.models import Connection
from vincle.project import pipeline
from vincle.vocabulary import Activity, HandleRef, ObjectType, Verb, handle_key, public_id
where, begin, ana = Workspace.objects.get(slug="bench"), datetime(2026, 3, 2, 8, tzinfo=UTC), HandleRef("x", "ana", "Ana")
source = Connection.objects.create(workspace=where, channel="x")
for part in range({posts} // 10_000):
    log.append(source, [
        Activity(verb=Verb.CREATE, object_type=ObjectType.NOTE, native_id=f"m{{n}}", happened_at=begin + timedelta(minutes=n), actor=ana,
                 text="bread", props={{"likes": n % 50, "shares": 1}})
        for n in range(part * 10_000, part * 10_000 + 10_000)], begin)
    if not part:
        pipeline.catch_up()  # who they are; the posts themselves are read from the log
found = account.find(where, public_id(handle_key(bytes(where.secret), "x", "ana")))
began = time.perf_counter()
posts = Posts(found, date(2026, 3, 1), date(2026, 6, 1))
assert posts.n == {posts} and posts.rates
print(time.perf_counter() - began)
"""


def run() -> None:
    title("Reading: files without a database, and an account's posts")
    person = 'Ana.{0}@x.org,Ana,García {0},6{0:08d},Acme,CEO,Madrid,España,1980-05-0{1},"vip, local",2024-01-02 10:11:12,{0}\n'
    contacts = (
        b"Email,First Name,Last Name,Phone,Company,Job Title,City,Country,Birthday,Tags,Created,Budget\n"
        + "".join(person.format(number, number % 9 + 1) for number in range(CONTACTS)).encode()
    )
    plain = _rate(contacts, CONTACTS, lambda file: sum(1 for _ in csv.DictReader(io.TextIOWrapper(file, "utf-8"))))
    reader = channels()["contacts"]
    rate = _rate(contacts, CONTACTS, lambda file: sum(1 for _ in reader.read(file, _OPTIONS)))
    row("contacts as facts", f"{rate:,.0f} rows/s", ">= 15,000", f"csv.DictReader {plain:,.0f}", rate / plain)
    table = b"Email,First,Last,Phone,Company,Job,City,Country,Born,Tags,Created,Budget\n" + (
        b'ana@x.org,Ana,Gil,600000001,Acme,CEO,Madrid,ES,1980-01-01,"a, b",2024-01-01,12\n' * ROWS
    )
    plain = _rate(table, ROWS, lambda file: sum(1 for _ in csv.reader(io.TextIOWrapper(file, "utf-8"))))
    rate = _rate(table, ROWS, lambda file: sum(1 for _ in open_table(file, _OPTIONS).rows))
    row("table of 12 columns", f"{rate:,.0f} rows/s", ">= 60,000", f"csv.reader {plain:,.0f}", rate / plain)
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_account(Path(folder) / str(posts), posts) for posts in (POSTS // 10, POSTS))
    row(f"statistics of an account, {POSTS:,} posts", f"{many:.2f} s", "< 1 s", f"{POSTS // 10:,} posts: {few:.2f} s", many / few)


def _rate(data: bytes, rows: int, read: Callable[[BinaryIO], int]) -> float:
    began = time.perf_counter()
    assert read(io.BytesIO(data)) >= rows
    return rows / (time.perf_counter() - began)


def _account(home: Path, posts: int) -> float:
    make_workspace(home)
    return float(python(home, _ACCOUNT.format(posts=posts)).splitlines()[-1])
