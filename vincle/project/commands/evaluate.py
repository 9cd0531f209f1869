"""`vincle evaluate`: how right a linkage is, or what is read of texts, beside a truth. Needs neither a server nor a database."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from vincle.identify.linkage import evaluate, report, truth
from vincle.identify.linkage.evaluate import OfPairs, Rates
from vincle.identify.linkage.link import Linked
from vincle.identify.linkage.plot import calibration_svg
from vincle.identify.linkage.run import LINK
from vincle.identify.linkage.truth import Truth, TruthError, Universe
from vincle.project.commands.evaluate_sentiment import sentiment_command
from vincle.project.commands.link import Job, check_outputs, link_files, read_table, table_options
from vincle.project.commands.plain import FAILED, MISUSED, answer, fail
from vincle.store.export import neutral

ERRORS = ("error", "source_left", "row_left", "source_right", "row_right", "probability", "left", "right", "evidence")
SHOWN = 5
WEIGHED = 100_000
Floats = NDArray[np.float64]


class Case(Struct, frozen=True):
    """What is judged: the records, the cluster found for each, and pairs with their probability."""

    universe: Universe
    clusters: NDArray[np.int64]
    probability: dict[tuple[int, int], float]
    linked: Linked | None = None


@click.group("evaluate", epilog="Example: vincle evaluate sentiment reviews.csv --text Review --label Rating")
def evaluate_command() -> None:
    """How right the product is, beside a truth of yours."""


evaluate_command.add_command(sentiment_command)


@evaluate_command.command(
    "identity", epilog="Example: vincle evaluate identity --truth truth.csv contacts.csv shop.csv --plot calibration.svg"
)
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--truth",
    "truth_path",
    required=True,
    type=click.Path(path_type=Path),
    help="Table with source, row, cluster; or an id and a cluster; or two ids side by side (id_l, id_r) and a label.",
)
@click.option(
    "--clusters", "clusters_path", type=click.Path(path_type=Path), default=None, help="Judge this clusters.csv of `vincle link`."
)
@click.option("--pairs", "pairs_path", type=click.Path(path_type=Path), default=None, help="With --clusters: the pairs.csv of --explain.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="CSV to write: false and missed links with their evidence.")
@click.option("--most", type=click.IntRange(1), default=100_000, show_default=True, help="Most errors of each kind to write.")
@click.option("--plot", type=click.Path(path_type=Path), default=None, help="SVG to write: are 7 of 10 pairs called 70 % sure the same?")
@click.option("--json", "as_json", is_flag=True, help="A JSON object: pairs, clusters, b_cubed, calibration, errors.")
@table_options
def identity_command(
    paths: tuple[Path, ...], truth_path: Path, clusters_path: Path | None, pairs_path: Path | None, out: Path | None, most: int,
    plot: Path | None, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Precision, recall, F1 and calibration of linked rows beside a truth. FILE... are linked first; or give --clusters.

    Only rows that the truth names are judged.
    """
    begun = time.monotonic()
    if bool(paths) == bool(clusters_path):
        fail("Give FILE... to link and judge, or --clusters to judge what was linked.", MISUSED)
    if pairs_path and not clusters_path:
        fail("--pairs goes with --clusters.", MISUSED)
    check_outputs([*paths, truth_path, *filter(None, (clusters_path, pairs_path))], [each for each in (out, plot) if each])
    truth_table = read_table(truth_path, truth_path.name)
    case = _linked(Job(paths, **options)) if paths else _given(clusters_path, pairs_path)  # type: ignore[arg-type]
    try:
        known = truth.read(truth_table, case.universe)
    except TruthError as error:
        fail(f"{truth_path}: {error}", MISUSED)
    facts, of_pairs = _facts(case, known, options["threshold"])
    try:
        if out:
            facts["errors"]["written"] = report.write(out, ERRORS, _error_rows(case, known, most), neutral)
        if plot:
            _plot(plot, of_pairs)
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror or error}", FAILED)
    facts |= {"seconds": round(time.monotonic() - begun, 2), "out": out and str(out), "plot": plot and str(plot)}
    answer(as_json, facts, _in_words(facts, case, known))


def _linked(job: Job) -> Case:
    linked = link_files(job)
    placed, pairs = linked.placed, linked.outcome.pairs
    universe = Universe(linked.names, placed.table, placed.row, linked.tables)
    probability = dict(zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.probability.tolist(), strict=True))
    return Case(universe, linked.outcome.clusters.astype(np.int64), probability, linked)


def _given(clusters_path: Path, pairs_path: Path | None) -> Case:
    """The case of a clusters.csv, with the probabilities of a pairs.csv when there is one."""
    table = read_table(clusters_path, clusters_path.name)
    columns = {each.heading.casefold(): each for each in table.series}
    if missing := [name for name in ("source", "row", "cluster") if name not in columns]:
        fail(f"{clusters_path}: there is no column {missing[0]}; this is no clusters.csv of `vincle link`.", MISUSED)
    source, cluster = columns["source"], columns["cluster"]
    if (source.codes < 0).any() or (cluster.codes < 0).any():
        fail(f"{clusters_path}: a row names no source or no cluster.", MISUSED)
    universe = Universe(source.values, source.codes.astype(np.int16), truth.numbers(columns["row"]).astype(np.int32))
    return Case(universe, cluster.codes.astype(np.int64), _probabilities(pairs_path, universe) if pairs_path else {})


def _probabilities(path: Path, universe: Universe) -> dict[tuple[int, int], float]:
    table = read_table(path, path.name)
    columns = {each.heading.casefold(): each for each in table.series}
    if missing := [name for name in report.PAIRS[:5] if name not in columns]:
        fail(f"{path}: there is no column {missing[0]}; this is no pairs.csv of `vincle link`.", MISUSED)
    try:
        left, right = (truth.by_row(columns[f"row_{side}"], columns[f"source_{side}"], universe).tolist() for side in ("left", "right"))
        values = [float(value) for value in columns["probability"].values]
    except (TruthError, ValueError) as error:
        fail(f"{path}: {error}", MISUSED)
    codes = columns["probability"].codes.tolist()
    return {(min(one, other), max(one, other)): values[code] for one, other, code in zip(left, right, codes, strict=True)
            if min(one, other, code) >= 0}  # fmt: skip


def _facts(case: Case, known: Truth, threshold: float) -> tuple[dict[str, Any], OfPairs | None]:
    facts: dict[str, Any] = {"records": len(case.clusters), "truth_rows_unknown": known.unknown}
    if known.clusters is not None:
        judged = known.clusters >= 0
        found, true = case.clusters[judged], known.clusters[judged]
        rates = evaluate.pairwise(found, true)
        facts |= {
            "judged": int(judged.sum()), "pairs": rates.facts(), "clusters": evaluate.clusterwise(found, true).facts(),
            "b_cubed": evaluate.b_cubed(found, true).facts(),
        }  # fmt: skip
    else:
        together = case.clusters[known.left] == case.clusters[known.right]
        rates = Rates(int((together & known.is_same).sum()), int((together & ~known.is_same).sum()), int((~together & known.is_same).sum()))
        facts |= {"judged": len(known.left), "pairs": rates.facts(), "clusters": None, "b_cubed": None}
    of_pairs = _of_pairs(case, known, threshold)
    facts["calibration"] = of_pairs.facts() if of_pairs else None
    facts["errors"] = {"false": rates.false, "missed": rates.missed}
    return facts, of_pairs


def _of_pairs(case: Case, known: Truth, threshold: float = LINK) -> OfPairs | None:
    """Calibration over the pairs that have a probability and a truth."""
    if not case.probability:
        return None
    if known.clusters is None:
        keys = zip(np.minimum(known.left, known.right).tolist(), np.maximum(known.left, known.right).tolist(), strict=True)
        probability = np.asarray([case.probability.get(key, np.nan) for key in keys])
        has = np.isfinite(probability)
        return evaluate.of_pairs(probability[has], known.is_same[has], threshold)
    ends = np.asarray(list(case.probability), np.int64)
    probability = np.asarray(list(case.probability.values()))
    left, right = known.clusters[ends[:, 0]], known.clusters[ends[:, 1]]
    has = (left >= 0) & (right >= 0)
    return evaluate.of_pairs(probability[has], (left == right)[has], threshold)


def _wrong(case: Case, known: Truth) -> tuple[Iterator[tuple[int, int]], Iterator[tuple[int, int]]]:
    """(false links, missed links) as pairs of records."""
    if known.clusters is None:
        together = case.clusters[known.left] == case.clusters[known.right]
        false, missed = (np.flatnonzero(each) for each in (together & ~known.is_same, ~together & known.is_same))
        return _ends(known, false), _ends(known, missed)
    judged = np.flatnonzero(known.clusters >= 0)
    found, true = case.clusters[judged], known.clusters[judged]
    false_links, missed_links = evaluate.false_links(found, true), evaluate.missed_links(found, true)
    return _back(false_links, judged), _back(missed_links, judged)


def _ends(known: Truth, place: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    return zip(known.left[place].tolist(), known.right[place].tolist(), strict=True)


def _back(pairs: Iterator[tuple[int, int]], judged: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    return ((int(judged[one]), int(judged[other])) for one, other in pairs)


def _error_rows(case: Case, known: Truth, most: int) -> Iterator[tuple[Any, ...]]:
    for kind, pairs in zip(("false link", "missed link"), _wrong(case, known), strict=True):
        yield from _worst(case, kind, list(islice(pairs, most)))


def _worst(case: Case, kind: str, pairs: list[tuple[int, int]], shown: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Rows of errors, the worst first: the pair, its probability, what both rows say, and the evidence."""
    probability = _probability(case, pairs)
    sign = 1 if kind == "false link" else -1
    order = np.argsort(sign * np.nan_to_num(probability), kind="stable")[:shown]
    texts = _evidence(case, [pairs[at] for at in order])
    where = case.universe
    for at, text in zip(order.tolist(), texts, strict=True):
        one, other = pairs[at]
        yield (
            kind, where.names[where.table[one]], int(where.row[one]), where.names[where.table[other]], int(where.row[other]),
            report.rounded(probability[at]) if np.isfinite(probability[at]) else "", _says(case, one), _says(case, other), text,
        )  # fmt: skip


def _probability(case: Case, pairs: list[tuple[int, int]]) -> Floats:
    """The probability of each pair; NaN where none is known."""
    if not case.linked or not pairs:
        return np.asarray([case.probability.get(pair, np.nan) for pair in pairs])
    outcome = case.linked.outcome
    left, right = np.asarray(pairs, np.int32).T
    odds = outcome.scorer.odds(outcome.model, left, right, outcome.scorer.levels(left, right))
    found: Floats = 1 / (1 + np.exp2(-np.clip(odds, -500, 500)))
    return found


def _evidence(case: Case, pairs: list[tuple[int, int]]) -> list[str]:
    if not case.linked or not pairs:
        return [""] * len(pairs)
    left, right = np.asarray(pairs, np.int32).T
    return report.evidence(case.linked.outcome, left, right, case.linked.outcome.scorer.levels(left, right))


def _says(case: Case, record: int) -> str:
    """What a row says, in short."""
    if case.linked is None:
        return ""
    records = case.linked.placed.records
    return ", ".join(" / ".join(cell) for field in records.columns if (cell := records.cell(field, record)))[:300]


def _plot(path: Path, of_pairs: OfPairs | None) -> None:
    if of_pairs is None or not of_pairs.bins:
        fail("--plot needs probabilities of pairs: give FILE..., or --pairs with --clusters.", MISUSED)
    path.write_text(
        calibration_svg(of_pairs.bins, f"Calibration over {sum(each.count for each in of_pairs.bins):,} pairs"), encoding="utf-8"
    )


def _in_words(facts: dict[str, Any], case: Case, known: Truth) -> str:
    pairs = facts["pairs"]
    lines = [
        f"{facts['judged']:,} {'rows' if known.clusters is not None else 'pairs'} judged.", "",
        f"{'':<18}precision   recall       F1",
        f"{'Pairs':<18}{pairs['precision']:9.4f}{pairs['recall']:9.4f}{pairs['f1']:9.4f}   "
        f"{pairs['right']:,} right, {pairs['false']:,} false, {pairs['missed']:,} missed",
    ]  # fmt: skip
    for name, key in (("Whole clusters", "clusters"), ("B-cubed", "b_cubed")):
        if facts[key]:
            lines.append(f"{name:<18}{facts[key]['precision']:9.4f}{facts[key]['recall']:9.4f}{facts[key]['f1']:9.4f}")
    if calibration := facts["calibration"]:
        lines += [
            "",
            f"Calibration over {calibration['pairs']:,} pairs: Brier score {calibration['brier']:.4f}, "
            f"mean error {calibration['calibration_error']:.4f}",
        ]
        for each in calibration["bins"]:
            lines.append(
                f"  {each['low']:.1f} to {each['high']:.1f}: {each['count']:>9,} pairs, predicted {each['predicted']:.3f}, "
                f"the same {each['observed']:.3f} ({each['lower']:.3f} to {each['upper']:.3f})"
            )
    if facts["truth_rows_unknown"]:
        lines += ["", f"{facts['truth_rows_unknown']:,} rows of the truth name no row of the files."]
    for row in _first_errors(case, known):
        lines.append(row)
    return "\n".join(lines)


def _first_errors(case: Case, known: Truth) -> Iterator[str]:
    for kind, pairs in zip(("false link", "missed link"), _wrong(case, known), strict=True):
        for at, row in enumerate(_worst(case, kind, list(islice(pairs, WEIGHED)), SHOWN)):
            if not at:
                yield f"\n{kind.capitalize()}s, the worst first:"
            _, left, one, right, other, sure, says, also, said = row
            yield f"  {left} row {one} and {right} row {other}" + (f", probability {sure}" if sure else "")
            if says:
                yield f"    {says}\n    {also}\n    {said}"
