"""A believable community of a café and roastery: people, habits, stories, texts, and the truth about them kept aside."""

from .write import make_demo

__all__ = ["make_demo"]
