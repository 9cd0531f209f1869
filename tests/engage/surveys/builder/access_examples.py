"""Rows behind the addresses of the builder."""

from vincle.accounts.models import User, Workspace
from vincle.engage.surveys import actions_builder, library
from vincle.engage.surveys.models import Survey


def survey(workspace: Workspace) -> Survey:
    found = Survey.objects.of(workspace).filter(name="Built", deleted_at=None).first()
    if found is None:
        user = User.objects.get_or_create(email=f"colleague@{workspace.slug}.example")[0]
        found = actions_builder.create(workspace, user, "Built", library.survey("nps"))
    return found


_NAMES = (
    "edit", "change", "undo", "preview", "brought", "translate", "checks", "versions", "exported", "act", "turn", "delete", "undelete",
)  # fmt: skip
EXAMPLES = {
    **{f"surveys:{name}": lambda workspace: {"survey": survey(workspace).pk} for name in _NAMES},
    "surveys:export": lambda workspace: {"survey": survey(workspace).pk, "key": "own"},
}
