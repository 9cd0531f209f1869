"""Facebook, Instagram and WhatsApp: one app of your own at Meta serves all three."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

APPS = "https://developers.facebook.com/apps"
OWN_APP = _("You make an app at Meta for your own company. For people who have a role on it Meta reviews nothing.")
APP = Step(
    _("Make an app at Meta"),
    _(
        "At Meta for developers choose “Create app” and take the use cases named below. Link it to the business that owns the page, and "
        "add whoever connects under “App roles”. One app serves Facebook, Instagram and WhatsApp alike."
    ),
    url=APPS,
)
SECRET = Step(
    _("Copy its keys"),
    _("Open App settings › Basic and copy the app ID and the app secret. Give the address of your privacy policy there too."),
)
BACK = Step(
    _("Say where Meta may send you back to"),
    _("Open Facebook Login for Business › Settings and paste this address into “Valid OAuth Redirect URIs”."),
    copies="back",
)
TOKEN = Step(
    _("Agree on a verify token"),
    _("Meta asks for it the moment you give it the address, so keep it here first. Copy it before: it is not shown again."),
    asks=True,
)
LIVE = Step(
    _("Switch the app to “Live”"),
    _(
        "With the switch at the top of the app's page. While it says “Development”, Meta delivers only what people with a role on the "
        "app do."
    ),
)

GUIDES = (
    Guide(
        key="facebook", channel="facebook", group="social", ready="app", does=("listen", "answer", "publish"),
        sentence=_("Comments, reactions, reviews, Messenger and lead forms of a Facebook Page."),
        words="meta messenger page leads fb",
        ready_note=OWN_APP,
        steps=(APP._replace(topics=("Manage everything on your Page", "Engage with customers on Messenger from Meta")), SECRET, BACK),
        then=(
            TOKEN,
            Step(
                _("Have Meta deliver at once"),
                _(
                    "In the app open Webhooks, choose “Page”, paste this address into “Callback URL”, and the verify token into “Verify "
                    "token”. Then subscribe to the fields below."
                ),
                topics=("feed", "mention", "messages", "messaging_postbacks", "message_reactions", "ratings", "leadgen"),
                copies="address",
            ),
            LIVE,
        ),
        scopes={
            "pages_show_list": _("to see which pages you look after"),
            "pages_read_engagement": _("to read your posts and how many saw them"),
            "pages_read_user_content": _("to read comments and reviews by others"),
            "pages_manage_engagement": _("to answer, hide and like comments"),
            "pages_manage_posts": _("to publish on the page"),
            "pages_manage_metadata": _("to be told of new comments at once"),
            "pages_messaging": _("to read and answer messages"),
            "leads_retrieval": _("to fetch what people wrote into your lead forms"),
            "read_insights": _("to read the figures of the page"),
            "business_management": _("to find pages that belong to your business account"),
            "ads_management": _("to reach forms that belong to an advertisement"),
        },
        caution=_(
            "Messages can be answered for 24 hours after the last one, a comment once in private within 7 days. Vincle shows what is "
            "left."
        ),
        past=_("Posts with their comments, reviews and conversations, newest first."),
    ),
    Guide(
        key="instagram", channel="instagram", group="social", ready="app", does=("listen", "answer", "publish"),
        sentence=_("Comments, mentions and messages of a professional account on Instagram."),
        words="meta ig",
        ready_note=OWN_APP,
        steps=(
            Step(
                _("Make the account a professional one"),
                _(
                    "In the Instagram app open Settings › Account type and tools, switch to a professional account, and link it to your "
                    "Facebook Page. Under Messages and story replies › Message controls allow access to messages for connected tools."
                ),
            ),
            APP._replace(topics=("Manage messaging & content on Instagram",)), SECRET, BACK,
        ),
        then=(
            TOKEN,
            Step(
                _("Have Meta deliver at once"),
                _(
                    "In the app open Webhooks, choose “Instagram”, paste this address into “Callback URL”, and the verify token you keep "
                    "here into “Verify token”. Then subscribe to the fields below."
                ),
                topics=("comments", "live_comments", "mentions", "messages", "message_reactions"),
                copies="address",
            ),
            LIVE,
        ),
        scopes={
            "instagram_basic": _("to read the account and its posts"),
            "instagram_manage_comments": _("to read, answer and hide comments"),
            "instagram_manage_messages": _("to read and answer messages"),
            "instagram_content_publish": _("to publish"),
            "instagram_manage_insights": _("to read the figures of the account"),
            "instagram_business_basic": _("to read the account and its posts"),
            "instagram_business_manage_comments": _("to read, answer and hide comments"),
            "instagram_business_manage_messages": _("to read and answer messages"),
            "instagram_business_content_publish": _("to publish"),
            "pages_show_list": _("to see which pages you look after"),
            "pages_read_engagement": _("to find the account that belongs to your page"),
            "pages_manage_metadata": _("to be told of new comments at once"),
            "business_management": _("to find accounts that belong to your business account"),
        },
        caution=_(
            "Messages can be answered for 24 hours after the last one, a comment once in private within 7 days. Vincle shows what is "
            "left."
        ),
        past=_("Posts with their comments, newest first."),
    ),
    Guide(
        key="whatsapp", channel="whatsapp", group="messages", ready="app", does=("listen", "answer"),
        sentence=_("Messages to your company's number on WhatsApp, and your answers to them."),
        words="meta wa chat phone cloud api",
        ready_note=OWN_APP,
        steps=(
            APP._replace(topics=("Connect with customers through WhatsApp",)),
            Step(
                _("Add your number"),
                _(
                    "Open WhatsApp › API Setup, add the number and confirm it by the code Meta sends. Copy the phone number ID and the "
                    "WhatsApp Business Account ID. A number that is in use in the WhatsApp app has to be deleted there first."
                ),
            ),
            Step(
                _("Make a token that does not end"),
                _(
                    "In the settings of your business open Users › System users, add one, give it the app and the WhatsApp account with "
                    "full control, and choose “Generate new token” with the permissions below and “Never” for its end."
                ),
                url="https://business.facebook.com/settings/system-users",
                topics=("whatsapp_business_messaging", "whatsapp_business_management"),
            ),
            Step(_("Copy the app secret"), _("Open App settings › Basic › App secret › “Show”.")),
        ),
        then=(
            TOKEN,
            Step(
                _("Have Meta deliver messages"),
                _(
                    "In the app open WhatsApp › Configuration, paste this address into “Callback URL”, and the verify token you keep "
                    "here into “Verify token”. Then subscribe to the fields below."
                ),
                topics=("messages",),
                copies="address",
            ),
            LIVE,
        ),
        scopes={
            "whatsapp_business_messaging": _("to read and answer messages"),
            "whatsapp_business_management": _("to read your number and your templates"),
        },
        caution=_("You can answer freely for 24 hours after somebody's last message; later only by a template that Meta has approved."),
    ),
)  # fmt: skip
