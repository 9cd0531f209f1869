"""What may stand in a letter's text: a few tags, no scripts, no foreign styles. Liquid passes untouched. Pure."""

import html
import re
from functools import cache
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

import nh3

SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_INLINE: Final = {"a", "b", "br", "code", "del", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"}
_RICH: Final = _INLINE | {"blockquote", "li", "ol", "p", "ul"}
_HTML: Final = frozenset(_RICH) | frozenset(
    "abbr caption center col colgroup dd div dl dt font h1 h2 h3 h4 hr img pre table tbody td tfoot th thead tr".split()
)
_LOOKS: Final = frozenset("align bgcolor border cellpadding cellspacing color dir height lang style title valign width".split())
_STYLES: Final = frozenset(
    """background-color border border-bottom border-collapse border-color border-left border-radius border-right border-top color
    font-family font-size font-style font-weight height letter-spacing line-height list-style-type margin margin-bottom margin-left
    margin-right margin-top max-width padding padding-bottom padding-left padding-right padding-top text-align text-decoration
    text-transform vertical-align white-space width""".split()
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LIQUID: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class Shelter:
    """Takes Liquid out of a text before HTML is cleaned or MJML is read, and puts it back behind it."""

    def __init__(self, salt: str = "") -> None:
        self._kept: list[str] = []
        self._mark = "lq" + blake2b(salt.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest() + "q"
        self._pattern = re.compile(self._mark + r"(\d+)z")

    def take(self, text: str, *, is_html: bool = False) -> str:
        """The text with marks of letters and digits for its Liquid; `is_html`: its Liquid is written with entities, and is read without."""

        def keep(found: re.Match[str]) -> str:
            return self.mark(html.unescape(found[0]).replace("\u00a0", " ") if is_html else found[0])

        return _LIQUID.sub(keep, self._pattern.sub("", text))

    def mark(self, liquid: str) -> str:
        """A mark that will be this Liquid."""
        self._kept.append(liquid)
        return f"{self._mark}{len(self._kept) - 1}z"

    def back(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._kept[int(found[1])], text)


@cache
def _cleaner(kind: str) -> nh3.Cleaner:
    attributes: dict[str, set[str]] = {"a": {"href", "title"}}
    tags = {"line": _INLINE - {"br"}, "rich": _RICH, "html": set(_HTML)}[kind]
    if kind == "html":
        attributes = {
            "*": set(_LOOKS),
            "a": {"href", "name"},
            "img": {"src", "alt"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan", "scope"},
        }
    else:
        attributes["span"] = {"lang", "dir"}
    return nh3.Cleaner(
        tags=tags, attributes=attributes, link_rel=None, url_schemes=set(SCHEMES), filter_style_properties=set(_STYLES),
        strip_comments=True, clean_content_tags={"script", "style", "title", "head"},
    )  # fmt: skip


def rich(text: str, kind: str = "rich") -> str:
    """Safe HTML: `kind` "line" (words only), "rich" (paragraphs and lists) or "html" (tables and styles of one's own too).

    >>> rich('<p onclick="x()">Hi <b>{{ person.name | default: "you" }}</b><script>x()</script></p>')
    '<p>Hi <b>{{ person.name | default: "you" }}</b></p>'
    >>> rich('{% if person.purchases &gt; 3 %}<a href="javascript:x()">a</a>{% endif %}')
    '{% if person.purchases > 3 %}<a>a</a>{% endif %}'
    """
    shelter = Shelter(text)
    return shelter.back(_cleaner(kind).clean(shelter.take(text.replace("\x00", ""), is_html=True)))


def is_address(url: str) -> bool:
    """Whether a link may lead there: the web, a mail, a phone.

    >>> is_address("https://example.org/a"), is_address("javascript:alert(1)"), is_address("mailto:ana@example.org"), is_address("/a")
    (True, False, True, False)
    """
    try:
        parts = urlsplit(url)
        return (
            bool(parts.hostname) and parts.port != 0 if parts.scheme in ("http", "https") else parts.scheme in SCHEMES and bool(parts.path)
        )
    except ValueError:
        return False


def printable(text: str) -> str:
    """Without what no document may hold: control characters but for breaks and tabs, halves of letters."""
    return _CONTROLS.sub("", text)


def without_tags(text: str) -> str:
    """Only the words, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
