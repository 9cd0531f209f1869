"""Social networks that anyone may connect to without being asked for an app of their own, and those that charge or approve."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

GUIDES = (
    Guide(
        key="mastodon", channel="mastodon", group="social", ready="now", does=("listen", "answer", "publish"),
        sentence=_("Mentions, replies, boosts, favourites and followers of an account on any Mastodon server."),
        words="fediverse toot activitypub pleroma akkoma gotosocial pixelfed",
        ready_note=_("Nothing to apply for: Vincle signs itself up at your server."),
        steps=(
            Step(
                _("Find out the address of your server"),
                _(
                    "It is what stands behind the second @ of your account: of @cafe@mastodon.social it is https://mastodon.social. Sign "
                    "in there in this browser, with the account people write to."
                ),
            ),
        ),
        scopes={
            "read": _("to read mentions, replies, your own posts and who reacts to them"),
            "write": _("to answer, post, boost and favourite in your name"),
            "follow": _("to see who follows you"),
            "profile": _("to learn the name of the account"),
            "read:accounts": _("to learn the name of the account and who follows it"),
            "read:notifications": _("to hear who mentions, answers, boosts and follows you"),
            "read:statuses": _("to read posts and the talk around them"),
            "read:search": _("to listen to hashtags"),
            "write:statuses": _("to answer, post and boost in your name"),
            "write:favourites": _("to favourite a post in your name"),
            "write:media": _("to attach pictures to what you say"),
        },
        past=_("Mentions and reactions as far back as your server keeps notifications, and your own posts."),
    ),
    Guide(
        key="bluesky", channel="bluesky", group="social", ready="now", does=("listen", "answer", "publish"),
        sentence=_("Mentions, replies, quotes, likes, reposts and followers of an account on Bluesky."),
        words="bsky atproto at protocol skeet",
        ready_note=_("Nothing to apply for: an app password is enough."),
        steps=(
            Step(
                _("Make an app password"),
                _(
                    "In Bluesky open Settings › Privacy and security › App passwords and choose “Add App Password”. Call it “Vincle” and "
                    "copy it: Bluesky shows it once. Your real password is never needed here."
                ),
                url="https://bsky.app/settings/app-passwords",
            ),
        ),
        caution=_("Whoever has the app password can post in your name. Delete it at Bluesky when you disconnect."),
        past=_("Notifications as far back as Bluesky keeps them, and your own posts."),
    ),
    Guide(
        key="youtube", channel="youtube", group="social", ready="app", does=("listen", "answer"),
        sentence=_("Comments under the videos of your channel, and your answers to them."),
        words="google video comments",
        ready_note=_("You make a project at Google, which takes a quarter of an hour. Google reviews nothing while only you use it."),
        steps=(
            Step(
                _("Make a project and switch the API on"),
                _(
                    "In the Google Cloud console choose “New project”. Then open APIs & Services › Library, look for “YouTube Data API "
                    "v3” and choose “Enable”."
                ),
                url="https://console.cloud.google.com/apis/library/youtube.googleapis.com",
            ),
            Step(
                _("Say who asks"),
                _(
                    "Open APIs & Services › OAuth consent screen. Give a name and your e-mail address, choose “External”, and then "
                    "“Publish app”: while it stays in testing, Google ends your consent after seven days. The warning “Google hasn’t "
                    "verified this app” is meant for strangers; you know who made it."
                ),
                url="https://console.cloud.google.com/auth/overview",
            ),
            Step(
                _("Make a client"),
                _(
                    "Open APIs & Services › Credentials, choose “Create credentials” › “OAuth client ID” › “Web application”, and paste "
                    "this address into “Authorised redirect URIs”. Copy the client ID and the client secret."
                ),
                url="https://console.cloud.google.com/apis/credentials",
                copies="back",
            ),
        ),
        scopes={
            "https://www.googleapis.com/auth/youtube.readonly": _("to read your videos and the comments under them"),
            "https://www.googleapis.com/auth/youtube.force-ssl": _(
                "to read comments, answer them, and hold back what does not belong there"
            ),
            "openid": _("to tell which account said yes"),
        },
        caution=_(
            "YouTube sends nothing by itself, so Vincle asks: Google allows 10,000 units a day, of which a page takes 1 and an answer 50."
        ),
        past=_("Comments under all your videos, newest first."),
    ),
    Guide(
        key="x", channel="x", group="social", ready="paid", does=("listen", "answer", "publish"),
        sentence=_("Mentions of an account on X, and answers to them, within a budget you set."),
        words="twitter tweet",
        ready_note=_("X charges for each post that is read. Your archive can be imported for nothing."),
        steps=(
            Step(
                _("Make an app at X"),
                _("In the developer console of X buy credit and choose “Create App”. Name it after your company."),
                url="https://console.x.com",
            ),
            Step(
                _("Allow it to ask you"),
                _(
                    "In the app open “User authentication settings”: permissions “Read and write”, type “Web App”, and paste this "
                    "address into “Callback URI”. Copy the OAuth 2.0 client ID and client secret; X shows the secret once."
                ),
                copies="back",
            ),
        ),
        then=(
            Step(
                _("Have X deliver mentions at once (optional)"),
                _("If your plan includes the Account Activity API, register this address as a webhook of the app."),
                copies="address",
                asks=True,
            ),
        ),
        scopes={
            "tweet.read": _("to read mentions and the posts around them"),
            "tweet.write": _("to answer and post in your name"),
            "users.read": _("to learn who wrote"),
            "like.read": _("to see what you liked"),
            "like.write": _("to like a post in your name"),
            "media.write": _("to attach pictures to what you say"),
            "dm.read": _("to read direct messages"),
            "dm.write": _("to answer direct messages"),
            "offline.access": _("to go on listening when you have closed the browser"),
            "tweet.moderate.write": _("to hide an answer under your post"),
        },
        caution=_("Reading stops by itself for the month when the budget is used up. Nothing is lost at X: it goes on next month."),
        past=_("Mentions of the last seven days; each one read is paid for."),
    ),
    Guide(
        key="linkedin", channel="linkedin", group="social", ready="ask", does=("listen",),
        sentence=_("Comments and mentions on your company's page at LinkedIn, shown for as long as LinkedIn allows."),
        words="microsoft company page",
        ready_note=_("LinkedIn approves each company, which takes weeks. Until then, your own export can be imported."),
        steps=(
            Step(
                _("Ask LinkedIn for access"),
                _(
                    "At LinkedIn for developers make an app for your company's page, have an administrator of the page verify it, and "
                    "under “Products” ask for the one that opens pages to you (“Community Management API”; in the EU also “Pages Data "
                    "Portability”)."
                ),
                url="https://www.linkedin.com/developers/apps",
            ),
        ),
        then=(
            Step(
                _("Give the secret of your app"),
                _(
                    "It stands under “Auth” as “Primary client secret”. LinkedIn tries the address as soon as it has it, so give this "
                    "first."
                ),
                asks=True,
            ),
            Step(
                _("Have LinkedIn deliver"),
                _("Under “Webhooks” choose “Create webhook” and paste this address. Then subscribe to the events of your page."),
                copies="address",
            ),
        ),
        caution=_(
            "LinkedIn lets nobody enrich a customer file with its members: their words are shown for a day or two and then forgotten."
        ),
    ),
)  # fmt: skip
