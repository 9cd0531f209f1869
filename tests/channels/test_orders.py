"""Orders as shops and payment services export them."""

import contextlib
import csv
import io
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.channels.base import FileError, Options, Sample
from vincle.channels.orders import channel
from vincle.vocabulary import Activity, Fact, HandleRef, ObjectType, Reject, Verb, Warn

HERE = Path(__file__).parent / "orders"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
OPTIONS = Options(file_key="f", now=NOW)


class Read:
    """Everything a file gave, sorted by kind."""

    def __init__(self, data: bytes, options: Options = OPTIONS) -> None:
        items = list(channel.read(io.BytesIO(data), options))
        self.orders = [item for item in items if isinstance(item, Activity)]
        self.facts = [item for item in items if isinstance(item, Fact)]
        self.rejects = [(item.line, item.code) for item in items if isinstance(item, Reject)]
        self.warns = [(item.line, item.code, item.field) for item in items if isinstance(item, Warn)]

    def sums(self) -> list[tuple[str, Verb, Decimal | None]]:
        return [(order.native_id, order.verb, order.amount) for order in self.orders]


def payload(name: str, options: Options = OPTIONS) -> Read:
    return Read((HERE / name).read_bytes(), options)


def sample(data: bytes) -> Sample:
    return Sample(head=data[:65536], size=len(data))


def test_woocommerce_states_the_total_on_every_line() -> None:
    found = payload("woocommerce.csv")
    assert found.sums() == [("501", Verb.PURCHASE, Decimal("35.50")), ("503", Verb.PURCHASE, Decimal("20.00")),
                            ("503:refund", Verb.REFUND, Decimal("20.00"))]
    order = found.orders[0]
    assert order.actor == HandleRef("email", "laia@roure.example", "Laia Roure")
    assert (order.object_type, order.currency, order.country) == (ObjectType.ORDER, "EUR", "ES")
    assert order.props == {"status": "Completed", "items": 2, "quantity": 3, "products": ["C-1", "M-2"]}
    assert order.body["items"][1] == {"item": "Mug", "sku": "M-2", "quantity": "2", "unit_price": "5.00"}
    assert found.orders[1].props["coupon"] == "SUMMER"
    assert found.rejects == [(4, "not_completed")]
    assert found.facts[0].handles == (order.actor, HandleRef("phone", "+34600111222", "Laia Roure"))


def test_spanish_orders_with_decimal_commas() -> None:
    found = payload("generic_es.csv")
    assert found.sums() == [("A-1", Verb.PURCHASE, Decimal("1234.50")), ("A-2", Verb.PURCHASE, Decimal("12.00")),
                            ("A-3", Verb.REFUND, Decimal("5.00")), ("A-1", Verb.PURCHASE, Decimal("1234.50"))]
    assert found.orders[1].actor is None
    assert found.orders[1].body["customer"] == "Biel"
    assert found.rejects == [(5, "no_time"), (6, "no_amount")]
    assert found.warns == [(3, "invalid_email", "email"), (7, "duplicate_in_file", "id")]


def test_lines_of_one_order_are_summed_while_they_stand_together() -> None:
    found = payload("lines.csv")
    assert [(verb, amount) for _, verb, amount in found.sums()] == [
        (Verb.PURCHASE, Decimal("15.00")), (Verb.REFUND, Decimal("2.50")), (Verb.PURCHASE, Decimal("2.50")),
        (Verb.PURCHASE, Decimal("7.00"))]
    assert found.orders[0].actor == HandleRef("external", "customer:77")
    assert found.orders[2].actor is None
    assert len({order.native_id for order in found.orders}) == 4
    assert found.orders[3].object_key == "900"
    assert found.warns == [(6, "order_not_together", "id")]


def test_stripe_with_a_partial_refund() -> None:
    found = payload("stripe.csv")
    assert found.sums() == [("ch_1", Verb.PURCHASE, Decimal("20.00")), ("ch_1:refund", Verb.REFUND, Decimal("5.00"))]
    assert found.orders[0].currency == "EUR"
    assert found.facts[0].handles == (HandleRef("email", "laia@roure.example"), HandleRef("external", "stripe:cus_A"))
    assert found.rejects == [(3, "not_completed")]


def test_columns_without_headings_are_mapped_explicitly() -> None:
    data = b" 00004 19970101  2   29.33\r\n 00004 19970118  2   29.73\r\n 00021 19970101  3   63.34\r\n"
    with pytest.raises(FileError, match="missing_field"):
        Read(data)
    mapping = {"Column 1": "customer_id", "Column 2": "time", "Column 3": "quantity", "Column 4": "amount"}
    found = Read(data, Options(file_key="f", now=NOW, mapping=mapping))
    assert [order.amount for order in found.orders] == [Decimal("29.33"), Decimal("29.73"), Decimal("63.34")]
    assert [order.native_id for order in found.orders] == ["f:1", "f:2", "f:3"], "without a number a purchase is known by its line"


def test_the_currency_of_a_heading() -> None:
    assert Read(b"Order ID,Date,Total (USD)\n1,2026-01-01,5\n").orders[0].currency == "USD"
    assert Read(b"Order ID,Date,Total\n1,2026-01-01,\xc2\xa35\n").orders[0].currency == "GBP"
    assert Read(b"Order ID,Date,Total\n1,2026-01-01,5\n").orders[0].currency == "EUR"


def test_ambiguous_dates_are_rejected_until_answered() -> None:
    data = b"Order ID,Date,Total\n1,3/4/2026,5\n2,5/6/2026,7\n"
    assert channel.preview(io.BytesIO(data), OPTIONS).questions
    assert Read(data).rejects == [(2, "ambiguous_date"), (3, "ambiguous_date")]
    assert len(Read(data, Options(file_key="f", now=NOW, date_order="dmy")).orders) == 2


def test_recognised_by_content() -> None:
    for name in ("woocommerce.csv", "generic_es.csv", "lines.csv", "stripe.csv"):
        assert channel.recognise(sample((HERE / name).read_bytes())) > 0.6, name
    others = (b"BEGIN:VCARD\n", b'{"object":"page","entry":[{"id":"1"}]}', b"<rss/>", b"email,name\na@x.org,Ana\n",
              b"author,text,date\na,b,2026-01-01\n")
    for other in others:
        assert channel.recognise(sample(other)) == 0


WORDS = ["", "1", "2", "1/2/2020", "2026-01-01", "5,00", "-3", "refunded", "a@x.org", "1.234,5 €"]
CELLS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=12))
def test_every_row_is_an_order_or_a_reject_and_twice_is_the_same(rows: list[list[str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["Order ID", "Date", "Total", "Status", "Email", "Customer ID"])
    writer.writerows(rows)
    data = file.getvalue().encode("utf-8", "surrogatepass")
    options = Options(file_key="f", now=NOW, separator=",", encoding="utf-8")
    found = Read(data, options)
    assert sum(not order.native_id.endswith(":refund") for order in found.orders) + len(found.rejects) == len(rows)
    assert list(channel.read(io.BytesIO(data), options)) == list(channel.read(io.BytesIO(data), options))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=99).map(
    lambda text: f"order id,date,total,{text}\n1,2026-01-01,5,{text}\n".encode("utf-8", "replace"))))
def test_arbitrary_bytes_raise_nothing_but_a_file_error(data: bytes) -> None:
    assert 0 <= channel.recognise(sample(data)) <= 1
    for act in (lambda: channel.preview(io.BytesIO(data), OPTIONS), lambda: list(channel.read(io.BytesIO(data), OPTIONS))):
        with contextlib.suppress(FileError):
            act()


def test_real_retail_lines(shared_data: Path) -> None:
    data = (shared_data / "value_retail/sample_customers_10pct.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    found = Read(data)
    net = sum((order.amount or 0) * (1 if order.verb is Verb.PURCHASE else -1) for order in found.orders)
    assert net == sum(Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
    assert {order.object_key for order in found.orders} == {row["InvoiceNo"] for row in rows}
    assert len({order.actor for order in found.orders}) == 445
    assert Counter(found.rejects) == {}
    assert channel.recognise(sample(data)) > 0.8


def test_real_music_shop(shared_data: Path) -> None:
    mapping = {"customer_id": "customer_id", "date": "time", "number_of_cds": "quantity", "dollar_value": "amount"}
    found = Read((shared_data / "value_cdnow/CDNOW_master.txt").read_bytes(), Options(file_key="f", now=NOW, mapping=mapping))
    assert len(found.orders) == 69_659
    assert len({order.actor for order in found.orders}) == 23_570
    assert sum(order.amount or 0 for order in found.orders) == Decimal("2500315.63")
    assert sum(order.props["quantity"] for order in found.orders) == 167_881
    assert {order.currency for order in found.orders} == {"USD"}
