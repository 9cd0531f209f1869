"""The fixed words of the text form, which printing and parsing share."""

from vincle.organise.segments.predicate import LABELS

RESULTS = {
    "sent": "got", "skipped": "missed", "delivered": "received", "bounced": "bounced", "opened": "opened", "clicked": "clicked",
    "replied": "answered", "unsubscribed": "unsubscribed",
}  # fmt: skip
COMPARES = {
    "is_not": "is not", "one_of": "is one of", "contains": "contains", "starts": "starts with", "more": "is more than",
    "less": "is less than", "at_least": "is at least", "at_most": "is at most", "before": "is before", "after": "is after",
    "in_last": "is in the last", "in_next": "is in the next", "birthday_in_next": "has its day in the next", "known": "is known",
    "unknown": "is unknown", "is": "is",
}  # fmt: skip
"""Tried in this order: what begins alike stands longer first."""
AGAIN = {"never": "They start once", "ended": "They may start again once it has ended", "always": "They may start again at any time"}
LATE = {"skip": "is left out", "go_on": "is done all the same", "leave": "ends it"}
ACT_TEXTS = (*LABELS, "sentiment")
EXACTLY = "it holds that"
"""What has no words of its own stands behind it as JSON."""
