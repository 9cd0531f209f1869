"""What those who answer are told: what is wrong, and why a survey cannot be answered."""

from typing import Any

from django.utils.translation import gettext as _

from .definition.answers import Problem
from .definition.model import Item


def wrong(problem: Problem, item: Item) -> str:
    """What to do about it, in one sentence."""
    least, most = _short(problem.least), _short(problem.most)
    if problem.code == "required" and problem.is_soft:
        return _("You have not answered this one. If you would rather not, just go on.")
    if problem.code == "rows" and problem.is_soft:
        return _("Some lines are empty. If you would rather leave them so, just go on.")
    if problem.code == "range":
        return _between(least, most)
    told = {
        "required": _("Please answer this question."), "rows": _("Please choose an answer in each line."),
        "other": _("Please write which."), "choice": _("Please choose one of the answers."),
        "exclusive": _("This answer cannot stand beside others."), "email": _("This is no e-mail address: name@example.org"),
        "phone": _("This is no telephone number."), "date": _("This is no date."), "number": _("Please type a number."),
        "twice": _("Give each place only once."), "file": _("This file could not be taken."), "rule": _("This answer does not fit."),
        "file_large": _("The file may have at most %(most)s MB.") % {"most": most},
        "file_kind": _("Files of this kind are not taken: %(most)s") % {"most": most},
        "few": _("Choose at least %(least)s.") % {"least": least}, "many": _("Choose at most %(most)s.") % {"most": most},
        "sum": _("Together it has to be %(most)s.") % {"most": most}, "long": _("At most %(most)s characters.") % {"most": most},
        "decimals": _("At most %(most)s digits behind the point.") % {"most": most},
    }  # fmt: skip
    return told.get(problem.code, _("Please look at this answer again."))


def _between(least: str, most: str) -> str:
    if least and most:
        return _("From %(least)s to %(most)s.") % {"least": least, "most": most}
    return _("At least %(least)s.") % {"least": least} if least else _("At most %(most)s.") % {"most": most}


def _short(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def closed(code: str) -> tuple[str, str]:
    """(heading, sentence)."""
    told = {
        "closed": (_("This survey is closed"), _("Thank you for wanting to answer. Answers are no longer taken.")),
        "full": (_("This survey is closed"), _("There are as many answers as were wanted. Thank you for wanting to give yours.")),
        "not_yet": (_("This survey has not begun yet"), _("Please come back when it has.")),
        "paused": (_("This survey pauses"), _("Please come back later.")),
        "off": (_("This way to the survey is closed"), _("Thank you for wanting to answer.")),
        "answered": (_("You have answered already"), _("Each may answer once. Thank you.")),
        "used": (_("This code has been used"), _("Each code is good for one answer.")),
        "code": (_("This survey needs a code"), _("It stands on the paper or on the product you were given.")),
        "done": (_("You have answered already"), _("Your answers have reached us. Thank you.")),
        "screened": (_("Thank you"), _("This time we ask others. Thank you for wanting to answer.")),
        "over_quota": (_("Thank you"), _("We have enough answers like yours already. Thank you for wanting to answer.")),
    }  # fmt: skip
    return told.get(code, told["closed"])
