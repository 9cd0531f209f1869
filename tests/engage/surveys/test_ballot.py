"""Ballots on paper."""

import pypdfium2  # type: ignore[import-untyped]

from vincle.engage.surveys import ballot, codes
from vincle.engage.surveys.ballot import Asked, Sheet

WORDS = {"code": "Code", "online": "or on your phone", "page": ""}
QUESTIONS = [
    Asked("", "La botiga", "part"),
    Asked("1", "Com estàs de content?", "scale", [(str(n), str(n)) for n in range(11)], ends=("Gens", "Molt")),
    Asked("2", "Què et va agradar?", "tick", [("a", "El tracte"), ("b", "El preu <b>&"), ("c", "東京")], "Tot el que calgui"),
    Asked("3", "Fins a quin punt…", "grid", [(str(n), f"de {n}") for n in range(1, 6)], rows=["El servei", "La rapidesa " * 8]),
    Asked("4", "Ordena", "boxes", [("", "Un"), ("", "Dos")]),
    Asked("5", "Alguna cosa més?", "lines", lines=4),
    Asked("", "Gràcies.", "note"),
]


def test_each_has_its_code_and_all_its_questions() -> None:
    made = [codes.made(b"secret", number) for number in (1, 2, 3)]
    sheet = Sheet("Enquesta", "Hola", "Anònima", QUESTIONS, WORDS, "ca")
    pdf = ballot.printed(sheet, [(code, f"https://a.example/s/c/{code}/") for code in made])
    document = pypdfium2.PdfDocument(pdf)
    texts = [document[page].get_textpage().get_text_range() for page in range(len(document))]
    assert len(texts) % 3 == 0
    for code in made:
        assert sum(codes.shown(code) in text for text in texts) == len(texts) / 3
    assert "Com estàs de content?" in texts[0]
    assert "El preu <b>&" in texts[0]
    assert "DongJing" in texts[0].replace(" ", "")


def test_a_long_one_goes_on_on_the_next_page() -> None:
    many = [Asked(str(n), f"Question {n}", "tick", [("1", "Yes"), ("2", "No")]) for n in range(60)]
    huge = [Asked("1", "Many", "tick", [(str(n), f"Answer {n} " * 12) for n in range(120)]), Asked("2", "Last", "lines", lines=90)]
    for questions in (many, huge):
        document = pypdfium2.PdfDocument(ballot.printed(Sheet("Long", "", "", questions, WORDS), [("K7MD4XRTQ9AP", "https://a.example/")]))
        assert len(document) > 3
        last = document[len(document) - 1].get_textpage().get_text_range()
        assert f"{len(document)} / {len(document)}" in last
