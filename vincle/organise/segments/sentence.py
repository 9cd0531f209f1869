"""A predicate in the order it is said, without words: denials stand at the clauses, groups within groups of their kind are one."""

from dataclasses import dataclass, replace
from typing import Literal

from .predicate import All, Any, Did, Not, Predicate, Trait

Code = Literal["all", "any", "everybody", "nobody", "clause"]


@dataclass(frozen=True)
class Phrase:
    """`all` and `any` have at least two `parts`; a `clause` has its clause and whether it is denied, which no group is."""

    code: Code
    parts: tuple["Phrase", ...] = ()
    clause: Predicate | None = None
    is_denied: bool = False


def phrase(predicate: Predicate, is_denied: bool = False) -> Phrase:
    """What is said means the same: "not (a and b)" becomes "not a, or not b"; "not at least twice" becomes "at most once".

    >>> phrase(Not(Any((Trait("city", "is", "Vic"), Trait("city", "unknown"))))).parts[1].clause
    Trait(name='city', compare='known', value=None)
    """
    if isinstance(predicate, Not):
        return phrase(predicate.part, not is_denied)
    if isinstance(predicate, All | Any):
        return _group("all" if isinstance(predicate, All) != is_denied else "any", predicate.parts, is_denied)
    turned = _turned(predicate) if is_denied else None
    return Phrase("clause", (), turned or predicate, is_denied and turned is None)


def _group(code: Code, parts: tuple[Predicate, ...], is_denied: bool) -> Phrase:
    said = [phrase(part, is_denied) for part in parts]
    flat = tuple(inner for each in said for inner in (each.parts if each.code == code else (each,)))
    if not flat:
        return Phrase("everybody" if code == "all" else "nobody")
    return flat[0] if len(flat) == 1 else Phrase(code, flat)


_OPPOSITES = {"is": "is_not", "is_not": "is", "known": "unknown", "unknown": "known"}


def _turned(clause: Predicate) -> Predicate | None:
    """The clause that holds exactly where this one does not, if one can be said."""
    if isinstance(clause, Trait) and clause.compare in _OPPOSITES:
        return replace(clause, compare=_OPPOSITES[clause.compare])  # type: ignore[arg-type]
    if not isinstance(clause, Did) or clause.measure != "count":
        return None
    if clause.most is None and clause.least is not None and clause.least >= 1:
        return replace(clause, least=None, most=clause.least - 1)
    if clause.least is None and clause.most is not None:
        return replace(clause, least=clause.most + 1, most=None)
    return None
