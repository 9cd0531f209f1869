"""The bell: a colleague is told that a journey asks them to do something about someone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from vincle.accounts.models import Membership, User
from vincle.engage.inbox import calling
from vincle.listen import notices, notices_words
from vincle.web.tags.formats import number

from .models import Journey, Task

CODE = "journey_task"


def register() -> None:
    """Give the bell its words and its way. Called when the app is ready."""
    notices_words.register(CODE, _said)
    notices.register_place(CODE, _place)


def asked(journey: Journey, tasks: Sequence[Task]) -> None:
    """One notice for everyone who is asked, however many people it is about; whoever made the journey, where nobody is named.

    Inside the caller's transaction.
    """
    wanted = Counter(task.to_id or journey.by_id for task in tasks)
    there = Membership.objects.of(journey.workspace_id).filter(user__in=[pk for pk in wanted if pk], user__is_active=True)
    for user in User.objects.filter(pk__in=there.values("user")):
        first = next(task for task in tasks if (task.to_id or journey.by_id) == user.pk)
        values = {"journey": journey.name, "people": wanted[user.pk], "text": first.text[:200]}
        calling.ring(journey.workspace, user, CODE, f"task:{first.walk_id}:{first.node}:{user.pk}", values)


def _said(values: Mapping[str, Any], name: str) -> str:
    people = int(values.get("people", 1))
    words = {"name": values.get("journey", ""), "text": values.get("text", ""), "n": number(people)}
    return ngettext("“%(name)s” asks you: %(text)s", "“%(name)s” asks you about %(n)s people: %(text)s", people) % words


def _place(workspace: Any, values: Mapping[str, Any]) -> str:
    return reverse("journeys:tasks", kwargs={"workspace": workspace.slug})
