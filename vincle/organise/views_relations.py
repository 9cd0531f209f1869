"""Who is what to whom: looked up, said and taken back from a person's page."""

from typing import Any

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.vocabulary import PersonKind

from . import relations, team
from .models import Profile, Relation
from .relations import Kind, Related
from .views_bulk import back
from .views_fragments import found
from .views_people import say
from .views_person import living

MOST = 10
INWARD = " of them"
"""Behind a kind in the form: the relation is read from the other to the one whose page it is."""
OFFERED = {
    PersonKind.PERSON.value: {
        Kind.WORKS_FOR.value: gettext_lazy("works for"), Kind.COLLEAGUE.value: gettext_lazy("is a colleague of"),
        Kind.FAMILY.value: gettext_lazy("is family of"), Kind.FRIEND.value: gettext_lazy("is a friend of"),
        Kind.RECOMMENDED.value: gettext_lazy("recommended us to"),
        Kind.RECOMMENDED.value + INWARD: gettext_lazy("was recommended by"),
    },
    PersonKind.ORGANISATION.value: {
        Kind.WORKS_FOR.value + INWARD: gettext_lazy("employs"), Kind.RECOMMENDED.value: gettext_lazy("recommended us to"),
        Kind.RECOMMENDED.value + INWARD: gettext_lazy("was recommended by"),
    },
}  # fmt: skip
_SAID = {
    (Kind.WORKS_FOR, True): pgettext_lazy("relation", "Works for"), (Kind.WORKS_FOR, False): pgettext_lazy("relation", "Employs"),
    (Kind.RECOMMENDED, True): pgettext_lazy("relation", "Recommended us to"),
    (Kind.RECOMMENDED, False): pgettext_lazy("relation", "Was recommended by"),
    (Kind.COLLEAGUE, True): pgettext_lazy("relation", "Colleague"), (Kind.FAMILY, True): pgettext_lazy("relation", "Family"),
    (Kind.FRIEND, True): pgettext_lazy("relation", "Friend"),
}  # fmt: skip


def said(each: Related) -> str:
    """What the other is to the person, in a word or two: "Works for", "Colleague"."""
    return str(_SAID.get((Kind(each.kind), each.outward), each.kind))


def proposed(kind: str) -> str:
    return pgettext("relation", "Works for") if kind == Kind.WORKS_FOR else pgettext("relation", "Colleague")


@allow(May.SEE)
@require_safe
def relations_of(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """A part of the person's page."""
    profile = living(request, pid)
    rows = [{"said": said(each), "each": each} for each in relations.related(request.workspace, profile.person)]
    offers = relations.proposals(request.workspace, profile) if request.may(May.EDIT_PEOPLE) else []
    context = {
        "profile": profile, "rows": rows, "proposals": [{"said": proposed(each.kind), "each": each} for each in offers],
        "may_edit": request.may(May.EDIT_PEOPLE),
    }  # fmt: skip
    return render(request, "organise/parts/relations.html", context)


@allow(May.EDIT_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD"])
def relate(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """`q` searches someone, `other` (a public id) asks what they are to each other."""
    profile = living(request, pid)
    other = living(request, request.GET["other"]) if request.GET.get("other") else None
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    context: dict[str, Any] = {"profile": profile, "other": other, "words": words}
    if other is not None:
        context["kinds"] = _offered(profile, other)
    elif words:
        context["found"] = [row for row in found(request, words) if row.person != profile.person][:MOST]
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "organise/parts/relate_found.html" if is_part else "organise/relate.html", context)


def _offered(profile: Profile, other: Profile) -> list[tuple[str, Any]]:
    """What the two can be to each other, given who is a company."""
    company = PersonKind.ORGANISATION.value
    rows = []
    for kind, words in OFFERED[company if profile.kind == company else PersonKind.PERSON.value].items():
        plain = kind.removesuffix(INWARD)
        needs_company, is_company = plain == Kind.WORKS_FOR and not kind.endswith(INWARD), other.kind == company
        if plain == Kind.RECOMMENDED or needs_company == is_company:
            rows.append((kind, words))
    return rows


@allow(May.EDIT_PEOPLE)
@require_POST
def add_relation(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """`kind` (with " of them" behind it: the other way round), `other`, `note`; `decline`: what was proposed does not hold."""
    profile, kind = living(request, pid), request.POST.get("kind", "")
    if not request.POST.get("other"):
        messages.error(request, _("Choose who it is about."))
        return redirect("organise:relate", workspace=request.workspace.slug, pid=profile.public)
    other = living(request, request.POST["other"])
    plain = kind.removesuffix(INWARD)
    one, two = (other.person, profile.person) if kind.endswith(INWARD) else (profile.person, other.person)
    try:
        if request.POST.get("decline"):
            done = relations.decline(request.workspace, request.user, one, two, plain)
            say(request, _("It is not proposed again."), done)
            return back(request)
        source, evidence = ("traits", profile.company) if request.POST.get("proposed") else ("team", "")
        note = request.POST.get("note", "")
        done = relations.relate(request.workspace, request.user, one, two, plain, note, source=source, evidence=evidence)
        say(request, _("Kept.") if done.people else _("That was known already."), done)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return (
        back(request) if request.POST.get("proposed") else redirect("organise:person", workspace=request.workspace.slug, pid=profile.public)
    )


@allow(May.EDIT_PEOPLE)
@require_POST
def remove_relation(request: WorkspaceRequest, pid: str, relation: int) -> HttpResponseBase:
    profile = living(request, pid)
    ids = relations.ids_of(request.workspace, profile.person)
    rows = Relation.objects.of(request.workspace)
    held: Relation = get_object_or_404(rows.filter(person__in=ids) | rows.filter(other__in=ids), pk=relation)
    done = relations.part(request.workspace, request.user, profile.person, held)
    say(request, _("Taken back."), done)
    return back(request)
