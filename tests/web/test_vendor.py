"""What is vendored is what was taken over: every file has its checksum, every folder its licence."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "vincle/web/static/vendor", ROOT / "tests/browser/vendor"]
EXPLAINING = {"CHECKSUMS", "README.md"}


def listed(folder: Path) -> dict[str, str]:
    pairs = (line.split("  ", 1) for line in (folder / "CHECKSUMS").read_text().splitlines())
    return {name: digest for digest, name in pairs}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_checksums(folder: Path) -> None:
    for name, digest in listed(folder).items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest, f"{name} is not the file that was vendored"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_nothing_unlisted(folder: Path) -> None:
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name not in EXPLAINING}
    assert files == {name for name in listed(folder) if not name.startswith("..")}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_package_has_licence_and_line(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    for package in (path for path in folder.iterdir() if path.is_dir()):
        assert list(package.glob("LICENSE*")), f"{package.name} has no licence"
        name, version = package.name.rsplit("-", 1)
        assert version in readme, f"the version of {package.name} is not said"
        assert name in readme, f"{package.name} is not explained"


def test_templates_and_sheets_name_vendored_files_that_exist() -> None:
    web = ROOT / "vincle/web"
    texts = [path.read_text() for path in [*web.rglob("*.html"), *web.glob("static/css/*.css")]]
    names = {name for text in texts for name in re.findall(r"vendor/([\w./-]+\.\w+)", text)}
    assert names
    assert not [name for name in names if not (web / "static/vendor" / name).is_file()]


def test_icons_used_are_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "vincle/web/static/icons.svg").read_text()))
    wanted = {line.strip() for line in (ROOT / "scripts/icons.txt").read_text().splitlines() if line.strip() and not line.startswith("#")}
    assert sprite == wanted
    used = {
        (name, path.name)
        for path in (ROOT / "vincle").rglob("*.html")
        for name in re.findall(r"""\{% icon ["']([\w-]+)["']""", path.read_text())
    }
    assert not {(name, where) for name, where in used if name not in sprite}


def test_every_channel_and_network_has_a_mark() -> None:
    from vincle.channels.registry import channels
    from vincle.web.tags.people import KINDS, NETWORKS

    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "vincle/web/static/icons.svg").read_text()))
    marks = (
        {channel.spec.icon for channel in channels().values()}
        | {f"brand-{name}" for name in NETWORKS}
        | {icon for icon, _ in KINDS.values()}
    )
    assert sorted(marks - sprite) == [], "add them to scripts/icons.txt and run scripts/vendor_icons.py"
