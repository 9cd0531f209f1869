// Draws the network on a canvas: communities as places, zoom, search, keys. What is drawn comes ready placed from the server.
(() => {
  "use strict";
  const root = document.documentElement;
  const card = document.querySelector("[data-net]");
  const canvas = card?.querySelector("canvas");
  if (!canvas) return;
  const tip = card.querySelector(".net-tip");
  const said = card.querySelector(".net-said");
  const find = card.querySelector("[data-find]");
  const pen = canvas.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const [ID, NAME, X, Y, SIZE, TONE, PLACE] = [0, 1, 2, 3, 4, 5, 6];
  const view = { k: 1, x: 0, y: 0 };
  let people = [], ties = [], places = [], near = [], byWeight = [], radius = [], between = [];
  let width = 0, height = 0, smallest = 1, at = -1, over = -1, hits = null, waiting = false, colors = null, grid = new Map();

  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const color = (value) => { probe.style.color = value; return getComputedStyle(probe).color; };
  const theme = () => {
    const places_ = [1, 2, 3, 4, 5].map((n) => `var(--series-${n})`);
    const of = (index) => (places[index]?.number < 0 ? "var(--series-6)" : places_[index % places_.length]);
    colors = {
      ink: color("var(--ink)"), muted: color("var(--muted)"), surface: color("var(--surface)"), attn: color("var(--attn)"), brand: color("var(--brand)"), line: color("var(--neu)"),
      dot: places.map((_place, index) => color(of(index))),
      disc: places.map((_place, index) => color(`color-mix(in srgb, ${of(index)} 9%, var(--surface))`)),
      edge: places.map((_place, index) => color(`color-mix(in srgb, ${of(index)} 32%, var(--surface))`)),
      font: getComputedStyle(document.body).fontFamily,
    };
    document.querySelectorAll("[data-place]").forEach((mark) => { const index = places.findIndex((place) => place.number === Number(mark.dataset.place)); if (index >= 0) mark.style.background = colors.dot[index]; });
  };
  const number = (value, digits = 1) => value.toLocaleString(root.lang, { maximumFractionDigits: digits });

  // The view
  const toX = (x) => x * view.k + view.x;
  const toY = (y) => y * view.k + view.y;
  const ask = () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } };
  const bounds = () => places.reduce((box, place) => [Math.min(box[0], place.x - place.r), Math.min(box[1], place.y - place.r), Math.max(box[2], place.x + place.r), Math.max(box[3], place.y + place.r)], [Infinity, Infinity, -Infinity, -Infinity]);
  const fit = () => {
    const [left, top, right, bottom] = bounds();
    const k = Math.min((width - 32) / (right - left), (height - 40) / (bottom - top));
    smallest = k * 0.6;
    return { k: Math.min(k, 60), x: width / 2 - Math.min(k, 60) * (left + right) / 2, y: height / 2 - Math.min(k, 60) * (top + bottom) / 2 };
  };
  let flight = 0;
  const fly = (to) => {
    cancelAnimationFrame(flight);
    if (still.matches) { Object.assign(view, to); ask(); return; }
    const from = { ...view }, begun = performance.now();
    const step = (now) => {
      const part = Math.max(0, Math.min(1, (now - begun) / 220)), eased = 1 - (1 - part) ** 3;
      for (const key of ["k", "x", "y"]) view[key] = from[key] + (to[key] - from[key]) * eased;
      draw();
      if (part < 1) flight = requestAnimationFrame(step);
    };
    flight = requestAnimationFrame(step);
  };
  const zoomed = (factor, x = width / 2, y = height / 2) => {
    const k = Math.max(smallest, Math.min(160, view.k * factor));
    return { k, x: x - (x - view.x) * k / view.k, y: y - (y - view.y) * k / view.k };
  };
  const centred = (index, k = Math.max(view.k, 26)) => ({ k, x: width / 2 - people[index][X] * k, y: height / 2 - people[index][Y] * k });

  // What is drawn
  const isNear = (x, y, r) => x + r > 0 && x - r < width && y + r > 0 && y - r < height;
  const dotSize = (index) => Math.max(1, radius[index] * view.k);
  const drawPlaces = () => {
    places.forEach((place, index) => {
      const [x, y, r] = [toX(place.x), toY(place.y), place.r * view.k];
      if (!isNear(x, y, r)) return;
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.fillStyle = colors.disc[index];
      pen.fill();
      pen.strokeStyle = colors.edge[index];
      pen.lineWidth = 1;
      pen.stroke();
    });
  };
  const drawBetween = (alpha) => {
    pen.strokeStyle = colors.line;
    for (const [one, other, weight] of between) {
      const [a, b] = [places[one], places[other]];
      const [x1, y1, x2, y2] = [toX(a.x), toY(a.y), toX(b.x), toY(b.y)];
      pen.globalAlpha = alpha * (0.12 + 0.38 * weight);
      pen.lineWidth = 0.6 + 4 * weight;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.quadraticCurveTo((x1 + x2) / 2 + (y2 - y1) * 0.12, (y1 + y2) / 2 - (x2 - x1) * 0.12, x2, y2);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  };
  const drawTies = (alpha, chosen) => {
    // A hub with a thousand ties is a haze, someone with three has lines.
    const mineAlpha = chosen >= 0 ? Math.max(0.16, Math.min(0.75, 24 / near[chosen].length)) : 0;
    const dense = Math.max(0.4, Math.min(1, 4000 / ties.length));
    for (const [one, other] of ties) {
      const mine = chosen >= 0 && (one === chosen || other === chosen);
      if (chosen >= 0 && !mine && alpha < 0.05) continue;
      const [a, b] = [people[one], people[other]];
      const [x1, y1, x2, y2] = [toX(a[X]), toY(a[Y]), toX(b[X]), toY(b[Y])];
      if (Math.max(x1, x2) < 0 || Math.min(x1, x2) > width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > height) continue;
      const same = a[PLACE] === b[PLACE];
      pen.strokeStyle = mine ? colors.ink : same ? colors.dot[a[PLACE]] : colors.line;
      pen.globalAlpha = mine ? mineAlpha : alpha * dense * (same ? 0.42 : 0.28);
      pen.lineWidth = mine && mineAlpha > 0.5 ? 1.4 : 0.8;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  };
  const drawDots = () => {
    people.forEach((person, index) => {
      const [x, y, r] = [toX(person[X]), toY(person[Y]), dotSize(index)];
      if (!isNear(x, y, r + 2)) return;
      pen.globalAlpha = hits && !hits.has(index) ? 0.18 : 1;
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.fillStyle = colors.dot[person[PLACE]];
      pen.fill();
      if (r > 3) { pen.lineWidth = person[TONE] < 0 ? Math.max(1.5, r * 0.28) : 1; pen.strokeStyle = person[TONE] < 0 ? colors.attn : colors.surface; pen.stroke(); }
    });
    pen.globalAlpha = 1;
    for (const index of new Set([at, over])) {
      if (index < 0) continue;
      const person = people[index];
      pen.beginPath();
      pen.arc(toX(person[X]), toY(person[Y]), dotSize(index) + 4, 0, 7);
      pen.lineWidth = 2;
      pen.strokeStyle = index === at ? colors.brand : colors.ink;
      pen.stroke();
    }
  };
  // Words stand where no other word stands already; the weightiest choose first.
  const words = () => {
    const taken = [];
    const put = (text, x, y, size, weight, fill) => {
      pen.font = `${weight} ${size}px ${colors.font}`;
      const wide = pen.measureText(text).width;
      const box = [x - wide / 2 - 4, y - size / 2 - 3, x + wide / 2 + 4, y + size / 2 + 3];
      if (box[0] < 2 || box[2] > width - 2 || box[1] < 2 || box[3] > height - 2) return false;
      if (taken.some((each) => box[0] < each[2] && box[2] > each[0] && box[1] < each[3] && box[3] > each[1])) return false;
      taken.push(box);
      pen.lineWidth = 4;
      pen.lineJoin = "round";
      pen.strokeStyle = colors.surface;
      pen.strokeText(text, x, y);
      pen.fillStyle = fill;
      pen.fillText(text, x, y);
      return true;
    };
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const index of new Set([at, over])) if (index >= 0) put(people[index][NAME], toX(people[index][X]), toY(people[index][Y]) - dotSize(index) - 13, 13, 600, colors.ink);
    places.forEach((place) => {
      const r = place.r * view.k;
      if (r < 16) return;
      const label = place.short.length > 28 ? `${place.short.slice(0, 27)}…` : place.short;
      const size = Math.max(12, Math.min(17, r / 5));
      const [x, top] = [toX(place.x), toY(place.y) - r];
      // On its rim, so that the people within stay clear; where the rim is out of sight, at the top edge.
      if (isNear(x, toY(place.y), r)) put(label, Math.max(90, Math.min(width - 90, x)), Math.max(16, top + 2), size, 650, colors.ink) || put(label, x, toY(place.y), size, 650, colors.ink);
    });
    let left = hits ? 40 : Math.min(60, Math.round(6 + view.k * 2));
    for (const index of hits ? [...hits] : byWeight) {
      if (left <= 0) break;
      const person = people[index], r = dotSize(index);
      if (!hits && r < 4) break;
      const [x, y] = [toX(person[X]), toY(person[Y])];
      if (isNear(x, y, 0) && put(person[NAME].length > 24 ? `${person[NAME].slice(0, 23)}…` : person[NAME], x, y + r + 9, 12, 500, colors.ink)) left -= 1;
    }
  };
  const draw = () => {
    if (!colors || !width) return;
    const ratio = devicePixelRatio || 1;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    // From afar ties between communities, from near those between people.
    const close = people.length < 600 ? 1 : Math.max(0, Math.min(1, (view.k - 5) / 6));
    const chosen = over >= 0 ? over : at;
    drawPlaces();
    if (close < 1) drawBetween(1 - close);
    if (close > 0 || chosen >= 0) drawTies(chosen >= 0 ? close * 0.35 : close, chosen);
    drawDots();
    words();
  };

  // Who is under the pointer
  const CELL = 2;
  const cell = (x, y) => `${Math.floor(x / CELL)},${Math.floor(y / CELL)}`;
  const under = (px, py) => {
    const [x, y] = [(px - view.x) / view.k, (py - view.y) / view.k];
    let best = -1, nearest = Math.max(0.5, 9 / view.k);
    const reach = Math.min(6, Math.ceil(nearest / CELL));
    for (let dx = -reach; dx <= reach; dx += 1) for (let dy = -reach; dy <= reach; dy += 1) {
      for (const index of grid.get(cell(x + dx * CELL, y + dy * CELL)) ?? []) {
        const far = Math.hypot(people[index][X] - x, people[index][Y] - y) - radius[index];
        if (far < nearest && (!hits || hits.has(index))) { nearest = far; best = index; }
      }
    }
    return best;
  };
  const placeUnder = (px, py) => {
    const [x, y] = [(px - view.x) / view.k, (py - view.y) / view.k];
    return places.findIndex((place) => Math.hypot(place.x - x, place.y - y) < place.r);
  };
  const make = (tag, text) => { const made = document.createElement(tag); made.textContent = text; return made; };
  const showTip = (index, x, y) => {
    tip.hidden = index < 0;
    if (index < 0) return;
    const person = people[index];
    const line = (name, value) => { const row = make("span", ""); row.append(make("span", name), make("em", value)); return row; };
    tip.replaceChildren(make("b", person[NAME]), line(said.dataset.influence, number(person[TONE])), line(said.dataset.community, places[person[PLACE]].label), line(said.dataset.ties, number(near[index].length)));
    const box = tip.getBoundingClientRect();
    tip.style.transform = `translate(${Math.max(4, Math.min(width - box.width - 4, x + 14))}px, ${Math.max(4, Math.min(height - box.height - 4, y + 14))}px)`;
  };
  const hover = (index, x, y) => {
    if (index !== over) { over = index; canvas.classList.toggle("over", index >= 0); ask(); }
    showTip(index, x, y);
  };
  const open = (index) => { location.assign(`${card.dataset.people}${people[index][ID]}/`); };
  const go = (index, zoom = true) => {
    at = index;
    const person = people[index];
    said.textContent = said.dataset.words.replace("{name}", person[NAME]).replace("{community}", places[person[PLACE]].label).replace("{value}", number(person[TONE]));
    const [x, y] = [toX(person[X]), toY(person[Y])];
    if (zoom && (view.k < 8 || x < 60 || y < 60 || x > width - 60 || y > height - 60)) fly(centred(index, Math.max(view.k, Math.min(26, 14))));
    else ask();
  };

  // Pointers: drag moves, wheel and two fingers zoom, a click opens
  const pointers = new Map();
  let moved = 0, apart = 0;
  const local = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); pointers.set(event.pointerId, local(event)); moved = 0; apart = 0; });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = local(event);
    if (!pointers.has(event.pointerId)) { hover(under(x, y), x, y); return; }
    const [lastX, lastY] = pointers.get(event.pointerId);
    pointers.set(event.pointerId, [x, y]);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      const gap = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (apart) Object.assign(view, zoomed(gap / apart, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
      apart = gap;
      moved = 99;
    } else { view.x += x - lastX; view.y += y - lastY; moved += Math.abs(x - lastX) + Math.abs(y - lastY); }
    if (moved > 4) { canvas.classList.add("dragged"); hover(-1, x, y); }
    ask();
  });
  const lift = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    canvas.classList.remove("dragged");
    if (event.type === "pointercancel" || moved > 4 || pointers.size) return;
    const [x, y] = local(event), index = under(x, y);
    if (index >= 0) { if (event.pointerType === "touch" && at !== index) { go(index, false); showTip(index, x, y); } else open(index); return; }
    const place = places[placeUnder(x, y)];
    if (place) { const k = Math.max(view.k * 1.2, Math.min(40, 0.42 * Math.min(width, height) / place.r)); fly({ k, x: width / 2 - place.x * k, y: height / 2 - place.y * k }); }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", (event) => { if (!pointers.size) hover(-1, ...local(event)); });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); cancelAnimationFrame(flight); Object.assign(view, zoomed(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...local(event))); ask(); }, { passive: false });

  // Keys: arrows to the nearest person that way, Enter opens
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const towards = ([dx, dy]) => {
    if (at < 0) return byWeight[0];
    let best = at, least = Infinity;
    people.forEach((person, index) => {
      const [x, y] = [person[X] - people[at][X], person[Y] - people[at][Y]];
      const along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (index === at || along <= 0 || aside > 2 * along) return;
      const cost = along + 2 * aside;
      if (cost < least) { least = cost; best = index; }
    });
    return best;
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (ARROWS[event.key]) { done(); go(towards(ARROWS[event.key])); }
    else if (event.key === "Enter" && at >= 0) { done(); open(at); }
    else if (event.key === "+" || event.key === "=") { done(); fly(zoomed(1.6)); }
    else if (event.key === "-") { done(); fly(zoomed(1 / 1.6)); }
    else if (event.key === "0") { done(); fly(fit()); }
    else if (event.key === "Escape") { at = -1; said.textContent = ""; ask(); }
  });
  card.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    const { zoom } = button.dataset;
    fly(zoom === "fit" ? fit() : zoomed(zoom === "in" ? 1.6 : 1 / 1.6));
  }));

  // Search
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let folded = [];
  find.addEventListener("input", () => {
    const asked = plain(find.value.trim());
    hits = asked ? new Set(byWeight.filter((index) => folded[index].includes(asked))) : null;
    said.textContent = !hits ? "" : hits.size ? said.dataset.found.replace("{n}", number(hits.size, 0)) : said.dataset.none;
    ask();
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !hits?.size) return;
    event.preventDefault();
    const list = [...hits];
    const next = list[(list.indexOf(at) + 1) % list.length];
    at = next;
    go(next, false);
    fly(centred(next));
  });

  // Begin
  const prepare = (data) => {
    ({ people, ties, places } = data);
    radius = people.map((person) => 0.2 + Math.min(0.75, 0.16 * person[SIZE]));
    byWeight = people.map((_person, index) => index).sort((a, b) => people[b][SIZE] - people[a][SIZE]);
    folded = people.map((person) => plain(person[NAME]));
    near = people.map(() => []);
    const sums = new Map();
    for (const [one, other, weight] of ties) {
      near[one].push(other);
      near[other].push(one);
      const [a, b] = [people[one][PLACE], people[other][PLACE]].sort((x, y) => x - y);
      if (a !== b) sums.set(`${a},${b}`, (sums.get(`${a},${b}`) ?? 0) + weight);
    }
    const most = Math.max(...sums.values(), 1e-9);
    between = [...sums].map(([key, weight]) => [...key.split(",").map(Number), Math.sqrt(weight / most)]).sort((a, b) => b[2] - a[2]).slice(0, 160);
    people.forEach((person, index) => { const key = cell(person[X], person[Y]); if (!grid.has(key)) grid.set(key, []); grid.get(key).push(index); });
    theme();
    resize();
    Object.assign(view, fit());
    draw();
    card.classList.add("drawn");
  };
  const resize = () => {
    const box = canvas.parentElement.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    const first = !width;
    const [dx, dy] = [(box.width - width) / 2, (box.height - height) / 2];
    width = box.width;
    height = box.height;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    if (!first) { view.x += dx; view.y += dy; }
    draw();
  };
  new ResizeObserver(() => { if (people.length) resize(); }).observe(canvas.parentElement);
  const recolour = () => { if (people.length) { theme(); draw(); } };
  document.addEventListener("vincle:theme", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  fetch(card.dataset.net, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status))).then(prepare).catch(() => card.classList.add("failed"));
})();
