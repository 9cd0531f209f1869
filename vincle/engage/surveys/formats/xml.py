"""XML of strangers, read without what makes XML dangerous: no DTD, no entities of its own, so deep and so many and no more. Pure."""

import re
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from .base import Refused

MOST_ELEMENTS, DEEPEST = 400_000, 60
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")


class _Building:
    def __init__(self) -> None:
        self.tree, self.depth, self.count = TreeBuilder(), 0, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise Refused("too_deep", tag)
        if self.count > MOST_ELEMENTS:
            raise Refused("bomb", str(self.count))
        self.tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.tree.end(tag)

    def data(self, text: str) -> None:
        self.tree.data(text)


def _unsafe(name: str, *_rest: object) -> None:
    raise Refused("unsafe_xml", f"DOCTYPE {name}")


def _entity(name: str, *_rest: object) -> None:
    raise Refused("unsafe_xml", f"ENTITY {name}")


def parse(content: bytes) -> Element:
    """The root of a document. Refused: not_xml, unsafe_xml, too_deep, bomb."""
    parser = expat.ParserCreate()
    building = _Building()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = building.start, building.end, building.data
    parser.StartDoctypeDeclHandler, parser.EntityDeclHandler = _unsafe, _entity
    try:
        parser.Parse(content, True)
        return building.tree.close()
    except expat.ExpatError as fault:
        raise Refused("not_xml", str(fault)) from fault
    except (LookupError, ValueError, AssertionError) as fault:
        if isinstance(fault, Refused):
            raise
        raise Refused("not_xml", str(fault)[:120]) from fault
