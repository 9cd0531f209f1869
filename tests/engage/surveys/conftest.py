import pytest

from vincle.engage.surveys import held


@pytest.fixture(autouse=True)
def _nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of a test sees what the one before it wrote."""
    monkeypatch.setattr(held, "SECONDS", 0)
