"""The outbox's writer "letter".

`job.content` is {"version": pk} or {"arms": {arm: pk}}; {"tags": {...}} beside it where links are tagged in another way.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.engage.outbox import tracking, writing
from vincle.engage.outbox.models import Job, Send
from vincle.engage.outbox.writing import Skip, Written

from . import addresses, choosing, recipients, rendering
from .compiling import Broken, compiled
from .models import LetterVersion
from .recipients import Recipient
from .rendering import Rendered
from .tagging import Tags

NAME = "letter"


def writer(job: Job, sends: Sequence[Send]) -> list[Written | Skip]:
    """Each send's letter, by its arm, in its reader's language."""
    workspace: Workspace = job.workspace
    arms = {str(arm): int(pk) for arm, pk in (job.content.get("arms") or {}).items()}
    single = job.content.get("version")
    wanted = {send.pk: arms.get(str(send.arm), single) for send in sends}
    versions = choosing.versions(workspace, [pk for pk in set(wanted.values()) if pk is not None])
    found: dict[int, Written | Skip] = {}
    by_version: dict[int, list[Send]] = defaultdict(list)
    for send in sends:
        pk = wanted[send.pk]
        if pk not in versions:
            found[send.pk] = Skip("letter_gone")
        else:
            by_version[pk].append(send)
    for pk, some in by_version.items():
        found |= _written(workspace, job, versions[pk], some)
    return [found[send.pk] for send in sends]


def _written(workspace: Workspace, job: Job, version: LetterVersion, sends: Sequence[Send]) -> dict[int, Written | Skip]:
    people = readers(workspace, version, sends, writing.addresses(sends))
    made = rendering.render(version, people, links=tracking.linker(job), tags=tags_of(workspace, job))
    mark = f"[{_('Test')}] " if job.content.get("test") else ""
    return {send.pk: _one(reader, each, version, mark) for send, reader, each in zip(sends, people, made, strict=True)}


def _one(reader: Recipient, made: Rendered, version: LetterVersion, mark: str) -> Written | Skip:
    if not reader.address:
        return Skip("no_address")
    if made.problems or not made.subject:
        return Skip("letter_broken", made.problems[0] if made.problems else "")
    headers = {"Content-Language": made.language} if made.language else {}
    return Written(reader.address, mark + made.subject, made.html, made.text, headers, version.look.get("company", ""))


def readers(workspace: Workspace, version: LetterVersion, sends: Sequence[Send], where: dict[int, str]) -> list[Recipient]:
    """Those the sends go to, with what the version says of them."""
    uses = uses_of(version)
    values = recipients.people(workspace, [person for send in sends if (person := told_of(send)) is not None], uses)
    ways = addresses.of_sends(workspace, sends)
    return [_reader(workspace, send, where.get(send.pk, ""), values, ways[send.pk]) for send in sends]


def _reader(workspace: Workspace, send: Send, address: str, values: dict[int, dict[str, Any]], ways: dict[str, str]) -> Recipient:
    data = dict(send.data or {})
    person = told_of(send)
    known = values[person] if person is not None else recipients.nobody(workspace, "", address)
    language = str(data.get("language") or known["person"].get("language") or "")
    return Recipient(person, address, language, send.pk, {**known, "data": data, **ways})


def told_of(send: Send) -> int | None:
    """Whom a letter speaks of: whoever it goes to; of a test, the person it was asked to be shown for."""
    shown = (send.data or {}).get("as")
    return int(shown) if send.person is None and isinstance(shown, int) else send.person


def uses_of(version: LetterVersion) -> frozenset[str]:
    """Paths of the variables a version asks for, in whichever language."""
    found: frozenset[str] = frozenset()
    for language in version.languages:
        try:
            found |= compiled(version.content(language), version.look, language).uses
        except Broken:
            continue
    return found


def shown(send: Send) -> Rendered | None:
    """The letter of one send as its reader may look at it later; None where it is no letter, or gone."""
    job = send.job
    if job is None or job.writer != NAME:
        return None
    pk = (job.content.get("arms") or {}).get(str(send.arm), job.content.get("version"))
    version = choosing.versions(job.workspace, [int(pk)]).get(int(pk)) if pk is not None else None
    if version is None:
        return None
    reader = readers(job.workspace, version, [send], {})
    made = rendering.render(version, reader, tags=tags_of(job.workspace, job))[0]
    return None if made.problems else made


def tags_of(workspace: Workspace, job: Job) -> Tags:
    """UTM of a job's links: who wrote, by which medium, for which campaign."""
    told = job.content.get("tags")
    given = told if isinstance(told, dict) else {}
    usual = {"source": workspace.slug, "medium": "email", "campaign": job.name or job.source}
    return Tags(**{name: str(given.get(name, usual.get(name, "")))[:80] for name in Tags._fields})
