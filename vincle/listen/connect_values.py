"""What someone gives to connect a service, looked at: by the names of the channel's settings and secrets."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.conf import settings as options
from django.utils.translation import gettext as _

from vincle.accounts.rules import Refused
from vincle.channels.base import Secret, Spec
from vincle.channels.live import Problem, Setting
from vincle.store import outside

from .line import address

SHORTEST, LONGEST = 6, 300
"""Of a secret that proves deliveries."""
LONGEST_VALUE: Final = 5000


class Wrong(Refused):
    """A value that cannot be taken; `field` is the name of the setting or secret."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


class Given(NamedTuple):
    """`plain` may be shown again, `sealed` never."""

    plain: dict[str, str]
    sealed: dict[str, str]


def looked_at(spec: Spec, given: Mapping[str, str], secrets: Mapping[str, str], kept: Mapping[str, str] = {}) -> Given:
    """The values by their names. A secret that is left empty stays as it is `kept`. Raises Wrong."""
    values = {**given, **secrets}
    plain, sealed = dict[str, str](), dict[str, str]()
    for setting in spec.settings:
        value = str(values.get(setting.name, "")).strip()
        if setting.is_secret:
            value = value or kept.get(setting.name, "")
        is_off = setting.kind == "switch" and setting.name in values  # a switch that was left off is off, whatever is usual
        value = _checked(setting, value if is_off else value or setting.default)
        if not value and setting.is_required:
            raise Wrong(_("Fill in “%(name)s”.") % {"name": _(setting.label)}, setting.name)
        (sealed if setting.is_secret else plain)[setting.name] = value
    known = {setting.name for setting in spec.settings}
    for each in spec.secrets:
        if each.name not in known and (value := str(values.get(each.name, "")).strip()):
            sealed[each.name] = proof(each, value)
    return Given(plain, {name: value for name, value in sealed.items() if value})


def leads_elsewhere(spec: Spec, given: Mapping[str, str], stood: Mapping[str, str]) -> bool:
    """Whether what is given would send the secrets to another server than the one they were given for."""
    where = [setting for setting in spec.settings if setting.kind in ("url", "host")]
    return any(_checked(each, str(given.get(each.name, "")).strip() or each.default) != stood.get(each.name, "") for each in where)


def proof(secret: Secret, value: str) -> str:
    """A secret that deliveries are proven by. Raises Wrong."""
    if not SHORTEST <= len(value) <= LONGEST or not value.isprintable():
        raise Wrong(_("This does not look like the secret. Copy it whole, without the words around it."), secret.name)
    return value


def _checked(setting: Setting, value: str) -> str:
    if len(value) > LONGEST_VALUE or not all(letter.isprintable() or letter in "\n\t" for letter in value):
        raise Wrong(_("“%(name)s” holds signs that cannot be kept, or is too long.") % {"name": _(setting.label)}, setting.name)
    if not value:
        return ""
    if setting.kind == "url":
        return _url(setting, value)
    if setting.kind == "email" and (value.count("@") != 1 or " " in value or value[0] == "@" or value[-1] == "@"):
        raise Wrong(_("“%(value)s” is not an e-mail address.") % {"value": value[:100]}, setting.name)
    if setting.kind == "number" and not (value.isascii() and value.replace(".", "", 1).isdecimal()):
        raise Wrong(_("“%(value)s” is not a number.") % {"value": value[:100]}, setting.name)
    if setting.kind == "choice" and value not in {choice for choice, _label in setting.choices}:
        raise Wrong(_("Choose one of those that are offered."), setting.name)
    if setting.kind == "switch":
        return "1" if value.casefold() in ("1", "on", "true", "yes") else ""
    return value


def _url(setting: Setting, value: str) -> str:
    """An address, with https:// where nothing else was written, without a slash at its end."""
    text = (value if "://" in value else f"https://{value}").rstrip("/")
    try:
        if any(letter.isspace() for letter in text):
            raise ValueError(text)
        text = address(text)
        host = outside.target(text).host
    except (Problem, ValueError) as error:
        raise Wrong(_("“%(value)s” is not an address. Write it as https://example.org.") % {"value": value[:100]}, setting.name) from error
    if outside.is_near(host) and not options.OPTIONS.webhooks_private:
        raise Wrong(_("This address lies in the own network, where nothing is sent."), setting.name)
    return text.rstrip("/")
