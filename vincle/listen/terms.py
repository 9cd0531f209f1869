"""Words the full text knows: what a wildcard stands for where the index cannot say so itself."""

import re

from django.db import connection

MOST_LOOKED_AT = 20_000


def known_terms(workspace: int, start: str, pattern: str, most: int) -> list[str] | None:
    """Atoms with this beginning that are what the pattern says, in order; None where there are more than `most`."""
    sql = {
        "sqlite": "SELECT term FROM listen_fulltext_terms WHERE term >= %s AND term < %s LIMIT %s",
        "postgresql": "SELECT DISTINCT term FROM listen_fulltext f, unnest(tsvector_to_array(f.words)) term "
        "WHERE f.workspace_id = %s AND f.words @@ %s::tsquery AND term >= %s AND term < %s LIMIT %s",
    }[connection.vendor]
    # Beyond every atom with this beginning: "{" follows "z".
    parameters: tuple[str | int, ...] = (start, start + "{", MOST_LOOKED_AT)
    if connection.vendor == "postgresql":
        parameters = (workspace, f"'{start}':*", *parameters)
        sql = sql.replace("term >=", 'term COLLATE "C" >=').replace("term <", 'term COLLATE "C" <')
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        terms = [term for (term,) in cursor.fetchall()]
    fits = re.compile(pattern).fullmatch
    found = sorted(term for term in terms if fits(term))
    return found if len(found) <= most and len(terms) < MOST_LOOKED_AT else None
