"""Our conditions in the words of other tools, as far as they have them. Pure.

>>> written('{sex} = "m" and not contains({likes}, "tea")', XPATH)
"${sex} = 'm' and not(selected(${likes}, 'tea'))"
>>> written('answered({a}) or {b} != 3', SURVEYJS)
'{a} notempty or {b} <> 3'
"""

from typing import Final

from msgspec import Struct

from ..definition import expressions as e


class Unwritable(ValueError):
    """The other tool has no word for a part of it."""


class Dialect(Struct, frozen=True):
    """`calls`: our functions as patterns of what they are given; a function that is not there cannot be written."""

    name: str
    calls: dict[str, str]
    negated: str
    unequal: str = "!="
    equal: str = "="
    divided: str = "/"


XPATH: Final = Dialect(
    "${{{0}}}", {"answered": "{0} != ''", "count": "count-selected({0})", "contains": "selected({0}, {1})", "len": "string-length({0})",
    "today": "today()",
                 "round": "round({0}, {1})", "if": "if({0}, {1}, {2})"}, "not({0})", divided="div",
)  # fmt: skip
SURVEYJS: Final = Dialect(
    "{{{0}}}", {"answered": "{0} notempty", "contains": "{0} contains {1}", "today": "today()", "age": "age({0})", "sum": "sum({0})",
    "if": "iif({0}, {1}, {2})",
                "round": "round({0}, {1})"}, "!({0})", unequal="<>",
)  # fmt: skip
LIMESURVEY: Final = Dialect(
    "{0}.NAOK", {"answered": "!is_empty({0})", "contains": "", "len": "strlen({0})", "count": "count({0})", "sum": "sum({0})",
    "if": "if({0}, {1}, {2})",
                 "round": "round({0}, {1})"}, "!({0})", equal="==",
)  # fmt: skip


def written(text: str, dialect: Dialect) -> str:
    """Raises Unwritable, also where it is no condition at all."""
    try:
        return _said(e.parse(text), dialect, 0)
    except e.Fault as fault:
        raise Unwritable(str(fault)) from fault


def _said(node: e.Node, to: Dialect, outer: int) -> str:
    rank = 9
    match node:
        case e.Known():
            made = _literal(node.value, to)
        case e.Name():
            if not node.name.replace("_", "").isalnum():
                raise Unwritable(node.name)
            made = to.name.format(node.name)
        case e.Call():
            rank, made = (3 if node.function in ("answered", "contains") else 9), _called(node, to)
        case e.Joined():
            rank = 0 if node.op == "or" else 1
            made = f" {node.op} ".join(_said(each, to, rank + 1) for each in node.parts)
        case e.Not():
            made = to.negated.format(_said(node.part, to, 0))
        case e.Compared():
            rank, op = 3, {"=": to.equal, "!=": to.unequal}.get(node.op, node.op)
            made = f"{_said(node.left, to, 4)} {op} {_said(node.right, to, 4)}"
        case e.Minus():
            made = f"-{_said(node.part, to, 6)}"
        case _:
            rank = 4 if node.rest[0][0] in "+-" else 5
            made = _said(node.first, to, rank + 1)
            for op, each in node.rest:
                made += f" {to.divided if op == '/' else op} {_said(each, to, rank + 1)}"
    return f"({made})" if rank < outer else made


def _called(node: e.Call, to: Dialect) -> str:
    if node.function == "contains" and to is LIMESURVEY:
        name, box = node.given
        if isinstance(name, e.Name) and isinstance(box, e.Known) and str(box.value).isalnum():
            return f'{name.name}_{box.value}.NAOK == "Y"'
        raise Unwritable("contains")
    pattern = to.calls.get(node.function, "")
    if not pattern or pattern.count("{") != len(node.given):
        raise Unwritable(node.function)
    return pattern.format(*(_said(each, to, 0) for each in node.given))


def _literal(value: str | float | bool, to: Dialect) -> str:
    if isinstance(value, bool):
        return f"{str(value).lower()}()" if to is XPATH else str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if "'" in value and to is XPATH:
        if '"' in value:
            raise Unwritable(value)
        return f'"{value}"'
    if to is LIMESURVEY:
        return '"' + value.replace('"', '\\"') + '"'
    return "'" + value.replace("'", "\\'") + "'"
