"""'Download your information' of Facebook and Instagram, in JSON: single files or the whole zip."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

from vincle.vocabulary import Outcome, Warn

from . import _json as js
from . import _meta_archive as meta
from ._deliveries import summary
from ._zip import members, names_at_start
from .base import Channel, FileError, Options, Preview, Sample, Spec

_FOLDERS = re.compile(
    r"(?:^|/)(?:your_(?:facebook|instagram)_activity|comments_and_reactions|likes_and_reactions|followers_and_following|"
    r"friends_and_followers|connections/followers_and_following|personal_information|logged_information|posts/your_posts|"
    r"posts/media|messages/inbox|media/posts|content/posts|profile_information)", re.IGNORECASE)
_JSON = re.compile(r"\.json$", re.IGNORECASE)
_PAGES = re.compile(r"\.html$", re.IGNORECASE)


class MetaArchive(Channel):
    spec: ClassVar[Spec] = Spec(
        id="meta_archive", name="Facebook, Instagram download", icon="brand-meta", family="archive", capabilities=frozenset({"file"}),
        handle_kinds=("facebook_name", "instagram_name", "instagram_username"), extensions=(".json", ".zip"),
    )

    def recognise(self, sample: Sample) -> float:
        if sample.head.startswith(b"PK\x03\x04"):
            return 0.9 if any(_FOLDERS.search(name) for name in names_at_start(sample.head)) else 0.0
        if sample.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return 0.0
        return 0.9 if any(meta.kind_of(value) for value in js.beginning(sample.head)[:1]) else 0.0

    def preview(self, file: BinaryIO, options: Options) -> Preview:
        found = [item for item in self.read(file, options) if not isinstance(item, Warn)]
        return Preview(channel=self.spec.id, vendor=self.spec.name, rows=len(found), sample=tuple(summary(item) for item in found[:20]))

    def read(self, file: BinaryIO, options: Options) -> Iterator[Outcome]:
        file.seek(0)
        zipped = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if zipped:
            yield from _download(file, options)
            return
        value = meta.repaired(js.load(file.read(js.MAX_BYTES)))
        kind = meta.kind_of(value)
        if not kind:
            raise FileError("not_a_download")
        if kind != "profile":
            yield from meta.read(value, kind, meta.Archive(meta.network_of(kind), meta.teller(value), options.now, {}))


def _download(file: BinaryIO, options: Options) -> Iterator[Outcome]:
    """The files of a zip. Every one is read before anything is given out: a broken one refuses the whole."""
    found: list[tuple[str, str, Any]] = []
    skipped: Counter[str] = Counter()
    for name, raw in members(file, _JSON):
        try:
            value = meta.repaired(js.load(raw))
        except FileError as fault:
            raise FileError(fault.code, f"{name}: {fault.detail}", fault.line) from fault
        kind = meta.kind_of(value)
        if kind:
            found.append((name, kind, value))
        else:
            skipped[name.rpartition("/")[2]] += 1
    if not found:
        raise FileError("download_is_html" if any(True for _ in members(file, _PAGES)) else "not_a_download")
    network = "instagram" if any("instagram" in name or meta.network_of(kind) == "instagram" for name, kind, _ in found) else "facebook"
    owner = next((meta.owner_of(value) for _, kind, value in found if kind == "profile"), "") or _common(found)
    owner = owner or next((told for _, kind, value in found if kind == "posts" and (told := meta.teller(value))), "")
    archive = meta.Archive(network, owner, options.now, {})
    for _, kind, value in found:
        if kind != "profile":
            yield from meta.read(value, kind, archive)
    if skipped:
        yield Warn(line=0, code="parts_skipped", detail=", ".join(sorted(skipped))[:500])


def _common(found: list[tuple[str, str, Any]]) -> str:
    """The one who takes part in all of several conversations."""
    sides = [{js.text(each.get("name")) for each in js.objs(js.obj(value).get("participants"))} for _, kind, value in found
             if kind == "messages"]
    shared = set.intersection(*sides) if len(sides) > 1 else set()
    return shared.pop() if len(shared) == 1 else ""


channel = MetaArchive()
