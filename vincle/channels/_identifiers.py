"""What identifies or places someone, read from a cell: e-mail, phone, URL, network profile, country, amount, yes or no."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

import idna
import phonenumbers
from phonenumbers.geodata.locale import LOCALE_DATA

from vincle.vocabulary import HandleRef

def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])").fullmatch
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\.]+(?:\.[^\s@\"(),:;<>\[\]\\.]+)*").fullmatch
_ANGLE = re.compile(r"^(.*?)<\s*([^<>\s]+@[^<>\s]+)\s*>\s*$", re.DOTALL)
_EMAIL_SEPARATORS = re.compile(r"\s*(?:[,;|\n]|:::)\s*")

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
_PHONE_SEPARATORS = re.compile(r"\s*(?:[;|,\n]|:::|\s/\s|\s(?:or|o|oder|ou|y|e|i)\s)\s*")
_PHONE_LIKE = re.compile(r"\+?[\d\s().\-/\u00a0]{7,24}(?:\s*(?:ext|x|#)\.?\s*\d{1,6})?").fullmatch

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")
_BARE_HOST = re.compile(r"^(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#].*)?$")

_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "฿": "THB",
            "zł": "PLN", "R$": "BRL", "US$": "USD", "CHF": "CHF", "Kč": "CZK", "euro": "EUR", "euros": "EUR"}
_ISO_4217 = _words(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE "
    "CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS "
    "KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
    "PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
_AMOUNT = re.compile(r"^([^\d\s.,+\-−(]*)\s*([+\-−(]?)\s*([^\d\s.,+\-−(]*)\s*(\d[\d.,'’\s\u00a0\u202f]*|[.,]\d+)\s*([^\d\s.,)]*?)\s*([-−)]?)$")
_PLAIN_AMOUNT = re.compile(r"-?\d+(?:\.\d{1,2}|\.\d{4,})?").fullmatch

_YES = _words("1 true t yes y si sí s oui o ja j x on verdadero vero vrai wahr cert sim checked active ✓ ✔")
_NO = _words("0 false f no n non nein off falso faux falsch fals não nao unchecked")


def fold(text: str) -> str:
    """A heading or a name for comparison: lower case, no accents, runs of other signs as one space.

    >>> fold("  Prénom / E-mail_2 ")
    'prenom e mail 2'
    """
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def email(text: str) -> str:
    """The address in its normal form, or '' when it cannot be one. Dots and +tags stay: they are part of the name.

    >>> email("mailto:Ana.Gil@Example.ORG"), email("Ana <ana@café.es>"), email("ana@"), email("a..b@x.org")
    ('ana.gil@example.org', 'ana@xn--caf-dma.es', '', '')
    """
    lower = text.strip().lower()
    if _EMAIL(lower) and len(lower) <= 254:
        return lower if lower.find("@") <= 64 else ""
    return _odd_email(lower)


def _odd_email(lower: str) -> str:
    lower = lower.removeprefix("mailto:").partition("?")[0]
    if angle := _ANGLE.match(lower):
        lower = angle[2]
    lower = lower.strip(" \t\r\n<>'\"").rstrip(".,;")
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
        elif piece:
            bad.append(piece)
    return (good, bad) if good else ([], [cell.strip()])


def display_name(text: str) -> str:
    """The name that stands before an address: 'Ana Gil' of 'Ana Gil <ana@x.org>'."""
    angle = _ANGLE.match(text.strip())
    return angle[1].strip(" \t\"'") if angle else ""


@lru_cache(maxsize=65536)
def phone(text: str, country: str) -> str:
    """The number as E.164 ("+34600000001"), or '' when no number of that length exists. An extension is left off.

    >>> phone("600 000 001", "ES"), phone("0033 4 50 11 22 33", "ES"), phone("(212) 555-0100 x 12", "US"), phone("12", "ES")
    ('+34600000001', '+33450112233', '+12125550100', '')
    """
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
    if len(text) > 60 or sum(sign.isdigit() for sign in text) < 5:
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
        elif piece:
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
_NOT_PEOPLE = _words("home login share sharer intent search explore hashtag i p reel watch groups events pages jobs about legal help "
                     "signup settings company school profile.php")
_ACCT = re.compile(r"^@?([\w.-]+)@((?:[\w-]+\.)+[a-z]{2,})$", re.IGNORECASE)
_NAME = re.compile(r"^@?([\w.\-]{1,60})$").match


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
        user = re.match(r"^/@([\w.-]+)/?$", path)
        return HandleRef("mastodon", f"{user[1]}@{host}".lower(), f"@{user[1]}@{host}") if user else None
    kind, pattern = known
    found = pattern.match(path)
    if not found:
        number = re.search(r"(?:^|&)id=(\d+)", parts.query) if kind == "facebook" else None
        return HandleRef(kind, number[1]) if number else None
    if found[1].lower() in _NOT_PEOPLE:
        number = re.search(r"(?:^|&)id=(\d+)", parts.query) if found[1] == "profile.php" else None
        return HandleRef(kind, number[1]) if number else None
    value = found[1] if found[1].startswith("channel/") else found[1].lower()
    return HandleRef(kind, value.removeprefix("@").removeprefix("channel/"), found[1].removeprefix("channel/"))


def account(network: str, text: str) -> HandleRef | None:
    """An account of a known network from a user name or a profile address; None when the text is neither.

    >>> account("instagram", "@Ana.Gil"), account("x", "https://x.com/ana").value
    (HandleRef(kind='instagram', value='ana.gil', name='Ana.Gil'), 'ana')
    """
    text = text.strip()
    if "/" in text or (network == "mastodon" and "@" in text.lstrip("@")):
        found = profile(text if "/" in text else "@" + text.lstrip("@"))
        return found if found and found.kind == network else None
    name = _NAME(text)
    return HandleRef(network, name[1].lower(), name[1]) if name else None


@cache
def _countries() -> dict[str, str]:
    """Every country name in the languages people write here, folded -> ISO 3166-1 alpha-2."""
    names: dict[str, str] = {}
    for code, by_language in LOCALE_DATA.items():
        if len(code) != 2 or not code.isalpha():
            continue
        for language in ("en", "es", "it", "ca", "fr", "de", "pt", "gl", "eu", "nl"):
            name = by_language.get(language, "")
            while name.startswith("*"):
                name = by_language.get(name[1:], "")
            if name:
                names.setdefault(fold(name), code)
    names |= {"usa": "US", "u s a": "US", "united states of america": "US", "estados unidos de america": "US", "eeuu": "US", "ee uu": "US",
              "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
              "gran bretana": "GB", "inglaterra": "GB", "inghilterra": "GB", "angleterre": "GB", "anglaterra": "GB", "gran bretagna": "GB",
              "holland": "NL", "holanda": "NL", "olanda": "NL", "czech republic": "CZ", "republica checa": "CZ", "russia": "RU", "rusia": "RU",
              "south korea": "KR", "corea del sur": "KR", "eire": "IE", "rsa": "ZA", "uae": "AE", "channel islands": "JE", "viet nam": "VN"}
    codes = set(LOCALE_DATA)
    return names | {code.lower(): code for code in codes if len(code) == 2} | _alpha3(codes)


def _alpha3(codes: set[str]) -> dict[str, str]:
    pairs = ("ESP ES ITA IT FRA FR DEU DE PRT PT GBR GB IRL IE NLD NL BEL BE CHE CH AUT AT AND AD USA US CAN CA MEX MX ARG AR BRA BR CHL CL "
             "COL CO PER PE URY UY VEN VE POL PL SWE SE NOR NO DNK DK FIN FI GRC GR ROU RO HUN HU CZE CZ JPN JP CHN CN IND IN AUS AU NZL NZ "
             "MAR MA DZA DZ TUN TN TUR TR RUS RU UKR UA LUX LU ECU EC BOL BO PRY PY CRI CR CUB CU DOM DO GTM GT")
    common = pairs.split()
    return {long.lower(): short for long, short in zip(common[::2], common[1::2], strict=True) if short in codes}


@lru_cache(maxsize=4096)
def country(text: str) -> str:
    """ISO 3166-1 alpha-2 code of a country by its code or its name in a common language, or ''.

    >>> country("España"), country("Regne Unit"), country("fr"), country("Atlantis")
    ('ES', 'GB', 'FR', '')
    """
    code = text.strip().upper()
    return code if len(code) == 2 and code in LOCALE_DATA else _countries().get(fold(text), "")


def amount(text: str, decimal_mark: str = "") -> tuple[Decimal, str] | None:
    """A sum of money and its currency (ISO 4217 or ''), or None when it is none.

    `decimal_mark` settles '1.234' and '1,234'; without it a lone point is decimal and a lone comma before three digits is not.

    >>> amount("1.234,56 €"), amount("1,234.56"), amount("(12)"), amount("1.234", ","), amount("beaucoup")
    ((Decimal('1234.56'), 'EUR'), (Decimal('1234.56'), ''), (Decimal('-12'), ''), (Decimal('1234'), ''), None)
    """
    text = text.strip()
    if not decimal_mark and text.isascii() and _PLAIN_AMOUNT(text):
        return Decimal(text), ""
    found = _AMOUNT.match(text) if len(text) < 60 else None
    if not found:
        return None
    before, sign, after_sign, digits, after, last = found.groups()
    number = _decimal(re.sub(r"[\s'’\u00a0\u202f]", "", digits), decimal_mark)
    words = [word for word in (before, after_sign, after) if word]
    code = currency(words[0]) if words else ""
    if number is None or len(words) > 1 or (words and not code) or (sign == "(") != (last == ")"):
        return None
    negative = sign in ("-", "−", "(") or last in ("-", "−")
    return (-number if negative else number), code


def _decimal(digits: str, mark: str) -> Decimal | None:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
    elif points > 1 or commas > 1:
        decimal = ""
    elif mark:
        decimal = mark
    else:
        decimal = "." if points else ("," if commas and len(digits) - digits.rfind(",") != 4 else "")
    if decimal and digits.count(decimal) > 1:
        return None
    whole, _, part = digits.partition(decimal) if decimal else (digits, "", "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        return None
    try:
        return Decimal("".join(groups) + "." + (part or "0")) if part else Decimal("".join(groups) or "0")
    except InvalidOperation:
        return None


def decimal_mark(values: list[str]) -> str:
    """The decimal mark that a column's values prove, or '' when none does: ',' for ['1.234', '12,5']."""
    for mark, other in ((",", "."), (".", ",")):
        proof = re.compile(rf"\d{re.escape(mark)}(?:\d{{1,2}}|\d{{4,}})(?!\d|[.,])|\d{re.escape(other)}\d{{3}}{re.escape(mark)}\d")
        if any(proof.search(value) for value in values):
            return mark
    return ""


def currency(text: str) -> str:
    """ISO 4217 code of a symbol or a code, or ''.

    >>> currency("€"), currency("usd"), currency("apples")
    ('EUR', 'USD', '')
    """
    text = text.strip()
    if text in _SYMBOLS:
        return _SYMBOLS[text]
    return text.upper() if text.upper() in _ISO_4217 else _SYMBOLS.get(text.lower(), "")


def boolean(text: str) -> bool | None:
    """Yes or no in the common languages, or None.

    >>> boolean("Sí"), boolean("FALSE"), boolean("maybe")
    (True, False, None)
    """
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


_QUOTED = re.compile(r'"((?:[^"]|"")*)"\s*(?:,|;|\||$)')
_MULTI = re.compile(r"\s*(?::::|[|;\n])\s*")


def multi(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, in order, each once.

    >>> multi('"VIP","Blog"'), multi("a|b"), multi("prospect, webinar"), multi("x; y, z")
    (('VIP', 'Blog'), ('a', 'b'), ('prospect', 'webinar'), ('x', 'y, z'))
    """
    cell = cell.strip().removeprefix("[").removesuffix("]") if cell[:1] == "[" and cell[-1:] == "]" else cell.strip()
    if not cell:
        return ()
    if cell[0] == '"' and cell[-1] == '"' and len(cell) > 1:
        values = [piece.replace('""', '"') for piece in _QUOTED.findall(cell)]
    else:
        values = _MULTI.split(cell)
        if len(values) == 1:
            values = cell.split(",")
    return tuple(dict.fromkeys(value for value in (piece.strip(" *\t") for piece in values) if value))
