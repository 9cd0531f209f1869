"""What asking does when something is answered, and what the worker does for it."""

import time
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from . import after_talk, answering, codes_kept, collector_kinds, loops, raffles, rounds_running, settled, tidying
from .definition import flow
from .models import Code, Collector, Invitation, Raffle, Response

SELDOM: Final = 10.0
"""Seconds between looks at conversations that were closed."""

HOURLY: Final = 3600.0
_next_talk = _next_tidying = 0.0


def turn() -> int:
    """One piece of work; 0: there was nothing to do. Called by the worker every second."""
    global _next_talk, _next_tidying
    if moved := rounds_running.turn():
        return moved
    if time.monotonic() < _next_talk:
        return 0
    _next_talk = time.monotonic() + SELDOM
    if time.monotonic() >= _next_tidying:
        _next_tidying = time.monotonic() + HOURLY
        if moved := tidying.turn():
            return moved
    return after_talk.turn()


def completed(sender: object, response: Response, **more: Any) -> None:
    """An answer is complete: its invitation is answered, and somebody hears of it when it is bad. Inside its transaction."""
    if response.invitation_id is not None:
        settled.answered(response.invitation_id)
    if response.survey.loop.get("is_on"):
        loops.look(response)


def settle(request: HttpRequest, response: Response) -> None:
    """Of an anonymous survey: what the browser carries was answered with. In the transaction that completes it; Refused."""
    if not response.survey.is_anonymous:
        return
    carried = request.COOKIES.get(settled.COOKIE, "")
    way = response.collector_id
    if (code := settled.carries(carried, "code")) is not None and Code.objects.filter(pk=code, collector=way).exists():
        if not codes_kept.use(code, by_day=True):
            raise answering.Refused("used")
    elif (invitation := settled.carries(carried, "invitation")) is not None:
        theirs = Invitation.objects.filter(pk=invitation, collector=way)  # another survey's is of no use here
        if theirs.exists() and not settled.answered(invitation, by_day=True) and theirs.filter(state=theirs.model.State.ANSWERED).exists():
            raise answering.Refused("answered")  # from another device


def ticket_url(response: Response) -> str:
    """Where whoever answered takes part in the raffle, handed out once; "" where there is none, or it was handed out already."""
    raffle = raffles.of_survey(response.survey)
    if raffle is None or raffle.state != raffle.State.OPEN or response.state != Response.State.COMPLETE:
        return ""
    if (
        response.typed_by_id is not None
        or response.flags.get("machine")
        or not flow.holds(raffle.condition, response.answers, response.facts)
    ):
        return ""
    if not _hand_out(response, raffle):
        return ""
    return reverse("surveys_public:raffle", kwargs={"ticket": raffles.ticket(raffle)})


def _hand_out(response: Response, raffle: Raffle) -> bool:
    """Note that a ticket was handed out, not which; False when one was before, or none is left."""
    from django.db import transaction

    with transaction.atomic():
        row = Response.objects.filter(pk=response.pk).select_for_update().only("pk", "flags").get()
        if row.flags.get("ticket") or not raffles.promise(raffle):
            return False
        response.flags = {**row.flags, "ticket": True}
        Response.objects.filter(pk=response.pk).update(flags=response.flags)
    return True


def calls_url(response: Response) -> str:
    """Where a caller goes from an answer they have typed in; "" for everybody else."""
    way = response.collector
    if response.typed_by_id is None or way.kind != "phone":
        return ""
    return reverse("surveys:calls", kwargs={"workspace": response.survey.workspace.slug, "collector": way.public_id})


def kiosk(way: Collector) -> dict[str, Any]:
    """Of a kiosk: its address, seconds until it begins anew, seconds of thanks; nothing of any other way."""
    if way.kind != "kiosk":
        return {}
    told = collector_kinds.settings_of("kiosk", way.settings)
    return {"address": f"/s/{way.token}/", "reset": told["reset"], "thanks": told["thanks"]}
