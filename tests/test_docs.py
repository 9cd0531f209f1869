"""What the documentation says is true: its commands run, its snippets run, its links lead somewhere, its examples work."""

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from tests.project.installation import Installation, installation

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))
FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
LARGEST_PICTURE = 250_000
pytestmark = pytest.mark.xdist_group("documentation")  # one installation, whose commands follow each other


class Block(NamedTuple):
    page: str
    kind: str
    body: str


def blocks(*kinds: str) -> list[Block]:
    """Fenced blocks whose first word is one of `kinds`, indentation taken off."""
    found = []
    for page in PAGES:
        for match in FENCE.finditer(page.read_text()):
            if match["kind"].split(" ")[0] in kinds:
                body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.M)
                found.append(Block(str(page.relative_to(ROOT)), match["kind"], body))
    return found


def commands() -> dict[str, int]:
    """Each command of the documentation once, in the order of reading, with the exit code it is said to have."""
    found: dict[str, int] = {}
    for block in blocks("sh"):
        code = int(block.kind.partition("exit=")[2] or 0)
        for line in block.body.splitlines():
            assert line.startswith("vincle "), f"{block.page}: blocks marked sh are run; this is no command of vincle: {line}"
            found.setdefault(line, code)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A small demo, and a folder from which its commands are run."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "var").mkdir()
    with installation(folder / "var") as made:
        made.run("demo", "--people", "60", "--months", "3", "--seed", "3")
        made.run("demo", "--files", str(folder / "examples"))
        (folder / "examples" / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
        yield made


@pytest.mark.parametrize(("line", "code"), commands().items())
def test_command(line: str, code: int, place: Installation) -> None:
    _, *arguments = shlex.split(line)
    done = place.ask(*arguments, cwd=place.home.parent)
    assert done.returncode == code, f"{line}\n{done.stdout}\n{done.stderr}"
    assert done.stdout or done.stderr


def snippets() -> list[Any]:
    found = [block for block in blocks("python") if block.page.startswith("docs/guides")]
    return [pytest.param(block, marks=pytest.mark.slow) if "slow" in block.kind else block for block in found]


@pytest.mark.parametrize("block", snippets())
def test_snippet(block: Block, place: Installation) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block.body], env=place.environment, cwd=place.home.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    if "print(" in block.body:
        assert len(done.stdout.splitlines()) > 1, "the snippet finds nothing"


def test_links_and_pictures_lead_somewhere() -> None:
    missing = []
    for page in PAGES:
        text = FENCE.sub("", page.read_text())
        for match in LINK.finditer(text):
            target, _, anchor = (match[1] or match[2]).partition("#")
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            aim = (page.parent / target).resolve() if target else page
            if not aim.exists():
                missing.append(f"{page.relative_to(ROOT)}: {target}")
            elif anchor and anchor not in anchors(aim):
                missing.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")
    assert not missing, "\n".join(missing)


def anchors(page: Path) -> set[str]:
    """The anchors a Markdown page has: its headings in lower case, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pictures_are_small_and_all_are_shown() -> None:
    shown = {(page.parent / (match[1] or match[2])).resolve() for page in PAGES for match in LINK.finditer(page.read_text())}
    pictures = set((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    assert not (pictures - shown), "pictures no page shows"
    assert not [picture.name for picture in pictures if picture.stat().st_size > LARGEST_PICTURE]


@pytest.mark.parametrize("name", ["settings.md", "commands.md", "channels.md", "api.md", "journey.schema.json"])
def test_reference_is_in_step(name: str) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import references
    finally:
        sys.path.pop(0)
    assert (ROOT / "docs" / "reference" / name).read_text() == references.PAGES[name](), "run scripts/references.py"


def test_every_command_and_setting_that_is_spoken_of_exists() -> None:
    from dataclasses import fields

    from vincle.project.cli import COMMANDS
    from vincle.project.options import Settings, env_name

    settings = {env_name(field.name) for field in fields(Settings)}
    unknown = set()
    for page in PAGES:
        text = page.read_text()
        unknown |= {name for name in re.findall(r"\bVINCLE_[A-Z_]+\b", text) if name not in settings}
        unknown |= {f"vincle {name}" for name in re.findall(r"(?:`|\$ |^ *)vincle ([a-z]+)\b", text, re.M) if name not in COMMANDS}
    assert not unknown, unknown


def test_the_channel_of_the_contributing_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """As written there it is found, recognises its file and reads it; its bad line is a reject that names itself."""
    from vincle.channels.base import Options, Sample
    from vincle.vocabulary import Activity, Reject

    source = next(block.body for block in blocks("python") if block.page == "CONTRIBUTING.md")
    module: Any = ModuleType("vincle.channels.guestbook")
    module.__package__ = "vincle.channels"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, "CONTRIBUTING.md", "exec"), module.__dict__)
    book = module.GuestBook()
    content = b'{"guest": "Ona", "id": 7, "at": 1760000000, "words": "Quin cafe!"}\nno json\n'
    options = Options(file_key="f", now=datetime(2026, 11, 21, tzinfo=UTC))
    assert book.recognise(Sample(head=content, size=len(content))) > 0.9
    assert book.recognise(Sample(head=b"Email,Name\n", size=11)) == 0
    first, second = book.read(io.BytesIO(content), options)
    assert isinstance(first, Activity)
    assert (first.native_id, first.text, first.actor.value) == ("7", "Quin cafe!", "ona")
    assert isinstance(second, Reject)
    assert second.line == 2
    assert list(book.read(io.BytesIO(content), options)) == [first, second]
