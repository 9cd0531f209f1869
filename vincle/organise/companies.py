"""Companies with their people: whoever names one as theirs, and whom the team says works there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from vincle.accounts.models import Workspace
from vincle.identify.names import organisations
from vincle.store import bulk
from vincle.vocabulary import PersonKind, public_id

from . import sql
from .models import Profile, Relation

Kind = Relation.Kind
PAGE = 50
FEW = 12
"""People a company's own page shows; the list has them all."""

WORKERS = f"""SELECT b.person FROM organise_profile c JOIN identify_belonging o ON o.person = c.person
JOIN organise_relation r ON r.other = o.handle AND r.kind = '{Kind.WORKS_FOR.value}' AND r.removed_at IS NULL
JOIN identify_belonging b ON b.handle = r.person
WHERE c.workspace_id = %s AND c.company_key = %s AND c.kind = '{PersonKind.ORGANISATION.value}'"""
"""Whom the team says works for the company of this key."""
OF_COMPANY = f"((p.company_key = %s AND p.kind <> '{PersonKind.ORGANISATION.value}') OR p.person IN ({WORKERS}))"
"""A condition on `organise_profile p`; parameters as `of_company` gives them."""


class Company(NamedTuple):
    """`person`: the organisation of this name that is known itself (None: only its people are); `people`: how many belong to it."""

    key: str
    name: str
    person: int | None
    people: int
    last_at: datetime | None

    @property
    def public(self) -> str:
        return public_id(self.person) if self.person is not None else ""


class Found(NamedTuple):
    rows: list[Company]
    total: int
    has_more: bool


def of_company(workspace: Workspace, key: str) -> tuple[str, list[Any]]:
    """The condition that someone belongs to the company, with its parameters."""
    return OF_COMPANY, [key, workspace.pk, key]


def listed(workspace: Workspace, words: str = "", sort: str = "people", page: int = 1) -> Found:
    """One page of companies, those with most people first, or latest heard of, or by name. Five queries, however many there are."""
    condition = "workspace_id = %s AND company_key <> ''"
    values: list[Any] = [workspace.pk]
    for word in organisations.read(words).words[:8] if words else ():
        clause, value = sql.has("company_key", word[:60])
        condition, values = f"{condition} AND {clause}", [*values, value]
    order = {"name": "company_key", "last": f"COALESCE(MAX(last_at), {_never()}) DESC, company_key"}.get(sort, "3 DESC, company_key")
    own = f"kind = '{PersonKind.ORGANISATION.value}'"
    grouped = (
        f"SELECT company_key, MIN(CASE WHEN {own} THEN person END), SUM(CASE WHEN {own} THEN 0 ELSE 1 END), MAX(last_at) "
        f"FROM organise_profile WHERE {condition} GROUP BY company_key ORDER BY {order} LIMIT {PAGE + 1} OFFSET {PAGE * (page - 1):d}"
    )
    rows = _fetch(grouped, values)
    total = _fetch(f"SELECT COUNT(DISTINCT company_key) FROM organise_profile WHERE {condition}", values)[0][0]
    more, rows = len(rows) > PAGE, rows[:PAGE]
    names, extra = _names(workspace, rows), _related(workspace, [row[0] for row in rows])
    found = [Company(key, names.get(key, key), person, people + extra.get(key, 0), sql.moment(last)) for key, person, people, last in rows]
    return Found(found, total, more)


def _never() -> str:
    return sql.NEVER_LITERAL if connection.vendor == "postgresql" else "''"


def _names(workspace: Workspace, rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """How each is called: by its own name, else as most of its people write it."""
    own = dict(
        bulk.select("SELECT person, name FROM organise_profile WHERE person IN ({})", [row[1] for row in rows if row[1] is not None])
    )
    written = bulk.select(
        "SELECT company_key, company, COUNT(*) FROM organise_profile WHERE workspace_id = %s AND company_key IN ({}) "
        "AND company <> '' GROUP BY company_key, company",
        [row[0] for row in rows if row[1] is None],
        [workspace.pk],
    )
    most: dict[str, tuple[int, str]] = {}
    for key, name, count in written:
        most[key] = max(most.get(key, (0, "")), (count, name))
    return {key: name for key, (_count, name) in most.items()} | {row[0]: own[row[1]] for row in rows if row[1] in own}


def _related(workspace: Workspace, keys: Sequence[str]) -> dict[str, int]:
    """How many work there by what the team says alone."""
    statement = f"""SELECT c.company_key, COUNT(DISTINCT b.person) FROM organise_relation r
    JOIN identify_belonging o ON o.handle = r.other JOIN organise_profile c ON c.person = o.person
    JOIN identify_belonging b ON b.handle = r.person JOIN organise_profile p ON p.person = b.person
    WHERE r.workspace_id = %s AND r.kind = '{Kind.WORKS_FOR.value}' AND r.removed_at IS NULL AND p.company_key <> c.company_key
    AND c.kind = '{PersonKind.ORGANISATION.value}' AND c.company_key IN ({{}}) GROUP BY c.company_key"""
    return dict(bulk.select(statement, keys, [workspace.pk]))


def people_of(workspace: Workspace, key: str, most: int = FEW) -> list[Profile]:
    """Who belongs to the company, latest heard of first. (Whoever wants to know whether there are more asks for one more.)"""
    if not key:
        return []
    condition, values = of_company(workspace, key)
    rows = _fetch(
        f"SELECT p.person FROM organise_profile p WHERE p.workspace_id = %s AND {condition} "
        f"ORDER BY {sql.last_key('p')} DESC, p.person LIMIT {most:d}",
        [workspace.pk, *values],
    )
    known = {each.person: each for each in Profile.objects.of(workspace).filter(person__in=[row[0] for row in rows])}
    return [known[row[0]] for row in rows if row[0] in known]


def domain_of(profile: Profile) -> str:
    """The domain a company's people may write from: of its address or its site; "" when that is a provider anyone may use."""
    from vincle.identify.matchers.domain import plain  # at first use: they bring the columnar libraries
    from vincle.identify.matchers.email import PUBLIC

    site = str((profile.traits.get("website") or [""])[0] or "")
    for domain in (profile.email.rpartition("@")[2].lower(), plain(site) if site else ""):
        if "." in domain and domain not in PUBLIC:
            return domain
    return ""


def suggested(workspace: Workspace, profile: Profile, most: int = FEW) -> list[Profile]:
    """Who writes from the company's domain and is not known to belong to it: a suggestion, nothing more."""
    domain = domain_of(profile)
    if not domain:
        return []
    clause, value = sql.ends("p.email", f"@{domain}")
    condition, values = of_company(workspace, profile.company_key)
    declined = f"""SELECT b.person FROM organise_relation r JOIN identify_belonging o ON o.handle = r.other
    JOIN identify_belonging b ON b.handle = r.person WHERE o.person = %s AND r.kind = '{Kind.WORKS_FOR.value}'"""
    rows = _fetch(
        f"SELECT p.person FROM organise_profile p WHERE p.workspace_id = %s AND p.kind <> '{PersonKind.ORGANISATION.value}' AND {clause} "
        f"AND NOT {condition} AND p.person NOT IN ({declined}) ORDER BY {sql.last_key('p')} DESC, p.person LIMIT {most:d}",
        [workspace.pk, value, *values, profile.person],
    )
    known = {each.person: each for each in Profile.objects.of(workspace).filter(person__in=[row[0] for row in rows])}
    return [known[row[0]] for row in rows if row[0] in known]


def name_of(workspace: Workspace, key: str) -> str:
    """How the company of this key is called; "" when there is none."""
    own = Profile.objects.of(workspace).filter(company_key=key).order_by("kind", "person").values_list("name", "kind", "company").first()
    return "" if own is None else own[0] if own[1] == PersonKind.ORGANISATION else own[2]


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
