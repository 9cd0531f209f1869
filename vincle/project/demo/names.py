"""Names as people of four languages bear, shorten and misspell them."""
# ruff: noqa: E501

from random import Random
from typing import Final, NamedTuple

from vincle.store.folding import fold


class Names(NamedTuple):
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]  # town, region, start of the postcode
    country: str
    prefix: str
    short: dict[str, str]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES: Final[dict[str, Names]] = {
    "ca": Names(
        _split("Núria Montserrat Mercè Jordi Montse Laia Marta Anna Pau Oriol Arnau Marc Gemma Roser Dolors Meritxell Mireia Albert Àlex Aina Clàudia "
               "Júlia Ferran Xavier Joan Josep Carme Neus Berta Guillem Martí Biel Bernat Carles Eulàlia Ester Helena Jaume Judit Lluís Miquel Mònica "
               "Pere Quim Raquel Rosa Sílvia Teresa Toni Txell Vicenç Abril Aleix Blanca Èric Gerard Ivet Ona Queralt Quirze Sergi Tània"),
        _split("Serra Vidal Puig Ferrer Roca Soler Vila Bosch Pujol Mas Sala Costa Font Riera Camps Casals Coll Comas Duran Esteve Fàbregas Gibert "
               "Grau Juanola Llobet Marquès Masó Mir Molins Noguer Oliveras Pagès Palau Pla Planas Prat Quintana Rabassa Rovira Sabater Sunyer "
               "Torrent Trias Tura Valls Verdaguer Vilà Xifra Bofill Carreras Danés Espinosa Figueras Garriga"),
        (("Girona", "Girona", "17"), ("Salt", "Girona", "17"), ("Figueres", "Girona", "17"), ("Olot", "Girona", "17"), ("Banyoles", "Girona", "17"),
         ("Barcelona", "Barcelona", "08"), ("Palamós", "Girona", "17"), ("Vic", "Barcelona", "08"), ("Cassà de la Selva", "Girona", "17")),
        "ES", "+346", {"Montserrat": "Montse", "Xavier": "Xavi", "Francesc": "Cesc", "Josep": "Pep", "Meritxell": "Txell", "Dolors": "Lola", "Jordi": "Jordi",
                       "Guillem": "Guillem", "Joan": "Joanet", "Eulàlia": "Laia", "Miquel": "Miki", "Albert": "Bertu", "Mercè": "Mercè", "Núria": "Nuri"},
    ),
    "es": Names(
        _split("María Carmen Lucía Javier Sergio Pablo Daniel Laura Cristina Elena Raquel Rubén Álvaro Adrián Beatriz Rocío Inés Nerea Iker Ainhoa "
               "Manuel Antonio Francisco José Pilar Rosario Isabel Ana Alberto Alejandro Andrea Carlos David Diego Esther Eva Fernando Gonzalo Hugo "
               "Irene Jesús Jorge Juan Lorena Luis Marcos Mario Miguel Natalia Olga Óscar Patricia Paula Rafael Ramón Roberto Sara Silvia Sonia "
               "Susana Tomás Vanesa Verónica Víctor Yolanda"),
        _split("García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero "
               "Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz "
               "Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano Prieto Méndez Cruz Calvo Gallego"),
        (("Girona", "Girona", "17"), ("Barcelona", "Barcelona", "08"), ("Madrid", "Madrid", "28"), ("Zaragoza", "Zaragoza", "50"), ("Valencia", "Valencia", "46"),
         ("Figueres", "Girona", "17"), ("Sevilla", "Sevilla", "41"), ("Bilbao", "Bizkaia", "48")),
        "ES", "+346", {"Francisco": "Paco", "José": "Pepe", "María": "Mari", "Manuel": "Manolo", "Rosario": "Charo", "Antonio": "Toño", "Isabel": "Isa",
                       "Alejandro": "Álex", "Beatriz": "Bea", "Cristina": "Cris", "Javier": "Javi", "Jesús": "Chus", "Rafael": "Rafa", "Sergio": "Sergi"},
    ),
    "en": Names(
        _split("Emma Oliver Charlotte James Sophie Thomas Emily Jack Hannah George Alice Harry Grace Liam Chloe Noah Lucy Ethan Ruby Samuel Megan Daniel "
               "Ella Benjamin Katherine William Robert Elizabeth Margaret Andrew Christopher Jennifer Rebecca Matthew Nicholas Joanna Patrick Siobhán "
               "Fiona Duncan Rhys Eleanor Theodore Abigail Frederick Victoria"),
        _split("Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson "
               "Clarke Harris Hughes Edwards Turner O'Brien O'Connor Murphy Kelly Byrne Ryan McCarthy Walsh Campbell Stewart MacLeod Fraser Reid "
               "Ashworth Whitfield"),
        (("Girona", "Girona", "17"), ("Barcelona", "Barcelona", "08"), ("Palamós", "Girona", "17"), ("Banyoles", "Girona", "17"), ("Sitges", "Barcelona", "08")),
        "ES", "+346", {"Katherine": "Kate", "William": "Bill", "Robert": "Bob", "Elizabeth": "Liz", "Margaret": "Peggy", "Andrew": "Drew", "Thomas": "Tom",
                       "Christopher": "Chris", "Jennifer": "Jen", "Rebecca": "Becky", "Matthew": "Matt", "Nicholas": "Nick", "Joanna": "Jo",
                       "Samuel": "Sam", "Benjamin": "Ben", "Theodore": "Ted", "Eleanor": "Nell", "Abigail": "Abby", "Frederick": "Fred", "Victoria": "Vicky"},
    ),
    "it": Names(
        _split("Giulia Francesca Chiara Alessandro Matteo Lorenzo Davide Federica Elisa Martina Andrea Luca Marco Simone Riccardo Valentina Ilaria Sara "
               "Giuseppe Giovanni Antonella Elisabetta Domenico Salvatore Vincenzo Caterina Stefano Paolo Beatrice Camilla Filippo Tommaso Niccolò "
               "Ginevra Arianna Emanuele Gabriele Daniela Silvia Roberto"),
        _split("Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De Luca Mancini Costa Giordano Rizzo Lombardi "
               "Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Parodi Canepa "
               "Pastorino Bruzzone Traverso"),
        (("Genova", "Genova", "16"), ("Torino", "Torino", "10"), ("Milano", "Milano", "20"), ("Alghero", "Sassari", "07"), ("Bologna", "Bologna", "40")),
        "IT", "+3934", {"Francesca": "Franci", "Giuseppe": "Beppe", "Giovanni": "Gianni", "Elisabetta": "Betta", "Alessandro": "Ale", "Domenico": "Mimmo",
                       "Salvatore": "Totò", "Vincenzo": "Enzo", "Caterina": "Cate", "Valentina": "Vale", "Federica": "Fede", "Lorenzo": "Lollo"},
    ),
}  # fmt: skip
DOMAINS: Final = (
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "correu.example.org",
    "correo.example.com",
    "posta.example.net",
    "inbox.example.org",
)
COMPANIES: Final = (
    "Fleca {last}", "Hotel {last}", "Restaurant Can {last}", "Llibreria {last}", "Cooperativa {town}", "Coworking {town}", "Gestoria {last}", "Pastisseria {last}",
    "Hostal {town}", "Estudi {last} Arquitectes", "Forn de pa {last}", "Celler {last}", "Clínica {last}", "Escola {town}",
)  # fmt: skip
STREETS: Final = (
    "Carrer Nou",
    "Carrer de la Força",
    "Rambla de la Llibertat",
    "Calle Mayor",
    "Avinguda de Sant Narcís",
    "Carrer de Mar",
    "Via Garibaldi",
    "Plaça del Vi",
)
_NEIGHBOURS: Final = {
    "a": "sq",
    "b": "vn",
    "c": "xv",
    "d": "sf",
    "e": "rw",
    "g": "fh",
    "i": "uo",
    "l": "k",
    "m": "n",
    "n": "mb",
    "o": "ip",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
}


def misspelt(text: str, random: Random) -> str:
    """The text with one slip of the fingers: two letters swapped, one doubled, one missed, or a neighbour hit."""
    if len(text) < 4:
        return text
    at = random.randrange(1, len(text) - 2)
    slip = random.randrange(4)
    if slip == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    if slip == 2:
        return text[:at] + text[at + 1 :]
    near = _NEIGHBOURS.get(text[at])
    return text[:at] + random.choice(near) + text[at + 1 :] if near else text[:at] + text[at + 1 :]


def plain(text: str) -> str:
    """Letters and digits only, as in user names and addresses.

    >>> plain("Núria O'Brien")
    'nuriaobrien'
    """
    return "".join(letter for letter in fold(text) if letter.isascii() and letter.isalnum())
