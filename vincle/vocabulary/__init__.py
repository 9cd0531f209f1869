"""The words of Vincle as frozen types. Pure: imports nothing of the rest."""

from .activity import Activity, ConsentFact, Fact, HandleRef, Item, Outcome, Reject, Retraction, Unknown, Warn
from .keys import event_id, from_public_id, handle_key, public_id
from .words import ANONYMOUS, FLEETING, Direction, ObjectType, Op, Permit, PersonKind, Stage, Verb

__all__ = [
    "ANONYMOUS", "FLEETING", "Activity", "ConsentFact", "Direction", "Fact", "HandleRef", "Item", "ObjectType", "Op", "Outcome", "Permit",
    "PersonKind", "Reject", "Retraction", "Stage", "Unknown", "Verb", "Warn", "event_id", "from_public_id", "handle_key",
    "public_id",
]
