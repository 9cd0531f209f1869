"""`vincle understand` and `vincle evaluate sentiment`: files as people have them, without a database."""

import csv
import json
import os
import subprocess
import sys
from contextlib import chdir
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.project.cli import main
from vincle.project.commands.evaluate_sentiment import judge, macro_f1, meanings
from vincle.project.commands.texts import open_texts, write

ADDED = ["language", "sentiment", "sentiment_score", "confidence", "intents", "topics"]


def vincle(folder: Path, *arguments: str, code: int = 0, apart: bool = False) -> str:
    """What a command says. `apart`: in a process of its own, as people call it; else in this one, where the readers are loaded once."""
    if not apart:
        with chdir(folder):
            done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == code, done.output
        return done.stderr if code else done.stdout
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    command = [sys.executable, "-m", "vincle.project.cli", *arguments]
    run = subprocess.run(
        command, cwd=folder, env={**environment, "VINCLE_HOME": "/nonexistent"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == code, run.stderr
    return run.stdout if not code else run.stderr


def table(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(text), delimiter=delimiter))


def understood(folder: Path, data: bytes | str, name: str = "texts.csv", *more: str, apart: bool = False) -> tuple[dict[str, Any], str]:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    facts = json.loads(vincle(folder, "understand", name, *more, "--out", "out.csv", "--json", apart=apart))
    return facts, (folder / "out.csv").read_bytes().decode()


def test_every_row_stays_in_its_order_with_its_columns(tmp_path: Path) -> None:
    data = 'id;comment;amount\r\n7;"I love it; really";1,50\r\n\r\n8;Terrible service;\r\n9;;3\r\n10;short\r\n11;Fine;4;beyond\r\n'
    facts, out = understood(tmp_path, data, "texts.csv", "--text", "comment", apart=True)
    rows = table(out, ";")
    assert rows[0] == ["id", "comment", "amount", *ADDED]
    assert [row[0] for row in rows[1:]] == ["7", "8", "9", "10", "11"]
    assert rows[1][1:3] == ["I love it; really", "1,50"]
    assert [row[4] for row in rows[1:3]] == ["positive", "negative"]
    assert rows[3][3:] == [""] * 6
    assert rows[5][-1] == "beyond"
    assert (facts["rows"], facts["texts"]) == (5, 4)
    assert float(rows[1][5]) > 0 > float(rows[2][5])
    assert 0 <= float(rows[1][6]) <= 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_by_content(tmp_path: Path, encoding: str) -> None:
    data = "text,who\nEl café está buenísimo,José\nQué asco de servicio,Zoë\n".encode(encoding)
    _, out = understood(tmp_path, data)
    rows = table(out.removeprefix("\ufeff"))
    assert [row[1] for row in rows] == ["who", "José", "Zoë"]
    assert rows[1][0] == "El café está buenísimo"
    assert [row[2] for row in rows[1:]] == ["es", "es"]


def test_tabs_and_a_txt_with_one_text_a_line(tmp_path: Path) -> None:
    _, out = understood(tmp_path, "n\ttext\n1\tI love, really love it\n2\tawful\n", "t.tsv")
    assert [row[3] for row in table(out, "\t")] == ["sentiment", "positive", "negative"]
    facts, out = understood(tmp_path, 'I love it, "truly"\n\n"Awful", they said\u2028and left\n', "t.txt")
    rows = table(out)
    assert [row[0] for row in rows] == ["text", 'I love it, "truly"', "", '"Awful", they said\u2028and left']
    assert facts["rows"] == 3


def test_a_quote_left_open_costs_no_row(tmp_path: Path) -> None:
    good = "".join(f'{n},"good, ""really"" {n}"\n' for n in range(5, 30))
    _, out = understood(tmp_path, f'id,text\n1,good\n2,"never closed\n3,bad\n4,"two\nlines"\n{good}')
    rows = table(out)
    assert [row[0] for row in rows] == ["id", "1", "2", "3", "4", *map(str, range(5, 30))]
    assert rows[4][1] == "two\nlines"
    assert rows[5][1] == 'good, "really" 5'


def test_no_cell_is_a_formula_and_mentions_stay(tmp_path: Path) -> None:
    _, out = understood(tmp_path, "text,x\n=1+1,@SUM(A1)\n@ana thanks,+34 600 000 000\n")
    rows = table(out)
    assert [row[:2] for row in rows[1:]] == [["'=1+1", "'@SUM(A1)"], ["@ana thanks", "+34 600 000 000"]]


def test_columns_that_are_there_already_keep_their_name(tmp_path: Path) -> None:
    _, out = understood(tmp_path, "text,sentiment\ngood,theirs\n")
    assert table(out)[0][:5] == ["text", "sentiment", "language", "vincle_sentiment", "sentiment_score"]
    assert table(out)[1][1] == "theirs"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.csv"], "missing.csv: No such file"),
        (["t.csv", "--text", "nothing"], "there is no column 'nothing'. There are: a, b"),
        (["t.csv"], "say with --text in which column the texts stand. There are: a, b"),
        (["t.csv", "--text", "a", "--encoding", "klingon"], "There is no encoding 'klingon'"),
        (["book.xlsx", "--text", "a"], "cannot be read as a workbook"),
        (["book.ods", "--text", "a"], "Save it as CSV first"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    (tmp_path / "t.csv").write_text("a,b\nx,y\n")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04\0\0")
    (tmp_path / "book.ods").write_bytes(b"PK\x03\x04\0\0")
    assert sentence in vincle(tmp_path, "understand", *arguments, "--out", "out.csv", code=2)
    assert not (tmp_path / "out.csv").exists()


def test_the_file_itself_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\nx\n")
    assert "--out would overwrite FILE" in vincle(tmp_path, "understand", "t.csv", "--out", "t.csv", code=2, apart=True)


def test_sentiment_is_judged_beside_labels(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "opinion,words,tongue\nPositive,I love this wonderful coffee,EN\nneg,terrible awful service,en\nNEUTRAL,The shop opens at nine,en\n"
        "irrelevant,whatever,en\npos,me encanta,es\n"
    )
    arguments = ("evaluate", "sentiment", "t.csv", "--text", "words", "--label", "opinion", "--language", "tongue")
    facts = json.loads(vincle(tmp_path, *arguments, "--json"))
    assert (facts["texts"], facts["left_out"]) == (4, 1)
    assert {name: each["n"] for name, each in facts["by_language"].items()} == {"en": 3, "es": 1}
    assert facts["confusion"]["positive"]["positive"] == 2
    assert facts["macro_f1"] == 1.0
    assert "4 texts judged. Macro-F1 1.0000" in vincle(tmp_path, *arguments, apart=True)


def test_texts_and_labels_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("I love it\nI hate it\n")
    (tmp_path / "labels.txt").write_text("2\n0\n")
    facts = json.loads(vincle(tmp_path, "evaluate", "sentiment", "texts.txt", "--label", "labels.txt", "--json"))
    assert facts["confusion"]["negative"]["negative"] == facts["confusion"]["positive"]["positive"] == 1
    (tmp_path / "labels.txt").write_text("2\n")
    assert "1 labels for 2 texts" in vincle(tmp_path, "evaluate", "sentiment", "texts.txt", "--label", "labels.txt", code=2)


def test_labels_that_say_nothing_are_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\nx,blue\n")
    assert "There are: blue" in vincle(tmp_path, "evaluate", "sentiment", "t.csv", "--label", "label", code=2)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["0", "1", "2"], [0, 1, 2]), (["-1", "0", "1"], [0, 1, 2]), (["0", "4", "2"], [0, 2, 1]), (["1", "3", "5"], [0, 1, 2]),
        (["0.0", "1.0"], [0, 2]), (["NEG", "Neu", " POS "], [0, 1, 2]), (["négatif", "neutre", "positif"], [0, 1, 2]),
        (["__label__negative", "LABEL_2"], [0, 2]), (["negativo", "neutro", "positivo"], [0, 1, 2]), (["P+", "NONE", "N"], [2, 1, 0]),
        (["★", "★★★☆☆", "5"], [0, 1, 2]),
    ],
)  # fmt: skip
def test_labels_in_any_usual_writing(written: list[str], found: list[int | None]) -> None:
    meaning = meanings(written)
    plain = [each.strip().casefold().removeprefix("__label__").removeprefix("label_") for each in written]
    assert [meaning.get(each) for each in plain] == found


def test_macro_f1_of_nothing_and_of_all_wrong() -> None:
    assert macro_f1([], []) == 0.0
    assert macro_f1([0, 1], [1, 0]) == 0.0
    assert judge([], [], [])["texts"] == 0


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(lambda cell: "\ufeff" not in cell)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(0, 999), CELLS, CELLS), min_size=3, max_size=12))
def test_whatever_stands_in_a_table_comes_out_again(tmp_path: Path, rows: list[tuple[int, str, str]]) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "o.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["n", "text", "other"])
        writer.writerows(rows)
    texts = open_texts(source, "text")
    assert write(texts, out, ["new"], ((cells, ("x",)) for cells in texts.rows)) == len(rows)
    got = table(out.read_text("utf-8"))[1:]
    assert [row[0] for row in got] == [str(number) for number, *_ in rows]
    assert [row[1].removeprefix("'") for row in got] == [text.removeprefix("'") for _, text, _ in rows]
    assert {row[3] for row in got} == {"x"}
