"""The recordlinkage package: `recordlinkage_link.py RECIPE FOLDER FILE.csv [FILE2.csv]`.

Runs in an environment of its own. `tutorial` is the recipe of the package's FEBRL tutorials (one block, six comparisons, more than three agree);
the others block on several fields; the package's own expectation maximisation (`ECMClassifier`) decides, as its classifiers' guide has it, but for
`historical` the rule of the tutorials, since there it joins everyone to everyone.
Writes into FOLDER the same files as `splink_link.py`.
"""

import sys
from pathlib import Path

import numpy as np
import pandas
import recordlinkage
from recordlinkage.compare import Exact, String
from recordlinkage.preprocessing import clean, phonenumbers

Feature = Exact | String


def _same(*fields: str) -> list[Feature]:
    return [Exact(field, field, label=field) for field in fields]


def _near(method: str, *fields: str) -> list[Feature]:
    return [String(field, field, method=method, threshold=0.85, label=field) for field in fields]


FEBRL = [
    *_same("given_name"),
    *_near("jarowinkler", "surname"),
    *_same("date_of_birth", "suburb", "state"),
    *_near("levenshtein", "address_1"),
]
HISTORICAL = [*_near("jarowinkler", "first_name", "surname"), *_same("dob", "postcode_fake", "birth_place", "occupation")]
CONTACTS = [*_near("jarowinkler", "first_name", "last_name"), *_same("birthday", "email", "phone", "postcode", "city")]
FAKE = [*_near("jarowinkler", "first_name", "surname"), *_same("dob", "city"), *_near("jarowinkler", "email")]

#                         blocks, comparisons, ECM or more than three
RECIPES: dict[str, tuple[list[list[str]], list[Feature], bool]] = {
    "tutorial": ([["given_name"]], FEBRL, False),
    "febrl": (
        [["given_name"], ["surname"], ["date_of_birth"], ["postcode"], ["soc_sec_id"]],
        [*_near("jarowinkler", "given_name", "surname"), *_near("levenshtein", "date_of_birth", "soc_sec_id", "address_1"), *_same("postcode", "suburb", "state")],
        True,
    ),
    "fake": ([["first_name", "city"], ["surname"], ["dob"], ["email"]], FAKE, True),
    "historical": (
        [["surname", "dob"], ["first_name", "dob"], ["postcode_fake", "first_name"], ["postcode_fake", "surname"], ["dob", "birth_place"], ["first_name", "surname"]],
        HISTORICAL,
        False,
    ),
    "contacts": (
        [["email"], ["phone"], ["first_name", "last_name", "city"], ["last_name", "birthday"], ["first_name", "birthday"], ["postcode", "last_name"]],
        CONTACTS,
        True,
    ),
}  # fmt: skip


def main(name: str, folder: Path, files: list[Path]) -> None:
    blocks, features, learns = RECIPES[name]
    tables, first = [], 0
    for file in files:
        tables.append(read(file, first))
        first += len(tables[-1])
    index = recordlinkage.Index()
    for block in blocks:
        index.block(block)
    candidates = index.index(*tables)
    compare = recordlinkage.Compare(features)
    vectors = compare.compute(candidates, *tables)
    probability = judge(vectors, learns)
    left, right = (vectors.index.get_level_values(level).to_numpy(np.int64) for level in (0, 1))
    for file, values in (
        ("left", left),
        ("right", right),
        ("probability", probability),
        ("clusters", joined(left, right, probability >= 0.5, first)),
    ):
        np.save(folder / f"{file}.npy", values)
    print(f'{{"threshold": 0.5, "version": "{recordlinkage.__version__}"}}')


def read(file: Path, first: int) -> pandas.DataFrame:
    table = pandas.read_csv(file, dtype=str, skipinitialspace=True)
    table.columns = table.columns.str.strip().str.lower().str.replace(" ", "_")
    table.index = pandas.RangeIndex(first, first + len(table))
    return cleaned(table) if "phone" in table else table


def cleaned(table: pandas.DataFrame) -> pandas.DataFrame:
    """Names without accents and capitals, the last nine digits of a phone."""
    for field in ("first_name", "last_name"):
        table[field] = clean(table[field], strip_accents="unicode", replace_by_none="[^ a-z-]+")
    table["email"] = table["email"].str.lower()
    table["phone"] = phonenumbers(table["phone"]).str[-9:]
    return table


def judge(vectors: pandas.DataFrame, learns: bool) -> np.ndarray:
    """More than three agree; or the share of the two classes that expectation maximisation found."""
    if not learns:
        return (vectors.sum(axis=1) > 3).to_numpy(np.float64)
    classifier = recordlinkage.ECMClassifier()
    binary = (vectors > 0).astype(np.int8)
    classifier.fit(binary)
    return classifier.prob(binary).to_numpy(np.float64)


def joined(left: np.ndarray, right: np.ndarray, taken: np.ndarray, size: int) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(taken.sum(), np.int8), (left[taken], right[taken])), (size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(file) for file in sys.argv[3:]])
