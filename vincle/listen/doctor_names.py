"""What `check` remarks, and what streams are called."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

NOTES: Final[dict[str, Any]] = {
    "not_subscribed": _("What is new does not arrive at once yet: the app is not subscribed there. Vincle asks regularly meanwhile."),
    "main_password": _("This is the main password. Make an app password instead: it can be taken back alone."),
    "no_view_of_the_network": _("This server knows no notifications. Vincle reads the accounts it knows of instead."),
    "no_such_folder": _("There is no folder “%(what)s” in the mailbox."),
    "no_sent_folder": _("The folder of sent mail was not found; name it under “What it was given”."),
    "privacy_mode": _("In groups the bot hears only what is said to it. BotFather changes that: /setprivacy, then “Disable”."),
    "webhook_failing": _("Telegram could not deliver to the address of this connection: %(what)s. Vincle fetches the news instead."),
    "reads_only": _("Reviews can be read, but not answered: the secret of the key is missing."),
    "only_delivered": _("It delivers and is not asked: what was there before, and what got lost on its way, needs a key."),
    "orders_of_60_days": _("Shopify shows this app the orders of the last 60 days. For older ones it has to allow read_all_orders."),
    "test_mode": _("This key sees Stripe's test mode, in which nobody buys anything."),
    "quality_rating": _("Meta rates the quality of your number: %(what)s."),
    "messaging_limit_tier": _("People you may begin to write to in a day: %(what)s."),
}
"""By code; what stands behind a colon in it fills `what`."""

STREAMS: Final[dict[str, Any]] = {
    "notifications": _("Mentions and reactions"),
    "mentions": _("Mentions"),
    "comments": _("Comments"),
    "messages": _("Messages"),
    "conversations": _("Conversations"),
    "reviews": _("Reviews"),
    "ratings": _("Reviews"),
    "posts": _("Posts"),
    "feed": _("Posts and comments"),
    "tagged": _("Posts that mention you"),
    "leads": _("Lead forms"),
    "insights": _("Figures"),
    "home": _("Home"),
    "user": _("Everything that concerns you"),
    "hashtags": _("Hashtags"),
    "updates": _("Messages"),
    "inbox": _("New letters"),
    "sent": _("Letters you sent"),
    "orders": _("Orders"),
    "refunds": _("Refunds"),
    "customers": _("Customers"),
    "charges": _("Charges"),
    "invoices": _("Invoices"),
    "events": _("Events"),
    "entries": _("Entries"),
    "mail": _("New letters"),
    "live": _("The live stream"),
    "search": _("What you search for"),
    "statuses": _("Your own posts"),
    "own": _("Your own posts"),
}
