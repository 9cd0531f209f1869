"""Splink alone, with the settings of its own examples: `splink_link.py EXAMPLE FOLDER FILE.csv [FILE2.csv]`.

Runs in an environment of its own. Writes into FOLDER, records numbered from 0 through all files in turn: `clusters.npy` (int64, one a record, at
the threshold of the example), `left.npy`, `right.npy`, `probability.npy` (every pair at .01 and over).
"""

import sys
from pathlib import Path

import duckdb
import numpy as np
from splink import DuckDBAPI, Linker
from splink_settings import EXAMPLES, Example

LEAST = 0.01


def main(name: str, folder: Path, files: list[Path]) -> None:
    example = EXAMPLES[name]()
    database = duckdb.connect()
    tables, first = [], 0
    for number, file in enumerate(files):
        tables.append(read(database, file, f"input_{number}", first, example.prepare))
        first += len(tables[-1])
    link_on = DuckDBAPI(connection=database)
    linker = Linker(
        [link_on.register(table) for table in tables] if len(tables) > 1 else link_on.register(tables[0]),
        example.settings,
        log_level="WARNING",
    )
    train(linker, example)
    predicted = linker.inference.predict(threshold_match_probability=LEAST)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=example.threshold)
    write(folder, predicted.as_duckdbpyrelation(), clusters.as_duckdbpyrelation(), first)
    print(f'{{"threshold": {example.threshold}, "version": "{version()}"}}')


def read(database: duckdb.DuckDBPyConnection, file: Path, name: str, first: int, prepare: str) -> duckdb.DuckDBPyRelation:
    """As the examples do: headings and values trimmed, what is empty is nothing, all of it text."""
    lines = database.read_csv(str(file), all_varchar=True, header=True)
    fields = ", ".join(f'nullif(trim("{column}"), \'\') AS "{heading(column)}"' for column in lines.columns)
    database.execute(
        f"CREATE TABLE {name} AS SELECT {prepare} FROM (SELECT row_number() OVER () - 1 + {first} AS unique_id, {fields} FROM lines)"
    )
    return database.table(name)


def heading(column: str) -> str:
    return column.strip().lower().replace(" ", "_")


def train(linker: Linker, example: Example) -> None:
    linker.training.estimate_probability_two_random_records_match(list(example.sure), recall=example.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=example.pairs, seed=example.seed)
    for rule in example.train:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=example.without_frequencies
        )


def write(folder: Path, predicted: duckdb.DuckDBPyRelation, clusters: duckdb.DuckDBPyRelation, size: int) -> None:
    pairs = predicted.select("unique_id_l, unique_id_r, match_probability").fetchnumpy()
    for name, column in (("left", "unique_id_l"), ("right", "unique_id_r"), ("probability", "match_probability")):
        np.save(folder / f"{name}.npy", np.asarray(pairs[column]))
    found = clusters.select("unique_id, dense_rank() OVER (ORDER BY cluster_id) AS cluster").fetchnumpy()
    of = np.full(size, -1, np.int64)
    of[np.asarray(found["unique_id"])] = np.asarray(found["cluster"])
    np.save(folder / "clusters.npy", of)


def version() -> str:
    import splink

    return str(splink.__version__)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(file) for file in sys.argv[3:]])
