"""Pictures of every screen, from a real installation with the default demo.

Into docs/images go those the documentation shows. `--out FOLDER` takes all of them instead: each screen light and dark, wide and narrow.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.tools import DESK, PHONE, Place, launch, prefer, settled  # noqa: E402
from tests.project.installation import installation  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SHOWN = (
    "pulse-light", "pulse-dark", "pulse-phone", "people-light", "person-light", "review-light", "preview-light", "campaign-light",
    "letter-light", "journey-light", "posts-light", "form-light",
)  # fmt: skip
LARGEST = 250_000


TELLING = """
from vincle.identify.models import Belonging
from vincle.listen.models import Activity, Handle
from vincle.organise.models import Profile
from vincle.vocabulary import public_id
spoke = {}
recent = set(Profile.objects.filter(kind="person", last_at__isnull=False).order_by("-last_at").values_list("person", flat=True)[:400])
for handle, person in Belonging.objects.values_list("handle", "person"):
    spoke.setdefault(person, []).append(handle)
kind = dict(Handle.objects.values_list("key", "kind"))
wordy = set(Activity.objects.filter(verb="Create", direction="in").values_list("actor", flat=True))
known = lambda who: (len({kind[key] for key in spoke[who]}), sum(key in wordy for key in spoke[who]), who)
print(public_id(max(recent & set(spoke), key=known)))
"""


def person(page: Page, place: Place) -> None:
    """Of those seen lately, the one who goes by most kinds of handle and spoke by most of them."""
    page.goto(place.at(f"people/{place.installation.python(TELLING)}/"))


def preview(page: Page, place: Place) -> None:
    files = place.installation.home / "files"
    if not files.exists():
        place.installation.run("demo", "--files", str(files))
    page.goto(place.at("listen/imports/"))
    page.set_input_files("#files", files / "mailchimp.csv")
    page.wait_for_url("**/imports/new/**")
    page.locator("#trial-result .tiles").wait_for()


def named(path: str, name: str) -> Callable[[Page, Place], None]:
    """What a list calls so."""

    def go(page: Page, place: Place) -> None:
        page.goto(place.at(path))
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_load_state("load")
        page.wait_for_timeout(1500)  # letters show themselves in frames

    return go


def at(path: str) -> Callable[[Page, Place], None]:
    return lambda page, place: void(page.goto(place.at(path)))


def void(_: object) -> None:
    return None


SCREENS: dict[str, Callable[[Page, Place], None]] = {
    "pulse": at(""),
    "board": at("board/?whole=1"),
    "listen": at("listen/"),
    "search": at("listen/search/?q=coffee"),
    "queries": at("listen/queries/"),
    "imports": at("listen/imports/"),
    "preview": preview,
    "people": at("people/"),
    "person": person,
    "tags": at("people/tags/"),
    "fields": at("people/fields/"),
    "review": at("identity/"),
    "decisions": at("identity/decisions/"),
    "sure": at("identity/sure/"),
    "quality": at("identity/quality/"),
    "rules": at("people/rules/"),
    "campaigns": at("campaigns/"),
    "campaign": named("campaigns/", "Christmas blend"),
    "asked": named("campaigns/", "Come back for five euros"),
    "promotions": at("campaigns/promotions/"),
    "letters": at("letters/"),
    "letter": named("letters/", "Christmas blend"),
    "journeys": at("journeys/"),
    "journey": named("journeys/", "Welcome"),
    "tasks": at("journeys/tasks/"),
    "posts": at("posts/"),
    "times": at("posts/times/"),
    "forms": at("forms/"),
    "form": named("forms/", "Tasting in December"),
    "leads": at("forms/leads/"),
    "outbox": at("outbox/"),
    "consent": at("consent/"),
    "workspace": at("settings/"),
    "team": at("settings/team/"),
    "audit": at("settings/audit/"),
    "preferences": at("settings/preferences/"),
}


def take(page: Page, folder: Path, name: str, wanted: tuple[str, ...] | None) -> None:
    """The screen that is open, as light, dark, phone and phone-dark; only those wanted."""
    for suffix, theme, size in (("light", "light", DESK), ("dark", "dark", DESK), ("phone", "light", PHONE), ("phone-dark", "dark", PHONE)):
        if wanted and f"{name}-{suffix}" not in wanted:
            continue
        page.set_viewport_size(size)
        prefer(page, theme)
        settled(page)
        page.evaluate("() => document.fonts.ready")
        page.wait_for_timeout(300)
        path = folder / f"{name}-{suffix}.png"
        page.screenshot(path=path, full_page=wanted is None)
        print(f"{path} {path.stat().st_size // 1000} kB", flush=True)


def walk(place: Place, browser: Browser, folder: Path, wanted: tuple[str, ...] | None, only: str) -> None:
    with place.visit(browser, device_scale_factor=1) as (page, _):
        for name, go in SCREENS.items():
            if only in name and (not wanted or any(each.startswith(f"{name}-") for each in wanted)):
                page.set_viewport_size(DESK)
                go(page, place)
                settled(page)
                take(page, folder, name, wanted)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, help="folder for all pictures; docs/images gets those of the documentation otherwise")
    arguments.add_argument("--only", default="", help="only screens with this in their name")
    chosen = arguments.parse_args()
    folder, wanted = chosen.out or IMAGES, None if chosen.out else SHOWN
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["VINCLE_CHROMIUM"] = machine.chromium()
    machine.emoji()
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as templates:
        os.environ["VINCLE_TEST_TEMPLATE"] = templates
        with installation(Path(home)) as made, sync_playwright() as playwright:
            made.run("demo")
            walk(Place(made, made.up()), launch(playwright), folder, wanted, chosen.only)
    large = [path.name for path in folder.glob("*.png") if wanted and path.stat().st_size > LARGEST]
    if large:
        print(f"larger than {LARGEST // 1000} kB: {', '.join(large)}")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
