"""Asking the optional readers: beside the steps, newest texts first, within the day's limit, with growing pauses while it does not go.

A text is read by our own readers as it comes in. When the optional reader has said what it thinks, that is kept, and the text is read
again: so a slow model, an outage or an answer that makes no sense keep nobody waiting and lose nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vincle.language import registry
from vincle.language.base import Judge, Judgement, NotReady, OptionalReader
from vincle.store import bulk, lease
from vincle.store.models import Cursor
from vincle.store.secrets import Unreadable, unseal
from vincle.vocabulary import ObjectType

from . import changes, fulltext, texts, understanding
from .models import Judged, ReaderChoice, Understanding
from .readers import key_of, known, reader_of
from .readers_outside import Sender, Trouble
from .texts import Text

BATCH: Final = 16
PAUSES: Final = (10, 30, 120, 600, 1800, 3600)
"""Seconds after each failure in a row; then always the last."""
STUBBORN: Final = 4
"""Failures in a row after which texts that are refused each by itself are taken to be refused for good."""
PUBLIC: Final = frozenset({ObjectType.NOTE, ObjectType.MENTION, ObjectType.REVIEW})
logger = structlog.get_logger(__name__)


def turn() -> int:
    """A batch of each workspace that has one due; returns how many texts were gone through."""
    due = ReaderChoice.objects.filter(is_on=True, next_at__lte=timezone.now()).order_by("next_at").values_list("pk", flat=True)
    return sum(_one(pk) for pk in list(due))


def _one(pk: int) -> int:
    rows = ReaderChoice.objects.filter(pk=pk, is_on=True)
    choice = rows.select_related("workspace").first()
    if choice is None or not _waiting(choice) or not lease.claim(rows):
        return 0
    try:
        return Round(choice).go()
    finally:
        lease.release(rows)


def _waiting(choice: ReaderChoice) -> bool:
    return choice.back_to > 0 or choice.position < _understood()


def _understood() -> int:
    return Cursor.objects.filter(name=understanding.STEP).values_list("position", flat=True).first() or 0


class Round:
    """One batch of one workspace."""

    def __init__(self, choice: ReaderChoice) -> None:
        self.choice, self.workspace = choice, choice.workspace
        self.sender: Sender | None = None
        self.today = timezone.now().astimezone(UTC).date()
        self.asked_today = choice.asked if choice.day == self.today else 0

    @property
    def left(self) -> int:
        """Texts that may still be asked for today."""
        most = int(self.choice.settings.get("most_a_day") or 0)
        return max(most - self.asked_today, 0) if most else 1 << 30

    def go(self) -> int:
        reader = reader_of(self.choice)
        try:
            judge = self._judge(reader)
        except (NotReady, Unreadable) as error:
            code, values = (error.code, error.values) if isinstance(error, NotReady) else ("key_unreadable", {})
            self._pause({"code": code, **values}, PAUSES[-1])
            return 0
        assert reader is not None
        seqs, at = self._next()
        if not seqs:
            self._move(at, {})
            return 0
        return self._do(reader, judge, seqs, at)

    def _judge(self, reader: OptionalReader | None) -> Judge:
        if reader is None:
            raise NotReady("no_reader")
        if reader.goes_out:
            key = str(unseal(self.choice.secret).get("key", "")) if self.choice.secret else ""
            self.sender = Sender(self.choice.settings["url"], key)
        return reader.open(self.choice.settings, self.sender)

    def _next(self) -> tuple[list[int], dict[str, int]]:
        """Texts to go through, and where that leads: what is new before what is older; beyond the limit what is new is passed over."""
        floor = fulltext.point_of(self.choice.since, 0)
        rows = Understanding.objects.of(self.workspace).filter(point__gte=floor)
        upto = _understood()
        if self.choice.position < upto:
            found = rows.filter(seq__gt=self.choice.position, seq__lte=upto).order_by("seq").values_list("seq", flat=True)
            if not self.left:
                self._pass(found.count())
                return [], {"position": upto}
            seqs = list(found[:BATCH])
            return seqs, {"position": seqs[-1] if len(seqs) == BATCH else upto}
        if not self.left:
            ReaderChoice.objects.filter(pk=self.choice.pk, owner=lease.ME).update(next_at=_midnight(self.today))
            return [], {}
        older = list(rows.filter(seq__lt=self.choice.back_to).order_by("-seq").values_list("seq", flat=True)[:BATCH])
        return older, {"back_to": older[-1] if len(older) == BATCH else 0}

    def _pass(self, count: int) -> None:
        ReaderChoice.objects.filter(pk=self.choice.pk, owner=lease.ME).update(passed=F("passed") + count)

    def _do(self, reader: OptionalReader, judge: Judge, seqs: Sequence[int], at: dict[str, int]) -> int:
        found = [text for text in texts.at(seqs) if self._is_meant(text)]
        registry.understand([text.page for text in found], understanding.context_of(self.workspace.pk, alone=True))
        said = {text.seq: reader.said(text.page) for text in found}
        keys = {seq: key_of(bytes(self.workspace.secret), self.choice, words) for seq, words in said.items() if words}
        answers: dict[bytes, Judgement | None] = dict(known(self.workspace, keys.values()))
        asked = {keys[text.seq]: text for text in found if text.seq in keys and keys[text.seq] not in answers}
        kept = dict(list(asked.items())[: self.left])
        if kept:
            answers |= zip(kept, judge([text.page for text in kept.values()]), strict=True)
        trouble = self._trouble()
        if trouble is not None and trouble.status == 400 and self.choice.failures >= STUBBORN:
            answers |= {key: Judgement() for key in kept}
            trouble = None
        self._keep([text for text in found if text.seq in keys], keys, answers, len(asked) - len(kept), set(kept))
        if trouble is not None:
            after = PAUSES[min(self.choice.failures, len(PAUSES) - 1)]
            self._pause({"code": trouble.code, "status": trouble.status, "why": trouble.why}, max(after, trouble.wait))
            return 0
        self._move(at, {"failures": 0, "trouble": {}})
        return len(seqs)

    def _is_meant(self, text: Text) -> bool:
        is_private = text.row["object_type"] not in PUBLIC
        return text.workspace == self.workspace.pk and not text.is_ours and (bool(self.choice.settings.get("private")) or not is_private)

    def _trouble(self) -> Trouble | None:
        return self.sender.trouble if self.sender else None

    def _keep(
        self, found: Sequence[Text], keys: dict[int, bytes], answers: dict[bytes, Judgement | None], passed: int, asked: set[bytes]
    ) -> None:
        """Store what was answered, and read those texts again. What is unanswered is left as it was."""
        told = [(text, answer) for text in found if (answer := answers.get(keys[text.seq])) is not None]
        new = {key: answers[key] for key in asked if answers.get(key) is not None}
        counts: dict[str, Any] = {
            "judged": F("judged") + sum(1 for _text, answer in told if answer.sentiment),
            "refused": F("refused") + sum(1 for answer in new.values() if answer is not None and not answer.sentiment),
            "passed": F("passed") + passed,
            "day": self.today,
            "asked": self.asked_today + (self.sender.asked if self.sender else len(asked)),
            "tokens": (self.choice.tokens if self.choice.day == self.today else 0) + (self.sender.tokens if self.sender else 0),
        }
        with transaction.atomic():
            if ReaderChoice.objects.filter(pk=self.choice.pk, owner=lease.ME, fingerprint=self.choice.fingerprint).update(**counts) != 1:
                return  # another has it now, or it was chosen anew: its answers are none of ours
            changes.take(0)
            there = set(bulk.pluck("SELECT seq FROM listen_understanding WHERE seq IN ({})", [text.seq for text, _answer in told]))
            Judged.objects.bulk_create(
                [
                    Judged(event_id=text.event_id, workspace=self.workspace, key=keys[text.seq], said=list(answer))
                    for text, answer in told
                    if text.seq in there
                ],
                update_conflicts=True, unique_fields=["event_id"], update_fields=["key", "said", "at"],
            )  # fmt: skip
            understanding.refresh(self.workspace, [text.seq for text, _answer in told])

    def _pause(self, trouble: dict[str, Any], seconds: float) -> None:
        ReaderChoice.objects.filter(pk=self.choice.pk, owner=lease.ME).update(
            trouble=trouble, failures=F("failures") + 1, next_at=timezone.now() + timedelta(seconds=seconds)
        )
        logger.warning("the optional reader does not go", workspace=self.workspace.slug, **{"trouble": trouble["code"]})

    def _move(self, at: dict[str, int], more: dict[str, Any]) -> None:
        if at or more:
            ReaderChoice.objects.filter(pk=self.choice.pk, owner=lease.ME, fingerprint=self.choice.fingerprint).update(**at, **more)


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
