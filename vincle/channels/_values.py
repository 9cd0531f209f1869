"""Values read from a cell: countries, sums of money, yes or no, several values in one, names made comparable."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import phonenumbers


def _country_names() -> dict[str, dict[str, str]]:
    """{ISO 3166 code: {language: name}} of phonenumbers, read without its package of area codes: that one takes 110 MB."""
    place = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    module: dict[str, Any] = {"__name__": "phonenumbers.geodata.locale", "__package__": "phonenumbers.geodata"}
    exec(compile(place.read_text(encoding="utf-8"), str(place), "exec"), module)
    found: dict[str, dict[str, str]] = module["LOCALE_DATA"]
    return found


LOCALE_DATA = _country_names()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₪": "ILS", "฿": "THB",
            "zł": "PLN", "R$": "BRL", "US$": "USD", "CHF": "CHF", "Kč": "CZK", "euro": "EUR", "euros": "EUR"}
_ISO_4217 = _words(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC "
    "CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD "
    "JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW "
)
_AMOUNT = re.compile(
    r"^([^\d\s.,+\-−(]*)\s*([+\-−(]?)\s*([^\d\s.,+\-−(]*)\s*(\d[\d.,'’\s\u00a0\u202f]*|[.,]\d+)\s*([^\d\s.,)]*?)\s*([-−)]?)$"
)
_PLAIN_AMOUNT = re.compile(r"-?\d{1,18}(?:\.\d{1,2}|\.\d{4,18})?").fullmatch

_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])")
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
              "holland": "NL", "holanda": "NL", "olanda": "NL", "czech republic": "CZ", "republica checa": "CZ", "russia": "RU",
              "rusia": "RU", "south korea": "KR", "corea del sur": "KR", "eire": "IE", "rsa": "ZA",
              "uae": "AE", "channel islands": "JE", "viet nam": "VN"}
    codes = set(LOCALE_DATA)
    return names | {code.lower(): code for code in codes if len(code) == 2} | _alpha3(codes)


def _alpha3(codes: set[str]) -> dict[str, str]:
    pairs = (
        "ESP ES ITA IT FRA FR DEU DE PRT PT GBR GB IRL IE NLD NL BEL BE CHE CH AUT AT AND AD USA US CAN CA MEX MX ARG AR BRA BR CHL CL "
        "COL CO PER PE URY UY VEN VE POL PL SWE SE NOR NO DNK DK FIN FI GRC GR ROU RO HUN HU CZE CZ JPN JP CHN CN IND IN AUS AU NZL NZ "
        "MAR MA DZA DZ TUN TN TUR TR RUS RU UKR UA LUX LU ECU EC BOL BO PRY PY CRI CR CUB CU DOM DO GTM GT "
    )
    common = pairs.split()
    return {long.lower(): short for long, short in zip(common[::2], common[1::2], strict=True) if short in codes}


def country(text: str) -> str:
    """ISO 3166-1 alpha-2 code of a country by its code or its name in a common language, or ''.

    >>> country("España"), country("Regne Unit"), country("fr"), country("Atlantis")
    ('ES', 'GB', 'FR', '')
    """
    return _country(text) if len(text) <= 100 else ""


@lru_cache(maxsize=4096)
def _country(text: str) -> str:
    code = text.strip().upper()
    return code if len(code) == 2 and code in LOCALE_DATA else _countries().get(fold(text), "")


def part(heading: str) -> str:
    """A heading in one word, parted at its capitals.

    >>> part("ProfileName"), part("CustomerID"), part("EMAIL")
    ('Profile Name', 'Customer ID', 'EMAIL')
    """
    return _CAPITALS.sub(" ", heading)


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
    if len(whole) > 18 or any(len(group) != 3 for group in groups[1:]):
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
_MULTI = re.compile(r":::|[|;\n]")


def multi(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, in order, each once.

    >>> multi('"VIP","Blog"'), multi("a|b"), multi("prospect, webinar"), multi("x; y, z")
    (('VIP', 'Blog'), ('a', 'b'), ('prospect', 'webinar'), ('x', 'y, z'))
    """
    cell = cell.strip().removeprefix("[").removesuffix("]") if cell[:1] == "[" and cell[-1:] == "]" else cell.strip()
    if not cell:
        return ()
    if cell[0] == '"' and cell[-1] == '"' and 1 < len(cell) < 20_000:
        values = [piece.replace('""', '"') for piece in _QUOTED.findall(cell)]
    else:
        values = _MULTI.split(cell)
        if len(values) == 1:
            values = cell.split(",")
    return tuple(dict.fromkeys(value for value in (piece.strip(" *\t") for piece in values) if value))
