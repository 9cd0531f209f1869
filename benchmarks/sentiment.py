"""The sentiment reader: macro-F1 on labelled texts it was not trained on, agreement with people's ratings, calibration, speed and memory.

Beside it, in the same run: vaderSentiment (English only, as everyone uses it: compound beyond +-0.05) and the most frequent class.
"""

import csv
import html
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import psutil

from vincle.language.base import NOTHING_KNOWN
from vincle.language.learning import macro_f1
from vincle.language.page import Page
from vincle.language.reading import SENTIMENTS, Reading
from vincle.language.registry import readers, understand

from .common import row, title
from .identity import PEERS, ROOT

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
HARD = Path(__file__).resolve().parents[1] / "vincle" / "language" / "examples"
WANTED = {"english": 0.60, "spanish": 0.60, "italian": 0.60, "portuguese": 0.50, "french": 0.50}
SURE, AT_ONCE = 0.9, 500


def run() -> None:
    if not DATA.is_dir():
        print("sentiment: shared data absent, nothing measured")
        return
    title("Sentiment: macro-F1 on texts it was not trained on")
    sure: list[tuple[list[int], list[Reading]]] = []
    for language, wanted in WANTED.items():
        folder = DATA / "sentiment_tweets" / language
        texts, labels = _lines(folder / "val_text.txt"), [int(line) for line in _lines(folder / "val_labels.txt")]
        sure.append((labels, _judged(f"{language}, {len(texts)} tweets", texts, labels, wanted)))
    texts, labels = _airline()
    sure.append((labels, _judged(f"airlines, {len(texts):,} tweets", texts, labels, 0.58)))
    for language, wanted in (("ca", 0.75), ("es", 0.0), ("en", 0.0), ("it", 0.0)):
        texts, labels = _hard(language)
        _judged(f"hard cases, {language}, {len(texts)}", texts, labels, wanted)
    _agreement()
    _calibration(sure)
    _speed()


def _judged(name: str, texts: Sequence[str], labels: list[int], wanted: float) -> list[Reading]:
    readings = _read(texts)
    ours = macro_f1(labels, [_label(reading) for reading in readings])
    often = macro_f1(labels, [Counter(labels).most_common(1)[0][0]] * len(labels))
    other = _vader(texts)
    beside = f"majority {often:.3f}"
    if other is not None:
        beside = f"VADER {macro_f1(labels, [1 + (value > 0.05) - (value < -0.05) for value in other]):.3f}, {beside}"
    row(name, f"{ours:.3f}", f">= {wanted:.2f}" if wanted else "", beside, None)
    return readings


def _agreement() -> None:
    table = [line.split("\t", 2) for line in _lines(DATA / "sentiment_vader" / "tweets_GroundTruth.txt")]
    texts, rated = [html.unescape(text) for _, _, text in table], [float(mean) for _, mean, _ in table]
    ours = np.corrcoef([reading.sentiment_score for reading in _read(texts)], rated)[0, 1]
    other = _vader(texts)
    beside = "VADER is not installed" if other is None else f"VADER, made from such texts: {np.corrcoef(other, rated)[0, 1]:.3f}"
    row(f"correlation with the mean rating, {len(texts):,}", f"{ours:.3f}", ">= .80", beside)


def _calibration(given: list[tuple[list[int], list[Reading]]]) -> None:
    for low, high in ((0.9, 1.01), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.6)):
        right = [
            _label(reading) == label
            for labels, readings in given
            for label, reading in zip(labels, readings, strict=True)
            if low <= reading.sentiment_confidence < high
        ]
        share = np.mean(right) if right else float("nan")
        row(
            f"right of those called {low:.1f} to {min(high, 1):.1f} sure", f"{share:.3f} of {len(right):,}", ">= .85" if low == SURE else ""
        )


def _speed() -> None:
    texts, _ = _airline()
    before = psutil.Process().memory_info().rss / 1024**2
    _through_all(texts[:2000])
    began = time.process_time()
    _through_all(texts[2000:])
    taken = time.process_time() - began
    row("texts a second and core, all readers", f"{(len(texts) - 2000) / taken:,.0f} /s", ">= 4,000 /s")
    for reader in readers():
        pages = [Page(text) for text in texts[:4000]]
        began = time.process_time()
        reader.read(pages, NOTHING_KNOWN)
        row(f"  {reader.id}", f"{(time.process_time() - began) / len(pages) * 1e6:.0f} us a text")
    row(
        "memory of the process, with its data",
        f"{psutil.Process().memory_info().rss / 1024**2:,.0f} MB",
        "< 400 MB",
        f"{before:,.0f} before",
    )


def _through_all(texts: Sequence[str]) -> None:
    for start in range(0, len(texts), AT_ONCE):
        understand([Page(text) for text in texts[start : start + AT_ONCE]])


def _read(texts: Sequence[str]) -> list[Reading]:
    pages = [Page(text) for text in texts]
    for reader in readers():
        if reader.id in ("tongue", "sentiment"):
            reader.read(pages, NOTHING_KNOWN)
    return [page.reading for page in pages]


def _label(reading: Reading) -> int:
    return SENTIMENTS.index(reading.sentiment or "neutral")


def _vader(texts: Sequence[str]) -> list[float] | None:
    command = [str(_outside()), str(PEERS / "vader.py")]
    done = subprocess.run(command, input=json.dumps(list(texts)), capture_output=True, text=True, check=False)
    found: list[float] | None = json.loads(done.stdout) if done.returncode == 0 else None
    return found


@cache
def _outside() -> Path:
    sys.path.insert(0, str(ROOT / "scripts"))
    from machine import outside

    return Path(os.environ.get("VINCLE_OUTSIDE_PYTHON") or outside())


def _airline() -> tuple[list[str], list[int]]:
    with (DATA / "airline_tweets" / "Tweets.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return [one["text"] for one in table], [SENTIMENTS.index(one["airline_sentiment"]) for one in table]  # type: ignore[arg-type]


def _hard(language: str) -> tuple[list[str], list[int]]:
    table = [line.split("\t")[:2] for line in _lines(HARD / f"hard_{language}.tsv") if line.strip() and not line.startswith("#")]
    return [text for _, text in table], [SENTIMENTS.index(label) for label, _ in table]  # type: ignore[arg-type]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
