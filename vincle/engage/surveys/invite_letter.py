"""A mail that asks: why, the first question with its answers to be followed, a button, and how to say no. Pure.

Following an answer records nothing by itself (programs of mail providers follow every link): it opens a page on which it is already chosen.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

MOST_ANSWERS = 11


class Answer(NamedTuple):
    """One answer of the first question; `short` is shown on a scale (a number, a star), `text` says it in words."""

    short: str
    text: str
    url: str


class Letter(NamedTuple):
    """`answers` empty: the first question cannot be answered in a mail, and only the button leads there. `is_scale`: answers in a row."""

    subject: str
    company: str
    greeting: str
    why: str
    question: str
    answers: Sequence[Answer]
    is_scale: bool
    ends: tuple[str, str]
    button: str
    url: str
    facts: Sequence[str]
    decline: str
    decline_url: str
    settings: str
    settings_url: str
    language: str


def text(letter: Letter) -> str:
    """For readers without HTML."""
    parts = [letter.greeting, letter.why]
    if letter.answers:
        parts.append("\n".join([letter.question, "", *(f"{each.text or each.short}: {each.url}" for each in letter.answers)]))
    parts += [f"{letter.button}: {letter.url}", "\n".join(letter.facts), letter.company]
    parts.append("\n".join(f"{words}: {url}" for words, url in _feet(letter)))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _feet(letter: Letter) -> list[tuple[str, str]]:
    feet = ((letter.decline, letter.decline_url), (letter.settings, letter.settings_url))
    return [(words, url) for words, url in feet if url]


def html(letter: Letter, look: Mapping[str, Any], font: str, on_accent: str) -> str:
    """A page of tables, as mail programs need it. `look` is a look of letters, `font` its face in CSS, `on_accent` the ink on it."""
    paint = _Paint(letter, look, font, on_accent)
    return paint.page()


class _Paint:
    def __init__(self, letter: Letter, look: Mapping[str, Any], font: str, on_accent: str) -> None:
        self.letter, self.look, self.on_accent = letter, look, on_accent
        self.font = escape(font, quote=True)

    def page(self) -> str:
        look, letter = self.look, self.letter
        return (
            f'<!doctype html><html lang="{escape(letter.language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">'
            f"<title>{escape(letter.subject)}</title><style>{self._dark()}</style></head>"
            f'<body class="p" style="margin:0;padding:0;background:{look["page"]};">'
            f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="p" style="background:{look["page"]};">'
            '<tr><td align="center" style="padding:24px 12px;">'
            f'<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="c" style="max-width:560px;'
            f'background:{look["paper"]};border-radius:{look["radius"]}px;">'
            f'<tr><td class="i" style="padding:28px 28px 24px;font-family:{self.font};font-size:16px;line-height:25px;'
            f'color:{look["ink"]};">'
            f"{self._inside()}</td></tr></table>{self._foot()}</td></tr></table></body></html>"
        )

    def _dark(self) -> str:
        look = self.look
        return (
            f"@media (prefers-color-scheme:dark){{.p{{background:{look['dark_page']}!important}}"
            f".c{{background:{look['dark_paper']}!important}}.i,.i p,.i h1,.s{{color:{look['dark_ink']}!important}}"
            f".m,.m a{{color:{look['dark_muted']}!important}}.s{{border-color:{look['dark_line']}!important;background:"
            f"{look['dark_page']}!important}}}}"
        )

    def _inside(self) -> str:
        letter = self.letter
        parts = [self._head(), *(f'<p style="margin:0 0 16px;">{_lines(each)}</p>' for each in (letter.greeting, letter.why) if each)]
        if letter.answers:
            parts.append(f'<h1 style="margin:24px 0 12px;font-size:19px;line-height:26px;">{_lines(letter.question)}</h1>')
            parts.append(self._scale() if letter.is_scale else self._list())
        else:
            parts.append(self._button())
        if letter.facts:
            facts = "<br>".join(_lines(each) for each in letter.facts)
            parts.append(f'<p class="m" style="margin:24px 0 0;font-size:13px;line-height:20px;color:{self.look["muted"]};">{facts}</p>')
        return "".join(parts)

    def _head(self) -> str:
        look = self.look
        if look.get("logo"):
            logo, width = escape(str(look["logo"]), quote=True), int(look["logo_width"])
            alt = escape(str(look.get("logo_alt") or self.letter.company), quote=True)
            return f'<p style="margin:0 0 20px;"><img src="{logo}" width="{width}" alt="{alt}" style="border:0;"></p>'
        return f'<p style="margin:0 0 20px;font-weight:700;color:{look["accent"]};">{escape(self.letter.company)}</p>'

    def _button(self) -> str:
        look = self.look
        return (
            f'<p style="margin:24px 0 0;"><a href="{escape(self.letter.url, quote=True)}" style="display:inline-block;padding:12px 22px;'
            f'background:{look["accent"]};color:{self.on_accent};text-decoration:none;font-weight:600;border-radius:{look["radius"]}px;">'
            f"{escape(self.letter.button)}</a></p>"
        )

    def _scale(self) -> str:
        """Answers in a row, each a square to be touched; on a narrow screen they wrap."""
        style = (
            "display:inline-block;min-width:34px;margin:0 4px 6px 0;padding:9px 2px;text-align:center;text-decoration:none;font-weight:600;"
            f"font-size:15px;line-height:20px;color:{self.look['ink']};border:1px solid {self.look['line']};border-radius:6px;"
        )
        cells = "".join(
            f'<a class="s" href="{escape(each.url, quote=True)}" title="{escape(each.text or each.short, quote=True)}" style="{style}">'
            f"{escape(each.short)}</a>"
            for each in self.letter.answers
        )
        low, high = (escape(each) for each in self.letter.ends)
        ends = f"{low}<span> &ndash; </span>{high}" if low and high else low or high
        under = (
            f'<p class="m" style="margin:2px 0 0;font-size:13px;line-height:20px;color:{self.look["muted"]};">{ends}</p>' if ends else ""
        )
        return f'<div style="margin:0;">{cells}</div>{under}'

    def _list(self) -> str:
        style = (
            f"display:block;margin:0 0 8px;padding:11px 14px;text-decoration:none;color:{self.look['ink']};"
            f"border:1px solid {self.look['line']};border-radius:{self.look['radius']}px;"
        )
        return "".join(
            f'<a class="s" href="{escape(each.url, quote=True)}" style="{style}">{escape(each.text)}</a>' for each in self.letter.answers
        )

    def _foot(self) -> str:
        links = " &middot; ".join(
            f'<a href="{escape(url, quote=True)}" style="color:{self.look["muted"]};">{escape(words)}</a>'
            for words, url in _feet(self.letter)
        )
        address = escape(str(self.look.get("address") or ""))
        return (
            f'<p class="m" style="max-width:560px;margin:16px 0 0;font-family:{self.font};font-size:12px;line-height:19px;'
            f'color:{self.look["muted"]};text-align:center;">{links}{"<br>" if address else ""}{address}</p>'
        )


def _lines(words: str) -> str:
    return escape(words.strip()).replace("\r\n", "\n").replace("\n", "<br>")
