"""One person's names and accounts, as each place knows them."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from vincle.vocabulary import HandleRef

from .kinds import EMAIL, FACEBOOK, INSTAGRAM, LANGUAGES, MASTODON, REVIEWS, SHOP, SOCIAL
from .names import COMPANIES, DOMAINS, NAMES, STREETS, misspelt, plain
from .people import People

NAMESAKES = 0.025
OWN: Final = {
    EMAIL: HandleRef("email", "hola@cafelligam.example", "Cafè Lligam"),
    INSTAGRAM: HandleRef("instagram", "17841400000000001", "@cafelligam"),
    FACEBOOK: HandleRef("facebook", "100000000000001", "Cafè Lligam"), REVIEWS: HandleRef("google", "lligam-girona", "Cafè Lligam"),
    MASTODON: HandleRef("mastodon", "cafelligam@mastodont.example.org", "Cafè Lligam"),
}  # fmt: skip
"""The brand's own accounts."""

_NETWORKS: Final = {INSTAGRAM: "instagram", FACEBOOK: "facebook", MASTODON: "mastodon", REVIEWS: "google"}
_HOSTS: Final = ("mastodont.example.org", "social.example.com", "fedi.example.net")
_WORDS: Final = ("coffee", "cafe", "bcn", "gi", "xx", "photo", "runs", "llegeix", "viu", "mola", "oficial", "books", "bici")


@dataclass
class Identity:
    """Who someone is. `email` is the shop's address, `letters` the newsletter's; they differ for a few."""

    code: str
    language: str
    first: str
    last: str
    company: str
    town: str
    region: str
    postcode: str
    street: str
    country: str
    email: str
    letters: str
    phone: str
    cookies: tuple[str, ...]
    account: int
    users: dict[int, str] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)
    spellings: tuple[str, str] = ("", "")  # as the shop and as the newsletter have it

    @property
    def name(self) -> str:
        return self.company or f"{self.first} {self.last}"

    def mail(self, letters: bool = False) -> HandleRef:
        return HandleRef("email", self.letters if letters else self.email)

    def cookie(self, device: int = 0) -> HandleRef:
        return HandleRef("cookie", self.cookies[min(device, len(self.cookies) - 1)])

    def customer(self) -> HandleRef:
        return HandleRef("external", f"shop:{self.account}")

    def on(self, channel: int) -> HandleRef:
        """The account on a network or review site."""
        return HandleRef(_NETWORKS[channel], self.numbers[channel], self.shown[channel])


def identify(people: People, seed: int, *, share: bool = True) -> list[Identity]:
    """Names and accounts for everyone; some share a name and, if they may, an address."""
    random = Random(seed * 7919 + 5)
    taken: set[str] = set()
    found: list[Identity] = []
    for index in range(people.size):
        language = LANGUAGES[people.language[index]]
        found.append(_identity(index, language, people, random, taken, found))
    if share:
        _share_addresses(found, people, random)
    return found


def _identity(index: int, language: str, people: People, random: Random, taken: set[str], before: list[Identity]) -> Identity:
    names = NAMES[language]
    first, last = random.choice(names.first), random.choice(names.last)
    if language in ("ca", "es") and random.random() < 0.35:
        last = f"{last} {random.choice(names.last)}"
    if before and random.random() < NAMESAKES:
        other = random.choice(before[-400:])
        first, last, language = other.first, other.last, other.language
        names = NAMES[language]
    town, region, start = random.choice(names.towns)
    company = random.choice(COMPANIES).format(last=last.split()[0], town=town) if people.is_organisation[index] else ""
    email = _address(first, last, company, random, taken)
    letters = _address(names.short.get(first, first), last, "", random, taken) if random.random() < 0.1 and not company else email
    person = Identity(
        code=f"P{index:07d}", language=language, first=first, last=last, company=company, town=town, region=region,
        postcode=f"{start}{random.randrange(1, 999):03d}", street=f"{random.choice(STREETS)} {random.randrange(1, 120)}",
        country=names.country, email=email, letters=letters, phone=names.prefix + str(random.randrange(10**7, 10**8)),
        cookies=tuple(f"{random.getrandbits(64):016x}" for _ in range(int(people.devices[index]))),
        account=10_000 + index * 3 + random.randrange(3),
    )  # fmt: skip
    person.spellings = (_spelt(person, random, 0.06), _spelt(person, random, 0.12))
    _accounts(person, people, index, random, taken)
    return person


def _address(first: str, last: str, company: str, random: Random, taken: set[str]) -> str:
    if company:
        local, domain = "info", f"{plain(company)}.example.com"
    else:
        one, two = plain(first), plain(last.split()[0])
        shapes = (f"{one}.{two}", f"{one}{two}", f"{one[0]}{two}", f"{one}_{two}", f"{two}.{one}", f"{one}{random.randrange(60, 100)}",
                  f"{one}.{two}{random.randrange(1, 99)}")  # fmt: skip
        local, domain = random.choice(shapes), random.choice(DOMAINS)
    address, more = f"{local}@{domain}", 1
    while address in taken:
        more += 1
        address = f"{local}{more}@{domain}"
    taken.add(address)
    return address


def _spelt(person: Identity, random: Random, often: float) -> str:
    """The name as its owner types it into a form: mostly right, sometimes short, misspelt, in capitals or without accents."""
    if person.company:
        return person.company
    dice = random.random()
    short = NAMES[person.language].short.get(person.first, person.first)
    if dice < often:
        return misspelt(person.name, random)
    if dice < often * 2:
        return f"{short} {person.last}"
    if dice < often * 2.5:
        return person.name.upper()
    if dice < often * 3:
        return plain(person.first).capitalize() + " " + person.last.split()[0]
    return f"{person.first} {person.last.split()[0]}" if dice > 0.8 else person.name


def _accounts(person: Identity, people: People, index: int, random: Random, taken: set[str]) -> None:
    """User name, lasting number and shown name on each network the person is on."""
    for channel in (*SOCIAL, REVIEWS):
        if not people.on[index, channel]:
            continue
        user = _user(person, random)
        while f"{channel}{user}" in taken:
            user = f"{user}{random.randrange(10)}"
        taken.add(f"{channel}{user}")
        person.users[channel] = user
        person.numbers[channel] = _number(channel, user, random)
        person.shown[channel] = f"@{user}" if channel == INSTAGRAM else _spelt(person, random, 0.1)
        if channel == REVIEWS and random.random() < 0.4:
            person.shown[channel] = f"{person.first} {person.last[0]}."


def _number(channel: int, user: str, random: Random) -> str:
    if channel == MASTODON:
        return f"{user}@{random.choice(_HOSTS)}"
    return str(17_841_400_000_000_000 + random.getrandbits(46) if channel == INSTAGRAM else 10**15 + random.getrandbits(48))


def _user(person: Identity, random: Random) -> str:
    if person.company:
        return plain(person.company)
    called = NAMES[person.language].short.get(person.first, person.first) if random.random() < 0.3 else person.first
    one, two, word = plain(called), plain(person.last.split()[0]), random.choice(_WORDS)
    shapes = (f"{one}.{two}", f"{one}_{two}", f"{one}{two}{random.randrange(70, 100)}", f"{one}_{word}", f"{word}.{one}", f"{one[0]}{two}",
              f"the_{one}", f"{two}{random.randrange(1000)}")  # fmt: skip
    return random.choice(shapes)


def _share_addresses(found: list[Identity], people: People, random: Random) -> None:
    """Every second organisation's info@ address is also the shop address of somebody who works there."""
    organisations = [index for index in range(people.size) if people.is_organisation[index]]
    workers = people.on[:, SHOP] & ~people.is_organisation & ~people.is_subscriber
    buyers = [index for index in range(people.size) if workers[index]]
    for place in organisations[::2]:
        if buyers:
            worker = found[buyers.pop(random.randrange(len(buyers)))]
            worker.email = worker.letters = found[place].email
