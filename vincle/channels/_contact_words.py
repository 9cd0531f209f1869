"""How the vendors and people name the columns of contacts, in six languages."""

import re
from typing import Final

from vincle.vocabulary import Permit

from ._identifiers import fold, part

_FIELDS: Final = """
email: email|e mail|email address|e mail address|mail|correo|correo electronico|direccion de correo electronico|email 1|posta elettronica
email: indirizzo email|indirizzo e mail|correu|correu electronic|adreca electronica|courriel|adresse email|adresse e mail|e mail adresse
email: work email|business email|personal email|home email|primary email|email principal|secondary email|additional email addresses|email2
email: email 2|email 3|e mail 2 address|e mail 3 address|email address 2|email address 3|e mail 1 value|e mail 2 value|e mail 3 value
email: e mail 4 value|contact email|alternate email|other email|subscriber email|user email|emailaddress|correo e
phone: phone|phone number|telephone|telephone number|tel|mobile|mobile phone|mobile number|cell|cell phone|cellphone|telefono
phone: telefono movil|movil|numero de telefono|celular|cellulare|numero di telefono|telefon|telefon mobil|mobil|numero de telefon|portable
phone: telephone portable|handy|mobiltelefon|telefonnummer|mobile phone number|primary phone|home phone|home phone 2|business phone
phone: business phone 2|work phone|other phone|car phone|sms|whatsapp|whatsapp phone number|phone 1 value|phone 2 value|phone 3 value
phone: phone 4 value|phone1|phone2|phone 2|telefono fijo|fijo|fixe|telephone fixe|contact phone|phone mobile|numero di cellulare|tel movil
phone: gsm|landline
name: name|full name|fullname|nombre completo|nombre y apellidos|nome completo|nom complet|nom i cognoms|nombre|nome|nom|contact name
name: contact|nome e cognome|display name|subscriber name|vollstandiger name|nom et prenom|customer name|contacto|contatto
first_name: first name|firstname|given name|fname|nombre de pila|primer nombre|nome di battesimo|prenom|vorname|forename|first
middle_name: middle name|additional name|segundo nombre|secondo nome|segon nom|deuxieme prenom|zweiter vorname|middlename
last_name: last name|lastname|surname|family name|lname|apellido|apellidos|cognome|cognom|cognoms|nom de famille|nachname|familienname
last_name: last
nickname: nickname|nick|apodo|soprannome|sobrenom|malnom|surnom|spitzname
title: salutation|name prefix|honorific|tratamiento|tractament|civilite|anrede|titolo
gender: gender|sex|genero|sexo|genere|sesso|sexe|genre|geschlecht
birthday: birthday|birth date|birthdate|date of birth|dob|fecha de nacimiento|nacimiento|cumpleanos|data di nascita|compleanno
birthday: data de naixement|aniversari|date de naissance|naissance|geburtsdatum|geburtstag|date of birth dob
language: language|preferred language|idioma|lingua|llengua|langue|sprache|lang|locale
timezone: time zone|timezone|zona horaria|fuso orario|zona horaria preferida|fus horari|fuseau horaire|zeitzone
company: company|company name|organization|organisation|empresa|azienda|societa|societe|entreprise|firma|unternehmen|account name|employer
company: org|organization name|organization 1 name|nombre de la empresa|nome azienda|compania|raison sociale|business name|ragione sociale
company: razon social
job_title: job title|jobtitle|position|role|puesto|cargo|posizione|ruolo|carrec|poste|fonction|beruf|organization title
job_title: organization 1 title|profession|contact title|occupation|puesto de trabajo|qualifica
department: department|departamento|dipartimento|departament|departement|abteilung|organization department|organization 1 department
department: reparto
industry: industry|sector|settore|secteur|branche|industria
street: street|street address|address|home street|business street|mailing street|billing street|direccion|indirizzo|adreca|adresse
street: address 1 street|address line 1|address1|street line 1|calle|via|carrer|rue|strasse|other street|domicilio|shipping street
city: city|town|ciudad|citta|ciutat|ville|stadt|ort|poblacion|localidad|municipio|comune|poblacio|localitat|home city|business city
city: mailing city|billing city|address 1 city|other city|shipping city|location city|mailing city text only
region: region|state|province|state region|provincia|regione|regio|home state|business state|mailing state|billing state|address 1 region
region: bundesland|mailing state province|other state|comunidad autonoma|estado provincia|departement region
postcode: postcode|postal code|zip|zip code|zipcode|codigo postal|cp|cap|codi postal|code postal|plz|postleitzahl|home postal code
postcode: business postal code|mailing zip|mailing postal code|billing zip|address 1 postal code|zip postal code|mailing zip postal code
postcode: other postal code
country: country|pais|paese|pays|land|country region|home country|business country|mailing country|billing country|address 1 country
country: nazione|cc|country code|other country|stato estero|pais region
website: website|web site|web page|url|web|homepage|sitio web|pagina web|sito web|sito|lloc web|site web|webseite|website url
website: website 1 value|company website|company domain name
bio: bio|biography|biografia|about|biographie|acerca de
avatar: avatar|photo|photo url|picture|avatar url|image url|foto
note: note|notes|nota|notas|comentarios|comments|observaciones|osservazioni|commenti|observacions|remarques|notizen|description
note: descripcion
lifecycle: lifecycle stage|lifecycle|lead status|etapa del ciclo de vida|fase del ciclo di vita|stage|phase du cycle de vie
owner: owner|contact owner|account owner|lead owner|company owner|propietario|propietario del contacto|proprietario|responsable
owner: proprietaire|besitzer|proprietario del contatto|assigned to
followers: followers|follower count|followers count|seguidores|seguitori|seguidors|abonnes
first_contact: create date|created date|date created|created|created at|created on|date registered|date added|added|added at|registered
first_contact: signup date|fecha de creacion|data di creazione|data de creacio|date de creation|connected on|added on|added time
first_contact: fecha de alta|registration date|data di iscrizione|date d inscription|erstellt am|subscribed at|member since|cliente desde
first_contact: fecha de registro
updated_at: modified time|last update|last modified date|last modified|last changed|updated at|updated|modified|last updated|modified at
updated_at: fecha de modificacion|last activity date
external_id: record id|hs object id|contact id|contactid|lead id|account id|euid|subscriber id|uuid|id de registro|id del registro
external_id: external id|id record|id externo|customer id|user id|id de contacto|id contatto
tags: tags|tag|labels|label|group membership|etiquetas|etiqueta|etichette|etiquetes|etiquettes|categories|groups|grupos|gruppi|lists
tags: listas|segments|listes|schlagworter|schlagworte|categorias|category
status: email permission status|permission status|consent status|status|email status|subscription status|member status|estado|stato|estat
status: statut|subscriber status|marketing status|estado de suscripcion|list status|stato iscrizione
opt_in: email marketing consent|email marketing|opt in|optin|email opt in|newsletter|accepts marketing|accepts email marketing
opt_in: marketing consent|consent|gdpr consent|consentimiento|consenso|consenso marketing|consentiment|consentement|suscrito|subscribed
opt_in: iscritto|acepta marketing|double opt in|email consent|einwilligung|acepta publicidad|acepta newsletter|abonne newsletter
opt_in: iscritto newsletter|gdpr|rgpd|is subscribed|newsletter subscription
opt_in_at: optin time|confirm time|opt in time|opt in date|opt in at|consent date|consent timestamp|consent time|confirmed at
opt_in_at: confirmation date|fecha de consentimiento|data consenso|subscription date|fecha de suscripcion|double opt in date
opt_in_ip: optin ip|confirm ip|opt in ip|consent ip|signup ip|ip|ip address|subscribe ip
consent_text: consent text|consent wording|legal basis|legal basis for processing contact s data|texto de consentimiento|testo consenso
consent_text: optin text
opt_out: opt out|optout|email opt out|unsubscribed|unsubscribe|blacklisted|blocklisted|email blacklist|email blacklisted|email blocklisted
opt_out: blacklist|unsubscribed from all email|unsubscribed from emails|hasoptedoutofemail|has opted out of email|do not email
opt_out: dado de baja|desuscrito|disiscritto|desabonne|desinscrit|donat de baixa|opted out of email|do not contact|no contactar
opt_out: non contattare|suppressed|emailblacklisted|darse de baja de todos los correos electronicos|abgemeldet|blocked
opt_out_at: unsub time|unsubscribe time|unsubscribed at|unsubscribe date|unsubscribed on|opt out date|opt out time|fecha de baja
opt_out_at: unsubscription date|data disiscrizione|date de desinscription|unsubscribed date|blocklisted at
bounced: bounced|hard bounced|email bounced|cleaned|email hard bounce reason|hard bounce|bounce|email bounced reason|is bounced
bounced: hard bounces
bounced_at: clean time|cleaned time|bounced at|email bounced date|bounce date|bounced on
complained: complained|spam complaint|marked as spam|complaint|abuse|spam
complained_at: complained at|complaint date|spam time
phone_opt_in: sms opt in|sms consent|accepts sms marketing|whatsapp opt in|sms optin
phone_opt_out: sms blacklist|sms blacklisted|sms blocklisted|do not call|donotcall|sms opt out|smsblacklisted|no llamar|whatsapp blacklist
attributes: attributes|attribs|custom attributes|custom fields
kind: type|contact type|kind|record type
profile: profile|profile url|social|social profile|perfil|profilo|profil|social media|profile link
linkedin: linkedin|linkedin url|linkedin profile|linkedin bio|person linkedin url|linkedin profile url|perfil de linkedin
x: twitter|twitter username|twitter handle|twitter url|x handle|twitter profile|x username|twitter x
instagram: instagram|instagram username|instagram handle|instagram url|ig|ig handle
facebook: facebook|facebook url|facebook profile|facebook username
mastodon: mastodon|fediverse|mastodon handle
bluesky: bluesky|bsky|bluesky handle
youtube: youtube|youtube channel|youtube url
tiktok: tiktok|tiktok username|tiktok handle|tik tok
github: github|github username|github url
telegram: telegram|telegram username
-: leid|gmtoff|dstoff|e mail 1 type|e mail 2 type|e mail 3 type|e mail 4 type|phone 1 type|phone 2 type|phone 3 type|phone 4 type
-: address 1 type|e mail 1 label|e mail 2 label|e mail 3 label|phone 1 label|phone 2 label|phone 3 label|address 1 label|website 1 type
-: website 1 label|fax|home fax|business fax|e mail display name|e mail 2 display name|e mail 3 display name|address 1 formatted|yomi name
-: given name yomi|gender fax|family name yomi|additional name yomi|organization 1 yomi name|organization 1 type|phonetic first name
-: phonetic last name|phonetic middle name
"""

HEADINGS: Final[dict[str, str]] = {}
for _line in _FIELDS.strip().splitlines():
    _field, _, _names = _line.partition(": ")
    for _name in _names.split("|"):
        HEADINGS.setdefault(_name, "" if _field == "-" else _field)

VENDORS: Final[tuple[tuple[str, tuple[frozenset[str], ...]], ...]] = tuple(
    (vendor, tuple(frozenset(one.split("|")) for one in signatures))
    for vendor, signatures in (
        ("hubspot", ("record id|first name", "record id|email", "record id|company name", "hs object id", "id de registro",
                     "record id|lifecycle stage")),
        ("salesforce", ("contact id|account name", "account id|account name", "lead id|lead source", "salutation|mailing city",
                        "hasoptedoutofemail", "email opt out|mailing street", "account name|mailing street", "email opt out|account name")),
        ("mailchimp", ("member rating", "leid|euid", "optin time|optin ip", "unsub time", "clean time")),
        ("brevo", ("email blacklist", "email|blacklisted", "sms blacklist", "contact id|email|sms", "email|added time|modified time",
                   "email blocklisted", "email|double opt in|opt in")),
        ("google", ("e mail 1 value", "group membership|given name", "phone 1 value", "labels|e mail 1 label", "yomi name")),
        ("outlook", ("e mail address|primary phone", "e mail 2 address", "internet free busy", "e mail address|business phone",
                     "e mail display name")),
        ("linkedin", ("connected on|position", "first name|last name|connected on", "connected on|url")),
        ("activecampaign", ("email|ip|status", "email|date created|ip", "contact id|email|date created|tags")),
        ("systeme.io", ("email|date registered|surname", "email|date registered")),
        ("listmonk", ("email|name|attributes", "email|attribs", "uuid|email|attribs")),
    )
)

VENDOR_FIELDS: Final[dict[str, dict[str, str]]] = {
    "salesforce": {"title": "job_title", "description": "note", "type": "custom:Type"},
    "outlook": {"title": "title", "account": "custom:Account", "suffix": "custom:Suffix"},
    "linkedin": {"url": "linkedin", "position": "job_title"},
    "google": {"type": "custom:Type", "name": "name"},
    "mailchimp": {"region": "region", "address": "street"},
    "activecampaign": {"account": "company"},
    "hubspot": {"title": "job_title"},
    "brevo": {"apellidos": "last_name", "nombre": "first_name", "nom": "last_name", "prenom": "first_name", "lastname": "last_name"},
}

_STATUS: Final = {
    Permit.GRANTED: "subscribed|opted in|opt in|optin|suscrito|suscrita|iscritto|iscritta|subscrit|subscrita|abonne|abonnee|inscrit"
                    "|inscrite|abonniert|confirmed|double opt in|angemeldet",
    Permit.WITHDRAWN: "unsubscribed|unsubscribe|opted out|opt out|optout|desuscrito|desuscrita|baja|dado de baja|dada de baja|disiscritto"
                      "|disiscritta|baixa|donat de baixa|donada de baixa|desabonne|desabonnee|desinscrit|desinscrite|abgemeldet",
    Permit.BOUNCED: "bounced|bounce|hard bounce|hard bounced|hardbounce|cleaned|rebotado|rebote|rimbalzato|rebotat|undeliverable|rejete",
    Permit.COMPLAINED: "complained|complaint|spam|abuse|marked as spam|spam complaint|reported spam",
    Permit.DENIED: "blacklisted|blocklisted|blacklist|blocklist|suppressed|do not contact|do not email|no contactar|non contattare",
}
STATUS: Final[dict[str, Permit]] = {word: permit for permit, words in _STATUS.items() for word in words.split("|")}


_REFUSALS = re.compile(r"unsubscri|opted out|opt out|blacklist|blocklist|suppress|(?:cancelad|anulad)\w+ la suscri|baja de|disiscri|"
                       r"desabonn|desinscri|abgemeldet|abmeld|donat de baixa|(?:do not|don t|no) (?:email|mail|contact|contactar|enviar)")
_AROUND = re.compile(r"^(?:person|people|contact|lead|customer|subscriber|member|user|profile) | (?:work|home|other|main|value|private)$")
_NO_REFUSALS = re.compile(r"\b(?:link|url|reason|motivo|motiu|rate|campaign|token|page|count|number|total|ip|by|source)\b")


def vendor_of(headings: list[str]) -> str:
    """The product whose export has such headings, or ''.

    >>> vendor_of(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"])
    'linkedin'
    """
    names = {fold(heading) for heading in headings}
    return next((vendor for vendor, signatures in VENDORS if any(signature <= names for signature in signatures)), "")


def field_of(heading: str, vendor: str) -> str | None:
    """The field a heading stands for, "" when the column is to be left out, None when the heading says nothing."""
    name = fold(heading)
    own = VENDOR_FIELDS.get(vendor, {}).get(name)
    if own is not None:
        return own
    if name in HEADINGS:
        return HEADINGS[name]
    stem = name.rstrip("0123456789 ")
    if stem in HEADINGS and HEADINGS[stem] in ("email", "phone"):
        return HEADINGS[stem]
    for other in (fold(part(heading)), _AROUND.sub("", name)):
        if other in HEADINGS:
            return HEADINGS[other]
    return _refusal(name)


def _refusal(name: str) -> str | None:
    """A heading that speaks of a refusal in whatever words: better one column too many than a refusal lost."""
    if not _REFUSALS.search(name) or _NO_REFUSALS.search(name):
        return None
    by_phone = any(word in name.split() for word in ("sms", "phone", "call", "whatsapp"))
    is_time = any(word in name.split() for word in ("date", "time", "at", "on", "fecha", "data", "timestamp"))
    return "phone_opt_out" if by_phone else "opt_out_at" if is_time else "opt_out"
