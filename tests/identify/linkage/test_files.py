"""Tables from files and frames: every row with its number, what cannot be read with its reason."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vincle.channels.base import FileError
from vincle.identify.linkage import files
from vincle.identify.linkage.files import Table


def texts(table: Table, heading: str) -> list[str]:
    series = next(each for each in table.series if each.heading == heading)
    return [series.values[code] if code >= 0 else "" for code in series.codes]


def made(folder: Path, content: bytes, name: str = "people.csv") -> Table:
    (folder / name).write_bytes(content)
    return files.read(folder / name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_separator_in_any_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [["name", "town"], ["Núria Peña", "Móra"], ["José", "Àger"], ["Zoë", "Lleó"]]
    table = made(tmp_path, "\r\n".join(separator.join(row) for row in rows).encode(encoding))
    assert table.headings == ["name", "town"]
    assert texts(table, "name") == ["Núria Peña", "José", "Zoë"]
    assert table.rows.tolist() == [1, 2, 3]


def test_rows_that_cannot_be_read_still_count(tmp_path: Path) -> None:
    good = b"".join(b'"Ana, %d",a@x.org\n' % number for number in range(30))
    table = made(tmp_path, b"name,email\n" + good + b'Joan,j@x.org,too,wide\n"Pere,p@x.org\nMar,m@x.org\n')
    assert [(fault.row, fault.line, fault.code) for fault in table.faults] == [(31, 32, "row_too_wide"), (32, 33, "unclosed_quote")]
    assert (table.rows.tolist()[-1], texts(table, "name")[-1], table.size) == (33, "Mar", 31)


def test_what_a_hostile_table_may_hold(tmp_path: Path) -> None:
    content = f' name ,name,,email\n"A\x00na\nMaria",x,,NULL\nshort\n{"y" * 10_000},,,-\n,,,\n山田,"a""b",z,n/a\n'
    table = made(tmp_path, content.encode())
    assert table.headings == ["name", "name (2)", "Column 3", "email"]
    names = texts(table, "name")
    assert names[:2] == ["Ana\nMaria", "short"]
    assert len(names[2]) == files.MAX_CELL
    assert names[3:] == ["", "山田"]
    assert table.rows.tolist() == [1, 2, 3, 4, 5]
    assert not any(texts(table, "email"))


def test_an_escaped_cell_of_an_export_is_what_it_was(tmp_path: Path) -> None:
    table = made(tmp_path, b"name,phone\n'=cmd(),'+34 600 111 222\nAna,1\n")
    assert (texts(table, "name")[0], texts(table, "phone")[0]) == ("=cmd()", "+34 600 111 222")


def test_a_workbook_numbers_its_rows_as_it_shows_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["name", "born"], ["Ana", datetime(1990, 5, 1)], [], ["Joan", None]):
        sheet.append(row)
    book.save(tmp_path / "people.xlsx")
    table = files.read(tmp_path / "people.xlsx")
    assert (texts(table, "name"), table.rows.tolist()) == (["Ana", "Joan"], [1, 3])
    assert texts(table, "born")[0].startswith("1990-05-01")


@pytest.mark.parametrize("is_array", [True, False])
def test_json_in_lines_and_in_an_array(tmp_path: Path, is_array: bool) -> None:
    rows = [{"name": "Ana", "mail": ["a@x.org", "b@x.org"]}, {"name": "Joan", "home": {"town": "Vic"}}]
    content = json.dumps(rows) if is_array else "\n".join([json.dumps(rows[0]), "{broken", json.dumps(rows[1])])
    table = made(tmp_path, content.encode(), "people.json")
    assert texts(table, "mail") == ["a@x.org|b@x.org", ""]
    assert texts(table, "home.town") == ["", "Vic"]
    assert table.rows.tolist() == ([1, 2] if is_array else [1, 3])
    assert [fault.code for fault in table.faults] == ([] if is_array else ["broken_json"])


def test_parquet_of_many_types(tmp_path: Path) -> None:
    columns = {
        "born": pa.array([date(1908, 12, 9), None, date(1950, 1, 2)]),
        "seen": pa.array([datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 8, 30, tzinfo=UTC), None]),
        "phone": pa.array([600111222.0, None, 600111222.0]),
        "mails": pa.array([["a@x.org", "b@x.org"], None, []]),
        "town": pa.array(["Vic", None, "Vic"]).dictionary_encode(),
        "height": pa.array([1.5, float("nan"), 2.0]),
        "ok": pa.array([True, False, None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "people.parquet", row_group_size=2)
    table = files.read(tmp_path / "people.parquet")
    assert texts(table, "born") == ["1908-12-09", "", "1950-01-02"]
    assert texts(table, "seen") == ["2020-01-01", "2020-01-01T08:30:00+00:00", ""]
    assert texts(table, "phone") == ["600111222", "", "600111222"]
    assert texts(table, "mails") == ["a@x.org|b@x.org", "", ""]
    assert texts(table, "town") == ["Vic", "", "Vic"]
    assert texts(table, "height") == ["1.5", "", "2"]
    assert texts(table, "ok") == ["true", "false", ""]
    assert table.rows.tolist() == [1, 2, 3]


def test_every_make_of_frame_gives_the_same_table() -> None:
    rows = [{"name": "Ana", "born": datetime(1990, 5, 1), "n": 1.0}, {"name": None, "born": None, "n": None}]
    frames = [rows, pd.DataFrame(rows), pl.DataFrame(rows), pa.Table.from_pylist(rows)]
    for frame in frames:
        table = files.of_frame(frame, "frame")
        assert [texts(table, heading) for heading in ("name", "born", "n")] == [["Ana", ""], ["1990-05-01", ""], ["1", ""]]


@pytest.mark.parametrize("frame", [3, {"name": ["Ana"]}, ["Ana"], np.zeros(3), b"Ana"])
def test_what_is_no_table_is_refused(frame: object) -> None:
    with pytest.raises(TypeError, match="is no table"):
        files.of_frame(frame, "frame")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_file"), (b" \n\n", "empty_file"), (b"PK\x03\x04 no workbook", "broken_workbook"), (b"PAR1 no parquet", "broken_parquet")],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(FileError) as caught:
        made(tmp_path, content)
    assert caught.value.code == code


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "nowhere.csv")
