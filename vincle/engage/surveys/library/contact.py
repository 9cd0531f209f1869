"""How was the contact with us? Satisfaction after a conversation, a call or a visit."""

from ..definition.model import Survey
from .parts import long_text, made, matrix, page, single, smileys
from .words import AGREE, MEND, NO, PARTLY, YES, letter, t, welcome

NAME = t("After a contact", "Después de un contacto", "Dopo un contatto", "Després d’un contacte")
USE = t(
    "Satisfaction (CSAT) with a conversation: was it solved, and how were you treated?",
    "Satisfacción (CSAT) con una conversación: ¿se resolvió, y cómo te trataron?",
    "Soddisfazione (CSAT) per una conversazione: è stato risolto, e come ti hanno trattato?",
    "Satisfacció (CSAT) amb una conversa: es va resoldre, i com et van tractar?",
)
_WHY = t(
    "you have just been in contact with us. We would like to know whether we could help you, and how it felt.",
    "acabas de estar en contacto con nosotros. Nos gustaría saber si te pudimos ayudar y cómo fue.",
    "sei appena stato in contatto con noi. Vorremmo sapere se siamo riusciti ad aiutarti e come è andata.",
    "acabes d’estar en contacte amb nosaltres. Ens agradaria saber si et vam poder ajudar i com va anar.",
)
_DO = t(
    "If it is not solved yet, we open your case again. From all answers together we learn where we are slow or "
    "unclear; they are not used to "
    "rank single colleagues.",
    "Si aún no está resuelto, reabrimos tu caso. De todas las respuestas juntas aprendemos dónde somos lentos o "
    "poco claros; no sirven para "
    "hacer clasificaciones de colegas.",
    "Se non è ancora risolto, riapriamo il tuo caso. Da tutte le risposte insieme impariamo dove siamo lenti o poco chiari; non servono a "
    "fare classifiche tra colleghi.",
    "Si encara no està resolt, reobrim el teu cas. De totes les respostes juntes aprenem on som lents o poc clars; no serveixen per fer "
    "classificacions de companys.",
)
_HOW = t(
    "How satisfied are you with this contact?",
    "¿Qué tan satisfecho estás con este contacto?",
    "Quanto sei soddisfatto di questo contatto?",
    "Fins a quin punt estàs satisfet d’aquest contacte?",
)
_SOLVED = t("Is your matter solved?", "¿Está resuelto tu asunto?", "La tua questione è risolta?", "Està resolt el teu assumpte?")
_OPEN = t("What is still open?", "¿Qué queda pendiente?", "Che cosa resta aperto?", "Què queda pendent?")
_TREATED = t("How was it?", "¿Cómo fue?", "Come è andata?", "Com va anar?")
_ROWS = [
    ("quick", t("I got an answer quickly", "Me respondieron pronto", "Ho avuto una risposta rapida", "Em van respondre aviat")),
    ("understood", t("I was understood", "Me entendieron", "Mi hanno capito", "Em van entendre")),
    ("clear", t("The answer was clear", "La respuesta fue clara", "La risposta era chiara", "La resposta va ser clara")),
    ("friendly", t("They were friendly", "Fueron amables", "Sono stati gentili", "Van ser amables")),
]


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 2), welcome(_HOW, 2), [
        page("contact", {}, [
            smileys("satisfied", _HOW, role="csat"),
            single("solved", _SOLVED, [("yes", YES), ("partly", PARTLY), ("no", NO)], role="driver"),
            long_text("pending", _OPEN, show_if='{solved} = "no" or {solved} = "partly"'),
        ]),
        page("treated", {}, [matrix("treated", _TREATED, _ROWS, AGREE), long_text("mend", MEND)]),
    ])  # fmt: skip
