"""One person: who, everything over all channels, what we make of it."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vincle.accounts.access import May, WorkspaceRequest, allow
from vincle.accounts.models import User
from vincle.identify.actions import person_of
from vincle.identify.models import Belonging
from vincle.listen.models import Handle
from vincle.vocabulary import ANONYMOUS, public_id
from vincle.vocabulary.fields import TRAITS
from vincle.web.tags.formats import day, number
from vincle.web.tags.people import channel_name, stage_name

from . import computed_words, corrections, people, portrait, registered, score_pages, standing, team, timeline
from .fieldtypes import BadValue, read, type_of
from .models import CustomField, Note, Profile, Tag, Tagging
from .scores.ladder import LADDER
from .views_bulk import back
from .views_people import say
from .wording import label, wrong


class Moved(Exception):
    """The person was joined to another one, whose public id this carries."""


def find(request: WorkspaceRequest, pid: str) -> Profile:
    """The profile behind a public id. Raises Moved when the person was joined to another, Http404 when there is none."""
    key = people.person_id(pid)
    person = person_of(request.workspace, key) if key is not None else None
    if person is None:
        raise Http404
    if person.pk != key:
        raise Moved(public_id(person.pk))
    found: Profile | None = Profile.objects.of(request.workspace).filter(person=person.pk).select_related("owner").first()
    if found is None:
        raise Http404
    return found


@allow(May.SEE)
@require_safe
def person(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    try:
        profile = find(request, pid)
    except Moved as moved:
        return redirect("organise:person", workspace=request.workspace.slug, pid=str(moved), permanent=True)
    handles = portrait.handles_of(request.workspace, profile.person)
    keys = [handle.key for handle in handles]
    facts = portrait.facts_of(request.workspace, handles)
    sources = portrait.Sources(request.workspace, [*(fact.delivery for fact in facts), *(each[2] for each in profile.traits.values())])
    sums = timeline.sums(request.workspace, keys, timezone.now())
    fields = portrait.custom_fields(request.workspace)
    traits = standing.traits_of(profile, fields, facts, sources)
    permissions = portrait.permissions(request.workspace, handles)
    context = {
        "profile": profile, "sentence": _sentence(profile), "identities": portrait.identities(request.workspace, handles, facts, sources),
        "permissions": permissions, "standing": registered.standing(profile, permissions),
        "computed": computed_words.of_person(request.workspace, profile.person), "traits": [each for each in traits if not each.is_custom],
        "scores": score_pages.of_person(request.workspace, profile.person, keys),
        "custom": [each for each in traits if each.is_custom], "sums": sums, "reasons": _why(sums),
        "spent": [(amount, currency) for currency, amount in sorted(sums.spent.items())], "notes": _notes(request, profile),
        "tags": _tags(request, profile), "all_tags": Tag.objects.of(request.workspace).filter(removed_at=None).order_by("folded")[:300],
        "members": _members(request) if request.may(May.EDIT_PEOPLE) else [], "joined": _joined(request, profile),
        "may_edit": request.may(May.EDIT_PEOPLE), "may_decide": request.may(May.DECIDE_IDENTITY), "under": _under(traits),
        **_timeline(request, profile, handles, sums),
    }  # fmt: skip
    return render(request, "organise/person.html", context)


def _sentence(profile: Profile) -> str:
    met = ", ".join(channel_name(each) for each in profile.met[:4])
    stage = stage_name(profile.stage)
    if profile.last_at:
        return _("%(stage)s, met on %(channels)s. Last seen: %(day)s.") % {"stage": stage, "channels": met, "day": day(profile.last_at)}
    return _("Known from %(channels)s; nothing heard yet.") % {"channels": met} if met else _("Nothing heard yet.")


def _under(traits: list[standing.Trait]) -> str:
    """Job, company and place in one line under the name."""
    values = {trait.name: trait.value for trait in traits}
    return ", ".join(values[name] for name in ("job_title", "company", "city") if values.get(name))


def _why(sums: timeline.Sums) -> list[tuple[Any, ...]]:
    """The rungs of the last 90 days with how many acts stand on each, highest first."""
    most = max(sums.by_rung.values(), default=0)
    rows = []
    for step in LADDER:
        count = sums.by_rung.get(step, 0)
        if count:
            at, did = sums.last[step]
            text = _("%(stage)s: last %(act)s, %(day)s") % {"stage": stage_name(step.value), "act": did, "day": day(at)}
            rows.append((text, number(count), count / most))
    return rows


def _telling_names(profile: Profile, handles: list[Handle]) -> dict[int, str]:
    """Names by which a line of the timeline says as whom it was done: only where that tells something.

    A browser's id never does; an address, a phone or a customer number only where the person has several of them.
    """
    kinds = Counter(handle.kind for handle in handles)
    plain = {"email", "phone", "external", "login"}
    telling = [handle for handle in handles if handle.kind not in ANONYMOUS and (handle.kind not in plain or kinds[handle.kind] > 1)]
    shown = {handle.key: handle.name or handle.value for handle in telling}
    return {key: name for key, name in shown.items() if name != profile.name}


def _timeline(request: WorkspaceRequest, profile: Profile, handles: list[Handle], sums: timeline.Sums) -> dict[str, Any]:
    tab = request.GET.get("tab", "")
    tab = tab if tab in timeline.TABS else "everything"
    names = _telling_names(profile, handles)
    words = {"everything": _("Everything"), "said": _("Said"), "bought": _("Bought"), "read": _("Read"), "ours": _("Ours")}
    tabs = [
        (words[key], request.path if key == "everything" else f"{request.path}?tab={key}", key == tab, sums.tabs[key])
        for key in timeline.TABS
    ]
    found = timeline.stretch(request.workspace, [handle.key for handle in handles], tab, request.GET.get("older", ""), names)
    return {"timeline_tabs": tabs, "tab": tab, "stretch": found, "is_first": not request.GET.get("older")}


def _notes(request: WorkspaceRequest, profile: Profile) -> list[Note]:
    """Theirs, and those written about people who were joined to them since."""
    notes = Note.objects.of(request.workspace).filter(person__in=_ids_of(request, profile), deleted_at=None)
    return list(notes.select_related("by").order_by("-at", "-pk")[:100])


def _ids_of(request: WorkspaceRequest, profile: Profile) -> list[int]:
    """The id of a person and those of people who were joined to them: an id is the key of a handle they have now."""
    return [profile.person, *Belonging.objects.of(request.workspace).filter(person=profile.person).values_list("handle", flat=True)]


def _tags(request: WorkspaceRequest, profile: Profile) -> list[Tagging]:
    return list(
        Tagging.objects.of(request.workspace).filter(person=profile.person, removed_at=None).select_related("tag").order_by("tag__folded")
    )


def _members(request: WorkspaceRequest) -> list[User]:
    return sorted(User.objects.filter(memberships__workspace=request.workspace), key=lambda user: str(user).casefold())


def _joined(request: WorkspaceRequest, profile: Profile) -> list[Any]:
    return portrait.joined_cases(request.workspace, profile.person)


@allow(May.SEE)
@require_safe
def older(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """The next page of the timeline, to stand behind the last line."""
    profile = living(request, pid)
    handles = portrait.handles_of(request.workspace, profile.person)
    empty = timeline.Sums(dict.fromkeys(timeline.TABS, 0), {}, {}, {})
    return render(request, "organise/_timeline.html", {"profile": profile, **_timeline(request, profile, handles, empty)})


def living(request: WorkspaceRequest, pid: str) -> Profile:
    """As `find`, going on to the one the person was joined to."""
    try:
        return find(request, pid)
    except Moved as moved:
        return find(request, str(moved))


@allow(May.EDIT_PEOPLE)
@require_POST
def add_tag(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    profile = living(request, pid)
    try:
        for name in request.POST.get("tags", "").split(",")[:20]:
            if name.strip():
                team.tag(request.workspace, request.user, people.chosen(request.workspace, [profile.public]), name)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def remove_tag(request: WorkspaceRequest, pid: str, tag: int) -> HttpResponseBase:
    profile = living(request, pid)
    found = get_object_or_404(Tag.objects.of(request.workspace), pk=tag)
    done = team.untag(request.workspace, request.user, people.chosen(request.workspace, [profile.public]), found)
    say(request, _("“%(tag)s” taken off.") % {"tag": found.name}, done)
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def set_owner(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    profile = living(request, pid)
    value = request.POST.get("owner", "")
    owner = User.objects.filter(pk=int(value)).first() if value.isascii() and value.isdigit() and len(value) < 18 else None
    if value and owner is None:
        messages.error(request, _("Choose someone of the team."))
        return back(request)
    try:
        done = team.set_owner(request.workspace, request.user, people.chosen(request.workspace, [profile.public]), owner)
        say(request, _("%(name)s looks after them now.") % {"name": owner} if owner else _("Nobody looks after them now."), done)
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def add_note(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    profile = living(request, pid)
    try:
        team.add_note(request.workspace, request.user, profile.person, request.POST.get("text", ""))
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


def _note(request: WorkspaceRequest, pid: str, note: int) -> Note:
    found: Note = get_object_or_404(
        Note.objects.of(request.workspace), pk=note, person__in=_ids_of(request, living(request, pid)), deleted_at=None
    )
    return found


@allow(May.EDIT_PEOPLE)
@require_POST
def edit_note(request: WorkspaceRequest, pid: str, note: int) -> HttpResponseBase:
    found = _note(request, pid, note)
    try:
        team.edit_note(request.workspace, request.user, found, request.POST.get("text", ""))
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def delete_note(request: WorkspaceRequest, pid: str, note: int) -> HttpResponseBase:
    done = team.delete_note(request.workspace, request.user, _note(request, pid, note))
    say(request, _("The note is gone."), done)
    return back(request)


@allow(May.EDIT_PEOPLE)
@require_POST
def edit_trait(request: WorkspaceRequest, pid: str) -> HttpResponseBase:
    """One trait, typed by hand: read by the field's type, kept through the log."""
    profile = living(request, pid)
    name = request.POST.get("field", "")[:120]
    if not name or not _is_field(request, profile, name):
        messages.error(request, _("There is no such field."))
        return back(request)
    custom = dict(CustomField.objects.of(request.workspace).values_list("name", "type"))
    try:
        value = read(type_of(name, custom), request.POST.get("value", ""))
        corrections.correct(request.workspace, request.user, profile.person, {} if name == "name" else {name: value}, _name(name, value))
    except BadValue as bad:
        messages.error(request, f"{label(name)}: {wrong(bad.code)}")
    except team.Refused as refused:
        messages.error(request, str(refused))
    return back(request)


def _name(field: str, value: Any) -> str:
    if field != "name":
        return ""
    if not value:
        raise team.Refused(_("A person needs a name."))
    return " ".join(str(value).split())[:200]


def _is_field(request: WorkspaceRequest, profile: Profile, name: str) -> bool:
    return (
        name == "name" or name in TRAITS or name in profile.traits or CustomField.objects.of(request.workspace).filter(name=name).exists()
    )
