"""Would you recommend us? One number, its reason, and what to do about it."""

from ..definition.model import Survey
from .parts import email, long_text, made, nps, page, single
from .words import BEST, CALL_BACK, EMAIL, LIKELY, NO, OTHER, RECOMMEND, WHY_SCORE, YES, letter, t, welcome

NAME = t("Would you recommend us?", "¿Nos recomendarías?", "Ci consiglieresti?", "Ens recomanaries?")
USE = t(
    "The net promoter score with its reason, and whom to call back.",
    "El índice de recomendación (NPS) con su motivo, y a quién llamar.",
    "Il Net Promoter Score con il suo motivo, e chi richiamare.",
    "L’índex de recomanació (NPS) amb el motiu, i a qui trucar.",
)
_WHY = t(
    "we would like to know whether you would recommend us, and why. It is the shortest way we know to learn whether we do our work well.",
    "nos gustaría saber si nos recomendarías, y por qué. Es la forma más corta que conocemos de saber si hacemos bien nuestro trabajo.",
    "vorremmo sapere se ci consiglieresti, e perché. È il modo più breve che conosciamo per capire se lavoriamo bene.",
    "ens agradaria saber si ens recomanaries, i per què. És la manera més curta que coneixem de saber si fem bé la feina.",
)
_DO = t(
    "Each month we count the scores and read every reason. What comes up most often is mended first, and we tell "
    "you here what has changed. "
    "If something went wrong and you allow it, someone of us gets in touch.",
    "Cada mes contamos las puntuaciones y leemos todos los motivos. Lo que más se repite se mejora primero, y te contamos qué ha cambiado. "
    "Si algo salió mal y nos lo permites, alguien del equipo te escribirá.",
    "Ogni mese contiamo i punteggi e leggiamo tutti i motivi. Ciò che torna più spesso si migliora per primo, e ti diciamo che cosa è "
    "cambiato. Se qualcosa è andato storto e ce lo permetti, uno di noi ti contatterà.",
    "Cada mes comptem les puntuacions i llegim tots els motius. El que més es repeteix es millora primer, i t’expliquem què ha canviat. "
    "Si alguna cosa va anar malament i ens ho permets, algú de l’equip et contactarà.",
)
_WHAT = t(
    "What was it about most?", "¿De qué se trataba sobre todo?", "Di che cosa si trattava soprattutto?", "De què es tractava sobretot?"
)


def survey() -> Survey:
    topics = [
        ("quality", t("Quality", "Calidad", "Qualità", "Qualitat")), ("price", t("Price", "Precio", "Prezzo", "Preu")),
        ("delivery", t("Delivery", "Entrega", "Consegna", "Lliurament")),
        ("service", t("Service and advice", "Atención y consejo", "Assistenza e consigli", "Atenció i consell")),
        ("other", OTHER),
    ]  # fmt: skip
    return made(NAME, letter(_WHY, _DO, 1), welcome(NAME, 1), [
        page("score", {}, [nps("recommend", RECOMMEND, LIKELY), long_text("reason", WHY_SCORE, show_if="answered({recommend})")]),
        page("more", {}, [
            single("about", _WHAT, topics, show_if="{recommend} <= 6", shuffled=True),
            single("contact", CALL_BACK, [("yes", YES), ("no", NO)], show_if="{recommend} <= 6"),
            email("email", EMAIL, show_if='{contact} = "yes"'),
            long_text("best", BEST, show_if="{recommend} >= 9"),
        ], show_if="{recommend} <= 6 or {recommend} >= 9"),
    ])  # fmt: skip
