"""Scores beside the steps: everybody is worked out in a process of its own, one at a time, and only when it is due."""

import subprocess
from typing import Any
from unittest.mock import Mock

import pytest

from vincle.organise import scoring_rounds
from vincle.project import rounds, scoring


class Child:
    """A process that runs until it is told how it ended."""

    def __init__(self, command: list[str], **_more: Any) -> None:
        self.command, self.code, self.ended = command, None, ""

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.ended = "terminated"

    def wait(self, _seconds: float | None = None) -> None:
        self.code = 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    found: list[Child] = []

    def start(command: list[str], **more: Any) -> Child:
        found.append(Child(command, **more))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(scoring, "LOOK", 0.0)
    monkeypatch.setattr(scoring, "FIRST_LOOK", 0.0)
    return found


def test_a_child_starts_when_it_is_due_and_no_second_beside_it(started: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    due: list[str] = []
    monkeypatch.setattr(scoring_rounds, "due", lambda: due)
    monkeypatch.setattr(scoring_rounds, "follow", lambda: 0)
    beside = scoring.Scoring()
    assert beside._round() == scoring.PAUSE
    assert started == []
    due.append("a workspace")
    beside._round()
    beside._round()
    assert [child.command[-2:] for child in started] == [["scores", "--due"]]
    started[0].code = 1
    beside._round()
    assert len(started) == 2
    beside.stop()
    assert started[1].ended == "terminated"


def test_trouble_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise RuntimeError("no disk")

    monkeypatch.setattr(scoring_rounds, "due", list)
    monkeypatch.setattr(scoring_rounds, "follow", fail)
    monkeypatch.setattr(rounds, "close_old_connections", lambda: None)
    logger = Mock()
    monkeypatch.setattr(rounds, "logger", logger)
    assert scoring.Scoring()._round() == scoring.Scoring.after_trouble
    assert "RuntimeError" in logger.error.call_args.kwargs["error"]


def test_while_people_are_followed_it_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_rounds, "due", list)
    monkeypatch.setattr(scoring_rounds, "follow", lambda: 7)
    assert scoring.Scoring()._round() < scoring.PAUSE
