"""Short links: made, changed, retired; and what is counted of them."""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from vincle.accounts import audit
from vincle.accounts.models import User, Workspace

from . import linking, shape, wording
from .ideas import Refused
from .models import Post, ShortLink

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
_OURS: Final = frozenset({"new", "csv", "share", "create"})
"""Endings that pages of ours have."""
TAGS: Final = ("source", "medium", "campaign")
MOST_TRIES: Final = 6


def create(workspace: Workspace, user: User | None, target: str, *, code: str = "", name: str = "", **more: Any) -> ShortLink:
    """`more`: source, medium, campaign, post, person, handle. A code that is not given is drawn. Raises Refused."""
    try:
        target = linking.checked(target)
    except linking.BadTarget as error:
        raise Refused(wording.of(wording.TARGET, str(error))) from error
    code = code.strip().lower()
    if code and (code in _OURS or not _CODE.fullmatch(code)):
        raise Refused(wording.of(wording.TARGET, "bad_code"))
    more |= {name: " ".join(str(more.get(name, "")).split())[:80] for name in TAGS}
    with transaction.atomic():
        made = _insert(workspace, user, target, code, " ".join(name.replace("\x00", "").split())[:120], more)
        audit.record(workspace, user, "made", "short link", made.code, made.name or target[:120], target=target)
    return made


def _insert(workspace: Workspace, user: User | None, target: str, code: str, name: str, more: dict[str, Any]) -> ShortLink:
    for length in range(linking.LENGTH, linking.LENGTH + MOST_TRIES):
        wanted = code or linking.new_code(length)
        try:
            with transaction.atomic():
                made: ShortLink = ShortLink.objects.create(workspace=workspace, code=wanted, target=target, name=name, by=user, **more)
                return made
        except IntegrityError:
            if code or not ShortLink.objects.filter(code=wanted).exists():
                break
    raise Refused(wording.of(wording.TARGET, "code_taken"))


def change(workspace: Workspace, user: User, link: ShortLink, target: str, name: str, tags: dict[str, str]) -> None:
    """Another target, name or tags; the code stays. Raises Refused."""
    try:
        target = linking.checked(target)
    except linking.BadTarget as error:
        raise Refused(wording.of(wording.TARGET, str(error))) from error
    values: dict[str, Any] = {each: " ".join(tags.get(each, "").split())[:80] for each in TAGS}
    values |= {"target": target, "name": " ".join(name.replace("\x00", "").split())[:120]}
    with transaction.atomic():
        if ShortLink.objects.of(workspace).exclude(pk=link.pk).filter(target=target, post=link.post_id, post__isnull=False).exists():
            raise Refused(wording.of(wording.TARGET, "code_taken"))
        ShortLink.objects.of(workspace).filter(pk=link.pk).update(**values)
        audit.record(workspace, user, "changed", "short link", link.code, values["name"] or target[:120], target=target, before=link.target)


def retire(workspace: Workspace, user: User, link: ShortLink, away: bool = True) -> None:
    """It leads nowhere any more, or again."""
    with transaction.atomic():
        ShortLink.objects.of(workspace).filter(pk=link.pk).update(retired_at=timezone.now() if away else None)
        audit.record(workspace, user, "retired" if away else "brought back", "short link", link.code, link.name)


def destination(link: ShortLink) -> str:
    """Where it leads, with what it says of where people came from."""
    tags = {f"utm_{name}": getattr(link, name) for name in TAGS}
    if link.person is not None or link.handle is not None:
        tags = {"utm_source": link.source or "share", "utm_medium": link.medium or "referral", "utm_campaign": link.campaign,
                "utm_content": link.share_code or link.code}  # fmt: skip
    return linking.tagged(link.target, tags)


def campaign_key(link: ShortLink) -> str:
    """Under which name visits stand in the log."""
    return f"post:{link.post.public}" if link.post_id and link.post else link.campaign or f"link:{link.code}"


def shortened(post: Post) -> str:
    """The words of a post with each address as a short link of its own. Inside the caller's transaction."""
    made = {url: _of_post(post, url) for url in shape.links(post.words)}
    return shape.replaced(post.words, lambda url: made.get(url) or url)


def _of_post(post: Post, url: str) -> str:
    """The short link of an address in a post; the address itself where it is none a link may lead to."""
    try:
        target = linking.checked(url)
    except linking.BadTarget:
        return url
    standing = ShortLink.objects.of(post.workspace_id).filter(post=post, target=target).first()
    if standing is None:
        standing = create(
            post.workspace, None, target, name=post.idea.name, post=post, source=post.connection.channel, medium="social",
            campaign=post.idea.campaign or post.idea.name[:80],
        )  # fmt: skip
    return linking.address(standing.code)


def clicks_of(posts: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(people's, machines') clicks on the links of posts, by post."""
    found: dict[int, tuple[int, int]] = {}
    for post, humans, machines in ShortLink.objects.filter(post__in=list(posts)).values_list("post", "humans", "machines"):
        was = found.get(post, (0, 0))
        found[post] = (was[0] + humans, was[1] + machines)
    return found
