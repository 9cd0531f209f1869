"""Every way a connection can fail is told in words, with what to do."""

import re
from pathlib import Path

from vincle.channels.registry import channels
from vincle.listen import doctor_words
from vincle.listen.doctor_codes import CODES, KINDS
from vincle.listen.doctor_names import STREAMS

SOURCES = [
    path for path in (Path(__file__).resolve().parents[2] / "vincle").rglob("*.py") if path.parts[-2] in ("channels", "listen", "outbox")
]
RAISED = re.compile(
    r'Problem\(\s*"(?:auth|quota|transient|permanent|gone)",\s*"(\w+)"|\("(?:auth|quota|transient|permanent|gone)", "(\w+)"\)'
)


def test_every_code_has_words() -> None:
    lines = [line for path in SOURCES for line in path.read_text().splitlines() if ">>>" not in line]
    found = {code for pair in RAISED.findall("\n".join(lines)) for code in pair if code} - set(KINDS) - {"deleted", "hidden"}
    found = {code for code in found if not code.startswith("http_")}  # bare statuses are told by their kind
    assert len(found) > 40
    assert not found - set(CODES), f"say in vincle/listen/doctor_codes.py what these are and what to do: {sorted(found - set(CODES))}"


def test_every_stream_has_a_name() -> None:
    found = {stream.name.partition(":")[0] for channel in channels().values() for stream in channel.spec.streams}
    assert not found - set(STREAMS), f"name these in STREAMS of vincle/listen/doctor_names.py: {sorted(found - set(STREAMS))}"


def test_words_for_what_nobody_foresaw() -> None:
    assert set(KINDS) == {"auth", "quota", "transient", "permanent", "gone"}
    assert doctor_words.said("auth", "http_418").what == "The service no longer lets Vincle in"
    told = doctor_words.said("strange", "some_code")
    assert (told.what, told.detail) == ("Something went wrong", "some code")
    assert all(words.what and words.do for words in (doctor_words.said("", code) for code in CODES))


def test_remarks_say_what_they_are_about() -> None:
    assert doctor_words.note("no_such_folder:Archive") == "There is no folder “Archive” in the mailbox."
    assert doctor_words.note("some_remark") == "Some remark"
    assert doctor_words.stream("hashtag:coffee") == "Hashtag: coffee"


def test_what_a_platform_says_is_shown_without_keys() -> None:
    told = doctor_words.said("auth", "token_invalid", "Token EAAB0123456789abcdefABCDEF0123\nhas expired at 17:04 on Sunday").detail
    assert told == "Token … has expired at 17:04 on Sunday"
    assert doctor_words.plain("Cafè Lligam 102233445566778, Shop 998877665544332") == "Cafè Lligam 102233445566778, Shop 998877665544332"
    assert len(doctor_words.plain("word " * 200)) == 300
