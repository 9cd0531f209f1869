"""What was asked of the Graph API, as it stands within our own envelope: messages, ratings, leads, numbers of a Page."""

from collections.abc import Iterator
from datetime import timedelta

from msgspec.structs import replace

from vincle.vocabulary import Activity, Fact, HandleRef, Item, ObjectType, Op, Verb

from . import _json as js
from . import _meta as meta
from ._identifiers import email, phone
from ._meta import Json, Place
from ._meta_talk import event

KINDS = ("posts", "comments", "messages", "ratings", "tagged", "leads", "insights", "media", "mentioned")
# Fields of lead forms that Meta fills in itself -> ours. https://developers.facebook.com/docs/marketing-api/guides/lead-ads/create
_FIELDS = {
    "first_name": "first_name", "last_name": "last_name", "city": "city", "state": "region", "province": "region", "country": "country",
    "zip_code": "postcode", "post_code": "postcode", "street_address": "street", "company_name": "company", "job_title": "job_title",
    "gender": "gender", "website": "website",
}  # fmt: skip
_MAILS, _PHONES, _NAMES = ("email", "work_email"), ("phone_number", "work_phone_number", "phone"), ("full_name",)


def is_ours(value: Json, network: str) -> bool:
    return value.get("source") == "graph" and value.get("network") == network


def messages(value: Json, place: Place) -> Iterator[Item]:
    found = [event(each, place.account) for each in js.objs(value.get("messages"))]
    yield from meta.messaging({"messaging": found}, place)


def rating(found: Json) -> Json:
    """A rating in the shape of a delivery."""
    return {
        "item": "rating", "verb": "add", "open_graph_story_id": js.text(js.at(found, "open_graph_story", "id")) or js.digest(found),
        "reviewer_id": js.at(found, "reviewer", "id"), "reviewer_name": js.at(found, "reviewer", "name"), "rating": found.get("rating"),
        "recommendation_type": found.get("recommendation_type"), "review_text": found.get("review_text"),
        "created_time": found.get("created_time"),
    }  # fmt: skip


def told_of(items: Iterator[Item]) -> Iterator[Item]:
    """What a delivery only named, now with its words: it corrects what stood there without them."""
    for item in items:
        yield replace(item, op=Op.CORRECT, version=f"0{meta.stamp(item.happened_at)}") if isinstance(item, Activity) else item


def leads(value: Json, place: Place) -> Iterator[Item]:
    for lead in js.objs(value.get("leads")):
        if js.text(lead.get("id")):
            yield from _lead(lead, place)
        else:
            yield js.unknown("lead", lead, place.time)


def _lead(lead: Json, place: Place) -> Iterator[Item]:
    """Who filled in a form, and what they wrote there. The delivery that named it comes under the same id."""
    said = {js.text(field.get("name")).lower(): " ".join(js.texts(field.get("values"))) for field in js.objs(lead.get("field_data"))}
    native, moment = js.text(lead.get("id")), js.when(lead.get("created_time"), place.time)
    name = next((said[key] for key in _NAMES if said.get(key)), "") or f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
    mails = [HandleRef("email", found, name) for key in _MAILS if (found := email(said.get(key, "")))]
    phones = [HandleRef("phone", found, name) for key in _PHONES if (found := phone(said.get(key, ""), ""))]
    handles = (*mails, *phones)
    agreed = [js.text(each.get("checkbox_key")) for each in js.objs(lead.get("custom_disclaimer_responses")) if _is_yes(each)]
    ad = js.text(lead.get("ad_id"))
    yield Activity(
        verb=Verb.SUBMIT, object_type=ObjectType.FORM, native_id=f"lead:{native}", op=Op.CORRECT, version=meta.stamp(moment),
        happened_at=moment, actor=handles[0] if handles else None, object_key=js.text(lead.get("form_id")),
        campaign_key="" if ad == "0" else ad, title=js.first(lead, "campaign_name", "ad_name"),
        props={"leadgen_id": native, "account": place.account} | ({"agreed": agreed} if agreed else {}), body={"answers": said},
    )  # fmt: skip
    if handles:
        traits = {ours: said[theirs] for theirs, ours in _FIELDS.items() if said.get(theirs)}
        yield Fact(native_id=f"lead:{native}:who", observed_at=moment, handles=handles, name=name, traits=traits)


def _is_yes(answer: Json) -> bool:
    return js.text(answer.get("is_checked")) in ("1", "true") or answer.get("is_checked") is True


def insights(value: Json, place: Place) -> Iterator[Item]:
    """One number of one day; a map of numbers (reactions by kind) as one each. Facebook names the end of the day."""
    for metric in js.objs(value.get("insights")):
        ours = js.text(metric.get("metric"))
        for row in js.objs(metric.get("values")):
            end = js.when(row.get("end_time"), place.time)
            said = row.get("value")
            for part, found in said.items() if isinstance(said, dict) else (("", said),):
                number = js.number(found)
                if number is not None:
                    name = f"{ours} {part}".strip()
                    yield Activity(
                        verb=Verb.TRACK, object_type=ObjectType.PAGE, native_id=f"insight:{place.account}:{name}:{meta.stamp(end)}",
                        happened_at=end - timedelta(hours=12), actor=None, is_machine=True, event_name=f"page {name}",
                        object_key=place.account, props={"metric": name, "value": number, "account": place.account},
                    )  # fmt: skip
