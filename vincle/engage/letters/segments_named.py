"""Which letters lean on a segment: a block is shown to it, or its Liquid asks for it."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.organise.segment_uses import Use, naming

from .models import Letter


def look(workspace: Workspace, public: str) -> Iterator[Use]:
    for pk, name in naming(Letter.objects.of(workspace).filter(archived_at=None), "draft", public).values_list("pk", "name"):
        yield Use(_("Letter"), name, reverse("letters:edit", kwargs={"workspace": workspace.slug, "letter": pk}))
