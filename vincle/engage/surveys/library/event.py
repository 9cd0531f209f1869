"""How was the event? Content, people, place, and whether they come again."""

from ..definition.model import Survey
from .parts import likert, long_text, made, matrix, multiple, nps, page, single
from .words import BEST, LIKELY, OTHER, SATISFIED, letter, t, welcome

NAME = t("How was the event?", "¿Qué tal el evento?", "Com’è andato l’evento?", "Què tal l’esdeveniment?")
USE = t(
    "Content, speakers, place, organisation, and what people want next time.",
    "Contenido, ponentes, lugar, organización, y qué quieren la próxima vez.",
    "Contenuti, relatori, luogo, organizzazione, e che cosa si vuole la prossima volta.",
    "Contingut, ponents, lloc, organització, i què volen la pròxima vegada.",
)
_WHY = t(
    "thank you for coming. Now that it is fresh, we would like to know what was worth your time and what was not.",
    "gracias por venir. Ahora que está reciente, nos gustaría saber qué mereció tu tiempo y qué no.",
    "grazie di essere venuto. Ora che il ricordo è fresco, vorremmo sapere che cosa è valso il tuo tempo e che cosa no.",
    "gràcies per venir. Ara que és recent, ens agradaria saber què va valer el teu temps i què no.",
)
_DO = t(
    "We plan the next one from your answers, pass your words on to the speakers, and publish what we change.",
    "Con tus respuestas planificamos el próximo, transmitimos tus palabras a los ponentes y publicamos lo que cambiamos.",
    "Con le tue risposte progettiamo il prossimo, trasmettiamo le tue parole ai relatori e pubblichiamo ciò che cambiamo.",
    "Amb les teves respostes planifiquem el següent, transmetem les teves paraules als ponents i publiquem el que canviem.",
)
_HOW = t(
    "All in all, how satisfied are you with the event?",
    "En conjunto, ¿qué tan satisfecho estás con el evento?",
    "Nel complesso, quanto sei soddisfatto dell’evento?",
    "En conjunt, fins a quin punt estàs satisfet de l’esdeveniment?",
)
_WHERE = t("How did you take part?", "¿Cómo participaste?", "Come hai partecipato?", "Com vas participar?")
_PARTS = t("And with each part?", "¿Y con cada parte?", "E di ciascuna parte?", "I amb cada part?")
_ROWS = [
    ("content", t("Content", "Contenido", "Contenuti", "Contingut")), ("speakers", t("Speakers", "Ponentes", "Relatori", "Ponents")),
    ("organisation", t("Organisation", "Organización", "Organizzazione", "Organització")),
    ("people", t("Meeting other people", "Conocer gente", "Incontrare persone", "Conèixer gent")),
]  # fmt: skip
_PLACE_ROWS = [
    ("place", t("Place", "Lugar", "Luogo", "Lloc")), ("food", t("Food and drink", "Comida y bebida", "Cibo e bevande", "Menjar i beure")),
    ("travel", t("Getting there", "Cómo llegar", "Raggiungibilità", "Com arribar-hi")),
]  # fmt: skip
_ROOM = t("And with the place?", "¿Y con el lugar?", "E del luogo?", "I amb el lloc?")
_NEXT = t(
    "What would you like next time?",
    "¿Qué te gustaría la próxima vez?",
    "Che cosa vorresti la prossima volta?",
    "Què t’agradaria la pròxima vegada?",
)
_WISHES = [
    ("practice", t("More practice", "Más práctica", "Più pratica", "Més pràctica")),
    ("depth", t("More depth", "Más profundidad", "Più approfondimento", "Més profunditat")),
    ("breaks", t("Longer breaks", "Pausas más largas", "Pause più lunghe", "Pauses més llargues")),
    ("short", t("A shorter programme", "Un programa más corto", "Un programma più breve", "Un programa més curt")),
    ("other", OTHER),
]
_MEND = t(
    "What should we do otherwise?",
    "¿Qué deberíamos hacer de otra manera?",
    "Che cosa dovremmo fare diversamente?",
    "Què hauríem de fer d’una altra manera?",
)
_AGAIN = t("How likely are you to recommend the next one?", "¿Con qué probabilidad recomendarías el próximo?",
    "Con quale probabilità consiglieresti il prossimo?",
           "Amb quina probabilitat recomanaries el següent?")  # fmt: skip


def survey() -> Survey:
    here = [
        ("here", t("I was there", "Estuve allí", "Ero presente", "Hi vaig ser")),
        ("online", t("Online", "En línea", "In linea", "En línia")),
    ]
    return made(NAME, letter(_WHY, _DO, 2), welcome(NAME, 2), [
        page("event", {}, [
            single("where", _WHERE, here), likert("overall", _HOW, SATISFIED, role="overall"), matrix("parts", _PARTS, _ROWS, SATISFIED),
            matrix("room", _ROOM, _PLACE_ROWS, SATISFIED, show_if='{where} = "here"'),
        ]),
        page("next", {}, [
            long_text("best", BEST), long_text("mend", _MEND), multiple("next", _NEXT, _WISHES, shuffled=True), nps("recommend", _AGAIN,
                LIKELY),
        ]),
    ])  # fmt: skip
