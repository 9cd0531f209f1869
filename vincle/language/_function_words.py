"""Small words by which the rules of sentiment know how a sentence turns; folded, of all six languages at once."""

from typing import Final

CONCESSIVE: Final = frozenset(
    "although though despite even aunque pese encara malgrat tot sebbene nonostante benche anche embora apesar a malgre bien".split()
)
OR: Final = frozenset("or nor ni o ou ne e y i et and and/or".split())
AFTER_VERB: Final = frozenset("pas mica jamais guere".split())
LITTLE: Final = frozenset("poc poco pouco peu little gens res cap nada niente rien zero".split())
"""What denies, at the end of a clause, the sign before it: m'ha agradat poc, de professionals en tenen poc."""
OF: Final = frozenset("de d' di".split())
DENIES: Final = frozenset("no non nao don't didn't doesn't isn't wasn't".split())
THAT: Final = frozenset("que che that i we qu'".split())
AFFIRMED: Final = frozenset({"sí", "sì"})
"""Yes, not if."""
NEVER: Final = frozenset(
    "never nunca jamas mai jamais nobody nadie nessuno ningu personne ninguem cap rarely seldom poques pocas poche poucas".split()
)
COULD: Final = frozenset(
    "could couldn't couldnt can't cant cannot podria podia puede pot potrei potrebbe poteva posso pourrais peux peut poderia"
    " puc podem podriem podien puedo podemos pueden possiamo possono".split()
)
SO: Final = frozenset("so such as more tan tanto tanta tant mas mes piu cosi plus si aussi tao this that better worse aixi asi".split())
NOTHING: Final = frozenset("nada res niente rien nothing".split())
NOW: Final = frozenset("ahora ara ora adesso agora maintenant now hoy avui oggi y i e et and then".split())
THANKS: Final = frozenset(
    "thanks thank great congrats congratulations bravo gracias gracies merces grazie merci obrigado obrigada enhorabuena enhorabona"
    " genial complimenti felicitats felicidades felicitaciones felicitacions que che how quin quina well parabens bravi".split()
)
OATHS: Final = frozenset(
    "joder hostia hosti ostia collons cony puto puta cabron malparit cazzo minchia porca merda putain caralho porra damn shit fuck"
    " holy".split()
)
COMPARED: Final = frozenset("better worse happier mejor peor millor pitjor meglio peggio migliore mieux meilleur pire melhor pior".split())
BREAKS: Final = frozenset(',;:()[]–—|/"«»“”')
COURTESY: Final = frozenset(
    "hola bon bona bones buenos buenas buongiorno buonasera hello hi dear bonjour bom boa ola thanks thank cheers please"
    " regards best kind gracias gracies merces merci grazie obrigado obrigada ciao salve estimat estimada estimats estimades"
    " estimado estimados benvolgut benvolguda benvolguts gentile gentili egregio caro cara cher chere salutacions salutacio"
    " saludo saludos saluti cordial cordials cordiales cordiali cordialment cordialmente abrazo abracada petons besos baci"
    " guapes guapos mil moltes muchas mille many una un millones muito".split()
)
"""How greetings, thanks and farewells begin."""
REQUESTS: Final = frozenset(
    "voldria vull saber demanar pregunta preguntar consulta podrieu podrien sabeu sabrieu quisiera querria podrian podriais"
    " sabeis pedir vorrei sapere chiedere potreste wondering ask asking know enquire request voudrais savoir demander gostaria".split()
)
REASONS: Final = frozenset("per por for di del pour pel a al aos".split())
AHEAD: Final = frozenset("endavant avancat adelantado anticipado advance anticipo avance antecipadamente".split())
BEFORE: Final = frozenset("abans antes prima before avant passat pasado scorso dernier last".split())
NOWADAYS: Final = frozenset("ara ahora adesso ora now agora maintenant".split())
AGAIN: Final = frozenset(
    "altra altre altro otra otro nuevo nuovo nou ancora again another encore autre outra novamente nuovamente tard tarde tardi late".split()
)
SPANS: Final = frozenset(
    "hora hores horas ore ora hour hours heure heures minut minuts minutos minuti minutes setmana setmanes semana semanas"
    " settimane week weeks semaine semaines dies dias giorni days jours mes mesos meses mesi months".split()
)
AGES: Final = frozenset("years anys anos anni temps tiempo tempo segles siglos secoli mesos meses mesi months ages".split())
"""It is ages that it was not so good."""
IMPOSSIBLE: Final = frozenset("impossible imposible impossibile impossivel".split())
LIGHT: Final = frozenset(
    "el la els les l' lo los las il i gli le un una uns unes unos unas uno que che d' de del dels di em m' et t' es s' ens us"
    " n' hi ho en li me te se nos os mi ti si ci vi ne he has ha hem heu han hemos habeis hai abbiamo hanno era eren fos sigui"
    " fuera sea fosse sia be been was were is are the a an to that dir decir dire say puc puedo posso quedat quedado".split()
)
"""Words over which a denial passes without tiring: articles, clitics, auxiliaries."""
PERSONAL: Final = frozenset(
    "i i'm im i've ive me my mine we us our you your u yo mi mis nos nuestro nuestra tu te vosotros vuestro vuestra os usted"
    " ustedes estoy soy he hemos tengo quiero creo jo em m' meu meva meus meves ens nosaltres et t' vos vostre vostra heu hem"
    " vaig vam estic soc tinc vull crec io mio mia miei mie ci noi voi vi vostro sono ho abbiamo avete voglio eu minha voce"
    " voces seu je j' moi mon ma mes nous notre vous votre".split()
)
"""By which someone speaks for himself, or to someone."""
HERE: Final = frozenset("aquest este esta quest' questo cette cet ce this".split())
NOBODY: Final = frozenset("nobody nadie ningu nessuno ninguem personne".split())
LIKE: Final = frozenset("like como com come comme".split())
WISHED: Final = {
    "ojala": ("ara", "iera", "aran", "ieran", "ase", "iese"),
    "magari": ("asse", "esse", "isse", "assero", "essero", "issero"),
    "bo": ("és", "essin", "éssim"),
}
"""Words of wishing, and the endings of verbs by which one wishes for what is not (ojalá contestaran; tant de bo contestessin)."""
