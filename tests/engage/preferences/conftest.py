"""Every test begins with full buckets."""

import pytest

from vincle.engage.preferences import views_public, visiting


@pytest.fixture(autouse=True)
def _rested() -> None:
    for each in (visiting.STRANGERS, visiting.CHANGES, views_public.LINKS):
        each.clear()
