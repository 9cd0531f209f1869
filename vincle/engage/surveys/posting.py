"""A survey among the company's posts: a draft in the voice of the covering letter, with a link that is told apart."""

from vincle.accounts.models import User, Workspace
from vincle.engage.publishing import ideas
from vincle.engage.publishing.models import Idea

from . import asked_words, collectors
from .models import Collector


def draft(workspace: Workspace, user: User, collector: Collector) -> Idea:
    """A post to be looked at, never one that goes out by itself."""
    text = f"{asked_words.invitation(collector.survey)}\n\n{collectors.address(collector)}"
    return ideas.create(workspace, user, collector.survey.name[:120], text)
