"""What outsiders write into feeds and pictures never has this machine ask its neighbours, nor a browser ask anybody."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.listen.a_platform import Platform
from vincle.accounts.models import Role, Workspace
from vincle.channels.live import Problem
from vincle.listen import actions, connections, pulling
from vincle.listen.models import Content, Pull
from vincle.project import pipeline
from vincle.store import outside as network

pytestmark = pytest.mark.django_db

FEED = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Notes</title>{links}
<item><guid>n1</guid><title>Bon cafè</title><pubDate>Sun, 22 Nov 2026 08:00:00 GMT</pubDate>
<description>Mireu &lt;img src="{inside}/pixel.png"&gt;</description>
<enclosure url="{inside}/photo.jpg" type="image/jpeg" length="5"/></item>
</channel></rss>"""


class Neighbour(Platform):
    """A platform under a name that leads to this machine."""

    name = "neighbour.example"

    @property
    def url(self) -> str:
        return f"http://{self.name}:{self.server.server_port}"


class Blog(Neighbour):
    name = "blog.example"


@pytest.fixture
def inside() -> Iterator[Platform]:
    """A neighbour that would answer."""
    found = Neighbour()
    for path in ("/feed", "/hub", "/pixel.png", "/photo.jpg"):
        found.says(path, FEED.format(links="", inside="http://x.example").encode())
    yield found
    found.close()


@pytest.fixture
def outside() -> Iterator[Platform]:
    """A place that counts as public."""
    found = Blog()
    yield found
    found.close()


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both names lead to this machine; the blog's is taken for a public one."""
    look_up = network.look_up
    monkeypatch.setattr(network, "look_up", lambda host, port: ["127.0.0.1"] if host == Blog.name else look_up("127.0.0.1", port))


def pulled(workspace: Workspace, url: str) -> str:
    """Connects a feed and asks for it: the code of what stopped it, if something did."""
    made = connections.connect(workspace, None, "feed", "", {"url": url})
    try:
        connections.check(made)
    except Problem as problem:
        return problem.code
    Pull.objects.filter(connection=made).update(next_at=timezone.now())
    pulling.turn()
    actions.work_off_waiting(100)
    return str(Pull.objects.get(connection=made, is_past=False).problem_code)


def test_a_feed_inside_is_not_asked_for(workspace: Workspace, inside: Platform) -> None:
    assert pulled(workspace, f"{inside.url}/feed") == "not_allowed_there"
    assert inside.asked == []


def test_a_page_that_names_a_feed_inside(workspace: Workspace, inside: Platform, outside: Platform) -> None:
    page = f'<!doctype html><html><link rel="alternate" type="application/rss+xml" href="{inside.url}/feed"></html>'
    outside.says("/", page.encode())
    assert pulled(workspace, f"{outside.url}/") == "not_allowed_there"
    assert (set(outside.paths()), inside.asked) == ({"/"}, [])


def test_a_hub_and_pictures_inside_are_left_alone_and_the_words_are_kept(
    workspace: Workspace, inside: Platform, outside: Platform, client_for: Callable[..., Client]
) -> None:
    links = f'<atom:link rel="hub" href="{inside.url}/hub"/><atom:link rel="self" href="{outside.url}/feed"/>'
    outside.says("/feed", FEED.format(links=links, inside=inside.url).encode())
    assert pulled(workspace, f"{outside.url}/feed") == ""
    assert "Bon cafè" in " ".join(Content.objects.values_list("title", flat=True))
    pipeline.catch_up()
    page = client_for(Role.OWNER).get(reverse("listen:stream", kwargs={"workspace": workspace.slug}))
    assert "Bon cafè" in page.content.decode()
    assert f'src="{inside.url}' not in page.content.decode()
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert (set(outside.paths()), inside.asked) == ({"/feed"}, [])
