"""Countries, currencies and time zones to choose from, named in the reader's language."""

import unicodedata
from functools import lru_cache
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import get_language
from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.geodata.locale import LOCALE_DATA

Choices = list[tuple[str, str]]

# ISO 4217, currencies in use
CURRENCIES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR "
    "IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF "
    "XPF YER ZAR ZMW ZWG"
).split()
_OWN_CURRENCY = {
    "AR": "ARS", "AU": "AUD", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CL": "CLP", "CN": "CNY", "CO": "COP", "CZ": "CZK", "DK": "DKK",
    "GB": "GBP", "HU": "HUF", "IN": "INR", "IS": "ISK", "JP": "JPY", "KR": "KRW", "LI": "CHF", "MA": "MAD", "MX": "MXN", "NO": "NOK",
    "NZ": "NZD", "PE": "PEN", "PL": "PLN", "RO": "RON", "RS": "RSD", "SE": "SEK", "TR": "TRY", "UA": "UAH", "US": "USD", "UY": "UYU",
    "ZA": "ZAR",
}  # fmt: skip
_LIKELY_COUNTRY = {"es": "ES", "ca": "ES", "it": "IT", "en": "GB"}
_LIKELY_ZONE = {"ES": "Europe/Madrid", "IT": "Europe/Rome", "GB": "Europe/London"}


def _country(region: str, language: str) -> str:
    names = LOCALE_DATA.get(region, {})
    name = names.get(language) or names.get("en") or region
    # "*es" says: as in Spanish
    return names.get(name[1:], region) if name.startswith("*") else name


def _plain(text: str) -> str:
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()


@lru_cache
def _countries(language: str) -> Choices:
    return sorted(((region, _country(region, language)) for region in SUPPORTED_REGIONS), key=lambda pair: _plain(pair[1]))


def countries() -> Choices:
    return _countries((get_language() or "en")[:2])


def currencies() -> Choices:
    return [(code, code) for code in CURRENCIES]


@lru_cache
def timezones() -> Choices:
    aliases = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith(aliases))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(places))]


def languages() -> Choices:
    """Each in its own name: someone lost in a foreign language must find theirs."""
    own = {"en": "English", "es": "Español", "it": "Italiano", "ca": "Català"}
    return [(code, own.get(code, str(name))) for code, name in settings.LANGUAGES]


def likely_currency(country: str) -> str:
    return _OWN_CURRENCY.get(country, "EUR")


def likely_country(accept_language: str) -> str:
    """From what the browser says it reads: the first region named, else the home of the page's language.

    >>> likely_country("de-AT,de;q=0.9")
    'AT'
    """
    for part in accept_language.split(","):
        region = part.split(";")[0].strip().partition("-")[2].upper()
        if region in SUPPORTED_REGIONS:
            return region
    return _LIKELY_COUNTRY.get((get_language() or "en")[:2], "ES")


def likely_timezone(country: str) -> str:
    """What the form starts with; the browser, which knows better, corrects it."""
    return _LIKELY_ZONE.get(country, "UTC")
