"""Letters to begin with: the usual occasions of a small company, in four languages. Pure.

Each language is a file of words; what a letter is built of is the same in all of them.
"""

from typing import Any, Final

from vincle.engage.letters.blocks import Block, Content, content
from vincle.engage.letters.phrases import LANGUAGES

from . import ca, en, es, it

KEYS: Final = ("welcome", "news", "offer", "winback", "birthday", "renewal")
_WORDS: Final[dict[str, dict[str, dict[str, str]]]] = {"en": en.WORDS, "es": es.WORDS, "it": it.WORDS, "ca": ca.WORDS}


def letter(key: str, language: str, website: str = "") -> Content:
    """The content of a ready-made letter; its buttons lead to `website`. KeyError when there is none such.

    >>> letter("birthday", "es")["subject"].startswith("{{ person.first_name")
    True
    """
    words = _WORDS[language if language in LANGUAGES else "en"][key]
    return content({"subject": words["subject"], "preheader": words["preheader"], "blocks": _BUILT[key](words, website)})


def _heading(words: str, level: str = "1", **more: Any) -> Block:
    return {"kind": "heading", "text": words, "level": level, **more}


def _text(words: str, **more: Any) -> Block:
    """Paragraphs are parted by an empty line, lists begin with a dash."""
    parts = []
    for part in words.split("\n\n"):
        lines = part.split("\n")
        if all(line.startswith("- ") for line in lines):
            parts.append("<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>")
        else:
            parts.append(f"<p>{'<br>'.join(lines)}</p>")
    return {"kind": "text", "html": "".join(parts), **more}


def _button(words: str, website: str, **more: Any) -> Block:
    return {"kind": "button", "label": words, "url": website, "align": "left", **more}


def _code(words: dict[str, str]) -> list[Block]:
    """A code to redeem, on the colour of the brand."""
    ground = {"background": "accent", "align": "center"}
    return [_text(words["code_before"], **ground), _heading("{{ data.code }}", "1", **ground), _text(words["code_after"], **ground)]


def _welcome(words: dict[str, str], website: str) -> list[Block]:
    return [
        _heading(words["title"]), _text(words["text"]), _button(words["button"], website), {"kind": "spacer", "height": 8},
        _heading(words["title2"], "2"), _text(words["text2"]), {"kind": "divider"}, _text(words["end"]), {"kind": "social", "align": "left"},
    ]  # fmt: skip


def _news(words: dict[str, str], website: str) -> list[Block]:
    left = [_heading(words["left"], "3"), _text(words["left_text"])]
    right = [_heading(words["right"], "3"), _text(words["right_text"])]
    return [
        _heading(words["title"]), _text(words["text"]), _button(words["button"], website), {"kind": "divider"},
        {"kind": "columns", "columns": [left, right]}, {"kind": "divider"}, _text(words["end"]), {"kind": "social", "align": "left"},
    ]  # fmt: skip


def _offer(words: dict[str, str], website: str) -> list[Block]:
    return [_heading(words["title"]), _text(words["text"]), *_code(words), _button(words["button"], website), _text(words["end"])]


def _winback(words: dict[str, str], website: str) -> list[Block]:
    return [
        _heading(words["title"]), _text(words["text"]), _text(words["bought"], when={"expression": "person.last_bought"}),
        _button(words["button"], website), {"kind": "divider"}, _text(words["end"]),
    ]  # fmt: skip


def _birthday(words: dict[str, str], website: str) -> list[Block]:
    gift = [{**block, "when": {"expression": "data.code"}} for block in _code(words)]
    return [_heading(words["title"], align="center"), _text(words["text"], align="center"), *gift,
            _button(words["button"], website, align="center"), _text(words["end"], align="center")]  # fmt: skip


def _renewal(words: dict[str, str], website: str) -> list[Block]:
    return [_heading(words["title"]), _text(words["text"]), _button(words["button"], website), _heading(words["title2"], "2"),
            _text(words["text2"]), {"kind": "divider"}, _text(words["end"])]  # fmt: skip


_BUILT: Final = {
    "welcome": _welcome, "news": _news, "offer": _offer, "winback": _winback, "birthday": _birthday, "renewal": _renewal,
}  # fmt: skip
