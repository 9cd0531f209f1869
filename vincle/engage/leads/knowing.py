"""What is known of a visitor already, so that a form asks for something else. Only which questions are answered; never the answers."""

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging, SharedHandle
from vincle.organise.models import Profile
from vincle.vocabulary import handle_key

from .definition import Definition, Item


def known(workspace: Workspace, asked: Definition, handle: int | None, cookie: str = "") -> frozenset[str]:
    """Ids of the questions whose answers stand in the profile of whom a signed link or, with their consent, a cookie names."""
    if not any(item.is_later for item in asked.items):
        return frozenset()
    profile = _profile(workspace, handle, cookie)
    if profile is None:
        return frozenset()
    return frozenset(item.id for item in asked.items if _is_known(item, profile))


def masked(workspace: Workspace, handle: int | None) -> str:
    """The address a signed link is for, so that its owner recognises it and nobody else learns it: "a…@example.org"."""
    if handle is None:
        return ""
    profile = _profile(workspace, handle, "")
    local, at, domain = profile.email.partition("@") if profile else ("", "", "")
    return f"{local[:1]}…@{domain}" if at else ""


def _profile(workspace: Workspace, handle: int | None, cookie: str) -> Profile | None:
    keys = [handle] if handle is not None else []
    if cookie:
        keys.append(handle_key(bytes(workspace.secret), "cookie", cookie))
    if not keys:
        return None
    shared = set(SharedHandle.objects.of(workspace).filter(handle__in=keys, lifted_at=None).values_list("handle", flat=True))
    people = dict(Belonging.objects.of(workspace).filter(handle__in=keys).values_list("handle", "person"))
    person = next((people[key] for key in keys if key in people and key not in shared), None)
    found: Profile | None = Profile.objects.of(workspace).filter(person=person).first() if person is not None else None
    return found


def _is_known(item: Item, profile: Profile) -> bool:
    match item.kind:
        case "email":
            return bool(profile.email)
        case "phone":
            return bool(profile.phone)
        case "name":
            return bool(profile.name) and profile.is_identified
        case "company":
            return bool(profile.company)
        case "consent":
            return False
    return bool(item.trait) and item.trait in profile.traits
