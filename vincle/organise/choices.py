"""What the filters of the list offer, and the views the team has saved: one query."""

from typing import Any, NamedTuple

from django.db import connection

from vincle.accounts.models import User, Workspace

MOST_TAGS = 300


class View(NamedTuple):
    """A saved view as the tabs above the list show it."""

    id: int
    name: str
    query: str
    is_shared: bool
    is_own: bool


class Choices(NamedTuple):
    """(value, label) pairs for the filters; `views` own ones first."""

    channels: list[str]
    tags: list[tuple[str, str]]
    owners: list[tuple[str, str]]
    views: list[View]
    segments: list[tuple[str, str]]


_SQL = f"""
SELECT 'channel', 0, channel, '', 0, 0 FROM listen_connection WHERE workspace_id = %s
UNION
SELECT 'tag', id, name, folded, 0, 0 FROM (SELECT id, name, folded FROM organise_tag t WHERE workspace_id = %s AND (removed_at IS NULL
  OR EXISTS (SELECT 1 FROM organise_tagging g WHERE g.tag_id = t.id AND g.removed_at IS NULL)) ORDER BY folded LIMIT {MOST_TAGS}) tags
UNION
SELECT 'owner', u.id, COALESCE(NULLIF(u.name, ''), u.email), '', 0, 0 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
  WHERE m.workspace_id = %s
UNION
SELECT 'segment', id, name, public, 0, 0 FROM organise_segment WHERE workspace_id = %s AND archived_at IS NULL
UNION
SELECT 'view', id, name, query, CASE WHEN is_shared THEN 1 ELSE 0 END, CASE WHEN by_id = %s THEN 1 ELSE 0 END FROM organise_savedview
  WHERE workspace_id = %s AND (by_id = %s OR is_shared)
"""


def choices(workspace: Workspace, user: User) -> Choices:
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [workspace.pk, workspace.pk, workspace.pk, workspace.pk, user.pk, workspace.pk, user.pk])
        rows: list[Any] = cursor.fetchall()
    of = {kind: [row[1:] for row in rows if row[0] == kind] for kind in ("channel", "tag", "owner", "segment", "view")}
    views = [View(key, name, query, bool(shared), bool(own)) for key, name, query, shared, own in of["view"]]
    return Choices(
        channels=sorted(row[1] for row in of["channel"]),
        tags=[(str(row[0]), row[1]) for row in sorted(of["tag"], key=lambda row: row[2])],
        owners=[(str(row[0]), row[1]) for row in sorted(of["owner"], key=lambda row: row[1].casefold())],
        views=sorted(views, key=lambda view: (not view.is_own, view.name.casefold())),
        segments=sorted(((row[2], row[1]) for row in of["segment"]), key=lambda pair: pair[1].casefold()),
    )
