"""How a campaign's letters look: to real people, and with how often each link was followed."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from vincle.accounts.models import Workspace
from vincle.engage.letters import branding, choosing, previewing, recipients, tagging
from vincle.engage.letters.compiling import Broken, Compiled, compile_letter
from vincle.engage.letters.models import Letter
from vincle.engage.letters.rendering import Rendered, fill, language_for
from vincle.organise.models import Profile
from vincle.organise.people import person_id
from vincle.vocabulary import public_id
from vincle.web.tags.formats import number, percent

from .models import Campaign
from .report import Followed

LOOKED_AT: Final = 300
_LINK: Final = re.compile(r'(<a\b[^>]*?href=")([^"]*)("[^>]*>)')
_BADGE: Final = (
    '<span style="display:inline-block;background:#1F2430;color:#fff;font:600 12px/18px Inter,Arial,sans-serif;padding:0 6px;'
    'border-radius:9px;margin:0 4px;vertical-align:middle;text-decoration:none">{}</span>'
)


def letters(campaign: Campaign) -> list[dict[str, Any]]:
    """[{arm, name ("A"), letter, version or None, subject, share}] of those that are there."""
    versions = choosing.versions(campaign.workspace, list(campaign.versions_of_arms.values()))
    rows = {row.pk: row for row in Letter.objects.of(campaign.workspace_id).filter(pk__in=[arm["letter"] for arm in campaign.arms])}
    whole, found = sum(arm["share"] for arm in campaign.arms), []
    for at, arm in enumerate(campaign.arms):
        letter, version = rows.get(arm["letter"]), versions.get(arm.get("version") or 0)
        if letter is None:
            continue
        subject = version.subject if version else letter.draft.get(letter.language, {}).get("subject", "")
        found.append(
            {"arm": at, "name": chr(65 + at), "letter": letter, "version": version, "subject": subject, "share": arm["share"] / whole}
        )
    return found


def numbers(publics: Iterable[str]) -> list[int]:
    """Keys of people by their public ids; what is none is left out."""
    return [found for public in publics if (found := person_id(public)) is not None]


def unlike(workspace: Workspace, ids: Sequence[int] | np.typing.NDArray[np.int64]) -> list[Profile]:
    """Three of these people who differ: in language, in what is known of them, in how much they bought."""
    step = max(1, len(ids) // LOOKED_AT)
    rows = list(Profile.objects.of(workspace).filter(person__in=[int(each) for each in ids[::step][:LOOKED_AT]]).order_by("person"))
    chosen: list[Profile] = []
    seen: set[tuple[str, bool, int]] = set()
    for row in sorted(rows, key=lambda row: (-row.purchases, row.person)):
        kind = (str((row.traits.get("language") or [""])[0]), " " in row.name, min(row.purchases, 2))
        if kind not in seen:
            seen.add(kind)
            chosen.append(row)
    return (chosen + [row for row in rows if row not in chosen])[:3]


def _compiled(campaign: Campaign, arm: int, person: int | None) -> Compiled | None:
    """The letter of an arm in someone's language: as it was fixed, else its draft. None where there is none that can be read."""
    found = next((each for each in letters(campaign) if each["arm"] == arm), None)
    if found is None:
        return None
    theirs = _language(campaign.workspace, person)
    if found["version"]:
        language = language_for(found["version"], theirs)
        content, look = found["version"].content(language), found["version"].look
    else:
        draft = found["letter"].draft
        language = theirs if theirs in draft else found["letter"].language
        content, look = draft[language], branding.look_of(campaign.workspace)
    try:
        return compile_letter(content, look, language)
    except Broken:
        return None


def _language(workspace: Workspace, person: int | None) -> str:
    row = Profile.objects.of(workspace).filter(person=person).first() if person is not None else None
    return str((row.traits.get("language") or [""])[0])[:2].lower() if row else ""


def _filled(campaign: Campaign, arm: int, person: int | None) -> Rendered | None:
    made = _compiled(campaign, arm, person)
    if made is None:
        return None
    workspace = campaign.workspace
    values = recipients.people(workspace, [person], made.uses)[person] if person is not None else recipients.nobody(workspace)
    ways = {f"{name}_url": f"{previewing.NOWHERE}{name}" for name in ("unsubscribe", "preferences", "view")}
    tags = tagging.Tags(workspace.slug, "email", campaign.name)
    return fill(made, {**values, "data": {"code": "ABC-123"}, **ways}, lambda _number, url: tagging.tagged(url, tags))


def page(campaign: Campaign, arm: int, person: int | None) -> str | None:
    """The HTML of a letter as someone would get it; None where there is none."""
    made = _filled(campaign, arm, person)
    return made.html if made else None


def subject(campaign: Campaign, arm: int, person: int | None) -> str:
    made = _filled(campaign, arm, person)
    return (made.subject or "; ".join(made.problems)) if made else ""


def marked(page: str, links: Sequence[Followed]) -> str:
    """A letter with a badge behind the beginning of each link: what share of those who followed any followed it, and how many people."""
    known = {each.url: each for each in links}

    def badge(match: re.Match[str]) -> str:
        found = known.get(html.unescape(match[2]))
        told = f"{percent(found.share)} · {number(found.people)}" if found else ""
        return match[0] + (_BADGE.format(told) if told else "")

    return _LINK.sub(badge, page)


def public(person: int) -> str:
    return public_id(person)
