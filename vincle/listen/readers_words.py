"""What optional readers are, what leaves with them, and why one does not go, in words."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class About(NamedTuple):
    name: Any
    what: Any
    leaves: Any


ABOUT: dict[str, About] = {
    "": About(
        gettext_lazy("Vincle's own readers alone"),
        gettext_lazy("Word lists, rules and a small model that come with Vincle. Thousands of texts a second."),
        gettext_lazy("Nothing leaves this machine."),
    ),
    "onnx": About(
        gettext_lazy("A model of yours, in ONNX"),
        gettext_lazy("A trained classifier of sentiment that lies in a folder of this machine. Some ten texts a second."),
        gettext_lazy("Nothing leaves this machine."),
    ),
    "transformers": About(
        gettext_lazy("A model of yours, with transformers"),
        gettext_lazy("The same for models as Hugging Face saves them. It needs some gigabytes of disk and memory."),
        gettext_lazy("Nothing leaves this machine."),
    ),
    "endpoint": About(
        gettext_lazy("A language model at an address"),
        gettext_lazy("Any service or server that speaks OpenAI's chat completions. It judges sentiment, irony, emotions and intents."),
        gettext_lazy("What people wrote is sent to that address."),
    ),
}
ICONS = {"": "shield-lock", "onnx": "file-code", "transformers": "file-code", "endpoint": "cloud-upload"}

_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda said: _(
        "What it needs is not installed. Whoever runs this installation adds it with: pip install “vincle[%(extra)s]”."
    ) % said,
    "no_model": lambda said: _("There is no model “%(folder)s”, or files are missing in it: %(files)s.") % said,
    "broken_model": lambda said: _("The model “%(folder)s” cannot be read: %(why)s") % said,
    "labels": lambda said: _(
        "It is not told what the classes of “%(folder)s” mean: its config.json has to name them negative, neutral and positive (id2label)."
    ) % said,
    "no_reader": lambda said: _("This release has no such reader."),
    "key_unreadable": lambda said: _("The key cannot be read on this installation: write it once more."),
    "key_refused": lambda said: _("The other side refuses the key (%(status)s).") % said,
    "no_such_model": lambda said: _("The other side knows no such address or model (%(status)s).") % said,
    "refused": lambda said: _("The other side refuses what it is asked (%(status)s): look at the name of the model.") % said,
    "too_many": lambda said: _("The other side says it is asked too much; it is tried again later."),
    "answered_with": lambda said: _("The other side answered with an error (%(status)s); it is tried again later.") % said,
    "too_slow": lambda said: _("The other side took too long; it is tried again later."),
    "unreachable": lambda said: _("The other side could not be reached; it is tried again later. %(why)s") % said,
    "own_network": lambda said: _("This address lies in the own network, where nothing is sent."),
    "not_an_address": lambda said: _("Write an address that begins with https:// (or http://), without a name or password in it."),
    "no_sense": lambda said: _("It answered, but not with what it was asked for: it gives no judgement that can be used."),
}  # fmt: skip


def sentence(trouble: Mapping[str, Any]) -> str:
    """A trouble as it is kept (`code` and what it is about); "" for none."""
    say = _SENTENCES.get(str(trouble.get("code", "")))
    return say({"status": "", "why": "", "folder": "", "files": "", "extra": "", **trouble}) if say else str(trouble.get("code", ""))
