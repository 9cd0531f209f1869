"""How the linking of people goes, in one sentence: what came up today, what was clear by itself, what was taken back."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import ngettext

from vincle.accounts.models import Workspace
from vincle.web.tags.formats import number

from .models import Case, Move

MONTH = timedelta(days=30)


def sentence(workspace: Workspace, waiting: int) -> str:
    """What stands behind "3 left"; `waiting` are the open questions. "" when nothing happened."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Case.objects.of(workspace).filter(opened_at__gte=today).exclude(state=Case.State.MOOT).exclude(evidence=[])
    asked_today = asked.count()
    moves = Move.objects.of(workspace).filter(act=Move.Act.LINK)
    linked = moves.filter(at__gte=today).count()
    undone = moves.filter(undone_at__gte=timezone.now() - MONTH).count()
    parts = []
    if linked:
        parts.append(_by_itself(linked))
    if undone:
        parts.append(_taken_back(undone))
    came = asked_today + linked
    head = _came(came, is_all=waiting <= asked_today) if came else ""
    return " ".join(filter(None, (head, f"{'; '.join(parts)}." if parts else "")))


def _came(count: int, is_all: bool) -> str:
    if is_all:
        return ngettext("of %(count)s today.", "of %(count)s today.", count) % {"count": number(count)}
    return ngettext("%(count)s pair came up today.", "%(count)s pairs came up today.", count) % {"count": number(count)}


def _by_itself(count: int) -> str:
    text = ngettext("%(count)s was clear enough to link by itself", "%(count)s were clear enough to link by themselves", count)
    return text % {"count": number(count)}


def _taken_back(count: int) -> str:
    text = ngettext("%(count)s you undid in the last 30 days", "%(count)s you undid in the last 30 days", count)
    return text % {"count": number(count)}
