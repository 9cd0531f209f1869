"""Places where people leave stars."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

GUIDES = (
    Guide(
        key="google_reviews", channel="google_reviews", group="reviews", ready="ask", does=("listen", "answer"),
        sentence=_("Reviews of your places on Google, and your answers to them."),
        words="google business profile maps stars my business",
        ready_note=_("Google approves each project, in about two weeks. Ask early."),
        steps=(
            Step(
                _("Ask Google for access"),
                _(
                    "Make a project in the Google Cloud console and send the application for the Business Profile APIs. Use an address "
                    "that has owned or managed your verified profile for more than 60 days."
                ),
                url="https://support.google.com/business/contact/api_default",
            ),
            Step(
                _("Switch the APIs on"),
                _("Once approved, open APIs & Services › Library and enable the three below."),
                url="https://console.cloud.google.com/apis/library",
                topics=("Google My Business API", "My Business Account Management API", "My Business Business Information API"),
            ),
            Step(
                _("Make a client"),
                _(
                    "Publish the OAuth consent screen, for in testing Google ends your consent after seven days. Then open Credentials, "
                    "choose “OAuth client ID” › “Web application”, and paste this address into “Authorised redirect URIs”. Copy the "
                    "client ID and secret."
                ),
                url="https://console.cloud.google.com/apis/credentials",
                copies="back",
            ),
        ),
        scopes={"https://www.googleapis.com/auth/business.manage": _("to read reviews of your places and to answer them")},
        caution=_("Google tells no more of a reviewer than the name shown, so reviews are rarely linked to a person by themselves."),
        past=_("All reviews of the place, newest first."),
    ),
    Guide(
        key="trustpilot", channel="trustpilot", group="reviews", ready="paid", does=("listen", "answer"),
        sentence=_("Reviews of your company on Trustpilot, and your answers to them."),
        words="stars reviews",
        ready_note=_("Trustpilot opens its API with the API module of its paid plans."),
        steps=(
            Step(
                _("Make a key"),
                _(
                    "In Trustpilot Business open Integrations › Developers › APIs and create an application. Copy the API key and the "
                    "secret."
                ),
                url="https://businessapp.b2b.trustpilot.com/",
            ),
        ),
        caution=_("Each request counts towards the yearly allowance of your plan: asked every 15 minutes they are 35,000 a year."),
        past=_("All reviews of your company, newest first."),
    ),
)  # fmt: skip
