"""Messengers."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

GUIDES = (
    Guide(
        key="telegram", channel="telegram", group="messages", ready="now", does=("listen", "answer"),
        sentence=_("What people write to your company's bot on Telegram, alone or in groups, and your answers."),
        words="bot chat botfather",
        ready_note=_("Nothing to apply for: making a bot takes two minutes."),
        steps=(
            Step(
                _("Make a bot"),
                _(
                    "In Telegram write /newbot to @BotFather. It asks for a name, and for a user name that ends in “bot”; then it "
                    "answers with the token."
                ),
                url="https://t.me/BotFather",
            ),
            Step(
                _("Let it hear groups (optional)"),
                _(
                    "A bot in a group hears only what is said to it. To hear everything, write /setprivacy to @BotFather, choose the bot "
                    "and “Disable”, then add the bot to the group (again)."
                ),
            ),
        ),
        caution=_(
            "Telegram hands each message to one listener only: a bot that another program uses already has to be taken from it first."
        ),
    ),
)  # fmt: skip
