"""Script in every field someone can fill, from outside or in the team: shown as written, never run, and nothing is fetched for it."""

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.engage.talks import hear, said
from vincle.accounts.models import Membership, Role, Workspace
from vincle.engage.inbox import actions, canned
from vincle.engage.inbox.models import Thread
from vincle.identify.models import Belonging
from vincle.vocabulary import HandleRef, ObjectType, public_id

pytestmark = pytest.mark.django_db
BAD = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% now %}"
LINK = "javascript:alert(1)"
INSIDE = "http://169.254.169.254/latest/meta-data/"
RUNS = re.compile(r"<script>alert|<img src=x|(?:href|src|action|hx-[a-z]+)\s*=\s*[\"']?\s*javascript:|169\.254\.169\.254", re.IGNORECASE)


def test_script_in_every_field_is_inert(workspace: Workspace, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    who = HandleRef("email", "eva@example.org", BAD)
    files = [{"name": BAD, "type": BAD, "size": 3, "url": LINK}, {"name": "pixel.png", "type": "image/png", "url": INSIDE}]
    hear(
        workspace,
        said("<1@x>", who, 5, f"{BAD} [x]({LINK}) <a href='{LINK}'>{BAD}</a>", kind=ObjectType.MESSAGE, parent="", thread_key="<1@x>",
             title=BAD, url=LINK, place=BAD[:60], body={"files": files, "attachments": [LINK, BAD], "quoted": BAD}),
        channel="mail",
    )  # fmt: skip
    client, home = client_for(Role.OWNER), f"/w/{workspace.slug}"
    user, thread = Membership.objects.get(workspace=workspace, role=Role.OWNER).user, Thread.objects.get()
    actions.note(workspace, user, thread.key, BAD)
    actions.tag(workspace, user, [thread.key], BAD)
    actions.draft(workspace, user, thread.key, "reply", BAD)
    canned.save(workspace, user, BAD, f"{BAD.partition('{{')[0]} {{{{ first_name }}}}")
    person = public_id(Belonging.objects.earliest("pk").person)

    def nowhere(*_: Any, **__: Any) -> Any:
        raise AssertionError("a page that shows what people wrote asks nobody for anything")

    monkeypatch.setattr(socket, "create_connection", nowhere)
    places = [
        "inbox/?box=all",
        f"inbox/?box=all&q={BAD}",
        f"inbox/{thread.public}/",
        "inbox/answers/",
        f"inbox/answers/?thread={thread.public}",
    ]
    places += ["listen/", f"people/{person}/", "people/", f"listen/search/?q={BAD}"]
    for place in places:
        answer = client.get(f"{home}/{place}")
        assert answer.status_code == 200, place
        found = RUNS.search(answer.content.decode())
        assert found is None, (place, found and answer.content.decode()[max(found.start() - 200, 0) : found.end() + 100])
        assert "unsafe-inline" not in answer.headers.get("Content-Security-Policy", "").partition("script-src")[2].partition(";")[0]
    assert "&lt;script&gt;alert(1)" in client.get(f"{home}/inbox/{thread.public}/").content.decode()
