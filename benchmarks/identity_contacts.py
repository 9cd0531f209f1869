"""Contacts of four languages at any size, a fifth of them the same person once more: always the same rows for the same number, and the truth beside.

A person entered again is typed anew: slips of the fingers, nicknames, one surname of two, no accents, another e-mail or phone, an address they left.
Namesakes, families with one address and one phone, and offices with one e-mail stand beside them.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np

from vincle.project.demo.names import COMPANIES, DOMAINS, NAMES, STREETS, misspelt, plain
from vincle.store.folding import fold

HEADINGS = ("First name", "Last name", "Email", "Phone", "Birthday", "Street", "City", "Postcode", "Country", "Company", "Job title")
AGAIN = 0.2
FAMILY = 16  # one in as many lives with the one before them
LANGUAGES = ("ca", "es", "en", "it")
SHARES = (25, 35, 25, 15)
#  Surnames that are rarer than those in the lists, made of parts that the language makes them of.
PARTS = {
    "en": (
        "Ash Black Brad Brook Burn Carl Clay Cross Dal East Farn Gold Hart Hazel Holl Kings Lang Lyn Mar Nor Old Pem Radc Sand Shel Stan Thorn Wake West Wind".split(),
        "bourne bridge bury by combe cott den field ford ham hurst land leigh ley man mere more ridge shaw stead ton wall ward way well wick wood worth".split(),
    ),
    "it": (
        "Albert Barb Bell Bern Bert Bon Cal Cant Cavall Cors Dall Dond Fab Fald Fior Gall Gamb Ghir Guid Lor Magn Mant Mor Nard Oll Pell Perr Quar Rav Salv Sant Tav Tramp Vend Zan".split(),
        "acci accio aldi andi ani ardi aro assi atti azzi elli eri erini ese etti iani ico ieri ini inelli oldi one oni otti ozzi ucci ulli uzzo".split(),
    ),
    "ca": ("Bar Bonas Cap Carb Case Castell Cod Dom Escur Fer Font Gar Gom Lla Mar Mas Mon Oll Pa Puigd Rib Roc Sal Sub Tor Vall Vil".split(),
           "a adell agut alt anyà ats bella blanc delmunt dera devall ell ella er eres et eta ona onell ons ora ot sec tort ull".split()),
    "es": ("Agu Arr Bar Ber Cald Carr Ced Col Esp Fuent Gal Her Lar Mal Mend Mor Nav Oj Pal Per Quint Riv Sald Tal Ur Val Vill Zam Zub".split(),
           "ada alba aldo alejo alta ana arte azo edo eda ejo enar era ería ero eta illa illo iz izo ona ones oso uelo uera ueta".split()),
}  # fmt: skip
JOBS = "Owner Director Sales Accounts Reception Buyer Marketing Assistant Engineer Teacher Nurse Cook Designer Driver Lawyer".split()
OFFICES = ("info", "hello", "contact", "office", "admin")
KEPT = {"Email": 0.82, "Phone": 0.72, "Birthday": 0.5, "Street": 0.62, "City": 0.85, "Postcode": 0.7, "Company": 0.5, "Job title": 0.4}
Row = dict[str, str]


def write(path: Path, rows: int) -> np.ndarray:
    """Write `rows` contacts as CSV, mixed up; returns who each is, int64."""
    who, entry = _order(rows)
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        for line in _lines(who, entry):
            out.writerow([line[heading] for heading in HEADINGS])
    return who


def _order(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Who each row is, and the how-manieth entry of them: most of those entered again are so once, some up to four times."""
    chance = np.random.default_rng(rows)
    people = round(rows * (1 - AGAIN))
    who = np.concatenate([np.arange(people), np.sort((people * chance.random(rows - people) ** 1.3).astype(np.int64))])
    entry = np.zeros(rows, np.int64)
    again = who[people:]
    first = np.searchsorted(again, again)
    entry[people:] = np.arange(len(again)) - first + 1
    mixed = chance.permutation(rows)
    return who[mixed], entry[mixed]


def _lines(who: np.ndarray, entry: np.ndarray) -> Iterator[Row]:
    for person, number in zip(who.tolist(), entry.tolist(), strict=True):
        line = known(person)
        chance = Random(person * 16 + number + 1)
        if number:
            line = entered_again(line, chance)
        for heading, share in KEPT.items():
            if chance.random() > share:
                line[heading] = ""
        yield line


def known(person: int) -> Row:
    """All there is to know of somebody; one in sixteen lives with the person before."""
    chance = Random(person * 16)
    if person % FAMILY != FAMILY - 1:
        return _somebody(chance)
    other = known(person - 1)
    line = _somebody(chance, other["Last name"])
    line |= {heading: other[heading] for heading in ("Street", "City", "Postcode", "Country")}
    if chance.random() < 0.3:
        line["Phone"] = other["Phone"]
    return line


def _somebody(chance: Random, last: str = "") -> Row:
    language = chance.choices(LANGUAGES, SHARES)[0]
    names = NAMES[language]
    first = chance.choice(names.first)
    if not last:
        last = _surname(language, chance)
        if language in ("es", "ca") and chance.random() < 0.75:
            last = f"{last} {_surname(language, chance)}"
    town, _, start = chance.choice(names.towns)
    return {
        "First name": first, "Last name": last, "Email": _email(first, last, chance), "Phone": _phone(names.prefix, chance),
        "Birthday": (date(1940, 1, 1) + timedelta(days=chance.randrange(23_000))).isoformat(), "Street": _street(chance), "City": town,
        "Postcode": start + f"{chance.randrange(1000):03d}", "Country": names.country,
        "Company": chance.choice(COMPANIES).format(last=_surname(language, chance), town=town), "Job title": chance.choice(JOBS),
    }  # fmt: skip


def _surname(language: str, chance: Random) -> str:
    if chance.random() < 0.55:  # the frequent ones, the first the most
        last = NAMES[language].last
        return last[int(len(last) * chance.random() ** 1.8)]
    beginnings, ends = PARTS[language]
    return chance.choice(beginnings) + chance.choice(ends)


def _email(first: str, last: str, chance: Random) -> str:
    first, last = plain(first), plain(last.split()[0])
    local = chance.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}{last}", f"{last}.{first}", first))
    local += str(chance.randrange(10_000 if len(local) > len(first) else 1_000_000))
    if chance.random() < 0.04:
        return f"{chance.choice(OFFICES)}@{last}.example.com"
    return f"{local}@{chance.choice(DOMAINS)}"


def _phone(prefix: str, chance: Random) -> str:
    return f"{prefix}{chance.randrange(10 ** (12 - len(prefix))):0{12 - len(prefix)}d}"


def _street(chance: Random) -> str:
    return f"{chance.choice(STREETS)} {chance.randrange(1, 200)}"


def entered_again(line: Row, chance: Random) -> Row:
    """The same person as somebody else typed them, maybe years later."""
    line = dict(line)
    names = next(names for names in NAMES.values() if line["First name"] in names.first)
    _typed_name(line, names.short, chance)
    if chance.random() < 0.35:
        line["Email"] = _email(line["First name"], line["Last name"], chance)
    elif chance.random() < 0.08:
        local, _, domain = line["Email"].partition("@")
        line["Email"] = f"{misspelt(local, chance)}@{domain}"
    if chance.random() < 0.25:
        line["Phone"] = _phone(names.prefix, chance)
    elif chance.random() < 0.5:
        line["Phone"] = f"{line['Phone'][3:6]} {line['Phone'][6:9]} {line['Phone'][9:]}"
    if chance.random() < 0.06:
        line["Birthday"] = _misdated(line["Birthday"], chance)
    if chance.random() < 0.25:
        town, _, start = chance.choice(names.towns)
        line |= {"Street": _street(chance), "City": town, "Postcode": start + f"{chance.randrange(1000):03d}"}
    if chance.random() < 0.3:
        line |= {"Company": "", "Job title": chance.choice(JOBS)}
    return line


def _typed_name(line: Row, short: dict[str, str], chance: Random) -> None:
    first, last = line["First name"], line["Last name"]
    if chance.random() < 0.2:
        first = short.get(first, first)
    elif chance.random() < 0.08:
        first = first[0] + "."
    if chance.random() < 0.12:
        first = misspelt(first, chance)
    if " " in last and chance.random() < 0.35:
        last = last.split()[0]
    if chance.random() < 0.15:
        last = misspelt(last, chance)
    if chance.random() < 0.3:
        first, last = fold(first).title(), fold(last).title()
    if chance.random() < 0.08:
        first, last = first.upper(), last.upper()
    if chance.random() < 0.02:
        first, last = last, first
    line["First name"], line["Last name"] = first, last


def _misdated(day: str, chance: Random) -> str:
    year, month, number = day.split("-")
    if int(number) <= 12 and chance.random() < 0.5:
        return f"{year}-{number}-{month}"
    return f"{year[:3]}{chance.randrange(10)}-{month}-{number}"
