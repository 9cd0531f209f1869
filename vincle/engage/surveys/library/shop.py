"""How were you served in the shop? About the person who served and the shop, for a card at the till."""

from ..definition.model import Survey
from .parts import hidden, long_text, made, matrix, page, single, smileys, stars
from .words import AGREE, ANYTHING, NO, PARTLY, YES, letter, t, welcome

NAME = t(
    "How were you served in the shop?",
    "¿Cómo te atendieron en la tienda?",
    "Come ti hanno servito in negozio?",
    "Com et van atendre a la botiga?",
)
USE = t(
    "The employee of the shop who served you, and the shop itself. For a code at the till.",
    "La persona que te atendió en la tienda, y la tienda. Para un código en la caja.",
    "La persona del negozio che ti ha servito, e il negozio. Per un codice alla cassa.",
    "La persona que et va atendre a la botiga, i la botiga. Per a un codi a la caixa.",
)
_WHY = t(
    "you have just been in our shop. We would like to know how you were served, so that we can say thank you to whoever did it well.",
    "acabas de estar en nuestra tienda. Nos gustaría saber cómo te atendieron, para dar las gracias a quien lo hizo bien.",
    "sei appena stato nel nostro negozio. Vorremmo sapere come ti hanno servito, per ringraziare chi lo ha fatto bene.",
    "acabes de ser a la nostra botiga. Ens agradaria saber com et van atendre, per donar les gràcies a qui ho va fer bé.",
)
_DO = t(
    "Praise is passed on to the person. Everything else is read for the shop as a whole and used for training, never for anybody’s pay.",
    "Los elogios se transmiten a la persona. Lo demás se lee para toda la tienda y sirve para formar, nunca para el sueldo de nadie.",
    "I complimenti vengono trasmessi alla persona. Tutto il resto si legge per l’intero negozio e serve alla formazione, mai alla paga.",
    "Els elogis es transmeten a la persona. La resta es llegeix per a tota la botiga i serveix per formar, mai per al sou de ningú.",
)
_SERVED = t("How were you served?", "¿Cómo te atendieron?", "Come ti hanno servito?", "Com et van atendre?")
_PERSON = t(
    "The person who served me ...", "La persona que me atendió ...", "La persona che mi ha servito ...", "La persona que em va atendre ..."
)
_ROWS = [
    ("time", t("took time for me", "me dedicó tiempo", "mi ha dedicato tempo", "em va dedicar temps")),
    ("listened", t("listened to what I need", "escuchó lo que necesito", "ha ascoltato ciò che mi serve", "va escoltar el que necessito")),
    ("knew", t("knew the products", "conocía los productos", "conosceva i prodotti", "coneixia els productes")),
    ("friendly", t("was friendly", "fue amable", "è stata gentile", "va ser amable")),
    ("honest", t("was honest with me", "fue sincera conmigo", "è stata sincera con me", "va ser sincera amb mi")),
]
_FOUND = t(
    "Did you find what you came for?", "¿Encontraste lo que buscabas?", "Hai trovato ciò che cercavi?", "Vas trobar el que buscaves?"
)
_MISSED = t("What did you not find?", "¿Qué no encontraste?", "Che cosa non hai trovato?", "Què no vas trobar?")
_SHOP = t("And the shop itself?", "¿Y la tienda?", "E il negozio?", "I la botiga?")
_PRAISE = t("Is there someone you would like to thank?", "¿Hay alguien a quien quieras dar las gracias?",
    "C’è qualcuno che vorresti ringraziare?",
            "Hi ha algú a qui vulguis donar les gràcies?")  # fmt: skip


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 1), welcome(NAME, 1), [
        page("served", {}, [hidden("till", "till"), smileys("served", _SERVED, role="csat"), matrix("served_by", _PERSON, _ROWS, AGREE)]),
        page("shop", {}, [
            single("found", _FOUND, [("yes", YES), ("partly", PARTLY), ("no", NO)]),
            long_text("missed", _MISSED, show_if='{found} = "no" or {found} = "partly"'),
            stars("shop", _SHOP, role="driver"), long_text("praise", _PRAISE), long_text("else", ANYTHING),
        ]),
    ])  # fmt: skip
