"""Lead forms of Facebook: which of their questions is which of our fields, whose their leads are."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.engage.inbox import teams
from vincle.listen.models import Connection

from . import controls, facebook, settling, whole
from .actions import Refused
from .answers import clean
from .models import LeadForm
from .views_forms import framed


@allow(May.SEE)
@never_cache
@require_safe
def list_lead_forms(request: WorkspaceRequest) -> HttpResponse:
    is_connected = Connection.objects.of(request.workspace).filter(channel=facebook.FACEBOOK, token__isnull=False).exists()
    context = {"rows": facebook.heard(request.workspace), "is_connected": is_connected}
    return render(request, "leads/facebook.html", framed(request, "facebook", context))


@allow(May.SPEAK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form(request: WorkspaceRequest, connection: int, key: str) -> HttpResponseBase:
    """How the leads of one form are read."""
    source: Connection = get_object_or_404(Connection.objects.of(request.workspace), pk=connection, channel=facebook.FACEBOOK)
    standing = LeadForm.objects.of(request.workspace).filter(connection=source, form_key=key).first()
    asked = facebook.questions(request.workspace, source.pk, key)
    if standing is None and not asked:
        raise Http404("no such form")
    if request.method == "POST":
        try:
            return _saved(request, source, key, asked)
        except Refused as refused:
            messages.error(request, str(refused))
    fields = standing.fields if standing else {name: facebook.guess(name) for name in asked}
    consents = {each["box"]: each for each in (standing.consents if standing else [])}
    rules: dict[str, Any] = standing.rules if standing else {"assign": {"kind": "none"}, "tell": [], "tags": []}
    context = {
        "source": source, "key": key, "standing": standing, "name": standing.name if standing else "", "rules": rules,
        "questions": [(name, example, fields.get(name, "")) for name, example in asked.items() if not name.startswith("box:")],
        "boxes": [(name.removeprefix("box:"), consents.get(name.removeprefix("box:"), {})) for name in asked if name.startswith("box:")],
        "traits": [*facebook.IDENTITY, *controls.traits(request.workspace)], "topics": controls.topics(request.workspace),
        "people": teams.answerers(request.workspace), "teams": teams.teams_of(request.workspace),
    }  # fmt: skip
    return render(request, "leads/lead_form.html", framed(request, "facebook", context))


def _saved(request: WorkspaceRequest, source: Connection, key: str, asked: dict[str, str]) -> HttpResponseBase:
    post = request.POST
    names = [name for name in asked if not name.startswith("box:")]
    chosen = dict(zip(post.getlist("question"), post.getlist("field"), strict=False))
    known = {value for value, _label in controls.topics(request.workspace) if value}
    boxes = zip(post.getlist("box"), post.getlist("topic"), post.getlist("wording"), strict=False)
    consents = [{"box": box, "topic": topic, "wording": clean(words, 2_000)} for box, topic, words in boxes if topic in known]
    if any(not each["wording"] for each in consents):
        raise Refused(_("Write what was agreed to: these words are kept as proof."))
    values = {
        "name": clean(post.get("name", ""), 120), "fields": {name: clean(chosen.get(name, ""), 100) for name in names},
        "consents": consents,
        "rules": whole.of_rules(request.workspace, post), "is_on": bool(post.get("is_on")),
    }  # fmt: skip
    row = facebook.save(request.workspace, request.user, source, key, values)
    if post.get("past"):
        moved = facebook.read_past(row, request.user, settling.settle_one)
        messages.success(request, ngettext("Kept, and %(n)d lead read again.", "Kept, and %(n)d leads read again.", moved) % {"n": moved})
    else:
        messages.success(request, _("Kept."))
    return redirect("leads:facebook", workspace=request.workspace.slug)
