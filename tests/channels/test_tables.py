"""Tables of any make: what is found in them, and what is refused."""

import contextlib
import csv
import io
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.channels import _sheets
from vincle.channels._rows import Row, find_headings, name_headings
from vincle.channels._separated import layout
from vincle.channels._tables import Table, glance, open_table
from vincle.channels.base import FileError, Options, Sample
from vincle.vocabulary import Reject, Warn

OPTIONS = Options(file_key="f", now=datetime(2026, 11, 21, tzinfo=UTC))


def read(data: bytes, options: Options = OPTIONS) -> tuple[Table, list[Row], list[Reject | Warn]]:
    table = open_table(io.BytesIO(data), options)
    rows: list[Row] = []
    others: list[Reject | Warn] = []
    for row in table.rows:
        if isinstance(row, tuple):
            rows.append(row)
        else:
            others.append(row)
    return table, rows, others


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for number, rows in enumerate(sheets):
        page = book.create_sheet(f"Sheet{number}")
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_told_by_content(separator: str) -> None:
    text = separator.join(["name", "email", "note"]) + "\n" + separator.join(["Ana", "ana@x.org", '"a, b; c | d"']) + "\n"
    table, rows, _ = read(text.encode())
    assert (table.separator, table.headings) == (separator, ["name", "email", "note"])
    assert rows == [(2, ["Ana", "ana@x.org", "a, b; c | d"])]


def test_lines_are_those_an_editor_shows() -> None:
    _, rows, _ = read(b'name,note\r\nAna,"one\r\ntwo\nthree"\r\n\r\nLuz,x\r\n')
    assert [line for line, _ in rows] == [2, 6]
    assert rows[0][1] == ["Ana", "one\r\ntwo\nthree"]


def test_a_preamble_is_skipped() -> None:
    table, rows, _ = read(b'Notes:\n"When exporting, you may notice"\n\nFirst Name,Last Name,URL\nAna,Gil,x\n')
    assert table.headings == ["First Name", "Last Name", "URL"]
    assert rows == [(5, ["Ana", "Gil", "x"])]


def test_the_separator_line_of_excel_is_obeyed() -> None:
    table, rows, _ = read(b"sep=;\nname;email\nAna;a@x.org\n")
    assert (table.separator, rows) == (";", [(3, ["Ana", "a@x.org"])])


def test_a_file_without_headings_keeps_its_first_row() -> None:
    table, rows, _ = read(b"Ana,ana@x.org,34\nLuz,luz@x.org,35\n")
    assert not table.has_headings
    assert table.headings == ["Column 1", "Column 2", "Column 3"]
    assert [line for line, _ in rows] == [1, 2]


def test_headings_that_are_empty_or_twice() -> None:
    assert name_headings(["Email", "Email", "", " Email "], 5) == ["Email", "Email (2)", "Column 3", "Email (3)", "Column 5"]
    table, rows, others = read(b"a,b,,\n1,2,,\n3,4\n5,6,,,\n7,8,,,9\n")
    assert table.headings == ["a", "b", "Column 3", "Column 4"]
    assert [cells[:2] for _, cells in rows] == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert [(one.line, one.code) for one in others] == [(5, "row_too_wide")]


def test_one_value_a_line() -> None:
    table, rows, _ = read(b"email\nana@x.org\nluz@x.org\n")
    assert (table.headings, len(rows)) == (["email"], 2)
    table, rows, _ = read("Qué bueno, de verdad\n\"¡No!\" me dijo, y se fue\nvale\n".encode())
    assert (table.has_headings, [cells[0] for _, cells in rows]) == (False, ["Qué bueno, de verdad", '"¡No!" me dijo, y se fue', "vale"])


def test_columns_parted_by_blanks() -> None:
    table, rows, _ = read(b" id  date  n\r\n 0001 19970101  1\r\n 0002 19970112  12\r\n")
    assert (table.separator, table.headings, rows[1]) == (" ", ["id", "date", "n"], (3, ["0002", "19970112", "12"]))


def test_the_type_rows_of_orange_are_not_data() -> None:
    _, rows, _ = read(b"Time\tText\tN\ntime\tstring\tcontinuous\n\tmeta\t\n2026-01-01\tHola\t1.0\n")
    assert rows == [(4, ["2026-01-01", "Hola", "1.0"])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    _, rows, _ = read("name,city\nIñaki,Logroño\nZoë,Málaga\n".encode(encoding))
    assert rows == [(2, ["Iñaki", "Logroño"]), (3, ["Zoë", "Málaga"])]


def test_damaged_utf8_is_told_by_line() -> None:
    _, rows, others = read("name,text\nAna,“ear worm”\nLuz,“vale”\n".encode().replace("worm”".encode(), b"worm\xe2\x80?"))
    assert [line for line, _ in rows] == [2, 3]
    assert [(one.line, one.code, one.field) for one in others] == [(2, "damaged_text", "text")]


def test_an_open_quote_costs_its_line_and_not_the_rest() -> None:
    _, rows, others = read(b'email,name\na@x.org,Ana\nb@x.org,"Bel\nc@x.org,Cai\nd@x.org,Dan\n')
    assert [line for line, _ in rows] == [2, 4, 5]
    assert [(one.line, one.code) for one in others] == [(3, "unclosed_quote")]


def test_a_stray_quote_closed_by_a_later_one_costs_its_line_and_not_the_rest() -> None:
    good = b'e@x.org,"Eva, SL"\n' * 20
    _, rows, others = read(b'email,name\na@x.org,"Ana\nb@x.org,Bel\nc@x.org,"Cai, SL"\nd@x.org,Dan\n' + good)
    assert rows[:3] == [(3, ["b@x.org", "Bel"]), (4, ["c@x.org", "Cai, SL"]), (5, ["d@x.org", "Dan"])]
    assert len(rows) == 23
    assert [(one.line, one.code) for one in others] == [(2, "unclosed_quote")]


def test_stray_quotes_everywhere_stay_quick() -> None:
    data = b"email,name\n" + b'a@x.org,"Ana\n' * 30_001
    start = time.process_time()
    _, rows, others = read(data)
    assert time.process_time() - start < 5
    assert len(rows) + len(others) > 0


def test_a_giant_field_and_a_giant_row_are_rejected_by_line() -> None:
    data = b"a,b\n1,2\n3," + b"x" * (2 << 20) + b"\n5,6\n" + b"," * 20_000 + b"\n7,8\n9," + b"y" * (5 << 20) + b"\n10,11\n"
    _, rows, others = read(data)
    assert [line for line, _ in rows] == [2, 4, 6, 8]
    assert [(one.line, one.code) for one in others] == [(3, "field_too_long"), (5, "too_many_columns"), (7, "line_too_long")]


def test_a_million_cells_are_read() -> None:
    data = b"Email,First,Last,Phone,Company,Job,City,Country,Born,Tags,Created,Budget\n" + (
        b"ana@x.org,Ana,Gil,600000001,Acme,CEO,Madrid,ES,1980-01-01,\"a, b\",2024-01-01,12\n" * 60_000)
    table = open_table(io.BytesIO(data), OPTIONS)
    assert sum(1 for _ in table.rows) == 60_000


def test_a_workbook_gives_values_as_text() -> None:
    data = workbook([["Name", "Born", "N", "OK", "At"], ["Ana", datetime(1980, 5, 6), 3.0, True, datetime(2026, 1, 2, 3, 4)], [None] * 5,
                     ["Luz", None, 2.5, False, None]])
    table, rows, _ = read(data)
    assert (table.kind, table.sheet, table.headings) == ("xlsx", "Sheet0", ["Name", "Born", "N", "OK", "At"])
    assert rows == [(2, ["Ana", "1980-05-06", "3", "true", "2026-01-02 03:04:00"]), (4, ["Luz", "", "2.5", "false", ""])]


def test_sheets_are_chosen_by_name_or_by_having_rows() -> None:
    data = workbook([], [["a", "c"], ["x", "y"]], [["b", "d"], ["x", "y"]])
    assert read(data)[0].sheet == "Sheet1"
    assert read(data, Options(file_key="f", now=OPTIONS.now, sheet="Sheet2"))[0].headings == ["b", "d"]
    assert _sheets.sheets(io.BytesIO(data)) == ("Sheet0", "Sheet1", "Sheet2")
    with pytest.raises(FileError, match="no_such_sheet"):
        read(data, Options(file_key="f", now=OPTIONS.now, sheet="Other"))


def test_formulas_are_inert_text() -> None:
    data = workbook([["Name", "Sum"], ["=HYPERLINK(\"http://evil.example\")", "=1+1"]])
    assert read(data)[1] == [(2, ["=HYPERLINK(\"http://evil.example\")", "=1+1"])]


def rezipped(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, content)
    return file.getvalue()


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    data = rezipped(workbook([["a"], ["1"]]), "xl/media/image1.bin", b"\0" * (64 << 20))
    assert len(data) < 200_000
    with pytest.raises(FileError, match="zip_bomb"):
        read(data)


def test_ten_million_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sheets, "MAX_CELLS", 50)
    read(workbook([["a", "b"]] * 25))
    with pytest.raises(FileError, match="too_many_cells"):
        read(workbook([["a", "b"]] * 26))


def test_entities_in_a_workbook_are_refused() -> None:
    data = workbook([["a"], ["1"]])
    bomb = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet/>'
    with pytest.raises(FileError, match="unsafe_workbook"):
        read(rezipped(data, "xl/worksheets/sheet1.xml", bomb))


def test_a_far_away_cell_does_not_fill_memory() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["B1"], page["A2"] = "name", "n", "Ana"
    page["XFD900000"] = "far"
    file = io.BytesIO()
    book.save(file)
    start = time.process_time()
    _, rows, _ = read(file.getvalue())
    assert time.process_time() - start < 20
    assert rows[0][1][0] == "Ana"


@pytest.mark.parametrize(("data", "code"), [
    (b"PK\x03\x04 rubbish", "broken_workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted_workbook"),
    (b"", "empty_file"),
    (b" \n\n ", "empty_file"),
    (b"[]", "no_rows"),
])
def test_what_is_no_table_is_told(data: bytes, code: str) -> None:
    with pytest.raises(FileError) as fault:
        read(data)
    assert fault.value.code == code


def test_an_unknown_encoding_is_told() -> None:
    for encoding in ("klingon", "base64", "rot13"):
        with pytest.raises(FileError, match="unknown_encoding"):
            read(b"a,b\n1,2\n", Options(file_key="f", now=OPTIONS.now, encoding=encoding))


def test_json_lines_and_arrays() -> None:
    expected = [(["1", "Ana", "a|b", ""], 0), (["2", "", "", "true"], 1)]
    lines = b'{"id": 1, "user": {"name": "Ana"}, "tags": ["a", "b"]}\n{"id": 2, "ok": true}\n'
    array = b'[\n {"id": 1, "user": {"name": "Ana"}, "tags": ["a", "b"]},\n {"id": 2,\n "ok": true}]'
    for data, first in ((lines, 1), (array, 2)):
        table, rows, others = read(data)
        assert (table.kind, table.headings, others) == ("json", ["id", "user.name", "tags", "ok"], [])
        assert rows == [(first + step, cells) for cells, step in expected]


def test_broken_json_lines_are_rejected_one_by_one() -> None:
    _, rows, others = read(b'{"id": 1}\n{"id": 2\n{"id": 3}\n[1]\n"x"\n{"id": 4, "t": "a\n{"id": 5e400}\n{"id": 6')
    assert [(line, cells[0]) for line, cells in rows] == [(1, "1"), (3, "3"), (7, "5e400")]
    assert [one.line for one in others] == [2, 4, 5, 6, 8]


def test_deep_json_is_refused_and_not_a_crash() -> None:
    data = b'{"a": 1}\n' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b'\n{"a": 2}\n'
    _, rows, others = read(data)
    assert [cells[0] for _, cells in rows if len(cells[0]) < 5] == ["1", "2"] or others


def test_other_formats_are_no_tables() -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"
    for head in (b"BEGIN:VCARD\nVERSION:3.0\n", b"<?xml version='1.0'?><feed/>", b"From a@b Thu Jan  1 00:00:00 1970\n", picture):
        assert glance(Sample(head=head, size=len(head))) is None


CELL = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=20))
def test_what_csv_writes_is_read_back(rows: list[list[str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["first heading", "second heading", "third heading"])
    writer.writerows(rows)
    options = Options(file_key="f", now=OPTIONS.now, separator=",", encoding="utf-8")
    _, found, others = read(file.getvalue().encode(), options)
    assert others == []
    assert [cells for _, cells in found] == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_told_error(data: bytes) -> None:
    try:
        table, rows, _ = read(data)
    except FileError:
        return
    assert all(len(cells) == len(table.headings) for _, cells in rows)


def test_headings_are_found_below_what_is_not_a_table() -> None:
    assert find_headings([["Report"], [], ["a", "b", "c"], ["1", "2", "3"]]) == (2, True, 3)
    assert layout("a;b\n1;2\n", whole=True).separator == ";"


def test_real_files(shared_data: Path) -> None:
    expected = {
        "crm_exports/linkedin_Connections.csv": ("utf-8", ",", 7, 6), "crm_exports/outlook_cp1252.csv": ("cp1252", ",", 58, 1),
        "crm_exports/invalid_bytes.csv": ("cp1252", ",", 2, 2), "crm_exports/with_utf8_bom.csv": ("utf-8-sig", ",", 3, 1),
        "account_tweets/election-tweets-2016.tab": ("utf-8", "\t", 12, 6444), "airline_tweets/Tweets.csv": ("utf-8", ",", 15, 14_640),
        "value_cdnow/CDNOW_master.txt": ("utf-8", " ", 4, 69_659), "attribution/Data.csv": ("utf-8", ";", 4, 10_000),
        "sentiment_tweets/spanish/val_text.txt": ("utf-8", "", 1, 324),
        "value_retail/sample_customers_10pct.csv": ("utf-8", ",", 8, 36_755),
    }
    for name, (encoding, separator, width, count) in expected.items():
        with (shared_data / name).open("rb") as file:
            table = open_table(file, OPTIONS)
            assert (table.encoding, table.separator, len(table.headings)) == (encoding, separator, width), name
            assert sum(isinstance(row, tuple) for row in table.rows) == count, name


SHEET = """<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>
<x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>Name</x:t><x:rPh><x:t>na</x:t></x:rPh></x:is></x:c>
<x:c r="C2" t="str"><x:v>Sum</x:v></x:c></x:row>
<x:row r="5"><x:c r="A5" t="inlineStr"><x:is><x:r><x:t>An</x:t></x:r><x:r><x:t>a</x:t></x:r></x:is></x:c>
<x:c r="B5" t="e"><x:v>#N/A</x:v></x:c>
<x:c r="C5"><x:f>1+1</x:f><x:v>2.0</x:v></x:c></x:row>
<x:row><x:c t="inlineStr"><x:is><x:t>Luz</x:t></x:is></x:c><x:c t="b"><x:v>1</x:v></x:c><x:c><x:f>HYPERLINK("x")</x:f></x:c></x:row>
</x:sheetData></x:worksheet>"""


def test_rich_text_prefixes_gaps_errors_and_stored_results() -> None:
    data = rezipped(workbook([["a"]]), "xl/worksheets/sheet1.xml", SHEET.encode())
    table, rows, _ = read(data)
    assert table.headings == ["Name", "Column 2", "Sum"]
    assert rows == [(5, ["Ana", "", "2"]), (6, ["Luz", "true", '=HYPERLINK("x")'])]


def test_shared_strings_are_looked_up_and_a_missing_one_is_told() -> None:
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Name</t></si><si><t>Ana</t></si></sst>'
    sheet = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
             '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
             '<row r="2"><c r="A2" t="s"><v>{}</v></c></row></sheetData></worksheet>')
    base = workbook([["a"]])
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        types = archive.read("[Content_Types].xml")
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    if kind not in types:
        types = types.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>')
    base = rezipped(rezipped(base, "xl/sharedStrings.xml", strings), "[Content_Types].xml", types)
    assert read(rezipped(base, "xl/worksheets/sheet1.xml", sheet.format(1).encode()))[1] == [(2, ["Ana"])]
    with pytest.raises(FileError, match="broken_workbook"):
        read(rezipped(base, "xl/worksheets/sheet1.xml", sheet.format(7).encode()))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.binary(min_size=1, max_size=4))
def test_a_damaged_workbook_is_read_or_told(place: int, damage: bytes) -> None:
    data = bytearray(workbook([["Email", "Name"], ["a@x.org", "Ana"]]))
    place %= len(data)
    data[place:place + len(damage)] = damage
    with contextlib.suppress(FileError):
        read(bytes(data))
