"""Who turns to whom among the people of a workspace, as the last look at it found."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from vincle.store.scope import Scoped


class Network(Scoped):
    """The last look at who turns to whom. The packed parts hold ids of people and numbers, no names: `influence_packed` reads them."""

    at = models.DateTimeField(default=timezone.now)
    people = models.BigIntegerField(default=0, help_text="With a tie to somebody.")
    ties = models.BigIntegerField(default=0, help_text="Pairs, each direction for itself.")
    acts = models.BigIntegerField(default=0, help_text="Acts the ties rest on.")
    seconds = models.FloatField(default=0)
    quality = models.JSONField(default=dict, help_text="Modularity, sources of the betweenness, texts read for names, what was left out.")
    members = models.BinaryField(default=bytes, help_text="Which community each person stands in.")
    picture = models.BinaryField(default=bytes, help_text="Places of the people drawn, and their strongest ties.")
    brought = models.BinaryField(default=bytes, help_text="Who brought whom, and how that is known.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace"], name="one_network")]


class Community(Scoped):
    """People who turn to one another more than to others. `number` is kept from look to look as far as they are the same people."""

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True, help_text="As the team calls it.")
    people = models.BigIntegerField(default=0)
    inside = models.FloatField(default=0, help_text="Share of the ties of its people that stay within it.")
    topics = models.JSONField(default=list, help_text="[[topic, share of its words, times as often as elsewhere], ...].")
    leaders = models.JSONField(default=list, help_text="Public ids of its most influential people.")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "number"], name="one_community")]
