"""What the tests of single channels share: reading a payload or some bytes with a channel."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vincle.channels import registry
from vincle.channels.base import Options
from vincle.vocabulary import Outcome

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
Read = Callable[[str, str | bytes], list[Outcome]]


@pytest.fixture(scope="session")
def reading() -> Read:
    """`reading(channel, file name or bytes)`: every outcome of a payload of the channel, or of these bytes."""

    def read(channel: str, content: str | bytes) -> list[Outcome]:
        raw = (Path(__file__).parent / channel / content).read_bytes() if isinstance(content, str) else content
        return list(registry.channels()[channel].read(io.BytesIO(raw), Options(file_key="k", now=NOW)))

    return read
