"""What was said last, with who said it."""

from typing import Any

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.listen import stream
from vincle.listen.models import Activity
from vincle.listen.phrases import phrase
from vincle.organise.models import Profile
from vincle.vocabulary import ANONYMOUS, Op, Verb

SHOWN = 8
# Among so many of the latest acts words are looked for.
LOOKED_AT = 60
SPOKEN = (Verb.CREATE, Verb.ANNOUNCE, Verb.SUBMIT)


def latest(workspace: Workspace) -> list[dict[str, Any]]:
    """The latest words of others, newest first; at most SHOWN."""
    acts = Activity.objects.of(workspace).filter(superseded=False, direction="in", is_machine=False)
    acts = acts.filter(verb__in=SPOKEN).exclude(op=Op.RETRACT)
    seqs = list(acts.order_by("-happened_at").values_list("seq", flat=True)[:LOOKED_AT])
    rows = [row for row in stream.rows(seqs) if row["text"] or row["title"]][:SHOWN]
    people = _people({row["actor"] for row in rows if row["actor"]})
    return [_line(row, people.get(row["actor"])) for row in rows]


def _people(handles: set[int]) -> dict[int, Profile]:
    owners = dict(Belonging.objects.filter(handle__in=handles).values_list("handle", "person"))
    profiles = Profile.objects.in_bulk(set(owners.values()))
    return {handle: profiles[person] for handle, person in owners.items() if person in profiles}


def _line(row: dict[str, Any], profile: Profile | None) -> dict[str, Any]:
    who = row["who"]
    return {
        **row,
        "person": profile,
        "name": profile.name if profile else (who.name or who.value if who and who.kind not in ANONYMOUS else ""),
        "words": row["text"] or row["title"],
        "did": phrase(row["verb"], row["object_type"], bool(row["parent_key"]), row["event_name"], row["reaction"]),
        "tone": {"positive": "pos", "negative": "neg"}.get(row["sentiment"], ""),
    }
