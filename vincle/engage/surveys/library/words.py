"""Words that several ready surveys share, in the four languages, and the covering letter put together of them."""

from ..definition.model import Texts


def t(en: str, es: str, it: str, ca: str) -> Texts:
    return {"en": en, "es": es, "it": it, "ca": ca}


HELLO = t("Hello,", "Hola:", "Ciao,", "Hola,")
FREE = t(
    "Taking part is up to you, and nothing changes for you if you would rather not. You can stop at any time and go on later.",
    "Participar es cosa tuya y, si prefieres no hacerlo, nada cambia para ti. Puedes parar cuando quieras y seguir más tarde.",
    "Partecipare dipende da te e, se preferisci di no, per te non cambia nulla. Puoi fermarti quando vuoi e riprendere più tardi.",
    "Participar-hi és cosa teva i, si t’estimes més no fer-ho, per a tu no canvia res. Pots parar quan vulguis i continuar més tard.",
)
SEEN = t(
    "Only the people of our team who work on this read the answers. We do not sell them or pass them on.",
    "Solo leen las respuestas las personas de nuestro equipo que trabajan en esto. No las vendemos ni las cedemos.",
    "Le risposte le leggono solo le persone del nostro team che se ne occupano. Non le vendiamo né le cediamo.",
    "Les respostes només les llegeixen les persones del nostre equip que hi treballen. No les venem ni les cedim.",
)
THANKS = t("Thank you for your time.", "Gracias por tu tiempo.", "Grazie per il tuo tempo.", "Gràcies pel teu temps.")
THANKS_TITLE = t(
    "Thank you. Your answers have reached us.",
    "Gracias. Hemos recibido tus respuestas.",
    "Grazie. Abbiamo ricevuto le tue risposte.",
    "Gràcies. Hem rebut les teves respostes.",
)
_MINUTES = t("It takes about {n} minutes.", "Se tarda unos {n} minutos.", "Ci vogliono circa {n} minuti.", "S’hi triguen uns {n} minuts.")
_MINUTE = t("It takes one minute.", "Se tarda un minuto.", "Ci vuole un minuto.", "S’hi triga un minut.")


def minutes(n: int) -> Texts:
    """How long it takes.

    >>> minutes(3)["es"]
    'Se tarda unos 3 minutos.'
    """
    return _MINUTE if n == 1 else {code: text.replace("{n}", str(n)) for code, text in _MINUTES.items()}


def letter(why: Texts, use: Texts, n: int) -> Texts:
    """The letter that goes with a survey: why we ask, what we do with it, how long it takes, that one is free."""
    return {
        code: "\n\n".join((HELLO[code], why[code], use[code], f"{minutes(n)[code]} {FREE[code]}", SEEN[code], THANKS[code]))
        for code in HELLO
    }


def welcome(why: Texts, n: int) -> Texts:
    return {code: f"{text} {minutes(n)[code]}" for code, text in why.items()}


YES, NO, PARTLY = t("Yes", "Sí", "Sì", "Sí"), t("No", "No", "No", "No"), t("Partly", "En parte", "In parte", "En part")
OTHER = t("Something else", "Otra cosa", "Altro", "Una altra cosa")
AGREE = [
    t("Strongly disagree", "Muy en desacuerdo", "Per niente d’accordo", "Molt en desacord"),
    t("Disagree", "En desacuerdo", "In disaccordo", "En desacord"),
    t("Neither", "Ni lo uno ni lo otro", "Né l’uno né l’altro", "Ni una cosa ni l’altra"),
    t("Agree", "De acuerdo", "D’accordo", "D’acord"),
    t("Strongly agree", "Muy de acuerdo", "Pienamente d’accordo", "Molt d’acord"),
]
SATISFIED = [
    t("Very dissatisfied", "Muy descontento", "Molto insoddisfatto", "Molt descontent"),
    t("Dissatisfied", "Descontento", "Insoddisfatto", "Descontent"),
    t("Neither", "Ni lo uno ni lo otro", "Né l’uno né l’altro", "Ni una cosa ni l’altra"),
    t("Satisfied", "Contento", "Soddisfatto", "Content"),
    t("Very satisfied", "Muy contento", "Molto soddisfatto", "Molt content"),
]
RECOMMEND = t(
    "How likely are you to recommend us to a friend or colleague?",
    "¿Con qué probabilidad nos recomendarías a un amigo o colega?",
    "Con quale probabilità ci consiglieresti a un amico o collega?",
    "Amb quina probabilitat ens recomanaries a un amic o col·lega?",
)
LIKELY = (
    t("Not at all likely", "Nada probable", "Per niente probabile", "Gens probable"),
    t("Extremely likely", "Muy probable", "Estremamente probabile", "Molt probable"),
)
ANYTHING = t(
    "Is there anything else you would like to tell us?",
    "¿Hay algo más que quieras contarnos?",
    "C’è altro che vorresti dirci?",
    "Hi ha res més que ens vulguis explicar?",
)
MEND = t(
    "What should we mend first?",
    "¿Qué deberíamos mejorar primero?",
    "Che cosa dovremmo migliorare per prima?",
    "Què hauríem de millorar primer?",
)
BEST = t("What do you like best?", "¿Qué es lo que más te gusta?", "Che cosa ti piace di più?", "Què és el que més t’agrada?")
WHY_SCORE = t(
    "What is the main reason for your score?",
    "¿Cuál es el motivo principal de tu puntuación?",
    "Qual è il motivo principale del tuo punteggio?",
    "Quin és el motiu principal de la teva puntuació?",
)
OVERALL = t(
    "All in all, how satisfied are you with us?",
    "En conjunto, ¿qué tan satisfecho estás con nosotros?",
    "Nel complesso, quanto sei soddisfatto di noi?",
    "En conjunt, fins a quin punt estàs satisfet de nosaltres?",
)
CALL_BACK = t(
    "May we get in touch with you about this?",
    "¿Podemos ponernos en contacto contigo por esto?",
    "Possiamo contattarti a questo proposito?",
    "Ens podem posar en contacte amb tu per això?",
)
EMAIL = t("Your e-mail address", "Tu dirección de correo", "Il tuo indirizzo e-mail", "La teva adreça de correu")
