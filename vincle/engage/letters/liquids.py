"""Liquid as letters use it: bounded, escaped, and with a tag of our own around each link. Pure.

`{% link 3 %}https://…{% endlink %}` is written by the compiler, never by people: what stands between becomes an address that is looked at
anew when it is known (a value of a person may stand in it), tagged and, where that is wanted, led through our own counting.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from io import StringIO
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate as Template
from liquid import Environment
from liquid.ast import BlockNode, Node
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.parser import get_parser
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_EXPRESSION, TOKEN_TAG, Token

from . import cleaning

FAILURES: Final = (LiquidError, RecursionError, ValueError, TypeError, ArithmeticError, AttributeError)
ROOTS: Final = frozenset({"person", "company", "segments", "data", "unsubscribe_url", "preferences_url", "view_url", "today"})
"""What a letter may speak of."""

WAYS_OUT: Final = frozenset({"unsubscribe_url", "preferences_url", "view_url"})
_RESOLVER: Final = "_resolve"
_INTERNAL: Final = re.compile(r"\{%-?\s*(?:end)?link\b|\b_resolve\b")


class Broken(ValueError):
    """This Liquid cannot be read. `line` counts from 1, in the text it stands in."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.why, self.line = why, line


class LinkNode(Node):
    """A link, by its number in the letter."""

    __slots__ = ("block", "number")

    def __init__(self, token: Token, number: int, block: BlockNode) -> None:
        super().__init__(token)
        self.number, self.block = number, block

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        self.block.render(context, inner)
        is_html = context.autoescape
        url = inner.getvalue() if isinstance(inner, StringIO) else ""
        found = context.resolve(_RESOLVER)(self.number, html.unescape(url).strip() if is_html else url.strip())
        return buffer.write(html.escape(found) if is_html else found)

    async def render_to_output_async(self, context: RenderContext, buffer: TextIO) -> int:
        return self.render_to_output(context, buffer)

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Iterable[Node]:
        yield self.block


class LinkTag(Tag):
    """`{% link NUMBER %}address{% endlink %}`."""

    name = "link"
    end = "endlink"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        number = int(stream.eat(TOKEN_EXPRESSION).value)
        block = get_parser(self.env).parse_block(stream, frozenset({"endlink"}))
        stream.expect(TOKEN_TAG, value="endlink")
        return LinkNode(token, number, block)


class _Bounded(Environment):
    """What one letter may cost."""

    output_stream_limit: ClassVar[int] = 1_000_000
    loop_iteration_limit: ClassVar[int] = 5_000
    local_namespace_limit: ClassVar[int] = 50_000
    context_depth_limit: ClassVar[int] = 20
    block_nesting_limit: ClassVar[int] = 20


@cache
def environment(is_html: bool) -> Environment:
    made = _Bounded(autoescape=is_html)
    made.add_tag(LinkTag)
    for name in ("include", "render", "increment", "decrement"):
        made.tags.pop(name, None)
    made.filters.pop("safe", None)
    return made


def parse(source: str, *, is_html: bool) -> Template:
    """Raises Broken, with the line."""
    try:
        return environment(is_html).from_string(source)
    except LiquidSyntaxError as error:
        raise Broken(said(error), _line_of(error)) from error
    except FAILURES as error:
        raise Broken(said(error)) from error


def check(source: str) -> None:
    """Raises Broken where what people wrote cannot be read, or uses what only we may write."""
    if found := _INTERNAL.search(source):
        raise Broken(f"unexpected tag '{found[0].strip('{%- ')}'", source.count("\n", 0, found.start()) + 1)
    template = parse(source, is_html=False)
    for name, places in template.analyze(include_partials=False).filters.items():
        if name not in template.env.filters:
            raise Broken(f"unknown filter '{name}'", source.count("\n", 0, places[0].index) + 1)


def _line_of(error: LiquidError) -> int:
    token = getattr(error, "token", None)
    source, start = getattr(token, "source", None), getattr(token, "start_index", None)
    return str(source).count("\n", 0, int(start)) + 1 if isinstance(source, str) and isinstance(start, int) else 0


def said(error: BaseException) -> str:
    """The first line of what went wrong."""
    return next((" ".join(line.split()) for line in str(error).splitlines() if line.strip()), type(error).__name__)[:160]


def unknown_names(template: Template) -> set[str]:
    """Names at the root of variables that no letter knows: mistakes in writing, as a rule."""
    return {str(name) for name in template.analyze(include_partials=False).globals if str(name) not in ROOTS and str(name) != _RESOLVER}


def used(template: Template) -> set[str]:
    """Variables a template asks for, as paths: {"person.first_name", "segments"}."""
    found = template.analyze(include_partials=False).globals
    return {str(variable).replace("['", ".").replace("']", "") for each in found.values() for variable in each}


def values_with(resolve: Callable[[int, str], str], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a template is rendered with."""
    return {**values, _RESOLVER: resolve}


def only_way_out(url: str) -> bool:
    """Whether a link leads to one of the addresses that each letter makes for its reader: neither tagged nor counted.

    >>> only_way_out("{{ unsubscribe_url }}"), only_way_out("https://example.org/{{ view_url }}")
    (True, False)
    """
    found = re.fullmatch(r"\{\{-?\s*(\w+)\s*-?\}\}", url.strip())
    return bool(found) and found[1] in WAYS_OUT if found else False


def is_constant(url: str) -> bool:
    return "{{" not in url and "{%" not in url and cleaning.is_address(url)
