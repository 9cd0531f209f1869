"""Static files: addressed by content, kept by browsers for ever, served straight from the package."""

from pathlib import Path

import pytest
from django.test import Client, override_settings

from vincle.web import staticfiles
from vincle.web.staticfiles import HashedStorage, fingerprint, is_lasting


def test_address_changes_with_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tmp_path / "a.css"
    monkeypatch.setattr(staticfiles, "found", lambda name: str(sheet))
    with override_settings(DEBUG=True):
        sheet.write_text("one")
        first = fingerprint("a.css")
        sheet.write_text("two, longer")
        assert first
        assert first != fingerprint("a.css")


def test_missing_file_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"css/none\.css"):
        HashedStorage().url("css/none.css")


def test_served_and_kept_for_ever(client: Client) -> None:
    url = HashedStorage().url("css/tokens.css")
    answer = client.get(url)
    assert answer.status_code == 200
    assert b"--brand" in b"".join(answer)
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("query", ["", "v=000000000000", "w=1"])
def test_another_version_is_not_kept(client: Client, query: str) -> None:
    answer = client.get(f"/static/css/tokens.css?{query}")
    assert answer.status_code == 200
    assert "immutable" not in answer["Cache-Control"]


def test_vendored_files_are_kept_and_compressed(client: Client) -> None:
    answer = client.get("/static/vendor/echarts-6.1.0/echarts.min.js", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]
    assert not is_lasting("/static/../vendor/x", "")


def test_missing_vendored_file_is_not_kept(client: Client) -> None:
    answer = client.get("/static/vendor/none.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.get("Cache-Control", "")


def test_sheets_hold_colours_in_one_place() -> None:
    import re

    components = Path(staticfiles.__file__).parent / "static/css/components.css"
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b(?!\")|\brgba?\(", components.read_text().replace('url("#hatch")', ""))
