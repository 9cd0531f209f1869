"""What the team does with computed traits. Each verb: check, do, trace, in one transaction; values follow in the background."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace
from vincle.store.folding import fold
from vincle.vocabulary.fields import TRAITS

from . import frames, team
from .computed import EVERYBODY, clause_of, shown
from .frames import OWN
from .models import ComputedTrait, ComputedValue, CustomField
from .segments.evaluate import Evaluation
from .segments.measured import measured
from .segments.needs import needs
from .segments.writing import write
from .team import Done, Refused, undo_token

KIND = "computed trait"
MOST = 100


def define(workspace: Workspace, user: User | None, name: str, expression: object) -> ComputedTrait:
    """A trait of this name, counted for everybody from now on. BadPredicate, Refused."""
    name = _tidy(name)
    asked = write(clause_of(expression))
    with transaction.atomic():
        stood = ComputedTrait.objects.of(workspace).filter(hidden_at=None).values_list("name", flat=True)
        if len(stood) >= MOST:
            raise Refused(_("A workspace holds %(most)d computed fields at most.") % {"most": MOST})
        _check_free(workspace, name, list(stood))
        ComputedTrait.objects.of(workspace).filter(name=name).exclude(hidden_at=None).delete()
        made: ComputedTrait = ComputedTrait.objects.create(workspace=workspace, name=name, expression=asked, by=user, reached=EVERYBODY)
        audit.record(workspace, user, "created", KIND, made.pk, name, expression=asked)
    return made


def change(workspace: Workspace, user: User | None, trait: ComputedTrait, label: str, expression: object) -> Done:
    """Call it otherwise on screen (segments go on knowing it by its name), or count something else. BadPredicate, Refused."""
    label, asked = _tidy(label), write(clause_of(expression))
    label = "" if label == trait.name else label
    if (label, asked) == (trait.label, trait.expression):
        return Done(0)
    undo = undo_token(workspace, "computed", trait=trait.pk, label=trait.label, expression=trait.expression)
    with transaction.atomic():
        _set(workspace, trait.pk, label, asked)
        audit.record(workspace, user, "changed", KIND, trait.pk, str(trait), expression=asked, called=label)
    return Done(1, undo)


def hide(workspace: Workspace, user: User | None, trait: ComputedTrait) -> Done:
    """Count it no longer. Segments that ask for it find it unknown."""
    with transaction.atomic():
        ComputedTrait.objects.of(workspace).filter(pk=trait.pk).update(hidden_at=timezone.now())
        ComputedValue.objects.of(workspace).filter(trait=trait).delete()
        audit.record(workspace, user, "deleted", KIND, trait.pk, str(trait))
    return Done(0, undo_token(workspace, "hide computed", trait=trait.pk))


def tried(workspace: Workspace, expression: object, person: int) -> Any:
    """What it would say of one person now; None: unknown. BadPredicate."""
    clause = clause_of(expression)
    now = frames.now_of(workspace, timezone.now())
    frame = frames.load(workspace, [person], needs([clause]))
    found = shown(clause, measured(clause, Evaluation(frame, now)), now)
    return found[0] if found else None


def _set(workspace: Workspace, pk: int, label: str, expression: Any) -> None:
    rows = ComputedTrait.objects.of(workspace).filter(pk=pk)
    if rows.exclude(expression=expression).exists():
        ComputedValue.objects.of(workspace).filter(trait=pk).delete()
        rows.update(reached=EVERYBODY)
    rows.update(label=label, expression=expression)


def _tidy(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())[:120]
    if not name:
        raise Refused(_("A field needs a name."))
    return name


def _check_free(workspace: Workspace, name: str, stood: list[str]) -> None:
    own = CustomField.objects.of(workspace).values_list("name", flat=True)
    if fold(name) in {fold(each) for each in (*TRAITS, *OWN, *own, *stood)}:
        raise Refused(_("There is a field “%(name)s” already.") % {"name": name})


def _take_back_change(workspace: Workspace, what: dict[str, Any]) -> None:
    _set(workspace, what["trait"], what["label"], what["expression"])


def _take_back_hide(workspace: Workspace, what: dict[str, Any]) -> None:
    ComputedTrait.objects.of(workspace).filter(pk=what["trait"]).update(hidden_at=None, reached=EVERYBODY)


team.can_take_back("computed", _take_back_change)
team.can_take_back("hide computed", _take_back_hide)
