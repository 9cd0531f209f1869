"""Rows behind the addresses of letters."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.engage.letters import actions, addresses
from vincle.engage.letters.models import Letter, Picture
from vincle.engage.outbox.models import Job, Send
from vincle.listen import actions as listen
from vincle.vocabulary import public_id


def _colleague(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def _row(workspace: Workspace) -> Letter:
    found = Letter.objects.of(workspace).filter(archived_at=None).first()
    draft = {"en": {"subject": "Hello {{ person.first_name }}", "blocks": [{"kind": "text", "html": "<p>Words</p>"}]}}
    return found or actions.create(workspace, _colleague(workspace), "News", draft=draft)


def letter(workspace: Workspace) -> dict[str, Any]:
    return {"letter": _row(workspace).pk}


def version(workspace: Workspace) -> dict[str, Any]:
    row = _row(workspace)
    return {"letter": row.pk, "number": actions.keep(workspace, _colleague(workspace), row).number}


def shown(workspace: Workspace) -> dict[str, Any]:
    row = _row(workspace)
    kept = actions.keep(workspace, _colleague(workspace), row)
    source = listen.connection_for(workspace, "mail")
    job = Job.objects.create(
        workspace=workspace, public=public_id(row.pk), kind="campaign", source="campaign:1", name="News", connection=source,
        purpose="service", medium="email", writer="letter", content={"version": kept.pk},
    )  # fmt: skip
    send = Send.objects.create(
        workspace=workspace, key=f"shown:{job.pk}", connection=source, deed="message", command={}, job=job, state=Send.State.SENT,
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return {"token": addresses.token(bytes(workspace.secret), send.pk)}


def picture(workspace: Workspace) -> dict[str, Any]:
    token = f"picture-of-{workspace.slug}"
    values = {"name": "cup.png", "content_type": "image/png", "width": 1, "height": 1, "size": 1, "sha256": "0" * 64, "content": b"x"}
    return {"token": Picture.objects.get_or_create(workspace=workspace, token=token, defaults=values)[0].token}


EXAMPLES = {
    **{f"letters:{name}": letter for name in ("edit", "save", "preview", "frame", "people", "test", "links")},
    **{f"letters:{name}": letter for name in ("act", "back", "keep", "versions")},
    "letters:version": version,
    "letters:restore": version,
    "letters_public:view": shown,
    "letters_public:picture": picture,
}
