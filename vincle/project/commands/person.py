"""`vincle person`: one person; who they are, and changing it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
import msgspec

from vincle.accounts.models import Workspace
from vincle.api.v1 import shapes
from vincle.api.v1.evidence import history_of, of_merge, of_split
from vincle.channels import _identifiers as identifiers
from vincle.identify import actions
from vincle.identify.models import Belonging, Move, Person
from vincle.identify.review import name_of
from vincle.listen.models import Handle
from vincle.organise import portrait
from vincle.organise.models import Profile
from vincle.project.commands.common import MISUSED, answer, fail, find_workspace
from vincle.vocabulary import from_public_id, handle_key, public_id

from .people import facts

VIA = "command"
Done = TypeVar("Done")
_workspace = click.option("--workspace", "-w", default=None, help="Short name of the workspace.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group("person", epilog="Example: vincle person show ana@example.org --json")
def person_command() -> None:
    """One person: show, merge, split, undo, history.

    Whoever is meant is named by their id, an e-mail address or a phone number.
    """


@person_command.command("show", epilog="Example: vincle person show ana@example.org --json")
@click.argument("who")
@_workspace
@_json
def show(who: str, workspace: str | None, as_json: bool) -> None:
    """Say who WHO is: what is known, and every handle with why it is theirs."""
    where = find_workspace(workspace)
    found = find_person(where, who)
    handles = portrait.handles_of(where, found.pk)
    known = _known(where, found, handles)
    told = portrait.facts_of(where, handles)
    sources = portrait.Sources(where, [fact.delivery for fact in told])
    identities = portrait.identities(where, handles, told, sources)
    rows = [
        {
            "id": public_id(each.handle.key), "kind": each.handle.kind, "value": each.handle.value, "name": each.handle.name,
            "why": each.reason, "probability": each.probability,
        }
        for each in identities
    ]  # fmt: skip
    lines = [f"{known['id']}  {known['name']}  ({known['stage']}, {known['activities']} activities)"]
    lines += [f"  {row['id']}  {row['kind']}: {row['value']}  {row['probability']:.0%}  {row['why']}" for row in rows]
    answer(as_json, {**known, "traits": _traits(where, found), "handles": rows}, "\n".join(lines))


@person_command.command("merge", epilog="Example: vincle person merge ana@example.org +34600111222")
@click.argument("a")
@click.argument("b")
@_workspace
@_json
def merge(a: str, b: str, workspace: str | None, as_json: bool) -> None:
    """Join A and B into one person. Both ids stay good."""
    where = find_workspace(workspace)
    left, right = find_person(where, a), find_person(where, b)
    kept = _attempt(lambda: actions.merge(where, left.pk, right.pk, None, via=VIA))
    joined = right.pk if kept == left.pk else left.pk
    said = {"id": public_id(kept), "joined": public_id(joined), "move": of_merge(where, kept, joined)}
    answer(as_json, said, f"{said['joined']} is {said['id']} now. Take it back: vincle person undo {said['move']}")


@person_command.command("split", epilog="Example: vincle person split ana@example.org --handle mastodon:ana@social.example")
@click.argument("who")
@click.option(
    "--handle", "handles", multiple=True, help="A handle that becomes a person of its own: its id, or kind:value. Several go together."
)
@click.option("--whole", is_flag=True, help="Back to what exact evidence alone says.")
@click.option("--at", default="", help="Back to the people this one was then: 2026-03-31, or with a time.")
@_workspace
@_json
def split(who: str, handles: tuple[str, ...], whole: bool, at: str, workspace: str | None, as_json: bool) -> None:
    """Take WHO apart: some handles, all that is not exact, or back to a moment."""
    if sum((bool(handles), whole, bool(at))) != 1:
        fail("Say exactly one of --handle, --whole and --at.", MISUSED)
    where = find_workspace(workspace)
    found = find_person(where, who)
    out = [each for each in _attempt(_how(where, found, handles, at)) if each != found.pk]
    said = {"id": public_id(found.pk), "people": [public_id(each) for each in out], "moves": of_split(where, found.pk, out)}
    text = f"Out of {said['id']} came {', '.join(said['people'])}." if said["people"] else "There was nothing to take apart."
    answer(as_json, said, "\n".join([text, *(f"Take it back: vincle person undo {move}" for move in said["moves"])]))


@person_command.command("undo", epilog="Example: vincle person undo 0000000000012")
@click.argument("move")
@_workspace
@_json
def undo(move: str, workspace: str | None, as_json: bool) -> None:
    """Take back a MOVE: a merge or a split, also when others came after it. `vincle person history` names them."""
    where = find_workspace(workspace)
    key = _key(move)
    if key is None or not Move.objects.of(where).filter(pk=key).exists():
        fail(f"There is no move '{move}' in this workspace. `vincle person history` names them.", MISUSED)
    try:
        actions.undo(where, key, None, via=VIA)
    except actions.NotUndoable as error:
        fail(str(error))
    answer(as_json, {"undone": public_id(key)}, "Taken back.")


@person_command.command("history", epilog="Example: vincle person history ana@example.org --json")
@click.argument("who")
@_workspace
@_json
def history(who: str, workspace: str | None, as_json: bool) -> None:
    """Say what happened to the identity of WHO, oldest first."""
    where = find_workspace(workspace)
    found = find_person(where, who)
    moves = history_of(where, found.pk)
    answer(
        as_json, [msgspec.to_builtins(each) for each in moves], "\n".join(map(_line, moves)) or "Nobody was joined to them or split off."
    )


def _line(move: shapes.Move) -> str:
    how = {"split": "out of", "undo": "back, of"}.get(move.act, "into")
    end = "  (taken back)" if move.undone_at else ""
    return f"{move.at:%Y-%m-%d %H:%M}  {move.id}  {move.act:<6} {move.other} {how} {move.person}  {move.by or move.via}{end}"


def find_person(where: Workspace, who: str) -> Person:
    """The living person of an id, an e-mail address or a phone number; ends with a sentence when there is none."""
    key = _key(who)
    found = actions.person_of(where, key) if key is not None else None
    if found is None and (handle := _handle(where, who)) is not None:
        owner = Belonging.objects.of(where).filter(handle=handle).values_list("person", flat=True).first()
        found = actions.person_of(where, owner) if owner is not None else None
    if found is None:
        _nobody(who)
    return found


def _nobody(who: str) -> NoReturn:
    fail(f"Nobody in this workspace is '{who}'. Name an id, an e-mail address or a phone number; `vincle people` finds them.", MISUSED)


def _key(text: str) -> int | None:
    try:
        return from_public_id(text)
    except ValueError:
        return None


def _handle(where: Workspace, text: str) -> int | None:
    """The key of what was typed: an e-mail address, a phone number, or kind:value."""
    secret = bytes(where.secret)
    if email := identifiers.email(text):
        return handle_key(secret, "email", email)
    if phone := identifiers.phone(text, where.country):
        return handle_key(secret, "phone", phone)
    kind, _colon, value = text.partition(":")
    return handle_key(secret, kind, value) if kind and value else None


def _how(where: Workspace, found: Person, handles: tuple[str, ...], at: str) -> Callable[[], list[int]]:
    if at:
        moment = _moment(where, at)
        return lambda: actions.back_to(where, found.pk, moment, None, via=VIA)
    if not handles:
        return lambda: actions.split_whole(where, found.pk, None, via=VIA)
    own = set(Belonging.objects.of(where).filter(person=found.pk).values_list("handle", flat=True))
    keys = []
    for text in handles:
        key = next((each for each in (_key(text), _handle(where, text)) if each in own), None)
        if key is None:
            fail(f"'{text}' is no handle of this person. `vincle person show` names them.", MISUSED)
        keys.append(key)
    return lambda: [actions.split(where, found.pk, keys, None, via=VIA)]


def _moment(where: Workspace, text: str) -> datetime:
    """A date or a time as it is typed; without a zone it is the workspace's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"'{text}' is not a date; write it as 2026-03-31 or 2026-03-31T18:00.", MISUSED)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(where.timezone))
    if moment > datetime.now(UTC):
        fail(f"'{text}' has not come yet.", MISUSED)
    return moment


def _attempt(do: Callable[[], Done]) -> Done:
    try:
        return do()
    except ValueError as error:
        fail(f"{str(error)[:1].upper()}{str(error)[1:]}.")


def _known(where: Workspace, found: Person, handles: list[Handle]) -> dict[str, Any]:
    """What a list says of them; of someone who began to be a moment ago, what their handles say."""
    row = Profile.objects.of(where).filter(person=found.pk).first()
    blank = Profile(person=found.pk, kind=found.kind, name=name_of(handles), known_since=found.first_seen)
    return facts(row or blank)


def _traits(where: Workspace, found: Person) -> dict[str, Any]:
    row = Profile.objects.of(where).filter(person=found.pk).first()
    return {name: entry[0] for name, entry in sorted(row.traits.items())} if row else {}
