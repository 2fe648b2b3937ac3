// ECharts for every [data-chart]: the option comes from the server as JSON, in the json_script element of that name.
// Colours, fonts, tooltips and number formats are set here, from the tokens in app.css and the page's language; series
// differ by dash and symbol as well as by colour, and by patterns in print and where the reader wants them.
import { BarChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, time, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { saveCsv, savePng } from "./chart-files.js";
import { formatter } from "./numbers.js";

use([AriaComponent, BarChart, LineChart, SankeyChart, ScatterChart, DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const SERIES_COLOURS = 8;
const MEANINGS = ["accent", "muted", "good", "warn", "bad", "tier-A", "tier-B", "tier-C"];
const DASHES = ["solid", "dashed", "dotted", [10, 3, 2, 3], [14, 4], [2, 6]];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"];
const PATTERNS = "kam.chart-patterns";
const charts = new Map();
const still = matchMedia("(prefers-reduced-motion: reduce)");

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const patterns = () => localStorage.getItem(PATTERNS) === "on";

/** The colours and fonts of a theme, or of the page as it looks now. */
function tokens(theme) {
  const probe = document.createElement("i");
  if (theme) probe.dataset.bsTheme = theme;
  document.body.append(probe);
  const style = getComputedStyle(theme ? probe : document.documentElement);
  const read = (name) => style.getPropertyValue(`--kam-${name}`).trim();
  const found = {
    palette: Array.from({ length: SERIES_COLOURS }, (_, i) => read(`chart-${i + 1}`)),
    meanings: Object.fromEntries(MEANINGS.map((name) => [name, read(name.toLowerCase())])),
    text: read("chart-text"),
    line: read("chart-line"),
    surface: read("chart-surface"),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return found;
}

/** Replaces the words accent, muted, good, bad, tier-A… by this theme's colours, at any depth. */
function paint(value, meanings) {
  if (Array.isArray(value)) return value.map((item) => paint(item, meanings));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      /color$/i.test(key) && typeof item === "string" ? (meanings[item] ?? item) : paint(item, meanings),
    ]),
  );
}

function axis(one, look, format) {
  const { kam, ...own } = one;
  const own_format = kam ? formatter(kam) : format;
  const days = kam?.date ? { axisPointer: { label: { formatter: ({ value }) => time.format(value, kam.date, false) } } } : {};
  return {
    ...days,
    ...own,
    axisLine: { lineStyle: { color: look.line }, ...own.axisLine },
    axisTick: { show: false, ...own.axisTick },
    splitLine: { show: own.type === "value" || own.type === "log", lineStyle: { color: look.line }, ...own.splitLine },
    nameTextStyle: { color: look.text, ...own.nameTextStyle },
    axisLabel: {
      color: look.text,
      hideOverlap: true,
      ...(own.type === "value" || own.type === "log" ? { formatter: own_format.axis } : {}),
      ...(kam?.date ? { formatter: kam.date } : {}),
      ...own.axisLabel,
    },
  };
}

/** What tells the nth line from the others without its colour. */
function stroke(own, nth, marked) {
  const size = nth === 0 ? 5 : 7;
  const style = { symbol: SYMBOLS[nth % SYMBOLS.length], symbolSize: size, showSymbol: marked && own.data?.length < 40 };
  return { style, line: { type: DASHES[nth % DASHES.length], ...own.lineStyle } };
}

function series(one, look, format, nth, marked) {
  const { kam, ...own } = one;
  const own_format = kam ? formatter(kam) : format;
  const line = own.type === "line" ? stroke(own, nth, marked) : null;
  return {
    ...line?.style,
    ...(own.type === "sankey" ? { nodeGap: 14, animation: false, emphasis: { focus: "adjacency" } } : {}),
    ...own,
    ...(line && !own.areaStyle ? { lineStyle: line.line } : {}),
    ...(own.markArea ? { markArea: { ...own.markArea, label: { color: look.text, textBorderWidth: 0, ...own.markArea.label } } } : {}),
    ...(own.type === "sankey" || own.label ? { label: { color: look.text, fontFamily: look.font, ...own.label } } : {}),
    tooltip: { valueFormatter: own_format.exact, ...own.tooltip },
  };
}

/** The server's option in this language and look: a theme (the page's), `marked` with patterns, `still` at once. */
function dress(raw, defaults, { theme, marked = patterns(), still: atOnce = false } = {}) {
  const look = tokens(theme);
  const { kam, ...option } = paint(raw, look.meanings);
  const format = formatter({ ...defaults, ...kam });
  const all = list(option.series);
  const names = all.filter((one) => one.name).length;
  const lines = all.filter((one) => one.type === "line");
  return {
    color: look.palette,
    aria: { enabled: true, label: { enabled: false }, decal: { show: marked } },
    animation: !still.matches && !atOnce,
    animationDuration: 250,
    ...option,
    textStyle: { fontFamily: look.font, color: look.text, ...option.textStyle },
    grid: option.grid ?? { left: 8, right: 12, top: names > 1 ? 36 : 16, bottom: 4, containLabel: true },
    legend: names > 1 || option.legend ? { top: 0, left: 0, itemWidth: lines.length > 1 ? 24 : 14, itemHeight: 10, ...(lines.length > 1 ? {} : { icon: "roundRect" }), ...option.legend, textStyle: { color: look.text, fontFamily: look.font } } : undefined,
    tooltip: {
      trigger: list(option.xAxis).some((one) => one.type === "category") ? "axis" : "item",
      axisPointer: { type: "shadow", shadowStyle: { opacity: 0.25 } },
      ...option.tooltip,
      renderMode: "richText",
      confine: true,
      backgroundColor: look.surface,
      borderColor: look.line,
      textStyle: { color: look.text, fontFamily: look.font, fontSize: 13 },
    },
    ...(option.xAxis ? { xAxis: list(option.xAxis).map((one) => axis(one, look, format)) } : {}),
    ...(option.yAxis ? { yAxis: list(option.yAxis).map((one) => axis(one, look, format)) } : {}),
    series: all.map((one) => series(one, look, format, lines.indexOf(one), marked)),
  };
}

function read(element) {
  const script = document.getElementById(element.dataset.chart);
  return script ? JSON.parse(script.textContent) : null;
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target)?.chart.resize();
});

function drawOne(element) {
  const raw = read(element);
  if (!raw) throw new Error(`no option for ${element.dataset.chart}`);
  const defaults = { number: element.dataset.number, currency: element.dataset.currency };
  const option = dress(raw, defaults);
  const chart = init(element, null, { renderer: "canvas" });
  chart.setOption(option);
  charts.set(element, { chart, raw, defaults });
  element.classList.add("is-drawn");
  sizes.observe(element);
}

function redraw(look) {
  for (const { chart, raw, defaults } of charts.values()) chart.setOption(dress(raw, defaults, look), true);
}

/** Draws what is new below `scope` and lets go of what has left the page. */
export function draw(scope) {
  for (const [element, { chart }] of charts) {
    if (element.isConnected) continue;
    sizes.unobserve(element);
    chart.dispose();
    charts.delete(element);
  }
  for (const element of scope.querySelectorAll("[data-chart]")) {
    if (charts.has(element)) continue;
    try {
      drawOne(element);
    } catch (error) {
      element.classList.add("is-failed");
      reportError(error);
    }
  }
  for (const box of scope.querySelectorAll("[data-chart-patterns]")) box.setAttribute("aria-checked", patterns());
}

document.addEventListener("kam:theme", () => redraw());

// On paper: light, with patterns, at once, and the tables open; afterwards as it was.
let opened = [];
let theme = "";
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.bsTheme;
  document.documentElement.dataset.bsTheme = "light";
  opened = [...document.querySelectorAll("[data-chart-frame] details:not([open])")];
  for (const details of opened) details.open = true;
  redraw({ theme: "light", marked: true, still: true });
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.bsTheme = theme;
  for (const details of opened) details.open = false;
  redraw();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-chart-save], [data-chart-patterns]");
  if (!item) return;
  if (item.matches("[data-chart-patterns]")) {
    localStorage.setItem(PATTERNS, patterns() ? "off" : "on");
    for (const box of document.querySelectorAll("[data-chart-patterns]")) box.setAttribute("aria-checked", patterns());
    redraw();
    return;
  }
  const frame = item.closest("[data-chart-frame]");
  const one = charts.get(frame.querySelector("[data-chart]"));
  const look = { theme: "light", still: true };
  if (item.dataset.chartSave === "csv") saveCsv(frame, one.raw.kam.table);
  else savePng(frame, (host) => init(host).setOption(dress(one.raw, one.defaults, look)), (host) => getInstanceByDom(host));
});
