"""`vincle understand`: what the texts of a file say, without a server or a database."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from vincle.language.page import Page
from vincle.language.reading import Reading
from vincle.language.registry import understand
from vincle.project.commands.plain import MISUSED, answer, fail
from vincle.project.commands.texts import Texts, guarded, open_texts, parts, write

ADDED = ("language", "sentiment", "sentiment_score", "confidence", "intents", "topics")
AT_ONCE = 400
SHOWN = 5


@click.command("understand", epilog="Example: vincle understand comments.csv --text comment --out understood.csv")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--text", "column", default="", metavar="COLUMN", help="Column of the texts, by heading or number; of a .txt: each line.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV to write: the file's columns, and what its texts say.")
@click.option("--encoding", default="", help="Encoding of the file, when it cannot be told.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object: rows, texts, languages, sentiments, seconds.")
def understand_command(path: Path, column: str, out: Path, encoding: str, as_json: bool) -> None:
    """Language, sentiment, intents and topics of each text of a CSV, or of a .txt with one text a line.

    All rows stay, in their order, with their other columns. Nothing leaves this machine.
    """
    begun = time.monotonic()
    if out.resolve() == path.resolve():
        fail("--out would overwrite FILE. Name another file.", MISUSED)
    texts = open_texts(path, column, encoding)
    counts: dict[str, Counter[str]] = {"languages": Counter(), "sentiments": Counter(), "intents": Counter()}
    written = guarded(lambda: write(texts, out, ADDED, _told(texts, counts)), out)
    seconds = time.monotonic() - begun
    facts = {
        "file": str(path), "out": str(out), "rows": written, "texts": sum(counts["sentiments"].values()),
        **{name: dict(count.most_common()) for name, count in counts.items()}, "seconds": round(seconds, 2),
    }  # fmt: skip
    answer(as_json, facts, _in_words(facts))


def _told(texts: Texts, counts: dict[str, Counter[str]]) -> Iterator[tuple[list[str], tuple[Any, ...]]]:
    console = Console(stderr=True)
    with console.status("Reading") if console.is_terminal else _Quiet() as status:
        done = 0
        for part in parts(texts.rows, AT_ONCE):
            pages = [Page(cells[texts.text] if texts.text < len(cells) else "") for cells in part]
            for cells, page, reading in zip(part, pages, understand(pages), strict=True):
                has_words = bool(page.text.strip())
                if has_words:
                    _count(counts, reading)
                yield cells, _columns(reading) if has_words else ("",) * len(ADDED)
            done += len(part)
            status.update(f"{done:,} rows")


class _Quiet:
    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def update(self, text: str) -> None:
        return None


def _columns(reading: Reading) -> tuple[Any, ...]:
    return (
        reading.language, reading.sentiment, round(reading.sentiment_score, 3), round(reading.sentiment_confidence, 3),
        "|".join(reading.intents), "|".join(reading.topics),
    )  # fmt: skip


def _count(counts: dict[str, Counter[str]], reading: Reading) -> None:
    counts["languages"][reading.language or "unknown"] += 1
    counts["sentiments"][reading.sentiment or "unknown"] += 1
    counts["intents"].update(reading.intents)


def _in_words(facts: dict[str, Any]) -> str:
    lines = [f"{facts['texts']:,} texts of {facts['rows']:,} rows read in {facts['seconds']:.1f} s, written to {facts['out']}."]
    for name in ("languages", "sentiments", "intents"):
        if facts[name]:
            most = list(facts[name].items())[:SHOWN]
            lines.append(f"{name.capitalize()}: {', '.join(f'{value} {count:,}' for value, count in most)}.")
    return "\n".join(lines)
