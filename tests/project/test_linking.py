"""Probable links from outside: the command, and the process that a worker starts for them."""

import time
from pathlib import Path

import pytest

from tests.identify.test_job import club, shop
from tests.project.installation import Installation, installation
from vincle.project import beside

pytestmark = pytest.mark.django_db


def test_the_command_says_what_it_did(tmp_path: Path, django_db_setup: None) -> None:
    with installation(tmp_path / "home") as made:
        made.workspace()
        _bring(made)
        done = made.json("identify")
        assert (done["people"], done["linked"], done["trained"]) == (110, 10, True)
        again = made.json("identify")
        assert (again["people"], again["linked"], again["trained"]) == (100, 0, False)
        assert made.json("identify", "--retrain")["trained"]


def _bring(made: Installation) -> None:
    for name, text in (("shop.csv", shop()), ("club.csv", club(range(10)))):
        (made.home / name).write_text(text)
        made.json("import", str(made.home / name))


class _Child:
    """Stands for a process that takes a while."""

    started = 0

    def __init__(self, *_args: object, **_more: object) -> None:
        type(self).started += 1
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code


def test_a_worker_has_one_child_at_a_time_and_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    due = True
    monkeypatch.setattr(beside.subprocess, "Popen", _Child)
    _Child.started = 0
    found = beside.Child("identify", lambda: due, 0.0)
    began = time.monotonic()
    for _ in range(3):
        found.turn()
    assert _Child.started == 1
    assert time.monotonic() - began < 1
    assert isinstance(found.child, _Child)
    found.child.code = 1
    found.turn()
    assert _Child.started == 2
    assert isinstance(found.child, _Child)
    found.child.code, due = 0, False
    found.turn()
    assert found.child is None
    assert _Child.started == 2
