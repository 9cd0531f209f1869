"""What went wrong with a file, a row or a value, in one sentence; and how the fields of a file are called. Codes are the channels'."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # the file as a whole
    "archive_too_large": _("The archive is larger than can be unpacked safely"),
    "broken_archive": _("The archive is damaged and cannot be unpacked; download it again"),
    "broken_json": _("This is not valid JSON"),
    "broken_workbook": _("The workbook is damaged; open it in your spreadsheet and save it again"),
    "broken_xml": _("The XML of this file is broken"),
    "cannot_read_deliveries": _("This channel does not take deliveries"),
    "cannot_read_files": _("This channel does not read files"),
    "download_is_html": _("This download was made as HTML; ask the platform for it again in the format JSON"),
    "empty_file": _("The file is empty"),
    "encrypted_archive": _("The archive is locked with a password; unpack it and import what is inside"),
    "encrypted_workbook": _("The workbook is locked with a password; remove the password and try again"),
    "file_too_large": _("The file is too large for its kind"),
    "no_cards": _("There is no contact card in this file"),
    "no_messages": _("There is no mail in this file"),
    "no_rows": _("There are no rows in this file"),
    "no_such_sheet": _("The workbook has no sheet of this name"),
    "not_a_download": _("This is not a download of one's own data from the platform"),
    "not_a_feed": _("This is not an Atom or RSS feed"),
    "not_a_workbook": _("This archive is not a workbook"),
    "not_an_archive": _("This is not an archive of posts"),
    "old_workbook": _("This is a workbook of the old kind (.xls); save it as .xlsx and try again"),
    "too_large": _("The file is larger than this installation takes; the most it takes, in bytes"),
    "too_many_cells": _("There are more cells than can be read"),
    "too_many_columns": _("There are more columns than can be read"),
    "too_many_members": _("There are more files in this archive than can be read"),
    "truncated_json": _("The file ends in the middle; it was not downloaded whole"),
    "unknown_encoding": _("No text can be read in this encoding"),
    "unknown_format": _("What this file holds was not recognised; choose the kind yourself"),
    "unknown_kind": _("There is no such kind of import"),
    "unsafe_workbook": _("The workbook carries definitions that are refused for safety"),
    "workbook_too_large": _("The workbook is larger than can be read safely; save it as CSV"),
    "xml_entities_refused": _("The file carries XML entities, which are refused for safety"),
    "zip_bomb": _("The file unpacks to far more than it seems to hold and is refused for safety"),
    # rows and items
    "broken_member": _("This part of the archive cannot be read"),
    "card_not_closed": _("The contact card has no end"),
    "damaged_ids": _("The ids were rounded by a spreadsheet, so several rows share one"),
    "duplicate_in_file": _("The same was said earlier in this file; both rows were read"),
    "empty_item": _("There is nothing in this item"),
    "empty_row": _("The row is empty"),
    "field_too_long": _("One cell of the row is too long to be read"),
    "group_skipped": _("This card describes a group, not someone"),
    "is_unsent": _("The message was taken back by its sender"),
    "item_skipped": _("This item could not be read"),
    "line_too_long": _("The line is too long to be read"),
    "member_too_large": _("This part of the archive is too large to be read"),
    "message_too_large": _("The mail is too large to be read"),
    "no_amount": _("The order has no amount"),
    "no_author": _("Nobody is named as the author"),
    "no_buyer": _("Nobody is named as the buyer"),
    "no_customer": _("Nobody is named as the customer"),
    "no_handle": _("The row has no e-mail, phone or account by which to know someone"),
    "no_headers": _("This is not a mail: it has no headers"),
    "no_id": _("The row has no number of its own"),
    "no_identifier": _("The card has no e-mail, phone or account by which to know someone"),
    "no_text": _("The row has no text"),
    "no_time": _("The row does not say when it happened"),
    "not_a_card": _("This is not a contact card"),
    "not_a_delivery": _("This is not what the platform sends"),
    "not_an_archive_part": _("This file of the archive is not read"),
    "not_an_object": _("This line is JSON, but not a record"),
    "parts_skipped": _("These parts of the archive are of no use here and were left out"),
    "unclosed_quote": _("A quotation mark is opened and never closed"),
    "unsafe_member_name": _("This part of the archive has an unsafe name and was left out"),
    "unsent_message": _("The message was taken back by its sender"),
    # values
    "ambiguous_date": _("Day and month of this date cannot be told apart"),
    "damaged_text": _("Letters of this value were lost before it came here"),
    "invalid_amount": _("This is not an amount of money"),
    "invalid_attributes": _("These attributes cannot be read"),
    "invalid_country": _("This is no country"),
    "invalid_currency": _("This is no currency"),
    "invalid_date": _("This is not a date"),
    "invalid_email": _("This is not an e-mail address"),
    "invalid_language": _("This is no language"),
    "invalid_phone": _("This is not a phone number"),
    "invalid_profile": _("This is not the address of a profile"),
    "invalid_rating": _("This is not a rating"),
    "invalid_url": _("This is not a web address"),
    "not_a_boolean": _("This is neither yes nor no"),
    "not_a_number": _("This is not a number"),
}

FIELDS = {
    "address": _("Address"), "amount": _("Amount"), "attributes": _("Attributes"), "author": _("Author"), "author_id": _("Author's id"),
    "author_name": _("Author's name"), "avatar": _("Picture"), "bio": _("About"), "birthday": _("Birthday"), "bounced": _("Bounced"),
    "bounced_at": _("Bounced on"), "city": _("City"), "comments": _("Number of comments"), "company": _("Company"),
    "complained": _("Complained"), "complained_at": _("Complained on"), "consent_text": _("Words of the consent"), "country": _("Country"),
    "currency": _("Currency"), "customer": _("Customer"), "department": _("Department"), "email": _("E-mail"), "external_id": _("Id elsewhere"),
    "first_contact": _("First contact"), "first_name": _("First name"), "followers": _("Followers"), "gender": _("Gender"), "id": _("Id"),
    "industry": _("Industry"), "job_title": _("Job title"), "kind": _("Person or organisation"), "language": _("Language"),
    "last_name": _("Last name"), "lifecycle": _("Stage elsewhere"), "likes": _("Number of likes"), "middle_name": _("Middle name"), "name": _("Name"),
    "nickname": _("Nickname"), "note": _("Note"), "opt_in": _("Newsletter: yes"), "opt_in_at": _("Newsletter: yes since"),
    "opt_in_ip": _("Newsletter: address of the yes"), "opt_out": _("Newsletter: no"), "opt_out_at": _("Newsletter: no since"), "owner": _("Owner"),
    "parent": _("Reply to"), "phone": _("Phone"), "phone_opt_in": _("May be called: yes"), "phone_opt_out": _("May be called: no"),
    "place": _("Place"), "postcode": _("Postcode"), "product": _("Product"), "profile": _("Address of a profile"), "quantity": _("Quantity"),
    "rating": _("Rating"), "region": _("Region"), "reply_to": _("Reply to"), "shares": _("Number of shares"), "status": _("Status of the newsletter"),
    "street": _("Street"), "tags": _("Tags"), "text": _("Text"), "time": _("Time"), "timezone": _("Time zone"), "title": _("Title"),
    "updated_at": _("Changed on"), "url": _("Web address"), "website": _("Web site"),
}  # fmt: skip


def sentence(code: str, value: str = "") -> str:
    """One sentence for a code, with the value it speaks of. An unknown code is shown as it stands."""
    said = str(SENTENCES[code]) if code in SENTENCES else _now("This could not be read (%(code)s)") % {"code": code}
    return f"{said}: “{value}”" if value else f"{said}."


def field_name(field: str) -> str:
    """How a field of an import is called; "custom:Shoe size" is a field of the workspace's own, "" is left out."""
    if field.startswith("custom:"):
        return _now("New field “%(name)s”") % {"name": field.partition(":")[2]}
    if not field:
        return _now("Leave out")
    return str(FIELDS[field]) if field in FIELDS else field.replace("_", " ").capitalize()
