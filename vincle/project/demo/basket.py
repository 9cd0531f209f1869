"""What the shop sells and what the web site shows."""

from functools import cache
from random import Random
from typing import Any, Final

GOODS: Final = (
    ("BEAN-HUILA-250", "Huila 250 g", 9.5), ("BEAN-YIRGA-250", "Yirgacheffe 250 g", 10.9), ("BEAN-HOUSE-1000", "House blend 1 kg", 28.0),
    ("BEAN-DECAF-250", "Decaf 250 g", 10.2), ("BEAN-GESHA-150", "Gesha 150 g", 19.5), ("BEAN-NYERI-250", "Nyeri 250 g", 12.4),
    ("FILTER-100", "Paper filters, 100", 6.5), ("SUB-MONTH", "Subscription, one month", 14.5), ("DRIPPER-V60", "V60 dripper", 18.0),
    ("CUP-LLIGAM", "Cup", 11.0), ("COURSE-BARISTA", "Barista course", 65.0), ("COURSE-LATTE", "Latte art class", 48.0),
    ("GRINDER-HAND", "Hand grinder", 89.0), ("TIN-EMPTY", "Tin", 7.9), ("COOKIES-6", "Six cookies", 5.4),
)  # fmt: skip
_SHORTEST = min(price for _, _, price in GOODS)
_PATHS: Final = (
    ("/", ("Cafè Lligam", "Cafè Lligam", "Cafè Lligam", "Cafè Lligam")), ("/shop", ("Botiga", "Tienda", "Shop", "Negozio")),
    ("/blog/grinding", ("Com moldre", "Cómo moler", "How to grind", "Come macinare")),
    ("/courses", ("Cursos", "Cursos", "Courses", "Corsi")),
    ("/subscription", ("Subscripció", "Suscripción", "Subscription", "Abbonamento")),
    ("/hours", ("Horaris", "Horarios", "Opening hours", "Orari")),
    ("/about", ("Qui som", "Quiénes somos", "About us", "Chi siamo")), ("/contact", ("Contacte", "Contacto", "Contact", "Contatti")),
    ("/cart", ("Cistella", "Carrito", "Basket", "Carrello")),
)  # fmt: skip


def basket(amount: float, random: Random) -> list[dict[str, Any]]:
    """Goods that cost `amount` together; what is missing to the cent is postage."""
    cents = round(amount * 100)
    chosen: list[dict[str, Any]] = []
    while cents >= _SHORTEST * 100 and len(chosen) < 8:
        fitting = [goods for goods in GOODS if goods[2] * 100 <= cents]
        sku, name, price = random.choice(fitting)
        most = int(cents / (price * 100))
        quantity = max(most // 2, 1) if cents > 20_000 else min(most, random.choice((1, 1, 1, 2, 3)))
        chosen.append({"sku": sku, "name": name, "quantity": quantity, "price": price})
        cents -= round(price * 100) * quantity
    if cents:
        chosen.append({"sku": "POSTAGE", "name": "Postage and packing", "quantity": 1, "price": cents / 100})
    return chosen


@cache
def pages(tongue: int) -> tuple[tuple[str, str], ...]:
    """(path, title) of every page of the web site in one language."""
    fixed = [(path, titles[tongue]) for path, titles in _PATHS]
    return tuple(fixed + [(f"/shop/{sku.lower()}", name) for sku, name, _ in GOODS])
