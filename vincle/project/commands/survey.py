"""`vincle survey`: surveys and their answers, and what moves a score in a table of anybody's."""

from importlib import import_module
from importlib.util import find_spec
from typing import Final

import click

PURE: Final = {"drivers": "survey_tables", "nps": "survey_tables"}
"""Over files: they need neither settings nor a database."""
STORED: Final = {"list": "survey_stored", "export": "survey_stored", "report": "survey_stored", "raffle": "survey_raffle"}


class Lazy(click.Group):
    """Loads Django only for what asks the database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, module in (STORED | PURE).items() if find_spec(f"vincle.project.commands.{module}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = STORED.get(name) or PURE.get(name)
        if module is None or name not in self.list_commands(ctx):
            return None
        if name in STORED:
            from vincle.project.cli import set_up

            set_up()
        command: click.Command = getattr(import_module(f"vincle.project.commands.{module}"), f"{name}_command")
        return command


@click.group("survey", cls=Lazy, epilog="Example: vincle survey drivers answers.csv --target overall --json")
def survey_command() -> None:
    """Surveys: list, export, draw a raffle; and drivers and NPS of a table, without a server."""
