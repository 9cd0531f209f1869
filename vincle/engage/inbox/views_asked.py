"""How well were you served? A page for whoever has its address. To look at it answers nothing; nothing of it leads into the workspace."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from vincle.accounts.access import public
from vincle.accounts.sender import household
from vincle.store.buckets import Buckets

from . import satisfaction
from .actions import Refused
from .models import Satisfaction, Thread

STRANGERS = Buckets(burst=30, rate=0.5)
"""Requests of one sender to addresses that lead nowhere."""
ANSWERS = Buckets(burst=12, rate=1 / 30)
"""Answers at one address."""
LABELS: dict[int, Any] = {
    5: gettext_lazy("Very well"), 4: gettext_lazy("Well"), 3: gettext_lazy("Neither well nor badly"), 2: gettext_lazy("Badly"),
    1: gettext_lazy("Very badly"),
}  # fmt: skip


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """The question; posted to, the answer."""
    row = satisfaction.found(token)
    if row is None:
        answer = _nothing(request)
    else:
        thread = Thread.objects.of(row.workspace).filter(key=row.thread).first()
        language = satisfaction.language_of(thread) if thread else translation.get_language()
        with translation.override(language):
            answer = _answered(request, row, token) if request.method == "POST" else _shown(request, row)
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "same-origin"
    return answer


def _nothing(request: HttpRequest) -> HttpResponse:
    is_fast = not STRANGERS.take(household(request))
    answer = render(request, "inbox/asked_none.html", {"is_fast": is_fast}, status=429 if is_fast else 404)
    if is_fast:
        answer["Retry-After"] = "30"
    return answer


def _shown(request: HttpRequest, row: Satisfaction, wrong: str = "", status: int = 200) -> HttpResponse:
    posted = request.POST.get("score", "")
    context = {
        "row": row, "name": row.workspace.name, "wrong": wrong, "is_settled": satisfaction.is_settled(row),
        "scores": [(score, label, str(score) == posted if posted else score == row.score) for score, label in LABELS.items()],
        "comment": request.POST.get("comment", row.comment), "is_thanked": row.answered_at is not None and not wrong,
        "longest": satisfaction.LONGEST_COMMENT,
    }  # fmt: skip
    return render(request, "inbox/asked.html", context, status=status)


def _answered(request: HttpRequest, row: Satisfaction, token: str) -> HttpResponse:
    if not ANSWERS.take(str(row.pk)):
        return _shown(request, row, gettext("Too many tries. Wait a minute."), 429)
    if satisfaction.is_settled(row):
        return _shown(request, row, status=409)
    score = request.POST.get("score", "")
    try:
        satisfaction.answer(row, int(score) if score in ("1", "2", "3", "4", "5") else 0, request.POST.get("comment", ""))
    except Refused as refused:
        return _shown(request, row, str(refused), 422)
    return redirect("asked:page", token=token)
