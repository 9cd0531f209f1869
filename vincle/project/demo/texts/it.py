"""Italian."""
# ruff: noqa: E501

from .shape import Language

_TOPICS = {
    "beans": (
        """Il {bean} è la cosa migliore capitata alle mie mattine
Aperto oggi un sacchetto di {bean}: profuma tutta la cucina
Terzo sacchetto di {bean} in un mese e non mi pento di nulla
{bean} in espresso: dolce, rotondo, niente amaro. Tostato benissimo
Mia madre, che 'il caffè non mi piace', ha finito il {bean}
Si sente che è tostato questa settimana
finalmente un {bean} che non sa di bruciato""",
        """Che macinatura consigliate per il {bean} con la moka?
Torna il {bean} quest'{season}?
Il {bean} è lavato o naturale?
Quanti giorni dopo la tostatura è al meglio il {bean}?""",
        """Il {bean} che mi è arrivato è piatto, tostato {n} settimane fa
Mi dispiace ma il {bean} era acido e acquoso, non è quello che c'è scritto
Metà dei chicchi di {bean} erano rotti
Avete cambiato la tostatura del {bean}, vero? Prima era meglio
{bean}: amaro, oleoso, deludente. Non lo ricompro""",
        """Ah, il {bean}, con le sue delicate note di cartone. Squisito
Se volevo il carbone andavo dal ferramenta, non compravo il {bean}""",
    ),
    "delivery": (
        """Ordinato {day}, la mattina dopo era a casa. Incredibile
Il pacco è arrivato prima che finissi il caffè. Tempismo perfetto
Che sorpresa: un giorno prima e con un biglietto scritto a mano
Il corriere che avete adesso tenetevelo: veloce e gentile
Alla fine è arrivato, con le scuse e un {bean} in regalo. Così si rimedia""",
        """Dov'è il mio ordine? L'ho fatto {day}
Spedite a {town}?
Posso cambiare l'indirizzo di un ordine non ancora partito?
C'è un codice per seguire il pacco di {day}?""",
        """{n} giorni di ritardo e nessuno mi dice niente
Il mio pacco è 'in consegna' da {day}. Dov'è???
Ordinato {bean} {n} giorni fa. Niente caffè, niente risposta, niente scuse
Il corriere ha lasciato il pacco sotto la pioggia. Tutto bagnato
Sto ancora aspettando. Per colpa vostra ho comprato il caffè al supermercato
Secondo ordine di fila in ritardo. Basta""",
        """Fantastico, il mio caffè gira l'Europa. Almeno uno dei due è in vacanza
{n} giorni per quattro passi. Quando arriva sarà antiquariato. Complimenti""",
    ),
    "staff": (
        """{staff} al banco mi ha cambiato la giornata, gentilissima persona
{staff} si ricordava il mio ordine dopo una volta sola. Per questo torno
La squadra è un amore, anche {day} mattina con il pienone
Dite a {staff} che il disegno sul cappuccino ha fatto felice mia figlia
Persone cordiali e che sanno di cosa parlano""",
        """{staff} lavora {day}? Devo delle scuse e una mancia
Cercate qualcuno per il fine settimana?
Chi c'era al banco {day}? Il miglior {drink} finora""",
        """La ragazza alla cassa ha alzato gli occhi al cielo per un {drink}
Dieci minuti davanti al banco vuoto mentre due chiacchieravano
Scortesi al telefono, scortesi al banco. Che succede?
Né buongiorno né arrivederci
Chiesto un {drink}, arrivato altro, e pure la predica""",
        """Servizio col sorriso! Non il mio, non il loro, ma da qualche parte sì
Scusate se ho disturbato il personale facendo il cliente""",
    ),
    "prices": (
        """Vale ogni centesimo
Per un caffè di questa qualità il prezzo è più che onesto
{price} euro per il miglior {drink} di {town}? Sì grazie
Ho fatto i conti: a casa una tazzina costa 30 centesimi. Un affare""",
        """Quanto costa il chilo di {bean}?
C'è uno sconto studenti?
Avete prezzi per gli uffici?
Il {drink} è aumentato o ho letto male la lavagna?""",
        """{price} euro per un {drink}? E pensare che mi piaceva questo posto
Prezzi su di nuovo e tazze più piccole
Troppo caro per quello che è
Non riesco a spendere {price} euro per un sacchetto di caffè, mi spiace
Adesso fate pagare anche il ghiaccio. Il GHIACCIO""",
        """{price} euro per un {drink}. Immagino che la tazza sia compresa, e il tavolo
A questi prezzi pensavo che il {drink} mi facesse anche il 730""",
    ),
    "oat milk": (
        """Il flat white all'avena qui è fuori dal mondo
Grazie che non fate pagare l'avena in più!
Il {drink} con avena è così cremoso che ho chiesto due volte
La migliore schiuma d'avena di {town}, provate a dire di no
Entrata scettica, uscita convertita all'avena""",
        """Che marca di latte d'avena usate?
L'avena è senza glutine?
Avete anche soia o mandorla per il {drink}?""",
        """60 centesimi in più per l'avena, nel duemilaventisei?
Il mio {drink} all'avena era tiepido e impazzito
{day} di nuovo senza latte d'avena
Chiesto avena, arrivato latte vaccino. Sono intollerante. Attenzione, per favore""",
        """Supplemento avena. I cavalli al paese mangiano a meno
Finita l'avena alle dieci di mattina. Chi poteva prevederlo""",
    ),
    "course": (
        """Il {course} con {staff} è stato il sabato più bello dell'anno
Fatto il {course}: imparato più in tre ore che in dieci anni di caffè cattivo
Regalato il {course} a mio padre. Adesso pesa l'acqua. Grazie, credo
{staff} spiega tutto in modo chiarissimo, il {course} è una gioia
La mia latte art è ancora una patata, ma felice. Gran {course}""",
        """Ci sono ancora posti per il {course} di {day}?
Il {course} va bene per chi parte da zero?
Il {course} è anche in italiano?
Posso spostare il mio posto al {course} a un'altra data?""",
        """{course} annullato la sera prima. Avevo preso ferie
Troppa gente per due macchine, nel {course} ho fatto un solo caffè
Il {course} è più una televendita che un corso
Pagato il {course}, mai arrivata la conferma""",
        """Meraviglioso {course}: ho imparato a fare la fila per una macchina
Tre ore di {course} e un diploma in guardare gli altri bere""",
    ),
    "subscription": (
        """L'abbonamento è il regalo più bello che mi sia mai fatto
Un caffè nuovo ogni mese senza pensarci. Adoro
In pausa, trasloco, ripreso: tutto in due clic. Bravi
Mese {n} di abbonamento e nemmeno un sacchetto sbagliato
Il sacchetto a sorpresa di questo mese, {bean}, che scoperta""",
        """Come metto in pausa l'abbonamento d'estate?
Posso cambiare il {bean} con un deca nell'abbonamento?
Che giorno parte il prossimo sacchetto?
Possiamo dividere un abbonamento su due indirizzi?""",
        """Disdetto l'abbonamento e addebitato di nuovo
Lo stesso caffè per {n} mesi. Pensavo che il bello fosse variare
La pagina per disdire l'abbonamento dà errore
Toglietemi dall'abbonamento, ho già scritto {n} volte
Avete cambiato il prezzo dell'abbonamento senza dirlo a nessuno""",
        """Adoro l'abbonamento, soprattutto la parte in cui non si può disdire
Una sorpresa ogni mese, certo: arriverà o non arriverà?""",
    ),
    "opening hours": (
        """Aperti la domenica alle otto, siete dei santi
Che bello che aprite prima, riesco a passare prima del treno
Perfetto che {day} chiudete tardi""",
        """Siete aperti {day}?
A che ora chiudete la domenica?
Aprite nei giorni di festa?
La cucina è aperta anche al pomeriggio?""",
        """Il sito dice aperto, la porta dice chiuso. Venti minuti a piedi
Chiusi alle cinque di {day}? E chi ci viene?
Sedie sui tavoli mezz'ora prima della chiusura. Brutto
Avete cambiato orario e sulla mappa c'è ancora quello vecchio""",
        """Orari come un indovinello: vieni, bussa, spera
Chiuso 'per pochi minuti'. Era {day}""",
    ),
    "christmas blend": (
        """È arrivata la miscela di Natale e con lei il buonumore
Arancia, cannella, cioccolato: la miscela di Natale è un abbraccio in tazza
Comprata la miscela di Natale per tutta la famiglia, tenuta tutta per me
La latta della miscela di Natale è così bella che ci tengo i bottoni
Ogni anno aspetto questa miscela. Quest'anno è la migliore""",
        """Quando esce la miscela di Natale?
C'è la miscela di Natale deca?
Potete incartare la miscela di Natale e spedirla a {town}?
Fino a quando posso ordinare la miscela di Natale per averla il 24?""",
        """La miscela di Natale quest'anno sa di profumo
Miscela di Natale esaurita il secondo giorno. Perché annunciarla
Quella dell'anno scorso era molto meglio, questa miscela di Natale è solo chiodo di garofano
La miscela di Natale è arrivata con la Befana""",
        """Miscela di Natale a metà novembre, perché aspettare Pasqua
Miscela di Natale: ora con il 40 % di prezzo in più e gli stessi tre chiodi di garofano""",
    ),
    "queue": (
        """C'è la fila, va veloce e ne vale la pena
Ordinato prima, saltata la fila, mi sono sentito un re
Fila fino alla porta e in cinque minuti eravamo seduti""",
        """Quando c'è meno gente? Vengo col passeggino
Posso ordinare prima e passare a ritirare?
Si può prenotare un tavolo per {n}?""",
        """25 minuti di fila per un {drink}. Mai più
Una persona sola alla cassa {day} mattina, fila fino in strada
Fanno passare gli amici. L'abbiamo visto
La fila è un caos, nessuno sa chi tocca
Andati via dopo 15 minuti, nemmeno uno sguardo""",
        """Sono invecchiato con grazia nella vostra fila
Venuto per colazione, ho pranzato. La fila saluta""",
    ),
    "wifi": (
        """Buon wifi, buona {cake}, mezza tesi scritta qui
Prese a ogni tavolo e wifi che va. Il mio nuovo ufficio
Wifi veloce come l'espresso""",
        """Qual è la password del wifi?
Si può lavorare col portatile {day}?
C'è un tavolo con la presa?""",
        """Il wifi cade ogni dieci minuti
Niente portatili nel weekend? Potevate scriverlo sulla porta
Cambiata la password del wifi e nessuno sapeva quella nuova
Avevo una chiamata, il wifi aveva altri programmi""",
        """Il wifi è decorativo, come le piante
Bellissimo il wifi. Tutti e due i minuti""",
    ),
    "packaging": (
        """I nuovi sacchetti compostabili sono fantastici, grazie
Confezionato così bene che non volevo aprirlo
Niente plastica nel pacco. Così si fa
Il cartoncino col nome del produttore: bellissimo""",
        """I sacchetti sono riciclabili?
Posso portare la mia latta da riempire?
I sacchetti del {bean} hanno la zip adesso?
Potete spedire senza scatola regalo? Meno rifiuti""",
        """Il sacchetto era rotto e mezzo {bean} nella scatola
Una scatola enorme per 250 g. Davvero?
La zip del sacchetto non chiude mai
La valvola perde, {bean} stantio dopo una settimana
La latta è arrivata ammaccata, ed era un regalo""",
        """Una scatola in una scatola in una scatola: pensavo fosse arte
Rifiuti zero, dicono, da sotto una montagna di carta""",
    ),
}  # fmt: skip

LANGUAGE = Language(
    topics=_TOPICS,
    slots={
        "bean": "Huila|Yirgacheffe|Sidamo|Tarrazú|Antigua|Nyeri|Mantiqueira|blend della casa|decaffeinato|Gesha|Kayanza|Cajamarca",
        "drink": "flat white|cortado|cappuccino|espresso|cold brew|caffè filtro|caffelatte|americano|macchiato|ristretto",
        "staff": "Júlia|Marc|Aina|Pol|Laia|Nico|Carla|Bruna",
        "cake": "torta di carote|girella alla cannella|torta di mandorle|cheesecake|crostata",
        "town": "Girona|Genova|Torino|Barcellona|Milano|Alghero|Bologna|Figueres",
        "day": "lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
        "season": "estate|autunno|anno|inverno",
        "course": "corso barista|laboratorio di latte art|corso di assaggio|corso di espresso a casa",
        "n": "2|3|4|5|6|8|9|10|11",
        "price": "2,80|3,20|3,60|4,10|4,50|9,50|12,90|14,50",
    },
    openers=(
        "Davvero:|Volevo solo dirlo:|Guardate,|Lo ripeto:|Aggiornamento:|Amici di Girona:|Piccole gioie:|Senza scherzi,|allora,|Devo dirlo:|Non è pubblicità, giuro:|"
        "Buongiorno a tutti!",
        "Ciao!|Salve,|Una domanda:|Scusate il disturbo,|Una cosa:|Ciao ragazzi,|Buongiorno!|Domanda da fan:|Qualcuno sa?",
        "Mi spiace, ma|Non sono contenta.|Sinceramente?|Non mi lamento mai, ma|Ma dai.|Pronto?|È la seconda volta.|Sta diventando ridicolo.|Che peccato.|"
        "Gentili signori,|Davvero?|Mah.",
    ),
    closers=(
        "Grazie!|Ci vediamo {day}.|Continuate così|Avete una fan|Andateci.|10 e lode|Torno con gli amici|<3|che buono|Un abbraccio|Ditelo a {staff}!|E la {cake}, mamma mia.",
        "Grazie!|Grazie in anticipo|Un saluto|Mille grazie, a {day}|È per {day}|Senza fretta|grz|Chiedo per un amico|Saluti da {town}",
        "Fate qualcosa, per favore.|Delusa.|Aspetto una risposta.|Un vero peccato|La prossima volta ci penso|Male|Addio.|Sistemate|E pensare che vi consigliavo|:(|"
        "Attendo riscontro|E sono cliente da anni",
    ),
    greetings="Buongiorno,|Salve,|Gentile Cafè Lligam,|Ciao a tutti,|Buonasera,|Ciao,",
    farewells="Cordiali saluti,|Grazie,|Un saluto,|Grazie mille,|Saluti,|A presto,",
    posts="""Appena tostato: {bean}, di {day}. Venite ad annusarlo
Chi viene al {course} di {day}? Restano due posti
Novità in vetrina: {cake} di {staff}. Non arriva a mezzogiorno
Il consiglio della settimana: macina un filo più fine per il {drink} quando fa freddo
{day} apriamo alle otto. Il primo {drink} lo offre {staff}
Vi presentiamo {staff}. Chiedete del {bean}, ma con calma
Come bevete il {bean}: filtro o espresso? Raccontateci
La tostatrice è accesa e la via profuma di {bean}""",
    replies=(
        """Grazie, ci rallegri il {day}!
Che bello che ti sia piaciuto. Saluti da {staff}
Hai fatto sorridere tutto il banco, grazie!
Grazie! La prossima {cake} ti aspetta
Per noi conta molto. A presto!""",
        """Bella domanda! Sì, e {staff} te lo mostra volentieri {day}
Mandaci il numero d'ordine in privato e guardiamo subito
Abbiamo appena controllato: sì, fino a {day}
Certo! Passa da noi o prenota sul sito
Sì, lo è. Per altro chiedi pure a {staff}""",
        """Ci dispiace, non deve succedere. Ci mandi il numero d'ordine?
Hai ragione e ci scusiamo. {staff} ti chiama oggi
Grazie di avercelo detto. Abbiamo trovato la causa e rimediamo
Scusa per l'attesa! Oggi parte un nuovo pacco, a nostre spese
Non è così che vogliamo essere. Possiamo offrirti un {drink}?
Capiamo la rabbia. Scrivici e ti rimborsiamo""",
    ),
    subjects="""La tostatura della settimana: {bean}
Torna il {course}, posti da {day}
Che cosa ci ha insegnato il {bean}
Il preferito di {staff}: un {drink} migliore a casa
Notizie dal banco: {bean}, {cake} e altro""",
    about="Il caffè|La mia consegna|Il personale|Prezzi|Latte d'avena|Il corso|Il mio abbonamento|Orari|Miscela di Natale|La fila|Wifi|La confezione",
    bios="Prima il caffè|Mamma di due, niente tè|Corro, leggo, bevo {drink}|Ligure in Catalogna|Insegnante|Ciclista con problemi di caffeina|Designer, con avena grazie|"
    "Foto di gatti e caffè",
)
