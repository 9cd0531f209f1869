"""Choosing who else reads a workspace's texts: nobody unless someone says so, and nothing leaves before they have confirmed what leaves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings as installation
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.language import registry
from vincle.language.base import NotReady, OptionalReader
from vincle.language.page import Page
from vincle.store import outside
from vincle.store.models import Cursor
from vincle.store.secrets import Unreadable, seal, unseal

from . import understanding
from .models import Judged, ReaderChoice
from .readers import fingerprint, reader_of
from .readers_outside import Sender, Trouble

LONGEST_KEY, LONGEST_MODEL = 500, 120
MOST_A_DAY: Final = 1_000_000
USUAL_A_DAY: Final = 1_000
BACK: Final = {"0": 0, "30": 30, "all": 36_500}
"""How many days back it reads."""
TRIED: Final = "The delivery came two days late and the box was open. Never again!"
"""A text of our own: no one's words are sent to see whether it goes."""
_OBJECT = "reader"


class Refused(ValueError):
    """What cannot be done, as a sentence; `field` at fault."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def folder() -> Path:
    """Where this installation keeps models: `models` in its home folder."""
    return Path(installation.HOME) / "models"


def models() -> list[str]:
    """Names of the models that lie there."""
    at = folder()
    return sorted(each.name for each in at.iterdir() if each.is_dir() and not each.name.startswith(".")) if at.is_dir() else []


def chosen(workspace: Workspace) -> ReaderChoice | None:
    found: ReaderChoice | None = ReaderChoice.objects.of(workspace).select_related("chosen_by").first()
    return found


def choose(workspace: Workspace, user: User, name: str, given: Mapping[str, str]) -> ReaderChoice:
    """Switch an optional reader on, with its settings; what another one had said is used no more. Refused."""
    reader = registry.optional().get(name)
    if reader is None:
        raise Refused(_("Choose who reads."), "reader")
    before = chosen(workspace)
    values = _checked(reader, given) | {"back": given.get("back", "0")}
    if reader.goes_out and given.get("confirmed") != "on":
        raise Refused(_("Confirm that these words may leave this installation."), "confirmed")
    secret = _secret(reader, given, before, values)
    with transaction.atomic():
        row = _store(workspace, user, reader, values, secret, before, _since(given.get("back", "0"), before))
        told = {key: value for key, value in values.items() if key != "folder"}
        audit.record(workspace, user, "switched on", _OBJECT, row.pk, reader.id, words_leave=reader.goes_out, **told)
        understanding.read_again(workspace)
    return row


def _store(
    workspace: Workspace, user: User, reader: OptionalReader, values: dict[str, Any], secret: bytes | None, before: ReaderChoice | None,
    since: datetime,
) -> ReaderChoice:  # fmt: skip
    now, mark = timezone.now(), fingerprint(reader, values)
    upto = Cursor.objects.filter(name=understanding.STEP).values_list("position", flat=True).first() or 0
    is_same = before is not None and before.fingerprint == mark
    if not is_same:
        Judged.objects.of(workspace).delete()
    counted = {} if is_same else {"judged": 0, "refused": 0, "passed": 0}
    made, _is_new = ReaderChoice.objects.update_or_create(
        workspace=workspace,
        defaults={
            "reader": reader.id, "settings": values, "secret": secret, "fingerprint": mark, "is_on": True, "since": since,
            "position": upto, "back_to": upto + 1, "failures": 0, "trouble": {}, "next_at": now, "chosen_by": user, "chosen_at": now,
            **counted,
        },
    )  # fmt: skip
    return made


def switch_off(workspace: Workspace, user: User) -> None:
    """From now on our own readers read alone, and what the other had said is forgotten, with its key."""
    with transaction.atomic():
        row = ReaderChoice.objects.of(workspace).select_for_update().first()
        if row is None:
            return
        Judged.objects.of(workspace).delete()
        ReaderChoice.objects.of(workspace).delete()
        audit.record(workspace, user, "switched off", _OBJECT, row.pk, row.reader)
        understanding.read_again(workspace)


def try_out(workspace: Workspace) -> dict[str, Any]:
    """Let the chosen reader judge a text of our own: the judgement, or the trouble as it is kept (`code` and values)."""
    row = chosen(workspace)
    reader = reader_of(row) if row else None
    if row is None or reader is None:
        return {"code": "no_reader"}
    page = Page(TRIED)
    sender = None
    try:
        if reader.goes_out:
            sender = Sender(row.settings["url"], str(unseal(row.secret).get("key", "")) if row.secret else "")
        (found,) = reader.open(row.settings, sender)([page])
    except NotReady as error:
        return {"code": error.code, **error.values}
    except Unreadable:
        return {"code": "key_unreadable"}
    trouble: Trouble | None = sender.trouble if sender else None
    if trouble is not None:
        return {"code": trouble.code, "status": trouble.status, "why": trouble.why}
    if found is None or not found.sentiment:
        return {"code": "no_sense"}
    ReaderChoice.objects.filter(pk=row.pk).update(next_at=timezone.now(), failures=0, trouble={})
    return {"code": "", "sentiment": found.sentiment, "score": found.score, "confidence": found.confidence}


def _checked(reader: OptionalReader, given: Mapping[str, str]) -> dict[str, Any]:
    if not reader.goes_out:
        name = given.get("model", "")
        if name not in models():
            raise Refused(_("Choose one of the models that lie in the folder."), "model")
        values: dict[str, Any] = {"model": name, "folder": str(folder() / name), "private": True}
        try:
            reader.open(values)
        except NotReady as error:
            from .readers_words import sentence

            raise Refused(sentence({"code": error.code, **error.values}), "model") from error
        return values
    url, model = given.get("url", "").strip(), " ".join(given.get("model", "").split())
    _check_address(url)
    if not model or len(model) > LONGEST_MODEL:
        raise Refused(_("Write the name of the model, as the other side calls it."), "model")
    return {"url": url, "model": model, "most_a_day": _most(given.get("most_a_day", "")), "private": given.get("private") == "on"}


def _check_address(url: str) -> None:
    try:
        where = outside.target(url, 500)
    except ValueError as error:
        raise Refused(_("Write an address that begins with https:// (or http://), without a name or password in it."), "url") from error
    if installation.OPTIONS.webhooks_private:
        return
    if outside.is_near(where.host):
        raise Refused(_("This address lies in the own network, where nothing is sent."), "url")
    if not where.is_secure:
        raise Refused(_("Words of people go over https:// only."), "url")


def _most(given: str) -> int:
    given = given.strip() or str(USUAL_A_DAY)
    if len(given) < 9 and given.isascii() and given.isdecimal() and 1 <= int(given) <= MOST_A_DAY:
        return int(given)
    raise Refused(_("Write a number from %(low)s to %(high)s.") % {"low": "1", "high": f"{MOST_A_DAY:,}"}, "most_a_day")


def _secret(reader: OptionalReader, given: Mapping[str, str], before: ReaderChoice | None, values: Mapping[str, Any]) -> bytes | None:
    """The key, sealed. Left empty it stays as it was, but for another host: a key goes only to those it was given for."""
    if not reader.goes_out:
        return None
    key = given.get("key", "").strip()
    if len(key) > LONGEST_KEY or any(not 32 < ord(letter) < 127 for letter in key):
        raise Refused(_("This is not a key: it has spaces or signs that no key has."), "key")
    if key:
        return seal({"key": key})
    if before is None or before.secret is None:
        return None
    if outside.target(before.settings.get("url", ""))[:2] != outside.target(values["url"])[:2]:
        raise Refused(_("This is another address: write the key it is to be given."), "key")
    return bytes(before.secret)


def _since(back: str, before: ReaderChoice | None) -> datetime:
    days = BACK.get(back)
    if days is None:
        raise Refused(_("Choose from when on."), "back")
    return timezone.now() - timedelta(days=days)
