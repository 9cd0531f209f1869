"""`vincle demo`: a community to try everything on."""

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from vincle.accounts import actions as accounts
from vincle.accounts.models import User, Workspace
from vincle.listen import listenings
from vincle.organise import team
from vincle.organise.models import Profile
from vincle.project.commands.common import answer, fail
from vincle.project.commands.serve import prepare

OWNER = "owner@lligam.example"
NAME = "Cafè Lligam"


@click.command("demo", epilog="Example: vincle demo --people 5000 --months 6 --seed 7")
@click.option("--people", type=click.IntRange(10, 1_000_000), default=2000, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=12, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Equal seeds within one hour give equal communities.")
@click.option(
    "--files",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Write example files for trying imports into this folder instead.",
)
@click.option("--json", "as_json", is_flag=True, help="Counts as JSON.")
def demo_command(people: int, months: int, seed: int, files: Path | None, as_json: bool) -> None:
    """Make a workspace with the invented community of a café and roastery. The truth behind it is kept aside for evaluation."""
    if files:
        from vincle.project.demo.files import write_files

        written = write_files(files, people=people, months=months, seed=seed)
        answer(as_json, [str(path) for path in written], "\n".join(map(str, written)))
        return
    prepare()
    make(people, months, seed, as_json)


VIEWS = {
    "Critics": "stage=critic",
    "Creators": "stage=creator",
    "Newsletter readers": "tag=newsletter&identified=yes",
    "Known by name only": "identified=no&sort=activities",
}


def _make_views(workspace: Workspace) -> None:
    """Views of the list of people that the whole team sees."""
    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    if owner:
        for name, query in VIEWS.items():
            team.save_view(workspace, owner, name, query, is_shared=True)


AT_ONCE = 5_000
"""People for whom the demo's segments are worked out before the command ends."""
SEGMENTS = ("champions", "at_risk", "unhappy", "advocates", "new")
"""Ready-made ones to begin with."""


def _make_segments(workspace: Workspace) -> None:
    """Segments to begin with. Everybody is looked at for them at once where that is quick; else the worker does it."""
    from vincle.organise import ready_made, segmenting  # they bring numpy
    from vincle.project import pipeline

    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    for key in SEGMENTS:
        if (ready := ready_made.one(workspace, key)) and ready.predicate:
            segmenting.create(workspace, owner, str(ready.name), ready.predicate, str(ready.why), key)
    if Profile.objects.of(workspace).count() <= AT_ONCE:
        while pipeline.follow(("segments",)):
            pass


def _speak(workspace: Workspace, truth: Path) -> None:
    """Letters, campaigns, a journey, posts and forms, where that is quick."""
    from vincle.project.demo.speaking import speak  # it brings numpy

    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    if owner and Profile.objects.of(workspace).count() <= AT_ONCE:
        speak(workspace, owner, truth)


def _earn(workspace: Workspace) -> None:
    """Who brought whom, time spent and prices, where that is quick; what people are worth the worker tells."""
    from vincle.project.demo.worth import earn

    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    if owner and Profile.objects.of(workspace).count() <= AT_ONCE:
        earn(workspace, owner)


def _ask(workspace: Workspace) -> None:
    """Surveys and what was answered, where that is quick."""
    from vincle.project.demo.asking import ask

    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    if owner and Profile.objects.of(workspace).count() <= AT_ONCE:
        ask(workspace, owner)


QUERIES = (
    ("Cafè Lligam", "brand", 'lligam OR cafelligam OR #cafelligam OR "cafè lligam"'),
    ("Home delivery", "topic", "topic:delivery OR topic:packaging"),
    ("Courses", "topic", "curs OR curso OR corso OR course OR barista*"),
    ("Angry customers", "crisis", "intent:complaint (emotion:anger OR intent:churn_threat)"),
)


def _make_queries(workspace: Workspace) -> None:
    """What the team listens for to begin with; what was said before is gone through by the worker."""
    owner = User.objects.filter(memberships__workspace=workspace).order_by("pk").first()
    for name, kind, text in QUERIES:
        listenings.save(workspace, owner, name, text, kind)


def make(people: int, months: int, seed: int, as_json: bool) -> None:
    """The demo workspace and, on an empty installation, its owner."""
    from vincle.project import demo, summary

    began = time.monotonic()
    if not accounts.is_founded():
        _, workspace = accounts.found(
            email=OWNER, name="Marta Puig", password=None, workspace=NAME, country="ES", currency="EUR", timezone="Europe/Madrid"
        )
    else:
        first = User.objects.filter(is_active=True).order_by("pk").first()
        if first is None:
            fail("Nobody can sign in here; there is no one to own a demo workspace.")
        workspace = accounts.create_workspace(first, NAME, country="ES", currency="EUR", timezone="Europe/Madrid")
    with Progress(TextColumn("{task.description}"), BarColumn(), transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task("Inventing a café and its people", total=1.0)
        made = demo.make_demo(
            workspace,
            people=people,
            months=months,
            seed=seed,
            progress=lambda done, said: progress.update(task, completed=done, description=said),
        )
    _make_views(workspace)
    _make_queries(workspace)
    _make_segments(workspace)
    _speak(workspace, made.truth)
    _earn(workspace)
    _ask(workspace)
    counts = summary.counts(workspace)
    numbers = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    answer(as_json, {"workspace": workspace.slug, **counts}, f"{workspace.name}: {numbers} in {time.monotonic() - began:.0f} s.")
