"""Who writes what leaves to many: each stage above registers its writer by name, and the outbox asks it for a batch at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .models import Job, Send


@dataclass(frozen=True, slots=True)
class Written:
    """What goes to one address. `html` may be empty; `text` may not. `headers` are added to those the outbox sets.

    For media other than mail `text` goes through the channel's `act`, and `to_address` is what the platform calls them.
    """

    to_address: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    from_name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing can be written to this one. `code`: why; it stays beside the send."""

    code: str
    detail: str = ""


Writer = Callable[[Job, Sequence[Send]], list[Written | Skip]]
"""Renders a batch of sends of one job: as many as asked, in their order. Called outside transactions, often from a thread."""

_writers: dict[str, Writer] = {}


class NoWriter(LookupError):
    """Nobody writes under this name."""


def register(name: str, writer: Writer) -> None:
    """In `ready()` of an app."""
    _writers[name] = writer


def named(name: str) -> Writer:
    if name not in _writers:
        raise NoWriter(name)
    return _writers[name]


def addresses(sends: Sequence[Send]) -> dict[int, str]:
    """Where each of these goes, by its key: the value of its handle; without those that are gone. One query."""
    from vincle.listen.models import Handle

    keys = {send.handle for send in sends if send.handle is not None}
    values = dict(Handle.objects.filter(key__in=keys).values_list("key", "value"))
    return {send.pk: values[send.handle] for send in sends if send.handle in values}


def plain(job: Job, sends: Sequence[Send]) -> list[Written | Skip]:
    """The writer "plain": what stands in the job, or in each send's own `data`: subject, text, html, headers, from_name, reply_to."""
    where = addresses(sends)
    return [_plain({**job.content, **send.data}, where.get(send.pk, "")) for send in sends]


def _plain(told: Mapping[str, Any], address: str) -> Written | Skip:
    if not address:
        return Skip("no_address")
    if not str(told.get("text", "")).strip():
        return Skip("nothing_to_say")
    words = {name: str(told.get(name, "")) for name in ("subject", "html", "text", "from_name", "reply_to")}
    return Written(to_address=address, headers=dict(told.get("headers", {})), **words)


register("plain", plain)
