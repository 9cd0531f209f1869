"""Codes in words."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _l

from vincle.web.tags.formats import number

from .shape import Trouble

TROUBLE: Final = {
    "empty": _l("There is nothing to say yet."),
    "too_long": _l("%(over)s too long: %(length)s of %(longest)s."),
    "too_many_hashtags": _l("%(count)s hashtags; %(most)s are allowed."),
    "needs_picture": _l("A picture is needed here."),
    "too_many_files": _l("%(count)s pictures; %(most)s are taken here."),
    "file_not_taken": _l("%(name)s: this kind of file is not taken here."),
    "file_too_large": _l("%(name)s is too large: %(most)s kB are taken here."),
    "no_alt": _l("%(name)s has no description for those who do not see it."),
    "no_place": _l("Say in which channel or group, for example @yourchannel."),
    "not_reachable": _l("The platform fetches pictures from this installation, whose address cannot be reached from outside."),
    "no_connection": _l("Nothing can be posted through this connection."),
    "paused": _l("This connection is paused."),
    "sign_in_again": _l("This connection needs someone to sign in again."),
}
"""What stands in the way of a post."""

PROBLEM: Final = {
    "late": _l("It could not leave in time and was kept back: choose a new time."),
    "maybe_sent": _l("Nobody can tell whether it was posted: look there, then say which."),
    "misfit": _l("It does not fit that place as it stands."),
    "no_connection": _l("The connection is gone or cannot post."),
    "taken_back": _l("It was taken back in the outbox."),
    "too_long": _l("It is too long for that place."),
    "needs_picture": _l("A picture is needed there."),
    "not_allowed": _l("The platform does not allow it."),
    "file_not_taken": _l("The platform did not take a file."),
    "empty": _l("There is nothing to say."),
}
"""Why a post failed."""

RULE: Final = {
    "bad_interval": _l("Every how many: a number from 1 to 99."),
    "bad_time": _l("This is not a time of day."),
    "bad_weekday": _l("Choose days of the week."),
    "bad_day": _l("A day of the month is a number from 1 to 31."),
    "ends_before_it_begins": _l("It ends before it begins."),
    "bad_count": _l("How often: a number from 1 to 1000."),
    "not_a_rule": _l("This is not a rule that can be followed here."),
}

TARGET: Final = {
    "empty": _l("Where does the link lead?"),
    "too_long": _l("This address is too long."),
    "not_an_address": _l("This is not a web address. It begins with https://."),
    "has_credentials": _l("An address with a user name or password in it is not kept."),
    "leads_to_itself": _l("This is a short link already."),
    "code_taken": _l("This ending is taken already."),
    "bad_code": _l("An ending has 3 to 40 small letters, figures, hyphens."),
}

PLACES: Final = {"channel or group": _l("Channel or group")}


def trouble(each: Trouble) -> str:
    return str(TROUBLE[each.code]) % {name: number(value) if isinstance(value, int) else value for name, value in each.params.items()}


def problem(code: str, detail: str = "") -> str:
    """Why a post failed, in words; what the platform itself said where we have none."""
    return str(PROBLEM.get(code, "")) or detail or code.replace("_", " ")


def of(table: dict[str, Any], code: str) -> str:
    return str(table.get(code, code))
