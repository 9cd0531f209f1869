"""Reading what is set for a whole form or a whole page on the builder's screen."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace

from . import uploading
from .actions import Refused
from .answers import clean, clean_text
from .definition import Texts
from .editing import Draft
from .visiting import origin_of


def of_form(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    """Only what the part of the screen held that was sent, told by its hidden list `has`. Raises Refused."""
    values: Draft = {}
    for name in post.get("has", "").split():
        if reader := _FORM.get(name):
            values |= reader(workspace, post, language)
    return values


def of_page(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    values: Draft = {}
    there = set(post.get("has", "").split())
    values |= {name: {language: clean(post.get(name, ""), 300)} for name in ("title", "description") if name in there}
    if "look" in there:
        values |= _colour(workspace, post, language) | {
            "picture": _number(post.get("picture"), 10**17),
            "is_hidden": bool(post.get("is_hidden")),
        }
    return values


def _number(text: str | None, most: int, usual: int = 0) -> int:
    text = (text or "").strip()
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 19 else usual


def _words(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    texts: dict[str, Texts] = {name: {language: clean(post.get(name, ""))} for name in ("title", "button")}
    return {**texts, "intro": {language: clean_text(post.get("intro", ""), 2_000)}}


def _after(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    address = clean(post.get("after_address", ""), 1_000)
    if address and not origin_of(address):
        raise Refused(_("The page they go on to needs a whole address, like https://example.org/thanks."))
    texts = {"title": {language: clean(post.get("after_title", ""))}, "text": {language: clean_text(post.get("after_text", ""), 2_000)}}
    return {"after": {**texts, "address": address}, "is_confirmed": bool(post.get("is_confirmed")), "file": _file(workspace, post)}


def _file(workspace: Workspace, post: QueryDict) -> int:
    pk = _number(post.get("file"), 10**17)
    return pk if any(each.pk == pk for each in uploading.offers(workspace)) else 0


def of_rules(workspace: Workspace, post: QueryDict) -> Draft:
    """Whose new leads are, who is told, which tags they get. Raises Refused."""
    kind = post.get("assign", "none")
    users = [pk for text in post.getlist("users")[:500] if (pk := _number(text, 10**17))]
    one = _number(post.get("user"), 10**17)
    assign: Draft = {"kind": kind if kind in ("none", "user", "turn", "team") else "none"}
    assign["users"] = [one] if kind == "user" and one else users if kind == "turn" else []
    assign["team"] = _number(post.get("team"), 10**17) if kind == "team" else 0
    if (kind in ("user", "turn") and not assign["users"]) or (kind == "team" and not assign["team"]):
        raise Refused(_("Choose whose new leads are."))
    tags = [name for part in post.get("tags", "").split(",") if (name := clean(part, 60))][:20]
    told = [pk for text in post.getlist("tell")[:500] if (pk := _number(text, 10**17))]
    return {"assign": assign, "tell": told, "tags": tags}


def _rules(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    return of_rules(workspace, post)


def _proof(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    proof = {
        "is_on": bool(post.get("proof")),
        "least": max(_number(post.get("least"), 10**6, 20), 1),
        "days": _number(post.get("days"), 3_650),
    }
    return {"proof": proof, "ask_at_most": _number(post.get("ask_at_most"), 20)}


def _embed(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    origins = []
    for text in post.get("origins", "").split():
        if not (origin := origin_of(text if "//" in text else f"https://{text}")):
            raise Refused(_("“%(text)s” is no address of a site. It looks like https://example.org.") % {"text": text[:80]})
        origins.append(origin)
    when = post.get("when", "seconds")
    popup = {
        "when": when if when in ("seconds", "scroll", "leave", "button") else "seconds", "after": _number(post.get("popup_after"), 3_600,
        15),
        "again_days": _number(post.get("again_days"), 3_650, 30),
    }  # fmt: skip
    return {"origins": list(dict.fromkeys(origins))[:50], "popup": popup}


def _colour(workspace: Workspace, post: QueryDict, language: str) -> Draft:
    text = post.get("colour", "").strip().lower()
    is_own = bool(post.get("has_colour"))
    is_good = len(text) == 7 and text[0] == "#" and all(sign in "0123456789abcdef" for sign in text[1:])
    return {"colour": text if is_own and is_good else ""}


_FORM: dict[str, Any] = {"words": _words, "after": _after, "rules": _rules, "proof": _proof, "embed": _embed, "look": _colour}
