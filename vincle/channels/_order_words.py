"""How shops and payment services name the columns of orders."""

import re
from typing import Final

from ._identifiers import currency, fold, part

_FIELDS: Final = """
id: no pedido|no de pedido|no ordine|no commande|order number|order id|order no|order|invoiceno|invoice no|invoice number|invoice
id: invoice id|numero de pedido|n pedido|pedido|id pedido|reference|order reference|transaction id|payment id|receipt number|receipt no
id: charge id|numero d ordine|numero ordine|ordine|commande|numero de commande|comanda|numero de comanda|factura|fattura|facture|id ordine
id: id transaccion|id transaction|ticket|bestellnummer|order name|source id|id
time: order date|date|created at|created|paid at|created utc|created date utc|created date|invoicedate|invoice date|purchase date
time: order time|fecha|fecha del pedido|fecha pedido|data|data ordine|data dell ordine|date de commande|timestamp|completed date
time: date created|date add|paid date|transaction date|payment date|fecha de compra|data comanda|bestelldatum|datetime|time|processed at
time: date paid|order created date
email: email|customer email|e mail|billing email|email billing|buyer email|correo|correo electronico|email cliente|email address
email: customer e mail|e mail address|card email|contact email|adresse email
customer_id: customer id|customerid|customer|client id|cust|cust id|id cliente|customer user id|user id|cliente id|client|buyer id
customer_id: customer number|userid|customer key|id customer|member id
phone: phone|billing phone|phone billing|telefono|customer phone|telephone|mobile|shipping phone|telefon
name: customer name|billing name|full name|nombre del cliente|nome cliente|buyer name|cliente|customer full name|card name|nombre
name: nom du client
first_name: first name billing|billing first name|first name|billing firstname|nombre facturacion
last_name: last name billing|billing last name|last name|billing lastname|surname
amount: total|order total|order total amount|amount|grand total|total paid|total amount|importe|importe total|totale|montant|total price
amount: net amount|sum|order amount|total pagado|totale ordine|total ttc|dollar value|value|total value|revenue|betrag|gesamt|price total
amount: amount paid|order value|sales|total paid tax incl|import|import total|precio total|gross
currency: currency|order currency|moneda|valuta|devise|divisa|currency code|wahrung|presentment currency
status: status|order status|financial status|payment status|estado|stato|statut|estado del pedido|state|current state
refund: refunded amount|amount refunded|refund amount|order refund amount|total refunded|importe reembolsado|importo rimborsato|refund
item: item name|lineitem name|product name|product|product name main|description|item|producto|prodotto|produit|producte|line item name
item: articulo|articolo|article|product title|line item title|titel
sku: sku|lineitem sku|stockcode|stock code|product sku|item sku|product id|product reference|referencia|code article|codigo
quantity: quantity|qty|lineitem quantity|cantidad|quantita|quantite|quantitat|item quantity|units|number of cds|unidades|menge
quantity: product quantity
unit_price: unitprice|unit price|lineitem price|item cost|price|item price|precio|precio unitario|prezzo|prezzo unitario|prix
unit_price: prix unitaire|preu|preis|product price|cost per item|unit cost
item_total: line total|item total|order line total|subtotal line|lineitem total|total linea|totale riga|line amount|extended price
item_total: order item total
country: country|billing country|country code|country code billing|shipping country|pais|paese|pays|country billing|country name billing
country: delivery
place: billing city|city|city billing|shipping city|ciudad|citta|ville
payment: payment method|payment|payment method title|metodo de pago|metodo di pagamento|mode de paiement|gateway
coupon: coupon code|discount code|coupon|cupon|codigo de descuento|codice sconto|code promo|voucher
category: category|product category|categoria|categorie|product type
"""
HEADINGS: Final[dict[str, str]] = {}
for _line in _FIELDS.strip().splitlines():
    _field, _, _names = _line.partition(": ")
    for _name in _names.split("|"):
        HEADINGS.setdefault(_name, _field)
FIELDS: Final = tuple(dict.fromkeys(HEADINGS.values()))

_VENDORS: Final = (
    ("shopify", ("lineitem name|financial status", "lineitem quantity", "name|financial status|total")),
    ("woocommerce", ("order number|order status|order total amount", "email billing", "first name billing", "order number|item cost")),
    ("prestashop", ("reference|new client|total", "id|reference|customer|total|payment", "id order|reference|total paid")),
    ("stripe", ("amount refunded|customer id", "seller message", "created utc|amount", "created date utc|amount")),
)
_OWN: Final[dict[str, dict[str, str]]] = {
    "shopify": {"name": "id", "id": "custom:Id", "created at": "time", "paid at": "custom:Paid at", "subtotal": "custom:Subtotal"},
    "stripe": {"description": "custom:Description", "id": "id", "fee": "custom:Fee"},
    "prestashop": {"id": "custom:ID", "reference": "id", "customer": "name", "delivery": "country"},
}
COMPLETED_NOT: Final = frozenset((
    "cancelled|canceled|cancelado|cancelada|annullato|annule|anullat|cancel lat|failed|fallido|fallito|echoue|pending|pendiente|in attesa|"
    "en attente|on hold|voided|expired|draft|checkout draft|unpaid|payment error|error de pago|pending payment|awaiting payment|"
    "requires action|awaiting bank wire payment|awaiting check payment|declined|storniert|trash|abandoned|incomplete"
).split("|"))
REFUNDED: Final = frozenset((
    "refunded|refund|reembolsado|reembolsada|reembolso|rimborsato|rimborso|rembourse|remboursement|reemborsat|reemborsament|erstattet|returned|"
    "devuelto|reso|chargeback|retournat"
).split("|"))
_IN_BRACKETS = re.compile(r"\(([^)]+)\)|[€£$]")


def vendor_of(headings: list[str]) -> str:
    """The shop or payment service whose export has such headings, or ''."""
    names = {fold(heading) for heading in headings}
    return next((vendor for vendor, signatures in _VENDORS if any(set(one.split("|")) <= names for one in signatures)), "")


def field_of(heading: str, vendor: str) -> str | None:
    """The field a heading stands for, None when it says nothing."""
    name = fold(heading)
    own = _OWN.get(vendor, {}).get(name)
    if own is not None:
        return own
    return HEADINGS.get(name) or HEADINGS.get(fold(part(heading))) or HEADINGS.get(fold(_IN_BRACKETS.sub("", heading)))


def currency_of(heading: str) -> str:
    """The currency a heading names: "Total (EUR)", "Importe €", "dollar_value"."""
    found = _IN_BRACKETS.search(heading)
    code = currency(found[1] or found[0]) if found else ""
    names = {"dollar": "USD", "dollars": "USD", "usd": "USD", "eur": "EUR", "euro": "EUR", "euros": "EUR", "gbp": "GBP", "pounds": "GBP"}
    return code or next((names[word] for word in fold(heading).split() if word in names), "")
