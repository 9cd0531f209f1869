"""A real browser that notices what goes wrong, and an installation to look at."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response

from tests.project.installation import Installation

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SLUG = "cafe-lligam"
PATIENCE = 60_000
"""Milliseconds that a very busy machine is waited for."""


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=os.environ.get("VINCLE_CHROMIUM", "/usr/bin/chromium"), args=list(QUIET))


@dataclass
class Watch:
    """Gathers what a person would not see but a developer should: console errors, refused content, failed requests."""

    trouble: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        # The browser says of each refused request what `_answered` has said with its address already.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.trouble.append(f"console at {message.location.get('url')}: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left, a download and a search that goes on end their requests themselves.
        if request.failure != "net::ERR_ABORTED":
            self.trouble.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.trouble.append(f"{response.request.method} {response.url}: {response.status}")

    def check(self) -> None:
        assert not self.trouble, "\n".join(self.trouble)


@dataclass
class Place:
    """An installation that runs, and who may come in."""

    installation: Installation
    address: str
    states: dict[str, Any] = field(default_factory=dict)

    def at(self, path: str) -> str:
        return f"{self.address}/w/{SLUG}/{path}"

    def link(self, role: str) -> str:
        """A link that signs someone of this role in once; who is not there yet joins the team."""
        token = self.installation.python(f"""
from vincle.accounts.actions import make_sign_in_link
from vincle.accounts.models import Membership, User, Workspace
where, role = Workspace.objects.get(slug={SLUG!r}), {role!r}
member = Membership.objects.filter(workspace=where, role=role).select_related("user").first()
if member is None:
    user = User.objects.create_user(role + "@lligam.example", "correct horse battery", name=role.title())
    member = Membership.objects.create(workspace=where, user=user, role=role)
print(make_sign_in_link(member.user))""")
        return f"{self.address}/in/{token}/"

    @contextmanager
    def visit(self, browser: Browser, role: str = "owner", **options: Any) -> Iterator[tuple[Page, Watch]]:
        """A page of someone signed in; fails at its end when anything went wrong in the browser."""
        chosen = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = browser.new_context(**chosen, storage_state=self.state(browser, role))
        try:
            page, watch = watched(context)
            yield page, watch
            watch.check()
        finally:
            context.close()

    def state(self, browser: Browser, role: str) -> Any:
        """Cookies of someone signed in; the link is used once a role."""
        if role not in self.states:
            context = browser.new_context(locale="en-GB")
            page, watch = watched(context)
            page.goto(self.link(role))
            page.wait_for_url(self.at(""))
            watch.check()
            self.states[role] = context.storage_state()
            context.close()
        return self.states[role]


def watched(context: BrowserContext) -> tuple[Page, Watch]:
    page, watch = context.new_page(), Watch()
    page.set_default_timeout(PATIENCE)
    watch.follow(page)
    return page, watch


def settled(page: Page) -> None:
    """Until what the page asks for after its first paint is there too."""
    page.wait_for_load_state("load")
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping')")
    page.wait_for_function("() => [...document.querySelectorAll('[data-chart] .plot')].every(plot => plot.childElementCount)")


def prefer(page: Page, theme: str) -> None:
    """The theme as a click on it would apply it, without keeping it."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; document.dispatchEvent(new Event('vincle:theme')) }", theme)


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """Violations of WCAG 2.2 AA, or of these rules only, each with the elements it was found at."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    found = page.evaluate("options => axe.run(document, options)", {"runOnly": only, "resultTypes": ["violations"]})
    return [_violation(one) for one in found["violations"]]


def _violation(one: dict[str, Any]) -> str:
    where = json.dumps([node["html"][:160] for node in one["nodes"][:3]])
    return f"{one['id']}: {one['help']}: {where} {one['nodes'][0].get('failureSummary', '')[:200]}"


def overflow(page: Page) -> str:
    """What is wider than the page, if anything is."""
    return str(page.evaluate("""() => {
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return '';
        const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
        return `${root.scrollWidth} > ${root.clientWidth}: ` + wide.slice(-3).map(e => e.outerHTML.slice(0, 120)).join(' | ');
    }"""))
