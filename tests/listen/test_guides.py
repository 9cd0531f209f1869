"""How services are connected: every one has its guide, and no guide promises what its channel cannot do."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from vincle.accounts.models import Role, Workspace
from vincle.channels.base import Spec
from vincle.listen import connections, offers
from vincle.listen.guides import GROUPS, TODAY, guide_of, guides
from vincle.web.tags.parts import _known_icons

ClientFor = Callable[..., Client]
SERVICES = {
    "mastodon", "bluesky", "telegram", "mail", "feed", "google_alerts", "facebook", "instagram", "whatsapp", "youtube", "x", "trustpilot",
    "google_reviews", "woocommerce", "shopify", "stripe", "webhook", "linkedin",
}  # fmt: skip
CONNECTABLE = [channel.spec for channel in connections.connectable()]


def test_every_service_has_a_guide() -> None:
    assert set(guides()) >= SERVICES
    assert {guide.group for guide in guides().values()} == set(GROUPS)
    assert {guide.key for guide in guides().values() if guide.ready in TODAY} >= {
        *("mastodon", "bluesky", "telegram", "mail", "feed", "google_alerts", "facebook", "instagram", "woocommerce", "stripe")
    }
    assert not {"x", "linkedin", "google_reviews", "trustpilot"} & {guide.key for guide in guides().values() if guide.ready in TODAY}


@pytest.mark.parametrize("spec", CONNECTABLE, ids=lambda spec: spec.id)
def test_a_guide_fits_its_channel(spec: Spec) -> None:
    guide = guide_of(spec.id)
    assert guide, f"write a Guide for {spec.id} in vincle/listen/guides/"
    offer = offers.offer(guide.key)
    assert offer
    assert offer.icon in _known_icons()
    asked = set(spec.oauth.scopes) if spec.oauth else set()
    assert asked <= set(guide.scopes), f"say in the guide what these are for: {asked - set(guide.scopes)}"
    places = {step.copies for step in (*guide.steps, *guide.then)}
    assert ("address" in places) == bool(spec.secrets), "the address of deliveries is shown where they are proved by a secret"
    assert ("back" in places) == bool(spec.oauth and not spec.oauth.register_url), (
        "the address to come back to goes into an app of one's own"
    )
    assert sum(step.asks for step in guide.then) == ("address" in places), "one step is where that secret is given"
    names = {setting.name for setting in spec.settings}
    for each in guides().values():
        if each.channel == spec.id:
            assert set(each.preset) <= names


def test_steps_lead_to_secure_addresses_of_the_platforms() -> None:
    for guide in guides().values():
        for step in (*guide.steps, *guide.then):
            assert not step.url or step.url.startswith("https://")
            assert str(step.title)


@pytest.mark.django_db
def test_services_are_found_by_other_words_and_told_what_works_today(workspace: Workspace, client_for: ClientFor) -> None:
    client, where = client_for(Role.ADMIN), reverse("listen:new_connection", kwargs={"workspace": workspace.slug})

    def shown(query: str) -> str:
        return unescape(re.sub(r"\s+", " ", client.get(where + query).content.decode()))

    everything = shown("")
    assert everything.index("Shops and payments") < everything.index("Stripe")
    assert "Stripe" in shown("?q=SUBSCRIPTIONS%20payments")
    assert "WooCommerce" not in shown("?q=stripe")
    assert "No service goes by these words" in shown("?q=gramophone")
    assert "Works today" in shown("?today=1")


@pytest.mark.django_db
def test_what_is_no_service_is_not_there(workspace: Workspace, client_for: ClientFor) -> None:
    client, where = client_for(Role.ADMIN), reverse("listen:new_connection", kwargs={"workspace": workspace.slug})
    for key in ("gramophone", "", "../mastodon", "contacts", "team"):
        assert client.get(where, {"service": key}).status_code == 404
        assert client.post(f"{where}?service={key}").status_code == 404
    connections.connect(workspace, None, "stripe")
    assert "1 connected" in client.get(where).content.decode()
