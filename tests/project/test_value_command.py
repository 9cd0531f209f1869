"""`vincle value` over files of all kinds."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from vincle.project.commands.value import value_command
from vincle.science.value import bgnbd
from vincle.science.value.fitted import Covariates
from vincle.science.value.histories import of_purchases

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SHARED = SHARED if SHARED.is_dir() else Path("/work/shared/data")
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="SHARED DATA ABSENT: public sets are not run end to end")
START = date(2024, 1, 1)


def _run(*words: object) -> Result:
    return CliRunner().invoke(value_command, [str(word) for word in words])


def _json(*words: object) -> dict[str, Any]:
    found = _run(*words, "--json")
    assert found.exit_code == 0, found.output
    facts: dict[str, Any] = json.loads(found.stdout)
    return facts


def _orders(size: int = 120, seed: int = 2) -> list[tuple[str, date, float]]:
    chance, rows = np.random.default_rng(seed), []
    for one in range(size):
        at, rate, leaves = float(chance.integers(0, 200)), chance.gamma(1.2, 1 / 50), chance.beta(0.8, 4)
        while at <= 500:
            rows.append((f"c{one}", START + timedelta(int(at)), round(float(chance.gamma(4, 10)), 2)))
            if chance.random() < leaves:
                break
            at += chance.exponential(1 / rate)
    return rows


def _file(path: Path, separator: str = ",", form: str = "%Y-%m-%d", extra: tuple[str, ...] = (), encoding: str = "utf-8") -> Path:
    lines = [separator.join((who, when.strftime(form), f"{money}")) for who, when, money in _orders()]
    path.write_text("\n".join([separator.join(("customer", "día", "total")), *lines, *extra]), encoding=encoding)
    return path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "paretonbd", "bgbb", "auto"])
def test_every_model(tmp_path: Path, model: str) -> None:
    path, out = _file(tmp_path / "orders.csv"), tmp_path / "customers.csv"
    facts = _json(path, "--id", "customer", "--date", "día", "--amount", "total", "--model", model, "--out", out, "--unit", "month")
    assert {"model", "parameters", "log_likelihood", "customers", "standard_errors", "holdout", "comparison"} <= facts.keys()
    assert facts["customers"] == 120
    if model in ("bgnbd", "mbgnbd", "paretonbd"):
        assert facts["model"] == model
        assert set(facts["parameters"]) - {"p", "q", "gamma"} == set(
            "r alpha s beta".split() if model == "paretonbd" else "r alpha a b".split()
        )
    rows = _rows(out)
    assert list(rows[0])[:9] == ["id", "x", "t_x", "T", "p_alive", "expected_purchases", "expected_value", "low", "high"]
    assert len(rows) == 120
    assert sum(float(row["expected_purchases"]) for row in rows) == pytest.approx(facts["total"]["purchases"], rel=1e-3)
    for row in rows:
        assert 0 <= float(row["p_alive"]) <= 1
        assert 0 <= float(row["low"]) <= float(row["high"])


def test_the_same_out_of_any_writing(tmp_path: Path) -> None:
    asked = ("--id", "customer", "--date", "día", "--amount", "total", "--model", "bgnbd")
    plain = _json(_file(tmp_path / "a.csv"), *asked)
    for name, more in {
        "tabs.txt": {"separator": "\t", "form": "%d.%m.%Y"},
        "semicolons.csv": {"separator": ";", "form": "%d/%m/%Y %H:%M", "encoding": "cp1252"},
        "blanks.txt": {"separator": "   ", "form": "%Y%m%d"},
        "wide.csv": {"form": "%d %b %Y", "encoding": "utf-16"},
    }.items():
        facts = _json(_file(tmp_path / name, **more), *asked)
        assert (facts["parameters"], facts["customers"]) == (plain["parameters"], plain["customers"]), name


def test_calibration_and_what_came_after(tmp_path: Path) -> None:
    path = _file(tmp_path / "orders.csv")
    facts = _json(path, "--id", "customer", "--date", "2", "--amount", "3", "--calibration-end", "2025-01-31", "--model", "paretonbd")
    held = facts["holdout"]
    after = {(who, when) for who, when, _ in _orders() if when > date(2025, 1, 31)}
    assert facts["calibration_end"] == "2025-01-31"
    assert held["actual"] == len(after)
    assert held["days"] == pytest.approx((max(when for _, when, _ in _orders()) - date(2025, 1, 31)).days)
    assert [each["model"] for each in facts["comparison"]] == ["paretonbd", "mbgnbd", "bgnbd", "cohorts"]


def test_bad_rows_are_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    extra = ("c1,2025-13-45,3", "c2,2025-03-01,lots", ",2025-03-01,9", "c3,,9", '"=cmd()",2025-03-02,"€1.234,50"', "c4,2025-03-02,-12.50")
    path, out = _file(tmp_path / "orders.csv", extra=extra), tmp_path / "out.csv"
    facts = _json(path, "--id", "customer", "--date", "día", "--amount", "total", "--out", out)
    assert facts["customers"] == 121
    assert facts["left_out"] == {"no customer": 1, "no date": 1, "is no date": 1, "is no amount": 1}
    number = len(_orders()) + 2
    assert any(line.startswith(f"line {number}:") and "2025-13-45" in line for line in facts["lines"])
    assert any("1 refunds" in note for note in facts["notes"])
    assert "'=cmd()" in {row["id"] for row in _rows(out)}


def test_money_of_several_currencies_is_not_added(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    lines = [f'{who},{when},"{money} {"USD" if at % 9 == 0 else "EUR"}"' for at, (who, when, money) in enumerate(_orders())]
    path.write_text("\n".join(["customer,date,total", *lines]))
    facts = _json(path, "--id", "customer", "--date", "date", "--amount", "total")
    assert facts["left_out"] == {"is not in EUR: counted as a purchase, its money is not": len(lines[::9])}
    assert "amounts are in EUR" in facts["notes"]
    assert facts["customers"] == 120


def test_a_summary(tmp_path: Path) -> None:
    path, out = tmp_path / "summary.csv", tmp_path / "out.csv"
    chance = np.random.default_rng(1)
    x = chance.poisson(1.5, 300)
    rows = [f"{at},{many},{min(30, 3 * many)},{39 + at % 3}" for at, many in enumerate(x)]
    path.write_text("\n".join(["ID,frequency,recency,T", *rows, "bad,2,50,40", "worse,1,0,40", "words,x,1,3"]))
    facts = _json(path, "--model", "bgnbd", "--horizon", "10", "--out", out)
    assert (facts["customers"], facts["why"], facts["spend"]) == (300, "asked", None)
    assert sum(facts["left_out"].values()) == 3
    assert _rows(out)[0]["expected_value"] == ""
    assert _run(path, "--calibration-end", "2024-01-01", "--json").exit_code == 2


def test_few_buyers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("\n".join(["who,day", *(f"{who},{when}" for who, when, _ in _orders(20))]))
    facts = _json(path, "--id", "who", "--date", "day")
    assert (facts["model"], facts["why"], facts["parameters"]) == ("cohorts", "few_buyers", {})
    assert "too few" in _run(path, "--id", "who", "--date", "day").stdout


def test_misuse_and_failure(tmp_path: Path) -> None:
    path = _file(tmp_path / "orders.csv")
    asked = ("--id", "customer", "--date", "día")
    assert _run(path).exit_code == 2
    assert _run(path, "--id", "nobody", "--date", "día").exit_code == 2
    assert _run(tmp_path / "none.csv", *asked).exit_code == 2
    assert _run(path, *asked, "--calibration-end", "soon").exit_code == 2
    assert _run(path, *asked, "--model", "crystal").exit_code == 2
    assert _run(path, *asked, "--calibration-end", "1999-01-01").exit_code == 1
    assert _run(path, *asked, "--out", tmp_path / "no" / "where.csv").exit_code == 1
    both = tmp_path / "both.csv"
    both.write_text("who,day\n1,04/05/2024\n2,06/07/2024\n1,08/09/2024\n")
    assert "--date-order" in _run(both, "--id", "who", "--date", "day").stderr
    assert _run(both, "--id", "who", "--date", "day", "--date-order", "dmy").exit_code == 0
    empty = tmp_path / "empty.csv"
    empty.write_text("who,day\n")
    assert _run(empty, "--id", "who", "--date", "day").exit_code == 1


@shared
def test_cdnow_end_to_end(tmp_path: Path) -> None:
    out = tmp_path / "customers.csv"
    facts = _json(
        SHARED / "value_cdnow" / "CDNOW_sample.txt", "--id", 2, "--date", 3, "--amount", 5, "--model", "bgnbd", "--unit", "week",
        "--calibration-end", "1997-09-30", "--horizon", 39, "--out", out,
    )  # fmt: skip
    assert facts["customers"] == 2357
    assert facts["log_likelihood"] == pytest.approx(-9582.43, abs=0.006)
    places = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "p": 6.25, "q": 3.74, "gamma": 15.44}
    assert facts["parameters"] == {name: pytest.approx(value, abs=0.006) for name, value in places.items()}
    assert (facts["holdout"]["actual"], facts["holdout"]["cumulative_actual"]) == (1882, 2457 + 1882)
    assert abs(facts["holdout"]["cumulative_error"]) < 0.05
    first = _rows(out)[0]
    assert (first["id"], first["x"]) == ("0001", "2")
    assert float(first["expected_purchases"]) == pytest.approx(1.226, abs=0.001)


@shared
def test_retail_end_to_end() -> None:
    path = SHARED / "value_retail" / "sample_customers_10pct.csv"
    facts = _json(
        path, "--id", "CustomerID", "--date", "InvoiceDate", "--amount", "UnitPrice", "--quantity", "Quantity", "--order", "InvoiceNo"
    )
    assert facts["customers"] + facts["only_refunds"] == 445
    assert facts["total"]["low"] < facts["total"]["value"] < facts["total"]["high"]
    assert any("664 refunds" in note for note in facts["notes"])
    by_itself = _json(path, "--id", "CustomerID", "--date", "InvoiceDate", "--amount", "UnitPrice")
    assert by_itself["parameters"] == facts["parameters"]


@shared
def test_donations_end_to_end(tmp_path: Path) -> None:
    folder, out = SHARED / "value_donations", tmp_path / "out.csv"
    facts = _json(folder / "donations.csv", "--model", "bgbb", "--unit", "year", "--horizon", 5, "--out", out)
    assert facts["customers"] == 11104
    assert facts["log_likelihood"] == pytest.approx(-33225.6, abs=0.05)
    places = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    assert facts["parameters"] == {name: pytest.approx(value, abs=0.0006) for name, value in places.items()}
    assert len(_rows(out)) == 22
    log = _json(folder / "discreteSimElog.csv", "--id", "cust", "--date", "date", "--unit", "year")
    assert (log["model"], log["why"]) == ("bgbb", "on_a_grid")


def _known(path: Path, seed: int = 8) -> tuple[Path, dict[str, tuple[str, float]]]:
    """Orders with a channel, an age and a shop: those by shop buy oftener. Some rows say nothing, one customer changes."""
    chance = np.random.default_rng(seed)
    rows = [(who, when, money) for who, when, money in _orders(200, seed)]
    told = {who: (("shop", "web", "fair")[int(chance.integers(0, 3))], float(chance.integers(20, 70))) for who, _when, _money in rows}
    kept = [row for row in rows if told[row[0]][0] != "web" or int(row[0][1:]) % 2 or chance.random() < 0.5]
    lines = ["customer,date,total,channel,age,same"]
    for who, when, money in kept:
        channel = "" if (who, when) == kept[-1][:2] else told[who][0]
        lines.append(f"{who},{when},{money},{channel},{told[who][1]:g},x")
    path.write_text("\n".join(lines))
    return path, told


def test_covariates_are_those_of_the_function(tmp_path: Path) -> None:
    path, told = _known(tmp_path / "known.csv")
    facts = _json(path, "--id", "customer", "--date", "date", "--model", "bgnbd", "--penalty", 1, "--covariates", "channel, age")
    read = [(who, date.fromisoformat(when)) for who, when, *_ in (line.split(",") for line in path.read_text().splitlines()[1:])]
    seen = of_purchases([who for who, _ in read], [when.toordinal() for _, when in read])
    ages = np.array([told[who][1] for who in seen.ids])
    groups = facts["covariates"]["columns"][0]
    words = [each["value"] for each in groups["groups"]]
    assert groups["reference"] == words[0]
    assert sum(each["customers"] for each in groups["groups"]) == len(seen.ids) == facts["customers"]
    columns = [np.array([told[who][0] == word for who in seen.ids], float) for word in words[1:]] + [(ages - ages.mean()) / ages.std()]
    names = (*(f"channel={word}" for word in words[1:]), "age")
    model = bgnbd.fit(seen.histories, penalty=1, covariates=Covariates(names, np.column_stack(columns)))
    assert facts["parameters"].keys() == model.parameters.keys()
    assert facts["parameters"] == pytest.approx(model.parameters, rel=1e-4, abs=1e-4)
    assert facts["standard_errors"] == pytest.approx(model.standard_errors, rel=1e-2)
    assert facts["log_likelihood"] == pytest.approx(model.log_likelihood, abs=1e-6)
    plain = bgnbd.fit(seen.histories, penalty=1)
    assert facts["covariates"]["log_likelihood_without"] == pytest.approx(plain.log_likelihood)
    assert facts["covariates"]["degrees"] == 9
    h = seen.histories
    assert facts["total"]["purchases"] == pytest.approx(model.expected(h.x, h.t_x, h.T, 52, np.column_stack(columns)).sum(), rel=1e-4)


@pytest.mark.parametrize("model", ["auto", "paretonbd", "mbgnbd", "bgbb"])
def test_covariates_with_every_model_and_a_hold_out(tmp_path: Path, model: str) -> None:
    path, _told = _known(tmp_path / "known.csv")
    out = tmp_path / "out.csv"
    options = (
        "--id",
        "customer",
        "--date",
        "date",
        "--amount",
        "total",
        "--model",
        model,
        "--covariates",
        "channel,age",
        "--unit",
        "month",
    )
    facts = _json(path, *options, "--calibration-end", "2024-12-31", "--out", out)
    assert facts["covariates"]["degrees"] in (6, 9)
    assert any(name.endswith(".age") for name in facts["parameters"])
    assert 0.5 < facts["holdout"]["expected"] / facts["holdout"]["actual"] < 2
    assert facts["holdout"]["cover"] > 0.8
    assert len(_rows(out)) == facts["customers"]
    said = _run(path, *options).output
    assert "Covariates:" in said
    assert "age: for each" in said


@pytest.mark.parametrize(
    ("columns", "said"),
    [("same", "no two groups"), ("customer", "no two groups"), ("nothing", "no column"), ("age,age", "")],
)
def test_columns_that_tell_nobody_from_another(tmp_path: Path, columns: str, said: str) -> None:
    path, _told = _known(tmp_path / "known.csv")
    found = _run(path, "--id", "customer", "--date", "date", "--model", "bgnbd", "--covariates", columns)
    assert (found.exit_code == 0) == (not said), found.output
    assert said in found.output


def test_a_customer_of_whom_several_things_are_said_and_a_summary(tmp_path: Path) -> None:
    rows = [
        (f"c{n}", date(2024, 1, 1) + timedelta(days=n % 7 + 30 * k), "a" if n % 2 else "b") for n in range(60) for k in range(n % 4 + 1)
    ]
    path = tmp_path / "orders.csv"
    lines = [f"{who},{when},{'b' if who == 'c7' and when.month > 1 else kind}" for who, when, kind in reversed(rows)]
    path.write_text("\n".join(["customer,date,kind", *lines]))
    facts = _json(path, "--id", "customer", "--date", "date", "--model", "mbgnbd", "--penalty", "1", "--covariates", "kind")
    assert [(each["value"], each["customers"]) for each in facts["covariates"]["columns"][0]["groups"]] == [("a", 30), ("b", 30)]
    assert any("several things of 1 customers" in note for note in facts["notes"])
    table = tmp_path / "summary.csv"
    table.write_text("\n".join(["x,t_x,T,kind", *(f"{n % 3},{5.5 if n % 3 else 0},{20 + n % 9},{'ab'[n % 2]}" for n in range(80))]))
    told = _json(table, "--model", "bgnbd", "--penalty", "1", "--covariates", "kind")
    assert "alpha.kind=b" in told["parameters"]
