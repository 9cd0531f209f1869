"""What the editor offers: variables, segments, products that were bought, what customers said in public, people to show a letter as."""

from collections import Counter
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.identify.models import Belonging
from vincle.listen.models import Activity, Content, Handle
from vincle.organise import people
from vincle.organise.models import CustomField, Profile, Segment
from vincle.organise.segments import labels
from vincle.store.folding import fold
from vincle.vocabulary import public_id
from vincle.web.tags.people import channel_name

from . import recipients

Json = dict[str, Any]
MOST_PRODUCTS: Final = 200
MOST_QUOTES: Final = 12
_LOOKED_AT: Final = 3_000
LONGEST_QUOTE: Final = 280


def variables(workspace: Workspace) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(label, Liquid)]) in the order they are offered."""
    person = [
        (_("First name"), '{{ person.first_name | default: "…" }}'), (_("Name"), '{{ person.name | default: "…" }}'),
        (_("Company they work for"), "{{ person.company }}"), (_("City"), "{{ person.city }}"),
        (_("How often they bought"), "{{ person.purchases }}"), (_("Last thing they bought"), "{{ person.last_bought.name }}"),
        (_("What goes with what they have"), '{{ person.goes_with.name | default: "…" }}'),
    ]  # fmt: skip
    person += [(name.replace("_", " ").capitalize(), f"{{{{ person.{name} }}}}") for name in recipients.offered()]
    own = CustomField.objects.of(workspace).filter(hidden_at=None).order_by("label", "name")[:60]
    fields = [(str(field), _path(field.name)) for field in own]
    other = [
        (_("Our name"), "{{ company.name }}"), (_("Code of a promotion"), "{{ data.code }}"),
        (_("Only for those whose first name is known"), "{% if person.first_name %}…{% endif %}"),
        (_("Link to leave"), "{{ unsubscribe_url }}"), (_("Link to preferences"), "{{ preferences_url }}"),
        (_("Link to the letter in a browser"), "{{ view_url }}"),
    ]  # fmt: skip
    groups = [(_("Of the person"), person), (_("Fields of your own"), fields), (_("Of the letter"), other)]
    return [(heading, rows) for heading, rows in groups if rows]


def _path(name: str) -> str:
    plain = name.isidentifier() and name.isascii()
    return f"{{{{ person.{name} }}}}" if plain else f"{{{{ person['{name}'] }}}}".replace("\\", "")


def segments(workspace: Workspace) -> list[tuple[str, str]]:
    """(public id, name) by name."""
    rows = Segment.objects.of(workspace).filter(archived_at=None).values_list("public", "name")
    return sorted(rows, key=lambda row: fold(row[1]))


def products(workspace: Workspace) -> list[str]:
    """Names of what was bought or looked at lately, the most frequent first."""
    rows = Activity.objects.of(workspace).filter(props__contains=labels.MARK).order_by("-seq").values_list("props", flat=True)
    counted = Counter(name for props in rows[:_LOOKED_AT] for name in labels.products(props))
    return [name for name, _n in counted.most_common(MOST_PRODUCTS)]


def quotes(workspace: Workspace, words: str = "") -> list[Json]:
    """Public words of customers that speak well of us, newest first: {words, name, place, url, at}."""
    asked = [word for word in words.replace("\x00", "").split() if word][:5]
    rows = Activity.objects.of(workspace).filter(
        Q(object_type="Note") | Q(object_type="Review") | Q(object_type="Rating"), direction="in", superseded=False, is_machine=False,
        verb="Create", actor__isnull=False,
    ).exclude(op="retract").exclude(sentiment="negative").order_by("-seq")  # fmt: skip
    rows = rows.filter(Q(sentiment="positive") | Q(rating__gte=4))
    found: list[Json] = []
    chosen = list(rows.values("event_id", "actor", "channel", "url", "happened_at")[: _LOOKED_AT // 10])
    texts = {bytes(key): text for key, text in Content.objects.of(workspace).filter(
        event_id__in=[bytes(row["event_id"]) for row in chosen]).values_list("event_id", "text")}  # fmt: skip
    names = dict(Handle.objects.of(workspace).filter(key__in={row["actor"] for row in chosen}).values_list("key", "name"))
    for row in chosen:
        said = " ".join(texts.get(bytes(row["event_id"]), "").split())
        if len(said) >= 15 and all(fold(word) in fold(said) for word in asked):
            found.append({
                "words": said[:LONGEST_QUOTE], "name": names.get(row["actor"], ""), "place": channel_name(row["channel"]),
                "url": row["url"] if row["url"].startswith("https://") else "", "at": row["happened_at"].date().isoformat(),
            })  # fmt: skip
        if len(found) == MOST_QUOTES:
            break
    return found


def someone(workspace: Workspace, words: str = "", most: int = 8) -> list[Json]:
    """People the letter can be looked at as: {pid, name, note, language}."""
    sort = people.sort_of(people.DEFAULT_SORT)
    where = people.where(workspace, {"q": [words.replace("\x00", "")[:100]]} if words.strip() else {"identified": ["yes"]})
    rows = [row for row in people.first(where, sort, most * 3) if row.kind == "person"]
    return [{"pid": row.public, "name": row.name or _("Someone unknown"), "note": row.email} for row in rows[:most]]


def three(workspace: Workspace) -> list[Json]:
    """Three real people who differ: one of whom much is known, one of whom little is, one who speaks another language than the first."""
    rows = list(Profile.objects.of(workspace).filter(kind="person").exclude(email="").order_by("-last_at", "-person")[:200])
    chosen: list[Profile] = []
    ranked = sorted(rows, key=lambda row: (-len(row.traits), -row.purchases))
    for wanted in (
        ranked[:1],
        ranked[::-1][:1],
        [row for row in ranked if ranked and _language(row) != _language(ranked[0])][:1],
        ranked[1:],
    ):
        chosen += [row for row in wanted if row not in chosen][: max(0, 3 - len(chosen))]
    return [{"pid": public_id(row.person), "name": row.name or _("Someone unknown"), "note": row.email} for row in chosen[:3]]


def _language(row: Profile) -> str:
    return str((row.traits.get("language") or [""])[0])


def person_of(workspace: Workspace, pid: str) -> int | None:
    """The person of a public id; None where there is none here."""
    key = people.person_id(pid) if pid else None
    if key is None:
        return None
    there: int | None = Belonging.objects.of(workspace).filter(person=key).values_list("person", flat=True).first()
    return there
