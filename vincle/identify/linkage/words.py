"""Evidence and reading faults in English: the one table of words. Files and the command line read it as it is, screens translate it."""

from typing import Final


def _(text: str) -> str:
    """Marks a text for translation, which happens where languages are known (`identify/wording.py`)."""
    return text


FIELDS: Final = {
    "name": _("name"), "first_name": _("first name"), "middle_name": _("middle name"), "last_name": _("surname"), "nickname": _("nickname"),
    "title": _("title"), "gender": _("gender"), "birthday": _("birthday"), "language": _("language"), "company": _("company"),
    "job_title": _("job"), "department": _("department"), "industry": _("industry"), "street": _("street"), "city": _("city"),
    "region": _("region"), "postcode": _("postcode"), "country": _("country"), "website": _("web site"), "bio": _("bio"),
    "email": _("e-mail"), "phone": _("phone"), "username": _("user name"), "id_number": _("number"), "domain": _("domain"),
    "house_number": _("house number"), "address_2": _("second line of the address"), "legal_name": _("legal name"),
    "avatar_hash": _("picture"), "together": _("company they keep"),
}  # fmt: skip
"""How a field is called within a sentence."""

WORDS: Final = {
    # any field of words
    "same_text": _("Same %(field)s: %(left)s"), "typo_text": _("%(Field)s differs by a letter or two: %(left)s / %(right)s"),
    "similar_text": _("%(Field)s similar: %(left)s / %(right)s"), "alike_text": _("%(Field)s a little alike: %(left)s / %(right)s"),
    "one_digit_text": _("%(Field)s one digit apart: %(left)s / %(right)s"),
    "two_digits_text": _("%(Field)s two digits apart: %(left)s / %(right)s"),
    "differs_text": _("Different %(field)s: %(left)s / %(right)s"),
    # names, by their levels
    "given_name_same": _("Same first name: %(left)s"), "family_name_same": _("Same surname: %(left)s"),
    "given_name_typo": _("First name differs by a letter or two: %(left)s / %(right)s"),
    "family_name_typo": _("Surname differs by a letter or two: %(left)s / %(right)s"),
    "given_name_nickname": _("Nickname: %(left)s = %(right)s"),
    "given_name_one_of_two": _("One of two first names in common: %(left)s / %(right)s"),
    "family_name_one_of_two": _("One of two surnames in common: %(left)s / %(right)s"),
    "given_name_similar": _("First names alike: %(left)s / %(right)s"), "family_name_similar": _("Surnames alike: %(left)s / %(right)s"),
    "given_name_swapped": _("First name and surname changed places: %(left)s / %(right)s"),
    "family_name_swapped": _("Surname and first name changed places: %(left)s / %(right)s"),
    "given_name_initial": _("Initial of the first name fits: %(left)s / %(right)s"),
    "family_name_initial": _("Initial of the surname fits: %(left)s / %(right)s"),
    "given_name_differs": _("Different first name: %(left)s / %(right)s"),
    "family_name_differs": _("Different surname: %(left)s / %(right)s"),
    # how to reach them
    "phone_same": _("Same phone: %(left)s"), "phone_typo": _("Phone one digit apart: %(left)s / %(right)s"),
    "phone_differs": _("Different phone: %(left)s / %(right)s"),
    "email_same": _("Same e-mail: %(left)s"), "email_typo": _("E-mail nearly the same: %(left)s / %(right)s"),
    "email_same_local": _("Same name in the e-mail, other provider: %(left)s / %(right)s"),
    "email_local_typo": _("Name in the e-mail nearly the same: %(left)s / %(right)s"),
    "email_same_domain": _("E-mails of one organisation: %(left)s / %(right)s"),
    "email_differs": _("Different e-mail: %(left)s / %(right)s"),
    # accounts
    "username_same": _("Same user name: %(left)s / %(right)s"),
    "username_same_as_name": _("Same user name, made of the name: %(left)s / %(right)s"),
    "username_stem": _("User names with one stem: %(left)s / %(right)s"), "username_similar": _("User names alike: %(left)s / %(right)s"),
    "username_differs": _("Different user names: %(left)s / %(right)s"),
    "username_other_account": _("Another account on the same network: %(left)s / %(right)s"),
    "handle_name_full": _("User name is the name: %(left)s / %(right)s"),
    "handle_name_initial": _("User name is an initial and a name: %(left)s / %(right)s"),
    "handle_name_family": _("User name holds the surname: %(left)s / %(right)s"),
    "handle_name_given": _("User name holds the first name: %(left)s / %(right)s"),
    "handle_name_part": _("User name holds a part of the name: %(left)s / %(right)s"),
    "handle_name_no": _("User name does not fit the name: %(left)s / %(right)s"),
    "website_same": _("Same web link: %(left)s"), "website_same_site": _("Links to one web site: %(left)s / %(right)s"),
    "website_differs": _("Different web links: %(left)s / %(right)s"),
    "domain_same": _("Same web link: %(left)s"), "domain_differs": _("Different web links: %(left)s / %(right)s"),
    "bio_same": _("Same words about themselves: “%(left)s”"),
    "bio_reworded": _("Nearly the same words about themselves: “%(left)s” / “%(right)s”"),
    "bio_similar": _("Alike in what they say about themselves: “%(left)s” / “%(right)s”"),
    "bio_differs": _("Different words about themselves"),
    "avatar_same": _("Same picture"), "avatar_similar": _("Pictures alike"), "avatar_differs": _("Different pictures"),
    "together_often": _("Often in the same company: %(shared)s things in common"),
    "together_once": _("Once in the same company"), "together_none": _("Never in the same company"),
    # facts of a life
    "birthday_same": _("Same birthday: %(left)s"), "birthday_swapped": _("Birthday with day and month changed: %(left)s / %(right)s"),
    "birthday_typo": _("Birthday one digit apart: %(left)s / %(right)s"),
    "birthday_two_digits": _("Birthday two digits apart: %(left)s / %(right)s"),
    "birthday_two_parts": _("Birthday the same in two parts of three: %(left)s / %(right)s"),
    "birthday_as_far": _("Birthday the same as far as it is known: %(left)s / %(right)s"),
    "birthday_same_year": _("Born in the same year: %(left)s / %(right)s"),
    "birthday_differs": _("Different birthday: %(left)s / %(right)s"),
    "gender_same": _("Same gender: %(left)s"), "gender_differs": _("Different gender: %(left)s / %(right)s"),
    # organisations
    "company_same": _("Same company: %(left)s"), "company_without_form": _("Same company but for its legal form: %(left)s / %(right)s"),
    "company_similar": _("Companies alike: %(left)s / %(right)s"), "company_words": _("Companies share words: %(left)s / %(right)s"),
    "company_differs": _("Different company: %(left)s / %(right)s"),
    "organisation_name_same": _("Same company: %(left)s"),
    "organisation_name_without_form": _("Same company but for its legal form: %(left)s / %(right)s"),
    "organisation_name_similar": _("Companies alike: %(left)s / %(right)s"),
    "organisation_name_words": _("Companies share words: %(left)s / %(right)s"),
    "organisation_name_differs": _("Different company: %(left)s / %(right)s"),
}  # fmt: skip
"""What each code that a matcher's `say` gives tells a reader: after a colon, what the two sides say."""

FAULTS: Final = {
    "broken_json": "this is not valid JSON",
    "broken_parquet": "the Parquet file is damaged",
    "broken_workbook": "the workbook is damaged",
    "empty_file": "the file is empty",
    "encrypted_workbook": "the workbook is locked with a password",
    "field_too_long": "one cell is too long to be read",
    "line_too_long": "the line is too long to be read",
    "no_rows": "there are no rows in this file",
    "no_such_sheet": "the workbook has no sheet of this name",
    "not_a_workbook": "this archive is not a workbook",
    "not_an_object": "this line of JSON is not an object",
    "old_workbook": "this is a workbook of the old kind (.xls); save it as .xlsx",
    "row_too_wide": "the row has more cells than there are headings",
    "too_many_cells": "there are more cells than can be read",
    "too_many_columns": "there are more columns than can be read",
    "unclosed_quote": "a quotation mark is opened and never closed",
    "unknown_encoding": "no text can be read in this encoding",
    "unsafe_workbook": "the workbook carries definitions that are refused for safety",
    "workbook_too_large": "the workbook is larger than can be read safely; save it as CSV",
    "zip_bomb": "the file unpacks to far more than it seems to hold and is refused for safety",
}


def phrase(matcher: str, level: str) -> str:
    """What a matcher saw, within a sentence and without what the two sides say.

    >>> phrase("phone", "same"), phrase("family_name", "typo"), phrase("column:Birth place", "differs"), phrase("avatar", "very_near")
    ('same phone', 'surname differs by a letter or two', 'different birth place', 'picture: very near')
    """
    own = matcher.removeprefix("column:").replace("_", " ").lower()
    field = FIELDS.get(matcher) or FIELDS.get(f"{matcher}_hash") or own
    sentence = WORDS.get(f"{matcher}_{level}") or WORDS.get(f"{level}_text")
    if sentence is None:
        return f"{field}: {level.replace('_', ' ')}"
    said = sentence.partition(":")[0] % {"field": field, "Field": field}
    return said[:1].lower() + said[1:]


def fault(code: str, detail: str = "") -> str:
    """Why something could not be read, as half a sentence."""
    said = FAULTS.get(code, code.replace("_", " "))
    return f"{said} ({detail})" if detail else said
