"""How were your first days? What helped a new customer to begin, and what stood in the way."""

from ..definition.model import Survey
from .parts import ces, likert, long_text, made, matrix, multiple, page, single
from .words import AGREE, ANYTHING, NO, OTHER, PARTLY, SATISFIED, YES, letter, t, welcome

NAME = t("Your first days with us", "Tus primeros días con nosotros", "I tuoi primi giorni con noi", "Els teus primers dies amb nosaltres")
USE = t(
    "Onboarding: did the beginning go well, and what stood in the way?",
    "Bienvenida: ¿fue bien el comienzo, y qué estorbó?",
    "Accoglienza: è andato bene l’inizio, e che cosa ha ostacolato?",
    "Benvinguda: va anar bé l’inici, i què va fer nosa?",
)
_WHY = t(
    "you have been with us for a few days. You still see what we no longer notice, so your view is worth a lot to us.",
    "llevas unos días con nosotros. Aún ves lo que nosotros ya no notamos, así que tu mirada nos vale mucho.",
    "sei con noi da qualche giorno. Vedi ancora ciò che noi non notiamo più, perciò il tuo sguardo per noi vale molto.",
    "fa uns dies que ets amb nosaltres. Encara veus el que nosaltres ja no notem, així que la teva mirada ens val molt.",
)
_DO = t(
    "If you are stuck, someone helps you this week. From all answers we rewrite the first steps for those who come after you.",
    "Si estás atascado, alguien te ayudará esta semana. Con todas las respuestas reescribimos los primeros pasos "
    "para quienes vengan después.",
    "Se sei bloccato, qualcuno ti aiuta entro la settimana. Con tutte le risposte riscriviamo i primi passi per chi viene dopo di te.",
    "Si estàs encallat, algú t’ajudarà aquesta setmana. Amb totes les respostes reescrivim els primers passos per a qui vingui després.",
)
_FROM = t("How did you come to us?", "¿Cómo llegaste a nosotros?", "Come sei arrivato a noi?", "Com vas arribar a nosaltres?")
_WAYS = [
    ("friend", t("Someone told me", "Me lo dijo alguien", "Me l’ha detto qualcuno", "M’ho va dir algú")),
    ("search", t("By searching the web", "Buscando en internet", "Cercando in rete", "Cercant a internet")),
    ("social", t("A post or a video", "Una publicación o un vídeo", "Un post o un video", "Una publicació o un vídeo")),
    ("advert", t("An advertisement", "Un anuncio", "Una pubblicità", "Un anunci")),
    ("shop", t("In a shop or at a fair", "En una tienda o una feria", "In un negozio o in fiera", "En una botiga o una fira")),
    ("other", OTHER),
]
_EASY = t("It was easy to begin.", "Fue fácil empezar.", "È stato facile cominciare.", "Va ser fàcil començar.")
_DONE = t(
    "Could you already do what you came for?",
    "¿Ya has podido hacer aquello para lo que viniste?",
    "Hai già potuto fare ciò per cui sei venuto?",
    "Ja has pogut fer allò per què vas venir?",
)
_STUCK = t("What is in the way?", "¿Qué te lo impide?", "Che cosa lo impedisce?", "Què t’ho impedeix?")
_STEPS = t("How were the first steps?", "¿Cómo fueron los primeros pasos?", "Com’erano i primi passi?", "Com van ser els primers passos?")
_ROWS = [
    ("clear", t("I knew what to do next", "Sabía qué hacer a continuación", "Sapevo che cosa fare dopo", "Sabia què fer a continuació")),
    ("promise", t("It is what was promised", "Es lo que se prometió", "È ciò che era stato promesso", "És el que es va prometre")),
    (
        "help",
        t(
            "I found help when I needed it",
            "Encontré ayuda cuando la necesité",
            "Ho trovato aiuto quando serviva",
            "Vaig trobar ajuda quan calia",
        ),
    ),
    (
        "time",
        t("It took a reasonable time", "Llevó un tiempo razonable", "Ha richiesto un tempo ragionevole", "Va requerir un temps raonable"),
    ),
]
_HOW = t(
    "How satisfied are you with the beginning?",
    "¿Qué tan satisfecho estás con el comienzo?",
    "Quanto sei soddisfatto dell’inizio?",
    "Fins a quin punt estàs satisfet de l’inici?",
)


def survey() -> Survey:
    return made(NAME, letter(_WHY, _DO, 2), welcome(NAME, 2), [
        page("begin", {}, [
            multiple("from", _FROM, _WAYS, shuffled=True), ces("easy", _EASY),
            single("done", _DONE, [("yes", YES), ("partly", PARTLY), ("no", NO)]),
            long_text("stuck", _STUCK, show_if='{done} = "no" or {done} = "partly"'),
        ]),
        page("steps", {}, [
            matrix("steps", _STEPS, _ROWS, AGREE), likert("overall", _HOW, SATISFIED, role="overall"), long_text("else", ANYTHING),
        ]),
    ])  # fmt: skip
