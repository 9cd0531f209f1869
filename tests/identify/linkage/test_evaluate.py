"""Precision, recall, F1 and calibration, beside counts made by hand; and truths as people keep them."""

from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from vincle.identify.linkage import evaluate, files, truth
from vincle.identify.linkage.evaluate import Rates
from vincle.identify.linkage.plot import calibration_svg
from vincle.identify.linkage.truth import TruthError, Universe

FILES = [
    files.of_frame([{"id": "a1", "name": "Ana"}, {"id": "a2", "name": "Joan"}, {"id": "a3", "name": "Ana"}], "left.csv"),
    files.of_frame([{"id": "b1", "name": "Ana"}, {"id": "b2", "name": "Pere"}], "right.csv"),
]
UNIVERSE = Universe(["left.csv", "right.csv"], np.asarray([0, 0, 0, 1, 1], np.int16), np.asarray([1, 2, 3, 1, 2], np.int32), FILES)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_counted_as_one_by_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    found, true = random.integers(0, 12, 60), random.integers(0, 15, 60)
    linked = {pair for pair in combinations(range(60), 2) if found[pair[0]] == found[pair[1]]}
    same = {pair for pair in combinations(range(60), 2) if true[pair[0]] == true[pair[1]]}
    assert evaluate.pairwise(found, true) == Rates(len(linked & same), len(linked - same), len(same - linked))
    assert set(evaluate.false_links(found, true)) == linked - same
    assert set(evaluate.missed_links(found, true)) == same - linked
    groups = [{frozenset(np.flatnonzero(codes == code)) for code in codes} for codes in (found, true)]
    assert evaluate.clusterwise(found, true).right == len(groups[0] & groups[1])
    shares = [
        (len((own := set(np.flatnonzero(found == found[at]))) & (real := set(np.flatnonzero(true == true[at])))), len(own), len(real))
        for at in range(60)
    ]
    b_cubed = evaluate.b_cubed(found, true)
    assert b_cubed.precision == pytest.approx(np.mean([both / own for both, own, _ in shares]))
    assert b_cubed.recall == pytest.approx(np.mean([both / real for both, _, real in shares]))


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert evaluate.pairwise([1, 2, 3], [4, 5, 6]).f1 == 1
    assert evaluate.pairwise([], []).facts()["precision_interval"] == (0.0, 1.0)
    assert evaluate.b_cubed([], []).f1 == 1
    assert evaluate.pairwise([1, 2], [1, 1]).f1 == 0
    with pytest.raises(ValueError, match="2 records with a cluster and 1 with a truth"):
        evaluate.pairwise([1, 2], [1])


def test_calibration_tells_the_sure_from_the_boastful() -> None:
    random = np.random.default_rng(7)
    probability = random.random(20_000)
    honest = evaluate.of_pairs(probability, random.random(20_000) < probability, 0.5)
    assert len(honest.bins) == 10
    assert sum(each.lower <= each.predicted <= each.upper for each in honest.bins) >= 8
    assert honest.error < 0.02
    assert honest.brier == pytest.approx(1 / 6, abs=0.01)
    boastful = evaluate.of_pairs(np.full(1000, 0.95), np.arange(1000) < 600)
    assert (boastful.bins[0].count, boastful.bins[0].observed) == (1000, 0.6)
    assert boastful.bins[0].upper < 0.95
    assert boastful.error == pytest.approx(0.35)


def test_pairs_at_the_edges_fall_into_the_first_and_last_bin() -> None:
    bins = evaluate.calibration([0.0, 1.0, 1.0], [False, True, False])
    assert [(each.low, each.high, each.count, each.same) for each in bins] == [(0.0, 0.1, 1, 0), (0.9, 1.0, 2, 1)]
    assert evaluate.of_pairs([], []).facts() == {"pairs": 0, "brier": 0.0, "calibration_error": 0.0, "bins": []}


def test_the_picture_is_well_formed_and_holds_every_bin() -> None:
    bins = evaluate.calibration([0.05, 0.55, 0.95], [False, True, True])
    picture = ElementTree.fromstring(calibration_svg(bins, "A <title> & more"))
    assert len(picture.findall(".//{*}circle")) == 3
    assert picture.findtext("{*}title") == "A <title> & more"


def read(rows: list[dict[str, object]], universe: Universe = UNIVERSE) -> truth.Truth:
    return truth.read(files.of_frame(rows, "truth.csv"), universe)


def test_a_truth_of_rows() -> None:
    known = read([
        {"source": "left.csv", "row": 1, "cluster": "x"}, {"source": "left", "row": 3, "cluster": "x"},
        {"source": "some/folder/right.csv", "row": 1, "cluster": "x"}, {"source": "left.csv", "row": 99, "cluster": "y"},
    ])  # fmt: skip
    assert known.clusters is not None
    assert (known.clusters.tolist(), known.unknown) == ([0, -1, 0, 0, -1], 1)


def test_a_truth_of_ids() -> None:
    known = read([{"ID": key, "entity": entity} for key, entity in (("b1", "e1"), ("a1", "e1"), ("a2", "e2"), ("b2", "e3"))])
    assert known.clusters is not None
    assert known.clusters.tolist() == [0, 1, -1, 0, 2]


def test_the_file_itself_as_truth() -> None:
    own = Universe(["left.csv"], UNIVERSE.table[:3], UNIVERSE.row[:3])
    known = read([{"name": "Ana", "cluster": "1"}, {"name": "Joan", "cluster": "2"}, {"name": "Ana", "cluster": "1"}], own)
    assert known.clusters is not None
    assert known.clusters.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("yes", "no"), [("1", "0"), ("match", "non-match"), ("true", "False"), ("0.97", "0.2"), ("same", "different"), ("sí", "no")]
)
def test_a_truth_of_labelled_pairs(yes: str, no: str) -> None:
    known = read(
        [{"id_l": "a1", "id_r": "b1", "label": yes}, {"id_l": "a2", "id_r": "b2", "label": no}, {"id_l": "a2", "id_r": "zz", "label": yes}]
    )
    assert known.clusters is None
    assert list(zip(known.left.tolist(), known.right.tolist(), known.is_same.tolist(), strict=True)) == [(0, 3, True), (1, 4, False)]
    assert known.unknown == 1


def test_pairs_without_a_label_are_all_the_links_there_are() -> None:
    known = read([
        {"source_left": "left.csv", "row_left": 1, "source_right": "left.csv", "row_right": 3},
        {"source_left": "left.csv", "row_left": 3, "source_right": "right.csv", "row_right": 1},
    ])  # fmt: skip
    assert known.clusters is not None
    assert known.clusters.tolist() == [0, 1, 0, 0, 4]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"name": "Ana", "town": "Vic"}], "A truth has the columns source, row and cluster"),
        ([{"row": 1, "cluster": 1}], "no column source, and there are several files: left.csv, right.csv"),
        ([{"source": "else.csv", "row": 1, "cluster": 1}], "No row of the truth names a row"),
        ([{"cluster": 1}], "no column row, and no id"),
        ([{"id_l": "a1", "id_r": "b1", "label": "perhaps"}], "'perhaps' says neither same nor different"),
        ([{"key_l": "a1", "key_r": "b1", "label": "1"}], "no id that the files have too"),
        ([{"id_l": "q", "id_r": "z", "label": "1"}], "No pair of the truth names two rows"),
    ],
)
def test_a_truth_that_cannot_be_used_says_why(rows: list[dict[str, object]], words: str) -> None:
    with pytest.raises(TruthError) as caught:
        read(rows)
    assert words in str(caught.value)
