"""Help to write queries: examples of the grammar, and beginnings for each kind of query."""

from django.utils.translation import gettext as _

from vincle.accounts.models import Workspace
from vincle.language._atoms import pieces
from vincle.language.page import Page

from .models import Listening


def examples() -> list[tuple[str, str]]:
    """(query, what it finds)."""
    return [
        ("coffee price", _("both words, in any order; accents and capitals make no difference")),
        ("coffee OR tea", _("one of them")),
        ("coffee -decaf", _("the first without the second")),
        ('"flat white"', _("these words side by side")),
        ("(slow OR late) NEAR/4 order", _("at most four words between them, in either order")),
        ("deliver*", _("any ending: delivery, delivered")),
        ("organi?e", _("any one letter: organise, organize")),
        ("#coffee", _("a hashtag")),
        ("@lligam", _("an account that is named or written to")),
        ("from:@anna", _("by someone")),
        ("sentiment:negative", _("how it is meant: negative, neutral, positive")),
        ("intent:complaint,churn_threat", _("what is wanted: question, complaint, praise, suggestion …")),
        ("topic:delivery", _("what it is about")),
        ("lang:ca,es", _("in one of these languages")),
        ("channel:mastodon", _("on a channel")),
        ("place:barcelona", _("from a place")),
        ("site:example.org", _("standing on a site, or with a link to it")),
        ("reach>1000", _("by someone with more than 1,000 followers")),
        ("rating<=2", _("stars of five")),
        ("has:link is:reply", _("with a link, and an answer to something")),
        ("after:2026-11-01 before:2026-12-01", _("said in November")),
    ]


def templates(workspace: Workspace) -> list[tuple[str, str, str, str]]:
    """(kind, name, what for, query) for each kind, with the workspace's own name."""
    words = pieces(Page(workspace.name)) or ["name"]
    name, joined = " ".join(words), "".join(word for word in words if word.isalnum())
    said = f'"{name}" OR #{joined} OR @{joined}'
    kinds = dict(Listening.Kind.choices)
    return [
        ("brand", str(kinds["brand"]), _("Everyone who names you."), said),
        (
            "competitor", str(kinds["competitor"]), _("Everyone who names another: put in who it is."),
            '"another name" OR #anothername OR @anothername',
        ),
        ("topic", str(kinds["topic"]), _("What people say of something you care about."), "(delivery OR shipping) (late OR slow OR never)"),
        (
            "crisis", str(kinds["crisis"]), _("Words nobody wants to read beside your name."),
            f"({said}) (boycott OR scandal OR lawyer* OR poison* OR recall* OR intent:churn_threat)",
        ),
    ]  # fmt: skip
