"""How the café speaks: letters, campaigns, promotions, a journey, posts and forms, with what came of them as the log tells it.

What happened in the past is written with its own dates; every figure is counted from acts of the demo's people, none is set.
"""

from .telling import speak

__all__ = ["speak"]
