"""Blocks and a look as MJML. Liquid stands in it as marks of a shelter. Pure.

Blocks that follow each other share a section; one that only some see has its own, with the condition around it.
"""

from html import escape
from itertools import groupby
from typing import Any, Final

from . import cleaning, look
from .blocks import Block
from .cleaning import Shelter
from .phrases import phrase

WIDTH: Final = 600
_SIZES: Final = {"1": ("26px", "1.25"), "2": ("20px", "1.3"), "3": ("16px", "1.4")}
_RATIOS: Final = {"equal": (), "narrow_left": ("33%", "67%"), "narrow_right": ("67%", "33%")}


class Writer:
    """Writes one letter. `is_marked`: each block says its id as a class, so that an editor finds it in the picture."""

    def __init__(self, colours: look.Look, shelter: Shelter, language: str, *, is_marked: bool = False) -> None:
        self.look, self.shelter, self.language, self.is_marked = colours, shelter, language, is_marked

    def letter(self, content: dict[str, Any], *, has_way_out: bool) -> str:
        """The whole document. `has_way_out`: the text itself leads to leaving, the foot need not."""
        head = (
            f"<mj-title>{self._words(content['subject'])}</mj-title>"
            + (f"<mj-preview>{self._words(content['preheader'])}</mj-preview>" if content["preheader"] else "")
            + f'<mj-attributes><mj-all font-family="{look.FONTS[self.look["font"]]}" />'
            '<mj-text font-size="16px" line-height="1.55" padding="8px 32px" />'
            '<mj-section padding="0" /><mj-column padding="0" /></mj-attributes>'
            f"<mj-style>{self._styles()}</mj-style>"
        )
        body = self._logo() + self._sections(content["blocks"]) + self._foot(has_way_out)
        return (
            f'<mjml lang="{escape(self.language)}"><mj-head>{head}</mj-head>'
            f'<mj-body css-class="l-page" background-color="{self.look["page"]}" width="{WIDTH}px">{body}</mj-body></mjml>'
        )

    def _styles(self) -> str:
        """Of the light and of the dark; programs that know no dark leave it out."""
        at = self.look
        return (
            ":root{color-scheme:light dark;supported-color-schemes:light dark}"
            f".l-text a{{color:{at['accent']}}}.l-text p{{margin:0 0 12px}}.l-text p:last-child{{margin-bottom:0}}"
            ".l-text ul,.l-text ol{margin:0 0 12px;padding-left:24px}"
            ".l-text blockquote{margin:0 0 12px;padding-left:12px;border-left:3px solid}"
            "@media only screen and (max-width:479px){.l-text,.l-head,.l-button,.l-outline,.l-plain,.l-line,.l-image"
            "{padding-left:20px!important;padding-right:20px!important}}"
            "@media (prefers-color-scheme:dark){"
            f"body,.l-page,.l-page>div{{background-color:{at['dark_page']}!important}}"
            f".l-paper,.l-paper>table{{background:{at['dark_paper']}!important;background-color:{at['dark_paper']}!important}}"
            f".l-soft,.l-soft>table{{background:{at['dark_line']}!important;background-color:{at['dark_line']}!important}}"
            f".l-text div,.l-head div,.l-text td,.l-text th{{color:{at['dark_ink']}!important}}"
            f".l-muted div,.l-muted a{{color:{at['dark_muted']}!important}}"
            f".l-text a{{color:{at['dark_accent']}!important}}"
            f".l-accent,.l-accent>table{{background:{at['accent']}!important;background-color:{at['accent']}!important}}"
            f".l-accent .l-text div,.l-accent .l-head div,.l-accent .l-text a{{color:{look.on(at['accent'])}!important}}"
            f".l-button td,.l-button a,.l-button p{{background:{at['dark_accent']}!important;color:{look.on(at['dark_accent'])}!important}}"
            f".l-outline a{{color:{at['dark_accent']}!important}}.l-outline table td{{border-color:{at['dark_accent']}!important}}"
            f".l-line p{{border-top-color:{at['dark_line']}!important}}"
            "}"
        )

    def _logo(self) -> str:
        at = self.look
        if not at["logo"]:
            return self._section('<mj-spacer height="20px" />', "paper", is_first=True)
        link = f' href="{escape(at["website"])}"' if at["website"] else ""
        image = (
            f'<mj-image src="{escape(at["logo"])}" alt="{escape(at["logo_alt"] or at["company"])}" width="{at["logo_width"]}px"{link}'
            ' padding="24px 32px 12px" align="left" />'
        )
        return self._section(image, "paper", is_first=True)

    def _sections(self, blocks: list[Block]) -> str:
        def alike(block: Block) -> tuple[str, str]:
            return condition(block.get("when") or {}), block.get("background", "") or "paper"

        found = []
        for (when, ground), group in groupby(blocks, alike):
            made = self._group(list(group), ground)
            end = self._liquid("{% endif %}") if when else ""
            found.append(f"<mj-raw>{self._liquid(when)}</mj-raw>{made}<mj-raw>{end}</mj-raw>" if when else made)
        return "".join(found)

    def _group(self, blocks: list[Block], ground: str) -> str:
        """Blocks on one ground: columns have a section each, what stands between them another."""
        found = []
        for is_wide, some in groupby(blocks, lambda block: block["kind"] == "columns"):
            if is_wide:
                found += [self._columns(block, ground) for block in some]
            else:
                found.append(self._section("".join(self.block(block, ground) for block in some), ground))
        return "".join(found)

    def _liquid(self, source: str) -> str:
        return self.shelter.mark(source)

    def _ground(self, ground: str) -> str:
        return {"soft": self.look["line"], "accent": self.look["accent"]}.get(ground, str(self.look["paper"]))

    def _section(self, inner: str, ground: str, *, is_first: bool = False, is_last: bool = False) -> str:
        radius = self.look["radius"]
        corners = f' border-radius="{radius}px {radius}px 0 0"' if is_first and radius else ""
        corners = f' border-radius="0 0 {radius}px {radius}px"' if is_last and radius else corners
        padding = ' padding="12px 0"' if ground in ("soft", "accent") else ""
        return (
            f'<mj-section css-class="l-{ground}" background-color="{self._ground(ground)}"{corners}{padding}>'
            f"<mj-column>{inner}</mj-column></mj-section>"
        )

    def _columns(self, block: Block, ground: str) -> str:
        widths = _RATIOS[block["ratio"]] if len(block["columns"]) == 2 else ()
        columns = "".join(
            f'<mj-column vertical-align="top"{f" width={chr(34)}{widths[place]}{chr(34)}" if widths else ""}>'
            + ("".join(self.block(each, ground, is_narrow=True) for each in column) or '<mj-spacer height="1px" />')
            + "</mj-column>"
            for place, column in enumerate(block["columns"])
        )
        inner = columns if block["stacked"] else f"<mj-group>{columns}</mj-group>"
        mark = f" {self._class(block)}" if self.is_marked else ""
        return f'<mj-section css-class="l-{ground}{mark}" background-color="{self._ground(ground)}" padding="4px 12px">{inner}</mj-section>'

    def _class(self, block: Block) -> str:
        return f"b-{block['id']}"

    def block(self, block: Block, ground: str = "paper", *, is_narrow: bool = False) -> str:
        """One block that is no columns."""
        return str(getattr(self, "_" + block["kind"])(block, ground or "paper", "8px 12px" if is_narrow else "8px 32px"))

    def _css(self, block: Block, *names: str) -> str:
        return f'css-class="{" ".join([*names, *([self._class(block)] if self.is_marked else [])])}"'

    def _ink(self, ground: str, name: str = "ink") -> str:
        return look.on(self.look["accent"]) if ground == "accent" else str(self.look[name])

    def _words(self, text: str) -> str:
        return escape(self.shelter.take(text), quote=False)

    def _attribute(self, text: str) -> str:
        return escape(self.shelter.take(text))

    def _href(self, url: str) -> str:
        return f' href="{self._attribute(url)}"' if url else ""

    def _heading(self, block: Block, ground: str, padding: str) -> str:
        size, height = _SIZES[block["level"]]
        tag = f"h{block['level']}"
        inner = f'<{tag} style="margin:0;font-size:{size};line-height:{height};font-weight:700;">{self._words(block["text"])}</{tag}>'
        return (
            f'<mj-text {self._css(block, "l-head")} align="{block["align"]}" color="{self._ink(ground)}" padding="{padding}"'
            f' font-size="{size}" line-height="{height}">{inner}</mj-text>'
        )

    def _text(self, block: Block, ground: str, padding: str) -> str:
        words = self.shelter.take(cleaning.rich(block["html"]))
        ink = self._ink(ground)
        return f'<mj-text {self._css(block, "l-text")} align="{block["align"]}" color="{ink}" padding="{padding}">{words}</mj-text>'

    def _button(self, block: Block, ground: str, padding: str) -> str:
        accent, paper = self.look["accent"], self._ground(ground)
        ink = look.on(accent)
        if ground == "accent":
            accent, ink = ink, accent
        filled = block["style"] == "filled"
        colours = (
            f'background-color="{accent}" color="{ink}"'
            if filled
            else f'background-color="{paper}" color="{accent}" border="2px solid {accent}"'
        )
        width = ' width="100%"' if block["full"] else ""
        name = "l-plain" if ground == "accent" else "l-button" if filled else "l-outline"
        return (
            f"<mj-button {self._css(block, name)}"
            f' align="{block["align"]}"{width} {colours} border-radius="{self.look["radius"]}px" font-size="16px" font-weight="600"'
            f' inner-padding="13px 26px" padding="{padding}"{self._href(block["url"])}>{self._words(block["label"])}</mj-button>'
        )

    def _image(self, block: Block, ground: str, padding: str) -> str:
        if not block["src"]:
            return ""
        alt = "" if block["decorative"] else block["alt"]
        full = block["width"] == 100
        # Pixels, since a share of the column is not understood; a column narrows it by itself.
        width = "" if full else f' width="{round((WIDTH - 64) * block["width"] / 100)}px"'
        return (
            f'<mj-image {self._css(block, "l-image")} src="{self._attribute(block["src"])}" alt="{self._attribute(alt)}"{width}'
            f' align="{block["align"]}" padding="{padding}"{self._href(block["url"])} fluid-on-mobile="{"true" if full else "false"}" />'
        )

    def _divider(self, block: Block, ground: str, padding: str) -> str:
        return f'<mj-divider {self._css(block, "l-line")} border-width="1px" border-color="{self.look["line"]}" padding="{padding}" />'

    def _spacer(self, block: Block, ground: str, padding: str) -> str:
        return f'<mj-spacer {self._css(block)} height="{block["height"]}px" />'

    def _product(self, block: Block, ground: str, padding: str) -> str:
        if block["source"] == "last_bought":
            block = {**block, **{name: f"{{{{ person.last_bought.{name} }}}}" for name in ("name", "price", "image", "url")}}
            before, behind = self._liquid("{% if person.last_bought %}"), self._liquid("{% endif %}")
            return f"<mj-raw>{before}</mj-raw>{self._shown_product(block, ground, padding)}<mj-raw>{behind}</mj-raw>"
        if block["source"] == "goes_with":
            return self._goes_with(block, ground, padding)
        return self._shown_product(block, ground, padding)

    def _goes_with(self, block: Block, ground: str, padding: str) -> str:
        """The product that goes with what they have; to those of whom none is known the one that was chosen, or nothing."""
        theirs = {
            **block, "source": "chosen", "name": "{{ person.goes_with.name }}", "price": "", "image": "",
            "text": f"{phrase(self.language, 'goes_with')} {{{{ person.goes_with.beside }}}}",
        }  # fmt: skip
        parts = [("{% if person.goes_with %}", self._shown_product(theirs, ground, padding))]
        if block["name"]:
            parts.append(("{% else %}", self._shown_product(block, ground, padding)))
        said = "".join(f"<mj-raw>{self._liquid(when)}</mj-raw>{shown}" for when, shown in parts)
        return f"{said}<mj-raw>{self._liquid('{% endif %}')}</mj-raw>"

    def _shown_product(self, block: Block, ground: str, padding: str) -> str:
        image = {**block, "src": block["image"], "alt": block["name"], "decorative": False, "width": 100, "align": "center"}
        price = f"<br /><b>{self._words(block['price'])}</b>" if block["price"] else ""
        said = f"<br />{self._words(block['text'])}" if block["text"] else ""
        picture = self._image(image, ground, padding)
        if block["source"] == "last_bought":
            open_picture, close = self._liquid("{% if person.last_bought.image %}"), self._liquid("{% endif %}")
            picture = f"<mj-raw>{open_picture}</mj-raw>{picture}<mj-raw>{close}</mj-raw>"
        words = (
            f'<mj-text {self._css(block, "l-text")} color="{self._ink(ground)}" padding="{padding}">'
            f"<strong>{self._words(block['name'])}</strong>{said}{price}</mj-text>"
        )
        button = {**block, "label": block["label"] or phrase(self.language, "more"), "align": "left", "style": "outline", "full": False}
        return picture + words + (self._button(button, ground, padding) if block["url"] else "")

    def _quote(self, block: Block, ground: str, padding: str) -> str:
        who = ", ".join(each for each in (block["name"], block["place"]) if each)
        named = f'<a href="{self._attribute(block["url"])}">{self._words(who)}</a>' if block["url"] and who else self._words(who)
        said = f'<br /><span style="font-size:14px;">— {named}</span>' if who else ""
        return (
            f'<mj-text {self._css(block, "l-text")} color="{self._ink(ground)}" padding="{padding}" font-family="{look.FONTS["georgia"]}"'
            f' font-size="18px" line-height="1.5">“{self._words(block["words"])}”{said}</mj-text>'
        )

    def _social(self, block: Block, ground: str, padding: str) -> str:
        links = " &nbsp;·&nbsp; ".join(f'<a href="{escape(url)}">{escape(name)}</a>' for name, url in self.look["places"])
        if not links:
            return ""
        return (
            f'<mj-text {self._css(block, "l-text")} align="{block["align"]}" color="{self._ink(ground)}" font-size="14px"'
            f' padding="{padding}">{links}</mj-text>'
        )

    def _html(self, block: Block, ground: str, padding: str) -> str:
        words = self.shelter.take(cleaning.rich(block["html"], "html"))
        return f'<mj-text {self._css(block, "l-text")} color="{self._ink(ground)}" padding="{padding}">{words}</mj-text>'

    def _foot(self, has_way_out: bool) -> str:
        """Who wrote, and how to hear less of them."""
        at, language = self.look, self.language
        link = f'style="color:{at["muted"]};text-decoration:underline;"'
        lines = ["<br />".join(self._words(each) for each in (at["company"], at["address"]) if each)]
        ways = [(f"{{{{ {name}_url }}}}", phrase(language, name)) for name in ("preferences", "unsubscribe") if not has_way_out]
        ways.append(("{{ view_url }}", phrase(language, "view")))
        lines.append(" &nbsp;·&nbsp; ".join(f'<a href="{self._attribute(url)}" {link}>{escape(words)}</a>' for url, words in ways))
        words = "".join(f'<p style="margin:0 0 8px;">{each}</p>' for each in lines if each)
        style = f'align="center" color="{at["muted"]}" font-size="13px" line-height="1.5" padding="20px 32px 32px"'
        foot = f'<mj-text css-class="l-muted" {style}>{words}</mj-text>'
        return (
            self._section('<mj-spacer height="24px" />', "paper", is_last=True) + f"<mj-section><mj-column>{foot}</mj-column></mj-section>"
        )


def condition(when: dict[str, Any]) -> str:
    """The Liquid that opens what only some see; "" for everybody.

    >>> condition({"segment": "00000000000000ab", "is_in": False}), condition({"expression": "person.purchases > 3"}), condition({})
    ('{% if segments contains "00000000000000ab" %}{% else %}', '{% if person.purchases > 3 %}', '')
    """
    if "segment" in when:
        return f'{{% if segments contains "{when["segment"]}" %}}' + ("" if when["is_in"] else "{% else %}")
    return f"{{% if {when['expression']} %}}" if when.get("expression") else ""
