"""What a guide is: what a service brings, whether it can be had today, and what to click, in the words on the platform's own screens."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _

Group = Literal["social", "messages", "mail", "web", "shops", "reviews"]
Does = Literal["listen", "answer", "publish"]
Ready = Literal["now", "app", "ask", "paid"]
Copies = Literal["", "address", "back"]

GROUPS: dict[str, Any] = {
    "social": _("Social networks"),
    "messages": _("Messages"),
    "mail": _("Mail"),
    "web": _("Web and feeds"),
    "shops": _("Shops and payments"),
    "reviews": _("Reviews"),
}
DOES: dict[str, tuple[Any, str]] = {
    "listen": (_("Listens"), "ear"),
    "answer": (_("Answers"), "message-reply"),
    "publish": (_("Publishes"), "speakerphone"),
}
READY: dict[str, tuple[Any, str, str]] = {
    "now": (_("Works today"), "pos", "circle-check"),
    "app": (_("Works today with an app of your own"), "pos", "circle-check"),
    "ask": (_("The platform has to approve it"), "warn", "hourglass"),
    "paid": (_("The platform charges for it"), "warn", "coin"),
}
TODAY = ("now", "app")


class Step(NamedTuple):
    """One thing to do at the platform. `url` is where; `topics` are to be ticked there, in the platform's words.

    `copies`: what of ours is pasted there. "address" takes deliveries and exists once the connection does; "back" is where the platform
    sends whoever has said yes. `asks`: here what proves deliveries is given. `is_for_asking`: only where the channel can be given what it
    takes to ask by itself.
    """

    title: Any
    text: Any = ""
    url: str = ""
    topics: tuple[str, ...] = ()
    copies: Copies = ""
    is_for_asking: bool = False
    asks: bool = False


class Guide(NamedTuple):
    """`steps` come before what the form asks for, `then` once the connection has an address.

    `words` find it as well as its name; `scopes` says of each permission what it is for; `past` what the first import brings; `preset` are
    values the form begins with; `name` differs from the channel's where a channel has several guides.
    """

    key: str
    channel: str
    group: Group
    ready: Ready
    sentence: Any
    does: tuple[Does, ...]
    steps: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()
    scopes: Mapping[str, Any] = {}
    ready_note: Any = ""
    caution: Any = ""
    past: Any = ""
    words: str = ""
    name: Any = ""
    icon: str = ""
    preset: Mapping[str, str] = {}
