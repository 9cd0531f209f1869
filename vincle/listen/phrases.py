"""What someone did, in words: verb and object of an activity as a phrase that follows their name."""

from typing import Any

from django.utils.translation import gettext_lazy as _

VERBS = {
    "Create": _("Said or wrote"),
    "Like": _("Reacted"),
    "Announce": _("Shared"),
    "Follow": _("Followed"),
    "Undo": _("Took back"),
    "View": _("Looked at"),
    "Read": _("Opened"),
    "Purchase": _("Bought"),
    "Refund": _("Sent back"),
    "Submit": _("Filled in"),
    "Deliver": _("Was delivered"),
    "Bounce": _("Bounced"),
    "Grant": _("Allowed"),
    "Revoke": _("Withdrew"),
    "Arrive": _("Came by"),
    "Meet": _("Met"),
    "Join": _("Joined"),
    "Leave": _("Left"),
    "Track": _("Other"),
    "Update": _("Changed"),
    "Delete": _("Deleted"),
}
KINDS = {
    "Note": _("Posts and comments"),
    "Message": _("Messages"),
    "Mention": _("Mentions"),
    "Review": _("Reviews"),
    "Article": _("Articles"),
    "Page": _("Pages"),
    "Link": _("Links"),
    "Image": _("Pictures"),
    "Video": _("Videos"),
    "Order": _("Orders"),
    "Form": _("Forms"),
    "Answer": _("Answers"),
    "Event": _("Events"),
    "Person": _("People"),
    "Purpose": _("Consents"),
    "Subscription": _("Subscriptions"),
    "Unknown": _("Not known yet"),
    "Group": _("Segments"),
}
_PHRASES = {
    ("Create", "Note"): _("wrote"),
    ("Create", "Message"): _("sent a message"),
    ("Create", "Mention"): _("mentioned you"),
    ("Create", "Review"): _("left a review"),
    ("Create", "Article"): _("published"),
    ("Create", "Image"): _("posted a picture"),
    ("Create", "Video"): _("posted a video"),
    ("Create", "Answer"): _("answered"),
    ("Create", "Page"): _("published a page"),
    ("Follow", "Person"): _("follows"),
    ("Undo", "Person"): _("no longer follows"),
    ("Undo", "Subscription"): _("unsubscribed"),
    ("Follow", "Subscription"): _("subscribed"),
    ("Join", "Subscription"): _("subscribed"),
    ("View", "Page"): _("looked at a page"),
    ("View", "Link"): _("followed a link"),
    ("View", "Video"): _("watched a video"),
    ("Read", "Message"): _("opened a message"),
    ("Purchase", "Order"): _("bought"),
    ("Refund", "Order"): _("sent an order back"),
    ("Undo", "Order"): _("did not buy after all"),
    ("Submit", "Form"): _("filled in a form"),
    ("Deliver", "Message"): _("received a message"),
    ("Bounce", "Message"): _("could not be reached"),
    ("Grant", "Purpose"): _("gave consent"),
    ("Revoke", "Purpose"): _("withdrew consent"),
    ("Arrive", "Event"): _("came to an event"),
    ("Meet", "Event"): _("was met"),
    ("Join", "Event"): _("joined an event"),
    ("Leave", "Event"): _("left an event"),
    ("Join", "Group"): _("entered a segment"),
    ("Leave", "Group"): _("left a segment"),
}
_BY_VERB = {
    "Create": _("wrote"),
    "Like": _("reacted"),
    "Announce": _("shared"),
    "Follow": _("follows"),
    "Undo": _("took something back"),
    "View": _("looked at something"),
    "Read": _("opened something"),
    "Purchase": _("bought"),
    "Refund": _("sent something back"),
    "Submit": _("filled something in"),
    "Deliver": _("received something"),
    "Bounce": _("could not be reached"),
    "Grant": _("allowed something"),
    "Revoke": _("withdrew something"),
    "Arrive": _("came by"),
    "Meet": _("was met"),
    "Join": _("joined"),
    "Leave": _("left"),
    "Update": _("changed something"),
    "Delete": _("deleted something"),
}
_REPLY = _("replied")
_DID = _("did something")


def phrase(verb: str, object_type: str, is_reply: bool = False, event_name: str = "", reaction: str = "") -> Any:
    """ "wrote", "replied", "bought", "reacted like", "Checkout started": what follows the name of the one who did it."""
    if verb == "Create" and is_reply and object_type in ("Note", "Message"):
        return _REPLY
    if verb == "Like" and reaction:
        return f"{_BY_VERB[verb]} · {reaction}"
    if verb == "Track" and event_name:
        return event_name
    return _PHRASES.get((verb, object_type)) or _BY_VERB.get(verb, _DID)
