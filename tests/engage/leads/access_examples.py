"""Rows behind the addresses of forms, landing pages and leads."""

from datetime import UTC, datetime
from typing import Any

from vincle.accounts.models import User, Workspace
from vincle.engage.leads import actions, ready_made, tokens
from vincle.engage.leads.models import CardPhoto, Form, LeadForm, Page, Submission, Upload
from vincle.listen import actions as listen

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def _colleague(workspace: Workspace) -> User:
    return User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]


def form(workspace: Workspace) -> Form:
    found = Form.objects.of(workspace).filter(name="Newsletter").first()
    if found is None:
        found = actions.create(workspace, _colleague(workspace), Form, "Newsletter", ready_made.newsletter("en"))
        actions.publish(found, _colleague(workspace))
    return Form.objects.get(pk=found.pk)


def page(workspace: Workspace) -> Page:
    found = Page.objects.of(workspace).filter(name="Launch").first()
    if found is None:
        draft = ready_made.page("en", "Launch")
        found = actions.create(workspace, _colleague(workspace), Page, "Launch", draft, form=form(workspace))
        actions.publish(found, _colleague(workspace))
    return Page.objects.get(pk=found.pk)


def lead(workspace: Workspace) -> Submission:
    values = {"form": form(workspace), "version": 1, "at": THEN, "name": "Ana"}
    return Submission.objects.get_or_create(workspace=workspace, native_id=f"example-{workspace.pk}", defaults=values)[0]


def _upload(workspace: Workspace, kind: str) -> Upload:
    values = {"workspace": workspace, "kind": kind, "name": "x", "content_type": "image/png", "size": 1, "content": b"x"}
    return Upload.objects.get_or_create(token=f"{kind}{workspace.pk}", defaults=values)[0]


def _photo(workspace: Workspace) -> dict[str, Any]:
    row = lead(workspace)
    CardPhoto.objects.get_or_create(submission=row, defaults={"workspace": workspace, "content": b"x", "content_type": "image/png"})
    return {"submission": row.pk}


def _lead_form(workspace: Workspace) -> dict[str, Any]:
    source = listen.connection_for(workspace, "facebook")
    LeadForm.objects.get_or_create(workspace=workspace, connection=source, form_key="77")
    return {"connection": source.pk, "key": "77"}


_OF_FORM = ("form", "form_edit", "form_preview", "form_theme", "form_act", "form_file", "share", "poster", "report")
EXAMPLES = {
    **{f"leads:{name}": lambda workspace: {"form": form(workspace).pk} for name in _OF_FORM},
    "leads:qr": lambda workspace: {"form": form(workspace).pk, "kind": "svg"},
    **{f"leads:{name}": lambda workspace: {"submission": lead(workspace).pk} for name in ("submission", "submission_act")},
    **{
        f"leads:{name}": lambda workspace: {"page": page(workspace).pk}
        for name in ("page", "page_edit", "page_preview", "page_theme", "page_act", "page_picture")
    },
    "leads:card_photo": _photo,
    "leads:lead_form": _lead_form,
    **{
        f"leads_public:{name}": lambda workspace: {"slug": form(workspace).slug}
        for name in ("form", "theme", "began", "stand", "stand_send", "stand_worker")
    },
    "leads_public:thanks": lambda workspace: {"slug": form(workspace).slug, "token": tokens.sent(lead(workspace))},
    "leads_public:file": lambda workspace: {
        "slug": form(workspace).slug, "token": tokens.file(lead(workspace), _upload(workspace, "offer")),
    },
    **{f"leads_public:{name}": lambda workspace: {"slug": page(workspace).slug} for name in ("page", "page_theme")},
    "leads_public:picture": lambda workspace: {"token": _upload(workspace, "picture").token},
}  # fmt: skip
