"""People: finding them, who they are, what they did."""

from decimal import Decimal

from django.db.models import Q

from vincle.accounts.access import May
from vincle.accounts.models import Workspace
from vincle.channels import _identifiers as identifiers
from vincle.identify.models import Link
from vincle.identify.review import name_of
from vincle.listen.models import Handle
from vincle.organise import people as lists
from vincle.organise import portrait, timeline
from vincle.organise.filters import Where
from vincle.organise.models import Profile, Score, Tagging
from vincle.vocabulary import from_public_id, handle_key, public_id

from . import cursors, reach, shapes
from .endpoint import Call, Nothing, endpoint
from .evidence import history_of, steps_of
from .faults import invalid

MOST_LINKS = 2000


@endpoint("GET", "people", May.SEE, asks=shapes.PeopleAsked, answers=shapes.People)
def list_people(call: Call[shapes.PeopleAsked]) -> shapes.People:
    """Find people; all filters together must match. Who was known last comes first, unless another order is asked for."""
    asked, mark = call.asked, ""
    if asked.cursor:
        mark = cursors.moment(asked.cursor, is_person=True) if asked.sort == "known" else cursors.score(asked.cursor)
    found = lists.page(_where(call.workspace, asked), lists.sort_of(f"-{asked.sort}"), after=mark, size=asked.limit)
    return shapes.People([_line(row, call.workspace) for row in found.rows], found.total, cursors.seal(found.after))


def _where(workspace: Workspace, asked: shapes.PeopleAsked) -> Where:
    made = lists.where(workspace, {"q": [asked.q]} if asked.q.strip() else {})
    email = identifiers.email(asked.email)
    phone = identifiers.phone(asked.phone, workspace.country)
    if asked.email and not email:
        raise invalid("email", "This is not an e-mail address.")
    if asked.phone and not phone:
        raise invalid("phone", "This is not a phone number.")
    for handles in (_keys(workspace, "email", email), _keys(workspace, "phone", phone), _of_handle(workspace, asked.handle),
                    _keys(workspace, "external", asked.external_id)):  # fmt: skip
        if handles:
            marks = ", ".join(["%s"] * len(handles))
            made.add(f"p.person IN (SELECT person FROM identify_belonging WHERE handle IN ({marks}))", *handles)
    return made


def _keys(workspace: Workspace, kind: str, *values: str) -> list[int]:
    return sorted({handle_key(bytes(workspace.secret), kind, value) for value in values if value})


def _of_handle(workspace: Workspace, text: str) -> list[int]:
    """The keys a handle may have: a user name is known with or without @, as it was written or in small letters."""
    if not text:
        return []
    kind, colon, value = text.partition(":")
    if colon and kind and value:
        bare = value.removeprefix("@")
        return _keys(workspace, kind, value, bare, value.lower(), bare.lower())
    try:
        return [from_public_id(text)]
    except ValueError as error:
        raise invalid("handle", 'Write kind and value, as "mastodon:anna@example.org", or a public id.') from error


def _line(row: lists.Row, workspace: Workspace) -> shapes.PersonLine:
    return shapes.PersonLine(
        id=row.public, kind=row.kind, name=row.name, is_identified=row.is_identified, stage=row.stage, email=row.email, phone=row.phone,
        company=row.company, city=row.city, country=row.country, channels=row.met, tags=row.tags, owner=row.owner,
        activities=row.activities, purchases=row.purchases, last_at=row.last_at, known_since=row.known_since,
        value=_cents(row.value), engagement=_cents(row.engagement), currency=workspace.currency, alive=_share(row.alive),
    )  # fmt: skip


def _cents(value: float | None) -> Decimal | None:
    """As lists and downloads have it."""
    return None if value is None else Decimal(f"{value:.2f}")


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@endpoint("GET", "people/<pid>", May.SEE, answers=shapes.Person)
def get_person(call: Call[Nothing], pid: str) -> shapes.Person:
    """One person with every value and its source. The id of someone who was joined to another leads to that one."""
    found = reach.person(call.workspace, pid)
    handles = portrait.handles_of(call.workspace, found.person.pk)
    stored = reach.profile(call.workspace, found.person.pk)
    row = stored or Profile(
        person=found.person.pk, kind=found.person.kind, name=name_of(handles) if handles else "", known_since=found.person.first_seen,
        email=next((each.value for each in handles if each.kind == "email"), ""),
        phone=next((each.value for each in handles if each.kind == "phone"), ""),
    )  # fmt: skip
    tags = Tagging.objects.of(call.workspace).filter(person=row.person, removed_at=None).order_by("tag__folded")
    worth = dict(Score.objects.of(call.workspace).filter(person=row.person, name__in=lists.SCORES).values_list("name", "value"))
    return shapes.Person(
        id=found.id, redirected_from=found.redirected_from, kind=row.kind, name=row.name, is_identified=found.person.is_identified,
        stage=str(row.stage), email=row.email, phone=row.phone, company=row.company, city=row.city, country=row.country, channels=row.met,
        tags=list(tags.values_list("tag__name", flat=True)), owner=str(row.owner or ""), activities=row.activities,
        purchases=row.purchases, value=_cents(worth.get("value")), engagement=_cents(worth.get("engagement")),
        currency=call.workspace.currency, alive=_share(worth.get("alive")),
        first_at=row.first_at, last_at=row.last_at, known_since=row.known_since,
        traits=reach.traits(call.workspace, stored),
    )  # fmt: skip


@endpoint("GET", "people/<pid>/identity", May.SEE, answers=shapes.Identity)
def get_identity(call: Call[Nothing], pid: str) -> shapes.Identity:
    """Handles with why each is this person's, the links between them, and what happened to the person."""
    found = reach.person(call.workspace, pid)
    handles = portrait.handles_of(call.workspace, found.person.pk)
    facts = portrait.facts_of(call.workspace, handles)
    sources = portrait.Sources(call.workspace, [fact.delivery for fact in facts])
    known = portrait.identities(call.workspace, handles, facts, sources)
    return shapes.Identity(
        found.id, found.redirected_from, [_handle(each) for each in known], _links(call.workspace, handles),
        history_of(call.workspace, found.person.pk),
    )  # fmt: skip


def _handle(known: portrait.Identity) -> shapes.Handle:
    handle = known.handle
    return shapes.Handle(
        id=public_id(handle.key), kind=handle.kind, value=handle.value, name=handle.name, first_seen=handle.first_seen,
        why=known.reason, probability=known.probability,
    )  # fmt: skip


def _links(workspace: Workspace, handles: list[Handle]) -> list[shapes.Link]:
    keys = [handle.key for handle in handles]
    rows = Link.objects.of(workspace).filter(Q(left__in=keys), Q(right__in=keys), undone_at=None).order_by("at", "pk")[:MOST_LINKS]
    return [
        shapes.Link(
            left=public_id(row.left), right=public_id(row.right), evidence=row.evidence, probability=row.probability, weight=row.weight,
            decided_by=row.decided_by, at=row.at, steps=steps_of(row.detail),
        )
        for row in rows
    ]  # fmt: skip


@endpoint("GET", "people/<pid>/timeline", May.SEE, asks=shapes.TimelineAsked, answers=shapes.Timeline)
def get_timeline(call: Call[shapes.TimelineAsked], pid: str) -> shapes.Timeline:
    """What a person did over all channels, and what was said to them; newest first, 30 lines a page."""
    found = reach.person(call.workspace, pid)
    mark = cursors.moment(call.asked.cursor, is_person=False) if call.asked.cursor else ""
    handles = portrait.handles_of(call.workspace, found.person.pk)
    names = {handle.key: handle.name or handle.value for handle in handles}
    page = timeline.stretch(call.workspace, list(names), call.asked.tab, mark, names)
    return shapes.Timeline(found.id, found.redirected_from, [_entry(each) for each in page.entries], cursors.seal(page.older))


def _entry(line: timeline.Entry) -> shapes.Entry:
    return shapes.Entry(
        at=line.at, channel=line.channel, did=line.did, title=line.title, words=line.words, language=line.language, link=line.link,
        amount=_plain(line.amount), currency=line.currency or "", rating=line.rating, times=line.times, as_handle=line.as_handle,
        is_ours=line.is_ours, is_machine=line.is_machine, is_deleted=line.is_deleted,
        told=[shapes.Told(name, value) for name, value in line.told],
    )  # fmt: skip


def _plain(amount: Decimal | None) -> Decimal | None:
    """Without zeros at the end: databases give them differently."""
    return None if amount is None else Decimal(format(amount.normalize(), "f"))
