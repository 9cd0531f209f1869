"""What identifies someone, read from a cell: e-mail address, phone number, web address, profile on a network."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import idna
import phonenumbers

from vincle.vocabulary import HandleRef

from ._values import amount, boolean, country, currency, decimal_mark, fold, multi, part

__all__ = [
    "NETWORKS", "account", "amount", "boolean", "country", "currency", "decimal_mark", "display_name", "email", "emails", "fold",
    "looks_like_phone", "multi", "part", "phone", "phones", "profile", "url", "user",
]

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])").fullmatch
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*").fullmatch
_ANGLE = re.compile(r"^(.*?)<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$", re.DOTALL)
_EMAIL_SEPARATORS = re.compile(r"[,;|\n]|:::")

_NOT_DIGITS = str.maketrans("", "", " .-()/\u00a0\u2011\u2013\u202f\t")
_NATIONAL = {
    "ES": ("+34", re.compile(r"[6789]\d{8}").fullmatch, 0),
    "FR": ("+33", re.compile(r"0[1-9]\d{8}").fullmatch, 1),
    "IT": ("+39", re.compile(r"3\d{8,9}|0\d{7,10}").fullmatch, 0),
    "US": ("+1", re.compile(r"[2-9]\d{2}[2-9]\d{6}").fullmatch, 0),
    "CA": ("+1", re.compile(r"[2-9]\d{2}[2-9]\d{6}").fullmatch, 0),
    "PT": ("+351", re.compile(r"[29]\d{8}").fullmatch, 0),
}
_INTERNATIONAL = re.compile(
    r"\+(?:34[6789]\d{8}|33[1-9]\d{8}|39(?:3\d{8,9}|0\d{7,10})|1[2-9]\d{2}[2-9]\d{6}|44[1237]\d{9}|351[29]\d{8})"
).fullmatch
_PHONE_SEPARATORS = re.compile(r"[;|,\n]|:::|\s/\s|\s(?:or|o|oder|ou|y|e|i)\s")
_PHONE_LIKE = re.compile(r"\+?[\d\s().\-/\u00a0]{7,24}(?:\s*(?:ext|x|#)\.?\s*\d{1,6})?").fullmatch

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")
_BARE_HOST = re.compile(r"^(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#].*)?$")

def email(text: str) -> str:
    """The address in its normal form, or '' when it cannot be one. Dots and +tags stay: they are part of the name.

    >>> email("mailto:Ana.Gil@Example.ORG"), email("Ana <ana@café.es>"), email("ana@"), email("a..b@x.org")
    ('ana.gil@example.org', 'ana@xn--caf-dma.es', '', '')
    """
    lower = text.strip().lower()
    if len(lower) > 400:
        return ""
    if len(lower) <= 254 and _EMAIL(lower):
        return lower if lower.find("@") <= 64 else ""
    return _odd_email(lower)


def _odd_email(lower: str) -> str:
    lower = lower.removeprefix("mailto:").partition("?")[0]
    lower = lower.strip(" \t\r\n'\"").rstrip(".,; ")
    if angle := _ANGLE.match(lower):
        lower = angle[2]
    lower = lower.strip(" <>'\"")
    local, _, domain = lower.rpartition("@")
    if not local or not domain or len(lower) > 254 or len(local.encode("utf-8", "replace")) > 64 or not _LOCAL(local):
        return ""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return ""
    address = f"{unicodedata.normalize('NFC', local)}@{domain}"
    if local.isascii():
        return address if _EMAIL(address) else ""
    return address if _EMAIL(f"a@{domain}") and address.isprintable() else ""


def emails(cell: str) -> tuple[list[str], list[str]]:
    """The addresses of a cell in order, and the pieces that are none.

    >>> emails("ana@x.org; ANA@x.org, 'luz@y.es'; pas-un-email")
    (['ana@x.org', 'luz@y.es'], ['pas-un-email'])
    """
    whole = email(cell)
    if whole:
        return [whole], []
    good: list[str] = []
    bad: list[str] = []
    for piece in _EMAIL_SEPARATORS.split(cell):
        address = email(piece)
        if address:
            if address not in good:
                good.append(address)
        elif piece := piece.strip():
            bad.append(piece)
    return (good, bad) if good else ([], [cell.strip()])


def display_name(text: str) -> str:
    """The name that stands before an address: 'Ana Gil' of 'Ana Gil <ana@x.org>'."""
    angle = _ANGLE.match(text.strip()) if len(text) <= 400 else None
    return angle[1].strip(" \t\"'") if angle else ""


def phone(text: str, country: str) -> str:
    """The number as E.164 ("+34600000001"), or '' when no number of that length exists. An extension is left off.

    >>> phone("600 000 001", "ES"), phone("0033 4 50 11 22 33", "ES"), phone("(212) 555-0100 x 12", "US"), phone("12", "ES")
    ('+34600000001', '+33450112233', '+12125550100', '')
    """
    return _phone(text, country) if len(text) <= 60 else ""


@lru_cache(maxsize=65536)
def _phone(text: str, country: str) -> str:
    digits = text.translate(_NOT_DIGITS)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        if digits.isascii() and _INTERNATIONAL(digits):
            return digits
    elif (rule := _NATIONAL.get(country)) and digits.isascii() and rule[1](digits):
        return rule[0] + digits[rule[2]:]
    return _odd_phone(text, country)


def _odd_phone(text: str, country: str) -> str:
    text = text.strip().removeprefix("tel:").lstrip("'")
    if sum(sign.isdigit() for sign in text) < 5:
        return ""
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text.replace("(0)", ""), country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phones(cell: str, country: str) -> tuple[list[str], list[str]]:
    """The numbers of a cell as E.164 in order, and the pieces that are none.

    >>> phones("600 000 001 / +39 333 1234567; n/a", "ES")
    (['+34600000001', '+393331234567'], ['n/a'])
    """
    whole = phone(cell, country)
    if whole:
        return [whole], []
    good: list[str] = []
    bad: list[str] = []
    for piece in _PHONE_SEPARATORS.split(cell):
        number = phone(piece, country)
        if number:
            if number not in good:
                good.append(number)
        elif piece := piece.strip():
            bad.append(piece)
    return good, bad


def looks_like_phone(text: str) -> bool:
    """Whether a value is written as people write phone numbers (not: whether it is one)."""
    return _PHONE_LIKE(text) is not None and sum(sign.isdigit() for sign in text) >= 7


def url(text: str) -> str:
    """A web address that is safe to link to, or ''. Only http and https; a bare host gets https.

    >>> url("javascript:alert(1)"), url("example.org/a b"), url(" https://Example.org/x ")
    ('', '', 'https://Example.org/x')
    """
    text = text.strip()
    if not text or len(text) > 2048 or not text.isprintable() or " " in text:
        return ""
    if not _SCHEME.match(text) or _BARE_HOST.match(text):
        text = "https://" + text.removeprefix("//")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "." not in host.strip(".") or any(sign in text for sign in "<>\"`\\"):
        return ""
    return text


_PROFILES = {
    "linkedin.com": ("linkedin", re.compile(r"^/(?:in|pub)/([^/]+)")),
    "x.com": ("x", re.compile(r"^/@?(\w{1,15})/?$")),
    "twitter.com": ("x", re.compile(r"^/@?(\w{1,15})/?$")),
    "instagram.com": ("instagram", re.compile(r"^/([\w.]{1,30})/?$")),
    "facebook.com": ("facebook", re.compile(r"^/(?:people/[^/]+/)?([\w.]{3,60})/?$")),
    "fb.com": ("facebook", re.compile(r"^/([\w.]{3,60})/?$")),
    "bsky.app": ("bluesky", re.compile(r"^/profile/([^/]+)")),
    "youtube.com": ("youtube", re.compile(r"^/(@[\w.-]{3,30}|channel/[\w-]+)")),
    "tiktok.com": ("tiktok", re.compile(r"^/@([\w.]{2,24})")),
    "github.com": ("github", re.compile(r"^/([\w-]{1,39})/?$")),
    "threads.net": ("threads", re.compile(r"^/@([\w.]{1,30})")),
    "pinterest.com": ("pinterest", re.compile(r"^/(\w{3,30})/?$")),
    "t.me": ("telegram", re.compile(r"^/(\w{5,32})/?$")),
}
NETWORKS = frozenset({kind for kind, _ in _PROFILES.values()} | {"mastodon"})
_NOT_PEOPLE = frozenset("home login share sharer intent search explore hashtag i p reel watch groups events pages jobs about legal help "
                        "signup settings company school profile.php".split())
_ACCT = re.compile(r"^@?([\w.-]+)@((?:[\w-]+\.)+[a-z]{2,})$", re.IGNORECASE)
_NAME = re.compile(r"^@?([\w.\-]{1,60})$").match


_CHANGING = frozenset({"x", "instagram", "telegram", "bluesky"})


def user(network: str, value: str, name: str = "") -> HandleRef:
    """The handle of an account: where user names may change, one is a kind of its own beside the network's lasting id.

    >>> user("x", "@AnaX"), user("x", "12345").kind, user("facebook", "Ana Gil")
    (HandleRef(kind='x_username', value='anax', name='AnaX'), 'x', HandleRef(kind='facebook_name', value='ana gil', name='Ana Gil'))
    """
    bare = value.strip().removeprefix("@")
    if network in _CHANGING and not bare.isdecimal() and not bare.startswith("did:") and not any(map(str.isspace, bare)):
        return HandleRef(f"{network}_username", bare.lower(), name or bare)
    if network in NETWORKS and network != "linkedin" and any(map(str.isspace, bare)):
        return HandleRef(f"{network}_name", fold(bare) or bare.lower(), name or bare)
    return HandleRef(network, bare if bare.startswith("did:") else bare.lower(), name or bare)


def profile(text: str) -> HandleRef | None:
    """The account that a profile address (or a fediverse '@user@server') names; None when it names none.

    >>> profile("https://www.linkedin.com/in/AnaGarcia/?x=1"), profile("@Ana@mastodon.social").value
    (HandleRef(kind='linkedin', value='anagarcia', name='AnaGarcia'), 'ana@mastodon.social')
    """
    text = text.strip()
    if text.startswith("@") and (acct := _ACCT.match(text)):
        return HandleRef("mastodon", f"{acct[1]}@{acct[2]}".lower(), f"@{acct[1]}@{acct[2]}")
    address = url(text)
    if not address:
        return None
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    known = _PROFILES.get(host) or _PROFILES.get(host.split(".", 1)[1] if host.count(".") > 1 else host)
    path = unquote(parts.path)
    if not known:
        local = re.match(r"^/@([\w.-]+)/?$", path)
        return HandleRef("mastodon", f"{local[1]}@{host}".lower(), f"@{local[1]}@{host}") if local else None
    kind, pattern = known
    found = pattern.match(path)
    if not found:
        number = re.search(r"(?:^|&)id=(\d+)", parts.query) if kind == "facebook" else None
        return HandleRef(kind, number[1]) if number else None
    if found[1].lower() in _NOT_PEOPLE:
        number = re.search(r"(?:^|&)id=(\d+)", parts.query) if found[1] == "profile.php" else None
        return HandleRef(kind, number[1]) if number else None
    if found[1].startswith("channel/"):
        return HandleRef(kind, found[1].removeprefix("channel/"), found[1].removeprefix("channel/"))
    return user(kind, found[1])


def account(network: str, text: str) -> HandleRef | None:
    """An account of a known network from a user name or a profile address; None when the text is neither.

    >>> account("instagram", "@Ana.Gil"), account("x", "https://x.com/ana").value
    (HandleRef(kind='instagram_username', value='ana.gil', name='Ana.Gil'), 'ana')
    """
    text = text.strip()
    if "/" in text or (network == "mastodon" and "@" in text.lstrip("@")):
        found = profile(text if "/" in text else "@" + text.lstrip("@"))
        return found if found and found.kind.partition("_")[0] == network else None
    name = _NAME(text)
    return user(network, name[1]) if name else None
