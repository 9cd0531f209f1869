"""The consent ledger follows the log; refusals also go on the suppression list, which nothing but the person lifts."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from vincle.store import bulk
from vincle.vocabulary import ConsentFact, ObjectType, Op

from .models import Consent, Suppression
from .rules import REFUSALS, Statement, standing

_LEDGER = ("workspace_id", "handle", "channel", "purpose", "permit", "source", "event_id", "evidence", "at")


class _Facts(msgspec.Struct):
    handles: list[int]
    consents: list[ConsentFact] = []


def follow(rows: Iterable[Sequence[Any]], facts: dict[bytes, tuple[str, str, str]]) -> None:
    """Enter what new facts say was allowed or refused."""
    said = [
        (row[0], bytes(row[1]), row[10], msgspec.json.decode(facts[bytes(row[1])][2], type=_Facts))
        for row in rows
        if row[5] == ObjectType.PROFILE and row[4] != Op.RETRACT and '"consents"' in facts.get(bytes(row[1]), ("", "", ""))[2]
    ]
    if not said:
        return
    kinds = dict(bulk.select("SELECT key, kind FROM listen_handle WHERE key IN ({})", {key for *_, fact in said for key in fact.handles}))
    ledger = [entry for statement in said for entry in _entries(*statement, kinds)]
    bulk.insert(Consent, _LEDGER, ledger)
    refused = [(row[0], row[1], row[2], row[4], row[8]) for row in ledger if row[4] in REFUSALS]
    bulk.insert(Suppression, ("workspace_id", "handle", "channel", "reason", "since"), refused)


def _entries(workspace: int, event: bytes, at: Any, fact: _Facts, kinds: dict[int, str]) -> Iterable[tuple[Any, ...]]:
    for said in fact.consents:
        addressed = [key for key in fact.handles if kinds.get(key) == said.channel] or fact.handles[:1]
        moment = bulk.stamp(said.at) if said.at else at
        for key in addressed:
            yield (workspace, key, said.channel, said.purpose, said.permit.value, "import", event, said.evidence[:300], moment)


def of_person(workspace: Any, handles: Sequence[int]) -> dict[tuple[str, str], str]:
    """What holds for the owner of these handles: (channel, purpose) -> "granted", "withdrawn", ..."""
    rows = Consent.objects.of(workspace).filter(handle__in=handles).values_list("channel", "purpose", "permit", "source", "at")
    said: dict[tuple[str, str], list[Statement]] = {}
    for channel, purpose, permit, source, at in rows:
        said.setdefault((channel, purpose), []).append(Statement(permit, source, at.isoformat()))
    return {what: standing(statements) for what, statements in said.items()}
