"""A draft as someone would get it: for the editor, which asks at each pause in writing."""

from typing import Any, Final

from vincle.accounts.models import Workspace

from . import blocks, branding, check_words, checks, compiling, plain, recipients
from .compiling import Broken, compile_letter
from .look import Look
from .rendering import Rendered, fill

Json = dict[str, Any]
_DARK: Final = "@media (prefers-color-scheme:dark)"
NOWHERE: Final = "https://vincle.invalid/"
"""Where the ways out lead in a preview: nowhere."""


def preview(workspace: Workspace, raw: Any, language: str, person: int | None, *, dark: bool = False) -> Json:
    """{subject, preheader, html, text, size (bytes), problem, faults, checks, own_text}: of one language of a draft, for one person."""
    content, look = blocks.content(raw), branding.look_of(workspace)
    found = [
        {"level": each.level, "code": each.code, "block": each.block, "words": check_words.said(each)}
        for each in checks.check(content, look, language)
    ]
    answer: Json = {"checks": found, "made_text": plain.blocks_text(content["blocks"], look, language), "problem": "", "size": 0}
    try:
        made = compile_letter(content, look, language, is_marked=True)
    except Broken as broken:
        faults = compiling.faults(content)
        return {
            **answer,
            "problem": broken.why,
            "block": faults[0].block if faults else "",
            "html": "",
            "text": "",
            "subject": "",
            "preheader": "",
        }
    shown = filled(workspace, made, person)
    answer["speaks"] = language_of(workspace, person)
    if shown.problems:
        return {**answer, "problem": shown.problems[0], "block": "", "html": "", "text": "", "subject": "", "preheader": ""}
    page = shown.html.replace(_DARK, "@media all") if dark else shown.html.replace(_DARK, "@media not all")
    return {
        **answer,
        "html": page,
        "text": shown.text,
        "subject": shown.subject,
        "preheader": shown.preheader,
        "size": len(shown.html.encode()),
    }


def language_of(workspace: Workspace, person: int | None) -> str:
    """The language someone is known to speak, in two letters; "" where it is not known."""
    if person is None:
        return ""
    known = recipients.people(workspace, [person], frozenset())[person]["person"].get("language")
    return str(known or "").replace("_", "-").split("-")[0].lower()


def filled(workspace: Workspace, made: compiling.Compiled, person: int | None) -> Rendered:
    """With the values of someone, or of nobody; links lead where they would."""
    uses = made.uses
    values = recipients.people(workspace, [person], uses)[person] if person is not None else recipients.nobody(workspace)
    ways = {f"{name}_url": f"{NOWHERE}{name}" for name in ("unsubscribe", "preferences", "view")}
    return fill(made, {**values, "data": {"code": "ABC-123"}, **ways}, lambda _number, url: url)


def page(workspace: Workspace, content: Json, look: Look, language: str, person: int | None = None) -> str:
    """The HTML of a content; "" where it cannot be read."""
    try:
        return filled(workspace, compile_letter(content, look, language), person).html
    except Broken:
        return ""
