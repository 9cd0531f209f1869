"""Whether we may write to someone: every combination of what can be known of them, and that nothing but their own word permits more."""

from datetime import UTC, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vincle.engage.outbox import words
from vincle.engage.outbox.rules import Asked, Known, Policy, Verdict, Window, may_contact
from vincle.engage.outbox.rules_when import Quiet, quiet_until, zones
from vincle.identify.consent_rules import Said, answer

NOW = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MADRID = (ZoneInfo("Europe/Madrid"),)


def said(permit: str, days_ago: int = 10, **more: object) -> Said:
    return Said(permit, NOW - DAY * days_ago, **more)  # type: ignore[arg-type]


STATEMENTS: dict[str, tuple[list[Said], str]] = {
    "nothing": ([], "never_agreed"),
    "granted": ([said("granted", basis="consent")], ""),
    "granted, no basis told": ([said("granted")], ""),
    "granted for all media": ([said("granted", channel="*")], ""),
    "granted for another topic": ([said("granted", purpose="events")], "never_agreed"),
    "granted for this topic": ([said("granted", purpose="news")], ""),
    "granted on another medium": ([said("granted", channel="mastodon")], "never_agreed"),
    "by contract": ([said("granted", basis="contract")], "wrong_basis"),
    "by interest": ([said("granted", basis="legitimate interest")], "wrong_basis"),
    "ended": ([said("granted", until=NOW - DAY)], "consent_ended"),
    "lasting": ([said("granted", until=NOW + 60 * DAY)], ""),
    "in the future": ([Said("granted", NOW + DAY)], "never_agreed"),
    "denied": ([said("denied")], "denied"),
    "taken back": ([said("granted", 10), said("withdrawn", 5)], "withdrawn"),
    "taken back, then imported again": ([said("withdrawn", 5), said("granted", 2)], "withdrawn"),
    "taken back, then ticked by whoever filled in a form": ([said("withdrawn", 5), said("granted", 2, source="form")], "withdrawn"),
    "taken back, then granted by themselves": ([said("withdrawn", 5), said("granted", 2, source="person")], ""),
    "granted by themselves, then taken back": ([said("granted", 5, source="person"), said("withdrawn", 2)], "withdrawn"),
    "granted and taken back at once": ([said("granted", 5, source="person"), said("withdrawn", 5)], "withdrawn"),
    "topic taken back, all granted": ([said("withdrawn", 5, purpose="news"), said("granted", 2, source="person")], "withdrawn"),
    "all taken back, topic granted": ([said("withdrawn", 5), said("granted", 2, source="person", purpose="news")], ""),
    "other topic taken back": ([said("granted", 9), said("withdrawn", 5, purpose="events")], ""),
    "objected": ([said("granted", 9), said("withdrawn", 5, channel="*")], "objected"),
    "objected, then granted here": ([said("withdrawn", 5, channel="*"), said("granted", 2, source="person")], ""),
    "this medium refused, all granted": ([said("withdrawn", 5), said("granted", 2, source="person", channel="*")], "withdrawn"),
    "complained": ([said("granted", 9), said("complained", 5)], "complained"),
    "lifted by the team": ([said("denied", 5), Said("lifted", NOW - DAY, source="team"), said("granted", 0)], ""),
    "lifted, nothing granted since": ([said("granted", 9), said("denied", 5), said("lifted", 1, source="team")], "never_agreed"),
    "own refusal is not the team's to lift": (
        [said("withdrawn", 5, source="person"), said("lifted", 1, source="team"), said("granted", 0)],
        "withdrawn",
    ),
}
BARRED = ("", "bounced", "complained", "team", "forgotten")
NIGHT = Policy(Quiet(time(21), time(8)), ((2, 7),))
DAYTIME = Policy(Quiet(time(1), time(5)))


@pytest.mark.parametrize("told", STATEMENTS, ids=str)
@pytest.mark.parametrize("purpose", ["answer", "service", "marketing"])
def test_every_combination(told: str, purpose: str) -> None:
    statements, code = STATEMENTS[told]
    for barred, paused, often, is_quiet, is_shared, is_open, wrote, has_address, is_ours in product(BARRED, *[(False, True)] * 8):
        known = Known(
            own=statements, barred=frozenset({barred} - {""}), sent=[NOW - DAY, NOW - 2 * DAY] if often else [],
            zones=MADRID, paused_until=NOW + DAY if paused else None, is_shared=is_shared, is_ours=is_ours, has_address=has_address,
            window=Window(is_open, "too_late"), policy=NIGHT if is_quiet else Policy(DAYTIME.quiet, NIGHT.caps),
        )  # fmt: skip
        verdict = may_contact(Asked(purpose, "email", "news", wrote), known, NOW)  # type: ignore[arg-type]
        never = _never(purpose, code, barred, is_shared, is_open, wrote, has_address, is_ours, statements)
        later = {
            name for name, holds in (("paused", paused), ("cap", often), ("quiet_hours", is_quiet)) if holds and purpose == "marketing"
        }
        if never:
            assert ({reason.code for reason in verdict.reasons}, verdict.not_before) == (never, None)
        elif later:
            assert {reason.code for reason in verdict.reasons} == later
            assert verdict.not_before is not None
            assert verdict.not_before > NOW
            assert may_contact(Asked(purpose, "email", "news", wrote), known, verdict.not_before).is_allowed  # type: ignore[arg-type]
        else:
            assert verdict == Verdict(True)
        assert all(words.said(reason) != reason.code and reason.code in words.CODES for reason in verdict.reasons)


def _never(
    purpose: str, code: str, barred: str, is_shared: bool, is_open: bool, wrote: bool, has_address: bool, is_ours: bool, own: list[Said]
) -> set[str]:
    """The same, said as a table of who is stopped by what."""
    if not has_address:
        return {"no_address"}
    stops = {"answer": ("bounced", "complained"), "service": BARRED[1:], "marketing": BARRED[1:]}[purpose]
    found = {{"team": "suppressed"}.get(barred, barred)} if barred in stops else set()
    if purpose == "marketing":
        in_person = any(each.source == "person" and each.permit == "granted" for each in own)
        found |= {code} - {""}
        found |= {"ourselves"} if is_ours else set()
        found |= {"shared_address"} if is_shared and not code and not in_person else set()
    if purpose == "answer" and not wrote:
        found.add("never_wrote")
    return found | (set() if is_open else {"window_closed"})


def test_what_is_asked_for_oneself_reaches_who_was_forgotten_but_not_where_mails_come_back() -> None:
    asked = Asked("service", "email", "confirmation")
    for barred in ("team", "forgotten"):
        assert may_contact(asked, Known(barred=frozenset({barred})), NOW).is_allowed
    for barred in ("bounced", "complained"):
        assert may_contact(asked, Known(barred=frozenset({barred})), NOW).code == barred


def test_interest_is_enough_where_the_workspace_says_so_and_for_mail_alone() -> None:
    own = [said("granted", basis="legitimate interest", channel="*")]
    soft = Known(own=own, policy=Policy(soft=True))
    assert may_contact(Asked("marketing", "email"), soft, NOW).is_allowed
    assert may_contact(Asked("marketing", "phone"), soft, NOW).code == "wrong_basis"


def test_a_phone_refused_any_way_is_refused_in_general_and_being_called_is_not_being_sent_messages() -> None:
    whatsapp = [said("granted", 9, channel="phone"), said("withdrawn", 5, channel="whatsapp")]
    assert answer(whatsapp, (), "phone", "news", NOW).state == "refused"
    assert answer(whatsapp, (), "whatsapp", "news", NOW).state == "refused"
    assert answer(whatsapp, (), "sms", "news", NOW).state == "granted"
    assert answer([said("granted", channel="sms")], (), "whatsapp", "news", NOW).state == "unknown"


MOMENTS = st.integers(1, 40).map(lambda hours: NOW - timedelta(hours=hours))
SAID = st.builds(
    Said, st.sampled_from(["granted", "withdrawn", "denied", "complained", "bounced", "lifted"]), MOMENTS,
    st.sampled_from(["email", "phone", "whatsapp", "*"]), st.sampled_from(["marketing", "news", "events", "*"]),
    st.sampled_from(["", "consent", "contract", "legitimate interest"]), st.sampled_from(["import", "person", "platform", "form", "team"]),
    st.none() | MOMENTS | st.just(NOW + DAY),
)  # fmt: skip
IMPORTED = st.lists(
    SAID.map(lambda each: each._replace(source="import", permit="granted" if each.permit == "lifted" else each.permit)), max_size=6
)
LEDGER = st.lists(SAID, max_size=6)
MEDIUM, TOPIC = st.sampled_from(["email", "phone", "whatsapp"]), st.sampled_from(["marketing", "news", "service"])


@given(own=LEDGER, others=LEDGER, imported=IMPORTED, medium=MEDIUM, topic=TOPIC, soft=st.booleans())
def test_no_import_permits_what_was_refused(
    own: list[Said], others: list[Said], imported: list[Said], medium: str, topic: str, soft: bool
) -> None:
    before = answer(own, others, medium, topic, NOW, soft)
    assume(before.state == "refused")
    assert answer([*own, *imported], others, medium, topic, NOW, soft).state == "refused"
    assert answer([*imported, *own], [*others, *imported], medium, topic, NOW, soft).state == "refused"


@given(own=LEDGER, others=LEDGER, joined=LEDGER, medium=MEDIUM, topic=TOPIC, soft=st.booleans())
def test_joining_two_people_never_permits_more(
    own: list[Said], others: list[Said], joined: list[Said], medium: str, topic: str, soft: bool
) -> None:
    apart = answer(own, others, medium, topic, NOW, soft).state
    together = answer(own, [*others, *joined], medium, topic, NOW, soft).state
    assert together in (apart, "refused")


@given(own=LEDGER, others=LEDGER, medium=MEDIUM, topic=TOPIC)
def test_the_order_of_rows_says_nothing(own: list[Said], others: list[Said], medium: str, topic: str) -> None:
    one, two = (answer(rows, others, medium, topic, NOW) for rows in (own, own[::-1]))
    assert one.state == two.state


@given(own=LEDGER, medium=MEDIUM, topic=TOPIC)
def test_taking_back_now_always_holds(own: list[Said], medium: str, topic: str) -> None:
    now_refused = Said("withdrawn", NOW, medium, topic, source="person")
    assert answer([*own, now_refused], (), medium, topic, NOW).state == "refused"


@given(
    hours=st.integers(0, 24 * 366), start=st.integers(0, 23), length=st.integers(1, 22), days=st.frozensets(st.integers(0, 6), max_size=6),
    country=st.sampled_from(["ES", "PT", "US", "RU", "NP", "AU", "", "XX"]),
)  # fmt: skip
def test_quiet_hours_end_when_nobody_sleeps_any_more(hours: int, start: int, length: int, days: frozenset[int], country: str) -> None:
    quiet = Quiet(time(start), time((start + length) % 24, 30), days)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    places = zones("", country, "Europe/Madrid")
    end = quiet_until(moment, quiet, places)
    if end is None:
        assert not any(_is_quiet(moment, quiet, place) for place in places[:1])
        return
    assert moment < end <= moment + 8 * DAY
    assert not _is_quiet(end, quiet, places[0])


def _is_quiet(moment: datetime, quiet: Quiet, place: ZoneInfo) -> bool:
    local = moment.astimezone(place)
    clock = local.time()
    assert quiet.start is not None
    assert quiet.end is not None
    within = quiet.start <= clock < quiet.end if quiet.start < quiet.end else clock >= quiet.start or clock < quiet.end
    return local.weekday() in quiet.days or within


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-03-28", "2026-03-29T06:00"), ("2026-10-24", "2026-10-25T07:00"), ("2026-06-01", "2026-06-02T06:00")],
)
def test_the_night_the_clocks_change_ends_at_eight_there(day: str, expected: str) -> None:
    evening = datetime.fromisoformat(f"{day}T22:00").replace(tzinfo=UTC)
    assert quiet_until(evening, Quiet(time(21), time(8)), MADRID) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_two_limits_and_a_night_are_waited_for_together() -> None:
    known = Known(
        own=[said("granted")], sent=[NOW - DAY * 6], zones=MADRID, policy=Policy(Quiet(time(21), time(8)), ((1, 7),)), every_days=7
    )
    verdict = may_contact(Asked("marketing"), known, NOW)
    assert {reason.code for reason in verdict.reasons} == {"own_wish", "cap", "quiet_hours"}
    assert verdict.not_before == datetime(2026, 3, 6, 7, tzinfo=UTC), "the limit ends at night: in the morning"
