"""Tokens of Meta: what one may do and until when, whose Page it stands for, and whether Meta delivers to our app.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens, .../docs/graph-api/reference/page/subscribed_apps
"""

from datetime import UTC, datetime, timedelta

from . import _json as js
from ._graph import Graph, Json, following
from .live import Line, Problem


def told(line: Line) -> Json:
    """What Meta tells of the token: its kind, rights and end. Raises Problem where it is good no longer."""
    own, app = line.secrets.get("access_token", ""), line.settings.get("client_id", "")
    secret = line.secrets.get("client_secret", "")
    asking = Graph(line, f"{app}|{secret}" if app and secret else own)
    about = js.obj(asking.ask("GET", "debug_token", {"input_token": own}).get("data"))
    if about.get("is_valid") is False:
        raise Problem("auth", "token_invalid", js.text(js.at(about, "error", "message")))
    return about


def ends_at(about: Json) -> datetime | None:
    """The token's own end, or the end of its access to data, whichever comes first; 0 is never."""
    ends = [when for key in ("expires_at", "data_access_expires_at") if (when := js.number(about.get(key)))]
    return datetime.fromtimestamp(min(ends), UTC) if ends else None


def page_id(line: Line) -> str:
    return line.settings.get("page_id", "").strip() or line.secrets.get("page_id", "")


def page_token(line: Line, about: Json) -> str:
    """The Page's own token: as given, or through the token of whoever signed in, which is made to last first."""
    own = line.secrets.get("access_token", "")
    if js.text(about.get("type")).upper() in ("PAGE", ""):
        return own
    own = _lasting(line, about, own)
    pages = list(_pages(Graph(line, own)))
    wanted = page_id(line)
    found = [page for page in pages if not wanted or js.text(page.get("id")) == wanted]
    if len(found) != 1:
        names = ", ".join(f"{js.text(page.get('name'))} {js.text(page.get('id'))}" for page in pages[:8])
        raise Problem("permanent", "choose_page", names)
    token = js.text(found[0].get("access_token"))
    line.renew({"access_token": own, "page_token": token, "page_id": js.text(found[0].get("id"))}, ends_at(about))
    return token


def _lasting(line: Line, about: Json, own: str) -> str:
    """A token of an hour is exchanged for one of sixty days."""
    ends, app, secret = ends_at(about), line.settings.get("client_id", ""), line.secrets.get("client_secret", "")
    if ends is None or ends - line.now > timedelta(days=7) or not (app and secret):
        return own
    said = Graph(line, own).get(
        "oauth/access_token", grant_type="fb_exchange_token", client_id=app, client_secret=secret, fb_exchange_token=own
    )
    return js.text(said.get("access_token")) or own


def _pages(graph: Graph) -> list[Json]:
    found: list[Json] = []
    after: dict[str, str] = {}
    for _ in range(20):
        page = graph.get("me/accounts", fields="id,name,access_token,tasks,instagram_business_account{id,username}", limit="100", **after)
        found += js.objs(page.get("data"))
        after = following(page)
        if not after:
            break
    return found


def listens(graph: Graph, page: str, line: Line, fields: str) -> bool:
    """Whether Meta will deliver what happens on the Page to our app."""
    try:
        apps = js.objs(graph.get(f"{page}/subscribed_apps").get("data"))
        app = line.settings.get("client_id", "")
        if any(not app or js.text(each.get("id")) == app for each in apps):
            return True
        return graph.post(f"{page}/subscribed_apps", {"subscribed_fields": fields}).get("success") is True
    except Problem as problem:
        if problem.kind in ("quota", "transient"):
            raise
        return False
