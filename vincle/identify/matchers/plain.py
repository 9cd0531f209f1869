"""Fields without a matcher of their own, made by `for_field`; and the ones whose name is known."""

from ._plain import Numbers, Texts

PLAIN = ("street", "address_2", "city", "region", "country", "job_title", "gender", "department", "industry", "middle_name", "title")
CODES = ("house_number", "id_number", "postcode")


def for_field(field: str) -> Texts:
    """The matcher of a field that no file of this folder claims."""
    return (Numbers if field in CODES else Texts)(field, field)
