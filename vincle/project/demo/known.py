"""What the places know of a person besides what they do: accounts, sign-ups, log-ins, public profiles, refusals."""

from random import Random
from typing import Any

from vincle.channels.vincle_jsonl import FactLine
from vincle.vocabulary import ConsentFact, HandleRef, Op, Permit, PersonKind

from . import publicly
from .identities import Identity
from .kinds import EMAIL, INSTAGRAM, LANGUAGES, SHOP, WEB, moment
from .people import People
from .voice import Voice

_NINE_DAYS = 9 * 86_400_000_000
Dated = tuple[int, int, FactLine]  # channel, microseconds, line


class Known:
    """Makes the facts of one community. Every method returns what to say, where and when."""

    def __init__(self, people: People, until: int, voice: Voice, random: Random) -> None:
        self.people, self.until, self.voice, self.random = people, until, voice, random
        self.met: set[tuple[int, int]] = set()
        self.bios: dict[int, str] = {}

    def contact(self, who: Identity, browser: Identity, key: int, at: int) -> list[Dated]:
        """An address left in a contact form, on one's own browser or on that of someone else in the house."""
        handles = (who.mail(), browser.cookie())
        return [(WEB, at, FactLine(native_id=f"contact-{key}", observed_at=moment(at), handles=handles, name=who.spellings[1]))]

    def signup(self, who: Identity, person: int, key: int, at: int) -> list[Dated]:
        """The newsletter form; in the browser it also shows the cookie, unless that was refused or it is another place's browser."""
        handles: tuple[HandleRef, ...] = (who.mail(letters=True),)
        if self.people.on[person, WEB] and who.letters == who.email and self.random.random() < 0.7:
            handles = (*handles, who.cookie())
        traits = {"language": who.language} | ({"city": who.town} if self.random.random() < 0.3 else {})
        consent = ConsentFact(Permit.GRANTED, at=moment(at), evidence="newsletter form")
        fact = FactLine(
            native_id=f"signup-{key}", observed_at=moment(at), handles=handles, name=who.spellings[1], traits=traits, tags=("newsletter",),
            consents=(consent,),
        )  # fmt: skip
        return [(EMAIL, at, fact)]

    def account(self, who: Identity, person: int, at: int) -> list[Dated]:
        """The shop's account, made with the first order; a misspelt name is corrected later where it was noticed."""
        traits = {"city": who.town, "region": who.region, "postcode": who.postcode, "street": who.street, "country": who.country,
                  "language": who.language}  # fmt: skip
        first, _, last = who.spellings[0].partition(" ")
        names = {"company": who.company, "industry": "hospitality"} if who.company else {"first_name": first, "last_name": last}
        if born := publicly.birthday(who):
            names["birthday"] = born
        made = self._account(who, person, at, {**traits, **names})
        later, noticed = at + _NINE_DAYS, self.random.random() < 0.25
        if who.company or who.spellings[0] == who.name or not noticed or later >= self.until:
            return [(SHOP, at, made)]
        mended = {name: getattr(made, name) for name in made.__struct_fields__}
        mended |= {"observed_at": moment(later), "name": who.name, "op": Op.CORRECT, "version": "1"}
        mended["traits"] = {**traits, "first_name": who.first, "last_name": who.last}
        return [(SHOP, at, made), (SHOP, later, FactLine(**mended))]

    def _account(self, who: Identity, person: int, at: int, traits: dict[str, Any]) -> FactLine:
        handles = [who.mail(), who.customer()]
        if self.random.random() < 0.45:
            handles.append(HandleRef("phone", who.phone))
        if self.people.on[person, WEB]:
            handles.append(who.cookie())
        consents = (ConsentFact(Permit.GRANTED, at=moment(at), evidence="check-out"),) if self.people.is_subscriber[person] else ()
        return FactLine(
            native_id=f"account-{who.account}", observed_at=moment(at), handles=tuple(handles), name=who.spellings[0], traits=traits,
            consents=consents, kind=PersonKind.ORGANISATION if who.company else PersonKind.PERSON,
            tags=("wholesale",) if who.company else (),
        )  # fmt: skip

    def again(self, who: Identity, person: int, number: int, key: int, at: int) -> list[Dated]:
        """The second order: a log-in on the second device, a bill to the other address."""
        said: list[Dated] = []
        if number == 2 and len(who.cookies) > 1 and self.people.on[person, WEB]:
            said.append((WEB, at, FactLine(native_id=f"login-{key}", observed_at=moment(at), handles=(who.customer(), who.cookie(1)))))
        if number == 2 and who.letters != who.email:
            handles = (who.mail(), who.mail(letters=True))
            said.append((SHOP, at, FactLine(native_id=f"billing-{key}", observed_at=moment(at), handles=handles, name=who.spellings[0])))
        return said

    def profile(self, channel: int, who: Identity, person: int, at: int) -> list[Dated]:
        """A network's public profile, read when someone first speaks or follows there."""
        if (channel, person) in self.met:
            return []
        self.met.add((channel, person))
        if self.random.random() > 0.6:
            return []
        traits: dict[str, Any] = {"nickname": who.users[channel], "followers": int(self.random.lognormvariate(5.2, 1.2))}
        traits |= publicly.shown(who, channel)
        if self.random.random() < 0.4:
            words = self.voice.bio(LANGUAGES.index(who.language))
            traits["bio"] = self.bios.setdefault(person, f"{words} · {who.town}") if publicly.same_words(who) else words
        shown = who.shown[channel]
        if channel == INSTAGRAM:
            shown = who.name if self.random.random() < 0.6 else who.users[channel]
        ref = who.on(channel)
        fact = FactLine(native_id=f"profile-{ref.value}", observed_at=moment(at), handles=(ref,), name=shown, traits=traits)
        return [(channel, at, fact)]

    def network_login(self, channel: int, who: Identity, person: int, at: int) -> list[Dated]:
        """Some sign in to the shop with their account on a network."""
        if not self.people.on[person, SHOP] or self.random.random() > 0.4:
            return []
        handles = (who.mail(), who.on(channel))
        return [(channel, at, FactLine(native_id=f"signin-{who.account}", observed_at=moment(at), handles=handles, name=who.name))]

    def refusal(self, who: Identity, key: int, at: int, permit: Permit) -> list[Dated]:
        """An address that must not be written to any more."""
        consent = ConsentFact(permit, at=moment(at), evidence="newsletter")
        handles = (who.mail(letters=True),)
        return [(EMAIL, at, FactLine(native_id=f"refusal-{key}", observed_at=moment(at), handles=handles, consents=(consent,)))]
