"""Feeds and whatever can send JSON."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

GUIDES = (
    Guide(
        key="google_alerts", channel="feed", group="web", ready="now", does=("listen",),
        name="Google Alerts", icon="brand-google",
        sentence=_("What Google newly finds on the web for words you choose: news, blogs, forums."),
        words="google news blogs mentions monitoring rss atom",
        ready_note=_("Free; a Google account is enough."),
        steps=(
            Step(
                _("Make the alert"),
                _(
                    "At Google Alerts write the words, for example your name in quotation marks. Choose “Show options”, take “RSS feed” "
                    "for “Deliver to” and “All results” for “How many”, and choose “Create Alert”."
                ),
                url="https://www.google.com/alerts",
            ),
            Step(_("Copy the address of its feed"), _("It is behind the orange mark beside the alert: copy the address of that link.")),
        ),
        past=_("The newest twenty or so results: a feed holds no more."),
    ),
    Guide(
        key="feed", channel="feed", group="web", ready="now", does=("listen",),
        name=_("RSS or Atom feed"),
        sentence=_("Blogs, news, forums, podcasts: anything that has a feed."),
        words="rss atom blog news forum reddit podcast medium substack",
        ready_note=_("Public; no account needed."),
        steps=(
            Step(
                _("Find the address of the feed"),
                _(
                    "Often it is the site's address with /feed, /rss or /atom.xml behind it. At Reddit put .rss behind the address of a "
                    "forum or a search."
                ),
            ),
        ),
        past=_("What the feed holds now: often the newest ten to fifty."),
    ),
    Guide(
        key="webhook", channel="webhook", group="web", ready="now", does=("listen",),
        name=_("Anything that sends JSON"),
        sentence=_("A till, a booking system, a form service, Zapier, Make, n8n: you say which field means what."),
        words="generic webhook json zapier make n8n form till booking typeform",
        ready_note=_("Whatever can send JSON to an address."),
        then=(
            Step(
                _("Give your program this address"),
                _(
                    "It sends JSON by POST, one thing or a list of them. Have it send one to begin with: its fields are then yours to "
                    "choose from."
                ),
                copies="address",
                asks=True,
            ),
        ),
    ),
)  # fmt: skip
