"""Files as the platforms and programs write them: what each must say, judged by reading the file, not by running the code.

A label is "Verb Object direction" for an activity, else the kind of the item. Warnings and rejects stand in their own tables.
"""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vincle.channels import registry
from vincle.channels.base import FileError, Options
from vincle.vocabulary import Activity, Outcome, Reject, Warn

OPTIONS = Options(file_key="0" * 64, now=datetime(2026, 11, 1, tzinfo=UTC))

META = {
    "feed-album-add": "Create Image out",
    "feed-comment-add-211": "Create Note out",
    "feed-comment-add-25": "Create Note out",
    "feed-comment-add-with-photo": "Create Note out",
    "feed-comment-add-with-video": "Create Note out",
    "feed-event-add": "Create Event out",
    "feed-like-add-25": "Like Note in",
    "feed-like-add-comment-25": "Like Note in",
    "feed-like-add-page-25": "Like Profile in",
    "feed-photo-add-25": "Create Image out",
    "feed-photo-add-message": "Create Image out",
    "feed-post-add-25": "Create Note in",
    "feed-reaction-add": "Like Note out",
    "feed-reaction-add-comment": "Like Note out",
    "feed-reaction-add-reply": "Like Note out",
    "feed-share-add-25": "Announce Note out",
    "feed-status-add-25": "Create Note out",
    "feed-status-add-photos": "Create Note out",
    "feed-two-entries-25": "Unknown, Unknown",
    "feed-video-add": "Create Video out",
    "feed-video-block": "Unknown",
    "feed-video-mute": "Unknown",
    "feed-video-unblock": "Unknown",
    "leadgen": "Submit Form in",
    "mention-comment-add": "Create Mention in",
    "mention-post-add": "Create Mention in",
    "mention-post-add-real": "Create Mention in",
    "messaging-accountlinking-linked": "Unknown",
    "messaging-accountlinking-unlinked": "Unknown",
    "messaging-airline-itinerary-template": "Create Message in",
    "messaging-approles": "Unknown",
    "messaging-button-template": "Create Message in",
    "messaging-checkoutupdate-shipping": "Unknown",
    "messaging-delivery-basic": "Deliver Message out",
    "messaging-message-basic": "Create Message in",
    "messaging-message-basic-echo": "Create Message out",
    "messaging-message-fallback-attachment": "Create Message in",
    "messaging-message-location-attachment": "Create Message in",
    "messaging-message-media-attachment": "Create Message in",
    "messaging-message-prior": "Create Message in",
    "messaging-message-product-template": "Create Message in",
    "messaging-message-product-template-2": "Create Message in",
    "messaging-message-quickreply": "Create Message in",
    "messaging-message-reply-1": "Create Message in",
    "messaging-message-reply-2": "Create Message in",
    "messaging-message-sticker": "Create Message in",
    "messaging-message-sticker-thumbup": "Create Message in",
    "messaging-optin-basic": "Grant Purpose in",
    "messaging-optin-userref": "Grant Purpose in",
    "messaging-pass-thread-control": "Unknown",
    "messaging-payment": "Purchase Order in, Fact",
    "messaging-policy-callback-block": "Unknown",
    "messaging-policy-callback-unblock": "Unknown",
    "messaging-postback-basic": "Create Message in",
    "messaging-postback-chat": "Create Message in",
    "messaging-postback-referral": "Create Message in",
    "messaging-reaction-1": "Like Message in",
    "messaging-reaction-2": "Undo Message in",
    "messaging-read-basic": "Read Message in",
    "messaging-referral-basic": "Track Link in",
    "messaging-request-thread-control": "Unknown",
    "messaging-take-thread-control": "Unknown",
    "permission-granted.wh-1": "Unknown",
    "permission-granted.wh-2": "Unknown",
    "ratings-comment-add-25": "Create Note in",
    "ratings-like-add-25": "Like Note in",
    "ratings-like-add-40": "Like Note in",
    "ratings-rating-add-25": "Create Review in",
    "ratings-rating-add-31": "Create Review in",
    "ratings-reaction-add": "Like Note in",
    "standby-message-basic-echo": "Create Message out",
    "user-email": "Fact",
    "user-hometown-add": "Unknown",
    "user-likes-add": "Like Profile in",
    "user-location-add": "Unknown",
    "user-movies-add": "Unknown",
    "user-television-add": "Unknown",
    "user-workhistory": "Unknown",
}
INSTAGRAM = {
    "meta/instagram/comment": "Create Note in, Create Note in",
    "meta/instagram/comment_missing_user": "Create Note in",
    "meta/instagram/messaging-seen": "Read Message in",
    "meta/instagram/wh-comments": "Create Note in",
    "meta/instagram/wh-comments-2021": "Create Note in, Fact",
    "meta/instagram/wh-livecomments": "Create Note in",
    "meta/instagram/wh-mentions": "Create Mention in",
    "meta/instagram/wh-story_insights": "Unknown",
    "meta/instagram/media-image": "Create Image out", "meta/instagram/media-carousel": "Create Image out",
    "meta/instagram/instagram-message": "Create Message in", "meta/instagram/instagram-message-story": "Create Message in",
    "instagram/attachment_share": "Create Message in",
    "instagram/message_create": "Create Message in",
    "instagram/seen": "Read Message in",
    "instagram/standby": "Create Message in",
    "instagram/story_mention": "Create Mention in",
    "instagram/story_mention_echo": "Create Message out",
    "instagram/story_reply": "Create Message in",
    "instagram/test_text": "Create Message in",
    "instagram/unsend": "Retraction",
}
SAID = "Create Message in, Fact"
WHATSAPP = {
    "accountReviewUpdate": "Unknown",
    "accountUpdate-banned": "Unknown",
    "accountUpdate-verified": "Unknown",
    "businessUsernameUpdate-approved": "Unknown",
    "messageTemplateStatusUpdate-approved": "Unknown",
    "messageTemplateStatusUpdate-disabling": "Unknown",
    "phoneNumberNameUpdate": "Unknown",
    "phoneNumberQualityUpdate": "Unknown",
    "group-participants-update": "Leave Profile out, Leave Profile in, Fact, Join Profile in, Fact, Unknown, Unknown",
    "incoming-message-ads": SAID,
    "incoming-message-audio": SAID,
    "incoming-message-button": SAID,
    "incoming-message-contacts": SAID,
    "incoming-message-contacts2": SAID,
    "incoming-message-contacts-request-bsuid": SAID,
    "incoming-message-document": SAID,
    "incoming-message-error": SAID,
    "incoming-message-image": SAID,
    "incoming-message-interactive-btn": SAID,
    "incoming-message-interactive-list": SAID,
    "incoming-message-location": SAID,
    "incoming-message-sticker": SAID,
    "incoming-message-text": SAID,
    "incoming-message-text-bsuid": SAID,
    "incoming-message-video": SAID,
    "incoming-message-emoji": "Like Message in, Fact",
    "incoming-message-status-bsuid": "Deliver Message out, Fact",
    "incoming-message-status-errors": "Bounce Message out",
    "incoming-message-status-group-bsuid": "Read Message in, Fact",
    "incoming-message-status-ui": "Deliver Message out",
    "incoming-message-system": "Fact, Fact",
    "incoming-message-system-bsuid": "Fact",
    "userIdUpdate": "Fact, Fact",
}
# activities, facts, retractions, unknown
COUNTS = {
    "webhooks/meta/graph/feed-got.json": (73, 0, 0, 0),
    "webhooks/whatsapp/account_update.json": (0, 0, 0, 17),
    "webhooks/whatsapp/call_connect.json": (2, 1, 0, 0),
    "webhooks/whatsapp/call_permission_update.json": (2, 3, 0, 0),
    "webhooks/whatsapp/call_status.json": (0, 1, 0, 1),
    "webhooks/whatsapp/call_terminate.json": (1, 1, 0, 0),
    "webhooks/whatsapp/callback_button.json": (3, 1, 0, 0),
    "webhooks/whatsapp/callback_selection.json": (2, 1, 0, 0),
    "webhooks/whatsapp/flow_completion.json": (2, 1, 0, 0),
    "webhooks/whatsapp/message.json": (23, 1, 0, 0),
    "webhooks/whatsapp/message_status.json": (7, 2, 0, 0),
    "webhooks/whatsapp/outgoing_message.json": (2, 1, 1, 0),
    "webhooks/whatsapp/system.json": (0, 2, 0, 1),
    "webhooks/whatsapp/template_category_update.json": (0, 0, 0, 1),
    "webhooks/whatsapp/template_components_update.json": (0, 0, 0, 1),
    "webhooks/whatsapp/template_quality_update.json": (0, 0, 0, 1),
    "webhooks/whatsapp/template_status_update.json": (0, 0, 0, 2),
    "webhooks/whatsapp/user_marketing_preferences.json": (2, 3, 0, 0),
    "webhooks/mastodon/notifications.jsonl": (7, 3, 0, 0),
    "webhooks/mastodon/statuses.jsonl": (225, 0, 0, 0),
    "webhooks/bluesky/jetstream_v1.jsonl": (9, 0, 1, 2),
    "webhooks/telegram/webhook_updates.jsonl": (2, 2, 0, 0),
    "webhooks/x/account_activity_examples.json": (3, 2, 0, 0),
    "webhooks/x/apis__searches__search_tweets_query.json": (4, 3, 0, 0),
    "webhooks/x/apis__dm_events__events.json": (1, 0, 0, 0),
    "webhooks/x/apis__user__followers_resp.json": (0, 5, 0, 0),
    "webhooks/email_providers/amazon_ses.jsonl": (10, 4, 0, 1),
    "webhooks/email_providers/brevo.jsonl": (16, 6, 0, 0),
    "webhooks/email_providers/mailersend.jsonl": (8, 3, 0, 0),
    "webhooks/email_providers/mailgun.jsonl": (14, 6, 0, 1),
    "webhooks/email_providers/mailjet.jsonl": (8, 2, 0, 1),
    "webhooks/email_providers/mailtrap.jsonl": (9, 3, 0, 0),
    "webhooks/email_providers/mandrill.jsonl": (5, 2, 0, 0),
    "webhooks/email_providers/postal.jsonl": (5, 1, 0, 1),
    "webhooks/email_providers/postmark.jsonl": (8, 5, 0, 1),
    "webhooks/email_providers/resend.jsonl": (9, 3, 0, 0),
    "webhooks/email_providers/sendgrid.jsonl": (9, 3, 0, 1),
    "webhooks/email_providers/sparkpost.jsonl": (12, 3, 0, 3),
    "webhooks/email_providers/unisender_go.jsonl": (11, 3, 0, 0),
    "webhooks/email_providers/postmark-inbound-test-payload.json": (1, 0, 0, 0),
    "webhooks/email_providers/postmark-inbound-test-payload-with-raw.json": (1, 0, 0, 0),
    "feeds/google_alert.atom": (1, 0, 0, 0),
    "feeds/google_alert_empty_ja.atom": (0, 0, 0, 0),
    "feeds/google_alert_hostile.atom": (2, 0, 0, 0),
    "archives/twitter/data/tweets.js": (2, 0, 0, 0),
    "archives/twitter/data/tweets_utf16.js": (2, 0, 0, 0),
    "archives/twitter/data/account.js": (0, 1, 0, 0),
    "archives/twitter/data/follower.js": (2, 0, 0, 0),
    "archives/twitter/data/like.js": (1, 0, 0, 0),
    "archives/facebook/comments_and_reactions/comments.json": (3, 0, 0, 0),
    "archives/facebook/posts/your_posts_1.json": (4, 0, 0, 0),
}
# facts, warnings, rejects; the workspace is in Spain, so that most North American numbers without a prefix cannot be read
VCARDS = {
    "John_Doe_ANDROID.vcf": (5, 8, 1),
    "John_Doe_BLACK_BERRY.vcf": (1, 0, 0),
    "John_Doe_EVOLUTION.vcf": (1, 0, 0),
    "John_Doe_GMAIL.vcf": (1, 2, 0),
    "John_Doe_IPHONE.vcf": (1, 0, 0),
    "John_Doe_LOTUS_NOTES.vcf": (1, 1, 0),
    "John_Doe_MAC_ADDRESS_BOOK.vcf": (1, 0, 0),
    "John_Doe_MS_OUTLOOK.vcf": (1, 0, 0),
    "fullcontact.vcf": (1, 7, 0),
    "gmail-list.vcf": (3, 0, 0),
    "gmail-single.vcf": (1, 0, 0),
    "gmail-single2.vcf": (1, 8, 0),
    "issue114.vcf": (1, 0, 0),
    "jcard-example.json": (1, 0, 0),
    "outlook-2003.vcf": (1, 3, 0),
    "outlook-2007.vcf": (1, 0, 0),
    "rfc2426-example.vcf": (2, 0, 0),
    "rfc6350-example.vcf": (1, 0, 0),
    "rfc6351-example.xml": (1, 0, 0),
    "thunderbird-MoreFunctionsForAddressBook-extension.vcf": (1, 0, 0),
}


def read(path: Path) -> tuple[str, list[Outcome]]:
    if not path.exists():
        pytest.skip(f"shared data absent: {path}")
    with path.open("rb") as file:
        channel = registry.recognise(file)
        return channel.spec.id, list(channel.read(file, OPTIONS))


def label(item: Outcome) -> str:
    return f"{item.verb} {item.object_type} {item.direction}" if isinstance(item, Activity) else type(item).__name__


def labels(outcomes: list[Outcome]) -> str:
    return ", ".join(label(item) for item in outcomes)


@pytest.mark.parametrize("name", META)
def test_facebook(shared_data: Path, name: str) -> None:
    channel, outcomes = read(shared_data / "webhooks/meta/webhooks" / f"{name}.json")
    assert (channel, labels(outcomes)) == ("facebook", META[name])


def test_every_facebook_file_is_judged(shared_data: Path) -> None:
    folder = shared_data / "webhooks/meta/webhooks"
    unjudged = {path.stem for path in folder.glob("*.json")} - set(META)
    assert all(name.startswith("messaging-message-nlp-") for name in unjudged)
    for name in sorted(unjudged):
        assert labels(read(folder / f"{name}.json")[1]) == "Create Message in", name


@pytest.mark.parametrize("name", INSTAGRAM)
def test_instagram(shared_data: Path, name: str) -> None:
    channel, outcomes = read(shared_data / "webhooks" / f"{name}.json")
    assert (channel, labels(outcomes)) == ("instagram", INSTAGRAM[name])


@pytest.mark.parametrize("name", WHATSAPP)
def test_whatsapp(shared_data: Path, name: str) -> None:
    channel, outcomes = read(shared_data / "webhooks/meta/whatsapp" / f"webhook-{name}.json")
    assert (channel, labels(outcomes)) == ("whatsapp", WHATSAPP[name])


@pytest.mark.parametrize("name", COUNTS)
def test_counts(shared_data: Path, name: str) -> None:
    _, outcomes = read(shared_data / name)
    found = Counter(type(item).__name__ for item in outcomes)
    assert tuple(found[kind] for kind in ("Activity", "Fact", "Retraction", "Unknown")) == COUNTS[name]
    assert not found["Reject"]


@pytest.mark.parametrize("name", VCARDS)
def test_vcards(shared_data: Path, name: str) -> None:
    channel, outcomes = read(shared_data / "vcards" / name)
    found = Counter(type(item).__name__ for item in outcomes)
    assert (channel, found["Fact"], found["Warn"], found["Reject"]) == ("vcard", *VCARDS[name])


def test_a_broken_archive_is_refused_with_its_line(shared_data: Path) -> None:
    with pytest.raises(FileError) as refusal:
        read(shared_data / "archives/twitter/data/tweets_truncated_broken.js")
    assert (refusal.value.code, refusal.value.line) == ("truncated_json", 42)


def test_answers_of_interfaces_that_are_no_deliveries_are_refused(shared_data: Path) -> None:
    for name in ("meta/instagram/accesstoken", "meta/whatsapp/message-response", "meta/instagram/container"):
        with pytest.raises(FileError) as refusal:
            read(shared_data / "webhooks" / f"{name}.json")
        assert refusal.value.code == "unknown_format", name


def test_mojibake_of_downloads_is_repaired(shared_data: Path) -> None:
    _, comments = read(shared_data / "archives/facebook/comments_and_reactions/comments.json")
    _, posts = read(shared_data / "archives/facebook/posts/your_posts_1.json")
    people = [item.target.name for item in comments if isinstance(item, Activity) and item.target]
    assert people == ["Bo Dahl", "Tobias Løye", "Carl Holm"]
    assert {item.actor.name for item in comments if isinstance(item, Activity) and item.actor} == {"Aase Berg"}
    assert any(isinstance(item, Activity) and item.text.endswith("åbent hus – Holbæk") for item in posts)
    assert [(item.line, item.code) for item in posts if isinstance(item, Warn)] == [(4, "empty_item"), (6, "empty_item")]


def test_private_words_are_not_public(shared_data: Path) -> None:
    """Of 225 statuses 13 are for named people only, 6 for followers, 7 are boosts."""
    _, outcomes = read(shared_data / "webhooks/mastodon/statuses.jsonl")
    found = Counter(label(item) for item in outcomes)
    assert found == {"Create Message in": 13, "Announce Note in": 7, "Create Note in": 205}
    assert sum(1 for item in outcomes if isinstance(item, Activity) and item.props.get("visibility") == "private") == 6


def test_hostile_feed_is_harmless(shared_data: Path) -> None:
    _, outcomes = read(shared_data / "feeds/google_alert_hostile.atom")
    first, second = (item for item in outcomes if isinstance(item, Activity))
    assert first.url == "https://news.example.com/console-x-restock"
    assert first.title == "Console X restock: retailers get new stock & more"
    assert first.text == "The Console X is back in stock at major stores"
    assert (second.url, second.actor) == ("", None)


def test_no_shared_file_breaks_a_reader(shared_data: Path) -> None:
    """Every file of these folders is read, or refused with a code."""
    for folder in ("webhooks", "archives", "feeds", "vcards"):
        for path in sorted((shared_data / folder).rglob("*")):
            if path.is_file() and path.suffix not in (".md", ".yaml"):
                with suppress(FileError):
                    _, outcomes = read(path)
                    assert not [item for item in outcomes if isinstance(item, Reject) and item.code == "broken_json"], path
