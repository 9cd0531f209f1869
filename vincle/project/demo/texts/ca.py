"""Catalan."""
# ruff: noqa: E501

from .shape import Language

_TOPICS = {
    "beans": (
        """El {bean} és el millor que els ha passat als meus matins
Avui he obert una bossa de {bean} i fa olor tota la casa
Tercera bossa de {bean} en un mes i no me'n penedeixo gens
El {bean} en exprés: dolç, rodó, gens amarg. Molt ben torrat
La mare, que diu que no li agrada el cafè, s'ha acabat el {bean}
Es nota que el torreu cada setmana, quina diferència
per fi un {bean} que no té gust de cremat""",
        """Quina mòlta em recomaneu del {bean} per a la cafetera italiana?
Tornarà el {bean} aquest {season}?
El {bean} és rentat o natural?
Quants dies després de torrar està millor el {bean}?""",
        """El {bean} que m'ha arribat és pla, torrat fa {n} setmanes
Em sap greu, però el {bean} era àcid i aigualit, res a veure amb el que diu la bossa
La meitat dels grans del {bean} venien trencats
Heu canviat el torrat del {bean}, oi? Abans era millor
{bean}: amarg, oliós, decebedor. No hi torno""",
        """Ah, el {bean}, amb les seves delicades notes de cartró moll. Sublim
Si volgués carbó aniria a la brasa, no compraria {bean}""",
    ),
    "delivery": (
        """Demanat {day} i l'endemà al matí a casa. Increïble
El paquet ha arribat abans que se m'acabés el cafè. Perfecte
Quin detall: un dia abans i amb una nota escrita a mà
El repartidor que teniu ara és un encant, ràpid i amable
Al final ha arribat la comanda, amb disculpes i una bossa de {bean} de regal. Així s'arreglen les coses""",
        """On és la meva comanda? La vaig fer {day}
Envieu a {town}?
Puc canviar l'adreça d'una comanda que encara no ha sortit?
Em podeu passar el número de seguiment del paquet de {day}?""",
        """{n} dies de retard i ningú no em diu res
El meu paquet està 'en repartiment' des de {day}. On és???
Vaig demanar {bean} fa {n} dies. Ni cafè, ni resposta, ni disculpes
El missatger va deixar la capsa sota la pluja. Tot xop
Encara espero. Per culpa vostra he comprat cafè del súper
Segona comanda seguida que arriba tard. S'ha acabat""",
        """Genial, el meu cafè fa turisme per tot el país. Almenys un dels dos fa vacances
{n} dies per fer 40 km. Quan arribi, el cafè serà d'antiquari. Bravo""",
    ),
    "staff": (
        """{staff}, de la barra, m'ha alegrat el dia
{staff} recordava el meu cafè després de venir un sol cop. Per això torno
L'equip és un amor, fins i tot {day} al matí a vessar
Digueu a {staff} que el dibuix del cafè va fer somriure la meva filla tot el dia
Gent maquíssima i que sap de què parla""",
        """Hi és {staff} {day}? Li dec una disculpa i una propina
Busqueu algú per als caps de setmana?
Qui hi havia a la barra {day}? El millor {drink} fins ara""",
        """La noia de la caixa va fer mala cara quan vaig demanar un {drink}
Deu minuts davant d'una barra buida mentre dos xerraven
Esquerps per telèfon i esquerps a la barra. Què us passa?
Ni bon dia ni adéu
Vaig demanar un {drink}, em van donar una altra cosa i a sobre un sermó""",
        """Servei amb un somriure! El meu no, el seu tampoc, però algun n'hi deu haver
Perdó per molestar el personal fent de client""",
    ),
    "prices": (
        """Val cada cèntim
Per un cafè d'aquesta qualitat el preu és més que just
{price} euros pel millor {drink} de {town}? Sí, gràcies
He fet números: amb el vostre gra la tassa a casa surt a 30 cèntims. Una ganga""",
        """Quant val el quilo de {bean}?
Hi ha descompte per a estudiants?
Teniu tarifes per a oficines?
Ha pujat el {drink} o he llegit malament la pissarra?""",
        """{price} euros per un {drink}? Amb el que m'agradava aquest lloc
Una altra vegada han pujat els preus i les tasses són més petites
Massa car pel que és
No puc justificar {price} euros per una bossa de cafè, em sap greu
Ara cobreu el gel a part. El GEL""",
        """{price} euros per un {drink}. Suposo que la tassa hi va inclosa, i la taula
Amb aquests preus esperava que el {drink} em fes la declaració de la renda""",
    ),
    "oat milk": (
        """El flat white amb civada d'aquí és una bogeria
Gràcies per no cobrar de més per la llet de civada!
El {drink} amb civada és tan cremós que ho vaig preguntar dos cops
La millor escuma de civada de {town}, discutiu-ho si voleu
Vaig entrar escèptica i en vaig sortir amb civada per sempre""",
        """Quina marca de beguda de civada feu servir?
La civada és sense gluten?
Teniu també soja o ametlla per al {drink}?""",
        """60 cèntims més per la civada, a hores d'ara?
El meu {drink} amb civada era tebi i tallat
{day} tampoc no quedava llet de civada
Vaig demanar civada i era de vaca. Soc intolerant. Més cura, si us plau""",
        """Suplement per la civada. Els cavalls del meu poble mengen més barat
Sense civada a les deu del matí. Qui ho podia imaginar""",
    ),
    "course": (
        """El {course} amb {staff} va ser el millor dissabte de l'any
Vaig fer el {course} i vaig aprendre més en tres hores que en deu anys de mal cafè
Vaig regalar el {course} al pare. Ara pesa l'aigua. Gràcies, crec
{staff} ho explica tot claríssim, el {course} és un goig
El meu latte art encara és una patata, però una patata feliç. Gran {course}""",
        """Queden places per al {course} de {day}?
El {course} va bé per a gent que comença de zero?
El {course} és en català?
Puc canviar de data la meva plaça del {course}?""",
        """Van cancel·lar el {course} el vespre abans. M'havia demanat festa
Massa gent per a dues màquines, vaig fer un sol cafè en tot el {course}
El {course} és més una xerrada comercial que no un curs
Vaig pagar el {course} i mai no em va arribar la confirmació""",
        """Meravellós {course}: he après a fer cua per a una màquina
Tres hores de {course} i un diploma en mirar com beuen els altres""",
    ),
    "subscription": (
        """La subscripció és el millor regal que m'he fet
Un cafè nou cada mes sense pensar-hi. M'encanta
Pausada, mudança, represa: tot en dos clics. Molt bé
Mes {n} de subscripció i ni una bossa que no m'agradés
La bossa sorpresa d'aquest mes, {bean}, quina troballa""",
        """Com poso en pausa la subscripció a l'estiu?
Puc canviar el {bean} per un descafeïnat a la subscripció?
Quin dia surt la pròxima bossa?
Podem compartir una subscripció en dues adreces?""",
        """Vaig cancel·lar la subscripció i m'heu tornat a cobrar
El mateix cafè {n} mesos seguits. Em pensava que la gràcia era variar
La pàgina per cancel·lar la subscripció dona error
Doneu-me de baixa de la subscripció, ja he escrit {n} vegades
Heu canviat el preu de la subscripció sense avisar ningú""",
        """M'encanta la subscripció, sobretot la part que no es pot cancel·lar
Una sorpresa mensual, i tant: vindrà o no vindrà?""",
    ),
    "opening hours": (
        """Oberts diumenge a les vuit, sou uns sants
Que bé que obriu més d'hora, ara arribo a esmorzar i al tren
Perfecte que {day} tanqueu tard""",
        """Obriu {day}?
A quina hora tanqueu diumenge?
Obriu el dia festiu?
La cuina obre també a la tarda?""",
        """El web diu obert, la porta diu tancat. Vint minuts a peu
Tancats a les cinc, {day}? I qui hi pot anar?
Cadires damunt les taules mitja hora abans de tancar. Lleig
Heu canviat l'horari i al mapa surt el vell""",
        """L'horari com una endevinalla: vine, truca, resa
Tancat 'uns minuts'. Això va ser {day}""",
    ),
    "christmas blend": (
        """Ja és aquí la barreja de Nadal i el meu bon humor també
Taronja, canyella, xocolata: la barreja de Nadal és una abraçada en tassa
Vaig comprar la barreja de Nadal per a tota la família i me l'he quedada jo
La llauna de la barreja de Nadal és tan bonica que hi guardo els botons
Cada any espero aquesta barreja. Enguany, la millor""",
        """Quan surt la barreja de Nadal?
Hi ha barreja de Nadal descafeïnada?
Podeu embolicar la barreja de Nadal per a regal i enviar-la a {town}?
Fins quan puc demanar la barreja de Nadal perquè arribi el 24?""",
        """La barreja de Nadal té gust de colònia aquest any
La barreja de Nadal exhaurida el segon dia. Per què l'anuncieu
La de l'any passat era molt millor, aquesta barreja de Nadal és tot clau
La barreja de Nadal va arribar després de Reis""",
        """Barreja de Nadal a mitjan novembre, per què esperar Setmana Santa
Barreja de Nadal: ara amb un 40 % més de preu i els mateixos tres claus""",
    ),
    "queue": (
        """Hi ha cua, avança de pressa i val la pena
Vaig demanar abans, em vaig saltar la cua i em vaig sentir un rei
Amb cua fins a la porta i en cinc minuts asseguts""",
        """A quina hora hi ha menys gent? Vinc amb cotxet
Puc demanar abans i passar a recollir?
Es pot reservar taula per a {n}?""",
        """25 minuts de cua per un {drink}. Mai més
Una sola persona a la caixa {day} al matí i la cua fins al carrer
Deixen passar els amics. Ho vam veure
La cua és un caos, ningú no sap a qui li toca
Vam marxar al cap de 15 minuts, ni ens van mirar""",
        """He envellit amb elegància a la vostra cua
Vaig venir a esmorzar i vaig dinar. La cua envia records""",
    ),
    "wifi": (
        """Bon wifi, bon {cake}, mitja tesi escrita aquí
Endolls a totes les taules i un wifi que va. La meva nova oficina
El wifi tan ràpid com l'exprés""",
        """Quina és la clau del wifi?
Es pot treballar amb portàtil {day}?
Hi ha alguna taula amb endoll?""",
        """El wifi cau cada deu minuts
Sense portàtils el cap de setmana? Ho podíeu posar a la porta
Van canviar la clau del wifi i ningú no sabia la nova
Tenia una trucada, el wifi tenia altres plans""",
        """El wifi és decoratiu, com les plantes
Em va encantar el wifi. Tots dos minuts""",
    ),
    "packaging": (
        """Les bosses compostables noves són genials, gràcies
Tan ben empaquetat que feia llàstima obrir-ho
Ni un plàstic al paquet. Així es fa
La targeteta amb el nom del productor, preciosa""",
        """Les bosses són reciclables?
Puc portar la meva llauna i me l'ompliu?
Les bosses de {bean} ja porten tancament?
Ho podeu enviar sense capsa de regal? Menys residus""",
        """La bossa va venir trencada i mig {bean} per la capsa
Una capsa enorme per a 250 g. De debò?
El tancament de la bossa no tanca mai
La vàlvula perd, el {bean} ranci en una setmana
La llauna va arribar abonyegada i era un regal""",
        """Una capsa dins d'una capsa dins d'una capsa: em pensava que era art
Residu zero, diuen, des de sota una muntanya de paper""",
    ),
}  # fmt: skip

LANGUAGE = Language(
    topics=_TOPICS,
    slots={
        "bean": "Huila|Yirgacheffe|Sidamo|Tarrazú|Antigua|Nyeri|Mantiqueira|blend de la casa|descafeïnat|Gesha|Kayanza|Cajamarca",
        "drink": "flat white|tallat|caputxino|exprés|cold brew|cafè de filtre|cafè amb llet|americà|cigaló|curt",
        "staff": "la Júlia|en Marc|l'Aina|en Pol|la Laia|en Nico|la Carla|la Bruna",
        "cake": "pastís de pastanaga|rotlle de canyella|pa de pessic|croissant|pastís de formatge",
        "town": "Girona|Figueres|Barcelona|Olot|Banyoles|Salt|Palamós|Vic",
        "day": "dilluns|dimarts|dimecres|dijous|divendres|dissabte|diumenge",
        "season": "estiu|hivern|Nadal|any",
        "course": "curs de barista|taller de latte art|tast de cafès|curs d'exprés a casa",
        "n": "2|3|4|5|6|8|9|10|11",
        "price": "2,80|3,20|3,60|4,10|4,50|9,50|12,90|14,50",
    },
    openers=(
        "De veritat:|Només volia dir-ho:|Mira,|No em canso de repetir-ho:|Actualitzo:|Gironins:|Petites alegries:|Sense broma,|doncs això,|Ho he de dir:|"
        "No és publicitat, ho juro:|Bon dia!",
        "Hola!|Hola,|Una pregunta:|Perdoneu,|Una coseta:|Hola equip,|Bones!|Pregunta de fan:|Algú ho sap?",
        "Em sap greu, però|Gens contenta.|Sincerament?|No em queixo mai, però|Va, home.|Hola?|Ja és el segon cop.|Això comença a ser ridícul.|Quina pena.|"
        "A veure,|De debò?|Mmm.",
    ),
    closers=(
        "Gràcies!|Ens veiem {day}.|Seguiu així|Teniu una fan|Aneu-hi.|10/10|Tornaré amb amics|<3|que bo|Una abraçada|Digueu-ho a {staff}!|I el {cake}, mare meva.",
        "Gràcies!|Gràcies per endavant|Salutacions|Mil gràcies, ens veiem {day}|És per a {day}|Sense pressa|merci|Ho pregunto per a un amic|Records des de {town}",
        "Feu alguna cosa, si us plau.|Decebuda.|Espero una resposta.|Una llàstima|El pròxim cop m'ho penso|Fatal|Fins mai.|Arregleu-ho|I mira que us recomanava|:(|"
        "Quedo a l'espera|I soc client de sempre",
    ),
    greetings="Hola,|Bon dia,|Bona tarda,|Hola, equip:|Benvolguts,|Bones,",
    farewells="Salutacions,|Gràcies,|Moltes gràcies,|Records,|Una abraçada,|Cordialment,",
    posts="""Acabat de torrar: {bean}, de {day}. Vine a olorar-lo
Qui s'apunta al {course} de {day}? Queden dues places
Nou a l'aparador: {cake} fet per {staff}. No arriba al migdia
Consell de la setmana: mol una mica més fi per al {drink} quan fa fred
{day} obrim a les vuit. El primer {drink} el paga {staff}
Us presentem {staff}. Pregunteu pel {bean}, però amb temps
Com us preneu el {bean}: filtre o exprés? Expliqueu-nos-ho
La torradora està en marxa i el carrer fa olor de {bean}""",
    replies=(
        """Gràcies, ens alegres el {day}!
Que bé que t'agradés. Records de {staff}
Has fet somriure tota la barra, gràcies!
Gràcies! El pròxim {cake} t'espera
Per a nosaltres és molt. Fins aviat!""",
        """Bona pregunta! Sí, i {staff} t'ho ensenya {day}
Envia'ns el número de comanda per privat i ho mirem ara mateix
Ho acabem de comprovar: sí, fins {day}
I tant! Passa o reserva-ho al web
Sí que ho és. Qualsevol cosa, pregunta a {staff}""",
        """Ens sap greu, no hauria de passar. Ens envies el número de comanda?
Tens raó, et demanem disculpes. Avui et truca {staff}
Gràcies per dir-nos-ho. Ja sabem què ha passat i ho arreglem
Perdó per l'espera! Avui surt un altre paquet, a compte nostre
No és així com volem ser. Et convidem a un {drink}?
Entenem que t'enfadis. Escriu-nos i et tornem els diners""",
    ),
    subjects="""El torrat de la setmana: {bean}
Torna el {course}, places des de {day}
Què hem après del {bean}
El preferit de {staff}: un {drink} millor a casa
Notícies amb cafeïna: {bean}, {cake} i més""",
    about="El cafè|El meu enviament|El vostre personal|Preus|Llet de civada|El curs|La meva subscripció|Horari|Barreja de Nadal|La cua|Wifi|El paquet",
    bios="Primer cafè|Mare de dos, te mai|Corro, llegeixo, bec {drink}|De Girona per elecció|Mestra|Ciclista amb problemes de cafeïna|Dissenyadora. Amb civada, si us plau|"
    "Fotos de gats i cafès",
)
