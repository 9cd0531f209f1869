"""Shops and payments."""

from django.utils.translation import gettext_lazy as _

from .base import Guide, Step

GUIDES = (
    Guide(
        key="woocommerce", channel="woocommerce", group="shops", ready="now", does=("listen",),
        sentence=_("A shop on WordPress: orders, refunds and customers."),
        words="wordpress orders purchases customers",
        steps=(
            Step(
                _("Make a key that may read"),
                _(
                    "In WordPress open WooCommerce › Settings › Advanced › REST API and choose “Add key”. Take “Read” for the "
                    "permissions. WordPress shows the consumer key (ck_…) and the consumer secret (cs_…) once: copy both. With them the "
                    "orders of the past come in, and those a webhook missed. Without them the shop can only deliver."
                ),
                is_for_asking=True,
            ),
        ),
        then=(
            Step(
                _("Have WooCommerce deliver each order at once"),
                _(
                    "In WordPress open WooCommerce › Settings › Advanced › Webhooks and choose “Add webhook”. Make one for each topic "
                    "below, with the status “Active” and the newest API version, and paste this address into the field “Delivery URL”."
                ),
                topics=("Order created", "Order updated", "Order deleted", "Customer created", "Customer updated"),
                copies="address",
            ),
            Step(
                _("Agree on a secret"),
                _(
                    "Make up a long one, or let WooCommerce make it, and write the same into the field “Secret” of every webhook. Save "
                    "each webhook after the secret stands here too."
                ),
                asks=True,
            ),
        ),
        past=_("Orders and customers of the past."),
    ),
    Guide(
        key="shopify", channel="shopify", group="shops", ready="now", does=("listen",),
        sentence=_("A shop on Shopify: orders, refunds and customers."),
        words="orders purchases customers",
        steps=(
            Step(
                _("Make an app of your own"),
                _(
                    "In Shopify open Settings › Apps › Develop apps and choose “Build apps in Dev Dashboard”, then “Create app”. Give it "
                    "the scopes below, release it, and install it in your shop. An app made this way needs no review."
                ),
                topics=("read_orders", "read_all_orders", "read_customers"),
                is_for_asking=True,
            ),
            Step(
                _("Copy its client ID and secret"),
                _(
                    "They stand in the Dev Dashboard, in the settings of the app. With them the orders of the past come in, and those a "
                    "webhook missed. Without them the shop can only deliver."
                ),
                is_for_asking=True,
            ),
        ),
        then=(
            Step(
                _("Have Shopify deliver each order at once"),
                _(
                    "In Shopify open Settings › Notifications › Webhooks and choose “Create webhook”. Make one for each event below, in "
                    "the format JSON, and paste this address into the field “URL”."
                ),
                topics=(
                    *("Order creation", "Order payment", "Order update", "Order cancellation", "Refund create"),
                    *("Customer creation", "Customer update"),
                ),
                copies="address",
            ),
            Step(
                _("Bring the signing secret"),
                _("It stands below the list of webhooks: “Your webhooks will be signed with …”. It appears with the first webhook."),
                asks=True,
            ),
        ),
        scopes={
            "read_orders": _("to read orders of the last 60 days, with their refunds"),
            "read_all_orders": _("to read older orders too; Shopify has to allow it"),
            "read_customers": _("to know who bought"),
        },
        past=_("Orders and customers of the past, as far back as your app may read."),
    ),
    Guide(
        key="stripe", channel="stripe", group="shops", ready="now", does=("listen",),
        sentence=_("Payments, refunds and subscriptions that go through Stripe."),
        words="payments cards subscriptions invoices",
        steps=(
            Step(
                _("Make a key that may only read"),
                _(
                    "In Stripe open Developers › API keys and choose “Create restricted key”. Give “Read” to the resources below and "
                    "“None” to all others. The key begins with rk_. With it the payments of the past come in, and those a webhook "
                    "missed. Without it Stripe can only deliver."
                ),
                topics=("Charges and Refunds", "Customers", "Disputes", "Events", "Invoices", "Subscriptions"),
                is_for_asking=True,
            ),
        ),
        then=(
            Step(
                _("Have Stripe deliver each payment at once"),
                _(
                    "In Stripe open Developers › Webhooks and choose “Add destination” (or “Add endpoint”). Select the events below and "
                    "paste this address into the field “Endpoint URL”."
                ),
                topics=(
                    *("charge.succeeded", "charge.captured", "charge.refunded", "refund.failed", "invoice.paid"),
                    *("checkout.session.completed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"),
                    *("customer.created", "customer.updated", "customer.subscription.created", "customer.subscription.updated"),
                    "customer.subscription.deleted",
                ),
                copies="address",
            ),
            Step(
                _("Bring the signing secret"),
                _("Open the new endpoint and choose “Reveal” below “Signing secret”. It begins with whsec_."),
                asks=True,
            ),
        ),
        caution=_("A connected shop that is paid through Stripe tells of the same sales: connect one of the two, or they count twice."),
        past=_("Charges with their refunds and chargebacks, customers, and invoices paid outside of Stripe."),
    ),
)  # fmt: skip
