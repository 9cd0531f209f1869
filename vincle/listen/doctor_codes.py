"""The words of each code: what happened, and what to do. One table per place a code comes from."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

Words = dict[str, tuple[Any, Any]]

AGAIN: Final = _("Connect it again on this page. Everything that came stays, and what was missed comes in afterwards.")
WAIT: Final = _("There is nothing to do: Vincle asks again by itself, with growing pauses, and goes on where it stopped.")
LATER: Final = _("There is nothing to do: Vincle goes on when it may.")
COMPARE: Final = _("Compare what stands under “What it was given” with the service, and put it right.")
LASTS: Final = _("If it lasts, compare the address on this page: it may lead to another program or to a sign-in page.")
NEW_SECRET: Final = _("Make a new one at the service and give it under “What it was given”.")
RETURN: Final = _(
    "Paste the address for coming back into the settings of your app at the service, exactly as it stands here; then try again."
)
ELSEWHERE: Final = _("Answer at the service itself.")
ELSEWHERE_SEE: Final = _("Look at it at the service itself.")

KINDS: Final[Words] = {
    "auth": (_("The service no longer lets Vincle in"), AGAIN),
    "quota": (_("The service has been asked as often as it allows for now"), LATER),
    "transient": (_("The service cannot be reached, or has trouble of its own"), WAIT),
    "permanent": (_("The service refuses this as it is"), COMPARE),
    "gone": (_("What was asked for is no longer there"), _("See at the service whether the account or the page was moved or deleted.")),
}

ANSWERS: Final[Words] = {
    "not_authorised": (_("The service no longer knows this consent or password"), AGAIN),
    "not_allowed": (
        _("The account may not do this"),
        _("Give the account the right it lacks at the service, or connect it again and grant every permission that is asked for."),
    ),
    "not_there": (
        _("Nothing answers under this address or name"),
        _("Compare the address and the name on this page with the service. Was the account moved or deleted?"),
    ),
    "too_fast": (_("The service asks to be asked less often"), LATER),
    "server_trouble": (_("The service has trouble of its own"), WAIT),
    "not_json": (_("The server answers, but not as this service does"), LASTS),
    "broken_answer": (_("The answer of the server broke off"), WAIT),
    "answer_too_large": (_("The server sent more than is safe to take"), LASTS),
    "unknown_encoding": (_("The server packs its answers in a way nobody here can open"), LASTS),
    "too_many_redirects": (_("The server sends Vincle in circles"), _("Open the address in a browser and take the one you end up at.")),
}

WAY: Final[Words] = {
    "unreachable": (
        _("The server cannot be reached"),
        _("If the address on this page is right, there is nothing to do: Vincle tries again."),
    ),
    "no_answer_in_time": (_("The server does not answer in time"), WAIT),
    "certificate_refused": (
        _("The server cannot prove who it is"),
        _("Its certificate has ended or belongs to another name. Tell whoever runs the server; Vincle tries again."),
    ),
    "not_allowed_there": (
        _("The address lies in the own network, where Vincle does not go"),
        _("Write an address that is reachable from the internet. An installation may allow its own network by VINCLE_WEBHOOKS_PRIVATE."),
    ),
    "not_an_address": (_("This is not an address"), _("Write it whole, beginning with https://.")),
    "not_sendable": (_("What was given holds signs that cannot be sent"), COMPARE),
    "not_live": (_("The server has no live stream"), _("There is nothing to do: Vincle asks regularly instead.")),
    "channel_stumbled": (
        _("Vincle stumbled over what the service sent"),
        _("Nothing is lost, and it is tried again. If it lasts, tell whoever runs this installation: the log says more."),
    ),
    "stream_broke": (_("The live stream broke off"), WAIT),
    "went_silent": (_("The live stream fell silent"), WAIT),
    "unknown_channel": (_("This service is no longer part of this installation"), _("Bring its channel back, or disconnect it.")),
    "disconnected": (_("It is disconnected"), _("Connect it again to go on.")),
    "paused": (_("It is paused"), _("Choose “Go on” on this page.")),
}

CONSENT: Final[Words] = {
    "no_secret": (_("A password or key has not been given yet"), _("Give it on this page.")),
    "no_token": (_("Nobody has said yes at the service yet"), _("Say yes there: the button is on this page.")),
    "no_password": (_("The password has not been given yet"), _("Give it on this page.")),
    "wrong_password": (_("The name or the password is wrong"), NEW_SECRET),
    "needs_app_password": (
        _("The account asks for a second factor"),
        _("Make an app password at the service and give it here: it works without the second factor."),
    ),
    "account_closed": (_("The account is closed or suspended"), _("Sign in at the service and see what it says.")),
    "account_locked": (_("The account is locked"), _("Sign in at the service and see what it says.")),
    "token_invalid": (_("The consent was taken back, or the token is wrong"), AGAIN),
    "token_ended": (_("The consent has ended"), AGAIN),
    "token_ends": (_("The consent ends soon"), _("Say yes once more at the service before it does; until then nothing is missed.")),
    "token_checkpoint": (
        _("The service wants to see you first"),
        _("Sign in there and do what it asks. Then connect it again on this page."),
    ),
    "password_changed": (_("The password was changed there, which ended the consent"), AGAIN),
    "app_removed": (_("The app was removed from the account"), AGAIN),
    "no_refresh": (_("The consent cannot be prolonged"), AGAIN),
    "scope_missing": (
        _("A permission is missing"),
        _("Connect it again and grant each permission that is asked for; what is missing stands on this page."),
    ),
    "secrets_unreadable": (
        _("The secrets cannot be read any more"),
        _("They were sealed with another key of this installation. Bring that key back, or give the secrets once more."),
    ),
    "choose_page": (
        _("The account looks after several pages"),
        _("Write the number of the one you mean under “What it was given”, then test again."),
    ),
    "number_not_registered": (_("The number is not registered for the API"), _("Register it at WhatsApp › API Setup, then test again.")),
    "payment_missing": (_("The business account has no way to pay"), _("Add one at Meta, in the settings of your business.")),
    "budget_spent": (
        _("The budget is used up"),
        _("It goes on by itself with the next period. To go on now, raise the budget under “What it was given”."),
    ),
    "blocked_for_now": (_("The service holds this account back for a while"), LATER),
    "not_registered": (_("The server did not let Vincle sign itself up"), LASTS),
    "needs_https": (
        _("The shop's address does not begin with https://"),
        _("WooCommerce takes its keys over a secure connection only. Write the address with https:// under “What it was given”."),
    ),
    "setting_missing": (_("Something that is needed has not been given"), COMPARE),
    "no_server": (_("The address of the server has not been given"), COMPARE),
    "no_channel": (_("The account has no channel of its own there"), _("Connect it again with the account that owns the channel.")),
    "no_instagram_account": (
        _("No professional Instagram account belongs to this page"),
        _("In the Instagram app make the account a professional one and link it to the page. Then test again."),
    ),
    "no_number": (
        _("The number does not belong to this business account"),
        _("Compare the phone number ID and the account ID with WhatsApp › API Setup."),
    ),
    "choose_place": (
        _("The account looks after several places"),
        _("Write the one you mean under “What it was given”, then test again."),
    ),
    "interface_off": (
        _("An interface is switched off at the service"),
        _("Switch it on in the console of the service, as the guide says. Then test again."),
    ),
    "cannot_check": (_("This service cannot be tested"), _("Whether it works shows when the first thing comes in.")),
    "cannot_pull": (_("This service is not asked: it delivers by itself"), _("Set up its deliveries as this page says.")),
    "no_such_stream": (_("This can no longer be listened to"), _("Nothing to do: it was given up with a newer version.")),
}

MAIL: Final[Words] = {
    "imap_sign_in": (
        _("The mailbox does not accept the user name or the password"),
        _("Give them once more. Where you sign in with a second factor, it has to be an app password."),
    ),
    "imap_unreachable": (
        _("The incoming server cannot be reached"),
        _("If the server and its port on this page are right, there is nothing to do: Vincle tries again."),
    ),
    "imap_dropped": (_("The incoming server hung up"), WAIT),
    "imap_refused": (_("The incoming server refuses"), WAIT),
    "imap_certificate": (
        _("The incoming server cannot prove who it is"),
        _("Its certificate has ended or belongs to another name. Take the name the provider gives, or tell whoever runs the server."),
    ),
    "no_such_folder": (_("There is no such folder in the mailbox"), _("Compare the names of the folders on this page with the mailbox.")),
    "mail_over_quota": (
        _("The mailbox is full, or its provider asks for a pause"),
        _("Make room in the mailbox. Vincle tries again by itself."),
    ),
    "smtp_sign_in": (
        _("The outgoing server does not accept the user name or the password"),
        _("Give them once more. Where you sign in with a second factor, it has to be an app password."),
    ),
    "smtp_unreachable": (
        _("The outgoing server cannot be reached"),
        _("If the server and its port on this page are right, there is nothing to do: Vincle tries again."),
    ),
    "smtp_certificate": (
        _("The outgoing server cannot prove who it is"),
        _("Its certificate has ended or belongs to another name. Take the name the provider gives, or tell whoever runs the server."),
    ),
    "signed_out": (_("The provider does not accept the key"), _("Make a new key there that may send, and give it on this page.")),
    "provider_refused": (
        _("The provider refused a message"),
        _("What it says stands beside the message in the outbox. Often the sending domain is not confirmed there yet."),
    ),
    "no_address": (_("There is no address to write to"), _("Nothing is to be done here: the message names nobody who can be reached.")),
    "smtp_later": (_("The outgoing server asks to try later"), WAIT),
    "smtp_dropped": (_("The outgoing server hung up"), WAIT),
    "smtp_not_offered": (_("The outgoing server does not offer this way to sign in"), COMPARE),
    "sender_refused": (
        _("The outgoing server refuses the sender"),
        _("Compare the address on this page: it has to belong to the mailbox."),
    ),
    "recipient_refused": (_("The address of the recipient is refused"), _("See whether it is written right; else it no longer exists.")),
    "message_refused": (_("The outgoing server refuses the letter"), _("Read what it says below; often an attachment is too large.")),
    "some_refused": (_("Some recipients were refused"), _("The others have it. See whether these addresses are written right.")),
}

DEEDS: Final[Words] = {
    "too_long": (_("It is longer than the service takes"), _("Shorten it, or say it in two.")),
    "nothing_to_say": (_("There is nothing to send"), _("Write something first.")),
    "no_recipients": (_("There is nobody to send it to"), _("Write at least one address.")),
    "too_many_recipients": (_("There are more recipients than the service takes at once"), _("Send it to fewer.")),
    "bad_address": (_("This is not an e-mail address"), _("Correct the address.")),
    "header_injection": (_("The subject or a name holds a line break"), _("Write it on one line.")),
    "files_too_large": (_("The attachments are too many or too large"), _("Send fewer, or a link to them.")),
    "needs_picture": (_("Without a picture nothing can be posted there"), _("Attach a picture.")),
    "not_ours": (_("This was not said by you, so it cannot be changed from here"), ELSEWHERE),
    "media_processing": (_("The service is still working on the attachment"), LATER),
    "interrupted": (_("Sending was interrupted"), WAIT),
    "cannot_fetch": (_("The service does not hand out this file"), ELSEWHERE_SEE),
    "cannot_act": (_("Through this service nothing can be answered"), ELSEWHERE),
    "not_offered": (_("The server does not offer this"), ELSEWHERE),
    "window_closed": (
        _("The time in which this may be answered is over"),
        _("Answer in another way that is offered, or wait until they write again."),
    ),
    "reports_only": (
        _("This connection only takes in reports of what became of mails"),
        _("Connect the mailbox or the sending server of the same provider, and send by that."),
    ),
    "already_sent": (
        _("This was answered in private once already, and may be only once"),
        _("Answer in public, or wait until they write again."),
    ),
    "cannot_receive": (_("They cannot receive this"), _("They blocked the account, left, or never wrote to it. Answer in another way.")),
    "opted_out": (_("They no longer want messages from you"), _("Respect it. They can write to you at any time.")),
    "said_before": (_("The same was said just before"), _("Change a word, or leave it.")),
    "empty": (_("There is nothing to send"), _("Write something first.")),
    "kind_not_taken": (_("The service does not take this kind of message"), _("Say it as plain text.")),
    "file_not_taken": (_("The service does not take this file"), _("Take another format or a smaller one.")),
    "needs_template": (
        _("More than 24 hours after their last message WhatsApp takes only approved templates"),
        _("Choose a template, or wait until they write again."),
    ),
    "too_old": (_("It is too old: the service no longer lets it be answered or changed"), ELSEWHERE),
    "only_while_live": (_("This can be answered only while the broadcast runs"), _("Answer in public, or write to them another way.")),
    "done": (_("This was done already, and may be done only once"), _("There is nothing to do.")),
    "partly_sent": (_("Only a part of it was sent"), _("Look at the conversation there, and send what is missing as a new message.")),
    "template_wrong": (
        _("The template is not approved, or its fields do not fit"),
        _("See in the WhatsApp Manager what it says of the template."),
    ),
}

TELEGRAM: Final[Words] = {
    "heard_elsewhere": (
        _("Another program fetches the news of this bot"),
        _("End it there, or make a bot of its own for Vincle: Telegram gives the news to one program only."),
    ),
    "webhook_failing": (
        _("Telegram cannot deliver to the address of this connection"),
        _("Look whether the address can be reached from the internet with a valid certificate. Vincle fetches the news meanwhile."),
    ),
    "blocked_by_them": (_("They blocked the bot"), _("They can write to it again at any time; until then nothing reaches them.")),
    "maybe_sent": (
        _("The answer of the service never came: it may have been sent"),
        _("Look at the conversation there before you send it again."),
    ),
}

OAUTH: Final[Words] = {
    "access_denied": (_("You, or the service, said no"), _("Nothing was connected. Start again when you like, and choose “Allow” there.")),
    "redirect_uri_mismatch": (_("The service does not know the address it should send you back to"), RETURN),
    "invalid_redirect_uri": (_("The service does not know the address it should send you back to"), RETURN),
    "invalid_client": (
        _("The service does not know this app, or its secret is wrong"),
        _("Compare the ID of the app and give its secret once more."),
    ),
    "unauthorized_client": (
        _("Your app at the service may not ask like this"),
        _("See in its settings there that it is a web app and may sign people in."),
    ),
    "unsupported_response_type": (
        _("Your app at the service may not ask like this"),
        _("See in its settings there that it is a web app and may sign people in."),
    ),
    "invalid_scope": (
        _("Your app at the service may not ask for one of the permissions"),
        _("Add the permissions that stand here to the app at the service; then try again."),
    ),
    "invalid_grant": (_("The answer of the service came too late or was used already"), _("Start again; it takes a few seconds.")),
    "invalid_request": (
        _("The service did not understand the question"),
        _("Compare what stands on this page with your app at the service."),
    ),
    "temporarily_unavailable": (_("The service is overloaded for the moment"), _("Try again in a few minutes.")),
    "server_error": (_("The service has trouble of its own"), _("Try again in a few minutes.")),
    "expired": (_("That took too long, so it no longer counts"), _("Start again; it takes a few seconds.")),
    "wrong_state": (
        _("This answer does not belong to a question of this browser"),
        _("Nothing was connected. Start again on this page, in the browser you are signed in with."),
    ),
    "no_code": (_("The service sent you back without an answer"), _("Start again; if it happens again, look at your app there.")),
}

CODES: Final[Words] = {**ANSWERS, **WAY, **CONSENT, **MAIL, **DEEDS, **TELEGRAM, **OAUTH}
