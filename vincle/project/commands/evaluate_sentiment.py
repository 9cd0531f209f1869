"""`vincle evaluate sentiment`: how right the sentiment of texts is, beside labels that people gave."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from vincle.language.page import Page
from vincle.language.reading import SENTIMENTS, Reading
from vincle.language.registry import understand
from vincle.project.commands.plain import MISUSED, answer, fail
from vincle.project.commands.texts import lines_of, open_texts, parts

AT_ONCE = 400
_WORDS = {
    "negative": ("negative", "neg", "negativo", "negativa", "negatiu", "negatif", "négatif", "négative", "negativ", "n", "n+", "bad", "-",
                 "👎", "unfavourable", "unfavorable"),
    "neutral": ("neutral", "neu", "neutro", "neutra", "neutre", "neut", "none", "neutrale", "mixed", "="),
    "positive": ("positive", "pos", "positivo", "positiva", "positiu", "positif", "positiv", "p", "p+", "good", "+", "👍",
                 "favourable", "favorable"),
}  # fmt: skip
_LABELS = {word: place for place, name in enumerate(SENTIMENTS) for word in _WORDS[name]}
_NUMBERS: tuple[dict[float, int], ...] = (
    {0: 0, 1: 2},
    {-1: 0, 0: 1, 1: 2},
    {0: 0, 1: 1, 2: 2},
    {0: 0, 2: 1, 4: 2},
    {1: 0, 2: 1, 3: 2},
    {1: 0, 2: 0, 3: 1, 4: 2, 5: 2},
)
"""Ways to number the three, tried in this order: no and yes, signs, classes from 0, Sentiment140's, classes from 1, stars."""


@click.command("sentiment", epilog="Example: vincle evaluate sentiment reviews.csv --text review --label opinion")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--text", "column", default="", metavar="COLUMN", help="Column of the texts, by heading or number; of a .txt: each line.")
@click.option(
    "--label", required=True, metavar="COLUMN", help="Column of the right labels, by heading or number; or a .txt with one label a line."
)
@click.option("--language", default="", metavar="COLUMN", help="Column of the languages; else those that are read.")
@click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object: macro_f1, by_language, confusion.")
def sentiment_command(path: Path, column: str, label: str, language: str, encoding: str, as_json: bool) -> None:
    """Macro-F1 of the sentiment read of texts beside the label people gave them: negative, neutral or positive in any usual writing."""
    begun = time.monotonic()
    texts = open_texts(path, column, encoding)
    beside = lines_of(Path(label)) if _is_file_of_labels(label, texts.headings) else None
    at = None if beside is not None else texts.place(label)
    stated = texts.place(language) if language else None
    rows = list(texts.rows)
    if beside is not None and len(beside) != len(rows):
        fail(f"{label} has {len(beside):,} labels for {len(rows):,} texts of {path}.", MISUSED)
    said = beside if beside is not None else [_cell(cells, at) for cells in rows]
    facts = judge([_cell(cells, texts.text) for cells in rows], said, [_cell(cells, stated) for cells in rows])
    if not facts["texts"]:
        odd = ", ".join(sorted({value for value in said if value.strip()})[:5]) or "none"
        fail(f"No row has a label that means negative, neutral or positive. There are: {odd}.", MISUSED)
    answer(as_json, {**facts, "seconds": round(time.monotonic() - begun, 2)}, _in_words(facts))


def judge(texts: Sequence[str], labels: Sequence[str], languages: Sequence[str]) -> dict[str, Any]:
    """What the command tells of these texts; those without a label that can be understood are left out and counted."""
    meaning = meanings(labels)
    pairs = [(text, meaning[key], language) for text, label, language in zip(texts, labels, languages, strict=True)
             if (key := _plain(label)) in meaning and text.strip()]  # fmt: skip
    readings = list(_readings([text for text, _, _ in pairs]))
    right = [truth for _, truth, _ in pairs]
    found = [SENTIMENTS.index(reading.sentiment) if reading.sentiment else 1 for reading in readings]
    spoken = [language.strip().lower() or reading.language or "unknown" for (_, _, language), reading in zip(pairs, readings, strict=True)]
    by_language = {}
    for name in sorted(set(spoken), key=lambda each: (-spoken.count(each), each)):
        places = [place for place, language in enumerate(spoken) if language == name]
        by_language[name] = {"macro_f1": macro_f1([right[n] for n in places], [found[n] for n in places]), "n": len(places)}
    confusion = {
        truth: {name: sum(r == row and f == column for r, f in zip(right, found, strict=True)) for column, name in enumerate(SENTIMENTS)}
        for row, truth in enumerate(SENTIMENTS)
    }
    sure = [r == f for r, f, reading in zip(right, found, readings, strict=True) if reading.sentiment_confidence >= 0.9]
    return {
        "texts": len(pairs), "left_out": len(texts) - len(pairs), "macro_f1": macro_f1(right, found),
        "accuracy": round(sum(r == f for r, f in zip(right, found, strict=True)) / max(len(pairs), 1), 4), "by_language": by_language,
        "confusion": confusion, "sure": {"n": len(sure), "right": round(sum(sure) / len(sure), 4) if sure else None},
    }  # fmt: skip


def macro_f1(right: Sequence[int], found: Sequence[int]) -> float:
    """The mean F1 of the labels that occur.

    >>> macro_f1([0, 0, 1, 2], [0, 1, 1, 2])
    0.7778
    """
    scores = []
    for label in sorted({*right, *found}):
        hits = sum(r == f == label for r, f in zip(right, found, strict=True))
        scores.append(2 * hits / (right.count(label) + found.count(label)))
    return round(sum(scores) / len(scores), 4) if scores else 0.0


def meanings(labels: Iterable[str]) -> dict[str, int]:
    """Which of these labels (plain) means which sentiment: 0 negative, 1 neutral, 2 positive. Numbers are understood together.

    >>> meanings(["Positive", "neg", "?"]), meanings(["0", "2"]), meanings(["-1", "1.0"]), meanings(["1", "5"])
    ({'positive': 2, 'neg': 0}, {'0': 0, '2': 2}, {'-1': 0, '1.0': 2}, {'1': 0, '5': 2})
    """
    plain = list(dict.fromkeys(filter(None, map(_plain, labels))))
    numbers = {label: value for label in plain if (value := _number(label)) is not None}
    way = next((way for way in _NUMBERS if set(numbers.values()) <= way.keys()), {})
    found = {label: way[value] for label, value in numbers.items() if value in way}
    return {label: place for label in plain if (place := found.get(label, _LABELS.get(label))) is not None}


def _plain(label: str) -> str:
    return label.strip().strip("\"'").casefold().removeprefix("__label__").removeprefix("label_")


def _number(label: str) -> float | None:
    if label and set(label) <= {"★", "☆"}:
        return float(label.count("★"))
    try:
        return float(label.replace("−", "-"))
    except ValueError:
        return None


def _readings(texts: Sequence[str]) -> Iterable[Reading]:
    for part in parts(texts, AT_ONCE):
        yield from understand([Page(text) for text in part])


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at] if at is not None and at < len(cells) else ""


def _is_file_of_labels(label: str, headings: Sequence[str]) -> bool:
    return label.casefold() not in (heading.strip().casefold() for heading in headings) and Path(label).is_file()


def _in_words(facts: dict[str, Any]) -> str:
    lines = [f"{facts['texts']:,} texts judged. Macro-F1 {facts['macro_f1']:.4f}, right in {facts['accuracy']:.1%}.", ""]
    lines += [f"{name:<10}{each['n']:>8,} texts   macro-F1 {each['macro_f1']:.4f}" for name, each in facts["by_language"].items()]
    lines += ["", f"{'is / read as':<14}" + "".join(f"{name:>10}" for name in SENTIMENTS)]
    for truth, row in facts["confusion"].items():
        lines.append(f"{truth:<14}" + "".join(f"{count:>10,}" for count in row.values()))
    if facts["sure"]["n"]:
        lines += ["", f"Of {facts['sure']['n']:,} texts that are called at least 90 % sure, {facts['sure']['right']:.1%} are right."]
    if facts["left_out"]:
        lines += ["", f"{facts['left_out']:,} rows have no text, or no label that means negative, neutral or positive."]
    return "\n".join(lines)
