"""Addresses, numbers, profiles and values of cells."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vincle.channels._identifiers import (
    account,
    amount,
    boolean,
    country,
    currency,
    decimal_mark,
    display_name,
    email,
    emails,
    multi,
    phone,
    phones,
    profile,
    url,
)


@pytest.mark.parametrize(("text", "expected"), [
    ("Ana.Gil+news@Example.ORG", "ana.gil+news@example.org"),
    ("mailto:ana@x.org?subject=hi", "ana@x.org"),
    ('"Gil, Ana" <ana@x.org>', "ana@x.org"),
    ("ana@Café.es", "ana@xn--caf-dma.es"),
    (" <ana@x.org>; ", "ana@x.org"),
    ("josé@x.org", "josé@x.org"),
    ("o'hara@x.ie", "o'hara@x.ie"),
])
def test_addresses_in_their_normal_form(text: str, expected: str) -> None:
    assert email(text) == expected


@pytest.mark.parametrize("text", ["", "ana", "ana@", "@x.org", "ana@x", "a..b@x.org", ".a@x.org", "a@x..org", "a b@x.org", "a@-x.org",
                                  "a@x.o",
                                  "a@x.123", "a" * 65 + "@x.org", "a@" + "x" * 64 + ".org", "pas-un-email", "a@b@c.org", "@" * 500])
def test_impossible_addresses_are_refused(text: str) -> None:
    assert email(text) == ""


def test_several_addresses_in_a_cell() -> None:
    assert emails("ana@x.org, 'luz@y.es'; ANA@x.org ::: no") == (["ana@x.org", "luz@y.es"], ["no"])
    assert display_name("Ana Gil <ana@x.org>") == "Ana Gil"


@pytest.mark.parametrize(("text", "region", "expected"), [
    ("600 000 001", "ES", "+34600000001"), ("0034 600-000-001", "ES", "+34600000001"), ("34600111222", "ES", "+34600111222"),
    ("04 50 11 22 33", "FR", "+33450112233"), ("333 123 4567", "IT", "+393331234567"), ("055 123456", "IT", "+39055123456"),
    ("(212) 555-0100", "US", "+12125550100"), ("+1 (212) 555-0100 ext. 12", "ES", "+12125550100"), ("+44 (0)20 7946 0958", "ES",
    "+442079460958"),
    ("+971501234567", "ES", "+971501234567"), ("tel:+49 151 23456789", "ES", "+4915123456789"), ("'+34600000001", "ES", "+34600000001"),
    ("12", "ES", ""), ("(555) 010-1234", "ES", ""), ("n/a", "ES", ""), ("+000000", "ES", ""), ("9" * 5000, "ES", ""),
])
def test_numbers_as_e164(text: str, region: str, expected: str) -> None:
    assert phone(text, region) == expected


def test_several_numbers_in_a_cell() -> None:
    assert phones("600 000 001 ::: +39 055 123456", "ES") == (["+34600000001", "+39055123456"], [])
    assert phones("600000001 or n/a", "ES") == (["+34600000001"], ["n/a"])


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org", "x", "http://", "http://[bad",
                                  "https://x.org/a b", "JavaScript:x",
                                  "http://a.b/<script>", "//", "vbscript:x.y", "https://x.org/\x00"])
def test_unsafe_addresses_are_dropped(text: str) -> None:
    assert url(text) == ""


def test_web_addresses() -> None:
    assert url("example.org") == "https://example.org"
    assert url("HTTP://Example.org/x?y=1#z") == "HTTP://Example.org/x?y=1#z"
    assert url("localhost:8000") == ""


@pytest.mark.parametrize(("text", "kind", "value"), [
    ("https://www.linkedin.com/in/Ana-Garc%C3%ADa/", "linkedin", "ana-garcía"), ("https://es.linkedin.com/in/ana?x=1", "linkedin", "ana"),
    ("https://twitter.com/AnaX", "x_username", "anax"), ("x.com/AnaX", "x_username", "anax"),
    ("https://www.instagram.com/ana.gil/", "instagram_username", "ana.gil"),
    ("https://facebook.com/profile.php?id=42", "facebook", "42"), ("https://m.facebook.com/ana.gil.5", "facebook", "ana.gil.5"),
    ("@Ana@mastodon.social", "mastodon", "ana@mastodon.social"), ("https://mastodon.social/@Ana", "mastodon", "ana@mastodon.social"),
    ("https://bsky.app/profile/ana.bsky.social", "bluesky_username", "ana.bsky.social"), ("https://youtube.com/@AnaTV", "youtube", "anatv"),
    ("https://www.youtube.com/channel/UCabc-1", "youtube", "UCabc-1"), ("https://www.tiktok.com/@ana.t", "tiktok", "ana.t"),
    ("https://github.com/ana-g", "github", "ana-g"),
])
def test_profiles_name_accounts(text: str, kind: str, value: str) -> None:
    found = profile(text)
    assert found is not None
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize("text", ["https://twitter.com/home", "https://example.org/ana", "javascript:x",
                                  "https://www.linkedin.com/company/acme", "ana"])
def test_what_names_no_account(text: str) -> None:
    assert profile(text) is None


def test_user_names_of_a_known_network() -> None:
    found = account("x", "@AnaX")
    assert found is not None
    assert (found.kind, found.value, found.name) == ("x_username", "anax", "AnaX")
    assert account("x", "https://instagram.com/ana") is None
    assert account("x", "two words") is None


def test_countries_in_the_common_languages() -> None:
    names = {"España": "ES", "Spagna": "ES", "Espanya": "ES", "Espagne": "ES", "spain": "ES", "ESP": "ES", "es": "ES", "Estats Units": "US",
             "EE.UU.": "US", "Regno Unito": "GB", "Deutschland": "DE", "EIRE": "IE", "Atlantis": "", "": ""}
    assert {name: country(name) for name in names} == names


@pytest.mark.parametrize(("text", "number", "code"), [
    ("1.234,56 €", "1234.56", "EUR"), ("1,234.56", "1234.56", ""), ("€ 12", "12", "EUR"), ("$-5.00", "-5.00", "USD"), ("(12,50)",
    "-12.50", ""),
    ("12-", "-12", ""), ("1 234,50", "1234.50", ""), ("1'234.50 CHF", "1234.50", "CHF"), ("1.234.567", "1234567", ""), ("R$ 5", "5", "BRL"),
    ("1,234", "1234", ""), ("1.234", "1.234", ""), ("0.5", "0.5", ""),
])
def test_sums_of_money(text: str, number: str, code: str) -> None:
    assert amount(text) == (Decimal(number), code)


@pytest.mark.parametrize("text", ["", "beaucoup", "12 apples", "1.2.3", "1,23,4.5", "--5", "EUR", "1e5", "9" * 100, "12/5", "(5"])
def test_what_is_no_sum(text: str) -> None:
    assert amount(text) is None


def test_a_column_proves_its_decimal_mark() -> None:
    assert decimal_mark(["1.234", "12,5"]) == ","
    assert decimal_mark(["1,234", "12.5"]) == "."
    assert decimal_mark(["1.234", "5"]) == ""
    assert amount("1.234", ",") == (Decimal(1234), "")


def test_yes_no_and_several() -> None:
    assert [boolean(word) for word in ("Sí", "oui", "TRUE", "1", "No", "falso", "nein", "0")] == [True] * 4 + [False] * 4
    assert boolean("maybe") is None
    assert multi('"VIP","Blog"') == ("VIP", "Blog")
    assert multi("a|b|a") == ("a", "b")
    assert multi("a, b;c") == ("a, b", "c")
    assert multi("Fornitori ::: * myContacts") == ("Fornitori", "myContacts")
    assert currency("€") == "EUR"
    assert currency("pcs") == ""


@given(st.text(max_size=120))
def test_nothing_raises(text: str) -> None:
    for read in (email, emails, url, profile, country, amount, boolean, multi, currency, display_name):
        read(text)
    phones(text, "ES")
    if address := email(text):
        assert email(address) == address, "the normal form is its own normal form"
    if number := phone(text, "ES"):
        assert phone(number, "IT") == number
