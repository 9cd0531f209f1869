"""What the log already knows of open answers: read once when they came, corrected by the team, and not read anew for a report."""

from vincle.language.reading import Reading, Sentiment
from vincle.listen.models import Understanding
from vincle.vocabulary import Op, event_id

from ..delivering import source
from ..models import Survey
from .columns import Column
from .frame import Row
from .words import Known

_AT_ONCE = 900


def of(survey: Survey) -> Known:
    """Looks up what is stored of texts by the ids under which the channel `surveys` tells them. One query for 900 of them."""

    def known(rows: list[Row], column: Column) -> dict[str, Reading]:
        came_by = source(survey.workspace).pk
        ids = {event_id(survey.workspace_id, came_by, f"{row.public_id}:{column.question}", Op.ASSERT, ""): row.public_id for row in rows}
        found: dict[str, Reading] = {}
        every = list(ids)
        for begin in range(0, len(every), _AT_ONCE):
            stored = Understanding.objects.of(survey.workspace_id).filter(event_id__in=every[begin : begin + _AT_ONCE])
            for event, mood, score, topics in stored.values_list("event_id", "sentiment", "sentiment_score", "topics"):
                found[ids[bytes(event)]] = Reading(sentiment=_mood(mood), sentiment_score=score, topics=_labels(topics))
        return found

    return known


def _labels(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("|")) if stored else ()


def _mood(stored: str) -> Sentiment:
    return "negative" if stored == "negative" else "positive" if stored == "positive" else "neutral" if stored == "neutral" else ""
