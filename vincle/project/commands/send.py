"""`vincle send`: send what is due of campaigns and journeys."""

import signal
import sys
from threading import Event
from types import FrameType

import click

from vincle.project.commands.common import answer, require_database
from vincle.project.supervisor import end_with_parent

LINGER = 20.0
SWITCH = 0.0005
"""Seconds after which threads take turns: those that wait for a mail server are answered while letters are written."""


@click.command("send", epilog="Example: vincle send --json")
@click.option("--due", is_flag=True, help="Wait a little for more before ending; what the worker does.")
@click.option("--json", "as_json", is_flag=True, help="How many left, as JSON.")
def send_command(due: bool, as_json: bool) -> None:
    """Send what is due of campaigns and journeys, then end.

    A worker does this by itself within a second. Killed at any moment, nothing is sent twice: see docs/guides/outbox.md.
    """
    from vincle.engage.outbox import bulk

    require_database()
    sys.setswitchinterval(SWITCH)
    stopping = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if due:
        end_with_parent()
    sent = bulk.serve(stopping, LINGER if due else 0.3)
    if not due:
        answer(as_json, {"sent": sent}, f"{sent:,} sent.")
