"""What the shell tells the rest."""

from django.dispatch import Signal

preference_chosen = Signal()
"""A language or theme was chosen in the shell. Arguments: request, name ("language" | "theme"), value. The cookie is set anyway."""
