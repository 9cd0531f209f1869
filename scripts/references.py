"""Reference pages made from code: settings, commands, channels, API. `--check` ends with 1 when a page is behind the code."""

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vincle.project.settings")

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"


def settings_page() -> str:
    from vincle.project import options

    return "# Settings\n\nEnvironment variables, read when a process starts.\n\n" + options.reference()


def commands_page() -> str:
    import click

    from vincle.project.cli import COMMANDS, main

    context = click.Context(main, info_name="vincle")
    pages = ["# Commands", "", "Every command takes `--help`. Exit codes: 0 done, 1 something failed, 2 the command was misused."]
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command
        help_text = command.get_help(click.Context(command, info_name=name, parent=context, max_content_width=100, terminal_width=100))
        pages += ["", f"## vincle {name}", "", "```text", help_text, "```"]
    return "\n".join(pages) + "\n"


def channels_page() -> str:
    from vincle.channels.registry import channels

    rows = ["# Channels", "", "| id | name | family | can | handles |", "|---|---|---|---|---|"]
    for channel in sorted(channels().values(), key=lambda one: one.spec.id):
        spec = channel.spec
        rows.append(
            f"| `{spec.id}` | {spec.name} | {spec.family} | {', '.join(sorted(spec.capabilities))} | {', '.join(spec.handle_kinds)} |"
        )
    return "\n".join(rows) + "\n"


def api_page() -> str:
    from vincle.api.v1 import openapi, urls  # noqa: F401  (the endpoints register themselves there)

    return openapi.page()


def metrics_page() -> str:
    from vincle.analyse.kpis.registry import kpis
    from vincle.analyse.metrics.registry import metrics

    rows = ["# Figures and metrics", "", "## Key figures", ""]
    rows += ["| id | name | unit | good | formula | stands on |", "|---|---|---|---|---|---|"]
    for kpi in kpis().values():
        rows.append(f"| `{kpi.id}` | {kpi.name} | {kpi.unit} | {kpi.good} | {kpi.formula} | {', '.join(kpi.stands_on)} |")
    for kpi in kpis().values():
        rows += ["", f"**{kpi.name}.** {kpi.definition}"]
    rows += ["", "## Metrics", "", "What is asked of the open table; every engine gives the same rows.", ""]
    rows += ["| id | name | counts | definition |", "|---|---|---|---|"]
    rows += [f"| `{metric.id}` | {metric.name} | {metric.unit} | {metric.definition} |" for _id, metric in sorted(metrics().items())]
    return "\n".join(rows) + "\n"


def journey_schema() -> str:
    import json

    from vincle.engage.journeys.definition.schema import SCHEMA

    return json.dumps(SCHEMA, indent=2) + "\n"


def survey_schema() -> str:
    import json

    from vincle.engage.surveys.definition.model import schema

    return json.dumps(schema(), indent=2) + "\n"


PAGES = {
    "settings.md": settings_page, "commands.md": commands_page, "channels.md": channels_page, "api.md": api_page,
    "metrics.md": metrics_page, "journey.schema.json": journey_schema, "survey.schema.json": survey_schema,
}  # fmt: skip


def main() -> int:
    import django

    django.setup()
    behind = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if not path.exists() or path.read_text() != text:
            behind.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    print(f"behind the code: {', '.join(behind)}" if behind else "in step")
    return 1 if behind and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
