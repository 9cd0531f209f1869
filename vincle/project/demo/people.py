"""Who the community is made of: each one's language, accounts, temper, rhythm and purchases, as columns of numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kinds import CHANNELS, DAY, EMAIL, FACEBOOK, HOUR, INSTAGRAM, MASTODON, REVIEWS, SHOP, SURVEY, WEB
from .stories import Calendar

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUIET, TALKATIVE, CRITIC, ADVOCATE = range(4)
VOICES = ("quiet", "talkative", "critic", "advocate")
WEEK = 7 * DAY

# BG/NBD (Fader, Hardie and Lee 2005): buying rate ~ Gamma(r, alpha weeks), drop-out chance after each order ~ Beta(a, b).
R, ALPHA, A, B = 0.9, 6.5, 0.9, 3.1
# Gamma-gamma (Fader and Hardie 2013): an order's value ~ Gamma(P, v), v ~ Gamma(Q, GAMMA). Mean P * GAMMA / (Q - 1) = 27.7 EUR.
P, Q, GAMMA = 6.0, 4.2, 14.8
WHOLESALE_FACTOR = 7.0
HOLD_OUT = 0.15
UPLIFT = 0.09


@dataclass
class People:
    """One entry a person in every column. Times are microseconds since 1970; -1 where there is none."""

    size: int
    language: NDArray[np.uint8]
    voice: NDArray[np.uint8]
    is_organisation: Bools
    is_buyer: Bools
    is_subscriber: Bools
    on: Bools  # (size, channels): has an account or is met there
    devices: NDArray[np.uint8]
    gloom: Floats
    liveliness: Floats
    shift: Ints
    open_rate: Floats
    reads_by_proxy: Bools
    bad_address: Bools
    joined: Ints
    left: Ints
    referrer: NDArray[np.int32]
    rate: Floats
    dropout: Floats
    spend: Floats
    ended: Ints
    campaign: NDArray[np.uint8]  # 0 not a member, 1 treated, 2 held out


@dataclass
class Orders:
    """All orders by time. `campaign` marks those that the campaign brought about."""

    person: NDArray[np.int32]
    at: Ints
    amount: Floats
    campaign: Bools


def settle(size: int, told: Calendar, seed: int, buyers: float = 0.42) -> People:
    """Draw a community of `size` people. The same arguments draw the same people."""
    random = np.random.default_rng([seed, 1])
    dice = random.random
    is_organisation = dice(size) < 0.012
    is_buyer = (dice(size) < buyers) | is_organisation
    voice = random.choice(4, size, p=(0.66, 0.24, 0.05, 0.05)).astype(np.uint8)
    voice[is_organisation] = QUIET
    is_subscriber = dice(size) < np.where(is_buyer, 0.62, 0.24)
    on = _places(random, size, is_buyer, is_subscriber, is_organisation)
    joined = _joined(random, size, told)
    leaves = dice(size) < 0.35
    left = np.where(leaves, joined + (random.exponential(240, size) * DAY).astype(np.int64) + 7 * DAY, told.until)
    return People(
        size=size, language=random.choice(4, size, p=(0.40, 0.33, 0.14, 0.13)).astype(np.uint8), voice=voice,
        is_organisation=is_organisation, is_buyer=is_buyer, is_subscriber=is_subscriber, on=on,
        devices=1 + (dice(size) < 0.3).astype(np.uint8),
        gloom=np.array([0.16, 0.2, 0.66, 0.05])[voice] * random.uniform(0.6, 1.4, size),
        liveliness=np.minimum(random.lognormal(0, 0.65, size), 3) * np.array([0.35, 1.6, 1.7, 2.4])[voice],
        shift=random.choice(np.array([-2, -1, 0, 0, 0, 1, 2]), size),
        open_rate=random.beta(2.2, 3.2, size), reads_by_proxy=dice(size) < 0.22, bad_address=dice(size) < 0.02, joined=joined,
        left=np.minimum(left, told.until), referrer=_referrers(random, voice, joined, is_buyer),
        rate=random.gamma(R, 1 / ALPHA, size) * np.where(is_organisation, 3, 1), dropout=random.beta(A, B, size),
        spend=random.gamma(Q, 1 / GAMMA, size), ended=np.full(size, -1), campaign=np.zeros(size, np.uint8),
    )  # fmt: skip


def _places(random: np.random.Generator, size: int, buyer: Bools, subscriber: Bools, organisation: Bools) -> Bools:
    dice = random.random
    on = np.zeros((size, len(CHANNELS)), bool)
    on[:, SHOP] = buyer
    on[:, EMAIL] = subscriber | buyer
    known = buyer | subscriber
    on[:, WEB] = dice(size) < np.where(buyer, 0.92, np.where(subscriber, 0.6, 0.22))
    network = random.choice(np.array([INSTAGRAM, FACEBOOK, MASTODON]), size, p=(0.56, 0.33, 0.11))
    for channel, second in ((INSTAGRAM, 0.06), (FACEBOOK, 0.05), (MASTODON, 0.02)):
        on[:, channel] = (dice(size) < np.where(known, 0.32, 0.8)) & (network == channel) | (dice(size) < second)
    on[:, REVIEWS] = dice(size) < np.where(known, 0.06, 0.1)
    on[:, SURVEY] = known & (dice(size) < 0.5)
    on[organisation, MASTODON] = False
    nowhere = ~on.any(axis=1)
    on[nowhere, np.array([INSTAGRAM, FACEBOOK])[random.integers(0, 2, int(nowhere.sum()))]] = True
    return on


def _joined(random: np.random.Generator, size: int, told: Calendar) -> Ints:
    """Three in ten are there from the beginning; the others come all the time, a few more of them late and for the campaign."""
    span = told.until - told.start
    first = random.random(size) < 0.3
    early = random.beta(1, 6, size) * 0.12
    late = random.random(size) ** 0.9
    crowd = random.random(size) < 0.06
    joined = told.start + (np.where(first, early, late) * (span - HOUR)).astype(np.int64)
    return np.where(crowd, told.campaign[0] + (random.random(size) * (told.campaign[1] - told.campaign[0])).astype(np.int64), joined)


def _referrers(random: np.random.Generator, voice: NDArray[np.uint8], joined: Ints, buyer: Bools) -> NDArray[np.int32]:
    """One buyer in eight was brought by an advocate who was there before."""
    referrer = np.full(len(voice), -1, np.int32)
    advocates = np.flatnonzero(voice == ADVOCATE)
    brought = np.flatnonzero(buyer & (random.random(len(voice)) < 0.125))
    if len(advocates) and len(brought):
        chosen = random.choice(advocates, len(brought))
        earlier = joined[chosen] < joined[brought]
        referrer[brought[earlier]] = chosen[earlier]
    return referrer


def shop(people: People, told: Calendar, seed: int, hours: Floats) -> Orders:
    """Let everyone buy: first order when they join, then at their own rate until they drop out; the campaign adds some."""
    random = np.random.default_rng([seed, 2])
    who = np.flatnonzero(people.is_buyer)
    at = people.joined[who].copy()
    people_parts, time_parts = [who], [at]
    while len(who):
        stays = random.random(len(who)) >= people.dropout[who]
        people.ended[who[~stays]] = at[~stays]
        who, at = who[stays], at[stays]
        at = at + (random.exponential(1, len(who)) / np.maximum(people.rate[who], 1e-4) * WEEK).astype(np.int64)
        within = at < told.until
        who, at = who[within], at[within]
        people_parts.append(who)
        time_parts.append(at)
    person, moment = np.concatenate(people_parts), np.concatenate(time_parts)
    extra, extra_at = _campaign(people, told, random)
    count = len(person)
    person, moment = np.concatenate([person, extra]), np.concatenate([moment, extra_at])
    value = random.gamma(P, 1, len(person)) / people.spend[person] * np.where(people.is_organisation[person], WHOLESALE_FACTOR, 1)
    campaign = np.arange(len(person)) >= count
    moment = _at_shop_hours(random, told, moment, hours, people.joined[person])
    order = np.argsort(moment, kind="stable")
    return Orders(person[order].astype(np.int32), moment[order], np.maximum(np.round(value[order], 2), 3.5), campaign[order])


def _campaign(people: People, told: Calendar, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Subscribed customers of that time are treated or held out by lot; some of the treated buy once more."""
    begin, end = told.campaign
    member = people.is_subscriber & people.is_buyer & (people.joined < begin) & ~people.bad_address
    lot = random.random(people.size)
    people.campaign[member] = np.where(lot[member] < HOLD_OUT, 2, 1)
    moved = np.flatnonzero((people.campaign == 1) & (random.random(people.size) < UPLIFT))
    delay = np.minimum(random.exponential(4 * DAY, len(moved)).astype(np.int64), end - begin - HOUR)
    return moved, begin + HOUR + delay


def _at_shop_hours(random: np.random.Generator, told: Calendar, moment: Ints, hours: Floats, earliest: Ints) -> Ints:
    """Keep the day, draw the hour as people shop; never before they joined nor after the time told."""
    place = (moment - told.start) // DAY
    window = np.clip(place[:, None] * 24 + random.integers(0, 24, (len(moment), 4)), 0, len(hours) - 1)
    likely = hours[window]
    pick = (likely.cumsum(axis=1) > random.random(len(moment))[:, None] * likely.sum(axis=1, keepdims=True)).argmax(axis=1)
    chosen = told.start + window[np.arange(len(moment)), pick] * HOUR + (random.random(len(moment)) * HOUR).astype(np.int64)
    kept: Ints = np.clip(np.maximum(chosen, earliest), told.start, told.until - 1)
    return kept


def held_out(people: People) -> Ints:
    return np.flatnonzero(people.campaign == 2)
