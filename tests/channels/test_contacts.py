"""Contacts as CRMs, mailing tools and people keep them."""

import contextlib
import csv
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.channels.base import FileError, Locale, Options, Sample
from vincle.channels.contacts import channel
from vincle.vocabulary import Fact, Permit, PersonKind, Reject, Warn

HERE = Path(__file__).parent / "contacts"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
OPTIONS = Options(file_key="f", now=NOW)


class Read:
    """Everything a file gave, sorted by kind."""

    def __init__(self, data: bytes, options: Options = OPTIONS) -> None:
        items = list(channel.read(io.BytesIO(data), options))
        self.facts = [item for item in items if isinstance(item, Fact)]
        self.rejects = [(item.line, item.code) for item in items if isinstance(item, Reject)]
        self.warns = [(item.line, item.code, item.field) for item in items if isinstance(item, Warn)]

    def handles(self, index: int) -> list[tuple[str, str]]:
        return [(handle.kind, handle.value) for handle in self.facts[index].handles]


def payload(name: str, options: Options = OPTIONS) -> Read:
    return Read((HERE / name).read_bytes(), options)


def test_brevo_with_its_blacklists() -> None:
    found = payload("brevo.csv")
    assert found.handles(0) == [("email", "laia@roure.example"), ("external", "brevo:11"), ("phone", "+34600111222")]
    assert found.facts[0].name == "Laia Roure Puig"
    assert [(one.permit, one.channel) for one in found.facts[0].consents] == [(Permit.WITHDRAWN, "email")]
    assert found.facts[1].consents == (), "not blacklisted is not consent"
    assert found.facts[0].observed_at == datetime(2025, 1, 1, 7, tzinfo=UTC)
    assert found.facts[1].observed_at == NOW


def test_google_with_several_values_a_cell() -> None:
    found = payload("google.csv")
    assert found.handles(0) == [("email", "chiara@bruni.example"), ("email", "info@bruni.example"), ("email", "c.bruni@casa.example"),
                                ("phone", "+393331234567"), ("phone", "+39055123456")]
    fact = found.facts[0]
    assert fact.tags == ("Fornitori", "myContacts")
    assert fact.traits == {"first_name": "Chiara", "last_name": "Bruni", "company": "Torrefazione Bruni", "job_title": "Titolare",
                           "birthday": "1984-05-06", "note": "prima riga\nseconda riga", "website": "https://bruni.example"}


def test_salesforce_opt_outs_by_channel() -> None:
    found = payload("salesforce.csv")
    assert found.facts[0].traits["job_title"] == "Head of Retail"
    assert found.facts[0].traits["title"] == "Ms."
    assert found.facts[0].traits["country"] == found.facts[1].traits["country"] == "GB"
    assert [[(one.permit, one.channel) for one in fact.consents] for fact in found.facts] == [
        [(Permit.WITHDRAWN, "email")], [(Permit.WITHDRAWN, "phone")]]


def test_mailchimp_cleaned_is_a_bounce() -> None:
    consent = payload("mailchimp_cleaned.csv").facts[0].consents[0]
    assert (consent.permit, consent.at) == (Permit.BOUNCED, datetime(2024, 3, 4, 4, 6, 7, tzinfo=UTC))
    assert "CLEAN_TIME" in consent.evidence


def test_grant_and_withdrawal_stand_in_order_of_time_with_evidence() -> None:
    found = Read(b"Email Address,OPTIN_TIME,OPTIN_IP,UNSUB_TIME,LEID,EUID\na@x.org,2020-02-03 04:05:06,192.0.2.4,2021-01-01 00:00:00,1,e1\n"
                 b"b@x.org,,,,2,e2\n")
    granted, withdrawn = found.facts[0].consents
    assert (granted.permit, withdrawn.permit) == (Permit.GRANTED, Permit.WITHDRAWN)
    assert granted.evidence == "OPTIN_TIME: 2020-02-03 04:05:06; OPTIN_IP: 192.0.2.4"
    assert found.facts[1].consents == ()


@pytest.mark.parametrize(("heading", "cell", "permits"), [
    ("Status", "Unsubscribed", [Permit.WITHDRAWN]), ("Estado", "Dado de baja", [Permit.WITHDRAWN]), 
    ("Status", "cleaned", [Permit.BOUNCED]),
    ("Status", "blocklisted", [Permit.DENIED]), ("Status", "Spam complaint", [Permit.COMPLAINED]), ("Status", "Subscribed",
    [Permit.GRANTED]),
    ("Status", "pending", []), ("Status", "", []), ("Newsletter", "sí", [Permit.GRANTED]), 
    ("Newsletter", "no", [Permit.DENIED]),
    ("Newsletter", "", []), ("Unsubscribed from all email", "true", [Permit.WITHDRAWN]), ("Unsubscribed", "false", []),
    ("Unsubscribed", "2024-01-01", [Permit.WITHDRAWN]), ("Email hard bounce reason", "UNKNOWN_USER", [Permit.BOUNCED]), ("Bounced", "0",
    []),
    ("Cancelada la suscripción a todos los correos", "true", [Permit.WITHDRAWN]), ("Unsubscribe link", "https://x.org", []),
    ("Opted out of email: News", "yes", [Permit.WITHDRAWN]), ("SMS unsubscribed", "1", [Permit.WITHDRAWN]),
    ("Unsubscribed at", "2024-01-02", [Permit.WITHDRAWN]), ("Unsubscribed at", "0000-00-00 00:00:00", []), ("Unsubscribed at", "no", []),
    ("Hard bounces", "3", [Permit.BOUNCED]), ("Marked as spam", "yes", [Permit.COMPLAINED]), ("SMS opt in", "1", [Permit.GRANTED]),
])
def test_consents_are_never_lost_and_never_invented(heading: str, cell: str, permits: list[Permit]) -> None:
    found = Read(f"Email,Name,{heading}\na@x.org,Ana,{cell}\n".encode())
    assert [one.permit for one in found.facts[0].consents] == permits


def test_german_headings_dotted_dates_decimal_commas() -> None:
    found = payload("generic_de.csv", Options(file_key="f", now=NOW, locale=Locale(country="DE", timezone="Europe/Berlin")))
    first = found.facts[0]
    assert found.handles(0) == [("email", "juergen@gross.example"), ("phone", "+4915123456789")]
    assert first.traits == {"country": "DE", "first_name": "Jürgen", "last_name": "Groß", "city": "Köln", "birthday": "1980-04-03",
                            "Umsatz": 1234.5, "Kundennummer": "00123"}
    assert [one.permit for one in first.consents] == [Permit.GRANTED]
    assert found.warns == [(5, "not_a_number", "Umsatz")]


def test_script_and_formulas_are_neutral_data() -> None:
    found = payload("hostile.csv")
    assert found.facts[0].name == '=HYPERLINK("http://evil.example","x")'
    assert found.facts[0].traits == {"company": "<script>alert(1)</script>"}
    assert found.warns == [(2, "invalid_url", "Website")]
    assert Read(b"email,name\na@x.org,An\x00a\x1b[31m\n").facts[0].name == "Ana[31m"


def test_an_open_quote_costs_one_row() -> None:
    found = payload("open_quote.csv")
    assert [fact.name for fact in found.facts] == ["Ana", "Bel", "Mar"]
    assert found.rejects == [(4, "unclosed_quote")]


def test_json_lines() -> None:
    found = payload("people.jsonl", Options(file_key="f", now=NOW, mapping={"social.twitter": "x"}))
    assert found.handles(0) == [("email", "ana@x.example"), ("x_username", "anax")]
    assert found.facts[0].tags == ("vip", "local")
    assert found.facts[2].traits == {"visits": 5, "late": "kept"}
    assert found.rejects == [(3, "broken_json"), (5, "not_an_object")]
    assert found.warns == [(2, "not_a_number", "visits")]


def test_a_workbook_reads_as_the_same_csv_does() -> None:
    rows = list(csv.reader(io.StringIO((HERE / "salesforce.csv").read_text())))
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    assert Read(file.getvalue()).facts == payload("salesforce.csv").facts


def test_a_persons_mapping_wins_over_the_guess() -> None:
    data = b"Email,Contacto,Codigo,Secreto\na@x.org,Ana,77,no\n"
    options = Options(file_key="f", now=NOW, name="files/Tienda 2026.csv",
                      mapping={"Contacto": "nickname", "Codigo": "external_id", "Secreto": "", "Email": "email"})
    found = Read(data, options)
    assert found.handles(0) == [("email", "a@x.org"), ("external", "tienda-2026:77")]
    assert found.facts[0].traits == {"nickname": "Ana"}
    custom = Read(data, Options(file_key="f", now=NOW, mapping={"Codigo": "custom:Code"}))
    assert custom.facts[0].traits["Code"] == 77


def test_ambiguous_dates_in_columns_of_no_known_meaning_are_asked_for_too() -> None:
    data = b"Email,Renewal\na@x.org,3/4/2027\nb@x.org,5/6/2027\n"
    assert channel.preview(io.BytesIO(data), OPTIONS).questions[0].example == "3/4/2027"
    assert Read(data, Options(file_key="f", now=NOW, date_order="mdy")).facts[0].traits == {"Renewal": "2027-03-04"}


def test_headings_in_one_word_and_with_a_prefix() -> None:
    found = Read(b"FirstName,LastName,Person - Email - Work,MobilePhone\nAna,Gil,a@x.org,600000001\n")
    assert (found.facts[0].name, found.handles(0)) == ("Ana Gil", [("email", "a@x.org"), ("phone", "+34600000001")])


def test_a_field_that_does_not_exist_is_told() -> None:
    with pytest.raises(FileError, match="unknown_field: Nick: nikname"):
        Read(b"Email,Nick\na@x.org,Ani\n", Options(file_key="f", now=NOW, mapping={"Nick": "nikname"}))


def test_ids_of_unknown_origin_link_no_one() -> None:
    found = Read(b"User ID,Email,Name\n7,a@x.org,Ana\n")
    assert found.handles(0) == [("email", "a@x.org")]
    assert found.facts[0].traits["User ID"] == 7


def test_headings_without_meaning_are_told_by_values() -> None:
    found = Read(b"w,q,z\nAna,ana@x.org,+34 600 000 001\nLuz,luz@x.org,+34 600 000 002\n")
    assert found.handles(0) == [("email", "ana@x.org"), ("phone", "+34600000001")]
    assert found.facts[0].traits == {"w": "Ana"}
    without = Read(b"Ana,ana@x.org\nLuz,luz@x.org\n")
    assert [fact.handles[0].value for fact in without.facts] == ["ana@x.org", "luz@x.org"]


def test_names_that_mean_first_or_last_by_their_company() -> None:
    assert Read("Nom,Prénom,Email\nDurand,Zoé,z@x.fr\n".encode()).facts[0].name == "Zoé Durand"
    assert Read(b"Nombre,Apellidos,Email\nAna,Gil,a@x.es\n").facts[0].name == "Ana Gil"
    assert Read(b"Nombre,Email\nAna Gil,a@x.es\n").facts[0].name == "Ana Gil"


def test_ambiguous_birthdays_are_asked_for_and_left_out() -> None:
    data = b"Email,Birthday\na@x.org,3/4/1980\nb@x.org,5/6/1981\n"
    preview = channel.preview(io.BytesIO(data), OPTIONS)
    assert [(one.option, one.code) for one in preview.questions] == [("date_order", "ambiguous_date")]
    found = Read(data)
    assert [fact.traits for fact in found.facts] == [{}, {}]
    assert [code for _, code, _ in found.warns] == ["ambiguous_date"] * 2
    answered = Options(file_key="f", now=NOW, date_order="dmy")
    assert channel.preview(io.BytesIO(data), answered).questions == ()
    assert Read(data, answered).facts[0].traits == {"birthday": "1980-04-03"}
    assert Read(data + b"c@x.org,31/1/1990\n").facts[0].traits == {"birthday": "1980-04-03"}, "one value over twelve decides"


def test_rows_no_one_can_be_known_by() -> None:
    found = Read(b"Email,Phone,Name\n,,Ana\nno-es,,Luz\n,,\nbad@,600000001,Bel\n,12,Cai\n")
    assert found.rejects == [(2, "no_handle"), (3, "invalid_email"), (4, "empty_row"), (6, "invalid_phone")]
    assert found.handles(0) == [("phone", "+34600000001")]
    assert found.warns == [(5, "invalid_email", "Email")]


def test_the_country_of_the_row_reads_its_phone() -> None:
    found = Read(b"Email,Phone,Country\na@x.org,04 50 11 22 33,Francia\n")
    assert found.handles(0)[1] == ("phone", "+33450112233")


def test_a_preview_shows_what_would_be_read() -> None:
    preview = channel.preview(io.BytesIO((HERE / "brevo.csv").read_bytes()), OPTIONS)
    assert (preview.vendor, preview.encoding, preview.separator, preview.rows) == ("brevo", "utf-8", ";", 2)
    assert {column.heading: column.guess for column in preview.columns}["NOMBRE"] == "first_name"
    assert all(column.confidence > 0.8 for column in preview.columns)
    assert preview.sample[1][1] == "biel@roure.example"
    known = set(channel.fields())
    assert all(not column.guess or column.guess in known or column.guess.startswith("custom:") for column in preview.columns)


def sample(data: bytes) -> Sample:
    return Sample(head=data[:65536], size=len(data))


def test_recognised_by_content() -> None:
    assert channel.recognise(sample(b"email\na@x.org\n")) > 0.4
    assert channel.recognise(sample(b"Ana,ana@x.org\nLuz,luz@x.org\n")) > 0.3
    others = (b"BEGIN:VCARD\nFN:Ana\nEND:VCARD\n", b'{"object":"page","entry":[{"id":"1"}]}', b"<rss/>", b"From a@b Thu\nTo: x\n",
              b"just words\n")
    for other in others:
        assert channel.recognise(sample(other)) < 0.2


def test_many() -> None:
    row = "Ana.{0}@x.org,Ana,García {0},6{0:08d},Acme,CEO,Madrid,España,1980-05-0{1},\"vip, local\",2024-01-02 10:11:12,{0}\n"
    data = b"Email,First Name,Last Name,Phone,Company,Job Title,City,Country,Birthday,Tags,Created,Budget\n" + "".join(
        row.format(number, number % 9 + 1) for number in range(20_000)).encode()
    assert sum(isinstance(item, Fact) for item in channel.read(io.BytesIO(data), OPTIONS)) == 20_000


CELLS = st.one_of(st.sampled_from(["", "ana@x.org", "luz@x.org", "bad@", "600000001", "+34600000002", "a|b", "1/2/2020", "yes", "12",
                                   "=1+1",
                                   "\x00", "x" * 99]), st.text(max_size=8))
HEADINGS = st.lists(st.sampled_from(["Email", "Phone", "Name", "Tags", "Birthday", "Status", "Country", "Budget", "attributes", "opt in",
                                     "",
                                     "URL"]), min_size=2, max_size=6)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(HEADINGS, st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=12))
def test_every_row_is_a_fact_or_a_reject_and_twice_is_the_same(headings: list[str], rows: list[list[str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["Email", "Name", *headings])
    width = len(headings) + 2
    writer.writerows([(row * 2)[:width] for row in rows])
    data = file.getvalue().encode("utf-8", "surrogatepass")
    options = Options(file_key="f", now=NOW, separator=",", encoding="utf-8")
    found = Read(data, options)
    assert len(found.facts) + len(found.rejects) == len(rows)
    assert [fact.native_id for fact in found.facts] == sorted((fact.native_id for fact in found.facts), key=lambda one: int(one[2:]))
    assert list(channel.read(io.BytesIO(data), options)) == list(channel.read(io.BytesIO(data), options))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=99).map(
    lambda text: f"email,{text}\na@x.org,{text}\n".encode("utf-8", "replace"))))
def test_arbitrary_bytes_raise_nothing_but_a_file_error(data: bytes) -> None:
    assert 0 <= channel.recognise(sample(data)) <= 1
    for act in (lambda: channel.preview(io.BytesIO(data), OPTIONS), lambda: list(channel.read(io.BytesIO(data), OPTIONS))):
        with contextlib.suppress(FileError):
            act()


def test_dirty_rows(shared_data: Path) -> None:
    found = Read((shared_data / "crm_exports/dirty_rows_fr.csv").read_bytes())
    assert [fact.native_id for fact in found.facts] == ["f:2", "f:5", "f:6"]
    assert found.rejects == [(3, "invalid_email"), (4, "no_handle")]
    assert found.warns == [(5, "not_a_number", "Budget"), (5, "invalid_date", "Date de naissance"), (6, "duplicate_in_file", "email")]


def test_real_exports(shared_data: Path) -> None:
    expected = {
        "activecampaign": ("activecampaign", 1, 0), "dirty_rows_fr": ("", 3, 2), "hubspot_companies": ("hubspot", 3, 0),
        "hubspot_contacts_assoc": ("hubspot", 3, 0), "hubspot_contacts_fr": ("hubspot", 2, 0), "hubspot_contacts_tags": ("hubspot", 2, 0),
        "invalid_bytes": ("", 2, 0), "linkedin_Connections": ("linkedin", 4, 2), "mailchimp_subscribed": ("mailchimp", 2, 0),
        "mailchimp_tags": ("mailchimp", 1, 0), "outlook_cp1252": ("outlook", 1, 0), "systeme_io": ("systeme.io", 1, 0),
        "with_utf8_bom": ("", 1, 0),
    }
    for name, (vendor, facts, rejects) in expected.items():
        data = (shared_data / f"crm_exports/{name}.csv").read_bytes()
        found = Read(data)
        assert channel.preview(io.BytesIO(data), OPTIONS).vendor == vendor, name
        assert (len(found.facts), len(found.rejects)) == (facts, rejects), name
        assert channel.recognise(sample(data)) > 0.5, name


def test_real_details(shared_data: Path) -> None:
    folder = shared_data / "crm_exports"
    companies = Read((folder / "hubspot_companies.csv").read_bytes())
    assert companies.facts[0].kind is PersonKind.ORGANISATION
    assert companies.handles(0) == [("external", "hubspot:company:9001")]
    linkedin = Read((folder / "linkedin_Connections.csv").read_bytes())
    assert linkedin.handles(0) == [("email", "jordan@acme.example"), ("linkedin", "jordanlee")]
    assert [line for line, _ in linkedin.rejects] == [8, 10]
    assert linkedin.rejects[1] == (10, "no_handle")
    outlook = Read((folder / "outlook_cp1252.csv").read_bytes())
    assert outlook.facts[0].name == "Iñaki Múgica"
    assert outlook.facts[0].traits["company"] == 'Fundació "Sol"'
    assert outlook.warns == [(2, "invalid_date", "Birthday")]
    assert Read((folder / "mailchimp_tags.csv").read_bytes()).facts[0].tags == ("VIP", "Blog")
    active = Read((folder / "activecampaign.csv").read_bytes())
    assert [one.permit for one in active.facts[0].consents] == [Permit.WITHDRAWN]
    subscribers = Read((shared_data / "webhooks/email_providers/listmonk_subs.csv").read_bytes())
    assert len(subscribers.facts) == 100
    assert subscribers.facts[0].traits == {"age": 29, "city": "Bangalore", "clientId": "DAXX79"}
    assert Counter(code for _, code, _ in subscribers.warns) == {}
