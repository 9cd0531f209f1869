"""Where the mail of an address lives: its servers as someone wrote them, else as its provider publishes them."""

from collections.abc import Mapping
from typing import Literal, cast

from msgspec import Struct

from ._identifiers import email
from .live import Setting

Security = Literal["ssl", "starttls", "none"]
_PORTS: dict[tuple[str, Security], int] = {
    ("imap", "ssl"): 993, ("imap", "starttls"): 143, ("imap", "none"): 143,
    ("smtp", "ssl"): 465, ("smtp", "starttls"): 587, ("smtp", "none"): 25,
}  # fmt: skip


class Server(Struct, frozen=True):
    host: str
    port: int
    security: Security


class Servers(Struct, frozen=True, kw_only=True):
    """`keeps_sent`: what leaves by the outgoing server appears in the folder of sent mail by itself."""

    incoming: Server
    outgoing: Server
    user: str
    address: str
    keeps_sent: bool = False


class Provider(Struct, frozen=True):
    """Hosts as the provider publishes them. IMAP over TLS on 993; `security` is that of the outgoing one."""

    imap: str
    smtp: str
    security: Security = "ssl"
    keeps_sent: bool = False


# Published set-up pages of the providers, 2026.
PROVIDERS = {
    "google": Provider("imap.gmail.com", "smtp.gmail.com", keeps_sent=True),
    "microsoft": Provider("outlook.office365.com", "smtp.office365.com", "starttls", keeps_sent=True),
    "icloud": Provider("imap.mail.me.com", "smtp.mail.me.com", "starttls"),
    "yahoo": Provider("imap.mail.yahoo.com", "smtp.mail.yahoo.com"),
    "ionos": Provider("imap.ionos.com", "smtp.ionos.com", "starttls"),
    "ovh": Provider("ssl0.ovh.net", "ssl0.ovh.net"),
    "zoho": Provider("imap.zoho.eu", "smtp.zoho.eu"),
    "aruba": Provider("imaps.aruba.it", "smtps.aruba.it"),
    "strato": Provider("imap.strato.de", "smtp.strato.de"),
    "fastmail": Provider("imap.fastmail.com", "smtp.fastmail.com"),
    "gmx": Provider("imap.gmx.com", "mail.gmx.com", "starttls"),
    "gmx_de": Provider("imap.gmx.net", "mail.gmx.net", "starttls"),
    "web_de": Provider("imap.web.de", "smtp.web.de", "starttls"),
    "t_online": Provider("secureimap.t-online.de", "securesmtp.t-online.de"),
    "mailbox_org": Provider("imap.mailbox.org", "smtp.mailbox.org"),
    "posteo": Provider("posteo.de", "posteo.de"),
    "libero": Provider("imapmail.libero.it", "smtp.libero.it"),
    "virgilio": Provider("in.virgilio.it", "out.virgilio.it"),
    "tiscali": Provider("imap.tiscali.it", "smtp.tiscali.it"),
    "orange_fr": Provider("imap.orange.fr", "smtp.orange.fr"),
    "free_fr": Provider("imap.free.fr", "smtp.free.fr"),
    "laposte": Provider("imap.laposte.net", "smtp.laposte.net"),
}
_DOMAINS = {
    "google": "gmail.com googlemail.com",
    "microsoft": "outlook.com outlook.es outlook.it outlook.fr outlook.de hotmail.com hotmail.es hotmail.it hotmail.fr hotmail.co.uk "
                 "live.com live.it live.fr live.co.uk msn.com",
    "icloud": "icloud.com me.com mac.com",
    "yahoo": "yahoo.com yahoo.es yahoo.it yahoo.fr yahoo.de yahoo.co.uk ymail.com rocketmail.com",
    "zoho": "zoho.com zoho.eu zohomail.com zohomail.eu",
    "aruba": "aruba.it technet.it",
    "fastmail": "fastmail.com fastmail.fm",
    "gmx": "gmx.com gmx.es gmx.fr gmx.co.uk",
    "gmx_de": "gmx.de gmx.net gmx.at gmx.ch",
    "web_de": "web.de",
    "t_online": "t-online.de",
    "mailbox_org": "mailbox.org",
    "posteo": "posteo.de posteo.net posteo.org",
    "libero": "libero.it iol.it inwind.it blu.it giallo.it",
    "virgilio": "virgilio.it",
    "tiscali": "tiscali.it",
    "orange_fr": "orange.fr wanadoo.fr",
    "free_fr": "free.fr",
    "laposte": "laposte.net",
}  # fmt: skip
_PROVIDER_OF = {domain: provider for provider, domains in _DOMAINS.items() for domain in domains.split()}
_SECURITY = (("", "As usual"), ("ssl", "TLS"), ("starttls", "STARTTLS"), ("none", "None"))

SETTINGS = (
    Setting(name="address", label="Your address", kind="email", help="Mail to this address is listened to; answers leave from it."),
    Setting(name="password", label="Password", is_secret=True,
            help="Google, Apple, Yahoo and others want an app password, made in the security settings of your account there."),
    Setting(name="sender", label="Name shown to others", is_required=False),
    Setting(name="aliases", label="Your other addresses", is_required=False,
            help="Separated by commas: mail from them is ours too."),
    Setting(name="provider", label="Where your mail is", kind="choice", is_required=False, help="Fills in the servers below.",
            choices=(("", "Told by the address"), ("google", "Google Workspace, Gmail"), ("microsoft", "Microsoft 365"), ("ionos", "IONOS"),
                     ("ovh", "OVH"), ("zoho", "Zoho"), ("aruba", "Aruba"), ("strato", "Strato"), ("fastmail", "Fastmail"),
                     ("icloud", "iCloud"), ("yahoo", "Yahoo"))),
    Setting(name="user", label="User name", is_required=False, help="Where it is not the address itself."),
    Setting(name="imap_host", label="Incoming server (IMAP)", kind="host", is_required=False),
    Setting(name="imap_port", label="Its port", kind="number", is_required=False),
    Setting(name="imap_security", label="Its encryption", kind="choice", is_required=False, choices=_SECURITY),
    Setting(name="smtp_host", label="Outgoing server (SMTP)", kind="host", is_required=False),
    Setting(name="smtp_port", label="Its port", kind="number", is_required=False),
    Setting(name="smtp_security", label="Its encryption", kind="choice", is_required=False, choices=_SECURITY),
    Setting(name="folders", label="Folders to listen to", default="INBOX", is_required=False, help="Separated by commas."),
    Setting(name="sent_folder", label="Folder of sent mail", is_required=False, help="Empty: found by itself."),
    Setting(name="sent_copy", label="Keep a copy of what is sent there", kind="choice", is_required=False, default="",
            choices=(("", "Unless the server does it"), ("always", "Always"), ("never", "Never"))),
)  # fmt: skip


def servers(settings: Mapping[str, str]) -> Servers:
    """The servers of these settings; what is not written is as the provider says, else as most domains have it.

    >>> found = servers({"address": "ana@gmail.com"})
    >>> found.incoming, found.outgoing.port, found.user
    (Server(host='imap.gmail.com', port=993, security='ssl'), 465, 'ana@gmail.com')
    >>> servers({"address": "hola@lligam.example", "smtp_security": "none"}).outgoing
    Server(host='smtp.lligam.example', port=25, security='none')
    """
    address = email(settings.get("address", "")) or settings.get("address", "").strip()
    domain = address.rpartition("@")[2].strip("[]")
    known = PROVIDERS.get(settings.get("provider", "") or _PROVIDER_OF.get(domain, ""))
    provider = known or Provider(f"imap.{domain}", f"smtp.{domain}", "starttls")
    return Servers(
        incoming=_server(settings, "imap", provider.imap, "ssl"), outgoing=_server(settings, "smtp", provider.smtp, provider.security),
        user=settings.get("user", "").strip() or address, address=address,
        keeps_sent=provider.keeps_sent and not settings.get("smtp_host", "").strip(),
    )  # fmt: skip


def _server(settings: Mapping[str, str], kind: str, host: str, usual: Security) -> Server:
    """A port that is bound to one encryption tells it where nothing else does."""
    written, told = settings.get(f"{kind}_port", "").strip(), settings.get(f"{kind}_security", "")
    port = int(written) if written.isdecimal() and 0 < int(written) < 65536 else 0
    by_port = next((security for (name, security), each in _PORTS.items() if name == kind and each == port), usual)
    security = cast(Security, told) if told in ("ssl", "starttls", "none") else by_port
    return Server(settings.get(f"{kind}_host", "").strip() or host, port or _PORTS[kind, security], security)


def own_addresses(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Ours: the address and its aliases, in their normal form."""
    written = [settings.get("address", ""), *settings.get("aliases", "").replace(";", ",").split(",")]
    return tuple(dict.fromkeys(found for each in written if (found := email(each))))


def folders(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The folders to listen to, the first of them held open."""
    return tuple(dict.fromkeys(name for each in settings.get("folders", "").split(",") if (name := each.strip()))) or ("INBOX",)


def is_shared_domain(domain: str) -> bool:
    """Whether strangers have their mail there, too.

    >>> is_shared_domain("gmail.com"), is_shared_domain("lligam.example")
    (True, False)
    """
    return domain in _PROVIDER_OF
