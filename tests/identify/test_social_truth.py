"""The made-up town: the same every time, and as hard as it says."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType


def town() -> ModuleType:
    spec = importlib.util.spec_from_file_location("social_truth", Path(__file__).with_name("social_truth.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["social_truth"] = module
    spec.loader.exec_module(module)
    return module


def test_it_is_the_same_every_time() -> None:
    assert town().social_accounts(80, 3) == town().social_accounts(80, 3)


def test_it_is_as_hard_as_it_says() -> None:
    rows, truth = town().social_accounts(600, 5)
    assert len(rows) == len(truth)
    assert len(set(truth)) == 600
    users = [row["username"].lower() for row in rows if "username" in row]
    assert len(users) == len(set(users))
    bearers: dict[str, set[int]] = {}
    phones: dict[str, set[int]] = {}
    for row, person in zip(rows, truth, strict=True):
        if "last_name" in row:
            bearers.setdefault(f"{row['first_name']} {row['last_name']}", set()).add(person)
        if "phone" in row:
            phones.setdefault(row["phone"][-9:], set()).add(person)
    assert any(len(people) > 1 for people in bearers.values())
    assert any(len(people) > 1 for people in phones.values())
    assert max(Counter(truth).values()) > 2
