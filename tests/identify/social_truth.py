"""A made-up town of people and their accounts, with the truth: who is behind each account. The names and words are written here.

It is meant to be as hard as life: namesakes in one town, families with one phone, addresses of a role, user names that say nothing,
user names taken by somebody else, birthdays typed wrongly, names without accents, short names, one surname of two.
"""

import unicodedata
from dataclasses import dataclass, field
from random import Random

Row = dict[str, str | list[str]]

FIRST = {
    "ca": "Anna:Anna Josep:Pep Maria:Mariona Jordi:Jordi Montserrat:Montse Francesc:Cesc Núria:Nuri Joan:Joanet Laia:Laia "
    "Joaquim:Quim Mercè:Merche "
    "Marc:Marc Eulàlia:Laia Gabriel:Biel Concepció:Conxita Xavier:Xavi Meritxell:Txell Bartomeu:Tomeu Gemma:Gemma "
    "Ramon:Moncho Jaume:Jaume "
    "Antoni:Toni Rosa:Roser Oriol:Uri Carme:Carmeta Lluís:Lluïset Júlia:Juli Ferran:Nan Clara:Clareta Arnau:Nau Sílvia:Sil "
    "Albert:Berto Esteve:Teve Ignasi:Nasi Bernat:Nat Elisabet:Bet Neus:Neu "
    "Ricard:Ric Helena:Lena Guillem:Guille Pere:Peret Blanca:Blanca Cesc:Cesc Aina:Aina Pol:Pol Irene:Ire Roger:Roger "
    "Txell:Txell Martí:Martinet",
    "es": "María:Mari José:Pepe Carmen:Menchu Antonio:Toño Ana:Anita Francisco:Paco Dolores:Lola Manuel:Manolo Isabel:Isa "
    "Javier:Javi Lucía:Luci "
    "Enrique:Kike Pilar:Pili Rafael:Rafa Consuelo:Chelo Ignacio:Nacho Rosario:Charo Alejandro:Álex Beatriz:Bea Eduardo:Edu "
    "Sofía:Sofi Luis:Lucho "
    "Marta:Marta Sergio:Checo Patricia:Patri Alberto:Beto Elena:Nena Daniel:Dani Mercedes:Merche Fernando:Nando Raquel:Raque "
    "Pablo:Pablito Gonzalo:Gonza "
    "Nieves:Nieves Rocío:Roci Tomás:Tomi Julia:Juli Vicente:Chente Inés:Inesita Andrés:Andresito Emilio:Milo Gloria:Yoya "
    "Hugo:Hugo Irene:Ire Óscar:Oski",
    "it": "Giuseppe:Beppe Maria:Mariella Giovanni:Gianni Anna:Nina Antonio:Totò Francesca:Checca Francesco:Ciccio Lucia:Lulù "
    "Vincenzo:Enzo "
    "Giulia:Giuly Salvatore:Turi Elisabetta:Betta Domenico:Mimmo Chiara:Chiara Luigi:Gigi Paola:Paoletta Alessandro:Sandro Federica:Fede "
    "Raffaele:Lello Elena:Lena Lorenzo:Renzo Valentina:Vale Filippo:Pippo Teresa:Resi Tommaso:Maso Simona:Mona Matteo:Teo "
    "Caterina:Rina Bruno:Bruno "
    "Ilaria:Ila Nicola:Cola Silvia:Silvietta Davide:Dado Martina:Marti Pietro:Piero Sara:Saretta Emanuele:Lele Alice:Ali "
    "Stefano:Ste Roberta:Roby",
    "en": "William:Bill Margaret:Peggy John:Jack Elizabeth:Liz Robert:Bob Katherine:Kate James:Jim Susan:Sue Richard:Dick Patricia:Trish "
    "Michael:Mike Jennifer:Jen Thomas:Tom Rebecca:Becky Edward:Ted Victoria:Vicky Charles:Chuck Deborah:Deb Daniel:Dan Alexandra:Lexi "
    "Joseph:Joe Emily:Em Benjamin:Ben Samantha:Sam Andrew:Drew Abigail:Abby Nicholas:Nick Charlotte:Lottie Samuel:Sam "
    "Olivia:Liv Henry:Hank George:Geo Theresa:Tess "
    "Matthew:Matt Barbara:Babs Peter:Pete Jacqueline:Jackie Oliver:Ollie Helen:Nell Martin:Marty Penelope:Penny Leonard:Len "
    "Sarah:Sally Philip:Pip",
}
LAST = {
    "ca": "Puig Vila Serra Ferrer Roca Soler Vidal Mas Pujol Bosch Font Riera Costa Valls Casals Solé Torras Prat Camps Roig "
    "Vilaró Oller Sala Grau "
    "Comas Batlle Coll Planas Sabater Capdevila Rovira Pons Domènech Ribas Cortès Gual Masdéu Fàbregas Cabré Benach "
    "Bonet Carreras Subirats Tarrés Vergés Xirau Nogués Llobet Miralles Escofet Forcada Gispert Hereu Jubany Lluch Matas "
    "Noguera Oliveras Palau",
    "es": "García López Martínez Sánchez Pérez Gómez Fernández Ruiz Díaz Moreno Álvarez Romero Navarro Torres Domínguez "
    "Vázquez Ramos Gil Serrano Blanco "
    "Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Iglesias Núñez Medina Garrido Cortés Castillo Lozano "
    "Guerrero Cano Prieto "
    "Aguilar Bravo Calvo Durán Espinosa Fuentes Gallego Hidalgo Ibáñez Jurado Lara Méndez Nieto Olmedo Pascual Quesada Rivas "
    "Soria Trujillo Urbano",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Mancini Costa "
    "Giordano Rizzo Lombardi Moretti "
    "Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone D'Angelo Longo Gentile Vitale Lombardo Serra "
    "Coppola Parisi Villa "
    "Amato Basile Cattaneo Donati Ferri Grassi Izzo Lazzari Monti Negri Orlandi Pellegrini Riva Sartori Testa Valentini "
    "Zanella Bellini Farina",
    "en": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green "
    "Hall Wood Jackson Clarke "
    "Harris Clark Turner Hill Cooper Ward Moore Baker King Morris O'Neill Bell Hughes Carter Parker Bennett Mitchell Campbell "
    "Shaw Foster "
    "Abbott Barnes Chapman Dawson Elliott Fletcher Gibson Hawkins Ingram Jennings Knight Lambert Marsh Newton Osborne Palmer "
    "Quinn Reeves Saunders",
}
TOWNS = {
    "ca": "Barcelona Girona Vic Manresa Lleida Reus Olot Mataró",
    "es": "Madrid Sevilla Valencia Zaragoza Málaga Bilbao Cádiz",
    "it": "Milano Roma Napoli Torino Bologna Palermo",
    "en": "London Leeds Bristol Dublin Oxford York",
}
CRAFTS = (
    "barista teacher nurse potter cyclist gardener architect violinist baker climber translator lawyer runner illustrator "
    "photographer beekeeper"
).split()
LOVES = (
    "espresso vinyl hiking sourdough jazz chess cats dogs ferments poetry surf trains ceramics knitting astronomy volleyball "
    "comics tango "
    "mushrooms orchids typography castells opera padel"
).split()
PLACES = "mountains sea station market river old_town university harbour library".split()
WHIMS = "wolf moon coffee pixel luna tigre nube stella lupo fox rain panda storm olive pepper sugar quijote banjo kiwi atlas".split()
NETWORKS = ("x", "instagram", "mastodon", "facebook")
MAILS = "example.com example.org mail.example example.net".split()
ROLES = "info hola shop office".split()


@dataclass
class Person:
    number: int
    language: str
    first: str
    short: str
    lasts: list[str]
    town: str
    birthday: str
    phone: str
    handle: str
    craft: str
    loves: list[str]
    place: str
    avatar: int | None
    website: str
    mail: str
    year: str
    taken: set[str] = field(default_factory=set)


def social_accounts(people: int = 1000, seed: int = 7) -> tuple[list[Row], list[int]]:
    """(rows, truth): accounts in mixed order, as rows of field -> text or texts, and the number of the person behind each."""
    chance = Random(seed)
    town = _people(people, chance)
    used: set[str] = set()
    made = [(row, person.number) for person in town for row in _accounts(person, chance, used)]
    chance.shuffle(made)
    return [row for row, _ in made], [number for _, number in made]


def _people(size: int, chance: Random) -> list[Person]:
    found: list[Person] = []
    for number in range(size):
        kin = chance.choice(found) if found and chance.random() < 0.14 else None
        person = _person(number, chance)
        if kin and chance.random() < 0.45:  # a namesake in the same town
            person.language, person.first, person.short, person.lasts, person.town = (
                kin.language,
                kin.first,
                kin.short,
                list(kin.lasts),
                kin.town,
            )
        elif kin:  # a family: one surname, one town, often one phone, sometimes one address or one birthday
            person.language, person.lasts, person.town = kin.language, [kin.lasts[0], *person.lasts[1:]], kin.town
            person.first, person.short = chance.choice(FIRST[kin.language].split()).split(":")
            person.phone = kin.phone if chance.random() < 0.6 else person.phone
            person.mail = kin.mail if chance.random() < 0.1 else ""
            person.birthday = kin.birthday if chance.random() < 0.08 else person.birthday
        person.handle = _handle(person, chance)
        person.mail = (
            person.mail or f"{_handle(person, chance)}{chance.choice(['', '', str(chance.randint(1, 99))])}@{chance.choice(MAILS)}"
        )
        found.append(person)
    return found


def _person(number: int, chance: Random) -> Person:
    language = chance.choices(list(FIRST), (4, 3, 2, 2))[0]
    first, short = _often(FIRST[language].split(), chance).split(":")
    lasts = [_often(LAST[language].split(), chance).replace("_", " ") for _ in range(2 if language in {"ca", "es"} else 1)]
    birthday = f"{chance.randint(1945, 2007)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return Person(
        number,
        language,
        first,
        short,
        lasts,
        chance.choice(TOWNS[language].split()),
        birthday,
        f"+34 6{chance.randint(10_000_000, 99_999_999)}",
        "",
        chance.choice(CRAFTS),
        chance.sample(LOVES, 3),
        chance.choice(PLACES).replace("_", " "),
        chance.getrandbits(64) if chance.random() < 0.7 else None,
        "",
        "",
        birthday[2:4],
    )


def _often(words: list[str], chance: Random) -> str:
    """The first ones are the common ones."""
    return words[min(int(chance.triangular(0, len(words), 0)), len(words) - 1)]


def plain(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text.replace("l·l", "ll")) if not unicodedata.combining(letter))


def _handle(person: Person, chance: Random) -> str:
    first, short = plain(person.first).lower(), plain(person.short).lower()
    last = plain(person.lasts[0]).lower().replace(" ", "").replace("'", "")
    second = plain(person.lasts[-1]).lower().replace(" ", "").replace("'", "")
    love, whim = chance.choice(person.loves), chance.choice(WHIMS)
    shapes = [
        f"{first}{last}",
        f"{first}_{last}",
        f"{first}.{last}",
        f"{first[0]}{last}",
        f"{last}{first}",
        f"{last}_{first}",
        f"{short}{last}",
        f"{short}.{last}",
        f"{first}{last}{person.year}",
        f"{first}{person.year}",
        f"{short}{person.year}",
        f"{first}{last[0]}",
        f"{first}",
        f"{first}{last[:3]}{second[:3]}",
        f"the_{short}_{last}",
        f"{short}{whim}",
        f"{whim}{love}",
        f"{love}_{whim}{chance.randint(1, 99)}",
        f"{first}.{love}",
        f"{whim}_{chance.choice(WHIMS)}",
        f"{first}{last}.{person.craft}",
        f"real{first}{last}",
        f"{first}{last}".replace("a", "4", 1).replace("i", "1", 1),
        f"{short}_{plain(person.town).lower()}",
    ]
    return chance.choice(shapes)


def _varied(handle: str, chance: Random) -> str:
    return chance.choice(
        [
            handle,
            handle,
            handle,
            handle.title(),
            handle.replace("_", "."),
            handle.replace(".", "_"),
            handle.replace("_", ""),
            f"{handle}_",
            f"_{handle}",
            f"{handle}bcn",
            f"{handle}_oficial",
            f"the{handle}",
            f"{handle}{chance.randint(1, 99)}",
            f"{handle}.photo",
        ]
    )


def _accounts(person: Person, chance: Random, used: set[str]) -> list[Row]:
    networks = chance.sample(NETWORKS, chance.choices((0, 1, 2, 3), (2, 5, 4, 2))[0])
    if networks and chance.random() < 0.02:
        networks.append(networks[0])
    rows = [_account(person, network, chance, used) for network in networks]
    for _ in range(chance.choices((0, 1, 2), (4, 5, 2))[0] or (not rows)):
        rows.append(_contact(person, chance))
    return rows


def _account(person: Person, network: str, chance: Random, used: set[str]) -> Row:
    handle = _varied(person.handle, chance) if chance.random() < 0.62 else _handle(person, chance)
    while f"{network}:{handle.lower()}" in used:
        handle = f"{handle}{chance.randint(1, 999)}"
    used.add(f"{network}:{handle.lower()}")
    row: Row = {"username": f"{network}:{handle}" + ("@social.example" if network == "mastodon" else "")}
    name = _shown(person, chance)
    if name:
        row["name"] = name
    if chance.random() < 0.5:
        row["bio"] = _bio(person, chance)
    if chance.random() < 0.35:
        row["city"] = person.town
    if person.avatar is not None and chance.random() < 0.6:
        row["avatar_hash"] = f"{_worn(person.avatar, chance):016x}"
    elif chance.random() < 0.03:
        row["avatar_hash"] = "3c7e1899db183c66"  # the sign of a club that many wear
    if chance.random() < 0.06:
        row["email"] = person.mail
    return row


def _contact(person: Person, chance: Random) -> Row:
    row: Row = {"first_name": person.first, "last_name": " ".join(person.lasts)}
    if chance.random() < 0.25:
        row = {"first_name": plain(person.first), "last_name": plain(person.lasts[0])}
    elif chance.random() < 0.12:
        row["first_name"] = person.short
    kind = chance.random()
    if kind < 0.75:
        row["email"] = person.mail if chance.random() < 0.8 else f"{_handle(person, chance)}@{chance.choice(MAILS)}"
    elif kind < 0.85:
        row["email"] = f"{chance.choice(ROLES)}@{plain(person.town).lower()}.example"
    if chance.random() < 0.6:
        row["phone"] = person.phone if chance.random() < 0.5 else person.phone.removeprefix("+34 ")
    if chance.random() < 0.5:
        row["birthday"] = _birthday(person, chance)
    if chance.random() < 0.7:
        row["city"] = person.town
    return row


def _birthday(person: Person, chance: Random) -> str:
    year, month, day = person.birthday.split("-")
    if chance.random() < 0.05:
        return chance.choice(
            [f"{year}-{day}-{month}" if int(day) < 13 else f"{year}-{month}-01", f"{int(year) + 1}-{month}-{day}", "1990-01-01"]
        )
    return person.birthday


def _shown(person: Person, chance: Random) -> str:
    first, short, last = person.first, person.short, person.lasts[0]
    both = " i ".join(person.lasts) if person.language == "ca" and chance.random() < 0.4 else " ".join(person.lasts)
    shapes = [
        f"{first} {both}",
        f"{first} {last}",
        f"{first} {last}",
        plain(f"{first} {last}"),
        f"{short} {last}",
        first,
        short,
        f"{first} {last[0]}.",
        f"{first[0]}. {last}",
        f"{first} {last} | {person.craft}",
        f"{last.upper()} {first}",
        f"{first} 🌿",
        f"{last}, {first}",
        "",
        chance.choice(WHIMS).title(),
    ]
    return chance.choice(shapes)


def _bio(person: Person, chance: Random) -> str:
    loves = person.loves[:]
    chance.shuffle(loves)
    shown = loves[: chance.choice((2, 3))]
    shapes = [
        f"{person.craft.title()} in {person.town}. {', '.join(shown)}.",
        f"{' · '.join(shown)} | {person.craft} near the {person.place}",
        f"I love {' and '.join(shown)}. {person.craft}.",
        f"{person.craft}, {person.town}, {' / '.join(shown)}, by the {person.place}",
    ]
    return chance.choice(shapes)


def _worn(avatar: int, chance: Random) -> int:
    """The hash of the picture as another network saved it: a few bits off, or another crop."""
    for _ in range(chance.choice((0, 0, 1, 2, 3, 5, 8))):
        avatar ^= 1 << chance.randrange(64)
    return avatar
