"""The one door to everything that writes here: follow the log, decide a question, merge, split, take back."""

from .cases import DECIDED, WAITING
from .deciding import decide, keep_apart, put_off, reopen, take_back
from .following import again, follow, handles_held, is_behind, reading_again, reapply_merges, rebuild, step
from .history import History, Node, history
from .joining import Linked, MergedMany, ProbableLink, link_probable, merge, merge_many, survivor_hooks
from .moves import drop, handles_of_person, person_of
from .settling import sound
from .shared import lift, share
from .splitting import back_to, split, split_whole
from .undoing import NotUndoable, undo, undo_batch

__all__ = [
    "DECIDED", "WAITING", "History", "Linked", "MergedMany", "Node", "NotUndoable", "ProbableLink",
    "again", "back_to", "decide", "drop", "follow", "handles_held", "handles_of_person", "history", "is_behind", "keep_apart",
    "lift", "link_probable", "merge", "merge_many", "person_of", "put_off", "reading_again", "reapply_merges", "rebuild", "reopen",
    "share", "sound", "split", "split_whole", "step", "survivor_hooks", "take_back", "undo", "undo_batch",
]  # fmt: skip
