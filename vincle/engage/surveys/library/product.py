"""How good is the product? What it is used for, what drives satisfaction with it, what to mend."""

from ..definition.model import Survey
from .parts import likert, long_text, made, matrix, nps, page, single
from .words import BEST, LIKELY, MEND, RECOMMEND, SATISFIED, letter, t, welcome

NAME = t("How good is the product?", "¿Qué tal es el producto?", "Com’è il prodotto?", "Què tal és el producte?")
USE = t(
    "Satisfaction with a product and its drivers: quality, price, ease, look, help.",
    "Satisfacción con un producto y de qué depende: calidad, precio, facilidad, aspecto, ayuda.",
    "Soddisfazione per un prodotto e da che cosa dipende: qualità, prezzo, facilità, aspetto, aiuto.",
    "Satisfacció amb un producte i de què depèn: qualitat, preu, facilitat, aspecte, ajuda.",
)
_WHY = t(
    "you use one of our products. Nobody knows better what is good about it and what is not, so we ask you.",
    "usas uno de nuestros productos. Nadie sabe mejor qué tiene de bueno y qué no, así que te preguntamos.",
    "usi uno dei nostri prodotti. Nessuno sa meglio di te che cosa va bene e che cosa no, perciò lo chiediamo a te.",
    "fas servir un dels nostres productes. Ningú no sap millor què té de bo i què no, així que t’ho preguntem.",
)
_DO = t(
    "We work out which of its properties matters most to the people who use it, and the next version begins there.",
    "Calculamos cuál de sus propiedades importa más a quienes lo usan, y la próxima versión empieza por ahí.",
    "Calcoliamo quale delle sue proprietà conta di più per chi lo usa, e la prossima versione comincia da lì.",
    "Calculem quina de les seves propietats importa més a qui el fa servir, i la pròxima versió comença per aquí.",
)
_OFTEN = t("How often do you use it?", "¿Con qué frecuencia lo usas?", "Quanto spesso lo usi?", "Amb quina freqüència el fas servir?")
_TIMES = [
    ("daily", t("Every day", "Cada día", "Ogni giorno", "Cada dia")), ("weekly", t("Every week", "Cada semana", "Ogni settimana",
    "Cada setmana")),
    ("monthly", t("Every month", "Cada mes", "Ogni mese", "Cada mes")), ("rarely", t("Less often", "Menos", "Meno spesso", "Menys")),
    ("once", t("Only once so far", "Solo una vez", "Finora una volta sola", "Només un cop")),
]  # fmt: skip
_HOW = t(
    "All in all, how satisfied are you with it?",
    "En conjunto, ¿qué tan satisfecho estás con él?",
    "Nel complesso, quanto ne sei soddisfatto?",
    "En conjunt, fins a quin punt n’estàs satisfet?",
)
_PARTS = t("And with each part of it?", "¿Y con cada aspecto?", "E di ciascun aspetto?", "I amb cada aspecte?")
_ROWS = [
    ("quality", t("Quality", "Calidad", "Qualità", "Qualitat")),
    ("price", t("Price for what you get", "Precio por lo que ofrece", "Prezzo per ciò che offre", "Preu pel que ofereix")),
    ("ease", t("Ease of use", "Facilidad de uso", "Facilità d’uso", "Facilitat d’ús")),
    ("look", t("Look and feel", "Aspecto", "Aspetto", "Aspecte")),
    ("reliability", t("Reliability", "Fiabilidad", "Affidabilità", "Fiabilitat")),
    ("help", t("Instructions and help", "Instrucciones y ayuda", "Istruzioni e aiuto", "Instruccions i ajuda")),
]


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 3), welcome(NAME, 3), [
        page("use", {}, [single("often", _OFTEN, _TIMES), likert("overall", _HOW, SATISFIED, role="overall")]),
        page("parts", {}, [matrix("parts", _PARTS, _ROWS, SATISFIED)]),
        page("words", {}, [long_text("best", BEST), long_text("mend", MEND), nps("recommend", RECOMMEND, LIKELY)]),
    ])  # fmt: skip
