"""How easy was it? The customer effort score, and what made it hard."""

from ..definition.model import Survey
from .parts import ces, dropdown, long_text, made, multiple, page
from .words import OTHER, letter, t, welcome

NAME = t("How easy was it?", "¿Fue fácil?", "È stato facile?", "Va ser fàcil?")
USE = t(
    "The customer effort score (CES), and what costs people effort.",
    "El esfuerzo del cliente (CES), y qué le cuesta esfuerzo.",
    "Lo sforzo del cliente (CES), e che cosa gli costa fatica.",
    "L’esforç del client (CES), i què li costa esforç.",
)
_WHY = t(
    "you wanted to get something done with us. We would like to know how much effort it took you.",
    "querías resolver algo con nosotros. Nos gustaría saber cuánto esfuerzo te costó.",
    "volevi ottenere qualcosa da noi. Vorremmo sapere quanta fatica ti è costata.",
    "volies resoldre alguna cosa amb nosaltres. Ens agradaria saber quant d’esforç et va costar.",
)
_DO = t(
    "Each week we look at what took people the most effort, take the first thing on the list and make it simpler.",
    "Cada semana miramos qué costó más esfuerzo, tomamos lo primero de la lista y lo hacemos más sencillo.",
    "Ogni settimana guardiamo che cosa è costato più fatica, prendiamo la prima cosa della lista e la rendiamo più semplice.",
    "Cada setmana mirem què va costar més esforç, agafem el primer de la llista i ho fem més senzill.",
)
_EASY = t(
    "We made it easy for me to get done what I wanted.",
    "Me resultó fácil resolver lo que quería.",
    "È stato facile ottenere ciò che volevo.",
    "Em va resultar fàcil resoldre el que volia.",
)
_WHERE = t("Where was it?", "¿Dónde fue?", "Dove è successo?", "On va ser?")
_HARD = t("What made it hard?", "¿Qué lo hizo difícil?", "Che cosa l’ha reso difficile?", "Què ho va fer difícil?")
_EASIER = t(
    "What would have made it easier?",
    "¿Qué lo habría hecho más fácil?",
    "Che cosa l’avrebbe reso più facile?",
    "Què ho hauria fet més fàcil?",
)
_PLACES = [
    ("web", t("On the web site", "En la web", "Sul sito", "Al web")), ("phone", t("On the phone", "Por teléfono", "Al telefono",
    "Per telèfon")),
    ("mail", t("By e-mail", "Por correo", "Per e-mail", "Per correu")), ("shop", t("In the shop", "En la tienda", "In negozio",
    "A la botiga")),
    ("chat", t("In a chat", "En un chat", "In una chat", "En un xat")), ("other", OTHER),
]  # fmt: skip
_OBSTACLES = [
    ("find", t("I could not find it", "No lo encontraba", "Non lo trovavo", "No ho trobava")),
    ("wait", t("I had to wait", "Tuve que esperar", "Ho dovuto aspettare", "Vaig haver d’esperar")),
    ("repeat", t("I had to say things twice", "Tuve que repetirme", "Ho dovuto ripetermi", "Vaig haver de repetir-me")),
    ("unclear", t("It was not clear", "No estaba claro", "Non era chiaro", "No estava clar")),
    ("steps", t("Too many steps", "Demasiados pasos", "Troppi passaggi", "Massa passos")),
    ("other", OTHER),
]


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 1), welcome(NAME, 1), [
        page("effort", {}, [
            ces("easy", _EASY),
            dropdown("where", _WHERE, _PLACES),
            multiple("hard", _HARD, _OBSTACLES, show_if="{easy} <= 4", shuffled=True),
            long_text("easier", _EASIER, show_if="answered({easy})"),
        ]),
    ])  # fmt: skip
