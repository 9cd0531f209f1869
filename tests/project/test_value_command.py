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
    assert [each["model"] for each in facts["comparison"]] == ["paretonbd", "bgnbd", "mbgnbd", "cohorts"]


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
