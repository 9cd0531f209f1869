"""What the team writes down by hand, as the log keeps it."""

from datetime import UTC, datetime
from pathlib import Path

from vincle.channels import team
from vincle.vocabulary import Fact, HandleRef, Reject

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EDIT = Path(__file__).parent / "team" / "edit.json"


def test_an_edit_is_one_fact_of_its_own_time() -> None:
    (fact,) = team.channel.parse(EDIT.read_bytes(), NOW)
    assert isinstance(fact, Fact)
    assert fact.native_id == "9f0c2f6d0f5e4f4b8a4b1d6a1c2e3f40"
    assert fact.observed_at == datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
    assert fact.handles == (HandleRef("email", "ana@example.org"),)
    assert (fact.name, fact.traits) == ("Ana Torres", {"city": "Girona", "Lead score": 12.5, "Lead source": ""})


def test_what_is_written_is_read_again() -> None:
    raw = team.write("a1", NOW, "marta@example.org", "Marta", HandleRef("phone", "+34600000001"), "", {"city": "Reus"})
    (fact,) = team.channel.parse(raw, NOW)
    assert isinstance(fact, Fact)
    assert (fact.native_id, fact.observed_at, fact.traits, fact.name) == ("a1", NOW, {"city": "Reus"}, "")
    assert team.read(raw).by_name == "Marta"


def test_something_else_is_rejected_and_no_error() -> None:
    for raw in (b"", b"[]", b"\xff", b'{"id": "x"}', b'{"id": 1, "at": "never", "by": "", "handle": {}}'):
        (reject,) = team.channel.parse(raw, NOW)
        assert isinstance(reject, Reject)
        assert reject.code == "not_an_edit"
