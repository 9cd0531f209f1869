"""A request with an Idempotency-Key is done once: sent again, it gets the first answer and changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from vincle.accounts.by_key import Caller
from vincle.accounts.models import ApiAnswer

from .faults import conflict, invalid

KEPT = timedelta(hours=24)
LONGEST = 200
_HEADER = "Idempotency-Key"


def do(caller: Caller, token: str, request: tuple[str, bytes], work: Callable[[], bytes]) -> bytes:
    """What `work` gives, in one transaction with the note that it was done. Of two at once the second waits for the first one's answer.

    What was refused changed nothing and is not kept: the next request with this key is tried anew.
    """
    if len(token) > LONGEST:
        raise invalid(_HEADER, f"It may have {LONGEST} characters.")
    path, body = request
    asked = sha256(path.encode() + b"\x1f" + body).hexdigest()
    named = sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
    ApiAnswer.objects.of(caller.workspace).filter(at__lt=now() - KEPT).delete()
    mine = ApiAnswer.objects.of(caller.workspace).filter(key=caller.key, token=named)
    try:
        with transaction.atomic():
            kept = ApiAnswer.objects.create(workspace=caller.workspace, key=caller.key, token=named, request=asked)
            answer = work()
            mine.filter(pk=kept.pk).update(status=200, body=answer)
            return answer
    except IntegrityError:
        found = mine.first()
        if found is None:
            raise
    if found.request != asked:
        raise conflict("This key was used for another request within the last day.", "idempotency_key_reused", _HEADER)
    return bytes(found.body)
