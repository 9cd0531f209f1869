"""Words that people add to their user and display names and that are no part of the name: jobs, places of work, "official"."""

DECORATION = frozenset(
    # that it is really them
    "real oficial official officiel ufficiale the iam soc soy sono its itsme hey hola hello ciao thereal verified only just simply mr "
    "mrs ms not xx xxx xo "
    # what they do
    "coach coaching photo photos foto fotos fotografia fotografa fotograf fotografo photography photographer design designer disseny "
    "diseno designs "
    "studio estudi estudio art arts artist artista music musica musician musico music dj mc chef cook cuina cocina cucina food foodie "
    "coffee cafe "
    "caffe travel travels traveler viatges viajes viaggi blog blogger vlog vlogs tv yt live gaming games gamer dev developer code codes "
    "coder tech "
    "writer escriptora escritora scrittrice journalist periodista fit fitness yoga pilates run runner running trainer bike bici "
    "ciclista beauty "
    "makeup nails hair moda fashion style stylist arquitecta arquitecto architect arquitectura law advocada abogada avvocato legal "
    "realtor teacher "
    "profe mestra maestra nurse marketing mkt pr pro consulting consultor consultora consultant freelance books llibres libros libri "
    "llegeix lee "
    "reads podcast radio press news shop store botiga tienda negozio vintage handmade crafts wines wine vins vino "
    # where they are
    "bcn barcelona cat catalunya catalonia esp spain espana espanya ita italia italy uk usa us eu nyc london londres madrid mad vlc "
    "valencia roma rome "
    "milano girona tarragona lleida mallorca sevilla bilbao paris berlin world mundo "
    # where they write
    "insta ig twitter tw fb facebook mastodon tiktok mail email work feina private priv personal alt backup new nou nuevo nuova".split()
)
"""Folded words."""

ROLES = frozenset(
    "info admin hola hello hi contact contacte contacto contatti sales vendes ventas vendite support suport soporte supporto help ajuda "
    "ayuda aiuto "
    "office oficina ufficio mail email correu correo posta post webmaster postmaster noreply no-reply donotreply billing facturacio "
    "facturacion "
    "fatture accounts comptes administracio administracion amministrazione marketing press premsa prensa stampa team equip equipo jobs "
    "hr rrhh "
    "shop store botiga tienda negozio orders comandes pedidos ordini reservas reserves booking prenotazioni newsletter news service "
    "servei "
    "servicio servizio general comercial commerciale direccio direccion direzione secretaria segreteria root test user usuari usuario "
    "utente guest".split()
)
"""Local parts of addresses that belong to a role, not to one person."""
