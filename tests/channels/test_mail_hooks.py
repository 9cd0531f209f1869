"""Reports of mail providers, proven with keys made here: SES by SNS, SendGrid, Postal, Mailgun, Resend, and those with a password."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from vincle.channels import _sns
from vincle.channels.base import Accepted, Rejected, Reply, Request
from vincle.channels.mail_provider import channel
from vincle.vocabulary import Activity, Verb

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-reports"
HOST = "sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"https://{HOST}/SimpleNotificationService-{'0a' * 16}.pem"
OURS = "vincle.00000000070123456789abcd@lligam.example"


def no_one(host: str, path: str) -> bytes:
    raise AssertionError(host)


_fetch: list[Callable[[str, str], bytes]] = [no_one]


def verdict(body: bytes, secret: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = Request(method="POST", path="/", received_at=NOW, headers=named, body=body, fetch=_fetch[-1])
    return channel.verify(asked, {"webhook_secret": secret})


class Amazon:
    """Signs as SNS does, and answers for Amazon's hosts."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key()).serial_number(7)
        made = made.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=30))
        self.pem = made.sign(self.key, SHA256()).public_bytes(Encoding.PEM)
        self.asked: list[tuple[str, str]] = []
        self.is_away = False

    def fetch(self, host: str, path: str) -> bytes:
        self.asked.append((host, path))
        return b"" if self.is_away else self.pem

    def message(self, kind: str = "Notification", version: str = "2", key: Any = None, **more: Any) -> bytes:
        ses = {"eventType": "Bounce", "mail": {"messageId": "0100-ses", "destination": ["gone@roastery.example"],
               "commonHeaders": {"messageId": f"<{OURS}>"}, "timestamp": "2026-03-02T11:59:00Z"},
               "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "gone@roastery.example"}]}}  # fmt: skip
        told = {"Type": kind, "MessageId": "m-1", "TopicArn": TOPIC, "Message": json.dumps(ses), "Timestamp": "2026-03-02T12:00:00.000Z",
                "SignatureVersion": version, "SigningCertURL": CERTIFICATE, **more}  # fmt: skip
        if kind != "Notification":
            told = {"Token": "t0k", "SubscribeURL": f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k", **told}
        words = "".join(f"{name}\n{told[name]}\n" for name in _sns._SIGNED[kind] if name in told)
        signature = (key or self.key).sign(words.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
        return json.dumps({**told, "Signature": b64encode(signature).decode()}).encode()


@pytest.fixture
def amazon() -> Iterator[Amazon]:
    made = Amazon()
    _fetch.append(made.fetch)
    _sns._keys.clear()
    yield made
    _sns._keys.clear()
    _fetch.pop()


@pytest.mark.parametrize("version", ["1", "2"])
def test_ses_by_sns(amazon: Amazon, version: str) -> None:
    body = amazon.message(version=version, Subject="Amazon SES Email Event Notification")
    assert verdict(body, TOPIC) == Accepted("m-1")
    assert verdict(body.replace(b"gone@", b"ana@"), TOPIC) == Rejected("wrong_signature")
    assert verdict(body, TOPIC) == Accepted("m-1")
    assert amazon.asked == [(HOST, CERTIFICATE.removeprefix(f"https://{HOST}"))]
    (back, fact) = channel.parse(body, NOW)
    assert isinstance(back, Activity)
    assert (back.verb, back.object_key, type(fact).__name__) == (Verb.BOUNCE, OURS, "Fact")


def test_another_key_or_topic_proves_nothing(amazon: Amazon) -> None:
    other = rsa.generate_private_key(65537, 2048)
    assert verdict(amazon.message(key=other), TOPIC) == Rejected("wrong_signature")
    foreign = amazon.message(TopicArn="arn:aws:sns:eu-west-1:999999999999:theirs")
    assert verdict(foreign, TOPIC) == Rejected("wrong_signature")
    assert verdict(b"{}", TOPIC) == Rejected("no_signature")
    assert verdict(b"not json", TOPIC) == Rejected("no_signature")
    assert verdict(amazon.message(version="9"), TOPIC) == Rejected("wrong_signature")
    assert verdict(b"{}", TOPIC, authorization=f"Bearer {TOPIC}") == Rejected("no_signature")


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://127.0.0.1/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://169.254.169.254/latest/meta-data/",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-" + "0a" * 16 + ".pem",
        "https://sns.eu-west-1.amazonaws.com/bucket/mine.pem", "https://s3.eu-west-1.amazonaws.com/mine/cert.pem",
        "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-" + "0a" * 16 + ".pem#x", "", "::", "https://[",
    ],
)  # fmt: skip
def test_certificates_come_from_amazon_alone(amazon: Amazon, url: str) -> None:
    assert verdict(amazon.message(SigningCertURL=url), TOPIC) == Rejected("wrong_signature")
    assert not amazon.asked


def test_a_subscription_is_confirmed_once_it_is_proven(amazon: Amazon) -> None:
    body = amazon.message("SubscriptionConfirmation")
    assert verdict(body, TOPIC) == Reply()
    assert amazon.asked[-1] == (HOST, f"/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t0k")
    amazon.asked.clear()
    evil = amazon.message("SubscriptionConfirmation", SubscribeURL="https://evil.example/?Action=ConfirmSubscription&Token=1")
    assert verdict(evil, TOPIC) == Rejected("wrong_signature")
    assert verdict(body.replace(b"t0k", b"tik"), TOPIC) == Rejected("wrong_signature")
    assert not amazon.asked
    assert verdict(amazon.message("UnsubscribeConfirmation"), TOPIC) == Reply()
    assert not amazon.asked


def test_amazon_is_away(amazon: Amazon) -> None:
    amazon.is_away = True
    assert verdict(amazon.message(), TOPIC) == Reply(status=503)
    amazon.is_away = False
    assert verdict(amazon.message(), TOPIC) == Accepted("m-1")


def test_sendgrid() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    told = b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    body, time = b'[{"event":"bounce","email":"gone@roastery.example","sg_event_id":"e"}]\r\n', str(int(NOW.timestamp()))

    def sent(by: Any, body: bytes = body, time: str = time, secret: str = told) -> Any:
        signature = b64encode(by.sign(time.encode() + body, ec.ECDSA(SHA256()))).decode()
        return verdict(body, secret, x_twilio_email_event_webhook_signature=signature, x_twilio_email_event_webhook_timestamp=time)

    assert sent(key) == Accepted()
    assert sent(key, secret=f"-----BEGIN PUBLIC KEY-----\n{told}\n-----END PUBLIC KEY-----") == Accepted()
    assert sent(ec.generate_private_key(ec.SECP256R1())) == Rejected("wrong_signature")
    assert sent(key, time=str(int(NOW.timestamp()) - 90_000)) == Rejected("too_old")
    assert verdict(body, told) == Rejected("no_signature")
    garbage = {"x_twilio_email_event_webhook_signature": "!!", "x_twilio_email_event_webhook_timestamp": time}
    assert verdict(body, told, **garbage) == Rejected("no_signature")
    assert verdict(body, told, authorization=f"Bearer {told}") == Rejected("no_signature")
    assert verdict(body, told, x_signature=hmac.new(told.encode(), body, sha256).hexdigest()) == Rejected("no_signature")


def test_postal() -> None:
    key = rsa.generate_private_key(65537, 2048)
    told = b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    body = b'{"event":"MessageSent","payload":{}}'
    newer = b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()
    older = b64encode(key.sign(body, PKCS1v15(), SHA1())).decode()
    assert verdict(body, told, x_postal_signature_256=newer, x_postal_signature="x") == Accepted()
    assert verdict(body, f"p={told}", x_postal_signature=older) == Accepted()
    assert verdict(body + b" ", told, x_postal_signature_256=newer) == Rejected("wrong_signature")
    assert verdict(body, told) == Rejected("no_signature")


def test_mailgun() -> None:
    time = str(int(NOW.timestamp()))
    signature = {"timestamp": time, "token": "tok", "signature": hmac.new(b"s3cret", f"{time}tok".encode(), sha256).hexdigest()}
    body = json.dumps({"signature": signature, "event-data": {}}).encode()
    assert verdict(body, "s3cret") == Accepted()
    assert isinstance(verdict(body, "other"), Rejected)
    assert isinstance(verdict(body.replace(b"tok", b"tik"), "s3cret"), Rejected)


def test_resend() -> None:
    secret = "whsec_" + b64encode(b"k" * 24).decode()
    body, time = b'{"type":"email.bounced","data":{}}', str(int(NOW.timestamp()))
    signature = b64encode(hmac.digest(b"k" * 24, f"msg_1.{time}.".encode() + body, sha256)).decode()
    assert verdict(body, secret, svix_id="msg_1", svix_timestamp=time, svix_signature=f"v1,{signature}") == Accepted("msg_1")
    assert verdict(body + b" ", secret, svix_id="msg_1", svix_timestamp=time, svix_signature=f"v1,{signature}") == Rejected(
        "wrong_signature"
    )


@pytest.mark.parametrize("header", ["Basic dmluY2xlOnMzY3JldA==", "Bearer s3cret"])
def test_postmark_brevo_mailjet_and_sparkpost_by_the_password_in_the_address(header: str) -> None:
    assert verdict(b"{}", "s3cret", authorization=header) == Accepted()
    assert verdict(b"{}", "other", authorization=header) == Rejected("wrong_signature")
    assert verdict(b"{}", "s3cret") == Rejected("no_signature")
    assert verdict(b"{}", "") == Rejected("no_secret")


def test_mailersend_and_mailtrap_by_a_digest_of_the_body() -> None:
    signature = hmac.new(b"s3cret", b"{}", sha256).hexdigest()
    assert verdict(b"{}", "s3cret", signature=signature) == Accepted()
    assert verdict(b"{}", "s3cret", mailtrap_signature=signature) == Accepted()
    assert verdict(b"{ }", "s3cret", signature=signature) == Rejected("wrong_signature")
