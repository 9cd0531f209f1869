"""Small pieces of a person that other pages ask for: the card on hover, one side of a comparison, the global search."""

from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.identify.models import Belonging
from vincle.listen.models import Handle
from vincle.store.folding import fold
from vincle.vocabulary import ANONYMOUS, public_id
from vincle.web.tags.formats import number
from vincle.web.tags.parts import icon
from vincle.web.tags.people import avatar, stage_name

from . import members, people, portrait, timeline
from .views_person import living
from .wording import label, shown

MOST = 6


@allow(May.SEE)
@require_safe
def card(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    profile = living(request, pid)
    keys = list(
        Belonging.objects.of(request.workspace).filter(person=profile.person).values_list("handle", flat=True)[: portrait.MOST_HANDLES]
    )
    return render(request, "organise/card.html", {"profile": profile, "said": timeline.last_words(request.workspace, keys)})


@allow(May.SEE)
@require_safe
def side(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """One of two people face to face: each field carries its name, so that equal ones can be marked."""
    profile = living(request, pid)
    handles = portrait.handles_of(request.workspace, profile.person)
    said = timeline.last_words(request.workspace, [handle.key for handle in handles])
    of_kind = {kind: [handle.value for handle in handles if handle.kind == kind] for kind in ("email", "phone")}
    other = [handle for handle in handles if handle.kind not in ANONYMOUS | {"email", "phone"}]
    rows: list[tuple[str, str, list[str]]] = [("email", _("E-mail"), of_kind["email"]), ("phone", _("Phone"), of_kind["phone"])]
    rows += [
        (name, label(name), [value] if (value := _trait(profile, name)) else []) for name in ("birthday", "postcode", "city", "company")
    ]
    rows.append(("handles", _("Goes by"), [handle.name or handle.value for handle in other][:8]))
    return render(request, "organise/side.html", {"profile": profile, "rows": [row for row in rows if row[2]], "said": said})


def _trait(profile: Any, name: str) -> str:
    value = (profile.traits.get(name) or [""])[0]
    return shown(value, "date" if name == "birthday" else "text")


@allow(May.SEE)
@require_safe
def search(request: WorkspaceRequest) -> HttpResponseBase:
    """Rows of the global search: whoever has exactly this handle first, then names that match."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    here = reverse("organise:people", kwargs={"workspace": request.workspace.slug})
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{here}?{urlencode({'q': words})}" if words else here)
    rows = found(request, words) if words else []
    lines = [_line(request, row) for row in rows[:MOST]]
    if len(rows) > MOST:
        lines.append((f"{here}?{urlencode({'q': words})}", "", _("All that match"), ""))
    groups = [(_("People"), lines), (_("Segments"), _segments(request, words))]
    return render(request, "web/search_results.html", {"groups": [group for group in groups if group[1]], "words": words})


def _segments(request: WorkspaceRequest, words: str) -> list[tuple[str, Any, str, str]]:
    """Segments whose name has all the words."""
    asked = fold(words).split()
    known = members.listed(request.workspace).only("public", "name", "members") if asked else ()
    rows = [row for row in known if all(word in fold(row.name) for word in asked)][:3]
    urls = [reverse("organise:segment", kwargs={"workspace": request.workspace.slug, "segment": row.public}) for row in rows]
    return [(url, icon("affiliate"), row.name, number(row.members)) for url, row in zip(urls, rows, strict=True)]


def found(request: WorkspaceRequest, words: str) -> list[people.Row]:
    sort = people.sort_of(people.DEFAULT_SORT)
    exact = _exactly(request, words)
    rows = people.page(people.chosen(request.workspace, exact), sort, size=MOST).rows if exact else []
    if len(rows) <= MOST:
        known = {row.person for row in rows}
        matching = people.first(people.where(request.workspace, {"q": [words]}), sort, MOST + 1)
        rows += [row for row in matching if row.person not in known]
    return rows


def _exactly(request: WorkspaceRequest, words: str) -> list[str]:
    """Public ids of those who have a handle that reads just so: an e-mail, a number with its blanks, a user name with or without @."""
    digits = "".join(letter for letter in words if letter.isdigit())
    forms = {words, words.lower(), words.lstrip("@"), words.lstrip("@").lower()} | ({f"+{digits}"} if len(digits) >= 7 else set())
    keys = Handle.objects.of(request.workspace).filter(value__in=forms).values_list("key", flat=True)[:20]
    return [
        public_id(person)
        for person in Belonging.objects.of(request.workspace).filter(handle__in=list(keys)).values_list("person", flat=True)
    ]


def _line(request: WorkspaceRequest, row: people.Row) -> tuple[str, Any, str, str]:
    url = reverse("organise:person", kwargs={"workspace": request.workspace.slug, "pid": row.public})
    note = row.email if row.email and row.email != row.name else stage_name(row.stage)
    return url, avatar(row.name, "sm", row.kind, row.person), row.name or str(_("Someone unknown")), note
