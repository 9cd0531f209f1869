"""Columns recognised by heading and by content, in six languages, and the records that come of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from vincle.identify.linkage import columns, files
from vincle.identify.linkage.columns import Plan, PlanError
from vincle.identify.linkage.files import Table

FEBRL = "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id"


def table(rows: Sequence[Mapping[str, object]], name: str = "people.csv") -> Table:
    return files.of_frame(rows, name)


def taken(plan: Plan) -> dict[str, str]:
    return {each.heading: each.field for each in plan.columns}


def why(plan: Plan) -> dict[str, str]:
    return {each.heading: each.why for each in plan.columns}


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("First Name|Surname|DOB|Postcode|E-mail|Mobile", "first_name last_name birthday postcode email phone"),
        (
            "Nombre|Apellidos|Fecha de nacimiento|Código postal|Correo electrónico|DNI",
            "first_name last_name birthday postcode email id_number",
        ),
        ("Nome|Cognome|Data di nascita|CAP|Posta elettronica|Codice fiscale", "first_name last_name birthday postcode email id_number"),
        ("Nom|Cognoms|Data de naixement|Codi postal|Correu|Població", "first_name last_name birthday postcode email city"),
        ("Prénom|Nom de famille|Date de naissance|Code postal|Courriel|Ville", "first_name last_name birthday postcode email city"),
        ("Vorname|Nachname|Geburtsdatum|PLZ|E-Mail-Adresse|Hausnummer", "first_name last_name birthday postcode email house_number"),
    ],
)
def test_headings_in_six_languages(headings: str, fields: str) -> None:
    names = headings.split("|")
    row = {
        name: "ana@example.org" if "mail" in name.lower() or name.startswith(("Corr", "Courr", "Posta")) else f"{name} 60011"
        for name in names
    }
    plan = columns.plan([table([row, row | {names[0]: "Ona"}])])
    assert [taken(plan)[name] for name in names] == fields.split()


def test_headings_with_blanks_before_them(tmp_path: Path) -> None:
    rows = [
        "rec-1-org, ana, puig, 6, main road, flat 2, vic, 4011, wa, 19081209, 6988048",
        "rec-1-dup-0, ana, puig, 6, main road, , vic, 4011, qld, , 1",
    ]
    (tmp_path / "people.csv").write_text("\n".join([FEBRL, *rows]))
    read = [files.read(tmp_path / "people.csv")]
    plan = columns.plan(read)
    fields = "first_name last_name house_number street address_2 city postcode region birthday id_number".split()
    assert [taken(plan)[name.strip()] for name in FEBRL.split(",")[1:]] == fields
    assert taken(plan)["rec_id"] == ""
    records = columns.records(read, plan).records
    assert (records.text("birthday", 0), records.text("birthday", 1)) == ("1908-12-09", "")


def test_numbers_of_rows_and_the_truth_are_no_evidence() -> None:
    rows = [
        {
            "unique_id": str(n),
            "cluster": str(n // 2),
            "source": "a" if n % 2 else "b",
            "name": f"Ana {n // 2}",
            "customer id": f"C-{n // 2}",
        }
        for n in range(20)
    ]
    plan = columns.plan([table(rows)])
    assert [taken(plan)[name] for name in ("unique_id", "cluster", "source")] == ["", "", ""]
    assert taken(plan)["customer id"] == "id_number"
    counted = [row | {"customer id": str(n + 1)} for n, row in enumerate(rows)]
    assert taken(columns.plan([table(counted), table(counted, "other.csv")]))["customer id"] == ""


def test_what_says_nothing_is_left_out_with_its_reason() -> None:
    rows = [
        {"name": f"Ana {n}", "campaign": "spring", "story": f"{n} " + "once upon a time " * 9, "token": f"x{n}y{n * 7}", "spent": f"{n}.25",
         "seen": f"2024-01-{n + 1:02d} 10:30:00", "rare": "x" if n < 1 else "", "team": "red" if n % 2 else "blue", "stars": str(n % 5)}
        for n in range(60)
    ]  # fmt: skip
    rows[0]["seen"] = "2024-02-01 10:30:00"
    plan = columns.plan([table(rows)])
    assert taken(plan) == {
        "name": "name",
        "campaign": "",
        "story": "",
        "token": "",
        "spent": "",
        "seen": "",
        "rare": "",
        "team": "column:team",
        "stars": "",
    }
    assert (why(plan)["campaign"], why(plan)["story"]) == ("every row says the same", "it is long text")


def test_equal_addresses_in_a_small_table_are_evidence() -> None:
    plan = columns.plan([table([{"name": "Ana", "email": "a@x.org"}, {"name": "Anna", "email": "a@x.org"}])])
    assert taken(plan) == {"name": "name", "email": "email"}


def test_values_tell_what_headings_do_not(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("Ana,ana@example.org,+34 600 111 222\nJoan,joan@example.org,+34 600 111 333\n")
    plan = columns.plan([files.read(tmp_path / "bare.csv")])
    assert [each.field for each in plan.columns] == ["column:Column 1", "email", "phone"]
    births = [{"name": "Ana", "fødselsdato": f"{day}/12/{1950 + day}"} for day in range(1, 29)]
    assert taken(columns.plan([table(births)]))["fødselsdato"] == "birthday"


def test_a_full_name_that_its_parts_say_is_left_out_and_one_that_says_more_is_not() -> None:
    rows = [{"full_name": f"Ana Puig{n}", "first": "Ana", "last": f"Puig{n}"} for n in range(9)]
    assert taken(columns.plan([table(rows)]))["full_name"] == ""
    longer = [row | {"full_name": f"Ana Maria Puig{n} Serra"} for n, row in enumerate(rows)]
    assert taken(columns.plan([table(longer)]))["full_name"] == "name"


def test_two_tables_come_to_one_set_of_fields() -> None:
    left = table([{"Given name": "Ana", "Family name": "Puig", "Mail": "ana@example.org", "Born": "9/12/1908"}], "left.csv")
    right = table(
        [{"prenom": "Anna", "nom": "Puig", "courriel": "ANA@example.org; a@x.org", "date de naissance": "1908-12-09"}], "right.csv"
    )
    plan = columns.plan([left, right])
    placed = columns.records([left, right], plan)
    assert set(placed.records.columns) == {"first_name", "last_name", "email", "birthday"}
    assert placed.records.cell("email", 1) == ("ana@example.org", "a@x.org")
    assert placed.records.cell("birthday", 0) == placed.records.cell("birthday", 1) == ("1908-12-09",)
    assert (placed.table.tolist(), placed.row.tolist(), placed.records.source.tolist()) == ([0, 1], [1, 1], [0, 1])


def test_months_first_is_told_by_the_column() -> None:
    american = table([{"name": "Ana", "dob": "12/31/1980"}, {"name": "Joan", "dob": "2/3/1980"}])
    made = columns.records([american], columns.plan([american])).records
    assert [made.text("birthday", at) for at in (0, 1)] == ["1980-12-31", "1980-02-03"]


def test_accounts_carry_their_network() -> None:
    rows = [
        {
            "name": "Ana",
            "network": "Mastodon",
            "username": "@Anna@social.example.com",
            "Instagram": "anna.puig",
            "profile": "https://x.com/AnnaP",
        },
        {"name": "Joan", "network": "forum", "username": "joanet", "Instagram": "", "profile": ""},
    ]
    read = table(rows)
    made = columns.records([read], columns.plan([read])).records
    assert set(made.cell("username", 0)) == {"mastodon:anna@social.example.com", "instagram:anna.puig", "x:annap"}
    assert made.cell("username", 1) == ("forum:joanet",)
    assert "network" not in made.columns


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"company": "Forn Puig", "city": "Vic"}, "organisation"),
        ({"name": "Forn Puig S.L.", "phone": "93 111 22 33"}, "organisation"),
        ({"name": "Forn Puig", "domain": "fornpuig.example"}, "organisation"),
        ({"name": "Ana Puig", "company": "Forn Puig S.L.", "email": "ana@example.org"}, "person"),
        ({"company": "Forn Puig", "first name": "Ana"}, "person"),
    ],
)
def test_people_or_organisations(row: dict[str, str], kind: str) -> None:
    plan = columns.plan([table([row, row])])
    assert plan.kind == kind
    assert kind == "person" or "name" in plan.fields
    assert columns.plan([table([row, row])], kind="person").kind == "person"


def test_mapping_and_ignoring_prevail() -> None:
    read = [table([{"Kontakt": "Ana", "mail": "a@x.org", "id": "7"}])]
    plan = columns.plan(read, mapping={"kontakt": "name", "id": "id_number"}, ignore=["mail"])
    assert taken(plan) == {"Kontakt": "name", "mail": "", "id": "id_number"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mapping": {"nowhere": "name"}}, "There is no column 'nowhere'. There are: name, n"),
        ({"ignore": ["nowhere"]}, "There is no column 'nowhere'"),
        ({"mapping": {"name": "nom"}}, "There is no field 'nom'. There are: name, first_name"),
        ({"kind": "robot"}, "There is no kind 'robot'"),
        ({"ignore": ["name"]}, "No column says who the rows are (name: you said so; n: "),
    ],
)
def test_what_cannot_be_is_said(options: dict[str, object], words: str) -> None:
    with pytest.raises(PlanError) as caught:
        columns.plan([table([{"name": "Ana", "n": "1"}, {"name": "Joan", "n": "2"}])], **options)  # type: ignore[arg-type]
    assert words in str(caught.value)
