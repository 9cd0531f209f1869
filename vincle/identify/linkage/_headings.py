"""What columns of people and organisations are called, beyond the words of contact lists; in six languages."""

from typing import Final

_FIELDS: Final = """
name: first and surname|first name and surname|forename and surname|name and surname|name surname|legal name|trading name|account|firm
name: firma|company legal name|nombre comercial|nombre fiscal|denominazione|denominacion|denominacion social|nom comercial|nom fiscal
name: firmenname
first_name: christian name|nombres|prenoms|vornamen|nom de pila|primer nom|given names|first names
last_name: surnames|last names|primer apellido|segundo apellido|primer cognom|segon cognom|maiden name|surname 1|surname 2|apellido 1
last_name: apellido 2
birthday: birth|born|born on|d o b|date birth|birth day|birthyear|birth year|year of birth|ano de nacimiento|anno di nascita
birthday: any de naixement|annee de naissance|geburtsjahr|f nacimiento|fec nacimiento|fecha nac|fecha nacim|nato il|nata il|nacido el
birthday: geboren|geboren am|ne le
house_number: street number|street no|house number|house no|housenumber|building number|numero civico|civico|n civico|hausnummer|haus nr
house_number: hausnr|numero de calle|numero calle|numero de portal|portal|numero de la calle|numero de carrer|numero de rue|num rue
house_number: streetnumber
street: address 1|address1|street name|street 1|road|nombre de la via|nom de la rue|direccion 1|indirizzo 1|adreca 1|adresse 1|domicili
address_2: address 2|address2|address line 2|street 2|street line 2|addressline2|apartment|apt|flat|piso|pis|interno|scala|escalera
address_2: complement d adresse|complemento|complement|adresszusatz|direccion 2|indirizzo 2|adreca 2|adresse 2|district|neighbourhood
address_2: neighborhood
city: suburb|town city|city town|municipality|locality|place|gemeinde|wohnort|poblacion municipio|commune
region: county|state code|province code|canton|kanton|departement|comarca
postcode: post code|postal|cod postal|c p|codigopostal|zip postcode|zip postal
country: country name|nacion|staat|nationality|nacionalidad|nazionalita|nacionalitat|nationalite
id_number: soc sec id|ssn|social security|social security number|social security no|social security id|national id|national id number
id_number: id number|id card|id card number|identity number|identity card|identity document|nif|dni|nie|cif|nif cif|cif nif|dni nie
id_number: dni nif|nif nie|documento|documento de identidad|numero de documento|document number|document id|document|passport
id_number: passport number|pasaporte|passaporto|passaport|passeport|reisepass|ausweisnummer|personalausweis|vat|vat id|vat number|vat no
id_number: vatin|tax id|tax number|tax no|tin|ein|codice fiscale|cod fiscale|partita iva|p iva|piva|numero de identificacion fiscal|siret
id_number: siren|numero siret|numero siren|numero de tva|tva|numero de securite sociale|numero securite sociale|secu|steuernummer
id_number: steuer id|ust id|ustid|ust idnr|ust id nr|umsatzsteuer id|sozialversicherungsnummer|handelsregisternummer|company number
id_number: company registration number|registration number|registration no|lei|duns|abn|acn|nhs number|nino|national insurance number
id_number: numero de seguridad social|seguridad social|nss
domain: domain|domain name|email domain|web domain|company domain|website domain|dominio|domini|domaine|nom de domaine
username: username|user name|user|handle|screen name|screenname|login|account name handle|usuario|nombre de usuario|nome utente|utente
username: nom d usuari|usuari|nom d utilisateur|utilisateur|pseudo|benutzername|benutzer|nutzername|social handle|acct|profile name
network: network|social network|platform|red social|red|plataforma|rete|rete sociale|social|piattaforma|xarxa|xarxa social|reseau
network: reseau social|plateforme|netzwerk|plattform|soziales netzwerk
avatar_hash: avatar hash|picture hash|photo hash|phash|image hash
"""

_TRUTH: Final = """cluster|cluster id|clusters|cluster number|cluster no|true cluster|entity|entity id|true entity|truth|true id
|ground truth|gold|gold id|gold label|label|labels|match id|match group|group id|group|duplicate of
|is duplicate|duplicate|dedupe id|person id|persona id|real id|personid|entityid|clusterid|true person
|true person id|canonical id|master id|golden id|same as|truth id|identity|identity id"""

_ROWS: Final = """id|ids|rec id|recid|record id|record|record number|row|row id|row number|row no|rownum|index|idx|unique id
|uniqueid|uid|uuid|guid|key|pk|primary key|nr|no|n|num|number|line|line number|unnamed 0|level 0|oid
|identifier|external id|ref|reference|numero|numero de fila|riga|fila|zeile|ligne|source|source dataset
|source file|source table|source system|dataset|data set|file|filename|file name|origin|origen|origine
|herkunft"""

HEADINGS: Final[dict[str, str]] = {
    name: field for line in _FIELDS.strip().splitlines() for field, _, names in [line.partition(": ")] for name in names.split("|")
}
TRUTH: Final = frozenset(name.strip() for name in _TRUTH.replace("\n", "").split("|"))
ROWS: Final = frozenset(name.strip() for name in _ROWS.replace("\n", "").split("|"))

NETWORKS: Final = frozenset("linkedin x instagram facebook mastodon bluesky youtube tiktok github telegram".split())

AROUND: Final = frozenset(
    "fake masked clean cleaned raw std standardised standardized norm normalised normalized orig original anon anonymised text".split()
)
"""Words behind a heading that say how a column was made, not what it holds."""

ABOUT_THE_RECORD: Final = frozenset(
    "lifecycle owner followers first_contact updated_at tags status opt_in opt_in_at opt_in_ip consent_text opt_out opt_out_at "
    "bounced bounced_at complained complained_at phone_opt_in phone_opt_out attributes kind note avatar timezone".split()
)
"""Fields of contact lists that tell how a record was kept, not who it is."""

FIELDS: Final = (
    "name", "first_name", "middle_name", "last_name", "nickname", "title", "birthday", "gender", "language", "email", "phone", "username",
    "id_number", "house_number", "street", "address_2", "city", "region", "postcode", "country", "company", "department", "industry",
    "job_title", "website", "domain", "bio", "avatar_hash", "together",
)  # fmt: skip
"""What a column may be taken for; any other is "column:Heading", compared as plain text."""
