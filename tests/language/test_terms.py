"""Key words of a text."""

from vincle.language.base import Context
from vincle.language.page import Page
from vincle.language.registry import understand


def terms(text: str, context: Context | None = None) -> tuple[str, ...]:
    return understand([Page(text)], context or Context())[0].terms


def test_function_words_numbers_accounts_and_addresses_are_no_key_words() -> None:
    found = terms("The kettle and the toaster from @shop cost 45 euros, write to ana@shop.example or https://shop.example #kitchen")
    assert {"kettle", "toaster"} <= set(found)
    assert not {"the", "and", "from", "@shop", "45", "ana@shop.example", "to", "or"} & set(found)


def test_names_of_persons_are_left_out_brands_are_kept() -> None:
    found = terms("Yesterday the waiter Jordi Puigverd broke my Lligam cup", Context(brands={"lligam": "Cafè Lligam"}))
    assert not {"jordi", "puigverd"} & {word for term in found for word in term.split()}
    assert "lligam" in found


def test_words_are_folded_and_pairs_stand_beside_them() -> None:
    assert {"cafe", "gelat", "cafe gelat"} <= set(terms("El cafè gelat és massa dolç"))


def test_at_most_eight_the_most_repeated_first() -> None:
    found = terms("Lamps, chairs, tables, sofas, rugs, curtains, beds, shelves, mirrors. Mirrors, mirrors!")
    assert len(found) == 8
    assert found[0] == "mirrors"


def test_nothing_to_tell() -> None:
    assert terms("I am with you") == ()
