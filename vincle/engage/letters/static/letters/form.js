// Letters: the fields of what is chosen, a block or the letter itself.
(() => {
  "use strict";
  const L = window.vincleLetter;
  if (!L) return;
  const { el, icon, say } = L;
  const place = L.find("letter-form");
  const CHOICES = {
    align: ["left", "center", "right"], level: [["1", "size1"], ["2", "size2"], ["3", "size3"]], style: ["filled", "outline"], ratio: ["equal", "narrow_left", "narrow_right"],
    source: ["chosen", "last_bought", "goes_with"], background: [["", "background_"], ["soft", "background_soft"], ["accent", "background_accent"]],
  };
  const FIELDS = {
    heading: [["text", "line"], ["level", "choice"], ["align", "choice"]], text: [["html", "rich"], ["align", "choice"]],
    button: [["label", "line"], ["url", "url"], ["style", "choice"], ["align", "choice"], ["full", "flag"]],
    image: [["src", "picture"], ["alt", "line"], ["decorative", "flag"], ["url", "url"], ["width", "number"], ["align", "choice"]],
    columns: [["ratio", "choice"], ["stacked", "flag"], ["columns", "columns"]], divider: [], spacer: [["height", "number"]],
    product: [["source", "choice"], ["name", "product"], ["text", "line"], ["price", "line"], ["image", "picture"], ["url", "url"], ["label", "line"]],
    quote: [["words", "quote"], ["name", "line"], ["place", "line"], ["url", "url"]], social: [["align", "choice"]], html: [["html", "code"]],
  };
  let made = "";
  let count = 0;

  const field = (label, control, more = null) => {
    control.id ||= `letter-f${count += 1}`;
    return el("div", { class: "field" }, el("div", { class: "letter-with" }, el("label", { for: control.id }, label), more), control);
  };
  const set = (block, name, value, redraw = false) => L.change(() => { block[name] = value; }, `${block.id ?? L.language}.${name}`, redraw);

  // Variables go in at the caret.
  const inserter = (put) => {
    const choose = el("select", { "aria-label": say("insert") }, el("option", { value: "" }, `${say("insert")} …`));
    L.given.variables.forEach(([heading, rows]) => choose.append(el("optgroup", { label: heading }, rows.map(([label, code]) => el("option", { value: code }, label)))));
    choose.addEventListener("change", () => { const code = choose.value; choose.selectedIndex = 0; if (code) put(code); });
    return choose;
  };
  const intoInput = (input) => (code) => {
    const [from, to] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
    input.setRangeText(code, from, to, "end");
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const line = (block, name, label, { long = false, most = 300, variables = true, list = "" } = {}) => {
    const input = long ? el("textarea", { rows: long, maxlength: most, readonly: !L.may }) : el("input", { maxlength: most, readonly: !L.may, list: list || null, autocomplete: "off" });
    input.value = block[name] ?? "";
    input.dataset.field = name;
    input.addEventListener("input", () => set(block, name, input.value));
    return field(label, input, variables && L.may ? inserter(intoInput(input)) : null);
  };
  const choice = (block, name) => {
    const group = el("div", { class: "letter-radios", role: "radiogroup", "aria-label": say(name) });
    const own = `letter-${name}-${count += 1}`;
    CHOICES[name].forEach((each) => {
      const [value, word] = Array.isArray(each) ? each : [each, each];
      const radio = el("input", { type: "radio", name: own, value, disabled: !L.may });
      radio.checked = (block[name] ?? "") === value;
      radio.addEventListener("change", () => set(block, name, value, name === "source"));
      group.append(el("label", {}, radio, say(word)));
    });
    return el("div", { class: "field" }, el("span", {}, say(name)), group);
  };
  const flag = (block, name) => {
    const box = el("input", { type: "checkbox", id: `letter-f${count += 1}`, disabled: !L.may });
    box.checked = Boolean(block[name]);
    box.addEventListener("change", () => set(block, name, box.checked));
    return el("div", { class: "field check" }, box, el("label", { for: box.id }, say(name)));
  };
  const number = (block, name) => {
    const [least, most] = name === "width" ? [10, 100] : [4, 120];
    const input = el("input", { type: "number", min: least, max: most, readonly: !L.may });
    input.value = block[name];
    input.addEventListener("input", () => { const value = Math.round(Number(input.value)); if (value >= least && value <= most) set(block, name, value); });
    return field(say(name), input);
  };
  const picture = (block, name) => {
    const parts = line(block, name, say(name), { most: 2000, variables: false });
    if (L.may) parts.append(el("button", { type: "button", class: "btn small", onclick: () => L.choosePicture((chosen) => { L.change(() => { block[name] = chosen.url; if (name === "src" && !block.alt) block.alt = chosen.alt; }); L.redraw(); }) }, icon("photo"), say("choose_picture")));
    return parts;
  };
  const quote = (block, name) => {
    const parts = line(block, name, say("words"), { long: 4 });
    if (L.may) parts.append(el("button", { type: "button", class: "btn small", onclick: () => L.chooseQuote((chosen) => { L.change(() => { for (const key of ["words", "name", "place", "url"]) block[key] = chosen[key]; }); L.redraw(); }) }, icon("quote"), say("choose_quote")));
    return parts;
  };
  const product = (block, name) => {
    const parts = line(block, name, say(name), { list: "letter-products" });
    parts.append(el("datalist", { id: "letter-products" }, L.given.products.map((each) => el("option", { value: each }))));
    return parts;
  };
  const columns = (block) => {
    const more = block.columns.length < 3 && el("button", { type: "button", class: "btn small", onclick: () => { L.change(() => block.columns.push([])); L.redraw(); } }, icon("plus"), say("add_column"));
    const less = block.columns.length > 2 && el("button", { type: "button", class: "btn small", onclick: () => { L.change(() => block.columns.pop()); L.redraw(); } }, icon("x"), say("drop_column"));
    return L.may ? el("div", { class: "row" }, more, less) : null;
  };

  // Words with a little form
  const tidy = (html) => html.replace(/<div>/g, "<p>").replace(/<\/div>/g, "</p>").replace(/&nbsp;/g, " ").replace(/^(<p><br><\/p>)+|(<p><br><\/p>)+$/g, "");
  const rich = (block, name) => {
    const words = el("div", { class: "letter-rich-words", contenteditable: L.may ? "true" : "false", role: "textbox", "aria-multiline": "true", "aria-label": say("text"), spellcheck: "true", lang: L.language });
    words.innerHTML = L.safe(block[name]);
    const keep = () => set(block, name, tidy(words.innerHTML));
    const run = (command, value = null) => { words.focus(); document.execCommand("styleWithCSS", false, false); document.execCommand("defaultParagraphSeparator", false, "p"); document.execCommand(command, false, value); keep(); };
    words.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
    words.addEventListener("input", keep);
    words.addEventListener("paste", (event) => { event.preventDefault(); document.execCommand("insertText", false, event.clipboardData.getData("text/plain")); });
    words.addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); link(); } });
    const link = () => {
      const selection = getSelection();
      const range = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : null;
      const old = selection.anchorNode?.parentElement?.closest("a");
      L.askLink(old ? old.getAttribute("href") : "", (url) => {
        words.focus();
        if (old) selection.selectAllChildren(old); else if (range) { selection.removeAllRanges(); selection.addRange(range); }
        if (!url) run("unlink");
        else if (selection.isCollapsed) run("insertHTML", el("a", { href: url }, url).outerHTML);
        else run("createLink", url);
      });
    };
    const tool = (label, key, work) => el("button", { type: "button", "aria-label": label, title: label, onmousedown: (event) => event.preventDefault(), onclick: work }, key);
    const tools = L.may ? el("div", { class: "letter-rich-tools", role: "toolbar", "aria-label": say("text") }, tool(`${say("bold")} (Ctrl+B)`, el("b", {}, "B"), () => run("bold")), tool(`${say("italic")} (Ctrl+I)`, el("i", {}, "I"), () => run("italic")), tool(say("list"), icon("list"), () => run("insertUnorderedList")), tool(`${say("link")} (Ctrl+K)`, icon("link"), link), inserter((code) => { words.focus(); document.execCommand("insertText", false, code); })) : null;
    return el("div", { class: "letter-rich" }, tools, words);
  };
  // Only what letters may hold is shown, so that nothing pasted into a draft runs here.
  L.safe = (html) => {
    const body = new DOMParser().parseFromString(html || "", "text/html").body;
    const known = /^(A|B|BR|CODE|DEL|EM|I|S|SMALL|SPAN|STRONG|SUB|SUP|U|BLOCKQUOTE|LI|OL|P|UL)$/;
    body.querySelectorAll("*").forEach((each) => {
      if (!known.test(each.tagName)) { each.replaceWith(...each.childNodes); return; }
      [...each.attributes].forEach((attribute) => { if (!(each.tagName === "A" && attribute.name === "href" && !/^\s*(javascript|data|vbscript):/i.test(attribute.value))) each.removeAttribute(attribute.name); });
    });
    return body.innerHTML;
  };

  const when = (block) => {
    const now = block.when || {};
    const kind = now.segment ? (now.is_in === false ? "out" : "in") : now.expression !== undefined ? "expression" : "all";
    const choose = el("select", { disabled: !L.may }, ["all", "in", "out", "expression"].filter((each) => each === "all" || each === "expression" || L.given.segments.length || each === kind).map((each) => { const option = el("option", { value: each }, say(`when_${each}`)); option.selected = each === kind; return option; }));
    const segment = (public_id, isIn) => ({ segment: public_id, is_in: isIn });
    choose.addEventListener("change", () => {
      const first = now.segment || L.given.segments[0]?.[0];
      const value = { all: {}, in: segment(first, true), out: segment(first, false), expression: { expression: now.expression || say("when_example") } }[choose.value];
      set(block, "when", value, true);
      L.redraw();
    });
    const parts = [field(say("when"), choose)];
    if (now.segment) {
      const which = el("select", { disabled: !L.may }, L.given.segments.map(([id, name]) => { const option = el("option", { value: id }, name); option.selected = id === now.segment; return option; }));
      which.addEventListener("change", () => set(block, "when", segment(which.value, now.is_in !== false)));
      parts.push(field(say("segment"), which));
    } else if (now.expression !== undefined) {
      const input = el("input", { maxlength: 500, spellcheck: "false", readonly: !L.may });
      input.value = now.expression;
      input.addEventListener("input", () => set(block, "when", { expression: input.value }));
      parts.push(field(say("when_expression"), input));
    }
    return parts;
  };
  const one = (block) => ([name, type]) => {
    if (block.kind === "product" && block.source === "last_bought" && ["name", "text", "price", "image", "url"].includes(name)) return null;
    if (block.kind === "image" && block.decorative && name === "alt") return null;
    const by = { rich, choice, flag, number, picture, quote, product, columns };
    if (by[type]) return by[type](block, name);
    if (type === "url") return line(block, name, say("url"), { most: 2000 });
    if (type === "code") return line(block, name, say("html"), { long: 12, most: 60000 });
    return line(block, name, say(name));
  };

  const head = (name, tools = []) => el("div", { class: "letter-form-head" }, el("h2", {}, name), ...tools);
  const tool = (label, name, work, disabled = false) => el("button", { type: "button", class: "icon-btn", "aria-label": label, title: label, disabled, onclick: work }, icon(name));
  const drawBlock = (found) => {
    const { block, list, at, outer } = found;
    const tools = L.may ? [tool(say("up"), "arrow-up", () => L.move(-1), at === 0), tool(say("down"), "arrow-down", () => L.move(1), at === list.length - 1), tool(say("copy"), "copy", () => L.duplicate()), tool(say("remove"), "trash", () => L.remove())] : [];
    const parts = FIELDS[block.kind].map(one(block));
    if (block.kind === "social" && !L.given.places) parts.push(el("p", { class: "muted" }, say("no_places")));
    if (!outer) parts.push(choice(block, "background"), ...when(block));
    const back = el("button", { type: "button", class: "btn quiet small letter-form-back", onclick: () => L.choose("") }, icon("chevron-left"), say("letter"));
    place.replaceChildren(back, head(L.kinds[block.kind].name, tools), el("div", { class: "form" }, ...parts.filter(Boolean)));
  };
  const drawLetter = () => {
    const content = L.content();
    const own = el("input", { type: "checkbox", id: `letter-f${count += 1}`, disabled: !L.may });
    own.checked = content.is_text_own;
    own.addEventListener("change", () => { L.change(() => { content.is_text_own = own.checked; if (own.checked && !content.text) content.text = L.madeText || ""; }); L.redraw(); });
    const parts = [line(content, "subject", say("subject")), line(content, "preheader", say("preheader"), { long: 2 }), el("div", { class: "field check" }, own, el("label", { for: own.id }, say("own_text")))];
    if (content.is_text_own) parts.push(line(content, "text", say("text"), { long: 12, most: 60000 }));
    place.replaceChildren(head(say("letter")), el("div", { class: "form" }, ...parts));
  };
  const first = () => place.querySelector(".letter-rich-words") || place.querySelector("input:not([type=radio], [type=checkbox]), textarea") || place.querySelector("select");
  const draw = (focus) => {
    const found = L.place();
    if (found) drawBlock(found); else drawLetter();
    made = `${L.language}.${L.chosen}`;
    if (focus && found) first()?.focus();
  };
  L.parts.push((what) => { if (what.redraw || made !== `${L.language}.${L.chosen}`) draw(what.focus); });
})();
