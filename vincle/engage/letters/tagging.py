"""Names that web statistics know a visit by (UTM), put on links. Pure."""

from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

MOST: Final = 80


class Tags(NamedTuple):
    """What stands on each link as utm_source, utm_medium, utm_campaign, utm_content; nothing where one is empty."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""


def tagged(url: str, tags: Tags) -> str:
    """The link with what it does not say yet; its own tags stand.

    >>> tagged("https://a.example/b?c=1#d", Tags("news", "email"))
    'https://a.example/b?c=1&utm_source=news&utm_medium=email#d'
    >>> tagged("mailto:a@b.example", Tags("news")), tagged("https://a.example/?utm_source=x", Tags("news"))
    ('mailto:a@b.example', 'https://a.example/?utm_source=x')
    """
    try:
        parts = urlsplit(url)
        known = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)}
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    new = [(f"utm_{name}", value[:MOST]) for name, value in tags._asdict().items() if value and f"utm_{name}" not in known]
    query = "&".join(each for each in (parts.query, urlencode(new, quote_via=quote)) if each)
    return urlunsplit(parts._replace(query=query))
