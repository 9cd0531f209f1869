"""Questions to begin with; a test asks them all."""

from typing import Any

from django.utils.translation import gettext_lazy as _

FIRST = """SELECT channel, count(*) AS activities, count(DISTINCT actor) AS handles
FROM activity
WHERE direction = 'in' AND NOT is_machine
GROUP BY channel
ORDER BY activities DESC"""

_MONTHS = """SELECT month, channel, count(*) AS activities
FROM activity
WHERE direction = 'in' AND NOT is_machine
GROUP BY month, channel
ORDER BY month DESC, activities DESC"""

_BUYERS = """SELECT public_id(handle.person) AS person, count(*) AS orders, sum(amount) AS spent, currency,
       max(happened_at) AS last
FROM activity
JOIN handle ON handle.key = activity.actor
WHERE verb = 'Purchase'
GROUP BY handle.person, currency
ORDER BY spent DESC
LIMIT 50"""

_HOURS = """SELECT dayname(happened_at AT TIME ZONE '{zone}') AS weekday,
       hour(happened_at AT TIME ZONE '{zone}') AS hour, count(*) AS activities
FROM activity
WHERE direction = 'in' AND NOT is_machine
GROUP BY ALL
ORDER BY activities DESC
LIMIT 20"""

_CAMPAIGNS = """WITH reached AS (
  SELECT DISTINCT handle.person, campaign_key
  FROM activity JOIN handle ON handle.key = activity.actor
  WHERE campaign_key <> '' AND direction = 'in' AND NOT is_machine
), bought AS (
  SELECT handle.person, sum(amount) AS spent
  FROM activity JOIN handle ON handle.key = activity.actor
  WHERE verb = 'Purchase'
  GROUP BY handle.person
)
SELECT campaign_key, count(*) AS people, count(spent) AS buyers, sum(spent) AS spent
FROM reached LEFT JOIN bought USING (person)
GROUP BY campaign_key
ORDER BY people DESC"""

_QUIET = """SELECT public_id(handle.person) AS person, count(*) AS activities, max(happened_at) AS last
FROM activity
JOIN handle ON handle.key = activity.actor
WHERE direction = 'in' AND NOT is_machine
GROUP BY handle.person
HAVING count(*) >= 10 AND max(happened_at) < now() - INTERVAL 60 DAY
ORDER BY activities DESC
LIMIT 50"""


def examples(zone: str) -> list[tuple[Any, str]]:
    """(title, question) each; hours are those of `zone`."""
    return [
        (_("Channels, by activities"), FIRST),
        (_("What each channel brought, month by month"), _MONTHS),
        (_("Who bought most"), _BUYERS),
        (_("At which hours people write"), _HOURS.replace("{zone}", zone.replace("'", "''"))),
        (_("Who bought after which campaign"), _CAMPAIGNS),
        (_("Who was busy and has gone quiet"), _QUIET),
    ]
