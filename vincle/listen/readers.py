"""What the optional reader of a workspace has said: kept by the words it judged, and handed to the readers whenever a text is read."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from vincle.accounts.models import Workspace
from vincle.language import registry
from vincle.language.base import Judge, Judgement, OptionalReader
from vincle.language.page import Page
from vincle.store import bulk

from .models import Judged, ReaderChoice

ANSWERS_DEPEND_ON = ("model", "folder", "url")
"""Settings under which other answers are to be expected."""


def reader_of(choice: ReaderChoice) -> OptionalReader | None:
    """None when this release has no such reader."""
    return registry.optional().get(choice.reader)


def fingerprint(reader: OptionalReader, settings: Mapping[str, Any]) -> str:
    """Of what the answers of a reader depend on."""
    told = msgspec.json.encode([reader.id, reader.version, *(str(settings.get(name, "")) for name in ANSWERS_DEPEND_ON)])
    return blake2b(told, digest_size=16).hexdigest()


def key_of(secret: bytes, choice: ReaderChoice, said: str) -> bytes:
    """Of words as they are judged; keyed, so that nobody can guess from it what somebody said."""
    return blake2b(f"{choice.fingerprint}\x1f{said}".encode("utf-8", "surrogatepass"), digest_size=16, key=bytes(secret)[:64]).digest()


def judges_of(workspace: int) -> dict[str, Judge]:
    """For the readers: who remembers what the optional reader of a workspace said. Nothing is asked here."""
    choice = ReaderChoice.objects.of(workspace).filter(is_on=True).select_related("workspace").first()
    reader = reader_of(choice) if choice is not None else None
    if choice is None or reader is None:
        return {}
    secret = bytes(choice.workspace.secret)

    def remember(pages: Sequence[Page]) -> list[Judgement | None]:
        keys = [key_of(secret, choice, reader.said(page)) for page in pages]
        there = known(workspace, keys)
        return [there.get(key) for key in keys]

    return {reader.id: remember}


def known(workspace: Workspace | int, keys: Iterable[bytes]) -> dict[bytes, Judgement]:
    """What was said of the words with these keys; nothing of an answer that could not be used is a `Judgement()`."""
    sql = f"SELECT key, said FROM {Judged._meta.db_table} WHERE workspace_id = %s AND key IN ({{}})"
    rows = bulk.select(sql, set(keys), [getattr(workspace, "pk", workspace)])
    return {bytes(key): _judgement(said) for key, said in rows}


def _judgement(said: Any) -> Judgement:
    found = msgspec.json.decode(said) if isinstance(said, str | bytes) else said
    return msgspec.convert(found, Judgement)
