"""What a round comes to in all, told so that no money is counted twice."""

from typing import Any

import numpy as np

from .engagement_parts import Worked, money
from .engagement_terms import Prices


def figures(worked: Worked, prices: Prices) -> dict[str, Any]:
    """Sums as text, in the workspace's currency.

    `new`: what the workspace gains in all: own value, acquisition saved (type two) and knowledge, less cost. `shifted`: what stands with
    someone because of somebody else's purchases: it is in `own` (or was earned already) and adds nothing to `new`.
    """
    cents = {name: int(each.sum()) for name, each in worked.cents.items()}
    anyway = {each.newcomer for each in worked.material.brought} & worked.material.anyway
    saved = round(float(prices.acquisition or 0) * 100) * len(anyway)
    sums = {name: str(money(cents[name])) for name in ("own", "referral", "influence", "knowledge", "cost", "total", "bought")}
    return {
        **sums,
        "saved": str(money(saved)),
        "new": str(money(cents["own"] + saved + cents["knowledge"] - cents["cost"])),
        "shifted": str(money(cents["referral"] - saved + cents["influence"])),
        "newcomers": len(worked.material.brought), "anyway": len(anyway),
        "counts": {name: int(each.sum()) for name, each in worked.counts.items()},
        "advocates": worked.kinds.count("advocate"), "costly": worked.kinds.count("costly"),
        "line_bought": round(worked.lines.bought, 2), "line_brings": round(worked.lines.brings, 2),
        "valued": int(np.count_nonzero(worked.cents["own"])), "unpriced": list(worked.unpriced),
    }  # fmt: skip
