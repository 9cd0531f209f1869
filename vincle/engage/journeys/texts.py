"""The outbox's writer "journey text": a text of a step's own, in Liquid, for media that letters do not go by."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate

from vincle.engage.letters import liquids, recipients
from vincle.engage.outbox import writing
from vincle.engage.outbox.models import Job, Send
from vincle.engage.outbox.writing import Skip, Written


@lru_cache(maxsize=512)
def _template(source: str) -> BoundTemplate:
    return liquids.parse(source, is_html=False)


def writer(job: Job, sends: Sequence[Send]) -> list[Written | Skip]:
    """Each send's text, with what is known of its reader."""
    try:
        text, subject = _template(str(job.content.get("text", ""))), _template(str(job.content.get("subject", "")))
    except liquids.Broken as error:
        return [Skip("text_broken", error.why)] * len(sends)
    where = writing.addresses(sends)
    uses = frozenset(liquids.used(text) | liquids.used(subject))
    known = recipients.people(job.workspace, [send.person for send in sends if send.person is not None], uses)
    return [_one(text, subject, where.get(send.pk, ""), {**known.get(send.person or 0, {}), "data": send.data or {}}) for send in sends]


def _one(text: BoundTemplate, subject: BoundTemplate, address: str, values: dict[str, Any]) -> Written | Skip:
    if not address:
        return Skip("no_address")
    try:
        said, about = text.render(**values).strip(), " ".join(subject.render(**values).split())
    except liquids.FAILURES as error:
        return Skip("text_broken", liquids.said(error))
    return Written(to_address=address, subject=about, html="", text=said) if said else Skip("nothing_to_say")
