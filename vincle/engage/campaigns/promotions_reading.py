"""The step `promotions`: purchases that carry a code are noted beside it, and follow the log as they are corrected and taken back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Max

from vincle.listen import aside, known, log
from vincle.store import bulk
from vincle.store.blame import blame
from vincle.store.lease import advance
from vincle.store.models import Cursor
from vincle.vocabulary import Op, Verb

from . import promo_codes
from .models_promotions import PromoCode, PromoUse

STEP, AHEAD = "promotions", "organise"
BATCH = 5_000
_decode = msgspec.json.Decoder().decode
_USE = ("workspace_id", "code_id", "promotion_id", "root", "seq", "handle", "at", "amount", "currency")


class Row(NamedTuple):
    """A row of the log as far as it is read here."""

    seq: int
    event_id: bytes
    root_id: bytes | None
    workspace_id: int
    op: str
    superseded: bool
    verb: str
    actor: int | None
    happened_at: Any
    amount: Any
    currency: str
    props: str

    @property
    def root(self) -> bytes:
        return bytes(self.root_id or self.event_id)

    @property
    def codes(self) -> list[str]:
        """Folded."""
        if '"codes"' not in self.props:
            return []
        told = _decode(self.props).get("codes")
        return [promo_codes.fold(each) for each in told if isinstance(each, str)] if isinstance(told, list) else []


COLUMNS = Row._fields[1:]
Known = Mapping[tuple[int, str], tuple[int, int]]
"""(workspace, folded) to (code, promotion)."""


def is_behind(reached: dict[str, int]) -> bool:
    return reached.get(STEP, 0) < reached.get(AHEAD, 0)


def step(cursor: Cursor, most: int | None = None) -> int:
    """Read the next rows of the log; returns how many moved. Faulty names rows that cannot be read."""
    upto = Cursor.objects.filter(name=AHEAD).values_list("position", flat=True).first() or 0
    if upto <= cursor.position:
        return 0
    if not PromoCode.objects.exists():
        # Nothing could be found: codes count from when they are known here.
        with transaction.atomic():
            advance(cursor, upto, 0)
        return 1
    rows = [Row(*row) for row in log.read_acts(cursor.position, upto, most or BATCH, COLUMNS)]
    skipped = aside.passed_over(STEP, cursor.position, rows[-1].seq if rows else upto)
    wanted = [row for row in rows if row.seq not in skipped]
    with blame([row.seq for row in wanted]), transaction.atomic():
        follow(wanted)
        advance(cursor, rows[-1].seq if rows else upto, len(rows))
    return len(rows) or 1


def again(seq: int) -> None:
    """Read one row that had been set aside. Inside the caller's transaction."""
    follow([Row(*row) for row in log.read_new(seq - 1, 1, COLUMNS) if row[0] == seq])


def follow(rows: Sequence[Row]) -> None:
    """Note what these rows come to. In the caller's transaction; doing it again changes nothing."""
    codes = _known({(row.workspace_id, code) for row in rows for code in row.codes})
    roots = {row.root for row in rows if any((row.workspace_id, code) in codes for code in row.codes)}
    moved = [row.root for row in rows if row.op != Op.ASSERT or row.superseded]
    roots |= {bytes(root) for (root,) in bulk.select("SELECT root FROM campaigns_promouse WHERE root IN ({})", moved)}
    if not roots:
        return
    standing = _standing(roots)
    codes = _known({(row.workspace_id, code) for row in standing for code in row.codes})
    uses = {(codes[row.workspace_id, code], row) for row in standing for code in row.codes if (row.workspace_id, code) in codes}
    touched = {code for (code,) in bulk.select("SELECT code_id FROM campaigns_promouse WHERE root IN ({})", roots)}
    bulk.execute_in("DELETE FROM campaigns_promouse WHERE root IN ({})", roots)
    kept = [
        (row.workspace_id, code, promotion, row.root, row.seq, row.actor, row.happened_at, row.amount, row.currency)
        for (code, promotion), row in sorted(uses, key=lambda each: (each[1].seq, each[0]))
    ]
    bulk.insert(PromoUse, _USE, kept)
    _stamp(touched | {row[1] for row in kept})


def _known(wanted: Iterable[tuple[int, str]]) -> Known:
    folded = {code for _workspace, code in wanted if code}
    sql = "SELECT workspace_id, folded, id, promotion_id FROM campaigns_promocode WHERE folded IN ({})"
    found = {(workspace, code): (pk, promotion) for workspace, code, pk, promotion in bulk.select(sql, folded)}
    return {key: found[key] for key in wanted if key in found}


def _standing(roots: set[bytes]) -> list[Row]:
    """Of each root the row that stands, where it is a purchase."""
    families: dict[bytes, dict[int, Row]] = defaultdict(dict)
    names = ", ".join(("seq", *COLUMNS))
    for column in ("event_id", "root_id"):
        for found in known.select(f"SELECT {names} FROM listen_activity WHERE {column} IN ({{}})", roots, column):
            row = Row(*found)
            families[row.root][row.seq] = row
    last = []
    for family in families.values():
        words = [row for row in family.values() if row.op != Op.RETRACT and not row.superseded]
        if words and (row := max(words, key=lambda each: each.seq)).verb == Verb.PURCHASE:
            last.append(row)
    return last


def _stamp(codes: set[int]) -> None:
    """When each of these codes was last used."""
    newest = dict(PromoUse.objects.filter(code__in=codes).values_list("code").annotate(Max("at")))
    rows = list(PromoCode.objects.filter(pk__in=codes))
    for row in rows:
        row.used_at = newest.get(row.pk)
    PromoCode.objects.bulk_update(rows, ["used_at"], batch_size=500)


def empty() -> None:
    """Before a rebuild: what is worked out goes; codes and whom they were given to stay. Inside the caller's transaction."""
    PromoUse.objects.all().delete()
    PromoCode.objects.exclude(used_at=None).update(used_at=None)
    Cursor.objects.filter(name=STEP).update(position=0, done=0, failed_in_a_row=0, trouble="")
