"""Values of an answer, as JSON and as text."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from vincle.analyse import ask_values

CASES = [
    ("1.50::DECIMAL(18, 4)", 1.5),
    ("12345678901234567890.1234::DECIMAL(38, 4)", "12345678901234567890.1234"),
    ("sum(3)", 3),
    ("170141183460469231731687303715884105727::HUGEINT", 170141183460469231731687303715884105727),
    ("4611686018427387904", 4611686018427387904),
    ("TIMESTAMPTZ '2026-03-10 09:00:00.5+01'", "2026-03-10T08:00:00.500000Z"),
    ("TIMESTAMP '2026-03-10 09:00:00'", "2026-03-10T09:00:00"),
    ("TIMESTAMP_NS '2026-03-10 09:00:00.123456789'", "2026-03-10T09:00:00.123456"),
    ("'infinity'::TIMESTAMPTZ", None),
    ("DATE '2026-03-10'", "2026-03-10"),
    ("TIME '10:30:00'", "10:30:00"),
    ("INTERVAL 1 MONTH + INTERVAL 3 DAY + INTERVAL 60 SECOND", "P1M3DT60S"),
    ("'nan'::DOUBLE", None),
    ("'-inf'::DOUBLE", None),
    ("'\\xAB\\x01'::BLOB", "ab01"),
    ("['a', NULL]", ["a", None]),
    ("[1.5::DECIMAL(4, 2)]", [1.5]),
    ("{'a': 1, 'b': [TIMESTAMPTZ '2026-03-10 09:00:00Z']}", {"a": 1, "b": ["2026-03-10T09:00:00Z"]}),
    ("true", True),
    ("NULL", None),
    ("'héllo'", "héllo"),
]


@pytest.mark.parametrize(("sql", "expected"), CASES)
def test_as_json(sql: str, expected: object) -> None:
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    ((value,),) = ask_values.lines(database.sql(f"SELECT {sql} AS value").to_arrow_table())
    assert value == expected
    assert type(value) is type(expected)
    json.dumps(value, allow_nan=False)


def test_as_text() -> None:
    assert [ask_values.text(value) for value in (None, True, 1.0, 0.1, ["a", None], {"a": 1}, "x")] == [
        "",
        "true",
        "1",
        "0.1",
        "a, ",
        "a: 1",
        "x",
    ]


def test_columns_of_one_name_are_told_apart() -> None:
    assert ask_values.names(pa.table([[1], [2], [3]], names=["n", "n_1", "n"])) == ["n", "n_1", "n_2"]


def test_cells_of_an_export() -> None:
    from vincle.analyse.take_out import cells
    from vincle.store.export import neutral

    texts = ["=1", "+34 600 000 001", "+", "-", "--3.5", "@x", "\tx", "\rx", "+1a", "plain", "", " =1", "-.", "+ 3"]
    assert cells(pa.array(texts)).to_pylist() == [neutral(text) for text in texts]
    assert cells(pa.array([["=a", "b"], [], None])).to_pylist() == ["'=a|b", "", None]
    assert cells(pa.array([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)], pa.timestamp("us", "UTC"))).to_pylist() == [
        "2026-01-02T03:04:05.000000Z"
    ]
    assert cells(pa.array([b"\xab"])).to_pylist() == ["ab"]
    assert cells(pa.array([Decimal("1.5000")])).to_pylist() == [Decimal("1.5000")]
