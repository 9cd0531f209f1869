"""The settings of Splink's own examples (Splink 5, `docs/demos`), and one in their manner for contacts, which have no example.

Each is a function of nothing that returns an `Example`: what the notebook of that name does between reading the file and its clusters.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, SettingsCreator, block_on


class Example(NamedTuple):
    settings: Any
    sure: Sequence[Any]  # deterministic rules for the share of matches
    recall: float  # of those rules
    pairs: float  # sampled for u
    train: Sequence[Any]  # blocking rules of the rounds of expectation maximisation
    without_frequencies: bool  # in those rounds
    threshold: float  # at which the example makes clusters
    prepare: str = "*"  # what the example selects from the file
    seed: int | None = 1


def tutorial() -> Example:
    """Tutorial 04 and 05, `fake_1000`."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.LevenshteinAtThresholds(ColumnExpression("dob").cast_to_string(), 1),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name", "city"), block_on("surname"), block_on("dob")],
    )
    sure = [
        block_on("first_name", "dob"),
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        block_on("email"),
    ]
    return Example(settings, sure, 0.7, 2e6, [block_on("first_name", "surname"), block_on("dob")], False, 0.2)


def labels_column() -> Example:
    """`accuracy_analysis_from_labels_column`, `fake_1000`."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("first_name"), block_on("surname"), block_on("dob"), block_on("email")],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
    )
    sure = [
        "l.first_name = r.first_name and levenshtein(r.dob, l.dob) <= 1",
        "l.surname = r.surname and levenshtein(r.dob, l.dob) <= 1",
        "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        "l.email = r.email",
    ]
    train = [block_on("dob"), block_on("email"), block_on("first_name", "surname")]
    return Example(settings, sure, 0.7, 1e6, train, True, 0.5, seed=5)


def _by_whole_name(first: str, last: str, birthday: str, blocks: Sequence[Any], others: Sequence[Any]) -> Any:
    """Settings for one table whose rows have a column of both names."""
    names = cl.ForenameSurnameComparison(first, last, forename_surname_concat_col_name=f"{first}_{last}_concat")
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=blocks,
        comparisons=[names, cl.DateOfBirthComparison(birthday, input_is_string=True), *others],
    )


def historical() -> Example:
    """`deduplicate_50k_synthetic`."""
    settings = _by_whole_name(
        "first_name",
        "surname",
        "dob",
        blocks=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        others=[
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    sure = [
        block_on("first_name", "surname", "dob"),
        block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
        block_on("dob", "postcode_fake"),
    ]
    both = "*, first_name || ' ' || surname AS first_name_surname_concat"
    return Example(settings, sure, 0.6, 1e7, [block_on("first_name", "surname"), block_on("dob")], True, 0.95, both)


def febrl3() -> Example:
    """`febrl3`; its notebook makes no clusters."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(field) for field in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )
    sure = [
        block_on("soc_sec_id"),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    return Example(settings, sure, 0.9, 1e6, [block_on("date_of_birth"), block_on("postcode")], False, 0.95, seed=2)


FEBRL4_BLOCKS = (
    ("given_name", "surname"), "l.given_name = r.surname and l.surname = r.given_name", ("date_of_birth",), ("soc_sec_id",),
    ("state", "address_1"), ("street_number", "address_1"), ("postcode",),
)  # fmt: skip
FEBRL4_BIRTH = {"input_is_string": True, "datetime_format": "%Y%m%d", "invalid_dates_as_null": True}


def _febrl4(comparisons: list[Any], pairs: float, prepare: str = "*") -> Example:
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[rule if isinstance(rule, str) else block_on(*rule) for rule in FEBRL4_BLOCKS],
        comparisons=comparisons,
    )
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return Example(settings, sure, 0.8, pairs, [block_on("date_of_birth"), block_on("postcode")], True, 0.99, prepare)


def febrl4() -> Example:
    """`febrl4`, its detailed model."""
    comparisons = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("date_of_birth", **FEBRL4_BIRTH),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    return _febrl4(comparisons, 1e6)


def _switched(least: float) -> dict[str, str]:
    both = "jaro_winkler_similarity(given_name_l, surname_r) + jaro_winkler_similarity(surname_l, given_name_r)"
    return {"sql_condition": f"{both} >= {least}", "label_for_charts": f"switched >= {least}"}


def _spelt(field: str, distances: Sequence[int]) -> dict[str, Any]:
    near = [cll.DamerauLevenshteinLevel(field, distance) for distance in distances]
    exact = cll.ExactMatchLevel(field, term_frequency_adjustments=True)
    return {"output_column_name": field, "comparison_levels": [cll.NullLevel(field), exact, *near, cll.ElseLevel()]}


def febrl4_extended() -> Example:
    """`febrl4`, its extended model."""
    nothing = "(given_name_l IS NULL OR given_name_r IS NULL) and (surname_l IS NULL OR surname_r IS NULL)"
    names = [
        {"sql_condition": nothing, "label_for_charts": "Null", "is_null_level": True},
        cll.ExactMatchLevel("full_name", term_frequency_adjustments=True),
        cll.JaroWinklerLevel("full_name", 0.9),
        cll.JaroWinklerLevel("full_name", 0.7),
        cll.ColumnsReversedLevel("given_name", "surname"),
        _switched(1.8),
        _switched(1.4),
        cll.ExactMatchLevel("given_name", term_frequency_adjustments=True),
        cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
        {"sql_condition": "given_name_l = surname_r OR surname_l = given_name_r", "label_for_charts": "single name cross-matches"},
        cll.JaroWinklerLevel("given_name", 0.9),
        cll.JaroWinklerLevel("surname", 0.9),
        cll.ElseLevel(),
    ]
    comparisons = [
        {"output_column_name": "Full name", "comparison_levels": names},
        cl.DateOfBirthComparison("date_of_birth", **FEBRL4_BIRTH),
        _spelt("soc_sec_id", (1, 2)),
        _spelt("street_number", (1,)),
        _spelt("postcode", (1, 2)),
    ]
    return _febrl4(comparisons, 1e7, "*, given_name || '_' || surname AS full_name")


def contacts() -> Example:
    """In the manner of the examples, for the generated contacts: cleaned first, every rule a join on equal values."""
    settings = _by_whole_name(
        "first_name",
        "last_name",
        "birthday",
        blocks=[
            block_on("email"),
            block_on("phone"),
            block_on("first_name", "last_name", "city"),
            block_on("last_name", "birthday"),
            block_on("first_name", "birthday"),
            block_on("postcode", "last_name"),
            block_on("substr(first_name,1,3)", "substr(last_name,1,4)", "postcode"),
        ],
        others=[
            cl.EmailComparison("email"),
            cl.ExactMatch("phone"),
            cl.ExactMatch("street"),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
    )
    sure = [block_on("first_name", "last_name", "birthday"), block_on("email"), block_on("phone")]
    clean = "* REPLACE (lower(strip_accents(first_name)) AS first_name, lower(strip_accents(last_name)) AS last_name, lower(email) AS email, right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) AS phone)"
    train = [block_on("email"), block_on("birthday", "postcode"), block_on("first_name", "last_name")]
    return Example(settings, sure, 0.8, 1e7, train, True, 0.95, f"{clean}, first_name || ' ' || last_name AS first_name_last_name_concat")


EXAMPLES: dict[str, Callable[[], Example]] = {
    "tutorial": tutorial, "labels_column": labels_column, "historical": historical, "febrl3": febrl3, "febrl4": febrl4,
    "febrl4_extended": febrl4_extended, "contacts": contacts,
}  # fmt: skip
