"""LinkedIn: the download of one's own data, and what it delivers of a company's page.

LinkedIn lets its members' data be shown for a day or two and nothing be built on it: every row of this channel expires by itself
(`is_display_only`). https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-social-action-notifications
"""

import hmac
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, ClassVar

from vincle.vocabulary import Activity, Direction, HandleRef, Item, ObjectType, Op, Outcome, Reject, Retraction, Verb, Warn

from . import _json as js
from . import _linkedin as files
from . import _tables
from ._answers import dumped
from ._deliveries import summary
from ._meta import stamp
from ._zip import members, names_at_start
from .base import Accepted, Channel, FileError, Options, Preview, Rejected, Reply, Request, Sample, Secret, Spec, Verdict

Json = dict[str, Any]
_SIGNATURE, _METHOD = "x-li-signature", "hmacsha256="


class LinkedIn(Channel):
    spec: ClassVar[Spec] = Spec(
        id="linkedin", name="LinkedIn", icon="brand-linkedin", family="archive", capabilities=frozenset({"file", "webhook"}),
        handle_kinds=("linkedin", "linkedin_member", "email"), extensions=(".csv", ".zip"), is_display_only=True,
        secrets=(Secret(name="client_secret", label="Client secret",
                        help="On linkedin.com/developers: your app › Auth › Primary client secret. LinkedIn signs with it."),),
    )  # fmt: skip

    def recognise(self, sample: Sample) -> float:
        if sample.head.startswith(b"PK\x03\x04"):
            return 0.9 if any(files.NAMES.search(name) for name in names_at_start(sample.head)) else 0.0
        seen = _tables.glance(sample)
        kind = files.kind_of(seen.headings) if seen is not None and seen.kind != "json" else ""
        if kind == "connections" or (kind in ("messages", "shares", "invitations")):
            return 0.97
        return 0.92 if kind and seen is not None and len(seen.headings) <= 4 else 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        found = [item for item in self.read(file, options) if not isinstance(item, Reject | Warn)]
        return Preview(channel=self.spec.id, vendor=self.spec.name, rows=len(found), sample=tuple(summary(item) for item in found[:20]))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        file.seek(0)
        zipped = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if not zipped:
            yield from files.read(file, options)
            return
        seen = False
        for name, raw in members(file, files.NAMES):
            try:
                for outcome in files.read(io.BytesIO(raw), options):
                    seen = True
                    yield outcome
            except FileError as fault:
                yield Warn(line=fault.line, code=fault.code, detail=name[:200])
        if not seen:
            raise FileError("not_a_download")

    def verify(self, request: Request, secrets: Mapping[str, str]) -> Verdict:
        """GET asks to prove that we know the secret; POST is signed with it, in hexadecimal."""
        secret = secrets.get("client_secret", "")
        code = request.query.get("challengeCode", "")
        if request.method != "POST":
            if code and not secret:
                return Rejected("no_secret")
            answer = {"challengeCode": code, "challengeResponse": _hex(secret, code.encode("utf-8", "replace"))}
            return Reply(dumped(answer), "application/json") if code else Reply(b"ok")
        given = request.headers.get(_SIGNATURE, "").strip().removeprefix(_METHOD)
        if not secret:
            return Rejected("no_secret")
        if not given:
            return Rejected("no_signature")
        # Its pages tell of the method's name before the body; senders have been seen without it.
        known = [_hex(secret, _METHOD.encode() + request.body), _hex(secret, request.body)]
        fits = [hmac.compare_digest(each.encode(), given.encode(errors="replace")) for each in known]
        return Accepted() if any(fits) else Rejected("wrong_signature")

    def parse(self, raw: bytes, received_at: datetime) -> Iterator[Outcome]:
        if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):  # a file of the download, handed over as it is
            yield from files.read(io.BytesIO(raw), Options(file_key="", now=received_at))
            return
        value = js.load(raw)
        if not isinstance(value, dict | list):
            raise FileError("not_a_delivery", js.text(value)[:100])
        found = js.objs(js.obj(value).get("notifications"))
        if not found:
            yield js.unknown("delivery", value, received_at)
        for each in found:
            yield _notice(each, received_at)


def _hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, sha256).hexdigest()


def _notice(notice: Json, received_at: datetime) -> Item:
    """What someone did on the company's page."""
    action, page = js.text(notice.get("action")), js.text(notice.get("organizationalEntity"))
    native, post = js.text(notice.get("generatedActivity")), js.text(notice.get("sourcePost"))
    moment = js.when(notice.get("lastModifiedAt"), received_at)
    if not native or action not in _ACTIONS:
        return js.unknown(f"notification.{action}", notice, moment)
    if action == "COMMENT_DELETE":
        return Retraction(native_id=native, happened_at=moment, object_key=native)
    verb, kind = _ACTIONS[action]
    said = js.obj(notice.get("decoratedGeneratedActivity"))
    words = js.obj(said.get("comment")) or js.obj(said.get("share"))
    person = js.text(words.get("owner")) or js.text(js.at(said, "like", "owner"))
    edited = action == "COMMENT_EDIT"
    return Activity(
        verb=verb, object_type=kind, native_id=native, happened_at=moment, actor=HandleRef("linkedin_member", person) if person else None,
        op=Op.CORRECT if edited else Op.ASSERT, version=stamp(moment) if edited else "", object_key=post if verb is Verb.LIKE else native,
        parent_key=post if "COMMENT" in action else "", thread_key=post or native, text=js.text(words.get("text")),
        reaction="like" if verb is Verb.LIKE else "", direction=Direction.OUT if action == "ADMIN_COMMENT" else Direction.IN,
        props={"account": page} if page else {},
    )  # fmt: skip


_ACTIONS: dict[str, tuple[Verb, ObjectType]] = {
    **dict.fromkeys(("COMMENT", "COMMENT_EDIT", "ADMIN_COMMENT"), (Verb.CREATE, ObjectType.NOTE)),
    "COMMENT_DELETE": (Verb.DELETE, ObjectType.NOTE), "LIKE": (Verb.LIKE, ObjectType.NOTE), "SHARE": (Verb.ANNOUNCE, ObjectType.NOTE),
    "SHARE_MENTION": (Verb.CREATE, ObjectType.MENTION),
}  # fmt: skip
channel = LinkedIn()
