"""Which value wins, per workspace: the rules as the audit log last said, and profiles that follow them."""

from collections.abc import Iterable, Mapping
from operator import itemgetter

import msgspec
from django.db import transaction

from vincle.accounts import audit
from vincle.accounts.models import AuditEntry, User, Workspace
from vincle.listen import log
from vincle.store import bulk

from . import conditional
from .profiling import Draft
from .survivors import TEAM, Rules, Word, choose, read, write

VERB, KIND = "set rules", "which value wins"
LATE = 1000
"""Entries written so shortly before the newest that one of them may have been committed after it."""
NONE = Rules({})
_known: dict[int, tuple[int, int, Rules]] = {}
_decode = msgspec.json.Decoder().decode
_STATED = (
    "SELECT b.person, a.seq, a.event_id, a.channel, a.happened_at, a.delivery_id FROM identify_belonging b "
    "JOIN listen_activity a ON a.actor = b.handle WHERE b.person IN ({}) AND a.object_type = 'Profile' "
    "AND NOT a.superseded AND a.op <> 'retract'"
)


def rules_of(workspace: int) -> Rules:
    """The rules in force. The audit log is their only home; of it only what was written since the last look is read."""
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    seen, at, rules = _known.get(workspace, (0, 0, NONE))
    said = AuditEntry.objects.filter(workspace_id=workspace, verb=VERB, object_type=KIND)
    if newest < seen or (at and not said.filter(pk=at).exists()):  # the log is no longer the one that was read
        seen, at, rules = 0, 0, NONE
    if newest != seen:
        found = said.filter(pk__gt=max(at, seen - LATE)).order_by("-pk").values_list("pk", "details").first()
        if found:
            at, rules = found[0], read(found[1])
    _known[workspace] = (newest, at, rules)
    return rules


def set_rules(workspace: Workspace, user: User, rules: Rules) -> None:
    """From now on; the profiles of everyone follow in the background."""
    with transaction.atomic():
        audit.record(workspace, user, VERB, KIND, **write(rules))
        sql = "INSERT INTO identify_change (workspace_id, person) SELECT workspace_id, person FROM organise_profile WHERE workspace_id = %s"
        bulk.execute(sql, [workspace.pk])


def follow(drafts: Mapping[int, Draft], people: Iterable[int]) -> None:
    """Let the values of fields with a rule of their own win in these profiles, as all that was stated of them says."""
    ruled: dict[int, Rules] = {}
    for person in people:
        workspace = drafts[person].values["workspace_id"]
        if workspace not in ruled:
            ruled[workspace] = rules_of(workspace)
    about = [person for person in people if ruled[drafts[person].values["workspace_id"]]]
    for person, said in stated(about).items():
        rules = ruled[drafts[person].values["workspace_id"]]
        for field in said.keys() & rules.of_field.keys():
            won = choose(said[field], rules.of_field[field], rules.order)
            if won is not None:
                drafts[person].keep(field, won.value, won.at, won.delivery, won.channel == TEAM)


def stated(people: Iterable[int]) -> dict[int, dict[str, list[Word]]]:
    """Person -> field -> everything sources say of it that stands, oldest in the log first."""
    rows = sorted(bulk.select(_STATED, people), key=itemgetter(0, 1)) if people else []
    void = conditional.void([bytes(row[2]) for row in rows if row[3] == TEAM])
    bodies = log.contents(event for row in rows if (event := bytes(row[2])) not in void)
    found: dict[int, dict[str, list[Word]]] = {}
    for person, _seq, event, channel, at, delivery in rows:
        if bytes(event) not in bodies:
            continue
        fact = _decode(bodies[bytes(event)][2] or "{}")
        traits = {**(fact.get("traits") or {}), **({"name": fact["name"]} if fact.get("name") else {})}
        for field, value in traits.items():
            word = Word(value, at.isoformat(" ", "microseconds")[:26], delivery, channel)
            found.setdefault(person, {}).setdefault(field, []).append(word)
    return found
