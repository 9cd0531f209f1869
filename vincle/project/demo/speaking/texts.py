"""What the café says where a ready-made letter only says what belongs there, by letter and language.

Each heading and text in turn; "" leaves it as it is.
"""

from typing import Final

_HELLO: Final = {"en": "Hello {}", "es": "Hola, {}", "ca": "Hola, {}", "it": "Ciao {}"}
_NAME: Final = '{{ person.first_name | default: "%s" }}'
_FRIEND: Final = {"en": "there", "es": "amigos", "ca": "amics", "it": "amici"}


def _hello(tongue: str) -> str:
    return _HELLO[tongue].replace("{}", _NAME % _FRIEND[tongue])


_NEWS: Final = {
    "en": (
        "Winter hours, and a farm in Huila",
        "the new Huila is in: red apple, panela, a long sweet end. Picked in June, roasted on Mondays and Thursdays.",
        "The terrace has a roof",
        "Rain or not, there is room for twelve outside now, and a stove.",
        "Tasting on 12 December",
        "Six coffees, one table, an hour and a half. Tell us that you are coming.",
    ),
    "es": (
        "Horario de invierno, y una finca en Huila",
        "ha llegado el nuevo Huila: manzana roja, panela, un final largo y dulce. Recogido en junio; lo tostamos lunes y jueves.",
        "La terraza tiene techo",
        "Llueva o no, fuera caben doce, y hay estufa.",
        "Cata el 12 de diciembre",
        "Seis cafés, una mesa, hora y media. Decidnos que venís.",
    ),
    "ca": (
        "Horari d'hivern, i una finca a Huila",
        "ha arribat el nou Huila: poma vermella, panela, un final llarg i dolç. Collit al juny; el torrem dilluns i dijous.",
        "La terrassa té sostre",
        "Plogui o no, a fora hi cabem dotze, i hi ha estufa.",
        "Tast el 12 de desembre",
        "Sis cafès, una taula, una hora i mitja. Digueu-nos que veniu.",
    ),
    "it": (
        "Orario invernale, e una fattoria a Huila",
        "è arrivato il nuovo Huila: mela rossa, panela, un finale lungo e dolce. Raccolto a giugno; lo tostiamo lunedì e giovedì.",
        "La terrazza ha un tetto",
        "Con la pioggia o senza, fuori c'è posto per dodici, e una stufa.",
        "Degustazione il 12 dicembre",
        "Sei caffè, un tavolo, un'ora e mezza. Diteci che venite.",
    ),
}
_OFFER: Final = {
    "en": "you have been with us for a while, and we are glad of it. The next bag is a tenth less, in the shop or by post.",
    "es": "lleváis un tiempo con nosotros, y nos alegra. La próxima bolsa, un diez por ciento menos, en la tienda o por correo.",
    "ca": "fa temps que sou amb nosaltres, i ens n'alegrem. La propera bossa, un deu per cent menys, a la botiga o per correu.",
    "it": "siete con noi da un po', e ne siamo contenti. Il prossimo sacchetto costa un decimo in meno, in negozio o per posta.",
}
WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "news": {tongue: (said[0], f"{_hello(tongue)}, {said[1]}", *said[2:]) for tongue, said in _NEWS.items()},
    "offer": {tongue: ("", f"{_hello(tongue)}, {said}") for tongue, said in _OFFER.items()},
}
