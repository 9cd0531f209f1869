"""The `vincle` command."""

import os
import sys
from importlib import import_module

import click

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")
# Columns that are done with go back to the system at once, not into a pool that only grows.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

COMMANDS = {
    "up": "serve", "web": "serve", "collect": "serve", "work": "serve", "source": "source", "import": "imports", "demo": "demo",
    "people": "people", "person": "person", "segment": "segment", "campaign": "campaign", "journey": "journey", "identify": "identify",
    "influence": "influence", "groups": "groups", "worth": "worth", "figures": "figures", "survey": "survey", "link": "link",
    "attribute": "attribute",
    "value": "value",
    "understand": "understand", "evaluate": "evaluate",
    "export": "export",
    "query": "query", "scores": "scores", "rebuild": "rebuild", "send": "send", "reseal": "reseal", "doctor": "doctor",
}  # fmt: skip
PURE = frozenset({"survey", "link", "value", "understand", "evaluate", "attribute"})
"""Commands over files: they need neither settings nor a database."""


class Lazy(click.Group):
    """Loads Django only for the command that runs: `vincle --help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if name not in PURE:
            set_up()
        module = import_module(f"vincle.project.commands.{COMMANDS[name]}")
        command: click.Command = getattr(module, f"{name}_command")
        return command


def set_up() -> None:
    import django

    django.setup()
    from vincle.project import logs

    logs.configure()


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vincle")
def main() -> None:
    """Vincle: hear what people say, know who they are, answer them, and see what it is worth.

    Start with `vincle up` and open the address it prints. Settings are environment variables (VINCLE_HOME, DATABASE_URL ...).
    """


if __name__ == "__main__":
    sys.exit(main())
