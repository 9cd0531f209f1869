"""The laws of `verify` and `envelope`, run over every channel there is."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vincle.channels import registry
from vincle.channels.base import Accepted, FileError, Rejected, Reply, Request
from vincle.vocabulary import Activity, Fact, Outcome, Retraction, Unknown

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHANNELS = registry.channels()
SIGNED = sorted(name for name, channel in CHANNELS.items() if channel.spec.secrets)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HEADERS = st.dictionaries(
    st.sampled_from(["x-wc-webhook-signature", "x-wc-webhook-topic", "x-shopify-hmac-sha256", "x-shopify-topic", "stripe-signature"]),
    st.text(max_size=60) | st.sampled_from(["t=1,v1=", "t=99999999999999999999,v1=a", "t=1,v1=\ud83d", "=", ",", "t=²,v1=0"]),
)


def sent(body: bytes = b"{}", headers: Any = None, method: str = "POST") -> Request:
    return Request(method=method, path="/hooks/x/", received_at=NOW, headers=headers or {}, body=body)


@pytest.mark.parametrize("name", sorted(CHANNELS))
class TestEveryChannel:
    def test_believes_nobody_without_a_secret(self, name: str) -> None:
        assert isinstance(CHANNELS[name].verify(sent(), {}), Rejected)

    def test_secrets_have_names_and_help(self, name: str) -> None:
        spec = CHANNELS[name].spec
        assert len({secret.name for secret in spec.secrets}) == len(spec.secrets)
        assert all(secret.name.isidentifier() and secret.label and secret.help for secret in spec.secrets)
        assert not spec.secrets or "webhook" in spec.capabilities


@pytest.mark.parametrize("name", SIGNED)
class TestEverySignature:
    @FEW
    @given(body=st.binary(max_size=80), headers=HEADERS)
    def test_cannot_be_guessed(self, name: str, body: bytes, headers: dict[str, str]) -> None:
        channel = CHANNELS[name]
        verdict = channel.verify(sent(body, headers), {secret.name: "a shared secret" for secret in channel.spec.secrets})
        assert isinstance(verdict, Rejected | Reply)
        assert verdict == channel.verify(sent(body, headers), {secret.name: "a shared secret" for secret in channel.spec.secrets})

    @FEW
    @given(body=st.binary(max_size=200) | st.just(b"[" * 5000), headers=HEADERS)
    def test_what_is_kept_can_be_read(self, name: str, body: bytes, headers: dict[str, str]) -> None:
        channel = CHANNELS[name]
        request = sent(body, {key: value.encode("utf-8", "replace").decode() for key, value in headers.items()})
        raw = channel.envelope(request)
        assert raw == channel.envelope(request)
        found: list[Outcome] = []
        with suppress(FileError):
            found = list(channel.parse(raw, NOW))
        assert all(isinstance(item, Activity | Fact | Retraction | Unknown) for item in found)

    def test_a_question_is_answered_and_not_kept(self, name: str) -> None:
        answer = CHANNELS[name].verify(sent(b"", method="GET"), {})
        assert isinstance(answer, Reply)
        assert not isinstance(answer, Accepted)
