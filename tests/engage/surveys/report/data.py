"""A survey with answers of whom care moves most, delivery is weak, and price goes along with care."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from vincle.accounts.models import Workspace
from vincle.engage.surveys.definition import model as d
from vincle.engage.surveys.models import Collector, Response, Survey, SurveyVersion

THEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
SAID = [
    "The delivery was late again and nobody told me.",
    "Lovely staff, they always help.",
    "Delivery took two weeks, terrible.",
    "Great coffee and friendly people.",
    '=HYPERLINK("http://evil.example")',
    "<script>alert(1)</script> fine",
    "El personal es muy amable, gracias.",
    "The parcel arrived broken and late.",
    "It is expensive for what you get.",
    "Everything was perfect!",
]


def definition() -> d.Survey:
    likert = d.Scale(points=5, low={"en": "bad"}, high={"en": "good"})
    rows = [("care", "Friendly staff"), ("delivery", "Delivery on time"), ("price", "Fair price"), ("site", "The web site")]
    return d.Survey(
        title={"en": "How was it?"},
        languages=["en", "es"],
        areas=[d.Area(id="shop", name={"en": "Shop"}), d.Area(id="web", name={"en": "Web"})],
        pages=[
            d.Page(
                id="parts",
                area="shop",
                items=[
                    d.Matrix(
                        id="parts",
                        text={"en": "How good is …"},
                        role="driver",
                        rows=[d.Choice(id=id, text={"en": text}) for id, text in rows],
                        scales=[likert],
                    ),
                ],
            ),
            d.Page(
                id="rest",
                area="web",
                items=[
                    d.Likert(id="easy", text={"en": "Finding things on the site"}, role="driver", scale=likert),
                    d.Single(
                        id="often",
                        text={"en": "How often do you come?"},
                        choices=[d.Choice(id=each, text={"en": each.title()}) for each in ("weekly", "monthly", "rarely")],
                    ),
                    d.Multiple(
                        id="bought",
                        text={"en": "What did you buy?"},
                        choices=[d.Choice(id=each, text={"en": each.title()}) for each in ("coffee", "cake", "beans")],
                    ),
                    d.Ranking(
                        id="rank",
                        text={"en": "What matters most?"},
                        choices=[d.Choice(id=each, text={"en": each.title()}) for each in ("taste", "speed", "price")],
                    ),
                ],
            ),
            d.Page(
                id="general",
                items=[
                    d.Nps(id="nps", text={"en": "Would you recommend us?"}, role="nps"),
                    d.LongText(id="why", text={"en": "What should we mend?"}, role="open"),
                    d.Email(id="mail", text={"en": "Your e-mail"}),
                ],
            ),
        ],
        settings=d.Settings(main="nps"),
    )


def answers(rng: np.random.Generator, trend: float = 0.0) -> dict[str, Any]:
    """What one person says."""
    mood = rng.normal()

    def rated(middle: float) -> int:
        return int(np.clip(round(middle + 0.6 * mood + rng.normal() * 0.8), 1, 5))

    parts = {"care": rated(4.1), "delivery": rated(2.4), "price": rated(3.3), "site": rated(3.8)}
    score = 2.0 * (parts["care"] - 3) + 1.7 * (parts["delivery"] - 3) + 0.1 * (parts["site"] - 3) + 6.4 + trend + rng.normal() * 0.9
    ranked = ["taste", "speed", "price"]
    rng.shuffle(ranked)
    return {
        "parts": parts,
        "easy": rated(3.9),
        "often": str(rng.choice(["weekly", "monthly", "rarely"])),
        "bought": [str(each) for each in rng.choice(["coffee", "cake", "beans"], 2, replace=False)],
        "rank": ranked,
        "nps": int(np.clip(round(score), 0, 10)),
        "why": str(rng.choice(SAID)) if rng.random() < 0.5 else "",
        "mail": "ana@example.org",
    }


def survey(workspace: Workspace, n: int, *, people: Sequence[int] = (), is_anonymous: bool = False, name: str = "How was it?") -> Survey:
    """An open survey with `n` complete answers over ten weeks, by two ways; some not finished."""
    data = d.dump(definition())
    public = f"s{Survey.objects.count()}{n}"
    row: Survey = Survey.objects.create(
        workspace=workspace,
        public_id=public,
        name=name,
        definition=data,
        state="open",
        is_anonymous=is_anonymous,
        salt=b"x" * 16,
        opened_at=THEN,
    )
    row.version = SurveyVersion.objects.create(workspace=workspace, survey=row, number=1, definition=data)
    row.save(update_fields=["version"])
    ways = [
        Collector.objects.create(
            workspace=workspace,
            survey=row,
            public_id=f"{public}{kind}",
            kind=kind,
            name=title,
            token=f"token-{workspace.pk}-{public}-{kind}",
        )
        for kind, title in (("link", "Link on the receipt"), ("kiosk", "Kiosk at the door"))
    ]
    rng = np.random.default_rng(11)
    rows = []
    for place in range(n):
        at = THEN + timedelta(hours=place * 70 * 24 / max(n, 1))
        person = people[place % len(people)] if people and not is_anonymous else None
        rows.append(
            Response(
                workspace=workspace,
                survey=row,
                version=row.version,
                collector=ways[place % 3 == 0],
                public_id=f"{public}-{workspace.pk}-{place}",
                person=person,
                language="en" if place % 4 else "es",
                state="complete",
                answers=answers(rng, 1.5 * place / n),
                started_at=at,
                submitted_at=at,
                seconds=5 if place == 1 else 90,
            )
        )
    rows += [
        Response(
            workspace=workspace,
            survey=row,
            version=row.version,
            collector=ways[0],
            public_id=f"{public}-{workspace.pk}-p{place}",
            language="en",
        )
        for place in range(3)
    ]
    Response.objects.bulk_create(rows)
    return row
