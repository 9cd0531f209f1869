"""Asking by mail whether it was really them, and what happens when they say so."""

from typing import Any

import msgspec
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from vincle.channels import forms
from vincle.channels.forms import Agreed, Sent
from vincle.engage.preferences import optin
from vincle.listen import actions as listen

from . import counting, definition, tokens
from .definition import Definition
from .models import FormVersion, Submission, Upload

BY_MAIL = ("email", "*")


def definition_of(row: Submission) -> Definition | None:
    """The form as they saw it; None for what came by no form of ours."""
    if row.form_id is None:
        return None
    rows = FormVersion.objects.of(row.workspace_id).filter(form=row.form_id)
    found = rows.filter(number=row.version).first()
    return definition.load(found.definition) if found else None


def agreed_by_mail(row: Submission) -> list[Agreed]:
    """What they ticked that waits for their confirmation."""
    return [each for each in msgspec.convert(row.sent, Sent).consents if each.channel in BY_MAIL]


def ask(row: Submission, ip: str = "") -> None:
    """Send the request once; it asks for everything that was ticked. Until it is answered nothing is allowed."""
    with transaction.atomic():
        standing = (
            Submission.objects.of(row.workspace_id).select_related("workspace", "form").select_for_update(of=("self",)).get(pk=row.pk)
        )
        if standing.optin is not None or standing.state != Submission.State.UNCONFIRMED or standing.handle is None or standing.form is None:
            return
        wanted = agreed_by_mail(standing)
        topic, wording = (wanted[0].purpose, "\n".join(each.wording for each in wanted)) if wanted else ("service", _promise(standing))
        made = optin.ask(
            standing.workspace,
            standing.handle,
            topic,
            wording,
            f"form:{standing.form.key}",
            _then(standing),
            language=standing.language,
            ip=ip,
        )
        Submission.objects.filter(pk=row.pk).update(optin=made.pk)


def _promise(row: Submission) -> str:
    """What they are asked about who agreed to nothing but are promised a file."""
    asked = definition_of(row)
    file = Upload.objects.of(row.workspace_id).filter(pk=asked.file).defer("content").first() if asked else None
    with translation.override(row.language or None):
        return _("Send me: %(name)s") % {"name": file.name if file else row.form.name if row.form else ""}


def _then(row: Submission) -> str:
    """Back to the page of thanks, where the file is; or on to the form's own page."""
    asked = definition_of(row)
    if asked and asked.after.address and not asked.file:
        return asked.after.address
    slug = row.form.slug if row.form else ""
    return f"{reverse('leads_public:thanks', kwargs={'slug': slug, 'token': tokens.sent(row)})}?lang={row.language}"


def confirmed(sender: Any, optin: Any, **told: Any) -> None:
    """They said yes: the lead is confirmed, and counted once. Heard inside the transaction in which it is said."""
    rows = Submission.objects.of(optin.workspace_id).filter(optin=optin.pk, state=Submission.State.UNCONFIRMED)
    for row in rows.select_related("workspace", "form__workspace").select_for_update(of=("self",)):
        Submission.objects.filter(pk=row.pk).update(state=Submission.State.CONFIRMED)
        _grant_rest(row, optin.topic)
        if row.form is not None:
            counting.count(row.form, "confirmed", row.page_id or 0)


def _grant_rest(row: Submission, topic: str) -> None:
    """The other boxes they ticked stand in the same mail, and hold now as well."""
    rest = [each for each in agreed_by_mail(row) if each.purpose != topic]
    if not rest:
        return
    sent = msgspec.convert(row.sent, Sent)
    more = Sent(
        id=f"{sent.id}:confirmed", at=timezone.now(), form=sent.form, language=sent.language, handles=sent.handles[:1], consents=rest,
        is_known=True,
    )  # fmt: skip
    delivery = listen.receive(listen.connection_for(row.workspace, forms.channel.spec.id), forms.write(more), more.at)
    transaction.on_commit(lambda: listen.work_off(delivery), robust=True)


def forgotten(sender: Any, workspace: Any, handles: Any, **told: Any) -> None:
    """Whoever is forgotten leaves nothing here but that something was sent."""
    keys = list(handles)
    rows = Submission.objects.of(workspace).filter(handle__in=keys)
    from .models import CardPhoto

    CardPhoto.objects.of(workspace).filter(submission__in=rows).delete()
    rows.update(name="", address="", sent={}, touch={}, handle=None, optin=None)
