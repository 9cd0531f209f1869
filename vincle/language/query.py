"""The language of listening queries: what can be asked of texts, read from what people type.

    "flat white" AND (slow OR queue*) NOT sugar     waiting NEAR/5 coffee     #lligam     organi?ation
    from:@ana  lang:es,ca  sentiment:negative  intent:complaint  reach>1000  rating<=3  has:link  is:reply  after:2026-11-01

Words stand side by side for AND. Case and accents make no difference. `parse` gives a `Query`, whose text parses to the same query, or
raises `QueryError` with the place of what cannot be understood. `matches` says plainly whether a text is asked for.
"""

from ._query_facts import FIELDS, NUMBERS, Facts, fact_atoms, facts_of, value_of
from ._query_match import matches, spans
from ._query_parse import parse
from ._query_parts import (
    And,
    Compare,
    Field,
    Near,
    Not,
    Or,
    Part,
    Query,
    QueryError,
    Tag,
    Words,
    asks_for_ours,
    narrowed,
    parts_of,
    without,
)  # fmt: skip

__all__ = [
    "FIELDS", "NUMBERS", "And", "Compare", "Facts", "Field", "Near", "Not", "Or", "Part", "Query", "QueryError", "Tag", "Words",
    "asks_for_ours", "fact_atoms", "facts_of", "matches", "narrowed", "parse", "parts_of", "spans", "value_of", "without",
]  # fmt: skip
