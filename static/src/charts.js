// ECharts for every [data-chart]: the option comes from the server as JSON (a json_script element, or data-chart-url).
// Colours, fonts, tooltips and number formats are set here, from the tokens in app.css and the page's language.
import { BarChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { formatter } from "./numbers.js";

use([BarChart, LineChart, SankeyChart, ScatterChart, DatasetComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

const SERIES_COLOURS = 8;
const MEANINGS = ["accent", "muted", "good", "bad", "tier-A", "tier-B", "tier-C"];
const charts = new Map();
const still = matchMedia("(prefers-reduced-motion: reduce)");

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The colours and fonts of the page as it looks now. */
function tokens() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--kam-${name}`).trim();
  return {
    palette: Array.from({ length: SERIES_COLOURS }, (_, i) => read(`chart-${i + 1}`)),
    meanings: Object.fromEntries(MEANINGS.map((name) => [name, read(name.toLowerCase())])),
    text: read("chart-text"),
    line: read("chart-line"),
    surface: read("chart-surface"),
    font: getComputedStyle(document.body).fontFamily,
  };
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
  return {
    ...own,
    axisLine: { lineStyle: { color: look.line }, ...own.axisLine },
    axisTick: { show: false, ...own.axisTick },
    splitLine: { show: own.type === "value" || own.type === "log", lineStyle: { color: look.line }, ...own.splitLine },
    nameTextStyle: { color: look.text, ...own.nameTextStyle },
    axisLabel: {
      color: look.text,
      hideOverlap: true,
      ...(own.type === "value" || own.type === "log" ? { formatter: own_format.axis } : {}),
      ...own.axisLabel,
    },
  };
}

function series(one, look, format) {
  const { kam, ...own } = one;
  const own_format = kam ? formatter(kam) : format;
  return {
    ...(own.type === "line" ? { symbol: "circle", symbolSize: 5, showSymbol: false } : {}),
    ...(own.type === "sankey" ? { nodeGap: 14, animation: false, emphasis: { focus: "adjacency" } } : {}),
    ...own,
    ...(own.markArea ? { markArea: { ...own.markArea, label: { color: look.text, textBorderWidth: 0, ...own.markArea.label } } } : {}),
    ...(own.type === "sankey" || own.label ? { label: { color: look.text, fontFamily: look.font, ...own.label } } : {}),
    tooltip: { valueFormatter: own_format.exact, ...own.tooltip },
  };
}

/** The server's option in this theme and language. */
function dress(raw, defaults) {
  const look = tokens();
  const { kam, ...option } = paint(raw, look.meanings);
  const format = formatter({ ...defaults, ...kam });
  const names = list(option.series).filter((one) => one.name).length;
  return {
    color: look.palette,
    animation: !still.matches,
    animationDuration: 250,
    ...option,
    textStyle: { fontFamily: look.font, color: look.text, ...option.textStyle },
    grid: option.grid ?? { left: 8, right: 12, top: names > 1 ? 36 : 16, bottom: 4, containLabel: true },
    legend: names > 1 || option.legend ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: "roundRect", ...option.legend, textStyle: { color: look.text, fontFamily: look.font } } : undefined,
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
    series: list(option.series).map((one) => series(one, look, format)),
  };
}

async function read(element) {
  if (element.dataset.chartUrl) {
    const answer = await fetch(element.dataset.chartUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${element.dataset.chartUrl}: ${answer.status}`);
    return answer.json();
  }
  const script = document.getElementById(element.dataset.chart);
  return script ? JSON.parse(script.textContent) : null;
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target)?.chart.resize();
});

async function drawOne(element) {
  const raw = await read(element);
  if (!raw || charts.has(element)) return;
  const chart = init(element, null, { renderer: "canvas" });
  const defaults = { number: element.dataset.number, currency: element.dataset.currency };
  charts.set(element, { chart, raw, defaults });
  chart.setOption(dress(raw, defaults));
  element.classList.add("is-drawn");
  sizes.observe(element);
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
    if (!charts.has(element)) drawOne(element).catch(() => element.classList.add("is-empty"));
  }
}

document.addEventListener("kam:theme", () => {
  for (const { chart, raw, defaults } of charts.values()) chart.setOption(dress(raw, defaults), true);
});
