"""Findings as sentences: what is the matter, and what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .checks import Finding

_WORDS = {
    "no_subject": gettext_lazy("There is no subject. Nobody opens a letter without one."),
    "long_subject": gettext_lazy("The subject has %(n)s letters. Phones show about 40; behind %(most)s nobody reads on."),
    "no_preheader": gettext_lazy("There is no preview text. Mail programs show it beside the subject; else they show the first words."),
    "loud": gettext_lazy("“%(words)s” shouts. Filters of mail and readers like it less."),
    "no_default": gettext_lazy("%(words)s stays empty for those of whom it is not known. Add what stands there then: | default: \"…\"."),
    "no_blocks": gettext_lazy("The letter says nothing yet."),
    "empty_heading": gettext_lazy("This heading has no words."),
    "empty_text": gettext_lazy("There are no words here."),
    "empty_plain": gettext_lazy("Your own plain text is empty. Write it, or let it be made of the blocks."),
    "empty_html": gettext_lazy("This block is empty."),
    "empty_image": gettext_lazy("No picture is chosen; nothing will be shown."),
    "empty_quote": gettext_lazy("The quotation has no words."),
    "empty_product": gettext_lazy("The product has no name."),
    "no_other_product": gettext_lazy("Nothing stands here for those of whom no fitting product is known. Name one for them, if you like."),
    "button_without_words": gettext_lazy("The button has no words."),
    "button_without_link": gettext_lazy("The button leads nowhere."),
    "no_alt": gettext_lazy("The picture has no description. Say what it shows, or that it only decorates."),
    "alt_is_a_file": gettext_lazy("“%(words)s” is the name of a file. Say what the picture shows."),
    "broken_link": gettext_lazy("“%(words)s” is no address that a link can lead to."),
    "placeholder_link": gettext_lazy("“%(words)s” leads to a place that readers cannot reach."),
    "open_link": gettext_lazy("“%(words)s” is not encrypted (http). Use https where the site has it."),
    "vague_link": gettext_lazy("“%(words)s” does not say where the link leads. Those who hear letters read aloud jump from link to link."),
    "broken_liquid": gettext_lazy("This cannot be read: %(why)s"),
    "unknown_name": gettext_lazy("“%(words)s” is nothing a letter knows of; it stays empty for everybody."),
    "too_large": gettext_lazy("The letter is %(n)s kB large. Behind %(most)s kB Gmail cuts it off."),
    "all_pictures": gettext_lazy("The letter is nearly all pictures. Many readers see none, and filters of mail take it for advertising."),
    "spam_words": gettext_lazy("“%(words)s” is what filters of mail look for."),
    "no_postal_address": gettext_lazy("The foot has no postal address. The law asks for one in commercial letters; add it to the brand."),
    "low_contrast": gettext_lazy("The brand's colour “%(name)s” is hard to read on its ground (%(n)s : 1; 4.5 : 1 is wanted)."),
}  # fmt: skip


def said(finding: Finding) -> str:
    """The sentence of a finding."""
    values = dict(finding.values)
    if finding.code == "low_contrast":
        values["name"] = {"ink": _("Text"), "muted": _("Text of the foot"), "accent": _("Links and buttons")}[values["name"]]
    return str(_WORDS[finding.code]) % values if values else str(_WORDS[finding.code])
