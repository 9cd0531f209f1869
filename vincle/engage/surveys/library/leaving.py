"""Why are you leaving? Asked of those who go, without holding them back."""

from ..definition.model import Survey
from .parts import long_text, made, matrix, page, single, slider
from .words import ANYTHING, NO, OTHER, SATISFIED, YES, letter, t, welcome

NAME = t("Why are you leaving?", "¿Por qué te vas?", "Perché ci lasci?", "Per què te’n vas?")
USE = t(
    "Exit: the reason, what would have kept them, whether they may come back.",
    "Salida: el motivo, qué les habría retenido, si volverían.",
    "Uscita: il motivo, che cosa li avrebbe trattenuti, se tornerebbero.",
    "Sortida: el motiu, què els hauria retingut, si tornarien.",
)
_WHY = t(
    "you have decided to leave, and we respect that. Before you go we would like to learn what we did not do well.",
    "has decidido irte, y lo respetamos. Antes de que te vayas nos gustaría saber qué no hicimos bien.",
    "hai deciso di andartene, e lo rispettiamo. Prima che tu vada vorremmo capire che cosa non abbiamo fatto bene.",
    "has decidit marxar, i ho respectem. Abans que te’n vagis ens agradaria saber què no vam fer bé.",
)
_DO = t(
    "Nobody will try to change your mind because of these answers. We read them together each month and decide what to change.",
    "Nadie intentará hacerte cambiar de idea por estas respuestas. Las leemos juntos cada mes y decidimos qué cambiar.",
    "Nessuno cercherà di farti cambiare idea per queste risposte. Le leggiamo insieme ogni mese e decidiamo che cosa cambiare.",
    "Ningú no intentarà fer-te canviar d’idea per aquestes respostes. Les llegim junts cada mes i decidim què canviar.",
)
_REASON = t("What is the main reason?", "¿Cuál es el motivo principal?", "Qual è il motivo principale?", "Quin és el motiu principal?")
_REASONS = [
    ("price", t("It is too expensive", "Es demasiado caro", "È troppo caro", "És massa car")),
    ("need", t("I no longer need it", "Ya no lo necesito", "Non mi serve più", "Ja no ho necessito")),
    ("quality", t("It did not work well", "No funcionaba bien", "Non funzionava bene", "No funcionava bé")),
    ("service", t("I was not treated well", "No me trataron bien", "Non sono stato trattato bene", "No em van tractar bé")),
    ("missing", t("Something was missing", "Faltaba algo", "Mancava qualcosa", "Hi faltava alguna cosa")),
    ("other_company", t("I found something better", "Encontré algo mejor", "Ho trovato di meglio", "He trobat una cosa millor")),
    ("other", OTHER),
]
_MISSING = t("What was missing?", "¿Qué faltaba?", "Che cosa mancava?", "Què hi faltava?")
_INSTEAD = t("Where are you going?", "¿Adónde te vas?", "Dove vai?", "On te’n vas?")
_KEPT = t("What would have kept you?", "¿Qué te habría hecho quedarte?", "Che cosa ti avrebbe trattenuto?", "Què t’hauria fet quedar?")
_PARTS = t(
    "How satisfied were you with us?",
    "¿Qué tan satisfecho estabas con nosotros?",
    "Quanto eri soddisfatto di noi?",
    "Fins a quin punt estaves satisfet de nosaltres?",
)
_ROWS = [
    ("product", t("What you got", "Lo que recibiste", "Ciò che hai avuto", "El que vas rebre")), ("price", t("Price", "Precio", "Prezzo",
    "Preu")),
    ("service", t("Service", "Atención", "Assistenza", "Atenció")), ("invoices", t("Invoices", "Facturas", "Fatture", "Factures")),
]  # fmt: skip
_BACK = t(
    "How likely is it that you come back one day?",
    "¿Qué probabilidad hay de que vuelvas algún día?",
    "Quanto è probabile che un giorno torni?",
    "Quina probabilitat hi ha que algun dia tornis?",
)
_TELL = t("May we tell you when it has been mended?", "¿Podemos avisarte cuando esté resuelto?", "Possiamo avvisarti quando sarà risolto?",
          "Et podem avisar quan estigui resolt?")  # fmt: skip


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 2), welcome(NAME, 2), [
        page("reason", {}, [
            single("reason", _REASON, _REASONS, required="soft", shuffled=True),
            long_text("missing", _MISSING, show_if='{reason} = "missing"'), long_text("instead", _INSTEAD,
                show_if='{reason} = "other_company"'),
            long_text("kept", _KEPT),
        ]),
        page("parts", {}, [
            matrix("parts", _PARTS, _ROWS, SATISFIED), slider("back", _BACK, 0, 100),
            single("tell", _TELL, [("yes", YES), ("no", NO)], show_if='{reason} = "quality" or {reason} = "missing"'), long_text("else",
                ANYTHING),
        ]),
    ])  # fmt: skip
