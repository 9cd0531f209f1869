"""The feed of a kept query, for readers of feeds: whoever has its secret address sees what was said in public, and nothing else."""

import re
from email.utils import formatdate
from hashlib import blake2b

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from vincle.accounts.access import public

from .followed import Entry, public_entries
from .models import Listening
from .query_words import describe
from .views_stream import name_of

_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LONGEST_TITLE = 100


@public
@require_safe
def atom(request: HttpRequest, token: str) -> HttpResponse:
    """The newest fifty, as Atom 1.0."""
    row = Listening.objects.filter(feed_token=token, archived_at=None).select_related("workspace").first()
    if row is None:
        raise Http404("no such feed")
    entries = public_entries(row)
    said = "\n".join([row.name, row.text, *(f"{each.id} {each.row['sentiment']}" for each in entries)])
    etag = f'"{blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()}"'
    changed = max([row.changed_at, *(each.row["received_at"] for each in entries)])
    body = HttpResponse(_written(request, row, entries, token), content_type="application/atom+xml; charset=utf-8")
    body["ETag"], body["Last-Modified"] = etag, formatdate(changed.timestamp(), usegmt=True)
    body["Cache-Control"], body["X-Robots-Tag"] = "private, max-age=60", "noindex"
    answer = get_conditional_response(request, etag, int(changed.timestamp()), body)
    return answer if isinstance(answer, HttpResponse) else body


def _written(request: HttpRequest, row: Listening, entries: list[Entry], token: str) -> str:
    from vincle.language.query import parse

    here = request.build_absolute_uri(reverse("feeds:atom", kwargs={"token": token}))
    page = request.build_absolute_uri(reverse("listen:query", kwargs={"workspace": row.workspace.slug, "pk": row.pk}))
    title = f"{row.name} · {row.workspace.name}"
    feed = Atom1Feed(title=_clean(title), link=page, description=_clean(describe(parse(row.text))), feed_url=here, feed_guid=here)
    for each in entries:
        what = each.row
        text = _clean(what["text"] or what["title"])
        name = _clean(name_of(what["who"]))
        link = what["url"] if what["url"].startswith(("https://", "http://")) else page
        heading = what["title"] if what["text"] and what["title"] else text
        feed.add_item(
            title=f"{name}: {_clean(heading)[:LONGEST_TITLE]}" if heading else name, link=_clean(link), description=text, author_name=name,
            unique_id=each.id, pubdate=what["happened_at"], updateddate=what["happened_at"], categories=_labels(what),
        )  # fmt: skip
    return feed.writeString("utf-8")


def _labels(row: dict[str, str]) -> list[str]:
    return [label for label in (row["channel"], row["sentiment"], row["language"]) if label]


def _clean(text: str) -> str:
    """Without signs that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)
