"""What a question may contain, by the tree of DuckDB's own parser: nothing but one SELECT over the tables it is told of."""

import contextlib

import duckdb
import pytest

from vincle.analyse.ask_child import parsed
from vincle.analyse.ask_rules import NotAllowed, check

TABLES = frozenset({"activity", "handle", "person", "match"})
THEIRS = "/lake/activity/workspace=2/month=2026-04/part-0.parquet"
ATTACKS = [
    ("SELECT * FROM read_csv('/etc/passwd')", "table_function"),
    ("SELECT * FROM READ_TEXT('/etc/passwd')", "table_function"),
    ("SELECT * FROM 'READ/etc/passwd'", "file"),
    ("SELECT * FROM '/etc/passwd'", "file"),
    ('SELECT * FROM "/etc/passwd"', "file"),
    ("SELECT * FROM 'https://example.org/x.csv'", "file"),
    (f"SELECT * FROM '{THEIRS}'", "file"),
    (f"SELECT * FROM read_parquet('{THEIRS}')", "table_function"),
    (f"SELECT * FROM parquet_scan(['{THEIRS}'])", "table_function"),
    (f"SELECT * FROM activity, LATERAL (SELECT * FROM read_parquet('{THEIRS}'))", "table_function"),
    (f"SELECT (SELECT max(seq) FROM '{THEIRS}')", "file"),
    (f"WITH x AS (SELECT * FROM read_parquet('{THEIRS}')) SELECT * FROM x", "table_function"),
    (f"SELECT * FROM activity WHERE EXISTS (SELECT 1 FROM read_blob('{THEIRS}'))", "table_function"),
    (f"SELECT 1 UNION ALL SELECT count(*) FROM read_parquet('{THEIRS}')", "table_function"),
    (f"SELECT seq FROM activity ORDER BY (SELECT count(*) FROM read_parquet('{THEIRS}'))", "table_function"),
    (f"SELECT 1 LIMIT (SELECT count(*) FROM read_parquet('{THEIRS}'))", "table_function"),
    (f"SELECT sum(seq) OVER (ORDER BY (SELECT count(*) FROM read_parquet('{THEIRS}'))) FROM activity", "table_function"),
    (f"SELECT list_transform([1], lambda x: (SELECT count(*) FROM read_parquet('{THEIRS}')))", "table_function"),
    (f"FROM query('SELECT * FROM read_parquet(''{THEIRS}'')')", "table_function"),
    ("FROM query_table('activity')", "table_function"),
    ("SELECT * FROM glob('/**')", "table_function"),
    ("SELECT * FROM sniff_csv('/etc/passwd')", "table_function"),
    ("SELECT * FROM parquet_metadata('/etc/passwd')", "table_function"),
    ("SELECT * FROM duckdb_settings()", "table_function"),
    ("SELECT * FROM duckdb_secrets()", "table_function"),
    ("SELECT * FROM pragma_database_list()", "table_function"),
    ("SELECT * FROM range(10)", "table_function"),
    ("SELECT * FROM json_execute_serialized_sql('{}')", "table_function"),
    ("SELECT * FROM python_map_function()", "table_function"),
    ("SELECT * FROM information_schema.tables", "schema"),
    ('SELECT * FROM "information_schema"."tables"', "schema"),
    ("SELECT * FROM pg_catalog.pg_class", "schema"),
    ("SELECT * FROM system.main.duckdb_settings", "schema"),
    ("SELECT * FROM main.activity", "schema"),
    ("SELECT * FROM duckdb_tables", "unknown_table"),
    ("SELECT * FROM sqlite_master", "unknown_table"),
    ("SELECT * FROM _no_activity", "unknown_table"),
    ("SELECT * FROM listen_content", "unknown_table"),
    ("SELECT getenv('HOME')", "function"),
    ("SELECT main.getenv('HOME')", "function"),
    ("SELECT GETENV/**/('HOME')", "function"),
    ("SELECT current_setting('allowed_paths')", "function"),
    ("SELECT sleep_ms(60000)", "function"),
    ("SELECT list_transform(['allowed_paths'], lambda x: current_setting(x))", "function"),
    ("SELECT seq FROM activity WHERE version() <> ''", "function"),
    ("SELECT first(current_setting('threads')) OVER () FROM activity", "function"),
    ("SELECT 1; SELECT 2", "several"),
    ("SELECT 1; DROP VIEW activity", "not_select"),
    ("SELECT 1 /* ; */; COPY activity TO '/tmp/x'", "not_select"),
    ("COPY activity TO '/tmp/x.csv'", "not_select"),
    ("COPY (SELECT 1) TO '/tmp/x.csv'", "not_select"),
    ("EXPORT DATABASE '/tmp/x'", "not_select"),
    ("ATTACH '/tmp/x.db'", "not_select"),
    ("INSTALL httpfs", "not_select"),
    ("LOAD httpfs", "not_select"),
    ("PRAGMA database_list", "not_select"),
    ("SET enable_external_access = true", "not_select"),
    ("RESET lock_configuration", "not_select"),
    ("CALL duckdb_settings()", "not_select"),
    ("EXPLAIN ANALYZE SELECT 1", "not_select"),
    ("CREATE TABLE x AS SELECT 1", "not_select"),
    ("CREATE OR REPLACE VIEW activity AS SELECT 1", "not_select"),
    ("CREATE SECRET s (TYPE s3)", "not_select"),
    ("DELETE FROM activity", "not_select"),
    ("UPDATE activity SET seq = 1", "not_select"),
    ("WITH x AS (DELETE FROM activity RETURNING *) SELECT * FROM x", "not_select"),
    ("PREPARE p AS SELECT 1", "not_select"),
    ("SHOW TABLES", "not_select"),
    ("DESCRIBE activity", "not_select"),
    ("SELECT * FROM (SHOW ALL TABLES)", "not_select"),
    ("SELECT * FROM (DESCRIBE SELECT * FROM read_csv('/etc/passwd'))", "not_select"),
    ("USE memory", "not_select"),
    ("SELECT * FROM activity POSITIONAL JOIN '/etc/passwd'", "file"),
    ("FROM '/etc/passwd' SELECT *", "file"),
    ("SELECT * FROM unnest((SELECT list(content) FROM read_text('/etc/passwd')))", "table_function"),
    ("SELECT * FROM (PIVOT '/etc/passwd' ON a USING count(*))", "not_select"),
    ("SELECT * FROM '/etc/passwd' PIVOT (count(*) FOR a IN (1))", "file"),
    ("SELECT * FROM (UNPIVOT '/etc/passwd' ON a)", "file"),
    ("SELECT read_text('/etc/passwd')", "function"),
    ("SELECT ('/etc/passwd').read_text()", "function"),
    ("SELECT ('HOME').getenv()", "function"),
    ("SELECT system.main.getenv('HOME')", "function"),
    ("SELECT count(*) FILTER (WHERE getenv('HOME') = 'x') FROM activity", "function"),
    ("SELECT * FROM activity ORDER BY getenv('HOME')", "function"),
    ("SELECT * FROM activity GROUP BY getenv('HOME')", "function"),
    ("SELECT * FROM activity a JOIN handle h ON h.key = a.actor AND getenv('HOME') = 'x'", "function"),
    ("SELECT * REPLACE (getenv('HOME') AS channel) FROM activity", "function"),
    ("SELECT CASE WHEN true THEN getenv('HOME') END", "function"),
    ("SELECT * FROM (VALUES (getenv('HOME')))", "function"),
    ("VALUES ((SELECT max(content) FROM read_text('/etc/passwd')))", "table_function"),
    ("SELECT DISTINCT ON (getenv('HOME')) channel FROM activity", "function"),
    ("SELECT * FROM activity TABLESAMPLE reservoir(10 ROWS), '/etc/passwd'", "file"),
    ("WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t, read_csv('/etc/passwd')) SELECT * FROM t", "table_function"),
    ("SELECT * FROM activity WHERE seq IN (SELECT seq FROM '/etc/passwd')", "file"),
    ("SELECT row_number() OVER w FROM activity WINDOW w AS (ORDER BY getenv('HOME'))", "function"),
    # A name given by WITH is known only where it is in force.
    ('SELECT (WITH "/etc/passwd" AS (SELECT 1 AS x) SELECT x FROM "/etc/passwd"), * FROM \'/etc/passwd\'', "file"),
    ('WITH "/etc/passwd" AS (SELECT * FROM "/etc/hosts") SELECT * FROM \'/etc/passwd\'', "file"),
    ("SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT * FROM duckdb_tables) a, duckdb_tables", "unknown_table"),
]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"max_expression_depth": "200"})


@pytest.mark.parametrize(("sql", "code"), ATTACKS)
def test_refused(database: duckdb.DuckDBPyConnection, sql: str, code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check(parsed(database, sql), TABLES)
    assert refusal.value.code == code


def test_nothing_duckdb_can_call_in_the_place_of_a_table_is_open_but_unnest(database: duckdb.DuckDBPyConnection) -> None:
    calls = database.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro', 'pragma')"
    )
    names = [name for (name,) in calls.fetchall() if name != "unnest"]
    assert len(names) > 80
    for name in names:
        with pytest.raises(NotAllowed):
            check(parsed(database, f'SELECT * FROM "{name}"(1)'), TABLES)


ALLOWED = [
    "SELECT * FROM activity",
    'SELECT "channel" FROM "Activity" a',
    "FROM person",
    "TABLE handle",
    "VALUES (1), (2)",
    "(SELECT 1)",
    "/* a */ SELECT 1; -- b",
    "WITH activity AS (SELECT 7 AS seq) SELECT seq FROM activity",
    "WITH a AS (WITH b AS (SELECT 1 AS n) SELECT n FROM b) SELECT n FROM a",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t",
    "WITH a AS MATERIALIZED (SELECT 1) SELECT * FROM a, a AS b",
    "SELECT unnest(hashtags) FROM activity",
    "SELECT tag FROM activity, unnest(hashtags) AS t(tag)",
    "SELECT * FROM activity PIVOT (count(*) FOR channel IN ('x', 'mail'))",
    "SELECT count(*) FILTER (WHERE amount > 1) OVER (PARTITION BY actor) FROM activity QUALIFY row_number() OVER () = 1",
    "SELECT * FROM activity a ASOF JOIN activity b ON a.actor = b.actor AND a.happened_at >= b.happened_at",
    "SELECT * FROM activity SEMI JOIN handle ON actor = key",
    "SELECT list_transform([1], lambda x: x + 1), [x * 2 FOR x IN [1, 2]], {'a': 1}.a, public_id(1)",
    "SELECT (SELECT max(seq) FROM activity b WHERE b.actor = a.actor), EXISTS (SELECT 1 FROM handle) FROM activity a",
    "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4 ORDER BY 1 LIMIT 5",
    "SELECT * FROM activity TABLESAMPLE 10%",
    "SELECT 'SELECT * FROM read_csv(''x'')', \"from\" FROM (SELECT 1 AS \"from\")",
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_allowed(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    check(parsed(database, sql), TABLES)


@pytest.mark.parametrize(
    "sql", ["SELECT 1" + " + 1" * 4000, "SELECT * FROM (" * 500 + "SELECT 1" + ")" * 500, "SELECT " + "(" * 5000 + "1" + ")" * 5000]
)
def test_depth_is_bounded(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Whatever it says of them, it does not fall over."""
    with contextlib.suppress(NotAllowed):
        check(parsed(database, sql), TABLES)


def test_the_place_is_told_in_bytes_of_the_text(database: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check(parsed(database, "SELECT 'é' FROM nowhere"), TABLES)
    assert (refusal.value.name, refusal.value.place) == ("nowhere", 17)
