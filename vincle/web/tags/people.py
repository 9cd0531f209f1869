"""People and what they said: avatar, person, stage, channel mark, words, timeline."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zlib import crc32

from django.template import Library
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vincle.channels.registry import channels
from vincle.web.tags.parts import bar, icon

register = Library()
TINTS = 8
STAGES = {
    "creator": (gettext_lazy("Creator"), gettext_lazy("Creators")),
    "critic": (gettext_lazy("Critic"), gettext_lazy("Critics")),
    "semi-active": (gettext_lazy("Semi-active"), pgettext_lazy("several people", "Semi-active")),
    "spectator": (gettext_lazy("Spectator"), gettext_lazy("Spectators")),
    "inactive": (gettext_lazy("Inactive"), pgettext_lazy("several people", "Inactive")),
}
NETWORKS = {
    "bluesky": "Bluesky",
    "discord": "Discord",
    "facebook": "Facebook",
    "github": "GitHub",
    "google": "Google",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "mastodon": "Mastodon",
    "messenger": "Messenger",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    "twitter": "Twitter",
    "vk": "VK",
    "whatsapp": "WhatsApp",
    "wordpress": "WordPress",
    "x": "X",
    "youtube": "YouTube",
}
KINDS = {
    "email": ("mail", gettext_lazy("E-mail")),
    "mail": ("mail", gettext_lazy("E-mail")),
    "google_mail": ("mail", "Gmail"),
    "microsoft_mail": ("mail", "Microsoft 365"),
    "newsletter": ("mail", gettext_lazy("Newsletter")),
    "phone": ("phone", gettext_lazy("Phone")),
    "sms": ("message", gettext_lazy("Text message")),
    "web": ("world", gettext_lazy("Web site")),
    "site": ("world", gettext_lazy("Web site")),
    "cookie": ("cookie", gettext_lazy("Browser")),
    "visit": ("cookie", gettext_lazy("Visit")),
    "login": ("key", gettext_lazy("Log-in")),
    "external": ("id", gettext_lazy("Other system")),
    "shop": ("shopping-bag", gettext_lazy("Shop")),
    "orders": ("shopping-bag", gettext_lazy("Shop")),
    "till": ("receipt", gettext_lazy("Till")),
    "survey": ("clipboard-text", gettext_lazy("Survey")),
    "reviews": ("star", gettext_lazy("Reviews")),
    "review": ("star", gettext_lazy("Reviews")),
    "feed": ("rss", gettext_lazy("Feed")),
    "rss": ("rss", gettext_lazy("Feed")),
    "blog": ("news", gettext_lazy("Blog")),
    "contacts": ("users", gettext_lazy("Contacts")),
    "posts": ("message", gettext_lazy("Posts")),
    "crm": ("database", gettext_lazy("CRM")),
    "stripe": ("credit-card", "Stripe"),
    "woocommerce": ("shopping-bag", "WooCommerce"),
    "shopify": ("shopping-bag", "Shopify"),
    "trustpilot": ("star", "Trustpilot"),
}


def initials(name: str) -> str:
    """First letters of the first two words, of one word its first two.

    >>> initials("Núria Serra Vidal"), initials("beanhead_92"), initials("  "), initials("@ana.torres")
    ('NS', 'BE', '', 'AT')
    """
    words = [word for word in "".join(letter if letter.isalnum() else " " for letter in name).split() if not word.isdigit()]
    if not words:
        return ""
    return (words[0][:2] if len(words) == 1 else words[0][0] + words[1][0]).upper()


@register.simple_tag
def avatar(name: str = "", size: str = "", kind: str = "person", key: Any = None) -> SafeString:
    """Initials on a tint that stays the same for the same `key` (else name). `size`: sm, lg, xl. `kind`: person, organisation, anon.

    A name without letters is drawn as anon. Hidden from speech: the name stands beside it.
    """
    letters = initials(str(name))
    if kind == "anon" or not letters:
        return format_html('<span class="av anon {}" aria-hidden="true">{}</span>', size, icon("user-question"))
    tint = crc32(str(name if key in (None, "") else key).encode()) % TINTS
    return format_html(
        '<span class="av tint-{} {} {}" aria-hidden="true">{}</span>', tint, size, "organisation" if kind == "organisation" else "", letters
    )


@register.simple_tag
def person(name: str, url: str = "", note: str = "", card: str = "", size: str = "", kind: str = "person", key: Any = None) -> SafeString:
    """Avatar and name, linked to `url`; `card` is the address of the small card shown on hover or focus; `note` a second line."""
    picture, second = avatar(name, size, kind, key), format_html("<small>{}</small>", note) if note else ""
    inside = format_html('{}<span class="names"><b>{}</b>{}</span>', picture, name or _("Someone unknown"), second)
    shown = format_html(' data-card="{}"', card) if card else ""
    if url:
        return format_html('<a class="person" href="{}"{}>{}</a>', url, shown, inside)
    return format_html('<span class="person"{}{}>{}</span>', SafeString(' tabindex="0"') if card else "", shown, inside)


@register.simple_tag
def stage(name: str, plain: bool = False) -> SafeString:
    """A rung of the ladder by word and shape (critics have a diamond): `{% stage "critic" %}`."""
    value = str(name)
    if value not in STAGES:
        return format_html('<span class="stage muted">{}</span>', value)
    key = "" if plain else format_html('<span class="rung-key rung-{}" aria-hidden="true"></span>', value)
    return format_html('<span class="stage">{}{}</span>', key, STAGES[value][0])


@register.filter
def stage_name(name: str) -> str:
    """The word of a rung."""
    return str(STAGES[str(name)][0]) if str(name) in STAGES else str(name)


@register.simple_tag
def ladder(counts: Mapping[str, int], urls: Mapping[str, str] | None = None) -> SafeString:
    """The ladder as bars, creators first: `counts` by stage; `urls` by stage lead to the people."""
    largest = max(counts.values(), default=0)
    rows = [
        {
            "name": words[1],
            "count": counts.get(key, 0),
            "url": (urls or {}).get(key, ""),
            "bar": bar(counts.get(key, 0), largest, f"rung rung-{key}", tall=True),
        }
        for key, words in STAGES.items()
    ]
    return render_to_string("web/parts/ladder.html", {"rows": rows})


def mark_of(kind: str) -> tuple[str, str]:
    """Icon and name of a channel, a network or a kind of handle."""
    kind = str(kind)
    found = channels().get(kind)
    if found:
        return found.spec.icon, found.spec.name
    stem = kind.partition("@")[0].partition(":")[0].partition("_")[0] or kind
    for word in (kind, stem, kind.rpartition("@")[2]):
        if word in NETWORKS:
            return f"brand-{word}", NETWORKS[word]
        if word in KINDS:
            return KINDS[word][0], str(KINDS[word][1])
    return "world", kind


@register.simple_tag
def channel_mark(kind: str, silent: bool = False) -> SafeString:
    """One-colour mark of a channel, network or kind of handle, spoken by its name unless `silent` (the name stands beside it)."""
    name_of_icon, label = mark_of(kind)
    if silent:
        return format_html('<span class="ch">{}</span>', icon(name_of_icon))
    return format_html('<span class="ch" title="{}">{}</span>', label, icon(name_of_icon, label))


@register.filter
def channel_name(kind: str) -> str:
    """How a channel, network or kind of handle is called."""
    return mark_of(kind)[1]


@register.simple_tag
def words(text: str, css: str = "", language: str = "", quoted: bool = False) -> SafeString:
    """What someone said, in the serif. `css`: large, soft, marked (rule at the left), pos, neg. `language` is for reading aloud."""
    lang = format_html(' lang="{}"', language) if language else ""
    return format_html('<blockquote class="words {}"{}>{}</blockquote>', css, lang, f"“{text}”" if quoted else text)


@register.simple_block_tag(end_name="endtimeline_item")
def timeline_item(
    content: str,
    at: datetime | date | None = None,
    channel: str = "",
    icon_name: str = "",
    said: str = "",
    tone: str = "",
    note: str = "",
    language: str = "",
    css: str = "",
) -> SafeString:
    """One line of `<ol class="timeline">`: the content says what was done, `said` are their own words, `note` what we read in them.

    `tone`: pos, neg or nothing; `css`: anon (before we knew them).
    """
    values = {
        "content": content,
        "at": at,
        "channel": channel,
        "icon_name": icon_name,
        "said": said,
        "tone": tone,
        "note": note,
        "language": language,
        "css": css,
    }
    return render_to_string("web/parts/timeline_item.html", values)


@register.simple_tag
def avatars(names: Sequence[str], more: int = 0) -> SafeString:
    """A few small avatars in a row and how many more there are."""
    return format_html(
        '<span class="row">{}{}</span>', SafeString("".join(avatar(name, "sm") for name in names)), f" +{more}" if more else ""
    )
