"""Spanish."""
# ruff: noqa: E501

from .shape import Language

_TOPICS = {
    "beans": (
        """El {bean} es lo mejor que le ha pasado a mis mañanas
He abierto hoy una bolsa de {bean} y huele toda la casa
Tercera bolsa de {bean} en un mes y no me arrepiento de nada
El {bean} en espresso: dulce, redondo, nada amargo. Muy bien tostado
Mi madre, que dice que no le gusta el café, se ha acabado el {bean}
Se nota que lo tostáis cada semana, qué diferencia
por fin un {bean} que no sabe a quemado""",
        """¿Qué molienda me recomendáis del {bean} para la cafetera italiana?
¿Volverá el {bean} esta {season}?
¿El {bean} es lavado o natural?
¿Cuántos días después del tueste está mejor el {bean}?""",
        """El {bean} que me ha llegado está plano, tostado hace {n} semanas
Lo siento, pero el {bean} estaba ácido y aguado, nada que ver con lo que pone en la bolsa
La mitad de los granos del {bean} venían rotos
Habéis cambiado el tueste del {bean}, ¿verdad? Antes estaba mejor
{bean}: amargo, aceitoso, decepcionante. No repito""",
        """Ah, el {bean}, con sus delicadas notas de cartón mojado. Sublime
Si quisiera carbón iría a la barbacoa, no compraría {bean}""",
    ),
    "delivery": (
        """Pedido el {day} y a la mañana siguiente en casa. Increíble
El paquete llegó antes de que se me acabara el café. Perfecto
Qué detalle, un día antes y con una nota escrita a mano
El repartidor que tenéis ahora es un encanto, rápido y amable
Al final llegó el pedido, con disculpas y una bolsa de {bean} de regalo. Así se arreglan las cosas""",
        """¿Dónde está mi pedido? Lo hice el {day}
¿Hacéis envíos a {town}?
¿Puedo cambiar la dirección de un pedido que aún no ha salido?
¿Me podéis pasar el número de seguimiento del paquete del {day}?""",
        """{n} días de retraso y nadie me dice nada
Mi paquete está 'en reparto' desde el {day}. ¿¿Dónde está??
Pedí {bean} hace {n} días. Ni café, ni respuesta, ni disculpas
El mensajero dejó la caja bajo la lluvia. Todo empapado
Sigo esperando. Por vuestra culpa he comprado café del súper
Segundo pedido seguido que llega tarde. Se acabó""",
        """Genial, mi café está haciendo turismo por toda España. Al menos uno de los dos está de vacaciones
{n} días para 40 km. Cuando llegue el café será de anticuario. Bravo""",
    ),
    "staff": (
        """{staff}, de la barra, me ha alegrado el día
{staff} se acordaba de mi café después de venir una sola vez. Por eso vuelvo
El equipo es un amor, incluso un {day} por la mañana a tope
Decidle a {staff} que el dibujo del café hizo sonreír a mi hija todo el día
Gente majísima y que sabe de lo que habla""",
        """¿Está {staff} el {day}? Le debo una disculpa y una propina
¿Buscáis a alguien para los fines de semana?
¿Quién estaba en la barra el {day}? El mejor {drink} hasta ahora""",
        """La chica de la caja puso los ojos en blanco cuando pedí un {drink}
Diez minutos en una barra vacía mientras dos charlaban
Bordes por teléfono y bordes en la barra. ¿Qué os pasa?
Ni hola ni adiós
Pedí un {drink}, me dieron otra cosa y encima una charla""",
        """¡Servicio con una sonrisa! La mía no, la suya tampoco, pero alguna habrá
Perdón por molestar al personal siendo cliente""",
    ),
    "prices": (
        """Vale cada céntimo
Por un café de esta calidad el precio es más que justo
¿{price} euros por el mejor {drink} de {town}? Sí, gracias
He hecho cuentas: con vuestro grano la taza en casa sale a 30 céntimos. Un chollo""",
        """¿Cuánto cuesta el kilo de {bean}?
¿Hay descuento para estudiantes?
¿Tenéis tarifas para oficinas?
¿Ha subido el {drink} o he leído mal la pizarra?""",
        """¿{price} euros por un {drink}? Con lo que me gustaba este sitio
Otra vez han subido los precios y las tazas son más pequeñas
Demasiado caro para lo que es
No puedo justificar {price} euros por una bolsa de café, lo siento
Ahora cobráis el hielo aparte. El HIELO""",
        """{price} euros por un {drink}. Supongo que la taza va incluida, y la mesa
A estos precios esperaba que el {drink} me hiciera la declaración de la renta""",
    ),
    "oat milk": (
        """El flat white con avena de aquí es una locura
¡Gracias por no cobrar de más por la leche de avena!
El {drink} con avena es tan cremoso que pregunté dos veces
La mejor espuma de avena de {town}, discutidlo si queréis
Entré escéptica y salí con avena para siempre""",
        """¿Qué marca de bebida de avena usáis?
¿La avena es sin gluten?
¿Tenéis también soja o almendra para el {drink}?""",
        """¿60 céntimos más por la avena, a estas alturas?
Mi {drink} con avena estaba tibio y cortado
El {day} tampoco quedaba leche de avena
Pedí avena y era de vaca. Soy intolerante. Más cuidado, por favor""",
        """Suplemento por la avena. Los caballos de mi pueblo comen más barato
Sin avena a las diez de la mañana. Quién lo iba a imaginar""",
    ),
    "course": (
        """El {course} con {staff} fue el mejor sábado del año
Hice el {course} y aprendí más en tres horas que en diez años de mal café
Regalé el {course} a mi padre. Ahora pesa el agua. Gracias, creo
{staff} lo explica todo clarísimo, el {course} es una gozada
Mi latte art sigue siendo una patata, pero una patata feliz. Gran {course}""",
        """¿Quedan plazas para el {course} del {day}?
¿El {course} sirve para principiantes totales?
¿El {course} es en castellano?
¿Puedo cambiar de fecha mi plaza del {course}?""",
        """Cancelaron el {course} la noche antes. Me había pedido el día libre
Demasiada gente para dos máquinas, hice un solo café en todo el {course}
El {course} es más una charla comercial que un curso
Pagué el {course} y nunca me llegó la confirmación""",
        """Maravilloso {course}: he aprendido a hacer cola para una máquina
Tres horas de {course} y un diploma en ver beber café a los demás""",
    ),
    "subscription": (
        """La suscripción es el mejor regalo que me he hecho
Un café nuevo cada mes sin pensar. Me encanta
Pausada, mudanza, reactivada: todo en dos clics. Bravo
Mes {n} de suscripción y ni una bolsa que no me gustara
La bolsa sorpresa de este mes, {bean}, qué descubrimiento""",
        """¿Cómo pauso la suscripción en verano?
¿Puedo cambiar el {bean} por un descafeinado en la suscripción?
¿Qué día sale la próxima bolsa?
¿Podemos compartir una suscripción en dos direcciones?""",
        """Cancelé la suscripción y me habéis vuelto a cobrar
El mismo café {n} meses seguidos. Pensaba que la gracia era variar
La página para cancelar la suscripción da error
Dadme de baja de la suscripción, ya he escrito {n} veces
Habéis cambiado el precio de la suscripción sin avisar a nadie""",
        """Me encanta la suscripción, sobre todo la parte en que no se puede cancelar
Una sorpresa mensual, desde luego: ¿vendrá o no vendrá?""",
    ),
    "opening hours": (
        """Abiertos los domingos a las ocho, sois unos santos
Qué bien que abráis antes, ahora llego a desayunar y al tren
Perfecto que el {day} cerréis tarde""",
        """¿Abrís el {day}?
¿A qué hora cerráis los domingos?
¿Abrís el festivo?
¿La cocina abre también por la tarde?""",
        """La web dice abierto, la puerta dice cerrado. Veinte minutos andando
¿Cerrados a las cinco un {day}? ¿Y quién puede ir?
Sillas encima de las mesas media hora antes de cerrar. Feo
Habéis cambiado el horario y en el mapa sale el viejo""",
        """El horario como acertijo: ven, llama, reza
Cerrado 'unos minutos'. Eso fue el {day}""",
    ),
    "christmas blend": (
        """Ya está aquí la mezcla de Navidad y mi buen humor también
Naranja, canela, chocolate: la mezcla de Navidad es un abrazo en taza
Compré la mezcla de Navidad para toda la familia y me la he quedado yo
La lata de la mezcla de Navidad es tan bonita que guardo los botones en ella
Cada año espero esta mezcla. Este año, la mejor""",
        """¿Cuándo sale la mezcla de Navidad?
¿Hay mezcla de Navidad descafeinada?
¿Podéis envolver la mezcla de Navidad para regalo y mandarla a {town}?
¿Hasta cuándo puedo pedir la mezcla de Navidad para que llegue el 24?""",
        """La mezcla de Navidad sabe a colonia este año
La mezcla de Navidad agotada al segundo día. Para qué la anunciáis
La del año pasado estaba mucho mejor, esta mezcla de Navidad es todo clavo
La mezcla de Navidad llegó después de Reyes""",
        """Mezcla de Navidad a mediados de noviembre, para qué esperar a Semana Santa
Mezcla de Navidad: ahora con un 40 % más de precio y los mismos tres clavos""",
    ),
    "queue": (
        """Hay cola, avanza rápido y merece la pena
Pedí por adelantado, me salté la cola y me sentí un rey
Con cola hasta la puerta y en cinco minutos sentados""",
        """¿A qué hora hay menos gente? Vengo con carrito
¿Puedo pedir antes y pasar a recoger?
¿Se puede reservar mesa para {n}?""",
        """25 minutos de cola para un {drink}. Nunca más
Una sola persona en caja un {day} por la mañana y la cola hasta la calle
Dejan pasar a sus amigos. Lo vimos
La cola es un caos, nadie sabe quién va
Nos fuimos a los 15 minutos, ni nos miraron""",
        """He envejecido con elegancia en vuestra cola
Vine a desayunar y comí. La cola manda recuerdos""",
    ),
    "wifi": (
        """Buen wifi, buen {cake}, media tesis escrita aquí
Enchufes en todas las mesas y un wifi que va. Mi nueva oficina
El wifi tan rápido como el espresso""",
        """¿Cuál es la clave del wifi?
¿Se puede trabajar con portátil el {day}?
¿Hay alguna mesa con enchufe?""",
        """El wifi se cae cada diez minutos
¿Sin portátiles el fin de semana? Podíais ponerlo en la puerta
Cambiaron la clave del wifi y nadie sabía la nueva
Tenía una llamada, el wifi tenía otros planes""",
        """El wifi es decorativo, como las plantas
Me encantó el wifi. Los dos minutos""",
    ),
    "packaging": (
        """Las bolsas compostables nuevas son geniales, gracias
Tan bien empaquetado que daba pena abrirlo
Ni un plástico en el paquete. Así se hace
La tarjetita con el nombre del productor, preciosa""",
        """¿Las bolsas son reciclables?
¿Puedo llevar mi lata y me la llenáis?
¿Las bolsas de {bean} llevan ya cierre?
¿Lo podéis enviar sin caja de regalo? Menos residuos""",
        """La bolsa vino rota y medio {bean} por la caja
Una caja enorme para 250 g. ¿En serio?
El cierre de la bolsa no cierra nunca
La válvula pierde, el {bean} rancio en una semana
La lata llegó abollada y era un regalo""",
        """Una caja dentro de una caja dentro de una caja: pensé que era arte
Residuo cero, dicen, desde debajo de una montaña de papel""",
    ),
}  # fmt: skip

LANGUAGE = Language(
    topics=_TOPICS,
    slots={
        "bean": "Huila|Yirgacheffe|Sidamo|Tarrazú|Antigua|Nyeri|Mantiqueira|blend de la casa|descafeinado|Gesha|Kayanza|Cajamarca",
        "drink": "flat white|cortado|capuchino|espresso|cold brew|café de filtro|café con leche|americano|manchado|solo doble",
        "staff": "Júlia|Marc|Aina|Pol|Laia|Nico|Carla|Bruna",
        "cake": "bizcocho de zanahoria|rollo de canela|tarta de almendra|cruasán|tarta de queso",
        "town": "Girona|Figueres|Barcelona|Olot|Zaragoza|Madrid|Valencia|Palamós",
        "day": "lunes|martes|miércoles|jueves|viernes|sábado|domingo",
        "season": "primavera|semana|temporada|Navidad",
        "course": "curso de barista|taller de latte art|taller de cata|curso de espresso en casa",
        "n": "2|3|4|5|6|8|9|10|11",
        "price": "2,80|3,20|3,60|4,10|4,50|9,50|12,90|14,50",
    },
    openers=(
        "De verdad:|Solo quería decirlo:|Mira,|No me canso de repetirlo:|Actualizo:|Gente de Girona:|Pequeñas alegrías:|Sin broma,|pues eso,|Tengo que decirlo:|"
        "No es publi, lo juro:|¡Buenos días!",
        "¡Hola!|Hola,|Una pregunta:|Perdonad,|Una cosita:|Hola equipo,|¡Buenas!|Pregunta de fan:|¿Alguien sabe?",
        "Lo siento, pero|Nada contento.|¿Sinceramente?|Yo no me quejo nunca, pero|Venga ya.|¿Hola?|Segunda vez ya.|Esto empieza a ser ridículo.|Qué pena.|"
        "A ver,|¿En serio?|Mmm.",
    ),
    closers=(
        "¡Gracias!|Nos vemos el {day}.|Seguid así|Tenéis una fan|Id.|10/10|Volveré con amigos|<3|qué rico|Un abrazo|¡Decídselo a {staff}!|Y el {cake}, madre mía.",
        "¡Gracias!|Gracias de antemano|Un saludo|Mil gracias, nos vemos el {day}|Es para el {day}|Sin prisa|graciass|Pregunto por un amigo|Saludos desde {town}",
        "Haced algo, por favor.|Decepcionada.|Espero una respuesta.|Una lástima|La próxima me lo pienso|Fatal|Hasta nunca.|Arregladlo|Y eso que os recomendaba|:(|"
        "Quedo a la espera|Y soy cliente de siempre",
    ),
    greetings="Hola:|Buenos días,|Buenas tardes,|Hola, equipo:|Estimados:|Hola, buenas:",
    farewells="Un saludo,|Gracias,|Muchas gracias,|Saludos,|Un abrazo,|Atentamente,",
    posts="""Recién tostado: {bean}, del {day}. Ven a olerlo
¿Quién se apunta al {course} del {day}? Quedan dos plazas
Nuevo en la vitrina: {cake} de {staff}. No llega a mediodía
Consejo de la semana: muele un pelín más fino para tu {drink} cuando hace frío
El {day} abrimos a las ocho. El primer {drink} lo paga {staff}
Os presentamos a {staff}. Preguntadle por el {bean}, pero con tiempo
¿Cómo tomáis el {bean}: filtro o espresso? Contadnos
La tostadora está en marcha y la calle huele a {bean}""",
    replies=(
        """¡Gracias, nos alegras el {day}!
Qué bien que te gustara. Recuerdos de {staff}
Has hecho sonreír a toda la barra, ¡gracias!
¡Gracias! El próximo {cake} te espera
Significa mucho. ¡Hasta pronto!""",
        """¡Buena pregunta! Sí, y {staff} te lo enseña encantada el {day}
Mándanos el número de pedido por privado y lo miramos ahora mismo
Acabamos de comprobarlo: sí, hasta el {day}
¡Claro! Pásate o resérvalo en la web
Sí, lo es. Cualquier cosa, pregunta a {staff}""",
        """Lo sentimos, no debería pasar. ¿Nos mandas el número de pedido?
Tienes razón, te pedimos disculpas. {staff} te llama hoy
Gracias por decírnoslo. Ya sabemos qué ha pasado y lo arreglamos
¡Perdón por la espera! Hoy sale otro paquete, por nuestra cuenta
No es así como queremos ser. ¿Te invitamos a un {drink}?
Entendemos tu enfado. Escríbenos y te devolvemos el dinero""",
    ),
    subjects="""El tueste de la semana: {bean}
Vuelve el {course}, plazas desde el {day}
Lo que hemos aprendido del {bean}
El favorito de {staff}: un {drink} mejor en casa
Noticias con cafeína: {bean}, {cake} y más""",
    about="El café|Mi envío|Vuestro personal|Precios|Leche de avena|El curso|Mi suscripción|Horario|Mezcla de Navidad|La cola|Wifi|El paquete",
    bios="Primero café|Madre de dos, té jamás|Corro, leo, bebo {drink}|De Girona por elección|Profe|Ciclista con problemas de cafeína|Diseñadora. Con avena, por favor|"
    "Fotos de gatos y cafés",
)
