"""What keeps a journey from running here: what it names and is not there. Said by step, all at once."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from vincle.accounts.models import Membership, Workspace
from vincle.engage.campaigns import promotions
from vincle.engage.letters import choosing, liquids
from vincle.organise.models import Segment
from vincle.organise.segments.checking import BadPredicate
from vincle.organise.segments.needs import needs
from vincle.organise.segments.predicate import Predicate

from . import places
from .definition.flow import flow
from .definition.model import AllOf, AnyOf, Asks, Branch, Condition, Definition, Enters, Leaves, NotOf, Send, Step, Survey, Task, Until


class Problem(NamedTuple):
    """`node`: the step it is about ("" : how it starts, ends or whom it asks); `words` for the one who asked."""

    node: str
    code: str
    words: str


def problems(workspace: Workspace, definition: Definition) -> list[Problem]:
    """Empty: it may run."""
    found = _Finder(workspace)
    return [*found.head(definition), *(problem for step in flow(definition).steps.values() for problem in found.step(step))]


class _Finder:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.segments = set(Segment.objects.of(workspace).filter(archived_at=None).values_list("public", flat=True))
        self.team = set(Membership.objects.of(workspace).filter(user__is_active=True).values_list("user__email", flat=True))
        self.promotions = {str(pk) for pk, _name in promotions.choices(workspace)}

    def head(self, definition: Definition) -> Iterator[Problem]:
        if not definition.steps:
            yield Problem("", "no_steps", _("It has no steps yet."))
        for event in (*definition.start, *definition.goal, *definition.leave):
            yield from self._event("", event)
        if definition.only is not None:
            yield from self._predicate("", definition.only)

    def step(self, step: Step) -> Iterator[Problem]:
        match step:
            case Send() | Survey():
                yield from self._message(step)
            case Until():
                yield from self._event(step.id, step.event)
            case Branch():
                for path in step.paths:
                    for predicate in predicates_in(path.condition):
                        yield from self._predicate(step.id, predicate)
            case Task() if step.to and step.to not in self.team:
                yield Problem(step.id, "no_such_colleague", _("%(email)s is not in the team.") % {"email": step.to})

    def _event(self, node: str, event: object) -> Iterator[Problem]:
        if isinstance(event, Enters | Leaves) and event.segment not in self.segments:
            yield _no_segment(node)

    def _predicate(self, node: str, predicate: Predicate) -> Iterator[Problem]:
        try:
            is_there = needs([predicate]).segments <= self.segments
        except BadPredicate:
            is_there = False
        if not is_there:
            yield _no_segment(node)

    def _message(self, step: Send | Survey) -> Iterator[Problem]:
        if places.connection(self.workspace, step.medium, step.connection) is None:
            yield Problem(
                step.id, "no_connection", _("There is no account by which this message could leave (%(medium)s).") % {"medium": step.medium}
            )
        if step.letter and step.medium != "email":
            yield Problem(step.id, "letter_by_mail", _("Letters leave by e-mail only: write a text for other media."))
        if step.letter:
            letter = choosing.letter(self.workspace, step.letter)
            if letter is None or letter.archived_at is not None:
                yield Problem(step.id, "no_letter", _("A letter it sends is not there any more."))
        if isinstance(step, Send):
            yield from self._text(step)
        if isinstance(step, Send) and step.promotion and step.promotion not in self.promotions:
            yield Problem(step.id, "no_promotion", _("A promotion it gives codes of is not there any more, or over."))

    @staticmethod
    def _text(step: Send) -> Iterator[Problem]:
        for part in (step.text, step.subject):
            try:
                liquids.check(part)
            except liquids.Broken as error:
                yield Problem(step.id, "text_broken", _("A text cannot be read: %(why)s.") % {"why": error.why})


def _no_segment(node: str) -> Problem:
    return Problem(node, "no_segment", _("A segment it asks for is not there any more."))


def predicates_in(condition: Condition) -> Iterator[Predicate]:
    """What a condition asks that segments can ask."""
    match condition:
        case Asks(predicate):
            yield predicate
        case NotOf(part):
            yield from predicates_in(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from predicates_in(part)
