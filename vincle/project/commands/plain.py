"""What commands say and how they end; without Django, for those that need no database."""

import json
import sys
from typing import Any, NoReturn

import click

FAILED = 1
MISUSED = 2


def fail(sentence: str, code: int = FAILED) -> NoReturn:
    """Say what went wrong on stderr and end."""
    click.echo(sentence, err=True)
    sys.exit(code)


def answer(as_json: bool, facts: dict[str, Any] | list[Any], text: str) -> None:
    """Print one answer: for a program or for a person."""
    click.echo(json.dumps(facts, ensure_ascii=False, default=str) if as_json else text)
