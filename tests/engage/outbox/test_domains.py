"""What the DNS says of a sending domain, from records as they are found in the wild."""

import pytest

from vincle.engage.outbox.domain_check import Finding, Server, examine

KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" + "A" * 360
GOOD = {
    ("lligam.example", "TXT"): ["google-site-verification=x", "v=spf1 include:_spf.google.com ip4:192.0.2.0/24 ~all"],
    ("_spf.google.com", "TXT"): ["v=spf1 ip4:198.51.100.0/24 ~all"],
    ("k1._domainkey.lligam.example", "TXT"): [f"v=DKIM1; k=rsa; p={KEY}"],
    ("_dmarc.lligam.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@lligam.example"],
    ("lligam.example", "MX"): ["10 mx.lligam.example."],
}


def found(records: dict[tuple[str, str], list[str] | None], server: Server = Server(("192.0.2.9",)), selectors: tuple[str, ...] = ("k1",)) -> dict[str, Finding]:  # fmt: skip  # noqa: B008, E501
    return {each.what: each for each in examine("lligam.example", selectors, server, lambda name, kind: records.get((name, kind), []))}


def test_all_in_order() -> None:
    assert {what: each.code for what, each in found(GOOD).items()} == {
        "spf": "spf_good", "dkim": "dkim_good", "dmarc": "dmarc_good", "mx": "mx_good",
    }  # fmt: skip


def test_nothing_there_gives_lines_to_copy() -> None:
    said = found({})
    assert {what: each.code for what, each in said.items()} == {
        "spf": "spf_none", "dkim": "dkim_no_key", "dmarc": "dmarc_none", "mx": "mx_none",
    }  # fmt: skip
    assert said["spf"].line == ("lligam.example", "TXT", "v=spf1 mx ip4:192.0.2.9 ~all")
    assert said["dmarc"].line == ("_dmarc.lligam.example", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@lligam.example")


def test_a_server_that_is_not_named() -> None:
    said = found(GOOD, Server(("203.0.113.5",)))["spf"]
    assert said.code == "spf_not_named"
    assert said.line
    assert said.line[2] == "v=spf1 include:_spf.google.com ip4:192.0.2.0/24 ip4:203.0.113.5 ~all"
    assert found(GOOD, Server(include="_spf.google.com"))["spf"].code == "spf_good"
    assert found(GOOD, Server(include="spf.brevo.com"))["spf"].line == (
        "lligam.example", "TXT", "v=spf1 include:_spf.google.com ip4:192.0.2.0/24 include:spf.brevo.com ~all",
    )  # fmt: skip
    assert found(GOOD, Server())["spf"].code == "spf_there"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["v=spf1 -all", "v=spf1 mx -all"], "spf_several"), (["v=spf1 +all"], "spf_not_named"), (["v=spf10 -all"], "spf_none"),
        (None, "dns_silent"), (["V=SPF1 ip4:192.0.2.9 all"], "spf_open"), (["v=spf1 ip4:bad ip4:192.0.2.9 -all"], "spf_good"),
        (["v=spf1 include:lligam.example redirect=lligam.example"], "spf_not_named"),
    ],
)  # fmt: skip
def test_spf_as_it_is_written(texts: list[str] | None, code: str) -> None:
    assert found({**GOOD, ("lligam.example", "TXT"): texts})["spf"].code == code


def test_too_many_lookups() -> None:
    record = "v=spf1 " + " ".join(f"include:i{n}.example" for n in range(12)) + " -all"
    said = examine("lligam.example", ["k1"], Server(), lambda name, kind: {("lligam.example", "TXT"): [record]}.get((name, kind), []))
    assert said[0].code == "spf_lookups"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("v=DKIM1; p=", "dkim_revoked"), ("v=DKIM1; p=%%%", "dkim_broken"), (f"v=DKIM1; t=y; p={KEY}", "dkim_testing"),
        ("k=rsa; p=" + "A" * 216, "dkim_short"), ("k=ed25519; p=" + "A" * 44, "dkim_good"), ("nonsense", "dkim_no_key"),
    ],
)  # fmt: skip
def test_keys(record: str, code: str) -> None:
    assert found({**GOOD, ("k1._domainkey.lligam.example", "TXT"): [record]})["dkim"].code == code


def test_usual_selectors_are_tried() -> None:
    assert found({("selector2._domainkey.lligam.example", "TXT"): [f"p={KEY}"]}, selectors=())["dkim"].code == "dkim_good"
    assert found({}, selectors=())["dkim"].code == "dkim_none"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["v=DMARC1; p=none; rua=mailto:a@b.example"], "dmarc_watching"), (["v=DMARC1; p=reject"], "dmarc_no_reports"),
        (["v=DMARC1; sp=none"], "dmarc_broken"), (["v=DMARC1; p=none", "v=DMARC1; p=none"], "dmarc_several"), (None, "dns_silent"),
    ],
)  # fmt: skip
def test_dmarc(texts: list[str] | None, code: str) -> None:
    assert found({**GOOD, ("_dmarc.lligam.example", "TXT"): texts})["dmarc"].code == code
