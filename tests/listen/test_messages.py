"""Every code that a channel can raise has a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

import vincle.channels
from vincle.channels.live import Way
from vincle.channels.registry import channels
from vincle.engage.inbox import wording
from vincle.listen.doctor_codes import CODES
from vincle.listen.messages import FIELDS, NETWORKS, SENTENCES, sentence

CHANNELS = Path(vincle.channels.__file__).parent
CODE = "abcdefghijklmnopqrstuvwxyz_"
# Codes that are put together: what the pieces can become.
COMPOSED = {"invalid_": {"invalid_country", "invalid_language", "invalid_url"}}


def _said_in(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that hold a code."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in ("Problem", "Way"):
        return  # theirs have words of their own
    yield from (word.value for word in call.keywords if word.arg in ("code", "fault"))
    if name in ("FileError", "DateError", "warn", "_warn", "_refuse", "_reject"):
        yield from call.args[:1]
    if name == "ValueError":
        yield from (
            arg for arg in call.args[:1] if isinstance(arg, ast.JoinedStr) or (isinstance(arg, ast.Constant) and " " not in str(arg.value))
        )


def _codes(path: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    found: set[str] = set()
    for expression in (each for call in calls for each in _said_in(call)):
        words = {node.value for node in ast.walk(expression) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found |= {code for word in words if word.strip(CODE) == "" and "_" in word for code in COMPOSED.get(word, {word})}
    return found


def test_the_walk_finds_codes() -> None:
    found = set().union(*(_codes(path) for path in CHANNELS.glob("*.py")))
    assert {"empty_file", "zip_bomb", "invalid_email", "ambiguous_date", "card_not_closed", "no_handle", "invalid_language"} <= found


@pytest.mark.parametrize("path", sorted(CHANNELS.glob("*.py")), ids=lambda path: path.stem)
def test_every_code_has_a_sentence(path: Path) -> None:
    missing = {code for code in _codes(path) - set(SENTENCES) if not _has_words(code)}
    assert not missing, f"add a sentence for {sorted(missing)} to vincle/listen/messages.py"


def _words(path: Path, name: str, place: int) -> set[str]:
    """The plain words that stand at a place, or as `code=`, in calls of this name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]
    said = [arg for call in calls for arg in (*call.args[place : place + 1], *(word.value for word in call.keywords if word.arg == "code"))]
    return {arg.value for arg in said if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and arg.value}


def _has_words(code: str) -> bool:
    shut, free, now = Way(deed="reply", is_open=False, code=code), Way(deed="reply", code=code), timezone.now()
    plain, general = Way(deed="reply"), Way(deed="reply", is_open=False)
    return wording.closed(shut) != wording.closed(general) or wording.law(free, now) != wording.law(plain, now)


def test_every_problem_of_a_connection_and_every_closed_way_has_words() -> None:
    found = {path: (_words(path, "Problem", 1), _words(path, "Way", 9)) for path in CHANNELS.glob("*.py")}
    assert {"needs_template"} < set().union(*(ways for _problems, ways in found.values()))
    missing = {
        (path.stem, code)
        for path, (problems, _ways) in found.items()
        for code in problems
        if code not in CODES and not code.startswith("http_")
    }
    missing |= {(path.stem, code) for path, (_problems, ways) in found.items() for code in ways if not _has_words(code)}
    assert not missing


@pytest.mark.parametrize("name", sorted(channels()))
def test_every_field_has_a_name(name: str) -> None:
    missing = {field for field in channels()[name].fields() if field not in FIELDS | NETWORKS}
    assert not missing, f"name the fields {sorted(missing)} in vincle/listen/messages.py"


def test_a_sentence_carries_the_value() -> None:
    assert sentence("invalid_email", "ana@") == "This is not an e-mail address: “ana@”"
    assert sentence("empty_file") == "The file is empty."
    assert "never_heard_of" in sentence("never_heard_of")
