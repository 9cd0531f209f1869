"""The ready structure: a page for each area of the company, one for each product or service, the general questions last.

It is what the report asks for: areas and products can be weighed against each other, and the general question, asked last,
    is what they explain.
"""

from ..definition.model import Area, Item, Page, Subject, Survey, Texts
from .parts import email, likert, long_text, made, matrix, multiple, nps, page, single
from .words import ANYTHING, CALL_BACK, EMAIL, LIKELY, MEND, NO, OVERALL, RECOMMEND, SATISFIED, YES, letter, t, welcome

NAME = t("How satisfied are you with us?", "¿Estás satisfecho con nosotros?", "Sei soddisfatto di noi?", "Estàs satisfet de nosaltres?")
USE = t(
    "The whole: by area of the company, by product or service, general questions last. For the report of what to mend first.",
    "Todo: por áreas de la empresa, por producto o servicio, y lo general al final. Para el informe de qué mejorar primero.",
    "L’insieme: per area dell’azienda, per prodotto o servizio, le domande generali alla fine. Per il rapporto su "
    "che cosa migliorare per primo.",
    "El conjunt: per àrees de l’empresa, per producte o servei, i les preguntes generals al final. Per a l’informe de què millorar primer.",
)
_WHY = t(
    "once a year we ask everybody who knows us how satisfied they are: with each part of our company, with what "
    "you have of ours, and all in all.",
    "una vez al año preguntamos a todos los que nos conocen si están satisfechos: con cada parte de la empresa, "
    "con lo que tienes nuestro, y en "
    "conjunto.",
    "una volta all’anno chiediamo a tutti quelli che ci conoscono quanto sono soddisfatti: di ogni parte "
    "dell’azienda, di ciò che hai di nostro, e "
    "nel complesso.",
    "un cop l’any preguntem a tothom qui ens coneix si està satisfet: de cada part de l’empresa, del que tens nostre, i en conjunt.",
)
_DO = t(
    "From the answers we work out which parts matter most to your satisfaction. The weakest of those is mended "
    "first, the strongest are kept. "
    "We publish both, with what we have decided.",
    "Con las respuestas calculamos qué partes importan más para tu satisfacción. La más débil se mejora primero, "
    "las más fuertes se mantienen. "
    "Publicamos ambas cosas, con lo que hemos decidido.",
    "Dalle risposte calcoliamo quali parti contano di più per la tua soddisfazione. La più debole si migliora per prima, le più forti si "
    "mantengono. Pubblichiamo entrambe le cose, con ciò che abbiamo deciso.",
    "Amb les respostes calculem quines parts importen més per a la teva satisfacció. La més feble es millora primer, les més fortes es "
    "mantenen. Publiquem totes dues coses, amb el que hem decidit.",
)
_KNOWN = t(
    "With which parts of our company have you had to do?",
    "¿Con qué partes de la empresa has tenido trato?",
    "Con quali parti della nostra azienda hai avuto a che fare?",
    "Amb quines parts de l’empresa has tingut tracte?",
)
_HAVE = t("What do you have of ours?", "¿Qué tienes nuestro?", "Che cosa hai di nostro?", "Què tens nostre?")
_HOW = t("How satisfied are you?", "¿Qué tan satisfecho estás?", "Quanto sei soddisfatto?", "Fins a quin punt estàs satisfet?")
_AREAS = {
    "sales": t("Advice and sale", "Asesoramiento y venta", "Consulenza e vendita", "Assessorament i venda"),
    "delivery": t("Delivery", "Entrega", "Consegna", "Lliurament"),
    "service": t("Customer service", "Atención al cliente", "Assistenza clienti", "Atenció al client"),
    "invoices": t("Invoices and payment", "Facturas y pago", "Fatture e pagamento", "Factures i pagament"),
    "web": t("Web site and shop", "Web y tienda", "Sito e negozio", "Web i botiga"),
}
_ROWS: dict[str, list[tuple[str, Texts]]] = {
    "sales": [
        ("honest", t("Honest advice", "Consejo sincero", "Consigli sinceri", "Consell sincer")),
        ("knows", t("Knows the subject", "Conoce la materia", "Competenza", "Coneix la matèria")),
        ("time", t("Time for me", "Tiempo para mí", "Tempo per me", "Temps per a mi")),
    ],
    "delivery": [
        ("speed", t("Speed", "Rapidez", "Rapidità", "Rapidesa")),
        ("kept", t("Promised day kept", "Cumplimiento del día prometido", "Rispetto del giorno promesso", "Compliment del dia promès")),
        ("condition", t("Condition of the parcel", "Estado del paquete", "Stato del pacco", "Estat del paquet")),
    ],
    "service": [
        ("reach", t("Easy to reach", "Fácil de localizar", "Facile da raggiungere", "Fàcil de localitzar")),
        ("solve", t("Solves the matter", "Resuelve el asunto", "Risolve la questione", "Resol l’assumpte")),
        ("friendly", t("Friendliness", "Amabilidad", "Gentilezza", "Amabilitat")),
    ],
    "invoices": [
        ("clear", t("Clear invoices", "Facturas claras", "Fatture chiare", "Factures clares")),
        ("ways", t("Ways to pay", "Formas de pago", "Modi di pagamento", "Formes de pagament")),
        (
            "fair",
            t(
                "Fair when something is wrong",
                "Trato justo si algo falla",
                "Correttezza se qualcosa non va",
                "Tracte just si alguna cosa falla",
            ),
        ),
    ],
    "web": [
        ("find", t("Finding things", "Encontrar las cosas", "Trovare le cose", "Trobar les coses")),
        ("order", t("Ordering", "Hacer un pedido", "Ordinare", "Fer una comanda")),
        ("true", t("Descriptions are true", "Descripciones fieles", "Descrizioni veritiere", "Descripcions fidels")),
    ],
}
_PRODUCT_ROWS = [
    ("quality", t("Quality", "Calidad", "Qualità", "Qualitat")), ("value", t("Value for money", "Relación calidad-precio",
    "Rapporto qualità-prezzo", "Relació qualitat-preu")),
    ("ease", t("Ease of use", "Facilidad de uso", "Facilità d’uso", "Facilitat d’ús")),
]  # fmt: skip
SUBJECTS = [
    Subject(id=f"product{n}", name=t(f"Product {n}", f"Producto {n}", f"Prodotto {n}", f"Producte {n}")) for n in (1, 2, 3)
]  # fmt: skip


def survey() -> Survey:
    known = [multiple("areas", _KNOWN, list(_AREAS.items())), multiple("products", _HAVE, [(each.id, each.name) for each in SUBJECTS])]
    general: list[Item] = [
        likert("overall", OVERALL, SATISFIED, role="overall"), nps("recommend", RECOMMEND, LIKELY), long_text("mend", MEND),
        long_text("else", ANYTHING), single("contact", CALL_BACK, [("yes", YES), ("no", NO)]), email("email", EMAIL,
            show_if='{contact} = "yes"'),
    ]  # fmt: skip
    last = t("All in all", "En conjunto", "Nel complesso", "En conjunt")
    pages = [page("known", {}, known), *(_area(key) for key in _AREAS), _product(), page("general", last, general)]
    made_of = made(NAME, letter(_WHY, _DO, 5), welcome(NAME, 5), pages)
    made_of.areas = [Area(id=key, name=name) for key, name in _AREAS.items()]
    made_of.subjects = SUBJECTS
    return made_of


def _area(key: str) -> Page:
    rows = matrix(f"{key}_parts", _HOW, _ROWS[key], SATISFIED)
    return page(f"area_{key}", _AREAS[key], [rows], area=key, show_if=f'contains({{areas}}, "{key}")')


def _product() -> Page:
    title = t("{subject}", "{subject}", "{subject}", "{subject}")
    return page("product", title, [matrix("product_parts", _HOW, _PRODUCT_ROWS, SATISFIED)], by_subject="products")
