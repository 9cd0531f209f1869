"""All that the café says, in the order in which one thing needs the other."""

from pathlib import Path

from vincle.accounts.models import User, Workspace
from vincle.engage.campaigns.models import Campaign
from vincle.listen.models import Connection
from vincle.project import pipeline

from ..place import CONNECTION
from . import campaigns, forms, journeys, letters, posts, promotions


def speak(workspace: Workspace, user: User, truth: Path) -> None:
    """Once for each workspace, after its people, their tags and its segments stand. `truth`: the folder of `campaign.csv`."""
    source = Connection.objects.of(workspace).filter(channel="email", name=CONNECTION).first()
    if source is None or Campaign.objects.of(workspace).exists():
        return
    source.workspace = workspace
    said = letters.write(workspace, user)
    offers = promotions.make(workspace, user)
    campaigns.make(workspace, user, campaigns.Stock(source, said, offers, truth))
    journeys.make(workspace, user, source, said)
    posts.make(workspace, user)
    forms.make(workspace, user)
    pipeline.catch_up()
