"""Addresses that a post holds and not a person."""

ROLES = frozenset("""
    abuse academic accounting accounts admin administration admissions all billing board bookings careers charity compliance contact
    customercare customerservice delivery do-not-reply donotreply editor enquiries enquiry events everyone feedback finance frontdesk
    fundraising general hello help helpdesk hola hostmaster hr info information inquiries invoice invoices it jobs legal mail
    mailer-daemon marketing media membership news newsletter no-reply noreply notifications office operations orders payments payroll
    postmaster press privacy purchasing reception recruitment reservations returns root sales secretary security service shipping shop
    staff store studio subscribe supplies support team tech tickets training unsubscribe volunteers webmaster welcome
    administracion atencion atencionalcliente ayuda clientes comercial compras comunicacion consultas contabilidad contacto correo
    direccion empleo envios facturacion facturas gerencia gestion informacion oficina pagos pedidos prensa proveedores recepcion
    recursoshumanos reservas rrhh secretaria servicio soporte taller tesoreria tienda ventas
    amministrazione acquisti assistenza assistenzaclienti benvenuto biglietti ciao clienti commerciale comunicazione contabilita
    contatti direzione fatture fatturazione fornitori info-italia informazioni lavoro logistica negozio ordini prenotazioni
    ricevimento segreteria servizioclienti spedizioni stampa ufficio ufficiostampa vendite
    administracio ajuda atencio atencioalclient botiga clients comandes compres comptabilitat comunicacio contacte correu direccio
    entrades factures feina gestio informacio oficines pagaments premsa proveidors recepcio secretariat servei suport tresoreria vendes
    """.split())  # fmt: skip
"""Local parts of addresses that a post holds and not a person: English, Spanish, Italian, Catalan."""


def is_role_address(address: str) -> bool:
    """Whether an e-mail address is a post's: info@, ventas@, no-reply@, also with a number or a suffix behind.

    >>> [is_role_address(f"{local}@shop.example") for local in ("info", "Ventas2", "no.reply+x", "informa.anna")]
    [True, True, True, False]
    """
    local = address.partition("@")[0].lower().partition("+")[0].rstrip("0123456789")
    return bool(local) and (local in ROLES or local.replace(".", "").replace("_", "").replace("-", "") in _CLOSED)


_CLOSED = frozenset(role.replace("-", "") for role in ROLES)
