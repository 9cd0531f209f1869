"""Import of 100,000 contacts, new and then updated, with identity; beside one ORM row at a time."""

import csv
import random
import tempfile
from pathlib import Path

from .common import python, row, title, vincle

ROWS = 100_000
DUPLICATES = 0.05
HEADINGS = (
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Job Title",
    "Company Name",
    "City",
    "Postal Code",
    "Country/Region",
    "Birthday",
    "Tags",
)
FIRST = "Anna Joan Núria Marc Laia Pau Giulia Luca Marta Jordi Sofia Matteo Carla Pol Elena Oriol Chiara Aina Biel Clara".split()
LAST = "Serra Vidal Puig Rossi Bianchi García Ferrer Soler Roca Martí Costa Ribas Esposito López Sala Font Vila Prat Moretti Camps".split()


def write_contacts(path: Path, rows: int, seed: int, edition: int) -> None:
    """A CRM export of 12 columns; `edition` changes job and city of everyone, so that a second one updates."""
    chance = random.Random(seed)
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        people = int(rows * (1 - DUPLICATES))
        for number in range(rows):
            who = number if number < people else chance.randrange(people)
            first, last = FIRST[who % 20], LAST[who // 20 % 20]
            out.writerow((
                who, first, last, f"{first}.{last}.{who}@example{who % 97}.org".lower(), f"+34 6{who:08d}", f"Role {who % 50} {edition}", f"Company {who % 9000}",
                ("Barcelona", "Reus", "Vic", "Milano")[(who + edition) % 4], f"{8000 + who % 999:05d}", "Spain", f"19{50 + who % 50}-0{1 + who % 9}-1{who % 9}",
                "newsletter" if who % 3 else "vip;newsletter",
            ))  # fmt: skip


def run(rows: int = ROWS) -> None:
    title(f"Import of {rows:,} contacts (CSV, {len(HEADINGS)} columns, {DUPLICATES:.0%} duplicates), until people stand in the list")
    with tempfile.TemporaryDirectory() as folder:
        home, first, second = Path(folder) / "home", Path(folder) / "first.csv", Path(folder) / "second.csv"
        write_contacts(first, rows, 1, 1)
        write_contacts(second, rows, 1, 2)
        make_workspace(home)
        slow = _one_by_one(Path(folder) / "baseline", first)
        for path, target, label in ((first, 10_000, "new rows"), (second, 4_000, "updated rows")):
            ran = vincle(home, "import", str(path), "--json")
            report = ran.answer["files"][0]
            assert report["rows"] == rows, report
            assert report["new"] == rows, report
            speed = rows / report["seconds"]
            row(
                label,
                f"{speed:,.0f} /s, {ran.peak_mb:.0f} MB",
                f">= {target:,} /s, < 400 MB",
                f"Django ORM, row by row: {slow:,.0f} /s",
                speed / slow,
            )


def make_workspace(home: Path) -> None:
    home.mkdir(parents=True)
    code = (
        "import django; django.setup()\n"
        "from vincle.project.commands.serve import prepare; prepare()\n"
        "from vincle.accounts.models import Workspace; Workspace.objects.create(slug='bench', name='Bench')"
    )
    python(home, code)


def _one_by_one(home: Path, path: Path, rows: int = 2000) -> float:
    """Rows a second of the obvious way: look each e-mail and phone up, save person, handles and profile through the ORM, in one transaction."""
    make_workspace(home)
    code = f"""
import csv, time, django; django.setup()
from django.db import transaction
from django.utils import timezone
from vincle.accounts.models import Workspace
from vincle.listen.models import Handle
from vincle.identify.models import Belonging, Person
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key
where, now = Workspace.objects.get(), timezone.now()
secret = bytes(where.secret)
with open({str(path)!r}, newline="") as file:
    table = list(csv.DictReader(file))[:{rows}]
began = time.monotonic()
with transaction.atomic():
    for line in table:
        keys = [(kind, value, handle_key(secret, kind, value)) for kind, value in (("email", line["Email"]), ("phone", line["Phone Number"]), ("external", line["Record ID"]))]
        known = Belonging.objects.filter(handle__in=[key for *_, key in keys]).first()
        person = known.person if known else Person.objects.create(id=keys[0][2], workspace=where, first_seen=now, is_identified=True).pk
        for kind, value, key in keys:
            Handle.objects.get_or_create(key=key, defaults=dict(workspace=where, kind=kind, value=value, first_seen=now))
            Belonging.objects.get_or_create(handle=key, defaults=dict(workspace=where, person=person))
        name = line["First Name"] + " " + line["Last Name"]
        Profile.objects.update_or_create(person=person, defaults=dict(workspace=where, name=name, search=name.lower(), traits=line, known_since=now))
print(len(table) / (time.monotonic() - began))
"""
    return float(python(home, code))
