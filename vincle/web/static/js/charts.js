// Draws <figure data-chart="ID OF THE ELEMENT WITH THE JSON"> with ECharts, loaded only where there is a chart. Colours come from tokens.css.
(() => {
  "use strict";
  const root = document.documentElement;
  const figures = (inside = document) => [...inside.querySelectorAll("figure[data-chart]"), ...(inside.matches?.("figure[data-chart]") ? [inside] : [])];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let loading = null;
  const library = () => {
    loading ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = document.querySelector('meta[name="vincle-echarts"]').content;
      script.onload = () => done(window.echarts);
      script.onerror = failed;
      document.head.append(script);
    });
    return loading;
  };

  // A colour as the theme of this moment gives it (custom properties hold light-dark() pairs).
  const probe = document.createElement("span");
  probe.hidden = true;
  const color = (name) => {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const mixed = (name, share) => {
    probe.style.color = `color-mix(in srgb, var(--${name}) ${share}%, var(--surface))`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
    const scale = getComputedStyle(probe).color.startsWith("color(") ? 255 : 1;
    return `rgb(${Math.round(r * scale)}, ${Math.round(g * scale)}, ${Math.round(b * scale)})`;
  };
  const series = (index, data) => color(data?.tones?.[index] || `series-${(index % 6) + 1}`);
  const font = () => getComputedStyle(document.body).fontFamily;
  const shown = (value) => (typeof value === "number" ? value.toLocaleString(root.lang, { maximumFractionDigits: 2 }) : value ?? "–");

  const make = (tag, css, text) => { const made = document.createElement(tag); if (css) made.className = css; if (text !== undefined) made.textContent = text; return made; };
  const tip = (title, rows) => {
    const box = make("div", "tip");
    box.append(make("b", "", title));
    for (const [name, value, fill] of rows) {
      const line = make("span");
      if (fill) { const key = make("i"); key.style.background = fill; line.append(key); }
      line.append(make("span", "", name), make("em", "", shown(value)));
      box.append(line);
    }
    return box;
  };

  const axisText = () => ({ color: color("muted"), fontSize: 11, fontFamily: font(), hideOverlap: true });
  const categories = (data, more = {}) => ({
    type: "category", data: data.rows.map((row) => row[0]), axisTick: { show: false }, axisLine: { lineStyle: { color: color("line") } }, axisLabel: axisText(), ...more,
  });
  const values = (more = {}) => ({
    type: "value", minInterval: 1, splitNumber: 3, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...axisText(), formatter: (value) => shown(value) }, splitLine: { lineStyle: { color: color("line"), type: [2, 4] } }, ...more,
  });
  const tooltip = (trigger, formatter) => ({
    trigger, formatter, confine: true, appendTo: undefined, transitionDuration: 0, backgroundColor: color("raised"), borderColor: color("line"), borderWidth: 1, padding: [8, 11],
    textStyle: { color: color("ink"), fontFamily: font(), fontSize: 13 }, axisPointer: { type: trigger === "axis" ? "line" : "none", lineStyle: { color: color("neu"), type: [2, 3] } },
  });
  const column = (data, place) => data.rows.map((row) => row[place]);
  const endLabel = (name, fill, on) => ({ show: on, formatter: name, color: fill, fontFamily: font(), fontSize: 12, fontWeight: 550, distance: 6 });

  const lineOf = (data) => {
    const names = data.columns.slice(1);
    const many = names.length > 1;
    const list = names.map((name, index) => ({
      type: "line", name, data: column(data, index + 1), animation: !column(data, index + 1).includes(null), symbol: "circle", symbolSize: 7, showSymbol: false, showAllSymbol: false, lineStyle: { width: 2, color: series(index, data), type: index % 3 === 1 ? [6, 4] : index % 3 === 2 ? [2, 3] : "solid" },
      itemStyle: { color: series(index, data) }, emphasis: { disabled: false, focus: many ? "series" : "none" }, endLabel: endLabel(name, series(index, data), many && (data.rows.at(-1)?.[index + 1] ?? null) !== null), z: 4,
    }));
    if (data.band) {
      const flat = { type: "line", stack: "band", symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false }, z: 1 };
      list.unshift(
        { ...flat, name: "low", data: data.band.map((pair) => pair?.[0] ?? null) },
        { ...flat, name: "high", data: data.band.map((pair) => (pair ? pair[1] - pair[0] : null)), areaStyle: { color: color("band"), opacity: 1 } },
      );
    }
    if (data.events?.length) {
      const first = list[data.band ? 2 : 0];
      const points = column(data, 1);
      first.markPoint = {
        symbol: "circle", symbolSize: 9, animation: false, itemStyle: { color: color("attn"), borderColor: color("surface"), borderWidth: 2 },
        data: data.events.map((event) => ({
          coord: [event.at, points[event.at]], value: event.label, href: event.href,
          // Above its point, where the line seldom runs; at either end it grows inwards.
          label: { formatter: event.label, position: "top", distance: 8, align: event.at > points.length * 0.85 ? "right" : event.at < points.length * 0.15 ? "left" : "center", color: color("attn"), textBorderColor: color("surface"), textBorderWidth: 4, fontSize: 12, fontWeight: 600, fontFamily: font() },
        })),
      };
    }
    return {
      grid: { left: 4, right: many ? Math.min(130, 16 + 7 * Math.max(...names.map((name) => name.length))) : 14, top: 22, bottom: 2, containLabel: true }, xAxis: categories(data, { boundaryGap: false, axisLabel: { ...axisText(), alignMinLabel: "left", alignMaxLabel: "right" } }), yAxis: values(), series: list,
      tooltip: tooltip("axis", (items) => tip(items[0].axisValue, items.filter((item) => !["low", "high"].includes(item.seriesName)).map((item) => [item.seriesName, item.value, item.color]))),
    };
  };

  const decal = (index) => [undefined, { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color: mixed("surface", 100) }, undefined][index % 3];
  const barsOf = (data, stacked) => {
    const names = data.columns.slice(1);
    const upright = stacked || data.rows.length > 12 || data.upright;
    const list = names.map((name, index) => ({
      type: "bar", name, data: column(data, index + 1), stack: stacked ? "all" : undefined, barMaxWidth: upright ? 28 : 18, barCategoryGap: "34%",
      itemStyle: { color: series(index, data), borderRadius: stacked ? 0 : 3, borderColor: color("surface"), borderWidth: stacked ? 1 : 0, decal: decal(index) },
      label: upright ? undefined : { show: names.length === 1, position: "right", formatter: (item) => shown(item.value), color: color("ink"), fontFamily: font(), fontSize: 12, fontWeight: 550 },
    }));
    const along = categories(data, upright ? {} : { inverse: true, axisLine: { show: false }, axisLabel: { ...axisText(), fontSize: 13, color: color("ink"), width: 140, overflow: "truncate" } });
    const across = values(upright ? {} : { axisLabel: { show: names.length > 1 }, splitLine: { show: false } });
    return {
      grid: { left: 4, right: upright ? 8 : 44, top: names.length > 1 ? 30 : 10, bottom: 2, containLabel: true }, xAxis: upright ? along : across, yAxis: upright ? across : along, series: list,
      tooltip: tooltip("axis", (items) => tip(items[0].axisValue, items.map((item) => [item.seriesName, item.value, item.color]))),
    };
  };

  const heatOf = (data) => {
    const points = data.rows.flatMap((row, y) => row.slice(1).map((value, x) => [x, y, value]));
    const top = Math.max(1, ...points.map((point) => point[2] ?? 0));
    const plain = { type: "category", axisTick: { show: false }, axisLine: { show: false }, axisLabel: axisText(), splitArea: { show: false } };
    return {
      grid: { left: 4, right: 4, top: 4, bottom: 2, containLabel: true }, xAxis: { ...plain, data: data.columns.slice(1) }, yAxis: { ...plain, inverse: true, data: data.rows.map((row) => row[0]) },
      visualMap: { show: false, min: 0, max: top, inRange: { color: [mixed("brand", 5), mixed("brand", 45), color("brand"), color("rung-creator")] } },
      series: [{ type: "heatmap", data: points, itemStyle: { borderColor: color("surface"), borderWidth: 2, borderRadius: 3 }, emphasis: { itemStyle: { borderColor: color("ink"), borderWidth: 1 } } }],
      tooltip: tooltip("item", (item) => tip(`${data.rows[item.value[1]][0]} ${data.columns[item.value[0] + 1]}`, [[data.unit ?? "", item.value[2], item.color]])),
    };
  };

  const scatterOf = (data) => {
    const shape = (index) => data.shapes?.[data.marks?.[index]] ?? ["circle"];
    const fill = (index) => (shape(index)[1] ? color(shape(index)[1]) : series(0));
    // Of amounts few of which are large: each tenfold takes the same room, and nothing stands at nothing.
    const at = (value) => (data.logarithmic ? Math.sign(value) * Math.log10(1 + Math.abs(value)) : value);
    const ends = [1, 2].map((place) => { const all = data.rows.map((row) => at(row[place])); return [Math.min(0, ...all), Math.max(...all) || 1]; });
    const top = Math.max(ends[1][1], data.logarithmic ? 1 : 0) + 0.16 * (ends[1][1] - ends[1][0] || 1);
    // Names that would stand on one another: the first stays.
    const named = new Set();
    data.labels?.forEach((label, index) => {
      const near = (other) => [0, 1].every((side) => Math.abs(at(data.rows[index][side + 1]) - at(data.rows[other][side + 1])) < (side ? 0.09 : 0.24) * (ends[side][1] - ends[side][0]));
      if (label && ![...named].some(near)) named.add(index);
    });
    const corners = () => ({
      type: "scatter", silent: true, symbolSize: 1, itemStyle: { color: "transparent" }, tooltip: { show: false },
      data: data.guides && data.corners ? data.corners.map((words, index) => ({
        value: [at(data.guides[0]), index < 2 ? top - 0.05 * (top - ends[1][0]) : ends[1][0]],
        label: { show: Boolean(words), formatter: () => words, position: index % 2 ? "right" : "left", distance: 8, color: color("muted"), fontFamily: font(), fontSize: 12, fontStyle: "italic" },
      })) : [],
    });
    const middle = (value, index) => ({ [index ? "yAxis" : "xAxis"]: at(value) });
    const axis = (place, more) => {
      if (!data.logarithmic) return values(more);
      const all = data.rows.map((row) => row[place]);
      const marks = [0, 1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9].filter((mark) => mark <= Math.max(10, ...all));
      if (Math.min(0, ...all) < 0) marks.unshift(...marks.filter((mark) => mark && mark <= Math.abs(Math.min(...all))).map((mark) => -mark).reverse());
      const spots = marks.map(at);
      return values({ ...more, minInterval: 0, min: at(Math.min(0, ...all)) - 0.08, max: place === 2 && data.corners ? top : at(Math.max(10, ...all)) + 0.15, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: color("line") } }, axisTick: { show: true, customValues: spots, lineStyle: { color: color("line") } }, axisLabel: { ...axisText(), customValues: spots, formatter: (value) => shown(Math.sign(value) * Math.round(10 ** Math.abs(value) - 1)) } });
    };
    return {
      grid: { left: 8, right: 16, top: 28, bottom: 30, containLabel: true },
      xAxis: axis(1, { name: data.columns[1], nameLocation: "middle", nameGap: 28, nameTextStyle: axisText() }), yAxis: axis(2, { ...(data.corners && !data.logarithmic ? { max: top } : {}), name: data.columns[2], nameTextStyle: { ...axisText(), align: "left" } }),
      series: [corners(), {
        type: "scatter", symbolSize: 10,
        data: data.rows.map((row, index) => ({
          name: row[0], value: [at(row[1]), at(row[2])], symbol: shape(index)[0], symbolSize: data.labels?.[index] ? 12 : 9, z: data.labels?.[index] ? 3 : 2, itemStyle: { color: fill(index), opacity: data.shapes && !data.marks[index] ? 0.4 : 0.8 },
          label: { show: named.has(index), formatter: () => data.labels[index], position: "right", distance: 5, color: color("ink"), textBorderColor: color("surface"), textBorderWidth: 3, fontFamily: font(), fontSize: 12 },
        })),
        itemStyle: { color: series(0), opacity: 0.75 },
        markLine: data.guides ? { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: color("neu"), type: [3, 4], width: 1 }, data: data.guides.map(middle) } : undefined,
      }],
      tooltip: tooltip("item", (item) => tip(item.name, [1, 2].map((place) => [data.columns[place], data.rows[item.dataIndex][place]]))),
    };
  };

  const builders = { line: lineOf, bars: (data) => barsOf(data, false), stacked: (data) => barsOf(data, true), heat: heatOf, scatter: scatterOf };

  // Names of several bars, above them instead of a separate legend.
  const legend = (figure, data) => {
    if (!["bars", "stacked"].includes(data.kind) || data.columns.length < 3) return;
    let keys = figure.querySelector(".chart-keys");
    if (!keys) { keys = make("div", "chart-keys"); keys.setAttribute("aria-hidden", "true"); figure.querySelector(".plot").before(keys); }
    keys.replaceChildren(...data.columns.slice(1).map((name, index) => { const key = make("span", "", name); const mark = make("i"); mark.style.background = series(index, data); key.prepend(mark); return key; }));
  };

  const hrefOf = (data, item) => {
    if (item.data?.href) return item.data.href;
    const rows = data.hrefs;
    if (!rows) return "";
    if (data.kind === "heat") return [].concat(rows[item.value[1]] ?? "")[item.value[0]] ?? "";
    const row = rows[item.dataIndex];
    return Array.isArray(row) ? row[item.seriesIndex - (data.band ? 2 : 0)] ?? "" : row ?? "";
  };

  // Names at the ends of lines, moved apart where lines end close together.
  const spread = (chart, data) => {
    if (data.kind !== "line" || data.columns.length < 3) return;
    const first = data.band ? 2 : 0;
    const ends = data.columns.slice(1).map((_name, index) => {
      const row = data.rows.findLast((each) => each[index + 1] != null);
      return { index: index + first, at: row ? chart.convertToPixel({ yAxisIndex: 0 }, row[index + 1]) : 0 };
    }).sort((a, b) => a.at - b.at);
    let last = -Infinity;
    const list = [];
    for (const end of ends) { const y = Math.max(end.at, last + 15); last = y; list[end.index] = { endLabel: { offset: [0, y - end.at] } }; }
    const over = Math.max(0, last - (chart.getHeight() - 22));
    chart.setOption({ series: Array.from(list, (each) => (each ? { endLabel: { offset: [0, each.endLabel.offset[1] - over] } } : {})) });
  };

  const draw = async (figure) => {
    const plot = figure.querySelector(".plot");
    const source = document.getElementById(figure.dataset.chart);
    if (!plot || !source) return;
    const data = JSON.parse(source.textContent);
    const echarts = await library();
    const title = figure.querySelector("h2")?.textContent ?? "";
    const sentence = figure.querySelector("header p")?.textContent ?? "";
    echarts.getInstanceByDom(plot)?.dispose();
    const chart = echarts.init(plot, null, { renderer: "svg" });
    chart.setOption({
      animation: !still.matches, animationDuration: 150, textStyle: { fontFamily: font() },
      aria: { enabled: true, decal: { show: false }, label: { enabled: true, description: [title, sentence].filter(Boolean).join(". ") } }, ...builders[data.kind](data),
    });
    plot.setAttribute("role", "img");
    spread(chart, data);
    legend(figure, data);
    chart.on("click", (item) => { const href = hrefOf(data, item); if (href) location.assign(href); });
    chart.on("mouseover", (item) => { plot.style.cursor = hrefOf(data, item) ? "pointer" : "default"; });
    if (["line", "stacked", "bars"].includes(data.kind) && data.hrefs) {
      chart.getZr().on("click", (event) => {
        if (event.target) return;
        const [x, y] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) ?? [];
        const index = chart.getOption().xAxis[0].type === "category" ? x : y;
        const row = data.hrefs[index];
        if (chart.containPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) && typeof row === "string" && row) location.assign(row);
      });
    }
    figure.classList.add("drawn");
    figure.chart = chart;
    figure.fit = () => { chart.resize(); spread(chart, data); };
    sizes.observe(plot);
  };
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => {
    const figure = entry.target.closest("figure");
    if (figure?.chart && entry.contentRect.width && !figure.chart.isDisposed()) figure.fit();
  }));

  // Downloads
  const save = (blob, name) => { const link = make("a"); link.href = URL.createObjectURL(blob); link.download = name; link.click(); setTimeout(() => URL.revokeObjectURL(link.href), 5000); };
  const cell = (value) => { const text = value == null ? "" : String(value); const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
  const asCsv = (data) => `\ufeff${[data.columns, ...data.rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
  const asPng = (svg, done) => {
    const { width, height } = svg.getBoundingClientRect();
    const image = new Image();
    image.onload = () => {
      const canvas = Object.assign(make("canvas"), { width: width * 2, height: height * 2 });
      const pen = canvas.getContext("2d");
      pen.fillStyle = color("surface");
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(done);
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  };
  document.addEventListener("click", (event) => {
    const figure = event.target.closest("figure[data-chart]");
    const table = event.target.closest("[data-table]");
    const button = event.target.closest("[data-save]");
    if (figure && table) {
      const on = table.getAttribute("aria-pressed") !== "true";
      table.setAttribute("aria-pressed", String(on));
      figure.classList.toggle("as-table", on);
    }
    if (figure && button) {
      const svg = figure.querySelector(".plot svg");
      if (button.dataset.save === "csv") save(new Blob([asCsv(JSON.parse(document.getElementById(figure.dataset.chart).textContent))], { type: "text/csv" }), `${figure.id}.csv`);
      else if (svg && button.dataset.save === "svg") save(new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }), `${figure.id}.svg`);
      else if (svg) asPng(svg, (blob) => save(blob, `${figure.id}.png`));
      button.closest("details").open = false;
    }
  });

  const drawAll = (inside) => figures(inside).forEach((figure) => draw(figure).catch(() => figure.classList.remove("drawn")));
  document.addEventListener("vincle:theme", () => drawAll(document));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (root.dataset.theme === "auto") drawAll(document); });
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
  document.addEventListener("htmx:beforeCleanupElement", (event) => { const { chart } = event.detail.elt; if (chart && !chart.isDisposed()) chart.dispose(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => drawAll(document));
  else drawAll(document);
})();
