"""A condition as a sentence, in the reader's language, with the words of the questions it is about."""

from django.utils.translation import gettext as _

from .definition import expressions as e
from .definition import model
from .definition.model import Survey

_SHORT = 48


def sentence(text: str, survey: Survey, language: str) -> str:
    """ "" where there is no condition, or none that can be read.

    >>> sentence("", Survey(), "en")
    ''
    """
    if not text.strip():
        return ""
    try:
        return _said(e.parse(text), survey, language, 0)
    except e.Fault:
        return ""


def _said(node: e.Node, survey: Survey, language: str, outer: int) -> str:
    match node:
        case e.Joined():
            word = _("or") if node.op == "or" else _("and")
            made = f" {word} ".join(_said(each, survey, language, 1) for each in node.parts)
            return f"({made})" if outer else made
        case e.Not():
            return _not(node.part, survey, language)
        case e.Compared():
            return _compared(node, survey, language)
        case e.Call():
            return _called(node, survey, language)
    return _value(node, survey, language, None)


def _not(part: e.Node, survey: Survey, language: str) -> str:
    if isinstance(part, e.Call) and part.function in ("answered", "contains"):
        name = _value(part.given[0], survey, language, None)
        if part.function == "answered":
            return _("%(question)s is not answered") % {"question": name}
        return _("%(question)s does not contain %(answer)s") % {
            "question": name,
            "answer": _value(part.given[1], survey, language, part.given[0]),
        }
    return _("not (%(condition)s)") % {"condition": _said(part, survey, language, 0)}


def _compared(node: e.Compared, survey: Survey, language: str) -> str:
    words = {
        "=": _("%(a)s is %(b)s"), "!=": _("%(a)s is not %(b)s"), "<": _("%(a)s is less than %(b)s"), "<=": _("%(a)s is at most %(b)s"),
        ">": _("%(a)s is more than %(b)s"), ">=": _("%(a)s is at least %(b)s"),
    }  # fmt: skip
    about = node.left if isinstance(node.left, e.Name) else None
    return words[node.op] % {"a": _value(node.left, survey, language, None), "b": _value(node.right, survey, language, about)}


def _called(node: e.Call, survey: Survey, language: str) -> str:
    first = _value(node.given[0], survey, language, None) if node.given else ""
    if node.function == "answered":
        return _("%(question)s is answered") % {"question": first}
    if node.function == "contains":
        answer = _value(node.given[1], survey, language, node.given[0])
        return _("%(question)s contains %(answer)s") % {"question": first, "answer": answer}
    return f"{node.function}({', '.join(_value(each, survey, language, None) for each in node.given)})"


def _value(node: e.Node, survey: Survey, language: str, about: e.Node | None) -> str:
    match node:
        case e.Name():
            return _named(node.name, survey, language)
        case e.Known():
            return _known(node.value, survey, language, about.name if isinstance(about, e.Name) else "")
        case e.Series():
            rest = "".join(f" {op} {_value(each, survey, language, None)}" for op, each in node.rest)
            return f"{_value(node.first, survey, language, None)}{rest}"
        case e.Minus():
            return f"-{_value(node.part, survey, language, None)}"
    return _said(node, survey, language, 1)


def _named(name: str, survey: Survey, language: str) -> str:
    id, _dot, part = name.partition(".")
    if id == "person":
        return _("the person’s %(name)s") % {"name": part.replace("_", " ")}
    found = model.find(survey, id)
    if found is None:
        return f"{{{name}}}"
    words = model.say(found[1].text, language, survey) or id
    row = next((model.say(each.text, language, survey) for each in getattr(found[1], "rows", []) if each.id == part.split(".")[0]), "")
    return f"“{_cut(words)}”" + (f" ({_cut(row)})" if row else "")


def _known(value: str | float | bool, survey: Survey, language: str, about: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:g}"
    found = model.find(survey, about.partition(".")[0]) if about else None
    choice = next((each for each in getattr(found[1], "choices", []) if each.id == value), None) if found else None
    return f"“{_cut(model.say(choice.text, language, survey) if choice else value)}”"


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
