"""Names of the traits every part of the product agrees on, with their types. Anything else is a custom field."""

from typing import Final, Literal

FieldType = Literal["text", "number", "date", "boolean", "list", "url", "country", "language"]

TRAITS: Final[dict[str, FieldType]] = {
    "first_name": "text", "middle_name": "text", "last_name": "text", "nickname": "text", "title": "text",
    "gender": "text", "birthday": "date", "language": "language", "timezone": "text",
    "company": "text", "job_title": "text", "department": "text", "industry": "text",
    "street": "text", "city": "text", "region": "text", "postcode": "text", "country": "country",
    "website": "url", "bio": "text", "avatar": "url", "note": "text", "lifecycle": "text", "owner": "text",
    "followers": "number", "first_contact": "date",
}
